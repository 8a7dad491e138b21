"""Media types, discovery, reviews: the same objects in other forms, and what is no object. https://kubernetes.io/docs/reference/using-api/api-concepts/"""

from __future__ import annotations

from tests.conformance.case import APPLY, CRD, DELETE, EVENTS, GET, OPEN, PATCH, POST, PUT, SEND, Case

__all__ = ["CASES"]

TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1"
PARTIAL = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"

CASES = [
    Case(
        "paths",
        GET("/healthz"),
        GET("/readyz"),
        GET("/livez"),
        GET("/readyz?verbose"),
        GET("/livez?verbose"),
        GET("/healthz?verbose"),
        GET("/healthz/ping"),
        GET("/readyz/etcd"),
        GET("/livez/foo"),
        GET("/healthz/etcd?verbose"),
        GET("/readyz?verbose&exclude=etcd"),
        GET("/readyz?exclude=foo&verbose"),
        POST("/healthz"),
        SEND("HEAD", "/healthz"),
    ),
    Case(
        "discovery",
        GET("/api/v1"),
        GET("/apis/apps"),
        GET("/apis/apps/v1"),
        GET("/apis/apps/v2"),
        GET("/apis/nope"),
        GET("/apis/nope/v1"),
        GET("/api/v2"),
        GET("/apis/batch/v1"),
        GET("/apis/policy/v1"),
        GET("/apis/autoscaling/v1"),
        GET("/apis/autoscaling"),
        GET("/api", accept="application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"),
        POST("/api", {}),
        DELETE("/apis/apps/v1"),
    ),
    Case("resources of authentication.k8s.io/v1", GET("/apis/authentication.k8s.io/v1")),
    Case("resources of authorization.k8s.io/v1", GET("/apis/authorization.k8s.io/v1")),
    Case("resources of autoscaling/v2", GET("/apis/autoscaling/v2")),
    Case("resources of networking.k8s.io/v1", GET("/apis/networking.k8s.io/v1")),
    Case("resources of rbac.authorization.k8s.io/v1", GET("/apis/rbac.authorization.k8s.io/v1")),
    Case("resources of storage.k8s.io/v1", GET("/apis/storage.k8s.io/v1")),
    Case("resources of admissionregistration.k8s.io/v1", GET("/apis/admissionregistration.k8s.io/v1")),
    Case("resources of apiextensions.k8s.io/v1", GET("/apis/apiextensions.k8s.io/v1")),
    Case("resources of scheduling.k8s.io/v1", GET("/apis/scheduling.k8s.io/v1")),
    Case("resources of coordination.k8s.io/v1", GET("/apis/coordination.k8s.io/v1")),
    Case("resources of node.k8s.io/v1", GET("/apis/node.k8s.io/v1")),
    Case("resources of discovery.k8s.io/v1", GET("/apis/discovery.k8s.io/v1")),
    Case("resources of flowcontrol.apiserver.k8s.io/v1", GET("/apis/flowcontrol.apiserver.k8s.io/v1")),
    Case("resources of certificates.k8s.io/v1", GET("/apis/certificates.k8s.io/v1")),
    Case("resources of events.k8s.io/v1", GET("/apis/events.k8s.io/v1")),
    Case("resources of apiregistration.k8s.io/v1", GET("/apis/apiregistration.k8s.io/v1")),
    Case("resources of resource.k8s.io/v1", GET("/apis/resource.k8s.io/v1")),
    Case(
        "notfound",
        GET("/foo"),
        GET("/api/v1/foos"),
        GET("/api/v1/namespaces/{ns}/foos"),
        GET("/api/v1/namespaces/{ns}/pods/x/foo"),
        GET("/apis/apps/v1/foos/bar"),
        GET("/apis/apps/v1/namespaces/{ns}/deployments/a/foo"),
        GET("/api/v1/pods/x"),
        POST("/api/v1/pods", {}),
        PUT("/api/v1/namespaces/{ns}/pods", {}),
        DELETE("/api/v1/pods"),
        PATCH("/api/v1/namespaces/{ns}/pods", {}),
    ),
    Case(
        "answers to Accept: application/yaml",
        POST(
            "/api/v1/namespaces/{ns}/configmaps", {"metadata": {"name": "a", "labels": {"x": "y"}}, "data": {"k": "v"}}
        ),
        GET("/api/v1/namespaces/{ns}/configmaps/a", accept="application/yaml"),
        GET("/api/v1/namespaces/{ns}/configmaps/zz", accept="application/yaml"),
        DELETE("/api/v1/namespaces/{ns}/configmaps/a", accept="application/yaml"),
        GET("/api/v1/namespaces/{ns}", accept="application/yaml"),
        GET("/apis/apps/v1", accept="application/yaml"),
    ),
    Case(
        "answers to Accept: application/cbor",
        POST(
            "/api/v1/namespaces/{ns}/configmaps", {"metadata": {"name": "a", "labels": {"x": "y"}}, "data": {"k": "v"}}
        ),
        GET("/api/v1/namespaces/{ns}/configmaps", accept="application/cbor"),
        GET("/api/v1/namespaces/{ns}/configmaps/a", accept="application/cbor"),
        GET("/api/v1/namespaces/{ns}/configmaps/zz", accept="application/cbor"),
        PATCH("/api/v1/namespaces/{ns}/configmaps/a", {"data": {"z": "1"}}, accept="application/cbor"),
        DELETE("/api/v1/namespaces/{ns}/configmaps/a", accept="application/cbor"),
        GET("/api/v1/namespaces/{ns}", accept="application/cbor"),
        GET("/apis/apps/v1", accept="application/cbor"),
    ),
    Case(
        "answers to Accept: text/html",
        POST(
            "/api/v1/namespaces/{ns}/configmaps", {"metadata": {"name": "a", "labels": {"x": "y"}}, "data": {"k": "v"}}
        ),
        GET("/api/v1/namespaces/{ns}/configmaps", accept="text/html"),
        GET("/api/v1/namespaces/{ns}/configmaps/a", accept="text/html"),
        GET("/api/v1/namespaces/{ns}/configmaps/zz", accept="text/html"),
        PATCH("/api/v1/namespaces/{ns}/configmaps/a", {"data": {"z": "1"}}, accept="text/html"),
        DELETE("/api/v1/namespaces/{ns}/configmaps/a", accept="text/html"),
        GET("/api/v1/namespaces/{ns}", accept="text/html"),
        GET("/apis/apps/v1", accept="text/html"),
    ),
    Case(
        "answers to Accept: application/json;as=Table;g=meta.k8s.io;v=v1",
        POST(
            "/api/v1/namespaces/{ns}/configmaps", {"metadata": {"name": "a", "labels": {"x": "y"}}, "data": {"k": "v"}}
        ),
        GET("/api/v1/namespaces/{ns}/configmaps", accept="application/json;as=Table;g=meta.k8s.io;v=v1"),
        GET("/api/v1/namespaces/{ns}/configmaps/a", accept="application/json;as=Table;g=meta.k8s.io;v=v1"),
        GET("/api/v1/namespaces/{ns}/configmaps/zz", accept="application/json;as=Table;g=meta.k8s.io;v=v1"),
        PATCH(
            "/api/v1/namespaces/{ns}/configmaps/a",
            {"data": {"z": "1"}},
            accept="application/json;as=Table;g=meta.k8s.io;v=v1",
        ),
        DELETE("/api/v1/namespaces/{ns}/configmaps/a", accept="application/json;as=Table;g=meta.k8s.io;v=v1"),
        GET("/api/v1/namespaces/{ns}", accept="application/json;as=Table;g=meta.k8s.io;v=v1"),
        GET("/apis/apps/v1", accept="application/json;as=Table;g=meta.k8s.io;v=v1"),
    ),
    Case(
        "answers to Accept: application/json;as=Table;g=meta.k8s.io;v=v1beta1",
        POST(
            "/api/v1/namespaces/{ns}/configmaps", {"metadata": {"name": "a", "labels": {"x": "y"}}, "data": {"k": "v"}}
        ),
        GET("/api/v1/namespaces/{ns}/configmaps", accept="application/json;as=Table;g=meta.k8s.io;v=v1beta1"),
        GET("/api/v1/namespaces/{ns}/configmaps/a", accept="application/json;as=Table;g=meta.k8s.io;v=v1beta1"),
        GET("/api/v1/namespaces/{ns}/configmaps/zz", accept="application/json;as=Table;g=meta.k8s.io;v=v1beta1"),
        PATCH(
            "/api/v1/namespaces/{ns}/configmaps/a",
            {"data": {"z": "1"}},
            accept="application/json;as=Table;g=meta.k8s.io;v=v1beta1",
        ),
        DELETE("/api/v1/namespaces/{ns}/configmaps/a", accept="application/json;as=Table;g=meta.k8s.io;v=v1beta1"),
        GET("/api/v1/namespaces/{ns}", accept="application/json;as=Table;g=meta.k8s.io;v=v1beta1"),
        GET("/apis/apps/v1", accept="application/json;as=Table;g=meta.k8s.io;v=v1beta1"),
    ),
    Case(
        "answers to Accept: application/json;as=Table;g=meta.k8s.io;v=v2",
        POST(
            "/api/v1/namespaces/{ns}/configmaps", {"metadata": {"name": "a", "labels": {"x": "y"}}, "data": {"k": "v"}}
        ),
        GET("/api/v1/namespaces/{ns}/configmaps", accept="application/json;as=Table;g=meta.k8s.io;v=v2"),
        GET("/api/v1/namespaces/{ns}/configmaps/a", accept="application/json;as=Table;g=meta.k8s.io;v=v2"),
        GET("/api/v1/namespaces/{ns}/configmaps/zz", accept="application/json;as=Table;g=meta.k8s.io;v=v2"),
        PATCH(
            "/api/v1/namespaces/{ns}/configmaps/a",
            {"data": {"z": "1"}},
            accept="application/json;as=Table;g=meta.k8s.io;v=v2",
        ),
        DELETE("/api/v1/namespaces/{ns}/configmaps/a", accept="application/json;as=Table;g=meta.k8s.io;v=v2"),
        GET("/api/v1/namespaces/{ns}", accept="application/json;as=Table;g=meta.k8s.io;v=v2"),
        GET("/apis/apps/v1", accept="application/json;as=Table;g=meta.k8s.io;v=v2"),
    ),
    Case(
        "answers to Accept: application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
        POST(
            "/api/v1/namespaces/{ns}/configmaps", {"metadata": {"name": "a", "labels": {"x": "y"}}, "data": {"k": "v"}}
        ),
        GET(
            "/api/v1/namespaces/{ns}/configmaps", accept="application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
        ),
        GET(
            "/api/v1/namespaces/{ns}/configmaps/a",
            accept="application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
        ),
        GET(
            "/api/v1/namespaces/{ns}/configmaps/zz",
            accept="application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
        ),
        PATCH(
            "/api/v1/namespaces/{ns}/configmaps/a",
            {"data": {"z": "1"}},
            accept="application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
        ),
        DELETE(
            "/api/v1/namespaces/{ns}/configmaps/a",
            accept="application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
        ),
        GET("/api/v1/namespaces/{ns}", accept="application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"),
        GET("/apis/apps/v1", accept="application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"),
    ),
    Case(
        "answers to Accept: application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
        POST(
            "/api/v1/namespaces/{ns}/configmaps", {"metadata": {"name": "a", "labels": {"x": "y"}}, "data": {"k": "v"}}
        ),
        GET(
            "/api/v1/namespaces/{ns}/configmaps",
            accept="application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
        ),
        GET(
            "/api/v1/namespaces/{ns}/configmaps/a",
            accept="application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
        ),
        GET(
            "/api/v1/namespaces/{ns}/configmaps/zz",
            accept="application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
        ),
        PATCH(
            "/api/v1/namespaces/{ns}/configmaps/a",
            {"data": {"z": "1"}},
            accept="application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
        ),
        DELETE(
            "/api/v1/namespaces/{ns}/configmaps/a",
            accept="application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
        ),
        GET("/api/v1/namespaces/{ns}", accept="application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"),
        GET("/apis/apps/v1", accept="application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"),
    ),
    Case(
        "answers to Accept: application/json;as=Foo;g=meta.k8s.io;v=v1",
        POST(
            "/api/v1/namespaces/{ns}/configmaps", {"metadata": {"name": "a", "labels": {"x": "y"}}, "data": {"k": "v"}}
        ),
        GET("/api/v1/namespaces/{ns}/configmaps", accept="application/json;as=Foo;g=meta.k8s.io;v=v1"),
        GET("/api/v1/namespaces/{ns}/configmaps/a", accept="application/json;as=Foo;g=meta.k8s.io;v=v1"),
        GET("/api/v1/namespaces/{ns}/configmaps/zz", accept="application/json;as=Foo;g=meta.k8s.io;v=v1"),
        PATCH(
            "/api/v1/namespaces/{ns}/configmaps/a",
            {"data": {"z": "1"}},
            accept="application/json;as=Foo;g=meta.k8s.io;v=v1",
        ),
        DELETE("/api/v1/namespaces/{ns}/configmaps/a", accept="application/json;as=Foo;g=meta.k8s.io;v=v1"),
        GET("/api/v1/namespaces/{ns}", accept="application/json;as=Foo;g=meta.k8s.io;v=v1"),
        GET("/apis/apps/v1", accept="application/json;as=Foo;g=meta.k8s.io;v=v1"),
    ),
    Case(
        "answers to Accept: */*",
        POST(
            "/api/v1/namespaces/{ns}/configmaps", {"metadata": {"name": "a", "labels": {"x": "y"}}, "data": {"k": "v"}}
        ),
        GET("/api/v1/namespaces/{ns}/configmaps", accept="*/*"),
        GET("/api/v1/namespaces/{ns}/configmaps/a", accept="*/*"),
        GET("/api/v1/namespaces/{ns}/configmaps/zz", accept="*/*"),
        PATCH("/api/v1/namespaces/{ns}/configmaps/a", {"data": {"z": "1"}}, accept="*/*"),
        DELETE("/api/v1/namespaces/{ns}/configmaps/a", accept="*/*"),
        GET("/api/v1/namespaces/{ns}", accept="*/*"),
        GET("/apis/apps/v1", accept="*/*"),
    ),
    Case(
        "answers to Accept: application/*",
        POST(
            "/api/v1/namespaces/{ns}/configmaps", {"metadata": {"name": "a", "labels": {"x": "y"}}, "data": {"k": "v"}}
        ),
        GET("/api/v1/namespaces/{ns}/configmaps", accept="application/*"),
        GET("/api/v1/namespaces/{ns}/configmaps/a", accept="application/*"),
        GET("/api/v1/namespaces/{ns}/configmaps/zz", accept="application/*"),
        PATCH("/api/v1/namespaces/{ns}/configmaps/a", {"data": {"z": "1"}}, accept="application/*"),
        DELETE("/api/v1/namespaces/{ns}/configmaps/a", accept="application/*"),
        GET("/api/v1/namespaces/{ns}", accept="application/*"),
        GET("/apis/apps/v1", accept="application/*"),
    ),
    Case(
        "answers to Accept: application/json;stream=watch",
        POST(
            "/api/v1/namespaces/{ns}/configmaps", {"metadata": {"name": "a", "labels": {"x": "y"}}, "data": {"k": "v"}}
        ),
        GET("/api/v1/namespaces/{ns}/configmaps", accept="application/json;stream=watch"),
        GET("/api/v1/namespaces/{ns}/configmaps/a", accept="application/json;stream=watch"),
        GET("/api/v1/namespaces/{ns}/configmaps/zz", accept="application/json;stream=watch"),
        PATCH("/api/v1/namespaces/{ns}/configmaps/a", {"data": {"z": "1"}}, accept="application/json;stream=watch"),
        DELETE("/api/v1/namespaces/{ns}/configmaps/a", accept="application/json;stream=watch"),
        GET("/api/v1/namespaces/{ns}", accept="application/json;stream=watch"),
        GET("/apis/apps/v1", accept="application/json;stream=watch"),
    ),
    Case(
        "answers to Accept: application/json;q=0.5, application/yaml",
        POST(
            "/api/v1/namespaces/{ns}/configmaps", {"metadata": {"name": "a", "labels": {"x": "y"}}, "data": {"k": "v"}}
        ),
        GET("/api/v1/namespaces/{ns}/configmaps/a", accept="application/json;q=0.5, application/yaml"),
        GET("/api/v1/namespaces/{ns}/configmaps/zz", accept="application/json;q=0.5, application/yaml"),
        DELETE("/api/v1/namespaces/{ns}/configmaps/a", accept="application/json;q=0.5, application/yaml"),
        GET("/api/v1/namespaces/{ns}", accept="application/json;q=0.5, application/yaml"),
        GET("/apis/apps/v1", accept="application/json;q=0.5, application/yaml"),
    ),
    Case(
        "answers to Accept: application/yaml;as=Table;g=meta.k8s.io;v=v1",
        POST(
            "/api/v1/namespaces/{ns}/configmaps", {"metadata": {"name": "a", "labels": {"x": "y"}}, "data": {"k": "v"}}
        ),
        GET("/api/v1/namespaces/{ns}/configmaps/zz", accept="application/yaml;as=Table;g=meta.k8s.io;v=v1"),
        DELETE("/api/v1/namespaces/{ns}/configmaps/a", accept="application/yaml;as=Table;g=meta.k8s.io;v=v1"),
        GET("/apis/apps/v1", accept="application/yaml;as=Table;g=meta.k8s.io;v=v1"),
    ),
    Case(
        "answers to Accept: application/json;as=Table",
        POST(
            "/api/v1/namespaces/{ns}/configmaps", {"metadata": {"name": "a", "labels": {"x": "y"}}, "data": {"k": "v"}}
        ),
        GET("/api/v1/namespaces/{ns}/configmaps", accept="application/json;as=Table"),
        GET("/api/v1/namespaces/{ns}/configmaps/a", accept="application/json;as=Table"),
        GET("/api/v1/namespaces/{ns}/configmaps/zz", accept="application/json;as=Table"),
        PATCH("/api/v1/namespaces/{ns}/configmaps/a", {"data": {"z": "1"}}, accept="application/json;as=Table"),
        DELETE("/api/v1/namespaces/{ns}/configmaps/a", accept="application/json;as=Table"),
        GET("/api/v1/namespaces/{ns}", accept="application/json;as=Table"),
        GET("/apis/apps/v1", accept="application/json;as=Table"),
    ),
    Case(
        "answers to Accept: application/json;as=Table;g=meta.k8s.io;v=v1, application/json",
        POST(
            "/api/v1/namespaces/{ns}/configmaps", {"metadata": {"name": "a", "labels": {"x": "y"}}, "data": {"k": "v"}}
        ),
        GET(
            "/api/v1/namespaces/{ns}/configmaps",
            accept="application/json;as=Table;g=meta.k8s.io;v=v1, application/json",
        ),
        GET(
            "/api/v1/namespaces/{ns}/configmaps/a",
            accept="application/json;as=Table;g=meta.k8s.io;v=v1, application/json",
        ),
        GET(
            "/api/v1/namespaces/{ns}/configmaps/zz",
            accept="application/json;as=Table;g=meta.k8s.io;v=v1, application/json",
        ),
        PATCH(
            "/api/v1/namespaces/{ns}/configmaps/a",
            {"data": {"z": "1"}},
            accept="application/json;as=Table;g=meta.k8s.io;v=v1, application/json",
        ),
        DELETE(
            "/api/v1/namespaces/{ns}/configmaps/a",
            accept="application/json;as=Table;g=meta.k8s.io;v=v1, application/json",
        ),
        GET("/api/v1/namespaces/{ns}", accept="application/json;as=Table;g=meta.k8s.io;v=v1, application/json"),
        GET("/apis/apps/v1", accept="application/json;as=Table;g=meta.k8s.io;v=v1, application/json"),
    ),
    Case(
        "answers to Accept: application/apply-patch+yaml",
        POST(
            "/api/v1/namespaces/{ns}/configmaps", {"metadata": {"name": "a", "labels": {"x": "y"}}, "data": {"k": "v"}}
        ),
        GET("/api/v1/namespaces/{ns}/configmaps", accept="application/apply-patch+yaml"),
        GET("/api/v1/namespaces/{ns}/configmaps/a", accept="application/apply-patch+yaml"),
        GET("/api/v1/namespaces/{ns}/configmaps/zz", accept="application/apply-patch+yaml"),
        PATCH("/api/v1/namespaces/{ns}/configmaps/a", {"data": {"z": "1"}}, accept="application/apply-patch+yaml"),
        DELETE("/api/v1/namespaces/{ns}/configmaps/a", accept="application/apply-patch+yaml"),
        GET("/api/v1/namespaces/{ns}", accept="application/apply-patch+yaml"),
        GET("/apis/apps/v1", accept="application/apply-patch+yaml"),
    ),
    Case(
        "answers to Accept: application/json;charset=utf-8",
        POST(
            "/api/v1/namespaces/{ns}/configmaps", {"metadata": {"name": "a", "labels": {"x": "y"}}, "data": {"k": "v"}}
        ),
        GET("/api/v1/namespaces/{ns}/configmaps", accept="application/json;charset=utf-8"),
        GET("/api/v1/namespaces/{ns}/configmaps/a", accept="application/json;charset=utf-8"),
        GET("/api/v1/namespaces/{ns}/configmaps/zz", accept="application/json;charset=utf-8"),
        PATCH("/api/v1/namespaces/{ns}/configmaps/a", {"data": {"z": "1"}}, accept="application/json;charset=utf-8"),
        DELETE("/api/v1/namespaces/{ns}/configmaps/a", accept="application/json;charset=utf-8"),
        GET("/api/v1/namespaces/{ns}", accept="application/json;charset=utf-8"),
        GET("/apis/apps/v1", accept="application/json;charset=utf-8"),
    ),
    Case(
        "answers to Accept: application/json;profile=foo",
        POST(
            "/api/v1/namespaces/{ns}/configmaps", {"metadata": {"name": "a", "labels": {"x": "y"}}, "data": {"k": "v"}}
        ),
        GET("/api/v1/namespaces/{ns}/configmaps", accept="application/json;profile=foo"),
        GET("/api/v1/namespaces/{ns}/configmaps/a", accept="application/json;profile=foo"),
        GET("/api/v1/namespaces/{ns}/configmaps/zz", accept="application/json;profile=foo"),
        PATCH("/api/v1/namespaces/{ns}/configmaps/a", {"data": {"z": "1"}}, accept="application/json;profile=foo"),
        DELETE("/api/v1/namespaces/{ns}/configmaps/a", accept="application/json;profile=foo"),
        GET("/api/v1/namespaces/{ns}", accept="application/json;profile=foo"),
        GET("/apis/apps/v1", accept="application/json;profile=foo"),
    ),
    Case(
        "include None",
        POST("/api/v1/namespaces/{ns}/configmaps", {"metadata": {"name": "a"}}),
        GET(
            "/api/v1/namespaces/{ns}/configmaps?includeObject=None",
            accept="application/json;as=Table;g=meta.k8s.io;v=v1",
        ),
        GET(
            "/api/v1/namespaces/{ns}/configmaps/a?includeObject=None",
            accept="application/json;as=Table;g=meta.k8s.io;v=v1",
        ),
    ),
    Case(
        "include Metadata",
        POST("/api/v1/namespaces/{ns}/configmaps", {"metadata": {"name": "a"}}),
        GET(
            "/api/v1/namespaces/{ns}/configmaps?includeObject=Metadata",
            accept="application/json;as=Table;g=meta.k8s.io;v=v1",
        ),
        GET(
            "/api/v1/namespaces/{ns}/configmaps/a?includeObject=Metadata",
            accept="application/json;as=Table;g=meta.k8s.io;v=v1",
        ),
    ),
    Case(
        "include Object",
        POST("/api/v1/namespaces/{ns}/configmaps", {"metadata": {"name": "a"}}),
        GET(
            "/api/v1/namespaces/{ns}/configmaps?includeObject=Object",
            accept="application/json;as=Table;g=meta.k8s.io;v=v1",
        ),
        GET(
            "/api/v1/namespaces/{ns}/configmaps/a?includeObject=Object",
            accept="application/json;as=Table;g=meta.k8s.io;v=v1",
        ),
    ),
    Case(
        "include Foo",
        POST("/api/v1/namespaces/{ns}/configmaps", {"metadata": {"name": "a"}}),
        GET(
            "/api/v1/namespaces/{ns}/configmaps?includeObject=Foo",
            accept="application/json;as=Table;g=meta.k8s.io;v=v1",
        ),
        GET(
            "/api/v1/namespaces/{ns}/configmaps/a?includeObject=Foo",
            accept="application/json;as=Table;g=meta.k8s.io;v=v1",
        ),
    ),
    Case(
        "bodies of type application/yaml",
        POST("/api/v1/namespaces/{ns}/configmaps", "metadata: {name: y}\ndata: {a: b}\n", media="application/yaml"),
        PUT("/api/v1/namespaces/{ns}/configmaps/y", "metadata: {name: y}\ndata: {a: b}\n", media="application/yaml"),
        PATCH("/api/v1/namespaces/{ns}/configmaps/y", "metadata: {name: y}\ndata: {a: b}\n", media="application/yaml"),
    ),
    Case(
        "bodies of type application/cbor",
        POST("/api/v1/namespaces/{ns}/configmaps", "x", media="application/cbor"),
        PUT("/api/v1/namespaces/{ns}/configmaps/y", "x", media="application/cbor"),
        PATCH("/api/v1/namespaces/{ns}/configmaps/y", "x", media="application/cbor"),
    ),
    Case(
        "bodies of type text/plain",
        POST("/api/v1/namespaces/{ns}/configmaps", "{}", media="text/plain"),
        PUT("/api/v1/namespaces/{ns}/configmaps/y", "{}", media="text/plain"),
        PATCH("/api/v1/namespaces/{ns}/configmaps/y", "{}", media="text/plain"),
    ),
    Case(
        "bodies of type application/json; charset=utf-8",
        POST(
            "/api/v1/namespaces/{ns}/configmaps", '{"metadata":{"name":"q"}}', media="application/json; charset=utf-8"
        ),
        PUT(
            "/api/v1/namespaces/{ns}/configmaps/y", '{"metadata":{"name":"q"}}', media="application/json; charset=utf-8"
        ),
        PATCH(
            "/api/v1/namespaces/{ns}/configmaps/y", '{"metadata":{"name":"q"}}', media="application/json; charset=utf-8"
        ),
    ),
    Case(
        "bodies of type ",
        POST("/api/v1/namespaces/{ns}/configmaps", '{"metadata":{"name":"q"}}', content_type=""),
        PUT("/api/v1/namespaces/{ns}/configmaps/y", '{"metadata":{"name":"q"}}', content_type=""),
        PATCH("/api/v1/namespaces/{ns}/configmaps/y", '{"metadata":{"name":"q"}}', content_type=""),
    ),
    Case(
        "bodies of type application/apply-patch+yaml",
        POST("/api/v1/namespaces/{ns}/configmaps", '{"metadata":{"name":"q"}}', media=APPLY),
        PUT("/api/v1/namespaces/{ns}/configmaps/y", '{"metadata":{"name":"q"}}', media=APPLY),
        PATCH("/api/v1/namespaces/{ns}/configmaps/y", '{"metadata":{"name":"q"}}', media=APPLY),
    ),
    Case(
        "ssar",
        POST(
            "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            {"spec": {"resourceAttributes": {"verb": "get", "resource": "pods", "namespace": "default"}}},
        ),
        POST(
            "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": {}},
        ),
        POST(
            "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            {"spec": {"nonResourceAttributes": {"path": "/x", "verb": "get"}}},
        ),
        POST(
            "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            {"spec": {"resourceAttributes": {"verb": "get"}, "nonResourceAttributes": {"path": "/x"}}},
        ),
        POST(
            "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            {"metadata": {"name": "x-{id}"}, "spec": {"resourceAttributes": {"verb": "get", "resource": "pods"}}},
        ),
    ),
    Case(
        "sar",
        POST(
            "/apis/authorization.k8s.io/v1/subjectaccessreviews",
            {
                "spec": {
                    "user": "system:admin",
                    "groups": ["system:masters"],
                    "resourceAttributes": {"verb": "get", "resource": "pods"},
                }
            },
        ),
        POST(
            "/apis/authorization.k8s.io/v1/subjectaccessreviews",
            {"spec": {"user": "bob", "resourceAttributes": {"verb": "get", "resource": "pods"}}},
        ),
        POST(
            "/apis/authorization.k8s.io/v1/subjectaccessreviews",
            {"spec": {"resourceAttributes": {"verb": "get", "resource": "pods"}}},
        ),
        POST("/apis/authorization.k8s.io/v1/subjectaccessreviews", {"spec": {"user": "a"}}),
    ),
    Case(
        "lsar",
        POST(
            "/apis/authorization.k8s.io/v1/namespaces/{ns}/localsubjectaccessreviews",
            {
                "metadata": {"namespace": "{ns}"},
                "spec": {
                    "user": "a",
                    "groups": ["system:masters"],
                    "resourceAttributes": {"verb": "get", "resource": "pods", "namespace": "{ns}"},
                },
            },
        ),
        POST(
            "/apis/authorization.k8s.io/v1/namespaces/{ns}/localsubjectaccessreviews",
            {
                "spec": {
                    "user": "a",
                    "groups": ["system:masters"],
                    "resourceAttributes": {"verb": "get", "resource": "pods"},
                }
            },
        ),
        POST(
            "/apis/authorization.k8s.io/v1/namespaces/{ns}/localsubjectaccessreviews",
            {"spec": {"user": "a", "nonResourceAttributes": {"path": "/x"}}},
        ),
    ),
    Case(
        "tokenreview",
        POST("/apis/authentication.k8s.io/v1/tokenreviews", {"spec": {"token": "x"}}),
        POST("/apis/authentication.k8s.io/v1/tokenreviews", {"spec": {}}),
        POST("/apis/authentication.k8s.io/v1/tokenreviews", {"metadata": {"name": "x-{id}"}, "spec": {"token": "x"}}),
    ),
    Case(
        "dry",
        POST(
            "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews?fieldManager=x&pretty=true",
            {"spec": {"resourceAttributes": {"verb": "get", "resource": "pods", "namespace": "default"}}},
        ),
    ),
    Case(
        "openapi",
        GET("/openapi"),
        GET("/openapi/v2/"),
        GET("/openapi/v3/"),
        GET("/openapi/v3/apis/nope/v1"),
        GET("/openapi/v3/foo"),
        GET("/openapi/v2", accept="text/html"),
    ),
    Case("ssrr", POST("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", {"spec": {}})),
    Case(
        "watch as tables",
        POST("/api/v1/namespaces/{ns}/configmaps", {"metadata": {"name": "a"}}),
        OPEN(
            "/api/v1/namespaces/{ns}/configmaps?watch=1&timeoutSeconds=2&resourceVersion={0.metadata.resourceVersion}",
            accept=TABLE,
            name="w",
        ),
        PATCH("/api/v1/namespaces/{ns}/configmaps/a", {"data": {"k": "v"}}),
        DELETE("/api/v1/namespaces/{ns}/configmaps/a"),
        EVENTS("w", 2),
    ),
    Case(
        "watch as partial metadata",
        POST("/api/v1/namespaces/{ns}/configmaps", {"metadata": {"name": "a"}}),
        OPEN(
            "/api/v1/namespaces/{ns}/configmaps?watch=1&timeoutSeconds=2&resourceVersion={0.metadata.resourceVersion}",
            accept=PARTIAL,
            name="w",
        ),
        PATCH("/api/v1/namespaces/{ns}/configmaps/a", {"metadata": {"labels": {"k": "v"}}}),
        DELETE("/api/v1/namespaces/{ns}/configmaps/a"),
        EVENTS("w", 2),
    ),
    Case(
        "watch list as partial metadata",
        POST("/api/v1/namespaces/{ns}/configmaps", {"metadata": {"name": "a"}}),
        OPEN(
            "/api/v1/namespaces/{ns}/configmaps?watch=1&timeoutSeconds=2&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true",
            accept=PARTIAL,
            name="w",
        ),
        EVENTS("w", 2),
    ),
    Case(
        "watch as yaml",
        GET("/api/v1/namespaces/{ns}/configmaps?watch=1&timeoutSeconds=1", accept="application/yaml"),
    ),
    Case(
        "a custom object as a table",
        CRD(
            version={
                "additionalPrinterColumns": [
                    {"name": "Size", "type": "integer", "jsonPath": ".spec.size"},
                    {
                        "name": "Colour",
                        "type": "string",
                        "jsonPath": ".spec.colour",
                        "priority": 1,
                        "description": "how it looks",
                    },
                    {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
                ]
            }
        ),
        POST(
            "/apis/{group}/v1/namespaces/{ns}/widgets",
            {
                "apiVersion": "{group}/v1",
                "kind": "Widget",
                "metadata": {"name": "a"},
                "spec": {"size": 3, "colour": ["red", "green"]},
            },
        ),
        POST(
            "/apis/{group}/v1/namespaces/{ns}/widgets",
            {"apiVersion": "{group}/v1", "kind": "Widget", "metadata": {"name": "b"}, "spec": {"size": "x"}},
        ),
        GET("/apis/{group}/v1/namespaces/{ns}/widgets", accept=TABLE),
        GET("/apis/{group}/v1/namespaces/{ns}/widgets/a", accept=TABLE),
        GET("/apis/{group}/v1/namespaces/{ns}/widgets/a", accept=PARTIAL),
        GET("/apis/{group}/v1/namespaces/{ns}/widgets", accept=PARTIAL),
        GET(
            "/apis/{group}/v1/namespaces/{ns}/widgets",
            accept="application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
        ),
        GET("/apis/{group}/v1/namespaces/{ns}/widgets/a", accept="application/json;as=Foo;g=meta.k8s.io;v=v1"),
        GET("/apis/{group}"),
        GET("/apis/{group}/v2"),
    ),
]
