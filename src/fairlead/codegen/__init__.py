"""Writes schemas, models and `machinery.meta` from the OpenAPI and discovery documents of a Kubernetes release."""
