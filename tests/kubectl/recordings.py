"""What the real server made kubectl print, and how ours differs."""

from __future__ import annotations

import difflib
import json
from dataclasses import asdict
from pathlib import Path

from tests.kubectl.play import Printed
from tests.kubectl.session import Session

__all__ = ["read", "report", "write"]

_PATH = Path(__file__).parent / "recorded" / "sessions.json"


def read() -> dict[str, list[Printed]]:
    """Session → what each of its commands printed."""
    if not _PATH.exists():
        return {}
    raw: dict[str, list[dict[str, object]]] = json.loads(_PATH.read_text())
    return {name: [Printed(**each) for each in found] for name, found in raw.items()}  # type: ignore[arg-type]


def write(found: dict[str, list[Printed]]) -> None:
    """Write everything down, one line per line of output."""
    _PATH.parent.mkdir(exist_ok=True)
    raw = {name: [asdict(each) for each in printed] for name, printed in sorted(found.items())}
    _PATH.write_text(json.dumps(raw, indent=1, ensure_ascii=False) + "\n")


def report(session: Session, wanted: list[Printed], found: list[Printed]) -> str:
    """What differs, command by command; empty when nothing does."""
    if len(wanted) != len(found):
        return f"== {session.name}\n   {len(wanted)} commands are recorded, {len(found)} were played"
    lines: list[str] = []
    for command, one, other in zip(session.commands, wanted, found, strict=True):
        if one != other:
            lines.append(f"   {command}")
            if one.code != other.code:
                lines.append(f"      exit code: real {one.code}, ours {other.code}")
            for field, before, after in (("stdout", one.out, other.out), ("stderr", one.err, other.err)):
                if before != after:
                    lines.append(f"      {field}")
                    lines += [
                        f"      {line}"
                        for line in difflib.unified_diff(before, after, "real", "ours", lineterm="", n=1)
                    ]
    return f"== {session.name}\n" + "\n".join(lines) if lines else ""
