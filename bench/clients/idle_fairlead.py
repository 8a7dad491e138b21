"""fairlead with many informers on one client, and nothing to do for a while."""

from __future__ import annotations

import asyncio

import measure

from fairlead import Client, KubeConfig
from fairlead.models.core.v1 import Pod


async def main() -> None:
    """Sync them all, then rest."""
    parser = measure.parser()
    parser.add_argument("--informers", type=int, required=True)
    parser.add_argument("--idle", type=float, default=20.0, help="seconds")
    asked = parser.parse_args()
    run = measure.Run(asked)
    async with Client(KubeConfig.load(asked.kubeconfig)) as client:
        for number in range(asked.informers):
            client.cached(Pod, labels=f"bench!={number}")
        await client.run_and_wait(timeout=300)
        run.sync_ends(0)
        await asyncio.sleep(1)
        before = measure.used()
        await asyncio.sleep(asked.idle)
        run.note(idle_cpu=(measure.used() - before) / asked.idle)
        run.report()


if __name__ == "__main__":
    asyncio.run(main())
