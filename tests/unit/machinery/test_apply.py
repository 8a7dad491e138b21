"""Server-side apply, held against recorded answers of kube-apiserver 1.37.2."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from typing import Any

import pytest

from fairlead.machinery.apply.fieldsets import path_text
from fairlead.machinery.apply.ownership import ApplyConflict, ApplyRefused, apply, manager_name, track_update
from fairlead.machinery.apply.types import MergeType
from fairlead.machinery.apply.walks import compare
from fairlead.machinery.patch.merge import merge_patch
from fairlead.machinery.schema.nodes import Schema
from fairlead.machinery.schema.registry import builtin, from_crd


@dataclass(frozen=True)
class Step:
    """One recorded request: the body sent (with the server's defaults where it fills them in), and the entries or the message it got."""

    label: str
    verb: str
    manager: str
    body: str
    expected: str
    force: bool = False
    subresource: str = ""


WIDGET_SCHEMA = '{"type":"object","properties":{"spec":{"type":"object","properties":{"items":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],"items":{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"v":{"type":"integer"},"w":{"type":"integer","default":5}}}},"tags":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},"atoms":{"type":"array","items":{"type":"string"}},"atomic":{"type":"object","x-kubernetes-map-type":"atomic","additionalProperties":{"type":"string"}},"free":{"type":"object","x-kubernetes-preserve-unknown-fields":true},"map":{"type":"object","additionalProperties":{"type":"string"}},"port":{"x-kubernetes-int-or-string":true},"n":{"type":"integer"}}},"status":{"type":"object","properties":{"phase":{"type":"string"}}}}}'

DEPLOYMENT_STEPS = [
    Step(
        "deployment created",
        "create",
        "kubectl-create",
        '{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"d","labels":{"a":"1"}},"spec":{"replicas":2,"selector":{"matchLabels":{"app":"d"}},"template":{"metadata":{"labels":{"app":"d"}},"spec":{"volumes":[{"name":"v","emptyDir":{}}],"containers":[{"name":"c","image":"i:1","ports":[{"containerPort":80,"protocol":"TCP"}],"env":[{"name":"A","value":"1"},{"name":"B","value":"2"}],"resources":{},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","imagePullPolicy":"IfNotPresent"}],"restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","securityContext":{"runAsUser":1},"schedulerName":"default-scheduler","tolerations":[{"key":"x","operator":"Exists"}]}},"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":"25%","maxSurge":"25%"}},"revisionHistoryLimit":10,"progressDeadlineSeconds":600}}',
        '{"kubectl-create Update":{"f:metadata":{"f:labels":{".":{},"f:a":{}}},"f:spec":{"f:progressDeadlineSeconds":{},"f:replicas":{},"f:revisionHistoryLimit":{},"f:selector":{},"f:strategy":{"f:rollingUpdate":{".":{},"f:maxSurge":{},"f:maxUnavailable":{}},"f:type":{}},"f:template":{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:containers":{"k:{\\"name\\":\\"c\\"}":{".":{},"f:env":{".":{},"k:{\\"name\\":\\"A\\"}":{".":{},"f:name":{},"f:value":{}},"k:{\\"name\\":\\"B\\"}":{".":{},"f:name":{},"f:value":{}}},"f:image":{},"f:imagePullPolicy":{},"f:name":{},"f:ports":{".":{},"k:{\\"containerPort\\":80,\\"protocol\\":\\"TCP\\"}":{".":{},"f:containerPort":{},"f:protocol":{}}},"f:resources":{},"f:terminationMessagePath":{},"f:terminationMessagePolicy":{}}},"f:dnsPolicy":{},"f:restartPolicy":{},"f:schedulerName":{},"f:securityContext":{".":{},"f:runAsUser":{}},"f:terminationGracePeriodSeconds":{},"f:tolerations":{},"f:volumes":{".":{},"k:{\\"name\\":\\"v\\"}":{".":{},"f:emptyDir":{},"f:name":{}}}}}}}}',
    ),
    Step(
        "two conflicts",
        "apply",
        "me",
        '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d","labels":{"a":"1"}},"spec":{"replicas":3,"selector":{"matchLabels":{"app":"d"}},"template":{"metadata":{"labels":{"app":"d"}},"spec":{"containers":[{"name":"c","image":"i:2","env":[{"name":"A","value":"1"},{"name":"B","value":"2"}],"ports":[{"containerPort":80}]}],"securityContext":{"runAsUser":1},"tolerations":[{"key":"x","operator":"Exists"}]}}}}',
        'Apply failed with 2 conflicts: conflicts with "kubectl-create" using apps/v1:\n- .spec.replicas\n- .spec.template.spec.containers[name="c"].image',
    ),
    Step(
        "one conflict",
        "apply",
        "me",
        '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d","labels":{"a":"1"}},"spec":{"replicas":3,"selector":{"matchLabels":{"app":"d"}},"template":{"metadata":{"labels":{"app":"d"}},"spec":{"containers":[{"name":"c","image":"i:1","env":[{"name":"A","value":"1"},{"name":"B","value":"2"}],"ports":[{"containerPort":80}]}],"securityContext":{"runAsUser":1},"tolerations":[{"key":"x","operator":"Exists"}]}}}}',
        'Apply failed with 1 conflict: conflict with "kubectl-create" using apps/v1: .spec.replicas',
    ),
    Step(
        "forced",
        "apply",
        "me",
        '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d","labels":{"a":"1"}},"spec":{"replicas":3,"selector":{"matchLabels":{"app":"d"}},"template":{"metadata":{"labels":{"app":"d"}},"spec":{"containers":[{"name":"c","image":"i:2","env":[{"name":"A","value":"1"},{"name":"B","value":"2"}],"ports":[{"containerPort":80}]}],"securityContext":{"runAsUser":1},"tolerations":[{"key":"x","operator":"Exists"}]}}}}',
        '{"me Apply":{"f:metadata":{"f:labels":{"f:a":{}}},"f:spec":{"f:replicas":{},"f:selector":{},"f:template":{"f:metadata":{"f:labels":{"f:app":{}}},"f:spec":{"f:containers":{"k:{\\"name\\":\\"c\\"}":{".":{},"f:env":{"k:{\\"name\\":\\"A\\"}":{".":{},"f:name":{},"f:value":{}},"k:{\\"name\\":\\"B\\"}":{".":{},"f:name":{},"f:value":{}}},"f:image":{},"f:name":{},"f:ports":{"k:{\\"containerPort\\":80,\\"protocol\\":\\"TCP\\"}":{".":{},"f:containerPort":{}}}}},"f:securityContext":{"f:runAsUser":{}},"f:tolerations":{}}}}},"kubectl-create Update":{"f:metadata":{"f:labels":{".":{},"f:a":{}}},"f:spec":{"f:progressDeadlineSeconds":{},"f:revisionHistoryLimit":{},"f:selector":{},"f:strategy":{"f:rollingUpdate":{".":{},"f:maxSurge":{},"f:maxUnavailable":{}},"f:type":{}},"f:template":{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:containers":{"k:{\\"name\\":\\"c\\"}":{".":{},"f:env":{".":{},"k:{\\"name\\":\\"A\\"}":{".":{},"f:name":{},"f:value":{}},"k:{\\"name\\":\\"B\\"}":{".":{},"f:name":{},"f:value":{}}},"f:imagePullPolicy":{},"f:name":{},"f:ports":{".":{},"k:{\\"containerPort\\":80,\\"protocol\\":\\"TCP\\"}":{".":{},"f:containerPort":{},"f:protocol":{}}},"f:resources":{},"f:terminationMessagePath":{},"f:terminationMessagePolicy":{}}},"f:dnsPolicy":{},"f:restartPolicy":{},"f:schedulerName":{},"f:securityContext":{".":{},"f:runAsUser":{}},"f:terminationGracePeriodSeconds":{},"f:tolerations":{},"f:volumes":{".":{},"k:{\\"name\\":\\"v\\"}":{".":{},"f:emptyDir":{},"f:name":{}}}}}}}}',
        force=True,
    ),
    Step(
        "second applier shares an image and adds a container",
        "apply",
        "other",
        '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d","labels":{"o":"2"},"annotations":{"k":"v"}},"spec":{"template":{"spec":{"containers":[{"name":"c","image":"i:2","env":[{"name":"C","value":"3"}]},{"name":"side","image":"s:1"}]}}}}',
        '{"me Apply":{"f:metadata":{"f:labels":{"f:a":{}}},"f:spec":{"f:replicas":{},"f:selector":{},"f:template":{"f:metadata":{"f:labels":{"f:app":{}}},"f:spec":{"f:containers":{"k:{\\"name\\":\\"c\\"}":{".":{},"f:env":{"k:{\\"name\\":\\"A\\"}":{".":{},"f:name":{},"f:value":{}},"k:{\\"name\\":\\"B\\"}":{".":{},"f:name":{},"f:value":{}}},"f:image":{},"f:name":{},"f:ports":{"k:{\\"containerPort\\":80,\\"protocol\\":\\"TCP\\"}":{".":{},"f:containerPort":{}}}}},"f:securityContext":{"f:runAsUser":{}},"f:tolerations":{}}}}},"other Apply":{"f:metadata":{"f:annotations":{"f:k":{}},"f:labels":{"f:o":{}}},"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\\"name\\":\\"c\\"}":{".":{},"f:env":{"k:{\\"name\\":\\"C\\"}":{".":{},"f:name":{},"f:value":{}}},"f:image":{},"f:name":{}},"k:{\\"name\\":\\"side\\"}":{".":{},"f:image":{},"f:name":{}}}}}}},"kubectl-create Update":{"f:metadata":{"f:labels":{".":{},"f:a":{}}},"f:spec":{"f:progressDeadlineSeconds":{},"f:revisionHistoryLimit":{},"f:selector":{},"f:strategy":{"f:rollingUpdate":{".":{},"f:maxSurge":{},"f:maxUnavailable":{}},"f:type":{}},"f:template":{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:containers":{"k:{\\"name\\":\\"c\\"}":{".":{},"f:env":{".":{},"k:{\\"name\\":\\"A\\"}":{".":{},"f:name":{},"f:value":{}},"k:{\\"name\\":\\"B\\"}":{".":{},"f:name":{},"f:value":{}}},"f:imagePullPolicy":{},"f:name":{},"f:ports":{".":{},"k:{\\"containerPort\\":80,\\"protocol\\":\\"TCP\\"}":{".":{},"f:containerPort":{},"f:protocol":{}}},"f:resources":{},"f:terminationMessagePath":{},"f:terminationMessagePolicy":{}}},"f:dnsPolicy":{},"f:restartPolicy":{},"f:schedulerName":{},"f:securityContext":{".":{},"f:runAsUser":{}},"f:terminationGracePeriodSeconds":{},"f:tolerations":{},"f:volumes":{".":{},"k:{\\"name\\":\\"v\\"}":{".":{},"f:emptyDir":{},"f:name":{}}}}}}}}',
    ),
    Step(
        "conflict between appliers",
        "apply",
        "other",
        '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d","labels":{"o":"2"},"annotations":{"k":"v"}},"spec":{"replicas":9,"template":{"spec":{"containers":[{"name":"c","image":"i:2"}]}}}}',
        'Apply failed with 1 conflict: conflict with "me": .spec.replicas',
    ),
    Step(
        "first applier gives fields up",
        "apply",
        "me",
        '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"app":"d"}},"template":{"metadata":{"labels":{"app":"d"}},"spec":{"containers":[{"name":"c","env":[{"name":"A","value":"1"}],"ports":[{"containerPort":80}]}],"securityContext":{"runAsUser":1},"tolerations":[{"key":"x","operator":"Exists"}]}}}}',
        '{"me Apply":{"f:spec":{"f:selector":{},"f:template":{"f:metadata":{"f:labels":{"f:app":{}}},"f:spec":{"f:containers":{"k:{\\"name\\":\\"c\\"}":{".":{},"f:env":{"k:{\\"name\\":\\"A\\"}":{".":{},"f:name":{},"f:value":{}}},"f:name":{},"f:ports":{"k:{\\"containerPort\\":80,\\"protocol\\":\\"TCP\\"}":{".":{},"f:containerPort":{}}}}},"f:securityContext":{"f:runAsUser":{}},"f:tolerations":{}}}}},"other Apply":{"f:metadata":{"f:annotations":{"f:k":{}},"f:labels":{"f:o":{}}},"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\\"name\\":\\"c\\"}":{".":{},"f:env":{"k:{\\"name\\":\\"C\\"}":{".":{},"f:name":{},"f:value":{}}},"f:image":{},"f:name":{}},"k:{\\"name\\":\\"side\\"}":{".":{},"f:image":{},"f:name":{}}}}}}},"kubectl-create Update":{"f:metadata":{"f:labels":{".":{},"f:a":{}}},"f:spec":{"f:progressDeadlineSeconds":{},"f:revisionHistoryLimit":{},"f:selector":{},"f:strategy":{"f:rollingUpdate":{".":{},"f:maxSurge":{},"f:maxUnavailable":{}},"f:type":{}},"f:template":{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:containers":{"k:{\\"name\\":\\"c\\"}":{".":{},"f:env":{".":{},"k:{\\"name\\":\\"A\\"}":{".":{},"f:name":{},"f:value":{}},"k:{\\"name\\":\\"B\\"}":{".":{},"f:name":{},"f:value":{}}},"f:imagePullPolicy":{},"f:name":{},"f:ports":{".":{},"k:{\\"containerPort\\":80,\\"protocol\\":\\"TCP\\"}":{".":{},"f:containerPort":{},"f:protocol":{}}},"f:resources":{},"f:terminationMessagePath":{},"f:terminationMessagePolicy":{}}},"f:dnsPolicy":{},"f:restartPolicy":{},"f:schedulerName":{},"f:securityContext":{".":{},"f:runAsUser":{}},"f:terminationGracePeriodSeconds":{},"f:tolerations":{},"f:volumes":{".":{},"k:{\\"name\\":\\"v\\"}":{".":{},"f:emptyDir":{},"f:name":{}}}}}}}}',
    ),
    Step(
        "second applier gives its container and labels up",
        "apply",
        "other",
        '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"},"spec":{"template":{"spec":{"containers":[{"name":"c","image":"i:2"}]}}}}',
        '{"me Apply":{"f:spec":{"f:selector":{},"f:template":{"f:metadata":{"f:labels":{"f:app":{}}},"f:spec":{"f:containers":{"k:{\\"name\\":\\"c\\"}":{".":{},"f:env":{"k:{\\"name\\":\\"A\\"}":{".":{},"f:name":{},"f:value":{}}},"f:name":{},"f:ports":{"k:{\\"containerPort\\":80,\\"protocol\\":\\"TCP\\"}":{".":{},"f:containerPort":{}}}}},"f:securityContext":{"f:runAsUser":{}},"f:tolerations":{}}}}},"other Apply":{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\\"name\\":\\"c\\"}":{".":{},"f:image":{},"f:name":{}}}}}}},"kubectl-create Update":{"f:metadata":{"f:labels":{".":{},"f:a":{}}},"f:spec":{"f:progressDeadlineSeconds":{},"f:revisionHistoryLimit":{},"f:selector":{},"f:strategy":{"f:rollingUpdate":{".":{},"f:maxSurge":{},"f:maxUnavailable":{}},"f:type":{}},"f:template":{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:containers":{"k:{\\"name\\":\\"c\\"}":{".":{},"f:env":{".":{},"k:{\\"name\\":\\"A\\"}":{".":{},"f:name":{},"f:value":{}},"k:{\\"name\\":\\"B\\"}":{".":{},"f:name":{},"f:value":{}}},"f:imagePullPolicy":{},"f:name":{},"f:ports":{".":{},"k:{\\"containerPort\\":80,\\"protocol\\":\\"TCP\\"}":{".":{},"f:containerPort":{},"f:protocol":{}}},"f:resources":{},"f:terminationMessagePath":{},"f:terminationMessagePolicy":{}}},"f:dnsPolicy":{},"f:restartPolicy":{},"f:schedulerName":{},"f:securityContext":{".":{},"f:runAsUser":{}},"f:terminationGracePeriodSeconds":{},"f:tolerations":{},"f:volumes":{".":{},"k:{\\"name\\":\\"v\\"}":{".":{},"f:emptyDir":{},"f:name":{}}}}}}}}',
    ),
    Step(
        "same apply again changes nothing",
        "apply",
        "other",
        '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"},"spec":{"template":{"spec":{"containers":[{"name":"c","image":"i:2"}]}}}}',
        '{"me Apply":{"f:spec":{"f:selector":{},"f:template":{"f:metadata":{"f:labels":{"f:app":{}}},"f:spec":{"f:containers":{"k:{\\"name\\":\\"c\\"}":{".":{},"f:env":{"k:{\\"name\\":\\"A\\"}":{".":{},"f:name":{},"f:value":{}}},"f:name":{},"f:ports":{"k:{\\"containerPort\\":80,\\"protocol\\":\\"TCP\\"}":{".":{},"f:containerPort":{}}}}},"f:securityContext":{"f:runAsUser":{}},"f:tolerations":{}}}}},"other Apply":{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\\"name\\":\\"c\\"}":{".":{},"f:image":{},"f:name":{}}}}}}},"kubectl-create Update":{"f:metadata":{"f:labels":{".":{},"f:a":{}}},"f:spec":{"f:progressDeadlineSeconds":{},"f:revisionHistoryLimit":{},"f:selector":{},"f:strategy":{"f:rollingUpdate":{".":{},"f:maxSurge":{},"f:maxUnavailable":{}},"f:type":{}},"f:template":{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:containers":{"k:{\\"name\\":\\"c\\"}":{".":{},"f:env":{".":{},"k:{\\"name\\":\\"A\\"}":{".":{},"f:name":{},"f:value":{}},"k:{\\"name\\":\\"B\\"}":{".":{},"f:name":{},"f:value":{}}},"f:imagePullPolicy":{},"f:name":{},"f:ports":{".":{},"k:{\\"containerPort\\":80,\\"protocol\\":\\"TCP\\"}":{".":{},"f:containerPort":{},"f:protocol":{}}},"f:resources":{},"f:terminationMessagePath":{},"f:terminationMessagePolicy":{}}},"f:dnsPolicy":{},"f:restartPolicy":{},"f:schedulerName":{},"f:securityContext":{".":{},"f:runAsUser":{}},"f:terminationGracePeriodSeconds":{},"f:tolerations":{},"f:volumes":{".":{},"k:{\\"name\\":\\"v\\"}":{".":{},"f:emptyDir":{},"f:name":{}}}}}}}}',
    ),
    Step(
        "status by a controller",
        "merge",
        "ctl",
        '{"metadata":{"name":"d"},"status":{"replicas":2,"readyReplicas":1,"conditions":[{"type":"Available","status":"True","reason":"r","message":"m","lastUpdateTime":"2026-01-01T00:00:00Z","lastTransitionTime":"2026-01-01T00:00:00Z"}]}}',
        '{"me Apply":{"f:spec":{"f:selector":{},"f:template":{"f:metadata":{"f:labels":{"f:app":{}}},"f:spec":{"f:containers":{"k:{\\"name\\":\\"c\\"}":{".":{},"f:env":{"k:{\\"name\\":\\"A\\"}":{".":{},"f:name":{},"f:value":{}}},"f:name":{},"f:ports":{"k:{\\"containerPort\\":80,\\"protocol\\":\\"TCP\\"}":{".":{},"f:containerPort":{}}}}},"f:securityContext":{"f:runAsUser":{}},"f:tolerations":{}}}}},"other Apply":{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\\"name\\":\\"c\\"}":{".":{},"f:image":{},"f:name":{}}}}}}},"kubectl-create Update":{"f:metadata":{"f:labels":{".":{},"f:a":{}}},"f:spec":{"f:progressDeadlineSeconds":{},"f:revisionHistoryLimit":{},"f:selector":{},"f:strategy":{"f:rollingUpdate":{".":{},"f:maxSurge":{},"f:maxUnavailable":{}},"f:type":{}},"f:template":{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:containers":{"k:{\\"name\\":\\"c\\"}":{".":{},"f:env":{".":{},"k:{\\"name\\":\\"A\\"}":{".":{},"f:name":{},"f:value":{}},"k:{\\"name\\":\\"B\\"}":{".":{},"f:name":{},"f:value":{}}},"f:imagePullPolicy":{},"f:name":{},"f:ports":{".":{},"k:{\\"containerPort\\":80,\\"protocol\\":\\"TCP\\"}":{".":{},"f:containerPort":{},"f:protocol":{}}},"f:resources":{},"f:terminationMessagePath":{},"f:terminationMessagePolicy":{}}},"f:dnsPolicy":{},"f:restartPolicy":{},"f:schedulerName":{},"f:securityContext":{".":{},"f:runAsUser":{}},"f:terminationGracePeriodSeconds":{},"f:tolerations":{},"f:volumes":{".":{},"k:{\\"name\\":\\"v\\"}":{".":{},"f:emptyDir":{},"f:name":{}}}}}}},"ctl Update status":{"f:status":{"f:conditions":{".":{},"k:{\\"type\\":\\"Available\\"}":{".":{},"f:lastTransitionTime":{},"f:lastUpdateTime":{},"f:message":{},"f:reason":{},"f:status":{},"f:type":{}}},"f:readyReplicas":{},"f:replicas":{}}}}',
        subresource="status",
    ),
    Step(
        "conflict with a subresource's updater",
        "apply",
        "sts",
        '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"},"status":{"replicas":5}}',
        'Apply failed with 1 conflict: conflict with "ctl" with subresource "status" using apps/v1: .status.replicas',
        subresource="status",
    ),
    Step(
        "a merge patch",
        "merge",
        "patcher",
        '{"metadata":{"name":"d","annotations":{"p":"1"}},"spec":{"replicas":7,"paused":true,"template":{"spec":{"securityContext":{"runAsUser":null}}}}}',
        '{"me Apply":{"f:spec":{"f:selector":{},"f:template":{"f:metadata":{"f:labels":{"f:app":{}}},"f:spec":{"f:containers":{"k:{\\"name\\":\\"c\\"}":{".":{},"f:env":{"k:{\\"name\\":\\"A\\"}":{".":{},"f:name":{},"f:value":{}}},"f:name":{},"f:ports":{"k:{\\"containerPort\\":80,\\"protocol\\":\\"TCP\\"}":{".":{},"f:containerPort":{}}}}},"f:tolerations":{}}}}},"other Apply":{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\\"name\\":\\"c\\"}":{".":{},"f:image":{},"f:name":{}}}}}}},"kubectl-create Update":{"f:metadata":{"f:labels":{".":{},"f:a":{}}},"f:spec":{"f:progressDeadlineSeconds":{},"f:revisionHistoryLimit":{},"f:selector":{},"f:strategy":{"f:rollingUpdate":{".":{},"f:maxSurge":{},"f:maxUnavailable":{}},"f:type":{}},"f:template":{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:containers":{"k:{\\"name\\":\\"c\\"}":{".":{},"f:env":{".":{},"k:{\\"name\\":\\"A\\"}":{".":{},"f:name":{},"f:value":{}},"k:{\\"name\\":\\"B\\"}":{".":{},"f:name":{},"f:value":{}}},"f:imagePullPolicy":{},"f:name":{},"f:ports":{".":{},"k:{\\"containerPort\\":80,\\"protocol\\":\\"TCP\\"}":{".":{},"f:containerPort":{},"f:protocol":{}}},"f:resources":{},"f:terminationMessagePath":{},"f:terminationMessagePolicy":{}}},"f:dnsPolicy":{},"f:restartPolicy":{},"f:schedulerName":{},"f:securityContext":{},"f:terminationGracePeriodSeconds":{},"f:tolerations":{},"f:volumes":{".":{},"k:{\\"name\\":\\"v\\"}":{".":{},"f:emptyDir":{},"f:name":{}}}}}}},"ctl Update status":{"f:status":{"f:conditions":{".":{},"k:{\\"type\\":\\"Available\\"}":{".":{},"f:lastTransitionTime":{},"f:lastUpdateTime":{},"f:message":{},"f:reason":{},"f:status":{},"f:type":{}}},"f:readyReplicas":{},"f:replicas":{}}},"patcher Update":{"f:metadata":{"f:annotations":{".":{},"f:p":{}}},"f:spec":{"f:paused":{},"f:replicas":{}}}}',
    ),
    Step(
        "a merge patch removing",
        "merge",
        "patcher",
        '{"metadata":{"name":"d","annotations":null},"spec":{"paused":null}}',
        '{"me Apply":{"f:spec":{"f:selector":{},"f:template":{"f:metadata":{"f:labels":{"f:app":{}}},"f:spec":{"f:containers":{"k:{\\"name\\":\\"c\\"}":{".":{},"f:env":{"k:{\\"name\\":\\"A\\"}":{".":{},"f:name":{},"f:value":{}}},"f:name":{},"f:ports":{"k:{\\"containerPort\\":80,\\"protocol\\":\\"TCP\\"}":{".":{},"f:containerPort":{}}}}},"f:tolerations":{}}}}},"other Apply":{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\\"name\\":\\"c\\"}":{".":{},"f:image":{},"f:name":{}}}}}}},"kubectl-create Update":{"f:metadata":{"f:labels":{".":{},"f:a":{}}},"f:spec":{"f:progressDeadlineSeconds":{},"f:revisionHistoryLimit":{},"f:selector":{},"f:strategy":{"f:rollingUpdate":{".":{},"f:maxSurge":{},"f:maxUnavailable":{}},"f:type":{}},"f:template":{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:containers":{"k:{\\"name\\":\\"c\\"}":{".":{},"f:env":{".":{},"k:{\\"name\\":\\"A\\"}":{".":{},"f:name":{},"f:value":{}},"k:{\\"name\\":\\"B\\"}":{".":{},"f:name":{},"f:value":{}}},"f:imagePullPolicy":{},"f:name":{},"f:ports":{".":{},"k:{\\"containerPort\\":80,\\"protocol\\":\\"TCP\\"}":{".":{},"f:containerPort":{},"f:protocol":{}}},"f:resources":{},"f:terminationMessagePath":{},"f:terminationMessagePolicy":{}}},"f:dnsPolicy":{},"f:restartPolicy":{},"f:schedulerName":{},"f:securityContext":{},"f:terminationGracePeriodSeconds":{},"f:tolerations":{},"f:volumes":{".":{},"k:{\\"name\\":\\"v\\"}":{".":{},"f:emptyDir":{},"f:name":{}}}}}}},"ctl Update status":{"f:status":{"f:conditions":{".":{},"k:{\\"type\\":\\"Available\\"}":{".":{},"f:lastTransitionTime":{},"f:lastUpdateTime":{},"f:message":{},"f:reason":{},"f:status":{},"f:type":{}}},"f:readyReplicas":{},"f:replicas":{}}},"patcher Update":{"f:spec":{"f:replicas":{}}}}',
    ),
]
SERVICE_STEPS = [
    Step(
        "service applied",
        "apply",
        "me",
        '{"apiVersion":"v1","kind":"Service","metadata":{"name":"s"},"spec":{"selector":{"app":"d"},"ports":[{"name":"a","port":80},{"name":"u","port":80,"protocol":"UDP"}]}}',
        '{"me Apply":{"f:spec":{"f:ports":{"k:{\\"port\\":80,\\"protocol\\":\\"TCP\\"}":{".":{},"f:name":{},"f:port":{}},"k:{\\"port\\":80,\\"protocol\\":\\"UDP\\"}":{".":{},"f:name":{},"f:port":{},"f:protocol":{}}},"f:selector":{}}}}',
    ),
    Step(
        "service ports changed",
        "apply",
        "me",
        '{"apiVersion":"v1","kind":"Service","metadata":{"name":"s"},"spec":{"selector":{"app":"d"},"ports":[{"name":"b","port":81},{"name":"a","port":80,"targetPort":8080}]}}',
        '{"me Apply":{"f:spec":{"f:ports":{"k:{\\"port\\":80,\\"protocol\\":\\"TCP\\"}":{".":{},"f:name":{},"f:port":{},"f:targetPort":{}},"k:{\\"port\\":81,\\"protocol\\":\\"TCP\\"}":{".":{},"f:name":{},"f:port":{}}},"f:selector":{}}}}',
    ),
]
CONFIG_MAP_STEPS = [
    Step(
        "configmap applied",
        "apply",
        "one",
        '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"a":"1","b":"2"}}',
        '{"one Apply":{"f:data":{"f:a":{},"f:b":{}}}}',
    ),
    Step(
        "same values by another",
        "apply",
        "two",
        '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"a":"1","b":"2"}}',
        '{"two Apply":{"f:data":{"f:a":{},"f:b":{}}},"one Apply":{"f:data":{"f:a":{},"f:b":{}}}}',
    ),
    Step(
        "gives up b, other keeps it",
        "apply",
        "one",
        '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"a":"1"}}',
        '{"two Apply":{"f:data":{"f:a":{},"f:b":{}}},"one Apply":{"f:data":{"f:a":{}}}}',
    ),
    Step(
        "other gives up all data",
        "apply",
        "two",
        '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}}',
        '{"one Apply":{"f:data":{"f:a":{}}}}',
    ),
    Step(
        "last one gives up",
        "apply",
        "one",
        '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}}',
        "{}",
    ),
]
CRD_STEPS = [
    Step(
        "crd applied",
        "apply",
        "me",
        '{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"widgets.example.com"},"spec":{"group":"example.com","scope":"Namespaced","names":{"plural":"widgets","kind":"Widget"},"versions":[{"name":"v1","served":true,"storage":true,"subresources":{"status":{}},"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","properties":{"items":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],"items":{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"v":{"type":"integer"},"w":{"type":"integer","default":5}}}},"tags":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},"atoms":{"type":"array","items":{"type":"string"}},"atomic":{"type":"object","x-kubernetes-map-type":"atomic","additionalProperties":{"type":"string"}},"free":{"type":"object","x-kubernetes-preserve-unknown-fields":true},"map":{"type":"object","additionalProperties":{"type":"string"}},"port":{"x-kubernetes-int-or-string":true},"n":{"type":"integer"}}},"status":{"type":"object","properties":{"phase":{"type":"string"}}}}}}}]}}',
        '{"me Apply":{"f:spec":{"f:group":{},"f:names":{"f:kind":{},"f:plural":{}},"f:scope":{},"f:versions":{}}}}',
    ),
]
WIDGET_STEPS = [
    Step(
        "custom object created",
        "create",
        "maker",
        '{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"labels":{"l":"1"},"name":"w"},"spec":{"atomic":{"k":"v"},"atoms":["1","2"],"free":{"deep":{"er":1},"list":[1,2]},"items":[{"name":"a","v":1,"w":5},{"name":"b","v":2,"w":5}],"map":{"m":"1"},"n":1,"port":"http","tags":["x","y"]}}',
        '{"maker Update":{"f:metadata":{"f:labels":{".":{},"f:l":{}}},"f:spec":{".":{},"f:atomic":{},"f:atoms":{},"f:free":{".":{},"f:deep":{".":{},"f:er":{}},"f:list":{}},"f:items":{".":{},"k:{\\"name\\":\\"a\\"}":{".":{},"f:name":{},"f:v":{},"f:w":{}},"k:{\\"name\\":\\"b\\"}":{".":{},"f:name":{},"f:v":{},"f:w":{}}},"f:map":{".":{},"f:m":{}},"f:n":{},"f:port":{},"f:tags":{".":{},"v:\\"x\\"":{},"v:\\"y\\"":{}}}}}',
    ),
    Step(
        "custom object applied",
        "apply",
        "me",
        '{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w","labels":{"l":"1","m":"2"}},"spec":{"items":[{"name":"c","v":3},{"name":"a","v":1}],"tags":["z","x"],"atoms":["1","2"],"atomic":{"k":"v"},"free":{"deep":{"er":1,"more":2},"list":[1,2]},"map":{"m":"1","n":"2"},"port":"http"}}',
        '{"me Apply":{"f:metadata":{"f:labels":{"f:l":{},"f:m":{}}},"f:spec":{"f:atomic":{},"f:atoms":{},"f:free":{"f:deep":{".":{},"f:er":{},"f:more":{}},"f:list":{}},"f:items":{"k:{\\"name\\":\\"a\\"}":{".":{},"f:name":{},"f:v":{}},"k:{\\"name\\":\\"c\\"}":{".":{},"f:name":{},"f:v":{}}},"f:map":{"f:m":{},"f:n":{}},"f:port":{},"f:tags":{"v:\\"x\\"":{},"v:\\"z\\"":{}}}},"maker Update":{"f:metadata":{"f:labels":{".":{},"f:l":{}}},"f:spec":{".":{},"f:atomic":{},"f:atoms":{},"f:free":{".":{},"f:deep":{".":{},"f:er":{}},"f:list":{}},"f:items":{".":{},"k:{\\"name\\":\\"a\\"}":{".":{},"f:name":{},"f:v":{},"f:w":{}},"k:{\\"name\\":\\"b\\"}":{".":{},"f:name":{},"f:v":{},"f:w":{}}},"f:map":{".":{},"f:m":{}},"f:n":{},"f:port":{},"f:tags":{".":{},"v:\\"x\\"":{},"v:\\"y\\"":{}}}}}',
    ),
    Step(
        "custom object gives up",
        "apply",
        "me",
        '{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w"},"spec":{"items":[{"name":"c"}],"tags":["x"],"free":{"deep":{"more":2}},"map":{}}}',
        '{"me Apply":{"f:spec":{"f:free":{"f:deep":{".":{},"f:more":{}}},"f:items":{"k:{\\"name\\":\\"c\\"}":{".":{},"f:name":{}}},"f:map":{},"f:tags":{"v:\\"x\\"":{}}}},"maker Update":{"f:metadata":{"f:labels":{".":{},"f:l":{}}},"f:spec":{".":{},"f:atomic":{},"f:atoms":{},"f:free":{".":{},"f:deep":{".":{},"f:er":{}},"f:list":{}},"f:items":{".":{},"k:{\\"name\\":\\"a\\"}":{".":{},"f:name":{},"f:v":{},"f:w":{}},"k:{\\"name\\":\\"b\\"}":{".":{},"f:name":{},"f:v":{},"f:w":{}}},"f:map":{".":{},"f:m":{}},"f:n":{},"f:port":{},"f:tags":{".":{},"v:\\"x\\"":{},"v:\\"y\\"":{}}}}}',
    ),
    Step(
        "custom object conflicts",
        "apply",
        "me",
        '{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w"},"spec":{"n":2,"atoms":["3"],"free":{"list":[9],"deep":{"er":7}},"items":[{"name":"a","v":9}]}}',
        'Apply failed with 5 conflicts: conflicts with "maker" using example.com/v1:\n- .spec.atoms\n- .spec.n\n- .spec.free.list\n- .spec.free.deep.er\n- .spec.items[name="a"].v',
    ),
    Step(
        "custom status",
        "merge",
        "ctl",
        '{"metadata":{"name":"w"},"status":{"phase":"ok"}}',
        '{"me Apply":{"f:spec":{"f:free":{"f:deep":{".":{},"f:more":{}}},"f:items":{"k:{\\"name\\":\\"c\\"}":{".":{},"f:name":{}}},"f:map":{},"f:tags":{"v:\\"x\\"":{}}}},"ctl Update status":{"f:status":{".":{},"f:phase":{}}},"maker Update":{"f:metadata":{"f:labels":{".":{},"f:l":{}}},"f:spec":{".":{},"f:atomic":{},"f:atoms":{},"f:free":{".":{},"f:deep":{".":{},"f:er":{}},"f:list":{}},"f:items":{".":{},"k:{\\"name\\":\\"a\\"}":{".":{},"f:name":{},"f:v":{},"f:w":{}},"k:{\\"name\\":\\"b\\"}":{".":{},"f:name":{},"f:v":{},"f:w":{}}},"f:map":{".":{},"f:m":{}},"f:n":{},"f:port":{},"f:tags":{".":{},"v:\\"x\\"":{},"v:\\"y\\"":{}}}}}',
        subresource="status",
    ),
    Step(
        "custom apply by only identity",
        "apply",
        "me",
        '{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w"}}',
        '{"ctl Update status":{"f:status":{".":{},"f:phase":{}}},"maker Update":{"f:metadata":{"f:labels":{".":{},"f:l":{}}},"f:spec":{".":{},"f:atomic":{},"f:atoms":{},"f:free":{".":{},"f:deep":{".":{},"f:er":{}},"f:list":{}},"f:items":{".":{},"k:{\\"name\\":\\"a\\"}":{".":{},"f:name":{},"f:v":{},"f:w":{}},"k:{\\"name\\":\\"b\\"}":{".":{},"f:name":{},"f:v":{},"f:w":{}}},"f:map":{".":{},"f:m":{}},"f:n":{},"f:port":{},"f:tags":{".":{},"v:\\"x\\"":{},"v:\\"y\\"":{}}}}}',
    ),
    Step(
        "custom merge patch",
        "merge",
        "patcher",
        '{"metadata":{"name":"w","labels":null},"spec":{"tags":["q"],"map":{"new":"1"}}}',
        '{"ctl Update status":{"f:status":{".":{},"f:phase":{}}},"maker Update":{"f:spec":{".":{},"f:atomic":{},"f:atoms":{},"f:free":{".":{},"f:deep":{".":{},"f:er":{}},"f:list":{}},"f:items":{".":{},"k:{\\"name\\":\\"a\\"}":{".":{},"f:name":{},"f:v":{},"f:w":{}},"k:{\\"name\\":\\"b\\"}":{".":{},"f:name":{},"f:v":{},"f:w":{}}},"f:map":{".":{},"f:m":{}},"f:n":{},"f:port":{},"f:tags":{}}},"patcher Update":{"f:spec":{"f:map":{"f:new":{}},"f:tags":{"v:\\"q\\"":{}}}}}',
    ),
]


def schema_of(api_version: str, kind: str) -> Schema:
    group, _, version = api_version.rpartition("/")
    schemas = builtin(group, version)
    return from_crd(json.loads(WIDGET_SCHEMA)) if schemas is None else schemas.schema(kind)


def write(live: Any, step: Step, now: str) -> Any:
    body = json.loads(step.body)
    identity = live or body
    reset = ("spec", "metadata") if step.subresource else ("status",)
    options: Any = {
        "schema": schema_of(identity["apiVersion"], identity["kind"]),
        "api_version": identity["apiVersion"],
        "subresource": step.subresource,
        "now": now,
        "reset_fields": reset,
    }
    if step.verb == "apply":
        return apply(live, body, step.manager, force=step.force, **options)
    new = body if step.verb == "create" else merge_patch(live, body)
    return track_update(live, new, step.manager, **options)


def entries_of(value: Any) -> dict[str, Any]:
    return {
        " ".join(filter(None, (entry["manager"], entry["operation"], entry.get("subresource")))): entry["fieldsV1"]
        for entry in value["metadata"].get("managedFields", [])
    }


def stored(value: Any) -> Any:
    """The object as the server keeps it: with an identity of its own."""
    value["metadata"].setdefault("uid", "u")
    return value


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param(DEPLOYMENT_STEPS, id="deployment"),
        pytest.param(SERVICE_STEPS, id="service"),
        pytest.param(CONFIG_MAP_STEPS, id="config map"),
        pytest.param(CRD_STEPS, id="custom resource definition"),
        pytest.param(WIDGET_STEPS, id="custom object"),
    ],
)
def test_a_history_of_writes_leaves_the_entries_and_conflicts_of_a_real_server(steps: list[Step]) -> None:
    live: Any = None
    for number, step in enumerate(steps):
        before = copy.deepcopy(live)
        now = f"2026-01-01T00:00:{number:02d}Z"
        if not step.expected.startswith("{"):
            with pytest.raises(ApplyConflict) as caught:
                write(live, step, now)
            assert caught.value.message() == step.expected, step.label
            assert live == before, step.label
            continue
        result = write(live, step, now)
        assert entries_of(result) == json.loads(step.expected), step.label
        # dict equality does not see order, and the order of fieldsV1 is part of the interface
        ordered = [json.dumps(entries_of(result)[owner]) for owner in json.loads(step.expected)]
        assert ordered == [json.dumps(fields) for fields in json.loads(step.expected).values()], step.label
        assert live == before, step.label
        live = stored(result)


