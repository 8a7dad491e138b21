"""The rules of CustomResourceDefinitions beyond their schemas, with the server's texts and in its order.

https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/. What all versions
have in common is told once, as if it stood at the top of the spec: that is how the server sees it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from fairlead.apiserver.documents import Document, listed, part, parts
from fairlead.machinery import causes
from fairlead.machinery.causes import Cause
from fairlead.machinery.go_parse import url_fault
from fairlead.machinery.schema.checks import check_structural
from fairlead.machinery.schema.dump import dump_version
from fairlead.machinery.schema.keywords import not_supported
from fairlead.machinery.selectable_paths import selectable_faults
from fairlead.machinery.validation import dns1035_label, dns1123_subdomain, invalid, quote, required

__all__ = ["definition", "definition_warnings", "stored_versions"]

_APPROVED = "api-approved.kubernetes.io"
_APPROVAL_HELP = "see https://github.com/kubernetes/enhancements/pull/1111"
_COLUMN_TYPES = ("boolean", "date", "integer", "number", "string")
_COLUMN_FORMATS = ("byte", "date", "date-time", "double", "float", "int32", "int64", "password")
_SHARED = ("schema", "subresources", "additionalPrinterColumns", "selectableFields")
_LONGEST_WARNING = 256
#: What selectable fields without a schema are refused with, in a version and where all versions share them; as it says.
_NO_SCHEMA = {
    "schema": "may only be set when `version.schema.openAPIV3Schema` is not included",
    "validation": "may only be set when validations.schema is included",
}


def definition(new: Document, old: Document | None) -> Iterator[Cause]:
    """What is wrong with a CRD, new or in place of an old one."""
    spec = part(new, "spec")
    plural, group = part(spec, "names").get("plural", ""), spec.get("group", "")
    name = new["metadata"].get("name", "")
    if old is None and name and name != f"{plural}.{group}":
        yield invalid("metadata.name", name, 'must be spec.names.plural+"."+spec.group')
    yield from _spec(spec)
    if old is not None:
        yield from _fixed(spec, old)
    yield from _names(part(new, "status", "acceptedNames"), "status.acceptedNames")
    yield from _stored(new)
    yield from _approval(new, old)
    if spec.get("preserveUnknownFields") and not part(old, "spec").get("preserveUnknownFields"):
        why = "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"
        yield invalid("spec.preserveUnknownFields", True, why)


def stored_versions(new: Document) -> None:
    """Note in the status the version in which objects are stored from now on."""
    for version in parts(new, "spec", "versions"):
        if version.get("storage"):
            status: Document = new.setdefault("status", {})
            known: list[str] = status.get("storedVersions") or []
            status["storedVersions"] = known
            if version.get("name") not in known:
                known.append(version.get("name", ""))
            return


def _spec(spec: Document) -> Iterator[Cause]:
    yield from _group(spec.get("group") or "")
    scope = spec.get("scope") or ""
    if not scope:
        yield required("spec.scope")
    elif scope not in {"Cluster", "Namespaced"}:
        yield not_supported("spec.scope", scope, ("Cluster", "Namespaced"))
    versions = parts(spec, "versions")
    top, own = _split(versions)
    if part(top, "schema").get("openAPIV3Schema") is None:
        for index, version in enumerate(own):
            if part(version, "schema").get("openAPIV3Schema") is None:
                yield required(f"spec.versions[{index}].schema.openAPIV3Schema")
    if spec.get("preserveUnknownFields") and any(_has_default(version) for version in versions):
        yield invalid("spec.preserveUnknownFields", True, "must be false in order to use defaults in the schema")
    for index, version in enumerate(own):
        yield from _version(version, versions[index], f"spec.versions[{index}]")
    yield from _version_list(None if spec.get("versions") is None else own)
    if versions and (found := dns1035_label(versions[0].get("name") or "")) and versions[0].get("name"):
        yield invalid("spec.version", versions[0]["name"], ",".join(found))
    yield from _required_names(part(spec, "names"))
    yield from _names(part(spec, "names"), "spec.names")
    yield from _shared(top, versions)
    yield from _conversion(part(spec, "conversion"), bool(spec.get("preserveUnknownFields")))


def _group(group: str) -> Iterator[Cause]:
    if not group:
        yield required("spec.group")
    elif found := dns1123_subdomain(group):
        yield invalid("spec.group", group, ",".join(found))
    elif "." not in group:
        yield invalid("spec.group", group, "should be a domain with at least one dot")


def _split(versions: list[Document]) -> tuple[Document, list[Document]]:
    """What all versions have in common, and the versions without it."""
    if not versions:
        return {}, []
    shared = [name for name in _SHARED if all(version.get(name) == versions[0].get(name) for version in versions)]
    top = {name: versions[0][name] for name in shared if name in versions[0]}
    return top, [{name: item for name, item in version.items() if name not in shared} for version in versions]


def _version(version: Document, whole: Document, path: str) -> Iterator[Cause]:
    name = version.get("name") or ""
    if found := dns1035_label(name):
        yield invalid(f"{path}.name", name, ",".join(found))
    warning = version.get("deprecationWarning")
    for text in _deprecation(bool(version.get("deprecated")), warning):
        yield invalid(f"{path}.deprecationWarning", warning, text)
    has_status = part(whole, "subresources").get("status") is not None
    yield from _contents(version, path, "schema", has_status=has_status)


def _contents(holder: Document, path: str, schema_name: str, *, has_status: bool) -> Iterator[Cause]:
    """The parts that stand in a version, or at the top when all versions share them."""
    schema = part(holder, "schema").get("openAPIV3Schema")
    if schema is not None:
        yield from check_structural(schema, f"{path}.{schema_name}.openAPIV3Schema", with_status=has_status)
    yield from _scale(part(holder, "subresources").get("scale"), f"{path}.subresources")
    for index, column in enumerate(parts(holder, "additionalPrinterColumns")):
        yield from _column(column, f"{path}.additionalPrinterColumns[{index}]")
    fields = parts(holder, "selectableFields")
    if fields and schema is None:
        yield invalid(f"{path}.selectableFields", "", _NO_SCHEMA[schema_name])
    elif fields and schema is not None:
        yield from selectable_faults(fields, schema, f"{path}.selectableFields")


def _shared(top: Document, versions: list[Document]) -> Iterator[Cause]:
    has_status = any(part(version, "subresources").get("status") is not None for version in versions)
    yield from _contents(top, "spec", "validation", has_status=has_status)


def _has_default(node: Any) -> bool:
    if isinstance(node, Mapping):
        fields = cast("Mapping[str, Any]", node)
        return fields.get("default") is not None or any(map(_has_default, fields.values()))
    return isinstance(node, list) and any(map(_has_default, cast("list[Any]", node)))


def _deprecation(deprecated: bool, warning: str | None) -> list[str]:
    if warning is None:
        return []
    if not deprecated:
        return ["can only be set for deprecated versions"]
    found: list[str] = []
    if len(warning.encode()) > _LONGEST_WARNING:
        found.append(f"must be <= {_LONGEST_WARNING} characters long")
    if not warning:
        found.append("must not be an empty string")
    place = next((index for index, letter in enumerate(warning) if not letter.isprintable()), None)
    if place is not None:
        at = len(warning[:place].encode())
        found.append(f"must only contain printable UTF-8 characters; non-printable character found at index {at}")
    return found


def _dumped(versions: list[Document] | None) -> list[Document] | None:
    return None if versions is None else [dump_version(version) for version in versions]


def _version_list(versions: list[Document] | None) -> Iterator[Cause]:
    shown, versions = _dumped(versions), versions or []
    names = [version.get("name") for version in versions]
    if len(set(names)) < len(names):
        yield invalid("spec.versions", shown, "must contain unique version names")
    if sum(1 for version in versions if version.get("storage")) != 1:
        why = "must have exactly one version marked as storage version"
        yield invalid("spec.versions", shown, why)


# -- names


def _required_names(names: Document) -> Iterator[Cause]:
    for field in ("plural", "singular", "kind", "listKind"):
        if not names.get(field):
            yield required(f"spec.names.{field}")


def _names(names: Document, path: str) -> Iterator[Cause]:
    for field in ("plural", "singular"):
        yield from _label(names.get(field) or "", f"{path}.{field}")
    for field in ("kind", "listKind"):
        name = names.get(field) or ""
        if name and (found := dns1035_label(name.lower())):
            why = "may have mixed case, but should otherwise match: " + ",".join(found)
            yield invalid(f"{path}.{field}", name, why)
    for index, name in enumerate(listed(names, "shortNames")):
        yield from _label(name, f"{path}.shortNames[{index}]", empty=False)
    if names.get("kind") and names.get("kind") == names.get("listKind"):
        yield invalid(f"{path}.listKind", names["listKind"], "kind and listKind may not be the same")
    for index, name in enumerate(listed(names, "categories")):
        yield from _label(name, f"{path}.categories[{index}]", empty=False)


def _label(name: str, path: str, *, empty: bool = True) -> Iterator[Cause]:
    found = dns1035_label(name)
    if found and (name or not empty):
        yield invalid(path, name, ",".join(found))


# -- what versions have


def _column(column: Document, path: str) -> Iterator[Cause]:
    kind, form, json_path = column.get("type") or "", column.get("format") or "", column.get("jsonPath") or ""
    if not column.get("name"):
        yield required(f"{path}.name")
    types = f"must be one of {','.join(_COLUMN_TYPES)}"
    if not kind:
        yield required(f"{path}.type", types)
    elif kind not in _COLUMN_TYPES:
        yield invalid(f"{path}.type", kind, types)
    if form and form not in _COLUMN_FORMATS:
        yield invalid(f"{path}.format", form, f"must be one of {','.join(_COLUMN_FORMATS)}")
    if not json_path:
        yield required(f"{path}.JSONPath")
    elif not json_path.startswith("."):
        yield invalid(f"{path}.JSONPath", json_path, _SIMPLE_PATH)


_SIMPLE_PATH = "must be a simple json path starting with ."


def _scale(scale: Document | None, path: str) -> Iterator[Cause]:
    if scale is None:
        return
    for field, root in (("specReplicasPath", ".spec"), ("statusReplicasPath", ".status")):
        text, place = scale.get(field) or "", f"{path}.scale.{field}"
        if not text:
            yield required(place)
        elif not text.startswith("."):
            yield invalid(place, text, _SIMPLE_PATH)
        elif not text.startswith(f"{root}."):
            yield invalid(place, text, f"should be a json path under {root}")
    text, place = scale.get("labelSelectorPath") or "", f"{path}.scale.labelSelectorPath"
    if text and not text.startswith("."):
        yield invalid(place, text, _SIMPLE_PATH)
    elif text and not text.startswith((".spec.", ".status.")):
        yield invalid(place, text, "should be a json path under either .spec or .status")


def _conversion(conversion: Document, preserves: bool) -> Iterator[Cause]:
    strategy = conversion.get("strategy") or ""
    webhook = part(conversion, "webhook")
    client, reviews = webhook.get("clientConfig"), listed(webhook, "conversionReviewVersions")
    path = "spec.conversion"
    if preserves and strategy != "None":
        yield invalid(f"{path}.strategy", strategy, "must be None if spec.preserveUnknownFields is true")
    if not strategy:
        yield required(f"{path}.strategy")
    elif strategy not in {"None", "Webhook"}:
        yield not_supported(f"{path}.strategy", strategy, ("None", "Webhook"))
    if strategy != "Webhook":
        why = "should not be set when strategy is not set to Webhook"
        if client is not None:
            yield Cause(causes.FORBIDDEN, f"Forbidden: {why}", f"{path}.webhookClientConfig")
        if reviews:
            yield Cause(causes.FORBIDDEN, f"Forbidden: {why}", f"{path}.conversionReviewVersions")
        return
    yield from _client(client, f"{path}.webhookClientConfig")
    yield from _reviews(reviews, f"{path}.conversionReviewVersions")


def _client(client: Document | None, path: str) -> Iterator[Cause]:
    if client is None:
        yield required(path, "required when strategy is set to Webhook")
        return
    url, service = client.get("url"), client.get("service")
    if (url is None) == (service is None):
        yield required(path, "exactly one of url or service is required")
    elif url is not None:
        yield from _url(url, f"{path}.url")
    else:
        yield from _service(part(client, "service"), f"{path}.service")


def _service(service: Document, path: str) -> Iterator[Cause]:
    # The server takes the one for the other here.
    for field, shown in (("namespace", "name"), ("name", "namespace")):
        if not service.get(field):
            yield required(f"{path}.{shown}")
    port, at = service.get("port", 443), service.get("path")
    if not 1 <= port <= 65535:
        yield invalid(f"{path}.port", port, "port is not valid: must be between 1 and 65535, inclusive")
    if not at or at == "/":
        return
    if at == "//":
        yield invalid(f"{path}.path", at, "segment[0] may not be empty")
        return
    if not at.startswith("/"):
        yield invalid(f"{path}.path", at, "must start with a '/'")
    for index, step in enumerate(at[1:].removesuffix("/").split("/")):
        if not step:
            yield invalid(f"{path}.path", at, f"segment[{index}] may not be empty")
            continue
        for text in dns1123_subdomain(step):
            yield invalid(f"{path}.path", at, f"segment[{index}]: {text}")


def _url(text: str, path: str) -> Iterator[Cause]:
    form = "; desired format: https://host[/path]"
    if fault := url_fault(text):
        yield required(path, f"url must be a valid URL: {fault}{form}")
        return
    url = urlsplit(text)
    if url.scheme != "https":
        yield invalid(path, url.scheme, f"'https' is the only allowed URL scheme{form}")
    if not url.netloc:
        yield invalid(path, url.netloc, f"host must be specified{form}")
    user, at, _ = url.netloc.rpartition("@")
    if at:
        yield invalid(path, user, "user information is not permitted in the URL")
    if url.fragment:
        yield invalid(path, url.fragment, "fragments are not permitted in the URL")
    if url.query:
        yield invalid(path, url.query, "query parameters are not permitted in the URL")


def _reviews(reviews: list[Any], path: str) -> Iterator[Cause]:
    if not reviews:
        yield required(path)
        return
    seen: set[str] = set()
    for index, version in enumerate(reviews):
        if version in seen:
            yield invalid(f"{path}[{index}]", version, "duplicate version")
            continue
        seen.add(version)
        yield from (invalid(f"{path}[{index}]", version, text) for text in dns1035_label(version))
    if not seen & {"v1", "v1beta1"}:
        yield invalid(path, reviews, "must include at least one of v1, v1beta1")


# -- what may not change, and what is known


def _fixed(spec: Document, old: Document) -> Iterator[Cause]:
    before = part(old, "spec")
    conditions = parts(old, "status", "conditions")
    if any(one.get("type") == "Established" and one.get("status") == "True" for one in conditions):
        if spec.get("scope") != before.get("scope"):
            yield invalid("spec.scope", spec.get("scope") or "", "field is immutable")
        if part(spec, "names").get("kind") != part(before, "names").get("kind"):
            yield invalid("spec.names.kind", part(spec, "names").get("kind") or "", "field is immutable")
    if spec.get("group") != before.get("group"):
        yield invalid("spec.group", spec.get("group") or "", "field is immutable")
    if part(spec, "names").get("plural") != part(before, "names").get("plural"):
        yield invalid("spec.names.plural", part(spec, "names").get("plural") or "", "field is immutable")


def _stored(new: Document) -> Iterator[Cause]:
    path = "status.storedVersions"
    stored: list[str] = listed(new, "status", "storedVersions")
    if not stored:
        yield invalid(path, None, "must have at least one stored version")
        return
    versions = parts(new, "spec", "versions")
    seen: set[Any] = set()
    for version in versions:
        name = version.get("name")
        if version.get("storage") and (name not in stored or name in seen):
            yield invalid(path, stored, f"must have the storage version {name}")
        seen.add(name)
    names = {version.get("name") for version in versions}
    for index, name in enumerate(stored):
        if name not in names:
            why = (
                f"missing from spec.versions; {name} was previously a storage version, and must remain in spec.versions "
                f"until a storage migration ensures no data remains persisted in {name} and removes {name} from "
                "status.storedVersions"
            )
            yield invalid(f"{path}[{index}]", name, why)


def _approval(new: Document, old: Document | None) -> Iterator[Cause]:
    """https://kubernetes.io/docs/reference/labels-annotations-taints/#api-approved-kubernetes-io."""
    group = f".{part(new, 'spec').get('group') or ''}"
    if not group.endswith((".k8s.io", ".kubernetes.io")):
        return
    text = part(new, "metadata", "annotations").get(_APPROVED) or ""
    state = _approval_state(text)
    if old is not None and state == _approval_state(part(old, "metadata", "annotations").get(_APPROVED) or ""):
        return
    path, need = (
        f"metadata.annotations[{_APPROVED}]",
        f"protected groups must have approval annotation {quote(_APPROVED)}",
    )
    if state == "missing":
        yield required(path, f"{need}, {_APPROVAL_HELP}")
    elif state == "invalid":
        why = f'{need} with either a URL or a reason starting with "unapproved", {_APPROVAL_HELP}'
        yield invalid(path, text, why)


