"""`fairlead serve` is for programs on this machine: not for other machines, and not for the pages in its browser."""

from __future__ import annotations

import socket

import aiohttp
import pytest

from fairlead.apiserver.http import HttpFront
from fairlead.apiserver.server import ApiServer


async def status(url: str, **headers: str) -> int:
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
        return answer.status


async def test_its_token_is_needed_and_it_listens_on_loopback_alone() -> None:
    async with HttpFront(ApiServer(tokens={"t0ken": "admin"}), token="t0ken") as front:
        root = front.url.removesuffix("/t0ken")
        assert await status(f"{front.url}/api/v1/namespaces") == 200
        assert await status(f"{root}/api/v1/namespaces", Authorization="Bearer t0ken") == 200
        assert await status(f"{root}/api/v1/namespaces") in (401, 403)
        assert await status(f"{root}/wrong/api/v1/namespaces") in (401, 403, 404)
        port = int(root.rpartition(":")[2])
        with socket.socket() as other:
            # The same port of another address of this machine is free: nobody listens there.
            other.bind(("127.0.0.2", port))


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Host": "evil.example"},  # a name that was made to lead here
        {"Host": "["},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_browser_on_behalf_of_another_site_is_refused_even_with_the_token(headers: dict[str, str]) -> None:
    async with HttpFront(ApiServer(tokens={"t0ken": "admin"}), token="t0ken") as front:
        assert await status(f"{front.url}/api/v1/namespaces", **headers) in (400, 403)


async def test_a_program_or_a_page_of_its_own_is_not() -> None:
    async with HttpFront(ApiServer(tokens={"t0ken": "admin"}), token="t0ken") as front:
        own = front.url.removesuffix("/t0ken")
        assert await status(f"{front.url}/api", Origin=own) == 200
        assert await status(f"{front.url.replace('127.0.0.1', 'localhost')}/api", **{"Sec-Fetch-Site": "none"}) == 200
