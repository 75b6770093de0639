"""The hostile inputs: each kind makes the same bytes from the same random numbers."""

import json
import random
import struct
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from wire import (
    ACK,
    END_HEADERS,
    END_STREAM,
    FRAME_LIMIT,
    METHODS,
    OPENING,
    PING,
    PREFACE,
    SERVICE,
    WINDOW_LIMIT,
    Headers,
    Type,
    block,
    call,
    call_headers,
    data,
    frame,
    headers,
    message,
    reset,
    setting,
    window_update,
)

# How an input is sent: as a stream of a connection that others share, as all that a connection to the gRPC or the HTTP
# port says, a byte at a time, or by a client that goes away at once.
Way = Literal["stream", "connection", "http", "drip", "leave"]


@dataclass(frozen=True)
class Kind:
    name: str
    # Of every 1,000 inputs.
    share: float
    way: Way
    # The input's frames, or pieces, on the given stream.
    make: Callable[[random.Random, int], list[bytes]]


# What a field of a request holds.
FIELDS = {
    "StreamAudio": {1: str, 2: str, 3: int, 4: int, 5: str, 6: str, 7: int, 8: int, 9: str},
    "InterruptSession": {1: str},
    "GenerateWelcomeAudio": {1: str, 2: str, 3: str, 4: str},
    "ReportUsage": {1: str, 2: str, 3: str, 4: int, 5: int, 6: str},
}

INTEGERS = (0, 1, 2, 3, 7, 127, 128, (1 << 31) - 1, 1 << 31, (1 << 32) - 1, (1 << 63) - 1, 1 << 63, (1 << 64) - 1)
SIGNS = 'aZ09 .!?,\n\t\0"\\{}[]<>/%\u0301\u200f\u202e\ufeff\U0001f600яЖё中文ﷺ\u2028'


def varint(number: int) -> bytes:
    octets = bytearray()
    while number > 0x7F:
        octets.append(number & 0x7F | 0x80)
        number >>= 7
    octets.append(number)
    return bytes(octets)


def tagged(number: int, wire_type: int, value: bytes) -> bytes:
    return varint(number << 3 | wire_type) + value


def text_field(number: int, value: str | bytes) -> bytes:
    octets = value if isinstance(value, bytes) else value.encode()
    return tagged(number, 2, varint(len(octets)) + octets)


def identifier(chance: random.Random) -> str:
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))


def good_turn(chance: random.Random) -> bytes:
    return (
        text_field(1, "Say something")
        + text_field(5, f"fuzz-{chance.getrandbits(64):x}")
        + text_field(6, identifier(chance))
        + tagged(7, 0, varint(2))
    )


def some_bytes(chance: random.Random, most: int) -> bytes:
    """Mostly few."""
    return chance.randbytes(int(most ** chance.random()))


def some_text(chance: random.Random) -> str | bytes:
    match chance.randrange(16):
        case 0:
            return ""
        case 1:
            return some_bytes(chance, 300)
        case 2:
            return chance.choice((b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"ok \xf4\x90\x80\x80", b"\xe2\x82"))
        case 3:
            return "".join(chance.choices(SIGNS, k=chance.randrange(1, 200)))
        case 4:
            return chance.choice(
                ("unknown", "UNKNOWN", " ", "null", "../../etc/passwd", "%s%n", "'; DROP TABLE usage;--")
            )
        case 5:
            return json.dumps({"command": "open_app", "args": {"app_name": "x" * chance.randrange(50)}, "text": "Yes."})
        case 6:
            return "[" * chance.randrange(2_000) + "{" * chance.randrange(500)
        case 7 if chance.random() < 0.1:
            return "word. " * chance.randrange(1, 3_000)
        case 8 if chance.random() < 0.05:
            return "x" * chance.randrange(16_000, 1 << 20)
        case 9:
            return chance.choice(("ru", "en-US", "x" * 100, "de,ru;q=0.5", "\u0661"))
        case 10 | 11:
            return identifier(chance)
        case _:
            return chance.choice(("Open Safari", "What time is it?", "Который час?", "2+2*", "9" * 400, "Hello. " * 5))


