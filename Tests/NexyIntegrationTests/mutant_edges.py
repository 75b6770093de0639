"""What may be wrong where the contract ends: gRPC's own health, unknown methods, no gRPC at all, too much of it."""

from contract import messages
from mutant_calls import (
    EXHAUSTED,
    HEAD,
    INTERNAL,
    NOT_FOUND,
    OK,
    UNIMPLEMENTED,
    UNKNOWN,
    changing,
    code_of,
    status,
    with_field,
)
from mutant_wire import Head, Message, Trailers
from mutation import Mutation

# --- grpc.health.v1


async def not_serving(call):
    """Health says NOT_SERVING (field 1, value 2) of what serves."""
    async for part in call.parts():
        is_serving = call.method in ("Check", "Watch") and part == Message(b"\x08\x01")
        yield Message(b"\x08\x02") if is_serving else part


async def no_health(call):
    if call.method in ("Check", "Watch"):
        yield status(UNIMPLEMENTED, "unknown method")
        return
    async for part in call.parts():
        yield part


async def everything_serves(call):
    """Health says SERVING of a service that does not exist."""
    async for part in call.parts():
        if call.method == "Check" and code_of(part) == NOT_FOUND:
            yield Head(HEAD)
            yield Message(b"\x08\x01")
            yield status(OK)
        else:
            yield part


# --- What is no call of the contract


async def unknown_is_internal(call):
    """A method that does not exist is INTERNAL."""
    async for part in call.parts():
        yield with_field(part, b"grpc-status", b"%d" % INTERNAL) if code_of(part) == UNIMPLEMENTED else part


async def unknown_is_good(call):
    """A method that does not exist succeeds with nothing."""
    async for part in call.parts():
        if code_of(part) == UNIMPLEMENTED:
            yield Head(HEAD)
            yield Message(b"")
            yield status(OK)
        else:
            yield part


async def any_content(call):
    """A request that is no gRPC is answered as if it were."""
    if not dict(call.fields).get(b"content-type", b"").startswith(b"application/grpc"):
        call.fields = [(name, value if name != b"content-type" else b"application/grpc") for name, value in call.fields]
    async for part in call.parts():
        yield part


async def great_is_invalid(call):
    """A request that is too large gets another status."""
    async for part in call.parts():
        told = dict(part.fields).get(b"grpc-message", b"") if isinstance(part, Trailers) else b""
        is_size = code_of(part) == EXHAUSTED and b"retry-after" not in dict(part.fields) and b"STREAM_LIMIT" not in told
        yield with_field(part, b"grpc-status", b"%d" % UNKNOWN) if is_size else part


@changing("StreamAudio")
async def great_is_good(call, request, parts):
    """A request beyond every limit is let in."""
    if request.ByteSize() > 15 << 20:
        call.replace(
            messages.StreamRequest(
                prompt=request.prompt[:100] or "Hello",
                hardware_id=request.hardware_id[:100],
                session_id=request.session_id,
                phase=request.phase,
            ).SerializeToString()
        )
    async for part in parts:
        yield part


MUTATIONS = [
    Mutation("not-serving", "grpc.health.v1 says SERVING", "health", "health.", not_serving),
    Mutation("no-health", "grpc.health.v1 is there", "health", "health.", no_health),
    Mutation("everything-serves", "an unknown service is NOT_FOUND", "health", "health.", everything_serves),
    Mutation(
        "unknown-is-internal",
        "an unknown method is UNIMPLEMENTED",
        "interceptors",
        "interceptors.",
        unknown_is_internal,
    ),
    Mutation("unknown-is-good", "an unknown method fails", "interceptors", "interceptors.", unknown_is_good),
    Mutation("any-content", "what is no gRPC is not answered as such", "interceptors", "interceptors.", any_content),
    Mutation("great-is-invalid", "too large is RESOURCE_EXHAUSTED", "interceptors", "interceptors.", great_is_invalid),
    Mutation("great-is-good", "a request has a limit", "interceptors", "interceptors.", great_is_good),
]
