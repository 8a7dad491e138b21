"""Writes whose errors fail the test, with one line that says which verb, which object, and why."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar, cast

from fairlead.api.endpoint import Manifest
from fairlead.api.verbs import Writes
from fairlead.client.kinship import check_kin
from fairlead.errors import ApiError, FairleadError
from fairlead.machinery.objects import Resource

__all__ = ["Wrapped", "wrap"]

R = TypeVar("R", bound=Resource)


class Wrapped(Writes[R]):
    """The writes of a view or a direct client, each of which fails the test with an AssertionError when it fails."""

    def __init__(self, writes: Writes[R]) -> None:
        super().__init__(writes._endpoint)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - of what is wrapped
        # The compositions catch errors of the plain verbs, so they run on the plain verbs and are checked as a whole.
        for name in _VERBS:
            setattr(self, name, _checked(name, getattr(writes, name)))

    async def create_and_update_status(self, obj: R | Manifest) -> R:
        """Create the object, then write its status, which a create leaves out."""
        __tracebackhide__ = True
        mine = self._endpoint.taken("create", obj).copy()
        created = await self.create(mine)
        mine.metadata.resource_version, mine.metadata.uid = created.resource_version, created.uid
        return await self.update_status(mine)


_VERBS = tuple(
    name for name, member in vars(Writes).items() if inspect.iscoroutinefunction(member) and not name.startswith("_")
)


def wrap(writes: Writes[R]) -> Wrapped[R]:
    """The same verbs as a view's or a direct client's; any error fails the test with the verb, the key and the reason."""
    check_kin(writes, Writes, "fairlead.testing.wrap")
    return Wrapped(writes)


def _checked(verb: str, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def checked(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        try:
            return await call(*args, **kwargs)
        except FairleadError as error:
            reason = error.reason if isinstance(error, ApiError) else ""
            what = _subject(*args, **kwargs)
            raise AssertionError(f"{verb} {what} failed: {reason or type(error).__name__}: {error}") from error

    return checked


def _subject(*args: Any, **kwargs: Any) -> str:
    """The key that a verb is called on: that of an object, or the name and namespace."""
    first = args[0] if args else kwargs.get("obj", kwargs.get("name", ""))
    if isinstance(first, Resource):
        return f"{first.resource_type.kind} {first.key}"
    if isinstance(first, Mapping):
        return _key(cast("Mapping[str, Any]", first))
    namespace = args[1] if len(args) > 1 else kwargs.get("namespace")
    return f"{namespace}/{first}" if namespace else str(first)


def _key(manifest: Mapping[str, Any]) -> str:
    metadata: Any = manifest.get("metadata")
    named = cast("Mapping[str, Any]", metadata if isinstance(metadata, Mapping) else {})
    return "/".join(str(named[part]) for part in ("namespace", "name") if named.get(part))
