"""kr8s: a watch, and a dictionary that its user keeps. It has no cache."""

from __future__ import annotations

import threading
import time
from typing import Any

import kr8s

from tests.survival.oracle import Fold
from tests.survival.subjects.protocol import arguments, report, serve
from tests.survival.world import Versions


def facts(thing: Any) -> tuple[str, str, str]:
    return thing.metadata.name, thing.metadata.uid, thing.metadata.resourceVersion


def main() -> None:
    options = arguments()
    fold = Fold()
    cache: Versions = {}

    def follow() -> None:
        api = kr8s.api(kubeconfig=options.kubeconfig)
        while True:  # what its users write around it: watch again whenever it ends or raises
            try:
                for kind, thing in api.watch(options.api.rsplit("/", 1)[1], namespace=options.namespace):
                    name, uid, version = facts(thing)
                    if kind == "DELETED":
                        cache.pop(name, None)
                        fold.delete(name, uid)
                    else:
                        (fold.add if kind == "ADDED" and name not in cache else fold.update)(name, uid, version)
                        cache[name] = (uid, version)
            except Exception:
                time.sleep(1.0)

    threading.Thread(target=follow, daemon=True).start()
    serve(lambda: report(dict(cache), fold))


if __name__ == "__main__":
    main()
