"""Filters of the façade, with its own views."""

from __future__ import annotations

import pytest

from fairlead import ObjectMeta
from fairlead.models.core.v1 import ConfigMap, Secret
from fairlead.sync import DynamicFilter, NamespaceFilter
from fairlead.sync.testing import FakeClient


def config(name: str, namespace: str = "default", **data: str) -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name=name, namespace=namespace), data=data)


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
