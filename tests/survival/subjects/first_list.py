"""fairlead for as long as a first list takes: what it held at most, and what it holds once it is there."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from fairlead import Client, KubeConfig
from fairlead.models.core.v1 import ConfigMap
from tests.survival.subjects.protocol import arguments, tell


def resident(what: str) -> float:
    """Megabytes: VmRSS now, or VmHWM, the most ever."""
    found = re.search(rf"{what}:\s*(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1]) / 1e3


async def main() -> None:
    options = arguments()
    async with Client(KubeConfig.load(options.kubeconfig)) as client:
        view = client.cached(ConfigMap, namespace=options.namespace)
        before = resident("VmRSS")
        await client.run_and_wait(timeout=300)
        await asyncio.sleep(1.0)
        tell({"objects": len(view), "before": before, "steady": resident("VmRSS"), "peak": resident("VmHWM")})


if __name__ == "__main__":
    asyncio.run(main())
