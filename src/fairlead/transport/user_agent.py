"""How fairlead names itself to API servers, which log it and take field managers' default names from it."""

from __future__ import annotations

import sys

__all__ = ["VERSION", "user_agent"]

#: A test holds it to be the package's; reading the package's metadata would cost more than the rest of a start.
VERSION = "0.1.0"


def user_agent(prefix: str = "") -> str:
    """`fairlead/0.1.0 (python/3.11; linux)`, after the caller's own `prefix`, such as `my-controller/1.2`, if any."""
    own = f"fairlead/{VERSION} (python/{sys.version_info[0]}.{sys.version_info[1]}; {sys.platform})"
    return f"{prefix} {own}" if prefix else own
