"""Who gets in: so many turns at once, so many of a device, one of a session; who does not is told so, at once."""

from contextlib import closing

import grpc
import pytest

from client import OWN_CONNECTION, VoiceClient, new_device, new_session
from contract import COMMIT, UNSPECIFIED
from script import reply, stall, text
from server import eventually

FIRST = "The first sentence is whole. "
REPLIES = {
    "silent": reply(FIRST, fault=stall(1)),
    "slow": reply(FIRST, text("The second one comes later.", 600)),
    "failing": reply(FIRST, text("The second one is n", 300), fault={"kind": "error"}),
    "good": reply("This turn goes well."),
}


@pytest.fixture(scope="module")
def shared(serve_for_file):
    return serve_for_file(replies=REPLIES, environment={"BACKPRESSURE_MAX_STREAMS": "2"})


@pytest.fixture
def stage(shared):
    """A server for two turns, on which none runs; turns that a test leaves behind end with it."""
    assert eventually(lambda: shared.active_turns == 0)
    with closing(VoiceClient(shared.grpc_port, OWN_CONNECTION)) as client:
        shared._client = client
        yield shared
        shared._client = None


def running(server, count: int, name: str = "silent", **options) -> list:
    turns = [server.begin(name, **options) for _ in range(count)]
    for turn in turns:
        turn.wait_for("audio_chunk")
    return turns


def assert_refused(heard, beginning: str) -> None:
    """One error message, then the status with the same words, and when to come again."""
    assert heard.kinds == ["error_message"], heard
    assert heard.errors[0].startswith(beginning), heard
    assert heard.code == grpc.StatusCode.RESOURCE_EXHAUSTED and heard.details == heard.errors[0], heard
    assert int(heard.trailers["retry-after"]) >= 1


def assert_good(heard) -> None:
    assert (heard.code, heard.text) == (grpc.StatusCode.OK, "This turn goes well."), heard


FULL = "STREAM_LIMIT_EXCEEDED: Maximum concurrent streams (2) reached. Current active: 2"


@pytest.mark.parametrize("phase", [COMMIT, UNSPECIFIED], ids=["COMMIT", "UNSPECIFIED"])
def test_a_turn_too_many_is_refused_with_the_words_clients_know(stage, phase):
    running(stage, 2)
    heard = stage.play("good", phase=phase)
    assert_refused(heard, FULL)
    assert heard.duration < 1


def test_the_turns_that_run_do_not_notice_a_refusal(stage):
    turns = running(stage, 2, "slow")
    assert_refused(stage.play("good"), FULL)
    for turn in turns:
        heard = turn.ended()
        assert heard.code == grpc.StatusCode.OK and heard.text == f"{FIRST}The second one comes later.", heard


def test_a_refusal_is_told_in_the_log_and_is_no_error(stage):
    running(stage, 2)
    device = new_device()
    assert_refused(stage.play("good", device=device), FULL)
    stage.log.find(rf"decision=reject ctx=.*{device}")
    lines = [line for line in stage.log.text.splitlines() if device in line]
    [rejected] = [line for line in lines if "decision=stream_rejected" in line]
    assert '"active_streams": 2' in rejected and '"max_streams": 2' in rejected, rejected
    assert '"reason": "stream_limit_exceeded"' in rejected
    assert '"error_code": "RESOURCE_EXHAUSTED"' in lines[-1] and '"error_classified": "transient"' in lines[-1]
    assert not any("level=ERROR" in line or "stream_released" in line for line in lines), lines


def cancel(server, turn, device):
    turn.cancel()


def interrupt(server, turn, device):
    server.client.interrupt(device)


def wait(server, turn, device):
    turn.ended()


