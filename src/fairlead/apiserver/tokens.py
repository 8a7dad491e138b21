"""Tokens of service accounts, made on request (`serviceaccounts/token`).

https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/
"""

from __future__ import annotations

import base64
import json
import secrets
from datetime import datetime, timedelta
from typing import Any

from fairlead.apiserver import statuses
from fairlead.apiserver.access.reviews import AUDIENCES
from fairlead.apiserver.access.who import Access, User
from fairlead.apiserver.documents import Document, part
from fairlead.apiserver.questions import Question, asked_as, read_question
from fairlead.apiserver.router import Target
from fairlead.apiserver.verbs import Verbs
from fairlead.machinery.apply.ownership import track_update
from fairlead.machinery.names import ResourceType, split_api_version
from fairlead.machinery.times import format_time
from fairlead.machinery.validation import invalid
from fairlead.machinery.wire import Request, Response

__all__ = ["Tokens"]

#: Seconds that a token lives at least.
_SHORTEST = 600
_VERSION, _KIND = "authentication.k8s.io/v1", "TokenRequest"
#: What a token may be bound to, by its kind in the oldest group.
_BOUND = {"Pod": "pods", "Secret": "secrets", "Node": "nodes"}


class Tokens:
    """Answers requests for tokens."""

    def __init__(self, verbs: Verbs, access: Access) -> None:
        self._verbs = verbs
        self._cluster = verbs.cluster
        self._access = access

    def answer(self, target: Target, request: Request) -> Response:
        """Make a token, which the server knows from then on. Raises Refusal."""
        asked = read_question(self._verbs, target, request, asked_as(_VERSION, _KIND))
        with asked.warning():
            return asked.answered(self._made(target, asked))

    def _made(self, target: Target, asked: Question) -> dict[str, Any]:
        self._verbs.writer.require_namespace(target.info, target.namespace, target.name)
        named = asked.document["metadata"].get("name")
        if named and named != target.name:
            cause = invalid("metadata.name", named, "must match the service account name if specified")
            raise statuses.invalid("authentication.k8s.io", _KIND, target.name, [cause])
        account = self._cluster.collection(target.info).get(target.namespace, target.name)
        if account is None:
            raise statuses.not_found(target.info.type, target.name)
        owned = self._managed(asked)
        spec: Document = {"boundObjectRef": None, **part(asked.document, "spec")}
        spec["audiences"] = spec.get("audiences") or list(AUDIENCES)
        self._check(target, spec)
        until = self._cluster.now() + timedelta(seconds=spec["expirationSeconds"])
        meta = {
            "name": target.name,
            "namespace": target.namespace,
            "uid": account.uid,
            "creationTimestamp": self._cluster.timestamp(),
            "managedFields": owned,
        }
        token = self._admitted(target, account.uid, until)
        status = {"token": token, "expirationTimestamp": format_time(until)}
        return {"kind": _KIND, "apiVersion": _VERSION, "metadata": meta, "spec": spec, "status": status}

    def _admitted(self, target: Target, uid: str, until: datetime) -> str:
        claims = {"sub": f"system:serviceaccount:{target.namespace}:{target.name}", "exp": int(until.timestamp())}
        parts = [json.dumps(part).encode() for part in ({"alg": "none"}, claims)] + [secrets.token_bytes(32)]
        token = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
        groups = ("system:serviceaccounts", f"system:serviceaccounts:{target.namespace}")
        self._access.admit(token, User(str(claims["sub"]), groups, uid))
        return token

    def _check(self, target: Target, spec: Document) -> None:
        """Refuse a lifetime that is too short or too long (422), and what a token cannot be bound to."""
        if fault := _seconds_fault(spec["expirationSeconds"]):
            cause = invalid("spec.expirationSeconds", spec["expirationSeconds"], fault)
            raise statuses.invalid("authentication.k8s.io", _KIND, "", [cause])
        if spec["boundObjectRef"] is not None:
            self._check_bound(target, part(spec, "boundObjectRef"))

    def _check_bound(self, target: Target, bound: Document) -> None:
        kind, name, uid = (bound.get(key) or "" for key in ("kind", "name", "uid"))
        group, version = split_api_version(bound.get("apiVersion") or "")
        plural = _BOUND.get(kind) if not group else None
        if plural is None:
            said = f"{group}/{version}, Kind={kind}"
            raise statuses.bad_request(f"cannot bind token to object of type {said}")
        namespace = "" if kind == "Node" else target.namespace
        found = self._cluster.objects("", "v1", plural).get(namespace, name)
        if found is None:
            raise statuses.not_found(ResourceType("", "v1", kind, plural), name)
        if kind == "Pod" and part(found.decode(), "spec").get("serviceAccountName", "") != target.name:
            raise statuses.bad_request(
                f"cannot bind token for serviceaccount {statuses.quoted(target.name)} "
                "to pod running with different serviceaccount name."
            )
        if uid and uid != found.uid:
            why = (
                f"the UID in the bound object reference ({uid}) does not match the UID in record. "
                "The object might have been deleted and then recreated"
            )
            raise statuses.conflict(ResourceType("", "v1", kind, kind), name, why)

    def _managed(self, asked: Question) -> list[Document]:
        """Ownership of what a token is asked for: the server tracks it as if the question were kept."""
        tracked = track_update(
            None,
            asked.document,
            asked.options.manager,
            schema=asked_as(_VERSION, _KIND).schema,
            api_version=_VERSION,
            subresource="token",
            now=self._cluster.timestamp(),
        )
        found: list[Document] = tracked["metadata"].get("managedFields") or []
        return found


def _seconds_fault(seconds: int) -> str:
    if seconds < _SHORTEST:
        return "may not specify a duration less than 10 minutes"
    return "may not specify a duration larger than 2^32 seconds" if seconds > 1 << 32 else ""
