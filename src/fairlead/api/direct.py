"""The uncached client of one type: live reads, watches, and the writes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from typing import Any, Generic, Literal, TypeVar, cast

import msgspec

from fairlead.api.caller import TIMEOUT
from fairlead.api.endpoint import Query
from fairlead.api.listing import decode_list
from fairlead.api.podlogs import Since, check_logs, log_query, text_lines
from fairlead.api.selection import Fields, Labels, selector_query
from fairlead.api.verbs import Writes
from fairlead.api.waiting import wait_for
from fairlead.api.watchstream import BrokenLine, lines
from fairlead.conditions import Condition, Test, exists, started
from fairlead.errors import NotFound, Status, TransportError, from_status, page_said
from fairlead.machinery.names import ObjectKey
from fairlead.machinery.objects import Resource
from fairlead.machinery.validation import check_name
from fairlead.machinery.wire import UNREADABLE, Request, StreamResponse

__all__ = ["Direct", "ResourceList", "WatchEvent"]

R = TypeVar("R", bound=Resource)


class ResourceList(list[R], Generic[R]):
    """Objects of one consistent list, and the resourceVersion that a watch may follow it from."""

    def __init__(self, items: Iterable[R] = (), resource_version: str = "") -> None:
        super().__init__(items)
        self.resource_version = resource_version


class WatchEvent(msgspec.Struct, Generic[R], frozen=True):
    """One event of a watch; of a BOOKMARK's object only the resourceVersion means anything."""

    type: Literal["ADDED", "MODIFIED", "DELETED", "BOOKMARK"]
    object: R


