"""kopf: an index and an event handler."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path
from typing import Any

import kopf

from tests.survival.oracle import Fold
from tests.survival.subjects.protocol import arguments, report, serve
from tests.survival.world import Versions


def main() -> None:
    options = arguments()
    fold = Fold()
    indexed: dict[str, Any] = {}
    registry = kopf.OperatorRegistry()
    api_version, _, plural = options.api.rsplit("/", 2)
    where = ("", "v1", plural) if "/" not in api_version else (*api_version.split("/"), plural)

    @kopf.on.login(registry=registry)
    def login(**_: Any) -> Any:
        document = json.loads(Path(options.kubeconfig).read_text())
        there, user = document["clusters"][0]["cluster"], document["users"][0]["user"]
        return kopf.ConnectionInfo(server=there["server"], token=user["token"])

    @kopf.index(*where, id="versions", registry=registry)
    def versions(meta: Any, **_: Any) -> Any:
        return {meta["name"]: (meta["uid"], meta["resourceVersion"])}

    @kopf.on.event(*where, registry=registry)
    def event(event: Any, meta: Any, versions: Any, **_: Any) -> None:
        indexed["it"] = versions
        name, uid, version = meta["name"], meta["uid"], meta["resourceVersion"]
        if event["type"] == "DELETED":
            fold.delete(name, uid)
        elif event["type"] in ("ADDED", None):
            # A list's objects come without a type, those that are known already too: its users take them as they are.
            (fold.add if name not in fold.present else fold.update)(name, uid, version)
        else:
            fold.update(name, uid, version)

    def cache() -> Versions:
        return {name: next(iter(values)) for name, values in dict(indexed.get("it", {})).items()}

    threading.Thread(target=lambda: serve(lambda: report(cache(), fold)), daemon=True).start()
    # An operator that gives up ends its process, as in a pod.
    asyncio.run(kopf.operator(registry=registry, namespaces=[options.namespace], standalone=True))


if __name__ == "__main__":
    main()
