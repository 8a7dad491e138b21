"""What a reflector does next: list, stream the list, watch, resume, or list again; and how long it waits first.

List and watch: https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes.
Streaming lists (WatchList): KEP-3157. Reasons for a new list are 410 (as a status or as an event), a type that is not served
(any more), a server that refuses to resume again and again, and a state without a resourceVersion; everything else resumes from
the last one seen. A list that does not come as a stream is asked for in pages.
"""

from __future__ import annotations

import math
from enum import Enum

import msgspec

from fairlead.errors import ApiError, BadRequest, FairleadError, Gone, Invalid, NotFound, TooManyRequests
from fairlead.machines.backoff import Backoff

__all__ = ["POLLED", "Phase", "Plan", "ReflectorMachine", "Signal", "signal_of"]

#: What a 410 names as its cause where nothing is wrong: what cannot be watched is to be listed again.
POLLED = "Polled"


class Phase(Enum):
    """What the reflector is doing."""

    STREAM = "streaming list"
    LIST = "paged list"
    WATCH = "watch"


class Signal(Enum):
    """What became of it."""

    SYNCED = "the list is complete"
    ENDED = "the stream ended in good order"
    UNFINISHED = "a streaming list that had begun broke off, or went silent"
    BROKEN = "no answer, a cut stream, or a server error"
    EXPIRED = "410: too old to resume"
    POLLED = "410 of what cannot be watched: it has changed, or it is time to look"
    UNSUPPORTED = "the server does not stream lists"
    BUSY = "429"
    REFUSED = "the server says no: 401, 403 and the like"
    ABSENT = "404: the type is not served"


class Wait(Enum):
    """How long before the next phase."""

    NONE = 0
    BACKOFF = 1


#: Seconds. A watch that ends sooner than this, and not before it began, is brief. One is everyday life; after several in a row
#: each is waited for longer, though it brought something: else a server that ends each watch after its first line is asked as
#: fast as it answers, and one that forgets as fast as it lists is made to list for ever.
BRIEF = 5.0
_ENDS = frozenset({Signal.ENDED, Signal.EXPIRED})
_NO_TROUBLE = frozenset({Signal.POLLED, Signal.UNSUPPORTED})
#: The longest such wait where the watch goes on from where it was; where a list follows, it is that of any trouble.
LONGEST_AFTER_AN_END = 5.0

#: How many refusals of a stream in a row are taken for trouble that passes: a minute of it. What a server says of every try to
#: resume, or to stream a list, it may not say of another list; else a cache would stay what it was for ever.
REFUSALS = 8
_TROUBLE = frozenset({Signal.BROKEN, Signal.REFUSED})
_INSTEAD = {Phase.WATCH: Phase.STREAM, Phase.STREAM: Phase.LIST}

_LISTING = {
    Signal.SYNCED: (Phase.WATCH, Wait.NONE),
    Signal.ENDED: (None, Wait.BACKOFF),
    Signal.UNFINISHED: (None, Wait.BACKOFF),
    Signal.BROKEN: (None, Wait.BACKOFF),
    Signal.EXPIRED: (None, Wait.BACKOFF),
    Signal.POLLED: (None, Wait.BACKOFF),
    Signal.UNSUPPORTED: (Phase.LIST, Wait.NONE),
    Signal.BUSY: (None, Wait.BACKOFF),
    Signal.REFUSED: (None, Wait.BACKOFF),
    Signal.ABSENT: (None, Wait.BACKOFF),
}
_WATCHING = {
    **_LISTING,
    # A stream that brought something ends at its timeout; one that did not is a server in trouble.
    Signal.ENDED: (Phase.WATCH, Wait.NONE),
    Signal.EXPIRED: (Phase.STREAM, Wait.NONE),
    Signal.POLLED: (Phase.STREAM, Wait.NONE),
    Signal.UNSUPPORTED: (Phase.STREAM, Wait.BACKOFF),
    Signal.ABSENT: (Phase.STREAM, Wait.BACKOFF),
}
#: (phase, signal) → the next phase (None: the same again), and the wait before it.
TABLE: dict[tuple[Phase, Signal], tuple[Phase | None, Wait]] = {
    **{(Phase.STREAM, signal): step for signal, step in _LISTING.items()},
    # A server that has not heard of streaming lists ends none, and what cuts long answers may let short ones through.
    (Phase.STREAM, Signal.ENDED): (Phase.LIST, Wait.BACKOFF),
    (Phase.STREAM, Signal.UNFINISHED): (Phase.LIST, Wait.BACKOFF),
    **{(Phase.LIST, signal): step for signal, step in _LISTING.items()},
    **{(Phase.WATCH, signal): step for signal, step in _WATCHING.items()},
}


