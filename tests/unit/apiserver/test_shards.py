"""Hashes of shards, and that the shards of a collection are a partition of it."""

from __future__ import annotations

from itertools import pairwise

import pytest

from fairlead.apiserver.server import ApiServer
from fairlead.apiserver.shards import ShardSelector, fnv1a
from fairlead.errors import ConfigError
from tests.unit.apiserver.core_client import CONFIGMAPS, Caller, config_map, run

UID = "object.metadata.uid"
QUARTERS = (
    "0x0000000000000000",
    "0x4000000000000000",
    "0x8000000000000000",
    "0xc000000000000000",
    "0x10000000000000000",
)


@pytest.mark.parametrize(
    ("text", "found"),
    [("", 0xCBF29CE484222325), ("default", 0xEBADA5168620C5FE), ("kube-system", 0xDF65C7BC1D82B35E)],
)
def test_the_hash_is_that_of_a_real_server(text: str, found: int) -> None:
    assert fnv1a(text) == found


def test_each_object_is_in_exactly_one_of_the_shards_that_cover_all() -> None:
    async def body() -> None:
        client = Caller(ApiServer(feature_gates=["ShardedListAndWatch"]))
        for number in range(40):
            await client.create(CONFIGMAPS, config_map(f"m{number}"))
        found: list[str] = []
        for start, end in pairwise(QUARTERS):
            page = await client.send("GET", f"{CONFIGMAPS}?shardSelector=shardRange({UID},'{start}','{end}')")
            found += [item["metadata"]["name"] for item in page["items"]]
        assert sorted(found) == sorted(f"m{number}" for number in range(40))

    run(body())


@pytest.mark.parametrize(
    "text", ["shardRange(", "shardRange(a.b", "a b", "shardRange(a,)", "||", "#", "shardRange(a,'", "a."]
)
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(Exception, match="invalid shard selector: "):
        ShardSelector.parse(text)


def test_a_gate_that_is_not_known_is_refused() -> None:
    with pytest.raises(ConfigError, match="feature gate Sharding: this server has only ShardedListAndWatch"):
        ApiServer(feature_gates=["Sharding"])
