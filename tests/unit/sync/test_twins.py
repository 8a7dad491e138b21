"""Everything public is there without await too."""

from __future__ import annotations

import inspect

import pytest

import fairlead
import fairlead.controller
import fairlead.sync
import fairlead.sync.controller
import fairlead.sync.testing
import fairlead.testing
from fairlead.codegen.sync_facade import MODULES

#: What a synchronous program uses as it is: nothing of it is awaited, and none of it belongs to a loop.
SHARED = {
    fairlead: {
        "CacheOptions", "DynamicResource", "Event", "FilterChange", "KubeConfig", "NamespaceOptions", "ObjectKey", "ObjectMeta",
        "Resource", "ResourceList", "Selected", "ServerVersion", "Status", "StatusCause", "Struct", "WatchEvent", "__version__",
        "field", "part",
    },
}  # fmt: skip


#: What has no twin, and why.
WITHOUT = {
    "Runner": "it is the process's main coroutine; a synchronous program has its main thread",
    "run": "it is the process's main coroutine; a synchronous program has its main thread",
}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (fairlead, fairlead.sync),
        (fairlead.testing, fairlead.sync.testing),
        (fairlead.controller, fairlead.sync.controller),
    ],
    ids=lambda module: module.__name__,
)
def test_every_public_name_has_a_twin_or_is_shared(ours, theirs):
    errors = {
        name
        for name in ours.__all__
        if isinstance(getattr(ours, name), type) and issubclass(getattr(ours, name), Exception)
    }
    missing = set(ours.__all__) - set(theirs.__all__) - SHARED.get(ours, set()) - WITHOUT.keys() - errors
    assert sorted(missing) == []


def test_what_is_shared_is_never_awaited():
    for module, names in SHARED.items():
        for name in names:
            value = getattr(module, name)
            members = vars(value).values() if isinstance(value, type) else [value]
            assert not [each for each in members if inspect.iscoroutinefunction(each)], name


def test_every_twin_can_be_imported_by_its_users():
    public = {*fairlead.sync.__all__, *fairlead.sync.testing.__all__, *fairlead.sync.controller.__all__}
    assert sorted({twin.name for twins in MODULES.values() for twin in twins} - public) == []
