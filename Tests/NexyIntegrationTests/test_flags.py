"""Feature flags and kill switches: what there is, and that a switch acts while the server runs."""

import json
import os
import signal

import grpc
import pytest

from client import new_session
from script import reply, text, tool
from server import eventually, run_nexy

KILL = "NEXY_KS_DISABLE_FORWARD_ASSISTANT_ACTIONS"
KILL_KEY = "kill_switches.disable_forward_assistant_actions"
# Environment name: key, kind, default.
FLAGS = {
    "FORWARD_ASSISTANT_ACTIONS": ("features.forward_assistant_actions", "feature", True),
    "MESSAGES_ENABLED": ("features.messages_enabled", "feature", True),
    "WHATSAPP_ENABLED": ("whatsapp.enabled", "feature", False),
    "BROWSER_USE_ENABLED": ("browser_use.enabled", "feature", False),
    "SCREENSHOTS_ENABLED": ("features.screenshots_enabled", "feature", True),
    "GRPC_REFLECTION_ENABLED": ("features.grpc_reflection", "feature", True),
    "UPDATE_BETA_ENABLED": ("update.beta_enabled", "feature", False),
    KILL: (KILL_KEY, "kill switch", False),
    "NEXY_KS_DISABLE_SCREENSHOTS": ("kill_switches.disable_screenshots", "kill switch", False),
    "NEXY_KS_DISABLE_USAGE_LEDGER": ("kill_switches.disable_usage_ledger", "kill switch", False),
    "USE_MODULE_COORDINATOR": ("features.use_module_coordinator", "retired", True),
    "USE_WORKFLOW_INTEGRATIONS": ("features.use_workflow_integrations", "retired", True),
    "USE_FALLBACK_MANAGER": ("features.use_fallback_manager", "retired", True),
    "NEXY_KS_DISABLE_MODULE_COORDINATOR": ("kill_switches.disable_module_coordinator", "retired", False),
    "NEXY_KS_DISABLE_WORKFLOW_INTEGRATIONS": ("kill_switches.disable_workflow_integrations", "retired", False),
}
SPOKEN = "Opening it for you now."
REPLIES = {
    "action": reply(SPOKEN, tool("open_app", app_name="Safari")),
    "late action": reply(f"{SPOKEN} ", tool("open_app", delay_ms=1_500, app_name="Safari")),
    "late words": reply(tool("open_app", app_name="Safari"), f"{SPOKEN} ", text("And one more thing.", 1_500)),
    "long words": reply(f"{SPOKEN} " * 10, tool("open_app", app_name="Safari")),
    "message": reply(SPOKEN, tool("send_message", contact="Anna", message="Hello")),
    "WhatsApp": reply(SPOKEN, tool("send_whatsapp_message", contact="Anna", message="Hello")),
    "browser": reply(SPOKEN, tool("browser_use", task="Find it")),
}
COMMAND = {"command": "open_app", "args": {"app_name": "Safari"}}


@pytest.fixture
def stage(serve):
    return serve(replies=REPLIES, files={"config.env": f"{KILL}=false\n"})


def write(server, *lines: str) -> None:
    """Replaces config.env as editors do: a new file in the old one's place."""
    new = server.work / "config.env.new"
    new.write_text("".join(f"{line}\n" for line in lines))
    new.replace(server.work / "config.env")


def put_in_force(server, *lines: str) -> None:
    """Replaces config.env and makes the server look at once."""
    write(server, *lines)
    server.send(signal.SIGHUP)


def shows(server, key: str, value: bool) -> bool:
    return server.request("/status").json["flags"][key] == value


def assert_spoken(heard, commands: int) -> None:
    assert heard.code == grpc.StatusCode.OK and heard.text.startswith(SPOKEN) and heard.audio, heard
    assert len(heard.actions) == commands, heard
    if commands:
        assert {key: heard.command[key] for key in COMMAND} == COMMAND


