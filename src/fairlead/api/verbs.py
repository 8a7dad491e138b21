"""The writes of direct clients and cached views.

Each returns a new object and never changes its argument. `dry_run`, `field_manager` and `validation` are as in
https://kubernetes.io/docs/reference/using-api/api-concepts/. Raises ApiError with the server's Status, TransportError when
no answer came, and InvalidObject for what cannot be sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar, cast

import msgspec

from fairlead.api.endpoint import Endpoint, Manifest, decoded, encode
from fairlead.api.options import Propagation, Validation
from fairlead.api.selection import Fields, Labels, selector_query
from fairlead.errors import AlreadyExists, Conflict, InvalidObject, NotFound
from fairlead.machinery.objects import Resource
from fairlead.machines.backoff import Backoff

__all__ = ["Writes", "ignore_not_found", "retry_on_conflict"]

R = TypeVar("R", bound=Resource)
T = TypeVar("T")

_MERGE = "application/merge-patch+json"
_STRATEGIC = "application/strategic-merge-patch+json"
_JSON_PATCH = "application/json-patch+json"
#: JSON is YAML, so an object's JSON is an apply configuration as it is.
_APPLY = "application/apply-patch+yaml"


async def retry_on_conflict(attempt: Callable[[], Awaitable[T]], *, attempts: int = 5) -> T:
    """Call `attempt`, which reads afresh and writes, again when its write meets a newer version.

    Raises the last Conflict after `attempts` calls.
    """
    backoff = Backoff(0.01, 1.0)
    for count in range(1, attempts + 1):
        try:
            return await attempt()
        except Conflict:
            if count == attempts:
                raise
            await asyncio.sleep(backoff.delay())
    raise ValueError(f"attempts must be at least 1, not {attempts}")


async def ignore_not_found(request: Callable[[], Awaitable[T]]) -> T | None:
    """What a request gives, or None where it finds nothing: `ignore_not_found(lambda: pods.delete("a", "default"))`."""
    try:
        return await request()
    except NotFound:
        return None


class Writes(Generic[R]):
    """The verbs that change things. Where they take a whole object they take its manifest too: a mapping of plain JSON values."""

    def __init__(self, endpoint: Endpoint[R]) -> None:
        self._endpoint = endpoint

    # Whole objects ---------------------------------------------------------------------------------------------

    async def create(
        self,
        obj: R | Manifest,
        *,
        dry_run: bool = False,
        field_manager: str | None = None,
        validation: Validation | None = None,
    ) -> R:
        """Create an object. Raises AlreadyExists, Invalid, NotFound (its namespace, or its type)."""
        end = self._endpoint
        obj = end.taken("create", obj)
        metadata = obj.metadata
        if not metadata.name and not metadata.generate_name:
            raise InvalidObject(f"create {end.resource_type.kind}: set metadata.name or metadata.generate_name")
        namespace = await end.place(obj, unnamed=True)
        said = end.said("create", metadata.name or f"{metadata.generate_name}…", namespace)
        _refuse_partial(obj, said)
        if metadata.resource_version:
            raise InvalidObject(
                f"{said}: it has a resourceVersion, so it exists already; use update(), or create_or_update()"
            )
        response = await end.send(
            "POST", "create", metadata.name or "", namespace, collection=True,
            query=self._query(dry_run, field_manager, validation), body=obj.to_bytes(), safe=False,
        )  # fmt: skip
        return end.wrote(response, said, dry_run=dry_run)

    async def update(
        self,
        obj: R | Manifest,
        *,
        dry_run: bool = False,
        field_manager: str | None = None,
        validation: Validation | None = None,
    ) -> R:
        """Replace an object at the version it was read. Raises Conflict if it has changed since, NotFound, Invalid."""
        return await self._put(self._endpoint.taken("update", obj), "", dry_run, field_manager, validation)

    async def update_status(
        self,
        obj: R | Manifest,
        *,
        dry_run: bool = False,
        field_manager: str | None = None,
        validation: Validation | None = None,
    ) -> R:
        """Replace an object's status at the version it was read; everything else of `obj` is ignored by the server."""
        return await self._put(self._endpoint.taken("update", obj), "status", dry_run, field_manager, validation)

    async def _put(
        self, obj: R, subresource: str, dry_run: bool, field_manager: str | None, validation: Validation | None
    ) -> R:
        end = self._endpoint
        namespace = await end.place(obj)
        said = end.said("update", obj.name, namespace, subresource)
        _refuse_partial(obj, said)
        if not obj.resource_version:
            raise InvalidObject(
                f"{said}: no resourceVersion; read the object first, or use create_or_update() or apply()"
            )
        response = await end.send(
            "PUT", "update", obj.name, namespace, subresource=subresource,
            query=self._query(dry_run, field_manager, validation), body=obj.to_bytes(), safe=True,
        )  # fmt: skip
        return end.wrote(response, said, dry_run=dry_run)

    # Patches ---------------------------------------------------------------------------------------------------

    async def patch(
        self,
        name: str | Resource,
        namespace: str | None = None,
        *,
        merge: Mapping[str, Any] | None = None,
        strategic: Mapping[str, Any] | None = None,
        json: Sequence[Mapping[str, Any]] | None = None,
        dry_run: bool = False,
        field_manager: str | None = None,
        validation: Validation | None = None,
    ) -> R:
        """Patch an object: `merge` (RFC 7386), `strategic` (built-in types only) or `json` (RFC 6902); exactly one.

        An object in place of a name stands for its name and namespace: what it says otherwise is not looked at.
        """
        return await self._patch(name, namespace, "", merge, strategic, json, dry_run, field_manager, validation)

    async def patch_status(
        self,
        name: str | Resource,
        namespace: str | None = None,
        *,
        merge: Mapping[str, Any] | None = None,
        strategic: Mapping[str, Any] | None = None,
        json: Sequence[Mapping[str, Any]] | None = None,
        dry_run: bool = False,
        field_manager: str | None = None,
        validation: Validation | None = None,
    ) -> R:
        """Patch an object's status subresource; as `patch`."""
        return await self._patch(name, namespace, "status", merge, strategic, json, dry_run, field_manager, validation)

    async def _patch(
        self,
        name: str | Resource,
        namespace: str | None,
        subresource: str,
        merge: Mapping[str, Any] | None,
        strategic: Mapping[str, Any] | None,
        json: Sequence[Mapping[str, Any]] | None,
        dry_run: bool,
        field_manager: str | None,
        validation: Validation | None,
    ) -> R:
        end = self._endpoint
        whole = "" if isinstance(name, str) else "; update() or apply() write an object as a whole"
        name, namespace = end.named(name, namespace)
        where = await end.where(name, namespace)
        said = end.said("patch", name, where, subresource)
        given = [(_MERGE, merge), (_STRATEGIC, strategic), (_JSON_PATCH, json)]
        chosen = [(content_type, document) for content_type, document in given if document is not None]
        if len(chosen) != 1:
            raise InvalidObject(f"{said}: give exactly one of merge=, strategic= and json={whole}")
        content_type, document = chosen[0]
        response = await end.send(
            "PATCH", "patch", name, where, subresource=subresource, content_type=content_type,
            query=self._query(dry_run, field_manager, validation), body=encode(document, said), safe=_pinned(document),
        )  # fmt: skip
        return end.wrote(response, said, dry_run=dry_run)

    # Server-side apply -----------------------------------------------------------------------------------------

    async def apply(
        self,
        obj: R | Manifest,
        *,
        field_manager: str | None = None,
        force: bool = False,
        dry_run: bool = False,
        validation: Validation | None = None,
    ) -> R:
        """Own the fields that `obj` names, and give up those it named before.

        Raises Conflict where another manager owns one with another value, unless `force`.
        https://kubernetes.io/docs/reference/using-api/server-side-apply/
        """
        return await self._apply(self._endpoint.taken("apply", obj), "", field_manager, force, dry_run, validation)

    async def apply_status(
        self,
        obj: R | Manifest,
        *,
        field_manager: str | None = None,
        force: bool = False,
        dry_run: bool = False,
        validation: Validation | None = None,
    ) -> R:
        """Server-side apply of the status subresource."""
        return await self._apply(
            self._endpoint.taken("apply", obj), "status", field_manager, force, dry_run, validation
        )

    async def _apply(
        self,
        obj: R,
        subresource: str,
        field_manager: str | None,
        force: bool,
        dry_run: bool,
        validation: Validation | None,
    ) -> R:
        end = self._endpoint
        namespace = await end.place(obj)
        said = end.said("apply", obj.name, namespace, subresource)
        if obj.provenance:
            raise InvalidObject(
                f"{said}: this object was read from the server, so applying it would take "
                "ownership of every field; make a new one with just the fields you mean, or take those applied before with "
                "extract(obj, field_manager)"
            )
        query = [*self._query(dry_run, field_manager, validation), *([("force", "true")] if force else [])]
        response = await end.send(
            "PATCH", "apply", obj.name, namespace, subresource=subresource, content_type=_APPLY,
            query=query, body=obj.to_bytes(), safe=bool(obj.uid or obj.resource_version),
        )  # fmt: skip
        return end.wrote(response, said, dry_run=dry_run)

    # Deleting --------------------------------------------------------------------------------------------------

    async def delete(
        self,
        name: str | R,
        namespace: str | None = None,
        *,
        uid: str | None = None,
        resource_version: str | None = None,
        propagation: Propagation | None = None,
        grace_period: int | None = None,
        dry_run: bool = False,
    ) -> R | None:
        """Delete an object. Returns it while finalizers or a grace period (in seconds) hold it, else None.

        With `uid` or `resource_version` only that life or version: Conflict otherwise. An object in place of a name stands
        for that very one: its uid, if it has one, is the precondition. Raises NotFound.
        """
        end = self._endpoint
        if isinstance(name, Resource):
            uid = uid or name.uid or None
        name, namespace = end.named(name, namespace)
        where = await end.where(name, namespace)
        body = _delete_options(uid, resource_version, propagation, grace_period, dry_run=dry_run)
        safe = uid is not None or resource_version is not None
        response = await end.send("DELETE", "delete", name, where, body=body, safe=safe)
        return end.deleted(response, name, where, dry_run=dry_run)

    async def delete_collection(
        self,
        namespace: str | None = None,
        *,
        labels: Labels = None,
        fields: Fields = None,
        propagation: Propagation | None = None,
        grace_period: int | None = None,
        dry_run: bool = False,
    ) -> None:
        """Delete all objects of a namespace that the selectors choose."""
        end = self._endpoint
        where = await end.all_where(namespace)
        query = selector_query(labels, fields)
        body = _delete_options(None, None, propagation, grace_period, dry_run=dry_run)
        await end.send("DELETE", "delete all", "", where, query=query, body=body, collection=True, safe=False)

    # Scale -----------------------------------------------------------------------------------------------------

    async def scale(self, name: str | Resource, namespace: str | None = None, *, replicas: int | None = None) -> int:
        """The desired replicas in the scale subresource, after setting them if `replicas` is given.

        An object in place of a name stands for its name and namespace.
        """
        end = self._endpoint
        name, namespace = end.named(name, namespace)
        where = await end.where(name, namespace)
        said = end.said("get" if replicas is None else "patch", name, where, "scale")
        if replicas is None:
            response = await end.send("GET", "get", name, where, subresource="scale", safe=True)
        else:
            body = encode({"spec": {"replicas": replicas}}, said)
            response = await end.send(
                "PATCH", "patch", name, where, subresource="scale", content_type=_MERGE,
                query=self._query(False, None, None), body=body, safe=False,
            )  # fmt: skip
        return decoded(response, _Scale, said, wrote=replicas is not None).spec.replicas

    # Compositions ----------------------------------------------------------------------------------------------

    async def create_or_update(self, obj: R | Manifest) -> R:
        """Create; if it exists, put the caller's object at the live version, again on Conflict."""
        mine = self._endpoint.taken("create", obj)

        async def attempt() -> R:
            try:
                return await self.create(_unversioned(mine))
            except AlreadyExists as there:
                try:
                    return await self._put_at_live(mine, "")
                except NotFound:
                    # Deleted in between: as much a race as a conflict is.
                    raise Conflict(there.status, there.request) from there

        return await retry_on_conflict(attempt, attempts=3)

    async def create_or_update_status(self, obj: R | Manifest) -> R:
        """`create_or_update`, then the same for the status, which a create leaves out."""
        mine = self._endpoint.taken("create", obj)
        await self.create_or_update(mine)
        return await self._put_at_live(mine, "status")

    async def get_or_create(self, obj: R | Manifest) -> R:
        """The live object of this name, or the one that this call creates."""
        end = self._endpoint
        obj = end.taken("create", obj)
        namespace = await end.place(obj)
        try:
            return await self._live(obj.name, namespace)
        except NotFound:
            try:
                return await self.create(_unversioned(obj))
            except AlreadyExists:
                return await self._live(obj.name, namespace)

    async def live(self, name: str | Resource, namespace: str | None = None) -> R:
        """The whole object as the server has it now, past the cache; by name, or that of what a view holds in part.

        Raises NotFound.
        """
        end = self._endpoint
        name, namespace = end.named(name, namespace)
        return await self._live(name, await end.where(name, namespace))

    async def _live(self, name: str, namespace: str) -> R:
        end = self._endpoint
        return end.got(await end.send("GET", "get", name, namespace, safe=True), end.said("get", name, namespace))

    async def _put_at_live(self, obj: R, subresource: str) -> R:
        namespace = await self._endpoint.place(obj)

        async def attempt() -> R:
            live = await self._live(obj.name, namespace)
            mine = _unversioned(obj)
            mine.metadata.resource_version = live.resource_version
            return await self._put(mine, subresource, False, None, None)

        return await retry_on_conflict(attempt)

    def _query(self, dry_run: bool, field_manager: str | None, validation: Validation | None) -> list[tuple[str, str]]:
        query = [("fieldManager", field_manager or self._endpoint.field_manager)]
        if dry_run:
            query.append(("dryRun", "All"))
        if validation is not None:
            query.append(("fieldValidation", validation))
        return query


