"""The patch verb: what each media type means, and what becomes of the patched object.

https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any, cast

from fairlead.apiserver import statuses
from fairlead.apiserver.cluster import Cluster
from fairlead.apiserver.documents import part
from fairlead.apiserver.patch_texts import PatchText, go_json
from fairlead.apiserver.registry import ResourceInfo
from fairlead.apiserver.requests import WriteOptions
from fairlead.apiserver.wire.decoding import conversion_fault
from fairlead.apiserver.wire.json_errors import duplicate_fields, json_error, kind_of
from fairlead.apiserver.wire.json_values import NumberTooGreat, plain_numbers, read_as_written, read_json
from fairlead.apiserver.wire.negotiation import is_builtin, untyped
from fairlead.apiserver.writes import Writer, Written
from fairlead.machinery.apply.ownership import ApplyConflict, ApplyRefused, apply
from fairlead.machinery.apply.versions import Convert
from fairlead.machinery.names import ObjectKey
from fairlead.machinery.patch.json import json_patch
from fairlead.machinery.patch.merge import merge_patch
from fairlead.machinery.patch.strategic import strategic_merge_patch
from fairlead.machinery.patch.values import PatchError
from fairlead.machinery.schema.nodes import Schema, is_list, is_map
from fairlead.machinery.validation import quote
from fairlead.machinery.wire import Request

__all__ = [
    "APPLY",
    "STRATEGIC",
    "Config",
    "Patch",
    "Patcher",
    "applied",
    "check_type",
    "media_type",
    "read_config",
    "read_patch",
]

JSON, MERGE = "application/json-patch+json", "application/merge-patch+json"
STRATEGIC, APPLY = "application/strategic-merge-patch+json", "application/apply-patch+yaml"
_MOST_OPERATIONS = 10_000
_OPERATION_FIELDS = ("op", "path", "from", "value")
#: What of a strategic merge patch is the client's fault; the server fails at anything else.
_BAD_STRATEGIC = frozenset(
    {
        "invalid JSON document",
        "invalid patch format of primitive list",
        "invalid patch format of retainKeys",
        "invalid patch format of setElementOrder list",
        "strategic merge patch format is not supported",
    }
)
_UNPROCESSABLE = frozenset({"lists of lists are not supported", "patch content doesn't match retainKeys list"})


class Patch:
    """A patch that was read from a request, of any kind but apply."""

    def __init__(self, media: str, body: bytes, *, strict: bool) -> None:
        """Raises Refusal (400) for a body that is no JSON; `strict`: fields are to be validated."""
        if json_error(body):
            raise statuses.bad_request("invalid JSON patch")
        self.media = media
        self._body = body
        self._strict = strict
        self.value: Any = None
        #: What strict decoding says of the patch itself.
        self.faults: list[str] = []

    def _decode(self) -> None:
        """Read the patch, which nobody does before there is an object to be patched. Raises Refusal (400, 413)."""
        try:
            # What a JSON patch tests is compared as it is written.
            read = read_as_written if self.media == JSON else read_json
            self.value = read(self._body.decode("utf-8", "replace"))
        except NumberTooGreat as error:
            raise statuses.bad_request(self._too_great(str(error))) from None
        if self.media == JSON:
            self._check_operations()
        else:
            self._check_object()
        if self._strict:
            self.faults = self._strict_faults(self._body)

    def _too_great(self, text: str) -> str:
        if self.media == JSON:
            text = text.replace("Go value", "Go struct field jsonPatchOp.value")
        return text if self.media == STRATEGIC else f"error decoding patch: {text}"

    def _check_object(self) -> None:
        value: object = self.value
        if value is None and self.media == STRATEGIC:
            self.value = {}
        elif is_map(value) or (is_list(value) and self.media == MERGE and not self._strict):
            return  # a list takes the object's place
        elif value is None or (self.media == MERGE and not self._strict):
            raise statuses.bad_request("Invalid JSON Patch")
        else:
            text = f"json: cannot unmarshal {kind_of(value)} into Go value of type map[string]interface {{}}"
            raise statuses.bad_request(text if self.media == STRATEGIC else f"error decoding patch: {text}")

    def _check_operations(self) -> None:
        if self.value is None:
            self.value = []
        value: object = self.value
        if not isinstance(value, list):
            raise _undecodable(value, "Go value of type []handlers.jsonPatchOp")
        operations = cast("list[Any]", value)
        for operation in operations:
            if operation is not None and not isinstance(operation, dict):
                raise _undecodable(operation, "Go value of type handlers.jsonPatchOp")
            for name in ("op", "path", "from"):
                value = cast("dict[str, Any]", operation or {}).get(name)
                if value is not None and not isinstance(value, str):
                    raise _undecodable(value, f"Go struct field jsonPatchOp.{name} of type string")
        if len(operations) > _MOST_OPERATIONS:
            text = f"The allowed maximum operations in a JSON patch is {_MOST_OPERATIONS}, got {len(operations)}"
            raise statuses.too_large(text)

    def _strict_faults(self, body: bytes) -> list[str]:
        duplicates = duplicate_fields(body)
        if self.media != JSON:
            return [f'duplicate field "{path}"' for path in duplicates]
        found = [f'json patch duplicate field "{path}"' for path in duplicates if path.count(".") == 1]
        for index, operation in enumerate(cast("list[dict[str, Any] | None]", self.value)):
            unknown = [name for name in operation or () if name not in _OPERATION_FIELDS]
            found += [f'json patch unknown field "[{index}].{name}"' for name in unknown]
        return found

    def apply(self, live: dict[str, Any], schema: Schema) -> dict[str, Any]:
        """The object after the patch. Raises Refusal (400, 413, 422, 500)."""
        self._decode()
        try:
            result = self._result(live, schema)
        except PatchError as error:
            raise self._failed(str(error)) from error
        if not isinstance(result, dict):
            raise statuses.bad_patch(go_json(result), untyped(result))
        return cast("dict[str, Any]", result)

    def _result(self, live: dict[str, Any], schema: Schema) -> Any:
        if self.media == JSON:
            return plain_numbers(json_patch(live, self.value))
        return merge_patch(live, self.value) if self.media == MERGE else strategic_merge_patch(live, self.value, schema)

    def _failed(self, text: str) -> statuses.Refusal:
        if self.media == JSON or text in _UNPROCESSABLE:
            return statuses.failure(
                422, "Invalid", "the server rejected our request due to an error in our request", {}
            )
        if self.media == MERGE or text in _BAD_STRATEGIC:
            return statuses.bad_request(text)
        return statuses.failure(500, "", text)

    def text(self, live: dict[str, Any], info: ResourceInfo) -> PatchText:
        """How refusals show what became of `live`."""
        strategic = self.media == STRATEGIC
        return PatchText(live, self.value, info.schema, strategic=strategic, custom=info.is_custom, faults=self.faults)


def _undecodable(value: Any, target: str) -> statuses.Refusal:
    return statuses.bad_request(f"error decoding patch: json: cannot unmarshal {kind_of(value)} into {target}")


class Patcher:
    """Carries out patches of objects and their subresources."""

    def __init__(self, cluster: Cluster, writer: Writer) -> None:
        self._cluster = cluster
        self._writer = writer

    def patch(self, info: ResourceInfo, key: ObjectKey, subresource: str, request: Request) -> Written:
        """Patch an object; apply also creates it. Raises Refusal."""
        media = media_type(info, request)
        options = WriteOptions.parse(request, "PatchOptions", applies=media == APPLY)
        if media == APPLY:
            return self._apply(info, key, subresource, read_config(request, info), options)
        patch = read_patch(media, request, options)

        def change(live: dict[str, Any] | None) -> dict[str, Any]:
            if live is None:
                raise statuses.internal("a patch of nothing")
            result = patch.apply(live, info.schema)
            if info.is_custom:
                _check_typed(result, patch.text(live, info))
            elif media != STRATEGIC:
                check_type(info, result, patch.text(live, info))
            return result

        def text(live: dict[str, Any]) -> PatchText:
            return patch.text(live, info)

        return self._writer.update(info, key, change, options, subresource=subresource, patch=text)

    def _apply(
        self, info: ResourceInfo, key: ObjectKey, subresource: str, config: Config, options: WriteOptions
    ) -> Written:
        reset = self._writer.strategy(info).reset_fields(subresource)
        warnings: list[str] = []

        def change(live: dict[str, Any] | None) -> dict[str, Any]:
            now = self._cluster.timestamp()
            result = applied(
                info, live, config.document, options, subresource=subresource, now=now, reset_fields=reset,
                convert=self._cluster.convert(info),
            )  # fmt: skip
            config.check(options, warnings)
            return result

        def shown(live: dict[str, Any]) -> PatchText:
            return PatchText(live, {}, info.schema, applied=True)

        written = self._writer.update(
            info, key, change, options, subresource=subresource, tracked=False, create=not subresource, patch=shown
        )
        written.warnings[:0] = warnings
        return written


def _check_typed(result: dict[str, Any], text: PatchText) -> None:
    """A custom object that does not say what it is cannot be read at all."""
    if not result.get("kind"):
        shown = text.shown(result)
        raise statuses.bad_patch(shown, f"Object 'Kind' is missing in '{shown}'")
    if not result.get("apiVersion"):
        raise statuses.internal("Object 'apiVersion' is missing in 'object has no apiVersion field'")


def check_type(info: ResourceInfo, result: dict[str, Any], text: PatchText) -> None:
    """A patch may take the kind away, but not change what the object is an object of. Raises Refusal (400, 422)."""
    api_version, kind = result.get("apiVersion"), result.setdefault("kind", info.type.kind)
    if not api_version:
        # The server reads this as an object of its own inner form, which has no fields known to JSON.
        refusal = statuses.undetermined_name(part(text.live, "metadata").get("name", ""))
        refusal.warnings = [f'unknown field "{name}"' for name in sorted(result) if name not in {"apiVersion", "kind"}]
        raise refusal
    if (api_version, kind) != (info.type.api_version, info.type.kind):
        raise statuses.bad_patch(text.shown(result), _other_type(info, str(api_version), str(kind)))


def _other_type(info: ResourceInfo, api_version: str, kind: str) -> str:
    group, _, version = api_version.rpartition("/")
    if is_builtin(group, version, kind):
        package = info.type.group.partition(".")[0] or "core"
        return f"converting ({version}.{kind}) to ({package}.{info.type.kind}): unknown conversion"
    return f'no kind "{kind}" is registered for version "{api_version}" in scheme "pkg/runtime/scheme.go:111"'


def applied(
    info: ResourceInfo,
    live: dict[str, Any] | None,
    config: dict[str, Any],
    options: WriteOptions,
    *,
    subresource: str,
    now: str,
    reset_fields: tuple[str, ...] = (),
    convert: Convert | None = None,
) -> dict[str, Any]:
    """The object after an apply. Raises Refusal (400, 409, 500)."""
    try:
        result = apply(
            live,
            config,
            options.manager,
            schema=info.schema,
            api_version=info.type.api_version,
            force=bool(options.force),
            subresource=subresource,
            now=now,
            reset_fields=reset_fields,
            convert=convert,
        )
    except ApplyConflict as error:
        raise statuses.apply_conflict(error.message(), error.causes()) from error
    except ApplyRefused as error:
        raise _refused(error, info, (live or config) if error.of_live else config) from error
    fault = "" if info.is_custom else conversion_fault(info.schema, result)
    if fault:
        gvk = f"{info.type.group}/{info.type.version}, Kind={info.type.kind}"
        said = f"failed to convert new object ({_place(info, config)}) to proper version"
        raise statuses.failure(500, "", f"{said}: unable to convert unstructured object to {gvk}: {fault}")
    return result


def _place(info: ResourceInfo, config: dict[str, Any]) -> str:
    meta, resource = part(config, "metadata"), info.type
    name = f"{meta.get('namespace') or ''}/{meta.get('name') or ''}"
    return f"{name}; {resource.group}/{resource.version}, Kind={resource.kind}"


def _refused(error: ApplyRefused, info: ResourceInfo, said: dict[str, Any]) -> statuses.Refusal:
    text = str(error)
    if text.startswith("metadata.managedFields"):
        return statuses.bad_request(text)
    if not error.failed:
        return statuses.failure(500, "", text)
    failed = error.failed.format(place=_place(info, said))
    return statuses.failure(500, "", f"failed {failed}: {text}")


def media_type(info: ResourceInfo, request: Request) -> str:
    """The kind of patch. Raises Refusal (415) for one that the type does not take."""
    media = request.headers.get("content-type", "").partition(";")[0]
    known = (JSON, MERGE, APPLY) if info.is_custom else (JSON, MERGE, STRATEGIC, APPLY)
    if media not in known:
        if info.is_custom:
            raise statuses.unsupported_media_type(known)
        raise statuses.failure(415, "UnsupportedMediaType", "415: Unsupported Media Type", {})
    return media


def read_patch(media: str, request: Request, options: WriteOptions) -> Patch:
    """The patch in a request's body. Raises Refusal (400)."""
    return Patch(media, request.body, strict=options.validation != "Ignore")


