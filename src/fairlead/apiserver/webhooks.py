"""Admission by Python functions, where a cluster has mutating and validating webhooks.

The order is kube-apiserver's: mutating, then the object's own rules, then validating, then the write.
https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from fairlead.apiserver import statuses
from fairlead.apiserver.access.who import User, present_user
from fairlead.apiserver.admission import private
from fairlead.machinery.names import ObjectKey, ResourceType

__all__ = ["AdmissionDenied", "AdmissionRequest", "Webhooks"]

Operation = Literal["CREATE", "UPDATE", "DELETE"]


class AdmissionDenied(Exception):
    """Raised by an admission function that refuses the request; `code` and `reason` become the answer's."""

    def __init__(self, message: str, *, code: int = 403, reason: str = "Forbidden") -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason


@dataclass(slots=True)
class AdmissionRequest:
    """What is to be admitted. Documents are private copies; a mutating function may change `object`."""

    operation: Operation
    type: ResourceType
    subresource: str
    name: str
    namespace: str
    #: The object as it is to be stored; None for DELETE.
    object: dict[str, Any] | None
    #: The object as it is stored; None for CREATE.
    old_object: dict[str, Any] | None
    user: User
    dry_run: bool
    #: Texts for the Warning headers of the answer.
    warnings: list[str] = field(default_factory=list[str])


#: Called inside the write; it must not wait. A mutating one may return the object to store, or change it in place.
Mutating = Callable[[AdmissionRequest], dict[str, Any] | None]
Validating = Callable[[AdmissionRequest], object]


@dataclass(frozen=True, slots=True)
class _Hook:
    name: str
    function: Callable[[AdmissionRequest], Any]
    kinds: frozenset[str]
    operations: frozenset[str]
    subresources: bool

    def concerns(self, request: AdmissionRequest) -> bool:
        if request.operation not in self.operations or (request.subresource and not self.subresources):
            return False
        return not self.kinds or request.type.kind in self.kinds

    def call(self, request: AdmissionRequest) -> Any:
        """Raises Refusal for what the function denies, and, as kube-apiserver does, for a function that fails."""
        try:
            return self.function(request)
        except AdmissionDenied as denied:
            said = f"admission webhook {statuses.quoted(self.name)} denied the request"
            text = str(denied)
            message = f"{said}: {text}" if text else f"{said} without explanation"
            raise statuses.failure(denied.code, denied.reason, message) from denied
        except Exception as error:
            text = f"failed calling webhook {statuses.quoted(self.name)}: {type(error).__name__}: {error}"
            raise statuses.internal(text) from error


class Webhooks:
    """The admission functions of one server."""

    def __init__(self) -> None:
        self._mutating: list[_Hook] = []
        self._validating: list[_Hook] = []

    def add(
        self,
        name: str,
        function: Mutating | Validating,
        *,
        mutates: bool,
        kinds: Iterable[str] = (),
        operations: Iterable[Operation] = ("CREATE", "UPDATE"),
        subresources: bool = False,
    ) -> None:
        """Have a function asked, after those of its sort that are there already."""
        hook = _Hook(name, function, frozenset(kinds), frozenset(operations), subresources)
        (self._mutating if mutates else self._validating).append(hook)

    def mutate(self, request: AdmissionRequest, warnings: list[str]) -> dict[str, Any] | None:
        """The object after all mutating functions; None when none of them was concerned. Raises Refusal."""
        document = request.object
        concerned = [hook for hook in self._mutating if hook.concerns(request)]
        for hook in concerned:
            request.object = private(document) if document is not None else None
            returned = hook.call(request)
            document = returned if returned is not None else request.object
        warnings.extend(request.warnings)
        return document if concerned else None

    def validate(self, request: AdmissionRequest, warnings: list[str]) -> None:
        """Ask all validating functions. Raises Refusal."""
        document, old = request.object, request.old_object
        for hook in [hook for hook in self._validating if hook.concerns(request)]:
            request.object = private(document) if document is not None else None
            request.old_object = private(old) if old is not None else None
            hook.call(request)
        warnings.extend(request.warnings)

    @property
    def mutating(self) -> bool:
        """Whether any mutating function is there."""
        return bool(self._mutating)

    @property
    def validating(self) -> bool:
        """Whether any validating function is there."""
        return bool(self._validating)


def request_for(
    operation: Operation,
    resource_type: ResourceType,
    key: ObjectKey,
    new: dict[str, Any] | None,
    old: dict[str, Any] | None,
    *,
    subresource: str = "",
    dry_run: bool = False,
) -> AdmissionRequest:
    """What functions are asked about a write by the present user."""
    return AdmissionRequest(
        operation, resource_type, subresource, key.name, key.namespace, new, old, present_user(), dry_run
    )
