"""Reading kubeconfig files as kubectl does: where they are, how several are merged, which fields they have.

https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from fairlead.errors import ConfigError, InvalidObject
from fairlead.transport.config import ExecConfig, Impersonation, KubeConfig, OidcConfig
from fairlead.transport.fields import Fields, missing, why_unreadable

__all__ = ["from_documents", "in_cluster", "load", "parse"]

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_EXEC_API = "client.authentication.k8s.io/"
_EXEC_VERSIONS = (f"{_EXEC_API}v1", f"{_EXEC_API}v1beta1")
_EXEC_EXTENSION = "client.authentication.k8s.io/exec"
_INTERACTIVE_MODES = ("Never", "IfAvailable", "Always")

Source = tuple[str, Path, Mapping[str, Any]]  # a name for messages, the directory of relative paths, the document


def load(path: str | Path | None, *, context: str | None, allow_exec: bool) -> KubeConfig:
    """See `KubeConfig.load`."""
    if path is not None:
        return from_documents([_read(Path(path))], context=context, allow_exec=allow_exec)
    listed = [Path(name) for name in os.environ.get("KUBECONFIG", "").split(os.pathsep) if name]
    home = Path(os.path.expanduser("~/.kube/config"))  # noqa: PTH111 - Path.home() raises for a user without a home
    files = [file for file in listed or [home] if not missing(file)]
    in_pod = context is None and bool(os.environ.get("KUBERNETES_SERVICE_HOST"))
    if in_pod and (not files or (not listed and why_unreadable(home))):
        return in_cluster()  # an image's home may be another user's
    if files:
        return from_documents([_read(file) for file in dict.fromkeys(files)], context=context, allow_exec=allow_exec)
    tried = f"KUBECONFIG names {os.pathsep.join(map(str, listed))}, which" if listed else "~/.kube/config"
    raise ConfigError(
        f"no cluster to talk to: {tried} does not exist, and this does not run in a pod; set KUBECONFIG or pass a path"
    )


def in_cluster(directory: Path = SERVICE_ACCOUNT) -> KubeConfig:
    """See `KubeConfig.in_cluster`."""
    host, port = os.environ.get("KUBERNETES_SERVICE_HOST"), os.environ.get("KUBERNETES_SERVICE_PORT")
    if not host or not port:
        raise ConfigError(
            "not in a cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not both set; "
            "outside of a pod use a kubeconfig"
        )
    for file in ("token", "ca.crt"):
        _check_readable(directory / file, "in-cluster", f"the service account's {file}")
    namespace = directory / "namespace"
    return KubeConfig(
        server=f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}",
        ca_file=directory / "ca.crt",
        token_file=directory / "token",
        namespace=namespace.read_text("utf-8").strip() if namespace.exists() else "",
        source="in-cluster",
    )


def parse(text: str, source: str) -> Mapping[str, Any]:
    """Decode a kubeconfig's text: one YAML or JSON document; an empty one is an empty kubeconfig."""
    documents = _decode(text, source)
    if len(documents) > 1:
        raise ConfigError(f"{source}: has {len(documents)} YAML documents; a kubeconfig is one")
    document = documents[0] if documents else None
    if document is not None and not isinstance(document, Mapping):
        raise ConfigError(f"{source}: is not a kubeconfig: expected a mapping, got {document!r:.60}")
    return cast("Mapping[str, Any]", document or {})


def _decode(text: str, source: str) -> Sequence[object]:
    if text.lstrip().startswith("{"):
        try:  # JSON is most of what programs write, and needs no YAML parser
            return [json.loads(text)]
        except (ValueError, RecursionError):
            pass
    from fairlead.machinery.yaml.loading import load_all  # noqa: PLC0415  # a parser that few configurations need

    try:
        return load_all(text, source=source)
    except InvalidObject as error:  # it names the source and the line
        raise ConfigError(str(error)) from error


