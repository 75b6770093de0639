"""What every speech engine over HTTP must do, each behind the whole server and in front of its own wire format."""

import time
from xml.etree import ElementTree

import grpc
import numpy as np
import pytest

from client import LiveStream, new_device, samples_of
from script import prompt_for, reply
from server import eventually
from speech import share_of_energy
from upstreams.azure_speech import MSTTS, SSML, voice_of
from upstreams.faults import Scattered, Stall
from upstreams.plays import Pause, play
from upstreams.sound import LOUDNESS
from upstreams.stage import (
    AZURE_KEY,
    SPEECH_KEYS,
    SPEECH_SETTINGS,
    UNHURRIED,
    VOICES,
    assert_answered,
    assert_ended_well,
    azure_settings,
    is_sound,
    openai_speech_settings,
    spoken_seconds,
    start,
    voice_in,
    voices,
)

SENTENCES = [f"This is the {place} sentence of all." for place in ("first", "second", "third", "fourth", "fifth")]
NASTY = 'Tom & Jerry say "hi" to <you> & all, don\'t they? ]]> And &amp; goes on.'
RUSSIAN = "Привет, это русское предложение."
LONG = "a very long sentence, and it goes on, " * 700 + "and ends."
REPLIES = {
    "sentences": reply(*(f"{sentence} " for sentence in SENTENCES)),
    "one": reply("This is one sentence alone."),
    "late": reply("This sentence comes in two halves, with a pause."),
    "scattered": reply("This sentence comes in scattered bytes, a few at a time."),
    "silent": reply("This sentence is never spoken by anybody."),
    "halting": reply("This sentence stops halting in its middle."),
    "nasty": reply(NASTY),
    "russian": reply(RUSSIAN),
    "long": reply(LONG),
    "signs": reply("This goes well. ", "😀 ", "And so does this."),
}


@pytest.fixture(scope="module", params=VOICES)
def stage(request, serve_for_file):
    """A server, and the engine behind it as `stage.fake`."""
    with VOICES[request.param]() as fake:
        fake.plays.set("in two halves", play(Pause(0.6)))
        fake.plays.set("scattered bytes", play(fault=Scattered(7)))
        fake.plays.set("never spoken", play(fault=Stall(0)))
        fake.plays.set("stops halting", play(fault=Stall(3)))
        settings = SPEECH_SETTINGS[fake.name](fake) | {"TTS_PROVIDER": fake.name, "TTS_FALLBACK": "none"}
        settings |= UNHURRIED
        server = start(serve_for_file, settings, replies=REPLIES)
        server.fake = fake
        yield server
        assert fake.objections == []


def test_each_sentence_is_spoken_in_its_place_and_to_its_end(stage):
    heard = stage.play("sentences")
    assert_answered(heard, " ".join(SENTENCES))
    assert [text.strip() for text, _ in heard.segments()] == SENTENCES
    assert voices(heard) == [stage.fake.name] * 5
    for text, chunks in heard.segments():
        assert abs(len(samples_of(chunks)) / 48_000 - spoken_seconds(text)) < 0.03, text


def test_sound_is_as_loud_as_it_was_and_in_form(stage):
    heard = stage.play("one")
    assert {(c.sample_rate, c.channels, c.dtype) for c in heard.audio} == {(48_000, 1, "int16")}
    assert all(0 < len(c.audio_data) <= 4_096 and len(c.audio_data) % 2 == 0 for c in heard.audio)
    assert 0.9 * LOUDNESS < np.abs(heard.samples.astype(int)).max() < 1.15 * LOUDNESS
    # A sample that was cut in two, or an image of the resampler, would show here.
    assert share_of_energy(heard.samples, stage.fake.pitch - 60, stage.fake.pitch + 60) > 0.98
    assert share_of_energy(heard.samples, 12_000, 24_001) < 1e-5


def test_sound_is_heard_while_the_engine_still_speaks(stage):
    heard = stage.play("late")
    assert_ended_well(heard)
    sounds = [at for at, kind in zip(heard.arrivals, heard.kinds) if kind == "audio_chunk"]
    assert sounds[-1] - sounds[0] > 0.4, sounds


