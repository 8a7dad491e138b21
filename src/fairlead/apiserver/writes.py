"""Creating and changing objects: the order of steps is that of kube-apiserver's generic registry.

decode → default → own fields → prepare → validate → commit. https://kubernetes.io/docs/reference/using-api/api-concepts/
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from fairlead.apiserver import addresses, statuses
from fairlead.apiserver.admission import admit, metadata_of, private, same_object, settle
from fairlead.apiserver.builtin import conversions
from fairlead.apiserver.builtin.canonical import Empties, whole_numbers
from fairlead.apiserver.cluster import Cluster
from fairlead.apiserver.documents import listed, part, said_name
from fairlead.apiserver.patch_texts import PatchText
from fairlead.apiserver.plugins import Plugins
from fairlead.apiserver.quotas.admission import Quotas
from fairlead.apiserver.registry import ResourceInfo
from fairlead.apiserver.requests import WriteOptions
from fairlead.apiserver.rules.batch import job_labels
from fairlead.apiserver.storage import Entry
from fairlead.apiserver.strategies import Strategy, strategy_for
from fairlead.apiserver.webhooks import Operation, Webhooks, request_for
from fairlead.machinery import causes
from fairlead.machinery.apply.ownership import track_update
from fairlead.machinery.causes import Cause
from fairlead.machinery.names import ObjectKey
from fairlead.machinery.schema.fields import apply_defaults
from fairlead.machinery.validation import (
    common_meta_causes,
    invalid,
    standard_finalizer_causes,
    validate_object_meta,
    validate_object_meta_update,
)

__all__ = ["Change", "Writer", "Written"]

_encode = msgspec.json.Encoder().encode
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
_LONGEST_PREFIX = 58

#: Makes the new object from a private copy of the old one (None: there is none).
Change = Callable[[dict[str, Any] | None], dict[str, Any]]


@dataclass(slots=True)
class Written:
    """The outcome of a write: the object's bytes in the version asked for, and the HTTP code."""

    data: bytes
    code: int = 200
    warnings: list[str] = field(default_factory=list[str])


