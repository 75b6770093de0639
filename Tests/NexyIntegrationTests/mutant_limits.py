"""What may be wrong with slots, deadlines and cancelling: a proxy that keeps its own count of turns."""

import asyncio

from contract import COLLECT, messages
from mutant_calls import EXHAUSTED, OK, UNAVAILABLE, changing, code_of, good_turn, kind, status, with_field
from mutant_wire import Trailers
from mutation import Mutation

Item = messages.StreamResponse
FULL = "STREAM_LIMIT_EXCEEDED"


def is_full(part) -> bool:
    """Whether this is a part of the refusal for want of a slot."""
    told = dict(part.fields).get(b"grpc-message", b"") if isinstance(part, Trailers) else b""
    return FULL in getattr(part, "error_message", "") or told.startswith(FULL.encode())


def refusal(limit: int) -> list:
    words = f"{FULL}: Maximum concurrent streams ({limit}) reached. Current active: {limit}"
    return [Item(error_message=words), status(EXHAUSTED, words, retry_after="1")]


def counting(leaks_when: str | None, fewer: int = 0):
    """A proxy that refuses beyond `fewer` than the limit, counting turns that run and, for ever, one that `leaks_when`
    it has "ended" or was "cancelled"."""

    @changing("StreamAudio")
    async def change(call, request, parts):
        if request.phase == COLLECT:
            async for part in parts:
                yield part
            return
        taken = call.state.setdefault("taken", set())
        lost = call.state.setdefault("lost", set())
        if len(taken) + len(lost) >= call.limit - fewer:
            for part in refusal(call.limit):
                yield part
            return
        slot, ending = object(), "cancelled"
        taken.add(slot)
        try:
            async for part in parts:
                # The slot of a turn is free once its client has the status.
                if isinstance(part, Trailers):
                    ending = "ended" if code_of(part) == OK else "failed"
                    free(call, slot, ending, leaks_when)
                yield part
        finally:
            free(call, slot, ending, leaks_when)

    return change


def free(call, slot, ending: str, leaks_when: str | None) -> None:
    if slot in call.state["taken"]:
        call.state["taken"].discard(slot)
        if ending == leaks_when and not call.state["lost"]:
            call.state["lost"].add(slot)


@changing("StreamAudio")
async def no_limit(call, request, parts):
    """Whom the server refuses for want of a slot, the proxy serves itself."""
    async for part in parts:
        if is_full(part):
            for one in good_turn():
                yield one
            return
        if code_of(part) is None and kind(part) is None:
            # A head: kept back until it is known what follows.
            continue
        yield part


@changing("StreamAudio")
async def waiting_room(call, request, parts):
    """The surplus is not refused: it waits."""
    async for part in parts:
        if is_full(part):
            await asyncio.Event().wait()
        yield part


def full_as(code: int):
    """The refusal for want of a slot has another status."""

    @changing("StreamAudio")
    async def change(call, request, parts):
        async for part in parts:
            is_end = isinstance(part, Trailers) and is_full(part)
            yield with_field(part, b"grpc-status", b"%d" % code) if is_end else part

    return change


@changing("StreamAudio")
async def no_retry_after(call, request, parts):
    async for part in parts:
        yield with_field(part, b"retry-after", None) if isinstance(part, Trailers) and part.fields else part


@changing("StreamAudio")
async def other_refusal(call, request, parts):
    """The refusal has not the words that clients know."""
    async for part in parts:
        yield Item(error_message="busy") if kind(part) == "error_message" and is_full(part) else part


@changing("StreamAudio")
async def crowded_out(call, request, parts):
    """Who comes too late is refused, and the last who was in time is thrown out."""
    crowd = call.state.setdefault("crowd", [])
    me = asyncio.current_task()
    crowd.append(me)
    try:
        async for part in parts:
            if is_full(part) and crowd[:-1] and not call.state.get("thrown"):
                call.state["thrown"] = crowd[-2]
            if call.state.get("thrown") is me:
                yield Item(error_message="Another turn came.")
                yield status(UNAVAILABLE, "Another turn came.")
                return
            yield part
    finally:
        crowd.remove(me)


async def endless_deadline(call):
    """The client's deadline never reaches the server, and neither does that it left."""
    call.fields = [(name, value) for name, value in call.fields if name != b"grpc-timeout"]
    call.outlives_client = True
    async for part in call.parts():
        yield part


async def endless_cancel(call):
    """The server never learns that a client cancelled."""
    call.outlives_client = True
    async for part in call.parts():
        yield part


def without_requests(log: str) -> str:
    """A log that says nothing of calls."""
    return "".join(line for line in log.splitlines(keepends=True) if "scope=grpc" not in line)


def without_ends(log: str) -> str:
    """A log in which calls begin and never end."""
    ends = ("complete", "error", "abort", "cancelled", "reject", "collect_ack")
    return "".join(
        line for line in log.splitlines(keepends=True) if not any(f" decision={end} " in line for end in ends)
    )


MUTATIONS = [
    Mutation("no-limit", "the surplus is refused", "backpressure", "backpressure.", no_limit),
    Mutation("waiting-room", "the surplus is refused at once", "backpressure", "backpressure.", waiting_room),
    Mutation(
        "full-is-unavailable",
        "the surplus is RESOURCE_EXHAUSTED",
        "backpressure",
        "backpressure.",
        full_as(UNAVAILABLE),
    ),
    Mutation("full-is-ok", "the surplus has a status", "backpressure", "backpressure.", full_as(OK)),
    Mutation(
        "other-refusal", "the refusal has the words that clients know", "backpressure", "backpressure.", other_refusal
    ),
    Mutation("no-retry-after", "the refusal tells when to come again", "backpressure", "backpressure.", no_retry_after),
    Mutation("one-too-few", "the server admits its limit", "backpressure", "backpressure.", counting(None, fewer=1)),
    Mutation("leak-when-ended", "a turn that ended frees its slot", "backpressure", "backpressure.", counting("ended")),
    Mutation(
        "leak-when-cancelled",
        "a turn that was cancelled frees its slot",
        "backpressure",
        "backpressure.",
        counting("cancelled"),
    ),
    Mutation("crowded-out", "turns that run are not disturbed", "backpressure", "backpressure.", crowded_out),
    Mutation(
        "endless-deadline", "a deadline ends a turn at the server", "interceptors", "interceptors.", endless_deadline
    ),
    Mutation("endless-cancel", "cancelling ends a turn at the server", "interceptors", "interceptors.", endless_cancel),
    Mutation("silent-log", "calls are in the log", "interceptors", "interceptors.", log=without_requests),
    Mutation("endless-log", "each call has a last line in the log", "interceptors", "interceptors.", log=without_ends),
]
