"""Resources that are only questions: who somebody is, and what somebody may do.

https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access. The answers go by the roles that
are stored; requests themselves are not held to them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from fairlead.apiserver import statuses
from fairlead.apiserver.access import permissions
from fairlead.apiserver.access.reviewed_selectors import selector_faults, unread_selectors
from fairlead.apiserver.access.who import Access, User, present_user
from fairlead.apiserver.builtin.canonical import ordered
from fairlead.apiserver.documents import Document, part
from fairlead.apiserver.questions import Question, read_question
from fairlead.apiserver.router import Target
from fairlead.apiserver.rules.faults import items_of
from fairlead.apiserver.verbs import Verbs
from fairlead.machinery.apply.ownership import track_update
from fairlead.machinery.causes import Cause
from fairlead.machinery.validation import invalid
from fairlead.machinery.wire import Request, Response

__all__ = ["AUDIENCES", "Reviews"]

AUDIENCES = ("https://kubernetes.default.svc",)
_GROUP = "authorization.k8s.io"
#: What only the server fills in, and takes out of whatever is created.
_SYSTEM_FIELDS = frozenset({"creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "uid"})
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
        return asked.answered(_shown(document))

    def _owned(self, target: Target, asked: Question) -> Document:
        meta = part(asked.document, "metadata")
        for name in _SYSTEM_FIELDS & meta.keys():
            del meta[name]
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
        said = {"reason": reason, "evaluationError": unread_selectors(resource)}
        document["status"] = {"allowed": allowed, **{name: text for name, text in said.items() if text}}

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
        document["metadata"] = {"creationTimestamp": self._cluster.timestamp()}
        document["status"] = {"userInfo": present_user().info()}

    def _whose(self, document: Document) -> None:
        token = part(document, "spec").get("token")
        if not token or not isinstance(token, str):
            raise statuses.bad_request("token is required for TokenReview in authentication")
        user, asked = self._access.known(token), items_of(part(document, "spec"), "audiences")
        audiences = [each for each in asked or AUDIENCES if each in AUDIENCES]
        # What the request says of the answer stays where the answer says nothing.
        status: Document = {"user": {}, **part(document, "status")}
        status.pop("authenticated", None)
        if user is None or not audiences:
            status["error"] = "invalid bearer token"
        else:
            status |= {"authenticated": True, "user": user.info(), "audiences": audiences}
        document["status"] = status


def _shown(document: Document) -> Document:
    """In the server's order of fields, without the place that is kept for the version of what is stored."""
    found = ordered(document, document["kind"], document["apiVersion"])
    if found["metadata"].get("resourceVersion") is None:
        found["metadata"].pop("resourceVersion", None)
    return found


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
    yield from selector_faults(part(spec, "resourceAttributes"))
    yield from _meta_faults(document)


def _meta_faults(document: Document, *kept: str) -> Iterator[Cause]:
    meta = part(_shown(document), "metadata")
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
    yield from selector_faults(part(spec, "resourceAttributes"))
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
