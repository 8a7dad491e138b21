"""What a process holds, by kind: in use by Python and by C, kept by the allocators, resident."""

from __future__ import annotations

import ctypes
import gc
import os
import re
import sys
import tempfile
import tracemalloc
from collections import Counter
from pathlib import Path
from typing import Any

__all__ = ["inside", "measured", "trimmed"]

#: Containers with fewer entries are not named.
LARGE = 2000


class _MallInfo(ctypes.Structure):
    """`struct mallinfo2` of glibc."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost",
        )
    ]  # fmt: skip


def measured() -> dict[str, float]:
    """Megabytes: `used` by living objects, `held` by the allocators for them, `rss` of the process."""
    ours, arenas = _pymalloc()
    c = _malloc()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return {
        "used": (ours + c.uordblks + c.hblkhd) / 1e6,
        "held": (arenas + c.arena + c.hblkhd) / 1e6,
        "rss": pages * os.sysconf("SC_PAGE_SIZE") / 1e6,
    }


def _malloc() -> _MallInfo:
    """Blocks of more than 512 bytes, and what C libraries hold."""
    said = ctypes.CDLL(None).mallinfo2
    said.restype = _MallInfo
    found: _MallInfo = said()
    return found


def _pymalloc() -> tuple[int, int]:
    """Bytes in blocks that live, and in arenas: CPython tells them only on its standard error."""
    with tempfile.TemporaryFile() as file:
        sys.stderr.flush()
        kept = os.dup(2)
        try:
            os.dup2(file.fileno(), 2)
            sys._debugmallocstats()
        finally:
            os.dup2(kept, 2)
            os.close(kept)
        file.seek(0)
        text = file.read().decode()
    used = re.search(r"# bytes in allocated blocks\s*=\s*([\d,]+)", text)
    arenas = re.search(r"arenas \* [\d,]+ bytes/arena\s*=\s*([\d,]+)", text)
    return tuple(int(found[1].replace(",", "")) if found else 0 for found in (used, arenas))  # type: ignore[return-value]


def trimmed() -> dict[str, Any]:
    """What is measured before and after everything that can be given back is."""
    before = measured()
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    return {"before": before, "after": measured()}


_snapshots: list[tracemalloc.Snapshot] = []


def inside() -> dict[str, Any]:
    """What there is: objects by type, large containers; with PYTHONTRACEMALLOC also where memory grew since the first call."""
    gc.collect()
    living = gc.get_objects()
    large = [(len(thing), type(thing).__name__) for thing in living if isinstance(thing, dict | list | set) and thing is not living and len(thing) > LARGE]  # fmt: skip
    said: dict[str, Any] = {
        "types": dict(Counter(type(thing).__name__ for thing in living).most_common(300)),
        "containers": sorted(large, reverse=True)[:30],
        "grown": [],
    }
    if tracemalloc.is_tracing():
        _snapshots.append(tracemalloc.take_snapshot())
        if len(_snapshots) > 1:
            said["grown"] = [str(each) for each in _snapshots[-1].compare_to(_snapshots[0], "lineno")[:20]]
    return said
