from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.errors import InvalidObject
from fairlead.machinery import validation
from fairlead.machinery.causes import Cause

SUBDOMAIN = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
    "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
LABEL = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)


def test_names_of_objects() -> None:
    assert validation.dns1123_subdomain("a.b-c.1") == []
    assert validation.dns1123_subdomain("a" * 253) == []
    assert validation.dns1123_subdomain("a" * 254) == ["must be no more than 253 characters"]
    for wrong in ("", "A", "a_b", "-a", "a-", "a..b", "a\n", "a.b.", "é"):
        assert validation.dns1123_subdomain(wrong) == [SUBDOMAIN], wrong


def test_names_of_namespaces() -> None:
    assert validation.dns1123_label("1-a") == []
    assert validation.dns1123_label("a.b") == ["must not contain dots"]
    assert validation.dns1123_label("A") == [LABEL]
    assert validation.dns1123_label("A" * 64) == ["must be no more than 63 characters", LABEL]


def test_names_of_rfc_1035() -> None:
    assert validation.dns1035_label("a-1") == []
    assert "DNS-1035" in validation.dns1035_label("1-a")[0]


def test_keys_of_labels() -> None:
    for fine in ("a", "A_b.c-1", "example.com/a", "a" * 63, "a" * 63 + "/b"):
        assert validation.label_key(fine) == [], fine
    assert validation.label_key("a" * 64) == ["name part must be no more than 63 bytes"]
    assert validation.label_key("/a") == ["prefix part must be non-empty"]
    assert validation.label_key("")[0] == "name part must be non-empty"
    assert validation.label_key("A.b/c") == [f"prefix part {SUBDOMAIN}"]
    assert validation.label_key("a/b/c")[0].endswith("(e.g. 'example.com/MyName')")
    assert validation.annotation_key("Example.COM/a") == []


def test_values_of_labels() -> None:
    for fine in ("", "a", "A_b.c-1", "a" * 63):
        assert validation.label_value(fine) == [], fine
    assert validation.label_value("a" * 64) == ["must be no more than 63 bytes"]
    assert len(validation.label_value("-" * 64)) == 2


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../b", "a%2fb"])
def test_names_that_would_lead_elsewhere_are_refused(name: str) -> None:
    with pytest.raises(InvalidObject, match=r"^Pod"):
        validation.check_name("Pod", name)


def test_odd_names_of_roles_pass_the_guard() -> None:
    validation.check_name("ClusterRole", "system:controller:x")


def meta_causes(namespaced: bool = True, **meta: Any) -> list[Cause]:
    document = {"name": "a", **({"namespace": "n"} if namespaced else {}), **meta}
    return validation.validate_object_meta(document, namespaced=namespaced, name_rule=validation.dns1123_subdomain)


def test_good_metadata_has_no_causes() -> None:
    owner = {"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "1", "controller": True}
    causes = meta_causes(
        labels={"a": "b"}, annotations={"A.b/c": "anything\n"}, finalizers=["x.io/y"], ownerReferences=[owner]
    )
    assert causes == []
    assert meta_causes(labels=None, annotations=None, finalizers=None, ownerReferences=None) == []


def test_causes_have_the_servers_texts() -> None:
    assert meta_causes(name="Bad") == [
        Cause("FieldValueInvalid", f'Invalid value: "Bad": {SUBDOMAIN}', "metadata.name")
    ]
    assert meta_causes(name="", generateName="ok-") == [
        Cause("FieldValueRequired", "Required value: name or generateName is required", "metadata.name")
    ]
    assert meta_causes(namespace="") == [Cause("FieldValueRequired", "Required value", "metadata.namespace")]
    assert meta_causes(namespaced=False, namespace="n") == [
        Cause("FieldValueForbidden", "Forbidden: not allowed on this type", "metadata.namespace")
    ]
    assert meta_causes(generateName="Bad-")[0].field == "metadata.generateName"
    assert [cause.field for cause in meta_causes(labels={"-": "-"})] == ["metadata.labels"] * 2
    assert meta_causes(annotations={"a": "x" * 262144})[0] == Cause(
        "FieldValueTooLong", "Too long: may not be more than 262144 bytes", "metadata.annotations"
    )
    assert meta_causes(finalizers=["orphan", "foregroundDeletion"])[0].message == (
        'Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set'
    )
    assert str(meta_causes(generation=-1)[0]) == (
        "metadata.generation: Invalid value: -1: must be greater than or equal to 0"
    )


def test_owners_need_all_their_fields_and_one_controller() -> None:
    assert [cause.field for cause in meta_causes(ownerReferences=[{}])] == [
        f"metadata.ownerReferences[0].{name}" for name in ("apiVersion", "kind", "name", "uid")
    ]
    owner = {"apiVersion": "a/v1", "kind": "K", "name": "x", "uid": "1", "controller": True}
    (cause,) = meta_causes(ownerReferences=[owner, {**owner, "name": "y"}])
    assert cause.message.endswith(
        'Only one reference can have Controller set to true. Found "true" in references for K/x and K/y'
    )
    assert meta_causes(ownerReferences=[{**owner, "apiVersion": "a/b/c"}])[0].field.endswith(".apiVersion")
    (cause,) = meta_causes(ownerReferences=[{"apiVersion": "v1", "kind": "Event", "name": "x", "uid": "1"}])
    assert cause.message == (
        'Invalid value: {"apiVersion":"v1","kind":"Event","name":"x","uid":"1"}: '
        "/v1, Kind=Event is disallowed from being an owner"
    )


def test_updates_may_not_change_identity_nor_add_finalizers_late() -> None:
    old = {"name": "a", "uid": "1", "deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["x.io/a"]}
    assert validation.validate_object_meta_update({**old, "finalizers": []}, old) == []
    causes = validation.validate_object_meta_update({**old, "uid": "2", "finalizers": ["x.io/a", "x.io/b"]}, old)
    late, fixed = causes
    assert late.field == "metadata.finalizers"
    assert late.message == (
        "Forbidden: no new finalizers can be added if the object is being deleted, "
        'found new finalizers []string{"x.io/b"}'
    )
    assert str(fixed) == 'metadata.uid: Invalid value: "2": field is immutable'


def test_quoting_is_gos() -> None:
    assert validation.quote('a"b\\\n\x01é\u200b') == '"a\\"b\\\\\\n\\x01é\\u200b"'


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80))
def test_a_label_is_always_a_subdomain_and_any_rule_answers(text: str) -> None:
    if not validation.dns1035_label(text):
        assert not validation.dns1123_label(text)
    if not validation.dns1123_label(text):
        assert not validation.dns1123_subdomain(text)
    assert isinstance(validation.qualified_name(text), list)
    assert isinstance(validation.quote(text), str)
