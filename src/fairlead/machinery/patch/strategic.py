"""Strategic merge patch: a merge patch that knows from the type's schema which lists merge, and by which key.

https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/ and, for the order of
lists, https://git.k8s.io/design-proposals-archive/cli/preserve-order-in-strategic-merge-patch.md
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, TypeAlias, cast

from fairlead.machinery.patch.values import PatchError, copied, is_list, is_map, shown

if TYPE_CHECKING:
    from fairlead.machinery.schema.nodes import Schema

__all__ = ["PatchSchema", "strategic_merge_patch"]

_DIRECTIVE: Final = "$patch"
_RETAIN_KEYS: Final = "$retainKeys"
_ORDER: Final = "$setElementOrder/"
_DELETE: Final = "$deleteFromPrimitiveList/"

_BAD_RETAIN_KEYS = "invalid patch format of retainKeys"
_MAP = "map[string]interface {}"
_LIST = "[]interface {}"
_GO_TYPES: Final[dict[type, str]] = {
    str: "string", bool: "bool", int: "int64", float: "float64", list: _LIST, dict: _MAP,
}  # fmt: skip


class PatchSchema(Protocol):
    """What a strategic merge patch has to know of a type; `machinery.schema.Schema` has it."""

    @property
    def properties(self) -> Mapping[str, PatchSchema]:
        """The named fields of an object."""
        ...

    @property
    def items(self) -> PatchSchema | None:
        """The items of a list."""
        ...

    @property
    def additional_properties(self) -> PatchSchema | bool | None:
        """The values of a map."""
        ...

    @property
    def patch_strategy(self) -> str | Sequence[str] | None:
        """`merge`, `replace`, `retainKeys`, or two of them (separated by a comma, or as a sequence)."""
        ...

    @property
    def patch_merge_key(self) -> str | None:
        """The field by which items of a list are paired."""
        ...


#: Schema is named beside the protocol it meets because type checkers do not take cached properties for properties.
_Schema: TypeAlias = "Schema | PatchSchema"


class _Field(NamedTuple):
    """One field of an object, as its schema describes it."""

    name: str
    schema: _Schema | None
    strategy: str
    merge_key: str

    @property
    def item(self) -> _Schema | None:
        return None if self.schema is None else self.schema.items


def _field(schema: _Schema | None, name: str) -> _Field:
    # What the schema does not know is merged as a plain value: objects by key, lists as a whole.
    known: _Schema | bool | None = None
    if schema is not None:
        known = schema.properties.get(name) or schema.additional_properties
    if known is None or isinstance(known, bool):
        return _Field(name, None, "", "")
    stated = known.patch_strategy or ()
    parts = stated.split(",") if isinstance(stated, str) else stated
    strategies = [part for part in parts if part != "retainKeys"]
    if len(strategies) > 1:
        raise PatchError(f"unexpected patch strategy: {shown(list(parts))}")
    return _Field(name, known, "".join(strategies), known.patch_merge_key or "")


def _directive_error(directive: object, holder: dict[str, Any]) -> PatchError:
    return PatchError(f"unknown patch type: {shown(directive)} in map: {shown(holder)}")


def _cleaned(value: Any) -> Any:
    """A patch's value where there is nothing to merge it into: without nulls in objects, and without `$patch` objects."""
    if is_map(value):
        return {key: _cleaned(item) for key, item in value.items() if item is not None and not _marked(item)}
    if is_list(value):
        return [_cleaned(item) for item in value if not _marked(item)]
    return value


def _marked(value: Any) -> bool:
    return is_map(value) and _DIRECTIVE in value


def _merge_map(original: dict[str, Any], patch: dict[str, Any], schema: _Schema | None) -> dict[str, Any]:
    """Merge into `original`, which is the caller's own copy."""
    if _DIRECTIVE in patch:
        return _directed(patch)
    patch = dict(patch)
    _retain_keys(original, patch)
    _set_orders(original, patch, schema)
    for key, value in patch.items():
        if key.startswith(_DELETE):
            _delete_from(original, _field(schema, key.removeprefix(_DELETE)), value)
        elif value is None or (_marked(value) and not is_map(original.get(key))):
            original.pop(key, None)
        else:
            original[key] = _merge_value(original.get(key), value, _field(schema, key))
    return original


