"""Keys and what people say: in no line of the log at info and above, in no error of a client, on no page."""

import base64
import http.client
import json

import pytest

from client import new_device
from events import events_of
from server import eventually, run_nexy
from upstreams.certificate import self_signed
from upstreams.faults import Cut, Endless, Malformed, Page, Redirect, Refusal, Silence, Stall
from upstreams.images import PNG
from upstreams.openai_speech import OpenAISpeech
from upstreams.plays import Thought, Tool, play
from upstreams.provider import Provider
from upstreams.stage import (
    GEMINI_KEY,
    GEMINI_SPARE_KEY,
    KEYS,
    MODELS,
    OPENAI_KEY,
    VOICES,
    all_at_once,
    azure_settings,
    gemini_settings,
    openai_settings,
    openai_speech_settings,
    question,
    speak_with_tone,
    start,
)
from upstreams.wire import WireServer

# Words that stand in what users and models say, think and do, and in what is remembered of it.
ASKED, ANSWERED, THOUGHT, ARGUMENT, FACT, LATER = (
    "zanzibar",
    "quagmire",
    "marzipan",
    "hullabaloo",
    "bumblebee",
    "tamarind",
)
WORDS = [ASKED, ANSWERED, THOUGHT, ARGUMENT, FACT, LATER]
SCREENSHOT = base64.b64encode(PNG).decode()
FIRST = f"The {ANSWERED} is wide. "
SAYS = (Thought(f"The {THOUGHT}, hm. "), FIRST, f"And {ANSWERED} deep. ", f"And the {ANSWERED} is n", "ot cut.")
CALLS = Tool("open_app", {"app_name": ARGUMENT})
ECHO = f'data: {{"error": {{"code": 500, "message": "{ANSWERED} {GEMINI_KEY}"}}}}\n\n'.encode()

# What goes wrong, all of it with servers that repeat what they were sent.
FAULTS = {f"status {status}": Refusal(status, is_careless=True) for status in (400, 401, 403, 404, 429, 500, 503)}
FAULTS |= {
    "silence": Silence(),
    "stall": Stall(3),
    "cut": Cut(3),
    "cut in an event": Cut(2, within="event"),
    "malformed": Malformed(2, f'data: {{"{ANSWERED} {GEMINI_KEY}'.encode() + b"\n\n"),
    "malformed at once": Malformed(0, f"data: {ANSWERED}\n\n".encode()),
    "error event": Malformed(2, ECHO),
    "endless": Endless(2, f"data: {ANSWERED} ".encode()),
    "page": Page(502),
    "redirect": Redirect(f"http://127.0.0.1:9/{ANSWERED}?key={GEMINI_KEY}"),
    "none": None,
}


class Stranger(WireServer):
    """Somebody whom a redirect names, and who must hear nothing."""

    async def answer(self, request, wire) -> None:
        wire.close()


def prompt_of(name: str) -> str:
    return f"Tell me of {ASKED} and {name}, please."


def ask_all(server, names: list[str]) -> list:
    def ask(name: str):
        return lambda: server.client.turn(prompt_of(name), device=f"device-{name}", screenshot=SCREENSHOT)

    return list(all_at_once({name: ask(name) for name in names}).values())


def live(server, fakes: list[Provider]) -> list:
    """Everything that goes wrong, once with each provider in front; returns what clients heard."""
    for fake in fakes:
        for name, fault in FAULTS.items():
            fake.plays.set(prompt_of(name), play(*SAYS, CALLS, fault=fault))
            fake.plays.set(f"{name} aloud", play(fault=fault))
    # A refused key ends what can be asked, so it comes last.
    last = ["status 401", "status 403"]
    heard = ask_all(server, [name for name in FAULTS if name not in last]) + ask_all(server, last)
    # The same again, now that there is something to remember, and nobody has any keys left.
    for fake in fakes:
        fake.keys = {"none that is known here"}
    for name in list(FAULTS)[:4]:
        heard.append(server.client.turn(prompt_of(name) + f" Again, {LATER}.", device=f"device-{name}"))
    heard.append(server.client.welcome(f"Welcome to {ASKED}, status 500 aloud."))
    turn = server.client.begin(prompt_of("silence"), device=new_device())
    turn.cancel()
    heard.append(turn.ended())
    return heard


