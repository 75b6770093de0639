"""What a request, a stream and a connection may take; what is too much is answered, and breaks nothing for others."""

import base64
import time
from contextlib import closing

import grpc
import pytest

from client import OWN_CONNECTION, VoiceClient, new_device, new_session
from contract import messages
from frames import ENHANCE_YOUR_CALM, RawClient, REFUSED_STREAM, request_for, wire
from script import prompt_for, reply, stall, text
from server import eventually

MIB = 1 << 20
FIRST = "The first sentence is whole. "
REPLIES = {
    "silent": reply(FIRST, fault=stall(1)),
    "slow": reply(FIRST, text("The second one comes later.", 500)),
    "good": reply("This turn goes well."),
}
# What released clients set, to the letter.
CLIENT_OPTIONS = [
    ("grpc.max_metadata_size", MIB),
    ("grpc.keepalive_time_ms", 120_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 0),
    ("grpc.http2.max_pings_without_data", 1),
    ("grpc.http2.min_time_between_pings_ms", 60_000),
    ("grpc.http2.min_ping_interval_without_data_ms", 600_000),
]


@pytest.fixture(scope="module")
def stage(serve_for_file):
    return serve_for_file(replies=REPLIES, environment={"BACKPRESSURE_MAX_STREAMS": "500"})


@pytest.fixture
def raw(stage):
    client = RawClient(stage.grpc_port)
    yield client
    client.close()


@pytest.fixture(autouse=True)
def the_server_serves_on(request):
    yield
    if "stage" in request.fixturenames:
        server = request.getfixturevalue("stage")
        with closing(VoiceClient(server.grpc_port, OWN_CONNECTION)) as client:
            assert client.turn(prompt_for("good")).text == "This turn goes well."
        assert eventually(lambda: server.active_turns == 0)


@pytest.fixture(scope="module")
def patient(stage):
    """A connection whose client has pinged three times at once, as often as it may: the next must not be too soon."""
    client = RawClient(stage.grpc_port)
    for _ in range(3):
        client.ping()
    assert client.wait_for(lambda: client.pongs == 3)
    client.since = time.monotonic()
    yield client
    client.close()


def image(size: int) -> str:
    return base64.b64encode(bytes(size)).decode()


def test_the_next_tests_run_while_a_client_waits_to_ping_again(patient):
    assert patient.goaway is None


# How a screenshot comes.
WAYS = {
    "COMMIT": lambda server, picture: server.play("good", screenshot=picture),
    "COLLECT": lambda server, picture: server.client.collect(
        "a", sequence=1, device=new_device(), session=new_session(), screenshot=picture
    ),
}


def assert_image_refused(heard, size: int) -> None:
    assert heard.kinds == ["error_message"] and heard.code == grpc.StatusCode.INVALID_ARGUMENT, heard
    assert "IMAGE_MAX_SIZE" in heard.errors[0] and str(size) in heard.errors[0], heard
    assert heard.details == heard.errors[0]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("size", [1_024, 100_000])
def test_a_screenshot_that_is_too_large_is_refused_and_one_that_is_not_passes(serve, size, way):
    server = serve(replies=REPLIES, environment={"IMAGE_MAX_SIZE": str(size)})
    for more in (1, 2, 3, 5_000):
        assert_image_refused(WAYS[way](server, image(size + more)), size)
    for less in (0, 1, 2, 3):
        assert WAYS[way](server, image(size - less)).code == grpc.StatusCode.OK


def test_a_screenshot_may_have_ten_mebibytes_and_no_more(stage):
    assert_image_refused(WAYS["COMMIT"](stage, image(10 * MIB + 1)), 10 * MIB)
    assert WAYS["COMMIT"](stage, image(10 * MIB)).code == grpc.StatusCode.OK


def test_a_request_that_is_refused_for_its_screenshot_uses_nothing_up(serve):
    server = serve(replies=REPLIES, environment={"IMAGE_MAX_SIZE": "1024"})
    owner = dict(device=new_device(), session=new_session())
    server.client.collect(prompt_for("good"), sequence=1, **owner)
    assert_image_refused(server.client.collect("", sequence=2, screenshot=image(1_025), **owner), 1_024)
    assert_image_refused(server.client.turn("", screenshot=image(1_025), **owner), 1_024)
    assert server.client.turn("", **owner).text == "This turn goes well."


def test_a_request_over_the_limit_is_refused_with_a_reason_and_is_no_error_of_the_server(stage):
    before = stage.log.text
    heard = stage.client.turn("x" * (16 * MIB + 100))
    assert heard.kinds == [] and heard.code == grpc.StatusCode.RESOURCE_EXHAUSTED, heard
    assert "larger than 16777216 bytes" in heard.details, heard
    assert "level=ERROR" not in stage.log.text.removeprefix(before)


def test_headers_beyond_the_limit_end_their_call_only(stage):
    call = stage.client.channel.unary_stream(
        "/streaming.StreamingService/StreamAudio",
        request_serializer=messages.StreamRequest.SerializeToString,
        response_deserializer=messages.StreamResponse.FromString,
    )
    with pytest.raises(grpc.RpcError):
        list(call(request_for("good"), metadata=[("x-large", "x" * 100_000)], timeout=10))
    assert [*call(request_for("good"), metadata=[("x-small", "x" * 4_000)], timeout=10)][-1].end_message


