"""The CustomResourceDefinition of a user's class, or of a type that is only named: as a manifest, or at a server."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, overload

from fairlead.client.client import Client
from fairlead.client.kinship import check_kin
from fairlead.conditions import established
from fairlead.errors import InvalidObject, NotFound, NotSynced
from fairlead.machinery.crd import custom_resource_definition
from fairlead.machinery.dynamic import DynamicResource
from fairlead.machinery.names import default_plural, split_api_version
from fairlead.machinery.objects import Resource
from fairlead.machines.backoff import Backoff

__all__ = ["ensure_crd", "make_crd"]

_CRD = ("apiextensions.k8s.io/v1", "CustomResourceDefinition")
_OPEN_SCHEMA = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


@overload
def make_crd(type_: type[Resource], /, *, annotations: Mapping[str, str] | None = None) -> dict[str, Any]: ...
@overload
def make_crd(
    api_version: str,
    kind: str,
    /,
    *,
    annotations: Mapping[str, str] | None = None,
    plural: str = "",
    namespaced: bool = True,
) -> dict[str, Any]: ...
def make_crd(
    type_: type[Resource] | str,
    kind: str = "",
    /,
    *,
    annotations: Mapping[str, str] | None = None,
    plural: str = "",
    namespaced: bool = True,
) -> dict[str, Any]:
    """The manifest of a CustomResourceDefinition, to be given to a FakeClient or created.

    Of a class it has a structural schema made from the class's annotations, and a part named `status` makes a status
    subresource; of a type that is only named (`make_crd("example.com/v1", "Widget")`) it takes every field, and has a status.
    Raises InvalidObject, naming class and field, for a type that has no schema, and without a group, a version and a kind.
    """
    if isinstance(type_, str):
        document = _open_definition(type_, kind, plural, namespaced=namespaced)
    else:
        document = custom_resource_definition(type_).to_dict()
    if annotations:
        document["metadata"]["annotations"] = dict(annotations)
    return document


def _open_definition(api_version: str, kind: str, plural: str, *, namespaced: bool) -> dict[str, Any]:
    group, version = split_api_version(api_version)
    if not (group and version and kind):
        raise InvalidObject(
            f"make_crd({api_version!r}, {kind!r}): a group with a version, and a kind, are needed: "
            'make_crd("example.com/v1", "Widget"), or make_crd(YourClass)'
        )
    plural = plural or default_plural(kind)
    properties = {"spec": _OPEN_SCHEMA, "status": _OPEN_SCHEMA}
    return {
        "apiVersion": _CRD[0],
        "kind": _CRD[1],
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "names": {"kind": kind, "listKind": f"{kind}List", "plural": plural, "singular": kind.lower()},
            "scope": "Namespaced" if namespaced else "Cluster",
            "versions": [
                {
                    "name": version,
                    "served": True,
                    "storage": True,
                    "subresources": {"status": {}},
                    "schema": {"openAPIV3Schema": {**_OPEN_SCHEMA, "properties": properties}},
                }
            ],
        },
    }


async def ensure_crd(
    client: Client,
    type_: type[Resource] | Mapping[str, Any],
    /,
    *,
    annotations: Mapping[str, str] | None = None,
    timeout: float = 30.0,
) -> DynamicResource:
    """Create a CustomResourceDefinition, or update it, and return once its type is established and answers.

    Takes a class, or a manifest such as `make_crd` gives. Raises ConditionNotMet or NotSynced after `timeout` seconds.
    """
    check_kin(client, Client, "fairlead.testing.ensure_crd")
    document = make_crd(type_) if isinstance(type_, type) else dict(type_)
    if annotations:
        document["metadata"] = {**document["metadata"], "annotations": dict(annotations)}
    direct = client.direct(*_CRD)
    made = await direct.create_or_update(DynamicResource.from_dict(document))
    found = await direct.wait_for(made.name, condition=established(), timeout=timeout)
    await _answers(client, document, timeout)
    return found or made


async def _answers(client: Client, document: Mapping[str, Any], timeout: float) -> None:
    """A new type's path answers 404 for a moment after it is established, and nothing tells of the end of that."""
    spec = document["spec"]
    versions = [version["name"] for version in spec["versions"] if version.get("served", True)]
    backoff = Backoff(0.01, 0.5)
    try:
        async with asyncio.timeout(timeout):
            for version in versions:
                while not await _served(client, f"{spec['group']}/{version}", spec["names"]["kind"]):  # noqa: ASYNC110
                    await asyncio.sleep(backoff.delay())
    except TimeoutError:
        raise NotSynced(f"{document['metadata']['name']}: established, but not served after {timeout:g} s") from None


async def _served(client: Client, api_version: str, kind: str) -> bool:
    try:
        async for _ in client.direct(api_version, kind).pages(page_size=1):
            return True
    except NotFound:
        return False
    return True
