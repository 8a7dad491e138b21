"""What a first list takes at most, beside what it leaves: `python -m tests.survival.first_list --objects 8000 --size 5700`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.support import loop
from tests.survival.proxy import Proxy, Upstream
from tests.survival.scenarios import refuse_streaming_lists
from tests.survival.soak import Server
from tests.survival.subject import Subject


async def measure(objects: int, size: int, folder: Path) -> None:
    """Print a line for each kind of list."""
    async with Server(objects, 1.0, 1, size) as server:
        for kind in ("streaming", "paged"):
            async with Proxy(Upstream("127.0.0.1", server.port)) as proxy:
                if kind == "paged":
                    refuse_streaming_lists(proxy)
                config = {
                    "clusters": [{"name": "c", "cluster": {"server": proxy.url}}],
                    "users": [{"name": "u", "user": {"token": "soak"}}],
                    "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
                    "current-context": "x",
                }
                async with Subject("first_list", folder / kind, config, "soak") as subject:
                    said = await subject.answer(300.0)
                sys.stdout.write(
                    f"{kind} list of {said['objects']} objects of {size} bytes: {said['before']:.0f} MB before, at most {said['peak']:.1f} MB, "
                    f"{said['steady']:.1f} MB once it was there; ratio {said['peak'] / said['steady']:.2f}\n"
                )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=8000)
    parser.add_argument("--size", type=int, default=5700)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fairlead-first-list-") as folder:
        loop.run(measure(options.objects, options.size, Path(folder)), limit=900)


if __name__ == "__main__":
    main()
