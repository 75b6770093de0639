"""What may be wrong with a turn's items: their order, their sound, their words, their end."""

import asyncio

from contract import COLLECT, messages
from mutant_calls import OK, changing, code_of, each, kind, status
from mutant_wire import Head, Trailers
from mutation import Mutation

Item = messages.StreamResponse
END = Item(end_message="done")


def renewed(part, **fields):
    """The item with other fields of its audio."""
    copy = Item.FromString(part.SerializeToString())
    for name, value in fields.items():
        setattr(copy.audio_chunk, name, value)
    return copy


# --- The end


@each("StreamAudio")
def no_terminal(part):
    return [] if kind(part) == "end_message" else [part]


@each("StreamAudio")
def two_terminals(part):
    return [part, part] if kind(part) == "end_message" else [part]


@each("StreamAudio")
def text_after_terminal(part):
    return [part, Item(text_chunk="And more.")] if kind(part) == "end_message" else [part]


@each("StreamAudio")
def error_and_end(part):
    return [part, END] if kind(part) == "error_message" else [part]


@each("StreamAudio")
def only_an_end(part):
    return [part] if kind(part) in (None, "end_message", "error_message") else []


@each("StreamAudio")
def good_end_bad_status(part):
    return [status(13, "broken")] if code_of(part) == OK else [part]


@each("StreamAudio")
def no_status(part):
    return [Trailers([])] if isinstance(part, Trailers) else [part]


# --- The sound


@each("StreamAudio")
def no_sound(part):
    return [] if kind(part) == "audio_chunk" else [part]


@each("StreamAudio")
def odd_sound(part):
    return [renewed(part, audio_data=part.audio_chunk.audio_data[:-1])] if kind(part) == "audio_chunk" else [part]


@each("StreamAudio")
def silence(part):
    still = kind(part) == "audio_chunk"
    return [renewed(part, audio_data=bytes(len(part.audio_chunk.audio_data)))] if still else [part]


def swapped(data: bytes) -> bytes:
    """Samples with their two bytes in the wrong order."""
    return bytes(byte for at in range(0, len(data) - 1, 2) for byte in (data[at + 1], data[at]))


@each("StreamAudio")
def noise(part):
    return [renewed(part, audio_data=swapped(part.audio_chunk.audio_data))] if kind(part) == "audio_chunk" else [part]


@each("StreamAudio")
def stutter(part):
    """Every chunk comes twice."""
    return [part, part] if kind(part) == "audio_chunk" else [part]


