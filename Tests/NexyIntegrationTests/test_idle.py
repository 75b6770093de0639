"""A turn that moves nothing for the idle timeout is ended, whoever is to blame; one that moves is not."""

import time
from contextlib import closing

import grpc
import pytest

from client import OWN_CONNECTION, VoiceClient, new_device, new_session
from frames import RawClient, request_for
from script import prompt_for, reply, stall, text
from server import eventually

FIRST = "The first sentence is whole. "
LONG = [f"This is sentence number {number} of a very long answer. " for number in range(300)]
REPLIES = {
    "silent": reply(FIRST, fault=stall(1)),
    "silent from the start": reply(fault=stall(0)),
    "slow": reply(FIRST, *(text(f"The one with the number {number} is late. ", 600) for number in range(4))),
    "long": reply(*LONG),
    "good": reply("This turn goes well."),
}
IDLE = "Nothing moved for 1 seconds, so the turn was ended. Please try again."
LOWEST, HIGHEST = 0.9, 2.5
# Seconds that a terminal waits for a client that does not read, and then the status.
PATIENCE = 5


@pytest.fixture(scope="module")
def stage(serve_for_file):
    return serve_for_file(replies=REPLIES, environment={"BACKPRESSURE_IDLE_TIMEOUT": "1"})


@pytest.fixture
def raw(stage):
    client = RawClient(stage.grpc_port, reads=False)
    yield client
    client.close()


@pytest.mark.parametrize(("name", "spoken"), [("silent", FIRST), ("silent from the start", "")])
def test_a_turn_whose_model_falls_silent_is_ended(stage, name, spoken):
    device = new_device()
    heard = stage.play(name, device=device)
    assert heard.code == grpc.StatusCode.DEADLINE_EXCEEDED and heard.details == IDLE, heard
    assert heard.kinds[-1] == "error_message" and heard.errors == [IDLE] and not heard.ends, heard
    assert heard.text.strip() == spoken.strip()
    assert LOWEST < heard.duration < HIGHEST, heard
    assert eventually(lambda: stage.active_turns == 0)
    lines = [line for line in stage.log.text.splitlines() if device in line]
    decisions = [line.split("decision=")[1].split()[0] for line in lines]
    assert decisions == ["start", "stream_acquired", "stream_idle_timeout", "stream_released", "abort"], lines
    assert '"error_type": "stream_idle_timeout"' in lines[-1] and '"error_code": "DEADLINE_EXCEEDED"' in lines[-1]
    assert not any("level=ERROR" in line for line in lines)


def test_a_slow_turn_that_moves_is_not_ended(stage):
    heard = stage.play("slow")
    assert heard.code == grpc.StatusCode.OK and heard.text.count("late") == 4, heard
    assert heard.duration > 2


def test_the_turn_of_a_client_that_reads_nothing_is_ended(stage):
    device = new_device()
    # gRPC's windows grow with the speed of a connection, unless it is told not to measure it.
    with closing(VoiceClient(stage.grpc_port, [("grpc.http2.bdp_probe", 0), *OWN_CONNECTION])) as client:
        call = client.unread(prompt_for("long"), device)
        assert eventually(lambda: stage.active_turns == 1)
        assert eventually(lambda: stage.active_turns == 0, within=HIGHEST + PATIENCE)
        stage.log.find(rf"decision=stream_idle_timeout ctx=.*{device}", within=2)
        [end] = [line for line in stage.log.text.splitlines() if device in line and "dur_ms" in line]
        assert "decision=abort" in end and '"error_code": "DEADLINE_EXCEEDED"' in end and "level=INFO" in end, end
        call.cancel()


def test_a_client_that_reads_late_still_hears_why_its_turn_was_ended(stage, raw):
    stream = raw.call(request_for("long"))
    assert raw.wait_for(lambda: len(raw.heard(stream).body) == 65_535), "the window is not filled"
    assert not raw.wait_for(lambda: raw.heard(stream).is_over, within=HIGHEST)
    raw.give_room(1 << 30)
    raw.give_room(1 << 30, stream)
    heard = raw.ended(stream)
    assert heard.items[-1].error_message == IDLE
    assert [item.WhichOneof("content") for item in heard.items].count("error_message") == 1
    assert heard.fields["grpc-status"] == "4" and heard.fields["grpc-message"] == IDLE
    assert eventually(lambda: stage.active_turns == 0)


def test_the_stream_of_a_client_that_never_reads_is_reset_in_the_end(stage, raw):
    stream = raw.call(request_for("long"))
    heard = raw.heard(stream)
    assert raw.wait_for(lambda: len(heard.body) == 65_535), "the window is not filled"
    began = time.monotonic()
    assert eventually(lambda: stage.active_turns == 0, within=HIGHEST + PATIENCE), "the slot is not free"
    ended = time.monotonic()
    assert ended - began > LOWEST - 0.3
    assert raw.wait_for(lambda: heard.is_over, within=PATIENCE + 2), "the stream is not reset"
    assert heard.reset is not None and not heard.ended
    assert len(heard.body) == 65_535, "nothing is sent beyond the window"
    raw.give_room(65_535)
    other = raw.ended(raw.call(request_for("good")))
    assert other.fields["grpc-status"] == "0", "the connection goes on"


def test_a_client_that_reads_a_little_at_a_time_is_not_ended(stage, raw):
    device = new_device()
    stream = raw.call(request_for("long", device))
    heard = raw.heard(stream)
    for number in range(6):
        expected = 65_535 + number * 8_192
        assert raw.wait_for(lambda: len(heard.body) == expected, within=2), f"{len(heard.body)} of {expected}"
        assert not raw.wait_for(lambda: heard.is_over, within=0.5)
        raw.give_room(8_192)
        raw.give_room(8_192, stream)
    assert not heard.is_over and stage.active_turns == 1
    assert list(stage.client.interrupt(device).interrupted_sessions)


def test_the_server_serves_on(stage):
    assert stage.play("good").code == grpc.StatusCode.OK
    assert stage.is_healthy() and eventually(lambda: stage.active_turns == 0)