def _unversioned(obj: R) -> R:
    """A copy that claims no version and no uid."""
    mine = obj.copy()
    mine.metadata.resource_version = mine.metadata.uid = None
    return mine


class _ScaleSpec(msgspec.Struct):
    replicas: int = 0


class _Scale(msgspec.Struct):
    spec: _ScaleSpec = msgspec.field(default_factory=_ScaleSpec)


_PINS = ("/metadata/resourceVersion", "/metadata/uid")


def _pinned(document: Any) -> bool:
    """Whether a patch says which version or life it is for, so that it cannot take effect twice."""
    if isinstance(document, Mapping):
        metadata = cast("Mapping[str, Any]", document).get("metadata")
        found: Mapping[str, Any] = cast("Mapping[str, Any]", metadata) if isinstance(metadata, Mapping) else {}
        return bool(found.get("resourceVersion") or found.get("uid"))
    operations = cast("Sequence[Mapping[str, Any]]", document)
    return any(step.get("op") == "test" and step.get("path") in _PINS for step in operations)


def _refuse_partial(obj: Resource, said: str) -> None:
    if obj.provenance in ("metadata-only", "transformed"):
        raise InvalidObject(
            f"{said}: this object is {obj.provenance}, and what it lacks would be deleted; use patch(), apply(), or read "
            "it whole with `await view.live(obj)`"
        )


def _delete_options(
    uid: str | None,
    resource_version: str | None,
    propagation: Propagation | None,
    grace_period: int | None,
    *,
    dry_run: bool,
) -> bytes:
    # All of it in the body: an API server that is given one reads none of it from the query.
    options: dict[str, Any] = {"apiVersion": "v1", "kind": "DeleteOptions"}
    if dry_run:
        options["dryRun"] = ["All"]
    preconditions = {key: value for key, value in (("uid", uid), ("resourceVersion", resource_version)) if value}
    if preconditions:
        options["preconditions"] = preconditions
    if propagation is not None:
        options["propagationPolicy"] = propagation
    if grace_period is not None:
        options["gracePeriodSeconds"] = grace_period
    return encode(options, "delete")
