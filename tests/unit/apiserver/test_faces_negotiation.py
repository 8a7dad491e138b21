"""Media types and bodies; the refusals are those that a kube-apiserver 1.37 gave to the same bodies."""

from __future__ import annotations

import pytest

from fairlead.apiserver.registry import Registry, ResourceInfo
from fairlead.apiserver.statuses import Refusal
from fairlead.apiserver.wire.json_errors import json_error
from fairlead.apiserver.wire.negotiation import View, check_shape, decode_body, negotiate
from fairlead.machinery.names import ResourceType

JSON, YAML, PROTOBUF = "application/json", "application/yaml", "application/vnd.kubernetes.protobuf"
WIDGETS = ResourceInfo(ResourceType("example.com", "v1", "Widget", "widgets"), "widget", is_custom=True)
REGISTRY = Registry()
GO_TYPE = r'struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }'
PARSE = "couldn't get version/kind; json parse error: "


def config_maps() -> ResourceInfo:
    info = REGISTRY.find("", "v1", "configmaps")
    assert info is not None
    return info


def refused(media: str, body: bytes, resource: ResourceInfo | None) -> Refusal:
    with pytest.raises(Refusal) as caught:
        decode_body(media, body, resource)
    return caught.value


@pytest.mark.parametrize(
    ("media", "body", "said"),
    [
        (JSON, b"{", PARSE + "unexpected end of JSON input ({)"),
        (JSON, b"", PARSE + "unexpected end of JSON input (<empty>)"),
        (JSON, b"[]", PARSE + f"json: cannot unmarshal array into Go value of type {GO_TYPE} (5b5d)"),
        (JSON, b'"x"', PARSE + f"json: cannot unmarshal string into Go value of type {GO_TYPE} (227822)"),
        (
            JSON,
            b'{"apiVersion":1,"kind":"ConfigMap","metadata":{"name":"a"}}',
            PARSE
            + "json: cannot unmarshal number into Go struct field .apiVersion of type string"
            + ' ({"apiVersion":1,"kind":"Config ...)',
        ),
        (
            JSON,
            b'{"apiVersion":"x/y/z","kind":"ConfigMap","metadata":{"name":"a"}}',
            'unexpected GroupVersion string: x/y/z ({"apiVersion":"x/y/z","kind":" ...)',
        ),
        (YAML, b"a: [b", "yaml: line 1: did not find expected ',' or ']' (613a205b62)"),
        (YAML, b"- a", PARSE + f"json: cannot unmarshal array into Go value of type {GO_TYPE} (2d2061)"),
        (
            PROTOBUF,
            b"x",
            "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] (78)",
        ),
        (PROTOBUF, b"k8s\0", "empty body (6b387300)"),
        (PROTOBUF, b"k8s\0\xff", "unexpected EOF (6b387300ff)"),
    ],
)
def test_a_body_that_is_no_object_is_refused_in_the_servers_words(media: str, body: bytes, said: str) -> None:
    refusal = refused(media, body, config_maps())
    assert refusal.code == 400
    assert refusal.reason == "BadRequest"
    assert str(refusal) == f"the object provided is unrecognized (must be of type ConfigMap): {said}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a" 1}', "invalid character '1' after object key"),
        ('{"a":1 2}', "invalid character '2' after object key:value pair"),
        ('{"a":[1 2]}', "invalid character '2' after array element"),
        ('{"a":{"b":"]{"} 2}', "invalid character '2' after object key:value pair"),
        ('{"a":tru}', "invalid character '}' in literal true (expecting 'e')"),
        ('{"a":tr', "unexpected end of JSON input"),
        ("nope", "invalid character 'o' in literal null (expecting 'u')"),
        ('{"a":"x', "unexpected end of JSON input"),
        ("{1:2}", "invalid character '1' looking for beginning of object key string"),
        ('{"a":1,}', "invalid character '}' looking for beginning of object key string"),
        ('{"a":"\x01"}', r"invalid character '\x01' in string literal"),
        ('{"a":01}', "invalid character '1' after object key:value pair"),
        ('{"a":NaN}', "invalid character 'N' looking for beginning of value"),
        ('{"a":.5}', "invalid character '.' looking for beginning of value"),
        ('{"a":1e}', "invalid character '}' in exponent of numeric literal"),
        ('{"a":1.}', "invalid character '}' after decimal point in numeric literal"),
        ('{"a":-}', "invalid character '}' in numeric literal"),
        ('{"a":"\\x"}', "invalid character 'x' in string escape code"),
        ('{"a":"\\u12"}', "invalid character '\"' in \\u hexadecimal character escape"),
        ("{\"a\":'x'}", r"invalid character '\'' looking for beginning of value"),
        ('{"a":1} x', "invalid character 'x' after top-level value"),
        ("{}", ""),
    ],
)
def test_faults_of_json_are_said_as_go_says_them(text: str, said: str) -> None:
    assert json_error(text.encode()) == said


def test_a_builtin_object_need_not_say_its_type() -> None:
    assert decode_body(JSON, b"{}", config_maps()) == {"apiVersion": "v1", "kind": "ConfigMap"}
    assert decode_body("", b"null", config_maps()) == {"apiVersion": "v1", "kind": "ConfigMap"}
    assert decode_body(YAML, b"", config_maps()) == {"apiVersion": "v1", "kind": "ConfigMap"}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            '{"apiVersion":"v1","kind":"Pod"}',
            (
                'Pod in version "v1" cannot be handled as a ConfigMap: '
                "converting (v1.Pod) to (core.ConfigMap): unknown conversion"
            ),
        ),
        (
            '{"apiVersion":"v2","kind":"ConfigMap"}',
            (
                'ConfigMap in version "v2" cannot be handled as a ConfigMap: '
                'no kind "ConfigMap" is registered for version "v2" in scheme "pkg/runtime/scheme.go:111"'
            ),
        ),
        (
            '{"apiVersion":"nope.io/v1","kind":"Foo"}',
            (
                'Foo in version "v1" cannot be handled as a ConfigMap: '
                'no kind "Foo" is registered for version "nope.io/v1" in scheme "pkg/runtime/scheme.go:111"'
            ),
        ),
    ],
)
def test_an_object_of_another_type_is_refused(body: str, said: str) -> None:
    assert str(refused(JSON, body.encode(), config_maps())) == said


