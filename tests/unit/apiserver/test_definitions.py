"""Converters in the place of webhooks, and what is said of rules that are not enforced."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from fairlead.apiserver.server import ApiServer
from tests.unit.apiserver.core_client import DEFINITIONS, Caller, run

_ANYTHING: dict[str, Any] = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


def _definition(schema: dict[str, Any]) -> dict[str, Any]:
    names = {"plural": "webs", "kind": "Web", "singular": "web", "listKind": "WebList"}
    versions = [
        {"name": name, "served": True, "storage": name == "v1", "schema": {"openAPIV3Schema": schema}}
        for name in ("v1", "v2")
    ]
    spec = {"group": "example.com", "scope": "Namespaced", "names": names, "versions": versions}
    head = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}
    return {**head, "metadata": {"name": "webs.example.com"}, "spec": spec}


def _path(version: str) -> str:
    return f"/apis/example.com/{version}/namespaces/default/webs"


def test_a_converter_gives_objects_in_other_versions() -> None:
    def convert(document: dict[str, Any], api_version: str) -> dict[str, Any]:
        if document["spec"] == {"bad": True}:
            raise ValueError("no such version")
        old, new = ("one", "two") if api_version.endswith("v2") else ("two", "one")
        return {**document, "spec": {new: document["spec"][old]}}

    async def body() -> None:
        server = ApiServer()
        server.converters["webs.example.com"] = convert
        client = Caller(server)
        await client.create(DEFINITIONS, _definition(_ANYTHING))
        await asyncio.sleep(0)
        head = {"kind": "Web", "metadata": {"name": "a"}}
        await client.create(_path("v2"), {**head, "apiVersion": "example.com/v2", "spec": {"two": 1}})
        assert (await client.send("GET", f"{_path('v1')}/a"))["spec"] == {"one": 1}
        assert (await client.send("GET", f"{_path('v2')}/a"))["spec"] == {"two": 1}
        bad = {"kind": "Web", "apiVersion": "example.com/v1", "metadata": {"name": "b"}, "spec": {"bad": True}}
        await client.create(_path("v1"), bad)
        refused = await client.send("GET", f"{_path('v2')}/b")
        assert refused.code == 500
        assert refused["message"] == "conversion webhook for example.com/v1, Kind=Web failed: no such version"

    run(body())


def test_rules_are_reported_once_as_not_enforced(caplog: pytest.LogCaptureFixture) -> None:
    async def body() -> None:
        client = Caller(ApiServer())
        ruled = {**_ANYTHING, "x-kubernetes-validations": [{"rule": "false"}]}
        await client.create(DEFINITIONS, _definition(ruled))
        await asyncio.sleep(0)
        head = {"kind": "Web", "apiVersion": "example.com/v1", "metadata": {"name": "a"}}
        await client.create(_path("v1"), head)
        await client.send("GET", f"{_path('v1')}/a")

    run(body())
    assert [record.getMessage() for record in caplog.records if "x-kubernetes-validations" in record.getMessage()] == [
        "webs.example.com has x-kubernetes-validations: they are stored, but not enforced"
    ]
