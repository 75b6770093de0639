"""The decision log: one line an event, in the format that the operator's tools read."""

from datetime import datetime, timedelta

import grpc
import pytest

from client import new_device, new_session
from events import events_of
from script import prompt_for, reply, stall

# Words that stand in what users and models say, and must not be in the log.
PROMPT_WORD, REPLY_WORD, PIECE_WORD, GREETING_WORD, ARGUMENT_WORD = (
    "zanzibar",
    "quagmire",
    "marzipan",
    "hullabaloo",
    "bumblebee",
)

REPLIES = {
    f"{PROMPT_WORD} good": reply(f"The {REPLY_WORD} is wide and deep."),
    f"{PROMPT_WORD} action": reply("Opening it now.", {"tool": "open_app", "arguments": {"app_name": ARGUMENT_WORD}}),
    f"{PROMPT_WORD} error": reply(f"The {REPLY_WORD} is wide. ", fault={"kind": "error", "after": 1}),
    f"{PROMPT_WORD} empty": reply(),
    f"{PROMPT_WORD} broken": reply('{"text": "The %s' % REPLY_WORD, fault={"kind": "malformed"}),
    f"{PROMPT_WORD} silent": reply(f"The {REPLY_WORD} is wide. ", fault=stall(1)),
}
GOOD, ACTION, ERROR, EMPTY, BROKEN, SILENT = REPLIES

# Identifiers that try to break a line, or to forge one.
NASTY = {
    "newline": "one\ntwo",
    "carriage return": "one\r\ntwo",
    "separators": "one\u2028two\u2029three\u0085four",
    "forged": "x\nts=2020-01-01T00:00:00.000+00:00 level=INFO scope=server msg=forged",
    "quotes": 'a "quoted" \\ name',
    "escape": "red\x1b[31m text\x07\x00",
    "tab and form feed": "a\tb\fc\vd",
    "emoji": "😀 устройство",
    "braces": '"} dur_ms=1 msg=x',
}
SECRETS = {
    "a named key": ("api_key=abcdefghijklmnop0123456789", "abcdefghijklmnop0123456789"),
    "a token": ("token: abcdefghijklmnopqrstuvwxyz0123", "abcdefghijklmnopqrstuvwxyz0123"),
    "a password": ("password=hunter2", "hunter2"),
    "a password in quotes": ("'password': 'hunter2'", "hunter2"),
    "a bearer": ("Bearer abcdefghijklmnop.qrstuv", "abcdefghijklmnop"),
    "a live key": ("sk_live_abcdefghijklmnop", "abcdefghijklmnop"),
    "a restricted key": ("rk_test_abcdefghijklmnop", "abcdefghijklmnop"),
    "a webhook's secret": ("whsec_abcdefghijklmnop", "abcdefghijklmnop"),
    "a bare Google key": ("AIzaSyD4x8abcdefghijklmnopqrstuv12", "D4x8abcdefghijklmnopqrstuv12"),
    "a header": ("X-Goog-Api-Key: abcdefghij0123456789", "abcdefghij0123456789"),
    "an address with a password": ("postgres://nexy:hunter2secret@db/x", "hunter2secret"),
}


@pytest.fixture(scope="module")
def life(serve_for_file):
    """A server after a life in which everything happened once."""
    server = serve_for_file(replies=REPLIES)
    devices = {name: new_device() for name in REPLIES}
    for name in (GOOD, ACTION, ERROR, EMPTY, BROKEN):
        server.play(name, device=devices[name], session=new_session())
    turn = server.begin(SILENT, device=devices[SILENT])
    turn.wait_for("audio_chunk")
    server.client.interrupt(devices[SILENT])
    turn.ended(within=5)
    left = server.begin(SILENT, device="left-behind")
    left.wait_for("audio_chunk")
    left.cancel()
    server.log.find(r"left-behind.*msg=RPC started", within=5)
    server.client.turn(f"{PROMPT_WORD} no reply fits", device="no-reply")
    server.client.turn(prompt_for(GOOD), device="unknown")
    server.client.turn(prompt_for(GOOD), device="refused-session", session="none")
    server.client.collect(f"{PIECE_WORD}", sequence=1, device="collecting", session=new_session())
    server.client.welcome(f"What a {GREETING_WORD}!")
    server.client.welcome("😀")
    server.client.report_usage(hardware_id="reporting", session_id="s", source="client")
    for nasty in NASTY.values():
        server.play(GOOD, device=nasty)
        server.client.report_usage(hardware_id=nasty, source=nasty)
    for secret, _ in SECRETS.values():
        server.play(GOOD, device=secret)
        server.client.report_usage(hardware_id="x", session_id=secret, source=secret)
    server.request("/health")
    server.request(f"/{PROMPT_WORD}/nowhere")
    server.devices = devices
    assert server.stop() == 0
    return server


@pytest.fixture(scope="module")
def events(life):
    return events_of(life)


def test_every_line_on_standard_error_is_an_event_of_the_format(events):
    assert len(events) > 40


def test_every_line_ends_with_a_newline_and_holds_no_other_break(life):
    for line in life.log.raw:
        assert line.endswith(b"\n")
        assert len(line.decode().removesuffix("\n").splitlines()) == 1, line


def test_times_are_those_of_the_events(events):
    times = [datetime.fromisoformat(event["ts"]) for event in events]
    assert all(later - earlier > timedelta(seconds=-1) for earlier, later in zip(times, times[1:]))
    assert abs(datetime.now(times[-1].tzinfo) - times[-1]) < timedelta(minutes=10)


