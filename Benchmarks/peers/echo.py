"""The least that a gRPC server in Python (grpc.aio) does: the messages of a turn of `scripted` and `tone`.

    python Benchmarks/peers/echo.py PORT

A prompt of `think` is answered by nothing: a turn that is open.
"""

import asyncio
import sys
from pathlib import Path

import grpc

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "Tests" / "NexyIntegrationTests"))

from contract import messages, services  # noqa: E402

AUDIO = messages.AudioChunk(
    audio_data=bytes(3890), dtype="int16", shape=[1945], sample_rate=48_000, channels=1
)
TURN = (
    [messages.StreamResponse(text_chunk=f"This is sentence number {number}. ") for number in range(1, 6)]
    + [messages.StreamResponse(audio_chunk=AUDIO)] * 57
    + [messages.StreamResponse(end_message="Completed")]
)


class Echo(services.StreamingServiceServicer):
    async def StreamAudio(self, request, context):
        if request.prompt == "think":
            await asyncio.sleep(600)
        for message in TURN:
            yield message


async def main() -> None:
    server = grpc.aio.server()
    services.add_StreamingServiceServicer_to_server(Echo(), server)
    server.add_insecure_port(f"127.0.0.1:{sys.argv[1]}")
    await server.start()
    await server.wait_for_termination()


asyncio.run(main())
