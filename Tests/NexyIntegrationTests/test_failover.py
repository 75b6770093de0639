"""Who takes over when a provider fails, in which order, and how the server comes back."""

import pytest

from client import samples_of
from script import reply
from server import eventually
from upstreams.fault_proxy import closed_port
from upstreams.faults import Cut, Refusal, Silence, Stall
from upstreams.plays import Pause, Tool, play
from upstreams.stage import (
    AZURE_KEY,
    CYRILLIC,
    GEMINI_KEY,
    GEMINI_SPARE_KEY,
    MODEL_SETTINGS,
    MODELS,
    OPENAI_KEY,
    UNHURRIED,
    VOICES,
    all_at_once,
    assert_all_spoken,
    assert_answered,
    assert_apologised,
    assert_ended_well,
    azure_settings,
    gemini_settings,
    is_offline_answer,
    is_sound,
    openai_settings,
    openai_speech_settings,
    question,
    question_in_russian,
    seconds,
    speak_with_tone,
    spoken_seconds,
    start,
    voice_in,
    voices,
)

SENTENCES = [f"This is the {place} sentence of all." for place in ("first", "second", "third", "fourth", "fifth")]
REPLIES = {"sentences": reply(*(f"{sentence} " for sentence in SENTENCES))}
FAILS = play(fault=Refusal(503))
# How long the watch of the speech engines may take to see that they are back.
RECOVERY = 12


@pytest.fixture
def gemini():
    with MODELS["gemini"]() as fake:
        yield fake
        assert fake.objections == []


@pytest.fixture
def openai():
    with MODELS["openai"]() as fake:
        yield fake
        assert fake.objections == []


@pytest.fixture
def azure():
    with VOICES["azure"]() as fake:
        yield fake
        assert fake.objections == []


@pytest.fixture
def openai_voice():
    with VOICES["openai"]() as fake:
        yield fake
        assert fake.objections == []


def lines_of(server, decision: str) -> list[str]:
    return [line for line in server.log.text.splitlines() if f"decision={decision} " in line]


def test_a_chain_is_asked_in_its_order_and_to_its_end(serve, gemini, openai):
    settings = gemini_settings(gemini) | openai_settings(openai) | {"GEMINI_FALLBACK_API_KEY": GEMINI_SPARE_KEY}
    server = start(serve, settings, speak_with_tone(), {"LLM_PROVIDER": "gemini", "LLM_FALLBACK": "openai,offline"})
    # The second key may have a quota of its own.
    gemini.plays.otherwise = play(fault=Refusal(429))
    openai.plays.otherwise = play("This is what the second model says.")
    assert_answered(server.client.turn(question(1)), "This is what the second model says.")
    keys = gemini.keys_used(question(1))
    assert set(keys) == {GEMINI_KEY, GEMINI_SPARE_KEY} and keys == sorted(
        keys, key=[GEMINI_KEY, GEMINI_SPARE_KEY].index
    )
    assert gemini.exchanges[-1].began < openai.exchanges[0].began
    openai.plays.otherwise = FAILS
    heard = server.client.turn(question(2))
    assert_ended_well(heard)
    assert is_offline_answer(heard, 2), heard
    assert eventually(lambda: any("openai" in line for line in lines_of(server, "degrade")))


def test_the_chain_may_begin_with_the_other_one(serve, gemini, openai):
    settings = gemini_settings(gemini) | openai_settings(openai)
    server = start(serve, settings, speak_with_tone(), {"LLM_PROVIDER": "openai", "LLM_FALLBACK": "gemini"})
    openai.plays.otherwise = FAILS
    gemini.plays.otherwise = play("Gemini takes over from here.")
    assert_answered(server.client.turn(question(1)), "Gemini takes over from here.")
    gemini.plays.otherwise = FAILS
    assert_apologised(server.client.turn(question(2)), "")


