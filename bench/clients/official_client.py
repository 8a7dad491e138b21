"""The official client's SharedInformer."""

from __future__ import annotations

import threading
from typing import Any

import measure
from kubernetes import client, config
from kubernetes.informer import SharedInformer
from official_facts import names, rest


def main() -> None:
    """Sync, then take the burst. It does not say when it has synced: that is when every pod has been told."""
    parser = measure.parser()
    parser.add_argument("--pods", type=int, required=True, help="how many there are")
    asked = parser.parse_args()
    run = measure.Run(asked)
    config.load_kube_config(asked.kubeconfig)
    informer = SharedInformer(client.CoreV1Api().list_pod_for_all_namespaces)
    told, synced = 0, threading.Event()

    def added(pod: Any) -> None:
        nonlocal told
        run.touch(pod, names, rest)
        told += 1
        if told == asked.pods:
            synced.set()

    def updated(pod: Any) -> None:
        run.touch(pod, names, rest)
        run.updated()

    informer.add_event_handler("ADDED", added)
    informer.add_event_handler("MODIFIED", updated)
    informer.start()
    if not synced.wait(600):
        raise SystemExit(f"{told} of {asked.pods} pods were told")
    run.sync_ends(len(informer.cache.list()))
    run.wait_for_burst()
    run.report()
    # Its thread waits for a watch that says nothing any more.
    informer.stop()


if __name__ == "__main__":
    main()
