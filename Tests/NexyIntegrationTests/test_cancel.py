"""A thousand turns that end at a random moment, in every way a turn can: nothing is left of them, anywhere."""

import os
import random
import shutil
import socket
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass

import grpc
import pytest

from client import OWN_CONNECTION, Heard, LiveStream, VoiceClient, new_device, new_session
from script import prompt_for, reply, text
from server import Server, eventually

# Repeat a run with NEXY_CANCEL_SEED.
SEED = int(os.environ.get("NEXY_CANCEL_SEED") or random.randrange(1 << 32))
AT_ONCE = 60
# How many turns end in each way.
WAYS = {"cancel": 300, "interrupt": 250, "deadline": 250, "close": 100, "cut": 100}
SPOKEN_WAYS = {"cancel": 12, "interrupt": 10, "deadline": 10, "close": 4, "cut": 4}
# Turns of one connection: one after another, or, where they end with it, at once. It is closed when it resets 200
# streams in 30 seconds.
IN_TURN, AT_ONE_TIME = 16, 2
# Of so many turns one is followed by another of its session, which must be clean.
FOLLOWED = 5
# Seconds in which a turn that nothing disturbs is over, and in which it is stopped.
LENGTH, LATEST = 0.9, 0.6
# 15 ms of sound for each character.
SAMPLES_A_CHARACTER = 720


def name_of(number: int) -> str:
    return f"turn {number:04}"


def sentences(number: int) -> list[str]:
    """What a turn says: each sentence names it, and its length differs from turn to turn."""
    return [f"Sentence {place} of turn {number:04}{' is here' * (number % 7)}. " for place in range(1, 7)]


def reply_of(number: int) -> dict:
    return reply(*(text(words, int(LENGTH * 1000 / 6)) for words in sentences(number)))


def after(number: int) -> str:
    return f"This follows turn {number:04}."


def replies(count: int) -> dict[str, dict]:
    return {name_of(number): reply_of(number) for number in range(count)} | {
        f"after {number:04}": reply(after(number)) for number in range(count)
    }


