"""lightkube as its users keep a cache: list and watch into a dict. Prints what each cost as one line of JSON."""

from __future__ import annotations

import threading

import measure
from lightkube import Client, KubeConfig
from lightkube.config.kubeconfig import Cluster, User
from lightkube.resources.core_v1 import Pod


def letters(pod: Pod, *, everything: bool) -> int:
    """Read what the handlers of the other clients read."""
    found = len(pod.metadata.name) + len(pod.metadata.namespace)
    if everything:
        found += len(pod.spec.containers[0].image) + len(pod.status.podIP)
    return found


def main() -> None:
    """Sync, then take the burst."""
    asked = measure.options()
    startup = measure.used()
    watch = measure.Stopwatch()
    client = Client(config=KubeConfig.from_one(cluster=Cluster(server=asked.url), user=User()), trust_env=False)
    listed = client.list(Pod, namespace="*", chunk_size=500)
    everything = asked.touch == "all"
    cache = {}
    for pod in listed:
        letters(pod, everything=everything)
        cache[pod.metadata.namespace, pod.metadata.name] = pod
    synced = watch.record("sync")
    synced_rss = measure.peak()

    watch = measure.Stopwatch()
    # The server waits with its burst for the watch below; a daemon thread asks, since this client does one thing at a time.
    threading.Thread(target=measure.burst, args=(asked.url, asked.burst), daemon=True).start()
    seen = 0
    for _kind, pod in client.watch(Pod, namespace="*", resource_version=listed.resourceVersion):
        letters(pod, everything=everything)
        cache[pod.metadata.namespace, pod.metadata.name] = pod
        seen += 1
        if seen == asked.burst:
            break
    events = watch.record("events")
    measure.report(**synced, **events, startup_cpu=startup, sync_rss_mb=synced_rss, objects=len(cache), events=seen)


if __name__ == "__main__":
    main()
