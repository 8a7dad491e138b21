"""A small operator on kopf: a custom type, create, update and delete handlers, an index, run beside a client of its own.

Against the server in $KUBECONFIG; prints "ok" and exits 0 when everything was as it should be.
"""

import asyncio
import sys
import threading

import kopf
from kubernetes import client, config

GROUP, VERSION, PLURAL = "kopf.example.com", "v1", "kexes"
WAIT = 30
seen: dict[str, threading.Event] = {name: threading.Event() for name in ("created", "updated", "deleted", "indexed")}


@kopf.on.startup()
def configure(settings: kopf.OperatorSettings, **_: object) -> None:
    settings.persistence.finalizer = "kopf.example.com/finalizer"
    settings.watching.server_timeout = 60
    settings.posting.enabled = False


@kopf.index(GROUP, VERSION, PLURAL)
def by_size(spec: kopf.Spec, name: str, **_: object) -> dict[str, str]:
    seen["indexed"].set()
    return {spec["size"]: name}


@kopf.on.create(GROUP, VERSION, PLURAL)
def created(patch: kopf.Patch, by_size: kopf.Index, **_: object) -> dict[str, str]:
    assert by_size["big"]
    patch.status["made"] = True
    seen["created"].set()
    return {"message": "made"}


@kopf.on.update(GROUP, VERSION, PLURAL, field="spec.size")
def updated(old: str, new: str, **_: object) -> None:
    assert (old, new) == ("big", "small")
    seen["updated"].set()


@kopf.on.delete(GROUP, VERSION, PLURAL)
def deleted(**_: object) -> None:
    seen["deleted"].set()


def definition() -> dict[str, object]:
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": VERSION, "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    version["subresources"] = {"status": {}}
    names = {"plural": PLURAL, "singular": "kex", "kind": "Kex"}
    spec = {"group": GROUP, "scope": "Namespaced", "names": names, "versions": [version]}
    metadata = {"name": f"{PLURAL}.{GROUP}"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": metadata,
        "spec": spec,
    }


def operate(stop: threading.Event, ready: threading.Event) -> None:
    asyncio.run(kopf.operator(stop_flag=stop, ready_flag=ready, namespaces=["default"], standalone=True))


def scenario() -> None:
    custom = client.CustomObjectsApi()
    body = {"apiVersion": f"{GROUP}/{VERSION}", "kind": "Kex", "metadata": {"name": "k"}, "spec": {"size": "big"}}
    custom.create_namespaced_custom_object(GROUP, VERSION, "default", PLURAL, body)
    assert seen["created"].wait(WAIT), "the create handler was not called"
    assert seen["indexed"].wait(WAIT), "the index was not filled"
    custom.patch_namespaced_custom_object(GROUP, VERSION, "default", PLURAL, "k", {"spec": {"size": "small"}})
    assert seen["updated"].wait(WAIT), "the update handler was not called"
    custom.delete_namespaced_custom_object(GROUP, VERSION, "default", PLURAL, "k")
    assert seen["deleted"].wait(WAIT), "the delete handler was not called"


def main() -> None:
    config.load_kube_config()
    client.ApiextensionsV1Api().create_custom_resource_definition(definition())
    stop, ready = threading.Event(), threading.Event()
    operator = threading.Thread(target=operate, args=(stop, ready))
    operator.start()
    try:
        assert ready.wait(WAIT), "the operator did not get ready"
        scenario()
    finally:
        stop.set()
        operator.join(WAIT)
    sys.stdout.write("ok\n")


if __name__ == "__main__":
    main()
