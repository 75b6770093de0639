"""The offline assistant and espeak-ng together: what a newcomer hears, without a key and without a network."""

import re
from datetime import datetime, timezone

import grpc
import numpy as np
import pytest

from speech import is_speech, pitch, rms, share_of_energy

CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
LATIN_WORD = re.compile("[a-z]{2,}", re.IGNORECASE)


@pytest.fixture(scope="module")
def speaking(serve_for_file):
    """The server as it comes: nothing chosen."""
    return serve_for_file(tts=None)


@pytest.fixture(scope="module")
def thinking(serve_for_file):
    """The same assistant with a voice that costs no time."""
    return serve_for_file("--llm-provider", "offline")


@pytest.fixture(scope="module")
def safari(speaking):
    return speaking.client.turn("Open Safari", session="5b0e6c1a-3d2f-4e7b-8a9c-0f1e2d3c4b5a")


@pytest.fixture(scope="module")
def clock(speaking):
    return speaking.client.turn("Который час?")


def test_open_safari_is_said_and_done(safari):
    assert safari.code == grpc.StatusCode.OK, safari
    assert "Safari" in safari.text
    assert safari.command == {
        "session_id": "5b0e6c1a-3d2f-4e7b-8a9c-0f1e2d3c4b5a",
        "command": "open_app",
        "args": {"app_name": "Safari"},
    }
    assert safari.kinds[-2:] == ["action_message", "end_message"]


def test_the_time_is_told_in_russian_without_a_command(clock):
    assert clock.code == grpc.StatusCode.OK, clock
    assert CYRILLIC.search(clock.text) and not LATIN_WORD.search(clock.text), clock
    assert clock.actions == []


@pytest.mark.parametrize("name", ["safari", "clock"])
def test_the_audio_is_speech(request, name):
    heard = request.getfixturevalue(name)
    assert is_speech(heard.samples), (heard.seconds, rms(heard.samples))
    assert abs(heard.samples.astype(int)).max() > 3_000


@pytest.mark.parametrize("name", ["safari", "clock"])
def test_the_audio_of_the_engine_keeps_the_facts_of_the_contract(request, name):
    audio = request.getfixturevalue(name).audio
    assert {(c.sample_rate, c.channels, c.dtype, tuple(c.shape)) for c in audio} == {(48_000, 1, "int16", ())}
    assert all(0 < len(c.audio_data) <= 4096 and len(c.audio_data) % 2 == 0 for c in audio)
    assert any(audio[0].audio_data)


@pytest.mark.parametrize("name", ["safari", "clock"])
def test_the_resampler_adds_nothing_above_the_band_of_the_engine(request, name):
    # 22,050 Hz holds nothing above 11,025 Hz; images of it would lie there.
    samples = request.getfixturevalue(name).samples
    assert share_of_energy(samples, 12_000, 24_001) < 1e-5


def test_the_engine_speaks_each_sentence_once(speaking):
    once = speaking.client.welcome("Good morning to you, my friend.").seconds
    twice = speaking.client.welcome("Good morning to you, my friend. Good morning to you, my friend.").seconds
    assert 1.7 * once < twice < 2.3 * once


# What is asked, what the answer must hold, and the command that goes with it.
ANSWERS = [
    ("Open Safari", "Safari", "open_app"),
    ("open safari please", "(?i)safari", "open_app"),
    ("Could you open the Calendar app?", "Calendar", "open_app"),
    ("Close Safari", "Safari", "close_app"),
    ("Quit Mail", "Mail", "close_app"),
    ("Открой Сафари", "(?i)[а-я]", "open_app"),
    ("Закрой Safari", "(?i)[а-я]", "close_app"),
    ("What time is it?", r"(?i)\d|o'clock|noon|midnight", None),
    ("What is the date today?", r"(?i)\d|first|second|th\b", None),
    (
        "Какое сегодня число?",
        "(?i)января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря",
        None,
    ),
    ("What is 2 plus 2?", r"\b(4|four)\b", None),
    ("What is 12 times 12?", r"\b(144|one hundred)", None),
    ("What is 10 divided by 4?", r"2[.]5|two point five|two and a half", None),
    ("Сколько будет 7 умножить на 8?", r"56|пятьдесят шесть", None),
    ("What is 1 divided by 0?", "(?i)zero|divide|cannot|can't", None),
    ("What can you do?", "(?i)open", None),
    ("Что ты умеешь?", "(?i)откры", None),
    ("Hello", "(?i)hello|hi|good", None),
    ("Привет", "(?i)привет|здравствуй|добр", None),
    ("Thank you", "(?i)welcome|pleasure|glad|time", None),
    ("Спасибо", "(?i)пожалуйста|рад|не за что|обращай", None),
    ("Who wrote Hamlet?", "(?i)key", None),
    ("Write me a poem about the sea", "(?i)key", None),
    ("Кто написал «Войну и мир»?", "(?i)ключ|key", None),
]


@pytest.mark.parametrize(("prompt", "holds", "command"), ANSWERS, ids=[prompt for prompt, *_ in ANSWERS])
def test_the_assistant_without_a_model_answers(thinking, prompt, holds, command):
    heard = thinking.client.turn(prompt)
    assert heard.code == grpc.StatusCode.OK, heard
    assert re.search(holds, heard.text), heard
    assert (heard.command or {}).get("command") == command
    assert heard.audio
    if CYRILLIC.search(prompt):
        assert CYRILLIC.search(heard.text), heard


def test_the_missing_key_is_named(thinking):
    assert "GEMINI_API_KEY" in thinking.client.turn("Who wrote Hamlet?").text


def test_the_date_is_that_of_today(thinking):
    before = datetime.now(timezone.utc)
    text = thinking.client.turn("What is the date today?").text
    # A test that runs at midnight may hear either day.
    days = {str(moment.day) for moment in (before, datetime.now(timezone.utc))}
    assert any(re.search(rf"\b{day}(st|nd|rd|th)?\b", text) for day in days), text


@pytest.mark.parametrize(
    ("language", "prompt", "letters"), [("ru", "Thank you", CYRILLIC), ("en", "Спасибо", LATIN_WORD)]
)
def test_the_client_may_ask_for_a_language(thinking, language, prompt, letters):
    heard = thinking.client.turn(prompt, language=language)
    assert letters.search(heard.text), heard


def test_a_command_that_holds_nothing_to_open_is_not_sent(thinking):
    heard = thinking.client.turn("Open")
    assert heard.actions == []
    assert heard.text.strip() and heard.audio


def test_english_and_russian_are_spoken_by_different_voices(speaking):
    # The same digits, so only the voice can differ.
    english = speaking.client.welcome("12345", language="en").samples
    russian = speaking.client.welcome("12345", language="ru").samples
    assert len(english) != len(russian) or not np.array_equal(english, russian)


def test_the_rate_of_speech_is_a_setting(serve):
    sentence = "This is a sentence that takes a while to be spoken aloud."
    slow, fast = (
        serve(tts="espeak", environment={"ESPEAK_RATE": rate}).client.welcome(sentence).seconds
        for rate in ("90", "360")
    )
    assert slow > 2 * fast


def test_the_pitch_of_speech_is_a_setting(serve):
    low, high = (
        serve(tts="espeak", environment={"ESPEAK_PITCH": pitch})
        .client.welcome("Good morning to you, my friend.")
        .samples
        for pitch in ("0", "99")
    )
    assert pitch(high) > 1.3 * pitch(low)
