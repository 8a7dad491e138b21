"""What a body must be before anything is written: readable, of the right type, with its defaults."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import msgspec

from fairlead.apiserver import statuses
from fairlead.apiserver.builtin.canonical import Empties, Unreadable, as_read, as_written, has_empties
from fairlead.apiserver.builtin.reading import read_whole
from fairlead.apiserver.crds.embedded import EmbeddedFault, metadata_fault, read_embedded
from fairlead.apiserver.documents import listed, part, parts
from fairlead.apiserver.patch_texts import PatchText
from fairlead.apiserver.registry import ResourceInfo
from fairlead.apiserver.requests import WriteOptions
from fairlead.apiserver.strategies import Strategy
from fairlead.apiserver.wire.decoding import conversion_fault, type_fault
from fairlead.machinery.schema.fields import apply_defaults, prune, unknown_fields
from fairlead.machinery.schema.nodes import Schema

__all__ = ["admit", "metadata_of", "private", "same_object", "settle"]

_encode = msgspec.json.Encoder().encode
_DICT: type[Any] = dict
_decode = msgspec.json.Decoder(dict[str, Any]).decode


def metadata_of(document: dict[str, Any]) -> dict[str, Any]:
    """The document's metadata, made if it has none."""
    found: Any = document.get("metadata")
    meta: dict[str, Any] = found if isinstance(found, _DICT) else {}
    if meta is not found:
        document["metadata"] = meta
    return meta


def admit(
    document: dict[str, Any],
    strategy: Strategy,
    options: WriteOptions,
    warnings: list[str],
    *,
    patch: PatchText | None = None,
    duplicates: Sequence[str] = (),
    unsettled: bool = False,
) -> Empties:
    """Make the object fit its type, in place: unknown fields go (or are refused), defaults come.

    Returns what `settle` makes of it before it is stored; `unsettled`: it will be called, and finishes the object.

    Raises Refusal: 400, or 422 for an object that came out of a patch, of which `patch` knows what refusals say.
    Fields that were dropped, and `duplicates`, those that the body says twice, are added to `warnings` when the request wants to know.
    """
    info = strategy.info
    schema = info.schema
    resets = part(document, "metadata").get("managedFields") == []
    empties = Empties(in_spec=bool(strategy.tells_empty) and _told_empty(strategy, document))
    if not _read_at_once(info, schema, document, patch, duplicates):
        _read_closely(info, document, options, warnings, empties, patch, duplicates)
    meta = metadata_of(document)
    if meta.get("ownerReferences"):
        _drop_repeated_owners(meta, warnings, after=patch is not None)
    if "managedFields" in meta and not all(
        _nested(entry.get("fieldsV1", {})) for entry in parts(meta, "managedFields")
    ):
        del meta["managedFields"]
    strategy.default(document)
    apply_defaults(schema, document, keep_nulls=patch is not None and patch.applied)
    if not info.is_custom:
        # What a default has filled in the meantime is not empty any more.
        empties.lists = [(holder, name) for holder, name in empties.lists if not holder.get(name)]
        as_written(schema, document, empties if unsettled else None)
        for holder, name in empties.lists:
            holder[name] = []
        for holder, name in empties.quantities:
            del holder[name]
        tidy_metadata(document["metadata"])
    if resets:
        # Nobody writes an empty list there, but it says that the tracking starts anew.
        document["metadata"]["managedFields"] = []
    return empties


def _told_empty(strategy: Strategy, document: dict[str, Any]) -> bool:
    """Whether a list or map is empty of which that is another thing than none."""
    told = {name: item for name, item in part(document, "spec").items() if name in strategy.tells_empty}
    return bool(told) and has_empties(strategy.info.schema.field("spec"), told)


#: Lists that no object may have empty: their refusal shows them as they were given.
_NEVER_EMPTY = frozenset({"versions"})


