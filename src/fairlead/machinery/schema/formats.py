"""The string formats that a CRD's schema may ask for. Formats that are not listed here are accepted unread, as the API server does.

https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Final

from fairlead.machinery.schema.nodes import Schema

__all__ = ["NUMBER_FORMATS", "has_format", "is_format"]

NUMBER_FORMATS: Final[Mapping[str, tuple[str, ...]]] = {"integer": ("int32", "int64"), "number": ("float", "double")}
"""The formats of numbers that mean something, by type."""

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_BYTE = r"(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])"
_CARD = (
    r"(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}"
    r"|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\d{3})\d{11})"
)
_TIME = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))")
_GO_DURATION = re.compile(r"[+-]?(0|((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)")
_SCALA_DURATION = re.compile(r"\d+\s*([A-Za-zµ]+)")
_UNITS = {"ns", "us", "µs", "ms", "s", "m", "h", "d", "w", "hr", "wk"}
_UNIT_STARTS = ("nano", "micro", "milli", "sec", "min", "hour", "day", "week")
_URI = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:|/)[^\x00-\x1f\x7f]*")
_HOST = re.compile(r"(?:[lds](?:-?[lds]{0,62})?|(?:[lds](?:[lds-]{0,61}[lds])?\.)+l{2,63})")


def _matches(pattern: str, flags: int = 0) -> Callable[[str], bool]:
    compiled = re.compile(pattern, flags | re.ASCII)
    return lambda text: compiled.fullmatch(text) is not None


def _parses(parse: Callable[[str], object]) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        try:
            parse(text)
        except ValueError:
            return False
        return True

    return check


def _date(text: str) -> bool:
    return re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII) is not None and _parses(dt.date.fromisoformat)(text)


def _date_time(text: str) -> bool:
    day, _, rest = text.lower().partition("t")
    found = _TIME.fullmatch(rest.partition("t")[0])
    return _date(day) and found is not None and found[1] <= "23" and found[2] <= "59" and found[3] <= "59"


def _duration(text: str) -> bool:
    """Go's durations, or anything that holds a number with a unit."""
    if _GO_DURATION.fullmatch(text):
        return True
    units = (unit.lower() for unit in _SCALA_DURATION.findall(text))
    return any(unit in _UNITS or unit.startswith(_UNIT_STARTS) for unit in units)


def _uri(text: str) -> bool:
    if _URI.fullmatch(text) is None or re.search(r"%(?![0-9A-Fa-f]{2})", text):
        return False
    host = re.match(r"[^/]*//([^/?#]*)", text)
    return host is None or not re.search(r"[ <>\"]", host[1])


def _hostname(text: str) -> bool:
    """Letters and symbols of any script count; the domain at the top has only letters."""
    kinds = "".join(_host_kind(letter) for letter in text)
    size = len(text.encode())
    return _HOST.fullmatch(kinds) is not None and size <= 255 and all(len(p.encode()) <= 63 for p in text.split("."))


def _host_kind(letter: str) -> str:
    if letter in "-.":
        return letter
    if letter in "0123456789":
        return "d"
    category = unicodedata.category(letter)
    return "l" if category.startswith("L") else "s" if category.startswith("S") else "x"


def _ipv4(text: str) -> bool:
    # Leading zeros are tolerated.
    return _parses(ipaddress.IPv4Address)(re.sub(r"(?<!\d)0+(?=\d)", "", text))


def _ipv6(text: str) -> bool:
    return "%" not in text and _parses(ipaddress.IPv6Address)(text)


def _cidr(text: str) -> bool:
    address, slash, bits = text.partition("/")
    if not slash or not re.fullmatch(r"0|[1-9]\d{0,2}|0\d+", bits, re.ASCII):
        return False
    return (_ipv4(address) and int(bits) <= 32) or (_ipv6(address) and int(bits) <= 128)


