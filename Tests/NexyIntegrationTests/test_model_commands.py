"""Commands of a language model, as JSON and as calls of tools, and what cannot be mixed."""

import pytest

from client import new_session
from upstreams.faults import Scattered
from upstreams.plays import Tool, play
from upstreams.stage import (
    GEMINI_KEY,
    MODEL_SETTINGS,
    MODELS,
    assert_all_spoken,
    assert_answered,
    assert_ended_well,
    gemini_settings,
    speak_with_tone,
    start,
)

FIRST = "The first sentence is whole. "
OPEN_SAFARI = {"app_name": "Safari"}


@pytest.mark.parametrize("name", MODELS)
def test_a_command_in_json_is_done(serve, name):
    reply = '{"session_id": "x", "command": "open_app", "args": {"app_name": "Safari"}, "text": "I am opening Safari."}'
    with MODELS[name]() as fake:
        settings = MODEL_SETTINGS[name](fake) | {"LLM_PROVIDER": name, "LLM_REPLY": "json"}
        server = start(serve, settings, speak_with_tone())
        fake.plays.otherwise = play(*(reply[at : at + 9] for at in range(0, len(reply), 9)), fault=Scattered(7))
        session = new_session()
        heard = server.client.turn("Open Safari, please", session=session)
        assert_ended_well(heard)
        assert heard.text == "I am opening Safari." and heard.kinds[-2:] == ["action_message", "end_message"]
        assert heard.command == {"session_id": session, "command": "open_app", "args": OPEN_SAFARI}
        assert "functionDeclarations" not in fake.requests[0].text and '"function"' not in fake.requests[0].text
        assert fake.objections == []


@pytest.mark.parametrize("name", MODELS)
def test_a_command_as_a_call_of_a_tool_is_done(serve, name):
    with MODELS[name]() as fake:
        settings = MODEL_SETTINGS[name](fake) | {"LLM_PROVIDER": name, "TEXT_PROCESSING_TOOLS": "none"}
        server = start(serve, settings | {"LLM_REPLY": "tools"}, speak_with_tone())
        fake.plays.otherwise = play("I am opening Safari.", Tool("open_app", OPEN_SAFARI))
        session = new_session()
        heard = server.client.turn("Open Safari, please", session=session)
        assert_ended_well(heard)
        assert heard.text.strip() == "I am opening Safari." and heard.kinds[-2:] == ["action_message", "end_message"]
        assert heard.command == {"session_id": session, "command": "open_app", "args": OPEN_SAFARI}
        fake.plays.otherwise = play(Tool("open_app", OPEN_SAFARI))
        alone = server.client.turn("Open Safari")
        assert_ended_well(alone)
        assert_all_spoken(alone)
        assert alone.command["args"] == OPEN_SAFARI
        assert "open_app" in fake.requests[0].text and "send_whatsapp_message" not in fake.requests[0].text
        fake.plays.otherwise = play(FIRST, Tool("format_disk", {}))
        assert_answered(server.client.turn("Do harm"), FIRST)
        assert fake.objections == []


def test_search_and_tools_together_are_refused_at_the_start(serve):
    settings = gemini_settings(base_url="http://127.0.0.1:9/v1beta") | {"LLM_PROVIDER": "gemini", "LLM_REPLY": "tools"}
    server = start(serve, settings | {"TEXT_PROCESSING_TOOLS": "google_search"}, speak_with_tone(), ready=False)
    assert server.exit_status() != 0
    said = server.log.text + server.output.text
    assert "LLM_REPLY" in said and "TEXT_PROCESSING_TOOLS" in said and GEMINI_KEY not in said
