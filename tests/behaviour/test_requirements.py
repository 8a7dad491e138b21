"""Every promise has a test, and every behaviour test says what it holds."""

from __future__ import annotations

import importlib
import inspect
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.behaviour.requirements import BY_ID, REQUIREMENTS

HERE = Path(__file__).parent


def _tests() -> Iterator[tuple[str, Callable[..., object]]]:
    for path in sorted(HERE.glob("test_*.py")):
        if path.name != Path(__file__).name:
            module = importlib.import_module(f"tests.behaviour.{path.stem}")
            for name, member in vars(module).items():
                if name.startswith("test_") and inspect.isfunction(member):
                    yield f"{path.stem}.{name}", member


def test_ids_are_unique_and_each_has_a_sentence():
    doubled = [name for name, count in Counter(row.id for row in REQUIREMENTS).items() if count > 1]
    assert not doubled
    assert all(row.sentence and row.source for row in REQUIREMENTS)


def test_every_requirement_has_a_test():
    held = {name for _, test in _tests() for name in getattr(test, "__requirements__", ())}
    assert sorted(BY_ID.keys() - held) == []


def test_every_test_names_requirements_that_exist():
    nameless = [name for name, test in _tests() if not getattr(test, "__requirements__", ())]
    unknown = {
        name: ids for name, test in _tests() if (ids := set(getattr(test, "__requirements__", ())) - BY_ID.keys())
    }
    assert (nameless, unknown) == ([], {})