def _read(path: Path) -> Source:
    try:
        text = path.read_text("utf-8")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigError(f"{path}: cannot read this kubeconfig: {reason}") from error
    return str(path), path.absolute().parent, parse(text, str(path))


def from_documents(sources: Sequence[Source], *, context: str | None, allow_exec: bool) -> KubeConfig:
    """Merge kubeconfigs, choose a context, and read it."""
    merged = _Merged.of([Fields(document, where, directory=base) for where, base, document in sources])
    name = merged.current if context is None else context
    listed = f"contexts there are: {', '.join(sorted(merged.contexts)) or 'none'}"
    if not name:
        raise ConfigError(f"{merged.source}: current-context is not set, and no context was asked for; {listed}")
    if name not in merged.contexts:
        raise ConfigError(f"{merged.source}: there is no context {name!r}; {listed}")
    chosen = merged.contexts[name]
    cluster = _entry(merged.clusters, chosen, "cluster", merged.source)
    if cluster is None:
        raise ConfigError(f"{chosen.where('cluster')}: is not set")
    user = _entry(merged.users, chosen, "user", merged.source)
    config = _cluster(cluster, context=name, namespace=chosen.text("namespace"))
    return config if user is None else _user(user, cluster, config, allow_exec=allow_exec)


@dataclass(frozen=True, slots=True)
class _Merged:
    """Several kubeconfigs as one: the first to name a thing says all of it."""

    source: str
    current: str
    clusters: Mapping[str, Fields]
    users: Mapping[str, Fields]
    contexts: Mapping[str, Fields]

    @staticmethod
    def of(files: Sequence[Fields]) -> _Merged:
        current = ""
        clusters: dict[str, Fields] = {}
        users: dict[str, Fields] = {}
        contexts: dict[str, Fields] = {}
        for file in files:
            if file.text("kind") not in {"", "Config"}:
                raise ConfigError(f"{file.where('kind')}: a kubeconfig has kind Config, not {file.text('kind')!r}")
            current = current or file.text("current-context")
            for target, plural, singular in (
                (clusters, "clusters", "cluster"), (users, "users", "user"), (contexts, "contexts", "context"),
            ):  # fmt: skip
                for name, entry in _named(file, plural, singular).items():
                    target.setdefault(name, entry)
        return _Merged(", ".join(file.source for file in files), current, clusters, users, contexts)


def _named(file: Fields, plural: str, singular: str) -> dict[str, Fields]:
    entries: dict[str, Fields] = {}
    for item in file.items(plural):
        name = item.text("name") or _missing(item, "name")
        if name in entries:
            raise ConfigError(f"{item.where('name')}: {name!r} is there twice")
        entries[name] = item.mapping(singular, shown=f"{singular} {name!r}")
    return entries


def _entry(entries: Mapping[str, Fields], chosen: Fields, field: str, source: str) -> Fields | None:
    name = chosen.text(field)
    if name and name not in entries:
        listed = ", ".join(sorted(entries)) or "none"
        raise ConfigError(f"{chosen.where(field)}: there is no {field} {name!r} in {source}; there are: {listed}")
    return entries[name] if name else None


def _missing(fields: Fields, name: str) -> str:
    raise ConfigError(f"{fields.where(name)}: is not set")


def _cluster(cluster: Fields, *, context: str, namespace: str) -> KubeConfig:
    cluster.not_both("certificate-authority", "certificate-authority-data")
    with cluster.naming():
        return KubeConfig(
            server=cluster.text("server") or _missing(cluster, "server"),
            ca_file=cluster.file("certificate-authority"),
            ca_data=cluster.data("certificate-authority-data"),
            insecure_skip_tls_verify=cluster.flag("insecure-skip-tls-verify"),
            tls_server_name=cluster.text("tls-server-name"),
            proxy_url=cluster.text("proxy-url"),
            context=context,
            namespace=namespace,
            source=cluster.source,
        )


