"""fairlead.testing itself."""

from __future__ import annotations

import pytest

from fairlead import ObjectMeta, Resource, Struct, part
from fairlead.apiserver.server import ApiServer
from fairlead.models.core.v1 import ConfigMap, Container, Namespace, Pod, PodSpec, PodStatus
from fairlead.testing import FakeClient, Tracker, make_crd, wrap
from tests.behaviour.clusters import Cluster
from tests.behaviour.requirements import requirement


class ToySpec(Struct):
    size: int = 0


class Toy(Resource, api_version="toys.example.com/v1", kind="Toy"):
    spec: ToySpec = part(default_factory=ToySpec)


def config(name: str, **data: str) -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name=name, namespace="default"), data=data)


@requirement("testing:wrap:fails-the-test")
async def test_wrap_fails_with_verb_key_and_reason(cluster: Cluster):
    t = wrap(cluster.client.direct(ConfigMap))
    await t.create(cluster.config("a"))
    with pytest.raises(AssertionError, match=f"^create ConfigMap {cluster.namespace}/a failed: AlreadyExists: "):
        await t.create(cluster.config("a"))
    with pytest.raises(AssertionError, match=f"^delete {cluster.namespace}/b failed: NotFound: "):
        await t.delete("b", cluster.namespace)
    with pytest.raises(AssertionError, match=r"^update ConfigMap .*/a failed: InvalidObject: "):
        await t.update(cluster.config("a"))
    assert (await t.create_or_update(cluster.config("a", x="1"))).data == {"x": "1"}


@requirement("testing:wrap:create-and-update-status")
async def test_create_and_update_status(cluster: Cluster):
    pod = Pod.from_dict(
        {
            "metadata": {"name": "a", "namespace": cluster.namespace},
            "spec": {"containers": [{"name": "web", "image": "web:1"}]},
            "status": {"podIP": "10.0.0.7"},
        }
    )
    written = await wrap(cluster.client.direct(Pod)).create_and_update_status(pod)
    assert (written.status.pod_ip, pod.uid) == ("10.0.0.7", "")
    assert (await cluster.client.direct(Pod).get("a", cluster.namespace)).status.pod_ip == "10.0.0.7"


@requirement("testing:tracker:says-the-difference")
async def test_a_tracker_says_what_differs():
    tracker = Tracker()
    async with FakeClient() as client:
        client.cached(ConfigMap, namespace="default", labels="!none").add_handler(on_event=tracker)
        await client.run_and_wait(timeout=10)
        tracker.clear()
        for name in ("a", "b"):
            await client.direct(ConfigMap).create(config(name))
        await client.settle()
        with pytest.raises(AssertionError, match=r"(?s)- missing.*- add/c.*"):
            tracker.expect("add/a", "add/b", "add/c")
        with pytest.raises(AssertionError, match=r"\+ add/a"):
            tracker.expect_nothing()
        with pytest.raises(AssertionError, match="in this order"):
            tracker.expect("add/b", "add/a")
        tracker.expect_unordered("add/b", "add/a")
        tracker.expect_nothing()


@requirement("testing:fake:holds-objects")
async def test_a_fake_client_holds_objects():
    toy = Toy(metadata=ObjectMeta(name="t", namespace="play"), spec=ToySpec(size=3))
    pod = Pod(
        metadata=ObjectMeta(name="p", namespace="default", uid="u-1"),
        spec=PodSpec(containers=[Container(name="c", image="i")]),
        status=PodStatus(pod_ip="10.0.0.1"),
    )
    async with FakeClient(toy, pod, make_crd(Toy), config("a", x="1").to_dict()) as client:
        toys, pods = client.cached(Toy), client.cached(Pod)
        await client.run_and_wait(timeout=10)
        found = toys.get("t", "play")
        assert found is not None
        assert found.spec.size == 3
        assert [each.status.pod_ip for each in pods.list()] == ["10.0.0.1"]
        assert (await client.direct(ConfigMap).get("a", "default")).data == {"x": "1"}
        assert (await client.direct(Namespace).get("play")).name == "play"


@requirement("testing:fake:shared-server")
async def test_fake_clients_share_a_server():
    server = ApiServer()
    async with FakeClient(server=server, namespace="default") as one, FakeClient(config("b"), server=server) as two:
        configs = one.cached(ConfigMap)
        await one.run_and_wait(timeout=10)
        await two.direct(ConfigMap).create(config("a"))
        await one.settle()
        assert {"a", "b"} <= {each.name for each in configs.list()}
    async with FakeClient(server=server) as again:
        assert (await again.direct(ConfigMap).get("a", "default")).name == "a"
    await server.close()


@requirement("handlers:errors:raised-by-fake")
async def test_leaving_raises_what_handlers_raised():
    def broken(new: ConfigMap) -> None:
        raise ValueError(f"not {new.name}")

    async def use(*, fail: bool) -> None:
        async with FakeClient(config("a"), namespace="default") as client:
            client.cached(ConfigMap, fields="metadata.name=a").add_handler(on_add=broken)
            await client.run_and_wait(timeout=10)
            if fail:
                raise KeyError("the body's own")

    with pytest.raises(ExceptionGroup, match="broken for default/a") as caught:
        await use(fail=False)
    assert [str(each) for each in caught.value.exceptions] == ["not a"]
    with pytest.raises(KeyError):
        await use(fail=True)
