"""What is done to pods beside changing them: binding to a node, eviction.

https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from fairlead.apiserver import statuses
from fairlead.apiserver.admission import private
from fairlead.apiserver.documents import Document, part, parts
from fairlead.apiserver.questions import Question, asked_as, read_question
from fairlead.apiserver.registry import ResourceInfo
from fairlead.apiserver.requests import DeleteOptions, WriteOptions, delete_options
from fairlead.apiserver.router import Target
from fairlead.apiserver.rules.workloads import selects
from fairlead.apiserver.storage import Entry
from fairlead.apiserver.verbs import Verbs
from fairlead.apiserver.wire.decoding import go_value
from fairlead.machinery.apply.ownership import track_update
from fairlead.machinery.names import ObjectKey
from fairlead.machinery.wire import Request, Response

__all__ = ["PodActions"]

_VIOLATES = "Cannot evict pod as it would violate the pod's disruption budget."


class PodActions:
    """Answers the subresources of pods that are actions."""

    def __init__(self, verbs: Verbs) -> None:
        self._verbs = verbs
        self._cluster = verbs.cluster

    def _pods(self) -> ResourceInfo:
        found = self._cluster.registry.find("", "v1", "pods")
        if found is None:
            raise statuses.internal("pods are not served")
        return found

    def _entry(self, namespace: str, name: str) -> Entry:
        entry = self._cluster.collection(self._pods()).get(namespace, name)
        if entry is None:
            raise statuses.not_found(self._pods().type, name)
        return entry

    # -- binding

    def bind(self, target: Target, request: Request) -> Response:
        """Put a pod on a node, by its `binding` subresource or by a Binding. Raises Refusal."""
        asked = read_question(self._verbs, target, request, asked_as("v1", "Binding"))
        name = asked.document["metadata"].get("name") or ""
        with asked.warning():
            self._verbs.writer.require_namespace(self._pods(), target.namespace, name)
            if target.subresource and name != target.name:
                raise statuses.bad_request("name in URL does not match name in Binding object")
            self._check_target(part(asked.document, "target"))
            self._assign(target.namespace, name, asked.document, asked.options)
        return asked.done()

    @staticmethod
    def _check_target(found: Document) -> None:
        # The server does not say that these are the client's faults.
        if found.get("kind") not in (None, "", "Node"):
            known = 'supported values: "Node", "<empty>"'
            raise statuses.failure(500, "", f"target.kind: Unsupported value: {json.dumps(found['kind'])}: {known}")
        if not found.get("name"):
            raise statuses.failure(500, "", "target.name: Required value")

    def _assign(self, namespace: str, name: str, body: Document, options: WriteOptions) -> None:
        pods, meta = self._pods(), part(body, "metadata")

        def change(old: Document | None) -> Document:
            document = old or {}
            why = _unbound(meta, document["metadata"])
            if why:
                raise statuses.conflict(pods.type, name, f"{_storage_fault(namespace, name)}{why}")
            if "deletionTimestamp" in document["metadata"]:
                why = f"pod {name} is being deleted, cannot be assigned to a host"
            elif document["spec"].get("nodeName"):
                why = f"pod {name} is already assigned to node {json.dumps(document['spec']['nodeName'])}"
            elif document["spec"].get("schedulingGates"):
                why = f"pod {name} has non-empty .spec.schedulingGates"
            if why:
                raise _binding_conflict(pods, name, why)
            document["spec"]["nodeName"] = part(body, "target").get("name", "")
            for field in ("annotations", "labels"):
                if meta.get(field):
                    document["metadata"].setdefault(field, {}).update(meta[field])
            _set_condition(document, {"type": "PodScheduled", "status": "True"}, self._cluster.timestamp())
            return document

        self._verbs.writer.update(pods, ObjectKey(name, namespace), change, options, tracked=False, whole=True)

    # -- eviction

    def evict(self, target: Target, request: Request) -> Response:
        """Delete a pod where its disruption budget allows it. Raises Refusal (429 where it does not)."""
        asked = read_question(self._verbs, target, request, asked_as("policy/v1", "Eviction"))
        with asked.warning():
            self._verbs.writer.require_namespace(self._pods(), target.namespace, target.name)
            self._evict(target, request, asked)
        return asked.done()

    def _evict(self, target: Target, request: Request, asked: Question) -> None:
        if asked.document["metadata"].get("name") != target.name:
            raise statuses.bad_request("name in URL does not match name in Eviction object")
        given: Document = {**part(asked.document, "deleteOptions")}
        if asked.options.dry_run and given.setdefault("dryRun", ["All"]) != ["All"]:
            said = go_value(given["dryRun"])
            raise statuses.failure(500, "", f"Non-matching dry-run options in request and content: [All] and {said}")
        options: DeleteOptions = delete_options(request, given)
        pod = self._entry(target.namespace, target.name).decode()
        if not _without_budget(pod):
            self._ask_budget(pod, options)
        self._verbs.deleter.check(target.info, self._entry(target.namespace, target.name), options)
        self._mark(target, options)
        key = ObjectKey(target.name, target.namespace)
        # The mark makes a version of its own of what was meant.
        meant = replace(options, resource_version=None)
        self._verbs.deleter.delete(self._verbs.writer.strategy(target.info), key, meant)

    def _ask_budget(self, pod: Document, options: DeleteOptions) -> None:
        meta = pod["metadata"]
        budgets = self._cluster.objects("policy", "v1", "poddisruptionbudgets")
        found = [
            document
            for entry in budgets.select(meta.get("namespace", ""))
            if _covers(document := entry.decode(), part(meta, "labels"))
        ]
        if len(found) > 1:
            text = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
            raise statuses.failure(500, "", text)
        if not found:
            return
        budget, status = found[0], part(found[0], "status")
        if not _ready(pod):
            if part(budget, "spec").get("unhealthyPodEvictionPolicy") == "AlwaysAllow":
                return
            if (status.get("currentHealthy") or 0) >= (status.get("desiredHealthy") or 0) > 0:
                return
        self._decrement(budget, meta["name"], options)

    def _decrement(self, budget: Document, pod_name: str, options: DeleteOptions) -> None:
        name, status = budget["metadata"]["name"], part(budget, "status")
        if (status.get("observedGeneration") or 0) < (budget["metadata"].get("generation") or 0):
            text = f"The disruption budget {name} is still being processed by the server."
            raise _violation(text, retry_after=10)
        if not status.get("disruptionsAllowed"):
            raise _violation(_why_not(name, status), retry_after=0)
        if options.dry_run:
            return
        old = private(budget)
        status["disruptionsAllowed"] -= 1
        now = self._cluster.timestamp()
        if not status["disruptionsAllowed"]:
            generation = status.get("observedGeneration")
            condition = {"type": "DisruptionAllowed", "status": "False", "reason": "InsufficientPods", "message": ""}
            found = {**condition, "observedGeneration": generation, "lastTransitionTime": now}
            kept = [each for each in parts(status, "conditions") if each.get("type") != condition["type"]]
            status["conditions"] = [*kept, found]
        status.setdefault("disruptedPods", {})[pod_name] = now
        self._cluster.objects("policy", "v1", "poddisruptionbudgets").put(self._tracked(old, budget))

    def _tracked(self, old: Document, budget: Document) -> Document:
        info = self._cluster.registry.find("policy", "v1", "poddisruptionbudgets")
        if info is None:
            return budget
        return track_update(
            old,
            budget,
            "kube-apiserver",
            schema=info.schema,
            api_version=info.type.api_version,
            subresource="status",
            now=self._cluster.timestamp(),
        )

    def _mark(self, target: Target, options: DeleteOptions) -> None:
        """Note in the pod's status why it goes; the server does so where it is not deleted at once."""
        entry = self._entry(target.namespace, target.name)
        document = entry.decode()
        if options.dry_run:
            return
        reason = {"reason": "EvictionByEvictionAPI", "message": "Eviction API: evicting"}
        _set_condition(document, {"type": "DisruptionTarget", "status": "True", **reason}, self._cluster.timestamp())
        if document != entry.decode():
            self._cluster.collection(self._pods()).put(document)


