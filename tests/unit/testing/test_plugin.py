"""The pytest plugin, as a project that depends on fairlead uses it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from fairlead import ObjectMeta, Resource
from fairlead.apiserver.http import HttpFront, kubeconfig
from fairlead.sync.life import server_ways
from fairlead.sync.testing import ApiServer, FakeClient, ensure_crd

CRD = ("apiextensions.k8s.io/v1", "CustomResourceDefinition")

TESTS = """
import pytest
from fairlead import ObjectMeta, Resource, Struct, part
from fairlead.models.core.v1 import ConfigMap

class ToySpec(Struct):
    size: int = 0

class Toy(Resource, api_version="toys.example.com/v1", kind="Toy"):
    spec: ToySpec = part(default_factory=ToySpec)

def config(namespace, name="a"):
    return ConfigMap(metadata=ObjectMeta(name=name, namespace=namespace), data={"x": "1"})

KEEP = config("default", "kept")

MARK
async def test_async(fairlead_cluster):
    client = fairlead_cluster.client
    configs = client.cached(ConfigMap, namespace=fairlead_cluster.namespace, fields="metadata.name=a")
    await client.run_and_wait(timeout=20)
    await configs.create(config(fairlead_cluster.namespace))
    await client.settle()
    assert configs.get("a").data == {"x": "1"}
    other = fairlead_cluster.connect()
    assert (await other.direct(ConfigMap).get("a", fairlead_cluster.namespace)).name == "a"

@pytest.mark.fairlead(crds=[Toy], objects=[KEEP])
def test_sync(fairlead_client, fairlead_cluster):
    toys = fairlead_client.cached(Toy, namespace=fairlead_cluster.namespace)
    fairlead_client.run_and_wait(20)
    toys.create(Toy(metadata=ObjectMeta(name="t", namespace=fairlead_cluster.namespace), spec=ToySpec(size=2)))
    fairlead_client.settle()
    assert toys.get("t").spec.size == 2
    assert fairlead_client.direct(ConfigMap).get("kept", "default").data == {"x": "1"}

MARK
@pytest.mark.fairlead(objects=[KEEP])
async def test_server(fairlead_client, fairlead_server):
    fairlead_server.load([config("default", "loaded").to_dict()])
    found = await fairlead_client.direct(ConfigMap).list("default")
    assert {"kept", "loaded"} <= {each.name for each in found}
"""

#: More tests for a cluster that outlives them: one that fails, and one that wants a type which another one wanted before.
FAILING = """
@pytest.mark.fairlead(crds=[Toy], objects=[KEEP])
def test_failing(fairlead_client):
    assert fairlead_client.direct(ConfigMap).get("kept", "default").data == {"x": "1"}
    raise KeyError("its own")

test_sync_again = test_sync
"""


class Toy(Resource, api_version="toys.example.com/v1", kind="Toy"):
    pass


def run(tmp_path: Path, text: str, *options: str) -> tuple[int, str]:
    (tmp_path / "test_it.py").write_text(textwrap.dedent(text))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "fairlead.testing.plugin", "-p", "no:cacheprovider"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
    done = subprocess.run(
        [*command, *options, "test_it.py"],
        check=False,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=110,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("mark", "options"),
    [
        ("", ("-p", "no:asyncio", "-p", "no:anyio")),
        ("@pytest.mark.asyncio", ("-p", "no:anyio")),
        ("", ("-p", "no:anyio", "--asyncio-mode=auto")),
        ('@pytest.mark.anyio\n@pytest.mark.parametrize("anyio_backend", ["asyncio"])', ("-p", "no:asyncio")),
    ],
    ids=["alone", "asyncio-strict", "asyncio-auto", "anyio"],
)
def test_clients_in_both_worlds_whoever_runs_the_tests(tmp_path, mark, options):
    code, said = run(tmp_path, TESTS.replace("MARK", mark), "--fairlead-target=memory,http", *options)
    assert (code, "6 passed" in said) == (0, True), said


LEAKS = """
import asyncio
import pytest
from fairlead.models.core.v1 import ConfigMap
from fairlead.testing import FakeClient
from fairlead.sync.testing import FakeClient as SyncFakeClient

kept = []

async def test_a_task(fairlead_client):
    async def endless():
        await asyncio.Event().wait()
    kept.append(asyncio.create_task(endless(), name="mine"))  # the origin

async def test_a_client(fairlead_client):
    kept.append(FakeClient())  # the origin

def test_a_sync_client(fairlead_client):
    kept.append(SyncFakeClient())  # the origin

async def test_a_client_that_nobody_keeps(fairlead_client):
    FakeClient()  # the origin

def test_a_sync_client_that_nobody_keeps(fairlead_client):
    SyncFakeClient()  # the origin

async def test_a_handler(fairlead_client):
    def broken(new):
        raise ValueError("no")
    fairlead_client.cached(ConfigMap).add_handler(on_add=broken)
    await fairlead_client.direct("v1", "ConfigMap").list("default")
    from fairlead import ObjectMeta
    await fairlead_client.direct(ConfigMap).create(ConfigMap(metadata=ObjectMeta(name="a", namespace="default")))
    await fairlead_client.run_and_wait(timeout=10)

async def test_its_own_failure_is_what_is_said(fairlead_client):
    kept.append(FakeClient())
    raise KeyError("its own")

async def test_nothing(fairlead_client):
    fairlead_client.cached(ConfigMap)
    await fairlead_client.run_and_wait(timeout=10)
    async with FakeClient():
        pass

def test_nothing_here_either(fairlead_client):
    fairlead_client.cached(ConfigMap)
    fairlead_client.run_and_wait(10)
    with SyncFakeClient():
        pass
