"""The Website controller at work while its world breaks, on the in-memory API server or, with --kubeconfig, on a real one.

It ends with a proof: the cluster's state is exactly what it should be, and reconciling everything once more writes nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import secrets
import signal
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from fairlead.client.client import Client
from fairlead.errors import ApiError, FairleadError, NotFound, TransportError
from fairlead.informer.events import Event
from fairlead.machinery.dynamic import DynamicResource
from fairlead.machinery.meta import ObjectMeta
from fairlead.machinery.names import ObjectKey
from fairlead.machinery.objects import Resource
from fairlead.machinery.wire import Request, Response, StreamResponse
from fairlead.machines.backoff import Backoff
from fairlead.models.apps.v1 import Deployment
from fairlead.models.core.v1 import ConfigMap, Namespace, Service
from fairlead.testing import FakeClient
from fairlead.transport.config import KubeConfig
from fairlead.transport.http import HttpTransport
from fairlead.transport.in_process import InProcessTransport
from fairlead.transport.protocol import Transport

if TYPE_CHECKING or __package__:
    from examples.website import OURS, Website, WebsiteController, WebsiteSpec, page, servers, service
else:  # run as a script: this folder is where modules are looked for
    from website import OURS, Website, WebsiteController, WebsiteSpec, page, servers, service

T = TypeVar("T")
R = TypeVar("R", bound=Resource)

CRD = "apiextensions.k8s.io/v1", "CustomResourceDefinition"
ENABLED = {"websites": "enabled"}
#: How many requests the demo's own changes have in flight.
AT_ONCE = 16
#: How long any step may take, in seconds: they take a few, but machines may be busy.
PATIENCE = 240.0


class WrongState(Exception):
    """The cluster is not as it should be."""


class Counted:
    """A transport that counts the writes it carries."""

    def __init__(self, inner: Transport, settle: Callable[[], Awaitable[None]] | None = None) -> None:
        self.inner, self.cluster, self.writes = inner, inner.cluster, 0
        #: The server's own quiet, where it can tell; `Client.settle` asks for it.
        self.settle = settle

    async def request(self, request: Request) -> Response:
        """Carry and count."""
        self.writes += request.method != "GET"
        return await self.inner.request(request)

    async def stream(self, request: Request) -> StreamResponse:
        """Carry a watch."""
        return await self.inner.stream(request)

    async def close(self) -> None:
        """End."""
        await self.inner.close()


class Timeline:
    """What happened when: lines, and below them, on a terminal, what is going on."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self._progress: Any = None
        self._task: Any = None
        if sys.stdout.isatty():
            with contextlib.suppress(ImportError):
                from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn  # noqa: PLC0415

                columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
                self._progress = Progress(*columns, TextColumn("websites up to date"), transient=True)
                self._task = self._progress.add_task("", total=1)

    def __enter__(self) -> Self:
        if self._progress is not None:
            self._progress.start()
        return self

    def __exit__(self, *exc: object) -> None:
        if self._progress is not None:
            self._progress.stop()

    def say(self, text: str, style: str = "") -> None:
        """Add a line."""
        line = f"{time.monotonic() - self.began:6.2f} s  {text}"
        if self._progress is None:
            print(line, flush=True)
        else:
            self._progress.console.print(line, style=style or None, markup=False, highlight=False)

    def doing(self, text: str) -> None:
        """Name what is going on."""
        if self._progress is not None:
            self._progress.update(self._task, description=text)

    def show(self, done: int, total: int) -> None:
        """Move the bar."""
        if self._progress is not None:
            self._progress.update(self._task, completed=done, total=max(total, 1))


@dataclass
class Scale:
    """How much there is of everything."""

    namespaces: list[str]
    websites: int
    broken: int
    #: Replicas that a Website's number gives.
    replicas: Callable[[int], int]