def some_field(chance: random.Random, number: int, form: type) -> bytes:
    """A field, now and then of a wire type that it has not."""
    if chance.random() < 0.05:
        form = chance.choice((str, int, float, bytes))
    if form is str:
        value = some_text(chance)
        return text_field(number, value)
    if form is int:
        return tagged(number, 0, varint(chance.choice(INTEGERS) if chance.random() < 0.8 else chance.getrandbits(64)))
    return tagged(
        number, *chance.choice(((1, chance.randbytes(8)), (5, chance.randbytes(4)), (0, b"\xff" * 11), (6, b"")))
    )


def nested(chance: random.Random) -> bytes:
    """An unknown field of messages in messages, or of groups in groups."""
    depth = chance.choice((3, 50, 99, 100, 101, 1_000, 5_000))
    if chance.random() < 0.5:
        return tagged(19, 3, b"") * depth + tagged(19, 4, b"") * chance.choice((depth, depth - 1, 0))
    inner = b""
    for _ in range(min(depth, 1_000)):
        inner = text_field(20, inner)
    return inner


def some_request(chance: random.Random, method: str) -> bytes:
    """Half of them with identifiers that get past the first checks."""
    form = FIELDS[method]
    fields = [some_field(chance, number, kind) for number, kind in form.items() if chance.random() < 0.7]
    if chance.random() < 0.2:
        fields.append(
            some_field(chance, chance.choice((10, 15, 16, 999, 19_000, 536_870_911)), chance.choice((str, int)))
        )
    if chance.random() < 0.05:
        fields.append(nested(chance))
    if chance.random() < 0.1:
        fields += fields
    chance.shuffle(fields)
    # The last of several values of a field counts.
    if chance.random() < 0.5 and method in ("StreamAudio", "ReportUsage"):
        fields.append(text_field(5 if method == "StreamAudio" else 1, f"fuzz-{chance.getrandbits(64):x}"))
        if method == "StreamAudio":
            fields.append(text_field(6, identifier(chance)))
            if chance.random() < 0.7:
                fields.append(tagged(7, 0, varint(chance.choice((0, 1, 2)))))
    return b"".join(fields)


def some_frame(chance: random.Random, stream: int | None = None) -> bytes:
    """A frame whose length is true and whose rest is chance."""
    kind = chance.choice(list(Type)) if chance.random() < 0.9 else chance.randrange(256)
    usual = {Type.RST_STREAM: 4, Type.WINDOW_UPDATE: 4, Type.PING: 8, Type.PRIORITY: 5, Type.SETTINGS: 6}
    if kind in usual and chance.random() < 0.8:
        payload = chance.randbytes(usual[Type(kind)])
    elif kind in (Type.HEADERS, Type.CONTINUATION) and chance.random() < 0.6:
        payload = block(call_headers())
    else:
        payload = some_bytes(chance, 2_000)
    if stream is None:
        stream = chance.choice((0, 1, 1, 1, 2, 3, 5, 7, 1 << 30, WINDOW_LIMIT))
    return frame(kind, payload, flags=chance.choice((0, 1, 4, 5, 8, 13, 32, 37, 255)), stream=stream)


# On a connection of their own. A ping at the end tells whether the server still reads.


def random_bytes(chance: random.Random, _: int) -> list[bytes]:
    return [some_bytes(chance, 8_192)]


def random_frames(chance: random.Random, _: int) -> list[bytes]:
    opening = chance.choice((OPENING, OPENING, PREFACE))
    return [opening, *(some_frame(chance) for _ in range(chance.randrange(1, 12))), PING]


def truncated_frame(chance: random.Random, _: int) -> list[bytes]:
    whole = b"".join(call(1, message(good_turn(chance)))) if chance.random() < 0.5 else some_frame(chance)
    return [OPENING, whole[: chance.randrange(len(whole))]]


def wrong_length(chance: random.Random, _: int) -> list[bytes]:
    payload = chance.choice((block(call_headers()), chance.randbytes(chance.randrange(40)), message(good_turn(chance))))
    length = chance.choice((0, len(payload) - 1, len(payload) + 1, FRAME_LIMIT, FRAME_LIMIT + 1, (1 << 24) - 1))
    wrong = frame(
        chance.choice(list(Type)),
        payload,
        flags=chance.choice((0, 1, 4, 5, 8)),
        stream=chance.randrange(3),
        length=max(length, 0),
    )
    return [OPENING, *chance.choice(([], headers(1, call_headers()))), wrong, PING]


