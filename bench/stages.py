"""What an event and an object of a list cost, stage by stage, in one process: `python bench/stages.py`. Needs no server.

Watch lines and list items are made beforehand and given to the very functions that an informer calls, a socket read's worth
at a time. Times are this thread's CPU, the best of some rounds; `docs/performance.md` has a run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from fairlead.api.watchstream import BrokenLine, WatchLine, lines
from fairlead.informer.registration import Handler, Registration
from fairlead.models.core.v1 import Pod
from fairlead.store.entry import Entry, entry_from_json
from fairlead.store.store import Store
from fairlead.transport.http1 import Answer

#: Lines that one read of a socket brings, about: 256 KiB.
READ = 44


def pod(place: int, version: int) -> bytes:
    """A pod of about 6 KB, a third of it managedFields."""
    name = f"web-{place:06}"
    env = [{"name": f"SETTING_{i}", "value": f"value-{place}-{i}" * 2} for i in range(42)]
    owned = {f"f:field{i}": {".": {}, "f:name": {}, "f:value": {}} for i in range(60)}
    metadata = {
        "name": name, "namespace": f"team-{place % 50}", "uid": f"00000000-0000-0000-0000-{place:012}",
        "resourceVersion": str(version), "labels": {"app": f"web-{place % 100}", "team": f"team-{place % 50}"},
        "managedFields": [{"manager": "kubelet", "operation": "Update", "fieldsType": "FieldsV1", "fieldsV1": owned}],
    }  # fmt: skip
    containers = [
        {"name": "main", "image": f"registry/web:{version}", "env": env, "resources": {"limits": {"cpu": "1"}}}
    ]
    conditions = [
        {"type": kind, "status": "True"} for kind in ("Initialized", "Ready", "ContainersReady", "PodScheduled")
    ]
    document = {
        "kind": "Pod", "apiVersion": "v1", "metadata": metadata,
        "spec": {"containers": containers, "nodeName": f"node-{place % 90}"},
        "status": {"phase": "Running", "podIP": f"10.0.{place % 250}.{place % 240}", "conditions": conditions},
    }  # fmt: skip
    return json.dumps(document, separators=(",", ":")).encode()


class Stages:
    """Seconds by stage, each the least of the rounds."""

    def __init__(self) -> None:
        self.least: dict[str, float] = {}
        self._round: dict[str, float] = {}

    @contextmanager
    def of(self, stage: str) -> Iterator[None]:
        began = time.thread_time()
        yield
        self._round[stage] = self._round.get(stage, 0.0) + time.thread_time() - began

    def end_round(self) -> None:
        for stage, seconds in self._round.items():
            self.least[stage] = min(seconds, self.least.get(stage, seconds))
        self._round.clear()


class Wire:
    """A transport that nothing leads anywhere."""

    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...
    def is_closing(self) -> bool:
        return False


class Reads:
    """A stream that gives what was last put into it."""

    def __init__(self) -> None:
        self.next: list[bytes] = []

    def __aiter__(self) -> Reads:
        return self

    async def __anext__(self) -> bytes:
        raise StopAsyncIteration

    async def pieces(self) -> list[bytes]:
        return self.next

    async def aclose(self) -> None: ...


def chunked(line: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(line), line)


async def events(stages: Stages, objects: int, touch: Callable[[Pod], object]) -> None:
    """One round: each object is added, unmeasured, then changed once."""
    store, told = Store(), [0]
    one, _ = Pod.readers()

    def changed(_: Pod, new: Pod) -> None:
        touch(new)
        told[0] += 1

    registration = Registration(
        Handler(on_update=changed), one, what="pods",
        detach=lambda _: None, on_end=lambda _: None, on_error=lambda *_: None, on_change=lambda: None,
    )  # fmt: skip
    for place in range(objects):
        store.apply(entry_from_json(pod(place, place + 1)))
    store.add_view(None).attach(registration)
    answer = Answer(Wire())  # type: ignore[arg-type]
    answer.feed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    stream = Reads()
    batches = lines(stream, decoded=True)
    for start in range(0, objects, READ):
        places = range(start, min(start + READ, objects))
        texts = [b'{"type":"MODIFIED","object":%s}\n' % pod(place, objects + place + 1) for place in places]
        received = b"".join(map(chunked, texts))
        with stages.of("chunks are found (httptools)"):
            answer.feed(received)
            pieces = await answer.pieces()
        with stages.of("lines are cut at their objects"):
            stream.next = pieces
            batch = await anext(batches)
        with stages.of("names, labels and version are decoded, managedFields cut out"):
            entries = [entered(step) for step in batch]
        with stages.of("a step of the store, a registration is told"):
            for entry in entries:
                store.apply(entry)
        with stages.of("the handler is called, with two objects of its own"):
            while not registration.idle:
                await asyncio.sleep(0)
    assert told[0] == objects
    stages.end_round()


def entered(step: WatchLine | BrokenLine) -> Entry:
    assert isinstance(step, WatchLine)
    return entry_from_json(step.object)


def sync(stages: Stages, objects: int) -> None:
    """One round: a list is put in place."""
    documents = [pod(place, place + 1) for place in range(objects)]
    store = Store()
    with stages.of("list: decoded and kept"):
        entries = [entry_from_json(document) for document in documents]
    with stages.of("list: entered, by key and namespace"):
        rebuild = store.rebuild()
        for entry in entries:
            rebuild.add(entry)
    with stages.of("list: put in place"):
        for _ in rebuild.finish(objects):
            pass


def least_read(entries: dict[str, Entry]) -> Callable[[str, str], Pod]:
    """What `get` cannot do without, and nothing of what it promises."""
    new = Pod.__new__

    def get(name: str, namespace: str) -> Pod:
        made = new(Pod)
        made._head = entries.get(f"{namespace}/{name}")
        return made

    return get


def reads(objects: int) -> dict[str, float]:
    """What making private objects costs."""
    entries = [entry_from_json(pod(place, place + 1)) for place in range(objects)]
    one, many = Pod.readers()
    stages, least = Stages(), least_read({entry.key: entry for entry in entries})
    names = [(entry.name, entry.namespace) for entry in entries]
    for _ in range(20):
        with stages.of("the least that a read by name takes in Python: a text, a look-up, an object"):
            for name, namespace in names:
                least(name, namespace)
        with stages.of("a private object, by itself"):
            for entry in entries:
                one(entry)
        with stages.of("a private object, of many"):
            many(entries)
        made = many(entries)
        with stages.of("its metadata is touched"):
            for each in made:
                _ = each.metadata
        with stages.of("then its spec"):
            for each in made:
                _ = each.spec  # type: ignore[attr-defined]
        with stages.of("then its status"):
            for each in made:
                _ = each.status  # type: ignore[attr-defined]
        stages.end_round()
    return stages.least


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=880)
    parser.add_argument("--rounds", type=int, default=10)
    given = parser.parse_args()
    changes, lists = Stages(), Stages()
    for _ in range(given.rounds):
        asyncio.run(events(changes, given.objects, lambda pod: pod.name))
        sync(lists, given.objects)
        lists.end_round()
    print(f"{len(pod(1, 1))} bytes an object; µs of CPU each")
    for heading, found in (("an event", changes.least), ("an object of a list", lists.least)):
        print(f"\n{heading}: {sum(found.values()) / given.objects * 1e6:.1f}")
        for stage, seconds in found.items():
            print(f"  {seconds / given.objects * 1e6:6.2f}  {stage}")
    print("\nwhat is read")
    for stage, seconds in reads(100).items():
        print(f"  {seconds / 100 * 1e6:6.2f}  {stage}")


if __name__ == "__main__":
    main()
