"""Promises that hold for every turn: its terminal, its order, its audio, its words."""

import random
import re

import grpc
import pytest

from script import prompt_for, reply, tool

LIST = "Here is what you need:\n1. Two fresh eggs.\n2. A glass of milk.\n3. Some flour and salt.\nThat is all of it."
CODE = "Type this into the terminal:\n\n```bash\nls -la | grep '.txt'\n```\n\nThen press the return key."
RUSSIAN = "Сегодня солнечно, около 20 °C. К вечеру, т. е. после 18:30, возможен дождь! Возьмите зонт?"
MIXED = "It costs €5.50, i.e. $6. Dr. Smith agrees 😀! See https://example.com/a?b=1. Всё готово."
LONG = " ".join(f"This is sentence number {number} of a rather long answer." for number in range(40))
ENDLESS = "and so on " * 150 + "until the end."

JSON = '{"session_id": "x", "text": "Opening it for you now. Anything else?", "command": "open_app", "args": {"app_name": "Mail"}}'

# Name: the reply, and the words of it that a client must see.
TURNS = {
    "a sentence": (reply("Hello to you, my friend."), "Hello to you, my friend."),
    "a word": (reply("Yes."), "Yes."),
    "a word without a full stop": (reply("Yes"), "Yes"),
    "words without a full stop": (reply("there is no full stop here"), "there is no full stop here"),
    "a last sentence without a full stop": (
        reply("This one ends. This one does not"),
        "This one ends. This one does not",
    ),
    "a repeated sentence": (
        reply("No. ", "No. ", "It is not so. ", "It is not so."),
        "No. No. It is not so. It is not so.",
    ),
    "a short first sentence": (reply("Hi. ", "How are you today?"), "Hi. How are you today?"),
    "words cut anywhere": (
        reply("Hel", "lo the", "re, my fri", "end. How a", "re you?"),
        "Hello there, my friend. How are you?",
    ),
    "a list": (reply(LIST), LIST),
    "code": (reply(CODE), CODE),
    "Russian": (reply(RUSSIAN), RUSSIAN),
    "mixed": (reply(MIXED), MIXED),
    "letter by letter": (reply(*MIXED), MIXED),
    "a long answer": (reply(LONG), LONG),
    "an endless sentence": (reply(ENDLESS), ENDLESS),
    "JSON": (reply(JSON), "Opening it for you now. Anything else?"),
    "JSON letter by letter": (reply(*JSON), "Opening it for you now. Anything else?"),
    "a tool call": (reply("Opening your mail now.", tool("open_app", app_name="Mail")), "Opening your mail now."),
    "a tool call first": (reply(tool("open_app", app_name="Mail"), "Opening your mail now."), "Opening your mail now."),
}

ACTIONS = {"JSON", "JSON letter by letter", "a tool call", "a tool call first"}


@pytest.fixture(scope="module")
def stage(serve_for_file):
    return serve_for_file(replies={name: made for name, (made, _) in TURNS.items()} | CUT_REPLIES)


@pytest.fixture(scope="module")
def heard_of(stage):
    """Each turn is played once for all its tests."""
    played = {}

    def hear(name):
        if name not in played:
            played[name] = stage.play(name)
        return played[name]

    return hear


every_turn = pytest.mark.parametrize("name", TURNS)


@every_turn
def test_a_turn_ends_with_one_terminal_item_and_success(heard_of, name):
    heard = heard_of(name)
    terminals = [kind for kind in heard.kinds if kind in ("end_message", "error_message")]
    assert terminals == ["end_message"], heard
    assert heard.kinds[-1] == "end_message", heard
    assert heard.code == grpc.StatusCode.OK, heard


@every_turn
def test_the_pieces_of_text_are_the_reply(heard_of, name):
    assert heard_of(name).text == TURNS[name][1]


@every_turn
def test_every_piece_of_text_has_something_in_it(heard_of, name):
    assert all(piece.strip() for piece in heard_of(name).texts), heard_of(name)