def wrong_stream(chance: random.Random, _: int) -> list[bytes]:
    """Streams that are not open, not the client's, or go backwards."""
    whole = call(1, message(good_turn(chance)))
    return [
        OPENING,
        *chance.choice(
            (
                data(1, message(b"")),
                data(0, message(b"")),
                headers(0, call_headers()),
                headers(2, call_headers(), end=True),
                [*whole, *data(1, b"more")],
                [*whole, *headers(1, call_headers())],
                [*headers(5, call_headers()), *headers(3, call_headers())],
                [*headers(1, call_headers()), *headers(1, call_headers())],
                [*headers(1, call_headers()), *headers(1, [(b"x-trailer", b"1")], end=True)],
                [window_update(9, 1)],
                [reset(chance.choice((0, 1, 2, 99)))],
                [frame(Type.PUSH_PROMISE, struct.pack(">I", 2) + block(call_headers()), flags=END_HEADERS, stream=1)],
                [frame(Type.PRIORITY, struct.pack(">IB", 1, 16), stream=1)],
                [*headers(1, call_headers()), *(some_frame(chance, 1) for _ in range(3))],
            )
        ),
        PING,
    ]


def bad_settings(chance: random.Random, _: int) -> list[bytes]:
    values = (0, 1, 2, FRAME_LIMIT - 1, FRAME_LIMIT, (1 << 24) - 1, 1 << 24, WINDOW_LIMIT, 1 << 31, (1 << 32) - 1)
    entries = [setting(chance.randrange(10), chance.choice(values)) for _ in range(chance.randrange(1, 20))]
    payload = b"".join(entries)
    payload = payload[: len(payload) - chance.choice((0, 0, 0, 1, 5))]
    bad = frame(Type.SETTINGS, payload, flags=chance.choice((0, 0, 0, ACK)), stream=chance.choice((0, 0, 0, 1)))
    opening = chance.choice((PREFACE, OPENING))
    return [opening, bad, *chance.choice(([], call(1, message(good_turn(chance))))), PING]


def window_overflow(chance: random.Random, _: int) -> list[bytes]:
    open_stream = headers(1, call_headers())
    return [
        OPENING,
        *open_stream,
        *chance.choice(
            (
                [window_update(0, WINDOW_LIMIT)],
                [window_update(1, WINDOW_LIMIT)] * 2,
                [window_update(0, 0)],
                [window_update(1, 0)] * chance.randrange(1, 300),
                [window_update(chance.choice((0, 1)), (1 << 32) - 1)],
                [frame(Type.SETTINGS, setting(4, 1 << 31))],
                [window_update(1, 1), frame(Type.SETTINGS, setting(4, WINDOW_LIMIT))],
                [window_update(chance.choice((0, 1, 1, 3)), chance.getrandbits(32)) for _ in range(20)],
                # More than the server's own window allows.
                data(1, bytes(chance.choice((70_000, 200_000)))),
            )
        ),
        PING,
    ]


def empty_frames(chance: random.Random, _: int) -> list[bytes]:
    kinds = [chance.choice(list(Type))] * chance.randrange(1, 50)
    if chance.random() < 0.5:
        kinds = [chance.choice(list(Type)) for _ in kinds]
    stream = chance.choice((0, 1))
    flags = chance.choice((0, 0, END_HEADERS, END_STREAM))
    return [OPENING, *headers(1, call_headers()), *(frame(kind, flags=flags, stream=stream) for kind in kinds), PING]


def big_headers(chance: random.Random, _: int) -> list[bytes]:
    """More fields, or longer ones, than any server should take."""
    match chance.randrange(4):
        case 0:
            extra = [(b"x", b"")] * 10_000
        case 1:
            extra = [(b"x-%d" % number, b"v" * 100) for number in range(chance.choice((100, 640, 3_000)))]
        case 2:
            extra = [(b"x-long", b"v" * (64 << 10))]
        case _:
            extra = [(b"n" * chance.choice((8_000, 16_000, 64_000)), b"v")]
    return [OPENING, *headers(1, call_headers() + extra), *data(1, message(good_turn(chance))), PING]


