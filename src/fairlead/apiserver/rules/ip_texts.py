"""Texts of IP addresses and of ranges of them: what is refused, and what is taken and warned of.

Most fields have always been read leniently: numbers with leading zeros, IPv6 that is not in its shortest form (RFC 5952). The first
is refused now (KEP-4858), the second warned of; fields that are newer want the shortest form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from fairlead.machinery.causes import Cause
from fairlead.machinery.validation import invalid, quote

__all__ = ["address_of", "cidr_text", "cidr_warnings", "ip_text", "ip_warnings", "range_of", "shortest_ip_text"]

_ZEROS = re.compile(r"(?<![0-9a-fA-F])0+(?=[0-9a-fA-F])")
_BITS = re.compile(r"[0-9]{1,7}")
_MAPPED = "must not be an IPv4-mapped IPv6 address"


def address_of(text: str) -> IPv4Address | IPv6Address | None:
    """The address that a text means when it is read leniently; one of IPv4 in IPv6 as that of IPv4."""
    if "%" in text:
        return None
    try:
        found = ip_address(_ZEROS.sub("", text))
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def range_of(text: str) -> IPv4Network | IPv6Network | None:
    """The range that a text means when it is read leniently; bits beyond the prefix are dropped."""
    address, slash, bits = text.partition("/")
    if not slash or "%" in address or not _BITS.fullmatch(bits):
        return None
    try:
        return ip_network(f"{_ZEROS.sub('', address)}/{int(bits)}", strict=False)
    except ValueError:
        return None


def family_of(text: str) -> int:
    """4 or 6; 0 for what is no address."""
    address = address_of(text)
    return 0 if address is None else address.version


def ip_text(value: str, path: str) -> Iterator[Cause]:
    """An IP address."""
    if address_of(value) is None:
        yield invalid(path, value, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")
    elif not _is_strict(value):
        yield invalid(path, value, "must not have leading 0s")
    elif _is_mapped(value):
        yield invalid(path, value, _MAPPED)


def shortest_ip_text(value: str, path: str) -> Iterator[Cause]:
    """An IP address in its shortest form."""
    faults = list(ip_text(value, path))
    yield from faults
    shortest = str(address_of(value))
    if not faults and value != shortest:
        yield invalid(path, value, f"must be in canonical form ({quote(shortest)})")


def cidr_text(value: str, path: str) -> Iterator[Cause]:
    """A range of IP addresses."""
    found, address = range_of(value), value.partition("/")[0]
    if found is None:
        yield invalid(path, value, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")
    elif not _is_strict(address) or not _is_plain(value):
        yield invalid(path, value, "must not have leading 0s in IP or prefix length")
    elif _is_mapped(address):
        yield invalid(path, value, "must not have an IPv4-mapped IPv6 address")
    elif ip_address(address) != found.network_address:
        yield invalid(path, value, "must not have bits set beyond the prefix length")


def ip_warnings(value: str, path: str) -> Iterator[str]:
    """What is said of an address that is taken, and better written otherwise."""
    found = address_of(value)
    if found is None:
        return
    if not _is_strict(value) or _is_mapped(value):
        yield f"{path}: non-standard IP address {quote(value)} is invalid: use {quote(str(found))}"
    elif found.version == 6 and str(found) != value:
        yield f"{path}: IPv6 address {quote(value)} should be in RFC 5952 canonical format ({quote(str(found))})"


def cidr_warnings(value: str, path: str) -> Iterator[str]:
    """What is said of a range that is taken, and better written otherwise."""
    found, address = range_of(value), address_of(value.partition("/")[0])
    if found is None or address is None:
        return
    beyond = found.version == address.version and address != found.network_address
    if beyond:
        one = quote(f"{address}/{found.max_prefixlen}")
        yield f"{path}: CIDR value {quote(value)} is ambiguous in this context (should be {quote(str(found))} or {one}?)"
    if not _is_strict(value.partition("/")[0]) or not _is_plain(value) or _is_mapped(value.partition("/")[0]):
        yield f"{path}: non-standard CIDR value {quote(value)} is invalid: use {quote(str(found))}"
    elif not beyond and found.version == 6 and str(found) != value:
        yield f"{path}: IPv6 CIDR value {quote(value)} should be in RFC 5952 canonical format ({quote(str(found))})"


def _is_strict(address: str) -> bool:
    try:
        ip_address(address)
    except ValueError:
        return False
    return True


def _is_mapped(address: str) -> bool:
    found = ip_address(_ZEROS.sub("", address))
    return isinstance(found, IPv6Address) and found.ipv4_mapped is not None


def _is_plain(cidr: str) -> bool:
    """Whether the prefix length has no leading zeros."""
    bits = cidr.partition("/")[2]
    return bits == str(int(bits))
