"""What a client gets when the language model fails, falls silent or has nothing to say."""

import grpc
import pytest

from script import reply, stall, text
from server import eventually

FIRST, SECOND = "The first sentence is whole. ", "The second one is whole too. "
BROKEN = {"kind": "error"}

# Name: the reply, and the sentences that are whole before the fault.
FAULTS = {
    "error before anything": (reply(FIRST, fault=BROKEN | {"after": 0}), []),
    "error without deltas": (reply(fault=BROKEN), []),
    "error after a sentence": (reply(FIRST, SECOND, fault=BROKEN | {"after": 1}), [FIRST]),
    "error after two sentences": (reply(FIRST, SECOND, "Third", fault=BROKEN | {"after": 2}), [FIRST, SECOND]),
    "error in the middle of a sentence": (reply(FIRST, "And this one is n", fault=BROKEN | {"after": 2}), [FIRST]),
    "error in JSON": (
        reply('{"session_id": "x", "text": "The first sentence is whole. And this is n', fault=BROKEN | {"after": 1}),
        [FIRST],
    ),
    "error after a short sentence": (reply("Yes. ", fault=BROKEN | {"after": 1}), ["Yes. "]),
    "empty": (reply(fault={"kind": "empty"}), []),
    "no deltas": (reply(), []),
    "empty deltas": (reply("", "", ""), []),
    "blank deltas": (reply("  ", "\n\n", "\t"), []),
    "malformed alone": (reply(fault={"kind": "malformed", "after": 0}), []),
}

REPLIES = {name: made for name, (made, _) in FAULTS.items()} | {
    "good": reply("This turn goes well."),
    "silent for ever": reply(FIRST, fault=stall(1)),
    "silent from the start": reply(fault=stall(0)),
    "silent for a while": reply(FIRST, SECOND, fault=stall(1, for_ms=1_500)),
    "only signs": reply("😀"),
    "signs between": reply("That went very well. ", "😀 🎉 ", "I am glad about it."),
    "slow": reply(FIRST, text(SECOND, 300)),
}


@pytest.fixture(scope="module")
def stage(serve_for_file):
    return serve_for_file(replies=REPLIES)


# What is said when the model lets the listener down: with nothing said before, and in the middle.
APOLOGIES = [
    "Sorry, I can't answer right now. Please ask me again in a minute.",
    "Sorry, my answer broke off. Please ask me again.",
]


def is_spoken(whole: list[str], heard, apology: str = "") -> bool:
    """Whether every sentence that was whole was given out with audio, and then the apology."""
    said = " ".join(["".join(whole).strip(), apology]).strip()
    return heard.text.strip() == said and all(audio for _, audio in heard.segments())


@pytest.mark.parametrize("name", FAULTS)
def test_a_failed_turn_ends_with_one_error_message_and_then_its_status(stage, name):
    heard = stage.play(name)
    assert heard.kinds.count("error_message") == 1 and heard.kinds[-1] == "error_message", heard
    assert heard.ends == []
    assert heard.code not in (grpc.StatusCode.OK, grpc.StatusCode.UNKNOWN), heard
    assert heard.details == heard.errors[0]


@pytest.mark.parametrize("name", FAULTS)
def test_what_was_whole_before_the_fault_is_spoken(stage, name):
    heard = stage.play(name)
    whole = FAULTS[name][1]
    assert is_spoken(whole, heard, APOLOGIES[bool(whole)]), heard


@pytest.mark.parametrize("name", FAULTS)
def test_an_error_is_a_sentence_for_people_and_shows_no_internals(stage, name):
    message = stage.play(name).errors[0]
    assert len(message) > 10 and message[-1] in ".!"
    for internal in ("NexyError", "Swift", "/", "Optional(", "scripted fault", "CancellationError"):
        assert internal not in message


def test_a_failed_turn_sends_no_command(serve):
    call = {"tool": "open_app", "arguments": {"app_name": "Safari"}}
    server = serve(replies={"it": reply(FIRST, call, fault=BROKEN | {"after": 2})})
    assert server.play("it").actions == []


def test_the_server_serves_on_after_every_fault(stage):
    for name in FAULTS:
        stage.play(name)
    assert stage.play("good").text == "This turn goes well."
    assert stage.active_turns == 0


def test_a_model_that_pauses_is_heard_before_and_after_its_pause(stage):
    heard = stage.play("silent for a while")
    assert [piece.strip() for piece in heard.texts] == [FIRST.strip(), SECOND.strip()]
    assert heard.code == grpc.StatusCode.OK
    texts = [at for at, kind in zip(heard.arrivals, heard.kinds) if kind == "text_chunk"]
    assert texts[0] < 1.0 and texts[1] > 1.4


@pytest.mark.parametrize(("name", "spoken"), [("silent for ever", [FIRST]), ("silent from the start", [])])
def test_a_turn_that_takes_too_long_is_ended_by_the_server(serve, name, spoken):
    server = serve(replies=REPLIES, environment={"REQUEST_TIMEOUT": "2"})
    heard = server.play(name)
    assert heard.code == grpc.StatusCode.DEADLINE_EXCEEDED, heard
    assert heard.kinds[-1] == "error_message" and heard.kinds.count("error_message") == 1
    assert is_spoken(spoken, heard)
    assert 1.5 < heard.duration < 6


def test_a_client_s_own_deadline_ends_the_turn_on_the_server_too(stage):
    heard = stage.play("silent for ever", timeout=1)
    assert heard.code == grpc.StatusCode.DEADLINE_EXCEEDED
    assert eventually(lambda: stage.active_turns == 0)


def test_a_client_that_leaves_ends_the_turn_on_the_server(stage):
    turn = stage.begin("silent for ever")
    turn.wait_for("audio_chunk")
    assert stage.active_turns == 1
    turn.cancel()
    assert turn.ended().code == grpc.StatusCode.CANCELLED
    assert eventually(lambda: stage.active_turns == 0)
    assert stage.play("good").code == grpc.StatusCode.OK


def test_a_reply_of_signs_that_cannot_be_spoken_is_never_an_empty_success(stage):
    heard = stage.play("only signs")
    assert heard.text == "😀" if heard.code == grpc.StatusCode.OK else heard.errors


def test_signs_between_sentences_are_shown_and_not_spoken(stage):
    heard = stage.play("signs between")
    assert heard.text == "That went very well. 😀 🎉 I am glad about it."
    assert heard.code == grpc.StatusCode.OK and heard.audio


def test_a_prompt_that_no_reply_fits_is_an_error(serve):
    heard = serve(replies={"one": reply("This is one.")}).client.turn("Something else entirely")
    assert heard.text == APOLOGIES[0] and heard.audio
    assert heard.kinds[-1] == "error_message" and heard.code != grpc.StatusCode.OK
