"""Measure the in-memory API server beside a real kube-apiserver (with its etcd) in the same run, and print ratios.

What counts is the CPU that the servers themselves used, read from the kernel; the program that loads them does not count.
In process there is no telling them apart, so there all of it counts. Needs the real servers (`make real`).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from fairlead import KubeConfig  # noqa: E402 - after the path to it
from fairlead.apiserver.server import ApiServer  # noqa: E402
from fairlead.machinery.wire import Request, Response, StreamResponse  # noqa: E402
from fairlead.transport.tls import client_context  # noqa: E402
from tests.support import realserver  # noqa: E402

CONFIGMAPS = "/api/v1/namespaces/default/configmaps"
TICKS = os.sysconf("SC_CLK_TCK")

#: Sends one request with a JSON body, and returns the HTTP status.
Send = Callable[[str, str, bytes], Awaitable[int]]


@dataclass(slots=True)
class Target:
    """A server to load: how to send, how to watch, and the CPU seconds that it has used."""

    name: str
    send: Send
    #: Watches until it has had so many changes; calls back once the watch is open.
    watch: Callable[[str, int, Callable[[], None]], Awaitable[None]]
    cpu: Callable[[], float]


def document(name: str, value: int = 0) -> bytes:
    data = {"value": str(value), "text": "x" * 800}
    return json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}).encode()


def _lines(chunk: bytes) -> int:
    return chunk.count(b'{"type":"MODIFIED"')


# In process -------------------------------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def in_process() -> AsyncIterator[Target]:
    server = ApiServer(history=1_000_000)
    headers = {"content-type": "application/json", "user-agent": "bench"}

    async def send(method: str, path: str, body: bytes) -> int:
        answer = await server.handle(Request(method, path, (), headers, body))
        assert isinstance(answer, Response)
        return answer.status

    async def watch(path: str, events: int, opened: Callable[[], None]) -> None:
        query = (("watch", "true"), ("resourceVersion", server.resource_version))
        answer = await server.handle(Request("GET", path, query, headers))
        assert isinstance(answer, StreamResponse)
        opened()
        seen = 0
        async for chunk in answer.body:
            seen += _lines(chunk)
            if seen >= events:
                break
        await answer.body.aclose()

    yield Target("in process", send, watch, time.process_time)
    await server.close()


# Over HTTP --------------------------------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def over_http(name: str, kubeconfig: Path, pids: list[int]) -> AsyncIterator[Target]:
    config = KubeConfig.load(str(kubeconfig))
    connector = aiohttp.TCPConnector(limit=0, ssl=client_context(config) if config.server.startswith("https") else True)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {config.token}"}
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:

        async def send(method: str, path: str, body: bytes) -> int:
            async with session.request(method, config.server + path, data=body) as answer:
                await answer.read()
                return answer.status

        async def watch(path: str, events: int, opened: Callable[[], None]) -> None:
            async with session.get(f"{config.server}{path}?limit=1") as answer:
                version = (await answer.json())["metadata"]["resourceVersion"]
            url, seen = f"{config.server}{path}?watch=true&resourceVersion={version}", 0
            async with session.get(url, timeout=aiohttp.ClientTimeout(total=None)) as answer:
                opened()
                async for chunk in answer.content.iter_any():
                    seen += _lines(chunk)
                    if seen >= events:
                        return

        yield Target(name, send, watch, lambda: sum(map(_cpu, pids)))


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _children() -> list[int]:
    text = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="utf-8")
    return [int(pid) for pid in text.split()]


@contextlib.contextmanager
def served(folder: Path) -> Iterator[Path]:
    """`fairlead serve` in a process of its own."""
    kubeconfig = folder / "ours"
    command = [sys.executable, "-m", "fairlead.cli.main", "serve", "--kubeconfig", str(kubeconfig)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield kubeconfig
        finally:
            process.terminate()


# Work -------------------------------------------------------------------------------------------------------------------


async def creates(target: Target, count: int, at_once: int) -> float:
    """Creates per CPU second of the server."""
    todo = iter([document(f"create-{number}") for number in range(count)])

    async def worker() -> None:
        for body in todo:
            status = await target.send("POST", CONFIGMAPS, body)
            assert status == 201, status

    began = target.cpu()
    await asyncio.gather(*(worker() for _ in range(at_once)))
    return count / (target.cpu() - began)


async def deliveries(target: Target, watchers: int, changes: int) -> float:
    """Watch events delivered per CPU second of the server."""
    await target.send("POST", CONFIGMAPS, document("watched"))
    bodies = [document("watched", number) for number in range(1, changes + 1)]
    opened = asyncio.Semaphore(0)
    tasks = [asyncio.create_task(target.watch(CONFIGMAPS, changes, opened.release)) for _ in range(watchers)]
    for _ in tasks:
        await opened.acquire()
    began = target.cpu()
    for body in bodies:
        status = await target.send("PUT", f"{CONFIGMAPS}/watched", body)
        assert status == 200, status
    await asyncio.gather(*tasks)
    return watchers * changes / (target.cpu() - began)


async def ready_in_process() -> float:
    """Seconds from nothing to the first answer; the best of several."""
    best = 1e9
    for _ in range(20):
        began = time.perf_counter()
        server = ApiServer()
        answer = await server.handle(Request("GET", CONFIGMAPS))
        best = min(best, time.perf_counter() - began)
        assert answer.status == 200
        await server.close()
    return best


async def memory(count: int) -> tuple[float, float]:
    """MB that `count` objects take in process, and MB of their JSON."""
    server = ApiServer()
    before = _resident()
    headers = {"content-type": "application/json"}
    for number in range(count):
        await server.handle(Request("POST", CONFIGMAPS, (), headers, document(f"m-{number}")))
    taken = _resident() - before
    answer = await server.handle(Request("GET", CONFIGMAPS))
    assert isinstance(answer, Response)
    await server.close()
    return taken, len(answer.body) / 1e6


def _resident() -> float:
    return int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1]) * resource.getpagesize() / 1e6


# The table --------------------------------------------------------------------------------------------------------------


async def loaded(target: Target, options: argparse.Namespace) -> dict[str, float]:
    found = {"creates": 0.0, "deliveries": 0.0}
    found["creates"] = await creates(target, options.objects, 16)
    found["deliveries"] = await deliveries(target, options.watchers, options.changes)
    return found


async def _at(name: str, kubeconfig: Path, pids: list[int], options: argparse.Namespace) -> dict[str, float]:
    async with over_http(name, kubeconfig, pids) as target:
        return await loaded(target, options)


async def _in_process(options: argparse.Namespace) -> dict[str, float]:
    async with in_process() as target:
        return await loaded(target, options)


def measure(options: argparse.Namespace) -> dict[str, dict[str, float]]:
    results: dict[str, dict[str, float]] = {}
    began = time.perf_counter()
    with realserver.running() as real:
        start = time.perf_counter() - began
        results["real"] = {"ready": start, **asyncio.run(_at("real", real.kubeconfig, _children(), options))}
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as kubeconfig:
        results["http"] = asyncio.run(_at("http", kubeconfig, _children(), options))
    results["in process"] = {"ready": asyncio.run(ready_in_process()), **asyncio.run(_in_process(options))}
    taken, size = asyncio.run(memory(options.memory))
    results["in process"] |= {"memory": taken, "json": size}
    return results


def table(results: dict[str, dict[str, float]]) -> str:
    real, http, inner = results["real"], results["http"], results["in process"]
    rows = [
        ("ready, s", real["ready"], None, inner["ready"], f"1/{real['ready'] / inner['ready']:.0f}"),
        *(
            (f"{name} per CPU second", real[name], http[name], inner[name], f"HTTP {http[name] / real[name]:.1f} x, in process {inner[name] / real[name]:.1f} x")
            for name in ("creates", "deliveries")
        ),
        ("memory over JSON", None, None, inner["memory"] / inner["json"], f"{inner['memory']:.0f} MB for {inner['json']:.0f} MB"),
    ]  # fmt: skip
    lines = [f"{'':26}{'real':>12}{'HTTP':>12}{'in process':>12}   ratio to the real one"]
    for name, *numbers, ratio in rows:
        shown = "".join(f"{'' if number is None else f'{number:.4g}':>12}" for number in numbers)
        lines.append(f"{name:26}{shown}   {ratio}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=2000, help="how many are created")
    parser.add_argument("--watchers", type=int, default=100)
    parser.add_argument("--changes", type=int, default=200, help="how many each watcher is told of")
    parser.add_argument("--memory", type=int, default=100_000, help="objects of the measure of memory")
    parser.add_argument("--json", type=Path, help="write the numbers here too")
    options = parser.parse_args()
    results = measure(options)
    print(table(results))
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(results, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