def test_samples_may_be_cut_anywhere(stage):
    heard = stage.play("scattered")
    assert_ended_well(heard)
    assert share_of_energy(heard.samples, stage.fake.pitch - 60, stage.fake.pitch + 60) > 0.98


def test_what_is_said_reaches_the_engine_as_text(stage):
    heard = stage.play("nasty")
    assert_ended_well(heard)
    assert all(is_sound(chunks) for _, chunks in heard.segments())
    asked = " ".join(stage.fake.words(exchange.request) for exchange in stage.fake.exchanges)
    assert "Tom" in asked and "Jerry" in asked and "don't they?" in asked and "&amp;amp;" not in asked


def test_russian_is_spoken(stage):
    heard = stage.play("russian")
    assert_answered(heard, RUSSIAN)
    [exchange] = stage.fake.asked("русское предложение")
    if stage.fake.name == "azure":
        assert voice_of(exchange.request) == "ru-RU-SvetlanaNeural"


def test_the_key_goes_in_a_header_and_nowhere_else(stage):
    stage.play("one")
    for request in stage.fake.requests:
        key = SPEECH_KEYS[stage.fake.name]
        assert stage.fake.key_of(request) == key and key not in request.target and key.encode() not in request.body


def test_a_sign_that_cannot_be_spoken_is_not_asked_for(stage):
    heard = stage.play("signs")
    assert_ended_well(heard)
    assert "😀" in heard.text and not stage.fake.asked("😀")


def test_the_welcome_is_spoken_by_the_engine(stage):
    heard = stage.client.welcome("Good morning to you.")
    assert heard.metadata[0].method == stage.fake.name and heard.code == grpc.StatusCode.OK, heard
    assert voice_in(heard.samples) == stage.fake.name


def cancel(stage, turn: LiveStream, device: str) -> float:
    turn.cancel()
    return time.monotonic()


def interrupt(stage, turn: LiveStream, device: str) -> float:
    began = time.monotonic()
    stage.client.interrupt(device)
    return began


@pytest.mark.parametrize("way", [cancel, interrupt], ids=lambda way: way.__name__)
@pytest.mark.parametrize("name", ["silent", "halting"])
def test_a_client_that_ends_its_turn_ends_the_engine_s_work_at_once(stage, way, name):
    cue = {"silent": "never spoken", "halting": "stops halting"}[name]
    waits = []
    for _ in range(4):
        device, before = new_device(), len(stage.fake.asked(cue))
        turn = stage.begin(name, device=device)
        turn.wait_for("text_chunk" if name == "silent" else "audio_chunk")
        assert eventually(lambda: len(stage.fake.asked(cue)) > before)
        ended = way(stage, turn, device)
        exchange = stage.fake.asked(cue)[-1]
        assert eventually(lambda: exchange.left, within=2)
        waits.append(exchange.left - ended)
        assert turn.ended(within=5).code == grpc.StatusCode.CANCELLED
    # A machine that is busy is late at times; the promise is kept where it is not.
    assert min(waits) < 0.05 and max(waits) < 1, waits


def test_a_client_that_does_not_read_slows_the_engine_and_not_the_heap(stage):
    """A sentence of five minutes, or its pieces."""
    whole = 2 * stage.fake.rate * spoken_seconds(LONG)
    before = len(stage.fake.exchanges)
    call = stage.client.unread(prompt_for("long"))
    try:
        assert eventually(lambda: len(stage.fake.exchanges) > before)

        def sent() -> int:
            return sum(exchange.sent for exchange in stage.fake.exchanges[before:])

        assert not eventually(lambda: sent() > whole / 2, within=1), sent()
        assert any(not exchange.is_over for exchange in stage.fake.exchanges[before:])
    finally:
        call.cancel()
    assert eventually(lambda: all(exchange.is_over for exchange in stage.fake.exchanges), within=3)


BUDGETS = [
    ("to the first sound", "TTS_FIRST_AUDIO_TIMEOUT_MS", 0),
    ("between sounds", "TTS_STALL_TIMEOUT_MS", 3),
]


