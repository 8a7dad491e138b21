"""What the server serves: built-in types, read lazily by `machinery.schema.registry`, and established CRDs."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from fairlead.apiserver.builtin import conversions
from fairlead.machinery.names import ResourceType
from fairlead.machinery.schema.nodes import Schema
from fairlead.machinery.schema.registry import builtin, from_crd, group_versions

__all__ = ["Located", "PrinterColumn", "Registry", "ResourceInfo", "Subresource"]


@dataclass(frozen=True, slots=True)
class Subresource:
    """A subresource by its name (`status`), with the kind that its body has and the verbs it takes."""

    name: str
    kind: str
    group: str
    version: str
    verbs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PrinterColumn:
    """A column that a CRD adds to tables (`spec.versions[].additionalPrinterColumns`)."""

    name: str
    type: str
    json_path: str
    description: str = ""
    format: str = ""
    priority: int = 0


@dataclass(frozen=True, slots=True)
class ResourceInfo:
    """One resource in one version, as discovery shows it and as requests need it."""

    type: ResourceType
    singular: str
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    subresources: tuple[Subresource, ...] = ()
    is_custom: bool = False
    printer_columns: tuple[PrinterColumn, ...] = ()
    storage_version_hash: str = ""
    list_kind: str = ""
    #: JSON paths (`.spec.color`) that a CRD makes selectable by fields.
    selectable_fields: tuple[str, ...] = ()
    #: What every request for it is warned of; empty where it is not deprecated.
    deprecation: str = ""
    #: Whether the schema has CEL rules.
    has_rules: bool = False
    #: Where a CRD's objects have spec.replicas, status.replicas and the selector, for the scale subresource.
    scale_paths: tuple[str, str, str] = ("", "", "")
    #: Reads the schema when it is first needed: schemas are large, and most types are never asked for.
    load_schema: Callable[[], Schema] = field(default=lambda: from_crd({}), compare=False, repr=False)

    def __hash__(self) -> int:
        # Much is remembered by resource, and hashing all fields each time would cost more than it.
        return hash(self.type)

    @property
    def schema(self) -> Schema:
        """The structural schema of the whole object."""
        return self.load_schema()

    def subresource(self, name: str) -> Subresource | None:
        """The subresource of this name, if the type has it."""
        return next((sub for sub in self.subresources if sub.name == name), None)


class Located(NamedTuple):
    """What a path means, whatever is asked of it."""

    info: ResourceInfo
    namespace: str
    name: str
    subresource: str
    #: It is one of the older paths that begin with `watch`.
    forced: bool


#: Paths that are remembered at once.
_MOST_PATHS = 1024


class Registry:
    """All resources that are served now. Changes only with CRDs; `revision` rises with each change.

    Of the built-in versions only stable ones are served, and those of `runtime_config`: "api/all", "api/beta",
    "api/alpha" or a group version. https://kubernetes.io/docs/reference/using-api/#enabling-or-disabling
    """

    def __init__(self, runtime_config: Iterable[str] = ()) -> None:
        self.revision: int = 0
        self._builtin: dict[tuple[str, str], tuple[ResourceInfo, ...]] = {}
        self._custom: dict[str, tuple[ResourceInfo, ...]] = {}
        self._stored: dict[str, ResourceInfo] = {}
        #: Every version that a CRD has, served or not.
        self._described: dict[str, tuple[ResourceInfo, ...]] = {}
        self._known, self._is_known = _served(frozenset(runtime_config))
        #: What paths of collections were found to mean; empty again with each change.
        self.located: dict[str, Located] = {}

    @property
    def builtin_group_versions(self) -> tuple[tuple[str, str], ...]:
        """The group versions that are served without any CRD."""
        return self._known

    def group_versions(self) -> list[tuple[str, str]]:
        """Group and version pairs in the order of discovery: built-ins first, each group's preferred version first."""
        custom = {(info.type.group, info.type.version) for infos in self._custom.values() for info in infos}
        added = sorted(custom.difference(self._known), key=lambda pair: (pair[0], version_order(pair[1])))
        return [*self._known, *added]

    def resources(self, group: str, version: str) -> list[ResourceInfo]:
        """The resources of a group version, sorted by name; empty when it is not served."""
        custom = [
            info
            for infos in self._custom.values()
            for info in infos
            if (info.type.group, info.type.version) == (group, version)
        ]
        return [*self._builtins(group, version), *sorted(custom, key=lambda info: info.type.plural)]

    def find(self, group: str, version: str, plural: str) -> ResourceInfo | None:
        """The resource of this name."""
        if (group, version) in self._is_known:
            found = _by_plural(group, version).get(plural)
            if found is not None:
                return found
        for info in self._custom.get(f"{plural}.{group}", ()):
            if info.type.version == version:
                return info
        return None

    def remember(self, path: str, found: Located) -> None:
        """Keep what a path means for the next time."""
        if len(self.located) >= _MOST_PATHS:
            self.located.clear()
        self.located[path] = found

    def by_kind(self, group: str, version: str, kind: str) -> ResourceInfo | None:
        """The resource whose objects have this kind."""
        return next((info for info in self.resources(group, version) if info.type.kind == kind), None)

    def versions(self, group: str) -> list[str]:
        """The served versions of a group, the preferred one first."""
        return [version for name, version in self.group_versions() if name == group]

    def set_custom(
        self,
        name: str,
        infos: Iterable[ResourceInfo],
        stored: ResourceInfo | None = None,
        described: Iterable[ResourceInfo] = (),
    ) -> None:
        """Serve these versions of the CRD `name`, whose objects are stored as `stored`; no versions: no longer serve it.

        `described` are all that it has, of which some may not be served; without any, those that are.
        """
        infos = tuple(infos)
        self.revision += 1
        self.located.clear()
        for known in (self._custom, self._stored, self._described):
            known.pop(name, None)
        if infos:
            self._custom[name] = infos
            self._stored[name] = stored or infos[0]
            self._described[name] = tuple(described) or infos

    def described(self, info: ResourceInfo, api_version: str) -> ResourceInfo | None:
        """A resource in another of its versions, be it served or not; None when it has no such version."""
        if info.is_custom:
            found = self._described.get(info.type.crd_name, (info,))
            return next((other for other in found if other.type.api_version == api_version), None)
        group, _, version = api_version.rpartition("/")
        same = conversions.home(group, info.type.plural) == conversions.home(info.type.group, info.type.plural)
        return self.find(group, version, info.type.plural) if same else None

    @staticmethod
    def preferred(group: str, plural: str) -> ResourceInfo | None:
        """A built-in resource in the version in which it is stored: the most preferred that has it."""
        return _preferred(group, plural)

    def stored(self, name: str) -> ResourceInfo | None:
        """The CRD `name` in its storage version, while any version is served."""
        return self._stored.get(name)

    def custom(self, name: str) -> tuple[ResourceInfo, ...]:
        """The versions in which the CRD `name` is served."""
        return self._custom.get(name, ())

    def _builtins(self, group: str, version: str) -> tuple[ResourceInfo, ...]:
        if (group, version) not in self._known:
            return ()
        infos = self._builtin.get((group, version))
        if infos is None:
            infos = self._builtin[group, version] = _read(group, version)
        return infos


