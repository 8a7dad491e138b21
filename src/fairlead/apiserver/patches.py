"""The patch verb: what each media type means, and what becomes of the patched object.

https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply
"""

from __future__ import annotations

from typing import Any, cast

import msgspec

from fairlead.apiserver import statuses
from fairlead.apiserver.cluster import Cluster
from fairlead.apiserver.decoding import go_value
from fairlead.apiserver.documents import part
from fairlead.apiserver.registry import ResourceInfo
from fairlead.apiserver.requests import META, WriteOptions
from fairlead.apiserver.writes import Change, Writer, Written
from fairlead.errors import FairleadError
from fairlead.machinery import causes
from fairlead.machinery.apply import ApplyConflict, ApplyRefused, apply
from fairlead.machinery.causes import Cause
from fairlead.machinery.names import ObjectKey
from fairlead.machinery.patch import PatchError, json_patch, merge_patch, strategic_merge_patch
from fairlead.machinery.schema import Schema
from fairlead.machinery.wire import Request

__all__ = ["APPLY", "Patcher", "media_type", "patched", "read_config", "read_patch"]

JSON, MERGE = "application/json-patch+json", "application/merge-patch+json"
STRATEGIC, APPLY = "application/strategic-merge-patch+json", "application/apply-patch+yaml"
_MOST_OPERATIONS = 10_000


class Patcher:
    """Carries out patches of objects and their subresources."""

    def __init__(self, cluster: Cluster, writer: Writer) -> None:
        self._cluster = cluster
        self._writer = writer

    def patch(self, info: ResourceInfo, key: ObjectKey, subresource: str, request: Request) -> Written:
        """Patch an object; apply also creates it. Raises Refusal."""
        media = media_type(info, request)
        options = WriteOptions.parse(request, "PatchOptions")
        _check_options(media, request, options)
        shown: str | None = None
        if media == APPLY:
            change = self._apply(info, subresource, read_config(request, info), options)
        else:
            patch = read_patch(request)
            change = _changing(media, patch, info)
            shown = go_value(patch) if media == STRATEGIC else ""
        applies = media == APPLY
        return self._writer.update(
            info,
            key,
            change,
            options,
            subresource=subresource,
            tracked=not applies,
            create=applies and not subresource,
            patch=shown,
        )

    def _apply(self, info: ResourceInfo, subresource: str, config: dict[str, Any], options: WriteOptions) -> Change:
        reset = self._writer.strategy(info).reset_fields(subresource)

        def change(live: dict[str, Any] | None) -> dict[str, Any]:
            try:
                return apply(
                    live,
                    config,
                    options.manager,
                    schema=info.schema,
                    api_version=info.type.api_version,
                    force=bool(options.force),
                    subresource=subresource,
                    now=self._cluster.timestamp(),
                    reset_fields=reset,
                )
            except ApplyConflict as error:
                raise statuses.apply_conflict(error.message(), error.causes()) from error
            except ApplyRefused as error:
                raise _refused(error, info, config) from error

        return change


def _refused(error: ApplyRefused, info: ResourceInfo, config: dict[str, Any]) -> statuses.Refusal:
    text = str(error)
    if text.startswith("metadata.managedFields"):
        return statuses.bad_request(text)
    meta, resource = part(config, "metadata"), info.type
    place = (
        f"{meta.get('namespace', '')}/{meta.get('name', '')}; {resource.group}/{resource.version}, Kind={resource.kind}"
    )
    return statuses.failure(500, "", f"failed to create typed patch object ({place}): {text}")


def media_type(info: ResourceInfo, request: Request) -> str:
    """The kind of patch. Raises Refusal (415) for one that the type does not take."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    known = (JSON, MERGE, APPLY) if info.is_custom else (JSON, MERGE, STRATEGIC, APPLY)
    if media not in known:
        if info.is_custom:
            raise statuses.unsupported_media_type(known)
        raise statuses.failure(415, "UnsupportedMediaType", "415: Unsupported Media Type", {})
    return media


def _check_options(media: str, request: Request, options: WriteOptions) -> None:
    found: list[Cause] = []
    named = any(key == "fieldManager" and value for key, value in request.query)
    if media == APPLY and not named:
        found.append(Cause(causes.REQUIRED, "Required value: is required for apply patch", "fieldManager"))
    if media != APPLY and options.force is not None:
        found.append(Cause(causes.FORBIDDEN, "Forbidden: may not be specified for non-apply patch", "force"))
    if found:
        raise statuses.invalid(META, "PatchOptions", "", found)


def read_patch(request: Request) -> Any:
    """The patch in a request's body. Raises Refusal (400)."""
    try:
        return msgspec.json.decode(request.body)
    except msgspec.DecodeError as error:
        raise statuses.bad_request("invalid JSON patch") from error


def read_config(request: Request, info: ResourceInfo | None) -> dict[str, Any]:
    """The applied configuration in a request's body, YAML or JSON. Raises Refusal (400)."""
    from fairlead.machinery import yaml  # noqa: PLC0415 - PyYAML is loaded by those who use it

    try:
        document = msgspec.json.decode(request.body)
    except msgspec.DecodeError:
        try:
            text = request.body.decode("utf-8", "replace")
            document = next(iter(yaml.load_all(text, source="the applied configuration")), None)
        except FairleadError as error:
            raise statuses.bad_request(f"error decoding YAML: {error}") from error
    if not isinstance(document, dict):
        raise statuses.bad_request("error decoding YAML: an object was expected")
    return _checked_config(cast("dict[str, Any]", document), info)


def _checked_config(document: dict[str, Any], info: ResourceInfo | None) -> dict[str, Any]:
    if info is None:
        return document
    api_version, kind = str(document.get("apiVersion") or ""), str(document.get("kind") or "")
    if (api_version, kind) != (info.type.api_version, info.type.kind):
        group, _, version = api_version.rpartition("/")
        raise statuses.bad_request(f"invalid object type: {group}/{version}, Kind={kind}")
    return document


def _changing(media: str, patch: Any, info: ResourceInfo) -> Change:
    schema = info.schema

    def change(live: dict[str, Any] | None) -> dict[str, Any]:
        if live is None:
            raise statuses.internal("a patch of nothing")
        return patched(media, live, patch, schema)

    return change


def patched(media: str, live: dict[str, Any], patch: Any, schema: Schema) -> dict[str, Any]:
    """The object after the patch. Raises Refusal (400, 422)."""
    try:
        if media == JSON:
            _check_operations(patch)
            result = json_patch(live, patch)
        elif not isinstance(patch, dict):
            text = "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}"
            raise statuses.bad_request(text)
        elif media == MERGE:
            result = merge_patch(live, patch)
        else:
            result = strategic_merge_patch(live, patch, schema)
    except PatchError as error:
        if media == JSON:
            refusal = statuses.failure(422, "Invalid", "the server rejected our request due to an error in our request")
            refusal.status["details"] = {}
            raise refusal from error
        raise statuses.bad_request(str(error)) from error
    if not isinstance(result, dict):
        raise statuses.bad_request("the patch does not leave an object")
    return cast("dict[str, Any]", result)


def _check_operations(patch: Any) -> None:
    if not isinstance(patch, list):
        text = "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp"
        raise statuses.bad_request(text)
    count = len(cast("list[Any]", patch))
    if count > _MOST_OPERATIONS:
        text = f"The allowed maximum operations in a JSON patch is {_MOST_OPERATIONS}, got {count}"
        raise statuses.too_large(text)
