"""What every language model over HTTP must do, each behind the whole server and in front of its own wire format."""

import base64
import re
import time
from collections.abc import Callable

import grpc
import pytest

from client import LiveStream, new_device, new_session
from server import eventually
from upstreams.faults import Scattered, Stall
from upstreams.images import JPEG, PNG, WEBP
from upstreams.openai_chat import OpenAIChat
from upstreams.plays import Pause, Thought, play
from upstreams.stage import (
    MODEL_KEYS,
    MODEL_NAMES,
    MODEL_SETTINGS,
    MODELS,
    assert_answered,
    assert_ended_well,
    assert_failed,
    question,
    speak_with_tone,
    start,
)

LIMITS = {"TEXT_PROCESSING_TEMPERATURE": "0.3", "TEXT_PROCESSING_MAX_TOKENS": "321"}
# Letters of one, two, three and four bytes, and one that is made of several signs.
LETTERS = "Naïve Ω, тест, 東京, 😀 and 👩‍👩‍👧 are all here. Второе предложение тоже здесь."
FIRST, SECOND = "The first sentence is whole. ", "The second one comes later."


@pytest.fixture(scope="module", params=MODELS)
def stage(request, serve_for_file):
    """A server, and the model behind it as `stage.fake`."""
    with MODELS[request.param]() as fake:
        settings = MODEL_SETTINGS[fake.name](fake) | {"LLM_PROVIDER": fake.name} | LIMITS
        server = start(serve_for_file, settings, speak_with_tone())
        server.fake = fake
        yield server
        assert fake.objections == []


@pytest.fixture
def ask(stage) -> Callable:
    """Asks a question that nobody asked before; the model plays what it is given."""

    def asking(*plays, begin: bool = False, **options):
        cue = f"Question {new_session()}?"
        stage.fake.plays.set(cue, *plays)
        turn = stage.client.begin(cue, **options)
        return (turn, cue) if begin else (turn.ended(), cue)

    return asking


def request_of(stage, cue: str):
    [exchange] = stage.fake.asked(cue)
    return exchange.request


def test_text_comes_before_its_sound_and_sentences_in_order(ask):
    heard, _ = ask(play(FIRST, SECOND))
    assert_answered(heard, FIRST + SECOND)
    assert [text.strip() for text, _ in heard.segments()] == [FIRST.strip(), SECOND]


def test_a_sentence_is_heard_while_the_model_still_thinks(ask):
    heard, _ = ask(play(FIRST, Pause(0.4), SECOND))
    assert_answered(heard, FIRST + SECOND)
    sounds = [at for at, kind in zip(heard.arrivals, heard.kinds) if kind == "audio_chunk"]
    texts = [at for at, kind in zip(heard.arrivals, heard.kinds) if kind == "text_chunk"]
    assert sounds[0] < texts[1] - 0.1, (sounds[0], texts)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 64])
def test_letters_may_be_cut_anywhere_in_their_bytes(ask, size):
    heard, _ = ask(play(LETTERS[:20], LETTERS[20:21], LETTERS[21:], fault=Scattered(size)))
    assert_ended_well(heard)
    assert heard.text.strip() == LETTERS


@pytest.mark.parametrize("thoughts", [(Thought("I wonder about the zeppelin. "),), ()], ids=["thinking", "plain"])
def test_thoughts_are_never_heard(ask, thoughts):
    heard, _ = ask(play(*thoughts, FIRST, *thoughts, SECOND))
    assert_answered(heard, FIRST + SECOND)


def test_an_answer_that_its_limit_ends_is_spoken_as_far_as_it_came(ask):
    heard, _ = ask(play(FIRST, "And then the limit", finish="length"))
    assert_answered(heard, FIRST + "And then the limit")


