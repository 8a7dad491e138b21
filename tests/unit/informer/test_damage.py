"""Streams and lists damaged at random: no crash, no hang, and nothing lost in silence.

`python -m tests.unit.informer.test_damage 200000 [seed]` plays so many by hand.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fairlead.informer.identity import Identity
from fairlead.informer.informer import Informer
from fairlead.informer.source import ApiSource, Selection
from fairlead.machinery.names import ResourceType
from fairlead.machinery.objects import Resource
from fairlead.machinery.wire import Request, Response, StreamResponse
from fairlead.store.deltas import Delta
from tests.support import virtual
from tests.survival.oracle import Fold

TYPE = ResourceType("example.com", "v1", "Gizmo", "gizmos", True)


class Gizmo(Resource, api_version="example.com/v1", kind="Gizmo"):
    pass


@dataclass(frozen=True)
class Damage:
    """Something done to the bytes of one answer; the place is a share of its length."""

    kind: str
    place: float
    data: bytes

    def apply(self, body: bytes) -> bytes:
        at = int(self.place * len(body))
        if self.kind == "flip":
            return body[:at] + bytes([body[at] ^ (self.data[0] or 1)]) + body[at + 1 :] if body else body
        if self.kind == "cut":
            return body[:at]
        if self.kind == "insert":
            return body[:at] + self.data + body[at:]
        if self.kind == "drop":
            return body[:at] + body[at + 1 + self.data[0] % 40 :]
        return body[:at] + body[max(0, at - 30) : at] + body[at:]  # "repeat"


@dataclass
class Plan:
    """A history of writes, what is done to the answers, and how they are cut into pieces."""

    writes: list[tuple[int, str]]
    damages: list[Damage]
    streaming: bool
    seed: int


def meta(name: str, uid: str, version: int) -> dict[str, Any]:
    return {
        "metadata": {
            "name": name,
            "namespace": "ns",
            "uid": uid,
            "resourceVersion": str(version),
            "labels": {"é": "ü"},
        },
        "n": version,
    }


def line(kind: str, document: Any) -> bytes:
    return json.dumps({"type": kind, "object": document}, ensure_ascii=False).encode() + b"\n"


def reads_as_event(data: bytes) -> bool:
    """Whether a line is an event as far as JSON goes: then no client can know that it was damaged."""
    try:
        document = json.loads(data.decode("utf-8"), parse_constant=lambda name: 1 / 0)
    except (ValueError, ZeroDivisionError, RecursionError):
        return False
    return isinstance(document, dict) and document.keys() >= {"type", "object"}


@dataclass
class Server:
    """Has a history, and answers lists and watches from it; the first answers are damaged."""

    plan: Plan
    #: (kind, name, uid, version)
    log: list[tuple[str, str, str, int]] = field(default_factory=list[tuple[str, str, str, int]])
    told: asyncio.Event = field(default_factory=asyncio.Event)
    #: Whether damage has made something that looks whole: then nothing can be promised of the result.
    deceived: bool = False
    cluster: str = "damaged"
    _answers: int = 0
    _damaged: set[bytes] = field(default_factory=set[bytes])

    def __post_init__(self) -> None:
        lives: dict[str, str] = {}
        for version, (number, what) in enumerate(self.plan.writes, start=10):
            name = f"g{number}"
            if name not in lives:
                lives[name] = f"uid-{version}"
                self.log.append(("ADDED", name, lives[name], version))
            elif what == "delete":
                self.log.append(("DELETED", name, lives.pop(name), version))
            else:
                self.log.append(("MODIFIED", name, lives[name], version))
        self.version = 10 + len(self.plan.writes)
        self.begin = 10 + len(self.plan.writes) // 2

    def state(self, version: int) -> dict[str, tuple[str, int]]:
        found: dict[str, tuple[str, int]] = {}
        for kind, name, uid, at in self.log:
            if at <= version:
                found[name] = (uid, at)
                if kind == "DELETED":
                    del found[name]
        return found

    def damaged(self, body: bytes) -> bytes:
        """The first answers are damaged, one damage each; the others are whole."""
        self._answers += 1
        if self._answers > len(self.plan.damages):
            self.told.set()
            return body
        made = self.plan.damages[self._answers - 1].apply(body)
        before = body.split(b"\n")
        after = made.split(b"\n")
        # A line that went missing whole, or another that reads as one, cannot be told from the server's own.
        changed = [each for each in after if each.strip() and each not in before]
        # What comes damaged in the same way twice is taken for what the server stores.
        self.deceived |= any(each in self._damaged for each in changed)
        self._damaged.update(changed)
        vanished = len([each for each in before if each.strip() and each not in after])
        if (
            any(reads_as_event(each) for each in changed)
            or vanished > len(changed)
            or made.count(b"\n") < body.count(b"\n") - vanished
        ):
            self.deceived = True
        if len([each for each in after if each in before and each.strip()]) != len(
            {each for each in after if each in before and each.strip()}
        ):
            self.deceived = True
        return made

    async def request(self, request: Request) -> Response:
        items = [meta(name, uid, at) for name, (uid, at) in self.state(self.begin).items()]
        body = json.dumps(
            {"metadata": {"resourceVersion": str(self.begin)}, "items": items}, ensure_ascii=False
        ).encode()
        made = self.damaged(body)
        self.deceived |= made != body  # a list is one line: what still reads as one may have lost anything
        return Response(200, {}, made)

    async def stream(self, request: Request) -> StreamResponse:
        query = dict(request.query)
        if "sendInitialEvents" in query:
            if not self.plan.streaming:
                body = json.dumps({"kind": "Status", "reason": "Invalid", "message": "sendInitialEvents", "code": 422})
                return StreamResponse(422, {}, Pieces(body.encode(), random.Random(1)))
            said = [line("ADDED", meta(name, uid, at)) for name, (uid, at) in self.state(self.begin).items()]
            end = {
                "metadata": {"resourceVersion": str(self.begin), "annotations": {"k8s.io/initial-events-end": "true"}}
            }
            since, body = self.begin, b"".join(said) + line("BOOKMARK", end)
        else:
            since, body = int(query["resourceVersion"]), b""
        body += b"".join(line(kind, meta(name, uid, at)) for kind, name, uid, at in self.log if at > since)
        body += line("BOOKMARK", {"metadata": {"resourceVersion": str(max(since, self.version))}})
        body = self.damaged(body)
        whole = self._answers > len(self.plan.damages)
        return StreamResponse(
            200, {}, Pieces(body, random.Random(self.plan.seed + self._answers), for_ever if whole else None)
        )

    async def close(self) -> None:
        pass


async def for_ever() -> None:
    await asyncio.Event().wait()


class Pieces:
    """A body in pieces of any length."""

    def __init__(self, body: bytes, source: random.Random, then: Callable[[], Awaitable[None]] | None = None) -> None:
        self._body, self._source, self._then = body, source, then

    async def __aiter__(self) -> AsyncIterator[bytes]:
        rest = self._body
        while rest:
            size = self._source.choice((1, 7, 80, 1000, 100_000))
            yield rest[:size]
            rest = rest[size:]
        if self._then is not None:
            await self._then()

    async def aclose(self) -> None:
        pass


class Sink:
    """Folds what a handler would be told."""

    def __init__(self) -> None:
        self.fold = Fold()

    def tell(self, deltas: Iterable[Delta]) -> None:
        for delta in deltas:
            if delta.new is not None and delta.old is None:
                self.fold.add(delta.new.name, delta.new.uid, str(delta.new.version))
            elif delta.new is not None:
                self.fold.update(delta.new.name, delta.new.uid, str(delta.new.version))
            elif delta.old is not None:
                self.fold.delete(delta.old.name, delta.old.uid)


def play(plan: Plan) -> bool:
    """Play one; raises AssertionError where something is lost, a fault shows, or it hangs. Whether all was detectable."""

    async def work() -> bool:
        server = Server(plan)
        one = Informer(
            Identity(Selection(TYPE, TYPE.gvk)), ApiSource(server, Selection(TYPE, TYPE.gvk)), Gizmo.from_bytes,
            on_change=lambda: None,
        )  # fmt: skip
        sink = Sink()
        one.store.add_view(None).attach(sink)
        one.start()
        try:
            # Two lists may be needed after the last damage, with the longest wait before each.
            await asyncio.sleep(400.0)
            assert one.crashes == 0, "a fault of the library"
            assert one.running
            if server.deceived:
                return False
            assert one.synced.is_set(), "it never synced"
            seen = {entry.name: (entry.uid, entry.version) for entry in one.store.content.snapshot(None)}
            assert seen == server.state(server.version), f"lost: {seen} is not {server.state(server.version)}"
            assert {name: (uid, at) for name, (uid, at) in sink.fold.present.items()} == seen
            assert not sink.fold.wrong, sink.fold.examples
            assert sum(one.reflector.broken.values()) == 0, "what came whole in the end is not broken"
            return True
        finally:
            await one.close()

    return virtual.run(work())


damages = st.builds(
    Damage,
    st.sampled_from(("flip", "cut", "insert", "drop", "repeat")),
    st.floats(0, 1, exclude_max=True),
    st.binary(min_size=1, max_size=6),
)
plans = st.builds(
    Plan,
    st.lists(st.tuples(st.integers(0, 4), st.sampled_from(("write", "delete"))), max_size=14),
    st.lists(damages, min_size=1, max_size=4),
    st.booleans(),
    st.integers(0, 2**16),
)


@given(plans)
def test_damage_never_crashes_or_hangs_and_what_is_seen_to_be_broken_is_asked_for_again(plan: Plan) -> None:
    play(plan)


def by_hand(count: int, seed: int) -> None:
    """Play `count` damaged answers, and print how many of them could be seen to be damaged."""
    import logging

    logging.disable(logging.CRITICAL)
    source = random.Random(seed)
    done = detectable = runs = 0
    while done < count:
        plan = Plan(
            [(source.randrange(5), source.choice(("write", "write", "delete"))) for _ in range(source.randrange(15))],
            [
                Damage(source.choice(("flip", "cut", "insert", "drop", "repeat")), source.random(), source.randbytes(source.randrange(1, 7)))
                for _ in range(source.randrange(1, 5))
            ],
            source.random() < 0.7, source.randrange(2**16),
        )  # fmt: skip
        try:
            detectable += play(plan)
        except BaseException:
            sys.stderr.write(f"failed: {plan!r}\n")
            raise
        runs += 1
        done += len(plan.damages)
    sys.stdout.write(
        f"{done} damaged answers in {runs} runs, {detectable} of them held to the exact result; seed {seed}\n"
    )


if __name__ == "__main__":
    by_hand(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
