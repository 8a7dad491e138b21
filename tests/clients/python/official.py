"""A small program on the official client: a shared informer, typed, dynamic and apply calls, a watch, a lease.

Against the server in $KUBECONFIG; prints "ok" and exits 0 when everything was as it should be.
"""

import sys
import threading

from kubernetes import client, config, dynamic, watch
from kubernetes.informer import ADDED, DELETED, MODIFIED, SharedInformer

NAMESPACE = "default"
WAIT = 20


def config_map(name: str, **data: str) -> client.V1ConfigMap:
    return client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name, labels={"by": "official"}), data=data)


def informed(core: client.CoreV1Api) -> None:
    seen = {ADDED: threading.Semaphore(0), MODIFIED: threading.Semaphore(0), DELETED: threading.Semaphore(0)}
    informer = SharedInformer(core.list_namespaced_config_map, namespace=NAMESPACE, label_selector="by=official")
    for kind, semaphore in seen.items():
        informer.add_event_handler(kind, lambda _object, semaphore=semaphore: semaphore.release())
    core.create_namespaced_config_map(NAMESPACE, config_map("o-0"))
    informer.start()
    try:
        assert seen[ADDED].acquire(timeout=WAIT), "no add of what was there"
        core.create_namespaced_config_map(NAMESPACE, config_map("o-1"))
        assert seen[ADDED].acquire(timeout=WAIT), "no add"
        core.patch_namespaced_config_map("o-0", NAMESPACE, {"data": {"x": "1"}})
        assert seen[MODIFIED].acquire(timeout=WAIT), "no update"
        core.delete_namespaced_config_map("o-1", NAMESPACE)
        assert seen[DELETED].acquire(timeout=WAIT), "no delete"
        assert [item.metadata.name for item in informer.cache.list()] == ["o-0"]
    finally:
        informer.stop()


def written(core: client.CoreV1Api) -> None:
    live = core.read_namespaced_config_map("o-0", NAMESPACE)
    live.data = {"x": "2"}
    core.replace_namespaced_config_map("o-0", NAMESPACE, live)
    code = 0
    try:
        core.replace_namespaced_config_map("o-0", NAMESPACE, live)
    except client.ApiException as error:
        code = error.status
    assert code == 409, "a stale update was not refused as a conflict"


def deployed(api: client.ApiClient) -> None:
    apps = client.AppsV1Api(api)
    labels = {"app": "o"}
    template = client.V1PodTemplateSpec(
        metadata=client.V1ObjectMeta(labels=labels),
        spec=client.V1PodSpec(containers=[client.V1Container(name="c", image="nginx")]),
    )
    spec = client.V1DeploymentSpec(selector=client.V1LabelSelector(match_labels=labels), template=template)
    apps.create_namespaced_deployment(NAMESPACE, client.V1Deployment(metadata=client.V1ObjectMeta(name="o"), spec=spec))
    scale = apps.patch_namespaced_deployment_scale("o", NAMESPACE, {"spec": {"replicas": 3}})
    assert scale.spec.replicas == 3
    assert apps.read_namespaced_deployment("o", NAMESPACE).spec.replicas == 3


def dynamically(api: client.ApiClient) -> None:
    resource = dynamic.DynamicClient(api).resources.get(api_version="v1", kind="ConfigMap")
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "o-apply"}, "data": {"a": "b"}}
    resource.server_side_apply(body=body, namespace=NAMESPACE, field_manager="official")
    assert resource.get(name="o-apply", namespace=NAMESPACE).data.a == "b"


def watched(core: client.CoreV1Api) -> None:
    version = core.list_namespaced_config_map(NAMESPACE).metadata.resource_version
    core.create_namespaced_config_map(NAMESPACE, config_map("o-w"))
    watching = watch.Watch()
    for event in watching.stream(
        core.list_namespaced_config_map, NAMESPACE, resource_version=version, timeout_seconds=WAIT
    ):
        assert (event["type"], event["object"].metadata.name) == ("ADDED", "o-w")
        watching.stop()
        return
    raise AssertionError("the watch gave nothing")


def main() -> None:
    config.load_kube_config()
    with client.ApiClient() as api:
        core = client.CoreV1Api(api)
        informed(core)
        written(core)
        deployed(api)
        dynamically(api)
        watched(core)
    sys.stdout.write("ok\n")


if __name__ == "__main__":
    main()
