"""The writes that direct clients and cached views have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol, TypeVar

from fairlead.machinery.objects import Resource

__all__ = ["Propagation", "Validation", "Writer"]

R = TypeVar("R", bound=Resource)
#: https://kubernetes.io/docs/concepts/architecture/garbage-collection/#cascading-deletion
Propagation = Literal["Background", "Foreground", "Orphan"]
#: https://kubernetes.io/docs/reference/using-api/api-concepts/#validation-for-unrecognized-or-duplicate-fields
Validation = Literal["Strict", "Warn", "Ignore"]
Merge = Mapping[str, Any]
JsonPatch = Sequence[Mapping[str, Any]]


class Writer(Protocol[R]):
    """Writes return a new object and never change their argument. Each raises ApiError or TransportError."""

    async def create(
        self, obj: R, *, dry_run: bool = False, field_manager: str | None = None, validation: Validation | None = None
    ) -> R:
        """Create an object. Raises AlreadyExists, Invalid."""
        ...

    async def update(
        self, obj: R, *, dry_run: bool = False, field_manager: str | None = None, validation: Validation | None = None
    ) -> R:
        """Replace an object at the version it was read. Raises Conflict, NotFound, Invalid."""
        ...

    async def update_status(
        self, obj: R, *, dry_run: bool = False, field_manager: str | None = None, validation: Validation | None = None
    ) -> R:
        """Replace an object's status at the version it was read."""
        ...

    async def patch(
        self,
        name: str,
        namespace: str | None = None,
        *,
        merge: Merge | None = None,
        strategic: Merge | None = None,
        json: JsonPatch | None = None,
        dry_run: bool = False,
        field_manager: str | None = None,
        validation: Validation | None = None,
    ) -> R:
        """Patch an object in one of three ways."""
        ...

    async def apply(
        self,
        obj: R,
        *,
        field_manager: str | None = None,
        force: bool = False,
        dry_run: bool = False,
        validation: Validation | None = None,
    ) -> R:
        """Server-side apply: own the fields that `obj` names. Raises Conflict where another manager owns one."""
        ...

    async def delete(
        self,
        name: str,
        namespace: str | None = None,
        *,
        uid: str | None = None,
        resource_version: str | None = None,
        propagation: Propagation | None = None,
        grace_period: int | None = None,
        dry_run: bool = False,
    ) -> R | None:
        """Delete an object. Returns it while finalizers hold it, else None."""
        ...
