"""lightkube as its users keep a cache: list and watch into a dict."""

from __future__ import annotations

import measure
from lightkube import Client, KubeConfig
from lightkube.resources.core_v1 import Pod


def names(pod: Pod) -> int:
    """Read the metadata that the other clients' handlers read."""
    return len(pod.metadata.name) + len(pod.metadata.namespace)


def rest(pod: Pod) -> int:
    """Read a little of spec and status."""
    return len(pod.spec.containers[0].image) + len(pod.status.podIP)


def main() -> None:
    """Sync, then take the burst."""
    run = measure.Run(measure.parser().parse_args())
    client = Client(config=KubeConfig.from_file(run.asked.kubeconfig), trust_env=False)
    listed = client.list(Pod, namespace="*", chunk_size=500)
    cache = {}
    for pod in listed:
        run.touch(pod, names, rest)
        cache[pod.metadata.namespace, pod.metadata.name] = pod
    run.sync_ends(len(cache))
    run.burst_begins()
    if run.asked.burst:
        for _kind, pod in client.watch(Pod, namespace="*", resource_version=listed.resourceVersion):
            run.touch(pod, names, rest)
            cache[pod.metadata.namespace, pod.metadata.name] = pod
            if run.updated():
                break
    run.burst_ends()
    run.report()


if __name__ == "__main__":
    main()