class Writer:
    """Writes objects of every resource."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self.webhooks: Webhooks = Webhooks()
        self._plugins = Plugins(cluster)
        self.quotas: Quotas = Quotas(cluster)
        self._random = random.SystemRandom()  # no state that would have to be made first
        self._strategies: dict[int, tuple[ResourceInfo, Strategy]] = {}

    def strategy(self, info: ResourceInfo) -> Strategy:
        """The resource's strategy; made once."""
        found = self._strategies.get(id(info))
        if found is None or found[0] is not info:
            found = (info, strategy_for(info))
            self._strategies[id(info)] = found
        return found[1]

    # -- create

    def create(
        self,
        info: ResourceInfo,
        namespace: str,
        document: dict[str, Any],
        options: WriteOptions,
        *,
        name: str = "",
        tracked: bool = True,
        duplicates: Sequence[str] = (),
        patch: PatchText | None = None,
    ) -> Written:
        """Create an object, of whose fields the body said `duplicates` twice; `patch`: it was applied. Raises Refusal."""
        warnings: list[str] = []
        try:
            empties = admit(
                document, self.strategy(info), options, warnings, patch=patch, duplicates=duplicates, unsettled=True
            )
            return self._create(info, namespace, document, options, warnings, empties, name=name, tracked=tracked)
        except statuses.Refusal as refusal:
            raise _warned(refusal, warnings) from refusal.__cause__

    def _create(
        self,
        info: ResourceInfo,
        namespace: str,
        document: dict[str, Any],
        options: WriteOptions,
        warnings: list[str],
        empties: Empties,
        *,
        name: str,
        tracked: bool,
    ) -> Written:
        strategy = self.strategy(info)
        meta = metadata_of(document)
        self._match_namespace(info, meta, namespace)
        if name and not meta.get("name"):
            meta["name"] = name
        self._system_fields(meta)
        self.require_namespace(info, namespace, said_name(meta))
        document = self._mutated("CREATE", strategy, document, None, options, warnings)
        given = document
        if tracked:
            document = self._track(strategy, None, document, options, "")
        settle(empties, given, document)
        self._plugins.create(info, document)
        meta = document["metadata"]
        # Admission that changes objects sees no generated name yet.
        generated = bool(not meta.get("name") and meta.get("generateName"))
        if generated:
            meta["name"] = self.generated(info, namespace, meta["generateName"])
        if meta.get("generateName"):
            strategy.default(document)  # what follows from a generated name is nobody's field
        if generated:
            document = private(document)  # what a retry with another name would start from shares nothing
        warnings.extend(strategy.prepare_create(document))
        if _is_service(info):
            addresses.allocate(self._cluster.collection(info), document, dry_run=options.dry_run)
        self._check(strategy, document, None, warnings)
        self._plugins.validate(info, document, None)
        self._ask("CREATE", strategy, document, None, options, warnings)
        self.quotas.admit(info, document, None, dry_run=options.dry_run)
        return self._insert(info, document, options, warnings)

    def _insert(
        self, info: ResourceInfo, document: dict[str, Any], options: WriteOptions, warnings: list[str]
    ) -> Written:
        meta = document["metadata"]
        collection = self._cluster.collection(info)
        existing = collection.get(meta.get("namespace", ""), meta["name"])
        if existing is not None:
            refusal = statuses.already_exists(info.type, meta["name"])
            if existing.deleting:
                refusal.status["message"] = f"object is being deleted: {refusal.status['message']}"
            raise refusal
        unstored = _read_as_default(info, document)
        said = meta.get("resourceVersion")
        if options.dry_run:
            if not said:
                meta.pop("resourceVersion", None)
            return Written(_encode(document), 201, warnings)
        if said and said.isdigit() and said != "0":
            raise statuses.failure(500, "", "resourceVersion should not be set on objects to be created")
        entry = self._cluster.store(info, document)
        if unstored:
            collection.outdated.add(entry.key)
        return Written(self._cluster.data(info, entry), 201, warnings)

    def _system_fields(self, meta: dict[str, Any]) -> None:
        for name in ("deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"):
            meta.pop(name, None)
        meta["uid"] = self._cluster.uid()
        meta["creationTimestamp"] = self._cluster.timestamp()

    def generated(self, info: ResourceInfo, namespace: str, prefix: str) -> str:
        """A name that begins with `prefix` and is not taken."""
        collection = self._cluster.collection(info)
        name = ""
        for _ in range(8):
            name = prefix[:_LONGEST_PREFIX] + "".join(self._random.choices(_LETTERS, k=5))
            if collection.get(namespace, name) is None:
                break
        return name

    def _match_namespace(self, info: ResourceInfo, meta: dict[str, Any], namespace: str) -> None:
        if not info.type.namespaced:
            meta.pop("namespace", None)
        elif meta.setdefault("namespace", namespace) != namespace:
            raise statuses.other_namespace()

    def require_namespace(self, info: ResourceInfo, namespace: str, name: str) -> None:
        """Refuse what is to be made in a namespace that is not there (404), or that goes (403). Raises Refusal."""
        if not info.type.namespaced:
            return
        namespaces = self._cluster.objects("", "v1", "namespaces")
        entry = namespaces.get("", namespace)
        if entry is None:
            found = self._cluster.registry.find("", "v1", "namespaces")
            raise statuses.not_found(found.type if found is not None else info.type, namespace)
        if entry.deleting:
            why = f"unable to create new content in namespace {namespace} because it is being terminated"
            refusal = statuses.forbidden(info.type, name, why)
            cause = {"reason": "NamespaceTerminating", "message": f"namespace {namespace} is being terminated"}
            refusal.status["details"]["causes"] = [{**cause, "field": "metadata.namespace"}]
            raise refusal

    # -- update

    def update(
        self,
        info: ResourceInfo,
        key: ObjectKey,
        change: Change,
        options: WriteOptions,
        *,
        subresource: str = "",
        tracked: bool = True,
        create: bool = False,
        managed_as: str = "",
        whole: bool = False,
        patch: Callable[[dict[str, Any]], PatchText] | None = None,
        duplicates: Sequence[str] = (),
    ) -> Written:
        """Change an object, or create it where that is allowed. Raises Refusal.

        `managed_as` names the subresource in managedFields where that is not the one written; with `whole` the status
        may change together with the rest, and no generation is counted. `patch` says that the object comes from a
        patch, and gives what refusals say of it; `duplicates` are the fields that the body says twice.
        """
        strategy = self.strategy(info)
        warnings: list[str] = []
        entry = self._cluster.collection(info).get(key.namespace, key.name)
        if entry is None:
            may_create = not subresource and (create or (strategy.create_on_update and patch is None))
            if not may_create and (patch is not None or not tracked):
                raise statuses.not_found(info.type, key.name)
            document = change(None)
            try:
                self._check_absent(strategy, document, key, options, warnings, duplicates, patched=patch is not None)
                if not may_create:
                    raise statuses.not_found(info.type, key.name)
            except statuses.Refusal as refusal:
                raise _warned(refusal, warnings) from refusal.__cause__
            document["metadata"].pop("resourceVersion", None)
            said = None if patch is None else patch(document)
            return self.create(info, key.namespace, document, options, name=key.name, tracked=tracked, patch=said)
        old = self._cluster.read(info, entry)
        new = change(private(old))
        try:
            said = None if patch is None else patch(old)
            empties = admit(new, strategy, options, warnings, patch=said, duplicates=duplicates, unsettled=True)
            return self._update(
                strategy, key, entry, new, old, options, warnings, empties, subresource or managed_as, subresource,
                patched=patch is not None, tracked=tracked, whole=whole,
            )  # fmt: skip
        except statuses.Refusal as refusal:
            raise _warned(refusal, warnings) from refusal.__cause__

    def _update(
        self,
        strategy: Strategy,
        key: ObjectKey,
        entry: Entry,
        new: dict[str, Any],
        old: dict[str, Any],
        options: WriteOptions,
        warnings: list[str],
        empties: Empties,
        managed_as: str,
        subresource: str,
        *,
        patched: bool,
        tracked: bool,
        whole: bool,
    ) -> Written:
        info = strategy.info
        if patched:  # where both are wrong, kube-apiserver tells of a patch's name, and of an update's namespace
            self._match_name(new, key)
        self._match_namespace(info, new["metadata"], key.namespace)
        self._match_name(new, key)
        self._match_version(strategy, new, old, key, precondition=not patched, dry_run=options.dry_run)
        new = self._mutated("UPDATE", strategy, new, old, options, warnings, managed_as)
        given = new
        if tracked:
            new = self._track(strategy, old, new, options, managed_as)
        settle(empties, given, new)
        if not subresource:
            self._plugins.update(info, new, old)
            if _is_service(info):
                addresses.reallocate(self._cluster.collection(info), new, old, dry_run=options.dry_run)
        status = new.get("status")
        self._prepare(strategy, new, old, subresource, emptied=empties.in_spec)
        if whole:
            new["status"] = status
            new["metadata"]["generation"] = old["metadata"].get("generation")
        else:
            self._check(strategy, new, old, warnings, subresource)
            if not subresource:
                self._plugins.validate(info, new, old)
        self._ask("UPDATE", strategy, new, old, options, warnings, managed_as)
        self.quotas.admit(info, new, old, subresource=subresource, dry_run=options.dry_run)
        return self._replace(info, entry, new, old, options, warnings)

    def _prepare(
        self, strategy: Strategy, new: dict[str, Any], old: dict[str, Any], subresource: str, *, emptied: bool
    ) -> None:
        self._keep_system_fields(new["metadata"], old["metadata"])
        match subresource:
            case "status":
                strategy.prepare_status(new, old, self._cluster.timestamp())
            case "approval":
                strategy.prepare_approval(new, old, self._cluster.timestamp())
            case "resize" | "ephemeralcontainers":
                strategy.prepare_part(new, old, subresource)
            case "finalize":
                finalizers = listed(new, "spec", "finalizers")
                meta = new["metadata"]
                new.update(old)
                new["metadata"] = meta
                new["spec"] = {"finalizers": finalizers} if finalizers else {}
            case _:
                strategy.prepare_update(new, old, emptied=emptied)

    def _replace(
        self,
        info: ResourceInfo,
        entry: Entry,
        new: dict[str, Any],
        old: dict[str, Any],
        options: WriteOptions,
        warnings: list[str],
    ) -> Written:
        cluster = self._cluster
        if same_object(new, old) and not self._stored_otherwise(info, entry, old):
            return Written(cluster.data(info, entry), 200, warnings)
        if options.dry_run or _finished(new):
            new["metadata"]["resourceVersion"] = str(entry.version)
            if not options.dry_run:
                cluster.collection(info).remove(entry)
            return Written(_encode(new), 200, warnings)
        return Written(cluster.data(info, cluster.store(info, new)), 200, warnings)

    def _stored_otherwise(self, info: ResourceInfo, entry: Entry, old: dict[str, Any]) -> bool:
        """Whether writing what was read, in the version of `info`, changes what is stored."""
        if entry.key in self._cluster.collection(info).outdated:
            return True
        if not info.is_custom:
            return False
        return not same_object(self._cluster.stored_form(info, private(old)), entry.decode())

    def _check_absent(
        self,
        strategy: Strategy,
        document: dict[str, Any],
        key: ObjectKey,
        options: WriteOptions,
        warnings: list[str],
        duplicates: Sequence[str],
        *,
        patched: bool,
    ) -> None:
        """What an update is refused for before anybody looks whether there is such an object."""
        if not patched:
            read = private(document)
            admit(read, strategy, options, warnings, duplicates=duplicates)
            self._match_namespace(strategy.info, metadata_of(read), key.namespace)
        self._match_name(document, key)
        uid = metadata_of(document).get("uid")
        if uid and (patched or strategy.create_on_update):
            raise self.uid_conflict(strategy.info, key, uid, "", patched=patched, dry_run=options.dry_run)

    def _match_name(self, document: dict[str, Any], key: ObjectKey) -> None:
        """The name in an object must be that in the URL."""
        name = metadata_of(document).get("name")
        if not name:
            raise statuses.undetermined_name(key.name)
        if name != key.name:
            raise statuses.other_name(name, key.name)

    def _match_version(
        self,
        strategy: Strategy,
        new: dict[str, Any],
        old: dict[str, Any],
        key: ObjectKey,
        *,
        precondition: bool,
        dry_run: bool,
    ) -> None:
        info, meta, present = strategy.info, new["metadata"], old["metadata"]
        if precondition and meta.get("uid") and meta["uid"] != present.get("uid"):
            raise self.uid_conflict(info, key, meta["uid"], present.get("uid", ""), dry_run=dry_run)
        version = meta.get("resourceVersion") or "0"
        if not (version.isascii() and version.isdigit()):
            raise statuses.failure(500, "", f"strconv.ParseUint: parsing {statuses.quoted(version)}: invalid syntax")
        if version == "0":
            if not strategy.unconditional_update:
                cause = Cause(
                    causes.INVALID, "Invalid value: 0: must be specified for an update", "metadata.resourceVersion"
                )
                raise statuses.invalid(info.type.group, info.type.plural, key.name, [cause])
            meta["resourceVersion"] = present["resourceVersion"]
        elif version != present["resourceVersion"]:
            raise statuses.conflict(info.type, key.name)

    def uid_conflict(
        self, info: ResourceInfo, key: ObjectKey, wanted: str, present: str, *, patched: bool = False, dry_run: bool
    ) -> statuses.Refusal:
        """409: an object was meant whose uid is another."""
        if patched:
            why = f"uid mismatch: the provided object specified uid {wanted}, and no existing object was found"
            return statuses.conflict(info.type, key.name, why)
        # A dry run does not get as far as where the root of all keys is known.
        root = "" if dry_run else "/registry"
        place = f"{root}/{info.type.group + '/' if info.is_custom else ''}{info.type.plural}/{key}"
        why = (
            f"StorageError: invalid object, Code: 4, Key: {place}, ResourceVersion: 0, AdditionalErrorMsg: "
            f"Precondition failed: UID in precondition: {wanted}, UID in object meta: {present}"
        )
        return statuses.conflict(info.type, key.name, why)

    @staticmethod
    def _keep_system_fields(new: dict[str, Any], old: dict[str, Any]) -> None:
        if not new.get("uid") and "uid" in old:
            new["uid"] = old["uid"]
        new["creationTimestamp"] = old["creationTimestamp"]
        if "deletionTimestamp" in old:
            new["deletionTimestamp"] = old["deletionTimestamp"]
        if "deletionGracePeriodSeconds" in old:
            new["deletionGracePeriodSeconds"] = old["deletionGracePeriodSeconds"]
        new.pop("selfLink", None)

    # -- both

    def _mutated(
        self,
        operation: Operation,
        strategy: Strategy,
        new: dict[str, Any],
        old: dict[str, Any] | None,
        options: WriteOptions,
        warnings: list[str],
        subresource: str = "",
    ) -> dict[str, Any]:
        """The object after mutating admission, with the defaults of what that added."""
        if not self.webhooks.mutating:
            return new
        meta = new["metadata"]
        key = ObjectKey(meta.get("name", ""), meta.get("namespace", ""))
        request = request_for(
            operation, strategy.info.type, key, new, old, subresource=subresource, dry_run=options.dry_run
        )
        changed = self.webhooks.mutate(request, warnings)
        if changed is None or changed == new:
            return new
        admit(changed, strategy, options, warnings)
        return changed

    def _ask(
        self,
        operation: Operation,
        strategy: Strategy,
        new: dict[str, Any],
        old: dict[str, Any] | None,
        options: WriteOptions,
        warnings: list[str],
        subresource: str = "",
    ) -> None:
        """Have validating admission look at what is about to be written. Raises Refusal."""
        if not self.webhooks.validating:
            return
        meta = new["metadata"]
        key = ObjectKey(meta.get("name", ""), meta.get("namespace", ""))
        request = request_for(
            operation, strategy.info.type, key, new, old, subresource=subresource, dry_run=options.dry_run
        )
        self.webhooks.validate(request, warnings)

    def _track(
        self,
        strategy: Strategy,
        old: dict[str, Any] | None,
        new: dict[str, Any],
        options: WriteOptions,
        subresource: str,
    ) -> dict[str, Any]:
        return track_update(
            old,
            new,
            options.manager,
            schema=strategy.info.schema,
            api_version=strategy.info.type.api_version,
            subresource=subresource,
            now=self._cluster.timestamp(),
            reset_fields=strategy.reset_fields(subresource),
            convert=self._cluster.convert(strategy.info),
        )

    def _check(
        self,
        strategy: Strategy,
        new: dict[str, Any],
        old: dict[str, Any] | None,
        warnings: list[str],
        subresource: str = "",
    ) -> None:
        info = strategy.info
        if info.is_custom and new.get("kind") != info.type.kind:
            kind, name = str(new.get("kind")), new["metadata"].get("name", "")
            raise statuses.invalid(info.type.group, kind, name, [invalid("kind", kind, f"must be {info.type.kind}")])
        found = _metadata_causes(strategy, new["metadata"], None if old is None else old["metadata"])
        found += strategy.rules(subresource)(new, old)
        if found and not info.is_custom and info.type.group not in _TELLS_TWICE:
            found = list(dict.fromkeys(found))
        if found:
            name = new["metadata"].get("name", "")
            # A custom object is called what it says it is.
            said = new if info.is_custom else {"apiVersion": info.type.api_version, "kind": info.type.kind}
            group = str(said.get("apiVersion") or "").rpartition("/")[0]
            group, _ = conversions.home(group, info.type.plural)
            raise statuses.invalid(group, str(said.get("kind") or ""), name, found)
        if subresource in {"", "status"}:
            warnings.extend((strategy.warn_status if subresource else strategy.warn)(new, old))
        if info.is_custom:
            whole_numbers(new)


