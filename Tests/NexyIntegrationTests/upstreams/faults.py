"""Everything that goes wrong with an answer on its way: one class a fault, each told when to begin."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from .plays import Pause
from .wire import LAST_CHUNK, Wire, chunk, head

# What an endless answer ends at all the same, in octets.
ENDLESS = 256 << 20


@dataclass(frozen=True)
class Answer:
    """What a provider says when nothing goes wrong: its pieces are events, or packets of sound."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    pieces: Iterable[bytes | Pause] = ()

    @property
    def head(self) -> bytes:
        return head(self.status, self.headers | {"Transfer-Encoding": "chunked"})

    async def begin(self, wire: Wire, pieces: int | None = None) -> list[bytes | Pause]:
        """Sends the head and so many pieces, pauses among them; returns the rest."""
        await wire.send(self.head)
        left = list(self.pieces)
        for piece in left[:pieces]:
            await _send(piece, wire)
        return left[len(left) if pieces is None else pieces :]

    async def deliver(self, wire: Wire) -> None:
        await wire.send(self.head)
        for piece in self.pieces:
            await _send(piece, wire)
        await wire.send(LAST_CHUNK)


async def _send(piece: bytes | Pause, wire: Wire) -> None:
    if isinstance(piece, Pause):
        await asyncio.sleep(piece.seconds)
    else:
        await wire.send(chunk(piece))


def document(status: int, body: bytes | dict, headers: dict[str, str] | None = None) -> Answer:
    """An answer that is one document: JSON, unless it says otherwise."""
    made = body if isinstance(body, bytes) else json.dumps(body, indent=2).encode()
    return Answer(status, {"Content-Type": "application/json; charset=UTF-8"} | (headers or {}), [made])


class Fault:
    """Something that goes wrong with an answer."""

    async def deliver(self, answer: Answer, wire: Wire) -> None:
        raise NotImplementedError


@dataclass(frozen=True)
class Refusal:
    """A status that the provider explains in its own form."""

    status: int
    # What the provider calls it, where it has more than one name for a status.
    reason: str = ""
    message: str = ""
    # Seconds after which the provider asks to be asked again.
    retry_after: float | None = None
    # Whether the explanation repeats the key and the question, as careless servers do.
    is_careless: bool = False


@dataclass(frozen=True)
class Silence(Fault):
    """The request is taken, and not a byte comes back."""

    async def deliver(self, answer: Answer, wire: Wire) -> None:
        await wire.wait_for_client_to_leave()


@dataclass(frozen=True)
class Stall(Fault):
    """The head and so many pieces come, and then nothing more, for ever."""

    after: int = 0

    async def deliver(self, answer: Answer, wire: Wire) -> None:
        await answer.begin(wire, self.after)
        await wire.wait_for_client_to_leave()


@dataclass(frozen=True)
class Cut(Fault):
    """The connection ends too early: between two pieces, in the middle of one, or in the middle of a chunk."""

    after: int = 0
    within: str | None = None
    is_reset: bool = False

    async def deliver(self, answer: Answer, wire: Wire) -> None:
        rest = await answer.begin(wire, self.after)
        following = next((piece for piece in rest if isinstance(piece, bytes)), b"data: ")
        half = following[: len(following) // 2]
        if self.within == "event":
            await wire.send(chunk(half))
        elif self.within == "chunk":
            await wire.send(chunk(following)[: len(following) // 2])
        # A reset overtakes what has not been read yet; give the client the time to read it.
        await asyncio.sleep(0.15)
        wire.reset() if self.is_reset else wire.close()


@dataclass(frozen=True)
class Ended(Fault):
    """The answer ends in good form after so many pieces, without what would have told that it is whole."""

    after: int = 0

    async def deliver(self, answer: Answer, wire: Wire) -> None:
        await answer.begin(wire, self.after)
        await wire.send(LAST_CHUNK)


@dataclass(frozen=True)
class Malformed(Fault):
    """After so many pieces comes one that is not of the format; what follows is good again."""

    after: int = 0
    piece: bytes = b'data: {"candidates": [{"content": {"parts": [{"te\n\n'

    async def deliver(self, answer: Answer, wire: Wire) -> None:
        rest = await answer.begin(wire, self.after)
        for piece in [self.piece, *rest]:
            await _send(piece, wire)
        await wire.send(LAST_CHUNK)


@dataclass(frozen=True)
class Scattered(Fault):
    """No fault at all, but hard to read: every few bytes come alone, and are cut where nobody would cut."""

    size: int = 1

    async def deliver(self, answer: Answer, wire: Wire) -> None:
        await wire.send(answer.head)
        for piece in answer.pieces:
            if isinstance(piece, Pause):
                await _send(piece, wire)
                continue
            for at in range(0, len(piece), self.size):
                await wire.send(chunk(piece[at : at + self.size]))
                # Lets the system send it before there is more.
                await asyncio.sleep(0)
        await wire.send(LAST_CHUNK)


@dataclass(frozen=True)
class Endless(Fault):
    """After so many pieces comes one that never ends."""

    after: int = 0
    beginning: bytes = b"data: "
    filling: bytes = b"x" * (1 << 16)

    async def deliver(self, answer: Answer, wire: Wire) -> None:
        await answer.begin(wire, self.after)
        await wire.send(chunk(self.beginning))
        for _ in range(ENDLESS // len(self.filling)):
            await wire.send(chunk(self.filling))


@dataclass(frozen=True)
class Redirect(Fault):
    """Somebody else is said to have the answer."""

    location: str
    status: int = 307

    async def deliver(self, answer: Answer, wire: Wire) -> None:
        await wire.send(head(self.status, {"Location": self.location, "Content-Length": "0"}))


@dataclass(frozen=True)
class Page(Fault):
    """A page for people, as a proxy or a hotel's network gives it."""

    status: int = 502

    async def deliver(self, answer: Answer, wire: Wire) -> None:
        page = b"<!DOCTYPE html><html><head><title>Oops</title></head><body><h1>Something is wrong</h1></body></html>"
        await document(self.status, page * 20, {"Content-Type": "text/html; charset=utf-8"}).deliver(wire)


@dataclass(frozen=True)
class SlowLoris(Fault):
    """Every byte comes alone and late, those of the head too."""

    seconds: float

    async def deliver(self, answer: Answer, wire: Wire) -> None:
        pieces = b"".join(chunk(piece) for piece in answer.pieces if isinstance(piece, bytes))
        for byte in answer.head + pieces + LAST_CHUNK:
            await wire.send(bytes([byte]))
            await asyncio.sleep(self.seconds)
