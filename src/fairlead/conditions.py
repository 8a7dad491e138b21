"""What can be waited for: conditions on one object, for `wait_for` of cached views and direct clients.

```python
await pods.wait_for("web-0", "default", conditions.has_condition("Ready"))
await pods.wait_for("web-0", "default", conditions.deleted(pod), timeout=60)
await crds.wait_for("widgets.example.com", condition=conditions.established() & ~conditions.being_deleted())
```
A condition is asked again after each change of the object. Conditions combine with `&`, `|` and `~`; wherever one is
taken, a plain function of the object (None where there is none) does as well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from fairlead.machinery.callables import check_plain
from fairlead.machinery.objects import Resource

__all__ = [
    "Condition",
    "Test",
    "being_deleted",
    "deleted",
    "established",
    "exists",
    "has_condition",
    "said_of",
    "seen",
    "started",
]

#: Asked of the object, or of None where there is none.
Test = Callable[[Any], bool]


class Condition:
    """A test on one object, and what it says in words. `start` gives the test for one wait, which may remember what it saw."""

    def __init__(self, said: str, start: Callable[[], Test]) -> None:
        self.said = said
        self._start = start

    def start(self) -> Test:
        """The test, for one wait."""
        return self._start()

    def __call__(self, obj: Any, /) -> bool:
        """Whether it holds, asked once."""
        return self._start()(obj)

    def __and__(self, other: Condition | Test) -> Condition:
        return _combined(all, " and ", self, other)

    def __or__(self, other: Condition | Test) -> Condition:
        return _combined(any, " or ", self, other)

    def __invert__(self) -> Condition:
        def start() -> Test:
            test = self._start()
            return lambda obj: not test(obj)

        return Condition(f"not {self.said}", start)

    def __repr__(self) -> str:
        return f"<Condition {self.said}>"


def _combined(rule: Callable[[list[bool]], bool], word: str, *parts: Condition | Test) -> Condition:
    for part in parts:
        _check(part)

    def start() -> Test:
        tests = [started(part) for part in parts]
        # Each is asked, so that each sees what it has to remember.
        return lambda obj: rule([test(obj) for test in tests])

    return Condition(f"({word.join(said_of(part) for part in parts)})", start)


def started(condition: Condition | Test, known: Resource | None = None) -> Test:
    """The test of a condition for one wait; a plain function is its own.

    What remembers what it saw has seen `known`, the object as whoever waits has it: its end is that one's. Raises
    InvalidObject for what is neither a condition nor a plain function.
    """
    if not isinstance(condition, Condition):
        _check(condition)
        return condition
    test = condition.start()
    if known is not None and known.uid:
        test(known)
    return test


def _check(condition: object) -> None:
    meant = f", or a condition: conditions.has_condition({condition!r})" if isinstance(condition, str) else ""
    check_plain("condition", condition, meant)


def said_of(condition: Condition | Test) -> str:
    """A condition in words."""
    if isinstance(condition, Condition):
        return condition.said
    return str(getattr(condition, "__qualname__", None) or condition)


def exists() -> Condition:
    """The object is there."""
    return Condition("there", lambda: lambda obj: obj is not None)


def deleted(life: Resource | str | None = None) -> Condition:
    """The object has gone, or another one has come in its place under the same name.

    `life` is the object that is to go, or its uid; without it, it is the one that the wait is given, or else the one that
    is there when the wait begins.
    """
    uid = life.uid if isinstance(life, Resource) else life
    return Condition("deleted", lambda: _Deleted(uid))


class _Deleted:
    """Remembers whose end is waited for."""

    def __init__(self, uid: str | None) -> None:
        self._uid = uid

    def __call__(self, obj: Any) -> bool:
        if obj is None:
            return True
        if self._uid is None:
            self._uid = str(obj.uid)
        return bool(obj.uid != self._uid)


def being_deleted() -> Condition:
    """The object has a deletionTimestamp: it is to go, and something holds it."""
    return Condition("being deleted", lambda: lambda obj: obj is not None and bool(obj.metadata.deletion_timestamp))


def has_condition(type_: str, status: str = "True") -> Condition:
    """One of the object's `status.conditions` is of this type and has this status."""

    def holds(obj: Any) -> bool:
        return any(each.get("type") == type_ and each.get("status") == status for each in _conditions(obj))

    return Condition(f"{type_}={status}", lambda: holds)


def established() -> Condition:
    """A CustomResourceDefinition's names are accepted, and its type is served, or will be in a moment.

    https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/
    """
    return Condition("established", lambda: has_condition("Established"))


def _conditions(obj: Any) -> list[dict[str, Any]]:
    status = obj.to_dict().get("status") if isinstance(obj, Resource) else None
    listed = cast("dict[str, Any]", status).get("conditions") if isinstance(status, dict) else None
    return [each for each in cast("list[Any]", listed) if isinstance(each, dict)] if isinstance(listed, list) else []


def seen(obj: Any) -> str:
    """What there was last, in one line for an error."""
    if obj is None:
        return "there was no such object"
    if not isinstance(obj, Resource):
        return repr(obj)
    metadata = obj.metadata
    facts = [f"resourceVersion {obj.resource_version}", f"uid {obj.uid}"]
    if metadata.deletion_timestamp:
        facts.append(f"being deleted, held by {', '.join(metadata.finalizers) or 'its grace period'}")
    for each in _conditions(obj):
        why = ": ".join(str(each[key]) for key in ("reason", "message") if each.get(key))
        facts.append(f"{each.get('type')}={each.get('status')}" + (f" ({why})" if why else ""))
    return ", ".join(facts)
