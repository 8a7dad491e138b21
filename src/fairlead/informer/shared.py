"""All informers of one client: found by identity, counted, started together, stopped when unused for a grace time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator

from fairlead.errors import ClosedError
from fairlead.informer.identity import Identity
from fairlead.informer.informer import Informer
from fairlead.machinery.objects import Resource

__all__ = ["SharedInformers"]

log: logging.Logger = logging.getLogger("fairlead.informer")

#: Reads an object for a transform.
Factory = Callable[[bytes], Resource]
#: How long an informer without users goes on, so that a component that is replaced does not list again. In seconds.
GRACE_SECONDS = 30.0


class SharedInformers:
    """Informers by identity. The client owns it."""

    def __init__(
        self,
        make: Callable[[Identity, Factory], Informer],
        *,
        follow: Callable[[Informer], None] = lambda _: None,
        ended: Callable[[Informer], None] = lambda _: None,
        grace_seconds: float = GRACE_SECONDS,
    ) -> None:
        self._make = make
        self._follow = follow
        self._ended = ended
        self._grace = grace_seconds
        self._informers: dict[Identity, Informer] = {}
        self._timers: dict[Identity, asyncio.TimerHandle] = {}
        self._ending: set[asyncio.Task[None]] = set()
        # What informers that have ended counted.
        self._errors = 0
        # Code of lambdas that was pointed out.
        self._alike: set[object] = set()
        self._running = self._closed = False

    def __iter__(self) -> Iterator[Informer]:
        return iter(tuple(self._informers.values()))

    @property
    def errors(self) -> int:
        """Lists and watches that failed, ever, of informers that have ended too."""
        return self._errors + sum(informer.reflector.errors for informer in self)

    def acquire(self, identity: Identity, factory: Factory, *, optional: bool = False) -> Informer:
        """The informer of this identity, made if it is not there; `release` it when done.

        One for whose type to be absent is `optional` to a user is told from then on whether it is served.
        """
        if self._closed:
            raise ClosedError(f"the client is closed; no cache of {identity} can be made")
        informer = self._informers.get(identity)
        if informer is None:
            if identity.transform is not None or identity.when is not None:
                self._point_out(identity)
            informer = self._informers[identity] = self._make(identity, factory)
        informer.users += 1
        if self._timers and (timer := self._timers.pop(identity, None)) is not None:
            timer.cancel()
        if optional and informer.delayed is None:
            self._follow(informer)
        if self._running:
            informer.start()
        return informer

    def _point_out(self, identity: Identity) -> None:
        """Say once where two transforms, or conditions, are the same code in two functions: each costs a watch of its own."""
        for what in ("transform", "when"):
            code = getattr(getattr(identity, what), "__code__", None)
            if code is None or code in self._alike:
                continue
            alike = (
                each for each in self._informers
                if each.selection == identity.selection and getattr(getattr(each, what), "__code__", None) == code
            )  # fmt: skip
            if next(alike, None) is not None:
                self._alike.add(code)
                log.warning(
                    "%s is cached twice, for two functions of the same code as %s= (%s, line %d); give one function both "
                    "times, and they share a watch", identity, what, code.co_filename, code.co_firstlineno,
                    extra={"type": str(identity), "function": what, "file": code.co_filename, "line": code.co_firstlineno},
                )  # fmt: skip

    def release(self, informer: Informer) -> None:
        """One user less. An informer without users stops after the grace time."""
        informer.users -= 1
        if informer.users > 0 or self._closed or self._informers.get(informer.identity) is not informer:
            return
        loop = asyncio.get_running_loop()
        self._timers[informer.identity] = loop.call_later(self._grace, self._drop, informer)

    def _drop(self, informer: Informer) -> None:
        self._timers.pop(informer.identity, None)
        if informer.users == 0 and self._informers.get(informer.identity) is informer:
            del self._informers[informer.identity]
            self._errors += informer.reflector.errors
            self._ended(informer)
            task = asyncio.get_running_loop().create_task(informer.close(), name=f"ending {informer.identity}")
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    def start(self) -> None:
        """Start every informer asked for so far, and from now on each as it is asked for."""
        self._running = True
        for informer in self:
            informer.start()

    async def close(self) -> None:
        """End all of them; idempotent."""
        self._closed = True
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        await asyncio.gather(*(informer.close() for informer in self), *self._ending)
        self._informers.clear()
