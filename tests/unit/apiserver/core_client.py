"""A small client of the server under test: requests as documents, answers as documents."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Iterable, Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from fairlead.apiserver.server import ApiServer
from fairlead.machinery.wire import Request, Response, StreamResponse

T = TypeVar("T")
MERGE, STRATEGIC = "application/merge-patch+json", "application/strategic-merge-patch+json"
JSON_PATCH, APPLY = "application/json-patch+json", "application/apply-patch+yaml"
CONFIGMAPS = "/api/v1/namespaces/default/configmaps"
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
WEBS = "/apis/example.com/v1/namespaces/default/webs"


def run(test: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(asyncio.wait_for(test, 20))


class Answer:
    def __init__(self, response: Response) -> None:
        self.code = response.status
        self.headers = response.headers
        self.text = response.body.decode()

    @property
    def body(self) -> dict[str, Any]:
        return json.loads(self.text)

    def __getitem__(self, key: str) -> Any:
        return self.body[key]

    @property
    def meta(self) -> dict[str, Any]:
        return self.body["metadata"]

    @property
    def rv(self) -> int:
        return int(self.meta["resourceVersion"])


class Caller:
    def __init__(self, server: ApiServer) -> None:
        self.server = server

    async def send(
        self, method: str, target: str, body: Any = None, media: str = "application/json", **headers: str
    ) -> Answer:
        answer = await self.raw(method, target, body, media, **headers)
        assert isinstance(answer, Response)
        return Answer(answer)

    async def raw(
        self, method: str, target: str, body: Any = None, media: str = "application/json", **headers: str
    ) -> Response | StreamResponse:
        url = urlsplit(target)
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        query = tuple(parse_qsl(url.query, keep_blank_values=True))
        fields = {"user-agent": "tester/1", **({"content-type": media} if data else {}), **headers}
        return await self.server.handle(Request(method, url.path, query, fields, data))

    async def create(self, target: str, body: Mapping[str, Any]) -> Answer:
        answer = await self.send("POST", target, body)
        assert answer.code == 201, answer.text
        return answer

    async def watch(self, target: str) -> Watching:
        answer = await self.raw("GET", target + ("&" if "?" in target else "?") + "watch=true")
        assert isinstance(answer, StreamResponse), answer
        assert answer.status == 200
        return Watching(answer)


class Watching:
    """Reads a watch event by event."""

    def __init__(self, answer: StreamResponse) -> None:
        self._body = answer.body
        self._chunks = aiter(answer.body)
        self._events: list[dict[str, Any]] = []

    async def next(self) -> dict[str, Any]:
        while not self._events:
            chunk = await asyncio.wait_for(anext(self._chunks), 5)
            self._events.extend(json.loads(line) for line in chunk.splitlines())
        return self._events.pop(0)

    async def take(self, count: int) -> list[tuple[str, str]]:
        events = [await self.next() for _ in range(count)]
        return [(event["type"], event["object"]["metadata"].get("name", "")) for event in events]

    async def rest(self) -> list[dict[str, Any]]:
        """Everything until the stream ends."""
        found, self._events = self._events, []
        async for chunk in self._chunks:
            found.extend(json.loads(line) for line in chunk.splitlines())
        return found

    async def close(self) -> None:
        await self._body.aclose()


def config_map(name: str, data: Mapping[str, str] | None = None, **meta: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, **meta}, **({"data": dict(data)} if data else {})}


def definition(versions: Iterable[Mapping[str, Any]] = (), plural: str = "webs", kind: str = "Web") -> dict[str, Any]:
    schema = {
        "type": "object",
        "properties": {
            "spec": {
                "type": "object",
                "required": ["count"],
                "properties": {
                    "count": {"type": "integer", "minimum": 1},
                    "color": {"type": "string", "default": "red"},
                },
            },
            "status": {"type": "object", "properties": {"ready": {"type": "integer"}}},
        },
    }
    scale = {"specReplicasPath": ".spec.count", "statusReplicasPath": ".status.ready"}
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
        "subresources": {"status": {}, "scale": scale},
        "selectableFields": [{"jsonPath": ".spec.color"}],
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.example.com"},
        "spec": {
            "group": "example.com",
            "scope": "Namespaced",
            "names": {"plural": plural, "kind": kind},
            "versions": list(versions) or [version],
        },
    }


def web(name: str, **spec: Any) -> dict[str, Any]:
    return {"apiVersion": "example.com/v1", "kind": "Web", "metadata": {"name": name}, "spec": {"count": 1, **spec}}