CONFIG: dict[str, Any] = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}


def on_config(
    live: Any, config: Any, manager: str = "one", *, force: bool = False, now: str = "2026-01-01T00:00:00Z"
) -> Any:
    schema = schema_of("v1", "ConfigMap")
    return apply(live, {**CONFIG, **config}, manager, schema=schema, api_version="v1", force=force, now=now)


def on_widget(live: Any, spec: Any, manager: str = "one", *, force: bool = False) -> Any:
    config = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": spec}
    schema = schema_of("example.com/v1", "Widget")
    now = "2026-01-01T00:00:00Z"
    return apply(live, config, manager, schema=schema, api_version="example.com/v1", force=force, now=now)


def updated_config(old: Any, new: Any, manager: str, now: str = "2026-01-01T00:00:00Z", **options: Any) -> Any:
    return track_update(old, new, manager, schema=schema_of("v1", "ConfigMap"), api_version="v1", now=now, **options)


def test_what_a_manager_gives_up_goes_unless_another_owns_it() -> None:
    live = stored(on_config(None, {"data": {"a": "1", "b": "2"}}))
    live = stored(on_config(live, {"data": {"a": "1"}}, "two"))
    live = stored(on_config(live, {}))
    assert live["data"] == {"a": "1"}
    live = stored(on_config(live, {}, "two"))
    assert "data" not in live
    assert "managedFields" not in live["metadata"]


