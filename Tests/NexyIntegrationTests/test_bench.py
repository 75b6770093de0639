"""`nexy bench`: every subcommand works, says what it found in one shape, and says plainly when nobody answers."""

import json
import signal
import socket
import subprocess
import sys

import pytest

from contract import REPOSITORY
from script import prompt_for, reply
from server import BINARY, clean_environment, eventually, run_nexy

BRIEF = ("--seconds", "0.5", "--warm-up", "0.1", "--rounds", "1")
KEYS = {"nexy_bench", "name", "date", "machine", "settings", "rounds"}
# What each brief run measures, by its arguments.
RUNS = {
    "turn": (("--turns", "5", "--rounds", "1"), {"first_audio", "whole"}),
    "latency": (("--turns", "2", "--first-delta", "10", "--delta", "2"), {"first_audio", "added", "longest_gap"}),
    "cancel": (("--turns", "10", "--in-flight", "2"), {"model", "engine"}),
    "streams": (("--in-flight", "2", *BRIEF), {"first_audio", "whole"}),
    "updates": (("--megabytes", "1", "--in-flight", "2", *BRIEF), {"feed", "download"}),
}


@pytest.fixture
def bench(tmp_path):
    def run(*arguments):
        return run_nexy("bench", *arguments, folder=tmp_path, within=120)

    return run


@pytest.fixture(scope="module")
def stage(serve_for_file):
    return serve_for_file(replies={"good": reply("Hello to you there. ", "How are you?"), "mute": reply("…")})


def document(done) -> dict:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", RUNS)
def test_every_subcommand_prints_the_same_shape(bench, name):
    arguments, latencies = RUNS[name]
    run = document(bench(name, *arguments, "--json"))
    assert run.keys() == KEYS and run["name"] == name and run["nexy_bench"] == 1
    assert run["machine"].keys() == {"processor", "cores", "memory", "system", "build"}
    for each in run["rounds"]:
        assert each["count"] > 0 and not each["errors"] and each["per_second"] > 0
        assert each["latencies"].keys() == latencies
        for figures in each["latencies"].values():
            assert 0 <= figures["p50"] <= figures["p95"] <= figures["p99"] <= figures["max"]


def test_a_server_that_runs_already_is_asked_at_the_rate_that_is_named(bench, stage):
    before = stage.metrics()
    run = document(
        bench(
            *("streams", "--port", str(stage.grpc_port), "--prompt", prompt_for("good"), "--in-flight", "8"),
            *("--rate", "20", "--seconds", "1", "--warm-up", "0.5", "--rounds", "1", "--json"),
        )
    )
    assert run["settings"]["loop"] == "open"
    assert run["rounds"][0]["count"] == 20
    assert run["rounds"][0]["amounts"]["turns_with_warm_up"] == 30
    assert stage.metrics() != before


def test_a_peer_takes_turns_with_the_server(bench, stage):
    # Any path of any server will do for a feed.
    address = f"http://127.0.0.1:{stage.http_port}"
    servers = ("--url", address, "--peer", address, "--feed", "/health", "--download", "none")
    run = document(bench("updates", *servers, *BRIEF[:4], "--rounds", "2", "--json"))
    assert [each["subject"] for each in run["rounds"]] == ["nexy", "peer", "nexy", "peer"]


def children(parent: int) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(parent)], capture_output=True, text=True)
    return [int(line) for line in found.stdout.split()]


def is_running(process: int) -> bool:
    return subprocess.run(["kill", "-0", str(process)], capture_output=True).returncode == 0


def test_a_signal_ends_the_server_with_its_benchmark(tmp_path):
    bench = subprocess.Popen(
        [str(BINARY), "bench", "streams", "--in-flight", "1", "--seconds", "60"],
        cwd=tmp_path,
        env=clean_environment(tmp_path, {"TMPDIR": str(tmp_path)}),
        stderr=subprocess.PIPE,
    )
    try:
        assert eventually(lambda: children(bench.pid)), "no server was started"
        (server,) = children(bench.pid)
        bench.send_signal(signal.SIGTERM)
        assert bench.wait(20) == 1
        assert b"stopped by a signal" in bench.stderr.read()
        assert eventually(lambda: not is_running(server)), "the server outlives its benchmark"
        assert not list(tmp_path.glob("nexy-bench-*")), "its folder is left"
    finally:
        bench.kill()
        bench.wait(10)


@pytest.fixture
def echo():
    """The port of the peer in Python."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    peer = subprocess.Popen([sys.executable, str(REPOSITORY / "Benchmarks" / "peers" / "echo.py"), str(port)])

    def answers() -> bool:
        with socket.socket() as caller:
            return caller.connect_ex(("127.0.0.1", port)) == 0

    try:
        assert eventually(answers), "the peer does not listen"
        yield port
    finally:
        peer.kill()
        peer.wait(10)


def test_a_peer_sends_as_much_as_the_server(bench, echo):
    brief = ("--in-flight", "1", *BRIEF, "--json")
    ours = document(bench("streams", *brief))["rounds"][0]["amounts"]
    theirs = document(bench("streams", "--port", str(echo), *brief))["rounds"][0]["amounts"]
    assert theirs["messages_per_turn"] == ours["messages_per_turn"]
    assert theirs["audio_bytes_per_turn"] == pytest.approx(ours["audio_bytes_per_turn"], rel=0.001)


@pytest.mark.parametrize(
    "arguments",
    [
        ("streams", "--port", "1"),
        ("streams", "--host", "no.invalid", "--port", "1"),
        ("updates", "--url", "http://127.0.0.1:1"),
    ],
)
def test_where_nobody_answers_one_line_says_so(bench, arguments):
    done = bench(*arguments)
    assert done.returncode == 1 and not done.stdout
    assert "does not answer" in done.stderr.splitlines()[0]


def test_a_server_whose_turns_fail_brings_no_figures(bench, stage):
    done = bench("streams", "--port", str(stage.grpc_port), "--prompt", prompt_for("mute"), *BRIEF)
    assert done.returncode == 1 and not done.stdout
    assert "unavailable" in done.stderr


def test_two_runs_are_compared_and_what_is_no_run_is_refused(bench, tmp_path):
    printed = bench("turn", "--turns", "5", "--rounds", "2", "--json").stdout
    run, other = tmp_path / "run.json", tmp_path / "other.json"
    run.write_text(printed)
    twice = json.loads(printed)
    for each in twice["rounds"]:
        each["per_second"] *= 2
    other.write_text(json.dumps(twice))
    figures = document(bench("compare", str(run), str(other), "--json"))["figures"]
    rates = {figure["subject"]: figure for figure in figures if figure["name"] == "per_second"}
    assert rates.keys() == {"nexy", "peer"}
    for rate in rates.values():
        assert rate["ratio"] == pytest.approx(2)
        assert rate["lowest"] <= rate["ratio"] <= rate["highest"]
    assert "per_second" in bench("compare", str(run), str(other)).stdout
    other.write_text("300 turns/s")
    for path in (other, tmp_path / "nowhere.json"):
        done = bench("compare", str(run), str(path))
        assert done.returncode == 1 and str(path) in done.stderr
