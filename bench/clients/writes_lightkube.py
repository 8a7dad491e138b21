"""lightkube creates ConfigMaps, one after another and fifty at a time."""

from __future__ import annotations

import asyncio

import measure
from lightkube import AsyncClient, KubeConfig
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import ConfigMap


async def main() -> None:
    """Write."""
    parser = measure.parser()
    parser.add_argument("--writes", type=int, default=500)
    parser.add_argument("--prefix", default="lightkube")
    asked = parser.parse_args()
    run = measure.Run(asked)
    client = AsyncClient(config=KubeConfig.from_file(asked.kubeconfig), trust_env=False)

    async def create(name: str) -> None:
        metadata = ObjectMeta(name=f"{asked.prefix}-{name}", namespace="default")
        await client.create(ConfigMap(metadata=metadata, data={"value": "1"}))

    run.note(**await measure.writes(asked.writes, create))
    await client.close()
    run.report()


if __name__ == "__main__":
    asyncio.run(main())
