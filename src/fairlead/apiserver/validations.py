"""The rules of objects that people meet, with the server's texts; schemas say the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fairlead.apiserver.definitions import definition
from fairlead.apiserver.documents import listed, part, parts
from fairlead.apiserver.registry import ResourceInfo
from fairlead.errors import InvalidSelector
from fairlead.machinery import causes
from fairlead.machinery.causes import Cause
from fairlead.machinery.schema import validate
from fairlead.machinery.selectors import LabelSelector
from fairlead.machinery.validation import invalid, required

__all__ = ["builtin", "custom", "custom_status"]

Document = dict[str, Any]
Rule = Callable[[Document, Document | None], Iterator[Cause]]


def custom(info: ResourceInfo) -> Callable[[Document, Document | None], list[Cause]]:
    """The rules of a custom resource: those of its schema."""

    def check(new: Document, old: Document | None) -> list[Cause]:
        del old
        return [*validate(info.schema, new), *_scale_faults(info, new)]

    return check


def custom_status(info: ResourceInfo) -> Callable[[Document, Document | None], list[Cause]]:
    """The rules of a custom resource's status, when that alone is written."""

    def check(new: Document, old: Document | None) -> list[Cause]:
        del old
        schema = info.schema.field("status")
        found = validate(schema, new["status"]) if schema is not None and "status" in new else []
        under = [
            cause._replace(field=f"status.{cause.field}" if cause.field != "<nil>" else "status") for cause in found
        ]
        return [*under, *_scale_faults(info, new)]

    return check


def _scale_faults(info: ResourceInfo, document: Document) -> Iterator[Cause]:
    for path in info.scale_paths[:2]:
        *outer, last = path.lstrip(".").split(".")
        value = part(document, *outer).get(last) if path else None
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            text = f"{path} accessor error: {value} is of the type {_go_name(value)}, expected int64"
            yield Cause(causes.INVALID, f"Invalid value: 0: {text}", path)
        elif isinstance(value, int) and value < 0:
            yield Cause(causes.INVALID, f"Invalid value: {value}: should be a non-negative integer", path)


def _go_name(value: object) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, float):
        return "float64"
    return "string" if isinstance(value, str) else "map[string]interface {}"


def builtin(info: ResourceInfo) -> Callable[[Document, Document | None], list[Cause]]:
    """The rules of a built-in type."""
    rules = _RULES.get((info.type.group, info.type.kind), ())

    def check(new: Document, old: Document | None) -> list[Cause]:
        return [cause for rule in rules for cause in rule(new, old)]

    return check


def _forbidden(field: str, text: str) -> Cause:
    return Cause(causes.FORBIDDEN, f"Forbidden: {text}", field)


def _immutable_data(new: Document, old: Document | None) -> Iterator[Cause]:
    """https://kubernetes.io/docs/concepts/configuration/configmap/#configmap-immutable."""
    if old is None or not old.get("immutable"):
        return
    if not new.get("immutable"):
        yield _forbidden("immutable", "field is immutable when `immutable` is set")
    for name in ("data", "binaryData"):
        if (new.get(name) or {}) != (old.get(name) or {}):
            yield _forbidden(name, "field is immutable when `immutable` is set")


def _secret_type(new: Document, old: Document | None) -> Iterator[Cause]:
    if old is not None and new.get("type") != old.get("type"):
        yield invalid("type", new.get("type", ""), "field is immutable")


def _data_keys(new: Document, old: Document | None) -> Iterator[Cause]:
    del old
    allowed = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
    text = (
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' "
        "(e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
    )
    for field in ("data", "binaryData"):
        for key in new.get(field) or ():
            if not key or not allowed.issuperset(key):
                yield invalid(f"{field}[{key}]", key, text)


def _containers(spec: Mapping[str, Any], path: str) -> Iterator[Cause]:
    if not spec.get("containers"):
        yield required(f"{path}.containers")
    seen: set[str] = set()
    for index, container in enumerate(spec.get("containers") or ()):
        at, name = f"{path}.containers[{index}]", container.get("name")
        if not name:
            yield required(f"{at}.name")
        elif name in seen:
            yield Cause(causes.DUPLICATE, f'Duplicate value: "{name}"', f"{at}.name")
        seen.add(name or "")
        if not container.get("image"):
            yield required(f"{at}.image")


