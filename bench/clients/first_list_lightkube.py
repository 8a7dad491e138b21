"""A fresh process's first typed list with lightkube: ten pods, one of their fields read."""

from __future__ import annotations

import measure
from lightkube import Client, KubeConfig
from lightkube.resources.core_v1 import Pod

asked = measure.parser().parse_args()
imported = measure.used()
client = Client(config=KubeConfig.from_file(asked.kubeconfig), trust_env=False)
for _place, pod in zip(range(10), client.list(Pod, namespace="*", chunk_size=10), strict=False):
    assert pod.spec.containers[0].image
measure.alone(import_cpu=imported, first_list_cpu=measure.used())
