from __future__ import annotations

import asyncio
import logging
import math
import threading
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from fairlead.controller import Reconciler
from fairlead.errors import ClosedError, NotSynced
from fairlead.machinery.meta import ObjectMeta, OwnerReference
from fairlead.machinery.names import ObjectKey
from fairlead.machinery.objects import Resource
from fairlead.models.core.v1 import ConfigMap
from fairlead.testing import FakeClient

A, B = ObjectKey("a", "default"), ObjectKey("b", "default")


class Fleet(Resource, api_version="example.com/v1", kind="Fleet", scope="Cluster"):
    pass


class Ship(Resource, api_version="example.com/v1", kind="Ship"):
    pass


def run(scenario: Callable[[FakeClient], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(20), FakeClient() as client:
            await scenario(client)

    asyncio.run(bounded())


def config_map(name: str, *owners: OwnerReference, **data: str) -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name=name, namespace="default", owner_references=list(owners)), data=data)


def owner(kind: str, name: str, api_version: str = "example.com/v1") -> OwnerReference:
    return OwnerReference(api_version=api_version, kind=kind, name=name, uid=f"uid-{name}")


def test_settle_waits_until_every_change_is_reconciled():
    async def scenario(client: FakeClient) -> None:
        seen: list[tuple[ObjectKey, str]] = []
        maps = client.cached(ConfigMap, namespace="default")

        async def reconcile(key: ObjectKey) -> None:
            found = maps.get(*key)
            seen.append((key, found.data["v"] if found else "gone"))

        reconciler = Reconciler(client, "maps", reconcile, workers=3)
        maps.add_handler(on_event=reconciler.enqueue)
        await maps.create(config_map("a", v="1"))
        await client.run_and_wait(5)
        async with reconciler:
            await client.settle()
            assert reconciler.has_synced()
            await maps.patch("a", "default", merge={"data": {"v": "2"}})
            await client.settle()
            await maps.delete("a", "default")
            await client.settle()
        assert seen[0] == (A, "1")
        assert (A, "2") in seen
        assert seen[-1] == (A, "gone")
        assert reconciler.statistics().failed == 0

    run(scenario)


def test_a_key_is_never_reconciled_twice_at_a_time_but_different_keys_are():
    async def scenario(client: FakeClient) -> None:
        running: Counter[ObjectKey] = Counter()
        most = 0
        both = asyncio.Event()

        async def reconcile(key: ObjectKey) -> None:
            nonlocal most
            running[key] += 1
            assert running[key] == 1
            most = max(most, running.total())
            if most == 2:
                both.set()
            await both.wait()
            running[key] -= 1

        async with Reconciler(client, "two", reconcile, workers=4) as reconciler:
            for _ in range(5):
                reconciler.add(A)
                reconciler.add(B)
            await client.settle()
            assert most == 2
            assert reconciler.statistics().failed == 0

    run(scenario)


def test_plain_functions_run_in_threads_and_may_queue_from_there():
    async def scenario(client: FakeClient) -> None:
        threads: dict[ObjectKey, int] = {}

        def reconcile(key: ObjectKey) -> None:
            threads[key] = threading.get_ident()
            if key == A:
                reconciler.add(B)

        reconciler = Reconciler(client, "threads", reconcile)
        reconciler.add(A)
        async with reconciler:
            await client.settle()
        assert set(threads) == {A, B}
        assert threading.get_ident() not in threads.values()

    run(scenario)


def test_errors_are_logged_with_the_key_and_retried_and_settle_waits_for_the_retry(caplog: pytest.LogCaptureFixture):
    async def scenario(client: FakeClient) -> None:
        attempts = 0

        async def reconcile(key: ObjectKey) -> None:
            nonlocal attempts
            attempts += 1
            if attempts < 4:
                raise ValueError("not yet")

        async with Reconciler(client, "again", reconcile) as reconciler:
            reconciler.add(A)
            await client.settle()
            assert attempts == 4
            assert reconciler.statistics().failed == 3
            assert reconciler.statistics().succeeded == 1
            assert reconciler.queue.failures(A) == 0

    with caplog.at_level(logging.ERROR):
        run(scenario)
    assert "default/a" in caplog.text
    assert "not yet" in caplog.text


