"""A flame graph of fairlead's sync and events, by py-spy: `make flame` writes out/flame.svg. Needs Go for the server."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from commands import COMMANDS, build
from servers import serving
from works import Prepared


def main() -> int:
    """Run fairlead's client under the sampler."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pods", type=int, default=20_000)
    parser.add_argument("--burst", type=int, default=50_000)
    parser.add_argument(
        "--client", default="fairlead", help="a Python client of the table, such as 'fairlead, compact'"
    )
    parser.add_argument("--touch", default="metadata", help="what handlers read: nothing, metadata or all")
    parser.add_argument("--output", type=Path, default=Path("out/flame.svg"))
    asked = parser.parse_args()
    asked.output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fairlead-flame-") as name:
        folder = Path(name)
        if failed := build(folder, set()):
            print(failed["server"], file=sys.stderr)
            return 1
        with serving(folder, Prepared(asked.pods, asked.burst, types="json")) as served:
            client = COMMANDS["cache"][asked.client].line(folder)
            given = [f"--kubeconfig={served.kubeconfig}", f"--url={served.url}", f"--burst={served.burst}"]
            spy = [
                str(Path(sys.executable).with_name("py-spy")),
                "record",
                "--rate=500",
                f"--output={asked.output}",
                "--",
            ]
            return subprocess.run(
                [*spy, *client, *given, f"--touch={asked.touch}", "--reads=0"], check=False
            ).returncode


if __name__ == "__main__":
    raise SystemExit(main())
