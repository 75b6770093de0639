"""The fakes themselves: each speaks its format, refuses nonsense and fails as it is told to."""

import http.client
import json

import pytest

from server import eventually
from upstreams.faults import (
    Cut,
    Ended,
    Endless,
    Malformed,
    Page,
    Redirect,
    Refusal,
    Scattered,
    Silence,
    SlowLoris,
    Stall,
)
from upstreams.images import JPEG, PNG, WEBP, media_type
from upstreams.plain_client import CALLS, ask, events_of, gemini_call, text_of
from upstreams.plays import Pause, Thought, Tool, play
from upstreams.stage import GEMINI_KEY, MODELS, OPENAI_KEY

SAYS = ("Hello. ", "Привет, ", "😀 there.")


@pytest.fixture(params=MODELS)
def model(request):
    with MODELS[request.param]() as fake:
        yield fake


@pytest.mark.parametrize("fault", [None, Scattered(), Scattered(7), SlowLoris(0)], ids=str)
def test_a_model_says_what_it_was_told_and_what_it_cost(model, fault):
    model.plays.set("Hi", play(Thought("Hm."), *SAYS, Pause(0.01), fault=fault))
    status, _, body = ask(model.port, CALLS[model.name]())
    assert (status, text_of(model.name, body)) == (200, "".join(SAYS))
    last = events_of(body)[-1]
    if model.name == "gemini":
        assert last["candidates"][0]["finishReason"] == "STOP"
        assert (last["usageMetadata"]["promptTokenCount"], last["usageMetadata"]["candidatesTokenCount"]) == (31, 17)
    else:
        assert body.endswith(b"data: [DONE]\n\n")
        assert last["choices"] == [] and (last["usage"]["prompt_tokens"], last["usage"]["completion_tokens"]) == (
            41,
            19,
        )
    assert model.objections == [] and eventually(lambda: model.exchanges[0].is_over)
    assert model.exchanges[0].left is None


def test_a_tool_is_called_whole_by_gemini_and_in_fragments_by_openai(model):
    model.plays.set("Hi", play(Tool("open_app", {"app_name": "Сафари"})))
    _, _, body = ask(model.port, CALLS[model.name]())
    if model.name == "gemini":
        call = events_of(body)[0]["candidates"][0]["content"]["parts"][0]["functionCall"]
        assert call == {"name": "open_app", "args": {"app_name": "Сафари"}}
        return
    calls = [choice["delta"].get("tool_calls") for event in events_of(body) for choice in event["choices"]]
    fragments = [call[0]["function"] for call in calls if call]
    assert fragments[0]["name"] == "open_app" and len(fragments) > 3
    assert json.loads("".join(fragment["arguments"] for fragment in fragments)) == {"app_name": "Сафари"}


def test_plays_follow_one_another_and_the_last_stays(model):
    model.plays.set("Hi", play(fault=Refusal(503)), play("Good."))
    assert [ask(model.port, CALLS[model.name]())[0] for _ in range(3)] == [503, 200, 200]
    assert len(model.asked("Hi")) == 3 and model.asked("Ho") == []


NONSENSE = {
    "gemini": [
        dict(contents=[]),
        dict(content=[]),
        dict(contents=[{"role": "model", "parts": [{"text": "a"}]}]),
        dict(contents=[{"role": "user", "parts": []}]),
        dict(contents=[{"role": "user", "parts": [{"inlineData": {"mimeType": "image/png", "data": "////"}}]}]),
        dict(generationConfig={"temperature": 3}),
        dict(generationConfig={"max_tokens": 3}),
        dict(tools=[{"googleSearch": {}}, {"functionDeclarations": [{"name": "a", "description": "b"}]}]),
        dict(toolConfig={"functionCallingConfig": {"mode": "AUTO"}}),
        dict(
            tools=[
                {"functionDeclarations": [{"name": "a", "description": "b", "parameters": {"type": "OBJECT"}}]},
            ]
        ),
    ],
    "openai": [
        dict(messages=[]),
        dict(message=[]),
        dict(messages=[{"role": "me", "content": "a"}]),
        dict(messages=[{"role": "user", "content": None}]),
        dict(messages=[{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "http://a/b"}}]}]),
        dict(temperature=3),
        dict(max_tokens=5, max_completion_tokens=5),
        dict(stream=False),
        dict(tools=[]),
        dict(tool_choice="auto"),
    ],
}


@pytest.mark.parametrize(
    ("name", "fields"), [(name, fields) for name, all in NONSENSE.items() for fields in all], ids=str
)
def test_a_model_refuses_nonsense(name, fields):
    with MODELS[name]() as fake:
        status, _, body = ask(fake.port, CALLS[name](**fields))
        assert status == 400 and json.loads(body)["error"]["message"], body
        assert len(fake.objections) == 1


def test_a_model_takes_what_is_sound():
    image = {"inline_data": {"mime_type": "image/png", "data": "iVBORw0KGgo="}}
    declared = {"name": "open_app", "description": "Opens."}
    declared["parameters"] = {
        "type": "OBJECT",
        "properties": {"app_name": {"type": "STRING"}},
        "required": ["app_name"],
    }
    with MODELS["gemini"]() as fake:
        for fields in (
            dict(system_instruction={"parts": [{"text": "Be brief."}]}, tools=[{"google_search": {}}]),
            dict(tools=[{"functionDeclarations": [declared]}], generationConfig={"maxOutputTokens": 5}),
            dict(contents=[{"role": "user", "parts": [image, {"text": "Hi"}]}]),
        ):
            assert ask(fake.port, gemini_call(**fields))[0] == 200, fake.objections


