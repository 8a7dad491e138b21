"""The `fairlead` command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from fairlead import __version__
from fairlead.errors import FairleadError

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code (1: it failed and said why, 2: wrong usage)."""
    arguments = _parser().parse_args(argv)
    try:
        from fairlead.cli import serve  # noqa: PLC0415 - `fairlead --help` needs none of it, nor its extra

        return serve.run(
            serve.Options(
                port=arguments.port,
                token=arguments.token,
                kubeconfig=arguments.kubeconfig,
                manifests=tuple(path for paths in arguments.load for path in paths),
                garbage_collection=not arguments.no_garbage_collection,
                controllers=not arguments.no_controllers,
                feature_gates=tuple(arguments.feature_gates),
                tls=arguments.tls,
                log_requests=arguments.log_requests,
                record_rbac=arguments.record_rbac,
                script=arguments.script,
            )
        )
    except FairleadError as error:
        sys.stderr.write(f"fairlead: {error}\n")
        return 1


def _gates(text: str) -> list[str]:
    return [gate for gate in text.split(",") if gate]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fairlead", description="Tools for Kubernetes controllers in Python.")
    parser.add_argument("--version", action="version", version=f"fairlead {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    serve = commands.add_parser(
        "serve",
        help="run the in-memory API server over HTTP",
        description="Runs an in-memory Kubernetes API server on this machine's loopback interface until interrupted.",
    )
    serve.add_argument("--port", type=_port, default=0, help="port to listen on; 0, the default, takes a free one")
    serve.add_argument("--kubeconfig", metavar="PATH", help="write a kubeconfig with URL and token to PATH")
    serve.add_argument("--token", type=_token, help="bearer token that clients need; a random one by default")
    serve.add_argument(
        "--load",
        metavar="FILE",
        nargs="+",
        action="append",
        default=[],
        help="manifests (YAML or JSON, several documents each) to start with",
    )
    serve.add_argument(
        "--script",
        metavar="FILE",
        help="a Python file whose function configure(server) says what pods log and answer, or adds admission",
    )
    serve.add_argument(
        "--no-garbage-collection", action="store_true", help="leave objects alone whose owners are deleted"
    )
    serve.add_argument(
        "--no-controllers",
        action="store_true",
        help="as a kube-apiserver alone: no garbage collection, and nobody ends namespaces, counts quotas or frees volumes",
    )
    serve.add_argument(
        "--feature-gates",
        metavar="NAME=true",
        type=_gates,
        default=[],
        help="feature gates that are off by default (ShardedListAndWatch=true), several with commas between",
    )
    serve.add_argument(
        "--tls", action="store_true", help="serve HTTPS, with a new certificate authority that the kubeconfig trusts"
    )
    serve.add_argument("--log-requests", action="store_true", help="write a line for each request to standard error")
    serve.add_argument(
        "--record-rbac",
        metavar="FILE",
        help="at the end, write the smallest ClusterRole and Roles for the requests of each client program to FILE (- : standard output)",
    )
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: a number from 0 to 65535 is expected")
    return int(text)


def _token(text: str) -> str:
    if not text or not all(letter.isascii() and (letter.isalnum() or letter in "-._~") for letter in text):
        raise argparse.ArgumentTypeError("a token is made of letters, digits and -._~, at least one")
    return text


if __name__ == "__main__":
    sys.exit(main())
