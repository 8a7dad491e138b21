"""The clusters that behaviour tests run on, from one source.

In memory, in memory over HTTP, and a real kube-apiserver; and each of them through `fairlead.sync`, behind a face that can
be awaited (`tests.support.sync_face`).
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Self

from fairlead import Cached, Client, KubeConfig, NotFound, ObjectMeta, Resource
from fairlead.apiserver import server as apiserver
from fairlead.apiserver.kubelet.scripts import Pods
from fairlead.models.apiextensions.v1 import CustomResourceDefinition
from fairlead.models.core.v1 import ConfigMap, Namespace
from fairlead.sync.testing import ApiServer as SyncApiServer
from fairlead.sync.testing import faults_of
from fairlead.testing import FakeClient, faults, make_crd
from tests.support import sync_face


class Gathering:
    """Where so many come together before any goes on."""

    def __init__(self, many: int) -> None:
        self.all = asyncio.Event()
        self._missing = many

    async def come(self) -> None:
        self._missing -= 1
        if not self._missing:
            self.all.set()
        await self.all.wait()


class Cluster:
    """One test's cluster: clients that are closed with it, and a namespace of its own. Opened by the test's loop."""

    opened_by_test = True

    def __init__(self, target: str, kubeconfig: Path | None) -> None:
        self.target = target
        self.unique = uuid.uuid4().hex[:10]
        self.namespace = f"test-{self.unique}"
        self.handler_errors: list[tuple[str, str, str]] = []
        #: Where the server is: memory, http or real; and whether clients are those of `fairlead.sync`.
        self.place = {"sync": "memory"}.get(target, target.removeprefix("sync-"))
        self.sync = target.startswith("sync")
        self._kubeconfig = kubeconfig
        self._server = sync_face.faced(SyncApiServer()) if target == "sync" else apiserver.ApiServer()
        self._url = ""
        self._resources = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        if self.sync:
            sync_face.use_many_threads()
        if self.place == "http":
            from fairlead.apiserver.http import HttpFront

            front = HttpFront(self._server)
            await self._resources.enter_async_context(front)
            self._url = front.url
        else:
            self._resources.push_async_callback(self._server.close)
        self.client = self.connect()
        await self.make_namespace(self.namespace)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._resources.aclose()

    def connect(self, **options: Any) -> Client:
        """One more client, closed at the end at the latest."""
        options.setdefault("on_handler_error", self._note)
        client = self._connected(options)
        self._resources.push_async_callback(client.close)
        return client

    def _connected(self, options: dict[str, Any]) -> Client:
        if self.place == "memory":
            return FakeClient(server=self._server, **options)
        if self.place == "http":
            return Client(KubeConfig(server=self._url), **options)
        return Client(KubeConfig.load(str(self._kubeconfig)), **options)

    @property
    def faults(self) -> faults.Faults:
        """What goes wrong at the in-memory server, in process or over HTTP."""
        assert self.place != "real", "only the in-memory server has faults; say so with only()"
        return (
            sync_face.faced(faults_of(self._server._twin)) if self.target == "sync" else faults.Faults.of(self._server)
        )

    @property
    def pods(self) -> Pods:
        """What the containers of pods log, at the in-memory server."""
        assert self.place != "real", "only the in-memory server plays containers; say so with only()"
        return self._server._twin.pods if self.target == "sync" else self._server.pods

    def _note(self, error: BaseException, handler: str, key: str) -> None:
        self.handler_errors.append((type(error).__name__, handler, key))

    async def make_namespace(self, name: str, **labels: str) -> str:
        metadata = ObjectMeta(name=name, labels={**labels, "test": self.unique})
        await self.client.direct(Namespace).create(Namespace(metadata=metadata))
        return name

    def config(
        self, name: str, namespace: str | None = None, /, *, labels: dict[str, str] | None = None, **data: str
    ) -> ConfigMap:
        """A ConfigMap in the test's namespace."""
        metadata = ObjectMeta(name=name, namespace=namespace or self.namespace, labels=labels or {})
        return ConfigMap(metadata=metadata, data=data)

    async def label_namespace(self, name: str, **labels: str | None) -> None:
        await self.client.direct(Namespace).patch(name, merge={"metadata": {"labels": labels}})

    # Custom types ------------------------------------------------------------------------------------------------

    async def serve(self, cls: type[Resource], *, keep_unknown: bool = False, **options: Any) -> None:
        """Create the CRD of a class, and return once its objects can be listed. `keep_unknown` prunes nothing."""
        document = make_crd(cls, **options)
        if keep_unknown:
            for version in document["spec"]["versions"]:
                _keep_unknown(version["schema"]["openAPIV3Schema"])
        crd = CustomResourceDefinition.from_dict(document)
        await self.client.direct(CustomResourceDefinition).create(crd)
        await when_served(lambda: self.client.direct(cls).list(self.namespace))

    async def unserve(self, cls: type[Resource]) -> None:
        """Delete the CRD of a class, and return once it has gone."""
        direct = self.client.direct(CustomResourceDefinition)
        listed = await direct.list(fields=f"metadata.name={cls.resource_type.crd_name}")
        watch = direct.watch(
            fields=f"metadata.name={cls.resource_type.crd_name}", resource_version=listed.resource_version
        )
        async with contextlib.aclosing(watch) as events:
            await direct.delete(cls.resource_type.crd_name)
            async for event in events:
                if event.type == "DELETED":
                    return


def _keep_unknown(node: dict[str, Any]) -> None:
    children = {name: child for name, child in node.get("properties", {}).items() if name != "metadata"}
    for child in (*children.values(), *([node["items"]] if "items" in node else [])):
        _keep_unknown(child)
    if node.get("type") == "object" and "additionalProperties" not in node:
        node["x-kubernetes-preserve-unknown-fields"] = True


async def when_served(request: Callable[[], Awaitable[Any]]) -> Any:
    """The answer, once the type is served: a new CRD's path answers 404 for a moment. The test's own limit bounds it."""
    while True:
        try:
            return await request()
        except NotFound:
            await asyncio.sleep(0)


async def until(view: Cached[Any, Any], condition: Callable[[], bool]) -> None:
    """Return once the condition holds; it is looked at after each event of the view. The test's own limit bounds it."""
    changed = asyncio.Event()
    registration = view.add_handler(on_event=lambda _: changed.set())
    try:
        while not condition():
            # Another handler's thread may be behind this one's: what it notes is asked for now and then.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.05):
                    await changed.wait()
            changed.clear()
    finally:
        await registration.close()


async def soon(condition: Callable[[], bool]) -> None:
    """Return once the condition holds, of what no event tells. The test's own limit bounds it."""
    while True:
        if condition():
            return
        await asyncio.sleep(0)