#: Groups of servers of their own, which tell a cause as often as they find it.
_TELLS_TWICE = frozenset({"apiextensions.k8s.io", "apiregistration.k8s.io"})

#: Groups whose types take any finalizer that is well formed.
_ANY_FINALIZER = frozenset(
    {
        "admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io", "coordination.k8s.io",
        "node.k8s.io", "policy",
    }
)  # fmt: skip


def _takes_any_finalizer(info: ResourceInfo) -> bool:
    return info.type.group in _ANY_FINALIZER or (info.type.group, info.type.plural) == ("", "events")


def _warned(refusal: statuses.Refusal, warnings: list[str]) -> statuses.Refusal:
    """The refusal, with what the client is warned of already."""
    refusal.warnings[:0] = warnings
    return refusal


def _metadata_causes(strategy: Strategy, new: dict[str, Any], old: dict[str, Any] | None) -> list[Cause]:
    info = strategy.info
    if old is None:
        found = validate_object_meta(new, namespaced=info.type.namespaced, name_rule=strategy.name_rule)
    else:
        update = validate_object_meta_update(new, old)
        # The generic registry looks at all of an update's metadata, and the type's own at what may not change again.
        found = [*common_meta_causes(new), *update, *update]
    if info.is_custom:
        return found
    if old is not None and found:
        # Of built-in types each fault is told once.
        found = list(dict.fromkeys(found))
    if new.get("finalizers") and not _takes_any_finalizer(info):
        found += standard_finalizer_causes(new.get("finalizers"))
    return found


def _read_as_default(info: ResourceInfo, document: dict[str, Any]) -> bool:
    """Whether something of a new object is only read as its default, and not stored before a second write.

    So is a claim's phase, the status of a custom object, which is dropped when its other defaults are there already, and the
    labels of a job whose pods had none before they got the job's own.
    """
    kind = (info.type.group, info.type.plural)
    if kind == ("batch", "jobs"):
        return part(document, "metadata", "labels").keys() == job_labels("", "").keys()
    if info.is_custom and info.subresource("status") is not None and "status" not in document:
        apply_defaults(info.schema, document)
        return "status" in document
    return kind == ("", "persistentvolumeclaims")


def _is_service(info: ResourceInfo) -> bool:
    return info.type.plural == "services" and not info.type.group


def _finished(document: dict[str, Any]) -> bool:
    """Whether the object was only waiting for its finalizers, and has none left."""
    meta = document["metadata"]
    if "deletionTimestamp" not in meta or meta.get("finalizers") or meta.get("deletionGracePeriodSeconds"):
        return False
    is_namespace = document.get("kind") == "Namespace" and document.get("apiVersion") == "v1"
    return not (is_namespace and listed(document, "spec", "finalizers"))
