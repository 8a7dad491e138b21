"""Measure fairlead against client-go and lightkube on one server, and print ratios: machines differ, ratios hardly do.

Each client is a process of its own, three times over, the repeats spread so that a slow minute hits all alike; the best of each
number counts. At the end stands what has to be reached (musts.py); the exit code is 1 where that is missed by far. Needs Go, and bench/requirements.txt in the Python that runs this.
"""

from __future__ import annotations

import argparse
import compileall
import contextlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from musts import HEADINGS, verdicts

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
READS = {
    "get_cpu": ("get", "µs", 1e6),
    "list_cpu": ("list of a namespace", "µs", 1e6),
    "labels_cpu": ("list by label", "µs", 1e6),
}
COLUMNS |= {"steady_rss_mb": ("steady memory", "MB", 1.0), **READS}
HEADINGS_OF_PARTS = {
    "metadata": "handlers that read metadata",
    "all": "handlers that read spec and status too",
    "first": "a fresh process",
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
        rows.append(
            [name, *(cell(result.get(key), results[reference].get(key), *how[1:]) for key, how in columns.items())]
        )
    return aligned(rows)


def cell(number: float | None, reference: float | None, unit: str, factor: float) -> str:
    """Write a number and its ratio."""
    if number is None:
        return "-"
    shown = f"{number * factor:.0f}" if number * factor >= 100 else f"{number * factor:.3g}"
    return f"{shown} {unit} ({number / reference:.2f})" if reference else f"{shown} {unit}"


def aligned(rows: list[list[str]]) -> str:
    """Write rows whose columns are as wide as their widest cell."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return "\n".join(
        "  ".join(each.rjust(width) for each, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def main() -> int:
    """Measure and print; the exit code is 1 where Go is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pods", type=int, default=10_000)
    parser.add_argument("--burst", type=int, default=20_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument(
        "--touch",
        choices=("metadata", "all"),
        action="append",
        help="what the handlers read; may be repeated (default: both)",
    )
    parser.add_argument("--only", action="append", help="a client to measure beside the reference; may be repeated")
    parser.add_argument("--json", type=Path, help="where every number of every run is written")
    asked = parser.parse_args()
    if shutil.which("go") is None:
        print("the benchmark's server and client-go are built with Go, which is not installed", file=sys.stderr)
        return 1
    # As installed: pip compiles what it installs, but not what is installed in place.
    compileall.compile_dir(HERE.parent / "src", quiet=1)
    with tempfile.TemporaryDirectory(prefix="fairlead-bench-") as name:
        build(Path(name))
        with serving(Path(name), asked.pods, asked.burst) as server:
            return run(asked, Path(name), server)


def run(asked: argparse.Namespace, folder: Path, server: dict[str, object]) -> int:
    """Measure all parts against the running server, print the tables, and judge."""
    url = f"--url={server['url']}"
    wanted = {REFERENCE, *asked.only} if asked.only else None
    commands = {name: command for name, command in clients(folder).items() if wanted is None or name in wanted}
    runs = {}
    for touch in asked.touch or ("metadata", "all"):
        # What handlers read makes no difference to clients that decode everything anyway: one table has them all.
        measured = (
            commands if touch == "metadata" else {n: c for n, c in commands.items() if n in (REFERENCE, "fairlead")}
        )
        runs[touch] = measure(measured, [url, f"--burst={asked.burst}", f"--touch={touch}"], asked.repeats)
    firsts = {name: command for name, command in first_lists().items() if wanted is None or name in wanted}
    if firsts:
        runs["first"] = measure(firsts, [url], asked.repeats)
    numbers = {part: {name: best(each) for name, each in clients_.items()} for part, clients_ in runs.items()}
    show(asked, server, numbers)
    judged = list(verdicts(numbers))
    if judged:
        print("\n" + aligned([HEADINGS, *(verdict.cells() for verdict in judged)]))
    if asked.json is not None:
        asked.json.parent.mkdir(parents=True, exist_ok=True)
        ratios = [{"work": v.must.work, "against": v.must.against, "ratio": v.ratio, "is": v.word} for v in judged]
        document = {"machine": machine(), "server": server, "runs": runs, "best": numbers, "ratios": ratios}
        asked.json.write_text(json.dumps(document, indent=2) + "\n")
    return int(any(verdict.word == "FAILED" for verdict in judged))


def show(asked: argparse.Namespace, server: dict[str, object], numbers: dict[str, dict[str, Result]]) -> None:
    """Print one table for each part."""
    print(f"{machine()}\n{asked.pods} pods of {server['bytes_per_pod']} bytes, {asked.burst} events")
    for part, heading in HEADINGS_OF_PARTS.items():
        if part in numbers:
            reference = next(iter(numbers[part]))
            print(f"\n{heading}; in brackets: ratio to {reference}")
            print(table(numbers[part], FIRST_COLUMNS if part == "first" else COLUMNS, reference))


def machine() -> str:
    """Say where and when this was measured."""
    return f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} x {platform.machine()}, Python {platform.python_version()}"


if __name__ == "__main__":
    raise SystemExit(main())
