"""What is given to the helpers of tests in a wrong form is said to be so, with the right one."""

from __future__ import annotations

from typing import Any

import pytest

from fairlead import DynamicResource, InvalidObject, ObjectMeta, Resource, Struct, part
from fairlead.models.core.v1 import ConfigMap
from fairlead.sync.testing import FakeClient as SyncFakeClient
from fairlead.testing import FakeClient, make_crd

MANIFEST = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "default"}}


@pytest.mark.parametrize("given", [[MANIFEST], "manifests.yaml"], ids=["list", "path"])
async def test_objects_are_given_one_by_one(given: Any) -> None:
    for kind in (FakeClient, SyncFakeClient):
        with pytest.raises(InvalidObject, match=r"give objects one by one: FakeClient\(\*objects\)"):
            kind(given)


class Spec(Struct):
    size: int = 0


class Widget(Resource, api_version="example.com/v1", kind="Widget"):
    spec: Spec = part(default_factory=Spec)


async def test_what_is_misspelt_is_not_lost() -> None:
    widget = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "a", "namespace": "default"}}
    wrong = Widget(metadata=ObjectMeta(name="a", namespace="default"))
    wrong.sepc = Spec(size=1)  # type: ignore[attr-defined]
    refused: list[tuple[Any, str]] = [
        ({**MANIFEST, "dta": {"x": "1"}}, r'ConfigMap default/a cannot be loaded: .*unknown field "dta"'),
        ({**MANIFEST, "metadata": {"name": "a", "lables": {}}}, r'unknown field "metadata\.lables"'),
        ({**widget, "sepc": {"size": 1}}, r'Widget default/a cannot be loaded: .*unknown field "sepc"'),
        (DynamicResource.from_dict({**widget, "spec": {"szie": 1}}), r'unknown field "spec\.szie"'),
        (wrong, r"load Widget default/a: Widget has no part 'sepc'; it has .*spec"),
    ]
    for given, why in refused:
        for kind in (FakeClient, SyncFakeClient):
            with pytest.raises(InvalidObject, match=why):
                kind(make_crd(Widget), given)


@pytest.mark.parametrize("given", [("Widget",), ("v1", "Widget"), ("example.com/v1",), ("example.com/", "Widget")])
def test_a_definition_needs_group_version_and_kind(given: Any) -> None:
    with pytest.raises(InvalidObject, match=r'make_crd\("example.com/v1", "Widget"\)'):
        make_crd(*given)


async def test_what_fails_in_a_handler_as_pytest_fails_fails_the_test() -> None:
    async def play() -> None:
        async with FakeClient(MANIFEST) as client:
            configs = client.cached(ConfigMap, fields="metadata.name=a")
            configs.add_handler(on_add=lambda config: pytest.fail(config.name))
            await client.run_and_wait(timeout=10)

    with pytest.raises(BaseExceptionGroup, match=r"handlers failed: Failed raised by the handler .* for default/a"):
        await play()
