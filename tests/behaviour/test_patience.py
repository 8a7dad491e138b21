"""What is said while caches are not synced, and after how long.

On a loop whose clock jumps, so in process alone: a server behind a socket has a clock of its own, and so has the loop of
fairlead.sync, which is the same one and says the same.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from fairlead import DynamicFilter, NotSynced, ObjectMeta
from fairlead.models.core.v1 import ConfigMap
from fairlead.testing import FakeClient
from tests.behaviour.requirements import requirement
from tests.support import clock


def config(name: str) -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name=name, namespace="default"))


def said(caplog: pytest.LogCaptureFixture) -> list[tuple[float, list[str]]]:
    found: list[Any] = [record for record in caplog.records if "still waiting" in record.getMessage()]
    return [(record.seconds, record.missing) for record in found]


@requirement("sync:waiting:logged", "sync:waiting:names-what-is-missing")
def test_it_is_logged_after_5_15_and_45_seconds_what_is_missing(caplog):
    async def main() -> NotSynced:
        async with FakeClient() as client:
            client.cached(ConfigMap)
            client.cached("wind.example.com/v1", "Turbine", namespace=["a", "b"])
            with pytest.raises(NotSynced) as caught:
                await client.run_and_wait(timeout=60)
            assert asyncio.get_running_loop().time() == pytest.approx(60, abs=0.5)
            return caught.value

    with caplog.at_level(logging.WARNING, logger="fairlead"):
        error = clock.run(main())
    assert [seconds for seconds, _ in said(caplog)] == [5, 15, 45]
    for _, (line,) in said(caplog):
        assert line.count("turbines.wind.example.com/v1 in ") == 2
        assert "0 objects so far" in line
        assert "last error: NotFound: " in line
        assert "use delayed()" in line
    assert len(error.missing) == 1
    assert "not synced after 60.0 s" in str(error)


@requirement("sync:waiting:logged", "sync:waiting:names-what-is-missing")
def test_a_handler_that_takes_long_is_named(caplog):
    async def main() -> list[str]:
        async with FakeClient(config("a"), config("b")) as client:
            configs = client.cached(ConfigMap, fields="metadata.name!=kube-root-ca.crt")

            async def ponder(_: ConfigMap) -> None:
                await asyncio.sleep(10)

            configs.add_handler(on_add=ponder)
            await client.run_and_wait()
            late = configs.add_handler(on_add=ponder)
            with pytest.raises(NotSynced, match="ponder has 2 events to go"):
                await configs.wait_synced(timeout=1)
            await late.wait_synced()
            return ["synced"]

    with caplog.at_level(logging.WARNING, logger="fairlead"):
        assert clock.run(main()) == ["synced"]
    assert [seconds for seconds, _ in said(caplog)] == [5, 15]
    (first,), (second,) = (lines for _, lines in said(caplog))
    assert ("ponder has 2 events to go" in first, "ponder has 1 events to go" in second) == (True, True)


@requirement("sync:waiting:names-what-is-missing")
def test_what_waits_for_a_filter_or_was_never_started_says_so():
    async def main() -> None:
        async with FakeClient() as client:
            configs = client.cached(ConfigMap)
            with pytest.raises(NotSynced, match=r"not started: call run_and_wait\(\)"):
                await configs.wait_synced(timeout=3)
            filtered = client.cached(ConfigMap, filter=DynamicFilter(lambda _: True, ready=False))
            with pytest.raises(NotSynced, match="its filter is not ready"):
                await client.run_and_wait(timeout=3)
            assert (configs.has_synced(), filtered.has_synced()) == (True, False)

    clock.run(main())


@requirement("sync:waiting:logged")
def test_nothing_is_said_of_what_syncs_in_time(caplog):
    async def main() -> None:
        async with FakeClient(config("a")) as client:
            client.cached(ConfigMap)
            await client.run_and_wait(timeout=60)
            await asyncio.sleep(100)

    with caplog.at_level(logging.WARNING, logger="fairlead"):
        clock.run(main())
    assert said(caplog) == []
