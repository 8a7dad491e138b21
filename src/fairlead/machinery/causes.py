"""Why a value is refused: the causes that an API server lists in the details of an Invalid status.

https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ (`details.causes`)
"""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = [
    "DUPLICATE",
    "FORBIDDEN",
    "INTERNAL",
    "INVALID",
    "NOT_FOUND",
    "NOT_SUPPORTED",
    "REQUIRED",
    "TOO_LONG",
    "TOO_MANY",
    "TYPE_INVALID",
    "Cause",
]

INVALID: Final = "FieldValueInvalid"
REQUIRED: Final = "FieldValueRequired"
NOT_SUPPORTED: Final = "FieldValueNotSupported"
DUPLICATE: Final = "FieldValueDuplicate"
TYPE_INVALID: Final = "FieldValueTypeInvalid"
FORBIDDEN: Final = "FieldValueForbidden"
NOT_FOUND: Final = "FieldValueNotFound"
TOO_LONG: Final = "FieldValueTooLong"
TOO_MANY: Final = "FieldValueTooMany"
INTERNAL: Final = "InternalError"


class Cause(NamedTuple):
    """One reason for a refusal: the machine-readable `reason`, the server's sentence without the field, and the `field`."""

    reason: str
    message: str
    field: str

    def __str__(self) -> str:
        """The cause as it stands in the message of the Status: `spec.replicas: Invalid value: …`."""
        return f"{self.field}: {self.message}" if self.field else self.message
