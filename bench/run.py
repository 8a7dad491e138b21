"""Measure fairlead beside other clients on one server, and print ratios: machines differ, ratios hardly do.

Each client is a process of its own, the repeats in turn, so that a slow minute hits all alike; the best of each number counts.
The short form (`make bench`) has fairlead, client-go and lightkube; `--full` has everything (works.py). At the end stands what
has to be reached (musts.py); what is missed by far is measured once more, and the exit code is 1 where it stays so. A client
that fails, or takes longer than it may, loses its row alone, which says why. Needs Go; the full form also Rust, the real
servers, and bench/peers.txt in `--peers`. `--scale 0.02` tries everything out in a few minutes; `--resume` goes on where a run
of the same file ended.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from commands import COMMANDS, Command, build
from musts import HEADINGS, verdicts
from results import Numbers, Results
from servers import Served, rest, serving
from tables import aligned, markdown, rows
from works import FULL, SHORT, Real, Work, scaled

ROOT = Path(__file__).resolve().parents[1]


class Failed(Exception):
    """A client has no numbers; the message is for its row."""


def main() -> int:
    """Measure and print."""
    asked = arguments()
    if shutil.which("go") is None:
        print("the benchmark's server and client-go are built with Go, which is not installed", file=sys.stderr)
        return 1
    # As installed: pip compiles what it installs, but not what is installed in place.
    compileall.compile_dir(ROOT / "src", quiet=1)
    works = chosen(asked)
    results = Results(asked.json, resume=asked.resume, scale=asked.scale)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fairlead-bench-") as name:
        folder = (asked.binaries or Path(name)).resolve()  # go builds in another folder
        folder.mkdir(parents=True, exist_ok=True)
        programs = {COMMANDS[work.kind][client].program for work in works for client in work.clients}
        # The latencies are measured by a script of ours that starts client-go beside fairlead.
        programs |= {"informer"} if any(work.kind == "latency" for work in works) else set()
        unbuilt = build(folder, programs)
        if "server" in unbuilt:
            raise SystemExit(f"the server: {unbuilt['server']}")
        measuring = Measuring(folder, asked.peers, results, unbuilt)
        measuring.everything(works)
        if again := doubtful(results, works):
            print("missed by far, and measured once more: a slow minute is no verdict", file=sys.stderr)
            measuring.everything(again)
    print(f"{time.monotonic() - began:.0f} s in all", file=sys.stderr)
    return show(results, works, asked.markdown)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="every work and every client")
    parser.add_argument("--work", action="append", help="a work by its name; may be repeated")
    parser.add_argument("--only", action="append", help="a client by its name; may be repeated")
    parser.add_argument("--repeats", type=int, help="how often each client is run; by default each work says it")
    parser.add_argument("--scale", type=float, default=1.0, help="a part of the objects, to try it out")
    parser.add_argument("--json", type=Path, help="where every number of every run is written, after each process")
    parser.add_argument("--markdown", type=Path, help="where the tables are written for the documentation")
    parser.add_argument("--resume", action="store_true", help="run only what --json does not have yet")
    parser.add_argument("--peers", type=Path, help="the folder in which bench/peers.txt is installed")
    parser.add_argument(
        "--binaries", type=Path, help="a folder that keeps what is built; by default it is built each time"
    )
    return parser.parse_args()


def chosen(asked: argparse.Namespace) -> list[Work]:
    """The works that were asked for, with the clients that were asked for."""
    works = []
    for work in FULL if asked.full else SHORT:
        clients = tuple(each for each in work.clients if not asked.only or each in asked.only)
        if clients and (not asked.work or work.name in asked.work):
            less = scaled(work, asked.scale) if asked.scale != 1.0 else work
            works.append(replaced(less, clients, asked.repeats or work.repeats))
    if not works:
        raise SystemExit("nothing to do: no work has that name, or that client")
    return works


def doubtful(results: Results, works: list[Work]) -> list[Work]:
    """The works in which something was missed by far, with the clients that this is about, to be run as often again."""
    missed = [verdict.must for verdict in verdicts(results.best()) if verdict.word == "FAILED"]
    about = {(must.work, must.ours) for must in missed} | {
        (must.their_work or must.work, must.against) for must in missed
    }
    again = [
        replaced(work, tuple(c for c in work.clients if (work.name, c) in about), 2 * work.repeats) for work in works
    ]
    return [work for work in again if work.clients]


def replaced(work: Work, clients: tuple[str, ...], repeats: int) -> Work:
    return Work(work.name, work.heading, work.kind, clients, work.server, work.arguments, repeats, work.limit)


class Measuring:
    """Runs clients."""

    def __init__(self, folder: Path, peers: Path | None, results: Results, unbuilt: dict[str, str]) -> None:
        self._folder, self._peers, self._results, self._unbuilt = folder, peers, results, unbuilt

    def everything(self, works: list[Work]) -> None:
        """Measure works, one server after another."""
        for server, group in groupby(works, key=lambda work: work.server):
            self._all(list(group), server)

    def _all(self, works: list[Work], server: object) -> None:
        """Measure works that share a server; one that does not come up loses those works alone."""
        todo = [
            work for work in works if any(self._results.missing(work.name, c, work.repeats) > 0 for c in work.clients)
        ]
        if not todo:
            return
        print(f"starting {server or 'no server'}", file=sys.stderr, flush=True)
        try:
            with serving(self._folder, todo[0].server) as served:
                for work in todo:
                    self._work(work, served)
        except (OSError, RuntimeError) as error:
            for work in todo:
                for client in work.clients:
                    if self._results.missing(work.name, client, work.repeats) == work.repeats:
                        self._results.fail(work.name, client, f"{error}")

    def _work(self, work: Work, served: Served) -> None:
        failed: set[str] = set()
        most = max(self._results.missing(work.name, client, work.repeats) for client in work.clients)
        for left in range(most, 0, -1):
            for client in work.clients:
                if client in failed or self._results.missing(work.name, client, work.repeats) < left:
                    continue
                print(f"{work.name}: {client}", file=sys.stderr, flush=True)
                try:
                    self._note(work, client, self._run(work, COMMANDS[work.kind][client], served))
                except Failed as why:
                    failed.add(client)
                    print(f"{work.name}: {client}: {why}", file=sys.stderr, flush=True)
                    self._results.fail(work.name, client, str(why))

    def _note(self, work: Work, client: str, numbers: Mapping[str, Any]) -> None:
        found: dict[str, Numbers] = numbers.get("rows", {client: numbers})
        for name, each in found.items():
            self._results.add(work.name, name, each)
        if client not in found:  # a program that measures several notes how often it has run, too
            self._results.add(work.name, client, {})

    def _run(self, work: Work, command: Command, served: Served) -> Numbers:
        if command.program in self._unbuilt:
            raise Failed(self._unbuilt[command.program])
        given = [f"--kubeconfig={served.kubeconfig}", f"--url={served.url}"]
        if work.kind == "cache" and served.burst:
            given.append(f"--burst={served.burst}")
        if work.kind == "loop":
            given = []
        if work.kind == "writes":
            given.append(f"--prefix=w{time.time_ns():x}")
        line = [each.format(folder=self._folder, pods=served.pods) for each in command.line(self._folder)]
        environment = dict(os.environ)
        if command.peers:
            if self._peers is None:
                raise Failed("not installed: --peers says where bench/peers.txt is")
            environment["PYTHONPATH"] = str(self._peers)
        if isinstance(work.server, Real):
            rest(served)
        before = served.cpu()
        numbers = output([*line, *given, *work.arguments], work.limit, environment)
        if isinstance(work.server, Real) and work.kind == "cache":
            numbers["server_cpu"] = served.cpu() - before
        return numbers


def output(command: Sequence[str], limit: float, environment: dict[str, str]) -> Numbers:
    """Run one process, and read the last line that it prints."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False, env=environment)
    except subprocess.TimeoutExpired:
        raise Failed(f"not done after {limit:.0f} s") from None
    if done.returncode or not done.stdout.strip():
        print(done.stderr[-3000:], file=sys.stderr)
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise Failed(f"exit code {done.returncode}: {last:.120}")
    numbers: Numbers = json.loads(done.stdout.splitlines()[-1])
    return numbers


