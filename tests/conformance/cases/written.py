"""Answers as YAML, byte for byte: which texts are quoted, how lines and numbers are written."""

from __future__ import annotations

from typing import Any

from tests.conformance.case import CRD, GET, OPEN, POST, Case
from tests.conformance.making import widget

__all__ = ["CASES"]

MAPS = "/api/v1/namespaces/{ns}/configmaps"
WIDGETS = "/apis/{group}/v1/namespaces/{ns}/widgets"
YAML = "application/yaml"
TEXTS = {
    "numbers or not": [
        "1.2.3.4",
        "10.0.0.1",
        "1",
        "1.5",
        "1e3",
        "0x1F",
        "0o17",
        "0o8",
        "1_000",
        "1,000",
        "0.1.0",
        "5.",
    ],
    "words": ["null", "~", "true", "Yes", "n", "off", ".inf", ".NaN", "nan", "None", "=", "<<", "-", "...", "---"],
    "times": ["2020-01-01", "2020-1-1", "2020-13-01", "2001-12-14 21:59:43.10 -5", "2020-01-01T00:00:00Z", "12:30:45"],
    "signs": ["#a", "a #b", "a: b", ":a", "*a", "&a", "!a", "[a]", ",", "'", '"', "\\", "? a", "- a", "%a", "`a"],
    "blanks": ["", " a", "a ", "\ta", "a\tb", "a\r\nb"],
    "lines": ["a\n", "a\nb", "a\nb\n\n", "\na", "\n", "\n\n", " a\nb", "a\n  b\nc", "a \nb", "#!/bin/sh\necho hi\n"],
    "long": ["word " * 40, ("word " * 40).strip(), "a" * 70 + " " + "b" * 70, "a " * 50 + "\nb", "é 日本"],
}
VALUES: list[Any] = [1.5, 1e21, 1e-7, 100000000.5, 123456.789, 1e20, 5e-324, True, None, [], {}, [[1], []], {"1": {}}]


def listed(values: list[Any]) -> dict[str, Any]:
    return {f"k{at}": value for at, value in enumerate(values)}


#: Headers in which weights, wildcards and parameters meet.
ACCEPTS = (
    "*/*, application/yaml",
    "*/*;q=0.9, application/yaml;q=0.1",
    "application/yaml;q=0.1, */*",
    "application/json;q=0",
    "application/yaml;q=abc, application/json;q=0",
    "application/yaml;stream=watch",
    "application/yaml;g=meta.k8s.io;v=v1",
    "Application/JSON",
    "*",
    "application/json;as=Table",
    "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
)

CASES = [
    *(
        Case(f"texts: {name}", POST(MAPS, {"metadata": {"name": "a"}, "data": listed(texts)}, accept=YAML))
        for name, texts in TEXTS.items()
    ),
    Case(
        "keys",
        POST(
            MAPS,
            {"metadata": {"name": "a"}, "data": dict.fromkeys(("1", "1.2.3.4", "true", "n", "1e3", "a" * 129), "v")},
            accept=YAML,
        ),
    ),
    Case(
        "numbers and what is empty",
        CRD(),
        POST(WIDGETS, widget(spec=listed(VALUES))),
        GET(f"{WIDGETS}/a", accept=YAML),
    ),
    *(
        Case(
            f"accept {accept}",
            POST(MAPS, {"metadata": {"name": "a"}}),
            GET(f"{MAPS}/a", accept=accept),
            GET(f"{MAPS}/zz", accept=accept),
            OPEN(f"{MAPS}?watch=1&timeoutSeconds=1&fieldSelector=metadata.name=zz", accept=accept),
        )
        for accept in ACCEPTS
    ),
    Case(
        "custom objects in forms that are asked for oddly",
        CRD(),
        POST(WIDGETS, widget()),
        *(GET(f"{WIDGETS}/a", accept=accept) for accept in ACCEPTS),
    ),
]
