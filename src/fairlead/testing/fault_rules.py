"""One fault at an in-memory server: which requests it is for, and when it ends."""

from __future__ import annotations

import asyncio
import builtins
import random
from collections.abc import Awaitable, Callable, Iterable
from types import TracebackType
from typing import Self, TypedDict

from fairlead.apiserver.router import Target
from fairlead.apiserver.server import Answering
from fairlead.errors import NotSynced
from fairlead.machinery.names import ResourceType
from fairlead.machinery.objects import Resource
from fairlead.machinery.wire import Request, Response, StreamResponse

__all__ = ["Act", "Choice", "Fault", "Hold", "Which", "type_matcher"]

#: What is done to a request that a fault is for; it may ask the rest of the server.
Act = Callable[[Request, Target | None, Answering], Awaitable[Response | StreamResponse]]

VERBS = frozenset({"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"})


class Which(TypedDict, total=False):
    """Which requests a fault is for; what is left out does not matter. Requests are counted once all else fits."""

    #: As RBAC names them: get, list, watch, create, update, patch (apply too), delete, deletecollection; one or several.
    verb: str | Iterable[str]
    #: A class; or a kind or plural, with its group if need be: `Deployment`, `deployments.apps`.
    type: builtins.type[Resource] | str
    name: str
    namespace: str
    #: `status`, `scale` …; an empty one means the object itself.
    subresource: str
    #: A further condition on the request itself.
    when: Callable[[Request], bool]
    #: Only the n-th of these requests, counted from 1.
    nth: int
    #: The fault ends by itself after so many.
    times: int
    #: How likely each of these requests is hit, from 0 to 1; by the seed of `Faults`.
    probability: float


def type_matcher(wanted: builtins.type[Resource] | str) -> Callable[[ResourceType], bool]:
    """Whether a resource is the one that a class, a kind or a plural names."""
    if not isinstance(wanted, str):
        group, plural = wanted.resource_type.group, wanted.resource_type.plural
        return lambda found: (found.group, found.plural) == (group, plural)
    said = wanted.lower()

    def matches(found: ResourceType) -> bool:
        return said in {n.lower() for name in (found.plural, found.kind) for n in (name, f"{name}.{found.group}")}

    return matches


class Choice:
    """Decides for each request whether a fault is for it, and counts."""

    def __init__(self, which: Which, chance: random.Random) -> None:
        verb = which.get("verb")
        self._verbs = None if verb is None else frozenset([verb] if isinstance(verb, str) else verb)
        if self._verbs is not None and not self._verbs <= VERBS:
            unknown = ", ".join(sorted(self._verbs - VERBS))
            raise ValueError(f"a fault for verb {unknown}: choose from {', '.join(sorted(VERBS))}")
        if which.get("nth", 1) < 1 or which.get("times", 1) < 1:
            raise ValueError("a fault's nth and times count from 1")
        self._type = type_matcher(which["type"]) if "type" in which else None
        names = {
            "name": which.get("name"),
            "namespace": which.get("namespace"),
            "subresource": which.get("subresource"),
        }
        self._names = {key: value for key, value in names.items() if value is not None}
        self._when = which.get("when")
        self._nth = which.get("nth")
        self._times = 1 if self._nth is not None else which.get("times")
        self._probability = which.get("probability", 1.0)
        self._chance = chance
        #: How many requests were of the kind wanted, and how many of them were hit.
        self.matched: int = 0
        self.fired: int = 0

    @property
    def spent(self) -> bool:
        """Whether no further request will be hit."""
        return self._times is not None and self.fired >= self._times

    def takes(self, request: Request, target: Target | None) -> bool:
        """Whether the fault is to happen to this request."""
        if self.spent or not self._fits(request, target):
            return False
        self.matched += 1
        if self._nth is not None and self.matched != self._nth:
            return False
        if self._probability < 1.0 and self._chance.random() >= self._probability:
            return False
        self.fired += 1
        return True

    def _fits(self, request: Request, target: Target | None) -> bool:
        if target is None:
            if self._verbs is not None or self._type is not None or self._names:
                return False
        elif not self._fits_target(target):
            return False
        return self._when is None or self._when(request)

    def _fits_target(self, target: Target) -> bool:
        if self._verbs is not None and target.verb not in self._verbs:
            return False
        if self._type is not None and not self._type(target.info.type):
            return False
        return all(getattr(target, key) == value for key, value in self._names.items())


class Fault:
    """Something that goes wrong from now on. Ends with `close()`, or as a context manager, or with its `times`."""

    def __init__(self, what: str, choice: Choice, act: Act, ended: Callable[[Fault], None]) -> None:
        self.what = what
        self._choice = choice
        self._act = act
        self._ended = ended
        self._closed = False

    def takes(self, request: Request, target: Target | None) -> bool:
        """Whether it is to happen to this request; counts."""
        return not self._closed and self._choice.takes(request, target)

    async def happen(self, request: Request, target: Target | None, server: Answering) -> Response | StreamResponse:
        """Let it happen to a request."""
        return await self._act(request, target, server)

    @property
    def matched(self) -> int:
        """How many requests it was for, hit or not."""
        return self._choice.matched

    @property
    def fired(self) -> int:
        """How many requests it has hit."""
        return self._choice.fired

    @property
    def closed(self) -> bool:
        """Whether it happens no more."""
        return self._closed or self._choice.spent

    def close(self) -> None:
        """Let it happen no more. Idempotent."""
        if not self._closed:
            self._closed = True
            self._ended(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Fault {self.what}: {self.fired} of {self.matched} requests hit{', closed' if self.closed else ''}>"


class Hold(Fault):
    """Keeps requests waiting, before the server sees them, until `release`."""

    def __init__(self, what: str, choice: Choice, ended: Callable[[Fault], None]) -> None:
        super().__init__(what, choice, self._hold, ended)
        self._released = asyncio.Event()
        self._changed = asyncio.Event()
        self._held = 0

    async def _hold(self, request: Request, target: Target | None, server: Answering) -> Response | StreamResponse:
        del target
        self._held += 1
        self._changed.set()
        try:
            await self._released.wait()
        finally:
            self._held -= 1
        return await server(request)

    @property
    def held(self) -> int:
        """How many requests wait now."""
        return self._held

    async def reached(self, count: int = 1, *, timeout: float = 10.0) -> None:
        """Return once `count` requests wait. Raises NotSynced after `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):
                while self._held < count:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise NotSynced(f"{self.what}: {self._held} of {count} requests came in {timeout:g} s") from None

    def release(self) -> None:
        """Let everything go on, and hold nothing more. Idempotent."""
        self.close()

    def close(self) -> None:
        """As `release`."""
        self._released.set()
        super().close()
