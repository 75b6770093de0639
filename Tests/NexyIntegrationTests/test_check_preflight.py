"""The preflight and the gate against a real server on its own machine."""

import hashlib
import json
import subprocess

import pytest

from server import BINARY, clean_environment


def check(kind, server, *more, folder=None, environment=None, host="127.0.0.1"):
    done = subprocess.run(
        [BINARY, "check", kind, host, str(server.grpc_port), "--http-port", str(server.http_port), "--json"]
        + ["--updates-port", str(server.updates_port), *map(str, more)],
        capture_output=True,
        text=True,
        timeout=240,
        cwd=folder or server.work,
        env=clean_environment(server.home, environment),
    )
    assert done.returncode in (0, 1), done.stderr
    points = {point["id"]: point for point in json.loads(done.stdout)["points"]}
    assert (done.returncode == 1) == any(point["verdict"] == "failed" for point in points.values())
    return points


def verdict(points, name):
    return points[name]["verdict"]


@pytest.fixture(scope="module")
def server(serve_for_file):
    server = serve_for_file(files={"config.env": "LOG_FILE=nexy.log\nTTS_PROVIDER=tone\n"})
    (server.work / "config.env").chmod(0o640)
    return server


def test_a_good_machine_passes_and_names_what_it_did_not_look_at(server):
    points = check("preflight", server)
    mine = {name: point["verdict"] for name, point in points.items() if name.startswith("preflight.")}
    assert [name for name, told in mine.items() if told == "failed"] == []
    assert sorted(name for name, told in mine.items() if told == "skipped") == [
        "preflight.checksum.binary",
        "preflight.checksum.configuration",
        "preflight.nginx.read",
    ]
    # What is skipped says what it saw: the running server's own bytes.
    sum_of_binary = hashlib.sha256(BINARY.read_bytes()).hexdigest()
    assert points["preflight.checksum.binary"]["observed"].startswith(
        f"{sum_of_binary} of the server (process {server.process.pid})"
    )
    assert f"process {server.process.pid}" in points["preflight.files"]["observed"]


def test_checksums_are_compared_with_what_was_approved(server, tmp_path):
    baseline = tmp_path / "baseline.json"
    written = check("preflight", server, "--write-baseline", baseline)
    assert verdict(written, "preflight.checksum.baseline") == "passed"
    same = check("preflight", server, "--baseline", baseline)
    assert verdict(same, "preflight.checksum.binary") == verdict(same, "preflight.checksum.configuration") == "passed"

    lines = "".join(f"{hashlib.sha256((server.work / 'config.env').read_bytes()).hexdigest()}  config.env\n")
    sums = {
        "--binary-sha256": hashlib.sha256(BINARY.read_bytes()).hexdigest().upper(),
        "--config-sha256": hashlib.sha256(lines.encode()).hexdigest(),
    }
    given = check("preflight", server, *[word for pair in sums.items() for word in pair])
    assert verdict(given, "preflight.checksum.binary") == verdict(given, "preflight.checksum.configuration") == "passed"

    wrong = check("preflight", server, "--binary-sha256", "0" * 64, "--config-sha256", "0" * 64)
    assert verdict(wrong, "preflight.checksum.binary") == verdict(wrong, "preflight.checksum.configuration") == "failed"

    text = (server.work / "config.env").read_text()
    try:
        (server.work / "config.env").write_text(text + "LOG_BACKUP_COUNT=4\n")
        changed = check("preflight", server, "--baseline", baseline)
    finally:
        (server.work / "config.env").write_text(text)
    assert changed["preflight.checksum.configuration"]["observed"] == "changed since the baseline: config.env"
    baseline.write_text("[]")
    assert verdict(check("preflight", server, "--baseline", baseline), "preflight.checksum.binary") == "failed"


WRONG = {
    "a value that is refused": ("GRPC_PORT=abc\n", {"preflight.configuration.loads"}),
    "a template's key": ("GEMINI_API_KEY=your_key_here\nTTS_PROVIDER=tone\n", {"preflight.configuration.placeholders"}),
    "a missing voice": ("TTS_PROVIDER=espeak\nESPEAK_BINARY=no-such-voice\n", {"preflight.programs"}),
}


@pytest.mark.parametrize("text, failing", WRONG.values(), ids=WRONG)
def test_wrong_settings_fail_their_own_point(server, tmp_path, text, failing):
    (tmp_path / "config.env").write_text(text)
    (tmp_path / "config.env").chmod(0o600)
    points = check("preflight", server, folder=tmp_path)
    failed = {name for name, point in points.items() if point["verdict"] == "failed" and name.startswith("preflight.")}
    assert failed == failing


def test_settings_that_everybody_can_read_fail(server, tmp_path):
    (tmp_path / "config.env").write_text("TTS_PROVIDER=tone\n")
    (tmp_path / "config.env").chmod(0o644)
    assert verdict(check("preflight", server, folder=tmp_path), "preflight.configuration.private") == "failed"


def test_the_gate_tells_its_points_and_finds_its_own_decision(server):
    points = check("gate", server, "--log", server.work / "nexy.log")
    gate = {name: point["verdict"] for name, point in points.items() if name.startswith("gate.")}
    assert set(gate) == {f"gate.{n}" for n in ("smoke", "log", "contract", "configuration", "updates", "health")}
    assert gate["gate.log"] == "passed", points["gate.log"]
    assert "decision=reject" in points["gate.log"]["observed"]
    assert gate["gate.configuration"] == "passed"
    for family in ["smoke", "health"]:
        seen = {point["verdict"] for name, point in points.items() if name.startswith(f"{family}.")}
        assert gate[f"gate.{family}"] == ("failed" if "failed" in seen else "passed")
    # What nobody looked at is no pass.
    for family in ["contract", "updates"]:
        if not any(name.startswith(f"{family}.") for name in points):
            assert gate[f"gate.{family}"] == "failed"


def test_without_a_log_the_gate_says_so_and_another_log_fails(server, tmp_path):
    assert verdict(check("gate", server), "gate.log") == "skipped"
    (tmp_path / "other.log").write_text("ts=1 decision=complete\n")
    points = check("gate", server, "--timeout", "2", "--log", tmp_path / "other.log")
    assert verdict(points, "gate.log") == "failed"
    assert verdict(check("gate", server, "--log", tmp_path / "none.log"), "gate.log") == "failed"


def test_wrong_usage_is_told(server):
    for words in (["--binary-sha256", "abc"], ["--runtime", "canary"]):
        done = subprocess.run([BINARY, "check", "preflight", *words], capture_output=True, text=True, timeout=60)
        assert done.returncode == 2
