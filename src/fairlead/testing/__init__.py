"""Tests of what is built on fairlead: the real client on an in-memory API server, and ways to say what is expected.

The names here are loaded when they are first used: pytest imports this package for its plugin, and a suite that uses
nothing of it pays nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fairlead.apiserver.kubelet.logs import ContainerLog
    from fairlead.apiserver.kubelet.scripts import ForwardReader, ForwardWriter, Pods, Script
    from fairlead.apiserver.kubelet.sessions import Exec, TerminalSize
    from fairlead.apiserver.server import ApiServer
    from fairlead.testing.fake import FakeClient
    from fairlead.testing.fault_rules import Fault, Hold
    from fairlead.testing.faults import Faults
    from fairlead.testing.leaks import LeakError, no_leaks
    from fairlead.testing.manifests import ensure_crd, make_crd
    from fairlead.testing.tracker import Tracker
    from fairlead.testing.wrapped import Wrapped, wrap

__all__ = [
    "ApiServer",
    "ContainerLog",
    "Exec",
    "FakeClient",
    "Fault",
    "Faults",
    "ForwardReader",
    "ForwardWriter",
    "Hold",
    "LeakError",
    "Pods",
    "Script",
    "TerminalSize",
    "Tracker",
    "Wrapped",
    "ensure_crd",
    "make_crd",
    "no_leaks",
    "wrap",
]

_HOMES = {
    "ApiServer": "fairlead.apiserver.server",
    "ContainerLog": "fairlead.apiserver.kubelet.logs",
    "Exec": "fairlead.apiserver.kubelet.sessions",
    "FakeClient": "fairlead.testing.fake",
    "Fault": "fairlead.testing.fault_rules",
    "Faults": "fairlead.testing.faults",
    "ForwardReader": "fairlead.apiserver.kubelet.scripts",
    "ForwardWriter": "fairlead.apiserver.kubelet.scripts",
    "Hold": "fairlead.testing.fault_rules",
    "LeakError": "fairlead.testing.leaks",
    "Pods": "fairlead.apiserver.kubelet.scripts",
    "Script": "fairlead.apiserver.kubelet.scripts",
    "TerminalSize": "fairlead.apiserver.kubelet.sessions",
    "Tracker": "fairlead.testing.tracker",
    "Wrapped": "fairlead.testing.wrapped",
    "ensure_crd": "fairlead.testing.manifests",
    "make_crd": "fairlead.testing.manifests",
    "no_leaks": "fairlead.testing.leaks",
    "wrap": "fairlead.testing.wrapped",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'fairlead.testing' has no attribute {name!r}")
    value: object = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
