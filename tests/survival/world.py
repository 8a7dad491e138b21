"""What really happens: a writer that creates, changes, deletes and recreates, and the truth as the server has it."""

from __future__ import annotations

import asyncio
import contextlib
import random
from types import TracebackType
from typing import Any, Self

import aiohttp

from tests.survival.servers import Cluster

__all__ = ["Versions", "World"]

#: name -> (uid, resourceVersion)
Versions = dict[str, tuple[str, str]]


class World:
    """Writes to one namespace of the API server itself, not through any proxy, until it is told to stop."""

    def __init__(
        self, cluster: Cluster, namespace: str, *, path: str = "", kind: str = "ConfigMap", seed: int = 1
    ) -> None:
        self._cluster = cluster
        self.namespace = namespace
        self._path = path or f"/api/v1/namespaces/{namespace}/configmaps"
        self._kind = kind
        self._random = random.Random(seed)
        self._live: set[str] = set()
        self._writer: asyncio.Task[None] | None = None
        self._serial = 0
        self.writes = self.failed = 0
        #: Seconds between two writes.
        self.pace = 0.04

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            self._cluster.server.url,
            headers={"Authorization": f"Bearer {self._cluster.server.token}"},
            connector=aiohttp.TCPConnector(ssl=self._cluster.upstream().tls or True, force_close=True),
            timeout=aiohttp.ClientTimeout(total=10),
        )
        await self.call("POST", "/api/v1/namespaces", {"metadata": {"name": self.namespace}})
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.rest()
        await self._session.close()
        await asyncio.sleep(0)

    async def call(self, method: str, path: str, document: Any = None, kind: str = "application/json") -> Any:
        """One request; gives the answer's document, or raises ClientError for anything but success."""
        async with self._session.request(method, path, json=document, headers={"Content-Type": kind}) as answer:
            answer.raise_for_status()
            return await answer.json()

    async def create(self, name: str, **data: str) -> None:
        self._serial += 1
        document: dict[str, Any] = {"metadata": {"name": name}, "data": {"n": str(self._serial), **data}}
        if self._kind != "ConfigMap":
            group_version = "/".join(self._path.split("/")[2:4])
            document = {
                "apiVersion": group_version,
                "kind": self._kind,
                "metadata": {"name": name},
                "spec": {"n": self._serial},
            }
        await self.call("POST", self._path, document)
        self._live.add(name)

    async def change(self, name: str) -> None:
        self._serial += 1
        part: dict[str, Any] = (
            {"data": {"n": str(self._serial)}} if self._kind == "ConfigMap" else {"spec": {"n": self._serial}}
        )
        await self.call("PATCH", f"{self._path}/{name}", part, "application/merge-patch+json")

    async def delete(self, name: str) -> None:
        await self.call("DELETE", f"{self._path}/{name}")
        self._live.discard(name)

    def begin(self) -> None:
        """Write from now on."""
        self._writer = asyncio.create_task(self._write(), name="writer")

    async def rest(self) -> None:
        """Write no more."""
        if self._writer is not None:
            self._writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._writer
            self._writer = None

    async def _write(self) -> None:
        while True:
            name = f"o-{self._random.randrange(60):02}"
            try:
                await self._step(name)
                self.writes += 1
            except (aiohttp.ClientError, TimeoutError):
                self.failed += 1
                self._live ^= {name} if self._random.random() < 0.5 else set()  # a lost reply: find out by trying
                await asyncio.sleep(0.2)
            await asyncio.sleep(self.pace)

    async def _step(self, name: str) -> None:
        dice = self._random.random()
        if name not in self._live:
            await self.create(name)
        elif dice < 0.65:
            await self.change(name)
        else:
            await self.delete(name)
            if dice < 0.8:
                await self.create(name)  # another life under the same name, at once

    async def truth(self) -> Versions:
        """Every object as the server has it."""
        document = await self.call("GET", self._path)
        return {
            item["metadata"]["name"]: (item["metadata"]["uid"], item["metadata"]["resourceVersion"])
            for item in document["items"]
        }
