"""What of a type a client caches where a view does not say so itself, and in which namespaces."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

import msgspec

from fairlead.api.selection import Fields, Labels
from fairlead.errors import InvalidObject
from fairlead.machinery.callables import check_plain
from fairlead.machinery.names import GroupVersionKind
from fairlead.machinery.objects import Resource
from fairlead.machinery.validation import check_name
from fairlead.store.packed import lz4_block

__all__ = ["CacheOptions", "NamespaceOptions", "Namespaces", "Options", "namespaces_of"]

#: One namespace, several, the empty string for all of them, or None where another place decides.
Namespaces = str | Sequence[str] | None


class NamespaceOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How a client caches one type in one namespace; what is None is as in other namespaces."""

    labels: Labels = None
    fields: Fields = None
    #: Makes what is stored smaller: returns an object of the same type, of which less is left.
    transform: Callable[[Any], Resource] | None = None


class CacheOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How a client caches one type: what its views take where they do not say otherwise."""

    #: One namespace, several, or the empty string for all; None leaves it to the client's own. A mapping gives each
    #: namespace options of its own, which also count where a view names that namespace itself.
    namespace: Namespaces | Mapping[str, NamespaceOptions] = None
    labels: Labels = None
    fields: Fields = None
    #: Makes what is stored smaller: returns an object of the same type, of which less is left.
    transform: Callable[[Any], Resource] | None = None
    keep_managed_fields: bool = False
    #: Keeps objects compressed: a fifth to a half of the memory, for some 10 µs of CPU per object that arrives and 4 per
    #: object that is read. Needs `fairlead[compact]`; without it the client raises ConfigError.
    compact: bool = False

    def within(self, namespace: str) -> NamespaceOptions:
        """What holds in one namespace."""
        given = self.namespace.get(namespace) if isinstance(self.namespace, Mapping) else None
        if given is None:
            return NamespaceOptions(labels=self.labels, fields=self.fields, transform=self.transform)
        return NamespaceOptions(
            labels=self.labels if given.labels is None else given.labels,
            fields=self.fields if given.fields is None else given.fields,
            transform=given.transform or self.transform,
        )


#: Options by class, or by apiVersion and kind as a tuple. Its keys are Any, for those of a Mapping are invariant: a
#: `dict[type[Pod], CacheOptions]` in a variable would fit no closer type.
Options = Mapping[Any, CacheOptions]


def by_kind(options: Options | None) -> dict[GroupVersionKind, CacheOptions]:
    """The same by kind, which is how classes and dynamic types are one."""
    found: dict[GroupVersionKind, CacheOptions] = {}
    for name, each in (options or {}).items():
        gvk = _gvk(name)
        if gvk in found:
            raise InvalidObject(f"cache options for {gvk} are given twice, by its class and by its name")
        namespaces_of(each.namespace)
        check_plain("transform", each.transform)
        for within in each.namespace.values() if isinstance(each.namespace, Mapping) else ():
            check_plain("transform", within.transform)
        if each.compact:
            lz4_block()
        found[gvk] = each
    return found


def _gvk(name: Any) -> GroupVersionKind:
    if isinstance(name, type) and issubclass(name, Resource):
        return name.resource_type.gvk
    parts = cast("tuple[Any, ...]", name) if isinstance(name, tuple) else ()
    if len(parts) == 2 and all(isinstance(part, str) for part in parts):
        return GroupVersionKind.parse(*parts)
    raise InvalidObject(f"cache options for {name!r}: name the type by its class, or as ('apps/v1', 'Deployment')")


def namespaces_of(*given: Namespaces | Mapping[str, Any]) -> tuple[str, ...]:
    """The namespaces of the first argument that is not None; `("",)` is all of them. Raises InvalidObject."""
    chosen = next((each for each in given if each is not None), None)
    if chosen is None:
        return ("",)
    names = [chosen] if isinstance(chosen, str) else _distinct(chosen)
    for name in names:
        if name:
            check_name("Namespace", name)
    return tuple(names)


def _distinct(names: Iterable[str]) -> list[str]:
    distinct = sorted(set(names))
    if not distinct:
        raise InvalidObject("namespace=[] names no namespace; leave it out, or give '', for all of them")
    if "" in distinct and len(distinct) > 1:
        raise InvalidObject(f"namespace={distinct}: '' means all namespaces, and stands alone")
    return distinct
