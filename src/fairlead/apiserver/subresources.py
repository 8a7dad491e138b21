"""Subresources that are not the object itself.

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
from fairlead.apiserver.access.reviews import AUDIENCES, Reviews
from fairlead.apiserver.access.who import Access, User
from fairlead.apiserver.documents import part
from fairlead.apiserver.kubelet.answers import Kubelets
from fairlead.apiserver.pod_actions import PodActions
from fairlead.apiserver.requests import WriteOptions
from fairlead.apiserver.router import Target
from fairlead.apiserver.scales import Scales
from fairlead.apiserver.storage import Entry
from fairlead.apiserver.verbs import Verbs, read_body
from fairlead.apiserver.wire.answers import document_response
from fairlead.machinery.apply import track_update
from fairlead.machinery.schema import builtin
from fairlead.machinery.times import format_time
from fairlead.machinery.validation import invalid
from fairlead.machinery.wire import Request, Response, StreamResponse

__all__ = ["Subresources"]

#: Seconds that a token lives at least.
_SHORTEST = 600


class Subresources:
    """Answers what the generic verbs do not."""

    def __init__(self, verbs: Verbs, access: Access) -> None:
        self._access = access
        self._verbs = verbs
        self._cluster = verbs.cluster
        self.pods: PodActions = PodActions(verbs)
        self.kubelets: Kubelets = Kubelets(verbs)
        self._named: Mapping[str, Callable[[Target, Request], Response | StreamResponse]] = {
            "scale": Scales(verbs).answer,
            "binding": self.pods.bind,
            "eviction": self.pods.evict,
            "token": self._token,
            "log": self.kubelets.log,
            "exec": self.kubelets.exec,
            "attach": self.kubelets.attach,
            "portforward": self.kubelets.forward,
            "proxy": self._no_host,
        }
        self._reviews = Reviews(verbs, access)

    def answer(self, target: Target, request: Request) -> Response | StreamResponse | None:
        """The answer, if the target is one of these; None for the generic verbs. Raises Refusal."""
        if target.subresource:
            found = self._named.get(target.subresource.partition("/")[0])
            return found(target, request) if found is not None else None
        answered = self._reviews.answer(target, request)
        if answered is not None:
            return answered
        if target.info.type.kind == "Binding" and target.verb == "create":
            return self.pods.bind(target, request)
        return None

    def _entry(self, target: Target) -> Entry:
        entry = self._cluster.collection(target.info).get(target.namespace, target.name)
        if entry is None:
            raise statuses.not_found(target.info.type, target.name)
        return entry

    def _no_host(self, target: Target, request: Request) -> Response:
        del request
        self._entry(target)
        raise statuses.bad_request(f"{target.info.singular} {target.name} does not have a host assigned")

    # -- tokens

    def _check_token(self, target: Target, spec: dict[str, Any]) -> None:
        """Refuse a lifetime that is too short or too long (422), and a bound object that is not there (404)."""
        fault = _seconds_fault(spec["expirationSeconds"])
        if fault:
            cause = invalid("spec.expirationSeconds", spec["expirationSeconds"], fault)
            raise statuses.invalid("authentication.k8s.io", "TokenRequest", "", [cause])
        bound = part(spec, "boundObjectRef")
        plural = {"Pod": "pods", "Secret": "secrets", "Node": "nodes"}.get(bound.get("kind", ""))
        if plural is None:
            return
        namespace = "" if plural == "nodes" else target.namespace
        if self._cluster.objects("", "v1", plural).get(namespace, bound.get("name", "")) is None:
            info = self._cluster.registry.find("", "v1", plural)
            raise statuses.not_found(info.type if info is not None else target.info.type, bound.get("name", ""))

    def _token(self, target: Target, request: Request) -> Response:
        options = WriteOptions.parse(request, "CreateOptions")
        body = read_body(request, None)
        named = part(body, "metadata").get("name")
        if named and named != target.name:
            cause = invalid("metadata.name", named, "must match the service account name if specified")
            raise statuses.invalid("authentication.k8s.io", "TokenRequest", target.name, [cause])
        account = self._entry(target)
        asked: dict[str, Any] = {"expirationSeconds": 3600, **part(body, "spec")}
        spec: dict[str, Any] = {"audiences": list(AUDIENCES), **asked}
        spec.setdefault("boundObjectRef", None)
        self._check_token(target, spec)
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
                "uid": account.uid,
                "creationTimestamp": self._cluster.timestamp(),
                **self._managed(asked, options.manager),
            },
            "spec": spec,
            "status": {"token": token, "expirationTimestamp": format_time(until)},
        }
        return document_response(document, 201)

    def _managed(self, spec: dict[str, Any], manager: str) -> dict[str, Any]:
        """Ownership of what a token is asked for: the server tracks it as if the question were kept."""
        version = "authentication.k8s.io/v1"
        schemas = builtin(*version.split("/"))
        if schemas is None:
            return {}
        asked = {"apiVersion": version, "kind": "TokenRequest", "spec": spec}
        schema, now = schemas.schema("TokenRequest"), self._cluster.timestamp()
        tracked = track_update(None, asked, manager, schema=schema, api_version=version, subresource="token", now=now)
        return {"managedFields": tracked["metadata"]["managedFields"]}


def _seconds_fault(seconds: Any) -> str:
    if isinstance(seconds, int) and seconds < _SHORTEST:
        return "may not specify a duration less than 10 minutes"
    if isinstance(seconds, int) and seconds > 1 << 32:
        return "may not specify a duration larger than 2^32 seconds"
    return ""
