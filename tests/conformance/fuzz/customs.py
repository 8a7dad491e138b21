"""Random structural schemas, and random objects of their types: defaults, pruning, validation, ratcheting, list types, ownership."""

from __future__ import annotations

import copy
import random
from typing import Any

from fairlead.machinery.schema.nodes import is_map
from tests.conformance.case import APPLY, CRD, GET, JSON_PATCH, PATCH, POST, PUT, Case, Step

__all__ = ["case_of"]

_PATH = "/apis/{group}/v1/namespaces/{ns}/widgets"
_NAMES = ("a", "b", "c", "d")
_FORMATS = (
    "date-time",
    "email",
    "ipv4",
    "ipv6",
    "uuid",
    "byte",
    "date",
    "uri",
    "hostname",
    "duration",
    "cidr",
    "int32",
    "nonsense",
    "mac",
    "password",
)
_STRINGS = (
    "",
    "x",
    "xyz",
    "a@b.c",
    "10.1.2.3",
    "::1",
    "2020-01-01T00:00:00Z",
    "2020-01-01",
    "x" * 30,
    "UPPER",
    "AAEC",
    "http://x",
    "1h",
    "10.0.0.0/8",
    "é",
    "01:02:03:04:05:06",
)
_NUMBERS: tuple[Any, ...] = (0, 1, -1, 2.5, 3, 100, 2**31, 2**53 + 1, 1e3, 0.1)


def _string(rng: random.Random) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "string"}
    match rng.randint(0, 6):
        case 0:
            found["enum"] = rng.sample(["x", "xyz", "UPPER", ""], 2)
        case 1:
            found["pattern"] = rng.choice(["^[a-z]*$", "x", "^$", "[0-9]+"])
        case 2:
            found["format"] = rng.choice(_FORMATS)
        case 3:
            found["maxLength"] = rng.choice([0, 3, 10])
            found["minLength"] = rng.choice([0, 1, 3])
        case _:
            pass
    return found


def _number(rng: random.Random) -> dict[str, Any]:
    found: dict[str, Any] = {"type": rng.choice(["integer", "integer", "number"])}
    if rng.random() < 0.3:
        found["format"] = rng.choice(["int32", "int64"] if found["type"] == "integer" else ["float", "double"])
    if rng.random() < 0.3:
        found["minimum"] = rng.choice([0, 1, 2])
        if rng.random() < 0.4:
            found["exclusiveMinimum"] = True
    if rng.random() < 0.2:
        found["maximum"] = rng.choice([2, 3, 99])
    if rng.random() < 0.15:
        found["multipleOf"] = rng.choice([2, 5])
    if rng.random() < 0.1:
        found["enum"] = [1, 3]
    return found


def _array(rng: random.Random, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "array"}
    match rng.randint(0, 4):
        case 0:
            found["items"] = _string(rng) if rng.random() < 0.7 else _number(rng)
            found["x-kubernetes-list-type"] = "set"
        case 1 | 2:
            item = _object(rng, depth - 1)
            keys = rng.choice([["name"], ["name", "port"], ["port"]])
            named: dict[str, Any] = {"name": {"type": "string"}, "port": {"type": "integer"}}
            item["properties"] = {**named, **item.get("properties", {})}
            for key in keys:
                if rng.random() < 0.3:
                    item["properties"][key]["default"] = "n" if key == "name" else 80
                else:
                    item.setdefault("required", []).append(key)
            item.pop("nullable", None)
            item.pop("additionalProperties", None)
            found["items"] = item
            found["x-kubernetes-list-type"] = "map"
            found["x-kubernetes-list-map-keys"] = keys
        case _:
            found["items"] = _any(rng, depth - 1)
            if rng.random() < 0.3:
                found["x-kubernetes-list-type"] = "atomic"
    if rng.random() < 0.2:
        found["maxItems"] = rng.choice([1, 2])
    if rng.random() < 0.15:
        found["minItems"] = 1
    return found


