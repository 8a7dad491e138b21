"""Reading gzip as it arrives. A kube-apiserver compresses each event of a watch as a gzip member of its own."""

from __future__ import annotations

import zlib

__all__ = ["GzipMembers"]

_GZIP = 16 + zlib.MAX_WBITS


class GzipMembers:
    """Decompresses a sequence of gzip members (RFC 1952), giving all that each piece of input makes known."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP)
        self._begun = False

    def decompress(self, data: bytes) -> bytes:
        """The bytes that `data` adds.

        Raises:
            ValueError: this is no gzip, or it is damaged.
        """
        parts: list[bytes] = []
        try:
            while data:
                parts.append(self._member.decompress(data))
                self._begun = True
                data = self._member.unused_data
                if self._member.eof:
                    self._member = zlib.decompressobj(_GZIP)
                    self._begun = False
        except zlib.error as error:
            raise ValueError(f"the body is not gzip, or is damaged: {error}") from error
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def finish(self) -> None:
        """Say that the input has ended.

        Raises:
            ValueError: it ended within a member.
        """
        if self._begun:
            raise ValueError("the gzip body ends too early")