"""


def test_leaks_fail_the_test_with_their_origin(tmp_path):
    code, said = run(tmp_path, LEAKS, "-p", "no:asyncio", "-p", "no:anyio", "-rA")
    lines = [number for number, line in enumerate(LEAKS.splitlines(), start=1) if "# the origin" in line]
    assert code == 1, said
    assert "7 failed, 2 passed" in said, said
    assert f"the task 'mine' made at {tmp_path / 'test_it.py'}:{lines[0]} in test_a_task is still running" in said
    assert f"FakeClient made at {tmp_path / 'test_it.py'}:{lines[1]} in test_a_client is still open" in said
    assert f"FakeClient made at {tmp_path / 'test_it.py'}:{lines[2]} in test_a_sync_client is still open" in said
    for number, world in enumerate(("", "sync_"), start=3):
        origin = f"{tmp_path / 'test_it.py'}:{lines[number]} in test_a_{world}client_that_nobody_keeps"
        assert f"FakeClient made at {origin} is still open" in said
    # Nothing is said of who noticed it, nor where.
    assert said.splitlines().count("the test left something behind:") == 5
    assert "leaks.py" not in said
    assert "threading.py" not in said
    assert "handlers failed: ValueError raised by the handler" in said
    assert "KeyError: 'its own'" in said


def test_nothing_is_imported_before_it_is_used(tmp_path):
    text = """
        import sys

        def test_it():
            loaded = [name for name in sys.modules if name.startswith(("fairlead.", "aiohttp", "msgspec"))]
            assert sorted(loaded) == ["fairlead.testing", "fairlead.testing.plugin"]
        """
    code, said = run(tmp_path, text, "-p", "no:asyncio", "-p", "no:anyio")
    assert code == 0, said


@pytest.mark.parametrize(
    ("given", "named"), [("{'kind': 'ConfigMap'}", "{'kind': 'ConfigMap'}"), ("object=[]", "object=")]
)
def test_a_marker_that_says_something_else_is_named(tmp_path, given, named):
    text = f"import pytest\n@pytest.mark.fairlead({given})\ndef test_it(fairlead_client): ..."
    code, said = run(tmp_path, text)
    wanted = f"test_it.py::test_it: @pytest.mark.fairlead takes crds=, objects= and nothing else, not {named}"
    assert (code != 0, wanted in said, "Traceback" in said) == (True, True, False), said


def test_a_target_that_is_none_is_named(tmp_path):
    code, said = run(tmp_path, "def test_it(fairlead_client): ...", "--fairlead-target=moon")
    assert (code != 0, "--fairlead-target=moon: choose from memory, http, kubeconfig" in said) == (True, True), said


@pytest.fixture
def hosted(tmp_path) -> Iterator[tuple[ApiServer, Path]]:
    """A server behind HTTP, which the plugin's tests know by a kubeconfig alone."""
    with ApiServer() as server:
        portal, engine = server_ways(server)
        front = portal.call(HttpFront, engine, token="secret")
        portal.run(front.start)
        path = tmp_path / "kubeconfig"
        path.write_text(json.dumps(kubeconfig(front.url, "secret")))
        try:
            yield server, path
        finally:
            portal.end(front.stop)


def names(client: FakeClient, api_version: str, kind: str) -> set[str]:
    return {each.name for each in client.direct(api_version, kind).list()}


def test_a_cluster_of_a_kubeconfig_is_left_as_it_was(tmp_path, hosted):
    server, path = hosted
    with FakeClient(server=server) as client:
        before = names(client, "v1", "Namespace")
        code, said = run(
            tmp_path,
            f"{TESTS.replace('MARK', '')}\n{FAILING}",
            *("--fairlead-target=kubeconfig", f"--fairlead-kubeconfig={path}", "-rsf"),
            *("-p", "no:asyncio", "-p", "no:anyio"),
        )
        assert (code, "1 failed, 3 passed, 1 skipped" in said) == (1, True), said
        assert "a real cluster's API server is not in this process" in said
        assert "KeyError: 'its own'" in said
        assert names(client, "v1", "Namespace") == before
        assert names(client, "v1", "ConfigMap") == set()
        assert names(client, *CRD) == set()


def test_a_type_that_a_cluster_had_before_stays_there(tmp_path, hosted, monkeypatch):
    server, path = hosted
    monkeypatch.setenv("KUBECONFIG", str(path))
    with FakeClient(server=server) as client:
        ensure_crd(client, Toy)
        toys = client.direct(Toy)
        toys.create(Toy(metadata=ObjectMeta(name="mine", namespace="default")))
        code, said = run(
            tmp_path, TESTS.replace("MARK", ""), "--fairlead-target=kubeconfig", "-p", "no:asyncio", "-p", "no:anyio"
        )
        assert (code, "2 passed, 1 skipped" in said) == (0, True), said
        assert [each.name for each in toys.list()] == ["mine"]


def test_a_real_cluster_has_no_server_here(tmp_path):
    kubeconfig = tmp_path / "none"
    code, said = run(
        tmp_path,
        "def test_it(fairlead_client): ...",
        "--fairlead-target=kubeconfig",
        f"--fairlead-kubeconfig={kubeconfig}",
    )
    assert (code, "ConfigError" in said, str(kubeconfig) in said) == (1, True, True), said


def test_the_test_in_the_readme_runs_as_it_is_with_pytest_alone(tmp_path):
    readme = (Path(__file__).parents[3] / "README.md").read_text()
    [text] = [found for found in re.findall(r"```python\n(.*?)```", readme, re.DOTALL) if "def test_" in found]
    code, said = run(tmp_path, text, "-p", "no:asyncio", "-p", "no:anyio")
    assert (code, "1 passed" in said) == (0, True), said
