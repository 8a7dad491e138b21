"""Resources that are only questions: who somebody is, and what somebody may do.

https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access. The answers go by the roles that
are stored; requests themselves are not held to them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from fairlead.apiserver import statuses
from fairlead.apiserver.access import permissions
from fairlead.apiserver.access.who import Access, User, present_user
from fairlead.apiserver.builtin.canonical import ordered
from fairlead.apiserver.documents import Document, part
from fairlead.apiserver.questions import Question, read_question
from fairlead.apiserver.router import Target
from fairlead.apiserver.rules.faults import items_of
from fairlead.apiserver.verbs import Verbs
from fairlead.machinery.apply import track_update
from fairlead.machinery.causes import Cause
from fairlead.machinery.validation import invalid, required
from fairlead.machinery.wire import Request, Response

__all__ = ["AUDIENCES", "Reviews"]

AUDIENCES = ("https://kubernetes.default.svc",)
_GROUP = "authorization.k8s.io"
_ONE = "exactly one of nonResourceAttributes or resourceAttributes must be specified"


class Reviews:
    """Answers the questions."""

    def __init__(self, verbs: Verbs, access: Access) -> None:
        self._verbs = verbs
        self._cluster = verbs.cluster
        self._access = access
        self._questions: Mapping[str, Callable[[Document], None]] = {
            "SelfSubjectAccessReview": self._own_access,
            "SubjectAccessReview": self._access_of,
            "LocalSubjectAccessReview": self._access_of,
            "SelfSubjectRulesReview": self._own_rules,
            "SelfSubjectReview": self._oneself,
            "TokenReview": self._whose,
        }

    def answer(self, target: Target, request: Request) -> Response | None:
        """The answer, if the target is a question; else None. Raises Refusal."""
        kind = target.info.type.kind
        question = self._questions.get(kind)
        if question is None or target.verb != "create":
            return None
        asked = read_question(self._verbs, target, request, target.info)
        document = self._owned(target, asked)
        with asked.warning():
            question(document)
        shown = ordered(document, kind, target.info.type.api_version)
        shown["metadata"].pop("resourceVersion", None)
        return asked.answered(shown)

    def _owned(self, target: Target, asked: Question) -> Document:
        return track_update(
            None,
            asked.document,
            asked.options.manager,
            schema=target.info.schema,
            api_version=target.info.type.api_version,
            now=self._cluster.timestamp(),
        )

    # -- what somebody may do

    def _own_access(self, document: Document) -> None:
        _refuse(_attribute_faults(document))
        self._decide(document, present_user())

    def _access_of(self, document: Document) -> None:
        _refuse(_access_faults(document))
        spec = part(document, "spec")
        extra = {key: tuple(values) for key, values in part(spec, "extra").items()}
        groups = tuple(items_of(spec, "groups"))
        self._decide(document, User(spec.get("user") or "", groups, spec.get("uid") or "", extra))

    def _decide(self, document: Document, user: User) -> None:
        spec = part(document, "spec")
        path, resource = part(spec, "nonResourceAttributes"), part(spec, "resourceAttributes")
        asked = permissions.Asked(path.get("verb") or "", path=path.get("path") or "")
        if resource:
            names = ("verb", "namespace", "group", "resource", "subresource", "name")
            asked = permissions.Asked(**{name: resource.get(name) or "" for name in names})
        allowed, reason = permissions.allowed(self._cluster, user, asked)
        document["status"] = {"allowed": allowed, **({"reason": reason} if reason else {})}

    def _own_rules(self, document: Document) -> None:
        namespace = part(document, "spec").get("namespace")
        if not namespace:
            raise statuses.bad_request("no namespace on request")
        found = permissions.rules(self._cluster, present_user(), namespace)
        document["metadata"], document["spec"] = {}, {}
        document["status"] = {
            "resourceRules": [
                _filled(rule, "verbs", "apiGroups", "resources", "resourceNames")
                for rule in found
                if rule.get("resources")
            ],
            "nonResourceRules": [
                _filled(rule, "verbs", "nonResourceURLs") for rule in found if rule.get("nonResourceURLs")
            ],
            "incomplete": False,
        }

    # -- who somebody is

    def _oneself(self, document: Document) -> None:
        kept = {name: item for name, item in document["metadata"].items() if name == "managedFields"}
        document["metadata"] = {**kept, "creationTimestamp": self._cluster.timestamp()}
        document["status"] = {"userInfo": present_user().info()}

    def _whose(self, document: Document) -> None:
        token = part(document, "spec").get("token")
        if not token or not isinstance(token, str):
            raise statuses.bad_request("token is required for TokenReview in authentication")
        user = self._access.known(token)
        document["status"] = (
            {"user": {}, "error": "invalid bearer token"}
            if user is None
            else {"authenticated": True, "user": user.info(), "audiences": list(AUDIENCES)}
        )


def _filled(rule: Document, *names: str) -> Document:
    return {name: rule[name] for name in names if rule.get(name)}


def _refuse(faults: Iterator[Cause]) -> None:
    found = list(faults)
    if found:
        raise statuses.invalid(_GROUP, "", "", found)


def _attribute_faults(document: Document) -> Iterator[Cause]:
    spec = part(document, "spec")
    path = spec.get("nonResourceAttributes")
    if (path is None) == (spec.get("resourceAttributes") is None):
        yield invalid("spec", None if path is None else _internal(path), _ONE)
    yield from _selector_faults(part(spec, "resourceAttributes"))
    yield from _meta_faults(document)


def _selector_faults(resource: Document) -> Iterator[Cause]:
    for name in ("fieldSelector", "labelSelector"):
        selector, path = resource.get(name), f"spec.resourceAttributes.{name}"
        if selector is None:
            continue
        raw, requirements = selector.get("rawSelector"), selector.get("requirements")
        if raw and requirements:
            yield invalid(f"{path}.rawSelector", raw, "may not specified at the same time as requirements")
        elif not raw and not requirements:
            yield required(f"{path}.requirements", f"when {path} is specified, requirements or rawSelector is required")


def _meta_faults(document: Document, *kept: str) -> Iterator[Cause]:
    meta = part(document, "metadata")
    if set(meta) - {"managedFields", *kept}:
        yield invalid("metadata", meta, "must be empty" + (" except for namespace" if kept else ""))


def _access_faults(document: Document) -> Iterator[Cause]:
    spec = part(document, "spec")
    local = document.get("kind") == "LocalSubjectAccessReview"
    path, resource = spec.get("nonResourceAttributes"), spec.get("resourceAttributes")
    if (path is None) == (resource is None):
        yield invalid("spec", None if path is None else _internal(path), _ONE)
    if not spec.get("user") and not spec.get("groups"):
        yield invalid("spec.user", "", "at least one of user or group must be specified")
    yield from _selector_faults(part(spec, "resourceAttributes"))
    yield from _meta_faults(document, *(["namespace"] if local else []))
    if not local:
        return
    if resource is not None:
        namespace = cast("Document", resource).get("namespace") or ""
        if namespace != part(document, "metadata").get("namespace"):
            yield invalid("spec.resourceAttributes.namespace", namespace, "must match metadata.namespace")
    if path is not None:
        yield invalid("spec.nonResourceAttributes", _internal(path), "disallowed on this kind of request")


def _internal(path: Any) -> Document:
    found = cast("Document", path)
    return {"Path": found.get("path") or "", "Verb": found.get("verb") or ""}
