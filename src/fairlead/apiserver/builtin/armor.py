"""AppArmor profiles of containers, which once were annotations of their pods (KEP-24)."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.apiserver.documents import Document, part, parts
from fairlead.apiserver.rules.security import app_armor

__all__ = ["ARMOR", "OLD_ARMOR", "adopt_armor", "profile_of"]

#: The annotation is this with the container's name behind it.
ARMOR = "container.apparmor.security.beta.kubernetes.io/"
#: What is said of the annotation.
OLD_ARMOR = 'deprecated since v1.30; use the "appArmorProfile" field instead'
_LOCAL = "localhost/"


def profile_of(annotation: str) -> Document | None:
    """The profile that an annotation means; None where it means none."""
    if annotation == "unconfined":
        return {"type": "Unconfined"}
    if annotation == "runtime/default":
        return {"type": "RuntimeDefault"}
    name = annotation.removeprefix(_LOCAL)
    return {"type": "Localhost", "localhostProfile": name} if name not in {annotation, ""} else None


def adopt_armor(document: Document) -> Iterator[str]:
    """Give the containers of a new pod the profiles that its annotations name; what is said of those."""
    spec, annotations = part(document, "spec"), part(document, "metadata", "annotations")
    if part(spec, "os").get("name") == "windows" or not any(name.startswith(ARMOR) for name in annotations):
        return
    whole = part(spec, "securityContext").get("appArmorProfile")
    for container in [*parts(spec, "initContainers"), *parts(spec, "containers")]:
        key, context = f"{ARMOR}{container.get('name') or ''}", part(container, "securityContext")
        if key not in annotations or context.get("appArmorProfile") is not None:
            continue
        profile = profile_of(annotations[key])
        usable = profile is not None and not any(app_armor({"appArmorProfile": profile}, ""))
        if usable and profile != whole:
            container["securityContext"] = {**context, "appArmorProfile": profile}
        if not usable or profile != whole:
            yield f"metadata.annotations[{key}]: {OLD_ARMOR}"