def test_a_key_is_dropped_after_max_attempts_and_may_come_again(caplog: pytest.LogCaptureFixture):
    async def scenario(client: FakeClient) -> None:
        attempts = 0

        async def reconcile(key: ObjectKey) -> None:
            nonlocal attempts
            attempts += 1
            raise ValueError

        async with Reconciler(client, "hopeless", reconcile, max_attempts=3) as reconciler:
            reconciler.add(A)
            await client.settle()
            assert attempts == 3
            assert reconciler.statistics().dropped == 1
            reconciler.add(A)
            await client.settle()
            assert attempts == 6

    run(scenario)
    assert "given up" in caplog.text


def test_a_cancellation_inside_a_reconcile_is_a_failure_and_not_the_end_of_the_worker():
    async def scenario(client: FakeClient) -> None:
        seen: list[ObjectKey] = []

        async def reconcile(key: ObjectKey) -> None:
            seen.append(key)
            if len(seen) == 1:
                raise asyncio.CancelledError

        async with Reconciler(client, "cancelled", reconcile) as reconciler:
            reconciler.add(A)
            await client.settle()
        assert seen == [A, A]

    run(scenario)


def test_a_returned_number_asks_for_another_reconcile_which_settle_does_not_wait_for():
    async def scenario(client: FakeClient) -> None:
        again = asyncio.Event()
        seen: list[ObjectKey] = []

        async def reconcile(key: ObjectKey) -> float | None:
            seen.append(key)
            if len(seen) == 3:
                again.set()
            return 0.001 if len(seen) < 3 else 3600

        async with Reconciler(client, "periodic", reconcile) as reconciler:
            reconciler.add(A)
            await again.wait()
            await client.settle()
            assert reconciler.statistics().queue.delayed == 1
        assert reconciler.statistics().queue.delayed == 0

    run(scenario)


@pytest.mark.parametrize(
    ("given", "said"),
    [("again", "a str"), (timedelta(seconds=3), "a timedelta"), (True, "True"), (math.nan, "nan"), (math.inf, "inf")],
)
def test_a_reconcile_that_returns_what_is_no_number_has_failed_and_its_worker_lives(given, said, caplog):
    async def scenario(client: FakeClient) -> None:
        seen: list[ObjectKey] = []

        async def reconcile(key: ObjectKey):
            seen.append(key)
            return given if len(seen) == 1 else None

        async with Reconciler(client, "odd", reconcile) as reconciler:
            reconciler.add(A)
            reconciler.add(B)
            await client.settle()
            assert reconciler.statistics().failed == 1
        assert sorted(seen) == [A, A, B]

    run(scenario)
    error = caplog.records[0].exc_info[1]
    assert (
        str(error) == f"reconcile of odd returned {said}; it gives None, or after how many seconds to be called again"
    )


@pytest.mark.parametrize("given", [0, -1, 0.0])
def test_a_number_that_is_not_above_zero_is_not_again(given):
    async def scenario(client: FakeClient) -> None:
        seen: list[ObjectKey] = []

        async def reconcile(key: ObjectKey) -> float:
            seen.append(key)
            return given

        async with Reconciler(client, "zero", reconcile) as reconciler:
            reconciler.add(A)
            await client.settle()
        assert seen == [A]

    run(scenario)


def test_reconciles_that_wait_for_nothing_leave_turns_to_others(monkeypatch):
    async def scenario(client: FakeClient) -> None:
        ended = asyncio.Event()
        seen = 0

        async def reconcile(key: ObjectKey) -> None:
            nonlocal seen
            seen += 1
            # It is queued again while it is worked on, for ever: only others can end this.
            reconciler.add(key)

        async with Reconciler(client, "busy", reconcile, workers=2) as reconciler:
            reconciler.add(A)
            asyncio.get_running_loop().call_later(0.001, ended.set)
            await ended.wait()
            assert seen
            await reconciler.close()

    monkeypatch.setattr("fairlead.informer.slices.SLICE_SECONDS", 0.0)
    run(scenario)


def test_synced_means_that_what_was_queued_before_the_start_has_been_reconciled():
    async def scenario(client: FakeClient) -> None:
        gate = asyncio.Event()
        started = asyncio.Event()

        async def reconcile(key: ObjectKey) -> None:
            started.set()
            await gate.wait()

        reconciler = Reconciler(client, "gate", reconcile)
        reconciler.add(A)
        assert not reconciler.has_synced()
        with pytest.raises(NotSynced, match="gate, not started: 1 ready"):
            await client.settle(0.05)
        reconciler.start()
        reconciler.start()
        await started.wait()
        assert not reconciler.has_synced()
        gate.set()
        await reconciler.wait_synced()

        empty = Reconciler(client, "empty", reconcile)
        assert not empty.has_synced()
        empty.start()
        assert empty.has_synced()

    run(scenario)


