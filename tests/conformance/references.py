"""`{ns}`, `{id}`, `{group}` and `{step.path}` in the texts of a case, and what they stand for while it is played."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

__all__ = ["Scope"]

_REFERENCE = re.compile(r"\{(ns|id|group|[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_/~-]+)+)\}")
_LETTERS = "bcdfghjkmnpqrstvwxz"


def _word() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(10))


@dataclass
class Scope:
    """The names of one play of a case, and the bodies of its answers so far."""

    id: str = field(default_factory=_word)
    bodies: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def namespace(self) -> str:
        return f"ns-{self.id}"

    @property
    def group(self) -> str:
        return f"{self.id}.example.com"

    def fill(self, value: Any) -> Any:
        """A copy of a text or document with every reference replaced. Raises LookupError for what is not there."""
        match value:
            case str():
                return _REFERENCE.sub(lambda found: self._value(found[1]), value)
            case dict():
                items = cast("Mapping[str, Any]", value).items()
                return {self.fill(key): self.fill(each) for key, each in items}
            case list():
                return [self.fill(each) for each in cast("list[Any]", value)]
            case _:
                return value

    def _value(self, reference: str) -> str:
        known = {"ns": self.namespace, "id": self.id, "group": self.group}
        if reference in known:
            return known[reference]
        step, *path = reference.split(".")
        found: Any = self.bodies[step]
        for part in path:
            key = part.replace("~1", ".")
            try:
                found = found[int(key) if isinstance(found, list) else key]
            except (LookupError, TypeError, ValueError) as error:
                raise LookupError(
                    f"{{{reference}}}: no {part} in the answer of step {step}: {self.bodies[step]}"
                ) from error
        return str(found)
