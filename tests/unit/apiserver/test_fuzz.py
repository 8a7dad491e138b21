"""Requests made at random, from the schemas of the types themselves: whatever comes, the answer is never the server's failure."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.apiserver.registry import ResourceInfo
from fairlead.apiserver.server import ApiServer
from fairlead.machinery.schema.nodes import Schema
from fairlead.machinery.wire import StreamResponse
from tests.unit.apiserver.core_client import APPLY, JSON_PATCH, MERGE, STRATEGIC, Caller

# Many servers in one test: where others work too, that takes longer than what one test may otherwise.
pytestmark = pytest.mark.timeout(240)
seeds = st.integers(0, 2**63)

JUNK: list[Any] = [
    None,
    0,
    -1,
    1.5,
    1e300,
    True,
    "",
    "x",
    [],
    {},
    [None],
    [{}],
    {"": None},
    [[]],
    2**70,
    "\x00",
    "é" * 70,
]
TEXTS = [
    "", "a", "b", "A", "a-b", "a.b", "a/b", "a_b", "x" * 300, "TCP", "Always", "ClusterIP", "None", "Recreate", "RollingUpdate",
    "100m", "1Gi", "1.5.5", "5%", "2026-11-26T00:00:00Z", "2026-11-26T00:00:00.000000Z", "10.0.0.1", "::1", "* * * * *", "true",
    "http", "metadata.name", "apps", "v1", "apps/v1", "In", "Exists", "\n", "ü", "e30=", "rbac.authorization.k8s.io", "*",
]  # fmt: skip
NUMBERS = [0, 1, 2, 3, -1, 80, 65535, 65536, 2**31, 2**40]
ACCEPTS = [
    "application/json",
    "application/yaml",
    "*/*",
    "",
    "application/json;as=Table;v=v1;g=meta.k8s.io,application/json",
    "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io",
    "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
    "application/vnd.kubernetes.protobuf",
    "application/vnd.kubernetes.protobuf,application/json",
    "text/html;q=x,;;=",
]
SELECTORS = [
    "a",
    "!a",
    "a=b",
    "a in (b,c)",
    "a notin ()",
    "a==",
    "metadata.name=a",
    "=",
    ",",
    "(",
    "a in",
    "spec.x=1",
    "a=b\\,c",
    "é",
]
VERSIONS = ["", "0", "1", "205", "x", "-1", "1.5"]


class Maker:
    """Values that follow a schema, mostly."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def value(self, schema: Schema, depth: int = 0) -> Any:
        random = self.random
        if random.random() < 0.04:
            return random.choice(JUNK)
        if schema.get("x-kubernetes-int-or-string") or schema.format == "int-or-string":
            return random.choice([*NUMBERS, *TEXTS])
        match schema.type:
            case "object":
                return self.fields(schema, depth)
            case "array":
                items = schema.items
                return (
                    [self.value(items, depth + 1) for _ in range(random.choice((0, 1, 1, 2)))]
                    if items is not None
                    else []
                )
            case "string":
                return random.choice(schema.get("enum") or TEXTS)
            case "integer":
                return random.choice(NUMBERS)
            case "number":
                return random.choice([*NUMBERS, 1.5])
            case "boolean":
                return random.random() < 0.5
            case _:
                return random.choice([*JUNK, *TEXTS])

    def fields(self, schema: Schema, depth: int) -> dict[str, Any]:
        random = self.random
        likely = (0.9, 0.7, 0.35, 0.25, 0.2)[min(depth, 4)] if depth < 8 else 0.0
        required = set(schema.get("required") or ())
        made = {
            name: self.value(inner, depth + 1)
            for name, inner in schema.properties.items()
            if random.random() < (max(likely, 0.9) if name in required else likely)
        }
        values = schema.additional_properties
        if isinstance(values, Schema):
            for _ in range(random.choice((0, 1, 2))):
                made[random.choice(TEXTS)] = self.value(values, depth + 1)
        if random.random() < 0.05:
            made[random.choice(TEXTS)] = random.choice(JUNK)
        return made

    def document(self, info: ResourceInfo) -> dict[str, Any]:
        made = self.fields(info.schema, 0)
        meta = made.get("metadata")
        meta = dict(meta) if isinstance(meta, dict) else {}
        if self.random.random() < 0.9:
            meta["name"] = self.random.choice(("a", "b"))
            meta.pop("namespace", None)
            for name in ("uid", "resourceVersion", "ownerReferences", "managedFields", "deletionTimestamp"):
                if self.random.random() < 0.7:
                    meta.pop(name, None)
        return {**made, "metadata": meta, "apiVersion": info.type.api_version, "kind": info.type.kind}

    def query(self) -> str:
        random = self.random
        choices: list[tuple[str, list[str]]] = [
            ("labelSelector", SELECTORS), ("fieldSelector", SELECTORS), ("resourceVersion", VERSIONS),
            ("limit", ["1", "0", "-1", "x", "9" * 30]), ("continue", ["", "x", "e30", "eyJ2Ijo1fQ"]),
            ("resourceVersionMatch", ["Exact", "NotOlderThan", "x"]), ("dryRun", ["All", "x", ""]),
            ("fieldValidation", ["Strict", "Warn", "Ignore", "x"]), ("fieldManager", ["m", "x" * 200, "\n"]),
            ("force", ["true", "x"]), ("propagationPolicy", ["Foreground", "Orphan", "x"]), ("gracePeriodSeconds", ["0", "x", "-5"]),
            ("timeoutSeconds", ["1", "x"]), ("sendInitialEvents", ["true", "x"]), ("includeObject", ["Object", "None", "x"]),
            ("shardSelector", ["x", "shardRange(object.metadata.uid, '0x0', '0x1')"]), ("pretty", ["1"]), ("export", ["1"]),
        ]  # fmt: skip
        picked = random.sample(choices, random.choice((0, 0, 1, 2, 3)))
        return "&".join(f"{name}={quote(random.choice(values))}" for name, values in picked)

    def operations(self, document: Any) -> list[Any]:
        """A JSON patch, whose paths are mostly of the document."""
        random, paths = (
            self.random,
            ["", "/", "/metadata/labels/a", "/x/0", "/spec/containers/-", "/spec/containers/0", "x", "/~2", "/~0~1"],
        )
        paths += [f"/{key}" for key in document] if isinstance(document, dict) else []
        names = ["add", "remove", "replace", "move", "copy", "test", "x"]
        return [
            {
                "op": random.choice(names),
                "path": random.choice(paths),
                **({"value": random.choice([*JUNK, document])} if random.random() < 0.8 else {}),
                **({"from": random.choice(paths)} if random.random() < 0.4 else {}),
            }
            for _ in range(random.choice((1, 1, 2, 4)))
        ]


