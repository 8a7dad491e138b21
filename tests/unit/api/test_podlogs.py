"""Logs: what is asked for, and how bytes become lines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fairlead.api.caller import Caller
from fairlead.api.direct import Direct
from fairlead.api.endpoint import Endpoint
from fairlead.api.podlogs import LONGEST_LINE, log_query, text_lines
from fairlead.errors import BadRequest, TooManyRequests
from fairlead.machinery.rbac import Permission
from fairlead.machinery.wire import Response
from fairlead.models.core.v1 import Pod
from tests.unit.api.canned import Answer, CannedTransport, Chunks, Time, refusal

_URL = "/api/v1/namespaces/default/pods/web/log"


def client(*answers: Answer) -> tuple[Direct[Pod], CannedTransport, Caller]:
    transport, time = CannedTransport(*answers), Time()
    caller = Caller(transport, sleep=time.sleep, clock=time.clock)
    return Direct(Endpoint(caller, Pod.resource_type, Pod.from_bytes, Pod.from_dict)), transport, caller


def text(data: bytes, status: int = 200) -> Response:
    return Response(status, {"content-type": "text/plain"}, data)


async def cut(data: bytes, size: int) -> list[str]:
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    return [line async for line in text_lines(Chunks(chunks))]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 64])
async def test_lines_are_whole_however_they_arrive(size: int) -> None:
    data = "eins\n\nzwei ü€𝄞\r\n\nohne Ende".encode()
    assert await cut(data, size) == ["eins", "", "zwei ü€𝄞\r", "", "ohne Ende"]
    assert await cut(b"a\xff\xfeb\nc\xc3", size) == ["a\ufffd\ufffdb", "c\ufffd"]
    assert await cut(b"", size) == []


@pytest.mark.parametrize("size", [1000, 65536, 4 * LONGEST_LINE])
async def test_a_line_that_is_too_long_comes_in_pieces(size: int) -> None:
    line = "x" + "€" * LONGEST_LINE
    found = await cut(f"{line}\nnext\n".encode(), size)
    assert "".join(found[:-1]) == line
    assert found[-1] == "next"
    assert all(LONGEST_LINE - 4 < len(each.encode()) <= LONGEST_LINE for each in found[:-2])


async def test_bytes_that_only_continue_are_cut_all_the_same() -> None:
    found = await cut(b"\x80" * (LONGEST_LINE + 10), 65536)
    assert sum(map(len, found)) == LONGEST_LINE + 10


def test_what_is_asked_for() -> None:
    moment = datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert log_query(None, None, None, None) == []
    assert log_query("c", 5, 1.2, 9, follow=True, previous=True, timestamps=True) == [
        ("container", "c"), ("follow", "true"), ("previous", "true"), ("timestamps", "true"),
        ("tailLines", "5"), ("limitBytes", "9"), ("sinceSeconds", "2"),
    ]  # fmt: skip
    assert log_query(None, 0, timedelta(minutes=1), None) == [("tailLines", "0"), ("sinceSeconds", "60")]
    assert log_query(None, None, moment, None) == [("sinceTime", "2026-01-31T12:00:00.000000Z")]


async def test_reads_are_tried_again_and_need_one_right() -> None:
    pods, transport, caller = client(refusal(429, "TooManyRequests"), text(b"a\n"))
    assert await pods.logs("web", "default", container="main") == "a\n"
    assert [str(request) for request in transport.asked] == [f"GET {_URL}?container=main"] * 2
    assert caller.permissions.permissions() == [Permission("default", "", "pods/log", "get")]


async def test_following_waits_for_its_first_line_without_a_limit() -> None:
    pods, transport, _ = client(text(b"a\nb"))
    assert [line async for line in pods.follow_logs("web", "default")] == ["a", "b"]
    (request,) = transport.asked
    assert (str(request), request.timeout) == (f"GET {_URL}?follow=true", None)
    assert transport.streams[0].closed


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(refusal(400, "BadRequest", "why"), BadRequest), (refusal(429, "TooManyRequests", "why"), TooManyRequests)],
)
async def test_following_that_is_refused_gives_its_connection_up(answer: Response, kind: type[Exception]) -> None:
    pods, transport, _ = client(answer)
    lines: Any = pods.follow_logs("web", "default", container="main")
    with pytest.raises(kind, match="follow pods/v1/log default/web, container main: why"):
        await anext(lines)
    assert transport.streams[0].closed


async def test_a_pod_without_a_node_has_written_nothing() -> None:
    pods, _, _ = client(text(b"", 204), text(b"", 204))
    assert await pods.logs("web", "default") == ""
    assert [line async for line in pods.follow_logs("web", "default")] == []
