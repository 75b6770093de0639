"""What the server's own calls cost: every call of a model and of a voice becomes a row, and rows become reports."""

import json
import signal

import grpc
import pytest

from client import new_device, new_session
from server import eventually, run_nexy
from upstreams.database import locked, usage_in
from upstreams.faults import Refusal, Stall
from upstreams.plays import Thought, Tool, play
from upstreams.stage import (
    MODEL_NAMES,
    MODEL_SETTINGS,
    MODELS,
    SPEECH_SETTINGS,
    TOKENS,
    VOICES,
    assert_answered,
    assert_ended_well,
    azure_settings,
    gemini_settings,
    openai_settings,
    question,
    speak_with_tone,
    spoken_seconds,
    start,
)

ANSWER = "This is what it costs."


@pytest.fixture
def gemini():
    with MODELS["gemini"]() as fake:
        fake.plays.otherwise = play(ANSWER)
        yield fake
        assert fake.objections == []


@pytest.fixture
def azure():
    with VOICES["azure"]() as fake:
        yield fake


def rows_of(server, device: str, **fields) -> list[dict]:
    """A device's rows that have these values."""
    rows = [row for row in usage_in(server.data) if row["hardware_id"] == device]
    return [row for row in rows if all(row[name] == value for name, value in fields.items())]


def one_row(server, device: str, **fields) -> dict:
    """Waits for a row; what a turn cost is written within a second."""
    assert eventually(lambda: rows_of(server, device, **fields), within=3), usage_in(server.data)
    [row] = rows_of(server, device, **fields)
    return row


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize(
    "said",
    [(ANSWER,), (Thought("Hm."), ANSWER), (ANSWER, Tool("open_app", {"app_name": "Safari"}))],
    ids=["text", "thoughts", "tool"],
)
def test_a_call_of_a_model_becomes_a_row(serve, name, said):
    with MODELS[name]() as fake:
        fake.plays.otherwise = play(*said)
        settings = MODEL_SETTINGS[name](fake) | {"LLM_PROVIDER": name, "TEXT_PROCESSING_TOOLS": "none"}
        server = start(serve, settings, speak_with_tone())
        device, session = new_device(), new_session()
        assert_ended_well(server.client.turn("What does it cost?", device=device, session=session))
        row = one_row(server, device, provider=name)
        assert (row["input_tokens"], row["output_tokens"]) == TOKENS[name]
        assert (row["model"], row["session_id"], row["source"]) == (MODEL_NAMES[name], session, "turn")
        assert (row["characters"], row["audio_seconds"]) == (0, 0)


@pytest.mark.parametrize("name", VOICES)
def test_calls_of_a_voice_become_rows(serve, gemini, name):
    with VOICES[name]() as fake:
        settings = (
            gemini_settings(gemini) | SPEECH_SETTINGS[name](fake) | {"LLM_PROVIDER": "gemini", "TTS_PROVIDER": name}
        )
        server = start(serve, settings)
        device, session = new_device(), new_session()
        gemini.plays.otherwise = play("The first sentence costs something. ", "And so does the second one.")
        heard = server.client.turn("What does it cost?", device=device, session=session)
        assert_answered(heard, "The first sentence costs something. And so does the second one.")

        def spoken() -> int:
            return sum(row["characters"] for row in rows_of(server, device, provider=name))

        said = [fake.words(exchange.request) for exchange in fake.exchanges]
        assert eventually(lambda: spoken() == sum(len(text) for text in said), within=3), rows_of(server, device)
        rows = rows_of(server, device, provider=name)
        seconds = sum(row["audio_seconds"] for row in rows)
        assert abs(seconds - sum(spoken_seconds(text) for text in said)) < 0.1
        assert {(row["session_id"], row["source"], row["input_tokens"]) for row in rows} == {(session, "turn", 0)}
        # Voices have prices by their names.
        assert all(row["model"] for row in rows), rows


def test_a_welcome_is_paid_for_as_well(serve, azure):
    server = start(serve, azure_settings(azure) | {"TTS_PROVIDER": "azure"})
    assert server.client.welcome("Good morning to you.").code == grpc.StatusCode.OK
    assert eventually(lambda: [row for row in usage_in(server.data) if row["provider"] == "azure"], within=3)
    [row] = [row for row in usage_in(server.data) if row["provider"] == "azure"]
    assert row["source"] == "welcome" and row["characters"] == len("Good morning to you.")


def test_who_answered_in_the_end_is_who_is_paid(serve, gemini):
    with MODELS["openai"]() as second:
        second.plays.otherwise = play(ANSWER)
        gemini.plays.otherwise = play(fault=Refusal(503))
        settings = (
            gemini_settings(gemini) | openai_settings(second) | {"LLM_PROVIDER": "gemini", "LLM_FALLBACK": "openai"}
        )
        server = start(serve, settings, speak_with_tone())
        device = new_device()
        assert_answered(server.client.turn("What does it cost?", device=device), ANSWER)
        row = one_row(server, device, provider="openai")
        assert (row["input_tokens"], row["output_tokens"]) == TOKENS["openai"]
        assert sum(row["output_tokens"] for row in rows_of(server, device, provider="gemini")) == 0


def test_what_a_voice_said_of_a_turn_that_was_cut_is_paid_for(serve, gemini, azure):
    settings = gemini_settings(gemini) | azure_settings(azure) | {"LLM_PROVIDER": "gemini", "TTS_PROVIDER": "azure"}
    server = start(serve, settings)
    gemini.plays.otherwise = play("The first sentence costs something. ", fault=Stall(1))
    device = new_device()
    turn = server.client.begin("What does it cost?", device=device)
    turn.wait_for("audio_chunk")
    server.client.interrupt(device)
    turn.ended()
    row = one_row(server, device, provider="azure")
    assert row["characters"] == len("The first sentence costs something.") and row["audio_seconds"] > 0


