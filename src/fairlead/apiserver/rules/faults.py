"""What is wrong with single values of built-in types, in the words of kube-apiserver: the pieces that rules are made of.

Each check takes a value and the path of its field, and yields causes; `faults` without a cause means the value is fine.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from fairlead.apiserver.documents import Document, part, parts
from fairlead.machinery import causes, quantity
from fairlead.machinery.causes import Cause
from fairlead.machinery.validation import (
    NameRule,
    annotation_causes,
    dns1123_subdomain,
    invalid,
    label_key,
    label_value,
    quote,
    required,
)

__all__ = [
    "IMMUTABLE",
    "MAX_INT32",
    "amount",
    "children",
    "chosen",
    "config_key",
    "descending_path",
    "domain_path",
    "duplicate",
    "fixed",
    "forbidden",
    "immutable",
    "in_range",
    "invalid",
    "items_of",
    "labels",
    "named",
    "no_backsteps",
    "no_spaces",
    "not_found",
    "not_supported",
    "not_supported_as",
    "one_of",
    "open_requirement",
    "percent_or_number",
    "port_name",
    "port_number",
    "port_number_or_name",
    "required",
    "requirement_values",
    "reserved_path",
    "selector",
    "sorted_map",
    "sorted_selector",
    "template_metadata",
    "too_long",
    "too_many",
    "unsigned",
]

MAX_INT32 = 2**31 - 1
IMMUTABLE = "field is immutable"
_NOT_NEGATIVE = "must be greater than or equal to 0"
_PORT_SHAPE = re.compile(r"[-a-z0-9]+")
_PATH_SHAPE = r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+"
_CONFIG_SHAPE = re.compile(r"[-._a-zA-Z0-9]+")
_PERCENT = re.compile(r"[0-9]+%")
#: What the metadata of a template has no say in, in the server's order.
_NOT_IN_TEMPLATES = (
    "name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp",
    "deletionTimestamp", "deletionGracePeriodSeconds", "ownerReferences", "finalizers", "managedFields",
)  # fmt: skip


def forbidden(path: str, text: str) -> Cause:
    """The cause `Forbidden: text`."""
    return Cause(causes.FORBIDDEN, f"Forbidden: {text}" if text else "Forbidden", path)


def not_supported(path: str, value: object, known: Iterable[str]) -> Cause:
    """The cause `Unsupported value`, with the values that are; they are told in the order given."""
    return not_supported_as(path, quote(value) if isinstance(value, str) else str(value), known)


def not_supported_as(path: str, shown: str, known: Iterable[str]) -> Cause:
    """The same of a value that is more than a text or a number, as it is shown."""
    listed = ", ".join(quote(each) for each in known)
    return Cause(causes.NOT_SUPPORTED, f"Unsupported value: {shown}: supported values: {listed}", path)


def duplicate(path: str, value: object) -> Cause:
    """The cause `Duplicate value`."""
    return Cause(causes.DUPLICATE, f"Duplicate value: {_shown(value)}", path)


def not_found(path: str, value: object, text: str = "") -> Cause:
    """The cause `Not found`."""
    return Cause(causes.NOT_FOUND, f"Not found: {_shown(value)}" + (f": {text}" if text else ""), path)


def too_long(path: str, limit: int) -> Cause:
    """The cause `Too long`; the limit is in bytes."""
    return Cause(causes.TOO_LONG, f"Too long: may not be more than {limit} bytes", path)


def too_many(path: str, count: int, most: int) -> Cause:
    """The cause `Too many`; the limit is in items."""
    return Cause(causes.TOO_MANY, f"Too many: {count}: must have at most {most} items", path)


def _shown(value: object) -> str:
    return invalid("", value, "").message.removeprefix("Invalid value: ").removesuffix(": ")


# -- walking


def children(holder: Mapping[str, Any] | None, path: str, name: str) -> Iterator[tuple[str, Document]]:
    """The objects in the list `name` of the holder, each with its path."""
    for index, item in enumerate(parts(holder, name)):
        yield f"{path}.{name}[{index}]", item


def items_of(holder: Mapping[str, Any] | None, name: str) -> list[Any]:
    """The list `name` of the holder, which may be absent."""
    found = (holder or {}).get(name)
    return cast("list[Any]", found) if isinstance(found, list) else []


# -- texts


def named(rule: NameRule, value: str, path: str) -> Iterator[Cause]:
    """A text by a rule for names."""
    for text in rule(value):
        yield invalid(path, value, text)


def labels(found: object, path: str) -> Iterator[Cause]:
    """A map of labels."""
    for key, value in cast("dict[str, Any]", found if isinstance(found, dict) else {}).items():
        yield from named(label_key, key, path)
        yield from named(label_value, str(value), path)


def no_spaces(image: str | None, path: str) -> Iterator[Cause]:
    """The image of a container that runs, without spaces around it; templates may have them."""
    if image and image != image.strip():
        yield invalid(path, image, "must not have leading or trailing whitespace")


def template_metadata(meta: Document, path: str) -> Iterator[Cause]:
    """The metadata of a template, which may have annotations and labels and nothing else."""
    yield from annotation_causes(part(meta, "annotations"), f"{path}.annotations")
    yield from labels(meta.get("labels"), f"{path}.labels")
    for name in (each for each in _NOT_IN_TEMPLATES if meta.get(each)):
        # The server makes the path of the field's name in Go.
        yield forbidden(f"{path}.{'uID' if name == 'uid' else name}", "cannot be set")


def chosen(value: object, known: Iterable[str], path: str) -> Iterator[Cause]:
    """One of a few texts, which must be there."""
    known = list(known)
    if not value:
        yield required(path)
    elif value not in known:
        yield not_supported(path, value, known)


def one_of(value: object, known: Iterable[str], path: str) -> Iterator[Cause]:
    """One of a few texts, where there is one."""
    known = list(known)
    if value is not None and value not in known:
        yield not_supported(path, value, known)


def config_key(key: str) -> list[str]:
    """Keys in ConfigMaps and Secrets, and what refers to them."""
    if len(key) <= 253 and not key.startswith(".") and _CONFIG_SHAPE.fullmatch(key):
        return []  # what fits has a byte to each letter
    found = [] if len(key.encode()) <= 253 else ["must be no more than 253 characters"]
    if not _CONFIG_SHAPE.fullmatch(key):
        found.append(
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.' "
            "(e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
        )
    if key == ".":
        found.append("must not be '.'")
    elif key == "..":
        found.append("must not be '..'")
    elif key.startswith(".."):
        found.append("must not start with '..'")
    return found


def descending_path(value: str, path: str) -> Iterator[Cause]:
    """A path that stays below where it starts."""
    if value.startswith("/"):
        yield invalid(path, value, "must be a relative path")
    yield from no_backsteps(value, path)


def reserved_path(value: str, path: str) -> Iterator[Cause]:
    """The same, of a place that kubelets write to: names that begin with `..` are theirs."""
    yield from descending_path(value, path)
    if value.startswith("..") and not value.startswith("../"):
        yield invalid(path, value, "must not start with '..'")


def no_backsteps(value: str, path: str) -> Iterator[Cause]:
    """A path without `..`."""
    if ".." in value.split("/"):
        yield invalid(path, value, "must not contain '..'")


def domain_path(value: str, path: str) -> Iterator[Cause]:
    """A domain, and a path behind it."""
    domain, _, rest = value.partition("/")
    if not value:
        yield required(path)
    elif not domain or not rest:
        yield invalid(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")')
    else:
        yield from named(dns1123_subdomain, domain, path)
        if not re.fullmatch(_PATH_SHAPE, rest):
            yield invalid(path, rest, f"Invalid path (regex used for validation is '{_PATH_SHAPE}')")


# -- numbers


def unsigned(value: object, path: str) -> Iterator[Cause]:
    """A number that is not negative, where there is one."""
    if isinstance(value, int) and value < 0:
        yield invalid(path, value, _NOT_NEGATIVE)


def in_range(value: object, low: int, high: int, path: str) -> Iterator[Cause]:
    """A number between two others, both included, where there is one."""
    if isinstance(value, int) and not low <= value <= high:
        yield invalid(path, value, f"must be between {low} and {high}, inclusive")


def port_number(value: object, path: str) -> Iterator[Cause]:
    """A port."""
    yield from in_range(value or 0, 1, 65535, path)


def port_name(value: str) -> list[str]:
    """Names of ports (RFC 6335)."""
    found: list[str] = []
    if len(value) > 15:
        found.append("must be no more than 15 characters")
    if not _PORT_SHAPE.fullmatch(value):
        found.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not any("a" <= letter <= "z" for letter in value):
        found.append("must contain at least one letter (a-z)")
    if "--" in value:
        found.append("must not contain consecutive hyphens")
    if value.startswith("-") or value.endswith("-"):
        found.append("must not begin or end with a hyphen")
    return found


def port_number_or_name(value: object, path: str) -> Iterator[Cause]:
    """A port, or the name of one."""
    if isinstance(value, str):
        yield from named(port_name, value, path)
    else:
        yield from port_number(value, path)


def amount(value: object, path: str) -> Iterator[Cause]:
    """A quantity that is not negative."""
    if isinstance(value, str | int | float) and quantity.parse(value) < 0:
        yield invalid(path, quantity.canonical(value), _NOT_NEGATIVE)


def percent_or_number(value: object, path: str) -> Iterator[Cause]:
    """A number that is not negative, or a percentage, where there is one."""
    if isinstance(value, str):
        if not _PERCENT.fullmatch(value):
            text = "a valid percent string must be a numeric string followed by an ending '%' "
            text += "(e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"
            yield invalid(path, value, text)
    else:
        yield from unsigned(value, path)


# -- the rest


def immutable(new: object, old: object, path: str) -> Iterator[Cause]:
    """A value that may not change."""
    if (new or None) != (old or None):
        yield invalid(path, new, IMMUTABLE)


def fixed(new: object, old: object, path: str, text: str = IMMUTABLE) -> Iterator[Cause]:
    """A value that may not change, of which the server does not show what it would have become."""
    if (new or None) != (old or None):
        yield invalid(path, None, text)


def sorted_map(found: object) -> object:
    """A map as the server prints it, by its keys; None where it is empty."""
    return dict(sorted(cast("dict[str, Any]", found).items())) if isinstance(found, dict) and found else None


def sorted_selector(found: Document | None) -> Document | None:
    """A label selector as the server prints it; None where it is empty."""
    if found and "matchLabels" in found:
        return {
            "matchLabels": sorted_map(found["matchLabels"]),
            **{k: v for k, v in found.items() if k != "matchLabels"},
        }
    return found or None


def selector(found: object, path: str) -> Iterator[Cause]:
    """A label selector as in `spec.selector`."""
    if not isinstance(found, dict):
        return
    document = cast("Document", found)
    yield from labels(document.get("matchLabels"), f"{path}.matchLabels")
    for at, requirement in children(document, path, "matchExpressions"):
        yield from _requirement(requirement, at)


_WITH_VALUES = ("In", "NotIn")
_WITHOUT_VALUES = ("Exists", "DoesNotExist")


def open_requirement(requirement: Document, path: str) -> Iterator[Cause]:
    """A requirement of a label selector, whose operator may be one that nobody here knows."""
    yield from requirement_values(requirement, path)
    yield from named(label_key, str(requirement.get("key") or ""), f"{path}.key")
    for index, value in enumerate(items_of(requirement, "values")):
        yield from named(label_value, str(value), f"{path}.values[{index}]")


def requirement_values(requirement: Document, path: str) -> Iterator[Cause]:
    """Whether a requirement has values, as its operator wants."""
    operator, values = requirement.get("operator"), items_of(requirement, "values")
    if operator in _WITH_VALUES and not values:
        yield required(f"{path}.values", "must be specified when `operator` is 'In' or 'NotIn'")
    elif operator in _WITHOUT_VALUES and values:
        yield forbidden(f"{path}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")


def _requirement(requirement: Document, path: str) -> Iterator[Cause]:
    operator = requirement.get("operator") or ""
    if operator not in _WITH_VALUES + _WITHOUT_VALUES:
        yield invalid(f"{path}.operator", operator, "not a valid selector operator")
    yield from open_requirement(requirement, path)
