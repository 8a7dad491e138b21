"""Pages for those who look after a server have the form that a kube-apiserver 1.37 gives them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from fairlead.apiserver.described.zpages import ZPages
from fairlead.apiserver.statuses import Refusal
from fairlead.machinery.wire import Request, Response

BEGAN = datetime(2026, 11, 7, 3, 9, 21, tzinfo=UTC)


def ask(path: str, accept: str = "", *, after: int = 0) -> Response:
    moments = iter([BEGAN, *[BEGAN + timedelta(seconds=after)] * 3])
    answer = ZPages(lambda: next(moments)).respond(Request("GET", path, (), {"accept": accept}, b""))
    assert answer is not None
    return answer


def test_a_status_is_told_in_lines() -> None:
    text = ask("/statusz", after=3723).body.decode().splitlines()
    assert text[1] == "apiserver statusz"
    assert text[4:6] == ["Started: Sat Nov  7 03:09:21 UTC 2026", "Up: 1 hr 02 min 03 sec"]
    assert text[-1].startswith("Paths: /flagz /healthz")


def test_a_status_is_a_document_to_those_who_ask_for_a_version() -> None:
    answer = ask("/statusz", "application/json;v=v1alpha1;g=config.k8s.io;as=Statusz", after=9)
    assert answer.headers["content-type"] == "application/json;g=config.k8s.io;v=v1alpha1;as=Statusz"
    assert "This version of the statusz endpoint is deprecated" in answer.headers["warning"]
    document = json.loads(answer.body)
    assert (document["startTime"], document["uptimeSeconds"]) == ("2026-11-07T03:09:21Z", 9)
    assert "warning" not in ask("/flagz", "application/yaml;v=v1beta1;g=config.k8s.io;as=Flagz").headers


def test_other_forms_are_refused() -> None:
    with pytest.raises(Refusal) as caught:
        ask("/flagz", "application/json;v=v1beta1;g=config.k8s.io;as=Statusz")
    assert caught.value.code == 406


def test_each_check_has_a_gauge_for_each_endpoint() -> None:
    lines = ask("/metrics/slis").body.decode().splitlines()
    assert 'kubernetes_healthcheck{name="informer-sync",type="readyz"} 1' in lines
    assert 'kubernetes_healthcheck{name="informer-sync",type="livez"} 1' not in lines
