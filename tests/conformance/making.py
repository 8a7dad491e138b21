"""Objects as cases make them, called `a`: of built-in types by type and content, and widgets, which a definition is made for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from fairlead.apiserver.registry import Registry
from tests.conformance.builtins import collection
from tests.conformance.case import POST, Send

__all__ = ["CONTAINERS", "MADE", "NGINX", "NGINX_TEMPLATE", "SELECTOR", "TEMPLATE", "widget"]

CONTAINERS = [{"name": "c", "image": "x"}]
NGINX = [{"name": "c", "image": "nginx"}]
TEMPLATE = {"metadata": {"labels": {"app": "a"}}, "spec": {"containers": CONTAINERS}}
NGINX_TEMPLATE = {"metadata": {"labels": {"app": "a"}}, "spec": {"containers": NGINX}}
SELECTOR = {"matchLabels": {"app": "a"}}


def MADE(type_: str, content: Mapping[str, Any] | None = None) -> Send:
    """Create `a`, of a type such as `apps/v1 Deployment`, with this content."""
    api_version, kind = type_.split()
    body = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "a"}, **(content or {})}
    return POST(_paths()[api_version, kind], body)


def widget(name: str = "a", version: str = "v1", **fields: Any) -> dict[str, Any]:
    """An object of the type that `CRD` defines in a case's group."""
    return {"apiVersion": f"{{group}}/{version}", "kind": "Widget", "metadata": {"name": name}, **fields}


@cache
def _paths() -> Mapping[tuple[str, str], str]:
    return dict(_collections())


def _collections() -> Iterator[tuple[tuple[str, str], str]]:
    registry = Registry()
    for group, version in registry.builtin_group_versions:
        for info in registry.resources(group, version):
            yield (info.type.api_version, info.type.kind), collection(info)
