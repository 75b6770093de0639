"""Commands to the client's machine: which are sent, how, and what is heard when they are not."""

import grpc
import pytest

from client import new_session
from script import reply, tool

# The command as the model calls it, and what is sent: a name and arguments, or nothing.
CALLS = {
    "open": (tool("open_app", app_name="Safari"), ("open_app", {"app_name": "Safari"})),
    "close": (tool("close_app", app_name="Safari"), ("close_app", {"app_name": "Safari"})),
    "a bundle's name": (tool("open_app", app_name="Safari.app"), ("open_app", {"app_name": "Safari"})),
    "a bundle's name in capitals": (tool("open_app", app_name="Safari.APP"), ("open_app", {"app_name": "Safari"})),
    "blanks around the name": (
        tool("open_app", app_name="  Visual Studio Code "),
        ("open_app", {"app_name": "Visual Studio Code"}),
    ),
    "other arguments": (
        tool("open_app", app_name="Maps", zoom=3, near=["a", "b"]),
        ("open_app", {"app_name": "Maps", "zoom": 3, "near": ["a", "b"]}),
    ),
    "Cyrillic": (tool("open_app", app_name="Яндекс Музыка"), ("open_app", {"app_name": "Яндекс Музыка"})),
    "dashes and capitals": (tool("Open-App", app_name="Safari"), ("open_app", {"app_name": "Safari"})),
    "blanks in the command": (tool(" open app ", app_name="Safari"), ("open_app", {"app_name": "Safari"})),
    "dots and double marks": (tool("open.__app", app_name="Safari"), ("open_app", {"app_name": "Safari"})),
    "message": (
        tool("send_message", contact="Bob", message="Hi"),
        ("send_message", {"contact": "Bob", "message": "Hi"}),
    ),
    "read messages": (tool("read_messages"), ("read_messages", {})),
    "unknown": (tool("format_disk", disk="all"), None),
    "nearly known": (tool("open_apps", app_name="Safari"), None),
    "no application": (tool("open_app"), None),
    "an empty application": (tool("open_app", app_name="  "), None),
    "an application that is a number": (tool("open_app", app_name=5), None),
    "arguments that are a list": ({"tool": "open_app", "arguments": ["Safari"]}, None),
    "WhatsApp, which is off": (tool("send_whatsapp_message", contact="Bob", message="Hi"), None),
    "browser, which is off": (tool("browser_use", task="Find a flight"), None),
    "browser to close, which is off": (tool("close_browser"), None),
}

SPOKEN = "All right, I am doing that."
REPLIES = {name: reply(SPOKEN, call) for name, (call, _) in CALLS.items()} | {
    "only a command": reply(tool("open_app", app_name="Safari")),
    "only a JSON command": reply('{"session_id": "x", "command": "open_app", "args": {"app_name": "Safari"}}'),
    "only a JSON command with an empty text": reply(
        '{"command": "open_app", "args": {"app_name": "Safari"}, "text": ""}'
    ),
    "only an unknown command": reply(tool("format_disk")),
    "two commands": reply(SPOKEN, tool("open_app", app_name="Mail"), tool("open_app", app_name="Safari")),
    "session of the model": reply(
        '{"session_id": "11111111-1111-4111-8111-111111111111", "text": "Opening it now.",'
        ' "command": "open_app", "args": {"app_name": "Safari"}}'
    ),
}


@pytest.fixture(scope="module")
def stage(serve_for_file):
    return serve_for_file(replies=REPLIES)


@pytest.mark.parametrize("name", CALLS)
def test_a_command_is_sent_checked_and_in_its_one_form(stage, name):
    session, sent = new_session(), CALLS[name][1]
    heard = stage.play(name, session=session)
    expected = None if sent is None else {"session_id": session, "command": sent[0], "args": sent[1]}
    assert heard.command == expected, heard


@pytest.mark.parametrize("name", CALLS)
def test_the_words_beside_a_command_are_spoken_whether_it_is_sent_or_not(stage, name):
    heard = stage.play(name)
    assert (heard.text, heard.code) == (SPOKEN, grpc.StatusCode.OK), heard
    assert heard.audio


def test_an_action_belongs_to_the_session_of_the_request_and_names_no_feature(stage):
    session = new_session()
    action = stage.play("session of the model", session=session).actions[0]
    assert action.session_id == session
    assert session in action.action_json and "11111111" not in action.action_json
    assert not action.HasField("feature_id")


def test_letters_beyond_ascii_are_written_as_they_are(stage):
    assert "Яндекс Музыка" in stage.play("Cyrillic").actions[0].action_json


def test_of_two_commands_the_last_is_sent(stage):
    heard = stage.play("two commands")
    assert len(heard.actions) == 1
    assert heard.command["args"] == {"app_name": "Safari"}


@pytest.mark.parametrize("name", ["only a command", "only a JSON command", "only a JSON command with an empty text"])
def test_a_command_without_words_is_announced_and_sent(stage, name):
    heard = stage.play(name)
    assert "Safari" in heard.text and heard.audio, heard
    assert heard.command["command"] == "open_app"
    assert heard.code == grpc.StatusCode.OK


def test_a_refused_command_without_words_still_says_something(stage):
    heard = stage.play("only an unknown command")
    assert heard.text.strip() and heard.audio, heard
    assert heard.actions == []


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({"NEXY_KS_DISABLE_FORWARD_ASSISTANT_ACTIONS": "true"}, "open"),
        ({"FORWARD_ASSISTANT_ACTIONS": "false"}, "open"),
        ({"NEXY_KS_DISABLE_FORWARD_ASSISTANT_ACTIONS": "true", "FORWARD_ASSISTANT_ACTIONS": "true"}, "open"),
        ({"MESSAGES_ENABLED": "false"}, "message"),
    ],
    ids=["kill switch", "feature off", "kill switch over feature", "messages off"],
)
def test_what_is_switched_off_is_not_sent_and_the_turn_still_speaks(serve, environment, name):
    heard = serve(replies=REPLIES, environment=environment).play(name)
    assert heard.actions == []
    assert (heard.text, heard.code) == (SPOKEN, grpc.StatusCode.OK)
    assert heard.audio


def test_a_kill_switch_leaves_no_turn_without_a_word(serve):
    server = serve(replies=REPLIES, environment={"NEXY_KS_DISABLE_FORWARD_ASSISTANT_ACTIONS": "true"})
    heard = server.play("only a command")
    assert heard.actions == []
    assert heard.text.strip() and heard.audio, heard


def test_what_is_switched_on_is_sent(serve):
    server = serve(replies=REPLIES, environment={"WHATSAPP_ENABLED": "true", "BROWSER_USE_ENABLED": "true"})
    sent = {name: server.play(name).command for name in CALLS if name.endswith("which is off")}
    assert [command["command"] for command in sent.values()] == [
        "send_whatsapp_message",
        "browser_use",
        "close_browser",
    ]
