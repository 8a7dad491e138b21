from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.client import look
from fairlead.client.cached import Cached
from fairlead.machinery.meta import ObjectMeta
from fairlead.machinery.selectors import LabelSelector
from fairlead.models.core.v1 import ConfigMap, Namespace
from fairlead.testing import FakeClient

Labels = dict[str, str]
SELECTORS = (
    "app=a",
    "app in (a,b)",
    "app=a,tier!=x",
    "tier=x,app=b",
    "app,tier=y",
    "!app",
    "app=none",
    "app notin (a)",
    "",
)

labels = st.dictionaries(st.sampled_from(["app", "tier"]), st.sampled_from(["a", "b", "x", "y"]))
changes = st.lists(st.tuples(st.integers(0, 9), st.one_of(st.none(), labels)), max_size=12)


OTHER = Namespace(metadata=ObjectMeta(name="other"))


def config_map(number: int, given: Labels) -> ConfigMap:
    namespace = "default" if number % 2 else "other"
    return ConfigMap(metadata=ObjectMeta(name=f"m{number}", namespace=namespace, labels=given), data={"n": str(number)})


def agree(view: Cached[ConfigMap, ConfigMap], kept: Callable[[ConfigMap], bool]) -> None:
    for text in SELECTORS:
        matches = LabelSelector.parse(text).matches
        for namespace in (None, "default", "nowhere"):
            everything = [obj for obj in view.list(namespace) if kept(obj)]
            expected = sorted(str(obj.key) for obj in everything if matches(obj.metadata.labels))
            assert sorted(str(obj.key) for obj in view.list(namespace, labels=text)) == expected, (text, namespace)


@pytest.mark.parametrize("filtered", [False, True])
@given(before=st.lists(labels, max_size=8), after=changes)
@settings(max_examples=20)
def test_a_read_by_labels_is_what_going_through_all_gives_whatever_happens_before_and_after(
    filtered: bool, before: list[Labels], after: list[tuple[int, Labels | None]]
) -> None:
    def kept(obj: ConfigMap) -> bool:
        return not filtered or int(obj.data["n"]) % 3 != 0

    async def work() -> None:
        objects = [config_map(number, each) for number, each in enumerate(before)]
        async with asyncio.timeout(20), FakeClient(OTHER, *objects) as client:
            view = client.cached(ConfigMap, filter=kept if filtered else None)
            agree(view, kept)
            await client.run_and_wait()
            agree(view, kept)
            for number, given in after:
                where = "default" if number % 2 else "other"
                if given is not None:
                    await view.create_or_update(config_map(number, given))
                elif (found := view.get(f"m{number}", where)) is not None:
                    await view.delete(found.name, where)
                agree(view, kept)  # own writes, laid over
            await client.settle()
            agree(view, kept)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(look, "LABEL_INDEX_FROM", 1)
        asyncio.run(work())


def test_an_index_is_made_when_it_is_first_needed_and_only_for_what_is_asked_for_by_value() -> None:
    async def work() -> None:
        objects = [config_map(n, {"app": "a", "tier": f"t{n}"}) for n in range(300)]
        async with asyncio.timeout(20), FakeClient(OTHER, *objects) as client:
            view = client.cached(ConfigMap)
            await client.run_and_wait()
            indexes = view._looks[0].view.showing.indexes  # what it costs is the point here
            assert [obj.name for obj in view.list(labels={"tier": "t7"})] == ["m7"]
            assert list(indexes) == ["\0label tier"]
            assert len(view.list(labels="app")) == 300
            assert list(indexes) == ["\0label tier"]
            assert view.list("default", labels={"app": "a", "tier": "t8"}) == []
            assert [obj.name for obj in view.list(labels={"app": "a", "tier": "t8"})] == ["m8"]
            with pytest.raises(ValueError, match="index name"):
                view.index("\0label x", lambda obj: [obj.name])

    asyncio.run(work())


@pytest.mark.parametrize("filtered", [False, True])
def test_a_closed_view_is_read_by_labels_as_it_is_listed(filtered: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look, "LABEL_INDEX_FROM", 1)

    async def work() -> None:
        objects = [config_map(n, {"app": f"a{n}"}) for n in range(1, 9, 2)]
        async with asyncio.timeout(20), FakeClient(OTHER, *objects) as client:
            view = client.cached(ConfigMap, filter=(lambda _: True) if filtered else None)
            other = client.cached(ConfigMap)
            await client.run_and_wait()
            assert len(view.list(labels="app=a1")) == 1
            await view.close()
            await other.delete("m1", "default")
            await other.create(config_map(9, {"app": "a9"}))
            await client.settle()
            for name in ("a1", "a3", "a9"):
                listed = [each.name for each in view.list() if each.metadata.labels.get("app") == name]
                assert [each.name for each in view.list(labels={"app": name})] == listed

    asyncio.run(work())