@contextmanager
def no_failure() -> Iterator[None]:
    """Fails for an exception that the server had to catch."""
    caught: list[str] = []

    class Noting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            caught.append(f"{record.getMessage()}: {self.format(record)}")

    handler, log = Noting(logging.ERROR), logging.getLogger("fairlead.apiserver")
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)
    assert not caught, caught[0]


def _resources(server: ApiServer) -> list[ResourceInfo]:
    registry = server.cluster.registry
    return [info for group, version in registry.group_versions() for info in registry.resources(group, version)]


def _path(info: ResourceInfo, name: str = "") -> str:
    return info.type.path("default" if info.type.namespaced else "", name)


async def _ask(
    caller: Caller, method: str, target: str, body: Any = None, media: str = "application/json", **headers: str
) -> None:
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    answer = await asyncio.wait_for(caller.raw(method, target, data, media, **headers), 10)
    if isinstance(answer, StreamResponse):
        await answer.body.aclose()


def _many(run: Callable[[Random, Caller], Any], seed: int) -> None:
    async def body() -> None:
        with no_failure():
            server = ApiServer()
            await run(Random(seed), Caller(server))
            await server.settle()
            await server.close()

    asyncio.run(body())


@given(seeds)
def test_objects_made_from_schemas(seed: int) -> None:
    async def run(random: Random, caller: Caller) -> None:
        maker, infos = Maker(random), _resources(caller.server)
        for _ in range(8):
            info = random.choice(infos)
            kept: Any = maker.document(info)
            for _ in range(6):
                document = maker.document(info)
                target, query = _path(info), maker.query()
                one = f"{_path(info, random.choice(('a', 'b')))}{random.choice(('', '', '', '/status', '/scale', '/eviction', '/x'))}"
                accept = random.choice(ACCEPTS) or "*/*"
                await _ask(caller, "POST", f"{target}?{query}", document, accept=accept)
                await _ask(caller, "POST", target, document)
                await _ask(caller, "PUT", f"{one}?{maker.query()}", maker.document(info), accept=accept)
                await _ask(
                    caller, "PATCH", f"{one}?{maker.query()}", maker.document(info), random.choice((MERGE, STRATEGIC))
                )
                await _ask(caller, "PATCH", f"{one}?fieldManager=m&{maker.query()}", maker.document(info), APPLY)
                await _ask(caller, "PATCH", one, maker.operations(kept), JSON_PATCH)
                await _ask(caller, "GET", one, accept=random.choice(ACCEPTS))
                await _ask(caller, "GET", f"{target}?{maker.query()}", accept=random.choice(ACCEPTS))
                await _ask(
                    caller, "GET", f"{target}?watch=1&timeoutSeconds=1&{maker.query()}", accept=random.choice(ACCEPTS)
                )
                kept = document
            await _ask(
                caller,
                random.choice(("DELETE", "GET")),
                f"{_path(info, 'a')}?{maker.query()}",
                random.choice([None, *JUNK]),
            )
            await _ask(caller, "DELETE", f"{_path(info)}?{maker.query()}")

    _many(run, seed)


