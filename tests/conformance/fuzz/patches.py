"""Random patches and applies of ConfigMaps, Deployments and custom objects."""

from __future__ import annotations

import random
from typing import Any

from tests.conformance.case import APPLY, CRD, GET, JSON_PATCH, MERGE, PATCH, POST, STRATEGIC, Case, Send
from tests.conformance.cases.applies import DEPLOYMENTS, config_map, deployment
from tests.conformance.cases.patches import MAPS

__all__ = ["case_of"]

_WORDS = ("a", "b", "c")
_VALUES: tuple[Any, ...] = ("x", "y", "", None, 1, 2.5, True, [], {}, ["a", "b"], {"a": "b"}, [{"name": "c"}])
_CUSTOM = "/apis/{group}/v1/namespaces/{ns}/widgets"
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "properties": {
                "a": {"type": "string", "maxLength": 3},
                "b": {"type": "integer", "minimum": 0},
                "set": {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"},
                "map": {
                    "type": "array",
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["name"],
                    "items": {
                        "type": "object",
                        "required": ["name"],
                        "properties": {"name": {"type": "string"}, "v": {"type": "string", "default": "d"}},
                    },
                },
                "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
            },
        }
    },
}


def _containers(rng: random.Random) -> list[Any]:
    names = rng.sample(_WORDS, rng.randint(0, 3))
    found: list[Any] = []
    for name in names:
        one: dict[str, Any] = {"name": name}
        if rng.random() < 0.8:
            one["image"] = rng.choice(_WORDS)
        if rng.random() < 0.4:
            one["env"] = [{"name": rng.choice("EF"), "value": rng.choice(_WORDS)}]
        if rng.random() < 0.3:
            one["ports"] = [{"containerPort": rng.choice([80, 81]), "name": rng.choice(_WORDS)}]
        if rng.random() < 0.2:
            one["args"] = rng.sample(_WORDS, 2)
        found.append(one)
    return found


def _spec(rng: random.Random) -> dict[str, Any]:
    """A part of a Deployment's spec."""
    found: dict[str, Any] = {}
    if rng.random() < 0.4:
        found["replicas"] = rng.choice([0, 1, 3, -1, None])
    if rng.random() < 0.3:
        found["strategy"] = {"rollingUpdate": {rng.choice(["maxSurge", "maxUnavailable"]): rng.choice([1, "20%", 0])}}
    if rng.random() < 0.8:
        found["template"] = {"spec": {"containers": _containers(rng)}}
    return found


def _custom(rng: random.Random) -> dict[str, Any]:
    options: dict[str, Any] = {
        "a": rng.choice(["x", "xx", "xxxx", None]),
        "b": rng.choice([0, 1, -1]),
        "set": rng.sample(_WORDS, rng.randint(0, 3)),
        "map": [{"name": name, "v": rng.choice(_WORDS)} for name in rng.sample(_WORDS, rng.randint(0, 2))],
        "free": {rng.choice(_WORDS): rng.choice(_VALUES)},
        "odd": 1,
    }
    return {name: options[name] for name in options if rng.random() < (0.1 if name == "odd" else 0.4)}


def _json_patch(rng: random.Random, paths: tuple[str, ...]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for _ in range(rng.randint(1, 3)):
        op = rng.choice(["add", "remove", "replace", "move", "copy", "test"])
        one: dict[str, Any] = {"op": op, "path": rng.choice(paths)}
        if op in {"move", "copy"}:
            one["from"] = rng.choice(paths)
        if op in {"add", "replace", "test"}:
            one["value"] = rng.choice(_VALUES)
        found.append(one)
    return found


_DATA_PATHS = ("/data/a", "/data/b", "/data/z", "/data", "/metadata/labels", "/metadata/labels/a", "/data/a/x", "")
_SPEC_PATHS = (
    "/spec/a",
    "/spec/b",
    "/spec/set/0",
    "/spec/set/-",
    "/spec/map/0/v",
    "/spec/free",
    "/spec/free/a",
    "/spec",
)


def _map_steps(rng: random.Random) -> list[Send]:
    path = f"{MAPS}/a"
    steps = [POST(MAPS, config_map({"a": "x", "b": "y"}))]
    for _ in range(5):
        data = {name: rng.choice(_VALUES[:4]) for name in rng.sample(_WORDS, rng.randint(0, 3))}
        match rng.randint(0, 3):
            case 0:
                steps.append(PATCH(path, {"data": data}, media=rng.choice([MERGE, STRATEGIC])))
            case 1:
                steps.append(PATCH(path, _json_patch(rng, _DATA_PATHS[:-1]), media=JSON_PATCH))
            case _:
                steps.append(_apply(rng, path, config_map(data)))
    return steps


def _apply(rng: random.Random, path: str, body: Any) -> Send:
    force = "&force=true" if rng.random() < 0.4 else ""
    return PATCH(f"{path}?fieldManager={rng.choice(['m1', 'm2'])}{force}", body, media=APPLY)


def _deployment_steps(rng: random.Random) -> list[Send]:
    path = f"{DEPLOYMENTS}/d"
    steps = [POST(DEPLOYMENTS, deployment())]
    for _ in range(5):
        spec = _spec(rng)
        if rng.random() < 0.5:
            steps.append(PATCH(path, {"spec": spec}, media=rng.choice([STRATEGIC, STRATEGIC, MERGE])))
        else:
            body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": spec}
            steps.append(_apply(rng, path, body))
    return steps


def _custom_steps(rng: random.Random) -> list[Send]:
    path = f"{_CUSTOM}/a"
    head: dict[str, Any] = {"apiVersion": "{group}/v1", "kind": "Widget", "metadata": {"name": "a"}}
    steps = [POST(_CUSTOM, {**head, "spec": {"a": "x", "set": ["a"], "map": [{"name": "a"}]}})]
    for _ in range(6):
        match rng.randint(0, 3):
            case 0:
                steps.append(PATCH(path, {"spec": _custom(rng)}))
            case 1:
                steps.append(PATCH(path, _json_patch(rng, _SPEC_PATHS), media=JSON_PATCH))
            case _:
                steps.append(_apply(rng, path, {**head, "spec": _custom(rng)}))
    return steps


def case_of(rng: random.Random, only: str = "") -> tuple[Case, dict[int, str]]:
    """The case of a seed."""
    kind = only or rng.choice(["configmaps", "deployments", "widgets"])
    match kind:
        case "configmaps":
            case = Case("patches of configmaps", *_map_steps(rng), GET(f"{MAPS}/a"))
        case "deployments":
            case = Case("patches of deployments", *_deployment_steps(rng), GET(f"{DEPLOYMENTS}/d"))
        case _:
            case = Case("patches of custom objects", CRD(_SCHEMA), *_custom_steps(rng), GET(f"{_CUSTOM}/a"))
    return case, {n: f"{step}: {str(getattr(step, 'body', ''))[:200]}" for n, step in enumerate(case.steps)}