def header_bomb(chance: random.Random, _: int) -> list[bytes]:
    """A few octets that name one long field again and again, and HPACK that is none."""
    match chance.randrange(4):
        case 0:
            first = block(call_headers() + [(b"x-bomb", b"b" * 4_000)])
            fields = first + b"\xbe" * chance.choice((100, 4_000, 12_000))
        case 1:
            # An integer that never ends.
            fields = block(call_headers()) + b"\x7f" + b"\xff" * chance.randrange(1, 40)
        case 2:
            # Sizes of the dynamic table that were not allowed, or too often.
            fields = b"\x3f\xe1\xff\x03" * chance.randrange(1, 200) + block(call_headers())
        case _:
            fields = some_bytes(chance, 4_000)
    return [OPENING, *headers(1, fields), PING]


def continuation_flood(chance: random.Random, _: int) -> list[bytes]:
    piece = chance.choice((b"", block([(b"x-y", b"z")]), chance.randbytes(100), bytes(FRAME_LIMIT)))
    count = chance.randrange(1, 20 if len(piece) > 1_000 else 2_000)
    last = frame(Type.CONTINUATION, flags=END_HEADERS, stream=1)
    return [
        OPENING,
        frame(Type.HEADERS, block(call_headers()), stream=1),
        *[frame(Type.CONTINUATION, piece, stream=1)] * count,
        *chance.choice(([], [last])),
        PING,
    ]


def control_flood(chance: random.Random, _: int) -> list[bytes]:
    flood = chance.choice(
        (
            PING,
            frame(Type.SETTINGS),
            frame(Type.SETTINGS, setting(3, 100)),
            frame(Type.SETTINGS, flags=ACK),
            frame(Type.PING, b"12345678", flags=ACK),
            window_update(0, 1),
            frame(Type.PRIORITY, struct.pack(">IB", 0, 16), stream=3),
            frame(Type.GOAWAY, bytes(8)),
            frame(200, b"unknown"),
        )
    )
    return [OPENING, *[flood] * chance.randrange(100, 1_500), PING]


def rapid_reset(chance: random.Random, _: int) -> list[bytes]:
    """Streams that are reset as soon as they are opened, some with a whole request in between."""
    frames = [OPENING]
    with_body = chance.random() < 0.5
    for stream in range(1, 2 * chance.randrange(100, 500), 2):
        frames += headers(stream, call_headers())
        if with_body:
            frames += data(stream, message(good_turn(chance)), end=chance.random() < 0.5)
        frames.append(reset(stream))
    return [*frames, PING]


