"""lightkube: a watch that is told to go on after errors, and a dictionary that its user keeps. It has no cache."""

from __future__ import annotations

import threading
from typing import Any

from lightkube import Client, KubeConfig
from lightkube.resources.core_v1 import ConfigMap
from lightkube.types import OnErrorAction, OnErrorResult

from tests.survival.oracle import Fold
from tests.survival.subjects.protocol import arguments, report, serve
from tests.survival.world import Versions


def facts(thing: Any) -> tuple[str, str, str]:
    return thing.metadata.name, thing.metadata.uid, thing.metadata.resourceVersion


def main() -> None:
    options = arguments()
    fold = Fold()
    cache: Versions = {}
    if not options.api.startswith("v1/"):
        raise SystemExit("not compared")
    client = Client(config=KubeConfig.from_file(options.kubeconfig), trust_env=False)

    def again(error: Exception, count: int) -> Any:
        return OnErrorResult(OnErrorAction.RETRY, sleep=min(30.0, 0.25 * 2 ** min(count, 8)))

    def follow() -> None:
        for kind, thing in client.watch(ConfigMap, namespace=options.namespace, on_error=again):
            name, uid, version = facts(thing)
            if kind == "DELETED":
                cache.pop(name, None)
                fold.delete(name, uid)
            else:
                (fold.add if kind == "ADDED" else fold.update)(name, uid, version)
                cache[name] = (uid, version)

    threading.Thread(target=follow, daemon=True).start()
    serve(lambda: report(dict(cache), fold))


if __name__ == "__main__":
    main()
