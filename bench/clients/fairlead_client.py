"""fairlead's cached client with one handler. Prints what sync and events cost as one line of JSON."""

from __future__ import annotations

import asyncio

import measure

from fairlead import Cached, Client, KubeConfig
from fairlead.models.core.v1 import Pod


def kubeconfig(url: str) -> dict[str, object]:
    """Describe the benchmark server, which asks nobody who they are."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "bench", "cluster": {"server": url}}],
        "users": [{"name": "nobody", "user": {}}],
        "contexts": [{"name": "bench", "context": {"cluster": "bench", "user": "nobody"}}],
        "current-context": "bench",
    }


class Handler:
    """Touches each object, and says when the burst is through."""

    def __init__(self, burst: int, *, everything: bool) -> None:
        self._left = burst
        self._everything = everything
        self.letters = 0
        self.done = asyncio.Event()

    def added(self, pod: Pod) -> None:
        """Read the names; with `--touch all` a little of spec and status."""
        self.letters += len(pod.name) + len(pod.namespace)
        if self._everything:
            self.letters += len(pod.spec.containers[0].image or "") + len(pod.status.pod_ip or "")

    def updated(self, _old: Pod, new: Pod) -> None:
        """Count one event of the burst."""
        self.added(new)
        self._left -= 1
        if self._left == 0:
            self.done.set()


def reads(pods: Cached[Pod, Pod]) -> dict[str, float]:
    """Return what one read of each kind costs, as the Go client asks."""
    everything = pods.list()
    first, some = everything[0], min(everything, key=lambda pod: pod.namespace + pod.name)
    labels = {"app.kubernetes.io/name": first.metadata.labels["app.kubernetes.io/name"]}
    name, namespace = some.name, some.namespace
    del everything
    return {
        "get_cpu": measure.best(20_000, lambda: pods.get(name, namespace)),
        "list_cpu": measure.best(50, lambda: pods.list(first.namespace)),
        "labels_cpu": measure.best(50, lambda: pods.list(labels=labels)),
    }


async def main() -> None:
    """Sync, then take the burst."""
    asked = measure.options()
    startup = measure.used()
    watch = measure.Stopwatch()
    handler = Handler(asked.burst, everything=asked.touch == "all")
    async with Client(KubeConfig.from_dict(kubeconfig(asked.url))) as client:
        pods = client.cached(Pod)
        pods.add_handler(on_add=handler.added, on_update=handler.updated)
        await client.run_and_wait()
        synced = watch.record("sync")
        synced_rss = measure.peak()
        objects = len(pods.list())

        watch = measure.Stopwatch()
        await asyncio.to_thread(measure.burst, asked.url, asked.burst)
        await asyncio.wait_for(handler.done.wait(), 300)
        events = watch.record("events")
        steady = measure.resident()
        measure.report(
            **synced,
            **events,
            **reads(pods),
            steady_rss_mb=steady,
            startup_cpu=startup,
            sync_rss_mb=synced_rss,
            objects=objects,
            events=asked.burst,
        )


if __name__ == "__main__":
    asyncio.run(main())
