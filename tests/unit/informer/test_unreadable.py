"""An object that no client can read, in lists and watches: what waits for the cache does not wait for it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec

from fairlead import ObjectMeta
from fairlead.apiserver.server import Answering
from fairlead.machinery.wire import ByteStream, Request, Response, StreamResponse
from fairlead.models.core.v1 import ConfigMap, Secret
from fairlead.testing import FakeClient


def spoiled(data: bytes) -> bytes:
    return data.replace(b'"SPOILT"', b'"\xff\xfe"')


class Spoiling:
    """A watch in which a text is no UTF-8."""

    def __init__(self, body: ByteStream) -> None:
        self._body = body
        self._pieces = aiter(body)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        return spoiled(await anext(self._pieces))

    async def aclose(self) -> None:
        await self._body.aclose()


async def spoiling(request: Request, server: Answering) -> Response | StreamResponse:
    answer = await server(request)
    if isinstance(answer, Response):
        return msgspec.structs.replace(answer, body=spoiled(answer.body))
    return msgspec.structs.replace(answer, body=Spoiling(answer.body))


def config(name: str, text: str) -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name=name, namespace="default"), data={"x": text})


async def test_settle_does_not_wait_for_an_object_that_cannot_be_read() -> None:
    async with FakeClient(config("odd", "SPOILT"), config("a", "1")) as client:
        client.server.middleware.append(spoiling)
        configs = client.cached(ConfigMap, namespace="default", fields="metadata.name!=kube-root-ca.crt")
        await client.run_and_wait(timeout=10)
        assert [each.name for each in configs.list()] == ["a"]
        client.server.load([config("odder", "SPOILT").to_dict()])
        await client.settle(timeout=5)
        for name in ("s", "t"):
            made = await client.direct(Secret).create(Secret(metadata=ObjectMeta(name=name, namespace="default")))
            await client.settle(timeout=5)
            await configs.caught_up(made.resource_version, timeout=5)
        await client.direct(ConfigMap).create(config("b", "1"))
        await client.settle(timeout=5)
        assert sorted(each.name for each in configs.list()) == ["a", "b"]
        (informer,) = client.statistics().informers
        assert informer.reflector.broken
