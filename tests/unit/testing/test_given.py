"""What is given to the helpers of tests in a wrong form is said to be so, with the right one."""

from __future__ import annotations

from typing import Any

import pytest

from fairlead import InvalidObject
from fairlead.sync.testing import FakeClient as SyncFakeClient
from fairlead.testing import FakeClient, make_crd

MANIFEST = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "default"}}


@pytest.mark.parametrize("given", [[MANIFEST], "manifests.yaml"], ids=["list", "path"])
async def test_objects_are_given_one_by_one(given: Any) -> None:
    for kind in (FakeClient, SyncFakeClient):
        with pytest.raises(InvalidObject, match=r"give objects one by one: FakeClient\(\*objects\)"):
            kind(given)


@pytest.mark.parametrize("given", [("Widget",), ("v1", "Widget"), ("example.com/v1",), ("example.com/", "Widget")])
def test_a_definition_needs_group_version_and_kind(given: Any) -> None:
    with pytest.raises(InvalidObject, match=r'make_crd\("example.com/v1", "Widget"\)'):
        make_crd(*given)