def _mac(text: str) -> bool:
    groups = re.split(r"[:-]", text) if re.match(r"[0-9A-Fa-f]{2}[:-]", text) else text.split(".")
    separators = set(re.findall(r"[:.-]", text))
    wanted = (2, {6, 8, 20}) if separators & {":", "-"} else (4, {3, 4, 10})
    hexadecimal = all(re.fullmatch(rf"[0-9A-Fa-f]{{{wanted[0]}}}", group) for group in groups)
    return len(separators) == 1 and hexadecimal and len(groups) in wanted[1]


def _credit_card(text: str) -> bool:
    digits = re.sub(r"[^0-9]+", "", text)
    if re.fullmatch(_CARD, digits) is None:
        return False
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value % 10 + value // 10 for value in doubled) % 10 == 0


def _isbn10(text: str) -> bool:
    sign = re.sub(r"[\s-]+", "", text)
    if re.fullmatch(r"[0-9]{9}[0-9X]", sign, re.ASCII) is None:
        return False
    values = [*map(int, sign[:9]), 10 if sign[9] == "X" else int(sign[9])]
    return sum(place * value for place, value in enumerate(values, 1)) % 11 == 0


def _isbn13(text: str) -> bool:
    sign = re.sub(r"[\s-]+", "", text)
    if re.fullmatch(r"[0-9]{13}", sign, re.ASCII) is None:
        return False
    total = sum((1 + 2 * (place % 2)) * int(digit) for place, digit in enumerate(sign[:12]))
    return int(sign[12]) == (10 - total % 10) % 10


def _uuid(version: str, variant: str) -> Callable[[str], bool]:
    return _matches(rf"[0-9a-f]{{8}}-?[0-9a-f]{{4}}-?{version}-?{variant}-?[0-9a-f]{{12}}", re.IGNORECASE)


_FORMATS: dict[str, Callable[[str], bool]] = {
    "bsonobjectid": _matches(r"[0-9a-fA-F]{24}"),
    "byte": _matches(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})"),
    "cidr": _cidr,
    "creditcard": _credit_card,
    "date": _date,
    "datetime": _date_time,
    "duration": _duration,
    "email": _matches(r"[^@\s<>]+@[^@\s<>]+|.*<[^@\s]+@[^@\s]+>"),
    "hexcolor": _matches(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})"),
    "hostname": _hostname,
    "ipv4": _ipv4,
    "ipv6": _ipv6,
    "isbn": lambda text: _isbn10(text) or _isbn13(text),
    "isbn10": _isbn10,
    "isbn13": _isbn13,
    "k8slongname": lambda text: len(text) <= 253 and _matches(rf"{_LABEL}(\.{_LABEL})*")(text),
    "k8sshortname": lambda text: len(text) <= 63 and _matches(_LABEL)(text),
    "mac": _mac,
    "password": lambda _text: True,
    "rgbcolor": _matches(rf"rgb\(\s*{_BYTE}\s*,\s*{_BYTE}\s*,\s*{_BYTE}\s*\)"),
    "ssn": _matches(r"\d{3}[- ]?\d{2}[- ]?\d{4}"),
    "uri": _uri,
    "uuid": _uuid("[0-9a-f]{4}", "[0-9a-f]{4}"),
    "uuid3": _uuid("3[0-9a-f]{3}", "[0-9a-f]{4}"),
    "uuid4": _uuid("4[0-9a-f]{3}", "[89ab][0-9a-f]{3}"),
    "uuid5": _uuid("5[0-9a-f]{3}", "[89ab][0-9a-f]{3}"),
}


def is_format(schema: Schema) -> str:
    """The format of a node, if it is one that its type can have and the server knows; else empty."""
    form, kind = schema.format or "", "" if schema.int_or_string else schema.type or ""
    if kind in {"", "string"}:
        return form if form.replace("-", "") in _FORMATS else ""
    return form if form in NUMBER_FORMATS.get(kind, ()) else ""


def has_format(text: str, name: str) -> bool:
    """Whether `text` has the format `name` (dashes in names do not count); True for a format that is not known."""
    check = _FORMATS.get(name.replace("-", ""))
    return check is None or check(text)
