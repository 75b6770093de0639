"""A bad network between the server and its providers: slow, unsteady, narrow, torn, and silent."""

import pytest

from script import reply
from server import eventually
from upstreams.fault_proxy import FaultProxy, Weather
from upstreams.plays import Pause, play
from upstreams.stage import (
    MODEL_SETTINGS,
    MODELS,
    SPEECH_SETTINGS,
    VOICES,
    all_at_once,
    assert_answered,
    assert_apologised,
    assert_ended_well,
    is_offline_answer,
    question,
    seconds,
    speak_with_tone,
    spoken_seconds,
    start,
    voices,
)
from upstreams.wire import chunk

FIRST, SECOND, THIRD = "The first sentence is whole. ", "The second one is whole too. ", "And so is the third."
SAYS = FIRST + SECOND + THIRD
PATHS = {"gemini": "/v1beta", "openai": "/v1", "azure": ""}

# Weather in which everything is heard, only later.
BEARABLE = {
    "late": Weather(latency=0.15),
    "unsteady": Weather(latency=0.05, jitter=0.1),
    "narrow": Weather(bandwidth=12_000),
}


@pytest.fixture(scope="module", params=MODELS)
def stage(request, serve_for_file):
    """A server, its model and the network between them."""
    with MODELS[request.param]() as fake, FaultProxy(fake.port) as proxy:
        base = f"{proxy.origin}{PATHS[fake.name]}"
        settings = MODEL_SETTINGS[fake.name](base_url=base) | {"LLM_PROVIDER": fake.name}
        server = start(serve_for_file, settings, speak_with_tone())
        server.fake, server.proxy = fake, proxy
        fake.plays.otherwise = play(FIRST, Pause(0.1), SECOND, Pause(0.1), THIRD)
        yield server
        assert fake.objections == []


@pytest.fixture
def under(stage):
    """Changes the weather for a test; connections made before are gone."""

    def change(weather: Weather):
        stage.proxy.change(weather)
        return stage

    yield change
    stage.proxy.change(Weather())


@pytest.mark.parametrize("name", BEARABLE)
def test_in_bearable_weather_everything_is_heard(under, name):
    server = under(BEARABLE[name])
    heard = all_at_once({f"{number}": lambda: server.client.turn("How are you?") for number in range(4)})
    for one in heard.values():
        assert_answered(one, SAYS)


@pytest.fixture(scope="module")
def two_sentences(stage):
    """Octets of an answer up to the end of its second sentence, and a few more."""
    assert_answered(stage.client.turn("How are you?"), SAYS)
    answer = stage.fake.said(stage.fake.requests[-1], stage.fake.plays.otherwise)
    pieces = [piece for piece in answer.pieces if isinstance(piece, bytes)][:2]
    return len(answer.head) + sum(len(chunk(piece)) for piece in pieces) + 9


def test_a_connection_that_is_reset_later_leaves_what_was_whole(under, two_sentences):
    heard = under(Weather(reset_after=two_sentences)).client.turn(question(50))
    assert_apologised(heard, FIRST + SECOND)


def test_a_network_that_falls_silent_later_leaves_what_was_whole(under, two_sentences):
    heard = under(Weather(black_hole_after=two_sentences)).client.turn(question(53))
    assert_apologised(heard, FIRST + SECOND)
    assert heard.duration < 8, heard


@pytest.mark.parametrize("octets", [0, 20, 90], ids=str)
def test_a_connection_that_is_reset_before_the_first_word_is_made_good(under, octets):
    server = under(Weather(reset_after=octets))
    heard = server.client.turn(question(51))
    assert_ended_well(heard)
    assert is_offline_answer(heard, 51), heard


def test_a_network_that_swallows_everything_is_given_up(under):
    server = under(Weather(black_hole_after=0))
    heard = server.client.turn(question(52))
    assert_ended_well(heard)
    assert is_offline_answer(heard, 52) and heard.duration < 8, heard


def test_a_client_that_leaves_is_told_through_the_network(under, stage):
    server = under(Weather(latency=0.05))
    cue = "What is it like out there?"
    stage.fake.plays.set(cue, play(FIRST, Pause(5), SECOND))
    turn = server.client.begin(cue)
    turn.wait_for("audio_chunk")
    turn.cancel()
    [exchange] = stage.fake.asked(cue)
    assert eventually(lambda: exchange.left, within=1)


def test_after_the_storm_everything_is_as_before(under, stage):
    under(Weather(reset_after=0))
    for number in range(3):
        stage.client.turn(question(number))
    under(Weather())
    assert_answered(stage.client.turn("How are you?"), SAYS)
    assert stage.active_turns == 0


SENTENCES = ["This is the first sentence.", "This is the second sentence."]
REPLIES = {"sentences": reply(*(f"{sentence} " for sentence in SENTENCES))}

# A voice needs 96,000 octets a second, or 48,000; what each weather leaves of it.
VOICE_WEATHER = {
    "late": (Weather(latency=0.15), "first"),
    "torn": (Weather(reset_after=9_000), "next"),
    "silent": (Weather(black_hole_after=9_000), "next"),
}


@pytest.mark.parametrize("engine", VOICES)
@pytest.mark.parametrize("name", VOICE_WEATHER)
def test_a_voice_is_heard_in_any_weather_or_replaced(serve, engine, name):
    weather, heard_by = VOICE_WEATHER[name]
    other = next(other for other in VOICES if other != engine)
    with VOICES[engine]() as fake, VOICES[other]() as next_fake, FaultProxy(fake.port, weather) as proxy:
        settings = SPEECH_SETTINGS[other](next_fake)
        settings |= SPEECH_SETTINGS[engine](base_url=f"{proxy.origin}{PATHS[engine]}")
        server = start(serve, settings, {"TTS_PROVIDER": engine, "TTS_FALLBACK": other}, replies=REPLIES)
        heard = server.play("sentences")
        assert_answered(heard, " ".join(SENTENCES))
        assert voices(heard) == [engine if heard_by == "first" else other] * 2
        assert all(seconds(chunks) > 0.95 * spoken_seconds(text) for text, chunks in heard.segments())
        assert proxy.connections and fake.objections == []
