"""Functions that users give: what can only be a mistake is refused when it is given, not found out by what never happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fairlead import CacheOptions, DynamicFilter, InvalidObject, NamespaceOptions, conditions
from fairlead.controller import Predicate, Queue, Reconciler, changed, generation_changed
from fairlead.models.core.v1 import ConfigMap
from tests.behaviour.clusters import Cluster
from tests.behaviour.requirements import only, requirement

Given = Callable[[Cluster, Any], object]


async def answers_later(*_: Any) -> bool:
    return False


class Later:
    async def __call__(self, *_: Any) -> bool:
        return False


#: Where a function is called for its answer, by what it is given as there.
WHERE: list[tuple[str, Given]] = [
    ("filter", lambda cluster, f: cluster.client.cached(ConfigMap, filter=f)),
    ("filter", lambda cluster, f: cluster.client.metadata(ConfigMap, filter=f)),
    ("filter", lambda cluster, f: cluster.client.delayed(ConfigMap, filter=f)),
    ("filter", lambda _, f: DynamicFilter(bool) & f),
    ("transform", lambda cluster, f: cluster.client.cached(ConfigMap, transform=f)),
    ("transform", lambda cluster, f: cluster.connect(cache_options={ConfigMap: CacheOptions(transform=f)})),
    (
        "transform",
        lambda cluster, f: cluster.connect(
            cache_options={ConfigMap: CacheOptions(namespace={"a": NamespaceOptions(transform=f)})}
        ),
    ),
    ("when", lambda cluster, f: cluster.client.delayed(ConfigMap, when=f)),
    ("when", lambda cluster, f: cluster.client.cached(ConfigMap).add_handler(on_add=print, when=f)),
    ("function", lambda cluster, f: cluster.client.cached(ConfigMap).index("by", f)),
    ("predicate", lambda _, f: DynamicFilter(f)),
    ("keys", lambda _, f: DynamicFilter(bool, keys=f)),
    ("namespaces", lambda _, f: DynamicFilter(bool, namespaces=f)),
    ("condition", lambda _, f: conditions.exists() & f),
    ("predicate", lambda _, f: Predicate(f)),
    ("predicate", lambda _, f: generation_changed & f),
    ("predicate", lambda _, f: generation_changed | f),
    ("function", lambda _, f: changed(f)),
    ("function", lambda cluster, f: Reconciler(cluster.client, "r", print).enqueue_mapped(f)),
    ("on_change", lambda cluster, f: Queue(cluster.client, on_change=f)),
]
THERE = [f"{place}-{what}" for place, (what, _) in enumerate(WHERE)]
ASYNC_ALONE = "the face of fairlead.sync gives plain functions in place of coroutine functions"


@pytest.mark.parametrize(("what", "give"), WHERE, ids=THERE)
@requirement("client:functions:plain")
@only("memory", "http", "real", reason=ASYNC_ALONE)
async def test_async_functions_are_refused_where_the_answer_counts(cluster: Cluster, what: str, give: Given):
    for function, name in ((answers_later, "answers_later"), (Later(), "Later")):
        with pytest.raises(InvalidObject, match=f"{what}={name}: a plain function is wanted, not async def"):
            give(cluster, function)


@pytest.mark.parametrize(("what", "give"), WHERE, ids=THERE)
@requirement("client:functions:plain")
async def test_what_is_no_function_is_refused(cluster: Cluster, what: str, give: Given):
    with pytest.raises(InvalidObject, match=f"{what}='abc': a function is wanted"):
        give(cluster, "abc")


@requirement("client:functions:plain")
@only("memory", "http", "real", reason=ASYNC_ALONE)
async def test_async_conditions_are_not_waited_for(cluster: Cluster):
    configs, direct = cluster.client.cached(ConfigMap), cluster.client.direct(ConfigMap)
    for waiting in (
        configs.wait_for("x", cluster.namespace, answers_later),
        configs.wait_until(answers_later),
        direct.wait_for("x", cluster.namespace, answers_later),
        cluster.client.wait_for(ConfigMap, "x", cluster.namespace, answers_later),
        cluster.client.wait_until(answers_later),
    ):
        with pytest.raises(InvalidObject, match="condition=answers_later: a plain function is wanted, not async def"):
            await waiting


@requirement("client:functions:plain")
async def test_the_name_of_a_condition_is_no_condition(cluster: Cluster):
    for view in (cluster.client.cached(ConfigMap), cluster.client.direct(ConfigMap)):
        with pytest.raises(InvalidObject, match=r"condition='Ready'.*conditions\.has_condition\('Ready'\)"):
            await view.wait_for("x", cluster.namespace, "Ready")  # type: ignore[arg-type] # the mistake


@requirement("client:functions:plain")
async def test_reconciles_are_functions(cluster: Cluster):
    with pytest.raises(InvalidObject, match="'abc': a function is wanted"):
        Reconciler(cluster.client, "r", "abc")  # type: ignore[arg-type] # the mistake


@requirement("client:functions:plain")
async def test_handlers_are_functions(cluster: Cluster):
    configs: Any = cluster.client.cached(ConfigMap)
    for name in ("on_add", "on_update", "on_delete", "on_event"):
        with pytest.raises(InvalidObject, match="'abc': a function is wanted"):
            configs.add_handler(**{name: "abc"})
