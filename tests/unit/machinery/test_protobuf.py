"""Protobuf bodies read as the JSON that a kube-apiserver 1.37 gives for the same objects (protobuf_objects.json)."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from fairlead.machinery.protobuf import MAGIC, ProtobufError, decode_message, decode_object

RECORDED = json.loads(Path(__file__).with_name("protobuf_objects.json").read_text())


def without_nulls_and_zeros(value: Any) -> Any:
    """What Go leaves out or keeps of empty scalars cannot be told from the wire everywhere; see the module."""
    if isinstance(value, dict):
        return {
            k: without_nulls_and_zeros(v)
            for k, v in value.items()
            if v is not None and v != "" and v is not False and v != 0
        }
    return [without_nulls_and_zeros(entry) for entry in value] if isinstance(value, list) else value


def record(number: int, data: bytes) -> bytes:
    return bytes([number << 3 | 2, len(data)]) + data


def body(api_version: bytes, kind: bytes, raw: bytes) -> bytes:
    return MAGIC + record(1, record(1, api_version) + record(2, kind)) + record(2, raw)


@pytest.mark.parametrize("name", RECORDED)
def test_an_object_reads_as_the_same_object_in_json(name: str) -> None:
    found = decode_object(base64.b64decode(RECORDED[name]["protobuf"]))
    assert without_nulls_and_zeros(found) == without_nulls_and_zeros(RECORDED[name]["json"])


def test_zeros_that_mean_something_are_kept() -> None:
    deployment = decode_object(base64.b64decode(RECORDED["deployment"]["protobuf"]))
    assert deployment["spec"]["replicas"] == 0
    assert deployment["spec"]["template"]["spec"]["automountServiceAccountToken"] is False
    assert deployment["spec"]["template"]["spec"]["volumes"][0] == {"name": "v", "emptyDir": {}}
    assert "minReadySeconds" not in deployment["spec"]
    claim = decode_object(base64.b64decode(RECORDED["claim"]["protobuf"]))
    assert claim["spec"]["storageClassName"] == ""
    definition = decode_object(base64.b64decode(RECORDED["crd"]["protobuf"]))
    assert [version["storage"] for version in definition["spec"]["versions"]] == [True, False]


def test_a_type_that_the_body_does_not_say_is_taken_from_the_request() -> None:
    raw = record(1, record(1, b"web"))
    assert decode_object(MAGIC + record(2, raw), api_version="v1", kind="ConfigMap") == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "web"},
    }


def test_options_are_read_in_any_group() -> None:
    options = decode_object(body(b"apps/v1", b"DeleteOptions", record(4, b"Background")))
    assert options == {"apiVersion": "apps/v1", "kind": "DeleteOptions", "propagationPolicy": "Background"}


def test_numbers_may_be_negative_and_packed() -> None:
    minus_one = b"\xff" * 9 + b"\x01"
    tolerations = decode_message("k8s.io.api.core.v1.Toleration", b"\x28" + minus_one)
    assert tolerations == {"tolerationSeconds": -1}
    groups = decode_message("k8s.io.api.core.v1.PodSecurityContext", record(4, b"\x01\x02\xac\x02"))
    assert groups == {"supplementalGroups": [1, 2, 300]}


def test_unknown_fields_are_left_out() -> None:
    assert decode_message("k8s.io.api.core.v1.Taint", record(1, b"a") + b"\xf8\x07\x01") == {"key": "a"}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty data"),
        (b"x", "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]"),
        (MAGIC, "empty body"),
        (MAGIC + b"\xff", "unexpected EOF"),
        (MAGIC + b"\x0a\x05x", "unexpected EOF"),
        (MAGIC + b"\x0b", "proto: illegal wireType 3"),
        (MAGIC + record(2, b""), "Object 'Kind' is missing"),
        (body(b"v1", b"Nope", b""), 'no kind "Nope" is registered for version "v1"'),
        (body(b"v1", b"ConfigMap", b"\x08\x01"), "proto: wrong wireType"),
    ],
)
def test_a_body_that_is_none_says_why(data: bytes, said: str) -> None:
    with pytest.raises(ProtobufError) as error:
        decode_object(data)
    assert str(error.value).startswith(said)
