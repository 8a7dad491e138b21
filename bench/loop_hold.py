"""How long fairlead holds the event loop: the longest turn while 50,000 objects are listed again, filtered, indexed, handed out.

A turn is what runs between two looks of the loop at its sockets. Its CPU time is measured, not its wall time, so that a busy
machine does not lie. The server is a stand-in that answers with bytes made beforehand, so that the time is the client's.
`python bench/loop_hold.py`; a slice is 10 ms, and one callback of the user's, or one page of a list, comes on top.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import selectors
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable

from fairlead import Client, DynamicFilter, Event
from fairlead.machinery.wire import Request, Response, StreamResponse
from fairlead.models.core.v1 import ConfigMap

PAGE = 500
#: How long bulk work may hold the loop, in seconds, before it lets others run.
SLICE = 0.010


class Turns(selectors.DefaultSelector):
    """Notes the CPU time of each turn of the loop."""

    def __init__(self) -> None:
        super().__init__()
        self._began = time.thread_time()
        self.turns: list[float] = []

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.turns.append(time.thread_time() - self._began)
        try:
            return super().select(timeout)
        finally:
            self._began = time.thread_time()


class Stream:
    """A watch that says what it is told to, when it is told to."""

    def __init__(self) -> None:
        self._lines: asyncio.Queue[bytes | None] = asyncio.Queue()

    def say(self, line: bytes | None) -> None:
        self._lines.put_nowait(line)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        line = await self._lines.get()
        if line is None:
            raise StopAsyncIteration
        return line

    async def aclose(self) -> None:
        self._lines.put_nowait(None)


class StandIn:
    """A transport to a server of prepared pages; it does not stream lists."""

    cluster = "stand-in"

    def __init__(self, objects: int) -> None:
        self.objects = objects
        self.version = 1000
        self.pages: list[bytes] = []
        self.watch: Stream | None = None
        self.next_generation()

    def next_generation(self) -> None:
        """Change every object, and make the pages that say so."""
        self.version += 1000
        items = [self._item(index) for index in range(self.objects)]
        self.pages = [self._page(items, start) for start in range(0, self.objects, PAGE)]

    def _item(self, index: int) -> bytes:
        metadata = {
            "name": f"config-{index:05}", "namespace": f"space-{index % 5}", "uid": f"uid-{index:05}",
            "resourceVersion": str(self.version), "labels": {"app": f"app-{index % 50}", "tier": "front"},
        }  # fmt: skip
        return json.dumps({"metadata": metadata, "data": {"index": str(index), "text": "x" * 1500}}).encode()

    def _page(self, items: list[bytes], start: int) -> bytes:
        token = str(start + PAGE) if start + PAGE < len(items) else ""
        head = json.dumps({"metadata": {"resourceVersion": str(self.version), "continue": token}})[:-1].encode()
        return head + b',"items":[' + b",".join(items[start : start + PAGE]) + b"]}"

    async def request(self, request: Request) -> Response:
        await asyncio.sleep(0)
        start = int(dict(request.query).get("continue", "0"))
        return Response(200, {}, self.pages[start // PAGE])

    async def stream(self, request: Request) -> StreamResponse:
        if "sendInitialEvents" in dict(request.query):
            said = b'{"kind":"Status","status":"Failure","code":422,"reason":"Invalid","message":"sendInitialEvents"}'
            refusal = Stream()
            refusal.say(said)
            refusal.say(None)
            return StreamResponse(422, {}, refusal)
        self.watch = Stream()
        return StreamResponse(200, {}, self.watch)

    def expire(self) -> None:
        """The watch is too old to go on, so that everything is listed again."""
        assert self.watch is not None
        status = b'{"kind":"Status","status":"Failure","code":410,"reason":"Expired","message":"too old"}'
        self.watch.say(b'{"type":"ERROR","object":' + status + b"}\n")

    async def close(self) -> None:
        """Nothing is open."""


async def measured(objects: int, turns: Turns) -> dict[str, dict[str, float]]:
    server = StandIn(objects)
    found: dict[str, dict[str, float]] = {}

    async def scenario(name: str, do: Callable[[], object], done: Callable[[], bool]) -> None:
        await asyncio.sleep(0)
        turns.turns.clear()
        result = do()
        if isinstance(result, Awaitable):
            await result
        while not done():
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        longest = sorted(turns.turns)[-3:]
        found[name] = {
            "longest_ms": round(longest[-1] * 1000, 2), "third_longest_ms": round(longest[0] * 1000, 2),
            "turns": len(turns.turns), "cpu_s": round(sum(turns.turns), 3),
        }  # fmt: skip

    async with Client(transport=server) as client:
        spaces = {"space-0"}
        chosen = DynamicFilter(lambda config: config.namespace in spaces)
        whole, some = client.cached(ConfigMap), client.cached(ConfigMap, filter=chosen)
        whole.index("by-app", lambda config: [config.metadata.labels["app"]])
        told = [0]

        def count(event: Event[ConfigMap]) -> None:
            told[0] += event.key.name != ""

        whole.add_handler(on_event=count)
        await scenario("first list", client.start, client.has_synced)

        def next_generation_and_expire() -> None:
            server.next_generation()
            turns.turns.clear()
            turns._began = time.thread_time()
            told[0] = 0
            server.expire()

        await scenario("relist, every object changed", next_generation_and_expire, lambda: told[0] >= objects)

        def flip() -> None:
            spaces.symmetric_difference_update({"space-0", "space-1"})
            chosen.changed(namespaces=["space-0", "space-1"])

        def flipped() -> bool:
            return some.get("config-00000", "space-0") is None and len(some) == objects // 5

        await scenario("a fifth and a fifth flip by namespace", flip, flipped)

        def all_flip() -> None:
            spaces.symmetric_difference_update({"space-0", "space-1"})
            chosen.changed()

        await scenario("a fifth and a fifth flip, all are asked", all_flip, lambda: not flipped())
        added = client.cached(ConfigMap, filter=lambda config: config.data["index"].endswith("7"))
        made = []
        await scenario(
            "a filtered view is added",
            lambda: made.append(client.cached(ConfigMap, filter=lambda config: config.data["index"].endswith("7"))),
            lambda: bool(made) and made[0].cache_synced(),
        )
        indexing = whole._looks[0].view.showing.indexes
        await scenario(
            "an index is added",
            lambda: whole.index("by-index", lambda config: [config.data["index"]]),
            lambda: not indexing["by-index"].filling,
        )
        late = whole.add_handler(on_event=count)
        await late.close()
        registrations = []
        await scenario(
            "a handler is added late",
            lambda: registrations.append(whole.add_handler(on_event=count)),
            lambda: registrations[0].has_synced(),  # noqa: PLW0108 - it is not there yet
        )
        assert added.cache_synced()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=50_000)
    given = parser.parse_args()
    turns = Turns()
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(turns)) as runner:
        found = runner.run(measured(given.objects, turns))
    report(given.objects, found)
    return 0


def report(objects: int, found: dict[str, dict[str, float]]) -> None:
    """Print what was found, and on the last line the same for the benchmark's table, in seconds."""
    print(f"{objects} objects; CPU of the longest turns of the loop")
    for name, numbers in found.items():
        print(
            f"  {name:42} {numbers['longest_ms']:8.2f} ms  (third: {numbers['third_longest_ms']:.2f} ms)  "
            f"{numbers['turns']} turns, {numbers['cpu_s']:.2f} s"
        )
    longest = {name: numbers["longest_ms"] / 1000 for name, numbers in found.items()}
    flips = [seconds for name, seconds in longest.items() if "flip" in name]
    relist = longest["relist, every object changed"]
    summary = {"sync_hold": longest["first list"], "relist_hold": relist, "flip_hold": max(flips), "slice": SLICE}
    print(json.dumps(summary))


if __name__ == "__main__":
    sys.exit(main())