def _object(rng: random.Random, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object"}
    chance = rng.random()
    if chance < 0.2 and depth > 0:
        found["additionalProperties"] = _any(rng, depth - 1)
        if rng.random() < 0.2:
            found["maxProperties"] = 1
    elif chance < 0.3:
        found["x-kubernetes-preserve-unknown-fields"] = True
        if rng.random() < 0.5:
            found["properties"] = {"a": _any(rng, depth - 1)}
    else:
        names = rng.sample(_NAMES, rng.randint(1, 3))
        found["properties"] = {name: _any(rng, depth - 1) for name in names}
        if rng.random() < 0.3:
            found["required"] = [rng.choice(names)]
        if rng.random() < 0.1:
            found["x-kubernetes-map-type"] = "atomic"
        if rng.random() < 0.1:
            found[rng.choice(["oneOf", "anyOf", "allOf"])] = [{"required": [name]} for name in names[:2]]
        if rng.random() < 0.05:
            found["not"] = {"required": [names[0]]}
    return found


def _any(rng: random.Random, depth: int) -> dict[str, Any]:
    chance = rng.random()
    if depth <= 0 or chance < 0.35:
        found = rng.choice([_string, _number, _boolean, _either])(rng)
    elif chance < 0.65:
        found = _object(rng, depth)
    else:
        found = _array(rng, depth)
    if rng.random() < 0.12:
        found["nullable"] = True
    if rng.random() < 0.25:
        value = _value(rng, found, good=True)
        if value is not None:
            found["default"] = value
    return found


def _boolean(rng: random.Random) -> dict[str, Any]:
    del rng
    return {"type": "boolean"}


def _either(rng: random.Random) -> dict[str, Any]:
    found: dict[str, Any] = {"x-kubernetes-int-or-string": True}
    if rng.random() < 0.3:
        found["pattern"] = "^[0-9]+%$"
    if rng.random() < 0.2:
        found["maximum"] = 5
    return found


def _value(rng: random.Random, schema: dict[str, Any], *, good: bool = False) -> Any:
    """A value of the schema's type most of the time."""
    if not good and rng.random() < 0.07:
        return copy.deepcopy(rng.choice([None, 1, "x", True, [], {}, 1.5, ["x"], {"a": 1}]))
    if "enum" in schema and rng.random() < 0.7:
        return rng.choice(schema["enum"])
    if schema.get("x-kubernetes-int-or-string"):
        return rng.choice([1, 9, "5%", "x"])
    match schema.get("type"):
        case "string":
            return rng.choice(_STRINGS)
        case "integer":
            return rng.choice([n for n in _NUMBERS if isinstance(n, int)] + ([1.0] if not good else []))
        case "number":
            return rng.choice(_NUMBERS)
        case "boolean":
            return rng.random() < 0.5
        case "array":
            found = [_value(rng, schema["items"], good=good) for _ in range(rng.choice([0, 1, 2, 2, 3]))]
            if found and not good and rng.random() < 0.1:
                found.append(copy.deepcopy(found[0]))
            return found
        case _:
            return _members(rng, schema, good=good)


def _members(rng: random.Random, schema: dict[str, Any], *, good: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, child in schema.get("properties", {}).items():
        if rng.random() < (0.9 if name in schema.get("required", ()) else 0.6):
            found[name] = _value(rng, child, good=good)
    values = schema.get("additionalProperties")
    if is_map(values):
        for name in rng.sample(["k", "l", "x.y/z"], rng.randint(0, 2)):
            found[name] = _value(rng, values, good=good)
    if not good and rng.random() < 0.1:
        found["odd"] = rng.choice([1, {"x": 1}, None])
    if schema.get("x-kubernetes-preserve-unknown-fields") and rng.random() < 0.5:
        found["free"] = rng.choice([1, {"x": [1, None]}, None, [{"a": None}]])
    return found


def case_of(rng: random.Random, only: str = "") -> tuple[Case, dict[int, str]]:
    """The case of a seed."""
    del only
    spec = _object(rng, 3)
    schema: dict[str, Any] = {"type": "object", "properties": {"spec": spec}}
    subresources: dict[str, Any] = {"subresources": {"status": {}}} if rng.random() < 0.3 else {}
    if subresources:
        schema["properties"]["status"] = _object(rng, 2)
    head: dict[str, Any] = {"apiVersion": "{group}/v1", "kind": "Widget"}
    steps: list[Step] = [*CRD(schema, version={"schema": {"openAPIV3Schema": schema}, **subresources})]
    strict = rng.choice(["", "", "&fieldValidation=Strict", "&fieldValidation=Ignore"])
    for _ in range(5):
        body = {**head, "metadata": {"name": "x"}, "spec": _value(rng, spec)}
        steps.append(POST(f"{_PATH}?dryRun=All{strict}", body))
    steps.append(POST(_PATH, {**head, "metadata": {"name": "a"}, "spec": _value(rng, spec, good=True)}))
    one = f"{_PATH}/a"
    for _ in range(6):
        value = _value(rng, spec)
        match rng.randint(0, 5):
            case 0:
                steps.append(PUT(one, {**head, "metadata": {"name": "a"}, "spec": value}))
            case 1:
                steps.append(PATCH(f"{one}?x=1{strict}", {"spec": value}))
            case 2:
                name = rng.choice(list(spec.get("properties", {"a": 1})))
                operation = {"op": rng.choice(["add", "remove", "replace"]), "path": f"/spec/{name}", "value": 1}
                steps.append(PATCH(one, [operation], media=JSON_PATCH))
            case _:
                force = "&force=true" if rng.random() < 0.5 else ""
                body = {**head, "metadata": {"name": "a"}, "spec": value}
                steps.append(PATCH(f"{one}?fieldManager={rng.choice(['m1', 'm2'])}{force}", body, media=APPLY))
    steps.append(GET(one))
    if subresources:
        status = _value(rng, schema["properties"]["status"])
        steps.append(PATCH(f"{one}/status", {"status": status}))
        steps.append(
            PATCH(f"{one}/status?fieldManager=s", {**head, "metadata": {"name": "a"}, "status": status}, media=APPLY)
        )
    return Case("custom objects", *steps), {
        n: f"{step} {str(getattr(step, 'body', ''))[:600]}" for n, step in enumerate(steps)
    }