def _directed(patch: dict[str, Any]) -> dict[str, Any]:
    directive = patch[_DIRECTIVE]
    if directive == "replace":
        return {key: copied(value) for key, value in patch.items() if key != _DIRECTIVE}
    if directive == "delete":
        return {}
    raise _directive_error(directive, patch)


def _merge_value(old: Any, new: Any, field: _Field) -> Any:
    if is_map(old) and is_map(new):
        return copied(new) if field.strategy == "replace" else _merge_map(old, new, field.schema)
    if is_list(old) and is_list(new):
        return _merge_list(old, new, field) if field.strategy == "merge" else copied(new)
    return _cleaned(new)


def _delete_from(original: dict[str, Any], field: _Field, values: Any) -> None:
    old = original.get(field.name)
    if values is None:
        original.pop(field.name, None)
    elif is_list(old) and is_list(values) and (old or values):
        if _item_kind(old, values) == _MAP:
            # The server takes objects in such a list for changes, not for what is to go.
            original[field.name] = _merge_list(old, values, field)
            return
        unwanted = {_identity(value) for value in values}
        original[field.name] = [value for value in old if _identity(value) not in unwanted]


def _retain_keys(original: dict[str, Any], patch: dict[str, Any]) -> None:
    if _RETAIN_KEYS not in patch:
        return
    kept = patch.pop(_RETAIN_KEYS)
    if not is_list(kept):
        raise PatchError(_BAD_RETAIN_KEYS)
    for key, value in patch.items():
        if value is not None and not key.startswith((_ORDER, _DELETE)) and key not in kept:
            raise PatchError(_BAD_RETAIN_KEYS)
    for key in [key for key in original if key not in kept]:
        del original[key]


# Lists -----------------------------------------------------------------------------------------------------------


def _identity(value: Any, merge_key: str = "") -> Hashable:
    """What makes two items the same: their values, or what they have under the merge key."""
    if merge_key:
        if not is_map(value):
            raise PatchError(f"expected a {_MAP}, but received a {_go_type(value)}")
        if merge_key not in value:
            raise PatchError(f"map: {shown(value)} does not contain declared merge key: {merge_key}")
        value = value[merge_key]
    if is_map(value) or is_list(value):
        raise PatchError(f"{shown(value)} cannot identify an item of a list")
    # Python holds True equal to 1.
    return isinstance(value, bool), value


def _go_type(value: Any) -> str:
    if value is None:
        return "%!s(<nil>)"
    return _GO_TYPES.get(cast("type[object]", type(value)), "interface {}")


def _item_kind(*lists: list[Any]) -> str:
    """Go's name of the one type that all items have."""
    kinds = {_go_type(item) for items in lists for item in items}
    if len(kinds) != 1:
        raise PatchError(f"list element types are not identical: {shown(list(lists))}")
    if _LIST in kinds:
        raise PatchError("lists of lists are not supported")
    return kinds.pop()


def _merge_list(old: list[Any], new: list[Any], field: _Field) -> list[Any]:
    if not old and not new:
        return []
    if _item_kind(old, new) == _MAP:
        if not field.merge_key:
            raise PatchError(f"cannot merge lists without merge key for {field.name}")
        old, new = _special_items(old, new, field.merge_key)
        merged, key = _merge_items(old, new, field), field.merge_key
    else:
        merged, key = _unique([*old, *new]), ""
    return _in_order(merged, [_identity(item, key) for item in new], old, key)


def _unique(values: Iterable[Any]) -> list[Any]:
    return list({_identity(value): value for value in values}.values())


