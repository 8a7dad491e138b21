"""What no sane object is, through a whole client and a socket: in a list, in pages, in a watch; and every other object arrives."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from fairlead import Client, KubeConfig, Resource
from tests.unit.transport.servers import run, serving

_BEFORE, _ODD, _AFTER = 5, 7, 9


class Gizmo(Resource, api_version="example.com/v1", kind="Gizmo"):
    pass


def _object(name: str, version: int, *, more: bytes = b'"spec":{}', annotation: str = "") -> bytes:
    metadata = {"name": name, "namespace": "ns", "uid": f"u-{name}", "resourceVersion": str(version)}
    given = metadata | ({"annotations": {"a": annotation}} if annotation else {})
    return b'{"apiVersion":"example.com/v1","kind":"Gizmo","metadata":%s,%s}' % (json.dumps(given).encode(), more)


#: What a server may hold that a client can read, strange as it is.
READABLE = {
    "fifty megabytes": _object("odd", _ODD, more=b'"spec":{"text":"%s"}' % (b"x" * 50_000_000)),
    "an annotation of a megabyte": _object("odd", _ODD, annotation="y" * 1_000_000),
    "keys that stand twice": _object("odd", _ODD, more=b'"spec":{"n":1,"n":2},"spec":{"n":3}'),
    "metadata that stands twice": b'{"metadata":{"name":"no"},' + _object("odd", _ODD)[1:],
    "an integer of four thousand digits": _object("odd", _ODD, more=b'"spec":{"n":%s}' % (b"9" * 4000)),
    "an integer of twenty digits": _object("odd", _ODD, more=b'"spec":{"n":99999999999999999999}'),
    "two hundred levels": _object("odd", _ODD, more=b'"spec":{"deep":' + b"[" * 200 + b"]" * 200 + b"}"),
    "null in many places": _object("odd", _ODD, more=b'"spec":null,"status":null'),
}
#: What is not JSON, or not within what can be read: left out and reported.
BROKEN = {
    "an integer of ten thousand digits": _object("odd", _ODD, more=b'"spec":{"n":%s}' % (b"9" * 10_000)),
    "an integer of 4,301 digits, somewhere": _object(
        "odd", _ODD, more=b'"spec":{"t":"%s","n":[-%s]}' % (b"x" * 777, b"1" * 4301)
    ),
    "half of a surrogate pair": _object("odd", _ODD, more=rb'"spec":{"text":"\ud800"}'),
    "NaN": _object("odd", _ODD, more=b'"spec":{"n":NaN}'),
    "Infinity": _object("odd", _ODD, more=b'"spec":{"n":-Infinity}'),
    "no UTF-8": _object("odd", _ODD, more=b'"spec":{"text":"\xff\xfe"}'),
    "no UTF-8 in a key": _object("odd", _ODD, more=b'"spec":{"\xc3\x28":1}'),
    "a hundred thousand levels": _object("odd", _ODD, more=b'"spec":' + b"[" * 100_000 + b"]" * 100_000),
    "no name": _object("odd", _ODD).replace(b'"name": "odd", ', b""),
    "no metadata": b'{"apiVersion":"example.com/v1","kind":"Gizmo"}',
    "no object": b'"odd"',
}


def _event(kind: str, data: bytes) -> bytes:
    return b'{"type":"%s","object":%s}\n' % (kind.encode(), data)


def _bookmark(*, end: bool) -> bytes:
    annotations = {"k8s.io/initial-events-end": "true"} if end else {}
    return _event("BOOKMARK", json.dumps({"metadata": {"resourceVersion": "9", "annotations": annotations}}).encode())


@dataclass
class Cluster:
    """Holds an odd object between two others. In a watch's case the first list is from before it was made."""

    odd: bytes
    how: str
    lists: int = 0
    watches: list[str] = field(default_factory=list[str])

    def _items(self) -> Sequence[bytes]:
        self.lists += 1
        first = _object("first", _BEFORE)
        return [first] if self.how == "watch" and self.lists == 1 else [first, self.odd, _object("last", _AFTER)]

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        if "watch" not in query:
            return self._page(query.get("continue", ""))
        if "sendInitialEvents" in query and self.how == "pages":
            said = {"kind": "Status", "code": 422, "reason": "Invalid", "message": "sendInitialEvents is forbidden"}
            return web.json_response(said, status=422)
        response = web.StreamResponse()
        await response.prepare(request)
        if "sendInitialEvents" in query:
            items = self._items()
            said_last = _bookmark(end=True) if len(items) > 1 else _bookmark(end=True).replace(b'"9"', b'"5"')
            await response.write(b"".join(_event("ADDED", item) for item in items) + said_last)
            since = _AFTER if len(items) > 1 else _BEFORE
        else:
            since = int(query["resourceVersion"])
        self.watches.append(str(since))
        if since < _AFTER:
            changes = [self.odd, _object("last", _AFTER)]
            await response.write(b"".join(_event("ADDED", each) for each in changes))
        await asyncio.Event().wait()
        return response

    def _page(self, token: str) -> web.Response:
        """Two pages, so that what is broken stands in one of them."""
        first, odd, last = self._items() if not token else (b"", b"", _object("last", _AFTER))
        more, items = ("", [last]) if token else ("t", [first, odd])
        head = json.dumps({"resourceVersion": "9", "continue": more}).encode()
        body = b'{"kind":"GizmoList","apiVersion":"example.com/v1","metadata":%s,"items":[%s]}' % (
            head,
            b",".join(items),
        )
        return web.Response(body=body, content_type="application/json")


