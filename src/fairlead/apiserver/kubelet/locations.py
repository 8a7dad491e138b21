"""Where the kubelet of a pod is, and what is said where nobody answers there: this server has no kubelets of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from fairlead.apiserver import statuses
from fairlead.apiserver.cluster import Cluster
from fairlead.apiserver.documents import Document, part, parts
from fairlead.machinery.names import ResourceType

__all__ = ["Location", "container_of", "locate"]

_ADDRESSES = ("Hostname", "InternalDNS", "InternalIP", "ExternalDNS", "ExternalIP")
_PORT = 10250
#: In the order in which the server names them.
_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")


@dataclass(frozen=True, slots=True)
class Location:
    """The address that a node gives for its kubelet."""

    host: str
    port: int

    @property
    def refusal(self) -> str:
        """Why nothing comes from there."""
        address = f"[{self.host}]" if ":" in self.host else self.host
        return f"dial tcp {address}:{self.port}: connect: connection refused"

    def unread(self, path: str, query: Iterable[tuple[str, str]]) -> statuses.Refusal:
        """The answer where something was to be read there."""
        target = f"{path}?{urlencode(sorted(query))}" if query else path
        why = f'Get "https://{self.host}:{self.port}{target}": {self.refusal}'
        return statuses.failure(500, "", why)

    def unsent(self, path: str, query: Iterable[tuple[str, str]]) -> str:
        """What is said within a connection to the client where the one to the kubelet was to begin."""
        target = f"{path}?{urlencode(sorted(query, key=lambda pair: pair[0]))}"
        return f'error sending request: Post "https://{self.host}:{self.port}{target}": {self.refusal}'

    @property
    def undialled(self) -> str:
        """What is said where a connection was to be made there."""
        return f"error dialing backend: {self.refusal}"


def locate(cluster: Cluster, pods: ResourceType, pod: Document) -> Location:
    """Where a pod's kubelet should be. Raises Refusal where nobody can know."""
    name = part(pod, "spec").get("nodeName", "")
    entry = cluster.objects("", "v1", "nodes").get("", name)
    if entry is None:
        raise statuses.not_found(pods, name)  # so says the server: it means the node
    status = part(entry.decode(), "status")
    known = {each.get("type"): each.get("address", "") for each in reversed(parts(status, "addresses"))}
    host = next((known[kind] for kind in _ADDRESSES if known.get(kind)), "")
    if not host:
        raise statuses.failure(500, "", "no preferred addresses found; known addresses: []")
    return Location(host, part(status, "daemonEndpoints", "kubeletEndpoint").get("Port") or _PORT)


def container_of(pod: Document, name: str) -> str:
    """The container that is meant. Raises Refusal (400)."""
    names = [str(c.get("name", "")) for field in _CONTAINERS for c in parts(pod, "spec", field)]
    pod_name = pod["metadata"]["name"]
    if not name:
        only = parts(pod, "spec", "containers")
        if len(only) == 1:
            return str(only[0].get("name", ""))
        said = f"a container name must be specified for pod {pod_name}, choose one of: [{' '.join(names)}]"
        raise statuses.bad_request(said)
    if name not in names:
        raise statuses.bad_request(f"container {name} is not valid for pod {pod_name}")
    return name
