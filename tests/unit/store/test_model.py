"""A randomised model: whatever happens to a store, what its sinks are told adds up to what its views show."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from fairlead.store import content as content_module
from fairlead.store import store as store_module
from fairlead.store import view as view_module
from fairlead.store.deltas import Change, Deltas
from fairlead.store.entry import Entry
from fairlead.store.store import Rebuild, Store
from fairlead.store.view import View

NAMES = [f"ns{index % 3}/n{index}" for index in range(12)]
COLOURS = ("red", "green", "blue")


def entry(key: str, uid: int, version: int, colour: str) -> Entry:
    namespace = key.partition("/")[0]
    return Entry(key, namespace, f"uid-{uid}", version, {"colour": colour}, b"{}")


class Folded:
    """A sink that adds up what it is told, and refuses what cannot follow from what it was told before."""

    def __init__(self, view: View) -> None:
        self.seen = dict(view.showing.content.entries)
        view.attach(self)

    def tell(self, deltas: Deltas) -> None:
        assert len(deltas)
        for delta in deltas:
            change, old, new = delta.change, delta.old, delta.new
            if change is Change.ADD:
                assert new is not None
                assert new.key not in self.seen
                self.seen[new.key] = new
            elif change is Change.UPDATE:
                assert old is not None
                assert new is not None
                assert self.seen[new.key] is old
                assert old.uid == new.uid
                self.seen[new.key] = new
            else:
                assert old is not None
                assert self.seen.pop(old.key).uid == old.uid


class Filtered:
    """A view whose filter lets through the entries of some colours, with a sink and an index over it."""

    def __init__(self, store: Store, colours: set[str] | None) -> None:
        self.colours = colours
        self.view = store.add_view(None if colours is None else self.accepts)
        self.folded = Folded(self.view)
        self.store = store
        #: What is still being prepared: the first look of the filter, changes of its mind, and the index.
        self.preparing: list[Iterator[None]] = [store.refilter_all(self.view)]
        self.view.on_bulk = self.changed
        self.indexed = False

    def changed(self, fresh: bool) -> None:
        if not fresh:
            self.preparing.append(self.store.refilter_all(self.view))

    def index(self) -> None:
        if not self.indexed:
            self.indexed = True
            self.preparing.append(self.store.add_index(self.view, "colour", lambda each: [each.labels["colour"]]))

    def accepts(self, each: Entry) -> bool:
        return self.colours is None or each.labels["colour"] in self.colours


class Model:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.store = Store()
        self.version = self.uid = 0
        #: What the server has; the store follows it.
        self.server: dict[str, Entry] = {}
        self.views = [Filtered(self.store, None), Filtered(self.store, {"red"}), Filtered(self.store, {"red", "blue"})]

    def next_version(self) -> int:
        self.version += self.random.randint(1, 3)
        return self.version

    def write(self, *, told: bool = True) -> None:
        key = self.random.choice(NAMES)
        there = self.server.get(key)
        if there is not None and self.random.random() < 0.35:
            del self.server[key]
            last = Entry(key, there.namespace, there.uid, self.next_version(), there.labels, there.data)
            if told:
                self.store.remove(last)
                # The same end, told again, changes nothing.
                assert not self.store.remove(last)
            return
        self.uid += there is None
        uid = int(there.uid.removeprefix("uid-")) if there is not None else self.uid
        now = self.server[key] = entry(key, uid, self.next_version(), self.random.choice(COLOURS))
        if told:
            assert self.store.apply(now)
            assert not self.store.apply(now)

    def change_of_mind(self) -> None:
        chosen = self.random.choice([each for each in self.views if each.colours is not None])
        colours = set(self.random.sample(COLOURS, self.random.randint(0, 3)))
        turned = (chosen.colours or set()) ^ colours
        chosen.colours = colours
        how = self.random.random()
        if how < 0.4:
            steps = self.store.refilter_all(chosen.view)
        elif how < 0.7:
            steps = self.store.refilter(chosen.view, namespaces=["ns0", "ns1", "ns2", "none"])
        else:
            shadow = chosen.view.shadow
            stores = [self.store.content, *([shadow.content] if shadow is not None else [])]
            keys = [k for content in stores for k, e in content.entries.items() if e.labels["colour"] in turned]
            steps = self.store.refilter(chosen.view, keys=keys)
        if next(steps, "ended") is None:
            chosen.preparing.append(steps)

    def proceed(self) -> None:
        for each in self.views:
            if each.preparing and self.random.random() < 0.6:
                self.step(each)

    def step(self, each: Filtered) -> None:
        steps = self.random.choice(each.preparing)
        if next(steps, "ended") == "ended":
            each.preparing.remove(steps)

    def add_index(self) -> None:
        self.random.choice(self.views).index()

    def relist(self) -> None:
        """The watch was cut, things happened unseen, and the store lists again; filters change meanwhile."""
        for _ in range(self.random.randint(0, 6)):
            self.write(told=False)
        rebuild = self.fill(self.store.rebuild())
        disturbances = [self.change_of_mind, self.proceed, self.change_of_mind, self.add_index]
        for _ in rebuild.finish(self.next_version()):
            if self.random.random() < 0.3:
                self.random.choice(disturbances)()
        assert self.store.content.entries.keys() == self.server.keys()

    def fill(self, rebuild: Rebuild) -> Rebuild:
        for each in self.server.values():
            rebuild.add(each)
        return rebuild

    def join(self) -> None:
        self.views.append(Filtered(self.store, self.random.choice([None, {"green"}])))

    def leave(self) -> None:
        if len(self.views) > 3:
            gone = self.views.pop()
            self.store.remove_view(gone.view)
            self.store.remove_view(gone.view)

    def check(self) -> None:
        assert self.store.content.entries == self.server
        for each in self.views:
            showing = each.view.showing
            assert each.folded.seen == showing.content.entries
            if not each.preparing and each.view.shadow is None:
                assert showing.content.entries == {k: e for k, e in self.server.items() if each.accepts(e)}
            # Looking an index up would fill it.
            for colour in COLOURS if each.indexed and self.random.random() < 0.3 else ():
                expected = {k for k, e in showing.content.entries.items() if e.labels["colour"] == colour}
                assert {e.key for e in showing.indexes["colour"].lookup(colour)} == expected
            for namespace in ("ns0", "ns1", "ns2"):
                there = [e for e in showing.content.entries.values() if e.namespace == namespace]
                assert sorted(showing.content.snapshot(namespace), key=lambda e: e.key) == sorted(
                    there, key=lambda e: e.key
                )

    def finish(self) -> None:
        for each in self.views:
            while each.preparing:
                self.step(each)


@pytest.mark.parametrize("seed", range(90))
def test_what_sinks_are_told_adds_up_to_what_views_show(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (content_module, view_module):
        monkeypatch.setattr(module, "SLICE", 2)
    for module in (store_module, view_module):
        monkeypatch.setattr(module, "ROUNDS", seed % 3)
    monkeypatch.setattr(store_module, "FEW", 2)
    model = Model(seed)
    actions = (
        [model.write] * 10
        + [model.change_of_mind] * 3
        + [model.proceed] * 4
        + [model.finish, model.relist, model.join, model.leave, model.add_index]
    )
    for _ in range(150):
        model.random.choice(actions)()
        model.check()
    model.finish()
    model.check()
    for _ in model.store.clear():
        pass
    model.server.clear()
    model.check()
