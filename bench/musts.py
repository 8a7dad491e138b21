"""What fairlead has to reach: numbers of one run, as ratios to another client's number in the same run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from results import Best

__all__ = ["HEADINGS", "MUSTS", "Must", "Verdict", "verdicts"]

PROTOBUF, JSON, LIGHTKUBE, OFFICIAL = "client-go protobuf", "client-go JSON", "lightkube", "official SharedInformer"
OURS, COMPACT = "fairlead", "fairlead, compact"
#: A run fails only when a ratio is worse than this many times its must: shared machines are noisy.
TOLERANCE = 2.0
US, MS, KB = ("µs", 1e6), ("ms", 1e3), ("KB", 1e3)


@dataclass(frozen=True)
class Must:
    """fairlead's number is at most `must` times the other's; `aim` is what would please."""

    what: str
    work: str
    number: str
    against: str
    must: float
    aim: float
    unit: tuple[str, float] = ("s", 1.0)
    #: The other's number, and its work, where they are others than ours.
    theirs: str = ""
    their_work: str = ""
    ours: str = OURS
    #: Why this is missed, where that is known and does not fail a run.
    known: str = ""


#: client-go hands out the cache's own objects, which nobody may change; fairlead hands out private ones.
_SHARED = "client-go copies nothing"
#: Its reflector, its store and its handlers are goroutines of their own.
_THREADS = "client-go decodes on one core, and stores and handles on another"
_COPY = "; client-go: and DeepCopy"
MB = ("MB", 1.0)

MUSTS: tuple[Must, ...] = (
    Must("sync, CPU", "sync", "sync_cpu", PROTOBUF, 0.60, 0.40),
    Must("sync, CPU", "sync", "sync_cpu", JSON, 0.15, 0.15),
    Must("sync, CPU", "sync", "sync_cpu", LIGHTKUBE, 0.10, 0.10),
    Must("sync of 10,000, CPU", "sync 10,000", "sync_cpu", OFFICIAL, 0.02, 0.02),
    Must("sync, CPU; handler reads spec and status", "sync all", "sync_cpu", PROTOBUF, 0.85, 0.60),
    Must("peak memory of the sync", "sync", "sync_rss_mb", PROTOBUF, 0.36, 0.28, MB),
    Must("peak memory of the sync", "sync", "sync_rss_mb", JSON, 0.33, 0.33, MB),
    Must("steady memory after the events", "sync", "steady_rss_mb", PROTOBUF, 0.55, 0.45, MB),
    Must("steady memory; compact", "sync", "steady_rss_mb", PROTOBUF, 0.30, 0.22, MB, ours=COMPACT),
    Must("memory after the events, over after the sync", "sync", "steady_rss_mb", OURS, 1.05, 1.02, MB,
         theirs="after_sync_rss_mb"),
    Must("CPU per event", "sync", "event_cpu", PROTOBUF, 0.40, 0.20, US),
    Must("CPU per event; handler reads spec and status", "sync all", "event_cpu", PROTOBUF, 0.60, 0.40, US),
    Must("time per event (2.5 x the events/s)", "sync", "event_wall", PROTOBUF, 1 / 2.5, 1 / 4, US),
    Must("time per event; spec and status (1.7 x)", "sync all", "event_wall", PROTOBUF, 1 / 1.7, 1 / 2.5, US, known=_THREADS),
    Must("time per event (15 x)", "sync", "event_wall", JSON, 1 / 15, 1 / 25, US),
    Must("get", "sync", "get_cpu", PROTOBUF, 1.0, 0.5, US, known=_SHARED),
    Must(f"get{_COPY}", "sync", "get_cpu", PROTOBUF, 1.0, 0.5, US, theirs="get_copy_cpu"),
    Must("list of one namespace", "sync", "list_cpu", PROTOBUF, 2.0, 1.0, US, known=_SHARED),
    Must(f"list of one namespace{_COPY}", "sync", "list_cpu", PROTOBUF, 2.0, 1.0, US, theirs="list_copy_cpu"),
    Must("list by label", "sync", "labels_cpu", PROTOBUF, 0.5, 0.1, US),
    Must("the loop held by a sync, in slices", "loop", "sync_hold", OURS, 5, 2, MS, theirs="slice"),
    Must("… by a relist", "loop", "relist_hold", OURS, 5, 2, MS, theirs="slice"),
    Must("… by a filter flip", "loop", "flip_hold", OURS, 5, 2, MS, theirs="slice"),
    Must("CPU at rest with 500 idle informers", "idle", "idle_cpu", PROTOBUF, 1.0, 0.5, ("%", 100.0)),
    Must("fresh process to its first typed list, CPU", "first", "first_list_cpu", LIGHTKUBE, 0.8, 0.4),
    Must("fresh process to its first typed list, CPU", "first", "first_list_cpu", "official", 0.25, 0.12),
    Must("200,000 beside 10,000: CPU per object", "sync 200,000", "object_cpu", OURS, 1.2, 1.0, US,
         their_work="sync 10,000"),
    Must("… memory per object", "sync 200,000", "object_mb", OURS, 1.2, 1.0, KB, their_work="sync 10,000"),
    Must("… CPU per event", "sync 200,000", "event_cpu", OURS, 1.2, 1.0, US, their_work="sync 10,000"),
    Must("write to handler, p99", "latency", "latency_p99", PROTOBUF, 1.2, 1.0, MS),
)  # fmt: skip


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
        unit, factor = self.must.unit
        numbers = [f"{value * factor:.3g} {unit}" for value in (self.ours, self.theirs)]
        limits = [f"{each:.2f}" for each in (self.ratio, self.must.must, self.must.aim)]
        return [self.must.what, self.must.against, *numbers, *limits, self.word]

    def document(self) -> dict[str, Any]:
        """The same as JSON."""
        return {"what": self.must.what, "against": self.must.against, "ratio": self.ratio, "is": self.word}


HEADINGS = ["work", "against", "fairlead", "other", "ratio", "must", "aim", ""]


def verdicts(best: Best) -> Iterator[Verdict]:
    """Judge the best numbers of a run; what was not measured is left out."""
    for must in MUSTS:
        ours = best.get(must.work, {}).get(must.ours, {}).get(must.number)
        theirs = best.get(must.their_work or must.work, {}).get(must.against, {}).get(must.theirs or must.number)
        if ours is not None and theirs is not None:
            yield Verdict(must, ours, theirs)
