"""What the server warns of in volumes and claims."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from fairlead.apiserver.documents import Document, part, parts
from fairlead.apiserver.rules.faults import children
from fairlead.machinery import quantity
from fairlead.machinery.validation import quote

__all__ = ["OLD_PLUGINS", "called", "claim_warnings", "fractions", "volume_warnings"]

#: Since when plugins are deprecated, and since when they do not work, by the fields of pods; in the server's order.
OLD_PLUGINS: Mapping[str, str] = {
    "photonPersistentDisk": "deprecated in v1.11, non-functional in v1.16+",
    "gitRepo": "deprecated in v1.11, and disabled by default in v1.33+",
    "scaleIO": "deprecated in v1.16, non-functional in v1.22+",
    "flocker": "deprecated in v1.22, non-functional in v1.25+",
    "storageos": "deprecated in v1.22, non-functional in v1.25+",
    "quobyte": "deprecated in v1.22, non-functional in v1.25+",
    "glusterfs": "deprecated in v1.25, non-functional in v1.26+",
    "cephfs": "deprecated in v1.28, non-functional in v1.31+",
    "rbd": "deprecated in v1.28, non-functional in v1.31+",
}
#: Fields that warnings call otherwise.
_CALLED = {"storageos": "storageOS"}


class _Path(NamedTuple):
    text: str
    #: Where it comes from, where that is not clear.
    source: str = ""

    def __str__(self) -> str:
        return f"{quote(self.text)} ({self.source})" if self.source else quote(self.text)


def fractions(amounts: Document, path: str, names: Iterable[str]) -> Iterator[str]:
    """Amounts of these resources that are not whole bytes."""
    for name in names:
        # Less than a thousandth is rounded up to one.
        if name in amounts and -(-quantity.parse(amounts[name]) * 1000 // 1) % 1000:
            shown = quote(quantity.canonical(amounts[name]))
            yield f"{path}[{name}]: fractional byte value {shown} is invalid, must be an integer"


def claim_warnings(spec: Document, path: str) -> Iterator[str]:
    """What is said of the spec of a PersistentVolumeClaim."""
    for kind in ("requests", "limits"):
        yield from fractions(part(spec, "resources", kind), f"{path}.resources.{kind}", ("storage",))


def volume_warnings(spec: Document, path: str) -> Iterator[str]:
    """What is said of the volumes of a pod."""
    for place, volume in children(spec, path, "volumes"):
        for name, text in OLD_PLUGINS.items():
            if volume.get(name) is not None:
                yield f"{place}.{called(name)}: {text}"
        claim = part(volume, "ephemeral", "volumeClaimTemplate")
        yield from claim_warnings(part(claim, "spec"), f"{place}.ephemeral.volumeClaimTemplate.spec")
    for volume in parts(spec, "volumes"):
        yield from _overlaps(volume)


def called(plugin: str) -> str:
    """What warnings call the field of a plugin."""
    return _CALLED.get(plugin, plugin)


def _overlaps(volume: Document) -> Iterator[str]:
    """Files of one volume that are in each other's way."""
    config, secret = part(volume, "configMap"), part(volume, "secret")
    known = {
        f"ConfigMap {quote(config.get('name') or '')}": config,
        f"Secret {quote(secret.get('secretName') or '')}": secret,
        "DownwardAPI": part(volume, "downwardAPI"),
    }
    name = quote(volume.get("name") or "")
    for kind, source in known.items():
        for text in _collisions(_files(source)):
            yield f"volume {name} ({kind}): overlapping paths: {text}"
    found: list[_Path] = []
    for source in parts(volume, "projected", "sources"):
        if not any(value is not None for value in source.values()):
            yield f"volume {name} (Projected) has no sources provided"
            continue
        found += _projected(source)
    for text in _collisions(found):
        yield f"volume {name} (Projected): overlapping paths: {text}"


def _files(source: Document, called: str = "") -> list[_Path]:
    return [_Path((item.get("path") or "").rstrip("/"), called) for item in parts(source, "items")]


def _projected(source: Document) -> list[_Path]:
    for kind, title in (("configMap", "ConfigMap"), ("secret", "Secret")):
        if part(source, kind).get("items") is not None:
            return _files(part(source, kind), f"{title} {quote(part(source, kind).get('name') or '')}")
    if part(source, "downwardAPI").get("items") is not None:
        return _files(part(source, "downwardAPI"), "DownwardAPI")
    token, bundle = part(source, "serviceAccountToken"), part(source, "clusterTrustBundle")
    if token:
        return [_Path(token.get("path") or "", "ServiceAccountToken")]
    if bundle:
        name = bundle.get("name") if bundle.get("name") is not None else bundle.get("signerName")
        return [_Path(bundle.get("path") or "", f"ClusterTrustBundle {quote(name or '')}")]
    certificate = part(source, "podCertificate")
    kinds = {"certificateChainPath": "chain", "keyPath": "key", "credentialBundlePath": "credential bundle"}
    return [_Path(certificate[key], f"PodCertificate {kind}") for key, kind in kinds.items() if certificate.get(key)]


def _collisions(found: list[_Path]) -> Iterator[str]:
    for index, path in enumerate(found):
        for other in found[:index] if path.text else ():
            ours, theirs = f"{path.text}/", f"{other.text}/"
            if other.text and (ours.startswith(theirs) or theirs.startswith(ours)):
                yield f"{path} with {other}"