def _user(user: Fields, cluster: Fields, config: KubeConfig, *, allow_exec: bool) -> KubeConfig:
    user.not_both("client-certificate", "client-certificate-data")
    user.not_both("client-key", "client-key-data")
    with user.naming():
        return replace(
            config,
            client_certificate_file=user.file("client-certificate"),
            client_certificate_data=user.data("client-certificate-data"),
            client_key_file=user.file("client-key"),
            client_key_data=user.data("client-key-data"),
            token=user.text("token"),
            token_file=user.file("tokenFile"),
            username=user.text("username"),
            password=user.text("password"),
            exec=_exec(user, cluster, allow_exec=allow_exec),
            oidc=_oidc(user),
            impersonate=_impersonation(user),
        )


def _impersonation(user: Fields) -> Impersonation | None:
    name, groups, extra = user.text("as"), user.texts("as-groups"), user.mapping("as-user-extra")
    uid = user.text("as-uid")
    if not name:
        if groups or extra or uid:
            raise ConfigError(f"{user.where('as')}: is not set, but whom to impersonate is told in as-* fields")
        return None
    values = {key: extra.texts(key) for key in extra}
    return Impersonation(user=name, uid=uid, groups=groups, extra=values)


def _oidc(user: Fields) -> OidcConfig | None:
    provider = user.mapping("auth-provider")
    if not provider:
        return None
    name = provider.text("name")
    if name != "oidc":
        raise ConfigError(
            f"{user.where('auth-provider')}: {name!r} is not supported: auth providers other than oidc have been "
            "removed from Kubernetes; use an exec plugin or a token"
        )
    if user.mapping("exec"):
        raise ConfigError(f"{user.where('auth-provider')}: is given, and so is exec; leave one of them out")
    given = provider.mapping("config")
    given.not_both("idp-certificate-authority", "idp-certificate-authority-data")
    return OidcConfig(
        issuer=given.text("idp-issuer-url") or _missing(given, "idp-issuer-url"),
        client_id=given.text("client-id") or _missing(given, "client-id"),
        client_secret=given.text("client-secret"),
        id_token=given.text("id-token"),
        refresh_token=given.text("refresh-token"),
        ca_file=given.file("idp-certificate-authority"),
        ca_data=given.data("idp-certificate-authority-data"),
    )


def _exec(user: Fields, cluster: Fields, *, allow_exec: bool) -> ExecConfig | None:
    plugin = user.mapping("exec")
    if not plugin:
        return None
    if not allow_exec:
        raise ConfigError(f"{user.where('exec')}: is set, but running programs for credentials is not allowed here")
    version = plugin.text("apiVersion")
    if version not in _EXEC_VERSIONS:
        raise ConfigError(f"{plugin.where('apiVersion')}: {version!r} is not one of {', '.join(_EXEC_VERSIONS)}")
    mode = plugin.text("interactiveMode")
    if mode not in _INTERACTIVE_MODES and (mode or version == _EXEC_VERSIONS[0]):
        raise ConfigError(f"{plugin.where('interactiveMode')}: {mode!r} is not one of {', '.join(_INTERACTIVE_MODES)}")
    return ExecConfig(
        command=_command(plugin),
        api_version=version,
        args=plugin.texts("args"),
        env=tuple((item.text("name") or _missing(item, "name"), item.text("value")) for item in plugin.items("env")),
        install_hint=plugin.text("installHint"),
        provide_cluster_info=plugin.flag("provideClusterInfo"),
        interactive_mode=mode or "IfAvailable",
        cluster_config=_exec_extension(cluster),
    )


def _command(plugin: Fields) -> str:
    command = plugin.text("command") or _missing(plugin, "command")
    is_path = "/" in command or os.sep in command
    return os.path.normpath(plugin.directory / command) if is_path else command


def _exec_extension(cluster: Fields) -> object:
    for item in cluster.items("extensions"):
        if item.text("name") == _EXEC_EXTENSION:
            return item.raw("extension")
    return None


def _check_readable(path: Path, source: str, what: str) -> None:
    if reason := why_unreadable(path):
        raise ConfigError(f"{source}: {what}, {path}, {reason}")
