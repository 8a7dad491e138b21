"""What is wrong with the policies by which Jobs fail and succeed, and with who runs them.

https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from fairlead.apiserver.documents import Document, part, parts
from fairlead.apiserver.rules.faults import (
    children,
    domain_path,
    duplicate,
    invalid,
    items_of,
    named,
    one_of,
    required,
    too_long,
    too_many,
    unsigned,
)
from fairlead.machinery.causes import INVALID, Cause
from fairlead.machinery.validation import qualified_name, quote

__all__ = ["failure_policy", "managed_by", "success_policy"]

_ACTIONS = ("Count", "FailIndex", "FailJob", "Ignore")
_MOST_CODES, _MOST_RULES, _LONGEST_INDEXES, _LONGEST_MANAGER = 255, 20, 64 * 1024, 63


def failure_policy(spec: Document, path: str) -> Iterator[Cause]:
    """The `podFailurePolicy` of a job."""
    rules = parts(spec, "podFailurePolicy", "rules")
    if len(rules) > _MOST_RULES:
        yield too_many(f"{path}.rules", len(rules), _MOST_RULES)
    for at, rule in children(part(spec, "podFailurePolicy"), path, "rules"):
        yield from _failure_rule(spec, rule, at)


def _failure_rule(spec: Document, rule: Document, path: str) -> Iterator[Cause]:
    action = rule.get("action") or ""
    if not action:
        yield required(f"{path}.action", _valid(_ACTIONS))
    elif action == "FailIndex" and spec.get("backoffLimitPerIndex") is None:
        yield invalid(f"{path}.action", action, "requires the backoffLimitPerIndex to be set")
    else:
        yield from one_of(action, _ACTIONS, f"{path}.action")
    codes = part(rule, "onExitCodes")
    if codes:
        yield from _exit_codes(spec, codes, f"{path}.onExitCodes")
    patterns = parts(rule, "onPodConditions")
    if len(patterns) > _MOST_RULES:
        yield too_many(f"{path}.onPodConditions", len(patterns), _MOST_RULES)
    for at, pattern in children(rule, path, "onPodConditions"):
        yield from named(qualified_name, pattern.get("type") or "", f"{at}.type")
        yield from one_of(pattern.get("status"), ("False", "True", "Unknown"), f"{at}.status")
    both, neither = codes and rule.get("onPodConditions"), not codes and not rule.get("onPodConditions")
    # The server says this in place of the value.
    if both:
        text = "specifying both OnExitCodes and OnPodConditions is not supported"
        yield Cause(INVALID, f"Invalid value: {text}", path)
    elif neither:
        text = "specifying one of OnExitCodes and OnPodConditions is required"
        yield Cause(INVALID, f"Invalid value: {text}", path)


def _valid(known: Sequence[str]) -> str:
    return f"valid values: [{' '.join(quote(each) for each in known)}]"


def _exit_codes(spec: Document, codes: Document, path: str) -> Iterator[Cause]:
    operator, values = codes.get("operator"), items_of(codes, "values")
    if not operator:
        yield required(f"{path}.operator", _valid(("In", "NotIn")))
    yield from one_of(operator or None, ("In", "NotIn"), f"{path}.operator")
    template = part(spec, "template", "spec")
    names = {c.get("name") for kind in ("containers", "initContainers") for c in parts(template, kind)}
    name = codes.get("containerName")
    if name is not None and name not in names:
        text = "must be one of the container or initContainer names in the pod template"
        yield invalid(f"{path}.containerName", name, text)
    if not values:
        yield invalid(f"{path}.values", values, "at least one value is required")
    elif len(values) > _MOST_CODES:
        yield too_many(f"{path}.values", len(values), _MOST_CODES)
    for index, code in enumerate(values):
        if operator == "In" and code == 0:
            yield invalid(f"{path}.values[{index}]", code, "must not be 0 for the In operator")
        if code in values[:index]:
            yield duplicate(f"{path}.values[{index}]", code)
    if values != sorted(values):
        yield invalid(f"{path}.values", values, "must be ordered")


def success_policy(spec: Document, path: str) -> Iterator[Cause]:
    """The `successPolicy` of a job."""
    policy = part(spec, "successPolicy")
    if spec.get("completionMode") != "Indexed":
        shown = [
            {"SucceededIndexes": r.get("succeededIndexes"), "SucceededCount": r.get("succeededCount")}
            for r in parts(policy, "rules")
        ]
        yield invalid(path, {"Rules": shown or None}, "requires indexed completion mode")
        return
    rules = parts(policy, "rules")
    if not rules:
        text = "at least one rules must be specified when the successPolicy is specified"
        yield required(f"{path}.rules", text)
    if len(rules) > _MOST_RULES:
        yield too_many(f"{path}.rules", len(rules), _MOST_RULES)
    for at, rule in children(policy, path, "rules"):
        yield from _success_rule(rule, spec.get("completions") or 0, at)


def _success_rule(rule: Document, completions: int, path: str) -> Iterator[Cause]:
    count, indexes = rule.get("succeededCount"), rule.get("succeededIndexes")
    if count is None and indexes is None:
        yield required(path, "at least one of succeededCount or succeededIndexes must be specified")
    total = 0
    if indexes is not None:
        if len(indexes) > _LONGEST_INDEXES:
            yield too_long(f"{path}.succeededIndexes", _LONGEST_INDEXES)
        total, fault = _indexes(indexes, completions)
        if fault:
            yield invalid(f"{path}.succeededIndexes", indexes, f"error parsing succeededIndexes: {fault}")
    if count is not None:
        at = f"{path}.succeededCount"
        yield from unsigned(count, at)
        if count > completions:
            text = f"must be less than or equal to {completions} (the number of specified completions)"
            yield invalid(at, count, text)
        if indexes is not None and count > total:
            which = "(the number of indexes in the specified succeededIndexes field)"
            yield invalid(at, count, f"must be less than or equal to {total} {which}")


def _indexes(text: str, completions: int) -> tuple[int, str]:
    """How many indexes `0,2-4` means, and what is wrong with it."""
    total, last = 0, -1
    for interval in text.split(",") if text else ():
        ends = interval.split("-")
        low, fault = _index(ends[0], completions)
        if not fault and len(ends) > 2:
            why = "that an index interval can have at most two parts separated by '-'"
            fault = f"the fragment {quote(interval)} violates the requirement {why}"
        high = low
        if not fault and len(ends) == 2:
            high, fault = _index(ends[1], completions)
            if not fault and low >= high:
                fault = f"non-increasing order, previous: {low}, current: {high}"
        if not fault and last >= low:
            fault = f"non-increasing order, previous: {last}, current: {low}"
        if fault:
            return 0, fault
        total, last = total + high - low + 1, high
    return total, ""


def _index(text: str, completions: int) -> tuple[int, str]:
    if not re.fullmatch("[+-]?[0-9]{1,18}", text):
        return 0, f"cannot convert string to integer for index: {quote(text)}"
    index = int(text)
    return index, f"too large index: {quote(text)}" if index >= completions else ""


def managed_by(name: str, path: str) -> Iterator[Cause]:
    """Who runs the job: a domain and a path."""
    yield from domain_path(name, path)
    if len(name) > _LONGEST_MANAGER:
        yield too_long(path, _LONGEST_MANAGER)
