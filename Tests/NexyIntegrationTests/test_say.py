"""`nexy say`: one turn from the command line."""

import json
import re
import wave

import numpy as np
import pytest

from script import reply, tool
from server import run_nexy
from speech import is_speech

REPLIES = {
    "error": reply("The first sentence is whole. ", fault={"kind": "error", "after": 1}),
    "error at once": reply(fault={"kind": "error", "after": 0}),
    "good": reply("Hello to you there. ", "How are you?"),
    "command": reply("Opening it for you.", tool("open_app", app_name="Mail")),
}


@pytest.fixture(scope="module")
def stage(serve_for_file):
    return serve_for_file(replies=REPLIES)


@pytest.fixture(scope="module")
def speaking(serve_for_file):
    return serve_for_file(tts="espeak")


@pytest.fixture
def say(tmp_path):
    def run(server, prompt, *arguments):
        return run_nexy("say", prompt, "--port", str(server.grpc_port), "--no-play", *arguments, folder=tmp_path)

    return run


def test_open_safari_prints_its_text_names_its_command_and_writes_speech(say, speaking, tmp_path):
    done = say(speaking, "Open Safari", "--out", "safari.wav")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Safari" in done.stdout.splitlines()[0]
    assert "open_app" in done.stdout
    samples, rate = read_wave(tmp_path / "safari.wav")
    assert rate == 48_000 and is_speech(samples)


def test_the_time_in_russian_is_one_json_object(say, speaking, tmp_path):
    done = say(speaking, "Который час?", "--json", "--out", "clock.wav")
    assert done.returncode == 0
    assert done.stdout.count("\n") == 1
    turn = json.loads(done.stdout)
    assert re.search("[а-я]", turn["text"]) and turn["command"] is None and turn["error"] is None
    assert turn["status"] == "ok" and turn["end"] and turn["sample_rate"] == 48_000
    samples, _ = read_wave(tmp_path / "clock.wav")
    assert turn["audio_seconds"] == pytest.approx(len(samples) / 48_000, abs=0.001)
    assert turn["audio_chunks"] > 0
    assert is_speech(samples)


KEYS = {"text", "command", "action_json", "audio_seconds", "audio_chunks", "sample_rate", "end", "error", "status"}


@pytest.mark.parametrize("prompt", ["Please play good!", "Please play command!", "Please play error!"])
def test_the_json_object_has_its_keys_whatever_came(say, stage, prompt):
    turn = json.loads(say(stage, prompt, "--json").stdout)
    assert KEYS - turn.keys() == set()


def test_the_command_in_json_is_that_of_the_action(say, stage):
    turn = json.loads(say(stage, "Please play command!", "--json").stdout)
    assert turn["command"] == "open_app"
    assert json.loads(turn["action_json"])["args"] == {"app_name": "Mail"}


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ("Please play error!", "The first sentence is whole. Sorry, my answer broke off. Please ask me again."),
        ("Please play error at once!", "Sorry, I can't answer right now. Please ask me again in a minute."),
    ],
)
def test_a_failed_turn_exits_with_1(say, stage, prompt, text):
    plain, machine = say(stage, prompt), say(stage, prompt, "--json")
    assert (plain.returncode, machine.returncode) == (1, 1)
    assert text in plain.stdout and plain.stderr.strip()
    turn = json.loads(machine.stdout)
    assert turn["text"].strip() == text and turn["error"] and turn["status"] != "ok" and turn["end"] is None


def test_the_language_may_be_asked_for(say, speaking):
    russian = json.loads(say(speaking, "Thank you", "--lang", "ru", "--json").stdout)
    english = json.loads(say(speaking, "Спасибо", "--lang", "en", "--json").stdout)
    assert re.search("[а-я]", russian["text"]) and not re.search("[а-я]", english["text"])


def test_where_no_server_answers_the_port_and_the_remedy_are_named(tmp_path):
    done = run_nexy("say", "Hello", "--port", "1", "--no-play", folder=tmp_path)
    assert done.returncode == 1
    assert "127.0.0.1:1" in done.stderr and "serve" in done.stderr


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_the_host_may_be_named(say, stage, host):
    assert say(stage, "Please play good!", "--host", host).returncode == 0


def test_a_file_that_cannot_be_written_is_a_failure(say, stage):
    done = say(stage, "Please play good!", "--out", "no/such/folder/it.wav")
    assert done.returncode == 1 and "no/such/folder" in done.stderr


def test_a_machine_without_a_player_is_no_failure(stage, tmp_path):
    done = run_nexy(
        "say", "Please play good!", "--port", str(stage.grpc_port), folder=tmp_path, environment={"PATH": str(tmp_path)}
    )
    assert done.returncode == 0, done.stderr


def read_wave(path) -> tuple[np.ndarray, int]:
    with wave.open(str(path)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth()) == (1, 2)
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2"), sound.getframerate()
