"""What the soak's clients do, and what each of them must hear."""

import asyncio
import random
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import grpc

from replies import Reply

# After `replies`, which puts the integration tests' folder on the path.
from client import CHANNEL_OPTIONS, Heard, new_session  # isort: skip
from contract import COLLECT, COMMIT, messages, services  # isort: skip

# Each channel a connection of its own; grpc would share them.
OPTIONS = [*CHANNEL_OPTIONS, ("grpc.use_local_subchannel_pool", 1)]
# Seconds after which a call is hung.
CALL_LIMIT = 60
# Resets of one connection before another takes over: the library closes one that resets 200 streams in 30 s.
RESET_LIMIT = 100

OK, CANCELLED, DEADLINE = grpc.StatusCode.OK, grpc.StatusCode.CANCELLED, grpc.StatusCode.DEADLINE_EXCEEDED
INVALID, UNAVAILABLE = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.UNAVAILABLE


@dataclass
class Ending:
    """How an act ended."""

    what: str
    # What nothing explains; empty when all is as it must be.
    problem: str = ""
    # Seconds from the request to the first audio, of turns that nothing held up.
    first_audio: float | None = None


@dataclass
class Line:
    """A channel and how much it was used."""

    channel: grpc.aio.Channel
    born: float
    calls: int = 0
    resets: int = 0

    @property
    def stub(self):
        return services.StreamingServiceStub(self.channel)


class Lines:
    """Several connections, each replaced now and then."""

    def __init__(self, port: int, count: int, life: float):
        self._port = port
        self._life = life
        self._lines = [self.new_line() for _ in range(count)]
        self._turn = 0
        self.opened = count

    def new_line(self) -> Line:
        return Line(grpc.aio.insecure_channel(f"127.0.0.1:{self._port}", options=OPTIONS), time.monotonic())

    async def take(self) -> Line:
        """The next line; give it back."""
        self._turn = (self._turn + 1) % len(self._lines)
        line = self._lines[self._turn]
        if (
            time.monotonic() - line.born > self._life * (1 + self._turn / len(self._lines))
            or line.resets >= RESET_LIMIT
        ):
            self._lines[self._turn] = self.new_line()
            self.opened += 1
            if line.calls == 0:
                await line.channel.close()
            line = self._lines[self._turn]
        line.calls += 1
        return line

    async def give_back(self, line: Line) -> None:
        line.calls -= 1
        if line.calls == 0 and line not in self._lines:
            await line.channel.close()

    async def close(self) -> None:
        for line in self._lines:
            await line.channel.close()


def request(prompt: str, device: str, session: str, phase: int = COMMIT, **fields) -> messages.StreamRequest:
    return messages.StreamRequest(prompt=prompt, hardware_id=device, session_id=session, phase=phase, **fields)


async def read(call, pause: Callable[[int], float] | None = None, begun: asyncio.Event | None = None) -> Heard:
    """Reads a stream to its end; `pause` tells how many seconds to wait after an item, `begun` learns of the first."""
    began = time.monotonic()
    items, arrivals = [], []
    try:
        async for item in call:
            items.append(item)
            arrivals.append(time.monotonic() - began)
            if begun:
                begun.set()
            if pause and (seconds := pause(len(items))):
                await asyncio.sleep(seconds)
    except grpc.RpcError:
        pass
    except asyncio.CancelledError:
        # Of the call, which this client cancelled itself.
        if asyncio.current_task().cancelling():
            raise
    if begun:
        begun.set()
    return Heard(tuple(items), tuple(arrivals), await call.code(), await call.details() or "", time.monotonic() - began)


def fault_of(heard: Heard) -> str:
    """What is wrong with any stream that was read to its end."""
    if len(heard.ends) + len(heard.errors) != 1 or heard.kinds[-1] not in ("end_message", "error_message"):
        return f"not one terminal at the end: {heard}"
    if bool(heard.ends) != (heard.code is OK):
        return f"terminal and status differ: {heard}"
    if any(len(chunk.audio_data) % 2 or not chunk.audio_data for chunk in heard.audio):
        return f"an odd or empty audio chunk: {heard}"
    return ""


