"""Times of built-in types that are no pointers in Go: where they are not set, the API server writes null.

Facts of the release's Go types (`k8s.io/api`), which its OpenAPI documents do not tell.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["written_times"]

_TRANSITION = ("lastTransitionTime",)
_UPDATE = ("lastUpdateTime", "lastTransitionTime")
_PROBE = ("lastProbeTime", "lastTransitionTime")

_API = "io.k8s.api."
_TIMES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            *(f"{_API}apps.v1.{kind}Condition" for kind in ("StatefulSet", "DaemonSet", "ReplicaSet")),
            *(f"{_API}autoscaling.{version}.HorizontalPodAutoscalerCondition" for version in ("v1", "v2")),
            *(f"{_API}core.v1.{kind}Condition" for kind in ("ReplicationController", "Namespace")),
            *(f"{_API}flowcontrol.v1.{kind}Condition" for kind in ("FlowSchema", "PriorityLevelConfiguration")),
            "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionCondition",
            "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceCondition",
        ),
        _TRANSITION,
    ),
    f"{_API}apps.v1.DeploymentCondition": _UPDATE,
    f"{_API}certificates.v1.CertificateSigningRequestCondition": _UPDATE,
    f"{_API}batch.v1.JobCondition": _PROBE,
    f"{_API}core.v1.PersistentVolumeClaimCondition": _PROBE,
    f"{_API}core.v1.PodCondition": _PROBE,
    f"{_API}core.v1.NodeCondition": ("lastHeartbeatTime", "lastTransitionTime"),
    f"{_API}core.v1.ContainerStateRunning": ("startedAt",),
    f"{_API}core.v1.ContainerStateTerminated": ("startedAt", "finishedAt"),
    f"{_API}core.v1.Event": ("firstTimestamp", "lastTimestamp", "eventTime"),
    f"{_API}core.v1.EventSeries": ("lastObservedTime",),
    f"{_API}events.v1.Event": ("eventTime", "deprecatedFirstTimestamp", "deprecatedLastTimestamp"),
    f"{_API}events.v1.EventSeries": ("lastObservedTime",),
    f"{_API}storage.v1.VolumeError": ("time",),
}


def written_times(definition: str | None) -> tuple[str, ...]:
    """The fields of this definition that are written as null where they are not set."""
    return _TIMES.get(definition or "", ())
