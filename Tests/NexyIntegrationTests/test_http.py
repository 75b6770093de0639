"""The pages of the HTTP side: true values, JSON errors."""

import http.client
import json
import re

import pytest

from script import reply, stall
from server import eventually

PAGES = ["/health", "/status", "/"]


@pytest.fixture(scope="module")
def stage(serve_for_file):
    return serve_for_file(
        replies={"silent": reply("The first sentence is whole. ", fault=stall(1))},
        environment={"SERVER_VERSION": "2.0.0.54", "SERVER_BUILD": "2.0.0.55"},
    )


def test_health_tells_the_versions_of_the_settings(stage):
    answer = stage.request("/health")
    assert answer.status == 200
    facts = answer.json
    assert (facts["status"], facts["latest_version"], facts["latest_build"]) == ("OK", "2.0.0.54", "2.0.0.55")
    assert isinstance(facts["ffmpeg_available"], bool)


def test_health_may_be_cached_for_half_a_minute(stage):
    headers = stage.request("/health").headers
    assert (headers["Cache-Control"], headers["Pragma"], headers["Expires"]) == ("public, max-age=30", "no-cache", "0")
    assert headers["Content-Type"].startswith("application/json")


def test_a_build_that_is_not_set_is_the_version(serve):
    facts = serve(environment={"SERVER_VERSION": "2.0.0.54"}).request("/health").json
    assert facts["latest_build"] == "2.0.0.54"


def test_status_tells_the_real_port_of_grpc(stage):
    answer = stage.request("/status")
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("application/json")
    facts = answer.json
    assert (facts["status"], facts["service"]) == ("running", "voice-assistant")
    assert (facts["latest_version"], facts["latest_build"]) == ("2.0.0.54", "2.0.0.55")
    assert facts["endpoints"]["grpc"] == f"port {stage.grpc_port}"
    assert (facts["endpoints"]["health"], facts["endpoints"]["status"]) == ("/health", "/status")


def test_status_tells_the_real_port_of_updates(stage):
    facts = stage.request("/status").json
    assert (facts["update_server"], facts["endpoints"]["updates"]) == ("enabled", f"port {stage.updates_port}")


def test_status_does_not_promise_an_update_server_that_is_not_there(serve):
    server = serve(environment={"UPDATE_ENABLED": "false"})
    facts = server.request("/status").json
    assert (facts["update_server"], facts["endpoints"]["updates"]) == ("disabled", "disabled")
    assert server.updates_port is None


@pytest.mark.parametrize(
    ("llm", "tts", "model", "voice"),
    [("offline", "espeak", "offline", "espeak"), ("scripted", "tone", "scripted", "tone")],
)
def test_status_and_the_banner_say_which_model_and_which_voice_answer(serve, llm, tts, model, voice):
    server = serve("--llm-provider", llm, tts=tts)
    facts = server.request("/status").json
    assert (facts["model"], facts["voice"]) == (model, voice)
    assert re.search(rf"^  model +{model}", server.output.text, re.MULTILINE)
    assert re.search(rf"^  speech +{voice}", server.output.text, re.MULTILINE)


def test_the_banner_prints_three_addresses_and_the_line_to_type_next(stage):
    banner = stage.output.text
    assert f"127.0.0.1:{stage.grpc_port} (gRPC)" in banner
    assert f"http://127.0.0.1:{stage.http_port}/health" in banner
    assert f"http://127.0.0.1:{stage.http_port}/status" in banner
    following = banner[banner.index("Next") :].splitlines()[1:]
    assert len([line for line in following if line.strip()]) == 1
    assert "Open Safari" in following[0] and str(stage.grpc_port) in following[0]


def test_status_counts_the_turns_that_run(stage):
    assert stage.active_turns == 0
    turns = [stage.begin("silent") for _ in range(3)]
    for turn in turns:
        turn.wait_for("audio_chunk")
    assert stage.active_turns == 3
    for turn in turns:
        turn.cancel()
    assert eventually(lambda: stage.active_turns == 0)


def test_no_page_shows_a_path_of_the_machine(stage):
    bodies = " ".join(stage.request(path).body.decode() for path in [*PAGES, "/nowhere"])
    assert not re.search(r"/(tmp|home|root|usr|etc|var|work|Users|private)\b", bodies), bodies
    assert stage.work.parent.name not in bodies


def test_the_root_says_that_the_server_runs(stage):
    answer = stage.request("/")
    assert answer.status == 200
    assert "Voice Assistant Server is running!" in answer.body.decode()
    assert answer.headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("path", PAGES)
def test_head_answers_with_the_headers_of_get_and_no_body(stage, path):
    get, head = stage.request(path), stage.request(path, "HEAD")
    assert (head.status, head.body) == (200, b"")
    volatile = {"date"}
    headers = [{k.lower(): v for k, v in answer.headers.items() if k.lower() not in volatile} for answer in (get, head)]
    assert headers[0] == headers[1]


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize(
    "path", ["/nowhere", "/health/deeper", "/healthy", "/../etc/passwd", "/%2e%2e/%00", "/updates/appcast.xml"]
)
def test_a_page_that_is_not_there_is_a_json_404(stage, path, method):
    answer = stage.request(path, method)
    assert answer.status == 404
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json["error"]


def test_head_of_a_page_that_is_not_there_is_a_404_without_a_body(stage):
    answer = stage.request("/nowhere", "HEAD")
    assert (answer.status, answer.body) == (404, b"")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_a_method_that_a_page_does_not_take_is_a_json_405(stage, path, method):
    answer = stage.request(path, method)
    assert answer.status == 405
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json["error"]
    assert {word.strip() for word in answer.headers["Allow"].split(",")} == {"GET", "HEAD"}


@pytest.mark.parametrize("path", ["/health?probe=1", "/status?a=b&c", "/health?"])
def test_a_query_changes_nothing(stage, path):
    assert stage.request(path).status == 200


def test_one_connection_serves_many_requests(stage):
    connection = http.client.HTTPConnection("127.0.0.1", stage.http_port, timeout=10)
    try:
        for path in ["/health", "/nowhere", "/status"] * 5:
            connection.request("GET", path)
            json.loads(connection.getresponse().read())
    finally:
        connection.close()
