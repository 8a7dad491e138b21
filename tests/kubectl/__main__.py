"""`python -m tests.kubectl`: play sessions to the real server and to ours, show what differs, record what the real one prints.

python -m tests.kubectl                     ours against the recorded output
python -m tests.kubectl -k name             sessions whose name has "name"
python -m tests.kubectl --record            ask a real server, started for this, and write its output down
python -m tests.kubectl --kubeconfig FILE   use the server of `python -m tests.support.realserver --kubeconfig FILE`
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path

from tests.kubectl import recordings
from tests.kubectl.cases import SESSIONS
from tests.kubectl.play import Place, Printed, play
from tests.kubectl.servers import kubectl, ours
from tests.kubectl.session import Session
from tests.support import realserver


@contextlib.contextmanager
def _real(kubeconfig: Path | None) -> Generator[Path]:
    if kubeconfig is not None:
        yield kubeconfig
        return
    with realserver.running() as server:
        yield server.kubeconfig


async def _play_real(sessions: list[Session], kubeconfig: Path) -> dict[str, list[Printed]]:
    with tempfile.TemporaryDirectory(prefix="fairlead-kubectl-cache-") as cache:
        place = Place(kubectl(), kubeconfig, Path(cache))
        return {session.name: await play(session, place) for session in sessions}


async def _play_ours(sessions: list[Session]) -> dict[str, list[Printed]]:
    found: dict[str, list[Printed]] = {}
    for session in sessions:
        async with ours() as place:
            found[session.name] = await play(session, place)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.kubectl", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-k", dest="part", default="", help="only sessions with this in their name")
    parser.add_argument("--record", action="store_true", help="ask a real server and write its output down")
    parser.add_argument("--kubeconfig", type=Path, help="of a real server that runs already")
    options = parser.parse_args()
    chosen = [session for session in SESSIONS if options.part in session.name]
    wanted = recordings.read()
    if options.record or options.kubeconfig:
        with _real(options.kubeconfig) as kubeconfig:
            wanted |= asyncio.run(_play_real(chosen, kubeconfig))
    if options.record:
        recordings.write(wanted)
    found = asyncio.run(_play_ours(chosen))
    faults = [recordings.report(s, wanted.get(s.name, []), found[s.name]) for s in chosen]
    sys.stdout.write("".join(f"{fault}\n" for fault in faults if fault))
    commands = sum(len(session.commands) for session in chosen)
    sys.stdout.write(f"{commands} commands in {len(chosen)} sessions; {sum(map(bool, faults))} sessions differ\n")
    return 1 if any(faults) else 0


if __name__ == "__main__":
    raise SystemExit(main())
