from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from examples.website import OURS, Website, WebsiteController, WebsiteSpec
from fairlead.machinery.meta import ObjectMeta
from fairlead.models.apps.v1 import Deployment
from fairlead.models.core.v1 import ConfigMap, Namespace, Service
from fairlead.testing import FakeClient


def run(scenario: Callable[[FakeClient, WebsiteController], Awaitable[None]], *, crd: bool = True) -> None:
    async def bounded() -> None:
        namespace = Namespace(metadata=ObjectMeta(name="web", labels={"websites": "enabled"}))
        objects = [namespace, Website.crd()] if crd else [namespace]
        async with asyncio.timeout(20), FakeClient(*objects) as client:
            controller = WebsiteController(client)
            await client.run_and_wait(5)
            async with controller.reconciler:
                await scenario(client, controller)
            assert controller.reconciler.statistics().failed == 0

    asyncio.run(bounded())


def site(name: str = "a", namespace: str = "web") -> Website:
    metadata = ObjectMeta(name=name, namespace=namespace)
    return Website(metadata=metadata, spec=WebsiteSpec(title="Hello", replicas=2))


async def made(client: FakeClient) -> list[int]:
    await client.settle()
    return [len(await client.direct(kind).list(labels=OURS)) for kind in (ConfigMap, Deployment, Service)]


def test_a_website_gets_its_objects_and_they_go_with_it():
    async def scenario(client: FakeClient, controller: WebsiteController) -> None:
        await controller.websites.create(site())
        assert await made(client) == [1, 1, 1]
        live = await client.direct(Website).get("a", "web")
        assert live.metadata.finalizers == ["fairlead.example.com/cleanup"]
        assert live.status.url == "http://a.web.svc"
        await controller.websites.delete("a", "web")
        assert await made(client) == [0, 0, 0]
        assert await client.direct(Website).list("web") == []

    run(scenario)


def test_the_controller_may_start_before_the_type_is_there():
    async def scenario(client: FakeClient, controller: WebsiteController) -> None:
        assert controller.websites.list() == []
        await client.direct("apiextensions.k8s.io/v1", "CustomResourceDefinition").create(Website.crd())
        await client.settle()
        await controller.websites.create(site())
        assert await made(client) == [1, 1, 1]

    run(scenario, crd=False)


def test_the_status_follows_the_deployment():
    async def scenario(client: FakeClient, controller: WebsiteController) -> None:
        await controller.websites.create(site())
        await client.settle()
        await controller.deployments.patch_status("a", "web", merge={"status": {"replicas": 2, "readyReplicas": 2}})
        await client.settle()
        assert (await client.direct(Website).get("a", "web")).status.ready == 2

    run(scenario)


def test_what_is_edited_or_deleted_is_healed_and_a_further_reconcile_writes_nothing():
    async def scenario(client: FakeClient, controller: WebsiteController) -> None:
        await controller.websites.create(site())
        await client.settle()
        await client.direct(ConfigMap).patch("a", "web", merge={"data": {"index.html": "defaced"}})
        await client.direct(Deployment).delete("a", "web")
        await client.direct(Service).patch("a", "web", merge={"metadata": {"labels": None}})
        assert await made(client) == [1, 1, 1]
        assert "Hello" in (await client.direct(ConfigMap).get("a", "web")).data["index.html"]
        before, done = client.server.resource_version, controller.reconciler.statistics().succeeded
        for each in controller.websites.list():
            controller.reconciler.enqueue(each)
        await client.settle()
        assert controller.reconciler.statistics().succeeded == done + 1
        assert client.server.resource_version == before

    run(scenario)


def test_only_namespaces_with_the_label_are_touched():
    async def scenario(client: FakeClient, controller: WebsiteController) -> None:
        namespaces = client.direct(Namespace)
        await namespaces.create(Namespace(metadata=ObjectMeta(name="other")))
        await controller.websites.create(site(namespace="other"))
        assert await made(client) == [0, 0, 0]
        await namespaces.patch("other", merge={"metadata": {"labels": {"websites": "enabled"}}})
        assert await made(client) == [1, 1, 1]
        await namespaces.patch("other", merge={"metadata": {"labels": None}})
        await client.settle()
        await client.direct(Service).delete("a", "other")
        assert await made(client) == [1, 1, 0]

    run(scenario)
