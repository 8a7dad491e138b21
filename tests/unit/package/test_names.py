"""`import fairlead` is cheap, and each of its names is there."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import fairlead

ROOT = Path(__file__).parents[3]
HEAVY = ("aiohttp", "yaml", "msgspec", "fairlead.models", "fairlead.machinery", "asyncio", "ssl")


def test_importing_the_package_loads_nothing_heavy():
    program = f"import sys, fairlead; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.strip() == "[]"


def test_errors_alone_load_nothing_heavy():
    program = f"import sys; from fairlead import NotFound; print([n for n in {HEAVY!r} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", fairlead.__all__)
def test_each_public_name_is_there(name):
    assert getattr(fairlead, name) is not None
    assert name in dir(fairlead)


def test_every_error_is_a_public_name():
    from fairlead import errors

    tree = {n for n in errors.__all__ if n[:1].isupper()}
    assert tree <= set(fairlead.__all__)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Clinet'"):
        _ = fairlead.Clinet


def test_the_version_is_the_project_s():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert fairlead.__version__ == project["project"]["version"]