@pytest.fixture(scope="module")
def life(serve_for_file, tmp_path_factory):
    """A server after a life in which everything went wrong, with all it said to anybody."""
    log = tmp_path_factory.mktemp("log") / "nexy.log"
    with MODELS["gemini"]() as gemini, MODELS["openai"]() as openai, VOICES["azure"]() as azure:
        with VOICES["openai"]() as voice:
            settings = gemini_settings(gemini) | openai_settings(openai) | azure_settings(azure)
            settings |= openai_speech_settings(voice) | {"GEMINI_FALLBACK_API_KEY": GEMINI_SPARE_KEY}
            settings |= {"LLM_PROVIDER": "gemini", "LLM_FALLBACK": "openai,offline", "LOG_FILE": str(log)}
            settings |= {"TTS_PROVIDER": "azure", "TTS_FALLBACK": "openai,espeak", "MEMORY_ENABLED": "true"}
            settings |= {"MEMORY_LONG_TERM_ENABLED": "true"}
            server = start(serve_for_file, settings)
            for fake in (gemini, openai):
                fake.plays.set('"user_said"', play(f"FACT: The user keeps a {FACT}."))
            heard = live(server, [gemini, openai, azure, voice])
            pages = {path: server.request(path).body.decode() for path in ("/status", "/health", "/metrics")}
            shown = run_nexy("config", "show", folder=server.work, environment=settings)
            tested = run_nexy("providers", "test", folder=server.work, environment=settings, within=60)
            assert server.stop() == 0
        server.said = {
            "standard output": server.output.text,
            "standard error": server.log.text,
            "log file": log.read_text(),
            "nexy config show": shown.stdout + shown.stderr,
            "nexy providers test": tested.stdout + tested.stderr,
            "errors of clients": "\n".join(
                "\n".join([*one.errors, one.details, json.dumps(one.trailers, default=str)]) for one in heard
            ),
        } | pages
        server.heard = heard
        yield server


PLACES = ["standard output", "standard error", "log file", "/status", "/health", "/metrics", "errors of clients"]
TOLD = [*PLACES, "nexy config show", "nexy providers test"]


def test_the_life_was_as_bad_as_it_should_be(life):
    codes = {one.code.name for one in life.heard}
    assert {"OK", "UNAVAILABLE"} <= codes
    assert any(ANSWERED in one.text for one in life.heard)
    assert "decision=degrade" in life.said["standard error"] and "decision=retry" in life.said["standard error"]
    assert len(events_of(life)) > 60


@pytest.mark.parametrize("place", TOLD)
@pytest.mark.parametrize("key", KEYS, ids=["gemini", "gemini spare", "openai", "openai speech", "azure"])
def test_no_key_is_told_anywhere(life, place, key):
    # Four characters are what health may name; half a key is a key.
    pieces = [key[at : at + 10] for at in range(len(key) - 9)]
    assert [line for line in life.said[place].splitlines() if any(piece in line for piece in pieces)] == []


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("word", WORDS)
def test_no_word_of_a_user_or_a_model_is_told_anywhere(life, place, word):
    assert [line for line in life.said[place].splitlines() if word in line.lower()] == []


@pytest.mark.parametrize("place", PLACES)
def test_no_picture_is_told_anywhere(life, place):
    assert SCREENSHOT[:24] not in life.said[place]


INTERNALS = ["127.0.0.1", "http", "ProviderFault", "NexyError", "Gemini", "Azure", "OpenAI", "Optional("]


@pytest.mark.parametrize("internal", INTERNALS)
def test_errors_of_clients_hold_no_internals(life, internal):
    messages = [message for one in life.heard for message in one.errors]
    assert messages and [message for message in messages if internal.lower() in message.lower()] == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_keys_and_words_follow_no_redirect(serve, status):
    with MODELS["gemini"]() as fake, Stranger() as stranger:
        server = start(serve, gemini_settings(fake) | {"LLM_PROVIDER": "gemini"}, speak_with_tone())
        fake.plays.otherwise = play(fault=Redirect(f"{stranger.origin}/v1beta/elsewhere", status))
        assert server.client.turn(question(1)).code.name == "OK"
        assert stranger.exchanges == [] and len(fake.exchanges) == 1


def test_no_key_is_sent_to_whom_a_certificate_does_not_vouch_for(serve):
    with MODELS["gemini"](tls=self_signed()) as fake:
        server = start(serve, gemini_settings(fake) | {"LLM_PROVIDER": "gemini"}, speak_with_tone())
        assert server.client.turn(question(1)).code.name == "OK"
        assert fake.exchanges == []


def test_the_key_of_the_models_goes_to_no_other_server(serve):
    with OpenAISpeech() as voice:
        settings = {"OPENAI_API_KEY": OPENAI_KEY, "OPENAI_SPEECH_BASE_URL": voice.base_url, "TTS_PROVIDER": "openai"}
        server = start(serve, settings | {"LLM_PROVIDER": "offline"})
        assert server.client.turn(question(1)).audio
        assert voice.requests and all("authorization" not in request.headers for request in voice.requests)


def test_more_is_told_only_to_whom_asks_for_it(serve):
    """At debug level the log may say more, but never a key."""
    with MODELS["gemini"]() as fake:
        settings = gemini_settings(fake) | {"LLM_PROVIDER": "gemini"}
        server = start(serve, settings | {"LOG_LEVEL": "debug"}, speak_with_tone())
        fake.plays.set(question(1), play(fault=Refusal(401, is_careless=True)))
        server.client.turn(question(1))
        assert eventually(lambda: "decision=degrade" in server.log.text)
        assert GEMINI_KEY not in server.log.text


def test_nobody_can_ask_the_server_for_a_key(serve):
    server = start(serve, gemini_settings(base_url="http://127.0.0.1:9/v1beta"), speak_with_tone())
    connection = http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=5)
    for path in ("/config", "/status?verbose=1", "/health?keys=1", "/debug", "/.env", "/config.env"):
        connection.request("GET", path)
        assert GEMINI_KEY not in connection.getresponse().read().decode()
    connection.close()
