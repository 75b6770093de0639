"""Where the log goes and what can be read of it: files and their rotation, JSON, statistics; and each RPC told once."""

import json
import signal
from collections import Counter

import grpc
import pytest

from client import new_device, new_session
from events import events_of, of_request, read
from frames import RawClient, request_for, wire
from script import prompt_for, reply, stall
from server import eventually, run_nexy

FIRST = "The first sentence is whole. "
REPLIES = {
    "good": reply("This turn goes well."),
    "failing": reply(FIRST, fault={"kind": "error", "after": 1}),
    "silent": reply(FIRST, fault=stall(1)),
}
SMALLEST = 65_536
FAILURES = {"error", "abort", "reject"}
ENDS = {"complete", "collect_ack", "cancelled"} | FAILURES


def live(server) -> None:
    """Everything that can become of an RPC, once or more."""
    for _ in range(3):
        server.play("good")
    server.play("failing")
    server.play("good", device="unknown")
    device, session = new_device(), new_session()
    server.client.collect("a", sequence=1, device=device, session=session)
    turn = server.begin("silent", device=device, session=session)
    turn.wait_for("audio_chunk")
    server.play("good", device=device, session=session)
    server.client.interrupt(device)
    turn.ended()
    turn = server.begin("silent")
    turn.wait_for("audio_chunk")
    turn.cancel()
    server.play("silent", timeout=0.3)
    server.client.welcome("Hello there.")
    server.client.welcome("😀")
    server.client.report_usage(hardware_id="a", source="x")
    assert eventually(lambda: server.active_turns == 0)


# Requests that no library would send, by what is wrong with them.
MALFORMED = {
    "a tag of nothing": wire.message(b"\xff\xff\xff\xff"),
    "a text that is cut short": wire.message(b"\x0a\x7fshort"),
    "a text that is no UTF-8": wire.message(b"\x0a\x02\xff\xfe"),
    "a compression that was not agreed": wire.message(b"", compressed=1),
    "nothing at all": b"",
    "two messages": wire.message(b"") * 2,
    "a message that is longer than may be": wire.message(b"short", length=1 << 30),
}


def leave_too_early(server) -> None:
    """A request that never comes to its end, and one whose client thinks better of it."""
    client = RawClient(server.grpc_port)
    stream = client.new_stream()
    client.send(*wire.headers(stream, wire.call_headers()), *wire.data(stream, b"\0\0\0\0\x09abc", end=False))
    other = client.new_stream()
    client.send(*wire.headers(other, wire.call_headers()), wire.reset(other))
    client.ping()
    assert client.wait_for(lambda: client.pongs == 1)
    client.close()


@pytest.fixture(scope="module")
def life(serve_for_file, tmp_path_factory):
    """A server that wrote its log to a file as well, after a whole life."""
    path = tmp_path_factory.mktemp("log") / "deep" / "nexy.log"
    server = serve_for_file(replies=REPLIES, environment={"LOG_FILE": str(path), "BACKPRESSURE_MAX_STREAMS": "2"})
    live(server)
    turns = [server.begin("silent") for _ in range(2)]
    for turn in turns:
        turn.wait_for("audio_chunk")
    server.play("good")
    for turn in turns:
        turn.cancel()
    client = RawClient(server.grpc_port)
    for method in wire.METHODS:
        for body in MALFORMED.values():
            client.ended(client.call(body=body, path=wire.SERVICE + method))
    client.close()
    leave_too_early(server)
    assert eventually(lambda: sum(server.metrics().by("nexy_rpc_in_flight").values()) == 0)
    assert server.stop() == 0
    server.log_file = path
    return server


@pytest.fixture(scope="module")
def events(life):
    return events_of(life)


def test_the_file_gets_the_lines_of_standard_error(life):
    written = life.log_file.read_bytes().splitlines(keepends=True)
    assert sorted(written) == sorted(life.log.raw) and len(written) > 50
    assert [path.name for path in life.log_file.parent.iterdir()] == ["nexy.log"]


