from __future__ import annotations

from typing import Any

import pytest

from fairlead.api.caller import Caller
from fairlead.api.direct import Direct
from fairlead.api.discovery import Discovery, Guess
from fairlead.api.endpoint import Endpoint
from fairlead.apiserver.server import ApiServer
from fairlead.errors import NotFound, TransportError
from fairlead.machinery.dynamic import DynamicResource, reader
from fairlead.machinery.names import GroupVersionKind, ResourceType
from fairlead.transport.in_process import InProcessTransport
from tests.unit.api.canned import Answer, CannedTransport, refusal, reply

WIDGET = GroupVersionKind("example.com", "v1", "Widget")
CORE = GroupVersionKind("", "v1", "Pod")


def served(*names: tuple[str, str, bool]) -> Any:
    resources = [{"name": name, "kind": kind, "namespaced": namespaced} for name, kind, namespaced in names]
    return reply({"kind": "APIResourceList", "resources": resources})


def discovery(*answers: Answer) -> tuple[Discovery, CannedTransport]:
    transport = CannedTransport(*answers)
    return Discovery(Caller(transport)), transport


async def test_a_kind_is_found_once_and_remembered() -> None:
    found, transport = discovery(
        served(("widgets/status", "Widget", True), ("widgetz", "Widget", False), ("gadgets", "Gadget", True))
    )
    assert await found.find(WIDGET) == ResourceType("example.com", "v1", "Widget", "widgetz", namespaced=False)
    assert (await found.find(WIDGET._replace(kind="Gadget"))).plural == "gadgets"
    assert [request.target for request in transport.asked] == ["/apis/example.com/v1"]


async def test_a_missing_kind_is_asked_for_again_and_then_named_with_what_there_is() -> None:
    found, transport = discovery(
        served(("gadgets", "Gadget", True)), served(("gadgets", "Gadget", True)), served(("widgets", "Widget", True))
    )
    with pytest.raises(NotFound, match=r"no example\.com/v1 Widget; it serves Gadget"):
        await found.find(WIDGET)
    assert (await found.find(WIDGET)).plural == "widgets"
    assert len(transport.asked) == 3


async def test_a_group_that_is_not_there_is_told_as_such() -> None:
    found, _ = discovery(reply(b"404 page not found\n", 404), refusal(404, "NotFound"))
    with pytest.raises(NotFound, match="serves nothing of this group and version"):
        await found.find(WIDGET)


async def test_serves_asks_every_time() -> None:
    pods = ResourceType("", "v1", "Pod", "pods")
    found, transport = discovery(served(("pods", "Pod", True)), served(), reply({"resources": None}))
    assert [await found.serves(pods), await found.serves(pods), await found.serves(pods)] == [True, False, False]
    assert transport.asked[0].path == "/api/v1"


async def test_an_answer_that_is_no_list_is_the_connection_s_fault() -> None:
    for said in (b"<html>", b"[" * 100_000):
        found, _ = discovery(reply(said))
        with pytest.raises(TransportError, match="discover /api/v1: the answer is not"):
            await found.find(CORE)


async def test_the_in_memory_server_is_understood() -> None:
    server = ApiServer()
    transport = InProcessTransport(server)
    try:
        found = Discovery(Caller(transport))
        deployments = await found.find(GroupVersionKind("apps", "v1", "Deployment"))
        assert deployments == ResourceType("apps", "v1", "Deployment", "deployments")
        assert (await found.find(GroupVersionKind("", "v1", "Namespace"))).namespaced is False
        assert await found.serves(deployments)
    finally:
        await transport.close()
        await server.close()


async def test_only_what_is_not_where_it_was_has_discovery_asked_again() -> None:
    widgets = served(("widgets", "Widget", True))
    missing = {"kind": "Status", "code": 404, "reason": "NotFound", "details": {"name": "a", "kind": "widgets"}}
    found, transport = discovery(widgets, reply(missing, 404), reply(b"404 page not found\n", 404), widgets)
    end = Endpoint[DynamicResource](
        Caller(transport), ResourceType(*WIDGET, "guess"), reader(ResourceType(*WIDGET, "guess")), DynamicResource.from_dict,
        resolve=Guess(found, WIDGET),
    )  # fmt: skip
    for _ in range(2):
        with pytest.raises(NotFound, match=r"get widgets.* default/a"):
            await Direct(end).get("a", "default")
    asked = ["", "/namespaces/default/widgets/a", "/namespaces/default/widgets/a", ""]
    assert [request.path.removeprefix("/apis/example.com/v1") for request in transport.asked] == asked
