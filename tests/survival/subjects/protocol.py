"""How a subject is spoken to: a line on its standard input asks, one line of JSON on its standard output answers."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Callable
from typing import Any

from tests.survival.oracle import Fold
from tests.survival.world import Versions

__all__ = ["arguments", "report", "serve", "tell"]


class _Fields(logging.Formatter):
    """A line with the time and the fields that say what went wrong."""

    def format(self, record: logging.LogRecord) -> str:
        fields = {name: vars(record)[name] for name in ("error", "failures", "handler") if name in vars(record)}
        shown = "".join(f" {name}={value}" for name, value in fields.items())
        return f"{record.created:.1f} {record.levelname} {record.name} {super().format(record)}{shown}"


def arguments() -> argparse.Namespace:
    """What every subject is told; its logs go to standard error."""
    logging.basicConfig(level=logging.INFO)
    logging.getLogger().handlers[0].setFormatter(_Fields())
    parser = argparse.ArgumentParser()
    parser.add_argument("--kubeconfig", required=True)
    parser.add_argument("--namespace", required=True)
    parser.add_argument("--api", default="v1/ConfigMap/configmaps", help="apiVersion/Kind/plural")
    parser.add_argument("--handler", default="plain", choices=["plain", "slow", "blocked", "raising"])
    parser.add_argument("--stall", type=float, default=70.0)
    parser.add_argument("--jump", type=float, default=0.0, help="seconds that the wall clock jumps to and fro by")
    return parser.parse_args()


def report(cache: Versions, fold: Fold, **more: Any) -> dict[str, Any]:
    """What a subject believes: its cache, what its handler was told, and what was wrong with that."""
    return {
        "cache": cache,
        "folded": {name: (uid, str(version)) for name, (uid, version) in fold.present.items()},
        "wrong": dict(fold.wrong),
        "examples": fold.examples,
        "events": fold.events,
        **more,
    }


def tell(document: Any) -> None:
    """Answer."""
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def serve(dump: Callable[[], Any]) -> None:
    """Answer until standard input ends; for subjects whose client works in other threads."""
    tell("ready")
    for line in sys.stdin:
        if line.strip() == "dump":
            tell(dump())