def fault_of_answer(heard: Heard, reply: Reply) -> str:
    """What is wrong with a turn that nothing was to disturb."""
    if fault := fault_of(heard):
        return fault
    if heard.code is not OK:
        return f"not OK: {heard}"
    if heard.text != reply.text:
        return f"not the scripted text {reply.text!r}: {heard}"
    if not heard.audio:
        return f"no audio: {heard}"
    command = heard.command["command"] if heard.command else None
    return f"not the command {reply.command}: {heard}" if command != reply.command else ""


# Said when a reply fails, alone or after what came of it.
APOLOGIES = (
    "Sorry, I can't answer right now. Please ask me again in a minute.",
    "Sorry, my answer broke off. Please ask me again.",
)


def fault_of_part(heard: Heard, reply: Reply) -> str:
    """What is wrong with a turn that was left in the middle, or broke off and said so."""
    said = heard.text
    for apology in APOLOGIES:
        said = said.removesuffix(apology)
    if not reply.text.startswith(said.rstrip()):
        return f"not the beginning of the scripted text {reply.text!r}: {heard}"
    return ""


class Person:
    """One client with a device of its own, doing one thing after another."""

    def __init__(self, number: int, chance: random.Random, lines: Lines, replies: dict[str, list[Reply]]):
        self._chance = chance
        self._lines = lines
        self._replies = replies
        self._device = f"soak-{number}-{uuid.uuid4()}"
        # Sessions whose turns the script makes fail.
        self.faulty_sessions: set[str] = set()
        self.turns = 0

    def choose(self) -> str:
        return self._chance.choices(list(ACTS), [share for share, _ in ACTS.values()])[0]

    async def act(self, name: str) -> Ending:
        line = await self._lines.take()
        try:
            return await ACTS[name][1](self, line)
        finally:
            await self._lines.give_back(line)

    def _pick(self, kind: str) -> Reply:
        return self._chance.choice(self._replies[kind])

    def _begin(self, line: Line, reply: Reply, timeout: float = CALL_LIMIT):
        self.turns += 1
        session = new_session()
        if reply.is_fault:
            self.faulty_sessions.add(session)
        return session, line.stub.StreamAudio(request(reply.prompt, self._device, session), timeout=timeout)

    async def normal(self, line: Line) -> Ending:
        reply = self._pick("normal")
        _, call = self._begin(line, reply)
        heard = await read(call)
        audio = (at for at, kind in zip(heard.arrivals, heard.kinds) if kind == "audio_chunk")
        return Ending(heard.code.name, fault_of_answer(heard, reply), first_audio=next(audio, None))

    async def command(self, line: Line) -> Ending:
        reply = self._pick("command")
        _, call = self._begin(line, reply)
        heard = await read(call)
        return Ending(heard.code.name, fault_of_answer(heard, reply))

    async def slow_reader(self, line: Line) -> Ending:
        """Reads a message and waits, or reads nothing at all for a while."""
        reply = self._pick("normal")
        _, call = self._begin(line, reply)
        most = self._chance.randrange(5, 40)
        seconds = self._chance.uniform(0.01, 0.06)
        if self._chance.random() < 0.3:
            await asyncio.sleep(self._chance.uniform(0.2, 2))
        heard = await read(call, lambda count: seconds if count < most else 0)
        return Ending(heard.code.name, fault_of_answer(heard, reply))

    async def cancel(self, line: Line) -> Ending:
        """Leaves at once, after so many messages, or after some time."""
        reply = self._pick(self._chance.choice(("slow", "normal", "silent")))
        _, call = self._begin(line, reply)
        after = self._chance.randrange(40)
        line.resets += 1

        def leave(count: int) -> float:
            if count == after:
                call.cancel()
            return 0

        if after == 0:
            call.cancel()
        timer = asyncio.get_running_loop().call_later(self._chance.uniform(0, 2), call.cancel)
        heard = await read(call, leave)
        timer.cancel()
        if heard.code is OK:
            return Ending("over before", fault_of_answer(heard, reply))
        return Ending("left", fault_of_part(heard, reply) if heard.code is CANCELLED else f"not CANCELLED: {heard}")

    async def interrupt(self, line: Line) -> Ending:
        reply = self._pick(self._chance.choice(("slow", "silent")))
        session, call = self._begin(line, reply)
        # The interrupt goes over another connection, so the turn must have begun before it.
        begun = asyncio.Event()
        reading = asyncio.create_task(read(call, begun=begun))
        await begun.wait()
        await asyncio.sleep(self._chance.uniform(0, 0.5))
        other = await self._lines.take()
        try:
            asked = messages.InterruptRequest(hardware_id=self._device)
            answer = await other.stub.InterruptSession(asked, timeout=CALL_LIMIT)
        finally:
            await self._lines.give_back(other)
            heard = await reading
        ended = list(answer.interrupted_sessions)
        if not ended:
            return Ending("over before", fault_of_answer(heard, reply))
        problem = fault_of(heard) or fault_of_part(heard, reply)
        if heard.code is OK:
            # Its end was on the way.
            return Ending("over before", problem)
        if ended != [session] or not answer.success:
            problem = problem or f"interrupted {ended}, not {session}"
        return Ending("interrupted", problem if heard.code is CANCELLED else f"not CANCELLED: {heard}")

    async def idle_interrupt(self, line: Line) -> Ending:
        asked = messages.InterruptRequest(hardware_id=f"{self._device}-idle")
        answer = await line.stub.InterruptSession(asked, timeout=CALL_LIMIT)
        is_right = answer.success and not answer.interrupted_sessions
        return Ending("nothing ran", "" if is_right else f"an interrupt of nothing: {answer}")

    async def deadline(self, line: Line) -> Ending:
        reply = self._pick(self._chance.choice(("slow", "silent")))
        line.resets += 1
        _, call = self._begin(line, reply, timeout=self._chance.choice((0.02, 0.1, 0.3, 0.8)))
        heard = await read(call)
        if heard.code is OK:
            return Ending("over before", fault_of_answer(heard, reply))
        # The server counts the deadline too, and may be first to end the call, with the status of a client that left.
        what = "too late" if heard.code is DEADLINE else "too late, says the server"
        is_expected = heard.code in (DEADLINE, CANCELLED)
        return Ending(what, fault_of_part(heard, reply) if is_expected else f"not its deadline: {heard}")

    async def disconnect(self, _: Line) -> Ending:
        """Closes its connection in the middle of a turn, or of two."""
        line = self._lines.new_line()
        replies = [self._pick("slow") for _ in range(self._chance.choice((1, 2)))]
        calls = [self._begin(line, reply)[1] for reply in replies]
        reading = [asyncio.create_task(read(call)) for call in calls]
        await asyncio.sleep(self._chance.uniform(0, 1))
        await line.channel.close()
        ends = []
        for reply, heard in zip(replies, await asyncio.gather(*reading)):
            if heard.code is OK:
                ends.append(Ending("over before", fault_of_answer(heard, reply)))
            else:
                is_expected = heard.code in (CANCELLED, UNAVAILABLE)
                ends.append(
                    Ending("disconnected", fault_of_part(heard, reply) if is_expected else f"not CANCELLED: {heard}")
                )
        return next((end for end in ends if end.problem), ends[0])

    async def collect(self, line: Line) -> Ending:
        """Sends the prompt in pieces, some twice, and commits with the last of it or with nothing."""
        reply = self._pick("normal")
        session = new_session()
        words = reply.prompt.split(" ")
        pieces = [word + " " for word in words[:-1]] + words[-1:]
        last = pieces.pop() if self._chance.random() < 0.5 else ""
        for number, piece in enumerate(pieces, start=1):
            for _ in range(self._chance.choice((1, 1, 2))):
                asked = request("", self._device, session, COLLECT, chunk_seq=number, chunk_text=piece)
                heard = await read(line.stub.StreamAudio(asked, timeout=CALL_LIMIT))
                if heard.ends != ["COLLECT_ACCEPTED"] or heard.code is not OK:
                    return Ending("COLLECT", f"not collected: {heard}")
        self.turns += 1
        heard = await read(line.stub.StreamAudio(request(last, self._device, session), timeout=CALL_LIMIT))
        return Ending(heard.code.name, fault_of_answer(heard, reply))

    async def refused(self, line: Line) -> Ending:
        device, session, prompt, phase = self._device, new_session(), "Hello", COMMIT
        match self._chance.randrange(4):
            case 0:
                device, text = self._chance.choice(("", " ", "Unknown", "x" * 2_000)), "hardware_id is required"
            case 1:
                session, text = self._chance.choice(("", "x", str(uuid.uuid1()))), "session_id is required"
            case 2:
                phase, text = 7, "unsupported request phase"
            case _:
                prompt, text = "", "Empty prompt"
        heard = await read(line.stub.StreamAudio(request(prompt, device, session, phase), timeout=CALL_LIMIT))
        is_right = heard.kinds == ["error_message"] and heard.errors[0].startswith(text) and heard.code is INVALID
        return Ending(heard.code.name, "" if is_right else f"not refused as {text!r}: {heard}")

    async def welcome(self, line: Line) -> Ending:
        text = self._chance.choice(("", "Hello and welcome.", "Привет! Рада вас слышать.", "Good morning. " * 20))
        heard = await read(
            line.stub.GenerateWelcomeAudio(messages.WelcomeRequest(text=text, session_id="w"), timeout=CALL_LIMIT)
        )
        problem = fault_of(heard)
        if heard.code is not OK or heard.kinds[0] != "metadata" or not heard.audio:
            problem = problem or f"not a welcome: {heard}"
        return Ending(heard.code.name, problem)

    async def usage(self, line: Line) -> Ending:
        asked = messages.UsageRequest(
            hardware_id=self._device,
            session_id=new_session(),
            source="soak",
            input_tokens=3,
            output_tokens=4,
            model="m",
        )
        answer = await line.stub.ReportUsage(asked, timeout=CALL_LIMIT)
        return Ending("recorded", "" if answer.success else f"not recorded: {answer.message}")

    async def fault(self, line: Line) -> Ending:
        """The model fails as the script says: what was whole before is heard, then one error."""
        reply = self._pick("fault")
        _, call = self._begin(line, reply)
        heard = await read(call)
        problem = fault_of(heard) or fault_of_part(heard, reply)
        if heard.code is not UNAVAILABLE:
            problem = problem or f"not UNAVAILABLE: {heard}"
        return Ending(f"{reply.name}: {heard.code.name}", problem)

    async def silence(self, line: Line) -> Ending:
        """The model falls silent for ever: the server's own limit ends the turn."""
        reply = self._pick("silent")
        _, call = self._begin(line, reply)
        heard = await read(call)
        problem = fault_of(heard) or fault_of_part(heard, reply)
        if heard.code is not DEADLINE:
            problem = problem or f"not REQUEST_TIMEOUT's: {heard}"
        return Ending(heard.code.name, problem)


# Of every 100 acts, how many, and what.
ACTS: dict[str, tuple[float, Callable[[Person, Line], Awaitable[Ending]]]] = {
    "normal": (30, Person.normal),
    "command": (8, Person.command),
    "slow reader": (7, Person.slow_reader),
    "cancel": (10, Person.cancel),
    "interrupt": (8, Person.interrupt),
    "idle interrupt": (2, Person.idle_interrupt),
    "deadline": (6, Person.deadline),
    "disconnect": (3, Person.disconnect),
    "collect": (7, Person.collect),
    "refused": (5, Person.refused),
    "welcome": (4, Person.welcome),
    "usage": (4, Person.usage),
    "fault": (5, Person.fault),
    "silence": (1, Person.silence),
}
