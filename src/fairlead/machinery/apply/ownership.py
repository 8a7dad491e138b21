"""Server-side apply, and who owns which fields after any write. Pure: nothing given is changed, no clock is read.

https://kubernetes.io/docs/reference/using-api/server-side-apply/ and KEP-555; behaviour of structured-merge-diff v6. Without a
`convert` all versions of a type are taken to have the same fields.
"""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, cast

from fairlead.machinery.apply.created import NotOfItsType, created_fields
from fairlead.machinery.apply.entries import APPLY, UPDATE, Entries, Entry, Owner, entry_json, manager_name
from fairlead.machinery.apply.fieldsets import NOTHING, FieldSet, Path, field_element, path_text
from fairlead.machinery.apply.types import MergeType, PathError, may_lack_keys, typed_view
from fairlead.machinery.apply.values import changed_values
from fairlead.machinery.apply.versions import Convert, NotConverted, VersionGone, Versions, faults_text
from fairlead.machinery.apply.walks import (
    Comparison,
    compare,
    config_faults,
    field_set,
    merge,
    named_fields,
    remove_items,
    same,
    unlike,
)
from fairlead.machinery.schema.nodes import Schema, is_list, is_map

__all__ = ["ApplyConflict", "ApplyRefused", "apply", "manager_name", "track_update"]

_BEFORE_FIRST_APPLY = "before-first-apply"
_NOTHING_TYPED = "an object without any field"
_KUBECTL = "kubectl"
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_META_FIELDS = (
    "name",
    "namespace",
    "creationTimestamp",
    "selfLink",
    "uid",
    "clusterName",
    "generation",
    "managedFields",
    "resourceVersion",
)
_UNOWNED = FieldSet.of(
    [
        *((field_element(name),) for name in ("apiVersion", "kind", "metadata")),
        *((field_element("metadata"), field_element(name)) for name in _META_FIELDS),
    ]
)
"""Fields of every object that nobody owns."""
_SAID_OF_EVERY = frozenset({"apiVersion", "kind", "metadata"})
_META_ELEMENTS = {name: field_element(name) for name in _META_FIELDS}


class ApplyConflict(ValueError):
    """Other managers own, with other values, what was applied without force. Nothing is applied."""

    def __init__(self, conflicts: Iterable[tuple[Owner, Path]]) -> None:
        """The owners and paths in conflict, in the order in which they are told."""
        #: Who owns which of the fields.
        self.found: list[tuple[Owner, Path]] = list(conflicts)
        super().__init__(self.message())

    @property
    def conflicts(self) -> list[tuple[str, str, str]]:
        """(manager, api_version, field path) of each conflict; the version is "" for a manager that applied."""
        return [(owner.manager, owner.api_version, path_text(path)) for owner, path in self.found]

    def message(self) -> str:
        """The Status message of the API server's 409."""
        if len(self.found) == 1:
            owner, path = self.found[0]
            return f"Apply failed with 1 conflict: conflict with {owner}: {path_text(path)}"
        lines: list[str] = []
        for owner in dict.fromkeys(owner for owner, _ in self.found):
            lines.append(f"conflicts with {owner}:")
            lines += [f"- {path_text(path)}" for other, path in self.found if other == owner]
        return f"Apply failed with {len(self.found)} conflicts: " + "\n".join(lines)

    def causes(self) -> list[dict[str, str]]:
        """The causes of the Status: reason FieldManagerConflict, a message that names the owner, and the field."""
        return [
            {"reason": "FieldManagerConflict", "message": f"conflict with {owner}", "field": path_text(path)}
            for owner, path in self.found
        ]


class ApplyRefused(ValueError):
    """A configuration that cannot be applied: a field the schema does not state, a wrong type, a key given twice, managedFields.

    Or a live object that nothing can be applied to, for a list in it has items without their keys. `failed` says at what
    the API server fails, with `{place}` for the object.
    """

    def __init__(
        self, text: str, failed: str = "to create typed patch object ({place})", *, of_live: bool = False
    ) -> None:
        """`failed` empty: the text says it all. `of_live`: the object is the live one, not the configuration."""
        super().__init__(text)
        self.failed = failed
        self.of_live = of_live


