"""The voice server in front of fakes: its settings, what is asked of it, and what is heard."""

import random
import re
import string
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from client import Heard, samples_of
from speech import pitch, rms

from . import gemini, openai_chat, openai_speech, sound
from .azure_speech import AzureSpeech
from .gemini import Gemini
from .openai_chat import OpenAIChat
from .openai_speech import OpenAISpeech


def key_like(prefix: str, seed: int, length: int = 33) -> str:
    """A key that looks like a provider's, and opens nothing."""
    return prefix + "".join(random.Random(seed).choices(string.ascii_letters + string.digits, k=length))


GEMINI_KEY, GEMINI_SPARE_KEY = key_like("AI" + "zaSy", 1), key_like("AI" + "zaSy", 2)
OPENAI_KEY, OPENAI_SPEECH_KEY = key_like("sk" + "-proj-", 3, 40), key_like("sk" + "-proj-", 5, 40)
AZURE_KEY = key_like("", 4, 32)
KEYS = [GEMINI_KEY, GEMINI_SPARE_KEY, OPENAI_KEY, OPENAI_SPEECH_KEY, AZURE_KEY]

# Budgets that faults use up soon, and work under load does not; breakers that never open.
BUDGETS = {
    "PROVIDER_CONNECT_TIMEOUT_MS": "500",
    "LLM_FIRST_DELTA_TIMEOUT_MS": "600",
    "LLM_STALL_TIMEOUT_MS": "600",
    "TTS_FIRST_AUDIO_TIMEOUT_MS": "600",
    "TTS_STALL_TIMEOUT_MS": "600",
    "REQUEST_TIMEOUT": "20",
    "CIRCUIT_BREAKER_THRESHOLD": "100",
    "MAX_CONCURRENT_REQUESTS": "64",
    "BACKPRESSURE_MAX_STREAMS": "200",
    "MEMORY_ENABLED": "false",
}
# For speech that is really made: that takes its time on a busy machine.
UNHURRIED = {"TTS_FIRST_AUDIO_TIMEOUT_MS": "5000", "TTS_STALL_TIMEOUT_MS": "5000"}
# Turns at a time that a table runs: two cores have to carry server, fakes and client.
AT_ONCE = 8


def gemini_settings(fake: Gemini | None = None, base_url: str | None = None) -> dict[str, str]:
    return {
        "GEMINI_API_KEY": GEMINI_KEY,
        "GEMINI_PRIMARY_MODEL": gemini.MODEL,
        "GEMINI_BASE_URL": base_url or fake.base_url,
    }


def openai_settings(fake: OpenAIChat | None = None, base_url: str | None = None) -> dict[str, str]:
    return {
        "OPENAI_API_KEY": OPENAI_KEY,
        "OPENAI_MODEL": openai_chat.MODEL,
        "OPENAI_BASE_URL": base_url or fake.base_url,
    }


def azure_settings(fake: AzureSpeech | None = None, base_url: str | None = None) -> dict[str, str]:
    return {
        "AZURE_SPEECH_KEY": AZURE_KEY,
        "AZURE_SPEECH_REGION": "westeurope",
        "AZURE_SPEECH_BASE_URL": base_url or fake.base_url,
        "AZURE_SPEECH_VOICE_EN": "en-US-AriaNeural",
        "AZURE_SPEECH_VOICE_RU": "ru-RU-SvetlanaNeural",
    }


def openai_speech_settings(fake: OpenAISpeech | None = None, base_url: str | None = None) -> dict[str, str]:
    return {
        "OPENAI_SPEECH_API_KEY": OPENAI_SPEECH_KEY,
        "OPENAI_SPEECH_BASE_URL": base_url or fake.base_url,
        "OPENAI_SPEECH_MODEL": openai_speech.MODEL,
        "OPENAI_SPEECH_VOICE": "alloy",
    }


MODEL_SETTINGS = {"gemini": gemini_settings, "openai": openai_settings}
SPEECH_SETTINGS = {"azure": azure_settings, "openai": openai_speech_settings}
MODELS = {"gemini": lambda **options: Gemini(GEMINI_KEY, GEMINI_SPARE_KEY, **options)}
MODELS["openai"] = lambda **options: OpenAIChat(OPENAI_KEY, **options)
VOICES = {"azure": lambda **options: AzureSpeech(AZURE_KEY, **options)}
VOICES["openai"] = lambda **options: OpenAISpeech(OPENAI_SPEECH_KEY, **options)
MODEL_NAMES = {"gemini": gemini.MODEL, "openai": openai_chat.MODEL}
TOKENS = {
    "gemini": (gemini.TOKENS_IN, gemini.TOKENS_OUT),
    "openai": (openai_chat.TOKENS_IN, openai_chat.TOKENS_OUT),
}
MODEL_KEYS, SPEECH_KEYS = (
    {"gemini": GEMINI_KEY, "openai": OPENAI_KEY},
    {"azure": AZURE_KEY, "openai": OPENAI_SPEECH_KEY},
)