@dataclass
class Stage:
    """The cluster, the controller on it, and the demo's own hands; every wait is for an event or for quiet."""

    client: Client
    hands: Client
    transports: tuple[Counted, Counted]
    scale: Scale
    timeline: Timeline
    controller: WebsiteController = field(init=False)

    def __post_init__(self) -> None:
        self.controller = WebsiteController(self.client)
        self.websites = self.hands.direct(Website)
        self.deployments = self.hands.direct(Deployment)
        self.config_maps = self.hands.direct(ConfigMap)
        self.services = self.hands.direct(Service)
        self.namespaces = self.hands.direct(Namespace)
        self.definitions = self.hands.direct(*CRD)
        self._crds = self.hands.cached(*CRD, fields=f"metadata.name={Website.resource_type.crd_name}")
        self._crd_changed = asyncio.Event()
        self._done: dict[ObjectKey, bool] = {}
        self._crds.add_handler(on_event=lambda _: self._crd_changed.set())
        self.controller.websites.add_handler(on_event=self.progress)

    @property
    def writes(self) -> int:
        """How many the controller has sent."""
        return self.transports[0].writes

    def progress(self, event: Event[Website]) -> None:
        """Show how many Websites the controller is done with, as its cache has it."""
        site = event.new
        if site is None:
            self._done.pop(event.key, None)
        else:
            self._done[event.key] = site.status.observed_generation == site.metadata.generation
        self.timeline.show(sum(self._done.values()), len(self._done))

    async def quiet(self) -> None:
        """Return when the controller and the world have both seen, and done, everything; they feed each other."""
        while True:
            before = sum(transport.writes for transport in self.transports)
            await self.hands.settle(PATIENCE)
            await self.client.settle(PATIENCE)
            if before == sum(transport.writes for transport in self.transports):
                return

    @contextlib.asynccontextmanager
    async def act(self, what: str) -> AsyncGenerator[None]:
        """One act: do it, wait for quiet, and say what it took."""
        began, writes = time.monotonic(), self.writes
        self.timeline.doing(what)
        yield
        await self.quiet()
        took, sent = time.monotonic() - began, self.writes - writes
        self.timeline.say(f"{what}: settled in {took:.2f} s, {sent} writes by the controller")

    async def crd_until(self, condition: Callable[[list[DynamicResource]], bool]) -> None:
        """Wait for the CRD to be as it should."""
        async with asyncio.timeout(PATIENCE):
            while not condition(self._crds.list()):
                self._crd_changed.clear()
                await self._crd_changed.wait()

    async def install(self) -> None:
        """Create the CRD, and wait until it is served."""
        await self.definitions.create(Website.crd())
        await self.crd_until(lambda crds: any(map(established, crds)))
        await self._served()

    async def _served(self) -> None:
        """Ask until it is: a real server writes Established a moment before it answers."""
        backoff = Backoff(0.01, 1.0)
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    await self.websites.list(self.scale.namespaces[0])
                except NotFound:
                    await asyncio.sleep(backoff.delay())
                else:
                    return

    async def uninstall(self) -> None:
        """Delete the CRD, and wait until it, and with it every Website, is gone."""
        with contextlib.suppress(NotFound):
            await self.definitions.delete(Website.resource_type.crd_name)
        await self.crd_until(lambda crds: not crds)

    # What should be ---------------------------------------------------------------------------------------------

    async def prove(self, untouched: Iterable[str] = ()) -> str:
        """Compare the whole cluster with what it should be. Raises WrongState naming the first differences."""
        sites = [site for ns in self.scale.namespaces for site in await self.websites.list(ns)]
        skipped = set(untouched)
        kept = [site for site in sites if site.namespace not in skipped]
        wrong: list[str] = []
        deployments = await self._compare(self.deployments, [servers(site) for site in kept], wrong)
        await self._compare(self.config_maps, [page(site) for site in kept], wrong)
        await self._compare(self.services, [service(site) for site in kept], wrong)
        for site in kept:
            ready = (deployments[site.key].status.ready_replicas or 0) if site.key in deployments else 0
            seen = site.status.ready, site.status.observed_generation, site.metadata.deletion_timestamp
            if seen != (ready, site.metadata.generation, None):
                wrong.append(f"Website {site.key}: (ready, observed, deleted) is {seen}, Deployment has {ready} ready")
        if wrong:
            raise WrongState("\n".join([f"{len(wrong)} differences:", *wrong[:10]]))
        return f"{len(sites)} Websites, {len(kept)} of them served by {3 * len(kept)} objects, all as they should be"

    async def _compare(self, direct: Any, wanted: list[Any], wrong: list[str]) -> dict[Any, Any]:
        lists = await gathered(direct.list(ns, labels=OURS) for ns in self.scale.namespaces)
        found = {obj.key: obj for objects in lists for obj in objects}
        for obj in wanted:
            live = found.get(obj.key)
            if live is None or not has(live.to_dict(), obj.to_dict()):
                wrong.append(f"{obj.kind} {obj.key} {'is missing' if live is None else 'differs'}")
        strange = found.keys() - {obj.key for obj in wanted}
        wrong += [f"{found[key].kind} {key} should not be there" for key in strange]
        return found