@every_turn
def test_each_text_is_followed_by_its_audio_and_the_action_comes_after_the_speech(heard_of, name):
    letters = {"text_chunk": "t", "audio_chunk": "a", "action_message": "c", "end_message": "e"}
    order = "".join(letters[kind] for kind in heard_of(name).kinds)
    action = "c" if name in ACTIONS else ""
    assert re.fullmatch(f"(ta+)+{action}e", order), heard_of(name)


@every_turn
def test_every_audio_chunk_says_what_it_is(heard_of, name):
    facts = {(c.sample_rate, c.channels, c.dtype, tuple(c.shape)) for c in heard_of(name).audio}
    assert facts == {(48_000, 1, "int16", ())}


@every_turn
def test_every_audio_chunk_holds_whole_samples_and_at_most_4096_bytes(heard_of, name):
    sizes = [len(chunk.audio_data) for chunk in heard_of(name).audio]
    assert all(0 < size <= 4096 and size % 2 == 0 for size in sizes), sizes


@every_turn
def test_the_first_audio_chunk_is_not_silent(heard_of, name):
    assert any(heard_of(name).audio[0].audio_data)


@every_turn
def test_no_browser_progress_comes_unasked(heard_of, name):
    assert "browser_progress" not in heard_of(name).kinds


def test_all_sentences_of_a_long_answer_come_apart(heard_of):
    assert len(heard_of("a long answer").texts) == 40


def test_the_audio_of_a_sentence_has_no_click_at_its_chunk_borders(heard_of):
    chunks = heard_of("an endless sentence").segments()[0][1]
    assert len(chunks) > 10
    samples = heard_of("an endless sentence").samples.astype(int)
    # The tone is a sine of at most 1 kHz and a third of full scale, so neighbours are never far apart.
    assert abs(samples[1:] - samples[:-1]).max() < 10_000 * 2 * 3.15 * 1_000 / 48_000


def test_the_tone_follows_the_length_of_the_text(heard_of):
    assert heard_of("an endless sentence").seconds > 5 * heard_of("a sentence").seconds > 0


# The same words in random cuts, chosen once, so that a failure can be repeated.
_chance = random.Random(2026)


def _cuts(words: str) -> dict:
    places = sorted(_chance.sample(range(1, len(words)), k=_chance.randint(1, min(12, len(words) - 1))))
    return reply(*(words[start:end] for start, end in zip([0, *places], [*places, len(words)])))


CUT_TEXTS = {"list": LIST, "code": CODE, "Russian": RUSSIAN, "mixed": MIXED, "JSON": JSON}
CUT_REPLIES = {f"{kind}, whole": reply(words) for kind, words in CUT_TEXTS.items()} | {
    f"{kind}, cut {number}": _cuts(words) for kind, words in CUT_TEXTS.items() for number in range(6)
}


@pytest.mark.parametrize("kind", CUT_TEXTS)
def test_what_comes_out_does_not_depend_on_how_the_model_cuts_its_words(stage, kind):
    session = "8c7a1f0e-52b3-4d6c-9e21-0f4b5a6c7d8e"
    whole = stage.play(f"{kind}, whole", session=session)
    assert whole.code == grpc.StatusCode.OK
    for number in range(6):
        assert stage.play(f"{kind}, cut {number}", session=session).items == whole.items


@pytest.mark.parametrize("size", [256, 1024, 2050, 4096])
def test_the_size_of_an_audio_chunk_is_a_setting(serve, size):
    server = serve(replies={"it": TURNS["a long answer"][0]}, environment={"STREAMING_CHUNK_SIZE": str(size)})
    for _, chunks in server.play("it").segments():
        sizes = [len(chunk.audio_data) for chunk in chunks]
        assert set(sizes[:-1]) == {size}
        assert 0 < sizes[-1] <= size and sizes[-1] % 2 == 0


def test_one_connection_carries_many_turns_one_after_the_other(stage):
    codes = {stage.client.turn(prompt_for("a word")).code for _ in range(50)}
    assert codes == {grpc.StatusCode.OK}
