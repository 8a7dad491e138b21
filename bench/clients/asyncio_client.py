"""kubernetes_asyncio as its users keep a cache: list and watch into a dict. It has no informer."""

from __future__ import annotations

import asyncio

import measure
from kubernetes_asyncio import client, config, watch
from official_facts import names, rest


async def main() -> None:
    """Sync, then take the burst."""
    run = measure.Run(measure.parser().parse_args())
    await config.load_kube_config(run.asked.kubeconfig)
    async with client.ApiClient() as api:
        core = client.CoreV1Api(api)
        listed = await core.list_pod_for_all_namespaces()
        cache = {}
        for pod in listed.items:
            run.touch(pod, names, rest)
            cache[pod.metadata.namespace, pod.metadata.name] = pod
        run.sync_ends(len(cache))
        run.burst_begins()
        version = listed.metadata.resource_version
        del listed
        async with watch.Watch() as watching:
            async for event in watching.stream(core.list_pod_for_all_namespaces, resource_version=version):
                pod = event["object"]
                run.touch(pod, names, rest)
                cache[pod.metadata.namespace, pod.metadata.name] = pod
                if run.updated():
                    break
        run.burst_ends()
    run.report()


if __name__ == "__main__":
    asyncio.run(main())