_DEPRECATED = {
    ("", "endpoints"): "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
    ("", "componentstatuses"): "v1 ComponentStatus is deprecated in v1.19+",
}


@functools.cache
def _read(group: str, version: str) -> tuple[ResourceInfo, ...]:
    """The built-in resources of a group version: immutable, and the same for every server of the process."""
    schemas = builtin(group, version)
    infos: list[ResourceInfo] = []
    if schemas is None:
        return ()
    for record in schemas.resources:
        subresources = tuple(
            Subresource(sub.name, sub.kind, sub.group, sub.version, tuple(sub.verbs)) for sub in record.subresources
        )
        infos.append(
            ResourceInfo(
                type=ResourceType(group, version, record.kind, record.name, record.namespaced),
                singular=record.singular,
                short_names=tuple(record.short_names),
                categories=tuple(record.categories),
                verbs=tuple(record.verbs),
                subresources=subresources,
                storage_version_hash=record.storage_version_hash,
                list_kind=f"{record.kind}List",
                deprecation=_DEPRECATED.get((group, record.name), ""),
                load_schema=functools.partial(_schema, group, version, record.kind),
            )
        )
    return tuple(sorted(infos, key=lambda info: info.type.plural))


@functools.cache
def _by_plural(group: str, version: str) -> dict[str, ResourceInfo]:
    return {info.type.plural: info for info in _read(group, version)}


@functools.cache
def _preferred(group: str, plural: str) -> ResourceInfo | None:
    versions = [version for name, version in group_versions() if name == group]
    return next((found for version in versions if (found := _by_plural(group, version).get(plural))), None)


@functools.cache
def _schema(group: str, version: str, kind: str) -> Schema:
    schemas = builtin(group, version)
    return from_crd({}) if schemas is None else schemas.schema(kind)


@functools.cache
def _served(wanted: frozenset[str]) -> tuple[tuple[tuple[str, str], ...], frozenset[tuple[str, str]]]:
    known = tuple(pair for pair in group_versions() if _is_served(*pair, wanted))
    return known, frozenset(known)


def _is_served(group: str, version: str, wanted: frozenset[str]) -> bool:
    stage = next((stage for stage in ("alpha", "beta") if stage in version), "")
    return not stage or not wanted.isdisjoint({"api/all", f"api/{stage}", f"{group}/{version}"})


_VERSION = re.compile(r"v(\d+)(?:(alpha|beta)(\d+))?")


def version_order(version: str) -> tuple[int, int, int, str]:
    """Sort key by which newer and stabler versions come first: v2, v1, v1beta1, v1alpha1, then others by name."""
    match = _VERSION.fullmatch(version)
    if match is None:
        return (3, 0, 0, version)
    major, stage, minor = match.groups()
    rank = {None: 0, "beta": 1, "alpha": 2}[stage]
    return (rank, -int(major), -int(minor or 0), version)
