#!/usr/bin/env python3
"""Build the servers that fairlead is held against: kube-apiserver, kubectl and etcd, from the Go module proxy.

The binaries go to a cache outside the clone (``$FAIRLEAD_CACHE``, else ``$XDG_CACHE_HOME/fairlead``, else ``~/.cache/fairlead``),
in a folder named after their versions. What is there already is not built again. The first build takes about ten minutes
on two cores; it needs Go and nothing else. Prints the folder on its last line.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

KUBERNETES = "v1.37.2"
ETCD = "3.6.16"
HERE = Path(__file__).resolve().parent

_VERSION = "k8s.io/component-base/version"
_MAJOR, _MINOR, _ = KUBERNETES.removeprefix("v").split(".")
_KUBE_FLAGS = (
    f"-s -w -X {_VERSION}.gitVersion={KUBERNETES} -X {_VERSION}.gitMajor={_MAJOR} -X {_VERSION}.gitMinor={_MINOR}"
)

#: name of the binary -> (module folder beside this file, linker flags, Go package)
BINARIES = {
    "etcd": ("etcd", "-s -w", "."),
    "kubectl": ("kube", _KUBE_FLAGS, "k8s.io/kubernetes/cmd/kubectl"),
    "kube-apiserver": ("kube", _KUBE_FLAGS, "k8s.io/kubernetes/cmd/kube-apiserver"),
}


def cache_folder() -> Path:
    """Return where the binaries are, or would be: one folder for each pair of versions."""
    root = os.environ.get("FAIRLEAD_CACHE")
    if not root:
        root = str(Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fairlead")
    return Path(root).absolute() / f"{KUBERNETES}-etcd{ETCD}"


def missing_reason() -> str | None:
    """Return why the real servers cannot be started here, or None if all of them are built."""
    folder = cache_folder()
    absent = [name for name in BINARIES if not os.access(folder / name, os.X_OK)]
    if not absent:
        return None
    if shutil.which("go") is None:
        return f"{', '.join(absent)} not in {folder}, and Go is not installed to build them"
    return f"{', '.join(absent)} not in {folder}; `make real` builds them"


def build(names: Sequence[str]) -> None:
    """Build the named binaries that are not in the cache; raises CalledProcessError where Go fails."""
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        if os.access(folder / name, os.X_OK):
            print(f"{name}: there", flush=True)
        else:
            _build_one(name, folder)


def _build_one(name: str, folder: Path) -> None:
    print(f"{name}: building …", flush=True)
    started = time.monotonic()
    module, flags, package = BINARIES[name]
    # Built beside its place, in a copy of the module: the clone stays clean, and a half-written binary is never seen.
    with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=folder) as work:
        copy = Path(work) / "module"
        shutil.copytree(HERE / module, copy)
        output = Path(work) / name
        command = ["go", "build", "-mod=mod", "-buildvcs=false", "-ldflags", flags, "-o", str(output), package]
        subprocess.run(command, cwd=copy, env={**os.environ, "CGO_ENABLED": "0"}, check=True)
        output.replace(folder / name)
    print(f"{name}: built in {time.monotonic() - started:.0f} s", flush=True)


def main() -> int:
    """Build everything; the exit code is 1 where Go is missing or a build failed."""
    reason = missing_reason()
    if reason is not None and shutil.which("go") is None:
        print(
            f"{reason}: install Go 1.26 or newer; until then the tests against a real server are skipped",
            file=sys.stderr,
        )
        return 1
    try:
        build(tuple(BINARIES))
    except subprocess.CalledProcessError as error:
        print(f"building failed: {' '.join(map(str, error.cmd))} exited with {error.returncode}", file=sys.stderr)
        return 1
    print(cache_folder())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
