"""What a server says of itself: OpenAPI documents of all groups and of custom types, discovery, the issuer of tokens.

https://kubernetes.io/docs/concepts/overview/kubernetes-api/
"""

from __future__ import annotations

from typing import Any

from fairlead.machinery.schema.registry import group_versions
from tests.conformance.case import CRD, GET, POST, SEND, UNTIL, Case, Step

__all__ = ["CASES"]

PROTOBUF = "application/com.github.proto-openapi.spec.v3@v1.0+protobuf"
CONFIGURATION, KEYS = "/.well-known/openid-configuration", "/openid/v1/jwks"
CUSTOM = "/openapi/v3/apis/{group}/v1"
SERVED = [(group, version) for group, version in group_versions() if "alpha" not in version and "beta" not in version]
GROUPS = sorted({group for group, _ in SERVED if group})


def key(group: str, version: str) -> str:
    return f"apis/{group}/{version}" if group else f"api/{version}"


def described(name: str, schema: Any, *more: Step, **definition: Any) -> Case:
    """A custom type, and how it is described."""
    return Case(name, CRD(schema, **definition), UNTIL(200, GET(CUSTOM)), *more, namespace=False)


def spec(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"spec": {"type": "object", "properties": fields}}}


STRING = {"type": "string"}
PRESERVED: dict[str, Any] = {"x-kubernetes-preserve-unknown-fields": True}
EMBEDDED: dict[str, Any] = {"type": "object", "x-kubernetes-embedded-resource": True}
PARTS = {"status": {}, "scale": {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}}
NAMED = {"type": "object", "required": ["name"], "properties": {"name": STRING}}

