"""What goes wrong with a provider, and what the listener hears of it: the table of docs/operating.md."""

from dataclasses import dataclass
from enum import Enum

from .faults import (
    Cut,
    Ended,
    Endless,
    Malformed,
    Page,
    Redirect,
    Refusal,
    Scattered,
    Silence,
    SlowLoris,
    Stall,
)
from .plays import Play, Thought, play


class Hears(Enum):
    """What the listener hears, in the words of the documents."""

    ANSWER = "the answer"
    LATER = "the answer, a moment later"
    NEXT_KEY = "the answer, by the fallback key"
    NEXT_MODEL = "an answer of the next model"
    BROKEN_OFF = "every whole sentence, then a short apology; `error_message`, UNAVAILABLE"
    NO_ANSWER = "a short apology; `error_message`, UNAVAILABLE"
    TOO_LATE = "every whole sentence, then a terminal; DEADLINE_EXCEEDED"
    REFUSAL = "whatever came, then a short sentence that says so; the turn ends well"
    SAME_VOICE = "everything, by the same voice"
    NEXT_VOICE = "everything, by the next voice"
    CHANGED_VOICE = "everything; the next voice goes on at the sentence that was not fully spoken"
    SILENCE = "nothing, but the text arrives whole and the turn ends well; `/health` is degraded"


# How often the provider is asked: once, more than once, or as often as it pleases.
ONCE, AGAIN, ANY = "once", "again", "any"


@dataclass(frozen=True)
class Row:
    """One line of the table, and how it is brought about."""

    name: str
    fault: str
    hears: Hears
    plays: tuple[Play, ...] = ()
    asked: str = ANY
    # What stands whole before the fault.
    whole: str = ""
    is_russian: bool = False
    # Whether the breaker opens at once, so that the row needs a server of its own.
    is_alone: bool = False


FIRST, SECOND, BROKEN = "The first sentence is whole. ", "The second one is whole too. ", "And this one is n"
WHOLE = FIRST + SECOND
SAYS = (FIRST, SECOND, BROKEN, "ot cut at all.")
RUSSIAN = ("Первое предложение целое. ", "Второе тоже целое. ", "А это об", "рывается.")
GOOD = play(*SAYS)
OVERLOADED = b'data: {"error": {"code": 503, "message": "Overloaded.", "status": "UNAVAILABLE"}}\n\n'


def broken(fault) -> tuple[Play, ...]:
    return (play(*SAYS, fault=fault),)


def once(fault) -> tuple[Play, ...]:
    return (play(*SAYS, fault=fault), GOOD)