def has(live: Any, wanted: Any) -> bool:
    """Whether live JSON has everything that is wanted; what defaults and others added makes no difference."""
    if isinstance(wanted, dict):
        items = cast("dict[str, Any]", wanted).items()
        return isinstance(live, dict) and all(has(cast("dict[str, Any]", live).get(key), value) for key, value in items)
    if isinstance(wanted, list):
        lists = cast("list[Any]", live), cast("list[Any]", wanted)
        return isinstance(live, list) and len(lists[0]) == len(lists[1]) and all(map(has, *lists))
    return bool(live == wanted)


def established(crd: DynamicResource) -> bool:
    """Whether the CRD says that it is served."""
    conditions: list[Any] = crd.status.conditions or []
    return any(c["type"] == "Established" and c["status"] == "True" for c in conditions)


async def gathered(jobs: Iterable[Awaitable[T]]) -> list[T]:
    """Run jobs, a few at once."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(job: Awaitable[T]) -> T:
        async with gate:
            return await job

    return await asyncio.gather(*map(one, jobs))


class World:
    """Plays the deployment controller: each Deployment gets the status of one whose pods came up at once."""

    def __init__(self, client: Client) -> None:
        self._deployments = client.cached(Deployment)
        self._deployments.add_handler(on_add=self.bring_up, on_update=lambda _, new: self.bring_up(new))

    async def bring_up(self, deployment: Deployment) -> None:
        """Write the status, if it is not so already."""
        replicas = deployment.spec.replicas if deployment.spec.replicas is not None else 1
        status, generation = deployment.status, deployment.metadata.generation
        if deployment.metadata.deletion_timestamp or (status.observed_generation, status.ready_replicas) == (
            generation,
            replicas,
        ):
            return
        counts = dict.fromkeys(("replicas", "readyReplicas", "availableReplicas", "updatedReplicas"), replicas)
        wanted = {"status": {"observedGeneration": generation, **counts}}
        with contextlib.suppress(NotFound):  # gone again
            await self._deployments.patch_status(deployment.name, deployment.namespace, merge=wanted)


class Story:
    """What happens to the cluster, act by act."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.scale = stage.scale
        *self.enabled, self.left_alone = self.scale.namespaces

    async def tell(self) -> None:
        """All of it, and the proof."""
        stage = self.stage
        stage.controller.reconciler.start()
        await asyncio.gather(stage.client.run_and_wait(PATIENCE), stage.hands.run_and_wait(PATIENCE))
        stage.timeline.say("the controller runs and is synced; there is no CRD yet")
        await self.begin()
        await self.break_things()
        await self.relabel()
        await self.delete_some()
        await self.replace_crd()
        await self.nothing_left_to_do()

    def site(self, number: int) -> Website:
        """The Website of a number."""
        namespace = self.scale.namespaces[number % len(self.scale.namespaces)]
        spec = WebsiteSpec(title=f"Site {number}", html="<h1>Hello</h1>", replicas=self.scale.replicas(number))
        return Website(metadata=ObjectMeta(name=f"site-{number:03}", namespace=namespace), spec=spec)

    def served(self) -> list[Website]:
        """The Websites in namespaces that are enabled."""
        return [site for site in map(self.site, range(self.scale.websites)) if site.namespace in self.enabled]

    async def create_all(self) -> None:
        """Create every Website."""
        sites = [self.site(number) for number in range(self.scale.websites)]
        await gathered(self.stage.websites.create(site) for site in sites)

    async def begin(self) -> None:
        """The CRD, the namespaces, the Websites."""
        stage, scale = self.stage, self.scale
        async with stage.act(f"created the CRD, {len(scale.namespaces)} namespaces and {scale.websites} Websites"):
            await gathered(self.namespace(name, ENABLED if name in self.enabled else {}) for name in scale.namespaces)
            await stage.install()
            await self.create_all()
        await self.check()

    async def namespace(self, name: str, labels: dict[str, str]) -> None:
        """Create a namespace."""
        await self.stage.namespaces.create(Namespace(metadata=ObjectMeta(name=name, labels=labels)))

    async def check(self, *more_left_alone: str) -> None:
        """The state is what it should be."""
        self.stage.timeline.say("  " + await self.stage.prove([self.left_alone, *more_left_alone]))

    async def break_things(self) -> None:
        """Delete and edit what the controller made, and change what users ask for."""
        stage, broken = self.stage, self.served()[: self.scale.broken]
        async with stage.act(f"deleted {len(broken)} Deployments"):
            await gathered(stage.deployments.delete(site.name, site.namespace) for site in broken)
        async with stage.act(f"edited {len(broken)} ConfigMaps"):
            edit = {"data": {"index.html": "defaced"}}
            await gathered(stage.config_maps.patch(site.name, site.namespace, merge=edit) for site in broken)
        async with stage.act(f"gave {len(broken)} Websites another image and title"):
            change = {"spec": {"image": "nginx:1.30", "title": "New"}}
            await gathered(stage.websites.patch(site.name, site.namespace, merge=change) for site in broken)
        await self.check()

    async def relabel(self) -> None:
        """Take a namespace from the controller, break things in it, and give it back."""
        stage, name = self.stage, self.enabled[0]
        victims = [site for site in self.served() if site.namespace == name]
        async with stage.act(f"took the label off {name}, and deleted {len(victims)} Services in it"):
            await stage.namespaces.patch(name, merge={"metadata": {"labels": {"websites": None}}})
            await stage.hands.settle(PATIENCE)
            await stage.client.settle(PATIENCE)
            await gathered(stage.services.delete(site.name, name) for site in victims)
        left = await stage.services.list(name, labels=OURS)
        if left:
            raise WrongState(f"the controller made {len(left)} Services in {name}, which is not labelled for it")
        async with stage.act(f"labelled {name} again"):
            await stage.namespaces.patch(name, merge={"metadata": {"labels": ENABLED}})
        await self.check()

    async def delete_some(self) -> None:
        """Delete Websites; their objects go with them."""
        stage, goners = self.stage, self.served()[-self.scale.broken :]
        async with stage.act(f"deleted {len(goners)} Websites"):
            await gathered(stage.websites.delete(site.name, site.namespace) for site in goners)
        await self.check()

    async def replace_crd(self) -> None:
        """Delete the type itself, and bring it back."""
        stage = self.stage
        async with stage.act("deleted the CRD, and every Website with it"):
            await stage.uninstall()
        for direct in (stage.deployments, stage.config_maps, stage.services):
            for name in self.scale.namespaces:
                if left := await direct.list(name, labels=OURS):
                    raise WrongState(f"{len(left)} objects are left in {name} without a Website: {left[0].key} …")
        async with stage.act(f"created the CRD and {self.scale.websites} Websites again"):
            await stage.install()
            await self.create_all()
        await self.check()

    async def nothing_left_to_do(self) -> None:
        """Reconcile everything once more: that must write nothing."""
        stage = self.stage
        before, done = stage.writes, stage.controller.reconciler.statistics().succeeded
        for site in stage.controller.websites.list():
            stage.controller.reconciler.enqueue(site)
        await stage.quiet()
        now = stage.controller.reconciler.statistics()
        stage.timeline.say(
            f"reconciled all once more: {now.succeeded - done} reconciles, {stage.writes - before} writes"
        )
        if stage.writes != before or now.succeeded - done < len(self.served()):
            raise WrongState(
                f"a further reconcile of everything sent {stage.writes - before} writes; it should send none"
            )
        if errors := stage.client.statistics().handler_errors + stage.hands.statistics().handler_errors:
            raise WrongState(f"{errors} calls of handlers failed; the log above says why")
        if now.failed:
            stage.timeline.say(f"  {now.failed} reconciles failed on the way and were tried again")
        await self.check()


