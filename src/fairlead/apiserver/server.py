"""The in-memory API server: requests in, answers out, no sockets.

What it answers follows kube-apiserver 1.37: https://kubernetes.io/docs/reference/using-api/api-concepts/
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

import msgspec

from fairlead.apiserver import router, statuses
from fairlead.apiserver.access.who import Access, User, acting, present_user
from fairlead.apiserver.cluster import Cluster, Converter
from fairlead.apiserver.collector import Collector
from fairlead.apiserver.crds.customresources import CustomResources
from fairlead.apiserver.described import discovery
from fairlead.apiserver.described.zpages import ZPages
from fairlead.apiserver.kubelet.scripts import Pods
from fairlead.apiserver.loading import load
from fairlead.apiserver.namespaces import Namespaces
from fairlead.apiserver.protection import Protection
from fairlead.apiserver.quotas.controller import QuotaController
from fairlead.apiserver.subresources import Subresources
from fairlead.apiserver.verbs import Verbs
from fairlead.apiserver.webhooks import Mutating, Operation, Validating
from fairlead.apiserver.wire.answers import as_yaml, refusal_response, text_response, warned
from fairlead.apiserver.wire.negotiation import wants_yaml
from fairlead.errors import ConfigError
from fairlead.machinery.wire import Request, Response, StreamResponse

__all__ = ["Answering", "ApiServer", "Middleware", "Observer"]

_log = logging.getLogger(__name__)

#: Told of every request and its answer.
Observer = Callable[[Request, Response | StreamResponse], None]
#: The rest of the server, as a Middleware sees it.
Answering = Callable[[Request], Awaitable[Response | StreamResponse]]
#: Stands before the server: may wait, change the request or the answer, answer itself, or raise ConnectionLost.
Middleware = Callable[[Request, Answering], Awaitable[Response | StreamResponse]]

_ONLY_JSON = ("/version", "/openapi/")
_SETTLE_TURNS = 10_000
#: Feature gates of the release that are off by default, and that this server has.
FEATURES = frozenset({"ShardedListAndWatch"})


def _known_gates(names: Iterable[str]) -> frozenset[str]:
    gates = frozenset(names)
    unknown = sorted(gates - FEATURES)
    if unknown:
        known = ", ".join(sorted(FEATURES))
        raise ConfigError(f"feature gate {', '.join(unknown)}: this server has only {known}; leave the others out")
    return gates


class ApiServer:
    """An API server in this process. Belongs to the event loop that uses it first; not for several threads.

    `garbage_collection` False leaves dependents of deleted objects alone; `namespace_controller` False leaves deleted
    namespaces as they are, as a kube-apiserver without controllers does; `quota_controller` False leaves the status of
    ResourceQuotas, by which they are enforced, to others; `protection_controller` False leaves deleted claims and volumes
    their finalizers, also where nothing uses them. `history` is the number of changes per resource that watches can go
    back; `clock` gives the time of writes. With `tokens` (token → user, or the name of one) requests need one of them as
    bearer token, or a client certificate; without, every request is trusted. `runtime_config` names built-in versions to
    serve beside the stable ones: "api/all", "api/beta", "api/alpha" or a group version (`resource.k8s.io/v1beta1`).
    `feature_gates` are those of FEATURES that are on; they are off by default, as in the release. Raises ConfigError for
    another.
    """

    def __init__(
        self,
        *,
        garbage_collection: bool = True,
        namespace_controller: bool = True,
        quota_controller: bool = True,
        protection_controller: bool = True,
        history: int = 10_000,
        clock: Callable[[], datetime] | None = None,
        tokens: Mapping[str, str | User] | None = None,
        feature_gates: Iterable[str] = (),
        runtime_config: Iterable[str] = (),
    ) -> None:
        gates = _known_gates(feature_gates)
        self.observers: list[Observer] = []
        #: The first one is the outermost.
        self.middleware: list[Middleware] = []
        self.cluster: Cluster = Cluster(
            history=history, clock=clock, sharded="ShardedListAndWatch" in gates, runtime_config=runtime_config
        )
        self.access: Access = Access(tokens or {})
        self._verbs = Verbs(self.cluster)
        self._subresources = Subresources(self._verbs, self.access)
        self._custom = CustomResources(self.cluster, self._verbs)
        self._verbs.creation_checks.append(self._custom.refuse_if_terminating)
        self._namespaces = Namespaces(self.cluster, self._verbs, active=namespace_controller)
        self._collector = Collector(self.cluster, self._verbs) if garbage_collection else None
        if quota_controller:
            self._verbs.writer.quotas.refresh = QuotaController(self.cluster).refresh
        if protection_controller:
            Protection(self.cluster)
        self._namespaces.make_initial()
        self._zpages = ZPages(self.cluster.now)
        self._closed = False

    @property
    def converters(self) -> dict[str, Converter]:
        """What stands for conversion webhooks, by the names of their CRDs (`widgets.example.com`).

        A converter is given an object and the apiVersion that is asked for, and returns the object in that version;
        what it raises is the failure of the webhook. Without one, only the apiVersion changes (strategy None).
        """
        return self.cluster.converters

    @property
    def pods(self) -> Pods:
        """What the containers of pods log, and how they answer exec, attach and port-forward: a test says it here."""
        return self._subresources.kubelets.pods

    @property
    def resource_version(self) -> str:
        """The version of the last write."""
        return str(self.cluster.storage.version)

    async def handle(self, request: Request, *, peer: User | None = None) -> Response | StreamResponse:
        """Answer a request; a StreamResponse's body must be closed.

        `peer` is whom the client certificate of the request's connection names. A header that was sent several times
        has its values on lines of their own. Never raises for what is in the request; ConnectionLost where a middleware
        breaks the connection off.
        """
        if self.middleware:
            answer = await self._through(tuple(self.middleware), peer, request)
        else:
            answer = await self._answered(request, peer)
        for observer in self.observers:
            observer(request, answer)
        return answer

    async def undisturbed(self, request: Request) -> Response | StreamResponse:
        """As `handle`, but past every middleware and observer: for what looks at the server from outside the test."""
        return await self._through((), None, request)

    def load(self, objects: Iterable[Mapping[str, Any]]) -> None:
        """Put objects in at once: CRDs first, missing namespaces made. Given uids stay; resourceVersions are new.

        Raises InvalidObject, naming the object, for what the server would refuse, and for fields that a type does not have.
        """
        load(self.cluster, self._verbs, self._custom, objects)

    def mutating(
        self,
        name: str,
        function: Mutating,
        *,
        kinds: Iterable[str] = (),
        operations: Iterable[Operation] = ("CREATE", "UPDATE"),
        subresources: bool = False,
    ) -> None:
        """Have a plain function change objects before they are checked and stored, as a mutating webhook does.

        It gets an AdmissionRequest and changes its `object`, or returns another; it refuses by raising AdmissionDenied.
        `kinds` are those that it is asked about (none: all).
        https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
        """
        self._verbs.writer.webhooks.add(
            name, function, mutates=True, kinds=kinds, operations=operations, subresources=subresources
        )

    def validating(
        self,
        name: str,
        function: Validating,
        *,
        kinds: Iterable[str] = (),
        operations: Iterable[Operation] = ("CREATE", "UPDATE"),
        subresources: bool = False,
    ) -> None:
        """Have a plain function look at every write before it is stored; it refuses by raising AdmissionDenied.

        As `mutating`, but what it does to the object changes nothing; with "DELETE" among its operations it sees those too.
        """
        self._verbs.writer.webhooks.add(
            name, function, mutates=False, kinds=kinds, operations=operations, subresources=subresources
        )

    def bookmark_now(self) -> None:
        """Send a bookmark to every watch that takes them and has not seen the present version."""
        self.cluster.watches.bookmark()

    async def settle(self) -> None:
        """Return when no background work is waiting and every open watch has been read to its end."""
        for _ in range(_SETTLE_TURNS):
            self.cluster.work()
            if self.cluster.watches.idle and self.cluster.idle:
                return
            await asyncio.sleep(0)

    async def close(self) -> None:
        """End every watch, followed log and session. Idempotent."""
        self._closed = True
        self.cluster.watches.close()
        self._subresources.kubelets.close()

    async def _through(
        self, layers: tuple[Middleware, ...], peer: User | None, request: Request
    ) -> Response | StreamResponse:
        if layers:
            return await layers[0](request, partial(self._through, layers[1:], peer))
        return await self._answered(request, peer)

    async def _answered(self, request: Request, peer: User | None) -> Response | StreamResponse:
        refused = True
        try:
            self._check_open()
            user = self.access.user(request, peer)
            if user is present_user():
                answer = await self._routed(request)
            else:
                with acting(user):
                    answer = await self._routed(request)
            refused = False
        except statuses.Refusal as refusal:
            answer = refusal_response(refusal)
        except Exception as error:  # a fault here must not end the server: it is answered and logged
            _log.exception("%s failed", request)
            answer = refusal_response(statuses.internal(f"{type(error).__name__}: {error}"))
        self.cluster.schedule()
        accept = request.headers.get("accept", "")
        if not accept or not isinstance(answer, Response) or not wants_yaml(accept, plain=refused):
            return answer
        only_json = request.path in {"/", "/index.html"} or request.path.startswith(_ONLY_JSON)
        return as_yaml(answer) if refused or not only_json else answer

    async def _routed(self, request: Request) -> Response | StreamResponse:
        target = router.resolve(request, self.cluster.registry)
        if target is not None:
            return await (self._warned if target.info.deprecation else self._served)(target, request)
        found = self._zpages.respond(request)
        if found is None and "//" not in request.path:
            found = discovery.respond(request, self.cluster.registry)
        if found is None and request.path.startswith("/openapi/"):
            from fairlead.apiserver.described import openapi  # noqa: PLC0415 - large, and only few clients ask

            found = openapi.respond(request, self.cluster.registry)
        return found or self._not_served(request)

    async def _served(self, target: router.Target, request: Request) -> Response | StreamResponse:
        answer = self._subresources.answer(target, request)
        return answer if answer is not None else await self._verbs.answer(target, request)

    async def _warned(self, target: router.Target, request: Request) -> Response | StreamResponse:
        """The answer about a deprecated type or version, which says so, refusals too."""
        text = target.info.deprecation
        try:
            answer = await self._served(target, request)
        except statuses.Refusal as refusal:
            refusal.warnings.insert(0, text)
            raise
        return msgspec.structs.replace(answer, headers=warned(answer.headers, text, first=True))

    def _not_served(self, request: Request) -> Response:
        """Built-in groups answer for paths that they do not have with a Status, all others in plain text."""
        _, root, group, *_ = [*request.path.split("/"), "", "", ""]
        groups = {name for name, _ in self.cluster.registry.builtin_group_versions if name}
        if root == "api" or (root == "apis" and group in groups):
            return refusal_response(
                statuses.failure(404, "NotFound", "the server could not find the requested resource", {})
            )
        return text_response(404, "404 page not found\n")

    def _check_open(self) -> None:
        if self._closed:
            raise statuses.failure(503, "ServiceUnavailable", "the server is shutting down", {})
