"""Clients and views of fairlead and of fairlead.sync look alike, and do not go together: said where one is given."""

from __future__ import annotations

from fairlead.errors import InvalidObject

__all__ = ["check_kin"]


def check_kin(given: object, expected: type, whose: str) -> None:
    """Raises InvalidObject, naming the class of `fairlead.sync`, for what is not of the asynchronous kind."""
    if not isinstance(given, expected):
        room, _, name = whose.rpartition(".")
        there = room.replace("fairlead", "fairlead.sync", 1)
        raise InvalidObject(
            f"{whose}: an asynchronous {expected.__name__} is expected, not {type(given).__module__}.{type(given).__qualname__}; "
            f"with clients and views of fairlead.sync use {there}.{name}"
        )