# On the in-memory server, and on a real one -------------------------------------------------------------------------


async def in_memory(timeline: Timeline) -> None:
    """200 Websites in 5 namespaces, with a world that brings Deployments up."""
    names = [f"team-{letter}" for letter in "abcde"]
    scale = Scale(names, websites=200, broken=40, replicas=lambda number: 1 + number % 3)
    async with FakeClient() as fake:
        api = fake.server
        ours, theirs = (Counted(InProcessTransport(api, cluster="in-memory"), api.settle) for _ in range(2))
        async with Client(transport=theirs) as hands, Client(transport=ours, field_manager="websites") as client:
            World(hands)
            await Story(Stage(client, hands, (ours, theirs), scale, timeline)).tell()


async def on_cluster(timeline: Timeline, kubeconfig: str) -> None:
    """10 Websites without replicas, in namespaces of their own; what was made is deleted whatever happens."""
    mark = secrets.token_hex(3)
    names = [f"fairlead-demo-{mark}-{letter}" for letter in "abc"]
    scale = Scale(names, websites=10, broken=3, replicas=lambda _: 0)
    config = KubeConfig.load(kubeconfig)
    ours, theirs = Counted(HttpTransport(config)), Counted(HttpTransport(config))
    main = asyncio.current_task()
    if main is not None and sys.platform != "win32":
        # Ctrl-C cancels by itself; being terminated must clean up as well.
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, main.cancel)
    async with Client(transport=theirs) as hands:
        await refuse_if_there(hands)
        try:
            async with Client(transport=ours, field_manager="websites") as client:
                stage = Stage(client, hands, (ours, theirs), scale, timeline)
                await Story(stage).tell()
                async with stage.act("deleted the CRD"):
                    await stage.uninstall()
        finally:
            await clean(hands, names, timeline)
            timeline.say("deleted everything the demo made; the cluster's own controllers finish the namespaces")