def show(results: Results, works: list[Work], page: Path | None) -> int:
    """Print a table for each work, and what has to be reached; also as a page. 1 where that is missed by far, or not measured."""
    best = results.best()
    print(results.machine)
    text = [f"{results.machine}\n"]
    for work in works:
        failed = results.failures(work.name)
        there = {name: numbers for name, numbers in best.get(work.name, {}).items() if numbers}
        if there or failed:
            table = rows(work.kind, there, work.clients, failed)
            print(f"\n{work.heading}; in brackets: ratio to the first row\n{aligned(table)}")
            text.append(f"**{work.heading}**\n\n{markdown(table)}\n")
    judged = list(verdicts(best))
    if judged:
        table = [HEADINGS, *(verdict.cells() for verdict in judged)]
        print("\n" + aligned(table))
        text.append(f"**What it must show**\n\n{markdown(table)}\n")
    unmeasured = [(work.name, *each) for work in works for each in results.failures(work.name).items()]
    for work_name, client, why in unmeasured:
        print(f"{work_name}: {client}: {why}", file=sys.stderr)
    results.finish([verdict.document() for verdict in judged])
    if page is not None:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text("\n".join(text), encoding="utf-8")
    ours_missing = any(client.startswith("fairlead") for _, client, _ in unmeasured)
    return int(ours_missing or any(verdict.word == "FAILED" for verdict in judged))


if __name__ == "__main__":
    raise SystemExit(main())
