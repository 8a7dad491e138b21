"""Health, and the paths that there are. https://kubernetes.io/docs/reference/using-api/health-checks/."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fairlead.machinery.wire import Request, Response

__all__ = ["ENDPOINTS", "checks", "paths", "respond"]

ENDPOINTS = ("healthz", "livez", "readyz")
#: Of the answer of one check; those of whole endpoints say more.
_ONE_HEADERS = {"content-type": "text/plain; charset=utf-8", "cache-control": "no-cache, private"}
_HEADERS = {**_ONE_HEADERS, "x-content-type-options": "nosniff"}
#: What kube-apiserver starts and looks after, in the order in which it tells of it.
_HOOKS = (
    *("start-apiserver-admission-initializer", "generic-apiserver-start-informers"),
    *("priority-and-fairness-config-consumer", "priority-and-fairness-filter", "storage-object-count-tracker-hook"),
    *("start-apiextensions-informers", "start-apiextensions-controllers", "crd-informer-synced"),
    *("start-system-namespaces-controller", "peer-endpoint-reconciler-controller"),
    *("start-cluster-authentication-info-controller", "start-kube-apiserver-identity-lease-controller"),
    *("start-kube-apiserver-identity-lease-garbage-collector", "storage-readiness"),
    *("start-legacy-token-tracking-controller", "start-service-ip-repair-controllers", "rbac/bootstrap-roles"),
    *("scheduling/bootstrap-system-priority-classes", "priority-and-fairness-config-producer", "bootstrap-controller"),
    *("start-kubernetes-service-cidr-controller", "start-kube-aggregator-informers"),
    *("apiservice-status-local-available-controller", "apiservice-status-remote-available-controller"),
    *("apiservice-registration-controller", "apiservice-discovery-controller", "kube-apiserver-autoregistration"),
)
_LAST = ("apiservice-openapi-controller", "apiservice-openapiv3-controller")


def checks(endpoint: str) -> list[str]:
    """What an endpoint looks at, in its order."""
    ready = endpoint == "readyz"
    first = ["ping", "log", *([] if ready else ["loopback-serving-certificate"]), "etcd"]
    between = ["etcd-readiness", "informer-sync"] if ready else []
    hooks = [f"poststarthook/{name}" for name in _HOOKS]
    last = [f"poststarthook/{name}" for name in _LAST]
    return [*first, *between, *hooks, "autoregister-completion", *last, *(["shutdown"] if ready else [])]


def respond(request: Request, endpoint: str, check: str) -> Response | None:
    """The answer of an endpoint, or of one of its checks; None where there is no such check."""
    known = checks(endpoint)
    if request.path.endswith("/"):
        return None
    if check:
        return _text(request, "ok", _ONE_HEADERS) if check in known else None
    if not any(key == "verbose" for key, _ in request.query):
        return _text(request, "ok")
    excluded = {value for key, value in request.query if key == "exclude"}
    lines = [f"[+]{name} {'excluded: ' if name in excluded else ''}ok" for name in known]
    unknown = sorted(excluded.difference(known))
    if unknown:
        told = ", ".join(f'"{name}"' for name in unknown)
        lines.append(f"warn: some health checks cannot be excluded: no matches for {told}")
    return _text(request, "\n".join([*lines, f"{endpoint} check passed", ""]))


def _text(request: Request, text: str, headers: Mapping[str, str] = _HEADERS) -> Response:
    return Response(200, headers, b"" if request.method == "HEAD" else text.encode())


def paths() -> Iterable[str]:
    """The paths of all endpoints and checks."""
    for endpoint in ENDPOINTS:
        yield f"/{endpoint}"
        yield from (f"/{endpoint}/{check}" for check in checks(endpoint))
