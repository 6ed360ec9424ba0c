"""A cable between an app and a pretend host, which can break in the ways that networks break."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

RESETS = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends RST instead of FIN


class Cable:
    """Carries bytes. What was plugged in before `freeze` stays plugged in and carries nothing."""

    def __init__(self) -> None:
        self._plugged: list[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = []
        self._frozen: set[asyncio.StreamWriter] = set()

    @asynccontextmanager
    async def to(self, port: int) -> AsyncIterator[int]:
        """The port at which the other `port` of this machine is reached by this cable."""

        async def plug(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
            self._plugged.append((writer, far_writer))
            await asyncio.gather(self._carry(reader, far_writer), self._carry(far_reader, writer))

        server = await asyncio.start_server(plug, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            self.cut()

    def cut(self) -> None:
        """TCP reset at both ends of everything."""
        for ends in self._plugged:
            for end in ends:
                if end.transport.is_closing():
                    continue
                with suppress(OSError):
                    found = end.get_extra_info("socket")
                    found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESETS)
                end.transport.abort()
        self._plugged.clear()

    def freeze(self) -> None:
        """What is plugged in now becomes half open: nobody is told, and nothing is carried."""
        for ends in self._plugged:
            self._frozen.update(ends)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while some := await reader.read(65536):
                if writer not in self._frozen:
                    writer.write(some)
        if writer not in self._frozen:
            writer.close()
