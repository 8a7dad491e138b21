"""Objects of built-in types read as Go reads them, in one pass that knows each type's fields beforehand.

It says what `unknown_fields`, `type_fault` and `as_read` say together of an object in which nothing is wrong, and nothing
of any other: which words a fault is refused with is theirs alone to know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeAlias, cast

from fairlead.apiserver.builtin.canonical import QUANTITY, TIMES, struct_codes
from fairlead.machinery import quantity
from fairlead.machinery.go_parse import MICRO_LAYOUT, RFC3339, base64_fault, time_fault
from fairlead.machinery.schema.nodes import Schema
from fairlead.machinery.times import parse_time

__all__ = ["read_whole"]

#: Gives what a value is read as; raises _Odd for one in which something may be wrong.
_Reader: TypeAlias = "Callable[[Any], Any]"
#: Of a field: the Python type of its values, whether an empty one is read as absent, and what reads it beyond that.
_Field: TypeAlias = "tuple[type, bool, _Reader | None]"

_TYPES: dict[str, type] = {"string": str, "boolean": bool, "integer": int, "object": dict, "array": list}
_DICT: type[Any] = dict
_BITS = {"int32": 32, "int64": 64}


class _Odd(Exception):
    """Something may be wrong with the object."""


def read_whole(schema: Schema, document: dict[str, Any]) -> dict[str, Any] | None:
    """The document as Go reads it, as a new one; None when something may be wrong with it, which others have to find out."""
    try:
        found: dict[str, Any] = _reader(schema)(document)
    except _Odd:
        return None
    return found


def _reader(schema: Schema) -> _Reader:
    found: _Reader | None = schema.views.get(_reader)
    if found is None:
        found = schema.views[_reader] = _made(schema)
    return found


def _made(schema: Schema) -> _Reader:
    if (schema.ref or "").endswith(("OrArray", "OrBool", "OrStringArray")):
        return _refuse  # a schema or something else; the document says nothing of either
    if schema.int_or_string:
        return _int_or_string
    if schema.ref == QUANTITY:
        return _quantity
    if schema.format == "date-time":
        return _time(schema)
    make = _MAKERS.get(schema.type)
    return _refuse if make is None or schema.format == "quantity" else make(schema)


def _anything(schema: Schema) -> _Reader:
    values = schema.additional_properties
    return _refuse if schema.properties or schema.items or isinstance(values, Schema) else _as_it_is


def _refuse(value: Any) -> Any:
    raise _Odd(value)


def _as_it_is(value: Any) -> Any:
    return value


def _text(value: Any) -> Any:
    if type(value) is not str:
        raise _Odd
    return value


def _bytes(value: Any) -> Any:
    if type(value) is not str or base64_fault(value) is not None:
        raise _Odd
    return value


def _truth(value: Any) -> Any:
    if type(value) is not bool:
        raise _Odd
    return value


def _number(value: Any) -> Any:
    if type(value) not in {int, float}:
        raise _Odd
    return value


def _int_or_string(value: Any) -> Any:
    if type(value) not in {int, str}:
        raise _Odd
    return value


def _integer(schema: Schema) -> _Reader:
    bits = _BITS.get(schema.format or "")
    limit = 1 << bits - 1 if bits else None

    def read(value: Any) -> Any:
        if type(value) is not int or (limit is not None and not -limit <= value < limit):
            raise _Odd
        return value

    return read


def _amount(value: Any) -> Any:
    """An amount of a resource, as lists of them keep it."""
    return quantity.in_thousandths(_quantity(value))


def _quantity(value: Any) -> Any:
    if type(value) not in {str, int, float}:
        raise _Odd
    return _canonical(value)


@lru_cache(maxsize=2048, typed=True)
def _canonical(value: str | float) -> str:
    try:
        return quantity.canonical(value)
    except quantity.QuantityError:
        raise _Odd from None


def _time(schema: Schema) -> _Reader:
    layout = MICRO_LAYOUT if (schema.ref or "").endswith(".MicroTime") else RFC3339
    form = TIMES.get(schema.ref or "")

    @lru_cache(maxsize=2048)
    def canonical(text: str) -> str:
        if time_fault(text, layout):
            raise _Odd
        try:
            return form(parse_time(text)) if form is not None else text
        except ValueError:
            raise _Odd from None

    def read(value: Any) -> Any:
        if type(value) is not str:
            raise _Odd
        return canonical(value)

    return read


def _array(schema: Schema) -> _Reader:
    items = schema.items
    read_item = None if items is None else _reader(items)
    plain = items is not None and items.type == "string" and read_item is _text

    def read(value: Any) -> Any:
        if type(value) is not list:
            raise _Odd
        found = cast("list[Any]", value)
        if read_item is None:
            return found
        if plain and all(type(item) is str for item in found):
            return found
        # A null in a list is read as Go's zero value; the plain way knows which.
        if None in found:
            raise _Odd
        return [read_item(item) for item in found]

    return read


class _Object:
    """Reads the objects of one schema. Types hold themselves, so what is known of the fields is found out when the first comes."""

    __slots__ = ("_entries", "_fields", "_schema")

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._fields: dict[str, _Field] | None = None
        #: Reads the entries of a map.
        self._entries: _Reader = _refuse

    def read(self, value: Any) -> Any:
        if not isinstance(value, _DICT):
            raise _Odd
        whole: dict[str, Any] = value
        fields = self._known() if self._fields is None else self._fields
        found: dict[str, Any] = {}
        for name, item in whole.items():
            field = fields.get(name)
            if field is None:
                found[name] = self._entries(item)
                continue
            kind, drops, read_field = field
            if item is None:
                continue
            if read_field is not None and (item or not drops):
                found[name] = read_field(item)
            elif type(item) is not kind:
                raise _Odd
            elif item or not drops:
                found[name] = item
        return found

    def _known(self) -> dict[str, _Field]:
        schema, values = self._schema, self._schema.additional_properties
        if isinstance(values, Schema):
            self._entries = _present(_amount if values.ref == QUANTITY else _reader(values))
        elif schema.keeps_unknown:
            self._entries = _as_it_is
        self._fields = _fields(schema)
        return self._fields


def _object(schema: Schema) -> _Reader:
    values = schema.additional_properties
    texts = not schema.properties and isinstance(values, Schema) and values.type == "string"
    if texts and isinstance(values, Schema) and _reader(values) is _text:
        return _texts
    return _Object(schema).read


def _texts(value: Any) -> Any:
    """A map of texts: there is nothing in it to be read in another way."""
    if not isinstance(value, _DICT):
        raise _Odd
    for item in value.values():
        if type(item) is not str:
            raise _Odd
    return value


def _present(read: _Reader) -> _Reader:
    """For entries of maps: a null is read as Go's zero value; the plain way knows which."""
    if read is _text:
        return read

    def read_present(value: Any) -> Any:
        if value is None:
            raise _Odd
        return read(value)

    return read_present


