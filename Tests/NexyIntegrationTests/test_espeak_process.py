"""espeak-ng as a child process: whatever it does is the matter of its turn, never of the server."""

import os
import shutil
import sys
from pathlib import Path

import grpc
import pytest

from client import new_device
from script import prompt_for, reply, stall
from server import eventually
from speech import is_speech

REPLIES = {
    "short": reply("This is spoken by the engine."),
    "long": reply(*(f"This is sentence number {number} of a rather long answer. " for number in range(60))),
    # One sentence that no pipe holds.
    "endless": reply("and so on " * 20_000 + "until the end."),
    "silent": reply("The first sentence is whole. ", fault=stall(1)),
}

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")

WAV_HEADER = r"RIFF\044\000\000\200WAVEfmt \020\000\000\000\001\000\001\000\042\126\000\000\104\254\000\000\002\000\020\000data\000\000\000\200"

# A program in the engine's place, as a shell script.
FAKES = {
    "crashes": "cat > /dev/null; echo 'it broke' >&2; exit 3",
    "crashes at once": "exit 3",
    "is killed": "kill -9 $$",
    "crashes after some audio": f"cat > /dev/null; printf '{WAV_HEADER}'; head -c 30000 /dev/urandom; exit 3",
    "prints garbage": "cat > /dev/null; echo 'this is no audio at all, only a line of words'",
    "prints a lot of garbage": "cat > /dev/null; head -c 300000 /dev/urandom",
    "prints nothing": "cat > /dev/null; exit 0",
    "prints only a header": f"cat > /dev/null; printf '{WAV_HEADER}'",
    "prints half a header": "cat > /dev/null; printf 'RIFF'",
}


@pytest.fixture
def fake(tmp_path):
    """Writes a program that stands in the engine's place."""

    def write(body: str) -> str:
        path = tmp_path / "espeak-ng"
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        return str(path)

    return write


@pytest.fixture
def speaking(serve):
    def start(binary: str | None = None, **environment):
        if binary:
            environment["ESPEAK_BINARY"] = binary
        return serve(replies=REPLIES, tts="espeak", environment=environment)

    return start


def assert_speech_failed(heard):
    assert heard.kinds.count("error_message") == 1 and heard.kinds[-1] == "error_message", heard
    assert heard.ends == []
    assert heard.code not in (grpc.StatusCode.OK, grpc.StatusCode.UNKNOWN), heard
    assert heard.details == heard.errors[0]


def assert_went_silent(heard):
    """Nobody speaks: the text still arrives, and the turn ends well."""
    assert heard.text.strip() and heard.code == grpc.StatusCode.OK, heard
    assert not heard.errors and len(heard.ends) == 1 and heard.kinds[-1] == "end_message", heard


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        # What has ended and was not yet waited for runs no more (Linux).
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return not Path("/proc").is_dir()


def written_pid(path: Path) -> int:
    assert eventually(lambda: path.exists() and path.read_text().strip()), "the engine was not started"
    return int(path.read_text())


@pytest.fixture(scope="module", autouse=True)
def hanging(serve_for_file, tmp_path_factory):
    """Turns whose engine hangs, begun before all other tests: their errors take a while."""
    folder = tmp_path_factory.mktemp("engine")
    engine, note = folder / "espeak-ng", folder / "pid"
    engine.write_text(f'#!/bin/sh\necho $$ >> "{note}"; exec sleep 60\n')
    engine.chmod(0o755)
    server = serve_for_file(replies=REPLIES, tts="espeak", environment={"ESPEAK_BINARY": str(engine)})
    return server, {name: server.begin(name) for name in ("short", "endless")}, note


@pytest.mark.parametrize("name", FAKES)
def test_an_engine_that_fails_leaves_its_turn_the_text(speaking, fake, name):
    server = speaking(fake(FAKES[name]))
    assert_went_silent(server.play("short"))
    assert server.is_healthy()
    assert eventually(lambda: server.active_turns == 0)


@pytest.mark.parametrize("name", ["crashes", "prints garbage", "prints nothing"])
def test_an_engine_that_fails_is_an_error_of_its_greeting(speaking, fake, name):
    server = speaking(fake(FAKES[name]))
    assert_speech_failed(server.client.welcome("Hello to you there."))
    assert server.is_healthy()


