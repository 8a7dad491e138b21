"""What a client must never do, and what it has to end with. Knows nothing of any client."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tests.survival.world import Versions

__all__ = ["Fold", "compare"]


@dataclass
class Fold:
    """Handler events, one after the other, and what is wrong with them."""

    present: dict[str, tuple[str, int]] = field(default_factory=dict[str, tuple[str, int]])
    #: What is wrong, by rule, with the first example of each.
    wrong: Counter[str] = field(default_factory=Counter[str])
    examples: dict[str, str] = field(default_factory=dict[str, str])
    events: int = 0

    def _violation(self, rule: str, example: str) -> None:
        self.wrong[rule] += 1
        self.examples.setdefault(rule, example)

    def add(self, name: str, uid: str, version: str) -> None:
        self.events += 1
        if name in self.present:
            self._violation("add of what was there", f"{name} {uid} {version} over {self.present[name]}")
        self.present[name] = (uid, int(version))

    def update(self, name: str, uid: str, version: str) -> None:
        self.events += 1
        before = self.present.get(name)
        if before is None:
            self._violation("update of what was not there", f"{name} {version}")
        elif before[0] != uid:
            self._violation("update that changes the uid", f"{name} {before} to {uid} {version}")
        elif int(version) < before[1]:
            self._violation("update that goes back", f"{name} {before} to {version}")
        elif int(version) == before[1]:
            self._violation("update without a change", f"{name} {version}")
        self.present[name] = (uid, int(version))

    def delete(self, name: str, uid: str) -> None:
        self.events += 1
        before = self.present.pop(name, None)
        if before is None:
            self._violation("delete of what was not there", name)
        elif before[0] != uid:
            self._violation("delete of another uid", f"{name} {before} by {uid}")


def compare(truth: Versions, seen: Versions) -> dict[str, list[str]]:
    """What is missing, what does not exist any more, and what is out of date; empty if nothing is."""
    found = {
        "missing": sorted(truth.keys() - seen.keys()),
        "phantom": sorted(seen.keys() - truth.keys()),
        "stale": sorted(name for name in truth.keys() & seen.keys() if tuple(truth[name]) != tuple(seen[name])),
    }
    return {what: names for what, names in found.items() if names}
