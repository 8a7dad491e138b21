"""Traces for OpenTelemetry: `fairlead.tracing.instrument(client)`. Needs `fairlead[otel]`."""

from fairlead.observe.tracing import instrument

__all__ = ["instrument"]