class Direct(Writes[R]):
    """Each call is a request to the server. Raises ApiError with its Status, or TransportError when no answer came."""

    async def get(self, name: str | ObjectKey, namespace: str | None = None) -> R:
        """The object of this name, or of this key. Raises NotFound."""
        return await self.live(*self._endpoint.named(name, namespace))

    async def list(
        self,
        namespace: str | None = None,
        *,
        labels: Labels = None,
        fields: Fields = None,
        resource_version: str | None = None,
        resource_version_match: Literal["Exact", "NotOlderThan"] | None = None,
        page_size: int = 500,
    ) -> ResourceList[R]:
        """All objects of a namespace, or of all, in one consistent list read page by page. Raises Gone if that took too long."""
        found: ResourceList[R] = ResourceList()
        async for page in self.pages(
            namespace, labels=labels, fields=fields, resource_version=resource_version,
            resource_version_match=resource_version_match, page_size=page_size,
        ):  # fmt: skip
            found.extend(page)
            found.resource_version = page.resource_version
        return found

    async def iterate(
        self, namespace: str | None = None, *, labels: Labels = None, fields: Fields = None, page_size: int = 500
    ) -> AsyncGenerator[R, None]:
        """The objects one by one, a page in memory at a time."""
        async for page in self.pages(namespace, labels=labels, fields=fields, page_size=page_size):
            for obj in page:
                yield obj

    async def pages(
        self,
        namespace: str | None = None,
        *,
        labels: Labels = None,
        fields: Fields = None,
        resource_version: str | None = None,
        resource_version_match: Literal["Exact", "NotOlderThan"] | None = None,
        page_size: int = 500,
    ) -> AsyncGenerator[ResourceList[R], None]:
        """The pages of one consistent list."""
        end = self._endpoint
        where = await self._within(namespace)
        query = [*selector_query(labels, fields), ("limit", str(page_size))]
        first = [
            (k, v)
            for k, v in (("resourceVersion", resource_version), ("resourceVersionMatch", resource_version_match))
            if v
        ]
        token = ""
        while True:
            more = [("continue", token)] if token else first
            response = await end.send("GET", "list", "", where, query=[*query, *more], collection=True, safe=True)
            try:
                document = decode_list(response.body)
            except UNREADABLE as error:
                why = page_said(response.body) or f"the answer is not a list: {error}"
                raise TransportError(f"{end.said('list', '', where)}: {why}") from error
            items = (end.read(bytes(item)) for item in document.items or ())
            yield ResourceList(items, document.metadata.resourceVersion)
            token = document.metadata.next
            if not token:
                return

    async def watch(
        self,
        namespace: str | None = None,
        *,
        labels: Labels = None,
        fields: Fields = None,
        resource_version: str | None = None,
        timeout: float | None = None,
        bookmarks: bool = False,
        send_initial_events: bool = False,
    ) -> AsyncGenerator[WatchEvent[R], None]:
        """Changes after `resource_version`, until the server ends the stream, after `timeout` seconds if given.

        An ERROR event is raised as the ApiError it carries: Gone when the version is too old. This is one stream and no
        more; what keeps a copy up to date for ever is `client.cached`.
        """
        end = self._endpoint
        where = await self._within(namespace)
        query = [*selector_query(labels, fields), ("watch", "true")]
        query += [("resourceVersion", resource_version)] if resource_version else []
        query += [("timeoutSeconds", str(int(timeout)))] if timeout is not None else []
        query += [("allowWatchBookmarks", "true")] if bookmarks or send_initial_events else []
        if send_initial_events:
            query += [("sendInitialEvents", "true"), ("resourceVersionMatch", "NotOlderThan")]

        async def ask() -> StreamResponse:
            request = Request("GET", end.path(where), tuple(query), {"accept": "application/json"}, timeout=TIMEOUT)
            return await end.caller.stream(request, end.said("watch", "", where))

        response = await end.found(ask)
        said = end.said("watch", "", where)
        try:
            async for batch in lines(response.body):
                for line in batch:
                    yield self._event(line, said)
        finally:
            await response.body.aclose()

    async def wait_for(
        self,
        name: str | Resource,
        namespace: str | None = None,
        condition: Condition | Test | None = None,
        *,
        timeout: float = 30.0,
    ) -> R | None:
        """Wait until a condition on one object holds, and give the object, or None where it is gone; by a list and a watch.

        `name` may be an object, which is then waited for by its name and namespace. `condition` is one of
        `fairlead.conditions` (by default, that it is there), or a plain function of the object or None. Troubles that may
        pass are waited out, also that the type is not served. Raises ConditionNotMet after `timeout` seconds, with what was
        seen last; ApiError for what does not pass.
        """
        known = name if isinstance(name, Resource) else None
        name, namespace = self._endpoint.named(name, namespace)
        where = await self._place_of(name, namespace)
        said = self._endpoint.said("wait for", name, where)
        condition = condition or exists()
        return await wait_for(self, name, where, condition, started(condition, known), timeout, said)

    # Logs ------------------------------------------------------------------------------------------------------

    async def logs(
        self,
        name: str | Resource,
        namespace: str | None = None,
        *,
        container: str | None = None,
        tail: int | None = None,
        since: Since = None,
        previous: bool = False,
        timestamps: bool = False,
        limit_bytes: int | None = None,
    ) -> str:
        """What a pod's container has written, whole; `name` may be the pod. Of pods alone: others raise InvalidObject.

        `container` may be left out where a pod has only one. `tail`: its last lines; `since`: the last seconds, or a datetime
        with its zone; `previous`: of its run before; `timestamps`: each line after its time; `limit_bytes`: no more than
        that. Bytes that are no UTF-8 are replaced (U+FFFD). Empty where the pod has no node yet. Raises NotFound for the pod,
        BadRequest for a container that has to be named, is not there or has not started, and TransportError where the log has
        not come within 60 seconds: `follow_logs` has no such limit, and does not keep it in memory.
        """
        query = log_query(container, tail, since, limit_bytes, previous=previous, timestamps=timestamps)
        request, said = await self._log_request("get", name, namespace, query, TIMEOUT)
        response = await self._endpoint.caller.call(request, said, safe=True)
        return response.body.decode("utf-8", "replace")

    async def follow_logs(
        self,
        name: str | Resource,
        namespace: str | None = None,
        *,
        container: str | None = None,
        tail: int | None = None,
        since: Since = None,
        timestamps: bool = False,
        limit_bytes: int | None = None,
    ) -> AsyncGenerator[str, None]:
        """The lines that a pod's container has written and writes, as they come, until it ends; the options are `logs`'.

        They come without their ends. No more of them are kept than have been received together, and one of more than 1 MiB
        comes in pieces. Whoever leaves the loop early closes the iterator (`contextlib.aclosing`), which gives the connection
        up. Raises as `logs` does, and TransportError where the connection breaks: it does not begin again by itself.
        """
        query = log_query(container, tail, since, limit_bytes, follow=True, timestamps=timestamps)
        # Without a limit: the answer of a kubelet begins with the container's first line.
        request, said = await self._log_request("follow", name, namespace, query, None)
        response = await self._endpoint.caller.stream(request, said, may_be_empty=True)
        try:
            async for line in text_lines(response.body):
                yield line
        finally:
            await response.body.aclose()

    async def _log_request(
        self, verb: str, name: str | Resource, namespace: str | None, query: Query, timeout: float | None
    ) -> tuple[Request, str]:
        end = self._endpoint
        check_logs(await end.resolved())
        name, namespace = end.named(name, namespace)
        where = await end.where(name, namespace)
        # The log is plain text, and what is wrong with it JSON.
        headers = {"accept": "application/json, */*"}
        request = Request("GET", end.path(where, name, "log"), tuple(query), headers, timeout=timeout)
        container = dict(query).get("container")
        said = end.said(verb, name, where, "log")
        return request, f"{said}, container {container}" if container else said

    async def _place_of(self, name: str, namespace: str | None) -> str:
        try:
            return await self._endpoint.where(name, namespace)
        except NotFound:  # of a kind that is not served yet nothing more is known
            return namespace or self._endpoint.namespace or ""

    def _event(self, line: Any, said: str) -> WatchEvent[R]:
        if isinstance(line, BrokenLine):
            raise TransportError(f"{said}: a line of the stream is no event: {line.data[:100]!r}")
        if line.type == "ERROR":
            raise from_status(Status.from_dict(msgspec.json.decode(bytes(line.object))), said)
        kind = cast('Literal["ADDED", "MODIFIED", "DELETED", "BOOKMARK"]', line.type)
        return WatchEvent(kind, self._endpoint.read(bytes(line.object)))

    async def _within(self, namespace: str | None) -> str:
        end = self._endpoint
        resource_type = await end.resolved()
        if namespace and not resource_type.namespaced:
            # Who names one may know better: without it, objects of all namespaces would come.
            resource_type = await end.again()
        found = namespace or end.namespace or ""
        if found and resource_type.namespaced:
            check_name("Namespace", found)
        return found
