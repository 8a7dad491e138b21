"""Typed access to a decoded document's fields, with errors that name the file, the field and the value."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from fairlead.errors import ConfigError

__all__ = ["Fields", "missing", "why_unreadable"]


class Fields:
    """A mapping in a document. A field that is null or missing reads as empty.

    Raises:
        ConfigError: by every method, when the field has a value of another type.
    """

    def __init__(self, document: Mapping[str, Any], source: str, place: str = "", *, directory: Path) -> None:
        self._document = document
        self.source = source
        self.place = place
        self.directory = directory

    def __bool__(self) -> bool:
        return bool(self._document)

    def __iter__(self) -> Iterator[str]:
        return iter(self._document)

    def where(self, name: str) -> str:
        """The file and the field, for messages."""
        return f"{self.source}: {self.place}.{name}" if self.place else f"{self.source}: {name}"

    def raw(self, name: str) -> object:
        """The value as it was decoded."""
        return self._document.get(name)

    def text(self, name: str) -> str:
        """A string; empty when absent."""
        value = self._document.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self._wrong(name, "text (put it in quotes)", value)
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings."""
        values = self._list(name)
        for value in values:
            if not isinstance(value, str):
                raise self._wrong(name, "a list of texts", value)
        return tuple(cast("list[str]", values))

    def flag(self, name: str) -> bool:
        """A boolean; False when absent."""
        value = self._document.get(name)
        if value is None or isinstance(value, bool):
            return bool(value)
        raise self._wrong(name, "true or false", value)

    def mapping(self, name: str, *, shown: str = "") -> Fields:
        """A mapping; an empty one when absent. `shown` replaces its name in later messages."""
        value = self._document.get(name)
        if value is not None and not isinstance(value, Mapping):
            raise self._wrong(name, "a mapping", value)
        place = shown or (f"{self.place}.{name}" if self.place else name)
        return Fields(cast("Mapping[str, Any]", value or {}), self.source, place, directory=self.directory)

    def items(self, name: str) -> list[Fields]:
        """A list of mappings."""
        items: list[Fields] = []
        for index, value in enumerate(self._list(name)):
            if not isinstance(value, Mapping):
                raise self._wrong(f"{name}[{index}]", "a mapping", value)
            place = f"{self.place}.{name}[{index}]" if self.place else f"{name}[{index}]"
            items.append(Fields(cast("Mapping[str, Any]", value), self.source, place, directory=self.directory))
        return items

    def data(self, name: str) -> bytes | None:
        """Bytes in base64; None when absent or empty."""
        text = "".join(self.text(name).split())
        if not text:
            return None
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as error:
            raise ConfigError(f"{self.where(name)}: is not base64: {error}") from None

    def file(self, name: str) -> Path | None:
        """A file that can be read, relative to the document's directory; None when absent or empty."""
        text = self.text(name)
        if not text:
            return None
        path = self.directory / text
        if reason := why_unreadable(path):
            raise ConfigError(f"{self.where(name)}: the file {path} {reason}")
        return path

    def not_both(self, file: str, data: str) -> None:
        """Refuse a thing that is given as a file and as data."""
        if self._document.get(file) and self._document.get(data):
            raise ConfigError(
                f"{self.where(file)}: {self._document[file]!r} is given, and so is {data}; leave one of them out"
            )

    @contextmanager
    def naming(self) -> Generator[None]:
        """Say in ConfigErrors that name only the file which entry of it they are about."""
        try:
            yield
        except ConfigError as error:
            prefix = f"{self.source}: "
            said = str(error)
            if not said.startswith(prefix) or said.startswith(f"{prefix}{self.place}"):
                raise
            raise ConfigError(f"{prefix}{self.place}: {said.removeprefix(prefix)}") from error

    def _list(self, name: str) -> list[object]:
        value = self._document.get(name)
        if value is not None and not isinstance(value, list):
            raise self._wrong(name, "a list", value)
        return cast("list[object]", value or [])

    def _wrong(self, name: str, expected: str, value: object) -> ConfigError:
        got = type(value).__name__ if _may_be_secret(name) else f"{value!r:.60}"
        return ConfigError(f"{self.where(name)}: expected {expected}, got {got}")


def why_unreadable(path: Path) -> str:
    """Why a file cannot be read; empty if it can."""
    if os.access(path, os.R_OK) and not path.is_dir():
        return ""
    return "does not exist" if missing(path) else "cannot be read"


def missing(path: Path) -> bool:
    """Whether there is nothing; what may not be looked at, in a directory that is closed to us, is there."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        pass
    return False


def _may_be_secret(name: str) -> bool:
    return name in {"token", "password", "client-key-data", "value", "client-secret", "id-token", "refresh-token"}