def _pod(new: Document, old: Document | None) -> Iterator[Cause]:
    if old is None:
        yield from _containers(part(new, "spec"), "spec")
    elif _frozen(part(new, "spec"), part(old, "spec")) != _frozen(part(old, "spec"), part(old, "spec")):
        yield _forbidden("spec", _FROZEN)


_FROZEN = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


def _frozen(spec: Document, old: Document) -> Document:
    """The spec without what an update may change: images, deadline, added tolerations, gates, ephemeral containers."""
    left = {name: item for name, item in spec.items() if name not in _FREE}
    for name in ("containers", "initContainers"):
        left[name] = [{**container, "image": "", "resources": None} for container in parts(spec, name)]
    left["tolerations"] = [
        toleration for toleration in listed(old, "tolerations") if toleration in listed(spec, "tolerations")
    ]
    return left


#: The binding sets the node through a subresource; the scheduler's gates may only be removed.
_FREE = frozenset({"activeDeadlineSeconds", "tolerations", "schedulingGates", "ephemeralContainers"})


def _template(new: Document, old: Document | None) -> Iterator[Cause]:
    del old
    spec = part(new, "spec")
    template = part(spec, "template")
    yield from _containers(part(template, "spec"), "spec.template.spec")


def _selector(new: Document, old: Document | None) -> Iterator[Cause]:
    del old
    spec = part(new, "spec")
    selector = spec.get("selector")
    if selector is None:
        yield required("spec.selector")
    elif not selector.get("matchLabels") and not selector.get("matchExpressions"):
        text = "empty selector is invalid for " + _NOUNS.get(new.get("kind", ""), "this type")
        yield invalid("spec.selector", selector, text)
    labels = part(spec, "template", "metadata", "labels")
    if not _selects(selector, labels):
        yield invalid("spec.template.metadata.labels", labels or None, "`selector` does not match template `labels`")


def _selects(selector: Document | None, labels: Document) -> bool:
    try:
        return selector is not None and LabelSelector.from_meta(selector).matches(labels)
    except InvalidSelector:
        return False


def _fixed_selector(new: Document, old: Document | None) -> Iterator[Cause]:
    selector = part(new, "spec").get("selector")
    if old is not None and selector != part(old, "spec").get("selector"):
        yield invalid("spec.selector", selector, "field is immutable")


_NOUNS = {
    "Deployment": "deployment",
    "ReplicaSet": "deployment",
    "StatefulSet": "statefulset",
    "DaemonSet": "daemonset",
}


def _service(new: Document, old: Document | None) -> Iterator[Cause]:
    spec = part(new, "spec")
    if not spec.get("ports") and spec.get("clusterIP") != "None" and spec.get("type") != "ExternalName":
        yield required("spec.ports")
    before = part(old, "spec")
    address = before.get("clusterIP")
    if address and spec.get("type") != "ExternalName" and spec.get("clusterIP") != address:
        shown = "[" + ",".join(f'"{ip}"' for ip in spec.get("clusterIPs") or ()) + "]"
        yield Cause(causes.INVALID, f"Invalid value: {shown}: may not change once set", "spec.clusterIPs[0]")


def _role_ref(new: Document, old: Document | None) -> Iterator[Cause]:
    if old is not None and new.get("roleRef") != old.get("roleRef"):
        yield invalid("roleRef", new.get("roleRef"), "cannot change roleRef")


_WORKLOAD: tuple[Rule, ...] = (_selector, _template, _fixed_selector)
_RULES: Mapping[tuple[str, str], tuple[Rule, ...]] = {
    ("", "ConfigMap"): (_data_keys, _immutable_data),
    ("", "Secret"): (_data_keys, _secret_type, _immutable_data),
    ("", "Pod"): (_pod,),
    ("", "Service"): (_service,),
    ("apps", "Deployment"): _WORKLOAD,
    ("apps", "ReplicaSet"): _WORKLOAD,
    ("apps", "StatefulSet"): _WORKLOAD,
    ("apps", "DaemonSet"): _WORKLOAD,
    ("batch", "Job"): (_template,),
    ("rbac.authorization.k8s.io", "RoleBinding"): (_role_ref,),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): (_role_ref,),
    ("apiextensions.k8s.io", "CustomResourceDefinition"): (definition,),
}