def test_one_request_id_runs_through_all_lines_of_an_rpc_and_through_no_other(events):
    for request, told in of_request(events).items():
        assert len({event["method"] for event in told}) == 1, told
        sessions = {event["ctx"]["session_id"] for event in told if "session_id" in event["ctx"]}
        assert len(sessions) <= 1, told
    turns = [told for told in of_request(events).values() if any("acquired" in event["decision"] for event in told)]
    assert len(turns) >= 8
    assert not [event for event in events if event["method"] and "request_id" not in event["ctx"]]


def test_every_rpc_has_one_line_at_its_start_and_one_at_its_end(events):
    for request, told in of_request(events).items():
        decisions = [event["decision"] for event in told]
        assert decisions.count("start") == 1 and decisions[0] == "start", decisions
        assert sum(event["dur_ms"] is not None for event in told) == 1 and told[-1]["dur_ms"] is not None, told
        assert decisions[-1] in ENDS and len(ENDS & set(decisions)) == 1, decisions
        assert decisions.count("stream_acquired") == decisions.count("stream_released") <= 1, decisions


def test_every_kind_of_end_was_told(events):
    ends = Counter(event["decision"] for event in events if event["dur_ms"] is not None)
    assert ends.keys() == ENDS, ends


@pytest.fixture(scope="module")
def stage(serve_for_file):
    return serve_for_file(replies=REPLIES)


def told_by(server, ask) -> list[list[dict]]:
    """The events of the RPCs that `ask` makes, once they are over."""
    before = set(of_request(events_of(server)))

    def ended():
        new = [told for request, told in of_request(events_of(server)).items() if request not in before]
        return new if new and all(told[-1]["dur_ms"] is not None for told in new) else None

    ask()
    return eventually(ended) or []


@pytest.mark.parametrize("name", MALFORMED)
def test_a_request_that_cannot_be_read_is_told_and_is_no_fault_of_the_server(stage, name):
    faults = stage.metrics().value("nexy_rpc_faults_total", method="StreamAudio")
    client = RawClient(stage.grpc_port)
    [told] = told_by(stage, lambda: client.ended(client.call(body=MALFORMED[name])))
    client.close()
    # What the transport's guard refuses is answered there; the call's own line can only tell a stream that broke.
    decision = "cancelled" if "longer" in name else "reject"
    assert (told[-1]["decision"], told[-1]["level"]) == (decision, "INFO"), told[-1]
    assert stage.metrics().value("nexy_rpc_faults_total", method="StreamAudio") == faults


def test_a_client_that_leaves_before_its_request_is_whole_has_left(stage):
    told = told_by(stage, lambda: leave_too_early(stage))
    assert [events[-1]["decision"] for events in told] == ["cancelled"] * 2, [events[-1] for events in told]


def test_a_call_that_is_left_as_soon_as_it_is_made_is_told_to_its_end(stage):
    def leave_at_once():
        client = RawClient(stage.grpc_port)
        for _ in range(100):
            stream = client.new_stream()
            body = wire.message(request_for("good").SerializeToString())
            client.send(*wire.call(stream, body), wire.reset(stream))
        client.ping()
        assert client.wait_for(lambda: client.pongs == 1)
        client.close()

    for told in told_by(stage, leave_at_once):
        assert told[-1]["decision"] in ("cancelled", "complete") and told[-1]["dur_ms"] is not None, told
    assert eventually(lambda: sum(stage.metrics().by("nexy_rpc_in_flight").values()) == 0)
    # The log is written beside the work.
    assert eventually(lambda: stage.log.text.count("decision=start") == stage.log.text.count("dur_ms="))


def count(events) -> dict[str, dict]:
    """What `nexy logs stats` must come to, counted here."""
    methods: dict[str, Counter] = {}
    for event in events:
        if not event["method"]:
            continue
        of_method = methods.setdefault(event["method"], Counter())
        if event["decision"] == "start":
            of_method["started"] += 1
        elif event["dur_ms"] is not None:
            of_method["ended"] += 1
            of_method[event["decision"]] += 1
    return methods