def test_nothing_is_lost_when_the_server_stops(serve, gemini):
    server = start(serve, gemini_settings(gemini) | {"LLM_PROVIDER": "gemini"}, speak_with_tone())
    devices = [new_device() for _ in range(5)]
    for device in devices:
        assert_answered(server.client.turn("What does it cost?", device=device), ANSWER)
    server.send(signal.SIGTERM)
    assert server.exit_status() == 0
    assert set(devices) <= {row["hardware_id"] for row in usage_in(server.data) if row["provider"] == "gemini"}


def test_a_ledger_that_cannot_be_written_holds_no_turn_up_and_loses_nothing(serve, gemini):
    server = start(serve, gemini_settings(gemini) | {"LLM_PROVIDER": "gemini"}, speak_with_tone())
    first, second = new_device(), new_device()
    assert_answered(server.client.turn("What does it cost?", device=first), ANSWER)
    one_row(server, first, provider="gemini")
    with locked(server.data):
        heard = server.client.turn("What does it cost?", device=second)
        assert_answered(heard, ANSWER)
        assert heard.duration < 2, heard
    assert eventually(lambda: rows_of(server, second, provider="gemini"), within=6)


def test_the_ledger_may_be_switched_off(serve, gemini):
    settings = gemini_settings(gemini) | {"LLM_PROVIDER": "gemini", "NEXY_KS_DISABLE_USAGE_LEDGER": "true"}
    server = start(serve, settings, speak_with_tone())
    assert_answered(server.client.turn("What does it cost?"), ANSWER)
    assert server.stop() == 0
    assert usage_in(server.data) == []


# Reports.


def report(server, *arguments: str, **environment: str):
    settings = {"NEXY_DATA_DIR": str(server.data)} | environment
    return run_nexy("usage", "report", *arguments, folder=server.work, environment=settings)


def document(server, *arguments: str, **environment: str):
    done = report(server, *arguments, "--json", **environment)
    assert done.returncode == 0, done
    return json.loads(done.stdout)


def numbers_in(value) -> list[float]:
    """Every number of a document, however it is nested."""
    if isinstance(value, dict):
        return [number for inner in value.values() for number in numbers_in(inner)]
    if isinstance(value, list):
        return [number for inner in value for number in numbers_in(inner)]
    return [value] if isinstance(value, (int, float)) and not isinstance(value, bool) else []


def line_of(value, name: str) -> dict:
    """The object of a document that one of its own values names."""
    if isinstance(value, dict):
        if name in value.values():
            return value
        return next((found for inner in value.values() if (found := line_of(inner, name))), {})
    if isinstance(value, list):
        return next((found for inner in value if (found := line_of(inner, name))), {})
    return {}


@pytest.fixture(scope="module")
def ledger(serve_for_file):
    """A server after three turns of one device and one of another, stopped."""
    with MODELS["gemini"]() as fake:
        fake.plays.otherwise = play(ANSWER)
        server = start(serve_for_file, gemini_settings(fake) | {"LLM_PROVIDER": "gemini"}, speak_with_tone())
        for device in ["often", "often", "often", "seldom"]:
            assert_answered(server.client.turn(question(1), device=device), ANSWER)
        assert server.stop() == 0
        yield server


def test_a_report_by_device_adds_up(ledger):
    made = document(ledger, "--by", "device")
    tokens_in, tokens_out = TOKENS["gemini"]
    assert {3 * tokens_in, 3 * tokens_out} <= set(numbers_in(line_of(made, "often"))), made
    assert {tokens_in, tokens_out} <= set(numbers_in(line_of(made, "seldom"))), made


def test_a_report_by_model_adds_up(ledger):
    made = document(ledger, "--by", "model")
    tokens_in, tokens_out = TOKENS["gemini"]
    assert {4 * tokens_in, 4 * tokens_out, 4} <= set(numbers_in(line_of(made, MODEL_NAMES["gemini"]))), made


def test_a_report_by_day_adds_up_and_days_may_be_chosen(ledger):
    tokens_in, _ = TOKENS["gemini"]
    assert 4 * tokens_in in numbers_in(document(ledger, "--by", "day"))
    assert 4 * tokens_in not in numbers_in(document(ledger, "--by", "day", "--to", "2020-01-01"))
    assert 4 * tokens_in in numbers_in(document(ledger, "--from", "2020-01-01"))


def test_a_report_tells_what_it_cost_by_the_prices_of_the_settings(ledger):
    tokens_in, tokens_out = TOKENS["gemini"]
    made = document(ledger, "--by", "model", USAGE_PRICES="gemini-*=1000/2000")
    expected = 4 * (tokens_in * 1_000 + tokens_out * 2_000) / 1_000_000
    assert any(abs(number - expected) < 1e-6 for number in numbers_in(line_of(made, MODEL_NAMES["gemini"]))), made


def test_a_report_for_people_is_a_table(ledger):
    done = report(ledger, "--by", "device")
    assert done.returncode == 0 and "often" in done.stdout and "seldom" in done.stdout


@pytest.mark.parametrize("arguments", [("--by", "mood"), ("--from", "yesterday"), ("--prices",)], ids=str)
def test_a_report_that_makes_no_sense_is_refused(ledger, arguments):
    done = report(ledger, *arguments)
    assert done.returncode == 2 and done.stderr, done
