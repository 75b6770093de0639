"""A network that is not as it should be: between the server and a provider, on this machine only."""

import asyncio
import random
import socket
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from time import monotonic

from .loop import on_loop
from .wire import LIMIT, reset

# Connections at a time, octets read at once, and pieces on their way.
CONNECTIONS, PIECE, UNDER_WAY = 64, 1_024, 256


@dataclass(frozen=True)
class Weather:
    """What the network does to a connection."""

    # Seconds that every piece is late, in each direction, and how much later it may be by chance.
    latency: float = 0
    jitter: float = 0
    # Octets a second towards the server; 0 is no limit.
    bandwidth: int = 0
    # After so many octets of answers the connection is reset, or nothing comes any more.
    reset_after: int | None = None
    black_hole_after: int | None = None


class FaultProxy:
    """Passes connections on to a port of this machine."""

    def __init__(self, port: int, weather: Weather = Weather(), seed: int = 4):
        self.weather = weather
        self.connections = 0
        self._target = port
        self._chance = random.Random(seed)
        self._tasks: set[asyncio.Task] = set()
        self._server = on_loop(asyncio.start_server(self._accept, "127.0.0.1", 0))
        self.port: int = self._server.sockets[0].getsockname()[1]

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        on_loop(self._close())

    def change(self, weather: Weather) -> None:
        """Other weather, and no connection that was made before it."""
        self.weather = weather
        on_loop(self._end_all())

    async def _close(self) -> None:
        self._server.close()
        await self._end_all()

    async def _end_all(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if len(self._tasks) >= CONNECTIONS:
            return writer.close()
        self._tasks.add(task)
        self.connections += 1
        weather = self.weather
        try:
            async with asyncio.timeout(LIMIT):
                upstream = await asyncio.open_connection("127.0.0.1", self._target)
                await self._join((reader, writer), upstream, weather)
        except (OSError, TimeoutError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _join(self, client, upstream, weather: Weather) -> None:
        """Passes both ways until either side has said all, or the weather ends it."""
        outward = Pipe(client[0], upstream[1], Weather(weather.latency, weather.jitter), self._chance)
        homeward = Pipe(upstream[0], client[1], weather, self._chance)
        try:
            ways = [asyncio.ensure_future(way.run()) for way in (outward, homeward)]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            upstream[1].close()


class Pipe:
    """One direction: pieces keep their order, however late they are."""

    def __init__(self, reader, writer, weather: Weather, chance: random.Random):
        self._reader = reader
        self._writer = writer
        self._weather = weather
        self._chance = chance
        self._passed = 0
        self._pieces: asyncio.Queue = asyncio.Queue(UNDER_WAY)

    async def run(self) -> None:
        with suppress(ConnectionError):
            await asyncio.gather(self._take(), self._give())

    async def _take(self) -> None:
        while True:
            piece = await self._reader.read(PIECE)
            due = monotonic() + self._weather.latency + self._chance.uniform(0, self._weather.jitter)
            await self._pieces.put((due, piece))
            if not piece:
                return

    async def _give(self) -> None:
        while True:
            due, piece = await self._pieces.get()
            await asyncio.sleep(max(0, due - monotonic()))
            if not piece:
                return
            await self._pass(piece)

    async def _pass(self, piece: bytes) -> None:
        weather = self._weather
        limits = [limit for limit in (weather.reset_after, weather.black_hole_after) if limit is not None]
        allowed = piece[: max(0, min(limits) - self._passed)] if limits else piece
        if weather.bandwidth:
            await asyncio.sleep(len(allowed) / weather.bandwidth)
        if allowed:
            self._writer.write(allowed)
            await self._writer.drain()
            self._passed += len(allowed)
        if len(allowed) == len(piece):
            return
        if weather.reset_after is not None:
            await asyncio.sleep(0.1)
            reset(self._writer)
            raise ConnectionResetError
        await asyncio.sleep(LIMIT)


@contextmanager
def closed_port():
    """A port on which nobody listens, and nobody will: connections are refused."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


@contextmanager
def deaf_port():
    """A port whose queue is full, so that a connection is neither made nor refused."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        waiting = []
        try:
            for _ in range(16):
                one = socket.socket()
                one.settimeout(0.1)
                waiting.append(one)
                try:
                    one.connect(("127.0.0.1", port))
                except TimeoutError:
                    break
            yield port
        finally:
            for one in waiting:
                one.close()