@each("StreamAudio")
def one_level(part):
    """Samples that are not zero, and move no loudspeaker."""
    level = b"\x00\x40" * (len(part.audio_chunk.audio_data) // 2) if kind(part) == "audio_chunk" else b""
    return [renewed(part, audio_data=level)] if level else [part]


@each("StreamAudio")
def half_rate(part):
    return [renewed(part, sample_rate=24_000)] if kind(part) == "audio_chunk" else [part]


@each("StreamAudio")
def no_rate(part):
    return [renewed(part, sample_rate=0)] if kind(part) == "audio_chunk" else [part]


@each("StreamAudio")
def no_channels(part):
    return [renewed(part, channels=0)] if kind(part) == "audio_chunk" else [part]


@each("StreamAudio")
def no_dtype(part):
    return [renewed(part, dtype="")] if kind(part) == "audio_chunk" else [part]


@changing("StreamAudio")
async def silent_beginning(call, request, parts):
    """The first chunk is all zero, as one that a client skips."""
    is_first = True
    async for part in parts:
        if is_first and kind(part) == "audio_chunk":
            part, is_first = renewed(part, audio_data=bytes(len(part.audio_chunk.audio_data))), False
        yield part


@changing("StreamAudio")
async def sentence_without_sound(call, request, parts):
    """The first sentence's sound is lost, the others' is there."""
    sentences = 0
    async for part in parts:
        sentences += kind(part) == "text_chunk"
        if kind(part) != "audio_chunk" or sentences != 1:
            yield part


@changing("StreamAudio")
async def great_chunks(call, request, parts):
    """Two chunks in one message: more than a chunk may hold."""
    held = None
    async for part in parts:
        if kind(part) == "audio_chunk" and held is None:
            held = part
            continue
        if kind(part) == "audio_chunk":
            part = renewed(part, audio_data=held.audio_chunk.audio_data + part.audio_chunk.audio_data)
        elif held is not None:
            yield held
        held = None
        yield part


@changing("StreamAudio")
async def sound_first(call, request, parts):
    """A sentence's words come after its sound."""
    words = None
    async for part in parts:
        if words is not None and kind(part) != "audio_chunk":
            yield words
            words = None
        if kind(part) == "text_chunk":
            words = part
        else:
            yield part


# --- The words


@each("StreamAudio")
def lost_word(part):
    """The second word of every sentence, and the space before it, is gone."""
    words = part.text_chunk.split(" ") if kind(part) == "text_chunk" else []
    return [Item(text_chunk=" ".join(words[:1] + words[2:]))] if len(words) > 2 else [part]


@each("StreamAudio")
def lost_spaces(part):
    return [Item(text_chunk=part.text_chunk.replace(" ", ""))] if kind(part) == "text_chunk" else [part]


@each("StreamAudio")
def doubled_sentence(part):
    return [part, part] if kind(part) == "text_chunk" else [part]


@changing("StreamAudio")
async def swapped_sentences(call, request, parts):
    """The first sentence, with its sound, comes after the second."""
    first, sentences = [], 0
    async for part in parts:
        sentences += kind(part) == "text_chunk"
        if kind(part) in ("text_chunk", "audio_chunk") and sentences == 1:
            first.append(part)
            continue
        if first and (sentences == 3 or kind(part) not in ("text_chunk", "audio_chunk")) and not isinstance(part, Head):
            for one in first:
                yield one
            first = []
        yield part


@each("StreamAudio")
def lost_tail(part):
    """What stands after the last full stop or, in a single sentence, the sentence itself, is cut by a character."""
    return [Item(text_chunk=part.text_chunk.rstrip()[:-1])] if kind(part) == "text_chunk" else [part]


# --- The command


@each("StreamAudio")
def no_action(part):
    return [] if kind(part) == "action_message" else [part]


@each("StreamAudio")
def two_actions(part):
    return [part, part] if kind(part) == "action_message" else [part]


@changing("StreamAudio")
async def late_action(call, request, parts):
    """The command stands after the terminal."""
    action = None
    async for part in parts:
        if kind(part) == "action_message":
            action = part
            continue
        if action is not None and isinstance(part, Trailers):
            yield action
        yield part


@each("StreamAudio")
def foreign_action(part):
    """The command belongs to another session."""
    if kind(part) != "action_message":
        return [part]
    stranger = "00000000-0000-4000-8000-000000000000"
    words = part.action_message.action_json.replace(part.action_message.session_id, stranger)
    return [Item(action_message=messages.ActionMessage(action_json=words, session_id=stranger))]


@each("StreamAudio")
def torn_action(part):
    """The command is no JSON."""
    if kind(part) != "action_message":
        return [part]
    half = part.action_message.action_json[:-2]
    return [Item(action_message=messages.ActionMessage(action_json=half, session_id=part.action_message.session_id))]


# --- When


@changing("StreamAudio")
async def slow_sound(call, request, parts):
    """The first sound of a turn comes three seconds late: no rules need so long."""
    is_first = request.phase != COLLECT
    async for part in parts:
        if is_first and kind(part) == "audio_chunk":
            is_first = False
            await asyncio.sleep(3)
        yield part


MUTATIONS = [
    Mutation("no-terminal", "every turn ends with one terminal", "smoke", "smoke.", no_terminal),
    Mutation("two-terminals", "exactly one terminal", "smoke", "smoke.", two_terminals),
    Mutation("only-an-end", "a turn brings words and sound, never only an end", "smoke", "smoke.", only_an_end),
    Mutation("good-end-bad-status", "the status of a good turn is OK", "smoke", "smoke.", good_end_bad_status),
    Mutation("no-status", "a call ends with a gRPC status", "smoke", "smoke.", no_status),
    Mutation("no-sound", "a turn is spoken", "smoke", "smoke.", no_sound),
    Mutation("odd-sound", "chunks have an even number of bytes", "smoke", "smoke.", odd_sound),
    Mutation("silence", "sound has energy", "smoke", "smoke.", silence),
    Mutation("noise", "samples are little-endian", "smoke", "smoke.", noise),
    Mutation("stutter", "a chunk comes once", "smoke", "smoke.", stutter),
    Mutation("one-level", "sound moves a loudspeaker", "smoke", "smoke.", one_level),
    Mutation("no-rate", "every chunk tells its rate", "smoke", "smoke.", no_rate),
    Mutation("no-channels", "every chunk tells its channels", "smoke", "smoke.", no_channels),
    Mutation("slow-sound", "the first sound comes soon", "contract", "contract.", slow_sound),
    Mutation("half-rate", "sound is at 48 kHz", "contract", "contract.", half_rate),
    Mutation("no-dtype", "every chunk tells its type", "contract", "contract.", no_dtype),
    Mutation("silent-beginning", "the first chunk is never all zero", "contract", "contract.", silent_beginning),
    Mutation("sentence-without-sound", "each sentence has its sound", "contract", "contract.", sentence_without_sound),
    Mutation("great-chunks", "a chunk holds at most 4,096 bytes", "contract", "contract.", great_chunks),
    Mutation("sound-first", "a sentence's text comes before its sound", "contract", "contract.", sound_first),
    Mutation("text-after-terminal", "nothing follows the terminal", "contract", "contract.", text_after_terminal),
    Mutation("error-and-end", "an error is the only terminal", "contract", "contract.", error_and_end),
    Mutation("lost-word", "the text is what the model wrote", "contract", "contract.", lost_word),
    Mutation("lost-spaces", "white space is the model's", "contract", "contract.", lost_spaces),
    Mutation("lost-tail", "the last words of a reply are kept", "contract", "contract.", lost_tail),
    Mutation("doubled-sentence", "a sentence comes once", "contract", "contract.", doubled_sentence),
    Mutation("swapped-sentences", "sentences keep their order", "contract", "contract.", swapped_sentences),
    Mutation("no-action", "a command reaches the client", "contract", "contract.", no_action),
    Mutation("two-actions", "at most one action", "contract", "contract.", two_actions),
    Mutation("late-action", "the action comes before the terminal", "contract", "contract.", late_action),
    Mutation("foreign-action", "the action is of the request's session", "contract", "contract.", foreign_action),
    Mutation("torn-action", "the action is JSON", "contract", "contract.", torn_action),
]
