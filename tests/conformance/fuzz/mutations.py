"""A valid object of a built-in type, then the same with something wrong in it, again and again: are the refusals the same?"""

from __future__ import annotations

import copy
import random
from typing import Any

from fairlead.apiserver.registry import Registry, ResourceInfo
from fairlead.machinery.schema.nodes import Schema, is_list, is_map
from tests.conformance.builtins import collection
from tests.conformance.case import DELETE, POST, PUT, Case, Step
from tests.conformance.fuzz.rich import RICH

__all__ = ["case_of", "mutate"]

_MUTATIONS = 8
_TEXTS = ("", "a", "A_b", "x" * 300, "x" * 64, " ", "1", "a.b", "a/b", "x.io/y", "10.1.2.3", "::1", "10.0.0.0/33", "http://x", "-a", "..", "/x", "a:b", "*", "é", "None")  # fmt: skip
_NUMBERS = (0, 1, -1, 5, 70000, 2**31 - 1, 2**31, 2**33, 101)
_QUANTITIES = ("1", "-1", "0", "100Mi", "abc", "1.5", "0.1m", "", "1e3", "9999999999999999999999")
_EITHER = (1, -1, 0, 70000, "50%", "150%", "abc", "http", "", "-5%", "0")
_TIMES = ("2020-01-01T00:00:00Z", "yesterday", "", "2020-01-01T00:00:00.000000Z")
#: Words that one type has; tried at others that have the same field.
_WORDS: dict[str, set[str]] = {}


def _gather(value: Any, name: str = "") -> None:
    if is_map(value):
        for key, each in value.items():
            _gather(each, key)
    elif is_list(value):
        for each in value:
            _gather(each, name)
    elif isinstance(value, str):
        _WORDS.setdefault(name, set()).add(value)


_gather(list(RICH.values()))


def _info(key: tuple[str, str, str]) -> ResourceInfo:
    found = Registry().find(*key)
    assert found is not None, key
    return found


def _scalar(rng: random.Random, schema: Schema, name: str) -> Any:
    if schema.int_or_string:
        return rng.choice(_EITHER)
    if schema.format == "quantity" or (schema.ref or "").endswith("Quantity"):
        return rng.choice(_QUANTITIES)
    if schema.format == "date-time":
        return rng.choice(_TIMES)
    match schema.type:
        case "integer" | "number":
            return rng.choice(_NUMBERS)
        case "boolean":
            return rng.random() < 0.5
        case _:
            words = sorted(_WORDS.get(name, ()))
            return rng.choice(words) if words and rng.random() < 0.4 else rng.choice(_TEXTS)


def made(rng: random.Random, schema: Schema, name: str, depth: int = 2) -> Any:
    """A value of the schema's type, as likely as not a valid one."""
    if schema.type == "array" and schema.items is not None:
        return [made(rng, schema.items, name, depth - 1) for _ in range(rng.choice([0, 1, 1, 2]))]
    if schema.type == "object" or schema.properties:
        if not schema.properties:
            values = schema.additional_properties
            one = made(rng, values, name, depth - 1) if isinstance(values, Schema) else "x"
            return {} if rng.random() < 0.3 else {rng.choice(["a", "x.io/y", "a b", ""]): one}
        fields = list(schema.properties)
        chosen = [f for f in schema.required if rng.random() < 0.9]
        if depth > 0:
            chosen += rng.sample(fields, min(len(fields), rng.choice([0, 1, 1, 2])))
        return {field: made(rng, schema.properties[field], field, depth - 1) for field in dict.fromkeys(chosen)}
    return _scalar(rng, schema, name)


Place = tuple[Any, Any, Schema, str, str]


