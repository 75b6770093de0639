"""The breakers: a provider that fails is left alone, is tried by one, and comes back; and its calls have a limit."""

import pytest

from client import new_session
from script import reply
from server import eventually
from upstreams.faults import Refusal, Stall
from upstreams.plays import Pause, play
from upstreams.stage import (
    AZURE_KEY,
    GEMINI_KEY,
    GEMINI_SPARE_KEY,
    MODELS,
    VOICES,
    all_at_once,
    assert_answered,
    azure_settings,
    gemini_settings,
    is_offline_answer,
    openai_speech_settings,
    provider_state,
    question,
    speak_with_tone,
    start,
    voices,
)

THRESHOLD = 3
BREAKER = {"CIRCUIT_BREAKER_THRESHOLD": f"{THRESHOLD}", "CIRCUIT_BREAKER_TIMEOUT": "1", "LLM_PROVIDER": "gemini"}
FAILS = play(fault=Refusal(503))
WELL = play("I am well again, thank you.")
SENTENCES = ["This is the first sentence.", "This is the second one."]
REPLIES = {"sentences": reply(*(f"{sentence} " for sentence in SENTENCES))}


@pytest.fixture
def gemini():
    with MODELS["gemini"]() as fake:
        yield fake
        assert fake.objections == []


@pytest.fixture
def azure():
    with VOICES["azure"]() as fake:
        yield fake
        assert fake.objections == []


@pytest.fixture
def server(serve, gemini):
    return start(serve, gemini_settings(gemini), speak_with_tone(), BREAKER)


def fail_until_open(server, fake) -> None:
    """Fails as often as it takes; a slow machine may look when the breaker's second is already over."""
    fake.plays.otherwise = FAILS
    number = 0
    while provider_state(server, fake.name) == "closed":
        assert number < THRESHOLD, server.request("/status").json["providers"]
        assert is_offline_answer(server.client.turn(question(number)), number)
        number += 1


def circuit(server, name: str, kind: str) -> float:
    """What /metrics says of a provider's breaker."""
    series = server.metrics().families["nexy_provider_circuit_state"].series("")
    own = {"provider": name, "kind": kind}.items()
    [state] = [state for labels, state in series.items() if own <= dict(labels).items()]
    return state


def test_a_provider_that_fails_is_left_alone(serve, gemini):
    server = start(serve, gemini_settings(gemini), speak_with_tone(), BREAKER | {"CIRCUIT_BREAKER_TIMEOUT": "60"})
    assert provider_state(server, "gemini") == "closed" and circuit(server, "gemini", "model") == 0
    fail_until_open(server, gemini)
    assert len(gemini.exchanges) == THRESHOLD
    for number in range(20, 23):
        assert is_offline_answer(server.client.turn(question(number)), number)
    assert len(gemini.exchanges) == THRESHOLD, "an open breaker let a call pass"
    assert provider_state(server, "gemini") == "open"
    assert eventually(lambda: circuit(server, "gemini", "model") == 2, within=3)


def test_one_call_tries_whether_it_is_back(server, gemini):
    fail_until_open(server, gemini)
    before = len(gemini.exchanges)
    gemini.plays.otherwise = play(Pause(0.3), "I am well again, thank you.")
    assert eventually(lambda: provider_state(server, "gemini") == "half_open", within=3)
    heard = all_at_once(
        {f"{number}": lambda number=number: server.client.turn(question(number)) for number in range(6)}
    )
    assert len(gemini.exchanges) == before + 1
    answers = [one for one in heard.values() if one.text == "I am well again, thank you."]
    assert len(answers) == 1 and all(one.code.name == "OK" for one in heard.values())
    assert provider_state(server, "gemini") == "closed"
    assert eventually(lambda: circuit(server, "gemini", "model") == 0, within=3)
    assert server.log.find("decision=recover .*gemini", within=5)
    assert_answered(server.client.turn(question(30)), "I am well again, thank you.")


def test_a_probe_that_fails_leaves_it_open(server, gemini):
    fail_until_open(server, gemini)
    before = len(gemini.exchanges)
    assert eventually(lambda: provider_state(server, "gemini") == "half_open", within=3)
    assert is_offline_answer(server.client.turn(question(40)), 40)
    assert len(gemini.exchanges) == before + 1 and provider_state(server, "gemini") == "open"


def test_a_probe_that_is_cancelled_decides_nothing(server, gemini):
    fail_until_open(server, gemini)
    gemini.plays.otherwise = play(fault=Stall(0))
    assert eventually(lambda: provider_state(server, "gemini") == "half_open", within=3)
    before = len(gemini.exchanges)
    turn = server.client.begin(question(41))
    assert eventually(lambda: len(gemini.exchanges) > before)
    turn.cancel()
    assert eventually(lambda: gemini.exchanges[-1].left)
    gemini.plays.otherwise = WELL
    assert_answered(server.client.turn(question(42)), WELL.text)


# What is the request's fault, or nobody's.
INNOCENT = {
    "refused": play(fault=Refusal(400)),
    "blocked question": play(is_blocked=True),
    "blocked answer": play(finish="safety"),
}


@pytest.mark.parametrize("name", INNOCENT)
def test_only_the_provider_s_own_faults_count(server, gemini, name):
    gemini.plays.otherwise = INNOCENT[name]
    for number in range(THRESHOLD + 2):
        assert server.client.turn(question(number)).code.name == "OK"
    assert len(gemini.exchanges) == THRESHOLD + 2 and provider_state(server, "gemini") == "closed"


