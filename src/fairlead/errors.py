"""The one tree of errors that fairlead raises.

Each error says in `retryable` whether trying the same thing again can help. Errors that come from an API server
carry its Status: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, cast

__all__ = [
    "AlreadyExists",
    "ApiError",
    "BadRequest",
    "ClosedError",
    "ConditionNotMet",
    "ConfigError",
    "Conflict",
    "FairleadError",
    "Forbidden",
    "Gone",
    "Internal",
    "Invalid",
    "InvalidObject",
    "InvalidSelector",
    "MethodNotAllowed",
    "NotAcceptable",
    "NotFound",
    "NotSynced",
    "ServerTimeout",
    "ServiceUnavailable",
    "Status",
    "StatusCause",
    "TooLarge",
    "TooManyRequests",
    "TransportError",
    "Unauthorized",
    "UnsupportedMediaType",
]


@dataclass(frozen=True, slots=True)
class StatusCause:
    """One cause in a Status: `reason` such as FieldValueInvalid, the `field`'s path, and the server's sentence."""

    reason: str = ""
    message: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """What an API server says of a request that failed."""

    code: int = 0
    reason: str = ""
    message: str = ""
    kind: str = ""
    group: str = ""
    name: str = ""
    uid: str = ""
    causes: tuple[StatusCause, ...] = field(default=())
    #: Seconds, from details.retryAfterSeconds or the Retry-After header; None when the server names no time.
    retry_after: float | None = None

    @staticmethod
    def from_dict(document: Mapping[str, Any]) -> Status:
        """Read a meta/v1 Status document, however incomplete: a missing or odd field reads as empty."""
        details = _mapping(document.get("details"))
        causes = details.get("causes")
        seconds = details.get("retryAfterSeconds")
        code = document.get("code")
        return Status(
            code=code if isinstance(code, int) else 0,
            reason=_text(document.get("reason")),
            message=_text(document.get("message")),
            kind=_text(details.get("kind")),
            group=_text(details.get("group")),
            name=_text(details.get("name")),
            uid=_text(details.get("uid")),
            causes=tuple(_cause(c) for c in cast("list[object]", causes)) if isinstance(causes, list) else (),
            retry_after=float(seconds) if isinstance(seconds, int | float) and 0 < seconds < _INT32 else None,
        )


#: What the field can hold.
_INT32 = 2**31


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _cause(value: object) -> StatusCause:
    cause = _mapping(value)
    return StatusCause(_text(cause.get("reason")), _text(cause.get("message")), _text(cause.get("field")))


class FairleadError(Exception):
    """The root of all errors that fairlead raises on purpose."""

    #: Whether the same call may succeed later without anything being corrected.
    retryable: bool = False


class ConfigError(FairleadError):
    """A kubeconfig, a credential or a setting is wrong; the message names the file, field or value."""


class InvalidSelector(FairleadError, ValueError):
    """A label or field selector does not parse; the message names the selector and the place."""


class InvalidObject(FairleadError, ValueError):
    """An object, manifest or class cannot be used as a Kubernetes object; the message names the field."""


class ClosedError(FairleadError):
    """Something was asked of a client, view or registration that has been closed."""


class TransportError(FairleadError):
    """No answer came, or none that can be read: the connection was refused, cut, or timed out. The server may have acted."""

    retryable: bool = True


class NotSynced(FairleadError):
    """Caches were not synced in time. `missing` has a line for each informer or handler: what, and why."""

    retryable: bool = True

    def __init__(self, message: str, missing: Iterable[str] = ()) -> None:
        self.missing: tuple[str, ...] = tuple(missing)
        super().__init__("\n  ".join((message, *self.missing)))


class ConditionNotMet(FairleadError, TimeoutError):
    """What was waited for did not come about in time. `last` is the object as it was seen last, None where there was none."""

    retryable: bool = True

    def __init__(self, message: str, last: object = None) -> None:
        self.last = last
        super().__init__(message)


class ApiError(FairleadError):
    """The API server refused a request. `status` is what it said; `request` is what was tried."""

    reasons: ClassVar[tuple[str, ...]] = ()
    codes: ClassVar[tuple[int, ...]] = ()
    #: Whether what answered seems to be no API server: its answer was a page for people.
    foreign: bool = False

    def __init__(self, status: Status, request: str = "") -> None:
        self.status = status
        self.request = request
        said = status.message or status.reason or f"HTTP {status.code}"
        super().__init__(f"{request}: {said} ({status.code} {status.reason or 'no reason given'})" if request else said)

    @property
    def reason(self) -> str:
        """The machine-readable reason, such as `AlreadyExists`; empty when the server gave none."""
        return self.status.reason

    @property
    def code(self) -> int:
        """The HTTP status code."""
        return self.status.code

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait before trying again, if the server said so."""
        return self.status.retry_after


class BadRequest(ApiError):
    """400: the request cannot be understood."""

    reasons: ClassVar[tuple[str, ...]] = ("BadRequest",)
    codes: ClassVar[tuple[int, ...]] = (400,)


class Unauthorized(ApiError):
    """401: the credentials are missing, wrong or expired."""

    reasons: ClassVar[tuple[str, ...]] = ("Unauthorized",)
    codes: ClassVar[tuple[int, ...]] = (401,)


