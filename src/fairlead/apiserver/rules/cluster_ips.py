"""What is wrong with the cluster addresses of a Service, and with the families of addresses that it asks for."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.apiserver.documents import Document
from fairlead.apiserver.rules.faults import duplicate, invalid, items_of, one_of, required
from fairlead.apiserver.rules.ip_texts import address_of, ip_text
from fairlead.machinery.causes import Cause

__all__ = ["cluster_ips"]

_FAMILIES = ("IPv4", "IPv6")
_POLICIES = ("PreferDualStack", "RequireDualStack", "SingleStack")
_AT = "spec.clusterIPs"


def cluster_ips(spec: Document) -> Iterator[Cause]:
    """The addresses and families of a Service that is not ExternalName."""
    listed = items_of(spec, "clusterIPs")
    yield from _in_line(spec.get("clusterIP") or "", listed)
    yield from _families(spec)
    wrong = list(_addresses(listed))
    yield from wrong
    if len(listed) > 2:
        yield invalid(_AT, listed, "may only hold up to 2 values")
    if wrong or listed[:1] == ["None"]:
        return
    versions = [address.version for each in listed if (address := address_of(str(each))) is not None]
    if len(listed) > 1 and set(versions) != {4, 6}:
        yield invalid(_AT, listed, "may specify no more than one IP for each IP family")
    for index, (version, family) in enumerate(zip(versions, items_of(spec, "ipFamilies"), strict=False)):
        if f"IPv{version}" != family:
            text = f"expected an {family} value as indicated by `ipFamilies[{index}]`"
            yield invalid(f"{_AT}[{index}]", listed[index], text)


def _in_line(first: str, listed: list[str]) -> Iterator[Cause]:
    if first and not listed:
        yield required(_AT)
    elif first and listed[0] != first:
        yield invalid(_AT, listed, "first value must match `clusterIP`")
    elif listed and not first:
        yield invalid(_AT, listed, "must be empty when `clusterIP` is not specified")


def _families(spec: Document) -> Iterator[Cause]:
    seen: set[str] = set()
    for index, family in enumerate(items_of(spec, "ipFamilies")):
        yield from one_of(family, _FAMILIES, f"spec.ipFamilies[{index}]")
        if family in seen:
            yield duplicate(f"spec.ipFamilies[{index}]", family)
        seen.add(family)
    yield from one_of(spec.get("ipFamilyPolicy"), _POLICIES, "spec.ipFamilyPolicy")


def _addresses(listed: list[str]) -> Iterator[Cause]:
    for index, address in enumerate(listed):
        if index == 0 and address == "None":
            if len(listed) > 1:
                yield invalid(_AT, listed, "'None' must be the first and only value")
            continue
        yield from ip_text(str(address), f"{_AT}[{index}]")
