"""The scale subresource: one number of an object, as an object of its own, with owners of its own.

https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#scale-subresource and, for
who owns the number, https://kubernetes.io/docs/reference/using-api/server-side-apply/
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec

from fairlead.apiserver import statuses
from fairlead.apiserver.admission import admit, private
from fairlead.apiserver.builtin.scale_owners import scale_entries, with_scale_entries
from fairlead.apiserver.documents import part, parts
from fairlead.apiserver.patches import (
    APPLY,
    STRATEGIC,
    Config,
    applied,
    check_type,
    media_type,
    read_config,
    read_patch,
)
from fairlead.apiserver.registry import PrinterColumn, ResourceInfo
from fairlead.apiserver.requests import WriteOptions, refuse_export
from fairlead.apiserver.router import Target
from fairlead.apiserver.strategies import Strategy, strategy_for
from fairlead.apiserver.tables.cells import label_selector
from fairlead.apiserver.verbs import Verbs, read_body
from fairlead.apiserver.wire.answers import Answers
from fairlead.apiserver.wire.negotiation import negotiate
from fairlead.machinery.apply.ownership import track_update
from fairlead.machinery.causes import INVALID, Cause
from fairlead.machinery.names import ObjectKey, ResourceType
from fairlead.machinery.schema.registry import builtin, from_crd
from fairlead.machinery.wire import Request, Response

__all__ = ["Scales"]

#: Makes the new scale from the old one.
_Change: TypeAlias = "Callable[[dict[str, Any]], dict[str, Any]]"

#: Stands for replicas that a custom object does not say, until a write says them.
_UNSET = -(2**31)
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode


@functools.cache
def _strategy() -> Strategy:
    """How a Scale is read: by its own schema, whatever it is the scale of."""
    resource = ResourceType("autoscaling", "v1", "Scale", "scales")
    schemas = builtin("autoscaling", "v1")
    schema = from_crd({}) if schemas is None else schemas.schema("Scale")
    return strategy_for(ResourceInfo(resource, "scale", load_schema=lambda: schema))


#: The scale of a custom object, which is printed by columns as other custom objects are.
_CUSTOM = ResourceInfo(
    ResourceType("autoscaling", "v1", "Scale", "scales"),
    "scale",
    is_custom=True,
    printer_columns=(
        PrinterColumn("Desired", "integer", ".spec.replicas"),
        PrinterColumn("Available", "integer", ".status.replicas"),
        PrinterColumn("Age", "date", ".metadata.creationTimestamp"),
    ),
)


class Scales:
    """Answers for the scale of every type that has one."""

    def __init__(self, verbs: Verbs) -> None:
        self._verbs = verbs
        self._cluster = verbs.cluster

    def answer(self, target: Target, request: Request) -> Response:
        """Show or change a scale. Raises Refusal."""
        view = negotiate(request.headers.get("accept", ""), target.info)
        answers = Answers(self._cluster, _CUSTOM if target.info.is_custom else _strategy().info, view, request)
        if target.verb == "get":
            refuse_export(request)
            return answers.one(_encode(scale_of(target.info, self._live(target))))
        warnings: list[str] = []
        change, options = self._change(target, request, warnings)
        key = ObjectKey(target.name, target.namespace)
        if self._cluster.collection(target.info).get(target.namespace, target.name) is None:
            raise statuses.not_found(target.info.type, target.name)

        def resized(live: dict[str, Any] | None) -> dict[str, Any]:
            return self._resized(target.info, live or {}, change)

        written = self._verbs.writer.update(target.info, key, resized, options, managed_as="scale", tracked=False)
        scale = scale_of(target.info, _decode(written.data))
        return answers.one(_encode(scale), 200, [*warnings, *written.warnings])

    def _live(self, target: Target) -> dict[str, Any]:
        entry = self._cluster.collection(target.info).get(target.namespace, target.name)
        if entry is None:
            raise statuses.not_found(target.info.type, target.name)
        return self._cluster.read(target.info, entry)

    def _resized(self, info: ResourceInfo, live: dict[str, Any], change: _Change) -> dict[str, Any]:
        """The object with the replicas, the version and the owners of its changed scale."""
        path = _path(info.scale_paths[0] or ".spec.replicas")
        entries = parts(live, "metadata", "managedFields")
        old = scale_of(info, live, required=False)
        if info.is_custom and not old["spec"] and _number(live, info.scale_paths[0]) is None:
            old["spec"]["replicas"] = _UNSET
        paths = self._paths(info, entries)
        if owned := scale_entries(entries, paths):
            old["metadata"]["managedFields"] = owned
        new = change(old)
        _check_replicas(info, new, live)
        meta, document = new["metadata"], private(live)
        _set(document, path, part(new, "spec").get("replicas") or 0)
        document["metadata"]["resourceVersion"] = meta.get("resourceVersion") or live["metadata"]["resourceVersion"]
        owners = with_scale_entries(entries, parts(meta, "managedFields"), info.type.api_version, paths)
        document["metadata"].pop("managedFields", None)
        if owners:
            document["metadata"]["managedFields"] = owners
        return document

    def _paths(self, info: ResourceInfo, entries: list[dict[str, Any]]) -> dict[str, list[str] | None]:
        """Where the number of replicas is in this version, and in each in which somebody owns fields."""
        found: dict[str, list[str] | None] = {}
        for version in {info.type.api_version, *(str(entry.get("apiVersion")) for entry in entries)}:
            other = self._cluster.registry.described(info, version)
            if other is not None:
                text = other.scale_paths[0] or ("" if info.is_custom else ".spec.replicas")
                found[version] = _path(text) if text else None
        return found

    def _change(self, target: Target, request: Request, warnings: list[str]) -> tuple[_Change, WriteOptions]:
        if target.verb == "update":
            options = WriteOptions.parse(request, "UpdateOptions")
            # Without the right name it is refused whether or not there is an object.
            body = private(read_body(request, _strategy().info))
            admit(body, _strategy(), options, warnings)
            _named(target, body)

            def replaced(old: dict[str, Any]) -> dict[str, Any]:
                if not target.info.is_custom:
                    self._same_uid(target, part(body, "metadata").get("uid"), old, options)
                return self._tracked(target, old, private(body), options)

            return replaced, options
        media = media_type(target.info, request)
        options = WriteOptions.parse(request, "PatchOptions", applies=media == APPLY)
        if media == APPLY:
            return self._applied(target, read_config(request, _strategy().info), options, warnings), options
        patch = read_patch(media, request, options)

        def patched(old: dict[str, Any]) -> dict[str, Any]:
            info = _strategy().info
            new, text = patch.apply(private(old), info.schema), patch.text(old, info)
            if media != STRATEGIC:
                check_type(info, new, text)
            admit(new, _strategy(), options, warnings, patch=text)
            return self._tracked(target, old, new, options)

        return patched, options

    def _same_uid(self, target: Target, wanted: str | None, old: dict[str, Any], options: WriteOptions) -> None:
        present, key = old["metadata"]["uid"], ObjectKey(target.name, target.namespace)
        if wanted and wanted != present:
            raise self._verbs.writer.uid_conflict(target.info, key, wanted, present, dry_run=options.dry_run)

    def _applied(self, target: Target, config: Config, options: WriteOptions, warnings: list[str]) -> _Change:
        def change(old: dict[str, Any]) -> dict[str, Any]:
            now = self._cluster.timestamp()
            new = applied(_strategy().info, old, config.document, options, subresource="scale", now=now)
            config.check(options, warnings)
            if target.info.is_custom and not old["metadata"].get("managedFields"):
                raise _not_applied({}, "create manager for existing fields: failed to convert live")
            if target.info.is_custom and part(new, "spec") != part(old, "spec"):
                raise _not_applied(config.document, "convert new")
            return _named(target, new)

        return change

    def _tracked(
        self, target: Target, old: dict[str, Any], new: dict[str, Any], options: WriteOptions
    ) -> dict[str, Any]:
        return track_update(
            old,
            _named(target, new),
            options.manager,
            schema=_strategy().info.schema,
            api_version=_strategy().info.type.api_version,
            subresource="scale",
            now=self._cluster.timestamp(),
        )


def _not_applied(config: dict[str, Any], failing: str) -> statuses.Refusal:
    """The server cannot apply a change to the scale of a custom object: it takes the scale for one."""
    meta = part(config, "metadata")
    place = f"{meta.get('namespace') or ''}/{meta.get('name') or ''}; autoscaling/v1, Kind=Scale"
    why = "request to convert CR to an invalid group/version: autoscaling/v1"
    return statuses.failure(500, "", f"failed to {failing} object ({place}) to proper version: {why}")


def _named(target: Target, scale: dict[str, Any]) -> dict[str, Any]:
    name = part(scale, "metadata").get("name")
    if not name:
        raise statuses.undetermined_name(target.name)
    if name != target.name:
        raise statuses.other_name(name, target.name)
    if part(scale, "metadata").get("namespace", target.namespace) != target.namespace:
        raise statuses.other_namespace()
    return scale


def _check_replicas(info: ResourceInfo, new: dict[str, Any], live: dict[str, Any]) -> None:
    wanted, uid = part(new, "spec").get("replicas"), part(new, "metadata").get("uid")
    if info.is_custom:
        if wanted == _UNSET:
            raise statuses.bad_request(f'the spec replicas field "{info.scale_paths[0]}" cannot be empty')
        return
    if isinstance(wanted, int) and wanted < 0:
        cause = Cause(INVALID, f"Invalid value: {wanted}: must be greater than or equal to 0", "spec.replicas")
        raise statuses.invalid("autoscaling", "Scale", live["metadata"]["name"], [cause])
    if uid and uid != live["metadata"]["uid"]:
        why = f"Precondition failed: UID in precondition: {uid}, UID in object meta: {live['metadata']['uid']}"
        refusal = statuses.conflict(info.type, live["metadata"]["name"], why)
        refusal.status["details"]["kind"] = f"{info.type.plural}/scale"
        said = statuses.qualified(info.type.plural, info.type.group)
        scaled = statuses.qualified(f"{info.type.plural}/scale", info.type.group)
        refusal.status["message"] = refusal.status["message"].replace(said, scaled, 1)
        raise refusal


def scale_of(info: ResourceInfo, document: dict[str, Any], *, required: bool = True) -> dict[str, Any]:
    """The scale of an object. Raises Refusal (500) for a custom one that does not say how many it wants."""
    wanted, actual, selector = info.scale_paths
    meta = document["metadata"]
    names = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    replicas = _number(document, wanted or ".spec.replicas")
    if replicas is None and info.is_custom and required:
        raise statuses.internal(f'the spec replicas field "{wanted}" does not exist')
    status: dict[str, Any] = {"replicas": _number(document, actual or ".status.replicas") or 0}
    text = _at(document, _path(selector)) if selector else None if info.is_custom else _selector(document)
    if text:
        status["selector"] = text
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {name: meta[name] for name in names if name in meta},
        "spec": {"replicas": replicas} if replicas else {},
        "status": status,
    }


def _path(text: str) -> list[str]:
    return text.lstrip(".").split(".")


def _at(document: dict[str, Any], path: list[str]) -> Any:
    return part(document, *path[:-1]).get(path[-1])


def _number(document: dict[str, Any], path: str) -> int | None:
    value = _at(document, _path(path))
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _set(document: dict[str, Any], path: list[str], value: int) -> None:
    holder = document
    for name in path[:-1]:
        holder = holder.setdefault(name, {})
    holder[path[-1]] = value


def _selector(document: dict[str, Any]) -> str:
    selector = part(document, "spec", "selector")
    if "matchLabels" not in selector and "matchExpressions" not in selector:
        return ",".join(f"{key}={value}" for key, value in sorted(selector.items()))
    return label_selector(selector, empty="")
