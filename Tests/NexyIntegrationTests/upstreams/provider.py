"""What all fakes of providers share: keys, plays, and a strict reading of every request."""

import ssl
from contextlib import suppress

from .faults import Answer, Fault, Refusal
from .plays import Play, Plays
from .wire import Request, Wire, WireServer


class Provider(WireServer):
    """A provider's server: it refuses what the real one would refuse, and else plays what it was told to."""

    # Whose voice or model this is, as settings name it.
    name: str

    def __init__(self, *keys: str, tls: ssl.SSLContext | None = None):
        self.keys = set(keys)
        self.plays = Plays()
        # What was wrong with requests, keys aside: a client that works never brings one.
        self.objections: list[str] = []
        super().__init__(tls)

    def key_of(self, request: Request) -> str | None:
        raise NotImplementedError

    def objection(self, request: Request) -> Refusal | None:
        """What the real provider would refuse this request for."""
        raise NotImplementedError

    def words(self, request: Request) -> str:
        """The user's last words, or the text to be spoken: they decide what is played."""
        raise NotImplementedError

    def said(self, request: Request, play: Play) -> Answer:
        """A play in the provider's own form."""
        raise NotImplementedError

    def refused(self, request: Request, refusal: Refusal) -> Answer:
        """A refusal in the provider's own form."""
        raise NotImplementedError

    async def answer(self, request: Request, wire: Wire) -> None:
        if refusal := self.objection(request):
            if refusal.status not in (401, 403) and refusal.reason != "API_KEY_INVALID":
                self.objections.append(f"{request.method} {request.path}: {refusal}")
            return await self.refused(request, refusal).deliver(wire)
        play = self.plays.next(self.words(request))
        if isinstance(play.fault, Refusal):
            return await self.refused(request, play.fault).deliver(wire)
        said = self.said(request, play)
        await (play.fault.deliver(said, wire) if isinstance(play.fault, Fault) else said.deliver(wire))

    def asked(self, cue: str) -> list:
        """The exchanges whose words hold a cue."""

        def holds(request: Request) -> bool:
            with suppress(Exception):
                return cue in self.words(request)
            return False

        return [exchange for exchange in self.exchanges if holds(exchange.request)]

    def keys_used(self, cue: str) -> list[str | None]:
        return [self.key_of(exchange.request) for exchange in self.asked(cue)]

    def careless(self, request: Request, refusal: Refusal) -> str:
        """What a careless server adds to its explanation."""
        if not refusal.is_careless:
            return ""
        return f" (key {self.key_of(request)!r}, request {request.body.decode(errors='replace')[-4_000:]!r})"
