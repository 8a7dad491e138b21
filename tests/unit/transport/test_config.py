from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest

from fairlead.errors import ConfigError
from fairlead.transport.config import KubeConfig
from fairlead.transport.kubeconfig import in_cluster


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def document(
    user: dict[str, Any] | None = None, cluster: dict[str, Any] | None = None, name: str = "a"
) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "clusters": [{"name": name, "cluster": {"server": f"https://{name}:6443"} | (cluster or {})}],
        "users": [{"name": name, "user": user or {}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name, "namespace": f"ns-{name}"}}],
    }


def put(path: Path, content: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    return path


def fails(content: object, **options: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        KubeConfig.from_dict(content, source="K", **options)  # type: ignore[arg-type]
    return str(caught.value)


def test_every_field_is_read(tmp_path: Path) -> None:
    for name in ("ca", "token", "plugin"):
        (tmp_path / name).touch()
    user = {
        "client-certificate-data": encoded("CERT"), "client-key-data": encoded("KEY"), "tokenFile": "token",
        "as": "jane", "as-uid": "7", "as-groups": ["g", "h"], "as-user-extra": {"k": ["v", "w"]},
        "exec": {"apiVersion": "client.authentication.k8s.io/v1beta1", "command": "./plugin", "args": ["x"],
                 "env": [{"name": "N", "value": "V"}], "installHint": "get it", "provideClusterInfo": True},
    }  # fmt: skip
    cluster = {
        "certificate-authority": "ca", "tls-server-name": "api", "proxy-url": "http://p",
        "extensions": [{"name": "client.authentication.k8s.io/exec", "extension": {"audience": "x"}}],
    }  # fmt: skip
    config = KubeConfig.load(put(tmp_path / "config", document(user, cluster)))
    assert (config.server, config.context, config.namespace) == ("https://a:6443", "a", "ns-a")
    assert (config.ca_file, config.tls_server_name, config.proxy_url) == (tmp_path / "ca", "api", "http://p")
    assert (config.client_certificate_data, config.client_key_data) == (b"CERT", b"KEY")
    assert config.token_file == tmp_path / "token"
    assert config.source == str(tmp_path / "config")
    assert config.impersonate is not None
    assert (config.impersonate.user, config.impersonate.uid) == ("jane", "7")
    assert (config.impersonate.groups, config.impersonate.extra) == (("g", "h"), {"k": ("v", "w")})
    assert config.exec is not None
    assert config.exec.command == str(tmp_path / "plugin")
    assert (config.exec.args, config.exec.env, config.exec.install_hint) == (("x",), (("N", "V"),), "get it")
    assert (config.exec.provide_cluster_info, config.exec.interactive_mode) == (True, "IfAvailable")
    assert config.exec.cluster_config == {"audience": "x"}


def test_the_first_of_several_files_wins_whole_per_name_and_paths_belong_to_their_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "tok").touch()
    first = document({"token": "first"})
    first.pop("current-context")
    second = document({"username": "ignored"}, {"tls-server-name": "ignored"})
    more = document({"tokenFile": "tok"}, name="b")
    second["current-context"] = "b"
    for kind in ("clusters", "users", "contexts"):
        second[kind] += more[kind]
    files = [tmp_path / "missing", put(tmp_path / "one" / "c", first), put(tmp_path / "two" / "c", second)]
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join(["", *map(str, files)]))
    assert KubeConfig.load().context == "b"
    assert KubeConfig.load().token_file == tmp_path / "two" / "tok"
    assert KubeConfig.load().source == str(files[2])
    config = KubeConfig.load(context="a")
    assert (config.token, config.username, config.tls_server_name) == ("first", "", "")
    with pytest.raises(ConfigError, match=r"one/c, .*two/c: there is no context 'x'; contexts there are: a, b"):
        KubeConfig.load(context="x")


def test_without_kubeconfig_the_one_at_home_is_read_then_the_pods_then_an_error_says_what_was_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigError, match=r"no cluster to talk to: ~/.kube/config does not exist"):
        KubeConfig.load()
    monkeypatch.setenv("KUBECONFIG", "/no/one:/no/two")
    with pytest.raises(ConfigError, match="KUBECONFIG names /no/one:/no/two, which does not exist"):
        KubeConfig.load()
    monkeypatch.delenv("KUBECONFIG")
    put(tmp_path / "home" / ".kube" / "config", document())
    assert KubeConfig.load().server == "https://a:6443"


