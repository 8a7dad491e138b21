"""Schemas of built-in types and CRDs, and what they do to values: prune, default, validate."""