def test_what_the_engine_said_about_its_failure_is_in_the_log_and_not_at_the_client(speaking, fake):
    server = speaking(fake(FAKES["crashes"]))
    heard = server.play("short")
    assert "it broke" not in repr(heard)
    server.log.find("it broke", within=5)


def test_an_engine_that_never_reads_its_text_fails_a_sentence_and_not_the_server(speaking, fake):
    server = speaking(fake("exit 3"))
    for _ in range(30):
        assert_went_silent(server.play("short"))
    assert server.is_healthy()


def test_an_engine_that_is_ended_before_it_has_read_a_long_text_takes_no_server_with_it(speaking, fake, tmp_path):
    note, device = tmp_path / "pid", new_device()
    server = speaking(fake(f'echo $$ > "{note}"; exec sleep 60'))
    turn = server.begin("endless", device=device)
    pid = written_pid(note)
    server.client.interrupt(device)
    assert turn.ended(within=8).code == grpc.StatusCode.CANCELLED
    assert eventually(lambda: not is_running(pid))
    assert server.is_healthy()


def test_many_interrupts_in_a_row_leave_the_server_well(speaking):
    server, device = speaking(), new_device()
    for number in range(24):
        turn = server.begin("long", device=device)
        # Every other turn is stopped while its engine starts, the others as soon as they can be.
        if number % 2:
            turn.wait_for("text_chunk")
        assert eventually(lambda: server.client.interrupt(device).interrupted_sessions)
        assert turn.ended(within=5).code == grpc.StatusCode.CANCELLED
    assert server.play("short", device=device).code == grpc.StatusCode.OK


@pytest.mark.parametrize("missing", ["/nonexistent/espeak-ng", "no-such-espeak-anywhere"])
def test_a_missing_engine_is_named_in_the_log(speaking, missing):
    server = speaking(missing)
    assert_went_silent(server.play("short"))
    assert server.log.find(r"decision=degrade .*espeak-ng", within=5)
    assert server.is_healthy()


def test_a_missing_engine_is_told_at_the_start(speaking):
    server = speaking("/nonexistent/espeak-ng")
    assert "espeak-ng is missing" in server.output.text or "espeak-ng was not found" in server.log.text


def test_a_file_that_cannot_be_run_leaves_a_turn_its_text(speaking, fake):
    path = fake("exit 0")
    Path(path).chmod(0o644)
    server = speaking(path)
    assert_went_silent(server.play("short"))
    assert server.is_healthy()


def test_an_engine_that_failed_once_speaks_in_the_next_turn(speaking, fake, tmp_path):
    engine = shutil.which("espeak-ng")
    assert engine, "espeak-ng must be installed"
    flag = tmp_path / "failed"
    server = speaking(fake(f'if [ -e "{flag}" ]; then exec "{engine}" "$@"; fi; touch "{flag}"; exit 3'))
    assert_went_silent(server.play("short"))
    heard = server.play("short")
    assert heard.code == grpc.StatusCode.OK and is_speech(heard.samples)


# An engine that takes its text and never answers; one that will not go when it is asked to.
HANGS = {"hangs": "exec sleep 60", "hangs and ignores SIGTERM": "trap '' TERM INT HUP; while :; do sleep 1; done"}


@pytest.mark.parametrize("name", HANGS)
def test_an_engine_that_hangs_is_ended_when_its_client_leaves(speaking, fake, tmp_path, name):
    note = tmp_path / "pid"
    server = speaking(fake(f'echo $$ > "{note}"; {HANGS[name]}'))
    turn = server.begin("short")
    pid = written_pid(note)
    turn.cancel()
    assert eventually(lambda: not is_running(pid), within=8)
    assert eventually(lambda: server.active_turns == 0)
    assert server.is_healthy()


