"""The Kubernetes release that is generated from, and where its Go modules lie."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

__all__ = ["KUBERNETES", "STAGING", "ReleaseMissingError", "Sources", "find"]

KUBERNETES = "v1.37.2"
STAGING = "v0.37.2"
_PROTO_MODULES = ("api", "apimachinery", "apiextensions-apiserver", "kube-aggregator")


class ReleaseMissingError(Exception):
    """The Go modules cannot be had; the message is one line that says why."""


@dataclass(frozen=True)
class Sources:
    """Directories of the `k8s.io/kubernetes` module and of the modules with protobuf definitions."""

    kubernetes: Path
    protobuf: tuple[Path, ...]

    def openapi(self) -> list[Path]:
        """The OpenAPI v3 documents, one per group and version."""
        return sorted((self.kubernetes / "api" / "openapi-spec" / "v3").glob("*.json"))

    def discovery(self, name: str) -> Path:
        """A recorded discovery answer."""
        return self.kubernetes / "api" / "discovery" / name

    @property
    def openapi_definitions(self) -> Path:
        """The Go file from which the server makes its OpenAPI documents."""
        return self.kubernetes / "pkg" / "generated" / "openapi" / "zz_generated.openapi.go"

    @property
    def api(self) -> Path:
        """The module `k8s.io/api`."""
        return self.protobuf[_PROTO_MODULES.index("api")]

    def packages(self) -> list[tuple[str, Path]]:
        """Every Go package that declares API types, by import path, with its folder."""
        found: list[tuple[str, Path]] = []
        for module in self.protobuf:
            root = "k8s.io/" + module.name.partition("@")[0]
            folders = {path.parent for path in module.rglob("generated.proto")}
            found += [(f"{root}/{folder.relative_to(module).as_posix()}", folder) for folder in sorted(folders)]
        return found

    def protos(self) -> list[Path]:
        """Every `generated.proto`."""
        return [path for module in self.protobuf for path in sorted(module.rglob("generated.proto"))]


def find(source: Path | None = None) -> Sources:
    """The modules of the release, downloaded by Go where needed; `source` replaces the kubernetes module's directory.

    Raises ReleaseMissingError when they are not to be had.
    """
    kubernetes = source if source is not None else _download("k8s.io/kubernetes", KUBERNETES)
    if not (kubernetes / "api" / "openapi-spec" / "v3").is_dir():
        raise ReleaseMissingError(f"{kubernetes} has no api/openapi-spec/v3: it is not a Kubernetes source directory")
    return Sources(kubernetes, tuple(_staging(kubernetes, name) for name in _PROTO_MODULES))


def _staging(kubernetes: Path, name: str) -> Path:
    for place in (kubernetes / "staging" / "src" / "k8s.io" / name, kubernetes.parent / f"{name}@{STAGING}"):
        if place.is_dir() and any(place.rglob("generated.proto")):
            return place
    return _download(f"k8s.io/{name}", STAGING)


def _download(module: str, version: str) -> Path:
    go = shutil.which("go")
    if go is None:
        raise ReleaseMissingError(f"Go is not installed, so {module}@{version} cannot be read")
    command = [go, "mod", "download", "-json", f"{module}@{version}"]
    # Go prints its answer as JSON also when it fails. The arguments are this module's constants.
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    try:
        answer: dict[str, str] = json.loads(done.stdout)
    except json.JSONDecodeError:
        answer = {"Error": done.stderr.strip() or "no answer"}
    if "Dir" not in answer:
        raise ReleaseMissingError(
            f"go mod download {module}@{version}: {answer.get('Error', 'no directory').splitlines()[0]}"
        )
    return Path(answer["Dir"])
