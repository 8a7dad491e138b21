"""What the pytest plugin's fixtures give: a cluster in memory, in memory over HTTP, or behind a kubeconfig, in both worlds."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import AsyncGenerator, Callable, Generator, Iterable, Mapping
from functools import partial
from typing import Any

from fairlead.apiserver.server import ApiServer as AsyncApiServer
from fairlead.client.client import Client as AsyncClient
from fairlead.conditions import deleted
from fairlead.errors import NotFound
from fairlead.machinery.dynamic import DynamicResource
from fairlead.machinery.objects import Resource
from fairlead.sync._generated import Client
from fairlead.sync.life import server_ways
from fairlead.sync.testing import ApiServer, FakeClient, ensure_crd, faults_of
from fairlead.testing.fake import FakeClient as AsyncFakeClient
from fairlead.testing.faults import Faults
from fairlead.testing.handler_errors import collect, raise_all
from fairlead.testing.leaks import no_leaks
from fairlead.testing.manifests import make_crd
from fairlead.transport.config import KubeConfig

__all__ = ["FairleadCluster", "opened_cluster"]

Documents = list[dict[str, Any]]


class FairleadCluster:
    """One test's cluster: a client, more of them by `connect`, and a namespace that is the test's alone.

    Clients are asynchronous in an `async def` test, else those of `fairlead.sync`; all of them are closed with the test.
    """

    def __init__(
        self, target: str, namespace: str, connect: Callable[..., Any], server: Any = None, faults: Any = None
    ) -> None:
        #: memory, http or kubeconfig.
        self.target = target
        #: A namespace that is this test's alone.
        self.namespace = namespace
        #: The in-memory API server, of `fairlead.sync` where it is in another thread; None on a real cluster.
        self.server: Any = server
        #: What goes wrong at that server: see `fairlead.testing.faults`.
        self.faults: Any = faults
        self._connect = connect
        self._clients: list[Any] = []
        self._errors: list[BaseException] = []
        self.client: Any = self.connect()

    def connect(self, **options: Any) -> Any:
        """One more client; what its handlers raise fails the test, unless `on_handler_error` takes it."""
        options.setdefault("on_handler_error", partial(collect, self._errors))
        client = self._connect(**options)
        self._clients.append(client)
        return client

    @contextlib.asynccontextmanager
    async def on_this_loop(self) -> AsyncGenerator[None]:
        """Around an asynchronous test: closes its clients, and looks for leaks and for what handlers raised."""
        async with no_leaks():
            try:
                yield
            finally:
                for client in reversed(self._clients):
                    await client.close()
                if isinstance(self.server, AsyncApiServer):
                    await self.server.close()
        raise_all(self._errors)

    @contextlib.contextmanager
    def in_this_thread(self) -> Generator[None]:
        """Around a synchronous test: the same."""
        with no_leaks():
            try:
                yield
            finally:
                for client in reversed(self._clients):
                    client.close()
        raise_all(self._errors)


@contextlib.contextmanager
def opened_cluster(
    target: str,
    kubeconfig: str | None = None,
    *,
    asynchronous: bool,
    crds: Iterable[type[Resource] | Mapping[str, Any]] = (),
    objects: Iterable[Resource | Mapping[str, Any]] = (),
) -> Generator[FairleadCluster]:
    """A cluster that has the types and objects asked for."""
    types = [make_crd(each) if isinstance(each, type) else dict(each) for each in crds]
    namespace = f"test-{uuid.uuid4().hex[:10]}"
    documents: Documents = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}]
    documents += [each.to_dict() if isinstance(each, Resource) else dict(each) for each in objects]
    if target == "memory" and asynchronous:
        server = AsyncApiServer()
        server.load([*types, *documents])
        yield FairleadCluster(target, namespace, _fakes(server), server, Faults.of(server))
        return
    if target == "kubeconfig":
        config = KubeConfig.load(kubeconfig)
        with _there(config, types, documents):
            yield FairleadCluster(target, namespace, _clients(config, asynchronous=asynchronous))
        return
    with ApiServer() as hosted:
        hosted.load([*types, *documents])
        with _reached(hosted, target, asynchronous=asynchronous) as connect:
            yield FairleadCluster(target, namespace, connect, hosted, faults_of(hosted))


def _fakes(server: AsyncApiServer) -> Callable[..., Any]:
    return partial(AsyncFakeClient, server=server)


def _clients(config: KubeConfig, *, asynchronous: bool) -> Callable[..., Any]:
    return partial(AsyncClient if asynchronous else Client, config)


@contextlib.contextmanager
def _reached(hosted: ApiServer, target: str, *, asynchronous: bool) -> Generator[Callable[..., Any]]:
    """How clients are made of a server that has a loop of its own."""
    if target == "memory":
        yield partial(FakeClient, server=hosted)
        return
    from fairlead.apiserver.http import HttpFront  # noqa: PLC0415 - aiohttp is loaded by those who use it

    portal, engine = server_ways(hosted)
    front = portal.call(HttpFront, engine)
    portal.run(front.start)
    try:
        yield _clients(KubeConfig(server=front.url), asynchronous=asynchronous)
    finally:
        portal.end(front.stop)


@contextlib.contextmanager
def _there(config: KubeConfig, types: Documents, documents: Documents) -> Generator[None]:
    """Have types and objects on a real cluster, and take away what was made for it; types that were there before stay."""
    with Client(config) as client, contextlib.ExitStack() as made:
        for document in types:
            crd = DynamicResource.from_dict(document)
            if not _found(client, crd):
                made.callback(_take_away, client, crd, wait=True)  # a test that comes next may want the type anew
            ensure_crd(client, document)
        for document in documents:
            obj = DynamicResource.from_dict(document)
            created = client.direct(obj.api_version, obj.kind).create(obj)
            made.callback(_take_away, client, created)
        yield


def _found(client: Client, obj: DynamicResource) -> bool:
    try:
        client.direct(obj.api_version, obj.kind).get(obj.name, obj.namespace or None)
    except NotFound:
        return False
    return True


def _take_away(client: Client, obj: DynamicResource, *, wait: bool = False) -> None:
    direct = client.direct(obj.api_version, obj.kind)
    with contextlib.suppress(NotFound):
        direct.delete(obj.name, obj.namespace or None)
    if wait:
        direct.wait_for(obj, condition=deleted())
