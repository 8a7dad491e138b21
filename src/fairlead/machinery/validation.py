"""The rules for names, labels and metadata that API server and client share, in the server's own words.

https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ and …/labels/. A rule takes a value and
returns what is wrong with it, a sentence each; an empty list means that the value is fine.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias, cast

from fairlead.errors import InvalidObject
from fairlead.machinery.causes import FORBIDDEN, INVALID, REQUIRED, TOO_LONG, Cause

__all__ = [
    "STANDARD_FINALIZERS",
    "NameRule",
    "annotation_causes",
    "annotation_key",
    "check_name",
    "common_meta_causes",
    "dns1035_label",
    "dns1123_label",
    "dns1123_subdomain",
    "dns1123_subdomain_underscored",
    "invalid",
    "label_causes",
    "label_key",
    "label_value",
    "path_segment_name",
    "path_segment_prefix",
    "qualified_name",
    "quote",
    "required",
    "standard_finalizer_causes",
    "validate_object_meta",
    "validate_object_meta_update",
]

#: What is wrong with a name, a sentence each.
NameRule: TypeAlias = Callable[[str], list[str]]

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = _LABEL + "(\\." + _LABEL + ")*"
_LABEL_UNDERSCORED = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
_UNDERSCORED = _LABEL_UNDERSCORED + "(\\." + _LABEL_UNDERSCORED + ")*"
_LABEL_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?"
_KEY = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_VALUE = "(" + _KEY + ")?"

_LABEL_TEXT = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
    "and must start and end with an alphanumeric character"
)
_SUBDOMAIN_TEXT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
    "and must start and end with an alphanumeric character"
)
_LABEL_1035_TEXT = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', "
    "start with an alphabetic character, and end with an alphanumeric character"
)
_KEY_TEXT = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
)
_VALUE_TEXT = "a valid label must be an empty string or consist of " + _KEY_TEXT.removeprefix("must consist of ")

_LABEL_PATTERN = re.compile(_LABEL)
_SUBDOMAIN_PATTERN = re.compile(_SUBDOMAIN)
_UNDERSCORED_PATTERN = re.compile(_UNDERSCORED)
_LABEL_1035_PATTERN = re.compile(_LABEL_1035)
_KEY_PATTERN = re.compile(_KEY)
_VALUE_PATTERN = re.compile(_VALUE)

#: Bytes that all keys and values of an object's annotations may have together.
ANNOTATIONS_LIMIT: Final = 256 * 1024

#: Finalizers that need no domain.
STANDARD_FINALIZERS: Final = frozenset({"kubernetes", "orphan", "foregroundDeletion"})

_FIXED_TEXTS: Final = ("name", "namespace", "uid")
_FIXED_VALUES: Final = ("creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds")
_NAMES_OF_ESCAPES: Final = {
    "\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", '"': '\\"', "\\": "\\\\",
}  # fmt: skip


def quote(text: str) -> str:
    """The text in double quotes with Go's escapes, as it stands in the server's messages."""
    return '"' + "".join(_escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    if char in _NAMES_OF_ESCAPES:
        return _NAMES_OF_ESCAPES[char]
    if char.isprintable():
        return char
    code = ord(char)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _length(text: str) -> int:
    # The server counts bytes, whatever its message says.
    return len(text.encode("utf-8", "surrogatepass"))


def _shape(text: str, pattern: str, *examples: str) -> str:
    shown = " or ".join(f"'{example}', " for example in examples)
    return f"{text} (e.g. {shown}regex used for validation is '{pattern}')"


def dns1123_label(value: str) -> list[str]:
    """Names of namespaces and of what becomes one label of a domain name (RFC 1123)."""
    if len(value) <= 63 and _LABEL_PATTERN.fullmatch(value):
        return []  # what fits has a byte to each letter
    found = [] if _length(value) <= 63 else ["must be no more than 63 characters"]
    if not _LABEL_PATTERN.fullmatch(value):
        dots = _SUBDOMAIN_PATTERN.fullmatch(value)
        found.append("must not contain dots" if dots else _shape(_LABEL_TEXT, _LABEL, "my-name", "123-abc"))
    return found


def dns1123_subdomain(value: str) -> list[str]:
    """Names of most objects (RFC 1123)."""
    return _subdomain(value, "characters")


def dns1123_subdomain_underscored(value: str) -> list[str]:
    """Domains that DNS is asked for, in which labels may have underscores."""
    found = [] if _length(value) <= 253 else ["must be no more than 253 characters"]
    if not _UNDERSCORED_PATTERN.fullmatch(value):
        text = _SUBDOMAIN_TEXT.replace("'-' or", "'_', '-' or")
        found.append(_shape(text, _UNDERSCORED, "example.com"))
    return found


def _subdomain(value: str, unit: str) -> list[str]:
    if len(value) <= 253 and _SUBDOMAIN_PATTERN.fullmatch(value):
        return []
    found = [] if _length(value) <= 253 else [f"must be no more than 253 {unit}"]
    if not _SUBDOMAIN_PATTERN.fullmatch(value):
        found.append(_shape(_SUBDOMAIN_TEXT, _SUBDOMAIN, "example.com"))
    return found


def dns1035_label(value: str) -> list[str]:
    """Names of resources in a CustomResourceDefinition and the like (RFC 1035)."""
    found = [] if _length(value) <= 63 else ["must be no more than 63 characters"]
    if not _LABEL_1035_PATTERN.fullmatch(value):
        found.append(_shape(_LABEL_1035_TEXT, _LABEL_1035, "my-name", "abc-123"))
    return found


def qualified_name(value: str) -> list[str]:
    """Keys of labels, finalizers, condition types: a name of at most 63 bytes, with an optional domain and a slash."""
    parts = value.split("/")
    key_shape = _shape(_KEY_TEXT, _KEY, "MyName", "my.name", "123-abc")
    if len(parts) > 2:
        return [
            f"a valid label key {key_shape} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        ]
    found = _prefix_part(parts[0]) if len(parts) == 2 else []
    name = parts[-1]
    if not name:
        found.append("name part must be non-empty")
    elif _length(name) > 63:
        found.append("name part must be no more than 63 bytes")
    if not _KEY_PATTERN.fullmatch(name):
        found.append(f"name part {key_shape}")
    return found


def _prefix_part(prefix: str) -> list[str]:
    if not prefix:
        return ["prefix part must be non-empty"]
    return [f"prefix part {text}" for text in _subdomain(prefix, "bytes")]


def label_key(value: str) -> list[str]:
    """Keys of labels."""
    return qualified_name(value)


def label_value(value: str) -> list[str]:
    """Values of labels: empty, or at most 63 bytes."""
    found = [] if _length(value) <= 63 else ["must be no more than 63 bytes"]
    if not _VALUE_PATTERN.fullmatch(value):
        found.append(_shape(_VALUE_TEXT, _VALUE, "MyValue", "my_value", "12345"))
    return found


def annotation_key(value: str) -> list[str]:
    """Keys of annotations: like those of labels, but upper case is allowed in the domain too."""
    return qualified_name(value.lower())


def path_segment_name(value: str) -> list[str]:
    """What can be one segment of a URL path: the least that any name must be."""
    if value in (".", ".."):
        return [f"may not be '{value}'"]
    return path_segment_prefix(value)


def path_segment_prefix(value: str) -> list[str]:
    """What can begin one segment of a URL path."""
    return [f"may not contain '{char}'" for char in "/%" if char in value]


def check_name(kind: str, name: str) -> None:
    """Refuse a name that would address something else when put into a URL.

    Raises InvalidObject for an empty name, `.`, `..`, and names with a slash or a percent sign.
    """
    if not name:
        raise InvalidObject(f"{kind}: the name is empty; give the name of one object")
    found = path_segment_name(name)
    if found:
        raise InvalidObject(f"{kind} {quote(name)}: the name {', '.join(found)}")


def invalid(field: str, value: object, text: str) -> Cause:
    """The cause `Invalid value: "x": text` for a field."""
    shown = quote(value) if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return Cause(INVALID, f"Invalid value: {shown}: {text}", field)


def required(field: str, text: str = "") -> Cause:
    """The cause `Required value: text` for a field that must be there."""
    return Cause(REQUIRED, f"Required value: {text}" if text else "Required value", field)


def _forbidden(field: str, text: str) -> Cause:
    return Cause(FORBIDDEN, f"Forbidden: {text}", field)


def _texts(value: object) -> dict[str, str]:
    # Wrong types are refused by the schema before these rules are asked; here they read as absent.
    if not isinstance(value, Mapping):
        return {}
    pairs = cast("Mapping[object, object]", value)
    return {k: v for k, v in pairs.items() if isinstance(k, str) and isinstance(v, str)}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _items(value: object) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def label_causes(labels: object, field: str = "metadata.labels") -> list[Cause]:
    """What is wrong with a map of labels."""
    found: list[Cause] = []
    for key, value in _texts(labels).items():
        found.extend(invalid(field, key, text) for text in label_key(key))
        found.extend(invalid(field, value, text) for text in label_value(value))
    return found


def annotation_causes(annotations: object, field: str = "metadata.annotations") -> list[Cause]:
    """What is wrong with a map of annotations."""
    texts = _texts(annotations)
    found = [invalid(field, key, text) for key in texts for text in annotation_key(key)]
    if sum(_length(key) + _length(value) for key, value in texts.items()) > ANNOTATIONS_LIMIT:
        found.append(Cause(TOO_LONG, f"Too long: may not be more than {ANNOTATIONS_LIMIT} bytes", field))
    return found


def _owner_causes(owners: object, field: str) -> list[Cause]:
    found: list[Cause] = []
    controller = ""
    for position, owner in enumerate(cast("list[Mapping[str, Any]]", _items(owners))):
        found.extend(_one_owner(owner, f"{field}[{position}]"))
        if owner.get("controller") is not True:
            continue
        name = f"{_text(owner.get('kind'))}/{_text(owner.get('name'))}"
        if controller:
            text = (
                "Only one reference can have Controller set to true. "
                f'Found "true" in references for {controller} and {name}'
            )
            found.append(invalid(field, [_in_order(each) for each in _items(owners)], text))
        else:
            controller = name
    return found


def _one_owner(owner: Mapping[str, Any], field: str) -> list[Cause]:
    api_version = _text(owner.get("apiVersion"))
    found: list[Cause] = []
    if not api_version:
        found.append(required(f"{field}.apiVersion", "must not be empty"))
    elif api_version.count("/") > 1 or api_version.endswith("/"):
        found.append(invalid(f"{field}.apiVersion", api_version, "must be <group>/<version> or <version>"))
    absent = [name for name in ("kind", "name", "uid") if not owner.get(name)]
    found.extend(required(f"{field}.{name}", "must not be empty") for name in absent)
    if api_version == "v1" and owner.get("kind") == "Event":
        found.append(invalid(field, _in_order(owner), "/v1, Kind=Event is disallowed from being an owner"))
    return found


def _in_order(owner: Mapping[str, Any]) -> dict[str, Any]:
    always = {name: _text(owner.get(name)) for name in ("apiVersion", "kind", "name", "uid")}
    sometimes = {name: owner[name] for name in ("controller", "blockOwnerDeletion") if owner.get(name) is not None}
    return {**always, **sometimes}


def _finalizer_causes(finalizers: object, field: str) -> list[Cause]:
    names = [name for name in _items(finalizers) if isinstance(name, str)]
    found = [invalid(field, name, text) for name in names for text in qualified_name(name)]
    if {"orphan", "foregroundDeletion"} <= set(names):
        found.append(invalid(field, names, "finalizer orphan and foregroundDeletion cannot be both set"))
    return found


def standard_finalizer_causes(finalizers: object, field: str = "metadata.finalizers") -> list[Cause]:
    """What most built-in types refuse beyond `validate_object_meta`: finalizers without a domain that nobody knows."""
    text = "name is neither a standard finalizer name nor is it fully qualified"
    return [
        invalid(f"{field}[{position}]", name, text)
        for position, name in enumerate(_items(finalizers))
        if isinstance(name, str) and "/" not in name and name not in STANDARD_FINALIZERS
    ]


def _with_safe_end(prefix: str) -> str:
    # The server drops two bytes here, not one; only what stands before the dash matters.
    return prefix[:-2] + "a" if len(prefix) > 1 and prefix.endswith("-") else prefix


def _name_causes(meta: Mapping[str, Any], rule: NameRule) -> list[Cause]:
    prefix, name = _text(meta.get("generateName")), _text(meta.get("name"))
    found: list[Cause] = []
    if prefix:
        texts = path_segment_prefix(prefix) if rule is path_segment_name else rule(_with_safe_end(prefix))
        found.extend(invalid("metadata.generateName", prefix, text) for text in texts)
    if not name:
        return [*found, required("metadata.name", "name or generateName is required")]
    texts = rule(name)
    return [*found, *[invalid("metadata.name", name, text) for text in texts]] if texts else found


def _namespace_causes(namespace: str, namespaced: bool) -> list[Cause]:
    field = "metadata.namespace"
    if not namespaced:
        return [_forbidden(field, "not allowed on this type")] if namespace else []
    if not namespace:
        return [required(field)]
    return [invalid(field, namespace, text) for text in dns1123_label(namespace)]


def _shared_causes(meta: Mapping[str, Any]) -> list[Cause]:
    if not (meta.get("labels") or meta.get("annotations") or meta.get("ownerReferences")):
        return []
    return [
        *label_causes(meta.get("labels")),
        *annotation_causes(meta.get("annotations")),
        *_owner_causes(meta.get("ownerReferences"), "metadata.ownerReferences"),
    ]


def validate_object_meta(
    meta: Mapping[str, Any], *, namespaced: bool, name_rule: NameRule = dns1123_subdomain
) -> list[Cause]:
    """What is wrong with the metadata of an object about to be created, after its name has been generated.

    The causes are in the server's order. `name_rule` is the rule for names of this type.
    """
    found = _name_causes(meta, name_rule)
    found += _namespace_causes(_text(meta.get("namespace")), namespaced)
    generation = meta.get("generation")
    if isinstance(generation, int) and generation < 0:
        found.append(invalid("metadata.generation", generation, "must be greater than or equal to 0"))
    return found + common_meta_causes(meta)


def common_meta_causes(meta: Mapping[str, Any]) -> list[Cause]:
    """What is wrong with the metadata of an object whatever it is, and whatever was there before."""
    found = _shared_causes(meta)
    if meta.get("finalizers"):
        found += _finalizer_causes(meta["finalizers"], "metadata.finalizers")
    return found


def validate_object_meta_update(new: Mapping[str, Any], old: Mapping[str, Any]) -> list[Cause]:
    """What is wrong with new metadata in place of old: fields that may not change, and finalizers added too late.

    An update is held to `common_meta_causes` before.
    """
    found: list[Cause] = []
    if old.get("deletionTimestamp"):
        added = sorted(set(_items(new.get("finalizers"))) - set(_items(old.get("finalizers"))))
        if added:
            names = ", ".join(quote(name) for name in added)
            text = "no new finalizers can be added if the object is being deleted, found new finalizers []string{%s}"
            found.append(_forbidden("metadata.finalizers", text % names))
    changed = [name for name in _FIXED_TEXTS if _text(new.get(name)) != _text(old.get(name))]
    found.extend(invalid(f"metadata.{name}", _text(new.get(name)), "field is immutable") for name in changed)
    changed = [name for name in _FIXED_VALUES if new.get(name) != old.get(name)]
    found.extend(invalid(f"metadata.{name}", new.get(name), "field is immutable") for name in changed)
    return [*found, *_shared_causes(new)]