def test_an_apply_without_a_change_keeps_the_object_and_its_times() -> None:
    live = stored(on_config(None, {"data": {"a": "1"}}))
    assert on_config(live, {"data": {"a": "1"}}, now="2027-01-01T00:00:00Z") == live


def test_a_new_owner_of_unchanged_values_has_no_time_as_on_a_real_server() -> None:
    live = stored(on_config(None, {"data": {"a": "1"}}))
    result = on_config(live, {"data": {"a": "1"}}, "two")
    assert [(entry["manager"], entry.get("time")) for entry in result["metadata"]["managedFields"]] == [
        ("two", None),
        ("one", "2026-01-01T00:00:00Z"),
    ]


def test_items_keep_the_order_of_the_configuration_and_others_their_place() -> None:
    live = stored(on_widget(None, {"items": [{"name": "a"}, {"name": "b"}, {"name": "c"}]}))
    result = on_widget(live, {"items": [{"name": "x"}, {"name": "c"}, {"name": "a"}]}, "two")
    assert [item["name"] for item in result["spec"]["items"]] == ["b", "x", "c", "a"]


def test_items_of_sets_and_maps_that_nobody_applies_any_more_go_whole() -> None:
    live = stored(on_widget(None, {"items": [{"name": "a", "v": 1}, {"name": "b", "v": 1}], "tags": ["x", "y"]}))
    result = on_widget(live, {"items": [{"name": "b"}], "tags": ["y"]})
    assert result["spec"] == {"items": [{"name": "b"}], "tags": ["y"]}


