"""Lives of objects of built-in types, as controllers lead them: made, changed in every way, applied, scaled, deleted, and watched."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Mapping
from typing import Any

from fairlead.apiserver.registry import Registry, ResourceInfo
from fairlead.machinery.schema.nodes import is_list, is_map
from tests.conformance.builtins import collection
from tests.conformance.case import (
    APPLY,
    DELETE,
    GET,
    JSON_PATCH,
    MERGE,
    OPEN,
    PATCH,
    POST,
    PUT,
    REST,
    STRATEGIC,
    Case,
    Send,
    Step,
)
from tests.conformance.fuzz.edits import EDITS, STATUSES
from tests.conformance.fuzz.rich import RICH
from tests.conformance.samples import SAMPLES

__all__ = ["case_of"]

_STEPS = 12
_TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1"
_FORMS = (
    "application/json",
    _TABLE,
    "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
    "application/yaml",
)
_LISTS = ("application/json", _TABLE, "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1")
_SCALED = frozenset({"deployments", "replicasets", "statefulsets", "replicationcontrollers"})
_QUERIES = ("", "", "", "fieldManager=mine", "dryRun=All", "fieldValidation=Strict", "fieldValidation=Ignore")
_META: tuple[Mapping[str, Any], ...] = (
    {"labels": {"app": "x", "tier": "web"}},
    {"labels": {"tier": None}},
    {"annotations": {"x.io/y": "z"}},
    {"labels": {"bad key": "v"}},
    {"labels": {"app": "not ok!"}},
    {"finalizers": ["x.io/f"]},
    {"finalizers": None},
    {"finalizers": ["plain"]},
    {"ownerReferences": [{"apiVersion": "v1", "kind": "ConfigMap", "name": "o", "uid": "o-1", "controller": True}]},
    {"annotations": {"bad/key/x": "v"}},
)  # fmt: skip
_DELETIONS: tuple[Any, ...] = (
    None,
    {"propagationPolicy": "Foreground"},
    {"propagationPolicy": "Orphan"},
    {"propagationPolicy": "Background"},
    {"preconditions": {"uid": "none"}},
    {"preconditions": {"resourceVersion": "1"}},
    {"preconditions": {"uid": "{last.metadata.uid}"}},
    {"gracePeriodSeconds": 0},
    {"gracePeriodSeconds": 5},
    {"dryRun": ["All"]},
    {"kind": "DeleteOptions", "apiVersion": "v1", "orphanDependents": True},
)


def _merged(base: Any, part: Mapping[str, Any]) -> Any:
    """An object with a part changed, lists of named things by their names."""
    found = copy.deepcopy(base)
    for key, value in part.items():
        held = found.get(key)
        if value is None:
            found.pop(key, None)
        elif is_map(value) and is_map(held):
            found[key] = _merged(held, value)
        elif is_list(value) and is_list(held) and _named(value) and _named(held):
            found[key] = _joined(held, value)
        else:
            found[key] = copy.deepcopy(value)
    return found


def _named(items: list[Any]) -> bool:
    return all(is_map(each) and "name" in each for each in items)


def _joined(held: list[Any], items: list[Any]) -> list[Any]:
    by_name = {each["name"]: each for each in held}
    for each in items:
        by_name[each["name"]] = _merged(by_name.get(each["name"], {}), each)
    return list(by_name.values())


def _pointers(part: Any, path: str = "") -> list[tuple[str, Any]]:
    """(JSON pointer, value) of what a part sets."""
    if is_map(part) and part:
        return [
            found
            for key, each in part.items()
            for found in _pointers(each, f"{path}/{key.replace('~', '~0').replace('/', '~1')}")
        ]
    if is_list(part) and part and is_map(part[0]) and len(path) < 40:
        return [*_pointers(part[0], f"{path}/0"), (path, part), (f"{path}/-", part[0])]
    return [(path, part)]


class _Life:
    def __init__(self, rng: random.Random, key: tuple[str, str, str]) -> None:
        group, version, plural = key
        self.rng = rng
        self.plural = plural
        found = Registry().find(*key)
        assert found is not None, key
        self.info: ResourceInfo = found
        self.where = collection(self.info)
        self.name = "a" if self.info.type.namespaced else "{id}"
        self.path = f"{self.where}/{self.name}"
        rich = rng.random() < 0.35 and key in RICH
        small = SAMPLES.get((group, plural), RICH.get(key, {}))
        self.head = {"apiVersion": f"{group}/{version}" if group else version, "kind": self.info.type.kind}
        self.body: dict[str, Any] = {
            **self.head,
            "metadata": {"name": self.name, "labels": {"app": "x"}},
            **copy.deepcopy(dict(RICH[key] if rich else small)),
        }
        self.steps: list[Step] = []

    # -- what may happen to it

    def created(self) -> None:
        body = self.body
        if self.rng.random() < 0.15:
            self.steps.append(POST(self._asked(self.where, "dryRun=All"), body))
        if self.rng.random() < 0.15:
            odd: dict[str, Any] = {**body, "nonsense": 1, "metadata": {**body["metadata"], "odd": True}}
            self.steps.append(POST(self._asked(self.where, "fieldValidation=Strict"), odd))
        if self.rng.random() < 0.2:
            self.steps.append(PATCH(self._asked(self.path, "fieldManager=m1"), body, media=APPLY))
        else:
            self.steps.append(POST(self._asked(self.where, self.rng.choice(["", "", "fieldManager=mine"])), body))
        self.steps.append(GET(self.path, name="first"))
        self.steps.append(GET(self.path, name="last"))

    def updated(self) -> None:
        body = _merged(self.body, self._part())
        version = self.rng.choice(["", "{last.metadata.resourceVersion}", "{last.metadata.resourceVersion}", "1"])
        if version:
            body["metadata"]["resourceVersion"] = version
        if self.rng.random() < 0.1:
            body["metadata"]["uid"] = self.rng.choice(["other", "{last.metadata.uid}"])
        if self.rng.random() < 0.15:
            body["status"] = copy.deepcopy(self.rng.choice([*STATUSES.get(self.plural, ()), {}]))
        self._write(PUT(self._queried(self.path), body))

    def patched(self) -> None:
        self._write(self._patch(self.path, self._part(), [MERGE, STRATEGIC, STRATEGIC, JSON_PATCH]))

    def labelled(self) -> None:
        part = {"metadata": dict(self.rng.choice(_META))}
        if self.rng.random() < 0.2:
            part["metadata"]["resourceVersion"] = self.rng.choice(["1", "{last.metadata.resourceVersion}"])
        self._write(self._patch(self.path, part, [MERGE, MERGE, STRATEGIC, JSON_PATCH]))

    def applied(self) -> None:
        body: dict[str, Any] = {**self.head, "metadata": {"name": self.name}, **copy.deepcopy(self._part())}
        if self.rng.random() < 0.3:
            body["metadata"]["labels"] = {"app": self.rng.choice(["x", "y"]), "by": "apply"}
        if self.rng.random() < 0.15:
            body = _merged(self.body, self._part())
        self._write(PATCH(self._forced(self.path), body, media=APPLY))

    def told(self) -> None:
        statuses = STATUSES.get(self.plural)
        if not statuses:
            return self.labelled()
        status = {"status": copy.deepcopy(dict(self.rng.choice(statuses)))}
        path = f"{self.path}/status"
        match self.rng.choice(["put", "patch", "patch", "apply", "outside"]):
            case "put":
                version = self.rng.choice([{}, {"resourceVersion": "{last.metadata.resourceVersion}"}])
                body = {**self.body, "metadata": {**self.body["metadata"], **version}, **status}
                self._write(PUT(self._queried(path), body))
            case "patch":
                self._write(self._patch(path, status, [MERGE, STRATEGIC, STRATEGIC, JSON_PATCH]))
            case "apply":
                body = {**self.head, "metadata": {"name": self.name}, **status}
                self._write(PATCH(self._forced(path), body, media=APPLY))
            case _:
                self._write(self._patch(self.path, status, [MERGE, STRATEGIC]))
        return None

    def scaled(self) -> None:
        if self.plural not in _SCALED:
            return self.patched()
        path = f"{self.path}/scale"
        body: dict[str, Any] = {
            "apiVersion": "autoscaling/v1",
            "kind": "Scale",
            "metadata": {"name": self.name, "namespace": "{ns}"},
            "spec": {"replicas": self.rng.choice([0, 1, 5, -1])},
        }
        match self.rng.choice(["get", "put", "merge", "json", "apply"]):
            case "get":
                self.steps.append(GET(path, accept=self.rng.choice(_FORMS)))
            case "put":
                self._write(PUT(self._queried(path), body))
            case "merge":
                self._write(PATCH(path, {"spec": body["spec"]}))
            case "json":
                patch = [{"op": "replace", "path": "/spec/replicas", "value": body["spec"]["replicas"]}]
                self._write(PATCH(path, patch, media=JSON_PATCH))
            case _:
                self._write(PATCH(self._forced(path), body, media=APPLY))
        return None

    def read(self) -> None:
        name = "{id}" if self.name == "{id}" else "a"
        if self.rng.random() < 0.4:
            self.steps.append(GET(self.path, accept=self.rng.choice(_FORMS)))
            return
        query = self.rng.choice([f"fieldSelector=metadata.name%3D{name}", f"fieldSelector=metadata.name%3D{name}&labelSelector=app%3Dx", f"labelSelector=app+notin+(x),!none&fieldSelector=metadata.name%3D{name}", f"fieldSelector=metadata.name%3D{name}&limit=1", f"fieldSelector=metadata.name%3D{name}&resourceVersion=0"])  # fmt: skip
        self.steps.append(GET(f"{self.where}?{query}", accept=self.rng.choice(_LISTS)))

    def deleted(self) -> None:
        if self.plural == "namespaces" and self.rng.random() < 0.5:
            return
        self.steps.append(GET(self.path, name="last"))
        if self.rng.random() < 0.3:
            self.steps.append(PATCH(self.path, {"metadata": {"finalizers": ["x.io/held"]}}))
        media = {"accept": _TABLE} if self.rng.random() < 0.1 else {}
        self.steps.append(DELETE(self.path, self.rng.choice(_DELETIONS), **media))
        self.steps.append(GET(self.path))
        if self.rng.random() < 0.5:
            self.steps.append(self._patch(self.path, self._part(), [MERGE, STRATEGIC]))
        self.steps.append(PATCH(self.path, {"metadata": {"finalizers": None}}))
        query = self.rng.choice(["", "gracePeriodSeconds=0", "dryRun=All", "propagationPolicy=Foreground"])
        self.steps.append(DELETE(f"{self.where}?fieldSelector=metadata.name%3D{self.name}&{query}"))
        self.steps.append(DELETE(self.path))
        self.steps.append(GET(self.path))

    # -- how it is said

    def _part(self) -> Any:
        parts = EDITS.get(self.plural, ())
        return copy.deepcopy(dict(self.rng.choice([*parts, {}])))

    def _patch(self, path: str, part: Any, media: list[str]) -> Send:
        chosen = self.rng.choice(media)
        if chosen != JSON_PATCH:
            return PATCH(self._queried(path), part, media=chosen)
        pointers = _pointers(part)
        operations = [
            {"op": "remove", "path": pointer}
            if value is None
            else {"op": self.rng.choice(["add", "add", "replace", "test"]), "path": pointer, "value": value}
            for pointer, value in self.rng.sample(pointers, min(2, len(pointers)))
        ]
        return PATCH(self._queried(path), operations, media=JSON_PATCH)

    def _write(self, step: Send) -> None:
        self.steps.append(step)
        self.steps.append(GET(self.path, name="last"))

    def _asked(self, path: str, query: str) -> str:
        return f"{path}?{query}" if query else path

    def _queried(self, path: str) -> str:
        return self._asked(path, self.rng.choice(_QUERIES))

    def _forced(self, path: str) -> str:
        force = "&force=true" if self.rng.random() < 0.4 else ""
        dry = "&dryRun=All" if self.rng.random() < 0.1 else ""
        return f"{path}?fieldManager={self.rng.choice(['m1', 'm2'])}{force}{dry}"


def case_of(rng: random.Random, only: str = "") -> tuple[Case, dict[int, str]]:
    """The case of a seed."""
    kinds = sorted(key for key in RICH if key[2] in EDITS and only in (key[2], ""))
    kinds += [key for key in [("", "v1", "events")] if only in ("", "events") and key not in kinds]
    life = _Life(rng, rng.choice(kinds))
    life.created()
    ways: list[Callable[[], None]] = [life.updated, life.patched, life.patched, life.labelled, life.applied, life.applied, life.told, life.told, life.scaled, life.read]  # fmt: skip
    for _ in range(_STEPS):
        rng.choice(ways)()
    life.deleted()
    watch = f"{life.where}?watch=1&fieldSelector=metadata.name%3D{life.name}&resourceVersion={{first.metadata.resourceVersion}}&timeoutSeconds=1"
    life.steps += [OPEN(watch), REST(len(life.steps))]
    notes = {n: f"{step}: {str(getattr(step, 'body', ''))[:300]}" for n, step in enumerate(life.steps)}
    return Case(f"a life of one of {life.plural} of {life.head['apiVersion']}", *life.steps), notes
