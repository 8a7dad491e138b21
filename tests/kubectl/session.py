"""What is played: sessions of kubectl commands, as data.

    Session(
        "create and look",
        run("create configmap a --from-literal=k=v"),
        run("get configmap a -o yaml"),
        run("apply -f -", stdin=MANIFEST),
    )

A session has a namespace of its own, which is the default of its commands. In every text `{ns}` is its name, and `{id}` a word
that no other session has (for names of cluster-scoped objects). `files` are written to the folder that the commands run in.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Command", "Session", "run"]


@dataclass(frozen=True)
class Command:
    """One run of kubectl."""

    arguments: tuple[str, ...]
    stdin: str = ""
    #: Environment beside the usual one: EDITOR and the like.
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    #: Repeat until it succeeds, for at most ten seconds (a CRD that is not served yet).
    until: bool = False
    #: Lines of the output in any order: what the server lists in no order of its own.
    unordered: bool = False

    def __str__(self) -> str:
        return f"kubectl {shlex.join(self.arguments)}"


def run(line: str, *, stdin: str = "", until: bool = False, unordered: bool = False, **environment: str) -> Command:
    """A command as one writes it in a shell, without the word kubectl."""
    return Command(tuple(shlex.split(line)), stdin, environment, until, unordered)


class Session:
    """A named list of commands."""

    def __init__(self, name: str, *commands: Command, files: Mapping[str, str] | None = None) -> None:
        self.name = name
        self.commands = commands
        self.files = dict(files or {})
