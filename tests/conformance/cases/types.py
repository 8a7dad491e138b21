"""Each built-in type's life, from a create to its end: what the server sets, what counts as a change, how it is refused and deleted."""

from __future__ import annotations

from typing import Any

from fairlead.apiserver.registry import ResourceInfo
from tests.conformance.builtins import collection, listable, named
from tests.conformance.case import DELETE, EVENTS, GET, OPEN, PATCH, POST, PUT, Case
from tests.conformance.samples import SAMPLES, sample

#: Made by others than those who write manifests, or only with what this cluster does not have.
_LEFT_OUT = frozenset(
    {
        "apiservices", "certificatesigningrequests", "clustertrustbundles", "podcertificaterequests", "customresourcedefinitions", "ipaddresses", "servicecidrs",
        "mutatingadmissionpolicies", "mutatingadmissionpolicybindings", "resourceslices", "devicetaintrules", "storageversionmigrations", "namespaces",
        "flowschemas", "validatingadmissionpolicybindings",
    }
)  # fmt: skip


def _shown() -> list[ResourceInfo]:
    found = [info for info in listable() if info.type.plural not in _LEFT_OUT]
    missing = [
        named(info)
        for info in found
        if (info.type.group, info.type.plural) not in SAMPLES and info.type.group != "events.k8s.io"
    ]
    assert not missing, f"no sample of {', '.join(missing)}"
    return [info for info in found if (info.type.group, info.type.plural) in SAMPLES]


def _name(info: ResourceInfo) -> str:
    return "a" if info.type.namespaced else "{id}"


def _body(info: ResourceInfo, **meta: Any) -> dict[str, Any]:
    body = sample(info.type.group, info.type.plural, _name(info))
    return {**body, "metadata": {**body["metadata"], **meta}}


def _life(info: ResourceInfo) -> Case:
    path = collection(info)
    one = f"{path}/{_name(info)}"
    return Case(
        f"the life of {named(info)}",
        POST(path, _body(info), name="made"),
        OPEN(
            f"{path}?watch=1&fieldSelector=metadata.name%3D{_name(info)}&resourceVersion={{made.metadata.resourceVersion}}",
            name="w",
        ),
        GET(one),
        POST(path, _body(info)),
        PUT(one, _body(info, resourceVersion="{made.metadata.resourceVersion}")),
        PATCH(one, {"metadata": {"labels": {"a": "b"}, "annotations": {"c": "d"}}}, name="patched"),
        PATCH(one, {"metadata": {"labels": {"a": "b"}}}),
        PUT(one, _body(info, resourceVersion="{made.metadata.resourceVersion}", labels={"x": "y"})),
        GET(f"{path}?fieldSelector=metadata.name%3D{_name(info)}"),
        DELETE(one, {"gracePeriodSeconds": 0}),
        GET(one),
        EVENTS("w", 2),
    )


def _refusals(info: ResourceInfo) -> Case:
    path = collection(info)
    return Case(
        f"what is refused of {named(info)}",
        POST(path, {**_body(info), "metadata": {"name": "A_{id}"}}),
        POST(path, _body(info, labels={"a b": "c"})),
        POST(path, _body(info, finalizers=["x"])),
        POST(f"{path}?fieldValidation=Strict", {**_body(info), "nonsense": 1}),
        POST(path, {**_body(info), "metadata": 5}),
        PUT(f"{path}/none-{{id}}", {**_body(info), "metadata": {"name": "other"}}),
        PATCH(f"{path}/none-{{id}}", {}),
        DELETE(f"{path}/none-{{id}}"),
        GET(f"{path}?fieldSelector=nothing%3Dx"),
        GET(f"{path}/none-{{id}}/nothing"),
    )


def _status(info: ResourceInfo) -> Case:
    """What a write through the status endpoint changes, and what one through the object leaves of the status."""
    path = collection(info)
    one = f"{path}/{_name(info)}"
    conditions = "conditions" in getattr(info.schema.field("status"), "properties", {})
    status = (
        {
            "conditions": [
                {
                    "type": "X",
                    "status": "True",
                    "lastTransitionTime": "2020-01-01T00:00:00Z",
                    "reason": "R",
                    "message": "m",
                }
            ]
        }
        if conditions
        else {}
    )
    return Case(
        f"the status of {named(info)}",
        POST(path, {**_body(info), "status": status}, name="made"),
        PUT(
            f"{one}/status",
            {**_body(info, labels={"a": "b"}, annotations={"c": "d"}, finalizers=["x.io/y"]), "status": status},
        ),
        PATCH(f"{one}/status", {"metadata": {"labels": {"e": "f"}, "annotations": {"g": "h"}}, "status": status}),
        PATCH(one, {"metadata": {"labels": {"i": "j"}}, "status": None}),
        GET(f"{one}/status"),
        PUT(f"{one}/status", {**_body(info, resourceVersion="1"), "status": status}),
        PUT(f"{one}/status", {**_body(info), "metadata": {"name": "other"}, "status": status}),
        PATCH(f"{path}/none-{{id}}/status", {"status": status}),
    )


def _collection(info: ResourceInfo) -> Case:
    path = collection(info)
    label = {"of": "{id}"}
    bodies = [{**_body(info), "metadata": {"name": f"{_name(info)}-{n}", "labels": label}} for n in range(2)]
    return Case(
        f"a collection of {named(info)}",
        *[POST(path, body) for body in bodies],
        GET(f"{path}?labelSelector=of%3D{{id}}&limit=1"),
        DELETE(f"{path}?labelSelector=of%3D{{id}}&dryRun=All"),
        DELETE(f"{path}?labelSelector=of%3D{{id}}"),
        GET(f"{path}?labelSelector=of%3D{{id}}"),
    )


CASES = [*(_life(info) for info in _shown()), *(_refusals(info) for info in _shown())]
CASES += [_status(info) for info in _shown() if info.subresource("status") is not None]
CASES += [_collection(info) for info in _shown() if "deletecollection" in info.verbs]