class Forbidden(ApiError):
    """403: this user may not do this, or an admission plugin refused it."""

    reasons: ClassVar[tuple[str, ...]] = ("Forbidden",)
    codes: ClassVar[tuple[int, ...]] = (403,)


class NotFound(ApiError):
    """404: the object or the type does not exist."""

    reasons: ClassVar[tuple[str, ...]] = ("NotFound",)
    codes: ClassVar[tuple[int, ...]] = (404,)


class MethodNotAllowed(ApiError):
    """405: the resource does not support this verb."""

    reasons: ClassVar[tuple[str, ...]] = ("MethodNotAllowed",)
    codes: ClassVar[tuple[int, ...]] = (405,)


class NotAcceptable(ApiError):
    """406: the server cannot answer in any format that was asked for."""

    reasons: ClassVar[tuple[str, ...]] = ("NotAcceptable",)
    codes: ClassVar[tuple[int, ...]] = (406,)


class Conflict(ApiError):
    """409: the object has changed since it was read, or another field manager owns a field."""

    reasons: ClassVar[tuple[str, ...]] = ("Conflict",)
    codes: ClassVar[tuple[int, ...]] = (409,)


class AlreadyExists(ApiError):
    """409: an object of that name exists already."""

    reasons: ClassVar[tuple[str, ...]] = ("AlreadyExists",)


class Gone(ApiError):
    """410: the resourceVersion or continue token is too old; list again."""

    reasons: ClassVar[tuple[str, ...]] = ("Gone", "Expired")
    codes: ClassVar[tuple[int, ...]] = (410,)


class TooLarge(ApiError):
    """413: the request's body is larger than the server takes."""

    reasons: ClassVar[tuple[str, ...]] = ("RequestEntityTooLarge",)
    codes: ClassVar[tuple[int, ...]] = (413,)


class UnsupportedMediaType(ApiError):
    """415: the server cannot read the body's format."""

    reasons: ClassVar[tuple[str, ...]] = ("UnsupportedMediaType",)
    codes: ClassVar[tuple[int, ...]] = (415,)


class Invalid(ApiError):
    """422: the object breaks a rule of its type; `status.causes` names the fields."""

    reasons: ClassVar[tuple[str, ...]] = ("Invalid",)
    codes: ClassVar[tuple[int, ...]] = (422,)


class TooManyRequests(ApiError):
    """429: the server is busy or refuses for now; `retry_after` says for how long."""

    reasons: ClassVar[tuple[str, ...]] = ("TooManyRequests",)
    codes: ClassVar[tuple[int, ...]] = (429,)
    retryable: bool = True


class Internal(ApiError):
    """500: the server failed."""

    reasons: ClassVar[tuple[str, ...]] = ("InternalError",)
    codes: ClassVar[tuple[int, ...]] = (500,)
    retryable: bool = True


class ServiceUnavailable(ApiError):
    """502 or 503: the server, or what is in front of it, is not there for now."""

    reasons: ClassVar[tuple[str, ...]] = ("ServiceUnavailable",)
    codes: ClassVar[tuple[int, ...]] = (502, 503)
    retryable: bool = True


class ServerTimeout(ApiError):
    """504: the server did not finish in time, or is still behind the resourceVersion asked for."""

    reasons: ClassVar[tuple[str, ...]] = ("Timeout", "ServerTimeout")
    codes: ClassVar[tuple[int, ...]] = (504,)
    retryable: bool = True


_KINDS: tuple[type[ApiError], ...] = (
    BadRequest, Unauthorized, Forbidden, NotFound, MethodNotAllowed, NotAcceptable, Conflict, AlreadyExists, Gone,
    TooLarge, UnsupportedMediaType, Invalid, TooManyRequests, Internal, ServiceUnavailable, ServerTimeout,
)  # fmt: skip
_BY_REASON = {reason: kind for kind in _KINDS for reason in kind.reasons}
_BY_CODE = {code: kind for kind in _KINDS for code in kind.codes}


def from_status(status: Status, request: str = "") -> ApiError:
    """The error for a Status: by its reason, else by its code, else a plain ApiError."""
    kind = _BY_REASON.get(status.reason) or _BY_CODE.get(status.code, ApiError)
    return kind(status, request)


def from_reply(code: int, body: bytes, request: str = "", retry_after: str | None = None) -> ApiError:
    """The error for a failed HTTP reply. A body that is no Status becomes the message: plain text, or what a page begins with."""
    page = page_said(body)
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if isinstance(document, dict) and cast("dict[str, Any]", document).get("kind") == "Status":
        status = Status.from_dict(cast("dict[str, Any]", document))
    else:
        status = Status(message=page or _line_of(body, 1024))
    seconds = status.retry_after
    if retry_after is not None and retry_after.strip().isdecimal():
        seconds = float(retry_after)
    error = from_status(replace(status, code=status.code or code, retry_after=seconds), request)
    error.foreign = bool(page)
    return error


def page_said(body: bytes) -> str:
    """What is to be said of a page for people that came instead of an answer, in one line; empty for anything else."""
    if not body.lstrip(b" \t\r\n\xef\xbb\xbf").startswith(b"<"):
        return ""
    return f"the answer is no Kubernetes Status (text/html, beginning {_line_of(body, 80)!r}): is this an API server?"


def _line_of(body: bytes, size: int) -> str:
    return " ".join(body[:size].decode("utf-8", "replace").split())
