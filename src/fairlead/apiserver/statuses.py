"""The Status documents that refuse a request, with kube-apiserver's texts.

https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from fairlead.machinery.causes import INVALID, Cause
from fairlead.machinery.names import ResourceType
from fairlead.machinery.validation import quote

__all__ = [
    "MODIFIED",
    "Refusal",
    "already_exists",
    "apply_conflict",
    "bad_patch",
    "bad_request",
    "conflict",
    "expired",
    "failure",
    "forbidden",
    "internal",
    "invalid",
    "method_not_allowed",
    "not_acceptable",
    "not_found",
    "other_name",
    "other_namespace",
    "qualified",
    "quoted",
    "timeout",
    "too_large",
    "too_many_requests",
    "unauthorized",
    "undetermined_name",
    "unsupported_media_type",
]

#: What a writer is told whose resourceVersion is no longer the present one.
MODIFIED = "the object has been modified; please apply your changes to the latest version and try again"


class Refusal(Exception):
    """A request is refused: `status` is the Status document of the answer, `code` its HTTP code."""

    def __init__(self, status: dict[str, Any]) -> None:
        self.status = status
        #: What the client is to be warned of beside the refusal.
        self.warnings: list[str] = []
        super().__init__(status.get("message", ""))

    @property
    def code(self) -> int:
        """The HTTP status code of the answer."""
        return int(self.status.get("code", 500))

    @property
    def reason(self) -> str:
        """The machine-readable reason."""
        return str(self.status.get("reason", ""))


def failure(code: int, reason: str, message: str, details: dict[str, Any] | None = None) -> Refusal:
    """A refusal with this code, reason and sentence; empty details are kept, None leaves them out."""
    status: dict[str, Any] = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
    status["message"] = message
    if reason:
        status["reason"] = reason
    if details is not None:
        status["details"] = details
    status["code"] = code
    return Refusal(status)


def quoted(text: str) -> str:
    """As Go's %q prints it."""
    return quote(text)


def qualified(name: str, group: str) -> str:
    """A resource or kind with its group: `deployments.apps`, `pods`."""
    return f"{name}.{group}" if group else name


def _details(name: str, group: str, kind: str) -> dict[str, Any]:
    return {key: value for key, value in (("name", name), ("group", group), ("kind", kind)) if value}


def not_found(resource: ResourceType, name: str) -> Refusal:
    """404: the object does not exist."""
    text = f"{qualified(resource.plural, resource.group)} {quoted(name)} not found"
    return failure(404, "NotFound", text, _details(name, resource.group, resource.plural))


def already_exists(resource: ResourceType, name: str) -> Refusal:
    """409: an object of that name exists."""
    text = f"{qualified(resource.plural, resource.group)} {quoted(name)} already exists"
    return failure(409, "AlreadyExists", text, _details(name, resource.group, resource.plural))


def conflict(resource: ResourceType, name: str, why: str = MODIFIED) -> Refusal:
    """409: the object is no longer what the writer thinks."""
    text = f"Operation cannot be fulfilled on {qualified(resource.plural, resource.group)} {quoted(name)}: {why}"
    return failure(409, "Conflict", text, _details(name, resource.group, resource.plural))


def apply_conflict(message: str, causes: Sequence[dict[str, Any]]) -> Refusal:
    """409: other field managers own fields that the applied configuration wants to change."""
    return failure(409, "Conflict", message, {"causes": list(causes)})


def forbidden(resource: ResourceType, name: str, why: str) -> Refusal:
    """403: admission refuses."""
    what = qualified(resource.plural, resource.group) + (f" {quoted(name)}" if name else "")
    return failure(403, "Forbidden", f"{what} is forbidden: {why}", _details(name, resource.group, resource.plural))


def invalid(group: str, kind: str, name: str, causes: Iterable[Cause]) -> Refusal:
    """422: fields break rules of the type."""
    causes = list(causes)
    lines = list(dict.fromkeys(map(str, causes)))
    text = lines[0] if len(lines) == 1 else f"[{', '.join(lines)}]"
    details = _details(name, group, kind)
    details["causes"] = [{"reason": c.reason, "message": c.message, "field": c.field} for c in causes]
    said = f"{qualified(kind, group)} {quoted(name)} is invalid" + (f": {text}" if causes else "")
    return failure(422, "Invalid", said, details)


def undetermined_name(name: str) -> Refusal:
    """400: a patch left an object without a name."""
    return bad_request(f"the name of the object ({name} based on URL) was undeterminable: name must be provided")


def other_name(name: str, wanted: str) -> Refusal:
    """400: an object is not the one that the path names."""
    return bad_request(f"the name of the object ({name}) does not match the name on the URL ({wanted})")


def other_namespace() -> Refusal:
    """400: an object is not in the namespace that the path names."""
    return bad_request("the namespace of the provided object does not match the namespace sent on the request")


def bad_patch(shown: str, why: str) -> Refusal:
    """422: what a patch led to is no object of the type; `shown` is what it led to."""
    cause = Cause(INVALID, f"Invalid value: {quote(shown)}: {why}", "patch")
    refusal = invalid("", "", "", [cause])
    refusal.status["message"] = f' "" is invalid: {cause}'
    return refusal


def bad_request(message: str) -> Refusal:
    """400: the request cannot be understood."""
    return failure(400, "BadRequest", message)


def unauthorized() -> Refusal:
    """401: no valid credentials."""
    return failure(401, "Unauthorized", "Unauthorized")


def method_not_allowed() -> Refusal:
    """405: the resource has no such verb."""
    text = "the server does not allow this method on the requested resource"
    return failure(405, "MethodNotAllowed", text, {})


def not_acceptable(accepted: Iterable[str], target: str = "") -> Refusal:
    """406: no media type that the client accepts can be given (`target`: the kind it wanted the answer as)."""
    when = f" when converting to {target}" if target else ""
    return failure(406, "NotAcceptable", f"only the following media types are accepted{when}: {', '.join(accepted)}")


def unsupported_media_type(accepted: Iterable[str]) -> Refusal:
    """415: the body's format is not read here."""
    listed = ", ".join(accepted)
    text = f"the body of the request was in an unknown format - accepted media types include: {listed}"
    return failure(415, "UnsupportedMediaType", text)


def expired(message: str) -> Refusal:
    """410: the resourceVersion or continue token is older than the history."""
    return failure(410, "Expired", message)


def too_large(message: str) -> Refusal:
    """413: the body is too large."""
    return failure(413, "RequestEntityTooLarge", f"Request entity too large: {message}")


def too_many_requests(message: str, retry_after: int) -> Refusal:
    """429: try again in `retry_after` seconds."""
    return failure(429, "TooManyRequests", message, {"retryAfterSeconds": retry_after})


def timeout(message: str, retry_after: int, causes: Sequence[dict[str, Any]] = ()) -> Refusal:
    """504: the answer did not come in time."""
    details: dict[str, Any] = {"causes": list(causes)} if causes else {}
    details["retryAfterSeconds"] = retry_after
    return failure(504, "Timeout", f"Timeout: {message}", details)


def internal(message: str) -> Refusal:
    """500: the server failed at something that is not the client's fault."""
    return failure(500, "InternalError", f"Internal error occurred: {message}", {"causes": [{"message": message}]})