def test_pictures_are_told_by_their_bytes():
    assert [media_type(data) for data in (PNG, JPEG, WEBP, b"GIF89a")] == [
        "image/png",
        "image/jpeg",
        "image/webp",
        None,
    ]


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
def test_a_refusal_is_in_the_provider_s_form(model, status):
    model.plays.set("Hi", play(fault=Refusal(status, retry_after=7, is_careless=True)))
    got, headers, body = ask(model.port, CALLS[model.name]())
    error = json.loads(body)["error"]
    assert got == status and (GEMINI_KEY in error["message"] or OPENAI_KEY in error["message"])
    if model.name == "gemini":
        assert error["code"] == status and error["details"][-1]["retryDelay"] == "7s"
    else:
        assert headers["Retry-After"] == "7" and "type" in error


def test_a_wrong_key_is_named_so(model):
    path, headers, body = CALLS[model.name]()
    wrong = {
        name: text.replace(text[-8:], "00000000") if "ey" in name or "Au" in name else text
        for name, text in headers.items()
    }
    status, _, body = ask(model.port, (path, wrong, body))
    expected = (400, "API_KEY_INVALID") if model.name == "gemini" else (401, "invalid_api_key")
    assert status == expected[0] and expected[1] in body.decode() and model.objections == []


@pytest.mark.parametrize(
    ("fault", "whole"),
    [
        (Cut(0), 0),
        (Cut(1, is_reset=True), 1),
        (Cut(1, within="event"), 1),
        (Cut(1, within="chunk"), 1),
    ],
    ids=str,
)
def test_a_cut_answer_is_never_whole(model, fault, whole):
    model.plays.set("Hi", play(*SAYS, fault=fault))
    with pytest.raises((http.client.HTTPException, OSError)) as broken:
        ask(model.port, CALLS[model.name]())
    if isinstance(broken.value, http.client.IncompleteRead):
        assert broken.value.partial.count(b"\n\n") + broken.value.partial.count(b"\r\n\r\n") == events_in(model, whole)


@pytest.mark.parametrize("fault", [Silence(), Stall(0), Stall(2)], ids=str)
def test_a_silent_model_stays_silent_until_its_client_leaves(model, fault):
    model.plays.set("Hi", play(*SAYS, fault=fault))
    with pytest.raises(TimeoutError):
        ask(model.port, CALLS[model.name](), timeout=0.2)
    assert eventually(lambda: model.exchanges[0].left)
    assert model.at_once == 0 and model.most_at_once == 1


def test_an_endless_event_has_no_end_and_waits_for_its_reader(model):
    model.plays.set("Hi", play(*SAYS, fault=Endless(1)))
    path, headers, body = CALLS[model.name]()
    connection = http.client.HTTPConnection("127.0.0.1", model.port, timeout=5)
    connection.request("POST", path, body, headers)
    read = connection.getresponse().read(1 << 20)
    assert read.endswith(b"x" * 1_000)
    assert eventually(lambda: stands_still(model.exchanges[0])) and model.exchanges[0].sent < 16 << 20
    connection.close()
    assert eventually(lambda: model.exchanges[0].left)


def events_in(model, pieces: int) -> int:
    """OpenAI tells who speaks in an event of its own, which goes out with the first piece."""
    return pieces + (model.name == "openai" and pieces > 0)


def stands_still(exchange) -> bool:
    before = exchange.sent
    return not eventually(lambda: exchange.sent > before, within=0.2)


def test_the_other_faults_are_what_they_are_called(model):
    model.plays.set("page", play(fault=Page()))
    model.plays.set("page2", play(fault=Page(200)))
    model.plays.set("redirect", play(fault=Redirect("http://127.0.0.1:1/elsewhere")))
    model.plays.set("malformed", play(*SAYS, fault=Malformed(1)))
    model.plays.set("ended", play(*SAYS, fault=Ended(1)))
    call = CALLS[model.name]
    status, headers, body = ask(model.port, call("page"))
    assert (status, headers["Content-Type"]) == (502, "text/html; charset=utf-8") and b"<html>" in body
    status, headers, _ = ask(model.port, call("redirect"))
    assert (status, headers["Location"]) == (307, "http://127.0.0.1:1/elsewhere")
    with pytest.raises(ValueError):
        events_of(ask(model.port, call("malformed"))[2])
    assert len(events_of(ask(model.port, call("ended"))[2])) == events_in(model, 1)


def test_a_connection_is_kept_for_the_next_request(model):
    path, headers, body = CALLS[model.name]()
    connection = http.client.HTTPConnection("127.0.0.1", model.port, timeout=5)
    for _ in range(3):
        connection.request("POST", path, body, headers)
        assert connection.getresponse().read()
    connection.close()
    assert {exchange.connection for exchange in model.exchanges} == {1}


def test_a_request_in_chunks_is_read_whole(model):
    path, headers, body = CALLS[model.name]()
    connection = http.client.HTTPConnection("127.0.0.1", model.port, timeout=5)
    pieces = (body[at : at + 10] for at in range(0, len(body), 10))
    connection.request("POST", path, pieces, headers | {"Transfer-Encoding": "chunked"}, encode_chunked=True)
    assert connection.getresponse().status == 200
    connection.close()
    assert model.requests[0].body == body