def test_a_client_with_the_settings_of_released_ones_is_served(stage):
    with closing(VoiceClient(stage.grpc_port, [*CLIENT_OPTIONS, *OWN_CONNECTION])) as client:
        for name in ("slow", "good", "slow"):
            assert client.turn(prompt_for(name)).code == grpc.StatusCode.OK


def test_a_client_that_pings_without_end_is_told_to_be_calm(stage, raw):
    for number in range(20):
        raw.ping()
        # What is still unread when a connection closes takes the server's last words with it.
        assert raw.wait_for(lambda: raw.pongs > number or raw.closed, within=2)
    assert raw.closed and raw.goaway == ENHANCE_YOUR_CALM, f"{raw.pongs} pings were answered"


def test_streams_beyond_those_of_a_connection_wait_for_their_turn(stage):
    with closing(VoiceClient(stage.grpc_port, OWN_CONNECTION)) as client:
        turns = [client.begin(prompt_for("silent")) for _ in range(130)]
        assert eventually(lambda: stage.active_turns >= 100, within=10) and stage.active_turns == 100
        waiting = [turn for turn in turns if not turn.so_far]
        assert len(waiting) >= 30
        for turn in turns:
            if turn.so_far:
                turn.cancel()
        for turn in waiting[-30:]:
            turn.wait_for("audio_chunk", within=40)


def test_streams_beyond_those_of_a_connection_are_refused_to_a_client_that_does_not_wait(stage, raw):
    streams = [raw.call(request_for("slow")) for _ in range(110)]
    assert raw.wait_for(lambda: raw.closed or all(raw.heard(stream).is_over for stream in streams))
    refused = [raw.heard(stream).reset for stream in streams if raw.heard(stream).reset is not None]
    assert set(refused) == {REFUSED_STREAM} and len(refused) >= 10 or raw.goaway is not None
    if not raw.closed:
        assert sum(raw.heard(stream).fields.get("grpc-status") == "0" for stream in streams) == 110 - len(refused) >= 90


# What stands in grpc-timeout and is none.
TIMEOUTS = ["-1S", "-99999999S", "-1", "S", "1", "1.5S", "0x1S", "1 S", "999999999S", "99999999H", "-0S", "++1S", "∞S"]


@pytest.mark.parametrize("timeout", TIMEOUTS)
@pytest.mark.parametrize("method", ["StreamAudio", "InterruptSession"])
def test_a_timeout_that_is_none_is_not_heeded(stage, raw, timeout, method):
    stream = raw.call(request_for("good"), path=wire.SERVICE + method, fields={"grpc-timeout": timeout})
    heard = raw.ended(stream)
    assert heard.reset is None and heard.fields["grpc-status"] in ("0", "3"), heard
    assert stage.process.poll() is None


def test_two_timeouts_are_not_heeded(stage, raw):
    stream = raw.new_stream()
    fields = [*wire.call_headers(), (b"grpc-timeout", b"1S"), (b"grpc-timeout", b"-1S")]
    raw.send(*wire.call(stream, wire.message(request_for("good").SerializeToString()), fields=fields))
    assert raw.ended(stream).fields["grpc-status"] == "0"


def test_a_deadline_of_nothing_ends_the_call_and_not_the_server(stage, raw):
    heard = raw.ended(raw.call(request_for("silent"), fields={"grpc-timeout": "0S"}))
    assert heard.fields.get("grpc-status") == "4" or heard.reset is not None, heard


def test_a_client_s_deadline_is_told_on_the_wire_and_is_no_error(stage, raw):
    device = new_device()
    heard = raw.ended(raw.call(request_for("silent", device), fields={"grpc-timeout": "500m"}))
    assert heard.fields.get("grpc-status") == "4", heard.fields
    assert heard.items[-1].error_message and heard.items[0].text_chunk
    assert stage.log.find(rf"decision=cancelled ctx=.*DEADLINE_EXCEEDED.*{device}", within=2)
    assert not any(device in line and "level=ERROR" in line for line in stage.log.text.splitlines())


def test_a_client_s_deadline_ends_its_call_in_the_client_and_the_turn_on_the_server(stage):
    device = new_device()
    heard = stage.play("silent", device=device, timeout=0.5)
    assert heard.code == grpc.StatusCode.DEADLINE_EXCEEDED, heard
    assert eventually(lambda: stage.active_turns == 0, within=2)
    assert stage.log.find(rf"decision=cancelled ctx=.*{device}", within=2)
    assert not any(device in line and "level=ERROR" in line for line in stage.log.text.splitlines())


def test_a_client_that_pings_every_ten_seconds_is_never_punished(stage, patient):
    assert not patient.wait_for(lambda: patient.closed, within=max(0, patient.since + 10.3 - time.monotonic()))
    patient.ping()
    assert patient.wait_for(lambda: patient.pongs == 4 or patient.closed, within=5)
    heard = patient.ended(patient.call(request_for("good")))
    assert heard.fields["grpc-status"] == "0" and patient.goaway is None
