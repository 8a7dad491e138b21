"""Plays a session with the real kubectl, and brings what it prints into a form that two servers have in common."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from tests.kubectl.session import Command, Session

__all__ = ["Place", "Printed", "play"]

_SECONDS = 30.0
_PATIENCE = 10.0
_UID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_TIME = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_SHOWN_TIME = re.compile(r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d [-+]\d{4}")
_FILE_TIME = re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ [-+]\d{4}")
_LOG = re.compile(r"^([IWEF])\d{4} [\d:.]+ +\d+ ([\w.]+):\d+\]", re.MULTILINE)
_VERSION = re.compile(r'(resourceVersion\\?"?: *\\?"?|Resource Version: +)\d+')
_BUILD = re.compile(r'(git(?:Commit|TreeState)"?: *)("[^"]*"|[^\s,]*)')
_AGE = re.compile(r"(?<![\w.-])(\d+(ms|[smhd]))+(?![\w.-])|<invalid>")
_ADDRESS = re.compile(r"\b10\.0\.\d{1,3}\.\d{1,3}\b")
_NODE_PORT = re.compile(r"(?<=[:\s])3[012]\d{3}\b")
_URL = re.compile(r"https?://127\.0\.0\.1:\d+(/[0-9a-f]{32})?")
_TOKEN = re.compile(r"\bey[\w-]+\.[\w-]+\.[\w-]+")
_FOLDER = re.compile(r"/tmp/[\w./-]+")
_SUFFIX = re.compile(r"(?<=-)[bcdfghjklmnpqrstvwxz2456789]{5}\b")
_COLOUR = re.compile(r"\x1b\[[\d;]*m")


@dataclass(frozen=True)
class Place:
    """A server to talk to."""

    kubectl: Path
    kubeconfig: Path
    #: Where kubectl keeps what it has discovered; one for each server.
    cache: Path


@dataclass(frozen=True)
class Printed:
    """What a command did, in comparable form."""

    code: int
    out: list[str]
    err: list[str]


async def play(session: Session, place: Place) -> list[Printed]:
    """Run the commands of a session, one after the other, in a namespace made for it."""
    word = uuid.uuid4().hex[:8]
    names = {"{ns}": f"ns-{word}", "{id}": f"id-{word}"}
    with tempfile.TemporaryDirectory(prefix="fairlead-kubectl-") as folder:
        for name, text in session.files.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_filled(text, names))
            if text.startswith("#!"):
                path.chmod(0o755)
        await _run(Command(("create", "namespace", names["{ns}"])), place, folder, names)
        found = [
            _printed(command, await _patient(command, place, folder, names), names) for command in session.commands
        ]
        await _run(Command(("delete", "namespace", names["{ns}"], "--wait=false")), place, folder, names)
    return found


def _filled(text: str, names: dict[str, str]) -> str:
    for mark, name in names.items():
        text = text.replace(mark, name)
    return text


async def _patient(command: Command, place: Place, folder: str, names: dict[str, str]) -> tuple[int, str, str]:
    deadline = time.monotonic() + _PATIENCE
    while True:
        found = await _run(command, place, folder, names)
        if not command.until or found[0] == 0 or time.monotonic() > deadline:
            return found


async def _run(command: Command, place: Place, folder: str, names: dict[str, str]) -> tuple[int, str, str]:
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": folder,
        "KUBECACHEDIR": str(place.cache),
        "KUBECTL_EXTERNAL_DIFF": "diff -u -N",
        "LC_ALL": "C",
        "TZ": "UTC",
        **{name: _filled(text, names) for name, text in command.environment.items()},
    }
    arguments = [_filled(argument, names) for argument in command.arguments]
    process = await asyncio.create_subprocess_exec(
        str(place.kubectl),
        f"--kubeconfig={place.kubeconfig}",
        f"--namespace={names['{ns}']}",
        *arguments,
        cwd=folder,
        env=environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    given = _filled(command.stdin, names).encode()
    try:
        out, err = await asyncio.wait_for(process.communicate(given), _SECONDS)
    except TimeoutError:
        process.kill()
        await process.communicate()
        return -1, "", f"did not end in {_SECONDS:g} s"
    return process.returncode or 0, out.decode(), err.decode()


def _printed(command: Command, found: tuple[int, str, str], names: dict[str, str]) -> Printed:
    out, err = (_normal(text, names) for text in found[1:])
    return Printed(found[0], sorted(out) if command.unordered else out, err)


def _normal(text: str, names: dict[str, str]) -> list[str]:
    for mark, name in names.items():
        text = text.replace(name, mark)
    for pattern, mark in (
        (_COLOUR, ""),
        (_UID, "<uid>"),
        (_TIME, "<time>"),
        (_SHOWN_TIME, "<time>"),
        (_FILE_TIME, "<time>"),
        (_LOG, r"\1 \2]"),
        (_BUILD, r"\1<build>"),
        (_VERSION, r"\1<version>"),
        (_URL, "<server>"),
        (_TOKEN, "<token>"),
        (_FOLDER, "<folder>"),
        (_ADDRESS, "<address>"),
        (_NODE_PORT, "<port>"),
        (_SUFFIX, "<suffix>"),
        (_AGE, "<age>"),
    ):
        text = pattern.sub(mark, text)
    # The widths of columns follow from what was replaced.
    return [re.sub(r"(?<=\S) {2,}", "  ", line).rstrip() for line in text.splitlines()]
