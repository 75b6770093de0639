"""Words to change a call with: its parts as the contract's messages, and answers that the server never gave."""

import functools
import math
import struct
from collections.abc import AsyncIterator, Callable

from google.protobuf.message import DecodeError

from contract import COLLECT, messages
from mutant_voice import Call
from mutant_wire import Head, Message, Trailers

ANSWERS = {
    "StreamAudio": (messages.StreamRequest, messages.StreamResponse),
    "GenerateWelcomeAudio": (messages.WelcomeRequest, messages.WelcomeResponse),
    "InterruptSession": (messages.InterruptRequest, messages.InterruptResponse),
    "ReportUsage": (messages.UsageRequest, messages.UsageResponse),
}
OK, CANCELLED, UNKNOWN, INVALID, NOT_FOUND, EXHAUSTED = 0, 1, 2, 3, 5, 8
UNIMPLEMENTED, INTERNAL, UNAVAILABLE = 12, 13, 14
HEAD = [(b":status", b"200"), (b"content-type", b"application/grpc")]


def status(code: int, words: str = "", **fields: str) -> Trailers:
    """The end of a call; written so that it may be the only part as well."""
    more = [(name.replace("_", "-").encode(), value.encode()) for name, value in fields.items()]
    told = [(b"grpc-message", escaped(words))] if words else []
    return Trailers([*HEAD, (b"grpc-status", b"%d" % code), *told, *more])


def escaped(words: str) -> bytes:
    """A grpc-message: bytes beyond visible ASCII, and the sign itself, as %XX."""
    return b"".join(
        b"%c" % byte if 0x20 <= byte < 0x7F and byte != 0x25 else b"%%%02X" % byte for byte in words.encode()
    )


def field(part: Trailers, name: bytes) -> bytes | None:
    return dict(part.fields).get(name)


def code_of(part) -> int | None:
    """The gRPC status that a part carries."""
    found = field(part, b"grpc-status") if isinstance(part, Trailers) else None
    return None if found is None else int(found)


def with_field(part: Trailers, name: bytes, value: bytes | None) -> Trailers:
    """The end with another value of a field, or without it."""
    return Trailers([pair for pair in part.fields if pair[0] != name] + ([(name, value)] if value is not None else []))


def kind(part) -> str | None:
    """Which content an item of a stream has."""
    return part.WhichOneof("content") if hasattr(part, "WhichOneof") else None


def changing(method: str) -> Callable:
    """Makes a change of one method's calls of `async def change(call, request, parts)`.

    `parts` are the server's, messages decoded; what `change` yields is sent, messages of the contract as well as parts.
    The server is asked when `parts` is first read; until then `call.replace(…)` gives it another request.
    """

    def decorate(change: Callable) -> Callable:
        @functools.wraps(change)
        async def answer(call: Call) -> AsyncIterator:
            asked, answered = ANSWERS[method]
            request = readable(asked, await call.body()) if call.method == method else None
            if request is None:
                async for part in call.parts():
                    yield part
                return
            async for part in change(call, request, decoded(call.parts(), answered)):
                yield Message(part.SerializeToString()) if hasattr(part, "SerializeToString") else part

        return answer

    return decorate


def each(method: str) -> Callable:
    """Makes a change of one method's calls of `def change(part) -> list`: what stands in a part's place.

    COLLECT calls stay as they are.
    """

    def decorate(change: Callable) -> Callable:
        @changing(method)
        async def answer(call, request, parts):
            is_kept = getattr(request, "phase", None) == COLLECT
            async for part in parts:
                for one in [part] if is_kept else change(part):
                    yield one

        return functools.wraps(change)(answer)

    return decorate


def coded(method: str, found: int, told: int):
    """Calls of a method that end with one status end with another."""

    @each(method)
    def change(part):
        return [with_field(part, b"grpc-status", b"%d" % told)] if code_of(part) == found else [part]

    return change


def readable(asked, body: bytes):
    """The message; None where the bytes are none, as clients that mean harm send them."""
    try:
        return asked.FromString(body)
    except DecodeError:
        return None


async def decoded(parts: AsyncIterator, answered) -> AsyncIterator:
    async for part in parts:
        yield answered.FromString(part.body) if isinstance(part, Message) else part


def sound(seconds: float = 0.2, level: float = 0.3) -> list:
    """A sine as items of a stream."""
    wave = [
        int(32_767 * level * math.sin(index * 2 * math.pi * 440 / 48_000)) for index in range(int(48_000 * seconds))
    ]
    pcm = struct.pack(f"<{len(wave)}h", *wave)
    return [
        messages.StreamResponse(
            audio_chunk=messages.AudioChunk(
                audio_data=pcm[at : at + 4096], dtype="int16", sample_rate=48_000, channels=1
            )
        )
        for at in range(0, len(pcm), 4096)
    ]


def good_turn() -> list:
    """A turn from its head to its status."""
    text, end = messages.StreamResponse(text_chunk="All is well."), messages.StreamResponse(end_message="done")
    return [Head(HEAD), text, *sound(), end, status(OK)]
