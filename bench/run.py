"""Measure fairlead against client-go and lightkube on one server, and print ratios: machines differ, ratios hardly do.

Each client is a process of its own, three times over, the repeats spread so that a slow minute hits all alike; the best of each
number counts. Needs Go, and bench/requirements.txt in the Python that runs this.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
REFERENCE = "client-go protobuf"

#: What is compared, in the table's order: name of the number -> (heading, unit, factor from what a client prints)
COLUMNS = {
    "sync_cpu": ("sync CPU", "s", 1.0),
    "sync_wall": ("sync wall", "s", 1.0),
    "sync_rss_mb": ("memory after sync", "MB", 1.0),
    "peak_rss_mb": ("peak memory", "MB", 1.0),
    "events_cpu": ("CPU per event", "µs", 1e6),
}
FIRST_COLUMNS = {"import_cpu": ("imports, CPU", "s", 1.0), "first_list_cpu": ("first typed list, CPU", "s", 1.0)}

Result = dict[str, float]


def build(folder: Path) -> None:
    """Build the server and the Go client, outside the clone."""
    command = ["go", "build", "-mod=readonly", "-buildvcs=false", "-o", f"{folder}/", "./server", "./clients/informer"]
    subprocess.run(command, cwd=HERE, check=True)


@contextlib.contextmanager
def serving(folder: Path, pods: int, burst: int) -> Iterator[dict[str, object]]:
    """Run the server, and yield what it says of itself; it ends with its standard input."""
    command = [str(folder / "server"), f"--pods={pods}", f"--burst={burst}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        line = server.stdout.readline()
        if not line:
            raise SystemExit("the benchmark server ended before it was ready; its message is above")
        yield json.loads(line)
        server.communicate()


def clients(folder: Path) -> dict[str, list[str]]:
    """Return the command of each client."""
    informer = str(folder / "informer")
    python = [sys.executable]
    return {
        REFERENCE: [informer],
        "client-go JSON": [informer, "--content-type=application/json"],
        "fairlead": [*python, str(HERE / "clients" / "fairlead_client.py")],
        "lightkube": [*python, str(HERE / "clients" / "lightkube_client.py")],
    }


def first_lists() -> dict[str, list[str]]:
    """Return the commands of the fresh processes that list once."""
    return {
        "lightkube": [sys.executable, str(HERE / "clients" / "first_list_lightkube.py")],
        "fairlead": [sys.executable, str(HERE / "clients" / "first_list_fairlead.py")],
    }


def measure(commands: dict[str, list[str]], arguments: Sequence[str], repeats: int) -> dict[str, list[Result]]:
    """Run every client `repeats` times, in turn; one that fails ends the benchmark with what it said."""
    results: dict[str, list[Result]] = {name: [] for name in commands}
    for repeat in range(1, repeats + 1):
        for name, command in commands.items():
            print(f"{name}: {repeat} of {repeats}", file=sys.stderr, flush=True)
            done = subprocess.run([*command, *arguments], stdout=subprocess.PIPE, text=True, timeout=600, check=False)
            if done.returncode:
                raise SystemExit(f"{name} failed with exit code {done.returncode}; its message is above")
            results[name].append(json.loads(done.stdout.splitlines()[-1]))
    return results


def best(runs: list[Result]) -> Result:
    """Return the least of each number over the runs, and the cost of one event."""
    least = {key: min(run[key] for run in runs) for key in runs[0]}
    if "events" in least:
        least["events_cpu"] /= least["events"]
    return least


def table(results: dict[str, Result], columns: dict[str, tuple[str, str, float]], reference: str) -> str:
    """Write one row per client: each number, and in brackets its ratio to the reference's."""
    rows = [["", *(heading for heading, _, _ in columns.values())]]
    for name, result in results.items():
        cells = []
        for key, (_, unit, factor) in columns.items():
            ratio = result[key] / results[reference][key]
            cells.append(
                f"{result[key] * factor:.3g} {unit} ({ratio:.2f})"
                if result[key] < 100
                else f"{result[key]:.0f} {unit} ({ratio:.2f})"
            )
        rows.append([name, *cells])
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def main() -> int:
    """Measure and print; the exit code is 1 where Go is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pods", type=int, default=10_000)
    parser.add_argument("--burst", type=int, default=20_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--touch", choices=("metadata", "all"), default="metadata", help="what the handlers read")
    parser.add_argument("--only", action="append", help="a client to measure beside the reference; may be repeated")
    parser.add_argument("--json", type=Path, help="where every number of every run is written")
    asked = parser.parse_args()
    if shutil.which("go") is None:
        print("the benchmark's server and client-go are built with Go, which is not installed", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="fairlead-bench-") as name:
        build(Path(name))
        with serving(Path(name), asked.pods, asked.burst) as server:
            run(asked, Path(name), server)
    return 0


def run(asked: argparse.Namespace, folder: Path, server: dict[str, object]) -> None:
    """Measure both parts against the running server, and print the tables."""
    url = f"--url={server['url']}"
    wanted = {REFERENCE, *asked.only} if asked.only else None
    commands = {name: command for name, command in clients(folder).items() if wanted is None or name in wanted}
    firsts = {name: command for name, command in first_lists().items() if wanted is None or name in wanted}
    syncs = measure(commands, [url, f"--burst={asked.burst}", f"--touch={asked.touch}"], asked.repeats)
    lists = measure(firsts, [url], asked.repeats)
    print(
        f"{asked.pods} pods of {server['bytes_per_pod']} bytes, {asked.burst} events; in brackets: ratio to {REFERENCE}"
    )
    print(table({name: best(runs) for name, runs in syncs.items()}, COLUMNS, REFERENCE))
    if lists:
        reference = next(iter(lists))
        print(f"\na fresh process; in brackets: ratio to {reference}")
        print(table({name: best(runs) for name, runs in lists.items()}, FIRST_COLUMNS, reference))
    if asked.json is not None:
        asked.json.parent.mkdir(parents=True, exist_ok=True)
        asked.json.write_text(
            json.dumps({"server": server, "touch": asked.touch, "sync": syncs, "first_list": lists}, indent=2) + "\n"
        )


if __name__ == "__main__":
    raise SystemExit(main())