async def refuse_if_there(hands: Client) -> None:
    """Raise WrongState where somebody uses the CRD."""
    name = Website.resource_type.crd_name
    with contextlib.suppress(NotFound):
        await hands.direct(*CRD).get(name)
        raise WrongState(
            f"{hands.transport.cluster} has the CRD {name} already: the demo would delete it, so it does nothing"
        )


async def clean(hands: Client, namespaces: list[str], timeline: Timeline) -> None:
    """Delete what the demo made, without the controller, which may be what failed. Goes on after errors."""

    async def each(action: Callable[[], Awaitable[object]]) -> None:
        try:
            await action()
        except NotFound:
            return
        except (ApiError, TransportError) as error:
            timeline.say(f"clean-up went on after: {error}")

    websites, loose = hands.direct(Website), {"metadata": {"finalizers": None}}
    with contextlib.suppress(NotFound):
        for site in [site for name in namespaces for site in await websites.list(name)]:
            await each(partial(websites.patch, site.name, site.namespace, merge=loose))
    await each(partial(hands.direct(*CRD).delete, Website.resource_type.crd_name))
    selector = ",".join(f"{key}={value}" for key, value in OURS.items())
    kinds: tuple[type[Resource], ...] = (Deployment, ConfigMap, Service)
    for name in namespaces:
        for kind in kinds:
            await each(partial(hands.direct(kind).delete_collection, name, labels=selector))
        await each(partial(hands.direct(Namespace).delete, name))


def main() -> int:
    """The command line; 0 if everything was as it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kubeconfig", help="run on this cluster, with 10 Websites, and clean up")
    parser.add_argument("--verbose", action="store_true", help="log what the library notices, such as watches that end")
    options = parser.parse_args()
    level = logging.INFO if options.verbose else logging.ERROR
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s")
    with Timeline() as timeline:
        try:
            asyncio.run(on_cluster(timeline, options.kubeconfig) if options.kubeconfig else in_memory(timeline))
        except (KeyboardInterrupt, asyncio.CancelledError):
            timeline.say("interrupted", "bold red")
            return 130
        except (WrongState, FairleadError, TimeoutError) as error:
            timeline.say(f"FAILED: {type(error).__name__}: {error}", "bold red")
            return 1
        timeline.say("proved: the state is exact, and a further reconcile writes nothing", "bold green")
        return 0


if __name__ == "__main__":
    sys.exit(main())
