"""Checks of healthy servers that are not as usual, and of servers that answer what nobody should believe."""

import http.server
import json
import socket
import threading
from contextlib import closing
from dataclasses import replace

import pytest

from funnel import free_ports
from mutant_health import STATUS, edited, page
from mutants import Stage, check, failed, where
from mutation import Mutation
from releases import CONTENT, Key, Releases, start
from script import reply, text
from server import run_nexy

VERSION = "2.0.0.16"


@pytest.fixture
def kept(tmp_path):
    return Key(tmp_path)


@pytest.fixture
def published(serve, kept):
    """Starts a server whose stable release it serves itself; `beta` are the members of a manifest of the other channel."""

    def at(settings: dict[str, str] | None = None, beta: dict | None = None, **more):
        (port,) = free_ports(1)
        public = f"http://127.0.0.1:{port}/updates/downloads"
        stable = Releases.manifest(VERSION, CONTENT, url=f"{public}/Nexy.dmg", ed25519=kept.sign(CONTENT))
        if beta is not None:
            beta = stable | beta
            beta["artifact"] = stable["artifact"] | {"url": f"{public}/Nexy-beta.dmg"}
        settings = {
            "UPDATE_BETA_ENABLED": "true",
            "UPDATE_PUBLIC_KEY": kept.public,
            "UPDATE_ALLOWED_HOSTS": f"127.0.0.1:{port}",
            "LOG_FILE": "nexy.log",
            "LLM_PROVIDER": "offline",
        } | (settings or {})
        server, releases = start(serve, stable, beta, settings, ports=(0, 0, port), **more)
        releases.artifact("Nexy.dmg")
        releases.artifact("Nexy-beta.dmg")
        return server

    return at


def ports(server) -> dict[str, int]:
    # Where the update server is off, nobody is at home there.
    return {"voice": server.grpc_port, "http": server.http_port, "updates": server.updates_port or free_ports(1)[0]}


def look(server, kept, family: str, *more: str) -> tuple[int, dict[str, dict]]:
    status, report = check(family, *where(ports(server)), *more, folder=server.work, key=kept.public)
    assert (status == 0) == (report["verdict"] == "passed")
    return status, {point["id"]: point for point in report["points"]}


def faults(points: dict[str, dict]) -> list[str]:
    return failed({"points": points.values()})


def skipped(points: dict[str, dict]) -> set[str]:
    return {name for name, point in points.items() if point["verdict"] == "skipped"}


def test_a_log_of_json_tells_as_much(published, kept):
    server = published({"LOG_FORMAT": "json"})
    status, points = look(server, kept, "interceptors", "--log", str(server.work / "nexy.log"))
    assert status == 0, faults(points)
    assert points["interceptors.log"]["verdict"] == points["interceptors.log.refusal"]["verdict"] == "passed"


def test_a_model_that_thinks_for_longer_than_a_deadline(published, kept):
    """A turn whose deadline passes before it speaks gives its slot back too."""
    server = published(replies={"anything": reply(*[text("A sentence of a slow model. ", 1300)] * 9) | {"when": "a"}})
    status, points = look(server, kept, "interceptors")
    assert status == 0, faults(points)
    assert points["interceptors.deadline.slot"]["verdict"] == "passed"


def test_limits_at_their_ends(published, kept):
    """Chunks that hold whole cycles of many tones, and the greatest picture."""
    server = published({"STREAMING_CHUNK_SIZE": "2000", "IMAGE_MAX_SIZE": str(11 << 20)})
    status, points = look(server, kept, "contract", "--repeats", "1")
    assert status == 0, faults(points)


def test_an_open_gate_without_a_beta(published, kept):
    status, points = look(published(), kept, "updates")
    assert status == 0, faults(points)
    assert points["updates.gate"]["verdict"] == "passed"
    assert "updates.beta.feed" in skipped(points)


def test_a_closed_gate_names_what_is_not_looked_at(published, kept):
    status, points = look(published({"UPDATE_BETA_ENABLED": "false"}), kept, "updates")
    assert status == 0, faults(points)
    assert "updates.beta.feed" in skipped(points)


def test_a_beta_that_was_promoted(published, kept):
    """The stable manifest has another day and another address than the beta's, and is the one that is told."""
    server = published(beta={"release_date": "2026-01-02T03:04:05Z", "notes_url": "https://github.com/nexy/beta"})
    status, points = look(server, kept, "updates")
    assert status == 0, faults(points)
    assert points["updates.beta.agreement"]["verdict"] == "passed"


