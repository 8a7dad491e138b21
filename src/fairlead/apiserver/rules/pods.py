"""What is wrong with pods and pod templates, and what may not change in a pod.

https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.apiserver.documents import Document, part, parts
from fairlead.apiserver.rules.containers import containers
from fairlead.apiserver.rules.env import file_variables
from fairlead.apiserver.rules.faults import (
    MAX_INT32,
    children,
    chosen,
    duplicate,
    forbidden,
    in_range,
    invalid,
    items_of,
    labels,
    named,
    no_spaces,
    one_of,
    required,
    unsigned,
)
from fairlead.apiserver.rules.ip_texts import ip_text
from fairlead.apiserver.rules.pod_annotations import annotated_profiles, annotations_kept, pod_annotations
from fairlead.apiserver.rules.pod_claims import resource_claims
from fairlead.apiserver.rules.pod_resources import pod_resources
from fairlead.apiserver.rules.pod_systems import host_name, host_namespaces, host_processes, system
from fairlead.apiserver.rules.pod_updates import pod_changes
from fairlead.apiserver.rules.resources import requirements
from fairlead.apiserver.rules.scheduling import affinity, spreading, tolerations
from fairlead.apiserver.rules.security import pod_security
from fairlead.apiserver.rules.volumes import volumes
from fairlead.machinery.causes import Cause
from fairlead.machinery.validation import (
    annotation_causes,
    dns1123_label,
    dns1123_subdomain,
    dns1123_subdomain_underscored,
    qualified_name,
)

__all__ = ["pod", "pod_spec", "pod_template"]

_RESTARTS = ("Always", "OnFailure", "Never")
_MOST_SERVERS, _MOST_SEARCHES, _LONGEST_SEARCH = 3, 32, 2048
_DNS = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")


def pod_template(template: Document, path: str) -> Iterator[Cause]:
    """The template of a workload: labels, annotations and spec."""
    meta = part(template, "metadata")
    yield from labels(meta.get("labels"), f"{path}.labels")
    spec, annotations = part(template, "spec"), part(meta, "annotations")
    yield from annotation_causes(annotations, f"{path}.annotations")
    yield from pod_annotations(annotations, spec, f"{path}.annotations")
    yield from pod_spec(spec, f"{path}.spec")
    yield from annotated_profiles(annotations, spec, f"{path}.spec")
    if parts(part(template, "spec"), "ephemeralContainers"):
        yield forbidden(f"{path}.spec.ephemeralContainers", "ephemeral containers not allowed in pod template")


def pod_spec(spec: Document, path: str, pod_name: str = "", *, is_pod: bool = False) -> Iterator[Cause]:
    """The spec of a pod, or of the template of one."""
    known, faults = volumes(spec, path, pod_name)
    yield from faults
    yield from resource_claims(spec, path)
    yield from containers(spec, path, known)
    yield from pod_resources(spec, f"{path}.resources")
    yield from _host_network(spec, path, is_pod=is_pod)
    yield from chosen(spec.get("restartPolicy"), _RESTARTS, f"{path}.restartPolicy")
    yield from chosen(spec.get("dnsPolicy"), _DNS, f"{path}.dnsPolicy")
    yield from labels(spec.get("nodeSelector"), f"{path}.nodeSelector")
    yield from pod_security(spec, f"{path}.securityContext")
    if spec.get("hostPID") and spec.get("shareProcessNamespace"):
        text = "ShareProcessNamespace and HostPID cannot both be enabled"
        yield invalid(f"{path}.shareProcessNamespace", True, text)
    yield from affinity(spec, path)
    yield from _dns(spec, f"{path}.dnsConfig")
    for at, gate in children(spec, path, "readinessGates"):
        yield from named(qualified_name, gate.get("conditionType") or "", f"{at}.conditionType")
    yield from _gates(spec, path)
    yield from spreading(spec, path)
    yield from host_processes(spec, path)
    yield from host_namespaces(spec, path)
    yield from host_name(spec, path)
    yield from _names(spec, path)
    yield from tolerations(spec, path)
    for at, alias in children(spec, path, "hostAliases"):
        yield from ip_text(alias.get("ip") or "", f"{at}.ip")
        for index, name in enumerate(items_of(alias, "hostnames")):
            yield from named(dns1123_subdomain, str(name), f"{at}.hostnames[{index}]")
    yield from _classes(spec, path)


def _host_network(spec: Document, path: str, *, is_pod: bool) -> Iterator[Cause]:
    if not spec.get("hostNetwork"):
        return
    for at, container in children(spec, path, "containers"):
        for place, port in children(container, at, "ports"):
            host, inner = port.get("hostPort") or 0, port.get("containerPort") or 0
            if (is_pod or host) and host != inner:
                yield invalid(f"{place}.hostPort", host, "must match `containerPort` when `hostNetwork` is true")


def _dns(spec: Document, path: str) -> Iterator[Cause]:
    config = spec.get("dnsConfig")
    if spec.get("dnsPolicy") == "None":
        if config is None:
            yield required(path, "must provide `dnsConfig` when `dnsPolicy` is None")
            return
        if not items_of(config, "nameservers"):
            text = "must provide at least one DNS nameserver when `dnsPolicy` is None"
            yield required(f"{path}.nameservers", text)
            return
    yield from _servers(items_of(config, "nameservers"), f"{path}.nameservers")
    yield from _searches(items_of(config, "searches"), f"{path}.searches")
    for at, option in children(config, path, "options"):
        if not option.get("name"):
            yield required(at, "must not be empty")


def _servers(servers: list[str], path: str) -> Iterator[Cause]:
    if len(servers) > _MOST_SERVERS:
        yield invalid(path, servers, f"must not have more than {_MOST_SERVERS} nameservers")
    for index, server in enumerate(servers):
        yield from ip_text(str(server), f"{path}[{index}]")


def _searches(domains: list[str], path: str) -> Iterator[Cause]:
    if len(domains) > _MOST_SEARCHES:
        yield invalid(path, domains, f"must not have more than {_MOST_SEARCHES} search paths")
    if len(" ".join(domains)) > _LONGEST_SEARCH:
        text = f"must not have more than {_LONGEST_SEARCH} characters (including spaces) in the search list"
        yield invalid(path, domains, text)
    for index, domain in enumerate(domains):
        if domain != ".":
            yield from named(dns1123_subdomain_underscored, domain.removesuffix("."), f"{path}[{index}]")


def _gates(spec: Document, path: str) -> Iterator[Cause]:
    seen: set[str] = set()
    for at, gate in children(spec, path, "schedulingGates"):
        name = gate.get("name") or ""
        yield from named(qualified_name, name, at)
        if name in seen:
            yield duplicate(at, name)
        seen.add(name)


def _names(spec: Document, path: str) -> Iterator[Cause]:
    for name in ("serviceAccountName", "nodeName"):
        if spec.get(name):
            yield from named(dns1123_subdomain, spec[name], f"{path}.{name}")
    yield from in_range(spec.get("activeDeadlineSeconds"), 1, MAX_INT32, f"{path}.activeDeadlineSeconds")
    for name in ("hostname", "subdomain"):
        if spec.get(name):
            yield from named(dns1123_label, spec[name], f"{path}.{name}")


def _classes(spec: Document, path: str) -> Iterator[Cause]:
    for name in ("priorityClassName", "runtimeClassName"):
        if spec.get(name) is not None:
            yield from named(dns1123_subdomain, spec[name], f"{path}.{name}")
    yield from one_of(spec.get("preemptionPolicy"), ("PreemptLowerPriority", "Never"), f"{path}.preemptionPolicy")
    yield from requirements({"limits": part(spec, "overhead")}, f"{path}.overhead")
    yield from system(spec, path)
    yield from file_variables(spec, path)


# -- pods


def pod(new: Document, old: Document | None) -> Iterator[Cause]:
    """A pod, when it is made or changed; not its subresources."""
    spec, annotations = part(new, "spec"), part(new, "metadata", "annotations")
    yield from pod_annotations(annotations, spec, "metadata.annotations")
    yield from pod_spec(spec, "spec", part(new, "metadata").get("name") or "", is_pod=True)
    yield from _no_tokens(spec)
    yield from unsigned(spec.get("terminationGracePeriodSeconds"), "spec.terminationGracePeriodSeconds")
    yield from _images(spec)
    if old is not None:
        yield from annotations_kept(annotations, part(old, "metadata", "annotations"), "metadata.annotations")
        yield from pod_changes(spec, part(old, "spec"))
        return
    if parts(spec, "ephemeralContainers"):
        yield forbidden("spec.ephemeralContainers", "cannot be set on create")
    if spec.get("nodeName") and spec.get("schedulingGates"):
        yield forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared")
    yield from annotated_profiles(annotations, spec, "spec")


def _no_tokens(spec: Document) -> Iterator[Cause]:
    for at, volume in children(spec, "spec", "volumes") if not spec.get("serviceAccountName") else ():
        for place, source in children(part(volume, "projected"), f"{at}.projected", "sources"):
            if isinstance(source.get("serviceAccountToken"), dict):
                text = "must not be specified when serviceAccountName is not set"
                yield forbidden(f"{place}.serviceAccountToken", text)


def _images(spec: Document) -> Iterator[Cause]:
    for name in ("containers", "initContainers"):
        for at, container in children(spec, "spec", name):
            yield from no_spaces(container.get("image"), f"{at}.image")