def stats_of(path, *arguments: str) -> dict:
    done = run_nexy("logs", "stats", str(path), "--json", *arguments, folder=path.parent)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def assert_counted(stats: dict, events: list[dict]) -> None:
    counted = count(events)
    assert {row["method"] for row in stats["methods"]} == counted.keys()
    for row in stats["methods"]:
        own = counted[row["method"]]
        for name in ("started", "ended", *ENDS):
            assert row[name] == own[name], (row["method"], name)
        assert row["error_rate"] == pytest.approx(own["error"] / own["ended"])
        durations = sorted(
            int(event["dur_ms"])
            for event in events
            if event["method"] == row["method"]
            and event["dur_ms"] is not None
            and event["decision"] in ("complete", "error")
        )
        assert row["latencies"] == len(durations)
        if durations:
            assert row["max_ms"] == durations[-1] and durations[0] <= row["p50_ms"] <= row["p95_ms"] <= durations[-1]


def test_the_statistics_of_a_log_are_those_of_its_events(life, events):
    stats = stats_of(life.log_file)
    assert (stats["lines"], stats["counted_lines"], stats["unreadable_lines"]) == (len(events), len(events), 0)
    assert_counted(stats, events)
    decisions = Counter((event["method"], event["decision"]) for event in events if event["decision"])
    assert {(row["method"], row["decision"]): row["count"] for row in stats["decisions"]} == decisions
    failures = Counter(
        (event["method"], event["decision"], event["ctx"]["error_code"], event["ctx"]["error_type"])
        for event in events
        if event["decision"] in FAILURES and event["dur_ms"] is not None
    )
    assert {
        (row["method"], row["decision"], row["error_code"], row["error_type"]): row["count"]
        for row in stats["failures"]
    } == failures
    classes = Counter(event["ctx"]["error_classified"] for event in events if event["decision"] in FAILURES)
    assert stats["error_classes"] == {**classes, "unclassified": 0}
    assert stats["streams"]["acquired"] == stats["streams"]["released"] and stats["streams"]["open_requests"] == 0
    assert stats["streams"]["active_maximum"] == 2
    types = {row["name"]: row["count"] for row in stats["limits"]["error_types"]}
    assert types["stream_limit_exceeded"] == 1 and types["concurrent_request"] == 1


def test_the_statistics_of_one_method_leave_the_others_out(life, events):
    stats = stats_of(life.log_file, "--method", "StreamAudio")
    assert_counted(stats, [event for event in events if event["method"] == "StreamAudio"])


def test_a_line_that_is_none_is_counted_and_shown(life, tmp_path):
    path = tmp_path / "torn.log"
    path.write_bytes(b"not a line\n" + life.log_file.read_bytes() + b"ts=2026")
    stats = stats_of(path, "--bad")
    assert stats["unreadable_lines"] == 2
    assert [(row["line"], row["excerpt"]) for row in stats["bad_lines"]] == [
        (1, "not a line"),
        (stats["lines"], "ts=2026"),
    ]


def rotated(path) -> list:
    """The files of a log, the oldest first."""
    files = sorted(path.parent.glob(f"{path.name}.*"), key=lambda file: -int(file.suffix[1:]))
    return [*files, path]


@pytest.mark.parametrize("backups", [2, 0, 20])
def test_a_full_file_makes_way_for_a_new_one_and_no_line_is_lost(serve, tmp_path, backups):
    path = tmp_path / "nexy.log"
    server = serve(
        replies=REPLIES,
        environment={
            "LOG_FILE": str(path),
            "LOG_MAX_FILE_SIZE": str(SMALLEST),
            "LOG_BACKUP_COUNT": str(backups),
            "BACKPRESSURE_DEVICE_RATE": "0",
        },
    )
    for number in range(120):
        server.client.collect("a", sequence=1, device=f"device-{number}-{'x' * 900}", session=new_session())
    assert server.stop() == 0
    told = server.log.raw
    files = rotated(path)
    full = sum(len(line) for line in told) // SMALLEST
    assert full >= 3 and len(files) == min(backups, full) + 1, [file.name for file in files]
    assert all(0 < file.stat().st_size <= SMALLEST for file in files)
    kept = b"".join(file.read_bytes() for file in files).splitlines(keepends=True)
    assert kept == told[-len(kept) :], "the newest lines are all there, whole and in order"
    assert backups < 20 or kept == told
    assert len(kept) > (len(files) - 1) * SMALLEST / max(len(line) for line in told)