def test_the_request_says_what_the_settings_say(stage, ask):
    heard, cue = ask(play(FIRST))
    assert_answered(heard, FIRST)
    request = request_of(stage, cue)
    body = request.json
    assert (
        stage.fake.key_of(request) == MODEL_KEYS[stage.fake.name] and MODEL_KEYS[stage.fake.name] not in request.target
    )
    if stage.fake.name == "gemini":
        assert request.path.endswith(f"/models/{MODEL_NAMES['gemini']}:streamGenerateContent")
        assert body["generationConfig"] == {"temperature": 0.3, "maxOutputTokens": 321}
        assert "google_search" in request.text or "googleSearch" in request.text
        assert len(body["contents"]) == 1 and (body.get("systemInstruction") or body["system_instruction"])["parts"]
    else:
        assert body["model"] == MODEL_NAMES["openai"] and body["temperature"] == 0.3 and body["stream"] is True
        assert body.get("max_tokens", body.get("max_completion_tokens")) == 321
        assert [message["role"] for message in body["messages"]] in (["system", "user"], ["developer", "user"])
        assert body["stream_options"] == {"include_usage": True}


@pytest.mark.parametrize(
    ("image", "kind"), [(PNG, "image/png"), (JPEG, "image/jpeg"), (WEBP, "image/webp")], ids=["png", "jpeg", "webp"]
)
def test_a_screenshot_goes_with_the_question_and_is_what_its_bytes_say(stage, ask, image, kind):
    encoded = base64.b64encode(image).decode()
    heard, cue = ask(play(FIRST), screenshot=encoded, screen_width=10, screen_height=10)
    assert_answered(heard, FIRST)
    text = request_of(stage, cue).text
    assert encoded in text and kind in text


def test_what_is_no_image_does_not_end_a_turn(ask):
    heard, _ = ask(play(FIRST), screenshot=base64.b64encode(b"This is no image at all.").decode())
    assert_answered(heard, FIRST)


# Ways in which a client ends its turn; each returns when it did.


def cancel(stage, turn: LiveStream, device: str) -> float:
    turn.cancel()
    return time.monotonic()


def interrupt(stage, turn: LiveStream, device: str) -> float:
    began = time.monotonic()
    stage.client.interrupt(device)
    return began


@pytest.mark.parametrize("way", [cancel, interrupt], ids=lambda way: way.__name__)
@pytest.mark.parametrize("after", [0, 1], ids=["before the first word", "in the middle"])
def test_a_client_that_ends_its_turn_ends_the_model_s_work_at_once(stage, ask, way, after):
    waits = []
    for _ in range(4):
        device = new_device()
        turn, cue = ask(play(FIRST, SECOND, fault=Stall(after)), begin=True, device=device)
        assert eventually(lambda: stage.fake.asked(cue))
        if after:
            turn.wait_for("audio_chunk")
        ended = way(stage, turn, device)
        [exchange] = stage.fake.asked(cue)
        assert eventually(lambda: exchange.left, within=2)
        waits.append(exchange.left - ended)
        assert turn.ended(within=5).code == grpc.StatusCode.CANCELLED
    # A machine that is busy is late at times; the promise is kept where it is not.
    assert min(waits) < 0.05 and max(waits) < 1, waits


def test_a_deadline_of_the_client_ends_the_model_s_work_too(stage, ask):
    heard, cue = ask(play(FIRST, SECOND, fault=Stall(1)), timeout=0.5)
    assert heard.code == grpc.StatusCode.DEADLINE_EXCEEDED
    [exchange] = stage.fake.asked(cue)
    assert eventually(lambda: exchange.left, within=2)


def test_a_client_that_does_not_read_slows_the_model_and_not_the_heap(stage):
    cue = f"Question {new_session()}?"
    sentence = "This is one sentence of an answer that is far too long for anybody to listen to. "
    stage.fake.plays.set(cue, play(*[sentence * 100] * 4_000))
    call = stage.client.unread(cue)
    assert eventually(lambda: stage.fake.asked(cue))
    [exchange] = stage.fake.asked(cue)
    try:
        # 32 million octets in all; the systems' own buffers hold some.
        assert not eventually(lambda: exchange.sent > 12_000_000, within=1), exchange.sent
        assert exchange.ended is None
    finally:
        call.cancel()
    assert eventually(lambda: exchange.left, within=2)