def test_an_atomic_list_is_taken_as_a_whole() -> None:
    live = stored(on_widget(None, {"atoms": ["1", "2"]}))
    with pytest.raises(ApplyConflict) as caught:
        on_widget(live, {"atoms": ["1"]}, "two")
    assert caught.value.conflicts == [("one", "", ".spec.atoms")]
    assert on_widget(live, {"atoms": ["1"]}, "two", force=True)["spec"] == {"atoms": ["1"]}


def test_a_conflict_names_owner_version_and_field_in_message_and_causes() -> None:
    live = stored(updated_config(None, {**CONFIG, "data": {"a": "1"}}, "kubectl-create"))
    with pytest.raises(ApplyConflict) as caught:
        on_config(live, {"data": {"a": "2"}})
    conflict = caught.value
    assert conflict.conflicts == [("kubectl-create", "v1", ".data.a")]
    assert str(conflict) == 'Apply failed with 1 conflict: conflict with "kubectl-create" using v1: .data.a'
    assert conflict.causes() == [
        {
            "reason": "FieldManagerConflict",
            "message": 'conflict with "kubectl-create" using v1',
            "field": ".data.a",
        }
    ]


@pytest.mark.parametrize("sent", [[{}], []])
def test_a_reset_ends_tracking_until_the_next_apply(sent: Any) -> None:
    live = stored(updated_config(None, {**CONFIG, "data": {"a": "1"}}, "maker"))
    reset = stored(updated_config(live, {**live, "metadata": {**live["metadata"], "managedFields": sent}}, "maker"))
    assert "managedFields" not in reset["metadata"]
    assert "managedFields" not in updated_config(reset, {**reset, "data": {"a": "2"}}, "maker")["metadata"]
    applied = on_config(reset, {"data": {"b": "1"}})
    assert entries_of(applied) == {
        "one Apply": {"f:data": {"f:b": {}}},
        "before-first-apply Update": {"f:data": {".": {}, "f:a": {}}},
    }
    assert [entry["time"] for entry in applied["metadata"]["managedFields"]] == ["2026-01-01T00:00:00Z"] * 2


