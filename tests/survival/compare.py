"""fairlead beside its peers: the same troubles at the same time on the same server, each client behind its own proxy.

`python -m tests.survival.compare [--json PATH] [--only a,c] [--peers PATH] [--rounds 1]`; `make bench-survival` runs it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Any

from tests.support import loop
from tests.survival.scenarios import SCENARIOS
from tests.survival.servers import Cluster
from tests.survival.stage import play
from tests.survival.subject import Verdict

#: Module of the subject, and the distribution it tests.
SUBJECTS = {
    "fairlead_client": "fairlead",
    "official_informer": "kubernetes",
    "lightkube_watch": "lightkube",
    "kopf_index": "kopf",
    "kr8s_watch": "kr8s",
}


def cell(verdict: Verdict) -> str:
    """A verdict in a few words."""
    if "dead" in verdict["differs"]:
        return "died"
    if verdict["differs"] and not verdict["events"]:
        return "–"  # it has seen nothing from the beginning: it cannot read these credentials
    said = [f"{sum(len(n) for w, n in verdict['differs'].items() if w.startswith('cache'))} wrong in cache"] if any(
        what.startswith("cache") for what in verdict["differs"]
    ) else []  # fmt: skip
    if any(what.startswith("folded") for what in verdict["differs"]) and not said:
        said.append("events lost")
    wrong = {rule: count for rule, count in verdict["wrong"].items() if rule != "update without a change"}
    if wrong:
        said.append(f"{sum(wrong.values())} events wrong")
    repeated = verdict["wrong"].get("update without a change", 0)
    if repeated:
        said.append(f"{repeated} events for nothing")
    text = "; ".join(said) if said else f"ok, {verdict['seconds']:g} s"
    manners = verdict["manners"]
    if manners:
        text += f" ({manners['cpu']:.1%} CPU, {manners['requests']} tries, {manners['log_lines']} log lines)"
    return text


def table(results: dict[str, dict[str, Verdict]], names: list[str]) -> str:
    """The results as a Markdown table."""
    titles = {scenario.letter: scenario.title for scenario in SCENARIOS}
    heads = [f"{SUBJECTS[name]} {version(SUBJECTS[name])}" for name in names]
    lines = [f"| | trouble | {' | '.join(heads)} |", "|---|---" * 1 + "|---" * len(names) + "|"]
    for letter, verdicts in results.items():
        cells = [cell(verdicts[name]) if name in verdicts else "–" for name in names]
        lines.append(f"| {letter} | {titles[letter]} | {' | '.join(cells)} |")
    return "\n".join(lines)


def version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "?"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--peers", default="", help="folder of the peers' packages; without it only fairlead plays")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--long", action="store_true")
    options = parser.parse_args()
    if options.peers:
        os.environ["PYTHONPATH"] = options.peers
        sys.path.append(options.peers)
    names = list(SUBJECTS) if options.peers else ["fairlead_client"]
    wanted = [s for s in SCENARIOS if not options.only or s.letter in options.only.split(",")]
    rounds: list[dict[str, dict[str, Verdict]]] = []
    for number in range(options.rounds):
        results: dict[str, dict[str, Verdict]] = {}
        rounds.append(results)
        with tempfile.TemporaryDirectory(prefix="fairlead-survival-") as folder:
            cluster = Cluster()
            try:
                for scenario in wanted:
                    playing = names if scenario.compared else ["fairlead_client"]
                    there: Any = play(
                        cluster, scenario, playing, Path(folder) / scenario.letter, long=options.long, seed=number + 1
                    )
                    results[scenario.letter] = loop.run(there, limit=900)
                    sys.stderr.write(f"{scenario.letter}: {[cell(v) for v in results[scenario.letter].values()]}\n")
            finally:
                cluster.close()
        sys.stdout.write(table(results, names) + "\n\n")
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(rounds, indent=1))
    return 0 if all(each[s]["fairlead_client"].ok for each in rounds for s in each) else 1


if __name__ == "__main__":
    raise SystemExit(main())