def test_flags_lists_every_flag_with_all_that_is_to_be_known_of_it(tmp_path):
    done = run_nexy("config", "flags", "--json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    rows = {row["environment"]: row for row in json.loads(done.stdout)}
    assert rows.keys() == FLAGS.keys() and len(json.loads(done.stdout)) == len(FLAGS)
    for name, (key, kind, standard) in FLAGS.items():
        row = rows[name]
        assert row.keys() == {"flag", "environment", "kind", "value", "default", "source", "owner", "meaning"}
        assert (row["flag"], row["kind"], row["default"], row["value"]) == (key, kind, standard, standard), row
        assert row["owner"] and len(row["meaning"]) > 15 and row["source"] == "default", row


def test_flags_lists_them_for_people_too(tmp_path):
    done = run_nexy("config", "flags", folder=tmp_path, environment={"WHATSAPP_ENABLED": "true"})
    assert done.returncode == 0
    rows = json.loads(run_nexy("config", "flags", "--json", folder=tmp_path).stdout)
    for row in rows:
        told = done.stdout[done.stdout.index(row["flag"]) :].split("\n", 2)
        assert row["environment"] in told[1] and row["meaning"] in told[0] and row["owner"] in told[0], told
        is_on = row["value"] or row["environment"] == "WHATSAPP_ENABLED"
        assert (" on " if is_on else " off ") in told[0], told
        assert ("default on" if row["default"] else "default off") in told[1], told


# Where a flag may be set, and what is called its source then.
SOURCES = {
    "environment": (dict(environment={KILL: "true"}), "environment"),
    "config.env": (dict(files={"config.env": f"{KILL}=true\n"}), "config.env"),
    "YAML": (
        dict(files={"config/nexy.yaml": "kill_switches:\n  disable_forward_assistant_actions: true\n"}),
        "config/nexy.yaml",
    ),
}


@pytest.mark.parametrize("place", SOURCES)
def test_flags_says_where_a_value_comes_from(tmp_path, place):
    given, source = SOURCES[place]
    for name, content in given.get("files", {}).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    done = run_nexy("config", "flags", "--json", folder=tmp_path, environment=given.get("environment"))
    [row] = [row for row in json.loads(done.stdout) if row["environment"] == KILL]
    assert row["value"] is True and source in row["source"], row


@pytest.mark.parametrize("place", SOURCES)
def test_a_kill_switch_that_is_set_from_the_start_acts(serve, place):
    server = serve(replies=REPLIES, **SOURCES[place][0])
    assert_spoken(server.play("action"), commands=0)


def test_a_kill_switch_is_stronger_than_its_feature(serve):
    server = serve(replies=REPLIES, environment={"FORWARD_ASSISTANT_ACTIONS": "true", KILL: "true"})
    assert_spoken(server.play("action"), commands=0)


def test_commands_are_sent_where_nothing_is_said(serve):
    assert_spoken(serve(replies=REPLIES).play("action"), commands=1)


def test_a_kill_switch_in_a_changed_file_acts_within_a_second_and_so_does_its_end(stage):
    assert_spoken(stage.play("action"), commands=1)
    for value, commands in (("true", 0), ("false", 1), ("true", 0)):
        write(stage, f"{KILL}={value}")
        assert eventually(lambda: shows(stage, KILL_KEY, value == "true"), within=1), value
        assert_spoken(stage.play("action"), commands)
    (stage.work / "config.env").unlink()
    assert eventually(lambda: shows(stage, KILL_KEY, False), within=1), "a file that is gone sets nothing"
    assert_spoken(stage.play("action"), commands=1)


def test_a_kill_switch_acts_at_once_on_a_hang_up(stage):
    """The new file has the size and the time of the old one, so that only the signal can tell."""
    path = stage.work / "config.env"
    old = path.stat()
    with path.open("r+") as file:
        file.write(f"{KILL}=true\n\n")
    os.utime(path, ns=(old.st_atime_ns, old.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_ino) == (old.st_size, old.st_ino)
    stage.send(signal.SIGHUP)
    assert eventually(lambda: shows(stage, KILL_KEY, True), within=1)
    assert_spoken(stage.play("action"), commands=0)
    assert stage.is_healthy()


def test_a_change_is_told_in_the_log(stage):
    write(stage, f"{KILL}=true", "WHATSAPP_ENABLED=true")
    for key in (KILL_KEY, "whatsapp.enabled"):
        stage.log.find(rf'decision=reload ctx={{"flag": "{key}", "value": "?(true|1)"?}} msg=Flag changed', within=1)
    assert len(stage.log.text.split("msg=Flag changed")) == 3


@pytest.mark.parametrize("name", ["late action", "late words"])
def test_a_turn_that_runs_when_the_switch_is_thrown_sends_no_command(stage, name):
    turn = stage.begin(name)
    turn.wait_for("audio_chunk")
    write(stage, f"{KILL}=true")
    assert eventually(lambda: shows(stage, KILL_KEY, True), within=1)
    assert "action_message" not in turn.so_far
    assert_spoken(turn.ended(), commands=0)


def test_a_turn_whose_words_are_still_being_sent_when_the_switch_is_thrown_sends_no_command(serve):
    server = serve(
        replies=REPLIES,
        files={"config.env": f"{KILL}=false\n"},
        environment={"BACKPRESSURE_MAX_RATE": "40"},
    )
    turn = server.begin("long words")
    turn.wait_for("audio_chunk")
    write(server, f"{KILL}=true")
    assert eventually(lambda: shows(server, KILL_KEY, True), within=1)
    assert not {"action_message", "end_message"} & set(turn.so_far), "the turn was too short for this test"
    assert_spoken(turn.ended(), commands=0)


# A feature, and the reply whose command it allows.
FEATURES = {"MESSAGES_ENABLED": "message", "WHATSAPP_ENABLED": "WhatsApp", "BROWSER_USE_ENABLED": "browser"}


def test_features_change_while_the_server_runs(stage):
    for value, commands in (("true", 1), ("false", 0)):
        put_in_force(stage, *(f"{name}={value}" for name in FEATURES))
        assert eventually(lambda: all(shows(stage, FLAGS[name][0], value == "true") for name in FEATURES), within=1)
        for name in FEATURES.values():
            assert len(stage.play(name).actions) == commands, name


def test_the_switch_of_the_usage_ledger_records_nothing_and_says_so(stage):
    assert stage.client.report_usage(hardware_id="a", source="x").success
    put_in_force(stage, "NEXY_KS_DISABLE_USAGE_LEDGER=true")
    assert eventually(lambda: shows(stage, "kill_switches.disable_usage_ledger", True), within=1)
    answer = stage.client.report_usage(hardware_id="a", source="x")
    assert not answer.success and answer.message != "Usage recorded"
    put_in_force(stage)
    assert eventually(lambda: stage.client.report_usage(hardware_id="a", source="x").success, within=1)


def test_the_switch_of_screenshots_lets_the_turn_go_on_without(stage):
    put_in_force(stage, "NEXY_KS_DISABLE_SCREENSHOTS=true")
    assert eventually(lambda: shows(stage, "kill_switches.disable_screenshots", True), within=1)
    assert_spoken(stage.play("action", screenshot="AAAA"), commands=1)


def test_the_environment_is_stronger_than_a_changed_file(serve):
    server = serve(replies=REPLIES, environment={KILL: "false"}, files={"config.env": ""})
    put_in_force(server, f"{KILL}=true", "WHATSAPP_ENABLED=true")
    assert eventually(lambda: shows(server, "whatsapp.enabled", True), within=1)
    assert_spoken(server.play("action"), commands=1)


# A file that is wrong, and what the reason must name.
WRONG = {
    "a value": ([f"{KILL}=perhaps"], [KILL, "perhaps"]),
    "another setting": ([f"{KILL}=true", "REQUEST_TIMEOUT=abc"], ["REQUEST_TIMEOUT", "abc"]),
    "a line": ([f"{KILL}=true", "nonsense"], ["config.env", "line 2"]),
    "a switch that does not exist": ([f"{KILL}=true", "NEXY_KS_DISABLE_MAGIC=true"], ["NEXY_KS_DISABLE_MAGIC"]),
    "a retired switch": (
        [f"{KILL}=true", "NEXY_KS_DISABLE_MODULE_COORDINATOR=true"],
        ["NEXY_KS_DISABLE_MODULE_COORDINATOR"],
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_file_that_is_wrong_changes_nothing_and_is_told_until_it_is_right(stage, name):
    lines, told = WRONG[name]
    put_in_force(stage, *lines)
    assert eventually(lambda: stage.request("/health").json["status"] == "degraded", within=1.5)
    answer = stage.request("/health")
    assert answer.status == 200 and answer.json["ready"] is True
    [reason] = answer.json["reasons"]
    assert [word for word in told if word not in reason] == [], reason
    [line, *_] = [line for line in stage.log.text.splitlines() if "decision=reload" in line]
    assert "level=ERROR" in line and [word for word in told if word not in line] == [], line
    assert_spoken(stage.play("action"), commands=1)
    put_in_force(stage, f"{KILL}=true")
    assert eventually(lambda: stage.request("/health").json["status"] == "OK", within=1.5)
    assert stage.request("/health").json["reasons"] == []
    assert_spoken(stage.play("action"), commands=0)


def test_settings_that_need_a_restart_are_named_and_do_not_act(stage):
    put_in_force(stage, "BACKPRESSURE_MAX_STREAMS=3", "LOG_LEVEL=error", f"{KILL}=true")
    line = stage.log.find(r"^.*decision=reload ctx=.*msg=These settings act after a restart$", within=1.5)[0]
    assert '"backpressure.max_concurrent_streams"' in line and '"logging.level"' in line and KILL_KEY not in line
    assert stage.request("/status").json["limits"]["turns"] == 50
    assert_spoken(stage.play("action"), commands=0)


# What stops a start: how it is given, and the name it must be told by.
REFUSED = {
    "unknown, in the environment": (dict(environment={"NEXY_KS_DISABLE_MAGIC": "true"}), "NEXY_KS_DISABLE_MAGIC"),
    "unknown and off": (dict(environment={"NEXY_KS_DISABLE_MAGIC": "false"}), "NEXY_KS_DISABLE_MAGIC"),
    "unknown, in config.env": (dict(files={"config.env": "NEXY_KS_DISABLE_MAGIC=true\n"}), "NEXY_KS_DISABLE_MAGIC"),
    "unknown, in YAML": (
        dict(files={"config/nexy.yaml": "kill_switches:\n  disable_magic: true\n"}),
        "kill_switches.disable_magic",
    ),
    "an unknown feature": (dict(files={"config/nexy.yaml": "features:\n  magic: true\n"}), "features.magic"),
} | {
    f"retired: {name}": (dict(environment={name: "false" if standard else "true"}), name)
    for name, (_, kind, standard) in FLAGS.items()
    if kind == "retired"
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_flag_that_is_not_there_stops_the_start_with_its_name(serve, name):
    given, told = REFUSED[name]
    server = serve(replies=REPLIES, ready=False, **given)
    assert server.exit_status(within=10) == 1
    assert told in server.log.text and "is ready" not in server.output.text


def test_retired_flags_at_their_defaults_are_accepted(serve):
    retired = {name: str(standard).lower() for name, (_, kind, standard) in FLAGS.items() if kind == "retired"}
    server = serve(replies=REPLIES, environment=retired)
    assert_spoken(server.play("action", session=new_session()), commands=1)


def test_status_shows_the_flags_that_act(stage):
    flags = stage.request("/status").json["flags"]
    assert flags == {key: standard for key, kind, standard in FLAGS.values() if kind != "retired"}