class Proxy:
    """Passes one connection on to the server, until it is cut."""

    def __init__(self, port: int):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._server_port = port
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Both sides get a reset, or the end of a stream in the middle of a frame."""
        self._listener.close()
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            client, _ = self._listener.accept()
            server = socket.create_connection(("127.0.0.1", self._server_port))
            self._sockets += [client, server]
            threading.Thread(target=self._pass, args=(client, server), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, client), daemon=True).start()

    @staticmethod
    def _pass(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while received := source.recv(1 << 16):
                target.sendall(received)


@dataclass
class Ended:
    """What became of one turn, and what is wrong with it."""

    way: str
    code: grpc.StatusCode
    problem: str = ""


class Stopper:
    """Runs turns of a server and stops them."""

    def __init__(self, server: Server, is_tone: bool):
        self._server = server
        self._is_tone = is_tone

    def live(self, way: str, numbers: list[int], chance: random.Random) -> list[Ended]:
        """One connection's life: one turn after another, or for those that end with it, all at once."""
        proxy = Proxy(self._server.grpc_port) if way == "cut" else None
        client = VoiceClient(proxy.port if proxy else self._server.grpc_port, OWN_CONNECTION)
        try:
            if way in ("close", "cut"):
                return self._break(way, numbers, client, proxy, chance)
            return [self._stop(way, number, client, chance) for number in numbers]
        finally:
            client.close()
            if proxy:
                proxy.cut()

    def _stop(self, way: str, number: int, client: VoiceClient, chance: random.Random) -> Ended:
        device, session = new_device(), new_session()
        moment = chance.uniform(0.001, LATEST)
        timeout = moment if way == "deadline" else 60
        turn = client.begin(prompt_for(name_of(number)), device=device, session=session, timeout=timeout)
        if way != "deadline" and not turn.is_over(within=moment):
            turn.cancel() if way == "cancel" else client.interrupt(device)
        heard = turn.ended(within=10)
        problem = self._fault(number, heard)
        if way == "interrupt" and heard.code != grpc.StatusCode.OK:
            problem = problem or _fault_of_interrupted(heard)
        if number % FOLLOWED == 0:
            problem = problem or _fault_of_next(number, self._next(number, client, device, session))
        return Ended(way, heard.code, problem)

    def _break(self, way, numbers, client, proxy, chance) -> list[Ended]:
        devices = [(new_device(), new_session()) for _ in numbers]
        turns = [
            client.begin(prompt_for(name_of(number)), device=device, session=session)
            for number, (device, session) in zip(numbers, devices)
        ]
        turns[-1].is_over(within=chance.uniform(0.001, LATEST))
        proxy.cut() if proxy else client.close()
        ends = []
        for number, turn in zip(numbers, turns):
            heard = turn.ended(within=10)
            ends.append(Ended(way, heard.code, self._fault(number, heard)))
        if numbers[0] % FOLLOWED == 0:
            with closing(VoiceClient(self._server.grpc_port, OWN_CONNECTION)) as other:
                ends[0].problem = ends[0].problem or _fault_of_next(
                    numbers[0], self._next(numbers[0], other, *devices[0])
                )
        return ends

    def _next(self, number: int, client: VoiceClient, device: str, session: str) -> Heard:
        """The turn that follows in the same session; a server that has not yet heard of the end refuses it."""

        def served():
            heard = client.turn(prompt_for(f"after {number:04}"), device=device, session=session)
            return None if heard.code == grpc.StatusCode.RESOURCE_EXHAUSTED else heard

        return eventually(served, within=2) or served()

    def _fault(self, number: int, heard: Heard) -> str:
        """What there is in a turn that is not its own."""
        own = "".join(sentences(number)).rstrip()
        if not own.startswith(heard.text.rstrip()):
            return f"turn {number} says what is not its own: {heard}"
        if heard.code == grpc.StatusCode.OK and (heard.text.rstrip() != own or heard.kinds[-1] != "end_message"):
            return f"turn {number} ended well and is not whole: {heard}"
        if len(heard.ends) + len(heard.errors) > 1:
            return f"turn {number} ended twice: {heard}"
        if self._is_tone:
            for said, chunks in heard.segments()[:-1]:
                samples = sum(len(chunk.audio_data) // 2 for chunk in chunks)
                # A turn's sound begins with the first sample that is not zero.
                if not 0 <= len(said.strip()) * SAMPLES_A_CHARACTER - samples <= 48:
                    return f"turn {number} has {samples} samples for {said!r}: {heard}"
        return ""


def _fault_of_interrupted(heard: Heard) -> str:
    is_right = heard.code == grpc.StatusCode.CANCELLED and heard.kinds[-1] == "error_message"
    return "" if is_right else f"not as an interrupt ends a turn: {heard}"


def _fault_of_next(number: int, heard: Heard | None) -> str:
    is_clean = heard and heard.code == grpc.StatusCode.OK and heard.text == after(number)
    return "" if is_clean else f"the turn after turn {number} is not clean: {heard}"


# Connections that the database's pool reads with at most, beside the one that writes.
READERS = 3


@dataclass(frozen=True)
class Levels:
    """What a server holds."""

    turns: float
    models: float
    speech: float
    rpcs: float
    children: int
    files: int
    threads: int
    databases: int


def levels_of(server: Server) -> Levels:
    page, files = server.metrics(), server.open_files()
    return Levels(
        turns=server.active_turns + page.value("nexy_turns_active"),
        models=page.value("nexy_model_calls_in_flight"),
        speech=page.value("nexy_speech_calls_in_flight"),
        rpcs=sum(page.by("nexy_rpc_in_flight").values()),
        children=len(server.children()),
        files=len(files),
        threads=server.threads(),
        databases=sum(file.endswith("nexy.sqlite") for file in files),
    )


def is_level(now: Levels, before: Levels) -> bool:
    return (
        (now.turns, now.models, now.speech, now.rpcs, now.children) == (0, 0, 0, 0, 0)
        # The database's readers are made when they are needed and kept; each has its file and its log open.
        and now.files <= before.files + 2 * READERS
        and now.threads <= before.threads + 2
        and now.databases <= READERS + 1
    )


def stop_all(server: Server, ways: dict[str, int], in_turn: int, is_tone: bool) -> list[Ended]:
    chance = random.Random(SEED)
    numbers = list(range(sum(ways.values())))
    chance.shuffle(numbers)
    lines = []
    for way, count in ways.items():
        mine, numbers = numbers[:count], numbers[count:]
        length = AT_ONE_TIME if way in ("close", "cut") else in_turn
        lines += [(way, mine[at : at + length]) for at in range(0, count, length)]
    chance.shuffle(lines)
    stopper = Stopper(server, is_tone)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        lives = [pool.submit(stopper.live, way, mine, random.Random(chance.random())) for way, mine in lines]
        return [ended for life in lives for ended in life.result()]


def assert_nothing_is_left(server: Server, before: Levels, ends: list[Ended], count: int) -> None:
    problems = [ended.problem for ended in ends if ended.problem]
    outcomes = Counter((ended.way, ended.code.name) for ended in ends)
    assert not problems, f"seed {SEED}: {len(problems)} of {len(ends)}: {problems[:5]}"
    assert len(ends) == count
    cut_short = sum(number for (_, code), number in outcomes.items() if code != "OK")
    assert cut_short > 0.7 * count, f"most turns were over before they were stopped: {outcomes}"
    assert eventually(lambda: is_level(levels_of(server), before), within=10), (
        f"seed {SEED}: {levels_of(server)}, before: {before}"
    )
    assert not [line for line in server.log.text.splitlines() if "level=ERROR" in line or not line.startswith("ts=")]
    page = server.metrics()
    assert sum(page.by("nexy_rpc_started_total").values()) == sum(page.by("nexy_rpc_handled_total").values())


def warmed_up(server: Server) -> Levels:
    """The levels of a server that has done everything once, at once, and rests."""
    with closing(VoiceClient(server.grpc_port, OWN_CONNECTION)) as client:
        turns: list[LiveStream] = [client.begin(prompt_for("after 0000")) for _ in range(16)]
        assert all(turn.ended().code == grpc.StatusCode.OK for turn in turns)
        assert client.report_usage(hardware_id="a", source="x").success
    assert eventually(lambda: server.metrics().value("nexy_connections_open") == 0)
    before = levels_of(server)
    assert (before.turns, before.children) == (0, 0) and before.databases <= READERS + 1
    return before


def test_of_a_thousand_turns_that_are_stopped_nothing_is_left(serve):
    print(f"NEXY_CANCEL_SEED={SEED}")
    count = sum(WAYS.values())
    server = serve(replies=replies(count), environment={"BACKPRESSURE_MAX_STREAMS": "500"})
    before = warmed_up(server)
    ends = stop_all(server, WAYS, IN_TURN, is_tone=True)
    assert_nothing_is_left(server, before, ends, count)
    assert server.stop() == 0


@pytest.mark.skipif(not shutil.which("espeak-ng"), reason="needs espeak-ng")
def test_of_turns_that_are_stopped_while_they_are_spoken_no_process_is_left(serve):
    print(f"NEXY_CANCEL_SEED={SEED}")
    count = sum(SPOKEN_WAYS.values())
    server = serve(replies=replies(count), tts="espeak", environment={"BACKPRESSURE_MAX_STREAMS": "500"})
    before = warmed_up(server)
    ends = stop_all(server, SPOKEN_WAYS, IN_TURN // 4, is_tone=False)
    assert_nothing_is_left(server, before, ends, count)
    assert server.stop() == 0