MODEL_ROWS = [
    Row("good", "none", Hears.ANSWER, (GOOD,), ONCE),
    Row("scattered", "every byte comes alone", Hears.ANSWER, broken(Scattered()), ONCE),
    Row("slow", "every byte comes alone, those of the headers too", Hears.ANSWER, broken(SlowLoris(0)), ONCE),
    Row("length", "`TEXT_PROCESSING_MAX_TOKENS` is reached", Hears.ANSWER, (play(*SAYS, finish="length"),), ONCE),
    Row("429 once", "429 with a delay that fits", Hears.LATER, once(Refusal(429, retry_after=1)), AGAIN),
    Row("500 once", "500, once", Hears.LATER, once(Refusal(500)), AGAIN),
    Row("503 once", "503, once", Hears.LATER, once(Refusal(503)), AGAIN),
    Row("cut once", "the connection ends before the first word, once", Hears.LATER, once(Cut(0)), AGAIN),
    Row("400", "400: the request is refused", Hears.NEXT_MODEL, broken(Refusal(400))),
    Row("401", "401: the key is wrong", Hears.NEXT_MODEL, broken(Refusal(401)), ONCE, is_alone=True),
    Row("403", "403: the key may not", Hears.NEXT_MODEL, broken(Refusal(403)), ONCE, is_alone=True),
    Row("404", "404: no such model", Hears.NEXT_MODEL, broken(Refusal(404)), ONCE),
    Row("429", "429, again and again", Hears.NEXT_MODEL, broken(Refusal(429)), AGAIN),
    Row(
        "429 for long",
        "429 with a delay that does not fit",
        Hears.NEXT_MODEL,
        broken(Refusal(429, retry_after=600)),
        ONCE,
        is_alone=True,
    ),
    Row("500", "500, again and again", Hears.NEXT_MODEL, broken(Refusal(500)), AGAIN),
    Row("503", "503, again and again", Hears.NEXT_MODEL, broken(Refusal(503)), AGAIN),
    Row("silence", "not a byte comes back", Hears.NEXT_MODEL, broken(Silence())),
    Row("stall at once", "nothing comes after the headers", Hears.NEXT_MODEL, broken(Stall(0))),
    Row("slow loris", "every byte comes alone and too late", Hears.NEXT_MODEL, broken(SlowLoris(0.03))),
    Row("cut at once", "the connection ends before the first word", Hears.NEXT_MODEL, broken(Cut(0)), AGAIN),
    Row("reset at once", "the connection is reset", Hears.NEXT_MODEL, broken(Cut(0, is_reset=True)), AGAIN),
    Row("malformed at once", "the first event is malformed", Hears.NEXT_MODEL, broken(Malformed(0)), AGAIN),
    Row("empty", "an answer with nothing in it", Hears.NEXT_MODEL, (play(),), AGAIN),
    Row("only thoughts", "an answer of thoughts alone", Hears.NEXT_MODEL, (play(Thought("Let me think.")),), AGAIN),
    Row("ended at once", "a stream without an event", Hears.NEXT_MODEL, broken(Ended(0)), AGAIN),
    Row("endless at once", "the first event never ends", Hears.NEXT_MODEL, broken(Endless(0))),
    Row("redirect", "a redirect", Hears.NEXT_MODEL, broken(Redirect("http://127.0.0.1:9/elsewhere")), ONCE),
    Row("page", "a page for people (502)", Hears.NEXT_MODEL, broken(Page(502)), AGAIN),
    Row("page of success", "a page for people (200)", Hears.NEXT_MODEL, broken(Page(200))),
    Row("stall", "the answer stands still", Hears.BROKEN_OFF, broken(Stall(3)), ONCE, WHOLE),
    Row("cut", "the connection ends between two events", Hears.BROKEN_OFF, broken(Cut(3)), ONCE, WHOLE),
    Row(
        "cut in an event",
        "the connection ends within an event",
        Hears.BROKEN_OFF,
        broken(Cut(2, within="event")),
        ONCE,
        WHOLE,
    ),
    Row(
        "cut in a chunk",
        "the connection ends within a chunk",
        Hears.BROKEN_OFF,
        broken(Cut(2, within="chunk")),
        ONCE,
        WHOLE,
    ),
    Row("reset", "the connection is reset later", Hears.BROKEN_OFF, broken(Cut(3, is_reset=True)), ONCE, WHOLE),
    Row("ended", "the stream ends before the answer does", Hears.BROKEN_OFF, broken(Ended(3)), ONCE, WHOLE),
    Row("malformed", "a later event is malformed", Hears.BROKEN_OFF, broken(Malformed(3)), ONCE, WHOLE),
    Row("error event", "an error comes as an event", Hears.BROKEN_OFF, broken(Malformed(3, OVERLOADED)), ONCE, WHOLE),
    Row("endless", "a later event never ends", Hears.BROKEN_OFF, broken(Endless(3)), ONCE, WHOLE),
    Row(
        "stall in Russian",
        "the answer to a Russian question stands still",
        Hears.BROKEN_OFF,
        (play(*RUSSIAN, fault=Stall(3)),),
        ONCE,
        RUSSIAN[0] + RUSSIAN[1],
        is_russian=True,
    ),
    Row(
        "half a sentence",
        "the answer stands still in its first sentence",
        Hears.NO_ANSWER,
        (play(BROKEN, fault=Stall(1)),),
        ONCE,
    ),
    Row("blocked question", "the question is against the safety rules", Hears.REFUSAL, (play(is_blocked=True),), ONCE),
    Row("blocked answer", "the answer is against the safety rules", Hears.REFUSAL, (play(finish="safety"),), ONCE),
    Row(
        "blocked later",
        "the rest of the answer is against the safety rules",
        Hears.REFUSAL,
        (play(FIRST, SECOND, finish="safety"),),
        ONCE,
        WHOLE,
    ),
]

