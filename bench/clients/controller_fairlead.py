"""A whole controller process with fairlead, from its start until everything has been reconciled once."""

from __future__ import annotations

import asyncio

import measure

from fairlead import Client, KubeConfig, ObjectKey
from fairlead.controller import Reconciler
from fairlead.models.core.v1 import Pod


async def main() -> None:
    """Reconcile each pod once."""
    asked = measure.parser().parse_args()
    run = measure.Run(asked)
    async with Client(KubeConfig.load(asked.kubeconfig)) as client:
        pods = client.cached(Pod)
        seen: set[ObjectKey] = set()

        async def reconcile(key: ObjectKey) -> None:
            if pods.get(key.name, key.namespace) is not None:
                seen.add(key)

        async with Reconciler(client, "bench", reconcile) as reconciler:
            pods.add_handler(on_event=reconciler.enqueue)
            await client.run_and_wait(timeout=60)
            await reconciler.wait_synced()
            run.sync_ends(len(seen))
        run.report()


if __name__ == "__main__":
    asyncio.run(main())
