"""What a client gives access to: cached views, uncached clients, and types that functions of the user's own serve."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, TypeVar, overload

from fairlead.api.direct import Direct, WatchEvent
from fairlead.api.endpoint import Endpoint
from fairlead.api.selection import POLL_SECONDS, Fields, Labels, Selected
from fairlead.client.cached import Cached
from fairlead.client.catalog import Catalog, TypeName, factory, parser
from fairlead.client.options import CacheOptions, NamespaceOptions, Namespaces, namespaces_of
from fairlead.client.reading import readers
from fairlead.client.registered import RegisteredType
from fairlead.client.services import ViewServices
from fairlead.conditions import Condition, Test
from fairlead.errors import InvalidObject
from fairlead.informer.identity import Identity
from fairlead.informer.shared import SharedInformers
from fairlead.informer.source import Selection
from fairlead.machinery.callables import check_plain
from fairlead.machinery.dynamic import DynamicResource, PartialObject
from fairlead.machinery.names import GroupVersionKind, ResourceType
from fairlead.machinery.objects import Resource
from fairlead.machinery.selectors import to_field_selector, to_label_selector

__all__ = ["NO_OPTIONS", "Views"]

R = TypeVar("R", bound=Resource)
V = TypeVar("V")


class Views(ABC):
    """The part of a client that makes views and direct clients; the client sets what stands here."""

    #: The namespaces that views are restricted to; empty for all.
    namespaces: tuple[str, ...]
    #: The one namespace that views and verbs are restricted to, if it is one.
    namespace: str | None
    field_manager: str
    _catalog: Catalog
    _informers: SharedInformers
    _options: Mapping[GroupVersionKind, CacheOptions]
    _views: list[Cached[Any, Any]]
    _services: ViewServices

    @abstractmethod
    def _check_open(self, what: str) -> None:
        """Raises ClosedError once the client is closed."""

    @abstractmethod
    def _wrote(self, resource_type: ResourceType, data: bytes | None, key: str, uid: str) -> None:
        """An own write took effect."""

    @overload
    def cached(
        self,
        type: type[R],
        /,
        *,
        namespace: Namespaces = None,
        labels: Labels = None,
        fields: Fields = None,
        filter: Callable[[R], bool] | None = None,
        optional: bool = False,
        keep_managed_fields: bool = False,
    ) -> Cached[R, R]: ...
    @overload
    def cached(
        self,
        type: type[R],
        /,
        *,
        transform: Callable[[R], V],
        namespace: Namespaces = None,
        labels: Labels = None,
        fields: Fields = None,
        filter: Callable[[V], bool] | None = None,
        optional: bool = False,
        keep_managed_fields: bool = False,
    ) -> Cached[R, V]: ...
    @overload
    def cached(
        self,
        api_version: str,
        kind: str,
        /,
        *,
        namespace: Namespaces = None,
        labels: Labels = None,
        fields: Fields = None,
        filter: Callable[[DynamicResource], bool] | None = None,
        transform: Callable[[DynamicResource], Any] | None = None,
        optional: bool = False,
        keep_managed_fields: bool = False,
    ) -> Cached[DynamicResource, DynamicResource]: ...
    def cached(
        self,
        type: type[Resource] | str,
        kind: str | None = None,
        /,
        *,
        namespace: Namespaces = None,
        labels: Labels = None,
        fields: Fields = None,
        filter: Callable[[Any], bool] | None = None,
        transform: Callable[[Any], Any] | None = None,
        optional: bool = False,
        keep_managed_fields: bool = False,
    ) -> Cached[Any, Any]:
        """A cached view: `get` and `list` that cannot fail, handlers, indexes and writes. Views alike share one watch.

        `namespace` is one, several (a watch each, read as one), or the empty string for all, whatever the client's own is.
        `labels` and `fields` are the server's selectors; `filter` is a predicate on what reads and handlers give, evaluated
        here. `transform` makes what is stored smaller, or another type. Raises ClosedError, InvalidSelector, and InvalidObject
        for an `async def` function.
        """
        return self._view(
            type,
            kind,
            namespace,
            labels,
            fields,
            filter,
            transform=transform,
            optional=optional,
            keep=keep_managed_fields,
        )

    @overload
    def delayed(
        self,
        type: type[R],
        /,
        *,
        when: Callable[[DynamicResource], bool] | None = None,
        namespace: Namespaces = None,
        labels: Labels = None,
        fields: Fields = None,
        filter: Callable[[R], bool] | None = None,
    ) -> Cached[R, R]: ...
    @overload
    def delayed(
        self,
        api_version: str,
        kind: str,
        /,
        *,
        when: Callable[[DynamicResource], bool] | None = None,
        namespace: Namespaces = None,
        labels: Labels = None,
        fields: Fields = None,
        filter: Callable[[DynamicResource], bool] | None = None,
    ) -> Cached[DynamicResource, DynamicResource]: ...
    def delayed(
        self,
        type: type[Resource] | str,
        kind: str | None = None,
        /,
        *,
        when: Callable[[DynamicResource], bool] | None = None,
        namespace: Namespaces = None,
        labels: Labels = None,
        fields: Fields = None,
        filter: Callable[[Any], bool] | None = None,
    ) -> Cached[Any, Any]:
        """A cached view of a type that may not be served: empty until its CRD is established, and again when it goes.

        `when` is a further condition on the CRD, such as a minimum version in an annotation. Raises as `cached` does.
        """
        return self._view(type, kind, namespace, labels, fields, filter, optional=True, when=when)

    def metadata(
        self,
        type: type[Resource] | str,
        kind: str | None = None,
        /,
        *,
        namespace: Namespaces = None,
        labels: Labels = None,
        fields: Fields = None,
        filter: Callable[[PartialObject], bool] | None = None,
        optional: bool = False,
    ) -> Cached[Any, PartialObject]:
        """A cached view of objects' metadata alone; the server sends nothing else. Raises as `cached` does."""
        return self._view(type, kind, namespace, labels, fields, filter, optional=optional, metadata_only=True)

    def _view(
        self,
        type_: TypeName,
        kind: str | None,
        namespace: Namespaces,
        labels: Labels,
        fields: Fields,
        filter_: Callable[[Any], bool] | None,
        *,
        transform: Callable[[Any], Any] | None = None,
        optional: bool = False,
        metadata_only: bool = False,
        keep: bool = False,
        when: Callable[[Any], bool] | None = None,
    ) -> Cached[Any, Any]:
        self._check_open("a view")
        for what, function in (("filter", filter_), ("transform", transform), ("when", when)):
            check_plain(what, function)
        resource_type = self._catalog.find(type_, kind)
        options = self._options.get(resource_type.gvk, NO_OPTIONS)
        if not resource_type.namespaced:
            spaces: tuple[str, ...] = ("",)
        elif namespace is None and options.namespace is None:
            spaces = self.namespaces or ("",)  # whose names have been checked
        else:
            spaces = namespaces_of(namespace, options.namespace)
        # What functions serve is always there; a CRD matters only to a condition on it.
        optional = optional and (when is not None or not self._catalog.registered(resource_type))
        given = NamespaceOptions(labels=labels, fields=fields, transform=transform)
        keep = keep or options.keep_managed_fields
        identities = [
            _identity(type_, resource_type, space, given, options.within(space), metadata_only, keep, when)
            for space in spaces
        ]
        read = factory(type_, resource_type, "read")
        informers = [self._informers.acquire(each, read, optional=optional) for each in identities]
        transformed = any(each.transform is not None for each in identities)
        origin = "metadata-only" if metadata_only else "transformed" if transformed else "read"
        view: Cached[Any, Any] = Cached(
            self._services, informers, self._endpoint(type_, resource_type), readers(type_, resource_type, origin),
            filter=filter_, optional=optional, what=_said([each.selection for each in identities], informers[0].reflector.what),
        )  # fmt: skip
        self._views.append(view)
        return view

    @overload
    def direct(self, type: type[R], /) -> Direct[R]: ...
    @overload
    def direct(self, api_version: str, kind: str, /) -> Direct[DynamicResource]: ...
    def direct(self, type: type[Resource] | str, kind: str | None = None, /) -> Direct[Any]:
        """The uncached client of a type: each call is a request. Raises ClosedError."""
        self._check_open("a direct client")
        return Direct(self._endpoint(type, self._catalog.find(type, kind)))

    @overload
    async def wait_for(
        self,
        what: type[R],
        /,
        name: str,
        namespace: str | None = None,
        condition: Condition | Test | None = None,
        *,
        timeout: float = 30.0,
    ) -> R | None: ...
    @overload
    async def wait_for(
        self, what: R, /, *, condition: Condition | Test | None = None, timeout: float = 30.0
    ) -> R | None: ...
    async def wait_for(
        self,
        what: type[Resource] | Resource,
        /,
        name: str = "",
        namespace: str | None = None,
        condition: Condition | Test | None = None,
        *,
        timeout: float = 30.0,
    ) -> Any:
        """Wait until a condition on one object holds at the server, and give the object, or None where it is gone.

        The object is named by its class, name and namespace, or is given: `wait_for(pod, condition=conditions.deleted())`.
        It is short for `direct(Pod).wait_for(...)`; that of a cached view costs no request. Raises ConditionNotMet after
        `timeout` seconds, with what was seen last; ApiError for what does not pass.
        """
        if not isinstance(what, Resource):
            return await self.direct(what).wait_for(name, namespace, condition, timeout=timeout)
        found = what.resource_type
        direct: Direct[Any]
        if isinstance(what, DynamicResource):  # its class is no type's
            direct = self.direct(found.api_version, found.kind)
        else:
            direct = self.direct(type(what))
        return await direct.wait_for(what, condition=condition, timeout=timeout)

    @overload
    def register(
        self,
        type: type[R],
        /,
        *,
        list: Callable[[Selected], Any],
        watch: Callable[[Selected, str], AsyncIterator[WatchEvent[R]]] | None = None,
        create: Callable[[R], Any] | None = None,
        update: Callable[[R], Any] | None = None,
        update_status: Callable[[R], Any] | None = None,
        delete: Callable[[str, str], Any] | None = None,
        poll: float = POLL_SECONDS,
    ) -> RegisteredType: ...
    @overload
    def register(
        self,
        api_version: str,
        kind: str,
        /,
        *,
        namespaced: bool = True,
        list: Callable[[Selected], Any],
        watch: Callable[[Selected, str], AsyncIterator[WatchEvent[DynamicResource]]] | None = None,
        create: Callable[[DynamicResource], Any] | None = None,
        update: Callable[[DynamicResource], Any] | None = None,
        update_status: Callable[[DynamicResource], Any] | None = None,
        delete: Callable[[str, str], Any] | None = None,
        poll: float = POLL_SECONDS,
    ) -> RegisteredType: ...
    def register(
        self,
        type: type[Resource] | str,
        kind: str | None = None,
        /,
        *,
        namespaced: bool = True,
        list: Callable[[Selected], Any],
        watch: Callable[[Selected, str], AsyncIterator[WatchEvent[Any]]] | None = None,
        create: Callable[[Any], Any] | None = None,
        update: Callable[[Any], Any] | None = None,
        update_status: Callable[[Any], Any] | None = None,
        delete: Callable[[str, str], Any] | None = None,
        poll: float = POLL_SECONDS,
    ) -> RegisteredType:
        """Have a type served by functions of your own instead of the API server; views and direct clients work as ever.

        `list(selected)` gives objects, or a ResourceList with their common version. `watch(selected, resource_version)`
        is an async generator of WatchEvents; without it the type is listed again every `poll` seconds, when `changed()` of
        what this returns is called, and after own writes. Writes return the object as stored; a patch is an update. The
        functions are `async def`, or `def`, which runs in a thread; they raise ApiErrors as a server would. Objects without
        a resourceVersion get one that grows with each change. One without a uid that goes and comes again between two lists
        is taken for the same one: that is an update if its content is another, and else nothing shows it. Raises
        InvalidObject once a view of the type exists, and for a `poll` of no time.
        """
        from fairlead.api.functions import FunctionServer, TypeFunctions  # noqa: PLC0415 - for those who register types

        self._check_open("register")
        found = self._catalog.find(type, kind)
        if isinstance(type, str):
            found = ResourceType(found.group, found.version, found.kind, found.plural, namespaced)
        if self._catalog.registered(found) or any(i.identity.selection.gvk == found.gvk for i in self._informers):
            raise InvalidObject(f"{found.gvk} is in use already; register it before anything asks for it, and once")
        functions: TypeFunctions[Any] = TypeFunctions(
            list=list, watch=watch, create=create, update=update, update_status=update_status, delete=delete, poll=poll
        )
        server: FunctionServer[Any] = FunctionServer(found, factory(type, found, "read"), functions)
        self._catalog.register(found, server)
        return RegisteredType(found, server, self._informers)

    def _endpoint(self, type_: TypeName, resource_type: ResourceType) -> Endpoint[Any]:
        return Endpoint(
            self._catalog.caller(resource_type), resource_type, factory(type_, resource_type, "read"),
            parser(type_, resource_type), self.namespace, self.field_manager, self._wrote, self._catalog.resolver(resource_type),
        )  # fmt: skip


