"""A server that is killed in the middle of writing: what it acknowledged is there, and its database is whole."""

import random
import time
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from server import eventually
from upstreams.database import everything_in, is_sound, usage_in
from upstreams.plays import play
from upstreams.stage import MODELS, assert_answered, gemini_settings, speak_with_tone, start

REMEMBERS = {"MEMORY_ENABLED": "true", "LLM_PROVIDER": "gemini"}


@pytest.fixture
def gemini():
    with MODELS["gemini"]() as fake:
        yield fake


def word() -> str:
    """A word that nobody said before."""
    return "".join(random.choices("bcdfghklmnprstvz", k=12))


KILLS = 2


class Witness:
    """Has turns and reports of usage, and notes what the server acknowledged, and when."""

    def __init__(self, server):
        self._client = server.client
        self.turns: list[tuple[float, str]] = []
        self.reports: list[tuple[float, str]] = []

    def live(self, until: float) -> None:
        while time.monotonic() < until:
            marker = word()
            device = f"device-{marker}"
            heard = self._client.turn(f"Please keep {marker} in mind.", device=device, timeout=5)
            if heard.code == grpc.StatusCode.OK:
                self.turns.append((time.monotonic(), device))
            try:
                if self._client.report_usage(hardware_id=device, source=f"report-{marker}").success:
                    self.reports.append((time.monotonic(), f"report-{marker}"))
            except grpc.RpcError:
                return


def test_what_was_acknowledged_survives_a_kill(serve, gemini):
    settings = gemini_settings(gemini) | REMEMBERS
    gemini.plays.otherwise = play("I keep it in mind.")
    data, known = None, set()
    for _ in range(KILLS):
        server = start(serve, settings, speak_with_tone(), data=data)
        data = server.data
        witness = Witness(server)
        end = time.monotonic() + random.uniform(1.6, 2.4)
        with ThreadPoolExecutor(4) as pool:
            lives = [pool.submit(witness.live, end + 5) for _ in range(4)]
            eventually(lambda: False, within=end - time.monotonic())
            server.process.kill()
            killed = time.monotonic()
            for life in lives:
                life.result()
        server.exit_status()
        assert is_sound(data)
        rows, everything = usage_in(data), everything_in(data)
        # What a turn left is written within a second; what a client reported is written when it is acknowledged.
        turns = {device for at, device in witness.turns if at < killed - 1}
        reports = {source for at, source in witness.reports if at < killed}
        assert len(turns) > 3 and len(reports) > 3, (len(turns), len(reports))
        known |= turns
        assert {device for device in known if device.removeprefix("device-") + " in mind." not in everything} == set()
        assert known <= {row["hardware_id"] for row in rows if row["input_tokens"] > 0 and row["provider"] == "gemini"}
        assert reports <= {row["source"] for row in rows}
    last = start(serve, settings, speak_with_tone(), data=data)
    device = sorted(known)[0]
    gemini.plays.set("after the storm", play("I am well."))
    assert_answered(last.client.turn("How are you after the storm?", device=device), "I am well.")
    assert device.removeprefix("device-") in gemini.requests[-1].text
