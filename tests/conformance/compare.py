"""What differs between two lists of normalised answers, in words for people."""

from __future__ import annotations

import difflib
import json
from typing import Any

from tests.conformance.case import Case
from tests.conformance.known import KNOWN

__all__ = ["differing", "report", "verdict"]

_LINES = 40


def differing(left: list[dict[str, Any]], right: list[dict[str, Any]]) -> list[int]:
    """The numbers of the steps whose answers differ."""
    longest = max(len(left), len(right))
    return [n for n in range(longest) if _text(left[n : n + 1]) != _text(right[n : n + 1])]


def report(
    case: Case, steps: list[int], left: list[dict[str, Any]], right: list[dict[str, Any]], names: tuple[str, str]
) -> str:
    """Each differing step's request and a diff of its answers."""
    return "\n".join(_one(case, step, left, right, names) for step in steps)


def verdict(area: str, case: Case, real: list[dict[str, Any]], ours: list[dict[str, Any]]) -> str:
    """Why the case fails; empty when the servers agree but for known differences."""
    name = f"{area}/{case.name}"
    known = {each.step: each.reason for each in KNOWN if each.case == name}
    steps = differing(real, ours)
    over = [
        f"{name}, step {step}: agrees now; take it out of known.py ({known[step]})"
        for step in known
        if step not in steps
    ]
    new = [step for step in steps if step not in known]
    return "\n".join([*over, *([report(case, new, real, ours, ("real", "ours"))] if new else [])])


def _one(case: Case, step: int, left: list[dict[str, Any]], right: list[dict[str, Any]], names: tuple[str, str]) -> str:
    request = case.steps[step] if step < len(case.steps) else "nothing"
    lines = difflib.unified_diff(
        _pretty(left[step : step + 1]), _pretty(right[step : step + 1]), *names, n=2, lineterm=""
    )
    shown = [*lines]
    cut = [f"… {len(shown) - _LINES} more lines"] if len(shown) > _LINES else []
    return "\n".join([f"step {step}: {request}", *shown[:_LINES], *cut])


def _pretty(answers: list[dict[str, Any]]) -> list[str]:
    return [
        line for each in answers for line in json.dumps(each, indent=1, sort_keys=True, ensure_ascii=False).splitlines()
    ]


def _text(answers: list[dict[str, Any]]) -> str:
    return json.dumps(answers, sort_keys=True)
