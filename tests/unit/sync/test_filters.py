"""Filters of the façade, with its own views."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

import fairlead
import fairlead.controller
import fairlead.testing
from fairlead import InvalidObject, ObjectKey, ObjectMeta
from fairlead.models.core.v1 import ConfigMap, Secret
from fairlead.sync import DynamicFilter, NamespaceFilter
from fairlead.sync.controller import Finalizer, Queue, Reconciler
from fairlead.sync.testing import FakeClient, ensure_crd, make_crd, wrap
from fairlead.testing import FakeClient as AsyncFakeClient


def config(name: str, namespace: str = "default", **data: str) -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name=name, namespace=namespace), data=data)


def test_a_filter_changes_for_object_keys() -> None:
    wanted: set[str] = set()
    with FakeClient(config("a"), config("b")) as client:
        chosen = DynamicFilter(lambda each: each.name in wanted)
        configs = client.cached(ConfigMap, filter=chosen)
        client.run_and_wait(timeout=10)
        wanted |= {"a", "b"}
        chosen.changed(keys=[ObjectKey("a", "default")])
        assert [each.name for each in configs.list()] == ["a"]


def test_a_filter_fed_by_a_view_and_combined() -> None:
    secret = Secret(metadata=ObjectMeta(name="one", namespace="default"))
    with FakeClient(secret, config("other", "elsewhere")) as client:
        configs = client.cached(ConfigMap)
        users = configs.index("uses", lambda each: [each.data.get("uses")])
        used = DynamicFilter(lambda each: bool(users.lookup(each.name)), fed_by=configs)
        spaces = NamespaceFilter(client, "kubernetes.io/metadata.name=default")
        secrets = client.cached(Secret, filter=spaces & used)
        nowhere = client.cached(ConfigMap, filter=~spaces)
        client.run_and_wait(timeout=10)
        assert secrets.list() == []
        assert [each.name for each in nowhere.list()] == ["other"]
        configs.create(config("user", uses="one"))
        client.settle()
        assert [each.name for each in secrets.list()] == ["one"]
        spaces.select("none")
        assert (secrets.list(), len(nowhere)) == ([], 2)
        with pytest.raises(ValueError, match="cycle"):
            used.follow(client.cached(ConfigMap, filter=spaces & used))


def test_what_belongs_to_asynchronous_clients_is_refused_and_what_to_take_is_named() -> None:
    with FakeClient() as client:
        view = client.cached(ConfigMap)
        mine = DynamicFilter(lambda _: True)
        theirs = fairlead.DynamicFilter(lambda _: True)
        for refused in (
            lambda: client.cached(ConfigMap, filter=theirs),
            lambda: client.cached(ConfigMap, filter=mine & ~theirs),
            lambda: fairlead.DynamicFilter(lambda _: True, fed_by=cast("Any", view)),
        ):
            with pytest.raises(InvalidObject, match=r"use fairlead\.sync\.DynamicFilter"):
                refused()
        with pytest.raises(InvalidObject, match=r"use fairlead\.sync\.NamespaceFilter"):
            fairlead.NamespaceFilter(cast("Any", client), "a=b")
        for name in ("Reconciler", "Queue"):
            given = (client, "x", print) if name == "Reconciler" else (client,)
            with pytest.raises(InvalidObject, match=rf"use fairlead\.sync\.controller\.{name}"):
                getattr(fairlead.controller, name)(*given)
        with pytest.raises(InvalidObject, match=r"use fairlead\.sync\.controller\.Finalizer"):
            fairlead.controller.Finalizer(cast("Any", view), "example.com/x", cast("Any", print))
        with pytest.raises(InvalidObject, match=r"use fairlead\.sync\.controller\.ensure"):
            asyncio.run(fairlead.controller.ensure(cast("Any", view), ConfigMap(), field_manager="x"))
        with pytest.raises(InvalidObject, match=r"use fairlead\.sync\.testing\.wrap"):
            fairlead.testing.wrap(cast("Any", view))
        with pytest.raises(InvalidObject, match=r"use fairlead\.sync\.testing\.ensure_crd"):
            asyncio.run(fairlead.testing.ensure_crd(cast("Any", client), make_crd("example.com/v1", "Widget")))


async def test_what_belongs_to_fairlead_sync_is_refused_for_asynchronous_clients() -> None:
    async with AsyncFakeClient() as client:
        wrong: Any = client
        for refused in (
            lambda: NamespaceFilter(wrong, "a=b"),
            lambda: Queue(wrong),
            lambda: Reconciler(wrong, "x", lambda _: None),
            lambda: ensure_crd(wrong, make_crd("example.com/v1", "Widget")),
        ):
            with pytest.raises(
                InvalidObject, match=r"a client of fairlead\.sync is expected, not fairlead\.testing\.fake"
            ):
                refused()
        view: Any = client.cached(ConfigMap)
        for refused in (
            lambda: DynamicFilter(lambda _: True, fed_by=[view]),
            lambda: Finalizer(view, "example.com/x", print),
        ):
            with pytest.raises(
                InvalidObject, match=r"a view of fairlead\.sync is expected, not fairlead\.client\.cached"
            ):
                refused()
        for writes in (view, wrong.direct(ConfigMap)):
            with pytest.raises(InvalidObject, match=r"a view or direct client of fairlead\.sync is expected"):
                wrap(writes)
