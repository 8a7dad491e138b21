"""What a CustomResourceDefinition is refused for, field by field: versions, conversion, columns, selectable fields, scale."""

from __future__ import annotations

from typing import Any

from tests.conformance.case import POST, Case, Send

DRY = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All"
FIELDS = {"a": {"type": "string"}, "n": {"type": "integer"}, "l": {"type": "array", "items": {"type": "string"}}}
SCHEMA = {"type": "object", "properties": {"spec": {"type": "object", "properties": FIELDS}}}


def version(**more: Any) -> dict[str, Any]:
    return {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": SCHEMA}, **more}


def made(versions: Any = None, **spec: Any) -> Send:
    names = {"plural": "widgets", "kind": "Widget"}
    whole = {"group": "{group}", "scope": "Namespaced", "names": names, "versions": versions, **spec}
    return POST(DRY, {"metadata": {"name": "widgets.{group}"}, "spec": whole})


def converted(client: Any, **webhook: Any) -> Send:
    hook = {"clientConfig": client, "conversionReviewVersions": ["v1"], **webhook}
    return made([version()], conversion={"strategy": "Webhook", "webhook": hook})


def service(**more: Any) -> dict[str, Any]:
    return {"service": {"namespace": "a", "name": "b", **more}}


def column(**more: Any) -> dict[str, Any]:
    return {"additionalPrinterColumns": [{"name": "A", "type": "string", "jsonPath": ".x", **more}]}


def selectable(*paths: str) -> dict[str, Any]:
    return {"selectableFields": [{"jsonPath": path} for path in paths]}


def scale(spec: str, status: str, **more: str) -> dict[str, Any]:
    return {"subresources": {"scale": {"specReplicasPath": spec, "statusReplicasPath": status, **more}}}


VERSIONS: list[Any] = [
    [], None, [{}], [version(), version()], [version(storage=False)], [version(), version(name="v2")],
    [version(served=False)], [version(name="V1")], [version(name="")], [version(schema=None)], [version(schema={})],
    [version(deprecated=True, deprecationWarning="x" * 300)], [version(deprecationWarning="x")],
    [version(deprecated=True, deprecationWarning="a\nb")],
]  # fmt: skip
URLS = (
    "http://x/y", "https://", "https://x", "https://x/y?z=1", "https://x/y#f", "https://u:p@x/y", "x", "//x/y",
    "https://x/y/../z", "https://:80/", "ftp://x", "https://[::1]:8/x", "https://x:99999/", "", "https:///x", "http://",
    " https://x", "https://x y/", "https://x/%zz", "HTTPS://x", "https://x:y/", ":x", "https://x<y/", "https://x/\x01",
)  # fmt: skip
CONVERSIONS: list[Any] = [
    {"strategy": "Webhook"}, {"strategy": "X"}, {}, {"strategy": ""}, {"strategy": "Webhook", "webhook": {}},
    {"strategy": "None", "webhook": {"clientConfig": {"url": "https://x"}, "conversionReviewVersions": ["v1"]}},
    {"strategy": "Webhook", "webhook": {"conversionReviewVersions": ["v1"]}},
]  # fmt: skip
CLIENTS: list[Any] = [
    {}, {"url": "https://x", **service()}, service(), service(port=0), service(port=70000), service(path="x"),
    service(path="/x/../y"), service(path="/x//y"), service(path="/"), service(path="/é/Y"), {"service": {}},
    {"service": {"namespace": "A", "name": "_"}}, {"url": "https://x", "caBundle": "AAEC"},
]  # fmt: skip
COLUMNS: tuple[Any, ...] = (
    column(name=""), column(type="x"), column(jsonPath="x"), column(jsonPath=""), column(jsonPath=".x[", format="zz"),
    column(jsonPath=".x[?(@.a==1)].b"), column(type="integer", format="int32", priority=-1),
    {"additionalPrinterColumns": [{}]},
    {"additionalPrinterColumns": [{"name": "A", "type": "string", "jsonPath": path} for path in (".x", ".y")]},
)  # fmt: skip
SELECTABLE: tuple[Any, ...] = (
    selectable(".spec.a"), selectable(".spec.n"), selectable(".spec.l"), selectable(".spec.zz"), selectable("spec.a"),
    selectable(""), selectable(".spec.a", ".spec.a"), selectable(".metadata.name"), selectable(".spec"),
    selectable(".spec.l[0]"), {"selectableFields": [{}]}, selectable(*(f".spec.a{n}" for n in range(10))),
)  # fmt: skip
SCALES: tuple[Any, ...] = (
    {"subresources": {"scale": {}}}, scale(".spec.replicas", ".status.replicas"), scale("spec.replicas", ".spec.replicas"),
    scale(".spec", ".status.a[0]"), scale(".spec.replicas", ".status.replicas", labelSelectorPath=".x"),
    scale(".metadata.replicas", ".status.x.y", labelSelectorPath=".spec.x"),
    {"subresources": {"status": {}, "scale": None}}, {"subresources": {"other": {}}},
)  # fmt: skip
REVIEWS: tuple[Any, ...] = ([], ["v2"], ["v1", "v1"], ["V1"], ["v1beta1"])

CASES = [
    Case("versions", *(made(versions) for versions in VERSIONS), namespace=False),
    Case("a webhook's URL", *(converted({"url": url}) for url in URLS), namespace=False),
    Case("a webhook's client", *(converted(client) for client in CLIENTS), namespace=False),
    Case(
        "a webhook's review versions",
        *(converted({"url": "https://x"}, conversionReviewVersions=versions) for versions in REVIEWS),
        namespace=False,
    ),
    Case("conversions", *(made([version()], conversion=conversion) for conversion in CONVERSIONS), namespace=False),
    Case("printer columns", *(made([version(**more)]) for more in COLUMNS), namespace=False),
    Case("selectable fields", *(made([version(**more)]) for more in SELECTABLE), namespace=False),
    Case("the paths of a scale", *(made([version(**more)]) for more in SCALES), namespace=False),
]