def test_a_hang_up_opens_the_file_anew_after_it_was_moved(serve, tmp_path):
    path, moved = tmp_path / "nexy.log", tmp_path / "moved.log"
    server = serve(replies=REPLIES, environment={"LOG_FILE": str(path)})
    server.play("good", device="device-1")
    server.log.find("device-1.*dur_ms")
    path.rename(moved)
    server.send(signal.SIGHUP)
    assert eventually(path.exists, within=2), "it is opened before anything is written"
    server.play("good", device="device-2")
    assert server.stop() == 0
    assert "device-1" in moved.read_text() and "device-2" not in moved.read_text()
    assert "device-2" in path.read_text() and "device-1" not in path.read_text()
    assert sorted((moved.read_bytes() + path.read_bytes()).splitlines()) == sorted(
        server.log.text.encode().splitlines()
    )


def test_a_file_that_was_deleted_is_made_anew(serve, tmp_path):
    path = tmp_path / "nexy.log"
    server = serve(replies=REPLIES, environment={"LOG_FILE": str(path)})
    path.unlink()
    server.play("good", device="device-1")
    assert server.stop() == 0
    assert "device-1" in path.read_text()


def test_a_file_that_cannot_be_written_stops_the_start(serve, tmp_path):
    server = serve(replies=REPLIES, ready=False, environment={"LOG_FILE": str(tmp_path)})
    assert server.exit_status() == 1
    assert str(tmp_path) in server.log.text


def test_a_file_of_settings_may_name_the_log(serve, tmp_path):
    server = serve(replies=REPLIES, files={"config.env": "LOG_FILE=nexy.log\nLOG_FORMAT=json\n"})
    server.play("good")
    assert server.stop() == 0
    assert len((server.work / "nexy.log").read_text().splitlines()) == len(server.log.raw)


KEYS = ("ts", "level", "scope", "method", "decision", "ctx", "dur_ms", "msg")


def test_json_lines_tell_the_same_facts(serve):
    told = {}
    for form in ("decision", "json"):
        server = serve(replies=REPLIES, environment={"LOG_FORMAT": form})
        live(server)
        assert server.stop() == 0
        lines = [line.decode().removesuffix("\n") for line in server.log.raw]
        told[form] = [json.loads(line) if form == "json" else read(line) for line in lines]
    for event in told["json"]:
        assert list(event) == [key for key in KEYS if key in event]
        assert event["ts"].endswith("+00:00") and isinstance(event.get("dur_ms", 0), int)

    def facts(events: list[dict]) -> Counter:
        names = ("level", "scope", "method", "decision")
        return Counter(
            (*(event.get(name) for name in names), *sorted(event["ctx"]), "dur_ms" in event) for event in events
        )

    plain = [{key: value for key, value in event.items() if value is not None} for event in told["decision"]]
    assert facts(plain) == facts(told["json"])


def test_json_lines_are_counted_as_the_others_are(serve, tmp_path):
    path = tmp_path / "nexy.log"
    server = serve(replies=REPLIES, environment={"LOG_FORMAT": "json", "LOG_FILE": str(path)})
    live(server)
    assert server.stop() == 0
    events = [
        {"method": None, "decision": None, "dur_ms": None} | json.loads(line) for line in path.read_text().splitlines()
    ]
    assert_counted(stats_of(path), events)


def test_a_turn_in_the_log_is_the_turn_of_the_client(serve):
    server = serve(replies=REPLIES)
    device, session = new_device(), new_session()
    heard = server.client.turn(prompt_for("good"), device=device, session=session)
    assert heard.code == grpc.StatusCode.OK
    assert server.stop() == 0
    [told] = [told for told in of_request(events_of(server)).values() if told[0]["ctx"].get("hardware_id") == device]
    assert [event["decision"] for event in told] == ["start", "stream_acquired", "stream_released", "complete"]
    end = told[-1]["ctx"]
    assert end["session_id"] == session and abs(end["audio_ms"] - heard.seconds * 1000) < 2
    assert end["segments"] == 1 and 0 <= end["first_text_ms"] <= end["first_audio_ms"] <= int(told[-1]["dur_ms"]) + 1