def apply(
    live: Mapping[str, Any] | None,
    config: Mapping[str, Any],
    manager: str,
    *,
    schema: Schema,
    api_version: str,
    force: bool = False,
    subresource: str = "",
    now: str,
    reset_fields: Iterable[str] = (),
    convert: Convert | None = None,
) -> dict[str, Any]:
    """The object after `manager` applied `config` over `live` (None: it does not exist), with its managedFields.

    `now` is the time of the write (RFC 3339, UTC, whole seconds). `reset_fields` are dotted paths such as `status` that this
    endpoint ignores: nobody comes to own them. `convert` gives the object in other versions, in which others may own fields. An
    apply that changes nothing gives the live object back, unless ownership changes.
    Raises ApplyConflict when others own what changes and `force` is not set, ApplyRefused for a configuration that does not fit
    the type, or a version. Defaults are the caller's to fill in afterwards: nobody owns those of an applied object.
    """
    if _metadata(config).get("managedFields") is not None:
        raise ApplyRefused("metadata.managedFields must be nil")
    merge_type = MergeType.of(schema)
    if faults := faults_text(merge_type, config):
        raise ApplyRefused(faults)
    base = dict(live) if live else _identity(config)
    writer = _Writer(merge_type, _reset_set(reset_fields), Versions(merge_type, api_version, convert))
    entries = _before_first(writer, base, Owner.of(_BEFORE_FIRST_APPLY, UPDATE, api_version, subresource), now)
    owner = Owner.of(manager, APPLY, api_version, subresource)
    try:
        merged, entries = writer.apply(base, config, entries, owner, api_version, force=force)
    except ApplyConflict as conflict:
        if manager != _KUBECTL:
            raise
        _settle_with_client_side_apply(conflict, merge_type, base, api_version)
        merged, entries = writer.apply(base, config, entries, owner, api_version, force=True)
    except PathError as error:
        raise ApplyRefused(str(error), "to create typed live object ({place})", of_live=True) from None
    except NotConverted as error:
        raise ApplyRefused(str(error), "") from None
    if not (live and same(merged, base)) and owner in entries.owners:
        entries.owners[owner] = Entry(entries.owners[owner].fields, api_version, now)
    result = _cleaned(merge_type, merged)
    return _with_entries(_with_last_applied(result, config) if manager == _KUBECTL else result, live, entries)


def _settle_with_client_side_apply(
    conflict: ApplyConflict, merge_type: MergeType, live: Mapping[str, Any], api_version: str
) -> None:
    """Raise what is left of a conflict once what `kubectl apply` applied from its own side is kubectl's to change.

    https://kubernetes.io/docs/reference/using-api/server-side-apply/#upgrading-from-client-side-apply-to-server-side-apply
    """
    text = _annotations(live).get(_LAST_APPLIED)
    try:
        last = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        raise conflict from None
    if not is_map(last) or last.get("apiVersion") != api_version or any(config_faults(merge_type, last)):
        raise conflict
    change = compare(merge_type, last, live)
    changed = change.modified.union(change.added).union(change.removed)
    owned = field_set(merge_type, last).difference(changed)
    left = [(owner, path) for owner, path in conflict.found if path not in owned]
    if left:
        raise ApplyConflict(left)


def _annotations(value: Mapping[str, Any]) -> Mapping[str, Any]:
    found = _metadata(value).get("annotations")
    return found if is_map(found) else {}


