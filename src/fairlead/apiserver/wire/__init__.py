"""Bytes of requests and answers: media types, compression, and JSON as Go reads it."""
