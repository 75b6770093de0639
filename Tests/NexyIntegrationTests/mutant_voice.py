"""A proxy that speaks HTTP/2 to both sides and hands each call, part by part, to whoever wants to change it.

Nothing is tidied up on the way: fields, frames of messages, trailers, resets and the pace of a slow reader pass as they
come, so that without a change a client cannot tell it from the server.
"""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

from h2 import events, exceptions
from h2.errors import ErrorCodes

from mutant_wire import Fields, Head, Message, Part, Peer, Raw, Reset, Trailers, framed, messages_in


class Call:
    """One call of a client, and the same call of the server once somebody asks for its `parts`."""

    def __init__(self, link: "Link", stream: int, fields: Fields):
        self.fields = fields
        self.method = dict(fields).get(b":path", b"").decode(errors="replace").rpartition("/")[2]
        # What a change remembers from call to call, and the server's own limit of turns.
        self.state, self.limit = link.front.state, link.front.limit
        # Whether the server is never told that this client left, nor read from any more.
        self.outlives_client = False
        self._link, self._stream = link, stream
        self._body: bytes | None = None
        self._above: int | None = None
        self._is_over = False

    async def body(self) -> bytes:
        """The request's one message, read to the end; what is set in its place is what the server gets."""
        if self._body is None:
            buffer = bytearray(b"".join([chunk async for chunk in self._chunks()]))
            self._body = b"".join(messages_in(buffer)[:1])
        return self._body

    def replace(self, body: bytes) -> None:
        self._body = body

    async def parts(self) -> AsyncIterator[Part]:
        """What the server answers, as it comes."""
        server = await self._link.server()
        self._above = stream = server.h2.get_next_available_stream_id()
        server.inboxes[stream] = asyncio.Queue()
        server.send_fields(stream, self.fields)
        sending = self._link.front.spawn(self._forward(server, stream))
        try:
            buffer, is_grpc = bytearray(), True
            while not self._is_over:
                match await server.next(stream):
                    case events.ResponseReceived() as event:
                        self._is_over = event.stream_ended is not None
                        is_grpc = dict(event.headers).get(b"content-type", b"").startswith(b"application/grpc")
                        yield Trailers(event.headers) if self._is_over else Head(event.headers)
                    case events.DataReceived() as event if is_grpc:
                        buffer += event.data
                        for body in messages_in(buffer):
                            yield Message(body)
                    case events.DataReceived() as event:
                        yield Raw(event.data)
                    case events.TrailersReceived() as event:
                        self._is_over = True
                        if buffer:
                            yield Raw(bytes(buffer))
                        yield Trailers(event.headers)
                    case events.StreamEnded():
                        self._is_over = True
                        if buffer:
                            yield Raw(bytes(buffer))
                        yield Trailers([])
                    case events.StreamReset() as event:
                        self._is_over = True
                        yield Reset(event.error_code)
                    case None:
                        self._is_over = True
                        raise ConnectionResetError
        finally:
            sending.cancel()

    def close(self) -> None:
        """Ends what is left of the call at the server."""
        if self._above is None:
            return
        if not self._is_over and self.outlives_client:
            self._link.is_kept = True
        elif not self._is_over:
            self._link.above.reset(self._above)

    async def _forward(self, server: Peer, stream: int) -> None:
        with suppress(exceptions.ProtocolError, OSError):
            if self._body is not None:
                await server.send(stream, framed(self._body))
            else:
                async for chunk in self._chunks():
                    await server.send(stream, chunk)
            server.end(stream)

    async def _chunks(self) -> AsyncIterator[bytes]:
        while True:
            match await self._link.client.next(self._stream):
                case events.DataReceived() as event:
                    yield event.data
                case events.StreamEnded() | events.StreamReset() | None:
                    return


