"""How a source reads what the server sends."""

from __future__ import annotations

import pytest

from fairlead.informer.source import LARGE_LIST, ApiSource, Selection
from fairlead.machinery.names import ResourceType
from fairlead.machinery.wire import Request, Response, StreamResponse
from tests.unit.api.canned import Pieces
from tests.unit.informer.test_reflector import bookmark, event, raw

TYPE = ResourceType("example.com", "v1", "Gadget", "gadgets", True)


class Gathered(Pieces):
    """Notes how many lines had been read each time that more was let gather."""

    def __init__(self, lines: list[bytes], per_read: int) -> None:
        super().__init__(lines, per_read)
        self._all = len(lines)
        self.after: list[int] = []

    async def gather(self) -> None:
        self.after.append(self._all - len(self._chunks))


class OneStream:
    cluster = "https://canned"

    def __init__(self, body: Gathered) -> None:
        self.body = body

    async def request(self, request: Request) -> Response:
        raise NotImplementedError(request)

    async def stream(self, request: Request) -> StreamResponse:
        del request
        return StreamResponse(200, {}, self.body)

    async def close(self) -> None: ...


@pytest.mark.parametrize("initial", [True, False])
async def test_a_large_list_is_let_gather_until_it_is_complete_and_changes_never_are(initial: bool) -> None:
    listed = [event("ADDED", raw(f"g{number}", number + 1)) for number in range(LARGE_LIST + 30)]
    changes = [event("MODIFIED", raw("g1", 9000 + number)) for number in range(30)]
    body = Gathered([*listed, bookmark(8000, end=True), *changes], 10)
    stream = ApiSource(OneStream(body), Selection(TYPE, TYPE.gvk)).watch("", initial=initial, timeout=300)
    count = sum([len(batch) async for batch in stream])
    assert count == LARGE_LIST + 61
    assert body.after == ([LARGE_LIST, LARGE_LIST + 10, LARGE_LIST + 20, LARGE_LIST + 30] if initial else [])
    assert body.closed
