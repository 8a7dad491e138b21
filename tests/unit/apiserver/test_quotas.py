"""Quotas whose status the server keeps itself, and volumes that go once nothing uses them."""

from __future__ import annotations

from typing import Any

import pytest

from fairlead.apiserver.server import ApiServer
from fairlead.machinery import quantity
from tests.unit.apiserver.core_client import MERGE, Caller

NS = "/api/v1/namespaces/default"
QUOTAS, PODS, CLAIMS, SECRETS = (
    f"{NS}/{name}" for name in ("resourcequotas", "pods", "persistentvolumeclaims", "secrets")
)


def quota(name: str = "q", **hard: str) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": {"hard": {key.replace("_", "."): value for key, value in hard.items()}}}


def pod(name: str, claim: str = "", **requests: str) -> dict[str, Any]:
    container = {"name": "c", "image": "x", "resources": {"requests": requests}}
    volumes = [{"name": "v", "persistentVolumeClaim": {"claimName": claim}}] if claim else []
    return {"metadata": {"name": name}, "spec": {"containers": [container], "volumes": volumes}}


def claim(name: str) -> dict[str, Any]:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    return {"metadata": {"name": name}, "spec": spec}


async def used(caller: Caller, name: str = "q") -> dict[str, str]:
    await caller.server.settle()
    return (await caller.send("GET", f"{QUOTAS}/{name}"))["status"]["used"]


async def test_a_quota_holds_from_the_moment_that_it_is_there() -> None:
    caller = Caller(ApiServer())
    await caller.create(SECRETS, {"metadata": {"name": "a"}})
    await caller.create(QUOTAS, quota(secrets="1"))
    refused = await caller.send("POST", SECRETS, {"metadata": {"name": "b"}})
    assert (refused.code, refused["message"]) == (
        403, 'secrets "b" is forbidden: exceeded quota: q, requested: secrets=1, used: secrets=1, limited: secrets=1'
    )  # fmt: skip
    assert await used(caller) == {"secrets": "1"}


async def test_what_goes_is_free_again_and_a_higher_limit_counts() -> None:
    caller = Caller(ApiServer())
    await caller.create(QUOTAS, quota(secrets="1"))
    await caller.create(SECRETS, {"metadata": {"name": "a"}})
    assert await used(caller) == {"secrets": "1"}
    await caller.send("DELETE", f"{SECRETS}/a")
    await caller.create(SECRETS, {"metadata": {"name": "b"}})
    assert (await caller.send("POST", SECRETS, {"metadata": {"name": "c"}})).code == 403
    await caller.send("PATCH", f"{QUOTAS}/q", {"spec": {"hard": {"secrets": "2", "pods": "1"}}}, MERGE)
    await caller.create(SECRETS, {"metadata": {"name": "c"}})
    assert await used(caller) == {"secrets": "2", "pods": "0"}


async def test_a_write_that_fails_after_it_was_counted_is_counted_no_more() -> None:
    caller = Caller(ApiServer())
    await caller.create(QUOTAS, quota(secrets="3"))
    await caller.create(SECRETS, {"metadata": {"name": "a"}})
    for _ in range(3):
        assert (await caller.send("POST", SECRETS, {"metadata": {"name": "a"}})).code == 409
    assert await used(caller) == {"secrets": "1"}


async def test_a_pod_that_has_ended_needs_nothing_any_more() -> None:
    caller = Caller(ApiServer())
    await caller.create(QUOTAS, quota(requests_cpu="1", pods="5"))
    await caller.create(PODS, pod("a", cpu="600m"))
    assert (await caller.send("POST", PODS, pod("b", cpu="600m"))).code == 403
    await caller.send("PATCH", f"{PODS}/a/status", {"status": {"phase": "Succeeded"}}, MERGE)
    await caller.create(PODS, pod("b", cpu="600m"))
    assert await used(caller) == {"pods": "1", "requests.cpu": "600m"}


async def test_without_the_controller_nothing_is_held() -> None:
    caller = Caller(ApiServer(quota_controller=False))
    await caller.create(QUOTAS, quota(secrets="0"))
    await caller.create(SECRETS, {"metadata": {"name": "a"}})