class Link:
    """A client's connection and the one to the server that belongs to it."""

    def __init__(self, front: "VoiceFront", client: Peer):
        self.front, self.client = front, client
        self.above: Peer | None = None
        self.is_kept = False
        self._calls: dict[int, asyncio.Task] = {}
        self._connecting = asyncio.Lock()

    async def run(self) -> None:
        try:
            await self.client.pump(self._heard)
        finally:
            for task in self._calls.values():
                task.cancel()
            await asyncio.gather(*self._calls.values(), return_exceptions=True)
            if self.above and self.is_kept:
                self.front.kept.append(self.above)
            elif self.above:
                self.above.close()

    async def server(self) -> Peer:
        async with self._connecting:
            if self.above is None or self.above.is_closed:
                streams = await asyncio.open_connection("127.0.0.1", self.front.target)
                self.above = Peer(*streams, is_client=True)
                self.front.spawn(self.above.pump(self._heard_above))
            return self.above

    def _heard(self, event: events.Event) -> None:
        if isinstance(event, events.RequestReceived):
            self.client.inboxes[event.stream_id] = asyncio.Queue()
            call = Call(self, event.stream_id, event.headers)
            self._calls[event.stream_id] = self.front.spawn(self._serve(call, event.stream_id))
        elif isinstance(event, events.StreamReset) and (task := self._calls.get(event.stream_id)):
            task.cancel()

    def _heard_above(self, event: events.Event) -> None:
        if isinstance(event, events.ConnectionTerminated):
            self.front.spawn(self._farewell(event.error_code))

    async def _farewell(self, code: int) -> None:
        """Passes the server's GOAWAY on, after what came before it."""
        await asyncio.gather(*self._calls.values(), return_exceptions=True)
        with suppress(exceptions.ProtocolError, OSError):
            self.client.h2.close_connection(code)
            self.client.flush()

    async def _serve(self, call: Call, stream: int) -> None:
        answer = self.front.change(call) if self.front.change else call.parts()
        try:
            async with contextlib.aclosing(answer) as parts:
                await self._answer(stream, parts)
        except exceptions.ProtocolError:
            self.client.reset(stream, ErrorCodes.INTERNAL_ERROR)
        except OSError:
            self.client.close()
        finally:
            call.close()
            self._calls.pop(stream, None)

    async def _answer(self, stream: int, parts: AsyncIterator[Part]) -> None:
        has_begun = False
        async for part in parts:
            match part:
                case Head(fields):
                    self.client.send_fields(stream, fields)
                    has_begun = True
                case Message() | Raw():
                    if not has_begun:
                        self.client.send_fields(stream, [(b":status", b"200"), (b"content-type", b"application/grpc")])
                    has_begun = True
                    await self.client.send(stream, framed(part.body) if isinstance(part, Message) else part.body)
                case Trailers([]):
                    self.client.end(stream)
                case Trailers(fields):
                    plain = [(name, value) for name, value in fields if name not in (b":status", b"content-type")]
                    self.client.send_fields(stream, plain if has_begun else fields, is_last=True)
                case Reset(code):
                    self.client.reset(stream, code)


class VoiceFront:
    """The proxy, on a thread and a port of its own."""

    def __init__(self, target: int, limit: int):
        self.target, self.limit = target, limit
        self.change: Callable[[Call], AsyncIterator[Part]] | None = None
        self.state: dict = {}
        self.kept: list[Peer] = []
        # What went wrong in the proxy itself, or in a change.
        self.mistakes: list[BaseException] = []
        self._tasks: set[asyncio.Task] = set()
        self._links: set[Link] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port = self._do(self._listen())

    def use(self, change: Callable[[Call], AsyncIterator[Part]] | None) -> None:
        """Ends every connection and changes what comes from now on."""
        self._do(self._renew(change))

    def close(self) -> None:
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    def spawn(self, work) -> asyncio.Task:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._forget)
        return task

    def _forget(self, task: asyncio.Task) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self.mistakes.append(error)

    def _do(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)

    async def _listen(self) -> int:
        self._listener = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self._listener.sockets[0].getsockname()[1]

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = Link(self, Peer(reader, writer, is_client=False))
        self._links.add(link)
        try:
            await link.run()
        finally:
            self._links.discard(link)

    async def _renew(self, change) -> None:
        for link in list(self._links):
            link.client.close()
        while self._links:
            await asyncio.sleep(0.01)
        for peer in self.kept:
            peer.close()
        self.kept.clear()
        self.state, self.change = {}, change

    async def _end(self) -> None:
        self._listener.close()
        await self._renew(None)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