NO_OPTIONS = CacheOptions()


def _identity(
    type_: TypeName,
    resource_type: ResourceType,
    space: str,
    given: NamespaceOptions,
    options: NamespaceOptions,
    metadata_only: bool,
    keep: bool,
    when: Callable[[Any], bool] | None,
) -> Identity:
    """What a view watches in one namespace: what it was given counts, and else the options."""
    labels = options.labels if given.labels is None else given.labels
    fields = options.fields if given.fields is None else given.fields
    transform = given.transform or (None if metadata_only else options.transform)
    reads = type_ if transform is not None and not isinstance(type_, str) else None
    selection = Selection(
        resource_type, resource_type.gvk, space,
        "" if labels is None else str(to_label_selector(labels)),
        "" if fields is None else str(to_field_selector(fields)), metadata_only,
    )  # fmt: skip
    return Identity(selection, transform, reads, keep, when)


def _said(selections: Sequence[Selection], of_first: str) -> str:
    """What a view shows, in words; those of its first selection are known."""
    first = selections[0]
    if len(selections) == 1:
        return of_first
    if any((each.labels, each.fields) != (first.labels, first.fields) for each in selections):
        return "; ".join(map(str, selections))
    return of_first.replace(f"in {first.namespace}", f"in {', '.join(each.namespace for each in selections)}", 1)
