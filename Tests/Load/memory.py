"""What an open turn costs in memory: one whose model is still thinking, and one whose client reads nothing.

    NEXY_BINARY=.build/release/nexy python Tests/Load/memory.py --turns 500
"""

import argparse
import json
import socket
import sys
import time
import uuid
from pathlib import Path

from subject import Subject
from wire import PREFACE, Type, call, frame, message

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "NexyIntegrationTests"))

from contract import messages  # noqa: E402
from server import eventually  # noqa: E402

THINKING = {"when": "think", "deltas": [{"text": "Now I know.", "delay_ms": 600_000}]}
TALKING = {
    "when": "talk",
    "deltas": [f"This is sentence number {number} of an answer that nobody will ever read. " for number in range(2_000)],
}
QUIET = {
    "BACKPRESSURE_MAX_STREAMS": "10000",
    "LOG_LEVEL": "warning",
    "LLM_FIRST_DELTA_TIMEOUT_MS": "600000",
    "LLM_STALL_TIMEOUT_MS": "600000",
}
# Turns that are open before, so that what is only made once is there.
WARM_UP = 50


def request(prompt: str) -> bytes:
    asked = messages.StreamRequest(
        prompt=prompt, hardware_id=str(uuid.uuid4()), session_id=str(uuid.uuid4()), phase=2
    )
    return message(asked.SerializeToString())


def open_turns(port: int, prompt: str, count: int, streams: int) -> list[socket.socket]:
    """Opens turns, `streams` a connection, and reads nothing of them: the windows stay as they are at the start."""
    connections = []
    for first in range(0, count, streams):
        connected = socket.create_connection(("127.0.0.1", port), timeout=10)
        frames = [
            piece for number in range(min(streams, count - first)) for piece in call(2 * number + 1, request(prompt))
        ]
        connected.sendall(PREFACE + frame(Type.SETTINGS) + b"".join(frames))
        connections.append(connected)
    return connections


def cost(prompt: str, count: int, streams: int, settle: float) -> float:
    """KiB that a turn holds, in a server that has no memory left over from others."""
    server = Subject([THINKING, TALKING], QUIET)
    try:
        others = open_turns(server.grpc_port, prompt, WARM_UP, streams)
        assert eventually(lambda: server.active_turns == WARM_UP, within=30)
        time.sleep(settle)
        before = server.levels()
        connections = open_turns(server.grpc_port, prompt, count, streams)
        assert eventually(lambda: server.active_turns == WARM_UP + count, within=30), f"{server.active_turns} turns run"
        time.sleep(settle)
        during = server.levels()
        for connected in connections:
            connected.close()
        assert eventually(lambda: server.active_turns <= WARM_UP, within=30), "turns run on after their clients left"
        for connected in others:
            connected.close()
        return (during.anonymous_kib - before.anonymous_kib) / count
    finally:
        server.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=500, help="turns whose model thinks")
    parser.add_argument("--deaf", type=int, default=50, help="turns whose client reads nothing")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    figures = {
        "idle_kib": cost("think", options.turns, streams=50, settle=2),
        "idle_with_connection_kib": cost("think", options.turns, streams=1, settle=2),
        "deaf_kib": cost("talk", options.deaf, streams=1, settle=5),
    }
    print(
        f"an idle turn holds {figures['idle_kib']:.1f} KiB, {figures['idle_with_connection_kib']:.1f} KiB with a "
        f"connection of its own; one whose client reads nothing {figures['deaf_kib']:.0f} KiB"
    )
    if options.json:
        options.json.write_text(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
