"""What fairlead has to reach: numbers of one run, as ratios to another client's number in the same run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["MUSTS", "Must", "Verdict", "verdicts"]

PROTOBUF, JSON, LIGHTKUBE = "client-go protobuf", "client-go JSON", "lightkube"
#: A run fails only when a ratio is worse than this many times its must: shared machines are noisy.
TOLERANCE = 2.0

Numbers = dict[str, dict[str, dict[str, float]]]


@dataclass(frozen=True)
class Must:
    """fairlead's number is at most `must` times the other's; `aim` is what would please."""

    work: str
    part: str
    number: str
    against: str
    must: float
    aim: float
    unit: str = "s"
    factor: float = 1.0
    #: The other's number, where it is another one than ours.
    theirs: str = ""
    #: Why this is missed, where that is known and does not fail a run.
    known: str = ""


#: client-go hands out the cache's own objects, which nobody may change; fairlead hands out private ones.
_SHARED = "client-go copies nothing"

MUSTS: tuple[Must, ...] = (
    Must("sync, CPU", "metadata", "sync_cpu", PROTOBUF, 0.60, 0.40),
    Must("sync, CPU", "metadata", "sync_cpu", JSON, 0.15, 0.15),
    Must("sync, CPU", "metadata", "sync_cpu", LIGHTKUBE, 0.10, 0.10),
    Must("sync, CPU; handler reads spec and status", "all", "sync_cpu", PROTOBUF, 0.85, 0.60),
    Must("peak memory of the sync", "metadata", "sync_rss_mb", PROTOBUF, 0.36, 0.28, "MB"),
    Must("peak memory of the sync", "metadata", "sync_rss_mb", JSON, 0.33, 0.33, "MB"),
    Must("steady memory after the events", "metadata", "steady_rss_mb", PROTOBUF, 0.55, 0.45, "MB"),
    Must("CPU per event", "metadata", "events_cpu", PROTOBUF, 0.40, 0.20, "µs", 1e6),
    Must("CPU per event; handler reads spec and status", "all", "events_cpu", PROTOBUF, 0.60, 0.40, "µs", 1e6),
    Must("get", "metadata", "get_cpu", PROTOBUF, 1.0, 0.5, "µs", 1e6, known=_SHARED),
    Must("get; client-go: and DeepCopy", "metadata", "get_cpu", PROTOBUF, 1.0, 0.5, "µs", 1e6, theirs="get_copy_cpu"),
    Must("list of one namespace", "metadata", "list_cpu", PROTOBUF, 2.0, 1.0, "µs", 1e6, known=_SHARED),
    Must(
        "list of one namespace; client-go: and DeepCopy",
        "metadata",
        "list_cpu",
        PROTOBUF,
        2.0,
        1.0,
        "µs",
        1e6,
        theirs="list_copy_cpu",
    ),
    Must("list by label", "metadata", "labels_cpu", PROTOBUF, 0.5, 0.1, "µs", 1e6),
    Must("fresh process to its first typed list, CPU", "first", "first_list_cpu", LIGHTKUBE, 0.8, 0.4),
)


@dataclass(frozen=True)
class Verdict:
    """One must, with the numbers of a run."""

    must: Must
    ours: float
    theirs: float

    @property
    def ratio(self) -> float:
        """What fairlead needs of what the other needs."""
        return self.ours / self.theirs if self.theirs else float("inf")

    @property
    def word(self) -> str:
        """How the run did: aim, must, missed, or FAILED where it is missed by far."""
        if self.ratio <= self.must.aim:
            return "aim"
        if self.ratio <= self.must.must:
            return "must"
        if self.must.known:
            return f"missed: {self.must.known}"
        return "missed" if self.ratio <= self.must.must * TOLERANCE else "FAILED"

    def cells(self) -> list[str]:
        """A row of the table: raw numbers beside the ratio."""
        m = self.must
        numbers = [f"{value * m.factor:.3g} {m.unit}" for value in (self.ours, self.theirs)]
        return [m.work, m.against, *numbers, f"{self.ratio:.2f}", f"{m.must:.2f}", f"{m.aim:.2f}", self.word]


HEADINGS = ["work", "against", "fairlead", "other", "ratio", "must", "aim", ""]


def verdicts(best: Numbers) -> Iterator[Verdict]:
    """Judge the best numbers of a run, given by part and client; what was not measured is left out."""
    for must in MUSTS:
        part = best.get(must.part, {})
        ours = part.get("fairlead", {}).get(must.number)
        theirs = part.get(must.against, {}).get(must.theirs or must.number)
        if ours is not None and theirs is not None:
            yield Verdict(must, ours, theirs)
