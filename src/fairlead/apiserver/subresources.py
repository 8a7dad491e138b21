"""Subresources that are not the object itself, and resources that are only questions.

https://kubernetes.io/docs/reference/using-api/api-concepts/#subresources
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from fairlead.apiserver import statuses
from fairlead.apiserver.access import Access, User, present_user
from fairlead.apiserver.answers import document_response
from fairlead.apiserver.documents import part
from fairlead.apiserver.requests import DeleteOptions, WriteOptions, delete_options
from fairlead.apiserver.router import Target
from fairlead.apiserver.scales import Scales
from fairlead.apiserver.storage import Entry
from fairlead.apiserver.verbs import Verbs, read_body
from fairlead.machinery.names import ObjectKey
from fairlead.machinery.times import format_time
from fairlead.machinery.wire import Request, Response

__all__ = ["Subresources"]

_AUDIENCES = ("https://kubernetes.default.svc",)
_SUCCESS: Mapping[str, Any] = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}


class Subresources:
    """Answers what the generic verbs do not."""

    def __init__(self, verbs: Verbs, access: Access) -> None:
        self._access = access
        self._verbs = verbs
        self._cluster = verbs.cluster
        self._named: Mapping[str, Callable[[Target, Request], Response]] = {
            "scale": Scales(verbs).answer,
            "binding": self._bind,
            "eviction": self._evict,
            "token": self._token,
            "log": self._log,
            "exec": self._no_host,
            "attach": self._no_host,
            "portforward": self._no_host,
            "proxy": self._no_host,
        }
        self._questions: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "SelfSubjectAccessReview": _allowed,
            "SubjectAccessReview": _allowed,
            "LocalSubjectAccessReview": _allowed,
            "SelfSubjectRulesReview": _all_rules,
            "SelfSubjectReview": lambda _body: {"userInfo": present_user().info()},
            "TokenReview": self._whose,
        }

    async def answer(self, target: Target, request: Request) -> Response | None:
        """The answer, if the target is one of these; None for the generic verbs. Raises Refusal."""
        if target.subresource:
            found = self._named.get(target.subresource.partition("/")[0])
            return found(target, request) if found is not None else None
        question = self._questions.get(target.info.type.kind)
        if question is not None and target.verb == "create":
            body = read_body(request, target.info)
            body.setdefault("metadata", {})
            return document_response({**body, "status": question(body)}, 201)
        if target.info.type.kind == "Binding" and target.verb == "create":
            return self._bind_from(target, request)
        return None

    def _entry(self, target: Target) -> Entry:
        entry = self._cluster.collection(target.info).get(target.namespace, target.name)
        if entry is None:
            raise statuses.not_found(target.info.type, target.name)
        return entry

    # -- pods

    def _bind(self, target: Target, request: Request) -> Response:
        body = read_body(request, None)
        return self._bind_to(target, target.name, body, request)

    def _bind_from(self, target: Target, request: Request) -> Response:
        body = read_body(request, target.info)
        return self._bind_to(target, part(body, "metadata").get("name", ""), body, request)

    def _bind_to(self, target: Target, name: str, body: dict[str, Any], request: Request) -> Response:
        node = part(body, "target").get("name", "")
        pods = self._cluster.registry.find("", "v1", "pods")
        if pods is None:
            raise statuses.internal("pods are not served")

        def change(old: dict[str, Any] | None) -> dict[str, Any]:
            document = old or {}
            if document["spec"].get("nodeName"):
                why = f"pod {name} is already assigned to node {json.dumps(document['spec']['nodeName'])}"
                raise statuses.conflict(pods.type, name, why)
            document["spec"]["nodeName"] = node
            now = self._cluster.timestamp()
            condition = {"type": "PodScheduled", "status": "True", "lastProbeTime": None, "lastTransitionTime": now}
            document.setdefault("status", {}).setdefault("conditions", []).append(condition)
            return document

        options = WriteOptions.parse(request, "CreateOptions")
        key = ObjectKey(name, target.namespace)
        self._verbs.writer.update(pods, key, change, options, tracked=False, whole=True)
        return document_response({**_SUCCESS, "code": 201}, 201)

    def _evict(self, target: Target, request: Request) -> Response:
        body = read_body(request, None)
        options: DeleteOptions = delete_options(request, body.get("deleteOptions"))
        self._entry(target)
        key = ObjectKey(target.name, target.namespace)
        self._verbs.deleter.delete(self._verbs.writer.strategy(target.info), key, options)
        return document_response({**_SUCCESS, "code": 201}, 201)

    def _log(self, target: Target, request: Request) -> Response:
        if not self._entry(target).fields.get("spec.nodeName"):
            return Response(204, {}, b"")
        return self._no_host(target, request)

    def _no_host(self, target: Target, request: Request) -> Response:
        del request
        self._entry(target)
        raise statuses.bad_request(f"{target.info.singular} {target.name} does not have a host assigned")

    # -- tokens

    def _whose(self, body: dict[str, Any]) -> dict[str, Any]:
        token = part(body, "spec").get("token")
        if not token or not isinstance(token, str):
            raise statuses.bad_request("token is required for TokenReview in authentication")
        user = self._access.known(token)
        if user is None:
            return {"user": {}, "error": "invalid bearer token"}
        return {"authenticated": True, "user": user.info(), "audiences": list(_AUDIENCES)}

    def _token(self, target: Target, request: Request) -> Response:
        account = self._entry(target)
        body = read_body(request, None)
        spec: dict[str, Any] = {"audiences": list(_AUDIENCES), "expirationSeconds": 3600}
        spec.update(part(body, "spec"))
        spec.setdefault("boundObjectRef", None)
        until = self._cluster.now() + timedelta(seconds=spec["expirationSeconds"])
        claims = {"sub": f"system:serviceaccount:{target.namespace}:{target.name}", "exp": int(until.timestamp())}
        parts = [json.dumps(part).encode() for part in ({"alg": "none"}, claims)] + [secrets.token_bytes(32)]
        token = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
        groups = ("system:serviceaccounts", f"system:serviceaccounts:{target.namespace}")
        self._access.admit(token, User(str(claims["sub"]), groups, account.uid))
        document = {
            "kind": "TokenRequest",
            "apiVersion": "authentication.k8s.io/v1",
            "metadata": {
                "name": target.name,
                "namespace": target.namespace,
                "creationTimestamp": self._cluster.timestamp(),
            },
            "spec": spec,
            "status": {"token": token, "expirationTimestamp": format_time(until)},
        }
        return document_response(document, 201)


def _allowed(body: dict[str, Any]) -> dict[str, Any]:
    del body
    return {"allowed": True}


def _all_rules(body: dict[str, Any]) -> dict[str, Any]:
    del body
    return {
        "resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}],
        "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
        "incomplete": False,
    }