@dataclass
class Seen:
    """What a handler was told, which reads the whole of each object."""

    names: set[str] = field(default_factory=set[str])
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, new: Gizmo) -> None:
        new.to_dict()
        self.names.add(new.name)
        self.changed.set()

    async def until(self, names: set[str]) -> None:
        while self.names != names:
            self.changed.clear()
            await self.changed.wait()


async def _follow(cluster: Cluster, expected: set[str], *, unread: frozenset[str] = frozenset()) -> Any:
    """Have a client follow it until its handler knows what is expected; gives the statistics of the informer.

    At objects that are `unread` the handler fails as it reads them.
    """
    async with serving(cluster) as url, Client(KubeConfig(server=url)) as client:
        gizmos = client.cached(Gizmo)
        seen = Seen()
        gizmos.add_handler(on_add=seen.add)
        await client.run_and_wait(timeout=12.0)
        await seen.until(expected)
        assert {each.name for each in gizmos.list()} == expected | unread
        assert client.statistics().handler_errors == len(unread)
        return client.statistics().informers[0]


HOWS = pytest.mark.parametrize("how", ["streaming list", "pages", "watch"])


@HOWS
@pytest.mark.parametrize("what", READABLE)
def test_what_is_strange_and_can_be_read_arrives_with_the_others(what: str, how: str) -> None:
    async def work() -> None:
        cluster = Cluster(READABLE[what], how)
        said = await _follow(cluster, {"first", "odd", "last"})
        assert (said.reflector.broken, said.crashes) == (0, 0)

    run(work())


@HOWS
@pytest.mark.parametrize("what", BROKEN)
def test_what_cannot_be_read_is_left_out_and_reported_and_the_others_arrive(
    what: str, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def work() -> None:
        cluster = Cluster(BROKEN[what], how)
        said = await _follow(cluster, {"first", "last"})
        assert (said.reflector.broken, said.crashes) == (1, 0)

    with caplog.at_level(logging.ERROR):
        run(work())
    (said,) = (record.message for record in caplog.records)
    assert said.startswith("an object of ")
    assert "cannot be read and is left out: " in said
    assert caplog.records[0].__dict__["type"] == "gizmos.example.com/v1"
    assert caplog.records[0].__dict__["reason"]


@HOWS
def test_a_number_beyond_a_float_fails_whoever_reads_it_and_nobody_else(
    how: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def work() -> None:
        cluster = Cluster(_object("odd", _ODD, more=b'"spec":{"n":1e400}'), how)
        await _follow(cluster, {"first", "last"}, unread=frozenset({"odd"}))

    with caplog.at_level(logging.ERROR):
        run(work())
    (record,) = caplog.records
    assert "failed at the add of ns/odd" in record.message
