"""What reviews answer: by the roles that are stored."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fairlead.apiserver.access.who import User
from fairlead.apiserver.server import ApiServer
from fairlead.machinery.wire import Request, Response

RBAC = "/apis/rbac.authorization.k8s.io/v1"
REVIEWS = "/apis/authorization.k8s.io/v1"
BOB = {"user": "bob", "groups": ["devs"]}


async def send(server: ApiServer, path: str, body: dict[str, Any]) -> dict[str, Any]:
    request = Request("POST", path, headers={"content-type": "application/json"}, body=json.dumps(body).encode())
    answer = await server.handle(request)
    assert isinstance(answer, Response)
    found: dict[str, Any] = json.loads(answer.body)
    assert answer.status == 201, found
    return found


async def may(server: ApiServer, **attributes: Any) -> dict[str, Any]:
    spec = {**BOB, **attributes}
    found: dict[str, Any] = (await send(server, f"{REVIEWS}/subjectaccessreviews", {"spec": spec}))["status"]
    return found


def resource(verb: str, plural: str, group: str = "", **more: str) -> dict[str, Any]:
    return {"resourceAttributes": {"verb": verb, "resource": plural, "group": group, **more}}


async def grant(server: ApiServer, subject: dict[str, Any], *rules: dict[str, Any], namespace: str = "") -> None:
    kind, place = ("Role", f"{RBAC}/namespaces/{namespace}") if namespace else ("ClusterRole", RBAC)
    await send(server, f"{place}/{kind.lower()}s", {"metadata": {"name": "r"}, "rules": list(rules)})
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": "r"}
    binding = {"metadata": {"name": "b"}, "subjects": [subject], "roleRef": reference}
    await send(server, f"{place}/{kind.lower()}bindings", binding)


async def test_who_has_no_role_may_do_nothing_and_masters_everything() -> None:
    server = ApiServer()
    assert await may(server, **resource("get", "pods")) == {"allowed": False}
    assert await may(server, groups=["system:masters"], **resource("get", "pods")) == {"allowed": True}


@pytest.mark.parametrize(
    "subject",
    [{"kind": "User", "name": "bob"}, {"kind": "Group", "name": "devs"}],
)
async def test_a_cluster_role_says_what_may_be_done_everywhere(subject: dict[str, Any]) -> None:
    server = ApiServer()
    rule = {"verbs": ["get"], "apiGroups": ["apps"], "resources": ["deployments", "*/scale"]}
    await grant(server, subject, rule, {"verbs": ["get"], "nonResourceURLs": ["/metrics/*"]})
    found = await may(server, **resource("get", "deployments", "apps", namespace="x"))
    shown = f'{subject["kind"]} "{subject["name"]}"'
    assert found == {
        "allowed": True,
        "reason": f'RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "r" to {shown}',
    }
    assert (await may(server, **resource("get", "statefulsets", "apps", subresource="scale")))["allowed"]
    assert not (await may(server, **resource("list", "deployments", "apps")))["allowed"]
    assert not (await may(server, **resource("get", "deployments", "apps", subresource="status")))["allowed"]
    assert (await may(server, nonResourceAttributes={"verb": "get", "path": "/metrics/slis"}))["allowed"]
    assert not (await may(server, nonResourceAttributes={"verb": "get", "path": "/metric"}))["allowed"]


async def test_a_role_says_it_for_its_namespace() -> None:
    server = ApiServer()
    account = {"kind": "ServiceAccount", "name": "robot", "namespace": "default"}
    rule = {"verbs": ["*"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["mine"]}
    await grant(server, account, rule, namespace="default")
    robot = {"user": "system:serviceaccount:default:robot"}
    found = await may(server, **robot, **resource("update", "secrets", namespace="default", name="mine"))
    reason = 'RBAC: allowed by RoleBinding "b/default" of Role "r" to ServiceAccount "robot/default"'
    assert found == {"allowed": True, "reason": reason}
    for name, namespace in (("other", "default"), ("mine", "kube-system"), ("mine", "")):
        attributes = resource("update", "secrets", namespace=namespace, name=name)
        assert not (await may(server, **robot, **attributes))["allowed"]


async def test_own_rules_are_those_of_ones_roles() -> None:
    server = ApiServer(tokens={"t": User("bob")})
    body = json.dumps({"spec": {"namespace": "default"}}).encode()
    headers = {"content-type": "application/json", "authorization": "Bearer t"}
    answer = await server.handle(Request("POST", f"{REVIEWS}/selfsubjectrulesreviews", headers=headers, body=body))
    assert isinstance(answer, Response)
    status = json.loads(answer.body)["status"]
    assert {"verbs": ["create"], "apiGroups": ["authentication.k8s.io"], "resources": ["selfsubjectreviews"]} in status[
        "resourceRules"
    ]
    assert status["incomplete"] is False
    assert all("*" not in rule["verbs"] for rule in status["resourceRules"])


@pytest.mark.parametrize(
    ("runtime_config", "served"),
    [
        ((), False),
        (("api/all",), True),
        (("api/beta",), True),
        (("resource.k8s.io/v1beta1",), True),
        (("api/alpha",), False),
    ],
)
async def test_only_stable_versions_are_served_unless_others_are_asked_for(
    runtime_config: tuple[str, ...], served: bool
) -> None:
    answer = await ApiServer(runtime_config=runtime_config).handle(Request("GET", "/apis/resource.k8s.io/v1beta1"))
    assert (answer.status == 200) is served
