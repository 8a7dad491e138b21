"""Which of the names that a CustomResourceDefinition asks for it gets, and what its conditions say of that."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fairlead.apiserver.documents import part
from fairlead.apiserver.statuses import quoted

__all__ = ["accept_names", "approval", "condition_of", "is_true", "set_condition"]

Definition = dict[str, Any]


def condition_of(definition: Definition, type_: str) -> dict[str, Any] | None:
    """The condition of this type in the definition's status."""
    conditions: list[dict[str, Any]] = part(definition, "status").get("conditions") or []
    return next((each for each in conditions if each.get("type") == type_), None)


def is_true(definition: Definition, type_: str) -> bool:
    """Whether this condition holds."""
    return (condition_of(definition, type_) or {}).get("status") == "True"


def set_condition(document: Definition, type_: str, status: str, reason: str, message: str, now: str) -> None:
    """Set a condition in an object's status; its transition time moves only when the status does."""
    conditions: list[dict[str, Any]] = document.setdefault("status", {}).get("conditions") or []
    previous = next((c for c in conditions if c.get("type") == type_), None)
    since = previous["lastTransitionTime"] if previous is not None and previous.get("status") == status else now
    condition = {"type": type_, "status": status, "lastTransitionTime": since, "reason": reason, "message": message}
    if previous is None:
        conditions.append(condition)
    else:
        conditions[conditions.index(previous)] = condition
    document["status"]["conditions"] = conditions


def accept_names(definition: Definition, others: Iterable[Definition], now: str) -> bool:
    """Take over those names that no other definition of the group has; say whether that, or a condition, changed."""
    asked, status = definition["spec"]["names"], definition.setdefault("status", {})
    had: dict[str, Any] = status.get("acceptedNames") or {}
    if asked == had:
        return False
    got, clash = _share(asked, had, others)
    named = condition_of(definition, "NamesAccepted") or {}
    said = ("False", *clash) if clash else ("True", "NoConflicts", "no conflicts found")
    if got == had and said == (named.get("status"), named.get("reason"), named.get("message")):
        return False
    status["acceptedNames"] = got
    set_condition(definition, "NamesAccepted", *said, now)
    if not clash and not is_true(definition, "Established"):
        text = "the initial names have been accepted"
        set_condition(definition, "Established", "False", "Installing", text, now)
    elif condition_of(definition, "Established") is None:
        set_condition(definition, "Established", "False", "NotAccepted", "not all names are accepted", now)
    return True


def _share(
    asked: dict[str, Any], had: dict[str, Any], others: Iterable[Definition]
) -> tuple[dict[str, Any], tuple[str, str] | None]:
    """The names that the definition gets; and the reason and the message of the last clash."""
    resources, kinds = set[str](), set[str]()
    for theirs in (part(other, "status", "acceptedNames") for other in others):
        resources |= {theirs.get("plural", ""), theirs.get("singular", ""), *(theirs.get("shortNames") or ())}
        kinds |= {theirs.get("kind", ""), theirs.get("listKind", "")}
    # A definition's own names are taken, too.
    resources |= {had.get("plural", ""), had.get("singular", ""), *(had.get("shortNames") or ())}
    kinds |= {had.get("kind", ""), had.get("listKind", "")}
    got = {"plural": "", "kind": "", **had}
    clash: tuple[str, str] | None = None
    for name, taken in (
        ("plural", resources),
        ("singular", resources),
        ("shortNames", resources),
        ("kind", kinds),
        ("listKind", kinds),
    ):
        wanted = asked.get(name)
        used = _used(name, wanted, had, taken)
        if used:
            clash = f"{name[0].upper()}{name[1:]}Conflict", used
        else:
            _give(got, name, wanted)
    _give(got, "categories", asked.get("categories"))
    return got, clash


def _give(got: dict[str, Any], name: str, value: Any) -> None:
    if value:
        got[name] = value
    else:
        got.pop(name, None)


def _used(name: str, wanted: Any, had: dict[str, Any], taken: set[str]) -> str:
    if wanted == had.get(name):
        return ""
    if name != "shortNames":
        return f"{quoted(wanted or '')} is already in use" if (wanted or "") in taken else ""
    ours = set(had.get(name) or ())
    clashes = dict.fromkeys(
        f"{quoted(each)} is already in use" for each in wanted or () if each not in ours and each in taken
    )
    return f"[{', '.join(clashes)}]" if len(clashes) > 1 else next(iter(clashes), "")


_ANNOTATION = "api-approved.kubernetes.io"


def approval(definition: Definition) -> tuple[str, str, str] | None:
    """Status, reason and message of the condition that definitions in the project's own groups have."""
    group = definition["spec"]["group"]
    if not any(group == own or group.endswith(f".{own}") for own in ("k8s.io", "kubernetes.io")):
        return None
    said: str | None = part(definition, "metadata", "annotations").get(_ANNOTATION)
    if not said:
        text = f"protected groups must have approval annotation {quoted(_ANNOTATION)}, see {_WHERE}"
        return "False", "MissingAnnotation", text
    if said.startswith("unapproved"):
        return "False", "UnapprovedAnnotation", f"not approved: {quoted(said)}"
    return "True", "ApprovedAnnotation", f"approved in {said}"


_WHERE = "https://github.com/kubernetes/enhancements/pull/1111"
