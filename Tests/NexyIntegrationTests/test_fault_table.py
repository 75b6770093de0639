"""Every fault against what the listener hears of it, at the whole server; docs/operating.md shows the same table."""

import re
from contextlib import ExitStack
from functools import partial

import pytest

from client import samples_of
from contract import REPOSITORY
from script import prompt_for, reply
from server import eventually
from upstreams.certificate import self_signed
from upstreams.fault_proxy import closed_port, deaf_port
from upstreams.fault_table import (
    AGAIN,
    CHAIN_ROWS,
    CONNECTION_ROWS,
    FAULT_TABLE,
    GOOD,
    MODEL_ROWS,
    ONCE,
    ROWS,
    SPEECH_ROWS,
    WHOLE,
    Hears,
    Row,
    broken,
)
from upstreams.faults import Refusal, Stall
from upstreams.plays import Pause, play
from upstreams.stage import (
    CYRILLIC,
    GEMINI_KEY,
    GEMINI_SPARE_KEY,
    LATIN,
    MODEL_SETTINGS,
    MODELS,
    SHORT,
    SPEECH_SETTINGS,
    VOICES,
    all_at_once,
    assert_all_spoken,
    assert_answered,
    assert_apologised,
    assert_ended_well,
    assert_failed,
    gemini_settings,
    is_offline_answer,
    is_sound,
    question,
    question_in_russian,
    seconds,
    speak_with_tone,
    spoken_seconds,
    start,
    voice_in,
    voices,
)

# Nothing that a table's turn brings is asked more often than this.
MOST = 4
# Seconds that a turn may take, whatever fails: the budgets, twice, and what two busy cores add.
LONGEST = 12


def by_name(rows: list[Row]) -> list:
    return [pytest.param(row, id=row.name) for row in rows]


def number_of(row: Row) -> int:
    return 100 + ROWS.index(row)


def question_of(row: Row) -> str:
    return (question_in_russian if row.is_russian else question)(number_of(row))


def device_of(row: Row) -> str:
    return f"device-of-{cue_of(row)}"


def cue_of(row: Row) -> str:
    """A word that stands for a row and for no other; letters only, so that it is spoken as it stands."""
    letters = "".join(letter for letter in row.name.lower() if letter.isalpha() and letter.isascii())
    return letters + "".join(chr(ord("a") + part) for part in divmod(ROWS.index(row), 26))


def asking(server, row: Row):
    return partial(server.client.turn, question_of(row), device=device_of(row), timeout=30)


def is_told(server, row: Row, decision: str, provider: str) -> bool:
    """Whether the log says within the row's turn what was done about a provider."""

    def look():
        lines = server.log.text.splitlines()
        return [
            line for line in lines if f"decision={decision} " in line and device_of(row) in line and provider in line
        ]

    return bool(eventually(look))


# Language models.


@pytest.fixture(scope="module", params=MODELS)
def life(request, serve_for_file):
    """All rows of a model at one server, and those that need their own at theirs."""
    with MODELS[request.param]() as fake:
        for row in MODEL_ROWS:
            fake.plays.set(question_of(row), *row.plays)
        settings = [{"LLM_PROVIDER": request.param}, MODEL_SETTINGS[request.param](fake), speak_with_tone()]
        shared = start(serve_for_file, *settings)
        servers = {row: start(serve_for_file, *settings) if row.is_alone else shared for row in MODEL_ROWS}
        fake.heard = all_at_once({row.name: asking(servers[row], row) for row in MODEL_ROWS})
        fake.servers = servers
        yield fake
        assert fake.objections == []