def test_an_update_that_sends_no_entries_keeps_the_stored_ones() -> None:
    live = stored(updated_config(None, {**CONFIG, "data": {"a": "1"}}, "maker"))
    bare = {**CONFIG, "metadata": {"name": "c", "uid": "u"}, "data": {"a": "1", "b": "2"}}
    result = updated_config(live, bare, "second", "2026-01-01T00:00:01Z")
    assert entries_of(result) == {
        "maker Update": {"f:data": {".": {}, "f:a": {}}},
        "second Update": {"f:data": {"f:b": {}}},
    }


def test_more_than_ten_updaters_are_put_together_oldest_first() -> None:
    live = stored(updated_config(None, {**CONFIG, "data": {"start": "1"}}, "maker"))
    for number in range(12):
        new = {**live, "data": {**live["data"], f"k{number}": "v"}}
        live = updated_config(live, new, f"m{number:02d}", f"2026-01-01T00:01:{number:02d}Z")
    managers = [entry["manager"] for entry in live["metadata"]["managedFields"]]
    assert managers == ["ancient-changes", *(f"m{number:02d}" for number in range(3, 12))]
    assert entries_of(live)["ancient-changes Update"] == {
        "f:data": {".": {}, "f:k0": {}, "f:k1": {}, "f:k2": {}, "f:start": {}}
    }


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"foo": {"a": 1}}, ".foo: field not declared in schema"),
        ({"metadata": {"name": "c", "managedFields": []}}, "metadata.managedFields must be nil"),
        ({"data": ["a"]}, ".data: expected map, got &{[a]}"),
    ],
)
def test_a_configuration_that_does_not_fit_is_refused(config: Any, message: str) -> None:
    with pytest.raises(ApplyRefused) as caught:
        on_config(None, config)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"n": "x"}, ".spec.n: expected numeric (int or float), got string"),
        ({"items": [{"name": "c"}, {"name": "c"}]}, '.spec.items: duplicate entries for key [name="c"]'),
        (
            {"items": [{"v": 1}]},
            (
                ".spec.items: element 0: associative list with keys has an element that omits all key fields "
                '["name"] (and doesn\'t have default values for any key fields)'
            ),
        ),
    ],
)
def test_lists_and_scalars_of_a_configuration_are_checked(spec: Any, message: str) -> None:
    with pytest.raises(ApplyRefused) as caught:
        on_widget(None, spec)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("parameter", "user_agent", "name"),
    [
        ("me", "kubectl/v1.37.2 (linux)", "me"),
        ("", "kubectl/v1.37.2 (linux)", "kubectl"),
        ("", "tab\there", "tabhere"),
        ("", "x" * 200, "x" * 128),
        ("", "", ""),
    ],
)
def test_a_manager_without_a_name_is_called_after_its_user_agent(parameter: str, user_agent: str, name: str) -> None:
    assert manager_name(parameter, user_agent) == name


