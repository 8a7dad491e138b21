"""What is asked of pods' nodes: logs, exec, attach, port-forward. No node answers, so these are the refusals."""

from __future__ import annotations

from typing import Any

from tests.conformance.case import GET, POST, Case, Send, Step

PODS = "/api/v1/namespaces/{ns}/pods"
UPGRADE = {"connection": "Upgrade", "upgrade": "websocket", "sec-websocket-version": "13"}


def pod(*containers: str, **spec: Any) -> Send:
    listed = [{"name": name, "image": "x"} for name in containers or ("main",)]
    return POST(PODS, {"metadata": {"name": "a"}, "spec": {"containers": listed, **spec}})


def node(**status: Any) -> list[Step]:
    """A node whose kubelet nobody can reach."""
    return [POST("/api/v1/nodes", {"metadata": {"name": "{id}"}, "status": status})]


#: A port of this machine where nobody listens.
CLOSED = {
    "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
    "daemonEndpoints": {"kubeletEndpoint": {"Port": 1}},
}

CASES = [
    Case(
        "options of logs",
        pod(),
        GET(f"{PODS}/a/log?tailLines=-1"),
        GET(f"{PODS}/a/log?limitBytes=0"),
        GET(f"{PODS}/a/log?sinceSeconds=0"),
        GET(f"{PODS}/a/log?sinceSeconds=1&sinceTime=2020-01-01T00:00:00Z"),
        GET(f"{PODS}/a/log?tailLines=-1&limitBytes=-1&sinceSeconds=-1"),
        GET(f"{PODS}/a/log?tailLines=x"),
        GET(f"{PODS}/a/log?sinceTime=yesterday"),
        GET(f"{PODS}/a/log?follow=x"),
        GET(f"{PODS}/a/log?stream=Stdout"),
        GET(f"{PODS}/a/log?stream=all"),
        GET(f"{PODS}/a/log?stream=Stdout&tailLines=1"),
        GET(f"{PODS}/a/log?tailLines=1&follow=true&previous=true&timestamps=true"),
    ),
    Case(
        "logs of several containers",
        pod("one", "two", initContainers=[{"name": "first", "image": "x"}]),
        GET(f"{PODS}/a/log"),
        GET(f"{PODS}/a/log?container=one"),
        GET(f"{PODS}/a/log?container=first"),
        GET(f"{PODS}/a/log?container=none"),
        GET(f"{PODS}/b/log"),
        GET(f"{PODS}/b/log?tailLines=-1"),
    ),
    Case(
        "logs where the node is not there",
        pod(nodeName="{id}"),
        GET(f"{PODS}/a/log"),
        GET(f"{PODS}/a/log?container=none"),
        GET(f"{PODS}/a/log?follow=true"),
    ),
    Case(
        "logs where the node says no address",
        node(),
        pod(nodeName="{id}"),
        GET(f"{PODS}/a/log"),
        GET(f"{PODS}/a/exec?command=date&stdout=1"),
    ),
    Case(
        "logs where nobody answers at the node",
        node(**CLOSED),
        pod(nodeName="{id}"),
        GET(f"{PODS}/a/log"),
    ),
    Case(
        "exec without a node",
        pod("one", "two"),
        GET(f"{PODS}/a/exec?command=date&stdout=1"),
        POST(f"{PODS}/a/exec?command=date&stdout=1"),
        POST(f"{PODS}/a/exec?command=date&stdout=1&container=one"),
        POST(f"{PODS}/a/exec?command=date&stdout=1&container=none"),
        POST(f"{PODS}/b/exec?command=date&stdout=1&container=one"),
        POST(f"{PODS}/a/exec?container=one"),
        POST(f"{PODS}/a/exec?container=one&stdin=x"),
        POST(f"{PODS}/a/attach"),
        POST(f"{PODS}/a/attach?container=one"),
        POST(f"{PODS}/a/attach?container=none"),
        POST(f"{PODS}/b/attach"),
        POST(f"{PODS}/a/portforward"),
        POST(f"{PODS}/a/portforward?ports=80"),
        POST(f"{PODS}/a/portforward?ports=x"),
        POST(f"{PODS}/b/portforward"),
        GET(f"{PODS}/a/portforward"),
    ),
    Case(
        "exec where the node is not there",
        pod(nodeName="{id}"),
        POST(f"{PODS}/a/exec?command=date&stdout=1"),
        POST(f"{PODS}/a/attach?stdout=1"),
        POST(f"{PODS}/a/portforward?ports=80"),
        GET(f"{PODS}/a/exec?command=date&stdout=1", **UPGRADE, sec_websocket_protocol="v5.channel.k8s.io"),
    ),
    Case(
        "exec that asks for no upgrade",
        node(**CLOSED),
        pod(nodeName="{id}"),
        POST(f"{PODS}/a/exec?command=date&stdout=1"),
        POST(f"{PODS}/a/attach?stdout=1"),
        POST(f"{PODS}/a/portforward?ports=80"),
        GET(f"{PODS}/a/exec?command=date&stdout=1"),
    ),
    Case(
        "exec over WebSockets where nobody answers at the node",
        node(**CLOSED),
        pod(nodeName="{id}"),
        GET(f"{PODS}/a/exec?command=date&stdout=1", **UPGRADE, sec_websocket_protocol="v4.channel.k8s.io"),
        GET(
            f"{PODS}/a/portforward?ports=80",
            **UPGRADE,
            sec_websocket_key="AAAAAAAAAAAAAAAAAAAAAA==",
            sec_websocket_protocol="SPDY/3.1+portforward.k8s.io",
        ),
        GET(
            f"{PODS}/a/portforward",
            **UPGRADE,
            sec_websocket_key="AAAAAAAAAAAAAAAAAAAAAA==",
            sec_websocket_protocol="SPDY/3.1+portforward.k8s.io",
        ),
    ),
]