def half_closed(chance: random.Random, _: int) -> list[bytes]:
    """A client that ends its side in the middle of a request, or before the answer."""
    whole = message(good_turn(chance))
    left = chance.choice((0, 1, 5, len(whole) // 2, len(whole) - 1, len(whole)))
    return [
        OPENING,
        *headers(1, call_headers()),
        *data(1, whole[:left], end=left == len(whole) and chance.random() < 0.5),
    ]


def abandoned(chance: random.Random, _: int) -> list[bytes]:
    """Whole and partial requests of a client that resets its connection."""
    frames = [OPENING]
    for stream in range(1, 2 * chance.randrange(1, 12), 2):
        frames += call(stream, message(good_turn(chance)))
    octets = b"".join(frames)
    return [octets[: chance.randrange(len(octets) // 2, len(octets) + 1)]]


def slow_drip(chance: random.Random, _: int) -> list[bytes]:
    if chance.random() < 0.3:
        return [b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n"]
    return [OPENING, *call(1, message(good_turn(chance)))]


# On a stream of a shared connection; each ends its stream, so that an answer is due.


def bad_headers(chance: random.Random, stream: int) -> list[bytes]:
    fields: Headers = call_headers()
    match chance.randrange(10):
        case 0:
            fields.pop(chance.randrange(4))
        case 1:
            fields.append(fields[chance.randrange(4)])
        case 2:
            fields.reverse()
        case 3:
            fields.append(
                (chance.choice((b"X-Upper", b"", b"sp ace", b"co:lon", b"n\0l", b"\xff", b"a\r\nb", b":new")), b"v")
            )
        case 4:
            fields.append(
                (b"x-value", chance.choice((b"\0", b"a\r\nset: b", b"\xff\xfe", b" lead", b"trail ", b"\x7f")))
            )
        case 5:
            fields.append(
                chance.choice(((b"connection", b"close"), (b"te", b"gzip"), (b"transfer-encoding", b"chunked")))
            )
        case 6:
            fields.append((b"content-length", chance.choice((b"0", b"5", b"-1", b"99999999999999999999", b"x"))))
        case 7:
            fields.append((b"user-agent", chance.choice((b"", b"x" * 3_000, b"\xff", b"grpc-python/1.85.1 (%s%n)"))))
        case 8:
            fields.append((b"grpc-encoding", chance.choice((b"gzip", b"deflate", b"br", b"", b"\xff"))))
        case _:
            fields.append(
                (chance.choice((b"x-bin", b"accept-language")), chance.choice((b"!!", b"AAA", b"=", b"ru", b"," * 99)))
            )
    return call(stream, message(good_turn(chance)), fields=fields)


def call_timeout(chance: random.Random, stream: int) -> list[bytes]:
    amount = chance.choice((b"0", b"1", b"-1", b"-9999999", b"+5", b"99999999", b"999999999", b"", b"1.5", b"\xd9\xa1"))
    fields = call_headers() + [
        (b"grpc-timeout", amount + chance.choice((b"n", b"u", b"m", b"S", b"M", b"H", b"x", b"")))
    ]
    return call(stream, message(good_turn(chance)), fields=fields)


def wrong_request(chance: random.Random, stream: int) -> list[bytes]:
    fields = dict(call_headers())
    name = chance.choice((b":method", b":scheme", b":path", b":authority", b"te", b"content-type"))
    fields[name] = {
        b":method": (b"GET", b"PUT", b"CONNECT", b"OPTIONS", b"post", b"", b"P\0ST", b"x" * 900),
        b":scheme": (b"https", b"ftp", b"", b"\xff"),
        b":path": (b"", b"/", b"*", b"//", b"/streaming.StreamingService/", b"/streaming.StreamingService/Vanish")
        + (b"/a/b/c", b"/" + b"x" * 5_000, b"/%2e%2e/etc", b"\xff\xfe", b"/streaming.StreamingService/StreamAudio?x=1"),
        b":authority": (b"", b"\xff", b"a" * 2_000, b"[::", b"127.0.0.1:99999"),
        b"te": (b"", b"gzip", b"trailers, deflate"),
        b"content-type": (
            b"",
            b"text/plain",
            b"application/grpc+json",
            b"application/grpc-web",
            b"application/grpcx",
            b"\0",
        ),
    }[name]
    fields[name] = chance.choice(fields[name])
    return call(stream, message(good_turn(chance)), fields=list(fields.items()))


def random_body(chance: random.Random, stream: int) -> list[bytes]:
    return call(stream, some_bytes(chance, 20_000), path=SERVICE + chance.choice(METHODS))


def message_header(chance: random.Random, stream: int) -> list[bytes]:
    """The five bytes before a message are wrong."""
    body = good_turn(chance)
    length = chance.choice((0, 1, len(body) - 1, len(body), len(body) + 1, 1 << 20, 17 << 20, 1 << 31, (1 << 32) - 1))
    wrong = message(body, compressed=chance.choice((0, 0, 1, 2, 255)), length=length)
    tail = chance.choice((b"", b"", wrong, message(b""), chance.randbytes(4)))
    return call(stream, wrong + tail, path=SERVICE + chance.choice(METHODS))


def truncated_message(chance: random.Random, stream: int) -> list[bytes]:
    whole = message(good_turn(chance))
    return call(stream, whole[: chance.randrange(len(whole))], path=SERVICE + chance.choice(METHODS))


def random_protobuf(chance: random.Random, stream: int) -> list[bytes]:
    return call(stream, message(some_bytes(chance, 4_000)), path=SERVICE + chance.choice(METHODS))


def field_values(chance: random.Random, stream: int) -> list[bytes]:
    method = chance.choice(METHODS)
    return call(stream, message(some_request(chance, method)), path=SERVICE + method)


def large_message(chance: random.Random, stream: int) -> list[bytes]:
    """Around the limit of 16 MiB: one field, or a length that says so."""
    size = chance.choice((17 << 20, 17 << 20, (16 << 20) - 300, (16 << 20) + 1))
    number = chance.choice((1, 2, 9, 30))
    body = good_turn(chance) + text_field(number, b"x" * size)
    return call(stream, message(body))


# On the HTTP port.


def http_garbage(chance: random.Random, _: int) -> list[bytes]:
    path = chance.choice((b"/health", b"/status"))
    good = b"GET " + path + b" HTTP/1.1\r\nhost: x\r\n\r\n"
    return [
        chance.choice(
            (
                lambda: some_bytes(chance, 8_192),
                lambda: good[: chance.randrange(len(good))],
                lambda: good * chance.randrange(2, 20),
                lambda: bytes(octet if chance.random() > 0.05 else chance.randrange(256) for octet in good),
                lambda: good.replace(
                    b"GET", chance.choice((b"POST", b"HEAD", b"CONNECT", b"\xff", b"", b"get", b"G" * 9_000))
                ),
                lambda: good.replace(
                    path, chance.choice((b"/", b"*", b"/../..", b"/%", b"/%00", b"/" + b"a" * 100_000, b"//health"))
                ),
                lambda: good.replace(b"1.1", chance.choice((b"0.9", b"1.0", b"2.0", b"9.9", b"1.", b"x"))),
                lambda: good[:-2] + b"x: " + b"y" * chance.choice((8_000, 100_000)) + b"\r\n\r\n",
                lambda: good[:-2] + b"x: y\r\n" * chance.choice((100, 10_000)) + b"\r\n",
                lambda: (
                    good[:-2]
                    + chance.choice((b"no colon", b": v", b"a b: c", b"x: \0", b" fold", b"host: y"))
                    + b"\r\n\r\n"
                ),
                lambda: (
                    good[:-2] + b"content-length: " + chance.choice((b"5", b"-1", b"1e9", b"9" * 30)) + b"\r\n\r\nabc"
                ),
                lambda: (
                    good[:-2]
                    + b"transfer-encoding: chunked\r\n\r\n"
                    + chance.choice((b"5\r\nab", b"g\r\n", b"f" * 20, b"0\r\n\r\n"))
                ),
                lambda: good[:-2] + b"expect: 100-continue\r\ncontent-length: 3\r\n\r\n" + chance.choice((b"", b"abc")),
                lambda: good[:-2] + b"connection: upgrade\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n\r\n",
                lambda: good.replace(b"\r\n", chance.choice((b"\n", b"\r", b"\r\n ", b""))),
                lambda: b"\r\n" * chance.randrange(1, 500) + good,
                lambda: OPENING + PING,
            )
        )()
    ]


KINDS = (
    Kind("random bytes", 90, "connection", random_bytes),
    Kind("random frames", 120, "connection", random_frames),
    Kind("truncated frame", 60, "connection", truncated_frame),
    Kind("wrong frame length", 60, "connection", wrong_length),
    Kind("wrong stream", 50, "connection", wrong_stream),
    Kind("bad settings", 40, "connection", bad_settings),
    Kind("window overflow", 40, "connection", window_overflow),
    Kind("empty frames", 30, "connection", empty_frames),
    Kind("big headers", 4, "connection", big_headers),
    Kind("header bomb", 10, "connection", header_bomb),
    Kind("CONTINUATION flood", 6, "connection", continuation_flood),
    Kind("control flood", 5, "connection", control_flood),
    Kind("rapid reset", 3, "connection", rapid_reset),
    Kind("half closed", 30, "connection", half_closed),
    Kind("abandoned", 20, "leave", abandoned),
    Kind("slow drip", 0.8, "drip", slow_drip),
    Kind("bad headers", 50, "stream", bad_headers),
    Kind("call timeout", 10, "stream", call_timeout),
    Kind("wrong request", 50, "stream", wrong_request),
    Kind("random body", 50, "stream", random_body),
    Kind("message header", 50, "stream", message_header),
    Kind("truncated message", 40, "stream", truncated_message),
    Kind("random protobuf", 60, "stream", random_protobuf),
    Kind("field values", 70, "stream", field_values),
    Kind("large message", 0.2, "stream", large_message),
    Kind("HTTP garbage", 51, "http", http_garbage),
)
