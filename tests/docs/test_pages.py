"""Every page of the documentation does what it says: its Python runs against an in-memory API server on a port."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from fairlead.apiserver.http import HttpFront, kubeconfig
from fairlead.apiserver.server import ApiServer
from tests.docs.pages import blocks, run_page

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(page for page in DOCS.glob("*.md") if any(not block.reason for block in blocks(page)))


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A server in a thread of its own, so that pages without asyncio can use it too; `Client()` finds it by $KUBECONFIG."""
    started, stop = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()
    urls: list[str] = []

    async def serve() -> None:
        async with HttpFront(ApiServer()) as front:
            urls.append(front.url)
            started.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), name="documentation server")
    thread.start()
    try:
        assert started.wait(10)
        path = tmp_path / "kubeconfig"
        path.write_text(yaml.safe_dump(kubeconfig(urls[0], "")))
        monkeypatch.setenv("KUBECONFIG", str(path))
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
@pytest.mark.usefixtures("cluster")
def test_the_code_of_a_page_runs(page: Path):
    run_page(page)


def test_pages_are_found_and_read(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text(
        "<!-- setup\nx = 1\n-->\n```python\nassert x == 1\nimport asyncio\nawait asyncio.sleep(0)\n```\n"
        "<!-- not run: it is wrong -->\n\n```python\nraise OSError\n```\n\n```sh\nrm x\n```\n"
        "```python\nasync def test_x():\n    x += 1\n```\n"
    )
    found = list(blocks(page))
    assert [(block.line, block.reason) for block in found] == [(1, ""), (4, ""), (11, "it is wrong"), (18, "")]
    with pytest.raises(UnboundLocalError) as caught:
        run_page(page)
    assert (str(page), 20) == (str(caught.traceback[-1].path), caught.traceback[-1].lineno + 1)
