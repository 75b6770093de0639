"""The parts that a call on the wire is made of, and one end of an HTTP/2 connection."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from h2 import events, exceptions
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes

Fields = list[tuple[bytes, bytes]]
LIMITS = {"validate_inbound_headers": False, "validate_outbound_headers": False, "normalize_outbound_headers": False}
# Of a connection; only a stream's own window slows its sender, as one that nobody reads must not stop the others.
WIDE = 1 << 30


@dataclass(frozen=True)
class Head:
    fields: Fields


@dataclass(frozen=True)
class Message:
    """One message's bytes, without its prefix of five."""

    body: bytes


@dataclass(frozen=True)
class Raw:
    """Bytes that are no message."""

    body: bytes


@dataclass(frozen=True)
class Trailers:
    """The last of a call; with `:status` among the fields, the only one. Without fields the stream just ends."""

    fields: Fields


@dataclass(frozen=True)
class Reset:
    code: int


Part = Head | Message | Raw | Trailers | Reset


def framed(body: bytes) -> bytes:
    return b"\0" + len(body).to_bytes(4, "big") + body


def messages_in(buffer: bytearray) -> list[bytes]:
    """Takes the whole messages from the front of the buffer."""
    found = []
    while len(buffer) >= 5 and len(buffer) >= (end := 5 + int.from_bytes(buffer[1:5], "big")):
        found.append(bytes(buffer[5:end]))
        del buffer[:end]
    return found


class Peer:
    """One end of a connection: what comes on a stream waits in its inbox, what is sent keeps to the windows."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, is_client: bool):
        self.h2 = H2Connection(H2Configuration(client_side=is_client, header_encoding=None, **LIMITS))
        self.inboxes: dict[int, asyncio.Queue] = {}
        self._reader, self._writer = reader, writer
        self._moved = asyncio.Event()
        self.h2.initiate_connection()
        self.h2.increment_flow_control_window(WIDE)
        self.flush()

    @property
    def is_closed(self) -> bool:
        return self._writer.is_closing()

    def flush(self) -> None:
        self._writer.write(self.h2.data_to_send())

    async def pump(self, heard: Callable[[events.Event], None] = lambda event: None) -> None:
        """Reads until the connection ends; `heard` sees each event before its inbox does."""
        try:
            while data := await self._reader.read(1 << 16):
                for event in self.h2.receive_data(data):
                    heard(event)
                    if inbox := self.inboxes.get(getattr(event, "stream_id", None) or 0):
                        inbox.put_nowait(event)
                self.flush()
                self._moved.set()
        except (OSError, exceptions.ProtocolError):
            pass
        finally:
            for inbox in self.inboxes.values():
                inbox.put_nowait(None)
            self._moved.set()
            self.close()

    def close(self) -> None:
        with suppress(OSError, RuntimeError):
            self.flush()
            self._writer.close()

    async def send(self, stream: int, body: bytes) -> None:
        while body:
            self._moved.clear()
            room = min(self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size)
            if room <= 0:
                if self._writer.is_closing():
                    raise ConnectionResetError
                await self._moved.wait()
                continue
            self.h2.send_data(stream, body[:room])
            body = body[room:]
            self.flush()
            await self._writer.drain()

    def send_fields(self, stream: int, fields: Fields, is_last: bool = False) -> None:
        self.h2.send_headers(stream, fields, end_stream=is_last)
        self.flush()

    def end(self, stream: int) -> None:
        self.h2.end_stream(stream)
        self.flush()

    def reset(self, stream: int, code: int = ErrorCodes.CANCEL) -> None:
        with suppress(exceptions.ProtocolError, OSError):
            self.h2.reset_stream(stream, code)
            self.flush()

    async def next(self, stream: int):
        """The next event of a stream; None when the connection is gone."""
        event = await self.inboxes[stream].get()
        if isinstance(event, events.DataReceived) and event.flow_controlled_length:
            with suppress(exceptions.ProtocolError, OSError):
                self.h2.acknowledge_received_data(event.flow_controlled_length, stream)
                self.flush()
        return event
