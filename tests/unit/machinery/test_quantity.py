from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.machinery.quantity import QuantityError, canonical, equal, parse

#: What Go's own `resource.Quantity` (v0.37.2) makes of each.
CANONICAL = [
    ("0", "0"),
    ("00", "0"),
    ("0.0", "0"),
    ("1", "1"),
    ("+1", "1"),
    ("-1", "-1"),
    ("005", "5"),
    ("1000m", "1"),
    ("1500m", "1500m"),
    ("1.5", "1500m"),
    ("1.50", "1500m"),
    ("1.500", "1500m"),
    ("1.500k", "1500"),
    ("1.000", "1"),
    ("0.005", "5m"),
    ("0.5", "500m"),
    (".5", "500m"),
    ("5.", "5"),
    ("1k", "1k"),
    ("1000k", "1M"),
    ("1024", "1024"),
    ("1000", "1k"),
    ("12345", "12345"),
    ("1e3", "1e3"),
    ("1E3", "1e3"),
    ("5e0", "5"),
    ("1e-3", "1e-3"),
    ("1e-9", "1e-9"),
    ("1e-10", "1e-9"),
    ("10e2", "1e3"),
    ("1e31", "10e30"),
    ("1e30", "1e30"),
    ("10E", "10E"),
    ("1E", "1E"),
    ("1000P", "1E"),
    ("1Ki", "1Ki"),
    ("1024Ki", "1Mi"),
    ("1536Ki", "1536Ki"),
    ("0.5Gi", "512Mi"),
    ("0.5Ki", "512"),
    ("0.1Ki", "102400m"),
    ("1.5Gi", "1536Mi"),
    ("0.0001Mi", "104857600u"),
    ("1023", "1023"),
    ("8Ki", "8Ki"),
    ("512Ki", "512Ki"),
    ("1000Ki", "1000Ki"),
    ("1024Gi", "1Ti"),
    ("1024Ei", "9223372036854775807"),
    ("16Ei", "9223372036854775807"),
    ("7Ei", "7Ei"),
    ("8Ei", "9223372036854775807"),
    ("9223372036854775807", "9223372036854775807"),
    ("9223372036854775808", "9223372036854775808"),
    ("99999999999999999999", "99999999999999999999"),
    ("1n", "1n"),
    ("0.1n", "1n"),
    ("1.5n", "2n"),
    ("0.5u", "500n"),
    ("1000u", "1m"),
    ("1000000000n", "1"),
    ("123456789n", "123456789n"),
    ("1.0000000001", "1000000001n"),
    ("-0.1n", "-1n"),
    ("-1.5Gi", "-1536Mi"),
    ("-0.5Gi", "-512Mi"),
    ("-1024Ki", "-1Mi"),
    ("1.23456789012345678901Gi", "1325607178192992078n"),
    ("0Ki", "0"),
    ("0m", "0"),
    ("0e5", "0"),
    ("+0.5Gi", "512Mi"),
    ("100m", "100m"),
    ("250m", "250m"),
    ("64Mi", "64Mi"),
    ("1.2k", "1200"),
    ("1200", "1200"),
    ("1200m", "1200m"),
    ("0.001", "1m"),
    ("1e+3", "1e3"),
    ("1E-3", "1e-3"),
    ("1e03", "1e3"),
    ("1.0Ki", "1Ki"),
    ("1.0e3", "1e3"),
    ("12e6", "12e6"),
    ("1e5", "100e3"),
    ("1e6", "1e6"),
    ("1.5e3", "1500"),
    ("2.5E", "2500P"),
    ("1.123456789123", "1123456790n"),
]


@pytest.mark.parametrize(("text", "expected"), CANONICAL)
def test_the_canonical_form_is_gos(text: str, expected: str) -> None:
    assert canonical(text) == expected
    assert equal(text, expected)


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "1a",
        "1Kii",
        "1KI",
        "1mi",
        "1K",
        ".",
        "+",
        "-",
        "1e",
        "1e+",
        "1_0",
        "1.5.5",
        "--1",
        "1Ei3",
        "Ki",
        "e3",
        "0x10",
        "1,5",
        "1ki",
        " 1",
        "1 ",
        "",
        "1e1001",
        "1" * 101,
        "٣",
    ],
)
def test_what_is_no_quantity_is_refused_by_name(text: str) -> None:
    with pytest.raises(QuantityError) as caught:
        parse(text)
    assert repr(text) in str(caught.value)
    assert "such as 500m" in str(caught.value)


@pytest.mark.parametrize("value", [None, True, [], float("nan"), float("inf")])
def test_other_types_are_refused(value: object) -> None:
    with pytest.raises(QuantityError):
        parse(value)  # type: ignore[arg-type]


def test_amounts_are_exact() -> None:
    assert parse("0.1") + parse("200m") == parse("0.3")
    assert parse("1.5Gi") == 1610612736
    assert str(parse("1Gi")) == "1073741824"
    assert str(parse("100m")) == "0.1"
    assert parse("123456789123456789.000000001") == Decimal("123456789123456789.000000001")
    assert parse(2) == parse("2")
    assert parse(0.1) == parse("100m")
    assert parse(1e21) == Decimal("1e21")
    assert canonical(1000) == "1k"


@settings(max_examples=100, deadline=None)
@given(
    st.decimals("-1e12", "1e12", places=9, allow_nan=False),
    st.sampled_from(["", "n", "u", "m", "k", "M", "G", "Ki", "Mi", "Gi", "e3", "E-3"]),
)
def test_the_canonical_form_means_the_same_and_is_its_own(number: Decimal, suffix: str) -> None:
    text = f"{number:f}{suffix}"
    assert parse(canonical(text)) == parse(text)
    assert canonical(canonical(text)) == canonical(text)
