"""What a case is made of: HTTP requests in order, as data.

    Case(
        "a stale version conflicts",
        POST("/api/v1/namespaces/{ns}/configmaps", {"metadata": {"name": "a"}}),
        PUT("/api/v1/namespaces/{ns}/configmaps/a", {"metadata": {"name": "a", "resourceVersion": "1"}}),
        GET("/api/v1/namespaces/{ns}/configmaps/a?resourceVersion={0.metadata.resourceVersion}"),
    )

In every text of a step, path, header or body, keys included:

- ``{ns}`` is the case's own namespace, made before its first step; ``{id}`` a word that no other case has (for names of
  cluster-scoped objects); ``{group}`` an API group of its own (for CRDs);
- ``{0.metadata.uid}`` is a value in the body of an earlier step's answer: the step's number or its `name`, then a path of keys
  and list positions (``{2.items.0.metadata.name}``; of collected events ``{4.0.object.metadata.name}``).

A body that is a str or bytes is sent as it stands, anything else as JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = [
    "CRD",
    "DELETE",
    "EVENTS",
    "GET",
    "OPEN",
    "PATCH",
    "POST",
    "PUT",
    "REST",
    "UNTIL",
    "Case",
    "Collect",
    "Send",
    "Step",
]

MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
JSON_PATCH = "application/json-patch+json"
APPLY = "application/apply-patch+yaml"


@dataclass(frozen=True)
class Send:
    """One request. `target` is path and query as they stand in the request line."""

    method: str
    target: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    #: What references may call the answer, beside its number.
    name: str = ""
    #: Whether this opens a watch, whose events later steps collect.
    opens: bool = False
    #: Repeat until the answer has this status (a CRD that is not served yet); only the last answer counts. 0: once.
    #: Once too where the step before was refused: what it was to make does not come.
    until: int = 0

    def __str__(self) -> str:
        return f"{'WATCH' if self.opens else self.method} {self.target}"


@dataclass(frozen=True)
class Collect:
    """The next `count` events of the watch that an earlier step opened; None: all until the server ends it."""

    watch: int | str
    count: int | None
    name: str = ""

    def __str__(self) -> str:
        return f"{'rest' if self.count is None else f'{self.count} events'} of {self.watch}"


Step = Send | Collect


class Case:
    """A named list of steps. Steps may be given as lists too, which are laid flat."""

    def __init__(
        self,
        name: str,
        *steps: Step | list[Step],
        namespace: bool = True,
        features: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self.steps: list[Step] = [each for step in steps for each in (step if isinstance(step, list) else [step])]
        #: Whether it needs a namespace of its own.
        self.namespace = namespace
        #: Feature gates that the real server needs beyond its defaults; such cases are played there only to record them.
        self.features = features


def _request(method: str, target: str, body: Any = None, *, media: str = "", name: str = "", **headers: str) -> Send:
    named = {key.replace("_", "-").lower(): value for key, value in headers.items()}
    if body is not None and "content-type" not in named:
        named["content-type"] = media or "application/json"
    return Send(method, target, body, named, name)


def GET(target: str, *, name: str = "", **headers: str) -> Send:
    return _request("GET", target, name=name, **headers)


def POST(target: str, body: Any = None, *, media: str = "", name: str = "", **headers: str) -> Send:
    return _request("POST", target, body, media=media, name=name, **headers)


def PUT(target: str, body: Any = None, *, media: str = "", name: str = "", **headers: str) -> Send:
    return _request("PUT", target, body, media=media, name=name, **headers)


def DELETE(target: str, body: Any = None, *, media: str = "", name: str = "", **headers: str) -> Send:
    return _request("DELETE", target, body, media=media, name=name, **headers)


def PATCH(target: str, body: Any = None, *, media: str = MERGE, name: str = "", **headers: str) -> Send:
    """A patch; `media` is its type: MERGE, STRATEGIC, JSON_PATCH or APPLY."""
    return _request("PATCH", target, body, media=media, name=name, **headers)


def SEND(method: str, target: str, body: Any = None, *, media: str = "", name: str = "", **headers: str) -> Send:
    """Any other method."""
    return _request(method, target, body, media=media, name=name, **headers)


def OPEN(target: str, *, name: str = "", **headers: str) -> Send:
    """Open a watch; the path and query in full (`?watch=1`). Its answer is the status; EVENTS and REST read on."""
    return Send(
        "GET", target, None, {key.replace("_", "-").lower(): value for key, value in headers.items()}, name, opens=True
    )


def EVENTS(watch: int | str, count: int, *, name: str = "") -> Collect:
    """The next `count` events of the watch opened by step `watch`."""
    return Collect(watch, count, name)


def REST(watch: int | str, *, name: str = "") -> Collect:
    """All events of a watch until the server ends it (give the watch a timeoutSeconds)."""
    return Collect(watch, None, name)


def UNTIL(status: int, step: Send) -> Send:
    """Repeat a request until its answer has this status, for at most ten seconds."""
    return Send(step.method, step.target, step.body, step.headers, step.name, until=status)


def CRD(
    schema: Any = None,
    *,
    plural: str = "widgets",
    kind: str = "Widget",
    scope: str = "Namespaced",
    version: Mapping[str, Any] | None = None,
    versions: list[dict[str, Any]] | None = None,
    **spec: Any,
) -> list[Step]:
    """Two steps: make a CRD in the case's group, and wait until `v1` (or the first served version) is served.

    `schema` is the openAPIV3Schema (default: an object whose fields are all kept), `version` more fields of the one version.
    """
    whole = {"type": "object", "x-kubernetes-preserve-unknown-fields": True} if schema is None else schema
    one = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": whole}, **(version or {})}
    listed = versions or [one]
    served = next(each["name"] for each in listed if each["served"])
    names = {"plural": plural, "kind": kind, "singular": kind.lower(), "listKind": f"{kind}List"}
    body = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": plural + ".{group}"},
        "spec": {"group": "{group}", "scope": scope, "names": names, "versions": listed, **spec},
    }
    return [
        POST("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", body),
        UNTIL(200, GET(f"/apis/{{group}}/{served}/{plural}")),
    ]
