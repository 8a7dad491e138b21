"""A fresh process's first typed list with the official client: ten pods, one of their fields read."""

from __future__ import annotations

import measure
from kubernetes import client, config

asked = measure.parser().parse_args()
imported = measure.used()
config.load_kube_config(asked.kubeconfig)
for pod in client.CoreV1Api().list_pod_for_all_namespaces(limit=10).items:
    assert pod.spec.containers[0].image
measure.alone(import_cpu=imported, first_list_cpu=measure.used())
