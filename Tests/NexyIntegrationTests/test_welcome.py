"""GenerateWelcomeAudio: speaks what it is given, in the voice and the language it is asked for."""

import sys

import grpc
import numpy as np
import pytest

from server import eventually
from speech import is_speech

ENGINES = {"tone": "tone", "espeak": "espeak"}


@pytest.fixture(scope="module")
def stages(serve_for_file):
    return {name: serve_for_file(tts=name) for name in ENGINES}


@pytest.fixture(scope="module")
def speaking(stages):
    return stages["espeak"]


@pytest.fixture(scope="module")
def greeting(stages):
    """Each text is spoken once an engine for all its tests."""
    spoken = {}

    def hear(engine, name):
        if (engine, name) not in spoken:
            spoken[engine, name] = stages[engine].client.welcome(TEXTS[name])
        return spoken[engine, name]

    return hear


TEXTS = {
    "English": "Hello! I am ready to help you.",
    "Russian": "Привет! Я готов помочь вам.",
    "no text": "",
    "a blank text": "  \n",
    "one word": "Yes",
    "several sentences": "This is the first one. This is the second one. And this is the last",
    "signs and words": "😀 Hello there, my friend! 🎉",
}

both_engines = pytest.mark.parametrize("engine", ENGINES)


@both_engines
@pytest.mark.parametrize("name", TEXTS)
def test_a_greeting_is_metadata_then_audio_then_its_end(greeting, engine, name):
    heard = greeting(engine, name)
    assert heard.code == grpc.StatusCode.OK, heard
    count = len(heard.audio)
    assert count > 0
    assert heard.kinds == ["metadata"] + ["audio_chunk"] * count + ["end_message"]
    assert heard.ends == ["Welcome audio generation completed"]


@both_engines
@pytest.mark.parametrize("name", TEXTS)
def test_the_metadata_tells_the_true_engine_and_duration(greeting, engine, name):
    heard = greeting(engine, name)
    facts = heard.metadata[0]
    assert facts.method == ENGINES[engine]
    assert facts.duration_sec == pytest.approx(heard.seconds, abs=0.001)
    assert (facts.sample_rate, facts.channels, facts.dtype) == (48_000, 1, "int16")


@both_engines
def test_the_audio_of_a_greeting_keeps_the_facts_of_the_contract(greeting, engine):
    audio = greeting(engine, "several sentences").audio
    assert {(c.sample_rate, c.channels, c.dtype, tuple(c.shape)) for c in audio} == {(48_000, 1, "int16", ())}
    assert all(0 < len(c.audio_data) <= 4096 and len(c.audio_data) % 2 == 0 for c in audio)
    assert any(audio[0].audio_data)


@pytest.mark.parametrize("name", TEXTS)
def test_a_greeting_is_speech(greeting, name):
    assert is_speech(greeting("espeak", name).samples)


def test_the_same_request_gets_the_same_audio(speaking):
    first, second = (speaking.client.welcome("Hello there, my friend.") for _ in range(2))
    assert np.array_equal(first.samples, second.samples)


def test_a_request_without_text_gets_the_default_greeting(speaking):
    named = speaking.client.welcome("Hi! Nexy is here. How can I help you?")
    assert np.array_equal(speaking.client.welcome("").samples, named.samples)


def test_a_request_without_text_is_greeted_in_its_language(speaking):
    english, russian = speaking.client.welcome(""), speaking.client.welcome("", language="ru")
    assert not np.array_equal(english.samples, russian.samples)
    assert is_speech(russian.samples)


# Two requests whose audio must differ, because a voice or a language is honoured.
DIFFERENT = {
    "British and American": (dict(voice="en-gb"), dict(voice="en-us")),
    "a vendor's names": (dict(voice="en-GB-SoniaNeural"), dict(voice="en-US-JennyNeural")),
    "Russian and English": (dict(language="ru"), dict(language="en")),
    "languages with regions": (dict(language="ru-RU"), dict(language="en-US")),
    "a Russian voice and none": (dict(voice="ru", language="ru"), dict()),
    "a variant of a voice": (dict(voice="en-us+f3"), dict(voice="en-us")),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_voice_and_language_are_honoured(speaking, name):
    one, other = (speaking.client.welcome("Tomato 12 banana, bath.", **fields) for fields in DIFFERENT[name])
    assert is_speech(one.samples) and is_speech(other.samples)
    assert not np.array_equal(one.samples, other.samples)


def test_cyrillic_is_spoken_in_russian_without_being_asked(speaking):
    text = "Сегодня хорошая погода."
    assert np.array_equal(speaking.client.welcome(text).samples, speaking.client.welcome(text, language="ru").samples)


@pytest.mark.parametrize("voice", ["en-US-JennyNeural", "no such voice", "--help", "../../en", "", "-v ru", "x" * 5000])
def test_a_voice_that_the_engine_has_not_is_no_reason_for_silence(speaking, voice):
    heard = speaking.client.welcome("Hello there, my friend.", voice=voice)
    assert heard.code == grpc.StatusCode.OK and is_speech(heard.samples), heard


@pytest.mark.parametrize("language", ["", "de", "xx", "english", "EN", "--help"])
def test_a_language_that_nexy_has_not_is_no_reason_for_silence(speaking, language):
    heard = speaking.client.welcome("Hello there, my friend.", language=language)
    assert heard.code == grpc.StatusCode.OK and is_speech(heard.samples), heard


@both_engines
@pytest.mark.parametrize("text", ["😀", "👍🏽 🎉", "***", "```", "\u200b"], ids=ascii)
def test_a_text_with_nothing_to_say_is_an_error_and_not_a_success(stages, engine, text):
    heard = stages[engine].client.welcome(text)
    assert heard.kinds == ["error_message"], heard
    assert heard.code not in (grpc.StatusCode.OK, grpc.StatusCode.UNKNOWN)
    assert heard.details == heard.errors[0]


@pytest.mark.parametrize("session", ["", "welcome", "not a uuid", "3f2b8c1d-9a4e-4c6f-8b2a-1d5e7f9a0b3c"])
def test_a_greeting_needs_no_session(stages, session):
    assert stages["tone"].client.welcome("Hello there.", session_id=session).code == grpc.StatusCode.OK


# How often a sentence is said that takes the engine more than half a minute in all: longer than the server holds back.
@pytest.mark.parametrize(("engine", "times"), [("tone", 20), ("espeak", 7)])
def test_a_long_text_is_spoken_to_its_end(stages, engine, times):
    sentence = (
        "This is one sentence, and not a short one, of a text that takes longer than half a minute to be spoken aloud. "
    )
    heard = stages[engine].client.welcome(sentence * times)
    assert heard.code == grpc.StatusCode.OK
    assert heard.kinds[0] == "metadata" and heard.kinds.count("metadata") == 1
    assert heard.seconds > 30
    assert heard.metadata[0].duration_sec in (0, pytest.approx(heard.seconds, abs=0.001))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_client_that_leaves_a_greeting_leaves_no_engine_behind(speaking):
    spoken = speaking.client.begin_welcome("This is a sentence of some length. " * 200)
    assert eventually(speaking.children)
    spoken.cancel()
    spoken.ended(within=5)
    assert eventually(lambda: not speaking.children()), speaking.children()
    assert speaking.is_healthy()
