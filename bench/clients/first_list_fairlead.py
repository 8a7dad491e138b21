"""A fresh process's first typed list with fairlead: ten pods, one of their fields read."""

from __future__ import annotations

import asyncio

import measure

from fairlead import Client, KubeConfig
from fairlead.models.core.v1 import Pod


async def main() -> None:
    """List one page, as the other clients do."""
    asked = measure.parser().parse_args()
    imported = measure.used()
    async with Client(KubeConfig.load(asked.kubeconfig)) as client:
        seen = 0
        async for pod in client.direct(Pod).iterate(page_size=10):
            assert pod.spec.containers[0].image
            seen += 1
            if seen == 10:
                break
    measure.alone(import_cpu=imported, first_list_cpu=measure.used())


if __name__ == "__main__":
    asyncio.run(main())
