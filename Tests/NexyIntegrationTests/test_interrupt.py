"""InterruptSession: stops every running turn of one device, at once, and nothing else."""

import time

import grpc
import pytest

from client import LiveStream, new_device, new_session
from script import prompt_for, reply, stall
from server import eventually

REPLIES = {
    "silent": reply("The first sentence is whole. ", fault=stall(1)),
    "silent from the start": reply(fault=stall(0)),
    "other": reply("The first sentence is whole. ", "The second one comes later.", fault=stall(1, for_ms=1_500)),
    "good": reply("This turn goes well."),
    "long": reply(*(f"This is sentence number {number} of a very long answer. " for number in range(3_000))),
}


@pytest.fixture(scope="module")
def stage(serve_for_file):
    return serve_for_file(replies=REPLIES)


def assert_interrupted(heard):
    assert heard.kinds.count("error_message") == 1 and heard.kinds[-1] == "error_message", heard
    assert heard.ends == [] and heard.actions == []
    assert heard.code == grpc.StatusCode.CANCELLED, heard


def test_an_interrupt_ends_the_running_turn_and_names_its_session(stage):
    device, session = new_device(), new_session()
    turn = stage.begin("silent", device=device, session=session)
    turn.wait_for("audio_chunk")
    answer = stage.client.interrupt(device)
    assert answer.success and answer.message == "Сессии успешно прерваны"
    assert list(answer.interrupted_sessions) == [session]
    assert_interrupted(turn.ended(within=3))


def test_a_turn_that_has_said_nothing_yet_is_interrupted_too(stage):
    device, session = new_device(), new_session()
    turn = stage.begin("silent from the start", device=device, session=session)
    assert eventually(lambda: stage.active_turns == 1)
    assert list(stage.client.interrupt(device).interrupted_sessions) == [session]
    heard = turn.ended(within=3)
    assert_interrupted(heard)
    assert heard.kinds == ["error_message"]


def test_an_interrupt_ends_every_turn_of_the_device(stage):
    device, sessions = new_device(), [new_session() for _ in range(3)]
    turns = [stage.begin("silent", device=device, session=session) for session in sessions]
    for turn in turns:
        turn.wait_for("audio_chunk")
    assert sorted(stage.client.interrupt(device).interrupted_sessions) == sorted(sessions)
    for turn in turns:
        assert_interrupted(turn.ended(within=3))


def test_the_turn_of_another_device_is_not_touched(stage):
    device = new_device()
    other = stage.begin("other", device=new_device())
    turn = stage.begin("silent", device=device)
    turn.wait_for("audio_chunk")
    other.wait_for("audio_chunk")
    stage.client.interrupt(device)
    assert_interrupted(turn.ended(within=3))
    heard = other.ended()
    assert heard.code == grpc.StatusCode.OK
    assert heard.text == "The first sentence is whole. The second one comes later."


def test_the_next_request_of_the_device_is_served_at_once(stage):
    device, session = new_device(), new_session()
    turn = stage.begin("silent", device=device, session=session)
    turn.wait_for("audio_chunk")
    stage.client.interrupt(device)
    began = time.monotonic()
    heard = stage.play("good", device=device, session=session)
    assert heard.text == "This turn goes well." and heard.code == grpc.StatusCode.OK
    assert time.monotonic() - began < 1.5
    turn.ended(within=3)


def test_an_interrupt_with_nothing_running_succeeds_without_sessions(stage):
    answer = stage.client.interrupt(new_device())
    assert answer.success
    assert list(answer.interrupted_sessions) == []


def test_an_interrupt_does_not_reach_into_the_future(stage):
    device = new_device()
    stage.client.interrupt(device)
    assert stage.play("good", device=device).code == grpc.StatusCode.OK


def test_a_turn_that_is_over_is_not_interrupted(stage):
    device = new_device()
    stage.play("good", device=device)
    assert eventually(lambda: stage.active_turns == 0)
    assert list(stage.client.interrupt(device).interrupted_sessions) == []


def test_a_turn_whose_client_does_not_read_is_interrupted(stage):
    device = new_device()
    call = stage.client.unread(prompt_for("long"), device)
    assert eventually(lambda: stage.active_turns == 1)
    assert len(stage.client.interrupt(device).interrupted_sessions) == 1
    assert_interrupted(LiveStream(call).ended(within=5))


def test_an_interrupt_is_no_error_of_the_server(stage):
    device = new_device()
    turn = stage.begin("silent", device=device)
    turn.wait_for("audio_chunk")
    stage.client.interrupt(device)
    turn.ended(within=3)
    assert eventually(lambda: stage.active_turns == 0)
    assert f'"hardware_id": "{device}"' in stage.log.text
    assert not any(device in line and "level=ERROR" in line for line in stage.log.text.splitlines())