def test_standard_output_holds_the_banner_and_nothing_of_the_log(life):
    assert "ts=" not in life.output.text
    assert "Nexy" in life.output.text.splitlines()[0]


@pytest.mark.parametrize("word", [PROMPT_WORD, REPLY_WORD, PIECE_WORD, GREETING_WORD, ARGUMENT_WORD])
def test_words_of_users_and_models_are_not_logged(life, word):
    assert [line for line in life.log.text.splitlines() if word in line] == []


def of_device(events, device: str) -> list[dict]:
    return [event for event in events if event["ctx"].get("hardware_id") == device]


def test_a_turn_has_one_line_at_its_start_and_one_at_its_end(events, life):
    start, acquired, released, end = of_device(events, life.devices[GOOD])
    assert (acquired["decision"], released["decision"]) == ("stream_acquired", "stream_released")
    assert len({event["ctx"]["request_id"] for event in (start, acquired, released, end)}) == 1
    assert (start["method"], start["decision"], start["level"], start["scope"]) == (
        "StreamAudio",
        "start",
        "INFO",
        "grpc",
    )
    assert (end["method"], end["decision"], end["level"]) == ("StreamAudio", "complete", "INFO")
    assert start["dur_ms"] is None and int(end["dur_ms"]) >= 0
    assert start["ctx"]["session_id"] == end["ctx"]["session_id"]


# What happened to a device, and how its last line tells it.
ENDINGS = [
    (ERROR, "error", "ERROR", "UNAVAILABLE"),
    (EMPTY, "error", "ERROR", None),
    (SILENT, "abort", "INFO", "CANCELLED"),
]


@pytest.mark.parametrize(("name", "decision", "level", "code"), ENDINGS, ids=[name for name, *_ in ENDINGS])
def test_a_failed_turn_says_how_it_ended(events, life, name, decision, level, code):
    end = of_device(events, life.devices[name])[-1]
    if name == SILENT:
        end = [event for event in of_device(events, life.devices[name]) if event["method"] == "StreamAudio"][-1]
    assert (end["decision"], end["level"]) == (decision, level)
    assert end["ctx"]["error_type"] and end["dur_ms"] is not None
    assert code is None or end["ctx"]["error_code"] == code


def test_a_refused_request_is_no_error_of_the_server(events):
    [start, end] = of_device(events, "refused-session")
    assert (end["decision"], end["level"], end["ctx"]["error_code"]) == ("reject", "INFO", "INVALID_ARGUMENT")


def test_error_codes_are_spelled_as_grpc_spells_them(events):
    names = {code.name for code in grpc.StatusCode}
    codes = {event["ctx"]["error_code"] for event in events if "error_code" in event["ctx"]}
    assert codes and codes <= names


def test_errors_are_classified_for_the_alerts(events):
    kinds = {
        (event["ctx"]["error_code"], event["ctx"].get("error_classified"))
        for event in events
        if "error_code" in event["ctx"]
    }
    for code, kind in kinds:
        assert (kind == "transient") == (code in ("UNAVAILABLE", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "ABORTED"))


def test_a_collected_piece_is_told(events):
    assert [event["decision"] for event in of_device(events, "collecting")][-1] in ("collect_ack", "complete")


def test_a_client_that_left_is_told_and_is_no_error(events):
    end = of_device(events, "left-behind")[-1]
    assert (end["decision"], end["level"], end["ctx"]["error_code"]) == ("cancelled", "INFO", "CANCELLED")


@pytest.mark.parametrize("method", ["StreamAudio", "InterruptSession", "GenerateWelcomeAudio", "ReportUsage"])
def test_every_method_tells_its_starts_and_ends(events, method):
    mine = [event for event in events if event["method"] == method]
    starts = [event for event in mine if event["decision"] == "start"]
    ends = [event for event in mine if event["dur_ms"] is not None]
    assert len(starts) == len(ends) > 0


def test_the_start_tells_the_ports_the_version_the_model_and_the_voice(events, life):
    [start] = [event for event in events if event["msg"] == "Server started"]
    assert (start["scope"], start["decision"]) == ("server", "init")
    assert start["ctx"]["port"] == life.grpc_port and start["ctx"]["version"]
    assert start["ctx"]["model"].startswith("scripted") and start["ctx"]["voice"].startswith("tone")


def test_the_stop_is_the_last_line(events):
    assert (events[-1]["scope"], events[-1]["decision"]) == ("server", "stop")
    assert events[-1]["msg"].startswith("Server stopped")


@pytest.mark.parametrize("name", NASTY)
def test_an_identifier_cannot_break_or_forge_a_line(events, life, name):
    assert "forged" not in {event["msg"] for event in events}
    assert b"\x1b" not in b"".join(life.log.raw)
    assert of_device(events, NASTY[name]) or name not in ("quotes", "emoji", "braces")


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_masked_wherever_it_stands(life, name):
    assert [line for line in life.log.text.splitlines() if SECRETS[name][1] in line] == []
    assert "****" in life.log.text


def test_letters_beyond_ascii_are_kept(life):
    assert "😀 устройство" in life.log.text


@pytest.mark.parametrize(
    ("level", "quiet"), [("ERROR", True), ("critical", True), ("warning", True), ("INFO", False), ("debug", False)]
)
def test_the_level_is_a_setting(serve, level, quiet):
    server = serve("--logging-level", level, replies={"it": reply("All is well.")})
    server.play("it")
    server.stop()
    assert (server.log.raw == []) == quiet
    events_of(server)