def _with_last_applied(value: dict[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    """Keep kubectl's annotation up to date where there is one: older kubectls still read it."""
    if not _annotations(value).get(_LAST_APPLIED):
        return value
    applied = copy.deepcopy(dict(config))
    if _LAST_APPLIED in _annotations(applied):
        del applied["metadata"]["annotations"][_LAST_APPLIED]
    text = json.dumps(applied, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"
    for letter in "<>&":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    annotations = {**_annotations(value), _LAST_APPLIED: text}
    return {**value, "metadata": {**_metadata(value), "annotations": annotations}}


def track_update(
    old: Mapping[str, Any] | None,
    new: Mapping[str, Any],
    manager: str,
    *,
    schema: Schema,
    api_version: str,
    subresource: str = "",
    now: str,
    reset_fields: Iterable[str] = (),
    convert: Convert | None = None,
) -> dict[str, Any]:
    """`new` with the managedFields that follow from a create (`old` is None), an update or a patch of `old` by `manager`.

    What the write changed becomes `manager`'s; others lose it. `new`'s own managedFields count as before the write, unless it sends
    none; `[{}]` resets them (in built-in types `[]` too), and an object that has none is not tracked until somebody applies to
    it. Where the object has no form in a version that `convert` is asked for, ownership stays as it was.
    """
    before = _metadata(old)
    if not old and (created := _created(new, manager, schema, api_version, subresource, now, reset_fields)) is not None:
        return created
    sent = _metadata(new)
    entries = Entries.of_old(before) if subresource else Entries.of_write(before, sent, custom=schema.structural)
    if not entries.owners and before.get("uid"):
        return _with_entries(new, None, entries)
    merge_type = MergeType.of(schema)
    writer = _Writer(merge_type, _reset_set(reset_fields), Versions(merge_type, api_version, convert))
    owner = Owner.of(manager, UPDATE, api_version, subresource)
    # Where it cannot be said whose a field is, as of a list's item without its keys, ownership stays as it was.
    with contextlib.suppress(PathError, NotConverted):
        entries = writer.update(old or {}, new, entries, owner, api_version, now)
    entries.cap_updaters()
    return _with_entries(new, old, entries)


def _created(
    new: Mapping[str, Any],
    manager: str,
    schema: Schema,
    api_version: str,
    subresource: str,
    now: str,
    reset_fields: Iterable[str],
) -> dict[str, Any] | None:
    """The object with its creator's entry, where that can be said without comparing; None where it cannot."""
    metadata, reset = _metadata(new), tuple(reset_fields)
    if metadata.get("managedFields") or any("." in path for path in reset):
        return None
    shown = {name: item for name, item in new.items() if name not in _SAID_OF_EVERY}
    own = {name: item for name, item in metadata.items() if name not in _META_ELEMENTS}
    if own:
        shown["metadata"] = own
    try:
        fields = created_fields(MergeType.of(schema), shown, reset)
    except NotOfItsType:
        return None
    below = fields.get("f:metadata")
    if below is not None:
        below.pop(".", None)
        if not below:
            del fields["f:metadata"]
    out, described = dict(new), dict(metadata)
    described.pop("managedFields", None)
    if fields:
        described["managedFields"] = [
            entry_json(Owner.of(manager, UPDATE, api_version, subresource), api_version, now, fields)
        ]
    if described:
        out["metadata"] = described
    return out


def _metadata(value: Mapping[str, Any] | None) -> Mapping[str, Any]:
    metadata = (value or {}).get("metadata")
    return metadata if is_map(metadata) else {}


def _identity(config: Mapping[str, Any]) -> dict[str, Any]:
    return {name: config[name] for name in ("apiVersion", "kind") if name in config}


def _reset_set(paths: Iterable[str]) -> FieldSet:
    return FieldSet.of(tuple(field_element(name) for name in path.split(".")) for path in paths)


def _before_first(writer: _Writer, live: Mapping[str, Any], owner: Owner, now: str) -> Entries:
    """The entries to apply over. Without any, all that is there belongs to `before-first-apply`, the owner given."""
    try:
        entries = Entries.of(_metadata(live))
    except ValueError as error:
        raise ApplyRefused(f"failed to decode managed fields: {error}") from None
    if entries.owners:
        return entries
    try:
        return writer.update(_identity(live), live, entries, owner, owner.api_version, now)
    except PathError as error:
        step = "to create manager for existing fields: failed to convert new object ({place}) to smd typed"
        raise ApplyRefused(str(error), step, of_live=True) from None


class _Writer:
    """One write: the type of the object, the fields that the endpoint resets, and the versions that others own fields in."""

    def __init__(self, merge_type: MergeType, reset: FieldSet, versions: Versions) -> None:
        self._type = merge_type
        self._reset = reset
        self._versions = versions

    def update(
        self,
        old: Mapping[str, Any],
        new: Mapping[str, Any],
        entries: Entries,
        owner: Owner,
        api_version: str,
        now: str,
    ) -> Entries:
        """Ownership after `old` became `new`. The owner's own entry loses what the write changed and gains it again, with the time."""
        entries = self._reconciled(old, entries)
        change = self._update_change(_without_entries(old, new), new)
        entries, changes = self._changes(entries, change, old, new)
        fields = change.modified.union(change.added).difference(_UNOWNED)
        previous = entries.owners.get(owner)
        entries = _taken(entries, changes)
        if not fields.empty:
            entries.owners[owner] = _regained(previous, entries.owners.get(owner), fields, api_version, now)
        return entries

    def _update_change(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> Comparison:
        schema = self._type.schema
        if schema is None or may_lack_keys(schema):
            # An item without its keys is to be found wherever it is.
            return self._change(self._typed(old), self._typed(new))
        left, right = unlike(schema, old, new)
        values = changed_values(self._type, left, right, _META_ELEMENTS)
        if values is not None:
            return Comparison(modified=values).without(self._reset)
        return self._change(self._typed(left), self._typed(right))

    def _typed(self, value: Mapping[str, Any]) -> object:
        schema = self._type.schema
        if schema is None:
            return value
        if value:
            return typed_view(schema, value)
        # What is created comes from nothing, which looks the same every time.
        found = schema.views.get(_NOTHING_TYPED)
        if found is None:
            found = schema.views[_NOTHING_TYPED] = typed_view(schema, {})
        return cast("object", found)

    def _change(self, old: object, new: object) -> Comparison:
        return compare(self._type, old, new).without(self._reset)

    def _reconciled(self, live: Mapping[str, Any], entries: Entries) -> Entries:
        """The entries in the terms of the present schemas, without those of versions that are gone. Raises NotConverted."""
        found = Entries()
        for owner, entry in entries.owners.items():
            with contextlib.suppress(VersionGone):
                fields = self._versions.reconciled(live, entry.fields, entry.api_version)
                found.owners[owner] = entry if fields is entry.fields else entry.with_fields(fields)
        return found

    def _changes(
        self, entries: Entries, change: Comparison, old: Mapping[str, Any], new: Mapping[str, Any]
    ) -> tuple[Entries, Mapping[str, Comparison]]:
        """What changed, in each version that somebody owns fields in; owners in versions that are gone are forgotten.

        Raises NotConverted.
        """
        changes = {self._versions.api_version: change}
        kept = Entries()
        for owner, entry in entries.owners.items():
            try:
                if entry.api_version not in changes:
                    changes[entry.api_version] = self._change_at(entry.api_version, change, old, new)
            except VersionGone:
                continue
            kept.owners[owner] = entry
        return kept, changes

    def _change_at(
        self, api_version: str, change: Comparison, old: Mapping[str, Any], new: Mapping[str, Any]
    ) -> Comparison:
        if self._versions.convert is None:
            return change
        merge_type, before = self._at(old, api_version, "failed to convert old object")
        _, after = self._at(new, api_version, "failed to convert new object")
        schema = merge_type.schema
        if schema is not None and schema.structural:
            # What an endpoint of a custom type resets, it resets in its own version only.
            return compare(merge_type, typed_view(schema, before), typed_view(schema, after))
        if schema is not None:
            return self._change(typed_view(schema, before), typed_view(schema, after))
        return self._change(before, after)

    def _at(self, value: Mapping[str, Any], api_version: str, step: str) -> tuple[MergeType, Mapping[str, Any]]:
        try:
            return self._versions.at(value, api_version)
        except NotConverted as error:
            raise error.during(step) from None

    def apply(
        self,
        live: Mapping[str, Any],
        config: Mapping[str, Any],
        entries: Entries,
        owner: Owner,
        api_version: str,
        *,
        force: bool,
    ) -> tuple[dict[str, Any], Entries]:
        """The merged object, nulls included, and the ownership after it. ApplyConflict unless forced; NotConverted."""
        entries = self._reconciled(live, entries)
        before = entries.owners.get(owner)
        fields = field_set(self._type, config).recursive_difference(self._reset)
        entries.owners[owner] = Entry(fields, api_version, None if before is None else before.time)
        merged = merge(self._type, live, config)
        if before is not None and not before.fields.empty:
            try:
                merged = self._prune(cast("Mapping[str, Any]", merged), entries, before)
            except NotConverted as error:
                raise error.during("failed to prune fields") from None
        # A null that is applied, or that removal leaves behind, is there until the object is read into its type.
        change = self._change(live, merged)
        mine = entries.owners.pop(owner)
        entries, changes = self._changes(entries, change, live, cast("Mapping[str, Any]", merged))
        if not force:
            _refuse_conflicts(entries, changes)
        entries = _taken(entries, changes)
        own = mine.fields.difference(_UNOWNED)
        if not own.empty:
            entries.owners[owner] = mine.with_fields(own)
        return cast("dict[str, Any]", merged), entries

    def _prune(self, merged: Mapping[str, Any], entries: Entries, before: Entry) -> Mapping[str, Any]:
        """Without what the manager applied last time, unless it still does, another owns it, or it was never its own."""
        try:
            step = "failed to convert merged object to last applied version"
            merge_type, merged_then = self._at(merged, before.api_version, step)
        except VersionGone:
            return merged
        last = named_fields(merge_type, before.fields)
        pruned = remove_items(merge_type, merged_then, last)
        kept = self._with_owned(merged_then, pruned, before.api_version, entries)
        try:
            step = "failed add back dangling items: failed to convert pruned object to last applied version"
            _, kept_then = self._at(kept, before.api_version, step)
        except VersionGone:
            kept_then = merged_then
        dangling = _named(merge_type, merged_then).difference(_named(merge_type, kept_then)).intersection(last)
        return self._versions.at(remove_items(merge_type, merged_then, dangling), self._versions.api_version)[1]

    def _with_owned(
        self, merged: Mapping[str, Any], pruned: Mapping[str, Any], first: str, entries: Entries
    ) -> Mapping[str, Any]:
        """The pruned object with what others own of the merged one: each version's owners asked in turn, `first`'s first."""
        owned: dict[str, FieldSet] = {first: NOTHING}
        for entry in entries.owners.values():
            version = first if self._versions.convert is None else entry.api_version
            owned[version] = owned.get(version, NOTHING).union(entry.fields)
        for version, fields in owned.items():
            step = "failed add back owned items: failed to convert {} object at version " + version
            try:
                merge_type, merged = self._at(merged, version, step.format("merged"))
                _, pruned = self._at(pruned, version, step.format("pruned"))
            except VersionGone:
                continue
            kept = _named(merge_type, pruned).union(named_fields(merge_type, fields))
            pruned = remove_items(merge_type, merged, _named(merge_type, merged).difference(kept))
        return pruned


def _named(merge_type: MergeType, value: object) -> FieldSet:
    return named_fields(merge_type, field_set(merge_type, value))


def _without_entries(old: Mapping[str, Any], new: Mapping[str, Any]) -> Mapping[str, Any]:
    """`old` with something short in the place of its managedFields where `new` says nothing of them: they went, whatever they were."""
    metadata = _metadata(old)
    if not metadata.get("managedFields") or "managedFields" in _metadata(new):
        return old
    return {**old, "metadata": {**metadata, "managedFields": _SOME_ENTRIES}}


_SOME_ENTRIES: list[dict[str, Any]] = [{}]


def _regained(previous: Entry | None, left: Entry | None, fields: FieldSet, api_version: str, now: str) -> Entry:
    """What its owner has of an entry after a write of `fields`, of which `left` was left by the write."""
    if left is not None:
        fields = fields.union(left.fields)
    if previous is not None and fields == previous.fields:
        return replace(previous, api_version=api_version, time=now)
    return Entry(fields, api_version, now)


def _taken(entries: Entries, changes: Mapping[str, Comparison]) -> Entries:
    """Every owner without what changed or went, in its version."""
    gone = {version: change.gone for version, change in changes.items()}
    left = Entries(
        {
            owner: entry.with_fields(entry.fields.difference(gone[entry.api_version]))
            for owner, entry in entries.owners.items()
        }
    )
    left.drop_empty()
    return left


def _refuse_conflicts(entries: Entries, changes: Mapping[str, Comparison]) -> None:
    """Raise ApplyConflict where one of these, who are others, owns in its version what changed or came."""
    changed = {version: change.modified.union(change.added) for version, change in changes.items()}
    found = [
        (other, path)
        for other in sorted(entries.owners, key=lambda other: other.identifier)
        for path in entries.owners[other].fields.intersection(changed[entries.owners[other].api_version]).paths()
    ]
    if found:
        raise ApplyConflict(found)


def _cleaned(merge_type: MergeType, value: Any) -> Any:
    """Without the nulls that removal leaves behind; the API server drops them when it reads the merged object into its type.

    A custom object is not read into a type, and keeps them.
    """
    if merge_type.schema is not None and merge_type.schema.structural:
        return value
    if is_map(value):
        out: dict[str, Any] = {}
        for name, item in value.items():
            child = merge_type.field(name)
            nullable = child.schema is None or child.schema.nullable or not merge_type.states(name)
            if item is not None or nullable:
                out[name] = _cleaned(child, item)
        return out
    if is_list(value):
        return [_cleaned(merge_type.item(), item) for item in value]
    return value


def _with_entries(value: Mapping[str, Any], live: Mapping[str, Any] | None, entries: Entries) -> dict[str, Any]:
    """The object with its managedFields; all else in it is shared with what was given. If only their times differ from the live object's, the old times stay."""
    out = dict(value)
    metadata = dict(_metadata(out))
    metadata.pop("managedFields", None)
    encoded = entries.encode()
    if live is not None:
        encoded = _times_kept(out, live, encoded)
    if encoded:
        metadata["managedFields"] = encoded
    if metadata:
        out["metadata"] = metadata
    return out


def _times_kept(new: Mapping[str, Any], live: Mapping[str, Any], encoded: list[dict[str, Any]]) -> list[dict[str, Any]]:
    old = _metadata(live).get("managedFields")
    if not is_list(old) or not same(_unmanaged(new), _unmanaged(live)):
        return encoded
    unchanged = same([_timeless(entry) for entry in old], [_timeless(entry) for entry in encoded])
    return copy.deepcopy(old) if unchanged else encoded


def _timeless(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: item for name, item in entry.items() if name != "time"}


def _unmanaged(value: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {name: item for name, item in _metadata(value).items() if name != "managedFields"}
    return {**value, "metadata": metadata}
