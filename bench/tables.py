"""Tables of numbers and ratios, for a terminal and for the documentation."""

from __future__ import annotations

from collections.abc import Mapping

from results import Numbers

__all__ = ["aligned", "markdown", "rows"]

#: What a table shows, in its order: name of the number -> (heading, unit, factor from what a client prints).
_CACHE = {
    "sync_cpu": ("sync, CPU", "s", 1.0),
    "sync_wall": ("wall", "s", 1.0),
    "sync_rss_mb": ("peak of the sync", "MB", 1.0),
    "after_sync_rss_mb": ("after it", "MB", 1.0),
    "event_cpu": ("CPU per event", "µs", 1e6),
    "events_per_second": ("events/s", "", 1.0),
    "steady_rss_mb": ("after the events", "MB", 1.0),
    "get_cpu": ("get", "µs", 1e6),
    "list_cpu": ("list of a namespace", "µs", 1e6),
    "labels_cpu": ("list by label", "µs", 1e6),
    "index_cpu": ("index lookup", "µs", 1e6),
    "server_cpu": ("the server's CPU", "s", 1.0),
}
_COLUMNS: dict[str, dict[str, tuple[str, str, float]]] = {
    "cache": _CACHE,
    "first": {"import_cpu": ("imports, CPU", "s", 1.0), "first_list_cpu": ("first typed list, CPU", "s", 1.0)},
    "import": {"import_cpu": ("CPU", "s", 1.0), "import_rss_mb": ("memory", "MB", 1.0)},
    "controller": {
        "process_cpu": ("CPU of the whole process", "s", 1.0),
        "sync_wall": ("wall after the imports", "s", 1.0),
        "sync_rss_mb": ("memory", "MB", 1.0),
    },
    "idle": {
        "idle_cpu": ("CPU at rest, of a core", "%", 100.0),
        "after_sync_rss_mb": ("memory", "MB", 1.0),
        "sync_cpu": ("sync, CPU", "s", 1.0),
    },
    "writes": {
        "sequential_wall": ("one after another, a write", "ms", 1e3),
        "sequential_cpu": ("CPU", "µs", 1e6),
        "fifty_wall": ("fifty at a time, a write", "ms", 1e3),
        "fifty_cpu": ("CPU", "µs", 1e6),
    },
    "latency": {
        "latency_p50": ("p50", "ms", 1e3),
        "latency_p99": ("p99", "ms", 1e3),
        "latency_max": ("longest", "ms", 1e3),
    },
    "inside": {
        "fake_start": ("FakeClient until synced", "ms", 1e3),
        "async_get_cpu": ("get", "µs", 1e6),
        "sync_get_cpu": ("… in fairlead.sync", "µs", 1e6),
        "async_request_cpu": ("request to a FakeClient", "µs", 1e6),
        "sync_request_cpu": ("… in fairlead.sync", "µs", 1e6),
    },
    "loop": {
        "sync_hold": ("sync", "ms", 1e3),
        "relist_hold": ("relist", "ms", 1e3),
        "flip_hold": ("filter flip", "ms", 1e3),
    },
}


def rows(kind: str, best: Mapping[str, Numbers], order: tuple[str, ...], failed: Mapping[str, str]) -> list[list[str]]:
    """One row per client: each number, and in brackets its ratio to the first client's. A client without says why."""
    there = [name for name in (*order, *sorted(set(best) - set(order))) if name in best]
    columns = {key: how for key, how in _COLUMNS[kind].items() if any(key in best[name] for name in there)}
    made = [["", *(heading for heading, _, _ in columns.values())]]
    for name in there:
        first = best[there[0]] if len(there) > 1 else {}
        made.append([name, *(_cell(best[name].get(key), first.get(key), *how[1:]) for key, how in columns.items())])
    made += [[name, why, *[""] * (len(columns) - 1)][: len(columns) + 1] for name, why in failed.items()]
    return made


def _cell(number: float | None, reference: float | None, unit: str, factor: float) -> str:
    if number is None:
        return "-"
    shown = f"{number * factor:,.0f}" if number * factor >= 100 else f"{number * factor:.3g}"
    shown = f"{shown} {unit}".rstrip()
    return f"{shown} ({number / reference:.2f})" if reference else shown


def aligned(made: list[list[str]]) -> str:
    """Columns as wide as their widest cell; a line that says why something is missing does not widen them."""
    width = max(len(row) for row in made)
    padded = [[*row, *[""] * (width - len(row))] for row in made]
    reasons = {id(row) for row in padded if width > 2 and row[1] and not any(row[2:])}
    widths = [
        max((len(row[at]) for row in padded if id(row) not in reasons or at == 0), default=0) for at in range(width)
    ]
    return "\n".join(
        "  ".join(each.rjust(size) for each, size in zip(row, widths, strict=True)).rstrip() for row in padded
    )


def markdown(made: list[list[str]]) -> str:
    """The same for a page."""
    head, *body = made
    lines = [head, ["---"] * len(head), *([*row, *[""] * (len(head) - len(row))] for row in body)]
    return "\n".join("| " + " | ".join(each.replace("|", "\\|") for each in row) + " |" for row in lines)
