"""Requests that make no sense are refused; none of them is the server's fault."""

from __future__ import annotations

from typing import Any

import pytest

from fairlead.apiserver.server import ApiServer
from tests.unit.apiserver.core_client import APPLY, CONFIGMAPS, JSON_PATCH, MERGE, Caller, config_map, definition, run

JUNK: list[Any] = [None, 0, -1, 1.5, True, "", "x", [], {}, [None], [{}], {"": None}, [[]], 2**70]
FIELDS = ["metadata", "spec", "status", "data", "kind", "apiVersion", "roleRef", "webhooks"]
META = ["name", "labels", "annotations", "finalizers", "ownerReferences", "managedFields", "resourceVersion", "uid"]
PATHS = [
    CONFIGMAPS,
    "/api/v1/namespaces/default/pods",
    "/api/v1/namespaces",
    "/apis/apps/v1/namespaces/default/deployments",
    "/apis/batch/v1/namespaces/default/cronjobs",
    "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers",
    "/apis/example.com/v1/namespaces/default/webs",
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
]


@pytest.mark.parametrize("path", PATHS)
def test_no_junk_makes_the_server_fail(path: str) -> None:
    async def body() -> None:
        server = ApiServer()
        server.load([definition()])
        client = Caller(server)
        documents = [{"metadata": {"name": "a"}, field: junk} for field in FIELDS for junk in JUNK]
        documents += [{"metadata": {"name": "a", field: junk}} for field in META for junk in JUNK]
        for document in documents:
            for method, target, media in (
                ("POST", path, "application/json"),
                ("PUT", f"{path}/a", "application/json"),
                ("PATCH", f"{path}/a", MERGE),
                ("PATCH", f"{path}/a?fieldManager=m", APPLY),
            ):
                answer = await client.send(method, target, document, media)
                assert answer.code < 500 or answer.body.get("reason") != "InternalError", (
                    method,
                    document,
                    answer.text,
                )
        await server.settle()

    run(body())


@pytest.mark.parametrize("junk", JUNK)
def test_no_patch_or_options_of_junk_make_the_server_fail(junk: Any) -> None:
    async def body() -> None:
        client = Caller(ApiServer())
        await client.create(CONFIGMAPS, config_map("a"))
        for operation in ("add", "remove", "replace", "move", "test", junk):
            for path in ("", "/", "/metadata", "/metadata/name", "/x/y", junk):
                patch = [{"op": operation, "path": path, "value": junk, "from": junk}]
                assert (await client.send("PATCH", f"{CONFIGMAPS}/a", patch, JSON_PATCH)).code < 500
        for name in ("preconditions", "gracePeriodSeconds", "dryRun", "propagationPolicy", "orphanDependents"):
            assert (await client.send("DELETE", f"{CONFIGMAPS}/none", {name: junk})).code < 500
        for query in ("labelSelector", "fieldSelector", "limit", "continue", "resourceVersionMatch", "timeoutSeconds"):
            assert (await client.send("GET", f"{CONFIGMAPS}?{query}={junk}")).code < 500

    run(body())
