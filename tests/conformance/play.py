"""Play a case to a server: each step's answer as it came."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.conformance.case import Case, Collect, Send
from tests.conformance.players import Answer, Player, Stream
from tests.conformance.references import Scope

__all__ = ["Played", "Taken", "play"]

#: Seconds to wait for an event, or for an answer that a step repeats for.
_PATIENCE = 15.0
_PAUSE = 0.02


@dataclass(frozen=True)
class Taken:
    """What one step gave: an answer, or events. `sent` is the request as it was sent (method, target, body)."""

    sent: tuple[str, str, Any]
    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    body: Any = None
    events: list[Any] | None = None
    #: How collecting ended: "open" (all that were wanted came), "eof", or "silence".
    end: str = ""


@dataclass(frozen=True)
class Played:
    """A whole play of a case."""

    case: Case
    scope: Scope
    began: datetime
    taken: list[Taken]


async def play(case: Case, player: Player) -> Played:
    """Send a case's requests in order. Raises AssertionError when its namespace cannot be made, LookupError for wrong references."""
    return await _Play(case, player).run()


class _Play:
    def __init__(self, case: Case, player: Player) -> None:
        self._case = case
        self._player = player
        self._scope = Scope()
        self._streams: dict[str, Stream] = {}
        self._refused = False

    async def run(self) -> Played:
        began = datetime.now(UTC)
        if self._case.namespace:
            await self._make_namespace()
        taken: list[Taken] = []
        async with contextlib.AsyncExitStack() as closing:
            for number, step in enumerate(self._case.steps):
                found = await self._step(step, number, closing)
                taken.append(found)
                value = found.events if found.events is not None else found.body
                self._scope.bodies[str(number)] = value
                if step.name:
                    self._scope.bodies[step.name] = value
        return Played(self._case, self._scope, began, taken)

    async def _make_namespace(self) -> None:
        body = json.dumps({"metadata": {"name": self._scope.namespace}}).encode()
        headers = {"content-type": "application/json"}
        answer = await self._player.send("POST", "/api/v1/namespaces", headers, body)
        assert answer.status == 201, answer

    async def _step(self, step: Send | Collect, number: int, closing: contextlib.AsyncExitStack) -> Taken:
        if isinstance(step, Collect):
            return await self._collect(step)
        target = self._scope.fill(step.target)
        headers = {key: self._scope.fill(value) for key, value in step.headers.items()}
        if step.opens:
            stream = await self._player.open(target, headers)
            closing.push_async_callback(stream.close)
            self._streams[str(number)] = self._streams[step.name or str(number)] = stream
            return _taken(("GET", target, None), stream.answer)
        content = self._scope.fill(step.body)
        answer = await self._send(step, target, headers, _bytes(content))
        return _taken((step.method, target, content), answer)

    async def _send(self, step: Send, target: str, headers: dict[str, str], body: bytes) -> Answer:
        # What was refused does not come.
        deadline = time.monotonic() + (0.0 if self._refused else _PATIENCE)
        while True:
            answer = await self._player.send(step.method, target, headers, body)
            if step.until in {0, answer.status} or time.monotonic() > deadline:
                self._refused = answer.status >= 400 and answer.status != step.until
                return answer
            await asyncio.sleep(_PAUSE)

    async def _collect(self, step: Collect) -> Taken:
        stream = self._streams[str(step.watch)]
        events: list[Any] = []
        end = "open"
        while step.count is None or len(events) < step.count:
            try:
                line = await asyncio.wait_for(stream.line(), _PATIENCE)
            except TimeoutError:
                end = "silence"
                break
            except ConnectionError as error:
                end = type(error).__name__
                break
            if not line:
                end = "eof"
                break
            events.append(_parsed(line))
        return Taken(("EVENTS", str(step), None), events=events, end=end)


def _bytes(content: Any) -> bytes:
    match content:
        case None:
            return b""
        case bytes():
            return content
        case str():
            return content.encode()
        case _:
            return json.dumps(content, separators=(",", ":")).encode()


def _taken(sent: tuple[str, str, Any], answer: Answer) -> Taken:
    return Taken(sent, answer.status, answer.headers, _parsed(answer.body))


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="backslashreplace")