def settle(empties: Empties, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Make null of lists that were given empty, and zeros of quantities that were not given, once it is known whose they are.

    `after` is `before` with its owners.
    """
    for holder, name in empties.quantities:
        holder[name] = "0"
    for holder, name in empties.lists:
        if name in _NEVER_EMPTY:
            continue
        (after if holder is before else holder)[name] = None


def _read_at_once(
    info: ResourceInfo, schema: Schema, document: dict[str, Any], patch: PatchText | None, duplicates: Sequence[str]
) -> bool:
    """Read an object in which there is nothing to find fault with, in place; False, and nothing done, for any other."""
    if info.is_custom or duplicates or (patch is not None and patch.faults):
        return False
    found = read_whole(schema, document)
    if found is None:
        return False
    document.clear()
    document.update(found)
    return True


def _read_closely(
    info: ResourceInfo,
    document: dict[str, Any],
    options: WriteOptions,
    warnings: list[str],
    empties: Empties,
    patch: PatchText | None,
    duplicates: Sequence[str],
) -> None:
    """Read an object in place, and say what is wrong with it. Raises Refusal."""
    schema = info.schema
    typed = {"metadata": document["metadata"]} if info.is_custom and "metadata" in document else document
    dropped = unknown_fields(schema, document) if options.validation != "Ignore" else []
    in_embedded = _read_embedded(info, document, patch) if info.is_custom else []
    told = sorted([*dropped, *in_embedded]) if info.is_custom else dropped
    decoded = patch is None or not patch.applied
    strict = _strict(told if options.validation != "Ignore" and decoded else [], patch, duplicates)
    refusal = None
    if strict and options.validation == "Strict":
        # Made before the object is read, which changes how it is shown; what cannot be read is told first.
        refusal = _unreadable(info, f"strict decoding error: {', '.join(_grouped(strict))}", document, patch)
    if not info.is_custom or typed is not document:
        _read(info, typed, document, patch, empties)
    if refusal is not None:
        raise refusal
    warnings.extend(strict)
    if dropped or options.validation == "Ignore":
        prune(schema, document)


def _read_embedded(info: ResourceInfo, document: dict[str, Any], patch: PatchText | None) -> list[str]:
    try:
        return read_embedded(info.schema, document)
    except EmbeddedFault as error:
        raise _unreadable(info, str(error), document, patch) from None


def _strict(dropped: list[str], patch: PatchText | None, duplicates: Sequence[str]) -> list[str]:
    """What strict decoding says of an object and of the patch that it came from."""
    faults = [] if patch is None else list(patch.faults)
    unknown = {f'duplicate field "{path}"' for path in dropped}
    faults += [text for text in duplicates if text not in unknown]
    return [*faults, *(f'unknown field "{path}"' for path in dropped)]


def _grouped(faults: list[str]) -> list[str]:
    """The faults of a YAML text, which begin with its lines, are one error of its decoder."""
    lines = [fault for fault in faults if fault.startswith("line ")]
    others = [fault for fault in faults if fault not in lines]
    return ["\n  ".join(["yaml: unmarshal errors:", *lines]), *others] if lines else others


def _read(
    info: ResourceInfo, typed: dict[str, Any], document: dict[str, Any], patch: PatchText | None, empties: Empties
) -> None:
    """Read what has a Go type as Go does, in place. Raises Refusal."""
    fault = _type_fault(info, typed, patch)
    if fault:
        raise _unreadable(info, fault, document, patch)
    try:
        as_read(info.schema, typed, empties)
    except Unreadable as error:
        raise _unreadable(info, str(error), document, patch) from None


def _drop_repeated_owners(meta: dict[str, Any], warnings: list[str], *, after: bool) -> None:
    """Keep the first of equal owner references; of a patch they are only looked at after mutating admission."""
    kept: list[Any] = []
    repeated: list[str] = []
    for owner in listed(meta, "ownerReferences"):
        if owner in kept:
            repeated.append(str(owner.get("uid", "")))
        else:
            kept.append(owner)
    if repeated:
        meta["ownerReferences"] = kept
        when = " after mutating admission happens" if after else ""
        warnings.append(
            f".metadata.ownerReferences contains duplicate entries{when}; API server dedups owner references in 1.20+, "
            "and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: "
            + ", ".join(repeated)
        )


def _nested(fields: Any) -> bool:
    """Whether this is a set of fields as managedFields has it: objects in objects, and nothing else."""
    return isinstance(fields, dict) and all(map(_nested, cast("dict[str, Any]", fields).values()))


def tidy_metadata(meta: dict[str, Any]) -> None:
    """Drop what Go would not write: nulls, empty lists, maps and texts."""
    for name in [name for name, item in meta.items() if not item and item in (None, "", [], {})]:
        del meta[name]


def _type_fault(info: ResourceInfo, document: dict[str, Any], patch: PatchText | None) -> str:
    if info.is_custom:
        return metadata_fault(document.get("metadata"))
    if patch is not None and patch.strategic:
        return conversion_fault(info.schema, document)
    return type_fault(info.schema, info.type.kind, document, alone="metadata" if info.is_custom else "")


def _unreadable(info: ResourceInfo, why: str, document: dict[str, Any], patch: PatchText | None) -> statuses.Refusal:
    kind, version = info.type.kind, info.type.version
    if patch is not None:
        return statuses.bad_patch(patch.shown(document), why)
    return statuses.bad_request(f'{kind} in version "{version}" cannot be handled as a {kind}: {why}')


def same_object(new: dict[str, Any], old: dict[str, Any]) -> bool:
    """Whether a write changes nothing but the resourceVersion that it named, and when fields came to be owned."""
    left, right = _unversioned(new), _unversioned(old)
    return left == right or (_timeless(left) == _timeless(right))


def _unversioned(document: dict[str, Any]) -> dict[str, Any]:
    meta = {name: item for name, item in document["metadata"].items() if name != "resourceVersion"}
    return {**document, "metadata": meta}


def _timeless(document: dict[str, Any]) -> dict[str, Any]:
    meta = document["metadata"]
    entries = [{name: entry[name] for name in entry if name != "time"} for entry in meta.get("managedFields") or ()]
    return {**document, "metadata": {**meta, "managedFields": entries}}


def private(document: dict[str, Any]) -> dict[str, Any]:
    """A deep copy."""
    return _decode(_encode(document))