def test_an_object_whose_list_has_items_without_keys_is_written_but_not_applied_to():
    schema = builtin("", "v1").schema("ServiceAccount")
    broken = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "a"}, "secrets": [{}]}
    made = track_update(None, broken, "m", schema=schema, api_version="v1", now="2026-11-26T00:00:00Z")
    assert made == broken
    config = {"apiVersion": "v1", "kind": "ServiceAccount", "automountServiceAccountToken": True}
    with pytest.raises(ApplyRefused, match=r'omits all key fields \["name"\]') as caught:
        apply(made, config, "m", schema=schema, api_version="v1", now="2026-11-26T00:00:00Z")
    assert caught.value.failed.startswith("to create manager for existing fields")
    good = track_update(
        None, {**broken, "secrets": [{"name": "x"}]}, "m", schema=schema, api_version="v1", now="2026-11-26T00:00:00Z"
    )
    worse = track_update(
        good, {**good, "secrets": [{}]}, "n", schema=schema, api_version="v1", now="2026-11-26T00:00:00Z"
    )
    assert worse["metadata"]["managedFields"] == good["metadata"]["managedFields"]
    with pytest.raises(ApplyRefused) as caught:
        apply(worse, config, "m", schema=schema, api_version="v1", now="2026-11-26T00:00:00Z")
    assert caught.value.failed == "to create typed live object ({place})"


def test_all_of_a_new_value_is_what_comparing_it_with_nothing_adds():
    schema = builtin("apps", "v1").schema("Deployment")
    kind = MergeType.of(schema)
    container = {
        "name": "c",
        "image": "i",
        "ports": [{"containerPort": 80, "protocol": "TCP"}],
        "args": ["a", "a"],
        "resources": {},
    }
    spec = {"containers": [container, {**container, "name": "d"}], "tolerations": [{"key": "x"}], "volumes": None}
    new = {"metadata": {"labels": {"a": "b"}, "finalizers": ["x", "y"]}, "spec": {"template": {"spec": spec}}}
    added = compare(kind, {}, new).added
    texts = {path_text(path) for path in added.paths()}
    assert '.spec.template.spec.containers[name="c"].ports[containerPort=80,protocol="TCP"].containerPort' in texts
    assert {
        ".spec",
        ".spec.template.spec.containers",
        ".spec.template.spec.volumes",
        '.metadata.finalizers[="x"]',
    } <= texts
    assert ".spec.template.spec.tolerations" in texts
    assert not any(text.startswith(".spec.template.spec.tolerations[") for text in texts)
    assert compare(kind, new, {}).removed == added
