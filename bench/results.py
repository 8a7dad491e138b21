"""The numbers of a benchmark's run: kept on disk after each process, so that a run can be taken up again."""

from __future__ import annotations

import json
import os
import platform
import time
from pathlib import Path
from typing import Any

__all__ = ["Best", "Numbers", "Results"]

Numbers = dict[str, float]
#: work -> client -> the best of each number.
Best = dict[str, dict[str, Numbers]]


class Results:
    """What each client measured in each work, or why it did not."""

    def __init__(self, path: Path | None, *, resume: bool, scale: float) -> None:
        self._path = path
        self._works: dict[str, dict[str, dict[str, Any]]] = {}
        self.machine: str = _machine()
        self._scale = scale
        if resume and path is not None and path.exists():
            found = json.loads(path.read_text(encoding="utf-8"))
            if found["scale"] != scale:
                raise SystemExit(f"{path} is of another scale ({found['scale']}); leave out --resume to begin anew")
            self._works = found["works"]

    def missing(self, work: str, client: str, repeats: int) -> int:
        """How often a client is still to be run; one that failed is tried again when a run is taken up."""
        return repeats - len(self._works.get(work, {}).get(client, {}).get("runs", ()))

    def add(self, work: str, client: str, numbers: Numbers) -> None:
        """Note one process's numbers."""
        entry = self._works.setdefault(work, {}).setdefault(client, {"runs": []})
        entry.pop("failed", None)
        entry["runs"].append(numbers)
        self._save()

    def fail(self, work: str, client: str, why: str) -> None:
        """Note why a client has none."""
        self._works.setdefault(work, {}).setdefault(client, {"runs": []})["failed"] = why
        self._save()

    def failures(self, work: str) -> dict[str, str]:
        """Clients that have no numbers in a work, and why."""
        clients = self._works.get(work, {})
        return {name: each["failed"] for name, each in clients.items() if "failed" in each and not each["runs"]}

    def best(self) -> Best:
        """The least of each number over the runs, and what follows from them."""
        return {
            work: {name: _best(each["runs"]) for name, each in clients.items() if each["runs"]}
            for work, clients in self._works.items()
        }

    def _save(self, **more: Any) -> None:
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            document = {"machine": self.machine, "scale": self._scale, "works": self._works, **more}
            self._path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")

    def finish(self, verdicts: list[dict[str, Any]]) -> None:
        """Write everything, with what was to be reached."""
        self._save(best=self.best(), verdicts=verdicts)


def _best(runs: list[Numbers]) -> Numbers:
    least = {key: min(run[key] for run in runs) for key in runs[0] if all(key in run for run in runs)}
    if least.get("events"):
        for name in ("cpu", "wall"):
            least[f"event_{name}"] = least[f"events_{name}"] / least["events"]
        least["events_per_second"] = least["events"] / least["events_wall"]
    if least.get("objects") and "sync_cpu" in least:
        least["object_cpu"] = least["sync_cpu"] / least["objects"]
        if "startup_rss_mb" in least:
            least["object_mb"] = (least["after_sync_rss_mb"] - least["startup_rss_mb"]) / least["objects"]
    return least


def _machine() -> str:
    return f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} x {platform.machine()}, Python {platform.python_version()}"
