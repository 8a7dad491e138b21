"""What a scenario plays on: one cluster and one world, and every client under test behind a proxy of its own."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.survival.proxy import Answer, Proxy, RequestHead
from tests.survival.servers import Cluster
from tests.survival.subject import Subject, Verdict
from tests.survival.world import World

__all__ = ["Run", "Scenario", "Stage", "play"]

Intercept = Callable[[RequestHead], Answer | None]


@dataclass
class Run:
    """One client and its proxy."""

    name: str
    subject: Subject
    proxy: Proxy
    #: What was measured during an outage.
    manners: dict[str, float] = field(default_factory=dict[str, float])


@dataclass
class Stage:
    """The present performance."""

    cluster: Cluster
    world: World
    runs: list[Run]
    folder: Path
    #: Whether the long form is played.
    long: bool = False
    #: Since when the trouble has been over, by the monotonic clock.
    over: float = 0.0

    def proxies(self) -> list[Proxy]:
        return [run.proxy for run in self.runs]

    def intercept(self, make: Callable[[], Intercept]) -> None:
        """Give each proxy an interceptor of its own."""
        for proxy in self.proxies():
            proxy.intercept = make()

    def abort(self) -> None:
        for proxy in self.proxies():
            proxy.abort()

    def lead_to(self, port: int | None = None) -> None:
        """Have every connection end, and new ones lead to the API server of this port (the first)."""
        for proxy in self.proxies():
            proxy.upstreams = [self.cluster.upstream(port)]
            proxy.abort()

    @contextlib.asynccontextmanager
    async def outage(self) -> AsyncIterator[None]:
        """Nothing gets through; what each client does meanwhile is measured."""
        began = time.monotonic()
        before = [(run.subject.cpu(), run.subject.log_lines(), run.proxy.attempts) for run in self.runs]
        for proxy in self.proxies():
            proxy.outage()
        try:
            yield
        finally:
            seconds = time.monotonic() - began
            for run, (cpu, lines, attempts) in zip(self.runs, before, strict=True):
                run.manners = {
                    "seconds": round(seconds, 1),
                    "cpu": round((run.subject.cpu() - cpu) / seconds, 4),
                    "log_lines": run.subject.log_lines() - lines,
                    "requests": run.proxy.attempts - attempts,
                }
                run.proxy.restore()


@dataclass(frozen=True)
class Scenario:
    """A trouble by its letter in the table. `prepare` changes a proxy before its client starts and gives the user's part
    of the kubeconfig."""

    letter: str
    title: str
    trouble: Callable[[Stage], Awaitable[None]]
    prepare: Callable[[Cluster, Proxy, Path], Mapping[str, Any]] | None = None
    options: tuple[str, ...] = ()
    #: Seconds in which a client has to catch up once the trouble is over.
    within: float = 45.0
    #: Path of the objects, kind and apiVersion where they are no ConfigMaps; `{namespace}` is filled in.
    api: str = "v1/ConfigMap/configmaps"
    #: How many watches fairlead has to have opened at least, and lists: otherwise the trouble did not reach it.
    watches: int = 2
    lists: int = 1
    #: What the API server itself has to have said to fairlead: statuses of answers, and codes of ERROR events.
    said: frozenset[int] = frozenset()
    #: Only clients that know nothing of this suite's special options can be compared.
    compared: bool = True
    setup: Callable[[World], Awaitable[None]] | None = None


def _kubeconfig(cluster: Cluster, proxy: Proxy, user: Mapping[str, Any]) -> dict[str, Any]:
    there = {"server": proxy.url, **user.get("cluster", {})}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": there}],
        "users": [{"name": "u", "user": user.get("user", {"token": cluster.server.token})}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }


@asynccontextmanager
async def _running(cluster: Cluster, scenario: Scenario, name: str, world: World, folder: Path) -> AsyncIterator[Run]:
    proxy = Proxy(cluster.upstream())
    user = scenario.prepare(cluster, proxy, folder) if scenario.prepare else {}
    async with proxy:
        config = _kubeconfig(cluster, proxy, user)
        api = () if scenario.api.startswith("v1/") else ("--api", scenario.api)
        async with Subject(name, folder, config, world.namespace, *api, *scenario.options) as subject:
            yield Run(name, subject, proxy)


async def play(
    cluster: Cluster, scenario: Scenario, subjects: list[str], folder: Path, *, long: bool = False, seed: int = 1
) -> dict[str, Verdict]:
    """Play a scenario with these clients at once, and say what became of each."""
    namespace = f"{scenario.letter}-{time.monotonic_ns() % 10**9}"
    api_version, kind, plural = scenario.api.rsplit("/", 2)
    path = "" if api_version == "v1" else f"/apis/{api_version}/namespaces/{namespace}/{plural}"
    async with (
        World(cluster, namespace, path=path, kind=kind, seed=seed) as world,
        contextlib.AsyncExitStack() as stack,
    ):
        if scenario.setup is not None:
            await scenario.setup(world)
        for index in range(30):
            await world.create(f"o-{index:02}")
        runs = [
            await stack.enter_async_context(_running(cluster, scenario, name, world, folder / name))
            for name in subjects
        ]
        ready = await asyncio.gather(*(run.subject.ready(60.0) for run in runs), return_exceptions=True)
        if len(runs) == 1 and ready[0] is not None:
            raise ready[0]
        stage = Stage(cluster, world, runs, folder, long)
        world.begin()
        await asyncio.sleep(1.0)
        await scenario.trouble(stage)
        stage.over = stage.over or time.monotonic()
        await asyncio.sleep(1.0)
        await world.rest()
        verdicts = await asyncio.gather(*(run.subject.caught_up(world, scenario.within) for run in runs))
        for run, verdict in zip(runs, verdicts, strict=True):
            verdict["manners"] = run.manners
            verdict["writes"] = world.writes
            verdict["requests"] = len(run.proxy.requests)
            verdict["said"] = dict(run.proxy.said)
        return dict(zip(subjects, verdicts, strict=True))
