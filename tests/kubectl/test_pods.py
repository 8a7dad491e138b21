"""kubectl talks to containers that a test plays: logs, exec, attach, cp and port-forward, by both protocols that it speaks."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import re
import shutil
import tarfile
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import Any

import pytest

from fairlead.apiserver.http import HttpFront, kubeconfig
from fairlead.apiserver.kubelet.scripts import ForwardReader, ForwardWriter
from fairlead.apiserver.kubelet.sessions import Exec
from fairlead.apiserver.server import ApiServer
from tests.kubectl.servers import kubectl

pytestmark = pytest.mark.timeout(90)
SPDY = {"KUBECTL_REMOTE_COMMAND_WEBSOCKETS": "false", "KUBECTL_PORT_FORWARD_WEBSOCKETS": "false"}
EACH = pytest.mark.parametrize("environment", [pytest.param({}, id="websocket"), pytest.param(SPDY, id="spdy")])
SECONDS = 30


@pytest.fixture(autouse=True)
def _kubectl() -> None:
    if not os.access(kubectl(), os.X_OK):
        pytest.skip("kubectl of the release is not built; `make real` builds it")


class Kubectl:
    def __init__(self, server: ApiServer, folder: Path) -> None:
        self.server = server
        self.folder = folder

    async def start(self, *arguments: str, environment: Mapping[str, str] | None = None) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        named = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "KUBECONFIG": str(self.folder / "kubeconfig")}
        return await asyncio.create_subprocess_exec(
            str(kubectl()),
            *arguments,
            cwd=self.folder,
            env={**named, **(environment or {})},
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
        )

    async def run(
        self, *arguments: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None
    ) -> tuple[int, str, str]:
        process = await self.start(*arguments, environment=environment)
        out, err = await asyncio.wait_for(process.communicate(stdin), SECONDS)
        return process.returncode or 0, out.decode(), err.decode()


@contextlib.asynccontextmanager
async def talking(folder: Path) -> AsyncGenerator[Kubectl]:
    meta = {"name": "web", "namespace": "default"}
    spec = {"containers": [{"name": "c", "image": "x"}]}
    server = ApiServer(tokens={"t": "admin"})
    server.load([{"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec, "status": {"phase": "Running"}}])
    async with HttpFront(server, token="t") as front:
        (folder / "kubeconfig").write_text(json.dumps(kubeconfig(front.url, "t")))
        yield Kubectl(server, folder)


async def shell(call: Exec) -> int | str | bytes:
    match list(call.command):
        case ["cat"]:
            return await call.stdin.read()
        case ["echo", *words]:
            return " ".join(words) + "\n"
        case ["tar", "cf", *_]:
            return _archive("etc/motd", b"welcome\n")
        case ["tar", "-xmf", *_]:
            with tarfile.open(fileobj=io.BytesIO(await call.stdin.read())) as archive:
                call.stderr.write(f"got {archive.getnames()}")
            return 0
        case _:
            call.stderr.write("not found\n")
            return 127


def _archive(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


@EACH
async def test_exec(environment: dict[str, str], tmp_path: Path) -> None:
    async with talking(tmp_path) as kube:
        kube.server.pods.on_exec(shell)
        found = await kube.run("exec", "web", "--", "echo", "hello", "you", environment=environment)
        assert found == (0, "hello you\n", "")
        sent = "x" * 300_000
        assert await kube.run("exec", "-i", "web", "--", "cat", stdin=sent.encode(), environment=environment) == (
            0, sent, ""
        )  # fmt: skip
        code, out, err = await kube.run("exec", "web", "--", "nothing", environment=environment)
        assert (code, out, err) == (127, "", "not found\ncommand terminated with exit code 127\n")


@EACH
async def test_attach(environment: dict[str, str], tmp_path: Path) -> None:
    async def greet(call: Exec) -> bytes:
        return b"hello " + await call.stdin.readline()

    async with talking(tmp_path) as kube:
        kube.server.pods.on_attach(greet)
        code, out, _ = await kube.run("attach", "-i", "web", stdin=b"you\n", environment=environment)
        assert (code, out) == (0, "hello you\n")


@EACH
async def test_cp(environment: dict[str, str], tmp_path: Path) -> None:
    async with talking(tmp_path) as kube:
        kube.server.pods.on_exec(shell)
        assert (await kube.run("cp", "web:etc/motd", "motd", environment=environment))[0] == 0
        assert (tmp_path / "motd").read_text() == "welcome\n"
        code, _, err = await kube.run("cp", "motd", "web:/tmp/motd", environment=environment)
        assert (code, "got ['motd']" in err) == (0, True), err


@EACH
async def test_port_forward(environment: dict[str, str], tmp_path: Path) -> None:
    async def echo(reader: ForwardReader, writer: ForwardWriter) -> None:
        while line := await reader.readline():
            writer.write(line.upper())
            await writer.drain()

    async with talking(tmp_path) as kube:
        kube.server.pods.on_port_forward(80, echo)
        process = await kube.start("port-forward", "pod/web", ":80", environment=environment)
        try:
            assert process.stdout is not None
            line = await asyncio.wait_for(process.stdout.readline(), SECONDS)
            found = re.search(rb"127\.0\.0\.1:(\d+)", line)
            assert found is not None, line
            assert await asyncio.gather(*(_echoed(int(found[1]), word) for word in (b"a", b"b", b"c"))) == [
                b"A\n", b"B\n", b"C\n"
            ]  # fmt: skip
        finally:
            process.terminate()
            await process.communicate()


async def _echoed(port: int, word: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(word + b"\n")
        return await asyncio.wait_for(reader.readline(), SECONDS)
    finally:
        writer.close()
        await writer.wait_closed()


async def test_logs(tmp_path: Path) -> None:
    async with talking(tmp_path) as kube:
        log = kube.server.pods.logs("web", "default", ["one", "two", "three"])
        assert await kube.run("logs", "web", "--tail=2") == (0, "two\nthree\n", "")
        assert await kube.run("logs", "web", "--since=1h", "-c", "c") == (0, "one\ntwo\nthree\n", "")
        code, out, _ = await kube.run("logs", "web", "--timestamps", "--tail=1")
        assert (code, out.split(" ")[1]) == (0, "three\n")
        code, _, err = await kube.run("logs", "web", "--previous")
        assert (code, err.rstrip()) == (
            1, 'Error from server (BadRequest): previous terminated container "c" in pod "web" not found'
        )  # fmt: skip
        following = await kube.start("logs", "-f", "web", "--tail=1")
        assert following.stdout is not None
        assert await asyncio.wait_for(following.stdout.readline(), SECONDS) == b"three\n"
        log.write("four")
        log.end()
        rest, _ = await asyncio.wait_for(following.communicate(), SECONDS)
        assert (rest, following.returncode) == (b"four\n", 0)


async def test_a_terminal_has_a_size(tmp_path: Path) -> None:
    if shutil.which("script") is None:
        pytest.skip("there is no script(1), which gives kubectl a terminal")
    seen: list[Any] = []

    async def play(call: Exec) -> str:
        seen.append((call.tty, await anext(call.sizes)))
        return "done\n"

    async with talking(tmp_path) as kube:
        kube.server.pods.on_exec(play)
        command = f"stty cols 101 rows 33; {kubectl()} exec -it web -- sh"
        process = await asyncio.create_subprocess_exec(
            "script", "-qec", command, "/dev/null",
            cwd=tmp_path, env={**os.environ, "KUBECONFIG": str(tmp_path / "kubeconfig"), "HOME": str(tmp_path)},
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, _ = await asyncio.wait_for(process.communicate(), SECONDS)
    assert (process.returncode, b"done" in out) == (0, True), out
    [(tty, size)] = seen
    assert (tty, size.width, size.height) == (True, 101, 33)
