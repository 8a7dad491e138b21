"""The official client creates ConfigMaps, one after another and from fifty threads."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import measure
from kubernetes import client, config


async def main() -> None:
    """Write."""
    parser = measure.parser()
    parser.add_argument("--writes", type=int, default=500)
    parser.add_argument("--prefix", default="official")
    asked = parser.parse_args()
    run = measure.Run(asked)
    config.load_kube_config(asked.kubeconfig)
    settings = client.Configuration.get_default_copy()
    settings.connection_pool_maxsize = 50
    core = client.CoreV1Api(client.ApiClient(settings))

    def create(name: str) -> None:
        metadata = client.V1ObjectMeta(name=f"{asked.prefix}-{name}")
        core.create_namespaced_config_map("default", client.V1ConfigMap(metadata=metadata, data={"value": "1"}))

    with ThreadPoolExecutor(50) as threads:
        loop = asyncio.get_running_loop()
        run.note(**await measure.writes(asked.writes, lambda name: loop.run_in_executor(threads, create, name)))
    run.report()


if __name__ == "__main__":
    asyncio.run(main())