def test_a_model_that_is_back_is_asked_again(serve, gemini):
    server = start(serve, gemini_settings(gemini), speak_with_tone(), {"LLM_PROVIDER": "gemini"})
    gemini.plays.otherwise = FAILS
    assert is_offline_answer(server.client.turn(question(3)), 3)
    gemini.plays.otherwise = play("I am well again, thank you.")
    assert_answered(server.client.turn(question(3)), "I am well again, thank you.")


@pytest.mark.parametrize("name", MODELS)
def test_the_user_s_language_is_kept_by_whoever_takes_over(serve, name):
    with MODELS[name]() as fake:
        server = start(serve, MODEL_SETTINGS[name](fake), speak_with_tone(), {"LLM_PROVIDER": name})
        fake.plays.otherwise = FAILS
        heard = server.client.turn(question_in_russian(5))
        assert_ended_well(heard)
        assert is_offline_answer(heard, 5) or CYRILLIC.search(heard.text), heard


@pytest.mark.parametrize("prompt", [question(8), question_in_russian(8)], ids=["English", "Russian"])
def test_nobody_answers_and_nobody_is_left_in_silence(serve, gemini, prompt):
    with closed_port() as port:
        settings = gemini_settings(base_url=f"http://127.0.0.1:{port}/v1beta")
        server = start(serve, settings, speak_with_tone(), {"LLM_PROVIDER": "gemini", "LLM_FALLBACK": "none"})
        heard = server.client.turn(prompt)
    letters = {} if prompt == question(8) else {"letters": CYRILLIC}
    assert_apologised(heard, "", **letters)
    assert server.request("/health").status == 200


def test_a_server_starts_when_no_provider_can_be_reached(serve):
    with closed_port() as port:
        base = f"http://127.0.0.1:{port}"
        settings = gemini_settings(base_url=f"{base}/v1beta") | azure_settings(base_url=base)
        settings |= openai_speech_settings(base_url=f"{base}/v1") | UNHURRIED
        server = start(
            serve, settings, {"LLM_PROVIDER": "gemini", "TTS_PROVIDER": "azure", "TTS_FALLBACK": "openai,espeak"}
        )
        assert server.is_healthy()
        heard = server.client.turn(question(9))
    assert_ended_well(heard)
    assert_all_spoken(heard)
    assert is_offline_answer(heard, 9), heard


def test_a_command_of_a_model_that_dies_is_not_sent(serve, gemini):
    settings = gemini_settings(gemini) | {"TEXT_PROCESSING_TOOLS": "none", "LLM_REPLY": "tools"}
    server = start(serve, settings, speak_with_tone(), {"LLM_PROVIDER": "gemini"})
    said = ("I am opening it. ", Tool("open_app", {"app_name": "Safari"}), "And n")
    gemini.plays.otherwise = play(*said, fault=Stall(3))
    heard = server.client.turn("Open Safari")
    assert_apologised(heard, "I am opening it. ")
    assert heard.actions == []


def test_failing_turns_end_apart_from_those_that_go_well(serve, gemini):
    server = start(serve, gemini_settings(gemini), speak_with_tone(), {"LLM_PROVIDER": "gemini"})
    for number in range(12):
        good = play(f"This is answer {number}. ", Pause(0.2), "It is whole.")
        gemini.plays.set(question(number), good if number % 2 else FAILS)
    heard = all_at_once(
        {f"{number}": lambda number=number: server.client.turn(question(number)) for number in range(12)}
    )
    for number in range(12):
        if number % 2:
            assert_answered(heard[f"{number}"], f"This is answer {number}. It is whole.")
        else:
            assert is_offline_answer(heard[f"{number}"], number), heard[f"{number}"]
    assert server.active_turns == 0


def speech_settings(azure, openai_voice) -> dict[str, str]:
    settings = azure_settings(azure) | openai_speech_settings(openai_voice)
    return settings | {"TTS_PROVIDER": "azure", "TTS_FALLBACK": "openai"}


