"""Sharded lists and watches (KEP-5866), on a server with the feature gate. Hashes that are compared here are of fixed texts."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from tests.conformance.case import CRD, DELETE, EVENTS, GET, OPEN, PATCH, POST, Case, Step

GATE = ("ShardedListAndWatch",)
MAPS = "/api/v1/namespaces/{ns}/configmaps"
DEFAULTS = "/api/v1/namespaces/default/configmaps"
MINE = "labelSelector=id%3D{id}"
PARTIAL = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
UID, NAMESPACE = "object.metadata.uid", "object.metadata.namespace"
LOW, HIGH = "0x0000000000000000", "0x10000000000000000"
HALF = "0x8000000000000000"


def shard(*parts: tuple[str, str, str]) -> str:
    return quote(" || ".join(f"shardRange({field}, '{start}', '{end}')" for field, start, end in parts))


def meta(name: str = "a", **more: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, **more}}


def mine(name: str = "a") -> dict[str, Any]:
    return {"metadata": {"name": f"{name}-{{id}}", "labels": {"id": "{id}"}}}


ALL = shard((UID, LOW, HIGH))
#: The hash of "default" is ebada5168620c5fe, that of the empty text cbf29ce484222325.
WITH_DEFAULT, WITHOUT_DEFAULT = shard((NAMESPACE, HALF, HIGH)), shard((NAMESPACE, LOW, HALF))
EXACTLY_DEFAULT = shard((NAMESPACE, "0xebada5168620c5fe", "0xebada5168620c5ff"))
UP_TO_DEFAULT = shard((NAMESPACE, LOW, "0xebada5168620c5fe"))
SPACED = f"""  shardRange( {UID} ,"{LOW}",  "{HALF}" )  """
WRONG = [
    "x", "1", "'x'", "shardRange()", "shardRange(object.metadata.uid)", "shardRange(object.metadata.name, '0x0000000000000000', '0x8000000000000000')",
    f"shardRange({UID}, '{HALF}', '{LOW}')", f"shardRange({UID}, '{HALF}', '{HALF}')", f"shardRange({UID}, '0x0', '{HALF}')", f"shardRange({UID}, '0', '{HALF}')",
    f"shardRange({UID}, '0x', '{HALF}')", f"shardRange({UID}, '0xFF00000000000000', '{HIGH}')", f"shardRange({UID}, '{LOW}', '0x20000000000000000')",
    f"shardRange({UID}, '{LOW}', '0x100000000000000000')", f"shardRange({UID}, {UID}, '{HALF}')", f"shardRange({UID}, 1, '{HALF}')", f"shardRange('uid', '{LOW}', '{HALF}')",
    f"shardRange({UID}, '{LOW}', '{HALF}') || shardRange({NAMESPACE}, '{LOW}', '{HALF}')", f"shardRange({UID}, '{LOW}', '{HALF}') && shardRange({UID}, '{LOW}', '{HALF}')",
    f"other({UID}, '{LOW}', '{HALF}')", f"!shardRange({UID}, '{LOW}', '{HALF}')", f"shardRange({UID}, '{LOW}', '{HALF}') || x", "true",
]  # fmt: skip


def maps(*names: str) -> list[Step]:
    return [POST(MAPS, meta(name)) for name in names]


CASES = [
    Case("a shard that is everything", maps("a", "b"), GET(f"{MAPS}?shardSelector={ALL}"), features=GATE),
    Case(
        "an empty selector", maps("a"), GET(f"{MAPS}?shardSelector="), GET(f"{MAPS}?shardSelector=%20"), features=GATE
    ),
    Case(
        "shards by namespace",
        POST(DEFAULTS, mine()),
        *[
            GET(f"{DEFAULTS}?{MINE}&shardSelector={one}")
            for one in (WITH_DEFAULT, WITHOUT_DEFAULT, EXACTLY_DEFAULT, UP_TO_DEFAULT)
        ],
        features=GATE,
    ),
    Case(
        "cluster-scoped objects are in the shard of the empty namespace",
        POST("/api/v1/nodes", mine()),
        GET(f"/api/v1/nodes?{MINE}&shardSelector={shard((NAMESPACE, '0xcbf29ce484222325', '0xcbf29ce484222326'))}"),
        GET(f"/api/v1/nodes?{MINE}&shardSelector={shard((NAMESPACE, '0xcbf29ce484222326', HIGH))}"),
        features=GATE,
    ),
    Case(
        "the selector is echoed in one form",
        GET(f"{MAPS}?shardSelector={quote(SPACED)}"),
        GET(f"{MAPS}?shardSelector={shard((UID, LOW, HALF), (UID, HALF, HIGH))}"),
        GET(f"{MAPS}?shardSelector={shard((UID, HALF, HIGH), (UID, LOW, HALF), (UID, LOW, HIGH))}"),
        features=GATE,
    ),
    Case(
        "where the selector is not echoed",
        POST(MAPS, meta()),
        GET(f"{MAPS}?shardSelector={ALL}", accept=PARTIAL),
        GET(f"{MAPS}?shardSelector={ALL}", accept="application/json;as=Table;g=meta.k8s.io;v=v1"),
        GET(f"{MAPS}/a?shardSelector={ALL}"),
        CRD(),
        GET(f"/apis/{{group}}/v1/widgets?shardSelector={ALL}"),
        features=GATE,
    ),
    Case(
        "pages of a shard",
        maps("a", "b", "c"),
        GET(f"{MAPS}?limit=2&shardSelector={ALL}", name="one"),
        GET(f"{MAPS}?limit=2&shardSelector={ALL}&continue={{one.metadata.continue}}"),
        GET(f"{MAPS}?limit=2&continue={{one.metadata.continue}}"),
        features=GATE,
    ),
    Case(
        "other options beside a shard",
        maps("a"),
        GET(MAPS),
        GET(f"{MAPS}?resourceVersion=0&shardSelector={ALL}"),
        GET(f"{MAPS}?labelSelector=x&shardSelector={ALL}"),
        features=GATE,
    ),
    *[
        Case(f"a shard selector that is wrong: {text}", GET(f"{MAPS}?shardSelector={quote(text)}"), features=GATE)
        for text in WRONG
    ],
    Case(
        "a shard selector that is wrong, in a watch",
        GET(f"{MAPS}?watch=1&timeoutSeconds=1&shardSelector=x"),
        features=GATE,
    ),
    Case("a shard selector that is wrong, in a delete", DELETE(f"{MAPS}?shardSelector=x"), features=GATE),
    Case(
        "watches of shards",
        OPEN(f"{DEFAULTS}?watch=1&{MINE}&shardSelector={WITH_DEFAULT}", name="in"),
        OPEN(f"{DEFAULTS}?watch=1&{MINE}&shardSelector={WITHOUT_DEFAULT}&timeoutSeconds=2", name="out"),
        POST(DEFAULTS, mine()),
        PATCH(f"{DEFAULTS}/a-{{id}}", {"data": {"k": "v"}}),
        DELETE(f"{DEFAULTS}/a-{{id}}"),
        EVENTS("in", 3),
        EVENTS("out", 1),
        features=GATE,
    ),
    Case(
        "a watch list of a shard",
        maps("a"),
        OPEN(
            f"{MAPS}?watch=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&shardSelector={ALL}",
            name="w",
        ),
        EVENTS("w", 2),
        features=GATE,
    ),
    Case(
        "a shard of a collection is deleted",
        POST(DEFAULTS, mine("a")),
        DELETE(f"{DEFAULTS}?{MINE}&shardSelector={WITHOUT_DEFAULT}"),
        GET(f"{DEFAULTS}?{MINE}"),
        DELETE(f"{DEFAULTS}?{MINE}&shardSelector={WITH_DEFAULT}"),
        GET(f"{DEFAULTS}?{MINE}"),
        features=GATE,
    ),
    Case(
        "without the gate a selector is not read",
        maps("a"),
        GET(f"{MAPS}?shardSelector=garbage"),
        OPEN(f"{MAPS}?watch=1&shardSelector=garbage", name="w"),
        EVENTS("w", 1),
    ),
]