class Plan(msgspec.Struct, frozen=True):
    """The next phase and the seconds to wait before it."""

    phase: Phase
    delay: float


class ReflectorMachine:
    """Follows the table. `streaming` is given up for good once the server refuses streaming lists."""

    def __init__(self, *, streaming: bool = True, backoff: Backoff | None = None) -> None:
        self.streaming: bool = streaming
        self._backoff = backoff or Backoff()
        self._between_brief = Backoff()
        self.restart()

    def restart(self) -> None:
        """Begin with a list, as if nothing had happened yet."""
        self.relist()
        # Whether a resume was too old, and nothing has come since.
        self._expired = False
        self._backoff.reset()
        #: Whether streams are refused again and again: a list in pages does not end that.
        self.refused: bool = False
        #: How many watches in a row were brief.
        self.brief: int = 0

    def relist(self) -> None:
        """List next, after whatever has happened."""
        self.phase: Phase = Phase.STREAM if self.streaming else Phase.LIST

    @property
    def failures(self) -> int:
        """Failures since the last success."""
        return self._backoff.failures

    def progressed(self) -> None:
        """Something came from the server: what fails next is a new trouble."""
        self.refused = False
        self._expired = False
        self._backoff.reset()

    def after(
        self,
        signal: Signal,
        *,
        retry_after: float | None = None,
        productive: bool = True,
        refused: bool = False,
        lasted: float = math.inf,
    ) -> Plan:
        """What to do after a phase ended with `signal`.

        `productive` says whether it had brought anything; `refused`, whether the server said so in so many words; `lasted`,
        how many seconds ago a watch was asked for, or its list was complete.
        """
        pause = self._pause(signal, lasted, productive=productive) if self.phase is Phase.WATCH else 0.0
        follower, wait = TABLE[self.phase, signal]
        if signal is Signal.UNSUPPORTED:
            self.streaming = False
        if refused and signal in _TROUBLE and self.phase in _INSTEAD and self.failures + 1 >= REFUSALS:
            follower, self.refused = _INSTEAD[self.phase], True
        if follower is Phase.STREAM and not self.streaming:
            follower = Phase.LIST
        again = wait is Wait.NONE and not productive and signal not in _NO_TROUBLE
        if signal is Signal.EXPIRED and self.phase is Phase.WATCH and not self._expired:
            # The server is back, and says so: the list that it asks for need not wait as an outage does. Only once.
            self._expired, again = True, False
            self._backoff.reset()
        self.phase = follower or self.phase
        delay = self._backoff.delay() if wait is Wait.BACKOFF or again else 0.0
        return Plan(self.phase, max(delay, pause, retry_after or 0.0))

    def _pause(self, signal: Signal, lasted: float, *, productive: bool) -> float:
        if signal is Signal.POLLED:
            self.brief = 0
        if signal not in _ENDS and not (signal is Signal.BROKEN and productive):
            return 0.0
        self.brief = self.brief + 1 if lasted < BRIEF else 0
        if self.brief < 2:
            self._between_brief.reset()
            return 0.0
        delay = self._between_brief.delay()
        return delay if signal is Signal.EXPIRED else min(delay, LONGEST_AFTER_AN_END)


#: What is in the answer of a server that does not stream lists.
_STREAMING_REFUSALS = ("sendInitialEvents", "RequestWatchProgress", "resourceVersionMatch")


def signal_of(error: FairleadError, phase: Phase) -> Signal:
    """Which signal an error is."""
    if isinstance(error, Gone):
        return Signal.POLLED if any(cause.reason == POLLED for cause in error.status.causes) else Signal.EXPIRED
    if isinstance(error, TooManyRequests):
        return Signal.BUSY
    if phase is Phase.STREAM and isinstance(error, ApiError):
        named = any(word in str(error) for word in _STREAMING_REFUSALS)
        if isinstance(error, Invalid | BadRequest) or (named and error.code >= 400):
            return Signal.UNSUPPORTED
    if isinstance(error, NotFound):
        return Signal.ABSENT
    if isinstance(error, ApiError) and not error.retryable:
        return Signal.REFUSED
    return Signal.BROKEN
