"""Where the in-memory server is known to answer otherwise; why, says `known.py`."""

from __future__ import annotations

from tests.conformance.case import CRD, GET, JSON_PATCH, PATCH, POST, Case
from tests.conformance.cases.shown import DAEMON, DAEMONS, SCALER, SCALERS, generation

WIDGETS = "/apis/{group}/v1/namespaces/{ns}/widgets"
KEYED = {
    "type": "array",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["port"],
    "items": {"type": "object", "required": ["port"], "properties": {"port": {"type": "integer"}}},
}
SCHEMA = {"type": "object", "properties": {"l": KEYED}}

CASES = [
    Case("a template generation that is no number", POST(DAEMONS, DAEMON), PATCH(f"{DAEMONS}/d", generation("x"))),
    Case(
        "an autoscaler's CPU that was told in the older version",
        POST(SCALERS["v2"], SCALER),
        PATCH(
            f"{SCALERS['v1']}/h/status",
            [{"op": "add", "path": "/status/currentCPUUtilizationPercentage", "value": 5}],
            media=JSON_PATCH,
        ),
        GET(f"{SCALERS['v2']}/h"),
    ),
    Case("a creation in an empty namespace", POST("/api/v1/namespaces//configmaps", {"metadata": {"name": "x"}})),
    Case(
        "keys that are equal numbers, written in two ways",
        CRD(SCHEMA),
        POST(
            WIDGETS,
            '{"apiVersion":"{group}/v1","kind":"Widget","metadata":{"name":"a"},"l":[{"port":1},{"port":1.0}]}',
        ),
    ),
    Case("the keys that tokens are signed with", GET("/openid/v1/jwks"), namespace=False),
]