@pytest.mark.parametrize("name", HANGS)
def test_an_engine_that_hangs_is_ended_by_an_interrupt(speaking, fake, tmp_path, name):
    note, device = tmp_path / "pid", new_device()
    server = speaking(fake(f'echo $$ > "{note}"; {HANGS[name]}'))
    turn = server.begin("short", device=device)
    pid = written_pid(note)
    assert server.client.interrupt(device).success
    heard = turn.ended(within=8)
    assert heard.code == grpc.StatusCode.CANCELLED and heard.kinds[-1] == "error_message", heard
    assert eventually(lambda: not is_running(pid), within=8)


def test_an_engine_that_hangs_is_ended_with_the_server(speaking, fake, tmp_path):
    note = tmp_path / "pid"
    server = speaking(fake(f'echo $$ > "{note}"; exec sleep 60'), BACKPRESSURE_GRACE_PERIOD="0")
    turn = server.begin("short")
    pid = written_pid(note)
    assert server.stop() == 0
    turn.ended(within=5)
    assert eventually(lambda: not is_running(pid))


# A short text, and one that no pipe holds: the engine reads neither.
@pytest.mark.parametrize("name", ["short", "endless"])
def test_an_engine_that_hangs_leaves_its_turn_the_text(hanging, name):
    server, turns, note = hanging
    assert_went_silent(turns[name].ended(within=30))
    assert server.is_healthy()


def test_an_engine_that_hung_is_ended_with_its_turn(hanging):
    _, turns, note = hanging
    for turn in turns.values():
        turn.ended(within=30)
    pids = note.read_text().split()
    assert len(pids) >= len(turns)
    # The last ones were asked by the watch over engines, whose wait may have begun when the turns ended.
    assert eventually(lambda: not any(is_running(int(pid)) for pid in pids), within=15)


def test_an_engine_that_hangs_does_not_hold_up_the_turns_of_others(speaking, fake, tmp_path):
    engine, note = shutil.which("espeak-ng"), tmp_path / "first"
    server = speaking(fake(f'if [ -e "{note}" ]; then exec "{engine}" "$@"; fi; echo $$ > "{note}"; exec sleep 60'))
    stuck = server.begin("short")
    written_pid(note)
    assert server.play("short").code == grpc.StatusCode.OK
    stuck.cancel()


@linux_only
def test_a_client_that_leaves_takes_its_engine_with_it(speaking):
    server = speaking()
    turn = server.begin("long")
    turn.wait_for("audio_chunk")
    turn.cancel()
    assert eventually(lambda: server.active_turns == 0)
    assert eventually(lambda: not server.children()), server.children()


@linux_only
def test_an_interrupted_turn_takes_its_engine_with_it(speaking):
    server, device = speaking(), new_device()
    turn = server.begin("long", device=device)
    turn.wait_for("audio_chunk")
    server.client.interrupt(device)
    assert turn.ended(within=5).code == grpc.StatusCode.CANCELLED
    assert eventually(lambda: not server.children()), server.children()


@linux_only
def test_no_engine_runs_when_no_turn_does(speaking):
    server = speaking()
    assert server.play("short").code == grpc.StatusCode.OK
    assert server.play("silent", timeout=2).code == grpc.StatusCode.DEADLINE_EXCEEDED
    assert eventually(lambda: not server.children()), server.children()


@linux_only
def test_a_client_that_does_not_read_has_at_most_three_engines_at_work(speaking):
    server = speaking()
    call = server.client.unread(prompt_for("long"))
    assert eventually(lambda: server.children())
    # The one that is being sent and two ahead.
    assert not eventually(lambda: len(server.children()) > 3, within=1)
    call.cancel()
    assert eventually(lambda: not server.children())


@pytest.mark.parametrize(
    "words",
    [
        "--version is an option.",
        "[[h@'loU]] are phonemes.",
        "<speak>&amp; markup</speak> is here.",
        "A zero \u0000 in it.",
        "Quotes ' \" ` and $(id) are words.",
        "-f /etc/passwd",
    ],
)
def test_no_words_are_taken_for_something_else_by_the_engine(serve, words):
    server = serve(replies={"it": reply(f"Listen to this: {words}")}, tts="espeak")
    heard = server.play("it")
    assert heard.code == grpc.StatusCode.OK and is_speech(heard.samples), heard
