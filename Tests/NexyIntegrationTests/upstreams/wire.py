"""A small HTTP/1.1 server that decides over every byte it sends, and sees when a client leaves.

Messages and chunks are those of RFC 9112: https://www.rfc-editor.org/rfc/rfc9112
"""

import asyncio
import itertools
import json
import socket
import ssl
import struct
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from .loop import on_loop

# Seconds no answer may last, whatever its fault, and octets no request may have.
LIMIT = 60
REQUEST_LIMIT = 32 << 20
LAST_CHUNK = b"0\r\n\r\n"


@dataclass(frozen=True)
class Request:
    """What a client asked."""

    method: str
    target: str
    # By their names in lower case.
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.target).query)

    @cached_property
    def json(self):
        return json.loads(self.body)

    @cached_property
    def text(self) -> str:
        """The body as people read it: in JSON, letters stand for themselves."""
        text = self.body.decode(errors="replace")
        with suppress(ValueError):
            return json.dumps(self.json, ensure_ascii=False)
        return text


@dataclass
class Exchange:
    """A request and what became of it; times are of `time.monotonic`."""

    request: Request
    connection: int
    began: float = field(default_factory=time.monotonic)
    # Octets of the answer that the system took.
    sent: int = 0
    # When the answer was whole, or the client left before that.
    ended: float | None = None
    left: float | None = None

    @property
    def is_over(self) -> bool:
        return self.ended is not None or self.left is not None


def head(status: int, headers: dict[str, str]) -> bytes:
    """A status line and its fields."""
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *(f"{name}: {text}" for name, text in headers.items())]
    return "".join(line + "\r\n" for line in [*lines, ""]).encode()


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data) if data else b""


class Wire:
    """Where an answer's bytes go."""

    def __init__(self, writer: asyncio.StreamWriter, exchange: Exchange):
        self._writer = writer
        self._exchange = exchange
        self.is_closed = False

    async def send(self, data: bytes) -> None:
        """Sends bytes as they are; suspends until the system took them."""
        self._writer.write(data)
        await self._writer.drain()
        self._exchange.sent += len(data)

    async def wait_for_client_to_leave(self) -> None:
        await asyncio.sleep(LIMIT)

    def close(self) -> None:
        """Ends the connection as if all had been said."""
        self.is_closed = True
        self._writer.close()

    def reset(self) -> None:
        """Ends the connection as a crash does."""
        self.is_closed = True
        reset(self._writer)


def reset(writer: asyncio.StreamWriter) -> None:
    """Sends a reset: that is what lingering for no time at all means (socket(7))."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


class WireServer:
    """Answers HTTP on a port of this machine; what it answers, subclasses say in `answer`."""

    def __init__(self, tls: ssl.SSLContext | None = None):
        self.exchanges: list[Exchange] = []
        # How often each moment had so many answers under way.
        self.at_once = self.most_at_once = 0
        self._numbers = itertools.count(1)
        self._troubles: list[str] = []
        self._tasks: set[asyncio.Task] = set()
        self._tls = tls
        self._server = on_loop(self._listen())
        self.port: int = self._server.sockets[0].getsockname()[1]

    async def answer(self, request: Request, wire: Wire) -> None:
        raise NotImplementedError

    @property
    def origin(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def requests(self) -> list[Request]:
        return [exchange.request for exchange in self.exchanges]

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        on_loop(self._close())
        assert not self._troubles, "a fake broke:\n" + "\n".join(self._troubles)

    async def _listen(self) -> asyncio.Server:
        # A small buffer, so that a client that does not read is felt soon.
        listener = socket.create_server(("127.0.0.1", 0), backlog=200)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)
        return await asyncio.start_server(self._accept, sock=listener, ssl=self._tls, limit=1 << 18)

    async def _close(self) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._tasks.add(task)
        writer.transport.set_write_buffer_limits(high=0)
        number = next(self._numbers)
        try:
            async with asyncio.timeout(LIMIT):
                while request := await _read(reader):
                    if not await self._serve(Exchange(request, number), reader, writer):
                        break
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            pass
        except Exception:
            self._troubles.append(traceback.format_exc())
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _serve(self, exchange: Exchange, reader, writer) -> bool:
        """Answers one request; returns whether the connection may bring another."""
        self.exchanges.append(exchange)
        wire = Wire(writer, exchange)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        work = asyncio.ensure_future(self.answer(exchange.request, wire))
        # A client says nothing more until it is answered; what can come is its end.
        leaving = asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait({work, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                exchange.left = time.monotonic()
                return False
            exchange.ended = time.monotonic()
            with suppress(ConnectionError):
                work.result()
                return not wire.is_closed and not leaving.done()
            exchange.left = exchange.ended
            return False
        finally:
            self.at_once -= 1
            for task in (work, leaving):
                task.cancel()
            await asyncio.gather(work, leaving, return_exceptions=True)


async def _read(reader: asyncio.StreamReader) -> Request | None:
    """Reads a request; None when the client has no more."""
    try:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    except asyncio.IncompleteReadError:
        return None
    method, target, _ = lines[0].split(" ")
    headers = {name.lower(): text.strip() for name, _, text in (line.partition(":") for line in lines[1:] if line)}
    if "chunked" in headers.get("transfer-encoding", ""):
        body = await _read_chunks(reader)
    else:
        length = int(headers.get("content-length", 0))
        assert length <= REQUEST_LIMIT, f"a request of {length} octets"
        body = await reader.readexactly(length)
    return Request(method, target, headers, body)


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while length := int((await reader.readline()).partition(b";")[0], 16):
        body += (await reader.readexactly(length + 2))[:-2]
        assert len(body) <= REQUEST_LIMIT, "a request without an end"
    while (await reader.readline()).strip():
        pass
    return body
