"""A client that speaks HTTP/2 by hand, for what no library would send, or would answer by itself."""

import socket
import struct
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field

from client import new_device, new_session
from contract import COMMIT, REPOSITORY, messages
from script import prompt_for

sys.path.append(str(REPOSITORY / "Tests" / "Load"))

import wire  # noqa: E402
from wire import Frame, Type  # noqa: E402

# What RST_STREAM and GOAWAY may say.
NO_ERROR, REFUSED_STREAM, CANCEL, ENHANCE_YOUR_CALM = 0, 7, 8, 11

# Streams that a server allows on a connection, and a few less.
STREAM_LIMIT = 90

STREAM_AUDIO = wire.SERVICE + "StreamAudio"


def request_for(name: str, device: str | None = None) -> messages.StreamRequest:
    return messages.StreamRequest(
        prompt=prompt_for(name), hardware_id=device or new_device(), session_id=new_session(), phase=COMMIT
    )


@dataclass
class Heard:
    """What came on one stream."""

    fields: dict[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)
    ended: bool = False
    reset: int | None = None

    @property
    def is_over(self) -> bool:
        return self.ended or self.reset is not None

    @property
    def items(self) -> list:
        """The messages that are whole."""
        found, at = [], 0
        while at + 5 <= len(self.body):
            length = int.from_bytes(self.body[at + 1 : at + 5], "big")
            if at + 5 + length > len(self.body):
                break
            found.append(messages.StreamResponse.FromString(bytes(self.body[at + 5 : at + 5 + length])))
            at += 5 + length
        return found


class RawClient:
    """One connection.

    With `reads` false it takes the first 65,535 octets of each stream, and of all together, and what it gives room for.
    With `is_far` what comes is under way until it `arrives`.
    """

    def __init__(self, port: int, reads: bool = True, is_far: bool = False):
        self._socket = socket.socket()
        self._arrives = threading.Event()
        if is_far:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        else:
            self._arrives.set()
        self._socket.settimeout(10)
        self._socket.connect(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._news = threading.Condition()
        self._decoder = wire.new_decoder()
        self._last_stream = -1
        self._heard: dict[int, Heard] = {}
        self.pongs = 0
        self.goaway: int | None = None
        self.closed = False
        self.send(wire.OPENING if reads else wire.PREFACE + wire.frame(Type.SETTINGS))
        threading.Thread(target=self._read, daemon=True).start()

    def send(self, *frames: bytes) -> None:
        # The server may have closed, and what it said before that is what counts.
        with suppress(OSError):
            self._socket.sendall(b"".join(frames))

    def call(
        self, request=None, *, body: bytes | None = None, path: str = STREAM_AUDIO, fields: dict[str, str] = {}
    ) -> int:
        """Sends a request and returns its stream."""
        headers = wire.call_headers(path) + [(name.encode(), value.encode()) for name, value in fields.items()]
        stream = self.new_stream()
        body = wire.message(request.SerializeToString()) if body is None else body
        self.send(*wire.call(stream, body, fields=headers))
        return stream

    def call_before_farewell(self, request) -> None:
        """Sends a request as a client may: not after GOAWAY has come, and within the streams that the server allows."""
        with self._news:
            running = sum(not heard.is_over for stream, heard in self._heard.items() if stream)
            if self.goaway is None and running < STREAM_LIMIT:
                self.call(request)

    def new_stream(self) -> int:
        self._last_stream += 2
        with self._news:
            self._heard[self._last_stream] = Heard()
        return self._last_stream

    def arrives(self) -> None:
        self._arrives.set()

    def ping(self) -> None:
        self.send(wire.PING)

    def give_room(self, octets: int, stream: int = 0) -> None:
        self.send(wire.window_update(stream, octets))

    def heard(self, stream: int) -> Heard:
        return self._heard[stream]

    def wait_for(self, condition, within: float = 10) -> bool:
        """Waits until `condition` holds, which is asked after each frame that comes."""
        with self._news:
            return bool(self._news.wait_for(condition, timeout=within))

    def ended(self, stream: int, within: float = 10) -> Heard:
        heard = self._heard[stream]
        assert self.wait_for(lambda: heard.is_over or self.closed, within), (
            f"stream {stream} still runs after {within} s: {heard.fields}, {len(heard.body)} octets"
        )
        return heard

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _read(self) -> None:
        buffer = bytearray()
        self._socket.settimeout(None)
        self._arrives.wait()
        while True:
            try:
                received = self._socket.recv(1 << 18)
            except OSError:
                received = b""
            with self._news:
                buffer += received
                while (found := wire._take_frame(buffer)) is not None:
                    self._take(found)
                self.closed = not received
                self._news.notify_all()
            if not received:
                return

    def _take(self, found: Frame) -> None:
        heard = self._heard.setdefault(found.stream, Heard())
        match found.kind:
            case Type.HEADERS:
                pairs = self._decoder.decode(found.payload)
                heard.fields |= {str(name): str(value) for name, value in pairs}
            case Type.DATA:
                heard.body += found.payload
            case Type.RST_STREAM:
                heard.reset = struct.unpack(">I", found.payload)[0]
            case Type.GOAWAY:
                self.goaway = struct.unpack(">I", found.payload[4:8])[0]
            case Type.PING if found.flags & wire.ACK:
                self.pongs += 1
            case Type.PING:
                self.send(wire.frame(Type.PING, found.payload, flags=wire.ACK))
            case Type.SETTINGS if not found.flags & wire.ACK:
                self.send(wire.frame(Type.SETTINGS, flags=wire.ACK))
        if found.kind in (Type.HEADERS, Type.DATA) and found.flags & wire.END_STREAM:
            heard.ended = True


__all__ = ["CANCEL", "ENHANCE_YOUR_CALM", "NO_ERROR", "REFUSED_STREAM", "RawClient", "request_for", "wire"]
