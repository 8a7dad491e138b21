"""The subresources of pods that a kubelet answers: log, exec, attach, portforward."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import partial

from fairlead.apiserver import statuses
from fairlead.apiserver.documents import Document, part
from fairlead.apiserver.kubelet import channels, forwards
from fairlead.apiserver.kubelet.locations import Location, container_of, locate
from fairlead.apiserver.kubelet.logs import Following, LogOptions
from fairlead.apiserver.kubelet.scripts import Pods
from fairlead.apiserver.kubelet.sessions import Exec, ExecFunction, end_of, failed
from fairlead.apiserver.requests import boolean
from fairlead.apiserver.router import Target
from fairlead.apiserver.storage import Collection, Event
from fairlead.apiserver.verbs import Verbs
from fairlead.machinery.wire import Pipe, Request, Response, StreamResponse, Upgrade

__all__ = ["Kubelets"]

_PLAIN = {"content-type": "text/plain", "cache-control": "no-cache, private"}
_STREAMS = ("stdin", "stdout", "stderr", "tty")
#: As kubelets call them.
_STREAM_NAMES = ("input", "output", "error", "tty")
_WEBSOCKET, _SPDY = "websocket", "SPDY/3.1"


class Kubelets:
    """Answers what is asked of pods' nodes: by what a test says, else as where no kubelet can be reached."""

    def __init__(self, verbs: Verbs) -> None:
        self._cluster = verbs.cluster
        self.pods: Pods = Pods(verbs.cluster.now)
        self._followings: dict[Following, str] = {}
        self._sessions: set[asyncio.Task[None]] = set()
        verbs.cluster.storage.listen(self._follow_deletions, also=["DELETED"])

    def close(self) -> None:
        """End what is open."""
        for following in tuple(self._followings):
            following.end()
        for session in self._sessions:
            session.cancel()

    def _follow_deletions(self, collection: Collection, event: Event) -> None:
        if event.type == "DELETED" and self._followings and (collection.group, collection.plural) == ("", "pods"):
            for following, uid in tuple(self._followings.items()):
                if uid == event.entry.uid:
                    following.end()

    def _pod(self, target: Target) -> Document:
        entry = self._cluster.collection(target.info).get(target.namespace, target.name)
        if entry is None:
            raise statuses.not_found(target.info.type, target.name)
        return entry.decode()

    # -- logs

    def log(self, target: Target, request: Request) -> Response | StreamResponse:
        """The log of a container. Raises Refusal."""
        options = LogOptions.parse(request, target.name, self._cluster.now())
        pod = self._pod(target)
        container = container_of(pod, options.container)
        found = self.pods.log_of(pod, container, previous=options.previous)
        if found is None:
            return self._no_log(target, pod, container, options, request)
        if not options.follow or options.previous:
            data, _ = found.read(options)
            return Response(200, _PLAIN, data if options.limit is None else data[: options.limit])
        following = Following(found, options, self._forget)
        self._followings[following] = pod["metadata"].get("uid", "")
        return StreamResponse(200, _PLAIN, following)

    def _forget(self, following: Following) -> None:
        self._followings.pop(following, None)

    def _no_log(self, target: Target, pod: Document, container: str, options: LogOptions, request: Request) -> Response:
        """Nothing was said about this log."""
        name = pod["metadata"]["name"]
        if self.pods.logs_something(pod):
            if options.previous:
                why = f'previous terminated container "{container}" in pod "{name}" not found'
            else:
                why = f'container "{container}" in pod "{name}" is waiting to start: ContainerCreating'
            raise statuses.bad_request(why)
        if not part(pod, "spec").get("nodeName"):
            return Response(204, {"cache-control": "no-cache, private"}, b"")
        location = locate(self._cluster, target.info.type, pod)
        path = f"/containerLogs/{target.namespace}/{name}/{container}"
        query = [(key, value) for key, value in request.query if key not in {"container", "pretty"}]
        raise location.unread(path, query)

    # -- connections

    def exec(self, target: Target, request: Request) -> Response:
        """Run a command in a container. Raises Refusal."""
        return self._session(target, request, attaches=False)

    def attach(self, target: Target, request: Request) -> Response:
        """Attach to what runs in a container. Raises Refusal."""
        return self._session(target, request, attaches=True)

    def _session(self, target: Target, request: Request, *, attaches: bool) -> Response:
        query = dict(reversed(request.query))
        pod = self._pod(target)
        container = container_of(pod, query.get("container", ""))
        function = self.pods.exec_of(pod, container, attaches=attaches)
        location = None if function is not None else self._location(target, pod)
        kind = _upgrade(request)
        flags = [bool(boolean(query, name)) for name in _STREAMS]
        command = () if attaches else tuple(value for key, value in request.query if key == "command")
        if location is None and not any(flags[:3]):
            raise statuses.bad_request("you must specify at least 1 of stdin, stdout, stderr")
        offered = _offered(request, kind)
        known = channels.WEBSOCKET_PROTOCOLS if kind == _WEBSOCKET else channels.SPDY_PROTOCOLS
        unreachable = ""
        if location is not None:
            if kind != _WEBSOCKET or "v5.channel.k8s.io" not in offered:
                raise statuses.failure(500, "", location.undialled)
            # Of this protocol the server speaks its half before it turns to the kubelet.
            path = f"/{'attach' if attaches else 'exec'}/{target.namespace}/{target.name}/{container}"
            asked = [(name, "1") for name, flag in zip(_STREAM_NAMES, flags, strict=True) if flag]
            unreachable = location.unsent(path, [*asked, *(("command", word) for word in command)])
        protocol = _first(offered, known)
        if protocol is None:
            return _no_protocol(kind, known)
        hold = channels.over_websocket if kind == _WEBSOCKET else channels.over_spdy
        run = partial(_ended, function, unreachable)
        session = partial(Exec, pod, container, command)
        return self._upgraded(
            kind, protocol, lambda pipe: hold(pipe, protocol, channels.Wanted(*flags), session(), run)
        )

    def forward(self, target: Target, request: Request) -> Response:
        """Forward ports of a pod. Raises Refusal."""
        ports = _ports(request)
        pod = self._pod(target)
        location = None if self.pods.forwards_something(pod) else self._location(target, pod)
        kind = _upgrade(request)
        if location is not None:
            raise statuses.failure(500, "", location.undialled)
        offered = _offered(request, kind)
        if kind == _SPDY or forwards.TUNNEL_PROTOCOL in offered:
            protocol = _first(offered, (forwards.SPDY_PROTOCOL, forwards.TUNNEL_PROTOCOL))
            if protocol is None:
                return _no_protocol(kind, (forwards.SPDY_PROTOCOL,))
            return self._upgraded(kind, protocol, lambda pipe: forwards.over_streams(pipe, self.pods, pod))
        protocol = _first(offered, forwards.CHANNEL_PROTOCOLS)
        if protocol is None:
            return _no_protocol(kind, forwards.CHANNEL_PROTOCOLS)
        if not ports:
            raise statuses.bad_request('query parameter "port" is required')
        return self._upgraded(
            kind, protocol, lambda pipe: forwards.over_channels(pipe, protocol, ports, self.pods, pod)
        )

    def _location(self, target: Target, pod: Document) -> Location:
        """Where the kubelet of a pod is that nothing plays. Raises Refusal where nobody can know."""
        if not part(pod, "spec").get("nodeName"):
            raise statuses.bad_request(f"pod {target.name} does not have a host assigned")
        return locate(self._cluster, target.info.type, pod)

    def _upgraded(self, kind: str, protocol: str, talk: Callable[[Pipe], Awaitable[None]]) -> Upgrade:
        name = "sec-websocket-protocol" if kind == _WEBSOCKET else "x-stream-protocol-version"
        headers = {"connection": "Upgrade", "upgrade": kind, **({name: protocol} if protocol else {})}
        return Upgrade(101, headers, b"", partial(self._owned, talk))

    async def _owned(self, talk: Callable[[Pipe], Awaitable[None]], pipe: Pipe) -> None:
        """Speak in a task that ends with the server."""
        task = asyncio.ensure_future(_spoken(talk, pipe))
        self._sessions.add(task)
        try:
            await asyncio.wait([task])
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            self._sessions.discard(task)