@pytest.mark.parametrize("row", by_name(MODEL_ROWS))
def test_a_fault_of_a_model_is_heard_as_the_table_says(life, row):
    heard = life.heard[row.name]
    letters = CYRILLIC if row.is_russian else LATIN
    assert heard.duration < LONGEST, heard
    match row.hears:
        case Hears.ANSWER | Hears.LATER:
            assert_answered(heard, GOOD.text)
        case Hears.NEXT_MODEL:
            assert_ended_well(heard)
            assert_all_spoken(heard)
            assert is_offline_answer(heard, number_of(row)), heard
        case Hears.BROKEN_OFF | Hears.NO_ANSWER:
            assert_apologised(heard, row.whole, letters)
            assert "this one is n" not in heard.text and "А это" not in heard.text
        case Hears.REFUSAL:
            assert_ended_well(heard)
            assert_all_spoken(heard)
            notice = heard.text.removeprefix(row.whole.strip()).strip()
            assert heard.text.startswith(row.whole.strip()) and LATIN.search(notice) and len(notice) < SHORT, heard
            assert not is_offline_answer(heard, number_of(row)), heard


@pytest.mark.parametrize("row", by_name(MODEL_ROWS))
def test_a_model_is_asked_again_only_where_that_may_help(life, row):
    asked = len(life.asked(question_of(row)))
    assert asked == 1 if row.asked == ONCE else 1 + (row.asked == AGAIN) <= asked <= MOST, asked


def test_what_the_provider_asks_to_wait_is_waited(life):
    [row] = [row for row in MODEL_ROWS if row.name == "429 once"]
    first, second = life.asked(question_of(row))[:2]
    assert 0.95 < second.began - first.ended < 4


@pytest.mark.parametrize("row", by_name([row for row in MODEL_ROWS if row.hears == Hears.NEXT_MODEL]))
def test_the_next_model_is_told_in_the_log(life, row):
    assert is_told(life.servers[row], row, "degrade", life.name)


@pytest.mark.parametrize("row", by_name([row for row in MODEL_ROWS if row.hears == Hears.LATER]))
def test_another_attempt_is_told_in_the_log(life, row):
    assert is_told(life.servers[row], row, "retry", life.name)


# What stands between the server and its provider.


def address(row: Row, model: str, stack: ExitStack) -> str:
    """An address at which a provider cannot be reached as it should."""
    path = "/v1beta" if model == "gemini" else "/v1"
    match row.name:
        case "refused":
            return f"http://127.0.0.1:{stack.enter_context(closed_port())}{path}"
        case "deaf":
            return f"http://127.0.0.1:{stack.enter_context(deaf_port())}{path}"
        case "self-signed":
            return stack.enter_context(MODELS[model](tls=self_signed())).base_url
        case "no TLS":
            return stack.enter_context(MODELS[model]()).base_url.replace("http:", "https:")


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("row", by_name(CONNECTION_ROWS))
def test_a_provider_that_cannot_be_reached_is_replaced(serve, row, model):
    with ExitStack() as stack:
        settings = MODEL_SETTINGS[model](base_url=address(row, model, stack))
        server = start(serve, {"LLM_PROVIDER": model}, settings, speak_with_tone())
        heard = asking(server, row)()
        assert_ended_well(heard)
        assert_all_spoken(heard)
        assert is_offline_answer(heard, number_of(row)) and heard.duration < LONGEST, heard
        assert is_told(server, row, "degrade", model)


@pytest.mark.parametrize("row", by_name(CHAIN_ROWS))
def test_a_chain_goes_on_to_its_end(serve, row):
    with MODELS["gemini"]() as fake:
        settings = gemini_settings(fake) | {"LLM_PROVIDER": "gemini"} | speak_with_tone()
        cue = question_of(row)
        fake.plays.otherwise = GOOD
        if row.hears == Hears.NEXT_KEY:
            settings["GEMINI_FALLBACK_API_KEY"] = GEMINI_SPARE_KEY
            if row.name == "key revoked":
                fake.keys.discard(GEMINI_KEY)
            else:
                fake.plays.set(cue, play(fault=Refusal(429, retry_after=600)), GOOD)
        elif row.name == "nobody left":
            settings["LLM_FALLBACK"] = "none"
            fake.plays.set(cue, *broken(Refusal(503)))
        else:
            settings |= {"REQUEST_TIMEOUT": "2", "LLM_STALL_TIMEOUT_MS": "10000"}
            fake.plays.set(cue, play(WHOLE, Pause(0.1), fault=Stall(2)))
        heard = asking(start(serve, settings), row)()
        match row.hears:
            case Hears.NEXT_KEY:
                assert_answered(heard, GOOD.text)
                assert fake.keys_used(cue)[0] == GEMINI_KEY and fake.keys_used(cue)[-1] == GEMINI_SPARE_KEY
            case Hears.NO_ANSWER:
                assert_apologised(heard, "")
            case Hears.TOO_LATE:
                assert_failed(heard, "DEADLINE_EXCEEDED")
                assert heard.text.startswith(WHOLE.strip()) and 1.5 < heard.duration < 6, heard


