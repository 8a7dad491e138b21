"""What a client says of a server that is no API server."""

from __future__ import annotations

import logging

import pytest

from fairlead import Client, FairleadError, NotSynced
from fairlead.machinery.wire import Request, Response, StreamResponse
from fairlead.models.core.v1 import ConfigMap
from tests.unit.api.canned import Chunks

PAGE = (
    b"<!DOCTYPE html>\n<html>\n<head><title>Welcome</title></head>\n" + b"<p>to the intranet</p>\n" * 40 + b"</html>\n"
)


class Website:
    cluster = "https://www.example.com"

    def __init__(self, status: int) -> None:
        self._status = status
        self._headers = {"content-type": "text/html; charset=utf-8"}

    async def request(self, request: Request) -> Response:
        del request
        return Response(self._status, self._headers, PAGE)

    async def stream(self, request: Request) -> StreamResponse:
        del request
        return StreamResponse(self._status, self._headers, Chunks([PAGE]))

    async def close(self) -> None: ...


@pytest.mark.parametrize("status", [200, 404])
async def test_a_page_for_people_is_told_in_one_line(status: int, caplog: pytest.LogCaptureFixture) -> None:
    async with Client(transport=Website(status)) as client:
        client.cached(ConfigMap)
        with caplog.at_level(logging.INFO, "fairlead"), pytest.raises(NotSynced) as caught:
            await client.run_and_wait(timeout=0.3)
        (line,) = caught.value.missing
        assert "(text/html, beginning '<!DOCTYPE html> <html>" in line
        assert line.endswith(("is this an API server?", "is this an API server? (404 no reason given)"))
        said = [record.getMessage() for record in caplog.records]
        assert any("is this an API server?" in each for each in said)
        assert all("\n" not in each and len(each) < 400 for each in [*said, line])
        with pytest.raises(FairleadError, match="is this an API server"):
            await client.direct("v1", "ConfigMap").list()