@pytest.mark.parametrize(
    "fault", [Cut(6), Cut(6, is_reset=True), Stall(6), Silence(), Refusal(500)], ids=lambda fault: type(fault).__name__
)
def test_a_voice_that_fails_in_the_middle_is_replaced_at_its_sentence(serve, azure, openai_voice, fault):
    server = start(serve, speech_settings(azure, openai_voice), replies=REPLIES)
    for place in ("third", "fourth", "fifth"):
        azure.plays.set(f"the {place} sentence", play(fault=fault))
    heard = server.play("sentences")
    assert_ended_well(heard)
    assert [text.strip() for text, _ in heard.segments()] == SENTENCES
    assert voices(heard) == ["azure", "azure", "openai", "openai", "openai"], heard
    for text, chunks in heard.segments():
        length = int(48_000 * spoken_seconds(text))
        spoken = samples_of(chunks)
        assert is_sound(chunks) and len(spoken) > 0.95 * length, text
        # What the first voice still said of its sentence is less than the sentence.
        assert len(spoken) < 2.3 * length, text
    third = samples_of(heard.segments()[2][1])
    if isinstance(fault, (Cut, Stall)):
        assert voice_in(third[: int(0.08 * 48_000) + 4_900]) == "azure"
    assert all("third" in words or "fourth" in words or "fifth" in words for words in spoken_by(openai_voice))


def spoken_by(fake) -> list[str]:
    return [fake.words(exchange.request) for exchange in fake.exchanges]


def test_the_next_turn_begins_with_the_first_voice_again(serve, azure, openai_voice):
    server = start(serve, speech_settings(azure, openai_voice), replies=REPLIES)
    azure.plays.otherwise = FAILS
    assert voices(server.play("sentences")) == ["openai"] * 5
    azure.plays.otherwise = play()
    assert voices(server.play("sentences")) == ["azure"] * 5


def test_espeak_is_the_last_voice(serve, azure):
    settings = azure_settings(azure) | {"TTS_PROVIDER": "azure", "TTS_FALLBACK": "espeak"}
    settings |= UNHURRIED
    server = start(serve, settings, replies=REPLIES)
    azure.plays.otherwise = FAILS
    heard = server.play("sentences")
    assert_answered(heard, " ".join(SENTENCES))
    assert all(seconds(chunks) > 0.5 for _, chunks in heard.segments())
    assert eventually(lambda: any("azure" in line for line in lines_of(server, "degrade")))


def test_a_server_that_lost_its_voices_says_so_and_finds_them_again(serve, azure, openai_voice):
    server = start(serve, speech_settings(azure, openai_voice), replies=REPLIES)
    azure.plays.otherwise = openai_voice.plays.otherwise = FAILS
    for _ in range(3):
        heard = server.play("sentences")
        assert_ended_well(heard)
        assert heard.text.strip() == " ".join(SENTENCES) and heard.audio == [], heard
    assert eventually(lambda: server.request("/health").json["status"] == "degraded", within=RECOVERY)
    health = server.request("/health")
    assert health.status == 200 and health.json["reasons"], health.json
    azure.plays.otherwise = openai_voice.plays.otherwise = play()
    assert eventually(lambda: server.request("/health").json["status"] == "OK", within=RECOVERY)
    assert eventually(lambda: lines_of(server, "recover"))
    assert_answered(server.play("sentences"), " ".join(SENTENCES))


def test_nothing_that_failed_told_a_key(serve, gemini, azure, openai_voice):
    gemini.keys.clear()
    azure.keys.clear()
    settings = gemini_settings(gemini) | speech_settings(azure, openai_voice)
    server = start(serve, settings, {"LLM_PROVIDER": "gemini"})
    heard = server.client.turn(question(4))
    assert_ended_well(heard)
    assert is_offline_answer(heard, 4) and set(voices(heard)) == {"openai"}, heard
    reasons = " ".join(server.request("/health").json["reasons"])
    assert GEMINI_KEY[-4:] in reasons and AZURE_KEY[-4:] in reasons, reasons
    for key in (GEMINI_KEY, AZURE_KEY, OPENAI_KEY):
        assert key not in server.log.text + reasons + server.request("/status").body.decode()
