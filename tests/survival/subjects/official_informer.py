"""The official client's SharedInformer."""

from __future__ import annotations

from typing import Any

from kubernetes import client, config
from kubernetes.informer import SharedInformer

from tests.survival.oracle import Fold
from tests.survival.subjects.protocol import arguments, report, serve


def facts(thing: Any) -> tuple[str, str, str]:
    return thing.metadata.name, thing.metadata.uid, thing.metadata.resource_version


def main() -> None:
    options = arguments()
    fold = Fold()
    config.load_kube_config(options.kubeconfig)
    if options.api.startswith("v1/"):
        informer = SharedInformer(client.CoreV1Api().list_namespaced_config_map, namespace=options.namespace)
    else:
        raise SystemExit("custom objects are dictionaries to it: not compared")
    informer.add_event_handler("ADDED", lambda new: fold.add(*facts(new)))
    informer.add_event_handler("MODIFIED", lambda new: fold.update(*facts(new)))
    informer.add_event_handler("DELETED", lambda old: fold.delete(*facts(old)[:2]))
    informer.start()
    serve(lambda: report({name: (uid, v) for name, uid, v in map(facts, informer.cache.list())}, fold))


if __name__ == "__main__":
    main()
