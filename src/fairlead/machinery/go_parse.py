"""How Go reads times, base64 and URLs, and what it says of texts that it cannot read.

https://pkg.go.dev/time#Parse with the layout of RFC 3339, in which the API server's JSON has its times, and
https://pkg.go.dev/net/url#Parse.
"""

from __future__ import annotations

import calendar
import re

from fairlead.machinery.validation import quote

__all__ = ["MICRO_LAYOUT", "RFC3339", "base64_fault", "time_fault", "url_fault"]

RFC3339 = "2006-01-02T15:04:05Z07:00"
#: Of times with microseconds, such as those of leases.
MICRO_LAYOUT = "2006-01-02T15:04:05.000000Z07:00"
_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
_STEPS = (
    ("2006", r"\d{4}"), ("-", "-"), ("01", r"\d{2}"), ("-", "-"), ("02", r"\d{2}"), ("T", "T"),
    ("15", r"\d{2}"), (":", ":"), ("04", r"\d{2}"), (":", ":"), ("05", r"\d{2}"),
)  # fmt: skip
_ZONE = re.compile(r"Z|[+-]\d{2}:\d{2}")


def time_fault(text: str, layout: str = RFC3339) -> str:
    """Go's error for a text that is no time of this layout; empty for one that is."""
    said = f"parsing time {quote(text)}"
    rest, found = text, dict[str, int]()
    for element, pattern in _STEPS:
        match = re.match(pattern, rest, re.ASCII)
        if match is None:
            return f"{said} as {quote(layout)}: cannot parse {quote(rest)} as {quote(element)}"
        if element.isdigit():
            found[element] = int(match[0])
        rest = rest[match.end() :]
        fault = _range_fault(element, found)
        if fault:
            return f"{said}: {fault} out of range"
    return _tail_fault(text, rest, layout, found)


def _range_fault(element: str, found: dict[str, int]) -> str:
    limits = {"01": ("month", 1, 12), "15": ("hour", 0, 23), "04": ("minute", 0, 59), "05": ("second", 0, 59)}
    name, least, most = limits.get(element, ("", 0, 10_000))
    return "" if least <= found.get(element, least) <= most else name


def _tail_fault(text: str, rest: str, layout: str, found: dict[str, int]) -> str:
    said = f"parsing time {quote(text)}"
    if layout == MICRO_LAYOUT:
        micros = re.match(r"\.\d{6}", rest, re.ASCII)
        if micros is None:
            return f"{said} as {quote(layout)}: cannot parse {quote(rest)} as {quote('.000000')}"
        rest = rest[micros.end() :]
    elif fraction := re.match(r"[.,]\d+", rest, re.ASCII):
        rest = rest[fraction.end() :]
    zone = _ZONE.match(rest)
    if zone is None:
        return f"{said} as {quote(layout)}: cannot parse {quote(rest)} as {quote('Z07:00')}"
    if zone.end() < len(rest):
        return f"{said}: extra text: {quote(rest[zone.end() :])}"
    days = calendar.monthrange(found["2006"] or 4, found["01"])[1]
    return "" if 1 <= found["02"] <= days else f"{said}: day out of range"


_WHOLE_BASE64 = re.compile("(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


def base64_fault(text: str) -> int | None:
    """The place at which Go's base64 decoder stops; None when the text is right."""
    if _WHOLE_BASE64.fullmatch(text):
        return None
    for place, letter in enumerate(text):
        if letter not in _BASE64:
            rest = text[place:]
            right = rest in {"=", "=="} and (place + len(rest)) % 4 == 0
            return None if right else place
    return None if len(text) % 4 == 0 else len(text) - len(text) % 4


_SCHEME = re.compile("[A-Za-z][A-Za-z0-9+.-]*:")
_NOT_IN_HOSTS = re.compile(r"[ ^`{|}\\]")
_PORT = re.compile(":[0-9]*")
_BAD_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2}).{0,2}")


def url_fault(text: str) -> str:
    """Go's error for a text that is no URL, such as `parse "x:y z": …`; empty for one that is."""
    fault = _url_fault(text)
    return f"parse {quote(text)}: {fault}" if fault else ""


def _url_fault(text: str) -> str:
    if any(letter < " " or letter == "\x7f" for letter in text):
        return "net/url: invalid control character in URL"
    if text.startswith(":"):
        return "missing protocol scheme"
    scheme = _SCHEME.match(text)
    rest = text[scheme.end() if scheme else 0 :].partition("#")[0].partition("?")[0]
    if scheme is None and ":" in rest.partition("/")[0]:
        return "first path segment in URL cannot contain colon"
    host, path = "", rest
    if rest.startswith("//"):
        host, slash, path = rest[2:].partition("/")
        path = slash + path
    host = host.rpartition("@")[2]
    return _host_fault(host) or _escape_fault(path)


def _host_fault(host: str) -> str:
    port = host[host.rfind("]") + 1 :] if host.startswith("[") else host[host.find(":") :] if ":" in host else ""
    if host.startswith("[") and "]" not in host:
        return "missing ']' in host"
    if port and not _PORT.fullmatch(port):
        return f"invalid port {quote(port)} after host"
    odd = _NOT_IN_HOSTS.search(host)
    return _escape_fault(host) or (f"invalid character {quote(odd[0])} in host name" if odd else "")


def _escape_fault(text: str) -> str:
    found = _BAD_ESCAPE.search(text)
    return f"invalid URL escape {quote(found[0])}" if found else ""
