"""Subresources that are not the object itself.

https://kubernetes.io/docs/reference/using-api/api-concepts/#subresources
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fairlead.apiserver import statuses
from fairlead.apiserver.access.reviews import Reviews
from fairlead.apiserver.access.who import Access
from fairlead.apiserver.kubelet.answers import Kubelets
from fairlead.apiserver.pod_actions import PodActions
from fairlead.apiserver.router import Target
from fairlead.apiserver.scales import Scales
from fairlead.apiserver.storage import Entry
from fairlead.apiserver.tokens import Tokens
from fairlead.apiserver.verbs import Verbs
from fairlead.machinery.wire import Request, Response, StreamResponse

__all__ = ["Subresources"]


class Subresources:
    """Answers what the generic verbs do not."""

    def __init__(self, verbs: Verbs, access: Access) -> None:
        self._verbs = verbs
        self._cluster = verbs.cluster
        self.pods: PodActions = PodActions(verbs)
        self.kubelets: Kubelets = Kubelets(verbs)
        self._named: Mapping[str, Callable[[Target, Request], Response | StreamResponse]] = {
            "scale": Scales(verbs).answer,
            "binding": self.pods.bind,
            "eviction": self.pods.evict,
            "token": Tokens(verbs, access).answer,
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
