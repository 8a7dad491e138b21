"""What is measured: each work with its server, its clients, how often, and how long one process may take."""

from __future__ import annotations

from dataclasses import dataclass, replace

from commands import COMMANDS

__all__ = ["FULL", "SHORT", "Prepared", "Real", "Work", "scaled"]


@dataclass(frozen=True, slots=True)
class Prepared:
    """The server of prepared answers."""

    pods: int
    burst: int = 0
    types: str = "json,protobuf"
    tls: bool = False
    bookmarks: str = "1m"


@dataclass(frozen=True, slots=True)
class Real:
    """A real kube-apiserver with its etcd, over TLS, with so many pods in it."""

    pods: int = 0


@dataclass(frozen=True, slots=True)
class Work:
    """One work; `kind` says which programs do it, and `clients` which clients, in the order of the table."""

    name: str
    heading: str
    kind: str
    clients: tuple[str, ...]
    server: Prepared | Real | None = None
    arguments: tuple[str, ...] = ()
    repeats: int = 3
    #: Seconds that one process may take.
    limit: float = 120.0


PROTOBUF = "client-go protobuf"
_EVENTS = (PROTOBUF, "client-go JSON", "fairlead")
_COMPILED = (PROTOBUF, "client-go JSON", "client-go protobuf, WatchList", "client-go JSON, WatchList",
             "Istio kclient", "controller-runtime", "kube-rs")  # fmt: skip
_OURS = ("fairlead", "fairlead, uvloop", "fairlead, compact")
_SLOW = ("official SharedInformer", "kubernetes_asyncio", "kr8s", "cloudcoil", "kopf index")

SHORT: tuple[Work, ...] = (
    Work("sync", "10,000 pods, 20,000 events; handlers read metadata", "cache", (*_EVENTS, "lightkube"),
         Prepared(10_000, 20_000)),
    Work("sync all", "the same; handlers read spec and status too", "cache", (PROTOBUF, "fairlead"),
         Prepared(10_000, 20_000), ("--touch=all",)),
    Work("first", "a fresh process to its first typed list", "first", ("lightkube", "fairlead"), Prepared(10_000, 20_000)),
)  # fmt: skip

FULL: tuple[Work, ...] = (
    Work("sync", "50,000 pods, 50,000 events; handlers read metadata", "cache", (*_COMPILED, *_OURS, "lightkube"),
         Prepared(50_000, 50_000)),
    Work("sync nothing", "the same; handlers read nothing", "cache", (PROTOBUF, "fairlead"),
         Prepared(50_000, 50_000), ("--touch=nothing",)),
    Work("sync all", "the same; handlers read spec and status too", "cache", _EVENTS,
         Prepared(50_000, 50_000), ("--touch=all",)),
    Work("sync 10,000", "10,000 pods, 10,000 events; handlers read metadata", "cache",
         (PROTOBUF, "client-go JSON", "fairlead", "fairlead, compact", "lightkube", *_SLOW), Prepared(10_000, 10_000),
         repeats=1, limit=180),
    Work("sync TLS", "10,000 pods, 10,000 events over TLS", "cache", (PROTOBUF, "fairlead", "fairlead, uvloop", "lightkube"),
         Prepared(10_000, 10_000, tls=True), repeats=2),
    Work("first", "a fresh process to its first typed list", "first", ("lightkube", "official", "fairlead"),
         Prepared(1_000)),
    Work("controller", "a whole controller process until everything has been handled once, 1,000 pods", "controller",
         (PROTOBUF, "fairlead"), Prepared(1_000)),
    Work("idle", "500 informers at rest on one client, with a bookmark for each every 10 s", "idle", (PROTOBUF, "fairlead"),
         Prepared(10, bookmarks="10s"), ("--informers=500",), repeats=1),
    Work("sync 200,000", "200,000 pods", "cache", ("fairlead", "fairlead, compact"),
         Prepared(200_000, 20_000, types="json"), ("--reads=0",), repeats=1, limit=240),
    Work("loop", "how long the loop is held, 200,000 objects", "loop", ("fairlead",), None, ("--objects=200000",),
         repeats=1, limit=240),
    Work("import", "importing a package", "import", tuple(COMMANDS["import"]), None),
    Work("inside", "fairlead's own parts", "inside", ("fairlead",), None),
    Work("real", "20,000 pods in a real kube-apiserver, over TLS", "cache",
         (PROTOBUF, "client-go JSON", "client-go protobuf, WatchList", "Istio kclient", "controller-runtime", "kube-rs",
          "fairlead", "fairlead, compact", "lightkube"),
         Real(20_000), repeats=1, limit=120),
    Work("writes", "creates against a real kube-apiserver, one after another and 50 at a time", "writes",
         (PROTOBUF, "fairlead", "lightkube", "official"), Real(20_000), ("--writes=1000",), repeats=1),
    Work("latency", "from a write to the handler, through a real kube-apiserver, both at once", "latency", ("both",),
         Real(20_000), ("--changes=2000",), repeats=2),
)  # fmt: skip


def scaled(work: Work, scale: float) -> Work:
    """The same with a part of the objects, to try it out."""
    server = work.server
    if server is not None:
        server = replace(server, pods=_part(server.pods, scale))
    if isinstance(server, Prepared):
        server = replace(server, burst=_part(server.burst, scale))
    arguments = tuple(_less(each, scale) for each in work.arguments)
    return replace(work, server=server, arguments=arguments)


def _part(count: int, scale: float) -> int:
    return count and max(10, int(count * scale))


def _less(argument: str, scale: float) -> str:
    name, _, value = argument.partition("=")
    if name in ("--objects", "--informers", "--writes", "--changes"):
        return f"{name}={max(20, int(int(value) * scale))}"
    return argument