# Speech engines.


def sentences_of(row: Row) -> list[str]:
    return [f"This is the {place} sentence of {cue_of(row)}. " for place in ("first", "second", "third")]


def faulty_places(row: Row) -> list[str]:
    if row.hears == Hears.CHANGED_VOICE:
        return ["second", "third"]
    return ["first", "second", "third"]


@pytest.fixture(scope="module", params=VOICES)
def voice_life(request, serve_for_file):
    """All rows of an engine, and another engine that is always well."""
    name, other = request.param, next(name for name in VOICES if name != request.param)
    with VOICES[name]() as fake, VOICES[other]() as next_fake:
        for row in SPEECH_ROWS:
            for place in faulty_places(row):
                fake.plays.set(f"{place} sentence of {cue_of(row)}.", *row.plays)
                if row.hears == Hears.SILENCE:
                    next_fake.plays.set(f"{place} sentence of {cue_of(row)}.", *row.plays)
        replies = {cue_of(row): reply(*sentences_of(row)) for row in SPEECH_ROWS}
        settings = SPEECH_SETTINGS[name](fake) | SPEECH_SETTINGS[other](next_fake)
        settings |= {"TTS_PROVIDER": name, "TTS_FALLBACK": other}
        shared = start(serve_for_file, settings, replies=replies)
        work = {}
        for row in SPEECH_ROWS:
            server = start(serve_for_file, settings, replies=replies) if row.is_alone else shared
            work[row.name] = partial(server.client.turn, prompt_for(cue_of(row)), device=device_of(row))
        fake.heard = all_at_once(work)
        fake.names = (name, other)
        yield fake
        assert fake.objections == [] and next_fake.objections == []


@pytest.mark.parametrize("row", by_name(SPEECH_ROWS))
def test_a_fault_of_a_voice_is_heard_as_the_table_says(voice_life, row):
    heard, (first, other) = voice_life.heard[row.name], voice_life.names
    assert_ended_well(heard)
    assert heard.text.strip() == "".join(sentences_of(row)).strip() and heard.duration < LONGEST, heard
    segments = heard.segments()
    assert len(segments) == 3, heard
    match row.hears:
        case Hears.SAME_VOICE:
            assert voices(heard) == [first] * 3
        case Hears.NEXT_VOICE:
            assert voices(heard) == [other] * 3
        case Hears.CHANGED_VOICE:
            assert voices(heard) == [first, other, other]
        case Hears.SILENCE:
            assert heard.audio == []
            return
    for (text, chunks), voice in zip(segments, voices(heard)):
        # The last voice speaks the sentence from its beginning to its end, whatever was heard of it before.
        length = int(48_000 * spoken_seconds(text))
        assert is_sound(chunks) and seconds(chunks) > 0.95 * spoken_seconds(text), (text, seconds(chunks))
        assert voice_in(samples_of(chunks)[-length:][: length // 2]) == voice, text


# The documents.


def test_the_documents_show_this_table():
    page = (REPOSITORY / "docs" / "operating.md").read_text()
    shown = re.findall(r"^\| (.+?) \| (.+?) \|$", page, re.MULTILINE)
    missing = [(fault, hears) for _, fault, hears in FAULT_TABLE if (fault, hears) not in shown]
    assert missing == []


def test_no_two_rows_are_alike():
    assert len({name for name, _, _ in FAULT_TABLE}) == len({fault for _, fault, _ in FAULT_TABLE}) == len(ROWS)