def test_an_object_of_another_version_is_refused() -> None:
    autoscalers = REGISTRY.find("autoscaling", "v1", "horizontalpodautoscalers")
    body = b'{"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler"}'
    said = "the API version in the data (autoscaling/v2) does not match the expected API version (autoscaling/v1)"
    assert str(refused(JSON, body, autoscalers)) == said


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "{}",
            "the object provided is unrecognized (must be of type Widget): Object 'Kind' is missing in '{}' ({})",
        ),
        (
            '{"kind":"Widget"}',
            "the API version in the data () does not match the expected API version (example.com/v1)",
        ),
        (
            '{"apiVersion":"v1","kind":"Pod"}',
            "the API version in the data (v1) does not match the expected API version (example.com/v1)",
        ),
    ],
)
def test_a_custom_object_must_say_its_type(body: str, said: str) -> None:
    assert str(refused(JSON, body.encode(), WIDGETS)) == said


def test_of_duplicate_keys_the_last_one_counts() -> None:
    body = b'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"dup","name":"dup2"}}'
    assert decode_body("application/json; charset=utf-8", body, config_maps())["metadata"] == {"name": "dup2"}


def test_yaml_is_read_by_kubectls_rules() -> None:
    found = decode_body(YAML, b"{apiVersion: v1, kind: ConfigMap, data: {a: y, b: '1', c: 2026-01-01}}", config_maps())
    assert found["data"] == {"a": True, "b": "1", "c": "2026-01-01"}


@pytest.mark.parametrize("media", ["application/cbor", "text/plain", "application/x-www-form-urlencoded"])
def test_other_media_types_are_not_read(media: str) -> None:
    refusal = refused(media, b"{}", None)
    assert refusal.code == 415
    assert refusal.reason == "UnsupportedMediaType"
    assert str(refusal) == (
        "the body of the request was in an unknown format - accepted media types include: "
        "application/json, application/yaml, application/vnd.kubernetes.protobuf"
    )


KUBECTL = (
    "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json"
)


@pytest.mark.parametrize(
    ("accept", "view"),
    [
        ("", View()),
        ("*/*", View()),
        ("application/*", View()),
        ("text/html, */*", View()),
        (KUBECTL, View("table")),
        ("application/vnd.kubernetes.protobuf, application/json", View()),
        ("application/json; charset=utf-8", View()),
        ("application/json;stream=watch", View()),
        ("*/*;q=0.1, application/yaml", View("yaml", YAML)),
        ("application/json;q=0, application/yaml", View("yaml", YAML)),
        ("application/yaml;q=0.3,application/json;q=0.5", View()),
        ("application/yaml;as=Table;v=v1;g=meta.k8s.io", View("table", YAML)),
        ("application/json;as=Table;v=v1beta1;g=meta.k8s.io", View("table", version="v1beta1")),
        ("application/json;as=Table;v=v2;g=meta.k8s.io,application/json", View()),
        ("application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io", View("partial")),
        ("application/json;q=0", View()),
        ("application/json;q=much", View()),
        ("*/*, application/yaml", View("yaml", YAML)),
        ('application/json;as="PartialObjectMetadataList";v=v1;g=meta.k8s.io', View("partial-list")),
    ],
)
def test_the_first_form_that_can_be_given_is_taken(accept: str, view: View) -> None:
    assert negotiate(accept, WIDGETS) == view


@pytest.mark.parametrize(
    "accept",
    [
        "application/vnd.kubernetes.protobuf",
        "application/cbor",
        "text/html",
        ";;;",
        "application/json;as=Foo;v=v1;g=meta.k8s.io",
        "application/json;as=Table;v=v2;g=meta.k8s.io",
    ],
)
def test_a_form_that_cannot_be_given_is_refused(accept: str) -> None:
    with pytest.raises(Refusal) as caught:
        negotiate(accept, WIDGETS)
    assert caught.value.code == 406
    assert str(caught.value).startswith(
        "only the following media types are accepted: application/json, application/yaml"
    )


def test_a_watch_is_never_yaml() -> None:
    assert negotiate("application/json, application/yaml", WIDGETS, stream=True) == View()
    for accept in ("application/yaml", "application/yaml, application/json"):
        with pytest.raises(Refusal, match="only the following media types are accepted: application/json;stream=watch"):
            negotiate(accept, WIDGETS, stream=True)


def test_partial_metadata_must_be_of_what_is_asked_for() -> None:
    check_shape(View("partial"), config_maps(), is_list=False)
    check_shape(View("table"), config_maps(), is_list=True)
    with pytest.raises(Refusal) as caught:
        check_shape(View("partial"), config_maps(), is_list=True)
    assert str(caught.value) == (
        "you requested PartialObjectMetadata, but the requested object is a list (*core.ConfigMapList)"
    )
    with pytest.raises(Refusal, match=r"is not a list \(\*core.ConfigMap\)"):
        check_shape(View("partial-list"), config_maps(), is_list=False)
    with pytest.raises(Refusal, match="content is not a list"):
        check_shape(View("partial-list"), WIDGETS, is_list=False)
