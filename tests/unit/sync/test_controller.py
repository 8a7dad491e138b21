"""Queues and reconcilers without await."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from fairlead import ClosedError, InvalidObject, ObjectKey, ObjectMeta
from fairlead.controller import Reconciler as AsyncReconciler
from fairlead.models.core.v1 import ConfigMap
from fairlead.sync.controller import Finalizer, Queue, Reconciler, generation_changed
from fairlead.sync.testing import FakeClient
from fairlead.testing import FakeClient as AsyncFakeClient


def config(name: str, **data: str) -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name=name, namespace="default"), data=data)


def meet(together: threading.Barrier) -> None:
    together.wait()


def test_a_reconciler_brings_the_world_in_line():
    with FakeClient(config("a", n="1"), namespace="default") as client:
        configs = client.cached(ConfigMap, labels="!copy", fields="metadata.name!=kube-root-ca.crt")
        copies = client.direct(ConfigMap)

        def copy(key: ObjectKey) -> None:
            found = configs.get(key.name, key.namespace)
            if found is not None:
                copies.create_or_update(
                    ConfigMap(
                        metadata=ObjectMeta(name=f"{key.name}-copy", namespace=key.namespace, labels={"copy": "1"}),
                        data=found.data,
                    )
                )

        with Reconciler(client, "copies", copy, workers=2) as reconciler:
            configs.add_handler(on_event=reconciler.enqueue)
            client.run_and_wait(10)
            reconciler.wait_synced()
            client.settle()
            assert copies.get("a-copy").data == {"n": "1"}
            configs.patch("a", "default", merge={"data": {"n": "2"}})
            client.settle()
            assert copies.get("a-copy").data == {"n": "2"}
            now = reconciler.statistics()
            assert (now.succeeded >= 2, now.failed, reconciler.idle, reconciler.has_synced()) == (True, 0, True, True)
        assert reconciler.closed
        reconciler.add(ObjectKey("late", "default"))


def test_as_many_reconciles_at_a_time_as_there_are_workers():
    together = threading.Barrier(12, timeout=10)
    with FakeClient() as client, Reconciler(client, "many", lambda key: meet(together), workers=12) as many:
        for number in range(12):
            many.add(ObjectKey(str(number)))
        client.settle()
        assert many.statistics().succeeded == 12


async def test_plain_reconciles_of_an_asynchronous_client_too():
    together = threading.Barrier(12, timeout=10)
    async with (
        AsyncFakeClient() as client,
        AsyncReconciler(client, "many", lambda key: meet(together), workers=12) as many,
    ):
        for number in range(12):
            many.add(ObjectKey(str(number)))
        await client.settle()
        assert many.statistics().succeeded == 12


def test_a_failing_reconcile_is_tried_again_and_settle_waits_for_it():
    attempts: list[str] = []

    def fail(key: ObjectKey) -> None:
        attempts.append(key.name)
        if len(attempts) < 4:
            raise ValueError(key.name)

    with FakeClient() as client, Reconciler(client, "stubborn", fail, first_retry=0.001) as stubborn:
        stubborn.add(ObjectKey("a"))
        client.settle()
        assert attempts == ["a"] * 4
        assert stubborn.statistics().failed == 3


def test_a_queue_hands_out_each_key_once_and_settle_waits_for_it():
    with FakeClient() as client:
        queue: Queue[str] = Queue(client)
        for key in ("a", "b", "a"):
            queue.add(key)
        assert (len(queue), queue.pending(), queue.statistics().merged) == (2, {"a", "b"}, 1)
        got: list[str] = []

        def work() -> None:
            while True:
                try:
                    key = queue.get()
                except ClosedError:
                    return
                got.append(key)
                queue.done(key)

        worker = threading.Thread(target=work)
        worker.start()
        client.settle()
        assert (got, queue.idle) == (["a", "b"], True)
        queue.add_after("later", 3600)
        client.settle()
        queue.close()
        worker.join(10)
        queue.close()
        assert (worker.is_alive(), queue.closed) == (False, True)


def test_closing_the_client_ends_queues_and_reconcilers():
    with FakeClient() as client:
        queue: Queue[str] = Queue(client)
        reconciler = Reconciler(client, "one", lambda key: None)
        reconciler.start()
        got: list[type[BaseException]] = []

        def work() -> None:
            try:
                queue.get()
            except ClosedError as error:
                got.append(type(error))

        worker = threading.Thread(target=work)
        worker.start()
    worker.join(10)
    assert got == [ClosedError]
    assert (reconciler.closed, queue.closed) == (True, True)
    reconciler.close()


def test_coroutine_functions_are_refused():
    async def reconcile(key: ObjectKey) -> None: ...

    with FakeClient() as client, pytest.raises(InvalidObject, match="plain functions"):
        Reconciler(client, "async", reconcile)


def test_predicates_are_the_same():
    with FakeClient(config("a"), namespace="default") as client:
        told: list[str] = []
        configs = client.cached(ConfigMap, fields="metadata.name=a")
        configs.add_handler(on_event=lambda event: told.append(event.type), when=generation_changed)
        client.run_and_wait(10)
        configs.patch("a", "default", merge={"metadata": {"labels": {"x": "1"}}})
        client.settle()
        assert told == ["add"]


def exhausted(_: object) -> None:
    next(iter(()))


def ended(_: object) -> None:
    raise SystemExit(3)


@pytest.mark.parametrize("fail", [exhausted, ended])
def test_handlers_fail_with_what_ends_more_than_a_call_elsewhere(fail: Callable[[object], None]):
    failed: list[tuple[type, type]] = []

    def note(error: BaseException, handler: str, key: str) -> None:
        failed.append((type(error), type(error.__cause__)))

    with FakeClient(config("a"), config("b"), namespace="default", on_handler_error=note) as client:
        client.cached(ConfigMap, fields="metadata.name!=kube-root-ca.crt").add_handler(on_add=fail)
        client.run_and_wait(5)
        client.settle(5)
    assert failed == [(RuntimeError, StopIteration if fail is exhausted else SystemExit)] * 2


@pytest.mark.parametrize("fail", [exhausted, ended])
def test_cleaning_up_fails_with_what_ends_more_than_a_call_elsewhere(fail: Callable[[object], None]):
    with FakeClient(config("a"), namespace="default") as client:
        configs = client.cached(ConfigMap)
        client.run_and_wait(5)
        finalizer = Finalizer(configs, "example.com/x", fail)
        assert finalizer.hold(configs.get("a")) is not None
        configs.delete("a")
        with pytest.raises(RuntimeError):
            finalizer.hold(configs.live("a"))


def test_closing_the_client_from_inside_a_reconcile():
    over = threading.Event()
    client = FakeClient()

    def close(_: ObjectKey) -> None:
        client.close()
        over.set()

    reconciler = Reconciler(client, "closing", close)
    reconciler.start()
    reconciler.add(ObjectKey("a"))
    assert over.wait(5)
    assert reconciler.closed