# The provider cannot be reached as it should; each needs a server of its own.
CONNECTION_ROWS = [
    Row("refused", "the connection is refused", Hears.NEXT_MODEL),
    Row("deaf", "the connection is neither made nor refused", Hears.NEXT_MODEL),
    Row("self-signed", "TLS with a certificate that nobody signed", Hears.NEXT_MODEL),
    Row("no TLS", "plain text where TLS should be", Hears.NEXT_MODEL),
]

# A second key, no second model, no time.
CHAIN_ROWS = [
    Row("key revoked", "the key is revoked, and there is a fallback key", Hears.NEXT_KEY),
    Row("key used up", "the key's quota is used up, and there is a fallback key", Hears.NEXT_KEY),
    Row("nobody left", "no model answers, and none is left (`LLM_FALLBACK=none`)", Hears.NO_ANSWER),
    Row("time is up", "the turn takes longer than `REQUEST_TIMEOUT`", Hears.TOO_LATE),
]

SPEECH_ROWS = [
    Row("voice good", "none (speech)", Hears.SAME_VOICE, (play(),)),
    Row("voice scattered", "every few bytes of sound come alone", Hears.SAME_VOICE, broken(Scattered(7))),
    Row("voice 500 once", "500, once (speech)", Hears.SAME_VOICE, once(Refusal(500))),
    Row("voice 401", "401: the key is wrong (speech)", Hears.NEXT_VOICE, broken(Refusal(401)), is_alone=True),
    Row("voice 403", "403: the key may not (speech)", Hears.NEXT_VOICE, broken(Refusal(403)), is_alone=True),
    Row("voice 404", "404 (speech)", Hears.CHANGED_VOICE, broken(Refusal(404))),
    Row("voice 429", "429, again and again (speech)", Hears.CHANGED_VOICE, broken(Refusal(429))),
    Row("voice 500", "500, again and again (speech)", Hears.CHANGED_VOICE, broken(Refusal(500))),
    Row("voice 503", "503, again and again (speech)", Hears.CHANGED_VOICE, broken(Refusal(503))),
    Row("voice silence", "not a byte comes back (speech)", Hears.CHANGED_VOICE, broken(Silence())),
    Row("voice stall at once", "no sound comes after the headers", Hears.CHANGED_VOICE, broken(Stall(0))),
    Row("voice stall", "the sound stands still within a sentence", Hears.CHANGED_VOICE, broken(Stall(5))),
    Row("voice cut at once", "the connection ends before any sound", Hears.CHANGED_VOICE, broken(Cut(0))),
    Row("voice cut", "the connection ends within a sentence", Hears.CHANGED_VOICE, broken(Cut(5))),
    Row("voice reset", "the connection is reset within a sentence", Hears.CHANGED_VOICE, broken(Cut(5, is_reset=True))),
    Row("voice empty", "no sound at all, in good form", Hears.CHANGED_VOICE, broken(Ended(0))),
    Row("voice page", "a page for people instead of sound (200)", Hears.CHANGED_VOICE, broken(Page(200))),
    Row("voice redirect", "a redirect (speech)", Hears.CHANGED_VOICE, broken(Redirect("http://127.0.0.1:9/x"))),
    Row("voice slow loris", "every byte of sound comes too late", Hears.CHANGED_VOICE, broken(SlowLoris(0.03))),
    Row("no voice left", "no engine speaks any more", Hears.SILENCE, broken(Refusal(503)), is_alone=True),
]

ROWS = MODEL_ROWS + CONNECTION_ROWS + CHAIN_ROWS + SPEECH_ROWS
# What the documents hold: name, fault, and what the listener hears.
FAULT_TABLE = [(row.name, row.fault, row.hears.value) for row in ROWS]


def markdown() -> str:
    """The table as docs/operating.md has it."""
    lines = [f"| {fault} | {hears} |" for _, fault, hears in FAULT_TABLE]
    return "\n".join(["| what goes wrong | what the listener hears |", "| --- | --- |", *lines])
