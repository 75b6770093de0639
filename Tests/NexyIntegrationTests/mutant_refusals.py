"""What may be wrong with a refusal and with COLLECT."""

import asyncio

from contract import COLLECT, COMMIT, UNSPECIFIED, messages
from mutant_calls import HEAD, INTERNAL, INVALID, OK, changing, code_of, coded, each, escaped, kind, status, with_field
from mutant_wire import Head
from mutation import Mutation

Item = messages.StreamResponse


# --- Refusals of turns


@changing("StreamAudio")
async def any_device(call, request, parts):
    """A turn without a device is served."""
    if not request.hardware_id.strip() or request.hardware_id.lower() == "unknown":
        request.hardware_id = "somebody"
        call.replace(request.SerializeToString())
    async for part in parts:
        yield part


@changing("StreamAudio")
async def any_session(call, request, parts):
    """A session's name is taken as it comes."""
    answer = [part async for part in parts]
    if any("session_id is required" in getattr(part, "error_message", "") for part in answer):
        answer = [Head(HEAD), Item(end_message="done"), status(OK)]
    for part in answer:
        yield part


@changing("StreamAudio")
async def any_phase(call, request, parts):
    if request.phase not in (UNSPECIFIED, COLLECT, COMMIT):
        request.phase = COMMIT
        call.replace(request.SerializeToString())
    async for part in parts:
        yield part


@changing("StreamAudio")
async def any_prompt(call, request, parts):
    """Nothing to say is answered all the same."""
    async for part in parts:
        if "Empty prompt" in getattr(part, "error_message", ""):
            yield Item(end_message="done")
        elif code_of(part) == INVALID and b"Empty" in dict(part.fields).get(b"grpc-message", b""):
            yield status(OK)
        else:
            yield part


@each("StreamAudio")
def bare_status(part):
    """The status comes without the error message before it."""
    return [] if kind(part) == "error_message" else [part]


@each("StreamAudio")
def other_words(part):
    """The error message is not the one that clients know."""
    return [Item(error_message="bad request")] if kind(part) == "error_message" else [part]


@each("StreamAudio")
def other_details(part):
    """The status says something else than the error message."""
    return [with_field(part, b"grpc-message", escaped("Unexpected"))] if code_of(part) == INVALID else [part]


@changing("StreamAudio")
async def slow_refusal(call, request, parts):
    """Who sends no device is told so after five seconds."""
    async for part in parts:
        if kind(part) == "error_message" and not request.hardware_id:
            await asyncio.sleep(5)
        yield part


@changing("StreamAudio")
async def no_picture_limit(call, request, parts):
    """A screenshot beyond the limit is let in."""
    if len(request.screenshot) > 1 << 20:
        request.ClearField("screenshot")
        call.replace(request.SerializeToString())
    async for part in parts:
        yield part


# --- COLLECT


@changing("StreamAudio")
async def other_receipt(call, request, parts):
    async for part in parts:
        is_receipt = kind(part) == "end_message" and request.phase == COLLECT
        yield Item(end_message="accepted") if is_receipt else part


@changing("StreamAudio")
async def forgotten_pieces(call, request, parts):
    """COLLECT is acknowledged and thrown away."""
    if request.phase == COLLECT:
        for part in [Head(HEAD), Item(end_message="COLLECT_ACCEPTED"), status(OK)]:
            yield part
        return
    async for part in parts:
        yield part


@changing("StreamAudio")
async def others_pieces(call, request, parts):
    """COMMIT answers another prompt than what was collected."""
    if request.phase == COLLECT and request.chunk_text:
        request.chunk_text = "Good morning"
        call.replace(request.SerializeToString())
    async for part in parts:
        yield part


@changing("StreamAudio")
async def first_piece_only(call, request, parts):
    """A later piece of a prompt is dropped."""
    key = (request.hardware_id, request.session_id)
    if request.phase == COLLECT and request.chunk_text:
        request.chunk_text = call.state.setdefault(key, request.chunk_text)
        call.replace(request.SerializeToString())
    async for part in parts:
        yield part


MUTATIONS = [
    Mutation("any-device", "a bad hardware_id is refused", "smoke", "smoke.", any_device),
    Mutation("any-session", "a bad session_id is refused", "smoke", "smoke.", any_session),
    Mutation("forgotten-pieces", "COMMIT answers what was collected", "smoke", "smoke.", forgotten_pieces),
    Mutation("other-receipt", "COLLECT answers COLLECT_ACCEPTED", "smoke", "smoke.", other_receipt),
    Mutation(
        "refusal-is-ok", "a refusal is INVALID_ARGUMENT", "contract", "contract.", coded("StreamAudio", INVALID, OK)
    ),
    Mutation(
        "refusal-is-internal",
        "a client's mistake is not the server's",
        "contract",
        "contract.",
        coded("StreamAudio", INVALID, INTERNAL),
    ),
    Mutation("any-phase", "an unknown phase is refused", "contract", "contract.", any_phase),
    Mutation("any-prompt", "nothing to say is refused", "contract", "contract.", any_prompt),
    Mutation("bare-status", "error_message comes before the status", "contract", "contract.", bare_status),
    Mutation("other-words", "refusals have the words that clients know", "contract", "contract.", other_words),
    Mutation("other-details", "the status has the message's words", "contract", "contract.", other_details),
    Mutation("slow-refusal", "refusals come at once", "contract", "contract.", slow_refusal),
    Mutation("no-picture-limit", "a screenshot has a limit", "contract", "contract.", no_picture_limit),
    Mutation("others-pieces", "COMMIT answers what was collected", "contract", "contract.", others_pieces),
    Mutation("first-piece-only", "pieces join", "contract", "contract.", first_piece_only),
]
