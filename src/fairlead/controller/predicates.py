"""Ready-made predicates on events, for `add_handler(..., when=...)`; combined with `&`, `|` and `~`.

Each compares what was with what is. Old and new of an update are one life of an object: another uid under the same name is
a delete and an add, and these always pass. `~` turns all answers round, those for adds and deletes too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fairlead.informer.events import Event
from fairlead.machinery.callables import check_plain

__all__ = [
    "Predicate",
    "annotations_changed",
    "changed",
    "generation_changed",
    "labels_changed",
    "resource_version_changed",
]


class Predicate:
    """A function from an event to whether it is told; combines with other predicates, and with plain functions.

    Raises InvalidObject for an `async def`, here and where it is combined with one.
    """

    __slots__ = ("_function", "_name")

    def __init__(self, function: Callable[[Event[Any]], bool], name: str = "") -> None:
        check_plain("predicate", function)
        self._function = function
        self._name: str = name or getattr(function, "__qualname__", type(function).__qualname__)

    def __call__(self, event: Event[Any], /) -> bool:
        """Whether the event is told."""
        return bool(self._function(event))

    def __and__(self, other: Callable[[Event[Any]], bool]) -> Predicate:
        check_plain("predicate", other)
        return Predicate(lambda event: self(event) and bool(other(event)), f"({self} & {other})")

    def __or__(self, other: Callable[[Event[Any]], bool]) -> Predicate:
        check_plain("predicate", other)
        return Predicate(lambda event: self(event) or bool(other(event)), f"({self} | {other})")

    def __invert__(self) -> Predicate:
        return Predicate(lambda event: not self(event), f"~{self}")

    def __str__(self) -> str:
        return self._name

    def __repr__(self) -> str:
        return f"<Predicate {self}>"


def changed(function: Callable[[Any], object], name: str = "") -> Predicate:
    """True for adds, deletes, and updates for which `function` gives something else for the new object than for the old.

    An update after a gap, or after a filter let an object in again, is compared like any other. Raises InvalidObject for an
    `async def`.
    """
    check_plain("function", function)

    def differs(event: Event[Any]) -> bool:
        return event.old is None or event.new is None or function(event.old) != function(event.new)

    return Predicate(differs, name or f"changed({getattr(function, '__qualname__', function)})")


#: The spec has changed, for types that count: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/.
generation_changed: Predicate = changed(lambda obj: obj.metadata.generation, "generation_changed")
labels_changed: Predicate = changed(lambda obj: obj.metadata.labels, "labels_changed")
annotations_changed: Predicate = changed(lambda obj: obj.metadata.annotations, "annotations_changed")
#: False for an update that changed nothing; caches tell of hardly any.
resource_version_changed: Predicate = changed(lambda obj: obj.metadata.resource_version, "resource_version_changed")