CASES = [
    *(
        Case(f"the document of {group or 'core'}/{version}", GET(f"/openapi/v3/{key(group, version)}"), namespace=False)
        for group, version in SERVED
    ),
    *(
        Case(f"the document of the group {group}", GET(f"/openapi/v3/apis/{group}"), namespace=False)
        for group in GROUPS
    ),
    Case(
        "the small documents",
        *(GET(f"/openapi/v3/{name}") for name in ("version", "api", "apis")),
        GET(f"/openapi/v3{CONFIGURATION}"),
        GET(f"/openapi/v3{KEYS}"),
        GET("/openapi/v3/version/"),
        GET("/openapi/v3/logs"),
        GET("/openapi/v3/metrics"),
        namespace=False,
    ),
    Case("the index of documents", GET("/openapi/v3"), namespace=False),
    Case("the older document", GET("/openapi/v2"), namespace=False),
    Case(
        "documents in other forms",
        *(GET("/openapi/v3/version", accept=accept) for accept in ("application/yaml", "text/html", "*/*")),
        GET("/openapi/v3/version", accept="text/html, application/json"),
        GET("/openapi/v2", accept="application/yaml"),
        POST("/openapi/v3/version"),
        namespace=False,
    ),
    Case("a document under another hash", GET("/openapi/v3/apis/nope/v1?hash=1"), namespace=False),
    Case("a document as protobuf", GET("/openapi/v3/version", accept=PROTOBUF), namespace=False),
    Case(
        "who issues tokens",
        GET(CONFIGURATION),
        GET(f"{CONFIGURATION}/"),
        GET("/.well-known"),
        GET("/.well-known/nope"),
        GET(CONFIGURATION, accept="application/yaml"),
        GET(CONFIGURATION, accept="text/plain"),
        GET(CONFIGURATION, accept="*/*"),
        POST(CONFIGURATION),
        SEND("PUT", CONFIGURATION),
        GET("/openid"),
        GET("/openid/v1"),
        GET(KEYS, accept="application/yaml"),
        GET(KEYS, accept="application/json"),
        POST(KEYS),
        namespace=False,
    ),
    Case(
        "pages for those who look after a server",
        *(
            GET(path, accept=accept)
            for path in ("/statusz", "/flagz")
            for accept in ("text/html", "application/yaml", "application/json;as=Statusz;g=config.k8s.io;v=v1")
        ),
        SEND("HEAD", "/statusz"),
        SEND("HEAD", "/flagz"),
        GET("/statusz/"),
        namespace=False,
    ),
    Case(
        "paths of health that end otherwise",
        *(GET(path) for path in ("/healthz/", "/readyz/", "/livez/", "/livez/ping/", "/readyz/ping", "/livez/log")),
        namespace=False,
    ),
    Case(
        "discovery in other forms",
        GET("/apis", accept="text/html"),
        GET("/apis/apps", accept="text/html"),
        GET("/api", accept="application/yaml;as=APIGroupDiscoveryList;v=v2;g=apidiscovery.k8s.io"),
        namespace=False,
    ),
    described("fields of all types", spec(a=STRING, b={"type": "integer", "format": "int32"}, c={"type": "number"})),
    described("a schema that keeps all fields", None),
    described(
        "bounds and patterns",
        spec(
            a={"type": "string", "minLength": 1, "maxLength": 5, "pattern": "^a", "enum": ["a", "ab"]},
            b={"type": "integer", "minimum": 1, "maximum": 9, "multipleOf": 2, "default": 4},
            c={"type": "number", "exclusiveMinimum": True, "minimum": 0},
            d={"type": "array", "items": STRING, "minItems": 1, "maxItems": 3},
            e={"type": "object", "additionalProperties": STRING, "minProperties": 1, "maxProperties": 2},
        ),
    ),
    described(
        "numbers or strings",
        spec(
            a={"x-kubernetes-int-or-string": True},
            b={"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]},
            c={
                "x-kubernetes-int-or-string": True,
                "pattern": "^a",
                "allOf": [{"anyOf": [{"type": "integer"}, {"type": "string"}]}, {"pattern": "^b"}],
            },
        ),
    ),
    described(
        "fields that are kept",
        spec(
            a=PRESERVED,
            b={"type": "object", **PRESERVED},
            c={
                "type": "object",
                "properties": {"d": STRING},
                **PRESERVED,
            },
        ),
    ),
    described(
        "objects within objects",
        spec(
            a={**EMBEDDED, **PRESERVED},
            b={**EMBEDDED, "properties": {"spec": {"type": "object", "properties": {"c": STRING}}}},
            c={
                **EMBEDDED,
                "required": ["metadata", "kind"],
                "properties": {
                    "metadata": {"type": "object", "properties": {"name": {"type": "string", "maxLength": 5}}},
                    "kind": {"type": "string", "enum": ["Pod"]},
                },
            },
        ),
    ),
    described(
        "lists that are sets and maps",
        spec(
            a={"type": "array", "x-kubernetes-list-type": "set", "items": STRING},
            b={
                "type": "array",
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["name"],
                "items": NAMED,
            },
            c={"type": "array", "x-kubernetes-list-type": "atomic", "items": STRING},
            d={"type": "object", "x-kubernetes-map-type": "atomic", "properties": {"e": STRING}},
        ),
    ),
    described(
        "either or",
        spec(
            a={
                "type": "object",
                "properties": {"b": STRING, "c": STRING},
                "oneOf": [{"required": ["b"]}, {"required": ["c"]}],
                "not": {"required": ["b", "c"]},
            },
            d={"type": "string", "nullable": True},
            e={"type": "array", "nullable": True, "items": STRING},
        ),
    ),
    described(
        "rules",
        spec(
            a={
                "type": "string",
                "maxLength": 9,
                "x-kubernetes-validations": [{"rule": "self != 'x'", "message": "no"}],
            },
        ),
    ),
    described(
        "a name that is bounded",
        {
            "type": "object",
            "properties": {"metadata": {"type": "object", "properties": {"name": {"maxLength": 5, **STRING}}}},
        },
    ),
    described("a type without a namespace", spec(a=STRING), scope="Cluster"),
    described(
        "a type whose list is called otherwise",
        spec(a=STRING),
        names={"plural": "widgets", "kind": "Widget", "singular": "widget", "listKind": "WidgetCollection"},
    ),
    described(
        "a type with status, scale and a selectable field",
        spec(a=STRING),
        GET("/apis/{group}/v1"),
        version={"subresources": PARTS, "selectableFields": [{"jsonPath": ".spec.a"}]},
    ),
    described(
        "a type in two versions",
        None,
        UNTIL(200, GET("/openapi/v3/apis/{group}/v2beta1")),
        GET("/apis/{group}/v1"),
        GET("/apis/{group}/v2beta1"),
        versions=[
            {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": spec(a=STRING)}},
            {"name": "v2beta1", "served": True, "storage": False, "schema": {"openAPIV3Schema": spec(b=STRING)}},
        ],
    ),
]