def speak_with_tone() -> dict[str, str]:
    return {"TTS_PROVIDER": "tone"}


def start(serve, *settings: dict[str, str], **options):
    """Starts a server with small budgets and what else is set; nothing is chosen by flags."""
    environment = dict(BUDGETS)
    for given in settings:
        environment |= given
    return serve(tts=None, environment=environment, **options)


# Questions that the offline assistant answers by itself: so it is heard who answered.


def question(number: int) -> str:
    return f"What is {number} plus 2?"


def question_in_russian(number: int) -> str:
    return f"Сколько будет {number} плюс 2?"


def is_offline_answer(heard: Heard, number: int) -> bool:
    return str(number + 2) in re.sub(r"[\s,.\u00a0\u202f]", "", heard.text)


def all_at_once(work: dict[str, Callable[[], Heard]]) -> dict[str, Heard]:
    """Runs turns beside each other and returns what was heard of each."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        running = {name: pool.submit(run) for name, run in work.items()}
        return {name: ran.result() for name, ran in running.items()}


# What is heard.

LATIN, CYRILLIC = re.compile("[a-z]{2,}", re.IGNORECASE), re.compile("[а-яё]", re.IGNORECASE)
# An apology and a safety notice are sentences, not speeches.
SHORT = 240
PITCHES = {"azure": AzureSpeech.pitch, "openai": OpenAISpeech.pitch, "tone": 475}


def is_sound(chunks: list) -> bool:
    return bool(chunks) and rms(samples_of(chunks)) > 300


def voice_in(samples: np.ndarray) -> str:
    """Whose voice sounds in the loudest place."""
    heard = pitch(samples)
    return min(PITCHES, key=lambda name: abs(PITCHES[name] - heard))


def voices(heard: Heard) -> list[str]:
    """Whose voice ends each piece of text."""
    tail = 48_000 // 6
    return [voice_in(samples_of(chunks)[-tail:]) if chunks else "" for _, chunks in heard.segments()]


def seconds(chunks: list) -> float:
    return len(samples_of(chunks)) / 48_000


def assert_ended_well(heard: Heard) -> None:
    assert heard.code.name == "OK" and heard.kinds[-1] == "end_message", heard
    assert len(heard.ends) == 1 and heard.errors == [], heard


def assert_all_spoken(heard: Heard) -> None:
    """Every piece of text has its sound after it."""
    assert heard.texts and heard.kinds[0] == "text_chunk", heard
    assert all(is_sound(chunks) for _, chunks in heard.segments()), heard


def assert_answered(heard: Heard, text: str) -> None:
    assert_ended_well(heard)
    assert heard.text.strip() == text.strip(), heard
    assert_all_spoken(heard)


def assert_failed(heard: Heard, code: str = "UNAVAILABLE") -> None:
    assert heard.code.name == code and heard.kinds[-1] == "error_message", heard
    assert len(heard.errors) == 1 and heard.ends == [] and heard.details == heard.errors[0], heard


def assert_apologised(heard: Heard, whole: str, letters: re.Pattern = LATIN) -> None:
    """What was whole, a short spoken apology in the user's language, and one terminal that says that it failed."""
    assert_failed(heard)
    assert_all_spoken(heard)
    assert heard.text.startswith(whole.strip()), heard
    apology = heard.text.removeprefix(whole.strip()).strip()
    assert letters.search(apology) and len(apology) < SHORT, heard
    other = CYRILLIC if letters is LATIN else LATIN
    assert not other.search(apology), heard


def provider_state(server, name: str) -> str:
    """What /status says of a provider's breaker."""
    states = [one["state"] for one in server.request("/status").json["providers"] if one["name"] == name]
    assert states, server.request("/status").json
    return states[0]


def spoken_seconds(text: str) -> float:
    """How long a fake voice speaks a text, once the white space around it is gone."""
    return sound.seconds_of(text.strip())
