"""A turn that moves nothing for the idle timeout is ended, whoever is to blame; one that moves is not."""

import time
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

import grpc
import pytest

from client import OWN_CONNECTION, VoiceClient, new_device
from events import events_of
from frames import RawClient, request_for
from script import prompt_for, reply, stall, text
from server import Server, eventually

FIRST = "The first sentence is whole. "
LONG = [f"This is sentence number {number} of a very long answer. " for number in range(300)]
REPLIES = {
    "silent": reply(FIRST, fault=stall(1)),
    "silent from the start": reply(fault=stall(0)),
    "slow": reply(FIRST, *(text(f"The one with the number {number} is late. ", 600) for number in range(4))),
    "long": reply(*LONG),
    "good": reply("This turn goes well."),
}
SETTINGS = {"BACKPRESSURE_IDLE_TIMEOUT": "1"}
IDLE = "Nothing moved for 1 seconds, so the turn was ended. Please try again."
LOWEST, HIGHEST = 0.9, 2.5
# Seconds that a terminal waits for a client that does not read, and then the status.
PATIENCE = 5
# What a stream's first window holds.
WINDOW = 65_535


@pytest.fixture(scope="module")
def stage(serve_for_file):
    return serve_for_file(replies=REPLIES, environment=SETTINGS)


@pytest.fixture
def raw(stage):
    client = RawClient(stage.grpc_port, reads=False)
    yield client
    client.close()


@dataclass
class Unread:
    """A server with two clients that never read, and what they are known by."""

    server: Server
    raw: RawClient
    stream: int
    device: str
    # A client of gRPC's own, whose device this is.
    call: grpc.Call
    other: str
    began: float


@pytest.fixture(scope="module", autouse=True)
def unread(serve_for_file):
    """Begun before the other tests, which pass the time."""
    server = serve_for_file(replies=REPLIES, environment=SETTINGS)
    device, other = new_device(), new_device()
    raw = RawClient(server.grpc_port, reads=False)
    stream = raw.call(request_for("long", device))
    assert raw.wait_for(lambda: len(raw.heard(stream).body) == WINDOW), "the window is not filled"
    began = time.monotonic()
    # gRPC's windows grow with the speed of a connection, unless it is told not to measure it.
    with closing(VoiceClient(server.grpc_port, [("grpc.http2.bdp_probe", 0), *OWN_CONNECTION])) as client:
        yield Unread(server, raw, stream, device, client.unread(prompt_for("long"), other), other, began)
    raw.close()


@pytest.mark.parametrize(("name", "spoken"), [("silent", FIRST), ("silent from the start", "")])
def test_a_turn_whose_model_falls_silent_is_ended(stage, name, spoken):
    device = new_device()
    heard = stage.play(name, device=device)
    assert heard.code == grpc.StatusCode.DEADLINE_EXCEEDED and heard.details == IDLE, heard
    assert heard.kinds[-1] == "error_message" and heard.errors == [IDLE] and not heard.ends, heard
    assert heard.text.strip() == spoken.strip()
    assert LOWEST < heard.duration < HIGHEST, heard
    assert eventually(lambda: stage.active_turns == 0)
    assert eventually(lambda: any(event["dur_ms"] for event in told_of(stage, device)), within=2)
    told = told_of(stage, device)
    decisions = [event["decision"] for event in told]
    assert decisions == ["start", "stream_acquired", "stream_idle_timeout", "stream_released", "abort"]
    end = told[-1]["ctx"]
    assert (end["error_type"], end["error_code"]) == ("stream_idle_timeout", "DEADLINE_EXCEEDED")
    assert {event["level"] for event in told} == {"INFO"}


def told_of(server, device: str) -> list[dict]:
    return [event for event in events_of(server) if event["ctx"].get("hardware_id") == device]


def test_a_slow_turn_that_moves_is_not_ended(stage):
    heard = stage.play("slow")
    assert heard.code == grpc.StatusCode.OK and heard.text.count("late") == 4, heard
    assert heard.duration > 2


def test_a_client_that_reads_late_still_hears_why_its_turn_was_ended(stage, raw):
    stream = raw.call(request_for("long"))
    assert raw.wait_for(lambda: len(raw.heard(stream).body) == WINDOW), "the window is not filled"
    assert not raw.wait_for(lambda: raw.heard(stream).is_over, within=2)
    raw.give_room(1 << 30)
    raw.give_room(1 << 30, stream)
    heard = raw.ended(stream)
    assert heard.items[-1].error_message == IDLE
    assert [item.WhichOneof("content") for item in heard.items].count("error_message") == 1
    assert heard.fields["grpc-status"] == "4" and heard.fields["grpc-message"] == IDLE
    assert eventually(lambda: stage.active_turns == 0)


def test_a_client_that_reads_a_little_at_a_time_is_not_ended(stage, raw):
    device = new_device()
    stream = raw.call(request_for("long", device))
    heard = raw.heard(stream)
    for number in range(5):
        expected = WINDOW + number * 8_192
        assert raw.wait_for(lambda: len(heard.body) == expected, within=2), f"{len(heard.body)} of {expected}"
        assert not raw.wait_for(lambda: heard.is_over, within=0.5)
        raw.give_room(8_192)
        raw.give_room(8_192, stream)
    assert not heard.is_over and stage.active_turns == 1
    assert list(stage.client.interrupt(device).interrupted_sessions)


def test_the_turns_of_clients_that_read_nothing_are_ended_and_their_slots_are_free(unread):
    bound = HIGHEST + PATIENCE
    left = max(0.1, unread.began + bound - time.monotonic())
    assert eventually(lambda: unread.server.active_turns == 0, within=left)
    for device in (unread.device, unread.other):
        assert eventually(lambda: any(event["dur_ms"] for event in told_of(unread.server, device)), within=2)
        told = {event["decision"]: event for event in told_of(unread.server, device)}
        assert told.keys() == {"start", "stream_acquired", "stream_idle_timeout", "stream_released", "abort"}
        assert told["abort"]["ctx"]["error_code"] == "DEADLINE_EXCEEDED" and told["abort"]["level"] == "INFO"
        held = datetime.fromisoformat(told["stream_released"]["ts"]) - datetime.fromisoformat(told["start"]["ts"])
        assert LOWEST < held.total_seconds() < bound, held


def test_the_stream_of_a_client_that_never_reads_is_reset_in_the_end(unread):
    raw, heard = unread.raw, unread.raw.heard(unread.stream)
    left = unread.began + HIGHEST + 2 * PATIENCE - time.monotonic()
    assert raw.wait_for(lambda: heard.is_over, within=max(0.1, left)), "the stream is not reset"
    assert heard.reset is not None and not heard.ended
    assert len(heard.body) == WINDOW, "nothing is sent beyond the window"
    raw.give_room(WINDOW)
    other = raw.ended(raw.call(request_for("good")))
    assert other.fields["grpc-status"] == "0", "the connection goes on"


def test_the_server_serves_on(stage):
    assert stage.play("good").code == grpc.StatusCode.OK
    assert stage.is_healthy() and eventually(lambda: stage.active_turns == 0)
