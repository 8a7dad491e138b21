"""OpenAPI 2 as gnostic's protobuf, in which client-go asks for it.

Messages and numbers are those of https://github.com/google/gnostic-models/blob/main/openapiv2/OpenAPIv2.proto.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

__all__ = ["MEDIA_TYPE", "OLD_MEDIA_TYPE", "encode"]

MEDIA_TYPE = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
OLD_MEDIA_TYPE = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"

_VARINT, _DOUBLE, _BYTES = 0, 1, 2
Node = Mapping[str, Any]


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _tag(number: int, kind: int) -> bytes:
    return _varint(number << 3 | kind)


def _message(number: int, content: bytes) -> bytes:
    return _tag(number, _BYTES) + _varint(len(content)) + content


def _text(number: int, text: object) -> bytes:
    return _message(number, str(text).encode()) if text else b""


def _texts(number: int, texts: Iterable[str] | None) -> bytes:
    return b"".join(_message(number, text.encode()) for text in texts or ())


def _true(number: int, value: object) -> bytes:
    return _tag(number, _VARINT) + b"\x01" if value else b""


def _any(number: int, value: object) -> bytes:
    # A value of any kind is kept as YAML, of which JSON is a part.
    return _message(number, _text(2, json.dumps(value, separators=(",", ":")) + "\n"))


def _named(number: int, items: Mapping[str, Any] | None, write: Callable[[Any], bytes]) -> bytes:
    return b"".join(_message(number, _text(1, name) + _message(2, write(item))) for name, item in (items or {}).items())


def _extensions(number: int, node: Node) -> bytes:
    return b"".join(
        _message(number, _text(1, name) + _any(2, value)) for name, value in node.items() if name.startswith("x-")
    )


def encode(document: Node) -> bytes:
    """An OpenAPI 2 document."""
    info = document["info"]
    paths = b"".join(
        _message(2, _text(1, path) + _message(2, _path_item(item))) for path, item in document["paths"].items()
    )
    return (
        _text(1, document["swagger"])
        + _message(2, _text(1, info["title"]) + _text(2, info["version"]))
        + _message(8, paths)
        + _message(9, _named(1, document["definitions"], _schema))
        + b"".join(_message(12, _named(1, each, _security_needed)) for each in document.get("security") or ())
        + _message(13, _named(1, document.get("securityDefinitions"), _security))
    )


def _security_needed(scopes: Iterable[str]) -> bytes:
    return _texts(1, scopes)


def _security(key: Node) -> bytes:
    return _message(2, _text(1, key["type"]) + _text(2, key["name"]) + _text(3, key["in"]))


def _schema(schema: Node) -> bytes:
    kinds = cast("Any", schema.get("type"))
    items, values = schema.get("items"), schema.get("additionalProperties")
    parts = [
        _text(1, schema.get("$ref")),
        _text(2, schema.get("format")),
        _text(4, schema.get("description")),
        _any(5, schema["default"]) if "default" in schema else b"",
        _limits(schema),
        _texts(19, schema.get("required")),
        b"".join(_any(20, value) for value in schema.get("enum") or ()),
    ]
    if values is not None:
        parts.append(_message(21, _values(values)))
    if kinds:
        parts.append(_message(22, _texts(1, [kinds] if isinstance(kinds, str) else kinds)))
    if isinstance(items, dict):
        parts.append(_message(23, _message(1, _schema(cast("Node", items)))))
    parts += [_message(24, _schema(each)) for each in schema.get("allOf") or ()]
    if schema.get("properties"):
        parts.append(_message(25, _named(1, schema["properties"], _schema)))
    return b"".join([*parts, _extensions(31, schema)])


def _limits(schema: Node) -> bytes:
    numbers = (("maxLength", 11), ("minLength", 12), ("maxItems", 14), ("minItems", 15))
    counts = b"".join(_tag(number, _VARINT) + _varint(schema[name]) for name, number in numbers if schema.get(name))
    bounds = b"".join(
        _tag(number, _DOUBLE) + struct.pack("<d", schema[name])
        for name, number in (("multipleOf", 6), ("maximum", 7), ("minimum", 9))
        if schema.get(name)
    )
    return bounds + counts + _text(13, schema.get("pattern"))


def _values(values: object) -> bytes:
    if isinstance(values, dict):
        return _message(1, _schema(cast("Node", values)))
    return _tag(2, _VARINT) + (b"\x01" if values else b"\x00")


_METHODS = (("get", 2), ("put", 3), ("post", 4), ("delete", 5), ("options", 6), ("head", 7), ("patch", 8))


def _path_item(item: Node) -> bytes:
    operations = [_message(number, _operation(item[method])) for method, number in _METHODS if method in item]
    parameters = [_message(9, _parameter(each)) for each in item.get("parameters") or ()]
    return b"".join([*operations, *parameters, _extensions(10, item)])


def _operation(operation: Node) -> bytes:
    responses = b"".join(
        _message(1, _text(1, code) + _message(2, _message(1, _response(found))))
        for code, found in operation["responses"].items()
    )
    return b"".join(
        [
            _texts(1, operation.get("tags")),
            _text(5, operation.get("operationId")),
            _texts(6, operation.get("produces")),
            _texts(7, operation.get("consumes")),
            *(_message(8, _parameter(each)) for each in operation.get("parameters") or ()),
            _message(9, responses),
            _texts(10, operation.get("schemes")),
            _extensions(13, operation),
        ]
    )


def _response(response: Node) -> bytes:
    schema = response.get("schema")
    return _text(1, response.get("description")) + (_message(2, _message(1, _schema(schema))) if schema else b"")


def _parameter(parameter: Node) -> bytes:
    name, place, required = parameter["name"], parameter["in"], parameter.get("required")
    if place == "body":
        body = _text(2, name) + _text(3, place) + _true(4, required) + _message(5, _schema(parameter["schema"]))
        return _message(1, _message(1, body))
    unique, number = (20, 3) if place == "query" else (19, 4)
    # A path's parameter has no `allow_empty_value`, so that what follows has lower numbers.
    kind = 6 if place == "query" else 5
    found = _true(1, required) + _text(2, place) + _text(4, name) + _text(kind, parameter["type"])
    return _message(1, _message(2, _message(number, found + _true(unique, parameter.get("uniqueItems")))))