def _special_items(old: list[Any], new: list[Any], merge_key: str) -> tuple[list[Any], list[Any]]:
    """Obey items that carry `$patch`, and return both lists without what they remove."""
    ordinary: list[Any] = []
    deleted: set[Hashable] = set()
    replace = False
    for item in new:
        directive = item.get(_DIRECTIVE) if _DIRECTIVE in item else ""
        if directive == "delete":
            deleted.add(_identity(item, merge_key))
        elif directive == "replace":
            replace = True
        elif directive == "merge":
            raise PatchError("merging lists cannot yet be specified in the patch")
        elif _DIRECTIVE in item:
            raise _directive_error(directive, item)
        else:
            ordinary.append(item)
    if replace:
        return [_cleaned(item) for item in ordinary], []
    # An item without the merge key cannot be meant; it is refused only if it stays.
    kept = [item for item in old if not (merge_key in item and _identity(item, merge_key) in deleted)]
    return kept, ordinary


def _merge_items(old: list[Any], new: list[Any], field: _Field) -> list[Any]:
    merged = list(old)
    places: dict[Hashable, int] = {}
    for place, item in enumerate(merged):
        if field.merge_key in item:
            places.setdefault(_identity(item, field.merge_key), place)
    for item in new:
        identity = _identity(item, field.merge_key)
        if identity in places:
            place = places[identity]
            merged[place] = _merge_map(merged[place], item, field.item)
        else:
            places[identity] = len(merged)
            merged.append(_cleaned(item))
    return merged


def _in_order(merged: list[Any], wanted: list[Hashable], old: list[Any], merge_key: str) -> list[Any]:
    """Items that the patch names in its order, the others in the order they had, interleaved as they stood."""
    ranks = {identity: rank for rank, identity in reversed(list(enumerate(wanted)))}
    places: dict[Hashable, int] = {}
    for place, item in enumerate(old):
        places.setdefault(_identity(item, merge_key), place)
    named = [item for item in merged if _identity(item, merge_key) in ranks]
    others = [item for item in merged if _identity(item, merge_key) not in ranks]
    named.sort(key=lambda item: ranks[_identity(item, merge_key)])
    others.sort(key=lambda item: places.get(_identity(item, merge_key), len(places)))
    result: list[Any] = []
    done = 0
    for item in named:
        place = places.get(_identity(item, merge_key), -1)
        while done < len(others) and places.get(_identity(others[done], merge_key), place) < place:
            result.append(others[done])
            done += 1
        result.append(item)
    return result + others[done:]


# The order of lists that the patch sets --------------------------------------------------------------------------


def _set_orders(original: dict[str, Any], patch: dict[str, Any], schema: _Schema | None) -> None:
    """Merge each list for which the patch sets an order, and take list and order out of the patch."""
    for directive in [key for key in patch if key.startswith(_ORDER)]:
        order = patch.pop(directive)
        field = _field(schema, directive.removeprefix(_ORDER))
        old, new = original.get(field.name), patch.pop(field.name, None)
        for items in (order, *(each for each in (old, new) if each is not None)):
            if not is_list(items):
                raise PatchError(f"expected a {_LIST}, but received a {_go_type(items)}")
        wanted = [_identity(item, field.merge_key) for item in order]
        _check_order(new or [], order, wanted, field.merge_key)
        if old is None and new is None:
            continue
        merged = _cleaned(new) if old is None else copied(old) if new is None else _merge_value(old, new, field)
        original[field.name] = _in_order(merged, wanted, old or [], field.merge_key)


def _check_order(new: list[Any], order: list[Any], wanted: list[Hashable], merge_key: str) -> None:
    """What the patch changes must be in the order it sets, and in the same sequence."""
    if not order or not new:
        return
    following = iter(wanted)
    for item in new:
        if not _marked(item) and _identity(item, merge_key) not in following:
            lists = f"{shown(new)}\n doesn't match $setElementOrder list:\n{shown(order)}\n"
            raise PatchError(f"The order in patch list:\n{lists}")


def strategic_merge_patch(document: Any, patch: Any, schema: _Schema | None) -> dict[str, Any]:
    """The document after a strategic merge patch; neither argument is changed.

    Knows `$patch` (replace, delete), `$retainKeys`, `$setElementOrder/…` and `$deleteFromPrimitiveList/…`. Fields
    that the schema does not know merge as in a merge patch. Raises PatchError, with the server's message, if the
    patch contradicts itself or the document.
    """
    if not is_map(document) or not is_map(patch):
        raise PatchError("invalid JSON document")
    return _merge_map(copied(document), patch, schema)