def test_owners_are_queued_by_group_and_kind_whatever_their_version():
    async def scenario(client: FakeClient) -> None:
        seen: dict[str, set[ObjectKey]] = {"ship": set(), "fleet": set(), "named": set(), "other": set()}

        def collector(name: str) -> Reconciler:
            async def reconcile(key: ObjectKey) -> None:
                seen[name].add(key)

            reconciler = Reconciler(client, name, reconcile)
            reconciler.start()
            return reconciler

        maps = client.cached(ConfigMap)
        maps.add_handler(on_event=collector("ship").enqueue_owner(Ship))
        fleet = collector("fleet").enqueue_owner(Fleet)
        maps.add_handler(on_add=fleet, on_update=fleet, on_delete=fleet)
        maps.add_handler(on_event=collector("named").enqueue_owner("Fleet", group="example.com", namespaced=False))
        maps.add_handler(on_event=collector("other").enqueue_owner("Ship", group="other.com"))
        await client.run_and_wait(5)
        references = (
            owner("Ship", "s1", "example.com/v1beta1"),
            owner("Fleet", "f1"),
            owner("Ship", "x", "more.com/v1"),
        )
        handlers = client.direct(ConfigMap)
        await handlers.create(config_map("a", *references))
        changed = {"metadata": {"ownerReferences": [{**_wire(owner("Ship", "s2"))}]}}
        await handlers.patch("a", "default", merge=changed)
        await client.settle()
        assert seen["ship"] >= {ObjectKey("s1", "default")}
        assert seen["fleet"] == {ObjectKey("f1")} == seen["named"]
        assert seen["other"] == set()

    run(scenario)


def _wire(reference: OwnerReference) -> dict[str, str]:
    return {
        "apiVersion": reference.api_version, "kind": reference.kind, "name": reference.name, "uid": reference.uid,
    }  # fmt: skip


def test_a_function_may_say_which_keys_a_change_concerns():
    async def scenario(client: FakeClient) -> None:
        seen: set[ObjectKey] = set()

        async def reconcile(key: ObjectKey) -> None:
            seen.add(key)

        async with Reconciler(client, "mapped", reconcile) as reconciler:
            maps = client.cached(ConfigMap, namespace="default")
            maps.add_handler(
                on_event=reconciler.enqueue_mapped(lambda m: [ObjectKey(name) for name in m.data.values()])
            )
            await client.run_and_wait(5)
            await maps.create(config_map("a", target="one"))
            await client.settle()
            await maps.patch("a", "default", merge={"data": {"target": "two"}})
            await client.settle()
        assert seen == {ObjectKey("one"), ObjectKey("two")}

    run(scenario)


def test_closing_finishes_what_runs_drops_what_waits_and_takes_no_more():
    async def scenario(client: FakeClient) -> None:
        started, gate = asyncio.Event(), asyncio.Event()
        finished: list[ObjectKey] = []

        async def reconcile(key: ObjectKey) -> None:
            started.set()
            await gate.wait()
            finished.append(key)

        reconciler = Reconciler(client, "closing", reconcile)
        reconciler.add(A)
        reconciler.add(B)
        running = asyncio.ensure_future(reconciler.run())
        await started.wait()
        closing = asyncio.ensure_future(reconciler.close())
        await asyncio.sleep(0)
        assert not closing.done()
        gate.set()
        await closing
        await running
        await reconciler.close()
        reconciler.add(B)
        assert finished == [A]
        assert reconciler.closed
        assert reconciler.idle
        with pytest.raises(ClosedError, match="closing"):
            reconciler.start()

    run(scenario)


def test_a_reconcile_that_does_not_end_is_cancelled_after_the_grace(caplog: pytest.LogCaptureFixture):
    async def scenario(client: FakeClient) -> None:
        started = asyncio.Event()
        ended: list[str] = []

        async def reconcile(key: ObjectKey) -> None:
            started.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.append("cancelled")

        reconciler = Reconciler(client, "stuck", reconcile, close_grace=0.01)
        reconciler.start()
        reconciler.add(A)
        await started.wait()
        await reconciler.close()
        assert ended == ["cancelled"]

    run(scenario)
    assert "did not end in time" in caplog.text


