"""What is wrong with what extends or guards the API server: webhook configurations, signing requests, flow control."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from urllib.parse import urlsplit

from fairlead.apiserver.documents import Document, part
from fairlead.apiserver.rules.faults import (
    children,
    chosen,
    duplicate,
    fixed,
    invalid,
    items_of,
    named,
    one_of,
    required,
    selector,
)
from fairlead.machinery.causes import Cause
from fairlead.machinery.validation import dns1035_label, dns1123_subdomain

__all__ = ["priority_level", "resource_claim", "signing_request", "webhooks"]

_SEGMENTS = "should be a domain with at least three segments separated by dots"
_SHORTEST = 3
_LONGEST = 30
_PEM = b"-----BEGIN CERTIFICATE REQUEST-----"


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
    yield from _webhook_rules(webhook, path)
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
    yield from _review_versions(items_of(webhook, "admissionReviewVersions"), f"{path}.admissionReviewVersions")


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


def _webhook_rules(webhook: Document, path: str) -> Iterator[Cause]:
    for place, rule in children(webhook, path, "rules"):
        for field in ("operations", "apiGroups", "apiVersions", "resources"):
            found = items_of(rule, field)
            if not found:
                yield required(f"{place}.{field}")
            elif len(found) > 1 and "*" in found and field in _WILD:
                yield invalid(f"{place}.{field}", found, f"if '*' is present, must not specify other {_WILD[field]}")
            if field == "operations":
                for index, name in enumerate(found):
                    yield from one_of(name, _OPERATIONS, f"{place}.operations[{index}]")
            elif field == "apiVersions":
                yield from (required(f"{place}.apiVersions[{i}]") for i, version in enumerate(found) if not version)
        yield from one_of(rule.get("scope"), ("*", "Cluster", "Namespaced"), f"{place}.scope")


_WILD = {"operations": "operations", "apiGroups": "API groups", "apiVersions": "API versions"}
_OPERATIONS = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")


def resource_claim(new: Document, old: Document | None) -> Iterator[Cause]:
    """A ResourceClaim."""
    if old is not None:
        yield from fixed(new.get("spec"), old.get("spec"), "spec")


def signing_request(new: Document, old: Document | None) -> Iterator[Cause]:
    """A CertificateSigningRequest."""
    text = part(new, "spec").get("request") or ""
    if old is None:
        try:
            request = base64.b64decode(text)
        except binascii.Error:
            request = b""
        if _PEM not in request:
            yield invalid("spec.request", text, "PEM block type must be CERTIFICATE REQUEST")


def priority_level(new: Document, old: Document | None) -> Iterator[Cause]:
    """A PriorityLevelConfiguration."""
    del old
    spec = part(new, "spec")
    if spec.get("type") == "Limited" and isinstance(spec.get("limited"), dict):
        kind = part(spec, "limited", "limitResponse").get("type")
        yield from chosen(kind, ("Queue", "Reject"), "spec.limited.limitResponse.type")