@pytest.mark.parametrize("name", VOICES)
@pytest.mark.parametrize(("what", "setting", "after"), BUDGETS, ids=[what for what, *_ in BUDGETS])
def test_each_wait_for_an_engine_has_a_budget_of_its_own(serve, name, what, setting, after):
    with VOICES[name]() as fake:
        budgets = {"TTS_FIRST_AUDIO_TIMEOUT_MS": "10000", "TTS_STALL_TIMEOUT_MS": "10000"} | {setting: "400"}
        settings = SPEECH_SETTINGS[name](fake) | {"TTS_PROVIDER": name, "TTS_FALLBACK": "none"} | budgets
        server = start(serve, settings, replies=REPLIES)
        fake.plays.otherwise = play(fault=Stall(after))
        heard = server.play("one")
        assert_ended_well(heard)
        assert heard.text == "This is one sentence alone." and heard.duration < 6, heard
        assert bool(heard.audio) == bool(after), heard
        assert eventually(lambda: fake.exchanges[0].left)
        waited = fake.exchanges[0].left - fake.exchanges[0].began
        assert 0.35 < waited < 2.5, waited


STYLE = {
    "AZURE_SPEECH_VOICE_EN": "en-US-JennyNeural",
    "AZURE_SPEECH_STYLE": "friendly",
    "AZURE_SPEECH_RATE": "+10%",
    "AZURE_SPEECH_PITCH": "-2st",
    "AZURE_SPEECH_VOLUME": "loud",
}


def test_azure_speaks_as_it_is_set_to(serve):
    with VOICES["azure"]() as fake:
        server = start(serve, azure_settings(fake) | {"TTS_PROVIDER": "azure"} | STYLE, replies=REPLIES)
        assert_answered(server.play("one"), "This is one sentence alone.")
        root = ElementTree.fromstring(fake.requests[0].body)
        assert voice_of(fake.requests[0]) == STYLE["AZURE_SPEECH_VOICE_EN"]
        [prosody] = root.iter(f"{SSML}prosody")
        assert prosody.attrib == {"rate": "+10%", "pitch": "-2st", "volume": "loud"}
        assert [element.get("style") for element in root.iter(f"{MSTTS}express-as")] == ["friendly"]


def test_openai_speaks_as_it_is_set_to(serve):
    with VOICES["openai"]() as fake:
        settings = openai_speech_settings(fake) | {"TTS_PROVIDER": "openai", "OPENAI_SPEECH_VOICE": "nova"}
        server = start(serve, settings, replies=REPLIES)
        assert_answered(server.play("one"), "This is one sentence alone.")
        assert fake.requests[0].json["voice"] == "nova" and fake.requests[0].json["response_format"] == "pcm"


@pytest.mark.parametrize(
    ("configured", "expected"), [(["azure", "openai"], "azure"), (["openai"], "openai"), ([], "espeak")], ids=str
)
def test_the_engine_is_chosen_by_what_is_configured(serve, configured, expected):
    with VOICES["azure"]() as first, VOICES["openai"]() as second:
        settings = {"TTS_PROVIDER": "auto"} | UNHURRIED
        settings |= azure_settings(first) if "azure" in configured else {}
        settings |= openai_speech_settings(second) if "openai" in configured else {}
        server = start(serve, settings, replies=REPLIES)
        assert_answered(server.play("one"), "This is one sentence alone.")
        assert (bool(first.exchanges), bool(second.exchanges)) == (expected == "azure", expected == "openai")
        assert expected in server.request("/status").json["voice"]


def test_status_names_the_engine_and_its_key_s_end_only(serve):
    with VOICES["azure"]() as fake:
        server = start(serve, azure_settings(fake) | {"TTS_PROVIDER": "azure"}, replies=REPLIES)
        page = server.request("/status")
        [provider] = [one for one in page.json["providers"] if one["name"] == "azure"]
        assert (provider["kind"], provider["state"]) == ("speech", "closed") and provider["key"].endswith(
            AZURE_KEY[-4:]
        )
        assert AZURE_KEY not in page.body.decode()