def test_updates_that_are_off_are_skipped(published, kept):
    server = published({"UPDATE_ENABLED": "false"})
    status, points = look(server, kept, "health")
    assert status == 0, faults(points)
    assert {"health.updates", "health.updates.cache"} <= skipped(points)
    status, points = look(server, kept, "updates")
    # A run in which nothing was looked at has not passed.
    assert status == 1 and skipped(points) == set(points), points


def test_a_limit_beyond_what_a_check_opens(published, kept):
    status, points = look(published({"BACKPRESSURE_MAX_STREAMS": "501"}), kept, "backpressure")
    assert status == 0, faults(points)
    assert {"backpressure.limit", "backpressure.surplus", "backpressure.again"} <= skipped(points)
    assert points["backpressure.session"]["verdict"] == "passed"


@pytest.fixture(scope="module")
def stage(serve_for_file, tmp_path_factory):
    stage = Stage(serve_for_file, tmp_path_factory.mktemp("stage"))
    yield stage
    stage.close()


ODD_LIMITS = [
    {"idle_seconds": 1e19},
    {"idle_seconds": 1e300},
    {"idle_seconds": -1},
    {"turns_per_device": 2**63 - 1, "turns": 2**62},
    {"turns_per_device": 10**9, "turns": 10**9 + 1},
    {"device_requests_per_second": 2**63 - 1},
    {"turns": "many", "turns_per_device": None, "idle_seconds": [], "device_requests_per_second": {}},
]


@pytest.mark.parametrize("limits", ODD_LIMITS, ids=str)
def test_odd_limits_end_no_check(stage, limits):
    @edited(STATUS)
    def change(told: dict) -> None:
        told["limits"] |= limits

    status, report = stage.check("backpressure", mutation(web=change))
    named = [point["id"] for point in report["points"]]
    assert status in (0, 1) and len(named) == len(set(named)) == 11, report


def test_a_status_that_goes_away_takes_no_report_with_it(stage):
    """From the second time on it is not answered, as by a server that falls over under its crowd."""
    asked = []

    @page(STATUS)
    def change(answer):
        asked.append(answer)
        return answer if len(asked) < 2 else replace(answer, status=503).saying(b"")

    status, report = stage.check("backpressure", mutation(web=change))
    points = {point["id"]: point["verdict"] for point in report["points"]}
    assert status == 1 and len(points) == 11, report
    assert points["backpressure.limit"] == points["backpressure.again"] == "failed", points


def mutation(**how) -> Mutation:
    return Mutation("odd", "an answer that nobody expects", "backpressure", "", **how)


class Silent(http.server.BaseHTTPRequestHandler):
    """Begins an answer and never ends it."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "10")
        self.end_headers()
        self.server.over.wait(60)

    def log_message(self, *_) -> None:
        pass


@pytest.mark.parametrize("family", ["health", "backpressure", "updates"])
def test_an_answer_without_end_ends_the_check(family, tmp_path):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Silent)
    server.daemon_threads, server.over = True, threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        ports = dict.fromkeys(["voice", "http", "updates"], server.server_port)
        done = run_nexy("check", family, *where(ports), "--timeout", "0.5", "--json", folder=tmp_path, within=60)
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()
    points = json.loads(done.stdout)["points"]
    assert done.returncode == 1 and points and not any(point["verdict"] == "passed" for point in points), done.stdout


def test_who_hangs_up_has_refused_nothing(tmp_path):
    """A port that takes a connection and ends it is no server that refuses what is no call."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def hang_up() -> None:
            while True:
                try:
                    listener.accept()[0].close()
                except OSError:
                    return

        threading.Thread(target=hang_up, daemon=True).start()
        arguments = ["check", "interceptors", "127.0.0.1", str(listener.getsockname()[1]), "--timeout", "1", "--json"]
        done = run_nexy(*arguments, folder=tmp_path, within=120)
        listener.shutdown(socket.SHUT_RDWR)
    points = {point["id"]: point["verdict"] for point in json.loads(done.stdout)["points"]}
    assert done.returncode == 1
    assert points["interceptors.content_type"] == points["interceptors.malformed"] == "failed", points
