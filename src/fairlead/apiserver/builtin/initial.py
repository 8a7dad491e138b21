"""What every cluster has from the beginning: priority classes, roles, flow control, the range of services.

Objects are there from the first look at their resource, and none is made before: a server starts without them. Their
resourceVersions are below the first that is given out, as if they had been made at start.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import msgspec

from fairlead.apiserver.builtin.canonical import ordered
from fairlead.apiserver.documents import Document
from fairlead.apiserver.storage import Collection

__all__ = ["seed"]


@functools.cache
def _recorded() -> dict[str, msgspec.Raw]:
    """Recorded from kube-apiserver 1.37: group/resource → objects, without what differs from server to server."""
    raw = files("fairlead.apiserver.builtin").joinpath("initial.json").read_bytes()
    return msgspec.json.decode(raw, type=dict[str, msgspec.Raw])


def seed(collection: Collection, uid: Callable[[], str], now: Callable[[], str]) -> None:
    """Put the first objects into a collection that has just been made."""
    key = f"{collection.group}/{collection.plural}"
    if key not in _SEEDED:
        return
    # All of one resource share a version: the order in which they were made is not observable.
    version = 1 + _SEEDED.index(key)
    for document in _objects(key):
        meta = document["metadata"]
        meta.update(uid=uid(), creationTimestamp=now())
        for condition in document.get("status", {}).get("conditions") or ():
            condition["lastTransitionTime"] = meta["creationTimestamp"]
        collection.seed(ordered(document, document["kind"], document["apiVersion"]), version)


def _objects(key: str) -> list[Document]:
    raw = _SERVICES if key == "/services" else _recorded()[key]
    return msgspec.json.decode(raw, type=list[dict[str, Any]])


#: The first of the range of services.
_ADDRESS = "10.0.0.1"
_KUBERNETES: Document = {
    "kind": "Service",
    "apiVersion": "v1",
    "metadata": {
        "name": "kubernetes",
        "namespace": "default",
        "labels": {"component": "apiserver", "provider": "kubernetes"},
    },
    "spec": {
        "ports": [{"name": "https", "protocol": "TCP", "port": 443, "targetPort": 6443}],
        "clusterIP": _ADDRESS,
        "clusterIPs": [_ADDRESS],
        "type": "ClusterIP",
        "sessionAffinity": "None",
        "ipFamilies": ["IPv4"],
        "ipFamilyPolicy": "SingleStack",
        "internalTrafficPolicy": "Cluster",
    },
    "status": {"loadBalancer": {}},
}
_SERVICES = msgspec.json.encode([_KUBERNETES])
_SEEDED = (
    "scheduling.k8s.io/priorityclasses",
    "flowcontrol.apiserver.k8s.io/prioritylevelconfigurations",
    "flowcontrol.apiserver.k8s.io/flowschemas",
    "rbac.authorization.k8s.io/clusterroles",
    "rbac.authorization.k8s.io/clusterrolebindings",
    "rbac.authorization.k8s.io/roles",
    "rbac.authorization.k8s.io/rolebindings",
    "networking.k8s.io/servicecidrs",
    "/services",
)