async def _spoken(talk: Callable[[Pipe], Awaitable[None]], pipe: Pipe) -> None:
    await talk(pipe)


async def _ended(function: ExecFunction | None, unreachable: str, session: Exec) -> dict[str, object]:
    return failed(unreachable) if function is None else await end_of(session, function)


def _upgrade(request: Request) -> str:
    """What the client wants the connection to become. Raises Refusal (400) where it wants nothing that there is."""
    wanted = request.headers.get("upgrade", "").lower()
    if "upgrade" in request.headers.get("connection", "").lower():
        for kind in (_WEBSOCKET, _SPDY):
            if wanted == kind.lower():
                return kind
    raise statuses.bad_request("Upgrade request required")


def _offered(request: Request, kind: str) -> list[str]:
    """The protocols that a client speaks, its favourite first."""
    name = "sec-websocket-protocol" if kind == _WEBSOCKET else "x-stream-protocol-version"
    return [text.strip() for text in request.headers.get(name, "").split(",") if text.strip()]


def _first(offered: Iterable[str], known: Iterable[str]) -> str | None:
    """The first that both know; a client that names none speaks the one that has no name."""
    listed = list(offered)
    if not listed:
        return ""
    found = set(known)
    return next((name for name in listed if name in found), None)


def _no_protocol(kind: str, known: Iterable[str]) -> Response:
    headers = {} if kind == _WEBSOCKET else {"x-accepted-stream-protocol-versions": ",".join(known)}
    return Response(403, {"content-type": "text/plain; charset=utf-8", **headers}, b"")


def _ports(request: Request) -> list[int]:
    found: list[int] = []
    for key, value in request.query:
        if key != "ports":
            continue
        for text in value.split(","):
            if not (text.isascii() and text.isdigit()):
                why = f"strconv.ParseUint: parsing {statuses.quoted(text)}: invalid syntax"
                raise statuses.bad_request(f"cannot convert to []int32: {why}")
            found.append(int(text))
    return found
