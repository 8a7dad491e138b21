"""What a pod gets from its RuntimeClass, and is held to: the admission plugin RuntimeClass.

https://kubernetes.io/docs/concepts/containers/runtime-class/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fairlead.apiserver import statuses
from fairlead.apiserver.documents import Document, part, parts, said_name
from fairlead.apiserver.registry import ResourceInfo
from fairlead.apiserver.storage import Collection
from fairlead.machinery.validation import quote

__all__ = ["check_overhead", "take_class"]

_OTHER = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"
_NONE = "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"


def take_class(info: ResourceInfo, document: Document, classes: Callable[[], Collection]) -> None:
    """Give a new pod its class's overhead and place, in place. Raises Refusal (403)."""
    spec, name = part(document, "spec"), said_name(part(document, "metadata"))
    found = _class_of(info, document, classes)
    overhead = part(found, "overhead", "podFixed")
    if overhead:
        if spec.get("overhead") and spec["overhead"] != overhead:
            raise statuses.forbidden(info.type, name, _OTHER)
        spec["overhead"] = dict(overhead)
    place = part(found, "scheduling")
    if not place:
        return
    chosen = part(spec, "nodeSelector")
    for key, value in part(place, "nodeSelector").items():
        if chosen.get(key, value) != value:
            why = (
                f"conflict: runtimeClass.scheduling.nodeSelector[{key}] = {value}; "
                f"pod.spec.nodeSelector[{key}] = {chosen[key]}"
            )
            raise statuses.forbidden(info.type, name, why)
    if part(place, "nodeSelector"):
        spec["nodeSelector"] = {**chosen, **part(place, "nodeSelector")}
    merged = list(_merged([*parts(spec, "tolerations"), *parts(place, "tolerations")]))
    if merged:
        spec["tolerations"] = merged


def check_overhead(info: ResourceInfo, document: Document, classes: Callable[[], Collection]) -> None:
    """Refuse a new pod whose overhead is not its class's. Raises Refusal (403)."""
    spec, name = part(document, "spec"), said_name(part(document, "metadata"))
    wanted = part(_class_of(info, document, classes), "overhead", "podFixed")
    if (spec.get("overhead") or {}) != wanted:
        raise statuses.forbidden(info.type, name, _OTHER if wanted else _NONE)


def _class_of(info: ResourceInfo, document: Document, classes: Callable[[], Collection]) -> Document:
    wanted = part(document, "spec").get("runtimeClassName")
    if wanted is None:
        return {}
    entry = classes().get("", wanted)
    if entry is None:
        why = f"pod rejected: RuntimeClass {quote(wanted)} not found"
        raise statuses.forbidden(info.type, said_name(part(document, "metadata")), why)
    return entry.decode()


def _merged(tolerations: list[Document]) -> Iterator[Document]:
    """The tolerations without those that others say too."""
    kept: list[Document] = []
    for index, each in enumerate(tolerations):
        later = (other for other in tolerations[index + 1 :] if other != each)
        if not any(_covers(other, each) for other in [*kept, *later]):
            kept.append(each)
            yield each


def _covers(wide: Document, narrow: Document) -> bool:
    if wide == narrow:
        return True
    everything = not wide.get("key") and wide.get("operator") == "Exists"
    if narrow.get("key") != wide.get("key") and not everything:
        return False
    if wide.get("effect") and narrow.get("effect") != wide["effect"]:
        return False
    most, least = wide.get("tolerationSeconds"), narrow.get("tolerationSeconds")
    if wide.get("effect") == "NoExecute" and most is not None and (least is None or least > most):
        return False
    if wide.get("operator") in {None, "", "Equal"}:
        return narrow.get("operator") == "Equal" and narrow.get("value") == wide.get("value")
    return wide.get("operator") == "Exists"