BUDGETS = [
    # The budget that is spent, its setting, and how many pieces come before.
    ("to the first word", "LLM_FIRST_DELTA_TIMEOUT_MS", 0),
    ("between words", "LLM_STALL_TIMEOUT_MS", 1),
]


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize(("what", "setting", "after"), BUDGETS, ids=[what for what, *_ in BUDGETS])
def test_each_wait_for_a_model_has_a_budget_of_its_own(serve, name, what, setting, after):
    with MODELS[name]() as fake:
        budgets = {"LLM_FIRST_DELTA_TIMEOUT_MS": "10000", "LLM_STALL_TIMEOUT_MS": "10000"} | {setting: "400"}
        settings = MODEL_SETTINGS[name](fake) | {"LLM_PROVIDER": name, "LLM_FALLBACK": "none"} | budgets
        server = start(serve, settings, speak_with_tone())
        fake.plays.otherwise = play(FIRST, SECOND, fault=Stall(after))
        heard = server.client.turn(question(1))
        assert_failed(heard)
        assert 0.4 < heard.duration < 6, heard
        assert eventually(lambda: fake.exchanges[-1].left)
        waited = fake.exchanges[-1].left - fake.exchanges[-1].began
        assert 0.35 < waited < 2.5, waited


def test_a_pause_within_the_budget_costs_nothing(ask):
    heard, _ = ask(play(Pause(0.3), FIRST, Pause(0.3), SECOND, Pause(0.3)))
    assert_answered(heard, FIRST + SECOND)


def test_many_turns_at_once_get_their_own_answers(stage, ask):
    turns = [ask(play(f"This is answer {number}. ", Pause(0.1), FIRST), begin=True) for number in range(20)]
    for number, (turn, _) in enumerate(turns):
        assert_answered(turn.ended(), f"This is answer {number}. {FIRST}")


def test_status_names_the_model_and_its_key_s_end_only(stage):
    page = stage.request("/status")
    [provider] = [one for one in page.json["providers"] if one["name"] == stage.fake.name and one["kind"] == "model"]
    key = MODEL_KEYS[stage.fake.name]
    assert provider["state"] == "closed" and re.sub(r"[^\w]", "", provider["key"]) == key[-4:]
    assert key not in page.body.decode()


def test_a_server_at_home_needs_no_key(serve):
    with OpenAIChat() as fake:
        settings = {"LLM_PROVIDER": "openai", "OPENAI_BASE_URL": fake.base_url, "OPENAI_MODEL": "gpt-4o-mini"}
        server = start(serve, settings, speak_with_tone())
        fake.plays.otherwise = play(FIRST, SECOND)
        assert_answered(server.client.turn("Hi there"), FIRST + SECOND)
        assert "authorization" not in fake.requests[0].headers


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["gemini", "openai"], "gemini"),
        (["openai"], "openai"),
        ([], "offline"),
        (["placeholder"], "offline"),
    ],
    ids=str,
)
def test_the_model_is_chosen_by_what_is_configured(serve, keys, expected):
    with MODELS["gemini"]() as first, MODELS["openai"]() as second:
        settings = {"LLM_PROVIDER": "auto"}
        settings |= MODEL_SETTINGS["gemini"](first) if "gemini" in keys else {}
        settings |= MODEL_SETTINGS["openai"](second) if "openai" in keys else {}
        settings |= {"GEMINI_API_KEY": "your-api-key-here"} if "placeholder" in keys else {}
        server = start(serve, settings, speak_with_tone())
        heard = server.client.turn(question(7))
        assert_ended_well(heard)
        assert (len(first.exchanges), len(second.exchanges)) == (expected == "gemini", expected == "openai")
        if "placeholder" in keys:
            assert "GEMINI_API_KEY" in server.log.text + server.output.text
