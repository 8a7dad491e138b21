"""A server of one type with more objects than an API server of tests takes up in reasonable time: it lists and watches."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from fairlead.machinery.wire import Request, Response, StreamResponse

__all__ = ["LongList"]

#: Bytes of a stream that come at once.
_CHUNK = 2**16


class LongList:
    """A transport to ConfigMaps: streams its list, or gives it in pages where `streaming` is false; its watch waits to be cut."""

    cluster = "https://long"

    def __init__(self, *, streaming: bool) -> None:
        self.streaming = streaming
        #: The JSON of each object, by its name; replace it, and `expire`.
        self.objects: dict[str, bytes] = {}
        self.version = 0
        self.lists = 0
        self._expired = asyncio.Event()

    def put(self, name: str, value: str) -> None:
        """Make an object, or change it."""
        self.version += 1
        number = name.removeprefix("c")
        labels = f'"half":"{int(number) % 2}"'
        self.objects[name] = (
            f'{{"kind":"ConfigMap","apiVersion":"v1","metadata":{{"name":"{name}","namespace":"n{int(number) % 5}","uid":"u{number}",'
            f'"resourceVersion":"{self.version}","labels":{{{labels}}}}},"data":{{"value":"{value}"}}}}'
        ).encode()

    def drop(self, name: str) -> None:
        """Delete an object."""
        self.version += 1
        del self.objects[name]

    def expire(self) -> None:
        """What is watched has been forgotten: it has to be listed again."""
        self._expired.set()

    async def request(self, request: Request) -> Response:
        query = dict(request.query)
        start, limit = int(query.get("continue", 0)), int(query["limit"])
        names = list(self.objects)[start : start + limit]
        more = f',"continue":"{start + limit}"' if start + limit < len(self.objects) else ""
        self.lists += not start
        head = f'{{"kind":"ConfigMapList","apiVersion":"v1","metadata":{{"resourceVersion":"{self.version}"{more}}},"items":['
        return Response(200, {}, head.encode() + b",".join(self.objects[name] for name in names) + b"]}")

    async def stream(self, request: Request) -> StreamResponse:
        initial = "sendInitialEvents" in dict(request.query)
        if initial and not self.streaming:
            refusal = {"kind": "Status", "code": 422, "reason": "Invalid", "message": "sendInitialEvents"}
            return StreamResponse(422, {}, _Lines(json.dumps(refusal).encode(), asyncio.Event()))
        self.lists += initial
        self._expired.clear()
        return StreamResponse(200, {}, _Lines(self._initial() if initial else b"", self._expired))

    def _initial(self) -> bytes:
        added = b"".join(b'{"type":"ADDED","object":%b}\n' % each for each in self.objects.values())
        metadata = {"resourceVersion": str(self.version), "annotations": {"k8s.io/initial-events-end": "true"}}
        bookmark = {"type": "BOOKMARK", "object": {"kind": "ConfigMap", "apiVersion": "v1", "metadata": metadata}}
        return added + json.dumps(bookmark).encode() + b"\n"

    async def close(self) -> None:
        pass


class _Lines:
    """Given bytes as they would come from a socket; then nothing, until they have expired."""

    def __init__(self, data: bytes, expired: asyncio.Event) -> None:
        self._data = data
        self._expired = expired

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._data), _CHUNK):
            await asyncio.sleep(0)
            yield self._data[start : start + _CHUNK]
        if not self._data.startswith(b'{"kind": "Status"'):
            await self._expired.wait()
            status = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version"}
            yield json.dumps({"type": "ERROR", "object": status}).encode() + b"\n"

    async def aclose(self) -> None:
        pass
