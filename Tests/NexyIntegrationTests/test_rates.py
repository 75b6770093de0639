"""How fast: a turn that would send faster than it may is held back, a device that asks more often is refused."""

import time

import grpc
import pytest

from client import new_device, new_session
from script import prompt_for, reply
from server import eventually

WORDS = ["This sentence is long enough for a good half second. ", "And so is this."]
REPLIES = {
    "long": reply(*WORDS),
    "longer": reply(*(f"This is sentence number {number} of a reply that takes some seconds. " for number in range(4))),
    "good": reply("This turn goes well."),
}
# What the arrival of a message may be late by, on a machine that is busy.
JITTER = 0.1


def audio_at(heard) -> list[tuple[float, float]]:
    """When each audio chunk came, and how many seconds of sound came before it."""
    found, before = [], 0.0
    for item, at in zip(heard.items, heard.arrivals):
        if item.WhichOneof("content") == "audio_chunk":
            found.append((at, before))
            before += len(item.audio_chunk.audio_data) / 96_000
    return found


def most_in(seconds: float, arrivals) -> int:
    """How many messages came at most in any such time."""
    return max(sum(start <= at < start + seconds for at in arrivals) for start in arrivals)


def test_a_turn_that_is_faster_than_its_rate_is_held_back_and_loses_nothing(serve):
    free = serve(replies=REPLIES, environment={"BACKPRESSURE_MAX_RATE": "0"}).play("long")
    held = serve(replies=REPLIES, environment={"BACKPRESSURE_MAX_RATE": "10"}).play("long")
    assert held.code == grpc.StatusCode.OK and held.ends == ["Обработка завершена"], held
    assert (held.texts, held.kinds) == (free.texts, free.kinds)
    assert held.samples.tobytes() == free.samples.tobytes()
    assert most_in(1 - JITTER, held.arrivals[:-1]) <= 10, held.arrivals
    seconds = (len(held.items) - 1) // 10
    assert seconds >= 2 and seconds - JITTER < held.duration < seconds + 1.5, held
    assert free.duration < 1


def test_each_turn_has_a_rate_of_its_own(serve):
    server = serve(replies=REPLIES, environment={"BACKPRESSURE_MAX_RATE": "20"})
    turns = [server.begin("long") for _ in range(5)]
    alone = server.play("long").duration
    for turn in turns:
        heard = turn.ended()
        assert heard.code == grpc.StatusCode.OK and heard.duration < alone + 1
        assert most_in(1 - JITTER, heard.arrivals[:-1]) <= 20


def test_a_turn_that_is_held_back_is_cancelled_at_once(serve):
    server = serve(replies=REPLIES, environment={"BACKPRESSURE_MAX_RATE": "1"})
    device = new_device()
    for stop in (lambda turn: turn.cancel(), lambda turn: server.client.interrupt(device)):
        turn = server.begin("long", device=device)
        turn.wait_for("text_chunk")
        stop(turn)
        assert turn.ended(within=2).code == grpc.StatusCode.CANCELLED
        assert eventually(lambda: server.active_turns == 0, within=2)


def test_the_preset_of_dev_holds_a_turn_back_and_never_below_the_speed_of_its_sound(serve):
    heard = serve(replies=REPLIES, environment={"NEXY_ENV": "dev"}).play("longer")
    assert heard.code == grpc.StatusCode.OK and heard.seconds > 3.5, heard
    assert heard.seconds - 3 < heard.duration < heard.seconds + 1, heard
    began = audio_at(heard)[0][0]
    gaps = [at - began - before for at, before in audio_at(heard)]
    assert max(gaps) < 0.5, f"the listener waited {max(gaps):.2f} s"


# How a device asks, and what it gets while it may.
REQUESTS = {
    "COLLECT": (
        lambda server, device: server.client.collect("a", sequence=1, device=device, session=new_session()),
        grpc.StatusCode.OK,
    ),
    "a turn": (lambda server, device: server.client.turn("", device=device), grpc.StatusCode.INVALID_ARGUMENT),
}
RATE_WORDS = "MESSAGE_RATE_EXCEEDED: Maximum message rate (5 msg/s) reached"