# How a turn ends, and the reply whose turn ends so.
ENDINGS = {
    "a turn that ended well": ("slow", wait),
    "a turn that failed": ("failing", wait),
    "a turn that its client left": ("silent", cancel),
    "a turn that was interrupted": ("silent", interrupt),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_slot_of_a_turn_that_is_over_is_taken_by_the_next(stage, ending):
    name, end = ENDINGS[ending]
    running(stage, 1)
    device = new_device()
    [turn] = running(stage, 1, name, device=device)
    assert_refused(stage.play("good"), FULL)
    end(stage, turn, device)
    assert eventually(lambda: stage.play("good").code == grpc.StatusCode.OK, within=2)


@pytest.mark.parametrize(
    ("refused", "code"),
    [
        (dict(device="unknown"), grpc.StatusCode.INVALID_ARGUMENT),
        (dict(session="none"), grpc.StatusCode.INVALID_ARGUMENT),
        (dict(phase=7), grpc.StatusCode.INVALID_ARGUMENT),
    ],
    ids=["device", "session", "phase"],
)
def test_a_bad_request_takes_no_slot_and_is_told_its_own_mistake_when_all_are_taken(stage, refused, code):
    running(stage, 2)
    assert stage.play("good", **refused).code == code
    assert stage.active_turns == 2


def test_a_turn_with_nothing_to_say_gives_its_slot_back(stage):
    for _ in range(5):
        assert stage.client.turn("").code == grpc.StatusCode.INVALID_ARGUMENT
    assert eventually(lambda: stage.active_turns == 0)
    running(stage, 2)


def test_a_collected_piece_takes_no_slot(stage):
    running(stage, 2)
    device, session = new_device(), new_session()
    for number in range(10):
        heard = stage.client.collect(f"piece {number}", sequence=number, device=device, session=session)
        assert heard.ends == ["COLLECT_ACCEPTED"] and heard.code == grpc.StatusCode.OK
    assert stage.active_turns == 2


def test_a_refused_commit_loses_nothing_that_was_collected(stage):
    device, session = new_device(), new_session()
    stage.client.collect("Please play ", sequence=1, device=device, session=session)
    stage.client.collect("good!", sequence=2, device=device, session=session)
    _, turn = running(stage, 2)
    for _ in range(3):
        assert_refused(stage.client.turn("", device=device, session=session), FULL)
    turn.cancel()
    assert eventually(lambda: stage.active_turns == 1)
    assert_good(stage.client.turn("", device=device, session=session))
    heard = stage.client.turn("", device=device, session=session)
    assert heard.errors == ["Empty prompt: text field is required"], heard


@pytest.mark.parametrize("is_same", [True, False], ids=["the same device", "another device"])
def test_a_second_turn_of_a_session_is_refused_and_the_first_goes_on(stage, is_same):
    device, session = new_device(), new_session()
    [turn] = running(stage, 1, "slow", device=device, session=session)
    for _ in range(3):
        heard = stage.play("good", device=device if is_same else new_device(), session=session)
        assert_refused(heard, f"Concurrent request for session_id={session} is not allowed")
        assert heard.details == f"Concurrent request for session_id={session} is not allowed"
    assert stage.active_turns == 1
    heard = turn.ended()
    assert heard.code == grpc.StatusCode.OK and heard.text == f"{FIRST}The second one comes later.", heard
    assert eventually(lambda: stage.play("good", device=device, session=session).code == grpc.StatusCode.OK, within=1)


@pytest.mark.parametrize("spelling", [str.upper, lambda text: text.replace("-", ""), "{{{}}}".format])
def test_a_session_spelled_otherwise_is_the_same_session(stage, spelling):
    session = new_session()
    running(stage, 1, session=session)
    assert_refused(stage.play("good", session=spelling(session)), "Concurrent request for session_id=")


def test_a_session_that_is_over_may_speak_again(stage):
    device, session = new_device(), new_session()
    for _ in range(5):
        assert_good(stage.play("good", device=device, session=session))


@pytest.mark.parametrize("how", [cancel, interrupt], ids=["cancelled", "interrupted"])
def test_a_turn_that_is_stopped_makes_room_at_once_for_its_own_session(serve, how):
    server = serve(
        replies=REPLIES,
        environment={"PREVENT_CONCURRENT_HARDWARE_ID_SESSIONS": "true", "BACKPRESSURE_MAX_STREAMS": "1"},
    )
    device, session = new_device(), new_session()
    for _ in range(20):
        [turn] = running(server, 1, device=device, session=session)
        how(server, turn, device)
        assert_good(server.play("good", device=device, session=session))


def test_a_device_has_four_turns_at_most(serve):
    server = serve(replies=REPLIES)
    device, sessions = new_device(), [new_session() for _ in range(4)]
    turns = [running(server, 1, device=device, session=session)[0] for session in sessions]
    heard = server.play("good", device=device)
    assert_refused(heard, f"Concurrent request for hardware_id={device} is not allowed (active sessions: [")
    assert all(session in heard.details for session in sessions)
    assert_good(server.play("good"))
    turns[2].cancel()
    assert eventually(lambda: server.play("good", device=device).code == grpc.StatusCode.OK, within=1)


def test_a_device_has_one_turn_where_that_is_asked_for(serve):
    server = serve(replies=REPLIES, environment={"PREVENT_CONCURRENT_HARDWARE_ID_SESSIONS": "true"})
    device, session = new_device(), new_session()
    [turn] = running(server, 1, "slow", device=device, session=session)
    heard = server.play("good", device=device)
    assert_refused(heard, f"Concurrent request for hardware_id={device} is not allowed (active sessions: [")
    assert session in heard.details
    assert_good(server.play("good"))
    assert server.client.collect("it", sequence=1, device=device, session=new_session()).ends == ["COLLECT_ACCEPTED"]
    assert turn.ended().code == grpc.StatusCode.OK


# By NEXY_ENV: turns, idle seconds; and what a setting of its own makes of them.
PRESETS = [
    ("dev", {}, 10, 60),
    ("stage", {}, 25, 180),
    ("prod", {}, 50, 900),
    ("dev", {"BACKPRESSURE_MAX_STREAMS": "7", "BACKPRESSURE_IDLE_TIMEOUT": "33"}, 7, 33),
]


@pytest.mark.parametrize(("name", "own", "turns", "idle"), PRESETS)
def test_the_presets_of_an_environment_are_in_force(serve, name, own, turns, idle):
    server = serve(replies=REPLIES, environment={"NEXY_ENV": name} | own)
    limits = server.request("/status").json["limits"]
    assert (limits["turns"], limits["turns_per_device"], limits["idle_seconds"]) == (turns, 4, idle)


def test_the_preset_of_dev_lets_ten_turns_in_and_not_eleven(serve):
    server = serve(replies=REPLIES, environment={"NEXY_ENV": "dev"})
    running(server, 10)
    assert_refused(
        server.play("good"), "STREAM_LIMIT_EXCEEDED: Maximum concurrent streams (10) reached. Current active: 10"
    )


def test_greetings_are_bounded_beside_the_turns(serve, tmp_path):
    engine = tmp_path / "engine"
    engine.write_text("#!/bin/sh\nexec sleep 60\n")
    engine.chmod(0o755)
    server = serve(
        replies={"silent": reply(fault=stall(0))},
        tts="espeak",
        environment={"ESPEAK_BINARY": str(engine), "BACKPRESSURE_MAX_STREAMS": "2"},
    )
    greetings = [server.client.begin_welcome("Hello there, my friend.") for _ in range(2)]
    assert eventually(lambda: server.active_turns == 2)
    assert_refused(server.client.welcome("Hello there, my friend."), FULL)
    turns = [server.begin("silent") for _ in range(2)]
    assert eventually(lambda: server.active_turns == 4), "greetings take no turn's slot"
    assert_refused(server.play("silent"), FULL)
    assert_refused(server.client.welcome("Hello there, my friend."), FULL)
    for call in (*greetings, *turns):
        call.cancel()
    assert eventually(lambda: server.active_turns == 0 and not server.children())
    server.client.begin_welcome("Hello there, my friend.")
    assert eventually(lambda: server.active_turns == 1)