def test_in_a_pod_the_service_account_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="not in a cluster: KUBERNETES_SERVICE_HOST"):
        KubeConfig.in_cluster()
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "fd00::1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    with pytest.raises(ConfigError, match=r"in-cluster: the service account's token, .*/token, does not exist"):
        in_cluster(tmp_path)
    for name, text in (("token", "t"), ("ca.crt", "c"), ("namespace", "mine\n")):
        (tmp_path / name).write_text(text)
    config = in_cluster(tmp_path)
    assert (config.server, config.namespace, config.source) == ("https://[fd00::1]:443", "mine", "in-cluster")
    assert (config.token_file, config.ca_file) == (tmp_path / "token", tmp_path / "ca.crt")
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    assert in_cluster(tmp_path).server == "https://10.0.0.1:443"


def test_what_may_not_be_looked_at_is_there_and_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name too long stands for a directory that is closed to us: root, as whom tests may run, can look into any."""
    closed = tmp_path / ("x" * 300)
    given = document()
    given["clusters"][0]["cluster"]["certificate-authority"] = str(closed)
    with pytest.raises(ConfigError, match=r"certificate-authority: the file .*x cannot be read"):
        KubeConfig.from_dict(given)
    monkeypatch.setenv("KUBECONFIG", str(closed))
    with pytest.raises(ConfigError, match=r"x: cannot read this kubeconfig: File name too long"):
        KubeConfig.load()
    monkeypatch.delenv("KUBECONFIG")
    monkeypatch.setenv("HOME", str(closed))
    with pytest.raises(ConfigError, match=r"x/.kube/config: cannot read this kubeconfig: File name too long"):
        KubeConfig.load()
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    with pytest.raises(ConfigError, match="in-cluster"):  # an image's home may be root's, and its user another
        KubeConfig.load()


def test_yaml_is_read_as_json_is() -> None:
    text = """
    current-context: a
    clusters: [{name: a, cluster: {server: "https://a"}}]
    contexts: [{name: a, context: {cluster: a}}]
    """
    assert KubeConfig.from_yaml(text) == KubeConfig.from_yaml(
        json.dumps(
            {
                "current-context": "a",
                "clusters": [{"name": "a", "cluster": {"server": "https://a"}}],
                "contexts": [{"name": "a", "context": {"cluster": "a"}}],
            }
        )
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "K, line 2: this is not YAML"),
        ("- a", "K: is not a kubeconfig: expected a mapping, got ['a']"),
        ("a: 1\n---\nb: 2", "K: has 2 YAML documents; a kubeconfig is one"),
        ("", "K: current-context is not set, and no context was asked for; contexts there are: none"),
        ("{", "K, line 2: this is not YAML"),
        ('{"a":' * 100_000, "K, line 1: this is not YAML: exceeded maximum nesting depth"),
    ],
)
def test_a_text_that_is_no_kubeconfig_is_refused_by_name(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        KubeConfig.from_yaml(text, source="K")
    assert str(caught.value).startswith(said)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\xfa")
    for name, said in (
        ("none", "No such file or directory"),
        (".", "Is a directory"),
        ("binary", "it is not UTF-8 text"),
    ):
        with pytest.raises(ConfigError) as caught:
            KubeConfig.load(tmp_path / name)
        assert str(caught.value) == f"{tmp_path / name}: cannot read this kubeconfig: {said}"


def _exec(**fields: Any) -> dict[str, Any]:
    good = {"apiVersion": "client.authentication.k8s.io/v1", "command": "c", "interactiveMode": "Never"}
    return {"exec": good | fields}


@pytest.mark.parametrize(
    ("user", "cluster", "said"),
    [
        ({"token": 12345}, {}, "K: user 'a'.token: expected text (put it in quotes), got int"),
        ({"client-key-data": "%%%"}, {}, "K: user 'a'.client-key-data: is not base64: "),
        ({"client-certificate-data": encoded("x")}, {}, "K: user 'a': client-certificate is given, but no client-key (nor client-key-data)"),
        ({"client-key-data": encoded("x")}, {}, "K: user 'a': client-key is given, but no client-certificate"),
        ({"client-key": "k", "client-key-data": "eA=="}, {}, "K: user 'a'.client-key: 'k' is given, and so is client-key-data; leave one"),
        ({"tokenFile": "/no/token"}, {}, "K: user 'a'.tokenFile: the file /no/token does not exist"),
        ({"token": "t", "username": "u"}, {}, "K: user 'a': both a token and a username are given"),
        ({"auth-provider": {"name": "gcp"}}, {}, "K: user 'a'.auth-provider: 'gcp' is not supported"),
        ({"auth-provider": {"name": "oidc"}, **_exec()}, {}, "K: user 'a'.auth-provider: is given, and so is exec"),
        ({"auth-provider": {"name": "oidc", "config": {}}}, {}, "K: user 'a'.auth-provider.config.idp-issuer-url: is not set"),
        ({"auth-provider": {"name": "oidc", "config": {"idp-issuer-url": "https://i", "client-id": "c", "refresh-token": 5}}}, {}, "K: user 'a'.auth-provider.config.refresh-token: expected text (put it in quotes), got int"),
        ({"as-groups": ["g"]}, {}, "K: user 'a'.as: is not set, but"),
        ({"as-groups": "g"}, {}, "K: user 'a'.as-groups: expected a list, got 'g'"),
        ({"as": "x", "as-groups": [1]}, {}, "K: user 'a'.as-groups: expected a list of texts, got 1"),
        ({"exec": []}, {}, "K: user 'a'.exec: expected a mapping, got []"),
        (_exec(apiVersion="client.authentication.k8s.io/v1alpha1"), {}, "K: user 'a'.exec.apiVersion: 'client.authentication.k8s.io/v1alpha1' is not one of client.authentication.k8s.io/v1, "),
        (_exec(interactiveMode=None), {}, "K: user 'a'.exec.interactiveMode: '' is not one of Never, IfAvailable, Always"),
        (_exec(command=""), {}, "K: user 'a'.exec.command: is not set"),
        (_exec(env=[{"value": "v"}]), {}, "K: user 'a'.exec.env[0].name: is not set"),
        ({}, {"certificate-authority-data": "a"}, "K: cluster 'a'.certificate-authority-data: is not base64: "),
        ({}, {"certificate-authority": "/no/ca"}, "K: cluster 'a'.certificate-authority: the file /no/ca does not exist"),
        ({}, {"certificate-authority": "c", "certificate-authority-data": "eA=="}, "K: cluster 'a'.certificate-authority: 'c' is given, and so is"),
        ({}, {"certificate-authority-data": "eA==", "insecure-skip-tls-verify": True}, "K: cluster 'a': insecure-skip-tls-verify is set, and so is"),
        ({}, {"insecure-skip-tls-verify": "yes"}, "K: cluster 'a'.insecure-skip-tls-verify: expected true or false, got 'yes'"),
        ({}, {"server": ""}, "K: cluster 'a'.server: is not set"),
        ({}, {"server": "a:6443"}, "K: cluster 'a': server: 'a:6443' is not the URL of an API server"),
        ({}, {"server": "https://jane:secret@a"}, "K: cluster 'a': server: its URL names a user; set username and password instead"),
        ({}, {"server": "jane:secret@a:6443"}, "K: cluster 'a': server: its URL names a user; set username and password instead"),
        ({}, {"server": "https://a:port"}, "K: cluster 'a': server: 'https://a:port' is not the URL of an API server"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_with_its_file_and_value(
    user: dict[str, Any], cluster: dict[str, Any], said: str
) -> None:
    found = fails(document(user, cluster))
    assert found.startswith(said)
    assert "secret" not in found


def test_a_context_that_leads_nowhere_is_named_with_what_there_is() -> None:
    lost = document()
    lost["contexts"][0]["context"]["cluster"] = "x"
    assert fails(lost) == "K: context 'a'.cluster: there is no cluster 'x' in K; there are: a"
    lost["contexts"][0]["context"] = {"cluster": "a", "user": "y"}
    assert fails(lost) == "K: context 'a'.user: there is no user 'y' in K; there are: a"
    lost["contexts"][0]["context"] = {"user": "a"}
    assert fails(lost) == "K: context 'a'.cluster: is not set"
    assert fails(document(), context="z") == "K: there is no context 'z'; contexts there are: a"


def test_other_documents_are_refused() -> None:
    assert fails({"kind": "Pod"}) == "K: kind: a kubeconfig has kind Config, not 'Pod'"
    assert fails({"clusters": [{"name": "a"}, {"name": "a"}]}) == "K: clusters[1].name: 'a' is there twice"
    assert fails({"users": ["a"]}) == "K: users[0]: expected a mapping, got 'a'"


def test_plugins_can_be_forbidden() -> None:
    said = fails(document(_exec()), allow_exec=False)
    assert said == "K: user 'a'.exec: is set, but running programs for credentials is not allowed here"
    assert KubeConfig.from_dict(document(_exec())).exec is not None


def test_a_context_without_a_user_is_anonymous() -> None:
    anonymous = document()
    del anonymous["contexts"][0]["context"]["user"]
    assert KubeConfig.from_dict(anonymous).token == ""


def test_a_command_with_a_slash_belongs_to_its_file_and_a_bare_one_to_path(tmp_path: Path) -> None:
    for command, read in (("bin/x", str(tmp_path / "bin" / "x")), ("../x", str(tmp_path.parent / "x")), ("x", "x")):
        config = KubeConfig.from_dict(document(_exec(command=command)), directory=tmp_path)
        assert config.exec is not None
        assert config.exec.command == read
