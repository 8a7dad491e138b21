"""Nothing here runs without a real API server: it is asked for with --fairlead-target=real."""

from __future__ import annotations

from pathlib import Path

import pytest


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    given: list[str] = config.getoption("--fairlead-target") or []
    asked = any("real" in each.split(",") for each in given)
    return None if asked or not collection_path.name.startswith("test_") else True
