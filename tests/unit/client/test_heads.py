from __future__ import annotations

import asyncio
import copy
import pickle

from fairlead.machinery.meta import ObjectMeta
from fairlead.models.core.v1 import ConfigMap
from fairlead.testing import FakeClient


def test_names_that_a_cache_knows_are_given_without_decoding_and_follow_what_is_changed() -> None:
    async def work() -> None:
        made = ConfigMap(metadata=ObjectMeta(name="a", namespace="default"))
        async with asyncio.timeout(20), FakeClient(made) as client:
            views = client.cached(ConfigMap), client.cached("v1", "ConfigMap"), client.metadata(ConfigMap)
            await client.run_and_wait()
            for view in views:
                (obj,) = view.list("default")
                uid = obj.uid
                assert (obj.name, obj.namespace, str(obj.key)) == ("a", "default", "default/a")
                assert uid
                assert "metadata" not in vars(obj), "nothing has been decoded"
                for twin in (obj.copy(), copy.deepcopy(obj)):
                    assert (twin.name, twin.uid) == ("a", uid)
                obj.metadata.name = "b"
                obj.metadata.uid = None
                assert (obj.name, obj.namespace, obj.uid) == ("b", "default", "")
                obj.metadata = ObjectMeta(name="c")
                assert (obj.name, obj.namespace, obj.uid) == ("c", "", "")
            (again,) = views[0].list("default")
            assert pickle.loads(pickle.dumps(again)).name == "a"

    asyncio.run(work())


def test_what_a_transform_gives_has_the_names_that_it_gave() -> None:
    def renamed(obj: ConfigMap) -> ConfigMap:
        obj.metadata.name = "other"
        return obj

    async def work() -> None:
        made = ConfigMap(metadata=ObjectMeta(name="a", namespace="default"))
        async with asyncio.timeout(20), FakeClient(made) as client:
            view = client.cached(ConfigMap, transform=renamed)
            await client.run_and_wait()
            found = view.get("a", "default")
            assert found is not None
            assert found.name == "other"

    asyncio.run(work())
