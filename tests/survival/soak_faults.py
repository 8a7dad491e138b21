"""What goes wrong during a soak, one after another, by a seed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections.abc import Awaitable, Callable

from tests.survival.proxy import Answer, Proxy, RequestHead

__all__ = ["Faults"]


class Faults:
    """What goes wrong next, by the seed; each fault ends by itself."""

    def __init__(self, proxy: Proxy, source: random.Random) -> None:
        self._proxy = proxy
        self._random = source
        self.played: dict[str, int] = {}
        self._all: list[tuple[str, Callable[[], Awaitable[None]]]] = [
            ("cut", self._cut), ("cut", self._cut), ("outage", self._outage), ("refused", self._refused),
            ("half-open", self._frozen), ("slow", self._slow), ("mangled", self._mangled), ("mangled", self._mangled),
            ("expired", self._expired), ("429", self._busy), ("5xx", self._failing),
        ]  # fmt: skip

    async def next(self) -> None:
        name, fault = self._random.choice(self._all)
        self.played[name] = self.played.get(name, 0) + 1
        await fault()

    async def _cut(self) -> None:
        self._proxy.abort()

    async def _outage(self) -> None:
        self._proxy.outage()
        await asyncio.sleep(self._random.uniform(1, 12))
        self._proxy.restore()

    async def _refused(self) -> None:
        await self._proxy.refuse()
        self._proxy.abort()
        await asyncio.sleep(self._random.uniform(1, 5))
        await self._proxy.listen()

    async def _frozen(self) -> None:
        self._proxy.freeze()
        await asyncio.sleep(75.0)

    async def _slow(self) -> None:
        self._proxy.delay = 0.05
        await asyncio.sleep(self._random.uniform(2, 8))
        self._proxy.delay = 0.0

    async def _mangled(self) -> None:
        for _ in range(5):
            self._proxy.faults.append(self._random.choice(("truncate", "truncate and end", "garbage")))
            await asyncio.sleep(1.0)
        # What found no event to mangle is not kept for later connections, which would each fail at their beginning.
        self._proxy.faults.clear()

    async def _expired(self) -> None:
        gone = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version"}
        await self._answering(
            [Answer(410, json.dumps(gone).encode())], lambda head: "sendInitialEvents" not in head.target, 1
        )

    async def _busy(self) -> None:
        busy = {"kind": "Status", "code": 429, "reason": "TooManyRequests", "message": "slow down"}
        headers = (("Content-Type", "application/json"), ("Retry-After", "1"))
        await self._answering([Answer(429, json.dumps(busy).encode(), headers)], lambda _: True, 3)

    async def _failing(self) -> None:
        codes = self._random.sample((500, 502, 503, 504), 3)
        await self._answering(
            [Answer(code, b"not now", (("Content-Type", "text/plain"),)) for code in codes], lambda _: True, 4
        )

    async def _answering(self, answers: list[Answer], applies: Callable[[RequestHead], bool], count: int) -> None:
        left = count

        def intercept(head: RequestHead) -> Answer | None:
            nonlocal left
            if not head.watch or not applies(head) or left == 0:
                return None
            left -= 1
            return answers[left % len(answers)]

        self._proxy.intercept = intercept
        self._proxy.abort()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(30.0):
                while left:  # noqa: ASYNC110  # the requests come when they come
                    await asyncio.sleep(0.2)
        self._proxy.intercept = lambda _: None
