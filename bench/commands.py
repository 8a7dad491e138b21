"""How each client is run: for each kind of work the program that does it, and what it needs of its environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["COMMANDS", "Command", "build"]

HERE = Path(__file__).resolve().parent
CLIENTS = HERE / "clients"


@dataclass(frozen=True, slots=True)
class Command:
    """A client's program: a file below `clients/`, or a binary that `build` makes."""

    program: str
    arguments: tuple[str, ...] = ()
    #: Whether it needs the packages of bench/peers.txt.
    peers: bool = False

    def line(self, folder: Path) -> list[str]:
        """The command line, with binaries in `folder`."""
        if self.program.endswith(".py"):
            return [sys.executable, str(CLIENTS / self.program), *self.arguments]
        return [str(folder / self.program), *self.arguments]


#: kind of work -> client -> its program. Names of clients are those of the tables.
COMMANDS: dict[str, dict[str, Command]] = {
    "cache": {
        "client-go protobuf": Command("informer"),
        "client-go JSON": Command("informer", ("--type=json",)),
        "client-go protobuf, WatchList": Command("informer", ("--mode=watchlist",)),
        "client-go JSON, WatchList": Command("informer", ("--type=json", "--mode=watchlist")),
        "fairlead": Command("fairlead_client.py"),
        "fairlead, uvloop": Command("fairlead_client.py", ("--uvloop",)),
        "fairlead, compact": Command("fairlead_client.py", ("--compact",)),
        "Istio kclient": Command("kclient"),
        "controller-runtime": Command("manager"),
        "kube-rs": Command("reflector"),
        "lightkube": Command("lightkube_client.py"),
        "official SharedInformer": Command("official_client.py", ("--pods={pods}",), peers=True),
        "kubernetes_asyncio": Command("asyncio_client.py", peers=True),
        "kr8s": Command("kr8s_client.py", peers=True),
        "cloudcoil": Command("cloudcoil_client.py", peers=True),
        "kopf index": Command("kopf_client.py", ("--pods={pods}",), peers=True),
    },
    "first": {
        "lightkube": Command("first_list_lightkube.py"),
        "official": Command("first_list_official.py", peers=True),
        "fairlead": Command("first_list_fairlead.py"),
    },
    "import": {
        name: Command("imports.py", (f"--module={module}",), peers=not module.startswith(("fairlead", "lightkube")))
        for name, module in {
            "fairlead": "fairlead",
            "fairlead, Client and Pod": "fairlead.client.client,fairlead.models.core.v1",
            "lightkube": "lightkube",
            "official": "kubernetes",
            "kubernetes_asyncio": "kubernetes_asyncio",
            "kr8s": "kr8s",
            "cloudcoil": "cloudcoil.client,cloudcoil.models.kubernetes.core.v1",
            "kopf": "kopf",
        }.items()
    },
    "controller": {"client-go protobuf": Command("informer"), "fairlead": Command("controller_fairlead.py")},
    "idle": {"client-go protobuf": Command("informer"), "fairlead": Command("idle_fairlead.py")},
    "writes": {
        "client-go protobuf": Command("writes"),
        "fairlead": Command("writes_fairlead.py"),
        "lightkube": Command("writes_lightkube.py"),
        "official": Command("writes_official.py", peers=True),
    },
    "latency": {"both": Command("../latency.py", ("--informer={folder}/informer",))},
    "inside": {"fairlead": Command("inside_fairlead.py")},
    "loop": {"fairlead": Command("../loop_hold.py")},
}


def build(folder: Path, wanted: set[str]) -> dict[str, str]:
    """Build the server and the wanted binaries, outside the clone; says which could not be built, and why."""
    go = ["go", "build", "-mod=readonly", "-buildvcs=false", "-ldflags=-s -w", "-o", f"{folder}/"]
    ways: dict[str, tuple[Path, list[str], Callable[[], object] | None]] = {
        "server": (HERE, [*go, "./server"], None),
        "informer": (HERE, [*go, "./clients/informer"], None),
        "writes": (HERE, [*go, "./clients/writes"], None),
        "manager": (HERE, [*go, "./clients/manager"], None),
        "kclient": (CLIENTS / "kclient", [*go, "."], None),
        "reflector": _cargo(folder),
    }
    failed = {}
    for name in [each for each in ways if each in wanted or each == "server"]:
        place, command, after = ways[name]
        print(f"building {name}", file=sys.stderr, flush=True)
        try:
            environment = {**os.environ, "CARGO_TARGET_DIR": str(folder / "rust")}
            done = subprocess.run(command, cwd=place, env=environment, stderr=subprocess.PIPE, text=True, check=False)
        except FileNotFoundError as error:
            failed[name] = f"not built: {error.filename} is not installed"
            continue
        if done.returncode:
            failed[name] = "not built: " + " ".join(done.stderr.split())[-200:]
        elif after is not None:
            after()
    return failed


def _cargo(folder: Path) -> tuple[Path, list[str], Callable[[], object]]:
    # cargo writes a lock file beside the manifest, so it is given a copy of the source.
    copy = folder / "reflector-source"
    source = CLIENTS / "reflector"
    for each in ("Cargo.toml", "src/main.rs", "src/measure.rs"):
        (copy / each).parent.mkdir(parents=True, exist_ok=True)
        (copy / each).write_text((source / each).read_text(encoding="utf-8"), encoding="utf-8")
    built = folder / "rust" / "release" / "reflector"
    return copy, ["cargo", "build", "--release", "--quiet"], lambda: shutil.copy(built, folder / "reflector")