def _unbound(wanted: Document, present: Document) -> str:
    """Why a binding is not for the pod that is there; empty when it is."""
    for field, shown in (("uid", "UID"), ("resourceVersion", "ResourceVersion")):
        if wanted.get(field) and wanted[field] != present[field]:
            said = f"{shown} in precondition: {wanted[field]}, {shown} in object meta: {present[field]}"
            return f"Precondition failed: {said}"
    return ""


def _storage_fault(namespace: str, name: str) -> str:
    place = f"/registry/pods/{namespace}/{name}"
    return f"StorageError: invalid object, Code: 4, Key: {place}, ResourceVersion: 0, AdditionalErrorMsg: "


def _binding_conflict(pods: ResourceInfo, name: str, why: str) -> statuses.Refusal:
    refusal = statuses.conflict(pods.type, name, why)
    refusal.status["details"]["kind"] = "pods/binding"
    text = f"Operation cannot be fulfilled on pods/binding {statuses.quoted(name)}: {why}"
    refusal.status["message"] = text
    return refusal


def _set_condition(document: Document, condition: Document, now: str) -> None:
    conditions = document.setdefault("status", {}).setdefault("conditions", [])
    present = next((each for each in conditions if each.get("type") == condition["type"]), None)
    times = {"lastProbeTime": None, "lastTransitionTime": now}
    if present is None:
        first = {name: condition[name] for name in ("type", "status")}
        conditions.append({**first, **times, **condition})
    elif present.get("status") != condition["status"]:
        present.update(condition, lastTransitionTime=now)


def _without_budget(pod: Document) -> bool:
    """Whether no budget needs to be asked: the pod does not run, or goes already."""
    phase = part(pod, "status").get("phase")
    return phase in {"Succeeded", "Failed", "Pending"} or "deletionTimestamp" in pod["metadata"]


def _ready(pod: Document) -> bool:
    conditions = parts(pod, "status", "conditions")
    return any(each.get("type") == "Ready" and each.get("status") == "True" for each in conditions)


def _covers(budget: Document, labels: Document) -> bool:
    selector = part(budget, "spec").get("selector")
    return selector is not None and selects(selector, labels)


def _violation(text: str, *, retry_after: int) -> statuses.Refusal:
    refusal = statuses.too_many_requests(_VIOLATES, retry_after)
    details: dict[str, Any] = {"causes": [{"reason": "DisruptionBudget", "message": text}]}
    if retry_after:
        details |= {"retryAfterSeconds": retry_after}
    refusal.status["details"] = details
    return refusal


def _why_not(name: str, status: Document) -> str:
    wanted, present = status.get("desiredHealthy") or 0, status.get("currentHealthy") or 0
    conditions = [each for each in parts(status, "conditions") if each.get("type") == "DisruptionAllowed"]
    condition: Document = conditions[0] if conditions else {}
    refused = condition.get("status") == "False" and condition.get("message")
    if refused and condition.get("reason") == "SyncFailed":
        sync = condition["message"]
        return f"The disruption budget {name} does not allow evicting pods currently because it failed sync: {sync}"
    if present <= wanted:
        return f"The disruption budget {name} needs {wanted} healthy pods and has {present} currently"
    said = f"The disruption budget {name} does not allow evicting pods currently"
    return f"{said} ({condition.get('reason', '')}): {condition['message']}" if refused else said
