"""HTTP/2 and gRPC on the wire, right or wrong as the caller likes."""

import re
import socket
import struct
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum

import hpack

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SERVICE = "/streaming.StreamingService/"
METHODS = ("StreamAudio", "InterruptSession", "GenerateWelcomeAudio", "ReportUsage")

END_STREAM = ACK = 0x1
END_HEADERS = 0x4
# The largest frame that a peer must take, and its first flow control window.
FRAME_LIMIT = 16_384
FIRST_WINDOW = 65_535
WINDOW_LIMIT = (1 << 31) - 1

Headers = list[tuple[bytes, bytes]]


class Type(IntEnum):
    DATA = 0
    HEADERS = 1
    PRIORITY = 2
    RST_STREAM = 3
    SETTINGS = 4
    PUSH_PROMISE = 5
    PING = 6
    GOAWAY = 7
    WINDOW_UPDATE = 8
    CONTINUATION = 9


@dataclass(frozen=True)
class Frame:
    kind: int
    flags: int
    stream: int
    payload: bytes


def frame(kind: int, payload: bytes = b"", *, flags: int = 0, stream: int = 0, length: int | None = None) -> bytes:
    """A frame; `length` claims another length than the payload has."""
    claimed = len(payload) if length is None else length
    return struct.pack(">I", claimed)[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def setting(number: int, value: int) -> bytes:
    return struct.pack(">HI", number, value)


def window_update(stream: int, increment: int) -> bytes:
    return frame(Type.WINDOW_UPDATE, struct.pack(">I", increment), stream=stream)


def reset(stream: int, code: int = 8) -> bytes:
    return frame(Type.RST_STREAM, struct.pack(">I", code), stream=stream)


# Opens a connection whose client never makes the server wait for a window.
OPENING = PREFACE + frame(Type.SETTINGS, setting(4, WINDOW_LIMIT)) + window_update(0, WINDOW_LIMIT - FIRST_WINDOW)
PROBE = b"nexyfuzz"
# What a server that still reads frames answers, whatever came before.
PING = frame(Type.PING, PROBE)


def call_headers(path: str = SERVICE + "StreamAudio") -> Headers:
    return [
        (b":method", b"POST"),
        (b":scheme", b"http"),
        (b":path", path.encode()),
        (b":authority", b"127.0.0.1"),
        (b"te", b"trailers"),
        (b"content-type", b"application/grpc"),
    ]


def block(headers: Headers) -> bytes:
    return hpack.Encoder().encode(headers, huffman=False)


def new_decoder() -> hpack.Decoder:
    """Takes any size of table: hostile settings may have allowed the server one."""
    decoder = hpack.Decoder()
    decoder.max_allowed_table_size = 1 << 32
    return decoder


def headers(stream: int, fields: Headers | bytes, *, end: bool = False) -> list[bytes]:
    """HEADERS, and CONTINUATION where the block needs it."""
    left = fields if isinstance(fields, bytes) else block(fields)
    frames = []
    while True:
        piece, left = left[:FRAME_LIMIT], left[FRAME_LIMIT:]
        flags = (0 if left else END_HEADERS) | (END_STREAM if end and not frames else 0)
        frames.append(frame(Type.CONTINUATION if frames else Type.HEADERS, piece, flags=flags, stream=stream))
        if not left:
            return frames


def data(stream: int, body: bytes, *, end: bool = True) -> list[bytes]:
    """DATA frames; an empty body is one empty frame."""
    starts = range(0, len(body), FRAME_LIMIT) or [0]
    return [
        frame(
            Type.DATA,
            body[start : start + FRAME_LIMIT],
            flags=END_STREAM if end and start + FRAME_LIMIT >= len(body) else 0,
            stream=stream,
        )
        for start in starts
    ]


def message(body: bytes, *, compressed: int = 0, length: int | None = None) -> bytes:
    """A gRPC message; `length` claims another length than the body has."""
    return struct.pack(">BI", compressed, len(body) if length is None else length) + body


def call(
    stream: int, body: bytes, *, path: str = SERVICE + "StreamAudio", fields: Headers | None = None
) -> list[bytes]:
    """A whole request: its headers, then `body` as it stands."""
    return headers(stream, call_headers(path) if fields is None else fields) + data(stream, body)


@dataclass
class Outcome:
    """What became of one input."""

    # answered, reset, goaway, alive (read on, and answers a ping), closed, left (the client went away), or hang.
    end: str
    # Status codes: HTTP's, gRPC's after a slash, HTTP/2's error code for a reset or a GOAWAY.
    code: str = ""
    seconds: float = 0
    # Why it is a failure of the server; empty when it is none.
    fault: str = ""


@dataclass
class _Answer:
    """What was heard on a stream so far."""

    status: str = ""
    grpc_status: str = ""
    reset: int | None = None
    ended: bool = False

    def outcome(self) -> Outcome:
        if self.ended:
            fault = "the answer has no gRPC status" if self.status == "200" and not self.grpc_status else ""
            return Outcome("answered", f"{self.status}/{self.grpc_status or '-'}", fault=fault)
        return Outcome("reset", f"RST {self.reset}")


class Hang(Exception):
    """The server kept silent past the limit."""


@dataclass
class Connection:
    """A client's side of one connection, on which one stream after another is tried."""

    port: int
    limit: float
    next_stream: int = 1
    closed: bool = False
    goaway: int | None = None
    _answers: dict[int, _Answer] = field(default_factory=dict)
    _windows: dict[int, int] = field(default_factory=lambda: {0: FIRST_WINDOW})
    _first_window: int = FIRST_WINDOW
    # Octets read since the server was last given room for more.
    _unacknowledged: int = 0
    _buffer: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self._decoder = new_decoder()
        self._socket = socket.create_connection(("127.0.0.1", self.port), timeout=self.limit)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._deadline = time.monotonic() + self.limit
        self._send(OPENING)

    def try_stream(self, frames: Iterable[bytes]) -> Outcome:
        """Sends the frames of one stream within its windows, and waits for what becomes of it."""
        stream, self.next_stream = self.next_stream, self.next_stream + 2
        self._windows[stream] = self._first_window
        answer = self._answers[stream] = _Answer()
        self._deadline = time.monotonic() + self.limit
        try:
            batch = b""
            for piece in frames:
                size = len(piece) - 9
                if piece[3] == Type.DATA and size > min(self._windows[0], self._windows[stream]):
                    self._send(batch)
                    batch = b""
                    while size > min(self._windows[0], self._windows[stream]) and self._goes_on(answer):
                        self._read_frame()
                if not self._goes_on(answer):
                    break
                if piece[3] == Type.DATA:
                    self._windows[0] -= size
                    self._windows[stream] -= size
                batch += piece
            self._send(batch)
            while self._goes_on(answer):
                self._read_frame()
        except Hang:
            return Outcome("hang", fault=f"neither answer, reset, GOAWAY nor close within {self.limit:g} s")
        finally:
            del self._answers[stream], self._windows[stream]
        if answer.ended or answer.reset is not None:
            return answer.outcome()
        return Outcome("closed") if self.goaway is None else Outcome("goaway", f"GOAWAY {self.goaway}")

    def close(self) -> None:
        self._socket.close()

    @property
    def is_usable(self) -> bool:
        return not self.closed and self.goaway is None

    def _goes_on(self, answer: _Answer) -> bool:
        return self.is_usable and not answer.ended and answer.reset is None

    def _send(self, octets: bytes) -> None:
        try:
            if octets:
                self._socket.sendall(octets)
        except TimeoutError:
            raise Hang from None
        except OSError:
            # What the server said before it closed may still be there to read.
            pass

    def _read_frame(self) -> None:
        while (whole := _take_frame(self._buffer)) is None:
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise Hang
            self._socket.settimeout(left)
            try:
                received = self._socket.recv(1 << 18)
            except TimeoutError:
                raise Hang from None
            except OSError:
                received = b""
            if not received:
                self.closed = True
                return
            self._buffer += received
        self._take(whole)

    def _take(self, heard: Frame) -> None:
        answer = self._answers.get(heard.stream)
        match heard.kind:
            case Type.HEADERS:
                fields = dict(self._decoder.decode(heard.payload, raw=True))
                if answer:
                    answer.status = fields.get(b":status", answer.status.encode()).decode()
                    answer.grpc_status = fields.get(b"grpc-status", answer.grpc_status.encode()).decode()
            case Type.RST_STREAM if answer:
                answer.reset = struct.unpack(">I", heard.payload)[0]
            case Type.GOAWAY:
                self.goaway = struct.unpack(">II", heard.payload[:8])[1]
            case Type.WINDOW_UPDATE if heard.stream in self._windows:
                self._windows[heard.stream] += struct.unpack(">I", heard.payload)[0]
            case Type.SETTINGS if not heard.flags & ACK:
                self._adopt(heard.payload)
            case Type.PING if not heard.flags & ACK:
                self._send(frame(Type.PING, heard.payload, flags=ACK))
        if answer and heard.kind in (Type.DATA, Type.HEADERS) and heard.flags & END_STREAM:
            answer.ended = True
        # Audio may be long: give back what was read, a mebibyte at a time.
        if heard.kind == Type.DATA:
            self._unacknowledged += len(heard.payload)
            if self._unacknowledged >= 1 << 20:
                self._send(window_update(0, self._unacknowledged))
                self._unacknowledged = 0

    def _adopt(self, payload: bytes) -> None:
        for number, value in struct.iter_unpack(">HI", payload):
            if number == 4:
                for stream in self._windows.keys() - {0}:
                    self._windows[stream] += value - self._first_window
                self._first_window = value
        self._send(frame(Type.SETTINGS, flags=ACK))


def _take_frame(buffer: bytearray) -> Frame | None:
    if len(buffer) < 9:
        return None
    length = int.from_bytes(buffer[:3], "big")
    if len(buffer) < 9 + length:
        return None
    found = Frame(
        buffer[3], buffer[4], int.from_bytes(buffer[5:9], "big") & WINDOW_LIMIT, bytes(buffer[9 : 9 + length])
    )
    del buffer[: 9 + length]
    return found


def exchange(port: int, octets: bytes, limit: float, patience: float = 0, pause: float = 0) -> bytes:
    """Sends all that a connection will ever say, and returns what came until the close.

    The client ends its side once the probe came back or nothing came for `patience` seconds: a server that sees the end
    may drop what it was about to say. `pause` sends a byte at a time with so many seconds between.
    """
    deadline = time.monotonic() + limit + patience + pause * len(octets)
    heard = bytearray()
    with socket.create_connection(("127.0.0.1", port), timeout=limit) as connected:
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for piece in [octets] if not pause else [octets[at : at + 1] for at in range(len(octets))]:
                connected.sendall(piece)
                time.sleep(pause)
        except TimeoutError:
            raise Hang from None
        except OSError:
            pass
        is_open = True
        while True:
            if is_open and (not patience or PROBE in heard):
                _end_sending(connected)
                is_open = False
            left = deadline - time.monotonic()
            if left <= 0:
                raise Hang
            connected.settimeout(min(left, patience) if is_open else left)
            try:
                received = connected.recv(1 << 18)
            except TimeoutError:
                if not is_open:
                    raise Hang from None
                patience = 0
                continue
            except OSError:
                return bytes(heard)
            if not received:
                return bytes(heard)
            heard += received


def _end_sending(connected: socket.socket) -> None:
    try:
        connected.shutdown(socket.SHUT_WR)
    except OSError:
        # The other side was quicker.
        pass


def leave(port: int, octets: bytes, limit: float) -> None:
    """Sends, and goes away without reading: the kernel resets the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=limit) as connected:
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        try:
            connected.sendall(octets)
        except TimeoutError:
            raise Hang from None
        except OSError:
            pass


def frames_of(octets: bytes) -> Iterator[Frame]:
    buffer = bytearray(octets)
    while found := _take_frame(buffer):
        yield found


def read_outcome(heard: bytes) -> Outcome:
    """The strongest thing that a server said on an HTTP/2 connection before it closed it."""
    decoder = new_decoder()
    statuses: list[str] = []
    resets: list[str] = []
    goaways: list[str] = []
    is_alive = False
    for found in frames_of(heard):
        match found.kind:
            case Type.HEADERS:
                fields = dict(decoder.decode(found.payload, raw=True))
                if found.flags & END_STREAM:
                    statuses.append(
                        f"{fields.get(b':status', b'200').decode()}/{fields.get(b'grpc-status', b'-').decode()}"
                    )
            case Type.RST_STREAM:
                resets.append(f"RST {struct.unpack('>I', found.payload)[0]}")
            case Type.GOAWAY:
                goaways.append(f"GOAWAY {struct.unpack('>II', found.payload[:8])[1]}")
            case Type.PING:
                is_alive = is_alive or found.payload == PROBE
    for end, codes in (("goaway", goaways), ("answered", statuses), ("reset", resets)):
        if codes:
            return Outcome(end, codes[-1])
    return Outcome("alive" if is_alive else "closed")


def read_http_outcome(heard: bytes) -> Outcome:
    """The statuses of an HTTP/1.1 connection's answers."""
    codes = re.findall(rb"HTTP/1\.[01] (\d{3})", heard)
    if not codes:
        return Outcome("closed", fault=f"no HTTP: {heard[:40]!r}" if heard else "")
    fault = "the server failed inside" if b"500" in codes else ""
    return Outcome("answered", " ".join(sorted({code.decode() for code in codes})), fault=fault)