@pytest.fixture(scope="module")
def stage(serve_for_file):
    return serve_for_file(replies=REPLIES, environment={"BACKPRESSURE_DEVICE_RATE": "5"})


@pytest.mark.parametrize("kind", REQUESTS)
def test_a_device_that_asks_too_often_is_refused(stage, kind):
    ask, allowed = REQUESTS[kind]
    device, began = new_device(), time.monotonic()
    heard = [ask(stage, device) for _ in range(30)]
    elapsed = time.monotonic() - began
    refused = [one for one in heard if one.code == grpc.StatusCode.RESOURCE_EXHAUSTED]
    assert {one.code for one in heard} == {allowed, grpc.StatusCode.RESOURCE_EXHAUSTED}
    assert 10 <= 30 - len(refused) <= 10 + 5 * elapsed + 1, "two seconds' worth may come at once"
    for one in refused:
        assert one.kinds == ["error_message"] and one.errors[0].startswith(RATE_WORDS), one
        assert one.details == one.errors[0] and int(one.trailers["retry-after"]) >= 1
    assert stage.play("good").code == grpc.StatusCode.OK, "another device is not touched"
    assert eventually(lambda: ask(stage, device).code == allowed, within=2), "it may ask again"


def test_a_usage_report_counts_as_a_request(stage):
    device = new_device()
    for _ in range(10):
        assert stage.client.report_usage(hardware_id=device, source="x").success
    with pytest.raises(grpc.RpcError) as refused:
        for _ in range(5):
            stage.client.report_usage(hardware_id=device, source="x")
    assert refused.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert refused.value.details().startswith(RATE_WORDS)


def test_all_requests_of_a_device_are_counted_together(stage):
    device, session = new_device(), new_session()
    for number in range(15):
        stage.client.collect("a", sequence=number, device=device, session=session)
    heard = stage.play("good", device=device)
    assert heard.code == grpc.StatusCode.RESOURCE_EXHAUSTED and heard.errors[0].startswith(RATE_WORDS), heard


def test_what_was_collected_outlives_a_refusal(stage):
    owner = dict(device=new_device(), session=new_session())
    stage.client.collect(prompt_for("good"), sequence=1, **owner)
    while stage.client.collect("seen before", sequence=1, **owner).code == grpc.StatusCode.OK:
        pass
    heard = stage.client.turn("", **owner)
    assert heard.code == grpc.StatusCode.RESOURCE_EXHAUSTED and heard.errors[0].startswith(RATE_WORDS), heard

    def answered():
        heard = stage.client.turn("", **owner)
        return None if heard.code == grpc.StatusCode.RESOURCE_EXHAUSTED else heard

    assert eventually(answered, within=3).text == "This turn goes well."


def test_an_interrupt_is_never_refused(stage):
    device = new_device()
    for _ in range(30):
        assert stage.client.interrupt(device).success


def test_a_refusal_is_told_in_the_log_and_is_no_error(stage):
    device = new_device()
    for number in range(15):
        stage.client.collect("a", sequence=number, device=device, session=new_session())

    def told(words: str) -> int:
        return sum(device in line and words in line for line in stage.log.text.splitlines())

    assert eventually(lambda: told("dur_ms=") == 15, within=2)
    assert told("decision=rate_limit_exceeded") == told("decision=reject") >= 3
    assert told('"error_type": "rate_limit_exceeded"') == told("decision=reject") and not told("level=ERROR")


def test_a_rate_of_zero_is_no_limit(serve):
    server = serve(replies=REPLIES, environment={"BACKPRESSURE_DEVICE_RATE": "0"})
    device, session = new_device(), new_session()
    for number in range(250):
        heard = server.client.collect("a", sequence=number, device=device, session=session)
        assert heard.code == grpc.StatusCode.OK, (number, heard)
