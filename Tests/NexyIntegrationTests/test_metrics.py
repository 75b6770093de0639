"""GET /metrics and the snapshot in the log: a scripted life, and figures that say exactly what happened in it."""

import json
import math
import urllib.request
from collections import Counter
from urllib.error import HTTPError

import grpc
import pytest

from client import new_device, new_session
from events import events_of
from exposition import parse
from frames import RawClient, request_for
from script import prompt_for, reply, stall
from server import eventually

FIRST = "The first sentence is whole. "
REPLIES = {
    "good": reply("This turn goes well."),
    "failing": reply(FIRST, fault={"kind": "error", "after": 1}),
    "empty": reply(),
    "silent": reply(FIRST, fault=stall(1)),
}
GAUGES = ["nexy_turns_active", "nexy_model_calls_in_flight", "nexy_speech_calls_in_flight"]
# What the life below comes to, by method and status.
HANDLED = Counter(
    {
        # Five turns, and eight pieces that were collected.
        ("StreamAudio", "OK"): 13,
        # Two whose model failed, and one that said nothing.
        ("StreamAudio", "UNAVAILABLE"): 3,
        # A bad device, a bad session, and nothing to say.
        ("StreamAudio", "INVALID_ARGUMENT"): 3,
        # One interrupted, two whose client left.
        ("StreamAudio", "CANCELLED"): 3,
        # One whose client's deadline passed.
        ("StreamAudio", "DEADLINE_EXCEEDED"): 1,
        # One too many, and one of a session that runs.
        ("StreamAudio", "RESOURCE_EXHAUSTED"): 2,
        ("InterruptSession", "OK"): 1,
        ("InterruptSession", "INVALID_ARGUMENT"): 1,
        ("GenerateWelcomeAudio", "OK"): 2,
        ("ReportUsage", "OK"): 3,
    }
)
FAULTS = {"StreamAudio": 3}
# Those that went well, failed, had nothing to say, were interrupted or left, and one that was too late.
ADMITTED = 5 + 3 + 1 + 3 + 1


@pytest.fixture(scope="module")
def life(serve_for_file):
    """A server after a life whose every RPC is known, before it stops."""
    server = serve_for_file(replies=REPLIES, environment={"BACKPRESSURE_MAX_STREAMS": "3"})
    server.before = server.metrics()
    for _ in range(5):
        assert server.play("good").code == grpc.StatusCode.OK
    for number in range(8):
        server.client.collect("a", sequence=number, device="collecting", session=new_session())
    for name in ("failing", "failing", "empty"):
        assert server.play(name).code == grpc.StatusCode.UNAVAILABLE
    for bad in (dict(device="unknown"), dict(session="none")):
        server.play("good", **bad)
    server.client.turn("")
    assert eventually(lambda: server.active_turns == 0)

    # Three at once, and no more.
    device, session = new_device(), new_session()
    interrupted = server.begin("silent", device=device, session=session)
    left, kept = server.begin("silent"), server.begin("silent")
    for turn in (interrupted, left, kept):
        turn.wait_for("audio_chunk")
    assert server.play("good").errors[0].startswith("STREAM_LIMIT_EXCEEDED")
    server.during = server.metrics()
    left.cancel()
    assert eventually(lambda: server.active_turns == 2)
    assert server.play("good", session=session).errors[0].startswith("Concurrent request for session_id")
    server.client.interrupt(device)
    interrupted.ended()
    with pytest.raises(grpc.RpcError):
        server.client.interrupt("unknown")
    kept.cancel()
    assert eventually(lambda: server.active_turns == 0)
    late = RawClient(server.grpc_port)
    late.ended(late.call(request_for("silent"), fields={"grpc-timeout": "500m"}))
    late.close()
    server.client.welcome("Hello there.")
    server.client.welcome()
    for _ in range(3):
        server.client.report_usage(hardware_id="a", source="x")
    assert eventually(lambda: server.active_turns == 0)
    eventually(lambda: sum(server.metrics().by("nexy_rpc_in_flight").values()) == 0)
    return server


@pytest.fixture(scope="module")
def page(life):
    return life.metrics()


