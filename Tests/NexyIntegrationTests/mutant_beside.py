"""What may be wrong with the calls beside turns: interrupting, greeting, reporting usage."""

from contract import messages
from mutant_calls import CANCELLED, HEAD, INVALID, OK, changing, code_of, coded, each, kind, status
from mutant_wire import Head
from mutation import Mutation

# --- Interrupting


@changing("InterruptSession")
async def deaf_interrupt(call, request, parts):
    """It says that it interrupted, and did not."""
    if request.hardware_id in ("", "unknown"):
        async for part in parts:
            yield part
        return
    for part in [Head(HEAD), messages.InterruptResponse(success=True, message="done"), status(OK)]:
        yield part


@changing("InterruptSession")
async def nameless_interrupt(call, request, parts):
    """It does not tell which sessions it ended."""
    async for part in parts:
        if isinstance(part, messages.InterruptResponse):
            part.ClearField("interrupted_sessions")
        yield part


@changing("InterruptSession")
async def failing_interrupt(call, request, parts):
    async for part in parts:
        if isinstance(part, messages.InterruptResponse):
            part.success = False
        yield part


@changing("StreamAudio")
async def quiet_interruption(call, request, parts):
    """A turn that was interrupted ends as a good one."""
    is_cut = False
    async for part in parts:
        is_cut = is_cut or code_of(part) == CANCELLED
        yield status(OK) if code_of(part) == CANCELLED else part


# --- Greetings


@each("GenerateWelcomeAudio")
def mute_welcome(part):
    return [] if kind(part) == "audio_chunk" else [part]


@each("GenerateWelcomeAudio")
def welcome_without_metadata(part):
    return [] if kind(part) == "metadata" else [part]


@each("GenerateWelcomeAudio")
def welcome_without_end(part):
    return [] if kind(part) == "end_message" else [part]


@changing("GenerateWelcomeAudio")
async def late_metadata(call, request, parts):
    """The metadata comes after the first sound."""
    held = None
    async for part in parts:
        if kind(part) == "metadata":
            held = part
            continue
        yield part
        if held is not None and kind(part) == "audio_chunk":
            yield held
            held = None


@changing("GenerateWelcomeAudio")
async def silent_welcome(call, request, parts):
    async for part in parts:
        if kind(part) == "audio_chunk":
            part.audio_chunk.audio_data = bytes(len(part.audio_chunk.audio_data))
        yield part


@changing("GenerateWelcomeAudio")
async def lost_chunk(call, request, parts):
    """The first chunk of a greeting, four hundredths of a second, is lost."""
    is_lost = False
    async for part in parts:
        if kind(part) == "audio_chunk" and not is_lost:
            is_lost = True
            continue
        yield part


@each("GenerateWelcomeAudio")
def twice_metadata(part):
    return [part, part] if kind(part) == "metadata" else [part]


@each("GenerateWelcomeAudio")
def other_metadata(part):
    """The metadata tells another rate than the chunks."""
    if kind(part) == "metadata":
        part.metadata.sample_rate = 16_000
    return [part]


@each("GenerateWelcomeAudio")
def shaped_welcome(part):
    if kind(part) == "audio_chunk":
        part.audio_chunk.shape.append(len(part.audio_chunk.audio_data) // 2)
    return [part]


# --- Usage


@changing("ReportUsage")
async def lost_usage(call, request, parts):
    async for part in parts:
        if isinstance(part, messages.UsageResponse):
            part.success = False
        yield part


@changing("ReportUsage")
async def anybodys_usage(call, request, parts):
    """A report of nobody is taken."""
    async for part in parts:
        if isinstance(part, messages.UsageResponse):
            part.success, part.message = True, "Usage recorded"
        yield part


MUTATIONS = [
    Mutation("failing-interrupt", "interrupting succeeds", "smoke", "smoke.", failing_interrupt),
    Mutation(
        "bad-device-interrupts",
        "interrupting needs a device",
        "smoke",
        "smoke.",
        coded("InterruptSession", INVALID, OK),
    ),
    Mutation("mute-welcome", "a greeting has sound", "smoke", "smoke.", mute_welcome),
    Mutation("silent-welcome", "a greeting's sound has energy", "smoke", "smoke.", silent_welcome),
    Mutation("welcome-without-end", "a greeting ends with a terminal", "smoke", "smoke.", welcome_without_end),
    Mutation("lost-usage", "usage is kept", "smoke", "smoke.", lost_usage),
    Mutation("deaf-interrupt", "interrupting ends the turn", "contract", "contract.", deaf_interrupt),
    Mutation("nameless-interrupt", "interrupting tells the sessions", "contract", "contract.", nameless_interrupt),
    Mutation("quiet-interruption", "an interrupted turn is CANCELLED", "contract", "contract.", quiet_interruption),
    Mutation(
        "welcome-without-metadata", "a greeting begins with metadata", "contract", "contract.", welcome_without_metadata
    ),
    Mutation("late-metadata", "metadata comes first", "contract", "contract.", late_metadata),
    Mutation("anybodys-usage", "a report is of a device", "contract", "contract.", anybodys_usage),
    Mutation("lost-chunk", "a greeting is as long as it was announced", "contract", "contract.", lost_chunk),
    Mutation("twice-metadata", "metadata comes once", "contract", "contract.", twice_metadata),
    Mutation("other-metadata", "metadata tells the chunks' rate", "contract", "contract.", other_metadata),
    Mutation("shaped-welcome", "chunks have no shape", "smoke", "smoke.", shaped_welcome),
]