def _places(schema: Schema, value: Any, path: str, name: str) -> list[Place]:
    """(holder, key, schema of what is there, name of the field, path) of everything in a value."""
    found: list[Place] = []
    if is_map(value):
        for key in value:
            child = schema.field(key)
            if child is not None:
                found.append((value, key, child, key, f"{path}.{key}"))
                found += _places(child, value[key], f"{path}.{key}", key)
    elif is_list(value) and schema.items is not None:
        for index in range(len(value)):
            found.append((value, index, schema.items, name, f"{path}[{index}]"))
            found += _places(schema.items, value[index], f"{path}[{index}]", name)
    return found


def _wrong(rng: random.Random, value: Any) -> Any:
    options: list[Any] = [1, "x", True, [], {}, ["x"], {"x": "y"}, 1.5, None, 2**40]
    return rng.choice([each for each in options if type(each) is not type(value)])


def mutate(rng: random.Random, schema: Schema, body: dict[str, Any], *, sane: bool = False) -> str:
    """Change one thing of a body in place; what was done, in words. `sane`: nothing that no decoder takes."""
    places = [
        each for each in _places(schema, body, "", "") if not each[4].startswith((".metadata", ".apiVersion", ".kind"))
    ]
    if not places:
        return "nothing"
    holder, key, child, name, path = rng.choice(places)
    value = holder[key]
    chance = rng.random()
    if chance < 0.15:
        del holder[key]
        return f"{path} dropped"
    if chance < 0.45:
        objects = [each for each in places if is_map(each[0][each[1]]) and each[2].properties]
        if objects:
            holder, key, child, name, path = rng.choice(objects)
            field = rng.choice(list(child.properties))
            holder[key][field] = made(rng, child.properties[field], field)
            return f"{path}.{field} = {str(holder[key][field])[:150]}"
    if chance < 0.80 or sane:
        holder[key] = made(rng, child, name)
        return f"{path} = {str(holder[key])[:150]}"
    if chance < 0.87:
        lists = [each for each in places if is_list(each[0][each[1]]) and each[0][each[1]]]
        if lists:
            holder, key, child, name, path = rng.choice(lists)
            holder[key].append(copy.deepcopy(rng.choice(holder[key])))
            return f"{path} with one twice"
    if chance < 0.90 and is_map(value):
        value["nonsense"] = 1
        return f"{path} with nonsense"
    holder[key] = _wrong(rng, value)
    return f"{path} = {holder[key]!r}"


def _whole(key: tuple[str, str, str], name: str) -> dict[str, Any]:
    group, version, _ = key
    info = _info(key)
    api_version = f"{group}/{version}" if group else version
    return {
        "apiVersion": api_version,
        "kind": info.type.kind,
        "metadata": {"name": name},
        **copy.deepcopy(dict(RICH[key])),
    }


def case_of(rng: random.Random, only: str = "") -> tuple[Case, dict[int, str]]:
    """The case of a seed, and what each of its steps is about."""
    key = rng.choice([each for each in sorted(RICH) if only in (each[2], "")])
    info = _info(key)
    path = collection(info)
    name = "a" if info.type.namespaced else "{id}"
    base = _whole(key, name)
    validation = rng.choice(["", "", "Strict"])
    query = f"?dryRun=All{'&fieldValidation=' + validation if validation else ''}"
    steps: list[Step] = []
    notes: dict[int, str] = {}
    for _ in range(_MUTATIONS):
        body = copy.deepcopy(base)
        said = mutate(rng, info.schema, body)
        if rng.random() < 0.3:
            said += "; " + mutate(rng, info.schema, body, sane=True)
        notes[len(steps)] = f"create {key[2]}: {said}"
        steps.append(POST(f"{path}{query}", body))
    steps.append(POST(path, base))
    for _ in range(_MUTATIONS // 2):
        body = copy.deepcopy(base)
        said = mutate(rng, info.schema, body)
        notes[len(steps)] = f"update {key[2]}: {said}"
        steps.append(PUT(f"{path}/{name}{query}", body))
    steps.append(DELETE(f"{path}/{name}?gracePeriodSeconds=0"))
    return Case(f"mutations of {key[2]}", *steps, namespace=True), notes
