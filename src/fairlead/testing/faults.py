"""Things that go wrong between a client and an in-memory API server, by rule; in process and over HTTP alike.

```python
async with FakeClient() as client:
    client.faults.conflict(verb="update", type=ConfigMap, nth=2)  # the second update only
    client.faults.lose_reply(verb="create", times=1)  # it takes effect, and the client does not learn of it
    client.faults.cut_watches()  # now: informers have to open them again
    with client.faults.lag(ConfigMap):  # watches, and reads that may be old, stand still
        await configs.patch("a", "default", merge={"data": {"x": "2"}})
```

A fault stays until it is closed (it is a context manager too), or has happened `times` times. Several may be for one
request; the one that was made first sees it first. `settle` is not disturbed by faults; while watches are held or lag it
has something to wait for, and times out.
"""

from __future__ import annotations

import builtins
import random
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Unpack

import msgspec

from fairlead.apiserver import statuses
from fairlead.apiserver.router import Target, resolve
from fairlead.apiserver.server import Answering, ApiServer
from fairlead.apiserver.storage import Collection
from fairlead.apiserver.watchcache import Watch
from fairlead.apiserver.wire.answers import refusal_response
from fairlead.machinery.names import ResourceType
from fairlead.machinery.objects import Resource
from fairlead.machinery.wire import ConnectionLost, Request, Response, StreamResponse
from fairlead.testing.fault_rules import Act, Choice, Fault, Hold, Which, type_matcher

__all__ = ["Fault", "Faults", "Hold", "Which"]

_REASONS = {
    400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 409: "Conflict", 410: "Expired",
    422: "Invalid", 429: "TooManyRequests", 500: "InternalError", 503: "ServiceUnavailable", 504: "Timeout",
}  # fmt: skip
_BUSY = "The server has received too many requests and has asked us to try again later"
#: What stands in a watch where a connection, or what is in front of the server, breaks a line.
_GARBAGE = b'{"type":"MODIFIED","object":{"kind":\n'


