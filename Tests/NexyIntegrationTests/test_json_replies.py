"""Replies in the predecessor's JSON: only the top-level text is spoken, the command survives, JSON is never heard."""

import json

import grpc
import pytest

from script import reply

SESSION = '"session_id": "of-the-model"'
OPEN = '"command": "open_app", "args": {"app_name": "Safari"}'
SAFARI = ("open_app", {"app_name": "Safari"})
# Backslashes as the model writes them.
GRIN = r"\ud83d\ude00"


def fenced(body: str, language: str = "json") -> str:
    return f"```{language}\n{body}\n```"


def letters(body: str) -> list[str]:
    return list(body)


PLAIN = '{%s, "text": "Hello to you there. How are you?"}' % SESSION
OPENING = '{%s, %s, "text": "Opening Safari for you."}' % (SESSION, OPEN)
EMOJI = r'{"text": "Well done %s my friend. Привет \u041c\u0438\u0440!"}' % GRIN
ESCAPES = (
    r'{"text": "She said \"wait\" to me.\nA tab\there, a slash\/there, a backslash\\everywhere. caf\u00e9 is open."}'
)
NESTED = (
    '{"command": "send_message", "args": {"text": "the inner words", "whom": {"text": "Bob"}, "list": [{"text": "x"}]},'
    ' "text": "Sending your message now."}'
)
NESTED_ARGUMENTS = {"text": "the inner words", "whom": {"text": "Bob"}, "list": [{"text": "x"}]}
ADDRESS_ARGUMENTS = {
    "app_name": "Calendar",
    "url": "https://example.com//a?b=1#c",
    "at": "10:30",
    "note": "/* kept */ and, ]",
    "count": 3,
    "ratio": 0.5,
    "sure": True,
    "nothing": None,
    "кириллица": "да",
}
ADDRESS = json.dumps(
    {"command": "open_app", "args": ADDRESS_ARGUMENTS, "text": "Opening https://example.com/x at 10:30 now."},
    ensure_ascii=False,
)

# Name: the deltas, the text a client sees, and the command it gets.
REPLIES = {
    "text alone": ([PLAIN], "Hello to you there. How are you?", None),
    "a command": ([OPENING], "Opening Safari for you.", SAFARI),
    "text before the command": (['{"text": "Opening Safari for you.", %s}' % OPEN], "Opening Safari for you.", SAFARI),
    "text between": (
        ['{"command": "open_app", "text": "Opening Safari for you.", "args": {"app_name": "Safari"}}'],
        "Opening Safari for you.",
        SAFARI,
    ),
    "fenced": ([fenced(OPENING)], "Opening Safari for you.", SAFARI),
    "fenced without a language": ([fenced(OPENING, "")], "Opening Safari for you.", SAFARI),
    "blanks around": (["\n  " + OPENING + "\n\n"], "Opening Safari for you.", SAFARI),
    "pretty": ([json.dumps(json.loads(OPENING), indent=4)], "Opening Safari for you.", SAFARI),
    "tight": ([json.dumps(json.loads(OPENING), separators=(",", ":"))], "Opening Safari for you.", SAFARI),
    "letter by letter": (letters(OPENING), "Opening Safari for you.", SAFARI),
    "fenced letter by letter": (letters(fenced(OPENING)), "Opening Safari for you.", SAFARI),
    "surrogate pairs": ([EMOJI], "Well done 😀 my friend. Привет Мир!", None),
    "surrogate pairs letter by letter": (letters(EMOJI), "Well done 😀 my friend. Привет Мир!", None),
    "a pair cut in its middle": (
        [r'{"text": "Well done \ud83d', r'\ude00 my friend."}'],
        "Well done 😀 my friend.",
        None,
    ),
    "escapes": (
        [ESCAPES],
        'She said "wait" to me.\nA tab\there, a slash/there, a backslash\\everywhere. café is open.',
        None,
    ),
    "text inside the arguments": ([NESTED], "Sending your message now.", ("send_message", NESTED_ARGUMENTS)),
    "text inside the arguments, letter by letter": (
        letters(NESTED),
        "Sending your message now.",
        ("send_message", NESTED_ARGUMENTS),
    ),
    "addresses and times": ([ADDRESS], "Opening https://example.com/x at 10:30 now.", ("open_app", ADDRESS_ARGUMENTS)),
    "addresses and times, letter by letter": (
        letters(ADDRESS),
        "Opening https://example.com/x at 10:30 now.",
        ("open_app", ADDRESS_ARGUMENTS),
    ),
    "unknown members": (
        ['{"mood": {"text": ["sad"]}, "text": "I am fine, thank you.", "n": -1.5e3}'],
        "I am fine, thank you.",
        None,
    ),
    "a long text": (
        letters(json.dumps({"text": "This is a sentence again. " * 600 + "The end of it all."})),
        "This is a sentence again. " * 600 + "The end of it all.",
        None,
    ),
    "braces in the text": (
        [r'{"text": "Write {name} and [list] here, please."}'],
        "Write {name} and [list] here, please.",
        None,
    ),
    "plain text with braces": (["Write {name} in the form, please."], "Write {name} in the form, please.", None),
    "plain text about JSON": (['The key is "text" in that file.'], 'The key is "text" in that file.', None),
}

