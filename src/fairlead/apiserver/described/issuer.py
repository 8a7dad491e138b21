"""Who issues service accounts' tokens, as verifiers ask for it (OpenID Connect discovery).

https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery
Tokens of this server are not signed, so the set of keys is empty: nobody but the server itself can judge them (TokenReview).
"""

from __future__ import annotations

import json

from fairlead.apiserver.statuses import method_not_allowed
from fairlead.apiserver.wire.negotiation import JSON, require_producible
from fairlead.machinery.wire import Request, Response

__all__ = ["CONFIGURATION", "KEYS", "respond"]

CONFIGURATION, KEYS = "/.well-known/openid-configuration", "/openid/v1/jwks"
_KEY_SET = "application/jwk-set+json"
_NO_KEYS: dict[str, object] = {"keys": ()}


def respond(request: Request, address: str) -> Response | None:
    """The answer, if the request is for the issuer's configuration or its keys; else None.

    `address` is host and port of the server. Raises Refusal (405, 406).
    """
    match request.path.removesuffix("/"):
        case path if path == CONFIGURATION:
            media, document = JSON, _configuration(address)
        case path if path == KEYS:
            media, document = _KEY_SET, _NO_KEYS
        case _:
            return None
    if request.method != "GET":
        raise method_not_allowed()
    require_producible(request.headers.get("accept", ""), (media,))
    body = json.dumps(document, separators=(",", ":")).encode()
    return Response(200, {"content-type": media, "cache-control": "public, max-age=3600"}, body)


def _configuration(address: str) -> dict[str, object]:
    return {
        "issuer": "https://kubernetes.default.svc",
        "jwks_uri": f"https://{address}{KEYS}",
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }
