"""fairlead's cached client with one handler; `--uvloop` and `--compact` choose what they say."""

from __future__ import annotations

import asyncio
from typing import Any

import measure

from fairlead import Cached, CacheOptions, Client, KubeConfig
from fairlead.models.core.v1 import Pod


def names(pod: Pod) -> int:
    """Read the metadata that the other clients' handlers read."""
    return len(pod.name) + len(pod.namespace)


def rest(pod: Pod) -> int:
    """Read a little of spec and status."""
    return len(pod.spec.containers[0].image or "") + len(pod.status.pod_ip or "")


def reads(pods: Cached[Pod, Pod]) -> dict[str, float]:
    """What one read of each kind costs, as the Go client asks."""
    first = min(pods.list(), key=lambda pod: pod.namespace + "/" + pod.name)
    labels = {"app.kubernetes.io/name": first.metadata.labels["app.kubernetes.io/name"]}
    name, namespace, node = first.name, first.namespace, first.spec.node_name
    by_node = pods.index("node", lambda pod: [pod.spec.node_name])
    by_node.lookup(node)
    return {
        "get_cpu": measure.best(20_000, lambda: pods.get(name, namespace)),
        "list_cpu": measure.best(50, lambda: pods.list(namespace)),
        "labels_cpu": measure.best(50, lambda: pods.list(labels=labels)),
        "index_cpu": measure.best(500, lambda: by_node.lookup(node)),
    }


async def main(asked: Any) -> None:
    """Sync, then take the burst."""
    run = measure.Run(asked)
    options = {Pod: CacheOptions(compact=asked.compact)}
    async with Client(KubeConfig.load(asked.kubeconfig), cache_options=options) as client:
        pods = client.cached(Pod)

        def updated(_old: Pod, new: Pod) -> None:
            run.touch(new, names, rest)
            run.updated()

        pods.add_handler(on_add=lambda pod: run.touch(pod, names, rest), on_update=updated)
        await client.run_and_wait(timeout=600)
        run.sync_ends(len(pods))
        await run.wait_for_burst_async()
        if asked.reads:
            run.note(**reads(pods))
        run.report()


if __name__ == "__main__":
    parser = measure.parser()
    parser.add_argument("--uvloop", action="store_true")
    parser.add_argument("--compact", action="store_true")
    parser.add_argument("--reads", type=int, default=1, help="0 leaves out what reads cost")
    asked = parser.parse_args()
    if asked.uvloop:
        import uvloop

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(main(asked))
    else:
        asyncio.run(main(asked))
