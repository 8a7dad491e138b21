"""Whether a client is well: for the probes of the pod it runs in.

https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from fairlead.informer.informer import Informer

__all__ = ["STALE_SECONDS", "Health", "health_of", "readiness_of"]


#: Seconds without a word of the server after which a cache counts as stale: two bookmarks, and a reconnection.
STALE_SECONDS = 180.0


class Health(msgspec.Struct, frozen=True):
    """True where all is well; else `problems` has a line for each trouble, fit for a probe's answer."""

    problems: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return not self.problems

    def __str__(self) -> str:
        return "\n".join(self.problems) or "ok"


def health_of(informers: Iterable[Informer], *, closed: bool) -> Health:
    """What a restart of the process may cure. A server that is away is no such thing."""
    problems = ["the client is closed"] if closed else []
    problems += [
        f"{informer.identity}: its reflector has failed {informer.crashes} times, and waits to begin anew"
        for informer in informers
        if informer.faulty
    ]
    return Health((*problems, *_stopped(informers)))


def _stopped(informers: Iterable[Informer]) -> Iterator[str]:
    for informer in informers:
        if informer.stopped:
            yield f"{informer.identity}: its reflector was stopped from outside: its task was cancelled"


def readiness_of(informers: Iterable[Informer], missing: Iterable[str], *, stale_after: float, closed: bool) -> Health:
    """What keeps this process from being relied on: caches that are not synced, or that have heard nothing for long."""
    problems = ["the client is closed"] if closed else []
    problems += [*missing, *_stopped(informers)]
    for informer in informers:
        said = informer.reflector.statistics()
        if informer.synced.is_set() and informer.running and said.silent is not None and said.silent > stale_after:
            trouble = f"; last error: {said.last_error}" if said.last_error else ""
            problems.append(f"{informer.identity}: nothing was heard of the server for {said.silent:.0f} s{trouble}")
    return Health(tuple(problems))