# What is broken, and how the spoken text begins all the same.
BROKEN = {
    "cut in the text": (['{"session_id": "x", "text": "This part is whole. And this part is c'], "This part is whole."),
    "cut in the text, letter by letter": (
        letters('{"session_id": "x", "text": "This part is whole. And this part is c'),
        "This part is whole.",
    ),
    "cut in an escape": ([r'{"text": "This part is whole. And then \ud83d'], "This part is whole."),
    "cut after the text": (['{"text": "Opening Safari for you.", "command": "open_'], "Opening Safari for you."),
    "cut in the arguments": (
        ['{"text": "Opening Safari for you.", "command": "open_app", "args": {"app_name": "Saf'],
        "Opening Safari for you.",
    ),
    "cut fence": (['```json\n{"text": "This part is whole. An'], "This part is whole."),
    "no comma": (['{"text": "This part is whole." "session_id": "x"}'], "This part is whole."),
    "words after it": ([PLAIN + ' {"text": "again"}'], "Hello to you there. How are you?"),
    "cut before the text": (['{"session_id": "x", "comma'], ""),
    "keys without quotes": (['{text: "hello there", session_id: 12}'], ""),
    "a list": (['[{"text": "hello", "session_id": "x"}]'], ""),
    "text that is a number": (['{"text": 42, "session_id": "x"}'], ""),
    "text that is an object": (['{"text": {"text": "inner"}, "session_id": "x"}'], ""),
    "nothing in it": (["{}"], ""),
    "an empty text": (['{"session_id": "x", "text": ""}'], ""),
    "a blank text": (['{"session_id": "x", "text": "  \\n "}'], ""),
}

JSON_MARKS = ["{", "}", '"text"', "session_id", "app_name", "```"]


@pytest.fixture(scope="module")
def stage(serve_for_file):
    replies = {name: reply(*deltas) for name, (deltas, *_) in (REPLIES | BROKEN).items()}
    faulty = {"malformed at the end": reply(OPENING, fault={"kind": "malformed", "after": 1})}
    return serve_for_file(replies=replies | faulty)


@pytest.mark.parametrize("name", REPLIES)
def test_only_the_text_of_a_json_reply_is_spoken(stage, name):
    heard = stage.play(name)
    assert heard.text.strip() == REPLIES[name][1].strip(), heard
    assert heard.audio and heard.code == grpc.StatusCode.OK, heard


@pytest.mark.parametrize("name", REPLIES)
def test_the_command_of_a_json_reply_survives_as_it_was_written(stage, name):
    session = "0d5c3a8e-7b21-4f6d-a9c4-3e2f1b0a9d8c"
    heard = stage.play(name, session=session)
    expected = REPLIES[name][2]
    if expected is None:
        assert heard.actions == []
    else:
        assert heard.command == {"session_id": session, "command": expected[0], "args": expected[1]}
        assert heard.actions[0].session_id == session


@pytest.mark.parametrize("name", [*BROKEN, "malformed at the end"])
def test_a_broken_reply_never_speaks_json(stage, name):
    heard = stage.play(name)
    assert [mark for mark in JSON_MARKS if mark in heard.text] == [], heard


@pytest.mark.parametrize("name", [*BROKEN, "malformed at the end"])
def test_a_broken_reply_ends_with_one_terminal_and_never_in_an_empty_success(stage, name):
    heard = stage.play(name)
    terminals = [kind for kind in heard.kinds if kind in ("end_message", "error_message")]
    assert len(terminals) == 1 and heard.kinds[-1] == terminals[0], heard
    assert (terminals == ["end_message"]) == (heard.code == grpc.StatusCode.OK), heard
    assert heard.audio or terminals == ["error_message"], heard


@pytest.mark.parametrize("name", [name for name, (_, start) in BROKEN.items() if start])
def test_a_broken_reply_speaks_what_was_whole(stage, name):
    heard = stage.play(name)
    assert heard.text.startswith(BROKEN[name][1]), heard
    assert heard.audio, heard


@pytest.mark.parametrize("name", [name for name in BROKEN if name.startswith("cut")])
def test_a_command_that_did_not_come_whole_is_not_sent(stage, name):
    assert stage.play(name).actions == []
