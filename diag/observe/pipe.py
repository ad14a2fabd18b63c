"""The reading end of what a program prints."""

import asyncio
import os
from dataclasses import dataclass
from typing import Self


@dataclass
class Pipe:
    """A pipe of our own: asyncio's would make the end of the program wait for all who hold its other end."""

    reader: asyncio.StreamReader
    transport: asyncio.ReadTransport
    write: int

    @classmethod
    async def open(cls) -> Self:
        read, write = os.pipe()
        reader = asyncio.StreamReader(limit=1 << 20)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(read, "rb", 0)
        )
        return cls(reader, transport, write)

    def close_write(self) -> None:
        if self.write >= 0:
            os.close(self.write)
            self.write = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close_write()
        self.transport.close()
