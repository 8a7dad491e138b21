"""fairlead without await: the same client, on one background event loop that `with Client()` owns.

Reads (`get`, `list`, `lookup`, `has_synced` …) run in the caller's thread. Everything else runs on the loop, and is waited
for. Handlers run in a thread per registration, and may block and call the client; filters, transforms and index functions
run on the loop and may only read.
"""

from __future__ import annotations

from fairlead.sync._generated import Cached, Client, Direct, Index, RegisteredType, Registration, Writes
from fairlead.sync.conflicts import ignore_not_found, retry_on_conflict
from fairlead.sync.filters import DynamicFilter, NamespaceFilter

__all__ = [
    "Cached",
    "Client",
    "Direct",
    "DynamicFilter",
    "Index",
    "NamespaceFilter",
    "RegisteredType",
    "Registration",
    "Writes",
    "ignore_not_found",
    "retry_on_conflict",
]
