"""A stretch of line between the console and a server that a test can break."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable


class BrokenLine:
    """A TCP proxy; what it does with the bytes is the test's to say.

    Attributes:
        watch: is shown each block from the client before it goes on, and may break the line there;
            what it returns false for is swallowed.
        answers: whether what the server says reaches the client.
        refusing: whether new connections are ended at once.
    """

    def __init__(self, host: str, port: int) -> None:
        self.target = (host, port)
        self.watch: Callable[[bytes], bool] | None = None
        self.answers = True
        self.refusing = False
        self.port = 0
        self._client_ends: list[asyncio.StreamWriter] = []
        self._server_ends: list[asyncio.StreamWriter] = []
        self._pumps: set[asyncio.Task[None]] = set()

    def cut(self, *, unnoticed: bool = False) -> None:
        """Break every connection that is open; `unnoticed` by the server, which goes on waiting."""
        for writer in self._client_ends if unnoticed else self._client_ends + self._server_ends:
            writer.transport.abort()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Called by asyncio for each connection of a client."""
        if self.refusing:
            writer.transport.abort()
            return
        task = asyncio.ensure_future(self._join(reader, writer))
        self._pumps.add(task)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_connection(*self.target)
        self._client_ends.append(writer)
        self._server_ends.append(server_writer)
        await asyncio.gather(
            self._pump(reader, server_writer, self._upwards), self._pump(server_reader, writer, lambda _: self.answers)
        )

    def _upwards(self, block: bytes) -> bool:
        return self.watch is None or self.watch(block)

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, passes: Callable[[bytes], bool]
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while block := await source.read(65536):
                if passes(block):
                    sink.write(block)
                    await sink.drain()
            if passes(b""):
                sink.write_eof()

    async def close(self) -> None:
        """End everything that is still open."""
        self.cut()
        for task in self._pumps:
            task.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)


@contextlib.asynccontextmanager
async def broken_line(host: str, port: int) -> AsyncIterator[BrokenLine]:
    """The proxy in front of a server, gone with the test."""
    line = BrokenLine(host, port)
    listener = await asyncio.start_server(line.accept, "127.0.0.1", 0)
    line.port = listener.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        listener.close()
        await line.close()
        await listener.wait_closed()