def test_closing_from_inside_a_reconcile_does_not_wait_for_itself():
    async def scenario(client: FakeClient) -> None:
        async def reconcile(key: ObjectKey) -> None:
            await reconciler.close()

        reconciler = Reconciler(client, "self", reconcile)
        reconciler.add(A)
        await reconciler.run()
        assert reconciler.statistics().succeeded == 1

    run(scenario)


@pytest.mark.parametrize("workers", [1, 2])
def test_closing_from_inside_a_thread_reconciles_what_waits_if_told_to_drain(workers: int):
    async def scenario(client: FakeClient) -> None:
        loop = asyncio.get_running_loop()
        seen: set[ObjectKey] = set()

        def reconcile(key: ObjectKey) -> None:
            if key == A:
                asyncio.run_coroutine_threadsafe(reconciler.close(drain=True), loop).result(5)
            seen.add(key)

        reconciler = Reconciler(client, "self", reconcile, workers=workers)
        keys = [A, B, *(ObjectKey(str(number)) for number in range(5))]
        for key in keys:
            reconciler.add(key)
        await reconciler.run()
        assert (seen, reconciler.statistics().failed) == (set(keys), 0)

    run(scenario)


def test_a_close_that_is_given_up_is_finished_when_the_last_reconcile_ends():
    async def scenario(client: FakeClient) -> None:
        begun, go = asyncio.Event(), asyncio.Event()

        async def reconcile(key: ObjectKey) -> None:
            begun.set()
            await go.wait()

        reconciler = Reconciler(client, "slow", reconcile)
        reconciler.add(A)
        running = asyncio.create_task(reconciler.run())
        await begun.wait()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reconciler.close(), 0.01)
        go.set()
        await running
        await reconciler.wait_synced()
        assert reconciler not in client.participants()

    run(scenario)


def test_a_program_told_to_end_in_a_reconcile_ends():
    async def scenario(client: FakeClient) -> None:
        async def reconcile(key: ObjectKey) -> None:
            raise SystemExit(3)

        async with Reconciler(client, "ending", reconcile) as reconciler:
            reconciler.add(A)
            await asyncio.Event().wait()

    with pytest.raises(SystemExit, match="3"):
        run(scenario)


def test_what_fails_after_the_close_is_not_said_to_be_tried_again(caplog: pytest.LogCaptureFixture):
    async def scenario(client: FakeClient) -> None:
        async def reconcile(key: ObjectKey) -> None:
            await reconciler.close()
            raise ValueError

        reconciler = Reconciler(client, "closed", reconcile)
        reconciler.add(A)
        await reconciler.run()

    run(scenario)
    (record,) = (each for each in caplog.records if each.name == "fairlead.controller")
    assert record.getMessage() == (
        "reconciling closed default/a failed, and is not tried again, because the reconciler is closed"
    )


def test_the_client_closes_its_reconcilers():
    async def scenario(client: FakeClient) -> None:
        async def reconcile(key: ObjectKey) -> None:
            del key

        reconciler = Reconciler(client, "owned", reconcile)
        reconciler.start()
        await client.close()
        assert reconciler.closed

    run(scenario)


def test_workers_started_in_a_handler_are_not_part_of_it():
    async def scenario(client: FakeClient) -> None:
        settled = asyncio.Event()

        async def reconcile(key: ObjectKey) -> None:
            await other.settle()  # would raise, were this inside the handler
            settled.set()

        async with FakeClient(server=client.server) as other:
            reconciler = Reconciler(client, "late", reconcile)

            def start(event: object) -> None:
                reconciler.start()
                reconciler.add(A)

            maps = client.cached(ConfigMap, namespace="default")
            maps.add_handler(on_event=start)
            await client.run_and_wait(5)
            await maps.create(config_map("a"))
            await settled.wait()

    run(scenario)


def test_wrong_numbers_are_refused_by_name():
    async def scenario(client: FakeClient) -> None:
        async def reconcile(key: ObjectKey) -> None:
            del key

        with pytest.raises(ValueError, match="reconciler x: workers"):
            Reconciler(client, "x", reconcile, workers=0)
        with pytest.raises(ValueError, match="reconciler x: max_attempts"):
            Reconciler(client, "x", reconcile, max_attempts=0)

    run(scenario)
