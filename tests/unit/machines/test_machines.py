"""The tables: what a reflector and a delayed type do next."""

from __future__ import annotations

import random

import pytest

from fairlead.errors import FairleadError, Status, StatusCause, TransportError, from_status
from fairlead.machines.backoff import Backoff
from fairlead.machines.delayed import DelayedMachine, Effect, Presence, TypeState
from fairlead.machines.reflector import POLLED, REFUSALS, TABLE, Phase, ReflectorMachine, Signal, signal_of


def refusal(code: int, reason: str = "", message: str = "") -> FairleadError:
    return from_status(Status(code=code, reason=reason, message=message))


#: What ends a watch of a type that functions list.
POLL = from_status(Status(code=410, reason="Expired", causes=(StatusCause(reason=POLLED),)))


def test_backoff_doubles_within_its_limit_and_is_reset_by_success() -> None:
    backoff = Backoff(1.0, 5.0, source=random.Random(1))
    delays = [backoff.delay() for _ in range(5)]
    for delay, longest in zip(delays, (1.0, 2.0, 4.0, 5.0, 5.0), strict=True):
        assert longest / 2 <= delay <= longest
    assert backoff.failures == 5
    backoff.reset()
    assert (backoff.failures, backoff.delay() <= 1.0) == (0, True)


def test_every_phase_knows_every_signal() -> None:
    assert set(TABLE) == {(phase, signal) for phase in Phase for signal in Signal}


def test_a_reflector_lists_then_watches_then_resumes() -> None:
    machine = ReflectorMachine()
    assert machine.phase is Phase.STREAM
    assert machine.after(Signal.SYNCED).phase is Phase.WATCH
    plan = machine.after(Signal.ENDED)
    assert (plan.phase, plan.delay) == (Phase.WATCH, 0.0)
    assert machine.after(Signal.ENDED, productive=False).delay > 0
    assert machine.after(Signal.BROKEN).phase is Phase.WATCH
    assert machine.after(Signal.EXPIRED).phase is Phase.STREAM


def test_a_server_that_is_back_and_has_forgotten_is_asked_for_a_list_at_once_but_only_once() -> None:
    machine = ReflectorMachine()
    machine.after(Signal.SYNCED)
    for _ in range(10):
        machine.after(Signal.BROKEN, productive=False)
    plan = machine.after(Signal.EXPIRED, productive=False)
    assert (plan.phase, plan.delay) == (Phase.STREAM, 0.0)
    machine.after(Signal.SYNCED)
    for _ in range(3):
        assert machine.after(Signal.EXPIRED, productive=False).delay > 0, "no hot loop"
        machine.after(Signal.SYNCED)
    machine.progressed()
    assert machine.after(Signal.EXPIRED, productive=False).delay == 0.0


def test_what_cannot_be_watched_is_listed_again_at_once_however_often() -> None:
    machine = ReflectorMachine(streaming=False)
    for _ in range(10):
        machine.after(Signal.SYNCED)
        plan = machine.after(Signal.POLLED, productive=False, lasted=0.0)
        assert (plan.phase, plan.delay, machine.brief) == (Phase.LIST, 0.0, 0)
    machine.after(Signal.SYNCED)
    delays = [machine.after(Signal.EXPIRED, lasted=0.0).delay for _ in range(3) if machine.after(Signal.SYNCED)]
    assert delays[-1] > 0, "a server that forgets at once is still asked more slowly"


def test_streaming_is_given_up_for_good() -> None:
    machine = ReflectorMachine()
    plan = machine.after(Signal.UNSUPPORTED, productive=False)
    assert (plan.phase, plan.delay, machine.streaming) == (Phase.LIST, 0.0, False)
    machine.after(Signal.SYNCED)
    assert machine.after(Signal.EXPIRED).phase is Phase.LIST
    machine.after(Signal.SYNCED)
    machine.restart()
    assert (machine.phase, machine.failures) == (Phase.LIST, 0)


@pytest.mark.parametrize("signal", [Signal.ENDED, Signal.UNFINISHED])
def test_a_list_that_does_not_come_to_its_end_as_a_stream_is_asked_for_in_pages(signal: Signal) -> None:
    machine = ReflectorMachine()
    assert machine.after(signal).phase is Phase.LIST
    machine.after(Signal.SYNCED)
    assert machine.after(Signal.EXPIRED).phase is Phase.STREAM, "streaming is not given up"