@given(seeds)
def test_definitions_and_their_objects(seed: int) -> None:
    """A definition with a schema made at random: refused, or served; and then whatever is done with its objects is answered."""

    async def run(random: Random, caller: Caller) -> None:
        maker = Maker(random)
        info = next(each for each in _resources(caller.server) if each.type.kind == "CustomResourceDefinition")
        for _ in range(6):
            schema = _schema(random, 0) if random.random() < 0.9 else maker.document(info)
            version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
            if random.random() < 0.5:
                version["subresources"] = {
                    "status": {},
                    "scale": {"specReplicasPath": ".spec.a", "statusReplicasPath": ".status.b"},
                }
            names = {"plural": "things", "kind": "Thing"}
            spec = {"group": "fuzz.example.com", "scope": "Namespaced", "names": names, "versions": [version]}
            crd = {"metadata": {"name": "things.fuzz.example.com"}, "spec": spec}
            await _ask(caller, "POST", _path(info), crd)
            await caller.server.settle()
            for _ in range(4):
                found = caller.server.cluster.registry.find("fuzz.example.com", "v1", "things")
                if found is None:
                    break
                document = {**maker.document(found)}
                for method, media in (("PUT", "application/json"), ("PATCH", MERGE), ("PATCH", APPLY)):
                    target = (
                        f"{_path(found, 'a')}{random.choice(('', '/status', '/scale'))}?fieldManager=m&{maker.query()}"
                    )
                    await _ask(
                        caller, "POST", f"{_path(found)}?{maker.query()}", document, accept=random.choice(ACCEPTS)
                    )
                    await _ask(caller, method, target, maker.document(found), media)
                await _ask(caller, "GET", _path(found), accept=random.choice(ACCEPTS))
            await _ask(caller, "PUT", _path(info, "things.fuzz.example.com"), maker.document(info))
            await _ask(caller, "DELETE", _path(info, "things.fuzz.example.com"))
            await caller.server.settle()

    _many(run, seed)


def _schema(random: Random, depth: int) -> dict[str, Any]:
    """A schema, structural more often than not."""
    kind = (
        "object"
        if depth == 0
        else random.choice(("object", "array", "string", "integer", "boolean", "number", "x", None))
    )
    made: dict[str, Any] = {"type": kind} if kind is not None else {}
    if kind == "object" and depth < 4:
        names = ("spec", "status", "a", "b") if depth == 0 else ("a", "b", "c")
        made["properties"] = {name: _schema(random, depth + 1) for name in names if random.random() < 0.7}
        if random.random() < 0.1:
            made["required"] = random.choice((["a"], ["x"], "a", [1]))
        if depth and random.random() < 0.1:
            made.pop("properties")
            made["additionalProperties"] = random.choice((_schema(random, depth + 1), True, False))
    if kind == "array":
        made["items"] = _schema(random, depth + 1)
        if random.random() < 0.3:
            made["x-kubernetes-list-type"] = random.choice(("map", "set", "atomic", "x"))
            made["x-kubernetes-list-map-keys"] = random.choice((["a"], [], ["z"]))
    extras: list[tuple[str, list[Any]]] = [
        ("default", JUNK), ("nullable", [True, 1]), ("enum", [["a", "b"], [], "a", [None]]), ("pattern", ["^a+$", "(", "[", "a{99999}"]),
        ("minimum", [0, -1, "x", 1e300]), ("maxLength", [0, -1, 5]), ("format", ["date-time", "byte", "int32", "ipv4", "x"]),
        ("x-kubernetes-int-or-string", [True, "x"]), ("x-kubernetes-preserve-unknown-fields", [True, False]),
        ("x-kubernetes-embedded-resource", [True]), ("x-kubernetes-map-type", ["atomic", "granular", "x"]),
        ("anyOf", [[{"type": "integer"}, {"type": "string"}], [], [{"required": ["a"]}]]), ("not", [{"required": ["a"]}, {}]),
        ("oneOf", [[{}], [{"enum": ["a"]}]]), ("allOf", [[{"minimum": 1}]]), ("multipleOf", [0, 2, 0.1]), ("uniqueItems", [True, False]),
        ("x-kubernetes-validations", [[{"rule": "self == 1"}], [{}], "x"]), ("$ref", ["#/x"]), ("maxItems", [1, -1]),
    ]  # fmt: skip
    for name, values in extras:
        if random.random() < 0.05:
            made[name] = random.choice(values)
    return made
