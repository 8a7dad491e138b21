"""How old a change is when a handler hears of it: fairlead and client-go watch the same writes of a third, at the same time."""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path

from fairlead import Client, KubeConfig, ObjectMeta
from fairlead.models.core.v1 import ConfigMap

HERE = Path(__file__).resolve().parent
SENT = "bench/sent"
OBJECTS = 50


async def write(kubeconfig: str, prefix: str, changes: int, rate: float) -> None:
    """Change objects in turn, at a steady rate, each saying when it was sent."""
    async with Client(KubeConfig.load(kubeconfig)) as client:
        direct = client.direct(ConfigMap)
        for number in range(OBJECTS):
            await direct.create(ConfigMap(metadata=ObjectMeta(name=f"{prefix}-{number}", namespace="default")))
        began = time.monotonic()
        for number in range(changes):
            await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
            change = {"metadata": {"annotations": {SENT: str(time.time_ns())}}}
            await direct.patch(f"{prefix}-{number % OBJECTS}", "default", merge=change)


def main() -> None:
    """Start both, write, and print what both say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kubeconfig", required=True)
    parser.add_argument("--url", default="")
    parser.add_argument("--informer", required=True, help="the client-go program")
    parser.add_argument("--changes", type=int, default=2000)
    parser.add_argument("--rate", type=float, default=100.0, help="changes a second")
    asked = parser.parse_args()
    follow = [f"--kubeconfig={asked.kubeconfig}", f"--follow={asked.changes}"]
    commands = {
        "client-go protobuf": [asked.informer, *follow],
        "fairlead": [sys.executable, str(HERE / "clients" / "follow_fairlead.py"), *follow],
    }
    running = {name: subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for name, command in commands.items()}
    try:
        for name, process in running.items():
            assert process.stdout is not None
            if process.stdout.readline().strip() != "ready":
                raise SystemExit(f"{name} has not become ready; its message is above")
        asyncio.run(write(asked.kubeconfig, f"latency-{time.time_ns():x}", asked.changes, asked.rate))
        said = {name: process.communicate(timeout=60)[0].splitlines()[-1] for name, process in running.items()}
    finally:
        for process in running.values():
            process.kill()
    print(json.dumps({"rows": {name: json.loads(line) for name, line in said.items()}}))


if __name__ == "__main__":
    main()
