"""Ten times the limit arrives at once: how long refusals take, and what the admitted turns feel of it.

    NEXY_BINARY=.build/release/nexy python Tests/Load/overload.py --limit 50 --times 10

Every client has a connection of its own, opened before. In each round the admitted turns come alone, and then in a
crowd. Times are the client's, from its own request to the frame it waits for.
"""

import argparse
import json
import selectors
import socket
import statistics
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from subject import Subject
from wire import END_STREAM, OPENING, Type, call, frame, message

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "NexyIntegrationTests"))

from contract import messages  # noqa: E402

# A frame of sound is longer than any of text.
SOUND = 2_000
# Seconds that a round may take.
LIMIT = 60


@dataclass
class Caller:
    """One client: its connection, its request ready to be sent, and when it heard what."""

    port: int
    request: bytes = b""
    sent: float = 0
    sound: float | None = None
    ended: float | None = None
    _buffer: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(OPENING)
        asked = messages.StreamRequest(
            prompt="Tell me something.", hardware_id=str(uuid.uuid4()), session_id=str(uuid.uuid4()), phase=2
        )
        self.request = b"".join(call(1, message(asked.SerializeToString())))
        self.socket.setblocking(False)

    def ask(self) -> None:
        self.sent = time.perf_counter()
        self.socket.send(self.request)

    def read(self, now: float) -> None:
        self._buffer += self.socket.recv(1 << 18)
        at = 0
        while len(self._buffer) - at >= 9:
            length = int.from_bytes(self._buffer[at : at + 3], "big")
            if len(self._buffer) - at < 9 + length:
                break
            kind, flags = self._buffer[at + 3], self._buffer[at + 4]
            if kind == Type.SETTINGS and not flags:
                self.socket.send(frame(Type.SETTINGS, flags=1))
            if kind == Type.DATA and length > SOUND and self.sound is None:
                self.sound = now
            if kind == Type.HEADERS and flags & END_STREAM and self.ended is None:
                self.ended = now
            at += 9 + length
        del self._buffer[:at]

    @property
    def is_admitted(self) -> bool:
        return self.sound is not None


def crowd(port: int, count: int, over: float = 0) -> list[Caller]:
    """Opens `count` connections, lets all ask within `over` seconds, and reads until every one is answered."""
    callers = [Caller(port) for _ in range(count)]
    with selectors.DefaultSelector() as selector:
        for caller in callers:
            selector.register(caller.socket, selectors.EVENT_READ, caller)
        _read(selector, callers, until=time.perf_counter() + 0.5, enough=lambda _: False)
        began = time.perf_counter()
        for number, caller in enumerate(callers):
            if over:
                _read(selector, callers, until=began + over * number / count, enough=lambda _: False)
            caller.ask()
        _read(selector, callers, until=time.perf_counter() + LIMIT, enough=lambda caller: caller.ended is not None)
    for caller in callers:
        caller.socket.close()
    return callers


def _read(selector, callers: list[Caller], until: float, enough) -> None:
    waiting = sum(not enough(caller) for caller in callers)
    while waiting and (left := until - time.perf_counter()) > 0:
        for key, _ in selector.select(left):
            had_enough = enough(key.data)
            key.data.read(time.perf_counter())
            waiting -= enough(key.data) and not had_enough


def milliseconds(seconds: list[float], quantile: float) -> float:
    ordered = sorted(seconds)
    return 1_000 * ordered[min(len(ordered) - 1, int(quantile * len(ordered)))]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=int, default=50, help="turns at the same time")
    parser.add_argument("--times", type=int, default=10, help="how many times the limit arrives")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--thinking-ms", type=int, default=100, help="what the model waits before its first word")
    parser.add_argument("--holding-ms", type=int, default=3_000, help="how long a turn holds its slot after it")
    parser.add_argument("--over-ms", type=int, default=0, help="how long the crowd takes to arrive; 0 is one instant")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    # The second sentence comes late, so that nobody gives a slot back while the crowd is being answered.
    deltas = [
        {"text": "This is the answer. ", "delay_ms": options.thinking_ms},
        {"text": "It has a second sentence.", "delay_ms": options.holding_ms},
    ]
    server = Subject([{"deltas": deltas}], {"BACKPRESSURE_MAX_STREAMS": str(options.limit)})
    try:
        crowd(server.grpc_port, options.limit)
        rounds = []
        for number in range(1, options.rounds + 1):
            alone = crowd(server.grpc_port, options.limit, options.over_ms / 1_000 / options.times)
            crowded = crowd(server.grpc_port, options.limit * options.times, options.over_ms / 1_000)
            rounds.append(figures(alone, crowded))
            print(f"round {number}  {rounds[-1]}")
    finally:
        server.close()
    medians = {name: round(statistics.median(each[name] for each in rounds), 2) for name in rounds[0]}
    print(
        f"median of {options.rounds} rounds, limit {options.limit}, {options.times} times as many "
        f"{f'over {options.over_ms} ms' if options.over_ms else 'at once'}: "
        f"refused p50 {medians['refused_p50_ms']} p95 {medians['refused_p95_ms']} ms; "
        f"first audio p95 alone {medians['alone_p95_ms']}, in the crowd {medians['crowded_p95_ms']} ms "
        f"({medians['ratio_p95']} times)"
    )
    if options.json:
        options.json.write_text(json.dumps(medians | vars(options) | {"json": None}))
    return 0


def figures(alone: list[Caller], crowded: list[Caller]) -> dict[str, float]:
    assert all(caller.is_admitted for caller in alone), "a turn was refused though there was room"
    refused = [caller.ended - caller.sent for caller in crowded if not caller.is_admitted]
    heard = [caller.sound - caller.sent for caller in crowded if caller.is_admitted]
    assert len(heard) == len(alone), f"{len(heard)} turns were let in, {len(alone)} may be"
    before = milliseconds([caller.sound - caller.sent for caller in alone], 0.95)
    during = milliseconds(heard, 0.95)
    return {
        "refused_p50_ms": round(milliseconds(refused, 0.5), 2),
        "refused_p95_ms": round(milliseconds(refused, 0.95), 2),
        "alone_p95_ms": round(before, 2),
        "crowded_p95_ms": round(during, 2),
        "ratio_p95": round(during / before, 2),
    }


if __name__ == "__main__":
    sys.exit(main())
