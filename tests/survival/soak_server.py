"""The in-memory API server with a writer inside, for the soak: as many writes a second as it is told, as long as it is told."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import time
from typing import Any

from fairlead.apiserver.http import HttpFront
from fairlead.apiserver.server import ApiServer
from fairlead.machinery.wire import Request, Response

_PATH = "/api/v1/namespaces/soak/configmaps"


class Writer:
    """Changes, deletes and recreates a fixed number of objects, evenly over time."""

    def __init__(self, server: ApiServer, objects: int, rate: float, seed: int, size: int, token: str) -> None:
        self._server = server
        self._objects = objects
        self._rate = rate
        self._filling = "x" * size
        self._random = random.Random(seed)
        self._headers = {"authorization": f"Bearer {token}"}
        self.writes = 0
        self.behind = 0

    async def ask(self, method: str, path: str, document: Any = None, kind: str = "application/json") -> Any:
        body = b"" if document is None else json.dumps(document).encode()
        answer = await self._server.handle(Request(method, path, (), {**self._headers, "content-type": kind}, body))
        assert isinstance(answer, Response)
        assert answer.status < 300, answer.body[:300]
        return json.loads(answer.body)

    async def create(self, number: int) -> None:
        document = {
            "metadata": {"name": f"s-{number}"},
            "data": {"filling": self._filling, "t": str(time.monotonic_ns())},
        }
        await self.ask("POST", _PATH, document)

    async def prepare(self) -> None:
        await self.ask("POST", "/api/v1/namespaces", {"metadata": {"name": "soak"}})
        for number in range(self._objects):
            await self.create(number)
            if number % 100 == 0:
                await asyncio.sleep(0)

    async def write(self) -> None:
        """Until cancelled. What cannot be written in time is not made up for."""
        begun, due = time.monotonic(), 0
        while True:
            await asyncio.sleep(0.005)
            due_now = int((time.monotonic() - begun) * self._rate)
            if due_now - due > self._rate:  # more than a second behind
                self.behind += due_now - due
                due = due_now
            until = time.monotonic() + 0.02
            while due < due_now and time.monotonic() < until:
                due += await self._one()

    async def _one(self) -> int:
        number = self._random.randrange(self._objects)
        if self._random.random() < 0.01:
            await self.ask("DELETE", f"{_PATH}/s-{number}")
            await self.create(number)
            self.writes += 2
            return 2
        part = {"data": {"t": str(time.monotonic_ns())}}
        await self.ask("PATCH", f"{_PATH}/s-{number}", part, "application/merge-patch+json")
        self.writes += 1
        return 1


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--objects", type=int, required=True)
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--size", type=int, required=True, help="bytes that each object is filled with")
    options = parser.parse_args()
    token = "soak"
    server = ApiServer(tokens={token: "admin"})
    writer = Writer(server, options.objects, options.rate, options.seed, options.size, token)
    await writer.prepare()
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async with HttpFront(server, token=token) as front:
        _tell({"port": int(front.url.split(":")[2].split("/")[0])})
        writing: asyncio.Task[None] | None = None
        while line := (await reader.readline()).strip():
            if line == b"go":
                writing = asyncio.create_task(writer.write())
            elif writing is not None:
                writing.cancel()
                await asyncio.wait([writing])
                writing = None
            if line == b"rest":
                found = (await writer.ask("GET", _PATH))["items"]
                truth = {o["metadata"]["name"]: (o["metadata"]["uid"], o["metadata"]["resourceVersion"]) for o in found}
                _tell({"truth": truth, "writes": writer.writes, "behind": writer.behind})


def _tell(document: Any) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
