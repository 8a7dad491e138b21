"""TLS inside TLS with asyncio: to a server, through a proxy that is itself spoken to over TLS."""

from __future__ import annotations

import asyncio
from asyncio import sslproto
from typing import Any

__all__ = ["carrier"]

# It has no public name.
_OVER_TLS: type[asyncio.Transport] = sslproto._SSLProtocolTransport  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]


def carrier(transport: asyncio.Transport) -> asyncio.Transport:
    """What `loop.start_tls` can be given in the transport's place, also where that is TLS already."""
    # Other loops (uvloop) have transports of their own, and take those alone.
    return _Carrier(transport) if isinstance(transport, _OVER_TLS) else transport


class _Carrier(asyncio.Transport):
    """asyncio's TLS transport for another TLS on top of it.

    Until Python 3.12.2 that one raises TypeError where the inner TLS gives up (https://github.com/python/cpython/issues/113214),
    which leaves the connection open and its owner waiting.
    """

    _start_tls_compatible = True  # asyncio asks for it

    def __init__(self, outer: asyncio.Transport) -> None:
        super().__init__()
        self._outer = outer

    def _force_close(self, _exc: BaseException | None) -> None:
        self._outer.abort()

    def abort(self) -> None:
        self._outer.abort()

    def close(self) -> None:
        self._outer.close()

    def is_closing(self) -> bool:
        return self._outer.is_closing()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._outer.write(data)

    def pause_reading(self) -> None:
        self._outer.pause_reading()

    def resume_reading(self) -> None:
        self._outer.resume_reading()

    def is_reading(self) -> bool:
        return self._outer.is_reading()

    def get_write_buffer_size(self) -> int:
        return self._outer.get_write_buffer_size()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._outer.get_extra_info(name, default)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._outer.set_protocol(protocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._outer.get_protocol()
