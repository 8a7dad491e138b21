"""What a client and its parts say of arguments that are another thing than they take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import fairlead.sync
from fairlead import Client, ConfigError, DynamicFilter
from fairlead.models.core.v1 import ConfigMap


@pytest.mark.parametrize("path", ["/etc/kube/config", Path("/etc/kube/config")])
async def test_a_path_is_no_config(path: Any):
    with pytest.raises(ConfigError, match=r"KubeConfig\.load\('/etc/kube/config'\)"):
        Client(path)


def test_a_path_is_no_config_of_a_synchronous_client():
    config: Any = "/etc/kube/config"
    with pytest.raises(ConfigError, match=r"KubeConfig\.load\('/etc/kube/config'\)"):
        fairlead.sync.Client(config)


@pytest.mark.parametrize("given", [ConfigMap, [ConfigMap], "configs", None])
@pytest.mark.parametrize("made", [DynamicFilter, fairlead.sync.DynamicFilter])
def test_what_feeds_a_filter_is_a_view(given: Any, made: Any):
    with pytest.raises(TypeError, match=r"fed_by=.*: a cached view is wanted, or several"):
        made(bool, fed_by=given)
