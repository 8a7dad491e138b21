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
from fairlead.apiserver.admission import admit
from fairlead.apiserver.builtin.canonical import ordered
from fairlead.apiserver.documents import Document, part
from fairlead.apiserver.requests import WriteOptions
from fairlead.apiserver.router import Target
from fairlead.apiserver.rules.faults import items_of
from fairlead.apiserver.verbs import Verbs, read_body
from fairlead.apiserver.wire.answers import document_response
from fairlead.machinery.apply import track_update
from fairlead.machinery.causes import Cause
from fairlead.machinery.validation import invalid
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
        document = self._read(target, request)
        question(document)
        shown = ordered(document, kind, target.info.type.api_version)
        shown["metadata"].pop("resourceVersion", None)
        return document_response(shown, 201)

    def _read(self, target: Target, request: Request) -> Document:
        options, warnings = WriteOptions.parse(request, "CreateOptions"), list[str]()
        document = read_body(request, target.info)
        strategy = self._verbs.writer.strategy(target.info)
        admit(document, strategy, options, warnings)
        if (
            target.namespace
            and part(document, "metadata").setdefault("namespace", target.namespace) != target.namespace
        ):
            raise statuses.other_namespace()
        if target.info.type.kind == "SelfSubjectReview":
            document["metadata"]["creationTimestamp"] = self._cluster.timestamp()
        return track_update(
            None,
            document,
            options.manager,
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
        document["spec"] = {}
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
    yield from _meta_faults(document)


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