@pytest.mark.parametrize("signal", [Signal.REFUSED, Signal.BROKEN])
def test_what_the_server_refuses_for_a_minute_is_asked_for_in_another_way(signal: Signal) -> None:
    machine = ReflectorMachine()
    machine.after(Signal.SYNCED)

    def tries() -> int:
        phase, count = machine.phase, 1
        while machine.after(signal, refused=True, productive=False).phase is phase:
            count += 1
        return count

    assert (tries(), machine.phase) == (REFUSALS, Phase.STREAM)
    assert (tries(), machine.phase) == (1, Phase.LIST)
    machine.after(Signal.SYNCED)
    assert (tries(), machine.phase, machine.refused) == (1, Phase.STREAM, True), "the list did not make streams work"
    machine.progressed()
    assert (tries(), machine.phase) == (REFUSALS, Phase.LIST)


def test_no_answer_is_no_refusal() -> None:
    machine = ReflectorMachine()
    machine.after(Signal.SYNCED)
    assert {machine.after(Signal.BROKEN, productive=False).phase for _ in range(100)} == {Phase.WATCH}


def test_the_server_may_ask_for_a_longer_wait() -> None:
    assert ReflectorMachine().after(Signal.BUSY, retry_after=7.0).delay >= 7.0


def test_failures_count_until_something_comes() -> None:
    machine = ReflectorMachine()
    machine.after(Signal.BROKEN)
    machine.after(Signal.BROKEN)
    assert machine.failures == 2
    machine.progressed()
    assert machine.failures == 0


@pytest.mark.parametrize(
    ("error", "phase", "signal"),
    [
        (refusal(410, "Expired"), Phase.WATCH, Signal.EXPIRED),
        (refusal(410, "Gone"), Phase.STREAM, Signal.EXPIRED),
        (POLL, Phase.WATCH, Signal.POLLED),
        (refusal(429, "TooManyRequests"), Phase.STREAM, Signal.BUSY),
        (refusal(422, "Invalid"), Phase.STREAM, Signal.UNSUPPORTED),
        (refusal(422, "Invalid"), Phase.LIST, Signal.REFUSED),
        (refusal(403, "Forbidden", "sendInitialEvents is forbidden for watch"), Phase.STREAM, Signal.UNSUPPORTED),
        (refusal(404, "NotFound"), Phase.WATCH, Signal.ABSENT),
        (refusal(403, "Forbidden"), Phase.WATCH, Signal.REFUSED),
        (refusal(401, "Unauthorized"), Phase.STREAM, Signal.REFUSED),
        (refusal(500, "InternalError"), Phase.WATCH, Signal.BROKEN),
        (refusal(503), Phase.LIST, Signal.BROKEN),
        (TransportError("cut"), Phase.WATCH, Signal.BROKEN),
    ],
)
def test_which_signal_an_error_is(error: FairleadError, phase: Phase, signal: Signal) -> None:
    assert signal_of(error, phase) is signal


def test_the_life_of_a_delayed_type() -> None:
    machine = DelayedMachine()
    for presence, state, effect in (
        (Presence.MISSING, TypeState.ABSENT, Effect.NOTHING),
        (Presence.SYNCED, TypeState.ABSENT, Effect.NOTHING),
        (Presence.SERVED, TypeState.STARTING, Effect.START),
        (Presence.SERVED, TypeState.STARTING, Effect.NOTHING),
        (Presence.SYNCED, TypeState.LIVE, Effect.NOTHING),
        (Presence.DELETING, TypeState.TERMINATING, Effect.NOTHING),
        (Presence.SYNCED, TypeState.TERMINATING, Effect.NOTHING),
        (Presence.MISSING, TypeState.ABSENT, Effect.STOP),
        (Presence.DELETING, TypeState.TERMINATING, Effect.START),
        (Presence.SERVED, TypeState.STARTING, Effect.NOTHING),
        (Presence.MISSING, TypeState.ABSENT, Effect.STOP),
        (Presence.MISSING, TypeState.ABSENT, Effect.NOTHING),
    ):
        assert (machine.learn(presence), machine.state) == (effect, state)
