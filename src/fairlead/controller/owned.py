"""Objects that a controller makes for another object: who owns them, and writing them only when that changes something."""

from __future__ import annotations

from typing import TypeVar

from fairlead.client.cached import Cached
from fairlead.client.kinship import check_kin
from fairlead.errors import InvalidObject
from fairlead.machinery.extract import extract
from fairlead.machinery.meta import OwnerReference
from fairlead.machinery.objects import Resource

__all__ = ["controller_reference", "ensure"]

R = TypeVar("R", bound=Resource)


def controller_reference(owner: Resource) -> OwnerReference:
    """The owner reference of a controller: the object goes with `owner`, and nobody else controls it.

    Raises InvalidObject for an owner that has no uid yet: it has not been created, or is not what a server answered.
    https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/
    """
    if not owner.uid:
        raise InvalidObject(
            f"{owner.kind} {owner.key}: it has no uid, and cannot own anything before the server gives it one"
        )
    return OwnerReference(
        api_version=owner.api_version, kind=owner.kind, name=owner.name, uid=owner.uid, controller=True,
        block_owner_deletion=True,
    )  # fmt: skip


async def ensure(view: Cached[R, R], wanted: R, *, field_manager: str) -> R:
    """Apply `wanted` (server-side apply, with force), unless the cached object shows that nothing would change.

    Nothing would when what `field_manager` has applied to it is just `wanted`: what defaults and others added does not
    matter, and what is wanted no longer does. For that the view has to keep managed fields
    (`client.cached(..., keep_managed_fields=True)`); with any other view this applies every time. Raises InvalidObject for a
    view of `fairlead.sync`.
    """
    check_kin(view, Cached, "fairlead.controller.ensure")
    live = view.get(wanted.name, wanted.namespace or None)
    if live is not None and _applied(live, field_manager) == wanted:
        return live
    return await view.apply(wanted, field_manager=field_manager, force=True)


def _applied(live: R, field_manager: str) -> R | None:
    try:
        return extract(live, field_manager)
    except InvalidObject:  # no managed fields are kept: nobody knows
        return None