async def test_custom_objects_are_counted_and_other_namespaces_are_not() -> None:
    caller = Caller(ApiServer())
    group, plural = "example.com", "widgets"
    caller.server.load([
        {
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{plural}.{group}"},
            "spec": {
                "group": group, "scope": "Namespaced", "names": {"plural": plural, "kind": "Widget"},
                "versions": [
                    {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object"}}}
                ],
            },
        }
    ])  # fmt: skip
    await caller.create(QUOTAS, {"metadata": {"name": "q"}, "spec": {"hard": {"count/widgets.example.com": "0"}}})
    body = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "a"}}
    assert (await caller.send("POST", "/apis/example.com/v1/namespaces/default/widgets", body)).code == 403
    await caller.create("/apis/example.com/v1/namespaces/kube-public/widgets", body)


@pytest.mark.parametrize(
    ("one", "other", "sum_", "difference"),
    [
        ("1", "500m", "1500m", "500m"), ("100Mi", "0.5Gi", "612Mi", "-412Mi"), ("0", "1Gi", "1Gi", "-1Gi"),
        ("1Gi", "1G", "2073741824", "73741824"), ("2e3", "1", "2001", "1999"), ("1", "1", "2", "0"),
    ],
)  # fmt: skip
def test_sums_of_quantities(one: str, other: str, sum_: str, difference: str) -> None:
    assert (quantity.total(one, other), quantity.total(one, other, sign=-1)) == (sum_, difference)


# Protection ------------------------------------------------------------------------------------------------------


async def gone(caller: Caller, target: str) -> bool:
    await caller.server.settle()
    return (await caller.send("GET", target)).code == 404


async def test_a_claim_that_nothing_uses_goes() -> None:
    caller = Caller(ApiServer())
    await caller.create(CLAIMS, claim("a"))
    await caller.send("DELETE", f"{CLAIMS}/a")
    assert await gone(caller, f"{CLAIMS}/a")


@pytest.mark.parametrize("end", ["delete", "finish"])
async def test_a_claim_that_a_pod_uses_waits_for_it(end: str) -> None:
    caller = Caller(ApiServer())
    await caller.create(CLAIMS, claim("a"))
    await caller.create(PODS, pod("user", "a"))
    await caller.create(PODS, pod("other", "b"))
    await caller.send("DELETE", f"{CLAIMS}/a")
    assert not await gone(caller, f"{CLAIMS}/a")
    if end == "delete":
        await caller.send("DELETE", f"{PODS}/user?gracePeriodSeconds=0")
    else:
        await caller.send("PATCH", f"{PODS}/user/status", {"status": {"phase": "Failed"}}, MERGE)
    assert await gone(caller, f"{CLAIMS}/a")


async def test_a_bound_volume_waits_and_other_finalizers_stay() -> None:
    caller = Caller(ApiServer())
    volumes = "/api/v1/persistentvolumes"
    spec = {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/x"}}
    for name, finalizers in (("a", []), ("b", ["example.com/mine"])):
        await caller.create(volumes, {"metadata": {"name": name, "finalizers": finalizers}, "spec": spec})
        await caller.send("PATCH", f"{volumes}/{name}/status", {"status": {"phase": "Bound"}}, MERGE)
        await caller.send("DELETE", f"{volumes}/{name}")
        assert not await gone(caller, f"{volumes}/{name}")
        await caller.send("PATCH", f"{volumes}/{name}/status", {"status": {"phase": "Released"}}, MERGE)
    assert await gone(caller, f"{volumes}/a")
    assert (await caller.send("GET", f"{volumes}/b")).meta["finalizers"] == ["example.com/mine"]


async def test_without_the_controller_the_finalizer_stays() -> None:
    caller = Caller(ApiServer(protection_controller=False))
    await caller.create(CLAIMS, claim("a"))
    await caller.send("DELETE", f"{CLAIMS}/a")
    assert not await gone(caller, f"{CLAIMS}/a")
