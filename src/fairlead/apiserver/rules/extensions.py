"""What is wrong with what extends or guards the API server: webhook configurations, flow control."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from fairlead.apiserver.documents import Document, part
from fairlead.apiserver.rules.admissions import match_conditions, resource_rules
from fairlead.apiserver.rules.faults import (
    duplicate,
    fixed,
    immutable,
    invalid,
    items_of,
    named,
    one_of,
    required,
    selector,
)
from fairlead.apiserver.rules.ip_texts import cidr_text, range_of, shortest_ip_text
from fairlead.machinery.causes import Cause
from fairlead.machinery.validation import dns1035_label, dns1123_subdomain, path_segment_name

__all__ = ["ip_address", "service_cidr", "version_migration", "webhooks"]

_SEGMENTS = "should be a domain with at least three segments separated by dots"
_SHORTEST, _LAST_PORT = 3, 65535
_LONGEST = 30


def webhooks(new: Document, old: Document | None) -> Iterator[Cause]:
    """A MutatingWebhookConfiguration or ValidatingWebhookConfiguration."""
    del old
    seen: set[str] = set()
    for index, webhook in enumerate(items_of(new, "webhooks")):
        yield from _webhook(webhook, f"webhooks[{index}]", mutates=new.get("kind") == "MutatingWebhookConfiguration")
        name = webhook.get("name") or ""
        if name in seen:
            yield duplicate(f"webhooks[{index}].name", name)
        if name:
            seen.add(name)


def _webhook(webhook: Document, path: str, *, mutates: bool) -> Iterator[Cause]:
    name = webhook.get("name") or ""
    faults = dns1123_subdomain(name) or ([_SEGMENTS] if len(name.split(".")) < _SHORTEST else [])
    if not name:
        yield required(f"{path}.name")
    else:
        yield from (invalid(f"{path}.name", name, fault) for fault in faults)
    yield from resource_rules(webhook, path, "rules")
    yield from one_of(webhook.get("failurePolicy"), ("Fail", "Ignore"), f"{path}.failurePolicy")
    yield from one_of(webhook.get("matchPolicy"), ("Equivalent", "Exact"), f"{path}.matchPolicy")
    if webhook.get("sideEffects") is None:
        yield required(f"{path}.sideEffects", "must specify one of None, NoneOnDryRun")
    else:
        yield from one_of(webhook["sideEffects"], ("None", "NoneOnDryRun"), f"{path}.sideEffects")
    if mutates:
        yield from one_of(webhook.get("reinvocationPolicy"), ("IfNeeded", "Never"), f"{path}.reinvocationPolicy")
    seconds = webhook.get("timeoutSeconds")
    if isinstance(seconds, int) and not 1 <= seconds <= _LONGEST:
        yield invalid(f"{path}.timeoutSeconds", seconds, "the timeout value must be between 1 and 30 seconds")
    for kind in ("namespaceSelector", "objectSelector"):
        yield from selector(webhook.get(kind), f"{path}.{kind}")
    client = part(webhook, "clientConfig")
    if ("url" in client) == ("service" in client):
        yield required(f"{path}.clientConfig", "exactly one of url or service is required")
    elif "url" in client:
        yield from _url(client.get("url") or "", f"{path}.clientConfig.url")
    else:
        yield from _service(part(client, "service"), f"{path}.clientConfig.service")
    yield from match_conditions(webhook, path)
    yield from _review_versions(items_of(webhook, "admissionReviewVersions"), f"{path}.admissionReviewVersions")


def _service(service: Document, path: str) -> Iterator[Cause]:
    # The server takes the one for the other here.
    for field, shown in (("namespace", "name"), ("name", "namespace")):
        if not service.get(field):
            yield required(f"{path}.{shown}")
    port, where = service.get("port"), str(service.get("path") or "")
    if port is not None and not 1 <= port <= _LAST_PORT:
        text = f"port is not valid: must be between 1 and {_LAST_PORT}, inclusive"
        yield invalid(f"{path}.port", port, text)
    if where in {"", "/"}:
        return
    if not where.startswith("/"):
        yield invalid(f"{path}.path", where, "must start with a '/'")
    for index, segment in enumerate(where.removesuffix("/")[1:].split("/")):
        if not segment:
            yield invalid(f"{path}.path", where, f"segment[{index}] may not be empty")
        else:
            for text in dns1123_subdomain(segment):
                yield invalid(f"{path}.path", where, f"segment[{index}]: {text}")


def _url(text: str, path: str) -> Iterator[Cause]:
    found, form = urlsplit(text), "; desired format: https://host[/path]"
    if found.scheme != "https":
        yield invalid(path, found.scheme, f"'https' is the only allowed URL scheme{form}")
    if not found.netloc:
        yield invalid(path, "", f"host must be specified{form}")
    if "@" in found.netloc:
        yield invalid(path, found.netloc.rpartition("@")[0], "user information is not permitted in the URL")
    if found.fragment:
        yield invalid(path, found.fragment, "fragments are not permitted in the URL")
    if found.query:
        yield invalid(path, found.query, "query parameters are not permitted in the URL")


def _review_versions(versions: list[str], path: str) -> Iterator[Cause]:
    if not versions:
        yield required(path, "must specify one of v1, v1beta1")
        return
    for index, version in enumerate(versions):
        if version in versions[:index]:
            yield invalid(f"{path}[{index}]", version, "duplicate version")
        else:
            yield from named(dns1035_label, version, f"{path}[{index}]")
    if not {"v1", "v1beta1"} & set(versions):
        yield invalid(path, versions, "must include at least one of v1, v1beta1")


def ip_address(new: Document, old: Document | None) -> Iterator[Cause]:
    """An IPAddress."""
    meta, spec = part(new, "metadata"), part(new, "spec")
    for name in ("generateName", "name"):
        if meta.get(name):
            yield from shortest_ip_text(meta[name], f"metadata.{name}")
    if not isinstance(spec.get("parentRef"), dict):
        yield required("spec.parentRef")
        return
    parent, at = part(spec, "parentRef"), "spec.parentRef"
    if parent.get("group"):
        yield from named(dns1123_subdomain, parent["group"], f"{at}.group")
    for field in ("resource", "name"):
        if parent.get(field):
            yield from named(path_segment_name, parent[field], f"{at}.{field}")
        else:
            yield required(f"{at}.{field}")
    if old is not None:
        yield from immutable(parent, part(old, "spec", "parentRef"), at)


def version_migration(new: Document, old: Document | None) -> Iterator[Cause]:
    """A StorageVersionMigration."""
    resource, path = part(new, "spec", "resource"), "spec.resource"
    name, group = resource.get("resource") or "", resource.get("group") or ""
    texts = dns1035_label(name)
    if not name:
        yield required(f"{path}.resource", "resource is required to be set")
    elif texts:
        yield invalid(f"{path}.resource", name, ",".join(texts))
    if group and (texts := dns1123_subdomain(group)):
        yield invalid(f"{path}.group", group, ",".join(texts))
    if old is not None:
        yield from fixed(part(new, "spec"), part(old, "spec"), "spec")


def service_cidr(new: Document, old: Document | None) -> Iterator[Cause]:
    """A ServiceCIDR."""
    cidrs = items_of(part(new, "spec"), "cidrs")
    if not cidrs:
        yield required("spec.cidrs", "at least one CIDR required")
    elif len(cidrs) > 2:
        yield invalid("spec.cidrs", {"CIDRs": cidrs}, "may only hold up to 2 values")
    else:
        families = [found.version for each in cidrs if (found := range_of(str(each))) is not None]
        if len(families) == 2 and families[0] == families[1]:
            text = "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64"
            yield invalid("spec.cidrs", cidrs, text)
        for index, each in enumerate(cidrs):
            yield from cidr_text(str(each), f"spec.cidrs[{index}]")
    if old is not None:
        yield from immutable(cidrs, items_of(part(old, "spec"), "cidrs"), "spec.cidrs")
