"""A fresh process's first typed list with lightkube: ten pods, one of their fields read."""

from __future__ import annotations

import measure
from lightkube import Client, KubeConfig
from lightkube.config.kubeconfig import Cluster, User
from lightkube.resources.core_v1 import Pod

asked = measure.options()
imported = measure.used()
client = Client(config=KubeConfig.from_one(cluster=Cluster(server=asked.url), user=User()), trust_env=False)
for _place, pod in zip(range(10), client.list(Pod, namespace="*", chunk_size=10), strict=False):
    assert pod.spec.containers[0].image
measure.report(import_cpu=imported, first_list_cpu=measure.used())
