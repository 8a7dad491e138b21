"""What a client sends to a script, which reads it when it likes: whoever brings more than is kept has to wait."""

from __future__ import annotations

import asyncio

__all__ = ["LONGEST_LINE", "UNREAD", "Input"]

#: Bytes that are kept for a script that does not read them.
UNREAD = 1024 * 1024
#: Bytes that `readline` may give. A StreamReader has who feeds it wait at twice its limit.
LONGEST_LINE = UNREAD // 2


class Input(asyncio.ReadTransport):
    """Feeds a reader. Once more is unread than is kept, `feed` returns when some of it has been read, or no more will be."""

    def __init__(self) -> None:
        super().__init__()
        self.reader: asyncio.StreamReader = asyncio.StreamReader(limit=LONGEST_LINE)
        self.reader.set_transport(self)
        self._ended = False
        self._room = asyncio.Event()
        self._room.set()

    async def feed(self, data: bytes) -> None:
        """Add what has come, and wait for room; nothing after the end."""
        if data and not self._ended:
            self.reader.feed_data(data)
            await self._room.wait()

    def end(self) -> None:
        """No more comes, or is wanted; idempotent."""
        if not self._ended:
            self._ended = True
            self.reader.feed_eof()
        self._room.set()

    def pause_reading(self) -> None:
        """Too much is unread (asyncio's)."""
        if not self._ended:
            self._room.clear()

    def resume_reading(self) -> None:
        """There is room again, or a reader that waits for more (asyncio's)."""
        self._room.set()