@dataclass(frozen=True, slots=True)
class Config:
    """An applied configuration, and what strict decoding says of its text."""

    document: dict[str, Any]
    faults: tuple[str, ...] = ()

    def check(self, options: WriteOptions, warnings: list[str]) -> None:
        """Refuse a key that stands twice, or warn of it, as the request wants it. Raises Refusal (400)."""
        if self.faults and options.validation == "Strict":
            lines = "".join(f"\n  {fault}" for fault in self.faults)
            why = f"error converting YAML to JSON: yaml: unmarshal errors:{lines}"
            raise statuses.bad_request(f"error strict decoding patch: {why}")
        if options.validation == "Warn":
            warnings.extend(self.faults)


def read_config(request: Request, info: ResourceInfo) -> Config:
    """The applied configuration in a request's body, YAML or JSON. Raises Refusal (400)."""
    document, duplicates = _read_yaml(request.body)
    if document is None:
        document = {}
    if not isinstance(document, dict):
        why = f"json: cannot unmarshal {kind_of(document)} into Go value of type map[string]interface {{}}"
        raise statuses.bad_request(f"error decoding patch: error unmarshaling JSON: while decoding JSON: {why}")
    faults = tuple(f"line {line}: key {quote(key)} already set in map" for line, key in duplicates)
    return Config(_checked_config(cast("dict[str, Any]", document), info), faults)


def _read_yaml(body: bytes) -> tuple[Any, list[tuple[int, str]]]:
    from fairlead.machinery.yaml import loading  # noqa: PLC0415 - PyYAML is loaded by those who use it

    is_json = body.lstrip()[:1] == b"{"
    duplicates: list[tuple[int, str]] = []
    if is_json and not json_error(body) and not duplicate_fields(body):
        with contextlib.suppress(NumberTooGreat):  # which is a text to YAML
            return read_json(body.decode("utf-8", "replace")), []
    try:
        return loading.read_first(body.decode("utf-8", "replace"), duplicates), duplicates
    except loading.GoYamlError as error:
        stage = "decoding patch: error converting YAML to JSON" if is_json else "encoding patch"
        raise statuses.bad_request(f"error {stage}: {error}") from error


def _checked_config(document: dict[str, Any], info: ResourceInfo) -> dict[str, Any]:
    api_version, kind = str(document.get("apiVersion") or ""), str(document.get("kind") or "")
    if (api_version, kind) != (info.type.api_version, info.type.kind):
        group, _, version = api_version.rpartition("/")
        raise statuses.bad_request(f"invalid object type: {group}/{version}, Kind={kind}")
    return document