def _approval_state(text: str) -> str:
    if not text:
        return "missing"
    if text.startswith("unapproved"):
        return "bypassed"
    url = urlsplit(text)
    return "approved" if url.scheme and url.netloc else "invalid"


# -- warnings

_FORMATS = frozenset(
    {
        "bsonobjectid", "uri", "email", "hostname", "ipv4", "ipv6", "cidr", "mac", "uuid", "uuid3", "uuid4", "uuid5",
        "isbn", "isbn10", "isbn13", "creditcard", "ssn", "hexcolor", "rgbcolor", "byte", "password", "date", "duration",
        "datetime", "k8sshortname", "k8slongname",
    }
)  # fmt: skip
_NUMBER_FORMATS = {"integer": ("int32", "int64"), "number": ("float", "double")}


def definition_warnings(new: Document, old: Document | None) -> list[str]:
    """What the server warns of in a CRD: formats that it does not know, and sets of what is no scalar."""
    before = () if old is None else _format_warnings(old)
    sets_before = () if old is None else _set_warnings(old)
    return [
        *(text for text in _format_warnings(new) if text not in before),
        *(text for text in _set_warnings(new) if text not in sets_before),
    ]


def _nodes(document: Document) -> Iterator[Mapping[str, Any]]:
    top, own = _split(parts(document, "spec", "versions"))
    for holder in (top, *own):
        schema = part(holder, "schema").get("openAPIV3Schema")
        if schema is not None:
            yield from _descend(schema)


def _descend(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield node
    below: list[Any] = [node.get("items"), node.get("not"), node.get("additionalProperties")]
    for keyword in ("allOf", "anyOf", "oneOf"):
        below.extend(node.get(keyword) or ())
    below.extend(cast("dict[str, Any]", node.get("properties") or {}).values())
    for child in below:
        if isinstance(child, Mapping):
            yield from _descend(cast("Mapping[str, Any]", child))


def _format_warnings(document: Document) -> list[str]:
    found: list[str] = []
    for node in _nodes(document):
        form, kind = node.get("format") or "", node.get("type") or ""
        known = form.replace("-", "") in _FORMATS if kind in {"", "string"} else form in _NUMBER_FORMATS.get(kind, ())
        if form and not known:
            found.append(f"unrecognized format {quote(form)}")
    return found


def _set_warnings(document: Document) -> list[str]:
    found = {
        node["items"]["type"]
        for node in _nodes(document)
        if node.get("x-kubernetes-list-type") == "set" and part(dict(node), "items").get("type") in {"object", "array"}
    }
    text = (
        "x-kubernetes-list-type: set for items of type {} is not supported by server-side apply or CEL validation rules"
    )
    return [text.format(quote(kind)) for kind in sorted(found)]
