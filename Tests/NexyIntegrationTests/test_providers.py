"""`nexy providers test`: on one screen, whether each provider works, how fast, and what to do if not."""

import json
import time

import pytest

from server import run_nexy
from upstreams.fault_proxy import closed_port
from upstreams.faults import Refusal, Silence
from upstreams.plays import Pause, play
from upstreams.stage import (
    AZURE_KEY,
    BUDGETS,
    GEMINI_KEY,
    KEYS,
    MODELS,
    VOICES,
    azure_settings,
    gemini_settings,
    openai_settings,
    openai_speech_settings,
)


@pytest.fixture
def fakes():
    with MODELS["gemini"]() as gemini, MODELS["openai"]() as openai, VOICES["azure"]() as azure:
        with VOICES["openai"]() as voice:
            made = {"gemini": gemini, "openai": openai, "azure": azure, "openai voice": voice}
            yield made
            assert [fake.objections for fake in made.values()] == [[], [], [], []]


def settings_of(fakes) -> dict[str, str]:
    settings = gemini_settings(fakes["gemini"]) | openai_settings(fakes["openai"]) | azure_settings(fakes["azure"])
    settings |= openai_speech_settings(fakes["openai voice"]) | {"LLM_PROVIDER": "gemini", "LLM_FALLBACK": "openai"}
    return BUDGETS | settings | {"TTS_PROVIDER": "azure", "TTS_FALLBACK": "openai"}


def providers_test(folder, settings: dict[str, str], *arguments: str):
    return run_nexy("providers", "test", *arguments, folder=folder, environment=settings)


def results_of(done) -> dict[tuple[str, str], dict]:
    """The results of the document by kind and name."""
    return {(one["kind"], one["name"]): one for one in json.loads(done.stdout)}


def test_providers_that_work_are_told_with_their_latency(fakes, tmp_path):
    for fake in fakes.values():
        fake.plays.otherwise = play(Pause(0.12), "ready")
    done = providers_test(tmp_path, settings_of(fakes))
    assert done.returncode == 0, done
    assert len(done.stdout.splitlines()) < 30
    for name in ("gemini", "openai", "azure"):
        assert name in done.stdout
    assert all(fake.exchanges for fake in fakes.values())
    document = providers_test(tmp_path, settings_of(fakes), "--json")
    assert document.returncode == 0, document
    results = results_of(document)
    chosen = {("model", "gemini"), ("model", "openai"), ("speech", "azure"), ("speech", "openai")}
    assert results.keys() == chosen and all(one["works"] for one in results.values())
    assert all(0 < one["first_ms"] <= one["whole_ms"] < 5_000 for one in results.values()), results
    assert all(one["whole_ms"] > 100 for one in results.values()), results


@pytest.mark.parametrize(
    ("flag", "asked"), [("--llm", {"gemini", "openai"}), ("--tts", {"azure", "openai voice"})], ids=["llm", "tts"]
)
def test_only_models_or_only_voices_may_be_tested(fakes, tmp_path, flag, asked):
    assert providers_test(tmp_path, settings_of(fakes), flag).returncode == 0
    assert {name for name, fake in fakes.items() if fake.exchanges} == asked


# What is wrong with gemini, and the setting that the remedy must name.
TROUBLES = {
    "key": (play(fault=Refusal(401)), "GEMINI_API_KEY"),
    "model": (play(fault=Refusal(404)), "GEMINI_PRIMARY_MODEL"),
    "silence": (play(fault=Silence()), ""),
    "overload": (play(fault=Refusal(503)), ""),
}


@pytest.mark.parametrize("name", TROUBLES)
def test_what_does_not_work_is_told_with_what_to_do(fakes, tmp_path, name):
    fakes["gemini"].plays.otherwise, setting = TROUBLES[name]
    began = time.monotonic()
    done = providers_test(tmp_path, settings_of(fakes))
    # The budgets of a turn are those of a test.
    assert done.returncode == 1 and time.monotonic() - began < 10, done
    said = done.stdout + done.stderr
    assert setting in said and "gemini" in said.lower()
    assert not any(key in said for key in KEYS)
    # The others are tested all the same.
    assert fakes["openai"].exchanges and fakes["azure"].exchanges


def test_a_provider_that_cannot_be_reached_is_told(fakes, tmp_path):
    with closed_port() as port:
        settings = settings_of(fakes) | {"AZURE_SPEECH_BASE_URL": f"http://127.0.0.1:{port}"}
        done = providers_test(tmp_path, settings)
    assert done.returncode == 1 and "AZURE_SPEECH_BASE_URL" in done.stdout + done.stderr, done


def test_keys_are_named_by_their_ends(fakes, tmp_path):
    done = providers_test(tmp_path, settings_of(fakes), "--json")
    assert GEMINI_KEY[-4:] in done.stdout and AZURE_KEY[-4:] in done.stdout
    assert not any(key in done.stdout + done.stderr for key in KEYS)