class Faults:
    """The faults of one server; each method makes one, or does something to its watches at once."""

    def __init__(self, server: ApiServer, *, seed: int = 0) -> None:
        self._server = server
        self._faults: list[Fault] = []
        self._seed = seed
        server.middleware.append(self)

    @classmethod
    def of(cls, server: ApiServer) -> Faults:
        """The faults of this server, whoever asks."""
        return next((layer for layer in server.middleware if isinstance(layer, Faults)), None) or cls(server)

    def seed(self, seed: int) -> None:
        """Start the dice of `probability` afresh."""
        self._random.seed(seed)

    @cached_property
    def _random(self) -> random.Random:
        # Made when it is first thrown: that costs more than all else of a server without faults.
        return random.Random(self._seed)  # noqa: S311 - for faults that can be repeated

    async def __call__(self, request: Request, server: Answering) -> Response | StreamResponse:
        """Answer a request as a middleware of the server does."""
        if not self._faults:
            return await server(request)
        try:
            target = resolve(request, self._server.cluster.registry)
        except statuses.Refusal:
            target = None
        return await self._from(tuple(self._faults), request, target, server)

    async def _from(
        self, faults: tuple[Fault, ...], request: Request, target: Target | None, server: Answering
    ) -> Response | StreamResponse:
        for place, fault in enumerate(faults, start=1):
            if fault.takes(request, target):

                async def others(
                    changed: Request, rest: tuple[Fault, ...] = faults[place:]
                ) -> Response | StreamResponse:
                    return await self._from(rest, changed, target, server)

                return await fault.happen(request, target, others)
        return await server(request)

    # Requests --------------------------------------------------------------------------------------------------

    def refuse(self, **which: Unpack[Which]) -> Fault:
        """The connection breaks before the server acts: TransportError."""

        async def act(request: Request, _target: Target | None, _server: Answering) -> Response | StreamResponse:
            raise ConnectionLost(str(request))

        return self._add("connection refused", act, which)

    def lose_reply(self, **which: Unpack[Which]) -> Fault:
        """The server acts, and the connection breaks before the answer: TransportError."""

        async def act(request: Request, _target: Target | None, server: Answering) -> Response | StreamResponse:
            answer = await server(request)
            if isinstance(answer, StreamResponse):
                await answer.body.aclose()
            raise ConnectionLost(str(request))

        return self._add("reply lost", act, which)

    def fail(
        self, code: int = 500, *, reason: str = "", message: str = "", retry_after: int = 0, **which: Unpack[Which]
    ) -> Fault:
        """The server refuses with this HTTP code, and does nothing. `retry_after` in seconds; 0: it names no time."""
        said = message or "a fault of the test"

        async def act(_request: Request, target: Target | None, _server: Answering) -> Response | StreamResponse:
            if code == 409 and target is not None and not reason and not message:
                return refusal_response(statuses.conflict(target.info.type, target.name))
            details = {"retryAfterSeconds": retry_after} if retry_after else None
            return refusal_response(statuses.failure(code, reason or _REASONS.get(code, ""), said, details))

        return self._add(f"{code} {reason}".rstrip(), act, which)

    def conflict(self, **which: Unpack[Which]) -> Fault:
        """409: the object has been modified; by default for updates."""
        which.setdefault("verb", "update")
        return self.fail(409, **which)

    def too_many_requests(self, retry_after: int = 1, **which: Unpack[Which]) -> Fault:
        """429, to be tried again after so many seconds; 0: no time is named."""
        return self.fail(429, message=_BUSY, retry_after=retry_after, **which)

    def reinitialize(self, type: builtins.type[Resource] | str, *, times: int = 1) -> Fault:
        """As after a change of the type's CRD: its open watches end, and the next `times` requests get 429, to wait a second.

        A real server does so for some seconds, while the type's new storage is being made ready.
        """
        fault = self.fail(429, message="storage is (re)initializing", retry_after=1, type=type, times=times)
        self.cut_watches(type)
        return fault

    def hold(self, **which: Unpack[Which]) -> Hold:
        """Requests wait before the server sees them, until `release`."""
        fault = Hold("held", Choice(which, self._random), self._forget)
        self._faults.append(fault)
        return fault

    # Watches ---------------------------------------------------------------------------------------------------

    def expire(self, **which: Unpack[Which]) -> Fault:
        """A watch that resumes from a version gets 410 in its stream: the version is too old."""

        async def act(request: Request, _target: Target | None, server: Answering) -> Response | StreamResponse:
            resumes = any(key == "resourceVersion" and value not in {"", "0"} for key, value in request.query)
            return await server(_from_version(request, "1") if resumes else request)

        which["verb"] = "watch"
        return self._add("410 on resume", act, which)

    def bookmark_only(self, **which: Unpack[Which]) -> Fault:
        """A watch that is opened gets what there is by then, a bookmark, and its end."""

        async def act(request: Request, _target: Target | None, server: Answering) -> Response | StreamResponse:
            answer = await server(request)
            if isinstance(answer, StreamResponse) and isinstance(answer.body, Watch):
                answer.body.send_bookmark(_shown(answer.body.collection, int(self._server.resource_version)))
                answer.body.end()
            return answer

        which["verb"] = "watch"
        return self._add("bookmark only", act, which)

    def hold_watches(self, type: builtins.type[Resource] | str | None = None) -> Fault:
        """Watches of a type, or all, deliver nothing from now on, also those opened later; until closed, then everything."""
        # Also those that end meanwhile: whoever reads them still has to hear of it.
        held = list(self._watches(_matcher(type)))

        async def act(request: Request, _target: Target | None, server: Answering) -> Response | StreamResponse:
            answer = await server(request)
            if isinstance(answer, StreamResponse) and isinstance(answer.body, Watch):
                held.append(answer.body)
                answer.body.pause()
            return answer

        def ended(fault: Fault) -> None:
            self._forget(fault)
            for watch in held:
                watch.resume()
            held.clear()

        which: Which = {"verb": "watch"} if type is None else {"verb": "watch", "type": type}
        fault = self._add("watches held", act, which, ended)
        for watch in held:
            watch.pause()
        return fault

    def lag(self, type: builtins.type[Resource] | str | None = None) -> Fault:
        """The server is behind for a type, or for all that are in use; until closed.

        Watches stand still, and reads that may be old (`resourceVersion=0`, or not older than some version) get what there
        was. Consistent reads and writes see the present, as with a kube-apiserver whose watch cache is behind etcd.
        """
        collections = self._collections(type)
        for collection in collections:
            collection.lag()

        async def act(request: Request, _target: Target | None, server: Answering) -> Response | StreamResponse:
            return await server(request)

        def ended(fault: Fault) -> None:
            self._forget(fault)
            for collection in collections:
                collection.catch_up()

        return self._add("lag", act, {"when": lambda _: False}, ended)

    def cut_watches(self, type: builtins.type[Resource] | str | None = None, *, clean: bool = True) -> int:
        """End the open watches of a type, or all; `clean` False breaks their connections. Returns how many."""
        return self._each(type, Watch.end if clean else Watch.lose)

    def send_garbage(self, type: builtins.type[Resource] | str | None = None) -> int:
        """Send open watches a line that is no event. Returns how many."""
        return self._each(type, lambda watch: watch.send_raw(_GARBAGE))

    def send_bookmark(self, type: builtins.type[Resource] | str | None = None) -> int:
        """Send open watches that take them a bookmark of the present version. Returns to how many watches."""
        version = int(self._server.resource_version)
        return self._each(type, lambda watch: watch.send_bookmark(_shown(watch.collection, version)))

    def send_error(
        self, code: int = 500, type: builtins.type[Resource] | str | None = None, *, reason: str = "", message: str = ""
    ) -> int:
        """Send open watches an ERROR event, which ends them. Returns how many."""
        refusal = statuses.failure(code, reason or _REASONS.get(code, ""), message or "a fault of the test")
        return self._each(type, lambda watch: watch.send_error(refusal.status))

    def forget_history(self, type: builtins.type[Resource] | str | None = None) -> None:
        """As after a compaction of etcd: watches can only resume from now on, others get 410."""
        for collection in self._collections(type):
            collection.forget_history()

    # Inside ----------------------------------------------------------------------------------------------------

    @property
    def active(self) -> tuple[Fault, ...]:
        """The faults that may still happen, or have to be ended."""
        return tuple(self._faults)

    def clear(self) -> None:
        """End every fault."""
        for fault in tuple(self._faults):
            fault.close()

    def _add(self, what: str, act: Act, which: Which, ended: Callable[[Fault], None] | None = None) -> Fault:
        fault = Fault(what, Choice(which, self._random), act, ended or self._forget)
        self._faults.append(fault)
        return fault

    def _forget(self, fault: Fault) -> None:
        if fault in self._faults:
            self._faults.remove(fault)

    def _each(self, type_: builtins.type[Resource] | str | None, do: Callable[[Watch], object]) -> int:
        chosen = list(self._watches(_matcher(type_)))
        for watch in chosen:
            do(watch)
        return len(chosen)

    def _watches(self, matches: Callable[[ResourceType], bool]) -> Iterator[Watch]:
        for watch in self._server.cluster.watches:
            info = self._server.cluster.info_of(watch.collection)
            if info is not None and matches(info.type):
                yield watch

    def _collections(self, type_: builtins.type[Resource] | str | None) -> list[Collection]:
        cluster = self._server.cluster
        if type_ is not None and not isinstance(type_, str):
            wanted = type_.resource_type
            info = cluster.registry.find(wanted.group, wanted.version, wanted.plural)
            if info is not None:
                cluster.collection(info)  # it is in use from now on
        matches = _matcher(type_)
        found = [(collection, cluster.info_of(collection)) for collection in cluster.storage.collections()]
        return [collection for collection, info in found if info is not None and matches(info.type)]


def _matcher(type_: builtins.type[Resource] | str | None) -> Callable[[ResourceType], bool]:
    return type_matcher(type_) if type_ is not None else lambda _: True


def _shown(collection: Collection, version: int) -> int:
    return version if collection.horizon is None else collection.horizon


def _from_version(request: Request, version: str) -> Request:
    return msgspec.structs.replace(
        request, query=tuple((k, version if k == "resourceVersion" else v) for k, v in request.query)
    )
