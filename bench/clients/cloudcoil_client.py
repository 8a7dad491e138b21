"""cloudcoil: list and watch into a dict. Its own cache is not used: it keeps the first page of a list alone."""

from __future__ import annotations

from typing import Any

import measure
from cloudcoil.client import Config
from cloudcoil.models.kubernetes.core.v1 import Pod


def names(pod: Any) -> int:
    """Read the metadata that the other clients' handlers read."""
    return len(pod.metadata.name) + len(pod.metadata.namespace)


def rest(pod: Any) -> int:
    """Read a little of spec and status."""
    return len(pod.spec.containers[0].image) + len(pod.status.pod_ip)


def main() -> None:
    """Sync, then take the burst."""
    run = measure.Run(measure.parser().parse_args())
    cache: dict[tuple[str, str], Any] = {}
    with Config(kubeconfig=run.asked.kubeconfig):
        listed = Pod.list(all_namespaces=True)
        version = listed.metadata.resource_version
        for pod in listed:
            run.touch(pod, names, rest)
            cache[pod.metadata.namespace, pod.metadata.name] = pod
        run.sync_ends(len(cache))
        run.burst_begins()
        if run.asked.burst:
            for kind, pod in Pod.watch(all_namespaces=True, resource_version=version):
                if kind == "BOOKMARK":
                    continue
                run.touch(pod, names, rest)
                cache[pod.metadata.namespace, pod.metadata.name] = pod
                if run.updated():
                    break
        run.burst_ends()
    run.report()


if __name__ == "__main__":
    main()
