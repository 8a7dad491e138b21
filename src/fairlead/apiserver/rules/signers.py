"""Signers of certificates: their names, those of the bundles of trust that are theirs, what pods may ask of them.

https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#signers
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fairlead.apiserver.rules.faults import invalid, named, required, too_long
from fairlead.machinery.causes import Cause
from fairlead.machinery.validation import dns1123_label, dns1123_subdomain, label_key, quote

__all__ = ["SHORTEST_LIFE", "annotation_keys", "bundle_name", "longest_life", "signer_name"]

_DOMAIN, _LABEL = 253, 63
_DAY = 24 * 60 * 60
#: For how many seconds a certificate of a pod is good at least.
SHORTEST_LIFE = 60 * 60


def signer_name(name: str, path: str) -> Iterator[Cause]:
    """A signer: a domain and a path."""
    if not name:
        yield required(path)
        return
    if name.count("/") != 1:
        yield invalid(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")
        return
    domain, _, rest = name.partition("/")
    if len(domain) > _DOMAIN:
        yield too_long(path, _DOMAIN)
    labels = domain.split(".")
    wrong = next((label for label in labels if dns1123_label(label)), None)
    for text in [] if wrong is None else dns1123_label(wrong):
        yield invalid(path, domain, f"validating label {quote(wrong or '')}: {text}")
    if len(labels) < 2:
        yield invalid(path, domain, "should be a domain with at least two segments separated by dots")
    wrong = next((label for label in rest.split(".") if dns1123_subdomain(label)), None)
    for text in [] if wrong is None else dns1123_subdomain(wrong):
        yield invalid(path, rest, f"validating label {quote(wrong or '')}: {text}")
    if len(name) > 2 * _DOMAIN + _LABEL + 2:
        yield too_long(path, 2 * _DOMAIN + _LABEL + 2)


def longest_life(signer: str) -> int:
    """For how many seconds a certificate of a pod is good at most; a day where Kubernetes itself signs."""
    return _DAY if f".{signer.partition('/')[0]}".endswith(".kubernetes.io") else 91 * _DAY


def annotation_keys(keys: Iterable[str], path: str) -> Iterator[Cause]:
    """The keys of what a user tells a signer beside the request: each belongs to a domain."""
    for key in map(str.lower, keys):
        if not key:
            yield required(path)
            continue
        faults = list(named(label_key, key, path))
        yield from faults
        if not faults and "/" not in key:
            yield invalid(path, key, 'must be a domain-prefixed key (such as "acme.io/foo")')


def bundle_name(name: str) -> list[str]:
    """What is wrong with the name of a ClusterTrustBundle; what stands before the last colon is its signer."""
    signer, colon, rest = name.rpartition(":")
    return dns1123_subdomain(rest if colon and signer else name)
