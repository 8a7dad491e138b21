"""What handlers raised, kept for the end of a test."""

from __future__ import annotations

import asyncio

__all__ = ["collect", "raise_all"]


def collect(errors: list[BaseException], error: BaseException, handler: str, key: str) -> None:
    """Keep an exception, with a note of where it came from; what pytest's `fail` raises is no Exception."""
    if not isinstance(error, asyncio.CancelledError):
        error.add_note(f"raised by the handler {handler} for {key}")
        errors.append(error)


def raise_all(errors: list[BaseException]) -> None:
    """Raise what was kept, if anything was, as one ExceptionGroup (else BaseExceptionGroup) that says where each came from."""
    if errors:
        notes = "; ".join(f"{type(each).__name__} {each.__notes__[-1]}" for each in errors)
        raise BaseExceptionGroup(f"handlers failed: {notes}", errors)
