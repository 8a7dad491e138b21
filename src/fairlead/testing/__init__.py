"""Tests of what is built on fairlead: the real client on an in-memory API server, and ways to say what is expected."""

from __future__ import annotations

from fairlead.testing.fake import FakeClient
from fairlead.testing.faults import Faults
from fairlead.testing.manifests import make_crd
from fairlead.testing.tracker import Tracker
from fairlead.testing.wrap import Wrapped, wrap

__all__ = ["FakeClient", "Faults", "Tracker", "Wrapped", "make_crd", "wrap"]
