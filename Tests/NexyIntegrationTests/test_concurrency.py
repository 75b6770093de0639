"""Many turns at once: each client gets its own, and nobody waits for another."""

import grpc
import pytest

from client import VoiceClient, new_session
from script import prompt_for, reply, text, tool
from server import eventually

COUNT = 20

REPLIES = {
    f"turn number {number:02}": reply(
        f"This is the answer to device {number:02}. ",
        text(f"It ends with the words of {number:02}.", 100),
        tool("open_app", app_name=f"App {number:02}"),
    )
    for number in range(COUNT)
} | {
    "long": reply(*(f"This is sentence number {number} of a very long answer. " for number in range(3_000))),
    "good": reply("This turn goes well."),
}


@pytest.fixture(scope="module")
def stage(serve_for_file):
    return serve_for_file(replies=REPLIES)


@pytest.mark.parametrize("connections", [1, COUNT], ids=["one connection", "a connection each"])
def test_twenty_devices_at_once_each_hear_their_own_turn(stage, connections):
    clients = [VoiceClient(stage.grpc_port) for _ in range(connections)]
    try:
        sessions = [new_session() for _ in range(COUNT)]
        turns = [
            clients[number % connections].begin(prompt_for(f"turn number {number:02}"), session=sessions[number])
            for number in range(COUNT)
        ]
        for number, turn in enumerate(turns):
            heard = turn.ended()
            assert heard.code == grpc.StatusCode.OK, heard
            assert heard.text == f"This is the answer to device {number:02}. It ends with the words of {number:02}."
            assert heard.command == {
                "session_id": sessions[number],
                "command": "open_app",
                "args": {"app_name": f"App {number:02}"},
            }
            assert heard.kinds.count("end_message") == 1 and heard.kinds[-1] == "end_message"
            assert all(audio for _, audio in heard.segments())
    finally:
        for client in clients:
            client.close()
    assert eventually(lambda: stage.active_turns == 0)


def test_twenty_turns_of_one_device_all_end_well(stage):
    heard = [stage.play("good", device="one device").text for _ in range(COUNT)]
    assert heard == ["This turn goes well."] * COUNT


def test_eight_devices_at_once_are_all_spoken_to(serve):
    server = serve(replies=REPLIES, tts="espeak")
    turns = [server.begin(f"turn number {number:02}") for number in range(8)]
    for turn in turns:
        heard = turn.ended()
        assert heard.code == grpc.StatusCode.OK and heard.seconds > 2, heard


def test_a_client_that_does_not_read_holds_up_nobody(stage):
    calls = [stage.client.unread(prompt_for("long")) for _ in range(3)]
    other = VoiceClient(stage.grpc_port)
    try:
        assert eventually(lambda: stage.active_turns == 3)
        assert other.turn(prompt_for("good")).text == "This turn goes well."
    finally:
        other.close()
        for call in calls:
            call.cancel()
    assert eventually(lambda: stage.active_turns == 0)


def test_a_connection_that_breaks_ends_its_turns(stage):
    client = VoiceClient(stage.grpc_port)
    turn = client.begin(prompt_for("long"))
    turn.wait_for("audio_chunk")
    client.close()
    turn.ended(within=5)
    assert eventually(lambda: stage.active_turns == 0)
    assert stage.play("good").code == grpc.StatusCode.OK
