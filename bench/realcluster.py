"""A real kube-apiserver that is filled with pods and then stays until standard input ends; says which processes it is."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import shutil
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from fairlead import ApiError, Client, KubeConfig, TransportError  # noqa: E402 - after the path to it
from fairlead.models.core.v1 import Namespace, Pod  # noqa: E402
from tests.support import realserver  # noqa: E402

NAMESPACES = 40


def document(place: int) -> dict[str, Any]:
    """A pod as a ReplicaSet makes it; the same in every run."""
    dice = random.Random(place)
    app = f"{dice.choice(('payments', 'search', 'identity', 'billing'))}-{dice.choice(('api', 'worker'))}-{dice.randrange(40)}"
    container = {
        "name": "main", "image": f"images.example/{app}:v1.{dice.randrange(90)}.{dice.randrange(20)}",
        "args": ["--config=/etc/app/config.yaml", f"--shard={place % 64}"],
        "env": [{"name": f"SETTING_{n}", "value": f"{dice.getrandbits(64):x}"} for n in range(8)],
        "ports": [{"containerPort": 8080, "name": "http"}],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"cpu": "1", "memory": "1Gi"}},
        "livenessProbe": {"httpGet": {"path": "/healthz", "port": "http"}, "periodSeconds": 10},
        "volumeMounts": [{"name": "config", "mountPath": "/etc/app", "readOnly": True}],
    }  # fmt: skip
    metadata = {
        "name": f"{app}-{dice.getrandbits(40):010x}-{place}", "namespace": f"bench-{dice.randrange(NAMESPACES):02}",
        "labels": {"app.kubernetes.io/name": app, "team": app.split("-", maxsplit=1)[0], "pod-template-hash": f"{dice.getrandbits(40):x}"},
        "annotations": {"checksum/config": f"{dice.getrandbits(256):064x}", "prometheus.io/scrape": "true"},
    }  # fmt: skip
    volume = {"name": "config", "configMap": {"name": app}}
    spec = {"containers": [container], "volumes": [volume], "terminationGracePeriodSeconds": 0}
    return {"metadata": metadata, "spec": spec}


async def fill(kubeconfig: Path, pods: int) -> None:
    """Create the pods, fifty at a time."""
    async with Client(KubeConfig.load(str(kubeconfig))) as client:
        spaces, direct = client.direct(Namespace), client.direct(Pod)
        if pods:
            for number in range(NAMESPACES):
                await spaces.create(Namespace.from_dict({"metadata": {"name": f"bench-{number:02}"}}))
        todo = iter(range(pods))

        async def worker() -> None:
            for place in todo:
                for attempt in range(5):
                    try:
                        await direct.create(Pod.from_dict(document(place)))
                        break
                    except (ApiError, TransportError):
                        if attempt == 4:
                            raise
                        await asyncio.sleep(1)

        await asyncio.gather(*(worker() for _ in range(50)))


def main() -> int:
    """Start, fill, say so, and stay."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kubeconfig", type=Path, required=True, help="where to write how it is reached")
    parser.add_argument("--pods", type=int, default=20_000)
    asked = parser.parse_args()
    if (reason := realserver.missing_reason()) is not None:
        print(reason, file=sys.stderr)
        return 1
    with realserver.running() as server:
        asyncio.run(fill(server.kubeconfig, asked.pods))
        shutil.copy(server.kubeconfig, asked.kubeconfig)
        children = Path(f"/proc/self/task/{os.getpid()}/children")
        processes = [int(pid) for pid in children.read_text().split()] if children.exists() else []
        print(json.dumps({"processes": processes}), flush=True)
        sys.stdin.read()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
