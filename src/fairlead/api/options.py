"""Words that the writes' options are made of."""

from __future__ import annotations

from typing import Literal

__all__ = ["Propagation", "Validation"]

#: https://kubernetes.io/docs/concepts/architecture/garbage-collection/#cascading-deletion
Propagation = Literal["Background", "Foreground", "Orphan"]
#: https://kubernetes.io/docs/reference/using-api/api-concepts/#validation-for-unrecognized-or-duplicate-fields
Validation = Literal["Strict", "Warn", "Ignore"]
