"""Conversation memory: what a device said goes to the model of its next turn, and to nobody else."""

import json
import random
import stat

import grpc
import pytest

from client import LiveStream, new_device, new_session
from server import eventually, run_nexy
from upstreams.database import everything_in, locked
from upstreams.faults import Refusal
from upstreams.plays import play
from upstreams.stage import (
    MODEL_SETTINGS,
    MODELS,
    assert_answered,
    assert_ended_well,
    gemini_settings,
    question,
    speak_with_tone,
    start,
)

REMEMBERS = {"MEMORY_ENABLED": "true"}
# Words of a user and of a model that stand nowhere else.
ASKED, ANSWERED = "zanzibar", "quagmire"
# What stands in the question that asks a model for facts.
LEARNING = '"user_said"'


@pytest.fixture(scope="module", params=MODELS)
def stage(request, serve_for_file):
    """A server that remembers, and the model behind it as `stage.fake`."""
    with MODELS[request.param]() as fake:
        settings = MODEL_SETTINGS[fake.name](fake) | {"LLM_PROVIDER": fake.name} | REMEMBERS
        server = start(serve_for_file, settings, speak_with_tone())
        server.fake = fake
        yield server
        assert fake.objections == []


@pytest.fixture
def gemini():
    with MODELS["gemini"]() as fake:
        yield fake
        assert fake.objections == []


def word() -> str:
    """A word that nobody said before."""
    return "".join(random.choices("bcdfghklmnprstvz", k=12))


def tell(server, device: str, asked: str, answered: str, session: str | None = None):
    """A turn in which both words are said, and that is remembered when it returns."""
    cue = f"Please keep the {asked} in mind."
    server.fake.plays.set(cue, play(f"I keep the {answered} in mind."))
    heard = server.client.turn(cue, device=device, session=session)
    assert_answered(heard, f"I keep the {answered} in mind.")
    assert eventually(lambda: answered in everything_in(server.data), within=3)
    return heard


def asks_next(server, device: str, **options) -> str:
    """What the model is sent with the device's next question."""
    cue = f"And what about {word()}?"
    server.fake.plays.set(cue, play("It is well."))
    assert_answered(server.client.turn(cue, device=device, **options), "It is well.")
    requests = [exchange.request for exchange in server.fake.asked(cue)]
    # Where facts are learned, the model is asked about the question as well.
    [sent] = [request.text for request in requests if LEARNING not in server.fake.words(request)]
    return sent


def test_the_next_turn_knows_what_was_said_before(stage):
    device, asked, answered = new_device(), word(), word()
    tell(stage, device, asked, answered)
    sent = asks_next(stage, device)
    assert sent.index(asked) < sent.index(answered) < sent.index("And what about")


def test_another_session_of_the_device_knows_it_too(stage):
    device, asked, answered = new_device(), word(), word()
    tell(stage, device, asked, answered, session=new_session())
    assert answered in asks_next(stage, device, session=new_session())


def test_another_device_does_not(stage):
    asked, answered = word(), word()
    tell(stage, new_device(), asked, answered)
    sent = asks_next(stage, new_device())
    assert asked not in sent and answered not in sent


def test_exchanges_go_in_their_order(stage):
    device, words = new_device(), [word() for _ in range(6)]
    for asked, answered in zip(words[::2], words[1::2]):
        tell(stage, device, asked, answered)
    sent = asks_next(stage, device)
    assert [sent.index(one) for one in words] == sorted(sent.index(one) for one in words)


def test_what_is_remembered_reaches_no_listener_and_no_log(stage):
    device, asked, answered = new_device(), word(), word()
    tell(stage, device, asked, answered)
    asks_next(stage, device)
    heard = stage.client.turn(question(1), device=device)
    assert asked not in heard.text and answered not in heard.text
    pages = b"".join(stage.request(path).body for path in ("/status", "/health", "/metrics")).decode()
    for one in (asked, answered):
        assert one not in stage.log.text + stage.output.text + pages


