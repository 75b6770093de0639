"""The fakes of voices themselves: each speaks its format and refuses nonsense."""

import time

import numpy as np
import pytest

from speech import pitch
from upstreams.plain_client import SSML, ask, azure_call, speech_call
from upstreams.plays import Pause, play
from upstreams.stage import VOICES


@pytest.fixture(params=VOICES)
def voice(request):
    with VOICES[request.param]() as fake:
        yield fake


def speech_of(name: str, text: str) -> tuple[str, dict, bytes]:
    return azure_call(text) if name == "azure" else speech_call(text)


def test_a_voice_speaks_what_it_was_asked_to_in_its_own_pitch(voice):
    status, _, body = ask(voice.port, speech_of(voice.name, "Hello there, my friend."))
    samples = np.frombuffer(body, dtype="<i2")
    assert status == 200 and len(samples) == 23 * 12 * voice.rate // 1_000
    assert abs(pitch(samples) * voice.rate / 48_000 - voice.pitch) < 5


def test_a_voice_pauses_where_it_is_told_to(voice):
    voice.plays.set("friend", play(Pause(0.2)))
    began = time.monotonic()
    ask(voice.port, speech_of(voice.name, "Hello, friend."))
    assert time.monotonic() - began > 0.2


BAD_SSML = [
    b"<speak>",
    b"plain text",
    SSML.format(text="Tom & Jerry", voice="en-US-AriaNeural").encode(),
    SSML.format(text="  ", voice="en-US-AriaNeural").encode(),
    SSML.format(text="Hello", voice="Aria").encode(),
    SSML.format(text="<b>Hello</b>", voice="en-US-AriaNeural").encode(),
    SSML.format(text="Hello", voice="en-US-AriaNeural").replace('version="1.0" ', "").encode(),
    SSML.format(text="Hello", voice="en-US-AriaNeural").replace("+10%", "ten; drop").encode(),
]


@pytest.mark.parametrize("body", BAD_SSML, ids=range(len(BAD_SSML)))
def test_azure_refuses_what_is_no_ssml(body):
    with VOICES["azure"]() as fake:
        path, headers, _ = azure_call()
        assert ask(fake.port, (path, headers, body))[0] == 400 and fake.objections


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("Ocp-Apim-Subscription-Key", "none", 401),
        ("Content-Type", "text/plain", 415),
        ("X-Microsoft-OutputFormat", "riff-24khz-16bit-mono-pcm", 400),
        ("User-Agent", "a" * 300, 400),
    ],
)
def test_azure_insists_on_its_headers(name, value, status):
    with VOICES["azure"]() as fake:
        path, headers, body = azure_call()
        assert ask(fake.port, (path, headers | {name: value}, body))[0] == status


def test_a_voice_of_another_language_is_silent():
    with VOICES["azure"]() as fake:
        assert ask(fake.port, azure_call("Привет"))[2] == b""
        assert ask(fake.port, azure_call("Привет", "ru-RU-SvetlanaNeural"))[2]


@pytest.mark.parametrize(
    "fields",
    [dict(input=""), dict(input="a" * 5_000), dict(response_format="mp3"), dict(speed=9), dict(pitch=1)],
    ids=str,
)
def test_openai_speech_refuses_nonsense(fields):
    with VOICES["openai"]() as fake:
        assert ask(fake.port, speech_call(**fields))[0] == 400 and fake.objections
