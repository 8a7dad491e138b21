from __future__ import annotations

import json
import logging

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fairlead.api.caller import Caller
from fairlead.errors import (
    ApiError,
    Conflict,
    Internal,
    NotFound,
    ServiceUnavailable,
    Status,
    TooManyRequests,
    TransportError,
    from_reply,
    from_status,
)
from fairlead.machinery.wire import Request
from tests.unit.api.canned import Answer, CannedTransport, Time, refusal, reply

GET = Request("GET", "/api/v1/pods")
BUSY = refusal(429, "TooManyRequests", "busy")
BROKEN = refusal(500, "InternalError", "broken")


def caller(*answers: Answer) -> tuple[Caller, CannedTransport, Time]:
    transport, time = CannedTransport(*answers), Time()
    return Caller(transport, sleep=time.sleep, clock=time.clock), transport, time


async def test_too_many_requests_are_tried_again_for_any_verb() -> None:
    calls, transport, time = caller(BUSY, BUSY, reply({}))
    assert (await calls.call(GET, "create", safe=False)).status == 200
    assert len(transport.asked) == 3
    assert 0 < time.waits[0] < time.waits[1] * 2


async def test_retry_after_is_honoured() -> None:
    calls, _, time = caller(refusal(429, "TooManyRequests", retry_after="7"), reply({}))
    await calls.call(GET, "get", safe=True)
    assert time.waits == [7.0]


async def test_a_retry_after_beyond_patience_is_not_waited_for() -> None:
    calls, transport, time = caller(refusal(429, "TooManyRequests", retry_after="3600"))
    with pytest.raises(TooManyRequests) as caught:
        await calls.call(GET, "get pods default/a", safe=True)
    assert caught.value.retry_after == 3600
    assert (len(transport.asked), time.waits) == (1, [])


async def test_attempts_are_bounded() -> None:
    calls, transport, _ = caller(*[BUSY] * 9)
    with pytest.raises(TooManyRequests):
        await calls.call(GET, "get", safe=True)
    assert len(transport.asked) == 5


async def test_what_is_safe_is_tried_again_after_server_errors_and_lost_connections() -> None:
    calls, transport, _ = caller(BROKEN, TransportError("cut"), refusal(503, "ServiceUnavailable"), reply({}))
    await calls.call(GET, "get", safe=True)
    assert len(transport.asked) == 4


@pytest.mark.parametrize("answer", [BROKEN, TransportError("cut"), refusal(503, "ServiceUnavailable")])
async def test_what_might_take_effect_twice_is_never_tried_again(answer: Answer) -> None:
    calls, transport, _ = caller(answer)
    with pytest.raises((Internal, TransportError, ServiceUnavailable)):
        await calls.call(GET, "create", safe=False)
    assert len(transport.asked) == 1


@pytest.mark.parametrize(("code", "reason", "kind"), [(404, "NotFound", NotFound), (409, "Conflict", Conflict)])
async def test_refusals_that_a_retry_cannot_change_are_raised(code: int, reason: str, kind: type[Exception]) -> None:
    calls, transport, _ = caller(refusal(code, reason, "pods x"))
    with pytest.raises(kind, match=f"get pods default/x: pods x \\({code} {reason}\\)"):
        await calls.call(GET, "get pods default/x", safe=True)
    assert len(transport.asked) == 1


async def test_a_proxy_s_page_becomes_the_message() -> None:
    calls, _, _ = caller(reply(b"404 page not found\n", 404))
    with pytest.raises(NotFound, match="get: 404 page not found"):
        await calls.call(GET, "get", safe=True)


async def test_each_warning_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    header = '299 - "v1 Old is \\"deprecated\\"", 299 - "second"'
    calls, _, _ = caller(reply({}, warning=header), reply({}, warning='299 - "second"'), reply({}, warning="odd"))
    with caplog.at_level(logging.WARNING, "fairlead.api"):
        for _ in range(3):
            await calls.call(GET, "get", safe=True)
    assert [record.getMessage() for record in caplog.records] == [
        'https://canned warns: v1 Old is "deprecated"',
        "https://canned warns: second",
        "https://canned warns: odd",
    ]


async def test_a_refused_stream_is_read_closed_and_raised() -> None:
    calls, transport, _ = caller(refusal(410, "Expired", "too old"))
    with pytest.raises(Exception, match="watch: too old"):
        await calls.stream(GET, "watch")
    assert transport.streams[0].closed


_scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
_json = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)
_causes = _json | st.lists(
    st.fixed_dictionaries({}, optional={"reason": _json, "message": _json, "field": _json}), max_size=2
)
_details = _json | st.fixed_dictionaries(
    {},
    optional={
        "name": _json,
        "kind": _json,
        "group": _json,
        "uid": _json,
        "causes": _causes,
        "retryAfterSeconds": _json,
    },
)
_statuses = st.fixed_dictionaries(
    {"kind": st.just("Status") | _json},
    optional={
        "code": st.integers(-1, 999) | _json,
        "reason": _json,
        "message": _json,
        "details": _details,
        "status": _json,
    },
)


@given(_statuses, st.integers(200, 599), st.none() | st.text(max_size=8) | st.sampled_from(("1", "²", "9" * 400, "-1")))
@example({"code": 429, "details": {"retryAfterSeconds": 10**400}}, 429, None)
def test_whatever_a_server_puts_into_a_status_is_an_error_that_can_be_shown(
    document: dict[str, object], code: int, retry_after: str | None
) -> None:
    for error in (
        from_reply(code, json.dumps(document).encode(), "get a", retry_after),
        from_status(Status.from_dict(document), "watch a"),
    ):
        assert isinstance(error, ApiError)
        assert str(error)
        assert repr(error)
        assert isinstance(error.retryable, bool)
        assert (getattr(error, "retry_after", None) or 0.0) >= 0.0
