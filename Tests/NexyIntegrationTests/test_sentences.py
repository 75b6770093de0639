"""How a reply becomes sentences: which are said together, and when each goes out."""

import grpc
import pytest

from script import reply, stall, text

# Name: the reply, and the pieces it comes in, blanks around them not counted.
PIECES = {
    "a short first sentence is said with the next": (["Hi. How are you today?"], ["Hi. How are you today?"]),
    "two words are enough for the first": (["Good morning. It is a fine day."], ["Good morning.", "It is a fine day."]),
    "a long word is enough for the first": (
        ["Congratulations! You have won the game."],
        ["Congratulations!", "You have won the game."],
    ),
    "a short later sentence is said with the next": (
        ["The answer is here. Good. This is how it ends."],
        ["The answer is here.", "Good. This is how it ends."],
    ),
    "a short last sentence is said alone": (["The answer is here. Good."], ["The answer is here.", "Good."]),
    "one word": (["Yes."], ["Yes."]),
    "one word without an end": (["Sure"], ["Sure"]),
    "no end": (["The answer is here. And it goes on"], ["The answer is here.", "And it goes on"]),
    "repeated short sentences": (["No. No. No. No."], ["No. No.", "No. No."]),
    "a repeated sentence": (["Say it again. Say it again. Say it again."], ["Say it again."] * 3),
    "titles and initials": (
        ["I spoke with Dr. J. R. Smith about it. He was kind."],
        ["I spoke with Dr. J. R. Smith about it.", "He was kind."],
    ),
    "numbers and versions": (
        ["Version 2.0.0.54 costs $3.50 at 10:30. The host is 192.168.1.1 today."],
        ["Version 2.0.0.54 costs $3.50 at 10:30.", "The host is 192.168.1.1 today."],
    ),
    "addresses": (
        ["See https://example.com/a?b=1 for it. Write to me.too@example.com then."],
        ["See https://example.com/a?b=1 for it.", "Write to me.too@example.com then."],
    ),
    "runs of marks": (
        ["Is that really so?! I can not believe it!!! Tell me more."],
        ["Is that really so?!", "I can not believe it!!!", "Tell me more."],
    ),
    "a quote after the end": (
        ['He said "Please stop it now." Then he left us.'],
        ['He said "Please stop it now."', "Then he left us."],
    ),
    "Russian": (
        ["Это Nexy, т. е. ваш помощник. Чем я могу вам помочь?"],
        ["Это Nexy, т. е. ваш помощник.", "Чем я могу вам помочь?"],
    ),
    "a Russian short sentence": (["Да. Я сейчас всё открою."], ["Да. Я сейчас всё открою."]),
}

# Sentences that are whole, with nothing after them: the model falls silent there.
WHOLE = [
    "The first sentence is whole.",
    "Is this one a question?",
    "What a fine day it is!",
    "Is that really so?!",
    'He said that it was "fine."',
    "The price is 3.50 dollars.",
    "It has version number 2.",
    "Wait for me, please...",
    "Это предложение закончено.",
    "Вы уже готовы идти?",
    "All is done here. ",
    "Hi.",
    "Yes!",
]

# Half a sentence is not spoken because the model thinks.
HALVES = ["The answer to this is", "The price is 3.5", "I spoke with Mr.", "Ответ на этот вопрос"]

REPLIES = {name: reply(*deltas) for name, (deltas, _) in PIECES.items()}
REPLIES |= {f"whole {number}": reply(words, fault=stall(1)) for number, words in enumerate(WHOLE)}
REPLIES |= {f"half {number}": reply(words, text(" and there it goes on.", 700)) for number, words in enumerate(HALVES)}
REPLIES |= {
    "known at once": reply("The first sentence is whole. And", text(" this is the second one.", 5_000)),
    "slow words": reply(*(f"word{number} " for number in range(20)), "end.", delay_ms=25),
}


@pytest.fixture(scope="module")
def stage(serve_for_file):
    return serve_for_file(replies=REPLIES)


@pytest.mark.parametrize("name", PIECES)
def test_a_reply_comes_in_these_pieces(stage, name):
    deltas, pieces = PIECES[name]
    heard = stage.play(name)
    assert [piece.strip() for piece in heard.texts] == pieces
    assert heard.text == "".join(deltas)


@pytest.mark.parametrize("number", range(len(WHOLE)), ids=lambda number: WHOLE[number])
def test_a_whole_sentence_is_said_while_the_model_is_silent(stage, number):
    turn = stage.begin(f"whole {number}")
    first = turn.wait_for("text_chunk", within=2)
    turn.wait_for("audio_chunk", within=2)
    turn.cancel()
    heard = turn.ended(within=5)
    assert first.text_chunk.strip() == WHOLE[number].strip()
    assert heard.arrivals[1] < 1.0, heard


@pytest.mark.parametrize("number", range(len(HALVES)), ids=lambda number: HALVES[number])
def test_half_a_sentence_waits_for_its_other_half(stage, number):
    heard = stage.play(f"half {number}")
    assert [piece.strip() for piece in heard.texts] == [HALVES[number] + " and there it goes on."]


def test_a_sentence_goes_out_when_the_next_word_shows_its_end(stage):
    turn = stage.begin("known at once")
    first = turn.wait_for("text_chunk", within=2)
    turn.cancel()
    assert first.text_chunk.strip() == "The first sentence is whole."


def test_a_slow_model_does_not_cut_its_sentence(stage):
    heard = stage.play("slow words")
    assert len(heard.texts) == 1
    assert heard.code == grpc.StatusCode.OK
