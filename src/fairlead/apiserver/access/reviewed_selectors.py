"""Selectors in questions about access: what is wrong with them, and what of them is not understood.

https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import cast

from fairlead.apiserver.documents import Document, part
from fairlead.apiserver.rules.faults import children, invalid, items_of, open_requirement, required, requirement_values
from fairlead.errors import InvalidSelector
from fairlead.machinery.causes import Cause
from fairlead.machinery.selectors import FieldSelector, LabelSelector

__all__ = ["selector_faults", "unread_selectors"]


def selector_faults(attributes: Document) -> Iterator[Cause]:
    """What is wrong with the selectors of a question about resources."""
    for name, requirement_faults in (("fieldSelector", _field_requirement), ("labelSelector", open_requirement)):
        path, chosen = f"spec.resourceAttributes.{name}", cast("Document | None", attributes.get(name))
        if chosen is None:
            continue
        raw, requirements = chosen.get("rawSelector"), items_of(chosen, "requirements")
        if raw and requirements:
            yield invalid(f"{path}.rawSelector", raw, "may not specified at the same time as requirements")
        elif not raw and not requirements:
            yield required(f"{path}.requirements", f"when {path} is specified, requirements or rawSelector is required")
        for at, requirement in children(chosen, path, "requirements"):
            yield from requirement_faults(requirement, at)


def _field_requirement(requirement: Document, path: str) -> Iterator[Cause]:
    if not requirement.get("key"):
        yield required(f"{path}.key", "must be specified")
    yield from requirement_values(requirement, path)


def unread_selectors(attributes: Document) -> str:
    """What an answer says of selectors that were not, or not wholly, understood."""
    found = ((name, _unread(part(attributes, name), name)) for name in ("fieldSelector", "labelSelector"))
    return "; ".join(f"spec.resourceAttributes.{name} {how} due to parse error" for name, how in found if how)


def _unread(chosen: Document, name: str) -> str:
    raw, parse = chosen.get("rawSelector"), _PARSERS[name]
    if raw:
        return "" if _is_read(parse, str(raw)) else "ignored"
    read = [_KNOWN[name](requirement) for _, requirement in children(chosen, "", "requirements")]
    if all(read):
        return ""
    return "partially ignored" if any(read) else "ignored"


def _is_read(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except InvalidSelector:
        return False
    return True


def _known_label(requirement: Document) -> bool:
    return requirement.get("operator") in {"In", "NotIn", "Exists", "DoesNotExist"}


def _known_field(requirement: Document) -> bool:
    return requirement.get("operator") in {"In", "NotIn"} and len(items_of(requirement, "values")) == 1


_PARSERS: dict[str, Callable[[str], object]] = {
    "fieldSelector": FieldSelector.parse,
    "labelSelector": LabelSelector.parse,
}
_KNOWN = {"fieldSelector": _known_field, "labelSelector": _known_label}
