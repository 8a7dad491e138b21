"""fairlead creates ConfigMaps, one after another and fifty at a time."""

from __future__ import annotations

import asyncio

import measure

from fairlead import Client, KubeConfig, ObjectMeta
from fairlead.models.core.v1 import ConfigMap


async def main() -> None:
    """Write."""
    parser = measure.parser()
    parser.add_argument("--writes", type=int, default=500)
    parser.add_argument("--prefix", default="fairlead")
    asked = parser.parse_args()
    run = measure.Run(asked)
    async with Client(KubeConfig.load(asked.kubeconfig)) as client:
        direct = client.direct(ConfigMap)

        async def create(name: str) -> None:
            metadata = ObjectMeta(name=f"{asked.prefix}-{name}", namespace="default")
            await direct.create(ConfigMap(metadata=metadata, data={"value": "1"}))

        run.note(**await measure.writes(asked.writes, create))
    run.report()


if __name__ == "__main__":
    asyncio.run(main())
