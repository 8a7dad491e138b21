"""JSON patch, RFC 6902, as kube-apiserver applies it.

The server is laxer than the RFC, and so is this: `replace` of a field that is absent adds it, `test` of null passes
where the field is absent, `copy` of an absent field gives null, and negative indices count from the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias, cast

from fairlead.machinery.patch.values import PatchError, copied, is_list, is_map
from fairlead.machinery.validation import quote

__all__ = ["json_patch"]

_Container: TypeAlias = "dict[str, Any] | list[Any]"
_Operation: TypeAlias = "Mapping[str, Any]"

_MISSING = "missing value"
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}")


def _index(key: str, size: int) -> int:
    """The place in a list of that many places that a reference means; the place may be beyond the end."""
    if not _NUMBER.fullmatch(key):
        raise PatchError(f"strconv.Atoi: parsing {quote(key)}: invalid syntax")
    index = int(key)
    if index < -size or index >= size:
        raise PatchError(f"Unable to access invalid index: {index}: invalid index referenced")
    return index + size if index < 0 else index


def _get(container: _Container, key: str) -> Any:
    if is_list(container):
        return container[_index(key, len(container))]
    return cast("dict[str, Any]", container).get(key)


def _add(container: _Container, key: str, value: Any) -> None:
    if is_map(container):
        container[key] = value
        return
    items = cast("list[Any]", container)
    if key == "-":
        items.append(value)
        return
    if not _NUMBER.fullmatch(key):
        wrong = f"strconv.Atoi: parsing {quote(key)}: invalid syntax"
        raise PatchError(f"value was not a proper array index: '{key}': {wrong}")
    items.insert(_index(key, len(items) + 1), value)


def _remove(container: _Container, key: str) -> None:
    if is_list(container):
        del container[_index(key, len(container))]
        return
    fields = cast("dict[str, Any]", container)
    if key not in fields:
        raise PatchError(f"Unable to remove nonexistent key: {key}: {_MISSING}")
    del fields[key]


def _find(document: _Container, path: str) -> tuple[_Container, str] | None:
    """The object or array that holds what a path names, and the last part of the path; None if a part is absent."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")]
    if len(parts) < 2:
        return None
    container: Any = document
    for part in parts[1:-1]:
        try:
            container = _get(cast("_Container", container), part)
        except PatchError:
            return None
        if not is_map(container) and not is_list(container):
            return None
    return cast("_Container", container), parts[-1]


def _text(operation: _Operation, name: str, failure: str) -> str:
    value = operation.get(name)
    if not isinstance(value, str):
        raise PatchError(failure)
    return value


def _holder(document: _Container, path: str, failure: str) -> tuple[_Container, str]:
    found = _find(document, path)
    if found is None:
        raise PatchError(f"{failure}: {_MISSING}")
    return found


def _within(failure: str, step: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return step(*arguments)
    except PatchError as error:
        raise PatchError(f"{failure}: {error}") from None


def _apply_add(document: _Container, operation: _Operation) -> _Container:
    path = _text(operation, "path", f"add operation failed to decode path: {_MISSING}")
    container, key = _holder(document, path, f'add operation does not apply: doc is missing path: "{path}"')
    _within(f"error in add for path: '{path}'", _add, container, key, copied(operation.get("value")))
    return document


def _apply_remove(document: _Container, operation: _Operation) -> _Container:
    path = _text(operation, "path", f"remove operation failed to decode path: {_MISSING}")
    container, key = _holder(document, path, f'remove operation does not apply: doc is missing path: "{path}"')
    _within(f"error in remove for path: '{path}'", _remove, container, key)
    return document


def _apply_replace(document: _Container, operation: _Operation) -> _Container:
    failure = f"replace operation failed to decode path: operation missing path field: {_MISSING}"
    path = _text(operation, "path", failure)
    value = copied(operation.get("value"))
    if not path:
        if not isinstance(value, dict | list):
            raise PatchError("replace operation value must be object or array: %!w(<nil>)")
        return cast("_Container", value)
    container, key = _holder(document, path, f"replace operation does not apply: doc is missing path: {path}")
    if is_map(container):
        container[key] = value
        return document
    items = cast("list[Any]", container)
    try:
        items[_index(key, len(items))] = value
    except PatchError:
        raise PatchError(f"replace operation does not apply: doc is missing key: {path}: {_MISSING}") from None
    return document


def _apply_move(document: _Container, operation: _Operation) -> _Container:
    source = _text(
        operation, "from", f"move operation failed to decode from: operation, missing from field: {_MISSING}"
    )
    container, key = _holder(document, source, f"move operation does not apply: doc is missing from path: {source}")
    value = _within(f"error in move for path: '{key}'", _get, container, key)
    _within(f"error in move for path: '{key}'", _remove, container, key)
    failure = f"move operation failed to decode path: operation missing path field: {_MISSING}"
    path = _text(operation, "path", failure)
    container, key = _holder(document, path, f"move operation does not apply: doc is missing destination path: {path}")
    _within(f"error in move for path: '{path}'", _add, container, key, value)
    return document


def _apply_copy(document: _Container, operation: _Operation) -> _Container:
    failure = f"copy operation failed to decode from: operation, missing from field: {_MISSING}"
    source = _text(operation, "from", failure)
    container, key = _holder(document, source, f"copy operation does not apply: doc is missing from path: {source}")
    value = _within(f"error in copy for from: '{source}'", _get, container, key)
    path = _text(operation, "path", f"copy operation failed to decode path: {_MISSING}")
    container, key = _holder(document, path, f"copy operation does not apply: doc is missing destination path: {path}")
    _within("error while adding value during copy", _add, container, key, copied(value))
    return document


def _apply_test(document: _Container, operation: _Operation) -> _Container:
    failure = f"test operation failed to decode path: operation missing path field: {_MISSING}"
    path = _text(operation, "path", failure)
    value: Any = document
    if path:
        container, key = _holder(document, path, f"test operation does not apply: is missing path: {path}")
        value = _within(f"error in test for path: '{path}'", _get, container, key)
    if not _same(value, operation.get("value")):
        raise PatchError(f"testing value {path} failed: test failed")
    return document


def _same(one: Any, other: Any) -> bool:
    # Python holds True equal to 1, and 1 equal to 1.0; the server compares the texts of numbers.
    if type(one) is not type(other):
        return False
    if is_map(one):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if is_list(one):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)


_KINDS: Final[dict[str, Callable[[_Container, _Operation], _Container]]] = {
    "add": _apply_add,
    "remove": _apply_remove,
    "replace": _apply_replace,
    "move": _apply_move,
    "copy": _apply_copy,
    "test": _apply_test,
}


def json_patch(document: Any, operations: Sequence[Mapping[str, Any]]) -> Any:
    """The document after a JSON patch (RFC 6902); neither argument is changed.

    Raises PatchError, with the server's message, if an operation is malformed or does not apply; then nothing has
    been applied.
    """
    if not isinstance(document, dict | list):
        raise PatchError("a JSON patch applies to an object or an array")
    patched: _Container = copied(document)
    for operation in cast("Sequence[object]", operations):
        if not isinstance(operation, Mapping):
            raise PatchError("json: cannot unmarshal a patch: each operation is an object")
        fields = cast("Mapping[str, Any]", operation)
        kind = fields.get("op")
        apply = _KINDS.get(kind) if isinstance(kind, str) else None
        if apply is None:
            raise PatchError(f"Unexpected kind: {kind if isinstance(kind, str) else 'unknown'}")
        patched = apply(patched, fields)
    return patched
