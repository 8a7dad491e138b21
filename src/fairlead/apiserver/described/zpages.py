"""What the server says of itself to people who look after it: `/statusz`, `/flagz` and `/metrics/slis`.

https://kubernetes.io/docs/reference/instrumentation/zpages/ and https://kubernetes.io/docs/reference/instrumentation/slis/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import msgspec

from fairlead.apiserver.described import health
from fairlead.apiserver.described.discovery import VERSION
from fairlead.apiserver.statuses import not_acceptable
from fairlead.apiserver.wire.answers import warned, yaml_of
from fairlead.apiserver.wire.negotiation import JSON, YAML, Clause, clauses
from fairlead.machinery.times import format_time
from fairlead.machinery.wire import Request, Response

__all__ = ["ZPages"]

_GROUP = "config.k8s.io"
_TEXT = "text/plain"
_CAUTION = (
    "Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is for "
    "debugging purposes only."
)
_SHOWN = ("/flagz", "/healthz", "/livez", "/metrics", "/readyz", "/statusz", "/version")
_UNKEPT = {"cache-control": "no-cache, private"}
_encode = msgspec.json.Encoder().encode


class ZPages:
    """Answers for a server that started when this was made."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._started = now()

    def respond(self, request: Request) -> Response | None:
        """The answer; None for another path. Raises Refusal (406)."""
        match request.path:
            case "/statusz":
                return _shown(request, "Statusz", self._status(), self._status_text)
            case "/flagz":
                return _shown(request, "Flagz", {"flags": {}}, lambda: "")  # this server has none
            case "/metrics/slis":
                headers = {"content-type": "text/plain; version=0.0.4; charset=utf-8; escaping=underscores", **_UNKEPT}
                return Response(200, headers, "".join(_gauges()).encode())
            case _:
                return None

    def _seconds(self) -> int:
        return int((self._now() - self._started).total_seconds())

    def _status(self) -> dict[str, Any]:
        return {
            "startTime": format_time(self._started),
            "uptimeSeconds": self._seconds(),
            "goVersion": VERSION["goVersion"],
            "binaryVersion": VERSION["gitVersion"].removeprefix("v"),
            "emulationVersion": f"{VERSION['emulationMajor']}.{VERSION['emulationMinor']}",
            "paths": list(_SHOWN),
        }

    def _status_text(self) -> str:
        minutes, seconds = divmod(self._seconds(), 60)
        hours, minutes = divmod(minutes, 60)
        status = self._status()
        lines = {
            "Started": self._started.strftime("%a %b %e %H:%M:%S UTC %Y"),
            "Up": f"{hours} hr {minutes:02d} min {seconds:02d} sec",
            "Go version": status["goVersion"],
            "Binary version": status["binaryVersion"],
            "Emulation version": status["emulationVersion"],
            "Paths": " ".join(_SHOWN),
        }
        return "\n" + "".join(f"{name}: {value}\n" for name, value in lines.items())


def _shown(request: Request, kind: str, document: dict[str, Any], text: Callable[[], str]) -> Response:
    """A page as text, which is what a client gets that does not ask for the document of a version."""
    accept = request.headers.get("accept", "") or "*/*"
    for clause in clauses(accept):
        version = _version(clause, kind)
        if version:
            return _structured(clause, kind, version, document)
        if clause.type in {_TEXT, "text/*", "*/*"} and "as" not in clause.parameters:
            body = f"\napiserver {kind.lower()}\n{_CAUTION}\n{text()}".encode()
            return Response(200, {"content-type": f"{_TEXT}; charset=utf-8", **_UNKEPT}, body)
    raise not_acceptable((JSON, YAML, _TEXT))


def _version(clause: Clause, kind: str) -> str:
    wanted = clause.parameters
    known = clause.type in {JSON, YAML} and wanted.get("as") == kind and wanted.get("g") == _GROUP
    version = wanted.get("v", "")
    return version if known and version in {"v1alpha1", "v1beta1"} else ""


def _structured(clause: Clause, kind: str, version: str, document: dict[str, Any]) -> Response:
    whole = {"kind": kind, "apiVersion": f"{_GROUP}/{version}", "metadata": {"name": "apiserver"}, **document}
    headers = {"content-type": f"{clause.type};g={_GROUP};v={version};as={kind}", **_UNKEPT}
    if version == "v1alpha1":
        headers = warned(
            headers, f"This version of the {kind.lower()} endpoint is deprecated. Please use a newer version."
        )
    return Response(200, headers, _encode(whole) + b"\n" if clause.type == JSON else yaml_of(whole))


def _gauges() -> Iterator[str]:
    yield "# HELP kubernetes_healthcheck [STABLE] This metric records the result of a single healthcheck.\n"
    yield "# TYPE kubernetes_healthcheck gauge\n"
    found = {(check, endpoint) for endpoint in health.ENDPOINTS for check in health.checks(endpoint)}
    yield from (f'kubernetes_healthcheck{{name="{check}",type="{endpoint}"}} 1\n' for check, endpoint in sorted(found))