def test_the_page_is_of_the_format_and_says_so(life):
    answer = life.request("/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert parse(answer.body.decode()).families.keys() >= life.before.families.keys()


def test_a_server_that_has_done_nothing_shows_a_page_without_turns(life):
    assert life.before.by("nexy_rpc_started_total") == {}
    assert [life.before.value(name) for name in GAUGES] == [0] * len(GAUGES)


def test_every_metric_is_told_with_a_sentence(page):
    for family in page.families.values():
        assert family.name.startswith(("nexy_", "process_")) and family.help.endswith("."), family.name


def test_rpcs_are_counted_by_method_and_status(page):
    assert page.by("nexy_rpc_handled_total") == HANDLED
    started = Counter()
    for (method, _), count in HANDLED.items():
        started[method,] += count
    assert page.by("nexy_rpc_started_total") == started


def test_only_what_the_server_or_a_provider_did_wrong_is_a_fault(page):
    assert {method: count for (method,), count in page.by("nexy_rpc_faults_total").items() if count} == FAULTS


def test_turns_are_counted_as_they_get_in_and_as_they_are_refused(page):
    assert page.value("nexy_turns_admitted_total") == ADMITTED
    assert page.by("nexy_turns_refused_total") == {("stream_limit_exceeded",): 1, ("concurrent_request",): 1}


def test_gauges_tell_what_runs_and_return_to_zero(life, page):
    assert life.during.value("nexy_turns_active") == 3
    assert life.during.value("nexy_model_calls_in_flight") == 3
    assert life.during.by("nexy_rpc_in_flight")["StreamAudio",] == 3
    assert [page.value(name) for name in GAUGES] == [0] * len(GAUGES)
    assert set(page.by("nexy_rpc_in_flight").values()) == {0}


def test_every_rpc_has_a_duration_in_the_histogram(page):
    counts = page.by("nexy_rpc_duration_seconds_count")
    assert counts == page.by("nexy_rpc_started_total")
    deadline = 0.5
    assert page.by("nexy_rpc_duration_seconds_sum")["StreamAudio",] > deadline


def test_the_buckets_of_durations_fit_a_millisecond_as_well_as_a_minute(page):
    bounds = [
        float(dict(labels)["le"].replace("Inf", "inf"))
        for labels in page.families["nexy_rpc_duration_seconds"].series("_bucket")
        if dict(labels)["method"] == "StreamAudio"
    ]
    assert bounds[0] <= 0.001 and 60 in bounds and bounds[-1] == math.inf and len(bounds) >= 12


def test_first_text_and_first_audio_are_timed_once_for_each_turn_that_had_them(page):
    """Five good turns, two that failed after a sentence, one that failed with an apology, and four that fell silent."""
    assert page.value("nexy_time_to_first_text_seconds_count") == 12
    assert page.value("nexy_time_to_first_audio_seconds_count") == 12
    assert 0 < page.value("nexy_time_to_first_audio_seconds_sum") < 12


def test_calls_of_the_model_are_counted_by_outcome(page):
    calls = {outcome: count for (_, outcome), count in page.by("nexy_model_calls_total").items()}
    # A reply without anything is well told; it is the turn that fails.
    assert calls == {"ok": 5 + 1, "failed": 2, "cancelled": 4}
    assert page.by("nexy_model_duration_seconds_count") == {("scripted",): 12}


def test_calls_of_the_engine_are_counted_with_the_sound_they_made(page):
    calls = page.by("nexy_speech_calls_total")
    assert calls["tone", "ok"] >= 5 + 2 + 4 + 2 and {engine for engine, _ in calls} == {"tone"}
    assert page.value("nexy_speech_audio_seconds_total") > 5 * 0.3
    assert page.value("nexy_speech_real_time_factor_count") == calls["tone", "ok"]


def test_bytes_are_counted_both_ways(page):
    assert page.value("nexy_sent_bytes_total") > page.value("nexy_speech_audio_seconds_total") * 90_000
    assert 1_000 < page.value("nexy_received_bytes_total") < 100_000


def test_decisions_are_counted_as_the_log_tells_them(life, page):
    def told() -> Counter:
        return Counter((event["decision"], event["method"] or "none") for event in events_of(life) if event["decision"])

    assert eventually(lambda: told() == page.by("nexy_decisions_total"), within=2), told()


def test_the_process_tells_its_memory_and_files(life, page):
    assert 5e6 < page.value("process_resident_memory_bytes") < 2e9
    assert abs(page.value("process_open_fds") - len(life.open_files())) <= 3
    assert page.value("process_cpu_seconds_total") > 0
    assert page.value("nexy_ready") == 1 and page.value("nexy_connections_open") >= 1


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_what_a_proxy_passes_on_is_forbidden(life, header):
    request = urllib.request.Request(f"http://127.0.0.1:{life.http_port}/metrics", headers={header: "203.0.113.9"})
    with pytest.raises(HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    with refused.value as answer:
        assert answer.code == 403 and answer.headers["Content-Type"].startswith("application/json")
        assert "metrics.loopback_only" in json.loads(answer.read())["error"]


def test_metrics_may_be_opened_to_others(serve):
    server = serve(environment={"METRICS_LOOPBACK_ONLY": "false"})
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.http_port}/metrics", headers={"X-Forwarded-For": "203.0.113.9"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200 and parse(answer.read().decode()).value("nexy_ready") == 1


def test_a_method_that_does_not_exist_makes_no_series(serve):
    server = serve(replies=REPLIES)
    for _ in range(3):
        with pytest.raises(grpc.RpcError):
            server.client.call_unknown_method()
    server.play("good")
    assert server.metrics().by("nexy_rpc_started_total") == {("StreamAudio",): 1}


def test_refusals_of_a_device_are_counted_by_reason(serve):
    server = serve(replies=REPLIES, environment={"PREVENT_CONCURRENT_HARDWARE_ID_SESSIONS": "true"})
    device = new_device()
    turn = server.begin("silent", device=device)
    turn.wait_for("audio_chunk")
    for _ in range(2):
        server.play("good", device=device)
    assert server.metrics().by("nexy_turns_refused_total") == {("concurrent_hardware_id",): 2}
    turn.cancel()


def test_the_last_line_of_figures_is_of_the_operator_s_keys(serve):
    server = serve(replies=REPLIES)
    for name in ("good", "good", "good", "failing"):
        server.play(name)
    server.client.turn(prompt_for("good"), device="unknown")
    server.client.welcome("Hello there.")
    assert server.stop() == 0
    [snapshot] = [event for event in events_of(server) if event["decision"] == "snapshot"]
    assert (snapshot["scope"], snapshot["msg"]) == ("metrics", "Metrics snapshot")
    figures = snapshot["ctx"]
    assert figures.keys() == {
        "p95_latency", "error_rate", "decision_rate", "total_requests", "total_errors", "timestamp"
    }  # fmt: skip
    assert figures["total_requests"] == {"StreamAudio": 5, "GenerateWelcomeAudio": 1}
    assert figures["total_errors"] == {"StreamAudio": 1, "GenerateWelcomeAudio": 0}
    assert figures["error_rate"] == {"StreamAudio": 0.2, "GenerateWelcomeAudio": 0}
    slowest = max(
        int(event["dur_ms"]) for event in events_of(server) if event["method"] == "StreamAudio" and event["dur_ms"]
    )
    assert slowest * 0.98 - 1 <= figures["p95_latency"]["StreamAudio"] <= slowest * 1.02 + 2
    rates = figures["decision_rate"]["StreamAudio"]
    assert rates["start"] == pytest.approx(rates["complete"] * 5 / 3, rel=0.01)
    assert rates["stream_acquired"] == pytest.approx(rates["error"] * 4, rel=0.01)


def test_a_server_that_did_nothing_still_writes_its_last_figures(serve):
    server = serve()
    assert server.stop() == 0
    [snapshot] = [event for event in events_of(server) if event["decision"] == "snapshot"]
    assert snapshot["ctx"]["total_requests"] == {} and snapshot["ctx"]["p95_latency"] == {}
