"""A cluster in which several writers, faults and changes of mind go on at once, and what must hold all the same.

Oracles. Every handler's events fold cleanly: no add of a present key, no update or delete of an absent one, two uids
separated by a delete, versions that never go back. Reads are never behind what a handler is told, nor behind own writes.
In the end every handler has been told exactly what `list()` says, and that is what the server says.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from unittest import mock

from fairlead import (
    ApiError,
    Cached,
    CacheOptions,
    Client,
    DynamicFilter,
    Event,
    NamespaceFilter,
    ObjectMeta,
    Resource,
    Struct,
    TransportError,
    part,
)
from fairlead.apiserver.server import ApiServer
from fairlead.informer import informer as informer_module
from fairlead.informer import reflector as reflector_module
from fairlead.models.apiextensions.v1 import CustomResourceDefinition
from fairlead.models.core.v1 import ConfigMap, Namespace
from fairlead.store import store as store_module
from fairlead.store import view as view_module
from fairlead.testing import FakeClient, make_crd

NAMESPACES = ("n0", "n1", "n2")
NAMES = ("a", "b", "c", "d")
COLOURS = ("red", "green", "blue")


class WidgetSpec(Struct):
    size: int = 0


class Widget(Resource, api_version="properties.example.com/v1", kind="Widget"):
    spec: WidgetSpec = part(default_factory=WidgetSpec)


def key_of(obj: Any) -> str:
    return f"{obj.namespace}/{obj.name}" if obj.namespace else str(obj.name)


def version_of(obj: Any) -> int:
    return int(obj.resource_version)


class Fold:
    """A handler that adds up what it is told, and refuses what cannot follow from what it was told before."""

    def __init__(self, view: Cached[Any, Any], name: str, wrong: list[str], dice: random.Random) -> None:
        self.view, self.name, self.wrong, self.dice = view, name, wrong, dice
        self.seen: dict[str, tuple[str, int]] = {}
        self.running = self.closed = False
        self.history: list[str] = []
        self.registration = view.add_handler(on_event=self)
        self.synced = False

    async def __call__(self, event: Event[Any]) -> None:
        if self.running:
            self.fail(event, "a handler runs beside itself")
        if self.closed:
            self.fail(event, "a closed handler is called")
        self.running = True
        try:
            self.take(event)
            for _ in range(self.dice.choice((0, 0, 0, 1, 3))):
                await asyncio.sleep(0)
        finally:
            self.running = False

    def take(self, event: Event[Any]) -> None:
        key, obj = key_of(event.object), event.object
        now = (obj.uid, version_of(obj))
        self.history.append(f"{event.type} {key} {obj.uid[-4:]}@{now[1]}{' initial' if event.initial else ''}")
        before = self.seen.get(key)
        for wrong, why in self.faults(event, before, now):
            if wrong:
                self.fail(event, f"{why}; before: {before}")
        if event.type == "delete":
            self.seen.pop(key, None)
        else:
            self.seen[key] = now
            self.never_behind(event, now)
        if self.synced and not self.registration.has_synced():
            self.fail(event, "no longer synced")
        self.synced = self.registration.has_synced()

    @staticmethod
    def faults(event: Event[Any], before: tuple[str, int] | None, now: tuple[str, int]) -> Iterator[tuple[bool, str]]:
        if event.type == "add":
            yield before is not None, "add of a present key"
        elif before is None:
            yield True, f"{event.type} of an absent key"
        else:
            yield before[0] != now[0], f"{event.type} of another uid"
            if event.type == "update":
                yield before[1] >= now[1], "an update to an older version"
                old = event.old
                yield old is None or (old.uid, version_of(old)) != before, "an update from a state that was not told"

    def never_behind(self, event: Event[Any], told: tuple[str, int]) -> None:
        read = self.view.get(event.key.name, event.key.namespace or None)
        if read is not None and version_of(read) < told[1]:
            self.fail(event, f"a read is behind: {version_of(read)}")

    def fail(self, event: Event[Any], why: str) -> None:
        self.wrong.append(f"{self.name}: {event.type} {event.key}: {why}; told: {'; '.join(self.history[-12:])}")


class World:
    """One run."""

    def __init__(self, seed: int, *, operations: int = 60, both: bool = False) -> None:
        self.dice = random.Random(f"world {seed}")
        # Every fourth world keeps its objects packed; no dice decide it, so that all seeds stay what they were.
        self.compact = CacheOptions(compact=seed % 4 == 3)
        #: Whether the type that comes and goes is also looked at by a view that does not allow it to be absent.
        self.both = both
        self.operations = operations
        self.wrong: list[str] = []
        #: What was done, in order.
        self.log: list[str] = []

    def begin(self) -> None:
        """Make what takes uids, which are the seed's."""
        self.server = ApiServer(history=self.dice.choice((8, 40, 1000)))
        self.server.load(
            [
                {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": n, "labels": {"team": "x"}}}
                for n in NAMESPACES
            ]
        )
        self.colours = set(self.dice.sample(COLOURS, 2))
        self.views: list[tuple[str, Cached[Any, Any], Callable[[Any], bool]]] = []
        self.folds: list[Fold] = []
        self.indexed: list[tuple[Cached[Any, Any], Any]] = []
        self.indexes = 0  # made so far, also by views that are closed
        self.definition = make_crd(Widget)

    # Views ---------------------------------------------------------------------------------------------------

    def coloured(self, obj: Any) -> bool:
        return obj.metadata.labels.get("colour") in self.colours

    def build(self, client: Client, other: Client) -> None:
        self.client, self.other = client, other
        self.by_colour = DynamicFilter(self.coloured)
        self.by_namespace = NamespaceFilter(client, "team=x")
        self.allowed = client.cached(ConfigMap, namespace="n0")
        # Shows what has a namesake in n0.
        self.namesakes = DynamicFilter(
            lambda obj: self.allowed.get(obj.name, "n0") is not None,
            fed_by=self.allowed,
            keys=lambda obj: [f"{namespace}/{obj.name}" for namespace in NAMESPACES],
        )
        self.configs = self.add_view("configs", lambda: client.cached(ConfigMap), lambda _: True)
        self.add_view("namespaces", lambda: client.cached(Namespace, filter=self.by_namespace), self.in_team)
        self.widgets = self.add_view("widgets", lambda: client.delayed(Widget), lambda _: True)
        if self.both:
            self.add_view("widgets for sure", lambda: client.cached(Widget), lambda _: True)
        self.others = self.add_view("other", lambda: other.cached(ConfigMap), lambda _: True)
        for _ in range(3):
            self.one_more_view()

    def in_team(self, obj: Any) -> bool:
        name = obj.namespace or obj.name
        found = self.now(Namespace).get(name)
        return found is not None and (found["metadata"].get("labels") or {}).get("team") == "x"

    def has_namesake(self, obj: Any) -> bool:
        return f"n0/{obj.name}" in self.now(ConfigMap)

    def one_more_view(self) -> None:
        client = self.dice.choice((self.client, self.other))
        made: list[tuple[str, Callable[[], Cached[Any, Any]], Callable[[Any], bool]]] = [
            ("plain", lambda: client.cached(ConfigMap), lambda _: True),
            ("red", lambda: client.cached(ConfigMap, labels="colour=red"), lambda o: colour(o) == "red"),
            ("n1", lambda: client.cached(ConfigMap, namespace="n1"), lambda o: o.namespace == "n1"),
            ("n0+n2", lambda: client.cached(ConfigMap, namespace=["n0", "n2"]), lambda o: o.namespace in ("n0", "n2")),
            ("meta", lambda: client.metadata(ConfigMap, labels="colour!=blue"), lambda o: colour(o) != "blue"),
            ("static", lambda: client.cached(ConfigMap, filter=lambda o: o.name in "ab"), lambda o: o.name in "ab"),
            ("coloured", lambda: client.cached(ConfigMap, filter=self.by_colour), self.coloured),
            (
                "coloured green",
                lambda: client.cached(ConfigMap, labels="colour in (green,blue)", filter=self.by_colour),
                lambda o: self.coloured(o) and colour(o) in ("green", "blue"),
            ),
            ("team", lambda: client.cached(ConfigMap, filter=self.by_namespace), self.in_team),
            (
                "team and not coloured",
                lambda: client.cached(ConfigMap, filter=self.by_namespace & ~self.by_colour),
                lambda o: self.in_team(o) and not self.coloured(o),
            ),
            ("namesakes", lambda: client.cached(ConfigMap, filter=self.namesakes), self.has_namesake),
            (
                "namesakes or coloured",
                lambda: client.cached(ConfigMap, filter=self.namesakes | self.by_colour),
                lambda o: self.has_namesake(o) or self.coloured(o),
            ),
            ("team widgets", lambda: client.delayed(Widget, filter=self.by_namespace), self.in_team),
        ]
        self.add_view(*self.dice.choice(made))

    def add_view(
        self, name: str, make: Callable[[], Cached[Any, Any]], shows: Callable[[Any], bool]
    ) -> Cached[Any, Any]:
        view = make()
        name = f"{name} #{len(self.views)}"
        self.views.append((name, view, shows))
        if self.dice.random() < 0.8:
            self.add_handler(name, view)
        return view

    def add_handler(self, name: str, view: Cached[Any, Any]) -> None:
        self.folds.append(Fold(view, f"{name} handler {len(self.folds)}", self.wrong, self.dice))

    def late_handler(self) -> None:
        name, view, _ = self.dice.choice(self.views)
        self.add_handler(name, view)

    async def close_handler(self) -> None:
        if len(self.folds) > 3:
            fold = self.folds.pop(self.dice.randrange(len(self.folds)))
            await fold.registration.close()
            fold.closed = True

    async def close_view(self) -> None:
        if len(self.views) > 6:
            _, view, _ = self.views.pop(self.dice.randrange(4, len(self.views)))
            gone = [fold for fold in self.folds if fold.view is view]
            self.folds = [fold for fold in self.folds if fold.view is not view]
            self.indexed = [each for each in self.indexed if each[0] is not view]
            await view.close()
            for fold in gone:
                fold.closed = True

    def add_index(self) -> None:
        _, view, _ = self.dice.choice(self.views)
        self.indexes += 1
        index = view.index(f"index {self.indexes}", lambda obj: [obj.name, colour(obj)])
        self.indexed.append((view, index))

    # What the server has ---------------------------------------------------------------------------------------

    def now(self, cls: type[Resource]) -> dict[str, dict[str, Any]]:
        kind = cls.resource_type
        found = self.server.cluster.storage.find(kind.group, kind.plural)
        return {} if found is None else {key: entry.decode() for key, entry in found.entries.items()}

    # Writers ---------------------------------------------------------------------------------------------------

    def object(self) -> ConfigMap:
        labels = {"colour": self.dice.choice(COLOURS)}
        metadata = ObjectMeta(name=self.dice.choice(NAMES), namespace=self.dice.choice(NAMESPACES), labels=labels)
        return ConfigMap(metadata=metadata, data={"x": str(self.dice.randrange(1000))})

    async def written(self, view: Cached[Any, Any], write: Awaitable[Any]) -> None:
        """An own write is seen as soon as it returns; a newer state of the key may be there already."""
        obj = await write
        read = {key_of(each): each for each in view.list_unfiltered()}.get(key_of(obj))
        if read is not None and version_of(read) < version_of(obj):
            self.wrong.append(f"a read is behind an own write of {key_of(obj)}@{version_of(obj)}: {version_of(read)}")
        stored = self.now(type(obj)).get(key_of(obj))
        if read is None and stored is not None and stored["metadata"]["uid"] == obj.uid and not self.gone(obj):
            self.wrong.append(f"an own write of {key_of(obj)}@{version_of(obj)} is not seen")

    def gone(self, obj: Any) -> bool:
        return isinstance(obj, Widget)

    async def create(self) -> None:
        view = self.dice.choice((self.configs, self.others))
        await self.written(view, view.create(self.object()))

    async def change(self) -> None:
        view = self.dice.choice((self.configs, self.others))
        there = view.list()
        if there:
            obj = self.dice.choice(there)
            obj.data["x"] = str(self.dice.randrange(1000))
            obj.metadata.labels["colour"] = self.dice.choice(COLOURS)
            if self.dice.random() < 0.15:
                obj.metadata.finalizers = [] if obj.metadata.finalizers else ["example.com/hold"]
            await self.written(view, view.update(obj))

    async def patch(self) -> None:
        view = self.dice.choice((self.configs, self.others))
        mine = self.object()
        change = {"metadata": {"labels": dict(mine.metadata.labels)}, "data": {"y": str(self.dice.randrange(1000))}}
        await self.written(view, view.patch(mine.name, mine.namespace, merge=change))

    async def delete(self) -> None:
        view = self.dice.choice((self.configs, self.others))
        name, namespace = self.dice.choice(NAMES), self.dice.choice(NAMESPACES)
        key = f"{namespace}/{name}"
        before = self.now(ConfigMap).get(key)
        held = await view.delete(name, namespace)
        read = view.get(name, namespace)
        stored = self.now(ConfigMap).get(key)
        again = stored is not None and (before is None or stored["metadata"]["uid"] != before["metadata"]["uid"])
        if (
            held is None
            and not again
            and read is not None
            and before is not None
            and read.uid == before["metadata"]["uid"]
        ):
            self.wrong.append(f"an own delete of {key} is not seen: {read.uid}@{read.resource_version}")

    async def release(self) -> None:
        """Take finalizers away, so that what is held goes."""
        for key, document in self.now(ConfigMap).items():
            if document["metadata"].get("finalizers"):
                namespace, name = key.split("/")
                await self.configs.patch(name, namespace, merge={"metadata": {"finalizers": None}})
                return

    async def relabel_namespace(self) -> None:
        team = self.dice.choice(("x", "y"))
        direct = self.dice.choice((self.client, self.other)).direct(Namespace)
        await direct.patch(self.dice.choice(NAMESPACES), merge={"metadata": {"labels": {"team": team}}})

    async def replace_namespace(self) -> None:
        name = self.dice.choice(NAMESPACES)
        direct = self.client.direct(Namespace)
        if name in self.now(Namespace):
            await direct.delete(name)
        else:
            await direct.create(Namespace(metadata=ObjectMeta(name=name, labels={"team": self.dice.choice("xy")})))

    async def widget(self) -> None:
        name, namespace = self.dice.choice(NAMES), self.dice.choice(NAMESPACES)
        what = self.dice.random()
        if what < 0.5:
            metadata = ObjectMeta(name=name, namespace=namespace)
            await self.written(self.widgets, self.widgets.create(Widget(metadata=metadata)))
        elif what < 0.8:
            merge = {"spec": {"size": self.dice.randrange(100)}}
            await self.written(self.widgets, self.widgets.patch(name, namespace, merge=merge))
        else:
            await self.widgets.delete(name, namespace)

    async def definition_changes(self) -> None:
        crds = self.client.direct(CustomResourceDefinition)
        name = Widget.resource_type.crd_name
        if name not in self.now(CustomResourceDefinition):
            await crds.create(CustomResourceDefinition.from_dict(self.definition))
            return
        what = self.dice.random()
        if what < 0.5:
            await crds.delete(name)
        elif what < 0.75:
            await crds.patch(name, merge={"metadata": {"annotations": {"seen": str(self.dice.random())}}})
        else:
            shape = [{"op": "replace", "path": "/spec/names/shortNames", "value": [f"w{self.dice.randrange(9)}"]}]
            await crds.patch(name, json=[{**shape[0], "op": "add"}])

    async def define(self) -> None:
        """Have the type that comes and goes be there."""
        crds = self.client.direct(CustomResourceDefinition)
        while self.now(CustomResourceDefinition).get(Widget.resource_type.crd_name, {}).get("status") is None:
            with contextlib.suppress(ApiError):
                await crds.create(CustomResourceDefinition.from_dict(self.definition))
            await asyncio.sleep(1)

    # What goes wrong, and who changes their mind ----------------------------------------------------------------

    def fault(self) -> None:
        faults = self.client.faults
        which = self.dice.choice(("ConfigMap", "Namespace", "Widget", "CustomResourceDefinition"))
        doings: list[Callable[[], object]] = [
            faults.cut_watches,
            lambda: faults.cut_watches(clean=False),
            faults.forget_history,
            lambda: faults.send_error(410, reason="Expired"),
            lambda: faults.send_error(500),
            faults.send_garbage,
            faults.send_bookmark,
            lambda: faults.expire(times=2),
            lambda: faults.bookmark_only(times=2),
            lambda: faults.fail(500, verb="list", times=2),
            lambda: faults.too_many_requests(verb="watch", times=2),
            lambda: faults.fail(422, verb="watch", type=which, times=1, message="sendInitialEvents"),
            lambda: faults.refuse(verb=["list", "watch"], times=2),
            lambda: faults.lose_reply(verb=["create", "update", "delete", "patch"], times=1),
        ]
        self.dice.choice(doings)()

    async def hold(self) -> None:
        hold = self.client.faults.hold_watches(self.dice.choice((None, ConfigMap, Namespace)))
        await asyncio.sleep(self.dice.random())
        hold.close()

    async def lag(self) -> None:
        lag = self.client.faults.lag(self.dice.choice((ConfigMap, Namespace)))
        await asyncio.sleep(self.dice.random())
        lag.close()

    def flip(self) -> None:
        colour_ = self.dice.choice(COLOURS)
        self.colours ^= {colour_}
        how = self.dice.random()
        if how < 0.5:
            self.by_colour.changed()
        elif how < 0.75:
            self.by_colour.changed(namespaces=NAMESPACES)
        else:
            self.by_colour.changed(keys=[f"{space}/{name}" for space in NAMESPACES for name in NAMES])

    def choose_namespaces(self) -> None:
        # To and fro, so that it ends as it began.
        self.by_namespace.select("team=y")
        self.by_namespace.select("team=x")

    # A run -------------------------------------------------------------------------------------------------------

    async def writer(self) -> None:
        actions: list[tuple[int, Callable[[], Any]]] = [
            (10, self.create), (10, self.change), (8, self.patch), (8, self.delete), (2, self.release),
            (3, self.relabel_namespace), (1, self.replace_namespace), (4, self.widget), (2, self.definition_changes),
            (4, self.fault), (1, self.hold), (1, self.lag), (4, self.flip), (1, self.choose_namespaces),
            (2, self.late_handler), (1, self.close_handler), (1, self.one_more_view), (1, self.close_view),
            (1, self.add_index),
        ]  # fmt: skip
        weights = [weight for weight, _ in actions]
        while self.operations > 0:
            self.operations -= 1
            (action,) = self.dice.choices([action for _, action in actions], weights)
            self.log.append(action.__name__)
            try:
                result = action()
                if isinstance(result, Awaitable):
                    await result
            except (ApiError, TransportError) as error:
                self.log.append(f"  {type(error).__name__}")
            for _ in range(self.dice.choice((0, 0, 1, 2, 5))):
                await asyncio.sleep(0)
            if self.dice.random() < 0.2:
                await asyncio.sleep(self.dice.random() * 3)

    async def run(self) -> None:
        self.begin()
        options = dict.fromkeys((ConfigMap, Namespace, Widget, CustomResourceDefinition), self.compact)
        async with (
            FakeClient(server=self.server, cache_options=options) as client,
            FakeClient(server=self.server) as other,
        ):
            self.build(client, other)
            starting = asyncio.create_task(client.run_and_wait(timeout=1000))
            other.start()
            async with asyncio.TaskGroup() as writers:
                for _ in range(self.dice.choice((1, 2, 3))):
                    writers.create_task(self.writer())
            client.faults.clear()
            if self.both:
                await self.define()
            await starting
            await client.settle(timeout=1000)
            await other.settle(timeout=1000)
            await client.run_and_wait(timeout=1000)
            await other.run_and_wait(timeout=1000)
            await client.settle(timeout=1000)
            self.compare()

    def compare(self) -> None:
        for name, view, shows in self.views:
            read = {key_of(obj): (obj.uid, version_of(obj)) for obj in view.list()}
            cls = Widget if "idget" in name else Namespace if name.startswith("namespaces") else ConfigMap
            there = {
                key: (document["metadata"]["uid"], int(document["metadata"]["resourceVersion"]))
                for key, document in self.now(cls).items()
                if shows(cls.from_dict(document))
            }
            if read != there:
                self.wrong.append(f"{name}: reads {read}, the server has {there}")
            if not view.has_synced():
                self.wrong.append(f"{name}: not synced")
        for fold in self.folds:
            read = {key_of(obj): (obj.uid, version_of(obj)) for obj in fold.view.list()}
            if fold.seen != read:
                self.wrong.append(
                    f"{fold.name}: was told {fold.seen}, reads {read}; told {'; '.join(fold.history[-12:])}"
                )
        for view, index in self.indexed:
            for value in (*NAMES, *COLOURS):
                found = sorted(key_of(obj) for obj in index.lookup(value))
                expected = sorted(key_of(obj) for obj in view.list() if value in (obj.name, colour(obj)))
                if found != expected:
                    self.wrong.append(f"{view.what}: index {value}: {found} instead of {expected}")
        self.nothing_left()

    def nothing_left(self) -> None:
        for client in (self.client, self.other):
            for statistics in client.statistics().informers:
                # One that nobody looks at any more may be waiting for its next try to list, and is not waited for.
                if statistics.overlaid and statistics.views:
                    self.wrong.append(f"{statistics.what}: {statistics.overlaid} own writes are still laid over it")


def colour(obj: Any) -> str | None:
    labels = obj.metadata.labels
    found: str | None = labels.get("colour") if labels else None
    return found


@contextlib.contextmanager
def small_slices() -> Iterator[None]:
    """Few objects are many, so that bulk changes are prepared in slices and other things happen meanwhile."""
    with (
        mock.patch.object(view_module, "SLICE", 2),
        mock.patch.object(store_module, "FEW", 2),
        mock.patch.object(informer_module, "FEW", 2),
        mock.patch.object(reflector_module, "PAGE_SIZE", 3),
    ):
        yield