def test_secrets_are_not_remembered(stage):
    device, answered = new_device(), word()
    tell(stage, device, "secret. My password is bluehorse77, and my key AIzaSyD4x8abcdefghijklmnopqrstuv12", answered)
    assert "bluehorse77" not in everything_in(stage.data) and "D4x8abcdefgh" not in everything_in(stage.data)
    assert "bluehorse77" not in asks_next(stage, device)


def test_the_database_is_its_owner_s_alone(stage):
    tell(stage, new_device(), word(), word())
    for path in stage.data.glob("nexy.sqlite*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    assert stat.S_IMODE((stage.data / "nexy.sqlite").stat().st_mode) == 0o600


def test_what_is_remembered_has_a_size(serve, gemini):
    settings = gemini_settings(gemini) | REMEMBERS | {"LLM_PROVIDER": "gemini", "MAX_SHORT_TERM_MEMORY_SIZE": "400"}
    server = start(serve, settings, speak_with_tone())
    server.fake = gemini
    device, words = new_device(), [word() for _ in range(16)]
    for asked, answered in zip(words[::2], words[1::2]):
        tell(server, device, asked, answered)
    sent = asks_next(server, device)
    assert words[-1] in sent and words[-2] in sent and words[0] not in sent and words[1] not in sent
    *history, _ = json.loads(sent)["contents"]
    said = "".join(part["text"] for content in history for part in content["parts"])
    assert 0 < len(said.encode()) <= 400


def test_memory_may_be_switched_off(serve, gemini):
    settings = gemini_settings(gemini) | {"LLM_PROVIDER": "gemini", "MEMORY_ENABLED": "false"}
    server = start(serve, settings, speak_with_tone())
    server.fake = gemini
    device = new_device()
    gemini.plays.otherwise = play(f"The {ANSWERED} is deep.")
    server.client.turn(f"How deep is the {ASKED}?", device=device)
    sent = asks_next(server, device)
    assert ASKED not in sent and ANSWERED not in sent
    server.stop()
    assert ASKED not in everything_in(server.data) and ANSWERED not in everything_in(server.data)


def test_memory_outlives_the_server(serve, gemini):
    settings = gemini_settings(gemini) | {"LLM_PROVIDER": "gemini"} | REMEMBERS
    first = start(serve, settings, speak_with_tone())
    device = new_device()
    gemini.plays.otherwise = play(f"The {ANSWERED} is deep.")
    assert_ended_well(first.client.turn(f"How deep is the {ASKED}?", device=device))
    # At once: what a turn left to be written is written before the server ends.
    assert first.stop() == 0
    second = start(serve, settings, speak_with_tone(), data=first.data)
    second.fake = gemini
    sent = asks_next(second, device)
    assert ASKED in sent and ANSWERED in sent


def test_only_what_was_sent_is_remembered(serve, gemini):
    settings = gemini_settings(gemini) | {"LLM_PROVIDER": "gemini"} | REMEMBERS
    server = start(serve, settings, speak_with_tone())
    numbers = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa"] * 16
    padding = "and it has so many words in it that nobody who does not read can take them all"
    pieces = [f"Sentence {name} of tour {at // 10} comes now, {padding}. " for at, name in enumerate(numbers)]
    gemini.plays.otherwise = play(*pieces)
    device = new_device()
    call = server.client.unread(f"Tell me about {ASKED}.", device)
    assert eventually(lambda: server.active_turns == 1)
    # The client reads nothing, so the turn stands once its window is full.
    assert not eventually(lambda: server.active_turns == 0, within=1)
    server.client.interrupt(device)
    heard = LiveStream(call).ended(within=5)
    assert heard.code == grpc.StatusCode.CANCELLED and heard.text.startswith(pieces[0].strip()), heard
    assert eventually(lambda: "Sentence alpha of tour 0" in everything_in(server.data), within=3)
    remembered = everything_in(server.data)
    kept = [piece for piece in pieces if piece.strip() in remembered]
    assert 0 < len(kept) < len(pieces) and all(piece.strip() in heard.text for piece in kept), len(kept)


def test_an_answer_that_is_an_apology_is_no_reason_to_fail_the_next_turn(serve, gemini):
    settings = gemini_settings(gemini) | {"LLM_PROVIDER": "gemini", "LLM_FALLBACK": "none"} | REMEMBERS
    server = start(serve, settings, speak_with_tone())
    server.fake = gemini
    device = new_device()
    gemini.plays.otherwise = play(fault=Refusal(503))
    assert server.client.turn(question(2), device=device).errors
    asks_next(server, device)


def test_a_memory_that_cannot_be_read_in_time_is_done_without(serve, gemini):
    settings = gemini_settings(gemini) | {"LLM_PROVIDER": "gemini"} | REMEMBERS
    server = start(serve, settings, speak_with_tone())
    server.fake = gemini
    device, answered = new_device(), word()
    tell(server, device, word(), answered)
    gemini.plays.otherwise = play("I answer all the same.")
    with locked(server.data):
        heard = server.client.turn("Do you answer?", device=device)
        assert_answered(heard, "I answer all the same.")
        assert heard.duration < 2, heard
    assert eventually(lambda: "I answer all the same." in everything_in(server.data), within=5)


def test_facts_are_learned_in_the_background_and_told_to_the_model(serve, gemini):
    settings = gemini_settings(gemini) | {"LLM_PROVIDER": "gemini", "MEMORY_LONG_TERM_ENABLED": "true"} | REMEMBERS
    server = start(serve, settings, speak_with_tone())
    server.fake = gemini
    gemini.plays.set(
        LEARNING, play("FACT: The user has a cat called Marmalade.\n", "FACT: My password is bluehorse77.")
    )
    device = new_device()
    tell(server, device, word(), word())
    assert eventually(lambda: "Marmalade" in everything_in(server.data), within=5)
    assert "bluehorse77" not in everything_in(server.data)
    sent = asks_next(server, device)
    assert "Marmalade" in sent and "Marmalade" not in asks_next(server, new_device())
    assert "Marmalade" not in server.log.text


@pytest.mark.parametrize(
    "learned", [play("I am not what you asked for."), play(fault=Refusal(500)), play(), play("FACT: " + "x" * 5_000)]
)
def test_what_goes_wrong_with_facts_is_nobody_s_loss(serve, gemini, learned):
    settings = gemini_settings(gemini) | {"LLM_PROVIDER": "gemini", "MEMORY_LONG_TERM_ENABLED": "true"} | REMEMBERS
    server = start(serve, settings, speak_with_tone())
    server.fake = gemini
    gemini.plays.set(LEARNING, learned)
    device, answered = new_device(), word()
    tell(server, device, word(), answered)
    assert eventually(lambda: gemini.asked(LEARNING), within=5)
    assert answered in asks_next(server, device)
    assert "not what you asked for" not in everything_in(server.data) and server.is_healthy()


# The operator's commands.


def nexy_memory(server, *arguments: str):
    return run_nexy("memory", *arguments, folder=server.work, environment={"NEXY_DATA_DIR": str(server.data)})


def test_the_operator_sees_and_forgets_a_device_while_the_server_runs(stage):
    device, other, asked, answered, kept = new_device(), new_device(), word(), word(), word()
    tell(stage, device, asked, answered)
    tell(stage, other, word(), kept)
    shown = nexy_memory(stage, "show", device)
    assert shown.returncode == 0 and asked in shown.stdout and answered in shown.stdout and kept not in shown.stdout
    document = nexy_memory(stage, "show", device, "--json")
    assert document.returncode == 0 and answered in json.dumps(json.loads(document.stdout), ensure_ascii=False)
    forgotten = nexy_memory(stage, "forget", device)
    assert forgotten.returncode == 0, forgotten
    assert asked not in everything_in(stage.data) and kept in everything_in(stage.data)
    sent = asks_next(stage, device)
    assert asked not in sent and answered not in sent
    assert kept in asks_next(stage, other)


def test_a_device_that_nobody_knows_has_nothing_to_show(stage):
    tell(stage, new_device(), word(), word())
    unknown = nexy_memory(stage, "show", "no-such-device", "--json")
    assert unknown.returncode == 0, unknown
    json.loads(unknown.stdout)


@pytest.mark.parametrize("arguments", [("show",), ("forget",), ("show", "a", "b")], ids=str)
def test_a_command_that_is_not_whole_is_refused(stage, arguments):
    assert nexy_memory(stage, *arguments).returncode == 2