def test_clients_that_leave_do_not_count(server, gemini):
    gemini.plays.otherwise = play(fault=Stall(0))
    for number in range(THRESHOLD + 2):
        turn = server.client.begin(question(number))
        assert eventually(lambda: len(gemini.exchanges) > number)
        turn.cancel()
        turn.ended()
    assert provider_state(server, "gemini") == "closed"


def test_faults_between_good_answers_do_not_add_up(server, gemini):
    for number in range(2 * THRESHOLD):
        # A fault, and the attempt after it, which goes well.
        gemini.plays.set(question(number), FAILS, WELL)
        assert_answered(server.client.turn(question(number)), WELL.text)
    assert provider_state(server, "gemini") == "closed"


@pytest.mark.parametrize("status", [401, 403])
def test_a_revoked_key_opens_at_once_and_health_says_which(serve, gemini, status):
    settings = gemini_settings(gemini) | BREAKER | {"CIRCUIT_BREAKER_TIMEOUT": "60"}
    server = start(serve, settings, speak_with_tone())
    gemini.plays.otherwise = play(fault=Refusal(status))
    for number in range(3):
        assert is_offline_answer(server.client.turn(question(number)), number)
    assert len(gemini.exchanges) == 1 and provider_state(server, "gemini") == "open"
    health = server.request("/health").json
    assert health["status"] == "degraded", health
    [reason] = [reason for reason in health["reasons"] if GEMINI_KEY[-4:] in reason]
    assert "GEMINI_API_KEY" in reason and GEMINI_KEY not in reason


def test_of_two_keys_health_names_the_one_that_is_refused(serve, gemini):
    settings = gemini_settings(gemini) | BREAKER | {"GEMINI_FALLBACK_API_KEY": GEMINI_SPARE_KEY}
    server = start(serve, settings | {"CIRCUIT_BREAKER_TIMEOUT": "60"}, speak_with_tone())
    gemini.keys.discard(GEMINI_KEY)
    gemini.plays.otherwise = WELL
    for number in range(3):
        assert_answered(server.client.turn(question(number)), WELL.text)
    assert gemini.keys_used("") == [GEMINI_KEY, *[GEMINI_SPARE_KEY] * 3]
    reasons = " ".join(server.request("/health").json["reasons"])
    assert GEMINI_KEY[-4:] in reasons and GEMINI_SPARE_KEY[-4:] not in reasons
    providers = [one for one in server.request("/status").json["providers"] if one["name"] == "gemini"]
    states = {one["key"][-4:]: one["state"] for one in providers}
    assert states == {GEMINI_KEY[-4:]: "open", GEMINI_SPARE_KEY[-4:]: "closed"}


def test_health_is_well_again_when_the_key_is(serve, gemini):
    server = start(serve, gemini_settings(gemini), BREAKER, speak_with_tone())
    gemini.keys.discard(GEMINI_KEY)
    assert is_offline_answer(server.client.turn(question(1)), 1)
    assert server.request("/health").json["status"] == "degraded"
    gemini.keys.add(GEMINI_KEY)
    gemini.plays.otherwise = WELL

    def is_back() -> bool:
        return server.client.turn(question(2)).text == WELL.text

    assert eventually(is_back, within=4)
    assert eventually(lambda: server.request("/health").json["status"] == "OK")


def test_a_voice_has_a_breaker_of_its_own(serve, azure):
    with VOICES["openai"]() as other:
        settings = azure_settings(azure) | openai_speech_settings(other) | BREAKER | {"LLM_PROVIDER": "auto"}
        settings |= {"TTS_PROVIDER": "azure", "TTS_FALLBACK": "openai", "CIRCUIT_BREAKER_TIMEOUT": "60"}
        server = start(serve, settings, replies=REPLIES)
        azure.keys.discard(AZURE_KEY)
        assert voices(server.play("sentences")) == ["openai"] * 2
        asked = len(azure.exchanges)
        assert asked <= 2 and provider_state(server, "azure") == "open"
        assert eventually(lambda: circuit(server, "azure", "speech") == 2, within=3)
        assert voices(server.play("sentences")) == ["openai"] * 2
        assert len(azure.exchanges) == asked
        assert AZURE_KEY[-4:] in " ".join(server.request("/health").json["reasons"])


LIMIT = {"MAX_CONCURRENT_REQUESTS": "2", "LLM_PROVIDER": "gemini"}


def test_calls_at_a_time_have_a_limit_and_all_get_their_turn(serve, gemini):
    server = start(serve, gemini_settings(gemini), speak_with_tone(), LIMIT)
    gemini.plays.otherwise = play("I came in my turn. ", Pause(0.15), "And I am through.")
    heard = all_at_once({f"{number}": lambda: server.client.turn(new_session()) for number in range(8)})
    for one in heard.values():
        assert_answered(one, "I came in my turn. And I am through.")
    assert gemini.most_at_once == 2


def test_who_waits_may_leave_and_holds_nobody_up(serve, gemini):
    server = start(serve, gemini_settings(gemini), speak_with_tone(), LIMIT)
    gemini.plays.otherwise = play("Here I am. ", Pause(0.4), "And gone.")
    first = [server.client.begin(question(number)) for number in range(2)]
    assert eventually(lambda: gemini.at_once == 2)
    waiting = [server.client.begin(question(10 + number)) for number in range(4)]
    assert eventually(lambda: server.active_turns == 6)
    for turn in waiting[:3]:
        turn.cancel()
        assert turn.ended(within=2).code.name == "CANCELLED"
    assert_answered(waiting[3].ended(), "Here I am. And gone.")
    for turn in first:
        assert_answered(turn.ended(), "Here I am. And gone.")
    assert len(gemini.exchanges) == 3
