"""Each fault does what it says, in process and over HTTP, and no more often than it says."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from time import perf_counter

import pytest

from fairlead import (
    Client,
    Conflict,
    Gone,
    Internal,
    KubeConfig,
    NotSynced,
    ObjectMeta,
    ServerTimeout,
    ServiceUnavailable,
    TooManyRequests,
    TransportError,
)
from fairlead.apiserver.http import HttpFront
from fairlead.apiserver.server import ApiServer
from fairlead.models.core.v1 import ConfigMap, Secret
from fairlead.testing import FakeClient, Tracker
from fairlead.testing.faults import Faults


def config(name: str, **data: str) -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name=name, namespace="default"), data=data)


@pytest.fixture(params=["memory", "http"])
def way(request):
    return request.param


@contextlib.asynccontextmanager
async def opened(way: str, *objects: ConfigMap) -> AsyncIterator[tuple[Client, Faults]]:
    server = ApiServer()
    server.load([obj.to_dict() for obj in objects])
    if way == "memory":
        async with FakeClient(server=server, namespace="default") as client:
            yield client, client.faults
        await server.close()
    else:
        async with HttpFront(server) as front, Client(KubeConfig(server=front.url), namespace="default") as client:
            yield client, Faults.of(server)


async def data_of(client: Client, name: str) -> dict[str, str]:
    return (await client.direct(ConfigMap).get(name)).data


async def test_a_refused_request_does_nothing_and_a_lost_reply_leaves_it_done(way):
    async with opened(way) as (client, faults):
        direct = client.direct(ConfigMap)
        refused = faults.refuse(verb="create", name="", nth=1)
        with pytest.raises(TransportError):
            await direct.create(config("a"))
        assert await direct.list("default", labels="!none") is not None
        assert "a" not in {each.name for each in await direct.list()}
        await direct.create(config("a"))
        assert (refused.fired, refused.closed) == (1, True)
        with faults.lose_reply(verb="create") as lost, pytest.raises(TransportError):
            await direct.create(config("b", x="1"))
        assert lost.fired == 1
        assert await data_of(client, "b") == {"x": "1"}


@pytest.mark.parametrize(
    ("code", "error"),
    [(409, Conflict), (500, Internal), (503, ServiceUnavailable), (504, ServerTimeout), (429, TooManyRequests)],
)
async def test_refusals_by_code(way, code, error):
    async with opened(way, config("a")) as (client, faults):
        client._caller.sleep = lambda _: asyncio.sleep(0)
        with faults.fail(code, verb="patch", type=ConfigMap, name="a") as fault, pytest.raises(error):
            await client.direct(ConfigMap).patch("a", merge={"data": {"x": "1"}})
        assert fault.fired == (5 if code == 429 else 1)
        assert await data_of(client, "a") == {}


async def test_the_nth_of_a_verb_and_type():
    async with opened("memory", config("a")) as (client, faults):
        direct = client.direct(ConfigMap)
        fault = faults.conflict(type="configmaps", nth=2)
        secret = await client.direct(Secret).create(Secret(metadata=ObjectMeta(name="s", namespace="default")))
        results = []
        for value in "1234":
            await client.direct(Secret).update(secret)
            obj = await direct.get("a")
            obj.data["x"] = value
            try:
                await direct.update(obj)
                results.append("ok")
            except Conflict:
                results.append("conflict")
        assert results == ["ok", "conflict", "ok", "ok"]
        assert (fault.matched, fault.fired, fault.closed) == (2, 1, True)


async def test_a_busy_server_is_asked_again_after_the_time_it_names():
    async with opened("memory", config("a")) as (client, faults):
        waited: list[float] = []

        async def sleep(seconds: float) -> None:
            waited.append(seconds)

        client._caller.sleep = sleep
        faults.too_many_requests(retry_after=7, verb="patch", times=2)
        await client.direct(ConfigMap).patch("a", merge={"data": {"x": "1"}})
        assert [seconds >= 7 for seconds in waited] == [True, True]


async def test_a_type_whose_storage_is_made_anew_is_asked_for_again():
    async with opened("memory", config("a")) as (client, faults):
        configs = client.cached(ConfigMap, namespace="default")
        await client.run_and_wait(timeout=10)
        fault = faults.reinitialize(ConfigMap, times=2)
        await client.direct(ConfigMap).patch("a", merge={"data": {"x": "9"}})
        await client.settle(timeout=15)
        assert fault.closed
        assert configs.get("a").data == {"x": "9"}


async def test_probability_follows_the_seed():
    async def pattern(seed: int) -> str:
        async with opened("memory", config("a")) as (client, faults):
            faults.seed(seed)
            faults.fail(403, verb="get", probability=0.5)
            out = ""
            for _ in range(40):
                try:
                    await client.direct(ConfigMap).get("a")
                    out += "."
                except Exception:
                    out += "x"
            return out

    one, again, other = await pattern(1), await pattern(1), await pattern(2)
    assert one == again
    assert one != other
    assert 5 < one.count("x") < 35


async def test_held_requests_wait_until_released(way):
    async with opened(way, config("a")) as (client, faults):
        hold = faults.hold(verb="patch")
        writing = asyncio.create_task(client.direct(ConfigMap).patch("a", merge={"data": {"x": "1"}}))
        await hold.reached()
        assert (hold.held, await data_of(client, "a"), writing.done()) == (1, {}, False)
        with pytest.raises(NotSynced, match="1 of 2 requests"):
            await hold.reached(2, timeout=0.01)
        hold.release()
        assert (await writing).data == {"x": "1"}
        assert hold.held == 0


@pytest.mark.parametrize("how", ["end", "lose", "garbage", "error", "expired", "compacted", "bookmark only"])
async def test_an_informer_lives_through_what_happens_to_its_watch(way, how):
    async with opened(way, config("a")) as (client, faults):
        configs = client.cached(ConfigMap, fields="metadata.name!=kube-root-ca.crt")
        tracker = Tracker()
        configs.add_handler(on_event=tracker)
        await client.run_and_wait(timeout=10)
        tracker.expect("add/a")
        direct = client.direct(ConfigMap)
        if how in {"expired", "compacted"}:
            gone = faults.expire(times=1) if how == "expired" else None
            await direct.create(config("b"))
            await client.settle()
            refused = faults.refuse(verb="watch")
            assert faults.cut_watches("ConfigMap") == 1
            await direct.create(config("c"))
            if gone is None:
                faults.forget_history()
            refused.close()
        else:
            only = faults.bookmark_only(times=2) if how == "bookmark only" else None
            does = {
                "end": faults.cut_watches,
                "lose": lambda: faults.cut_watches(clean=False),
                "garbage": faults.send_garbage,
                "error": faults.send_error,
                "bookmark only": faults.cut_watches,
            }
            assert does[how]() >= 1
            await direct.create(config("b"))
            await direct.create(config("c"))
            del only
        await client.settle(timeout=20)
        tracker.expect_unordered("add/b", "add/c")
        assert {each.name for each in configs.list()} == {"a", "b", "c"}


async def test_a_held_watch_delivers_everything_later(way):
    async with opened(way, config("a")) as (client, faults):
        configs = client.cached(ConfigMap)
        await client.run_and_wait(timeout=10)
        other = client.cached(Secret)
        await client.run_and_wait(timeout=10)
        held = faults.hold_watches(ConfigMap)
        patched = await client.direct(ConfigMap).patch("a", merge={"data": {"x": "1"}})
        await client.direct(Secret).create(Secret(metadata=ObjectMeta(name="s", namespace="default")))
        with pytest.raises(NotSynced):
            await client.settle(timeout=0.2)
        assert other.get("s", "default") is not None
        stored = configs._looks[0].informer.store.content.entries["default/a"]
        assert stored.version < int(patched.resource_version)
        held.close()
        await client.settle()
        assert configs.get("a", "default").data == {"x": "1"}


async def test_a_watch_that_ends_while_it_is_held(way):
    async with opened(way, config("a", x="0")) as (client, faults):
        configs = client.cached(ConfigMap)
        await client.run_and_wait(timeout=10)
        with faults.hold_watches(ConfigMap):
            await client.direct(ConfigMap).patch("a", merge={"data": {"x": "1"}})
            faults.cut_watches(ConfigMap)
            with pytest.raises(NotSynced):
                await client.settle(timeout=0.2)
        await client.settle()
        assert configs.get("a", "default").data == {"x": "1"}
        assert client.statistics().informers[0].overlaid == 0


async def test_a_server_that_lags(way):
    async with opened(way, config("a", x="0")) as (client, faults):
        direct = client.direct(ConfigMap)
        listed = await direct.list("default")
        with faults.lag(ConfigMap):
            await direct.patch("a", merge={"data": {"x": "1"}})
            new = await direct.create(config("b"))
            await direct.delete("kube-root-ca.crt") if "kube-root-ca.crt" in {o.name for o in listed} else None
            old = await direct.list("default", resource_version="0")
            assert ({o.name for o in old}, old.resource_version) == ({o.name for o in listed}, listed.resource_version)
            assert next(o for o in old if o.name == "a").data == {"x": "0"}
            assert {"a", "b"} <= {o.name for o in await direct.list("default")}
            client._caller.sleep = lambda _: asyncio.sleep(0)
            with pytest.raises(ServerTimeout):
                await direct.list("default", resource_version=new.resource_version)
            watch = direct.watch("default", send_initial_events=True, bookmarks=True, resource_version="0")
            seen = []
            async for event in watch:
                seen.append(event)
                if event.type == "BOOKMARK":
                    break
            assert {e.object.name for e in seen[:-1]} == {o.name for o in listed}
        later = [(await anext(watch)) for _ in range(2)]
        assert [(e.type, e.object.name) for e in later] == [("MODIFIED", "a"), ("ADDED", "b")]
        await watch.aclose()
        again = await direct.list("default", resource_version="0")
        assert "b" in {o.name for o in again}


async def test_a_cache_started_at_a_lagging_server_is_whole_once_it_has_caught_up():
    async with opened("memory", config("a", x="0")) as (client, faults):
        lag = faults.lag(ConfigMap)
        await client.direct(ConfigMap).patch("a", merge={"data": {"x": "1"}})
        configs = client.cached(ConfigMap)
        client.start()
        with pytest.raises(NotSynced):
            await configs.wait_synced(timeout=0.1)
        lag.close()
        await client.run_and_wait(timeout=10)
        assert configs.get("a", "default").data == {"x": "1"}


async def test_a_direct_watch_from_too_old_a_version_is_gone(way):
    async with opened(way, config("a")) as (client, faults):
        direct = client.direct(ConfigMap)
        listed = await direct.list("default")
        faults.expire(type=ConfigMap)
        with pytest.raises(Gone):
            async for _ in direct.watch("default", resource_version=listed.resource_version):
                pass


async def test_faults_are_of_the_server_and_can_be_cleared():
    server = ApiServer()
    async with FakeClient(config("a"), server=server) as one, FakeClient(server=server, namespace="default") as two:
        assert one.faults is two.faults
        one.faults.fail(403)
        hold = one.faults.hold(verb="get")
        assert len(two.faults.active) == 2
        with pytest.raises(Exception, match="a fault of the test"):
            await two.direct(ConfigMap).get("a")
        two.faults.clear()
        assert hold.closed
        await two.direct(ConfigMap).get("a")
    await server.close()


async def test_settle_is_not_disturbed():
    async with FakeClient(config("a")) as client:
        client.cached(ConfigMap)
        await client.run_and_wait(timeout=10)
        fault = client.faults.fail(503, verb="list")
        await client.direct(ConfigMap).create(config("b"))
        began = perf_counter()
        await client.settle()
        assert fault.matched == 0
        assert perf_counter() - began < 5


@pytest.mark.parametrize("which", [{"verb": "apply"}, {"nth": 0}, {"times": 0}])
async def test_nonsense_is_refused(which):
    async with FakeClient() as client:
        with pytest.raises(ValueError, match="fault"):
            client.faults.refuse(**which)
