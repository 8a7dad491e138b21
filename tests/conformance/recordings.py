"""The cases of every area, and the answers that a real kube-apiserver gave to them: one line per answer, made comparable."""

from __future__ import annotations

import importlib
import json
import pkgutil
from pathlib import Path
from typing import Any

from tests.conformance import cases
from tests.conformance.case import Case

__all__ = ["areas", "load_cases", "read", "write"]

_FOLDER = Path(__file__).parent / "recorded"


def areas() -> list[str]:
    """The names of the modules in `cases`."""
    return sorted(module.name for module in pkgutil.iter_modules(cases.__path__))


def load_cases(area: str) -> dict[str, Case]:
    """An area's cases by name. Raises ValueError where two have the same."""
    module = importlib.import_module(f"{cases.__name__}.{area}")
    found: dict[str, Case] = {}
    for case in module.CASES:
        if case.name in found:
            raise ValueError(f"{area}: two cases are named {case.name!r}")
        found[case.name] = case
    return found


def read(area: str) -> dict[str, list[dict[str, Any]]]:
    """The recorded answers of an area by the name of the case; empty when there are none yet."""
    path = _FOLDER / f"{area}.json"
    return json.loads(path.read_text()) if path.exists() else {}


def write(area: str, answers: dict[str, list[dict[str, Any]]]) -> None:
    """Write an area's recorded answers, sorted by case."""
    blocks = [f"{json.dumps(name)}: [\n{_lines(answers[name])}\n]" for name in sorted(answers)]
    (_FOLDER / f"{area}.json").write_text("{\n" + ",\n".join(blocks) + "\n}\n")


def _lines(steps: list[dict[str, Any]]) -> str:
    return ",\n".join(json.dumps(step, sort_keys=True, separators=(",", ":"), ensure_ascii=False) for step in steps)