def _fields(schema: Schema) -> dict[str, _Field]:
    codes = struct_codes(schema)
    return {name: _field(child, codes.get(name, "")) for name, child in schema.properties.items()}


def _field(schema: Schema, code: str) -> _Field:
    read, kind = _reader(schema), _TYPES.get(schema.type or "")
    if code == "L" and kind is list:
        return list, False, _filled(read)  # who gives it empty owns it, which the plain way notes
    if kind is not None and not schema.int_or_string and schema.format not in {"quantity", "date-time"}:
        whole = kind in {list, dict}
        if code not in _DROPPED or (code in {"l", "L"}) is whole:
            return kind, code in _DROPPED, None if read in {_text, _truth} else read
    return object, False, _filled(read) if code in _DROPPED else read


#: Codes of fields of which an empty value cannot be told from none: scalars, and lists and maps.
_DROPPED = frozenset({"s", "S", "I", "l", "L"})


def _filled(read: _Reader) -> _Reader:
    """For values of several types, an empty one of which may be read as absent: that is left to the plain way."""

    def read_filled(value: Any) -> Any:
        if not value:
            raise _Odd
        return read(value)

    return read_filled


_MAKERS: Mapping[str | None, Callable[[Schema], _Reader]] = {
    "object": _object,
    "array": _array,
    "integer": _integer,
    "number": lambda schema: _refuse if schema.format in _BITS else _number,
    "string": lambda schema: _bytes if schema.format == "byte" else _text,
    "boolean": lambda _: _truth,
    None: _anything,
}
