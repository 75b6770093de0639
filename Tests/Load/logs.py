"""How fast `nexy logs stats` reads a large log, beside a program that only counts one word in it.

    NEXY_BINARY=.build/release/nexy python Tests/Load/logs.py --megabytes 1024
"""

import argparse
import os
import random
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median

START = (
    "ts=2026-11-21T{time}+00:00 level=INFO scope=grpc method={method} decision=start "
    'ctx={{"hardware_id": "mac-{device}", "request_id": "{request:012x}"}} msg=RPC started\n'
)
END = (
    "ts=2026-11-21T{time}+00:00 level={level} scope=grpc method={method} decision={decision} "
    'ctx={{"audio_ms": 3120, {error}"first_audio_ms": 48, "first_text_ms": 31, "hardware_id": "mac-{device}", '
    '"request_id": "{request:012x}", "segments": 4}} dur_ms={duration} msg=RPC ended\n'
)
ERROR = '"error_classified": "transient", "error_code": "UNAVAILABLE", "error_type": "model_failed", '


def hour_of_lines(chance: random.Random) -> str:
    """Two lines for each of 36,000 RPCs, as a busy server writes them."""
    lines = []
    for number in range(36_000):
        moment = f"{number // 36_000:02}:{number // 600 % 60:02}:{number // 10 % 60:02}.{number % 10}00"
        failed = chance.random() < 0.01
        facts = {
            "time": moment,
            "method": chance.choice(["StreamAudio", "StreamAudio", "StreamAudio", "GenerateWelcomeAudio", "ReportUsage"]),
            "device": chance.randrange(500),
            "request": chance.getrandbits(48),
        }
        lines.append(START.format(**facts))
        lines.append(
            END.format(
                **facts,
                duration=round(chance.lognormvariate(6, 1)),
                level="ERROR" if failed else "INFO",
                decision="error" if failed else "complete",
                error=ERROR if failed else "",
            )
        )
    return "".join(lines)


def seconds(*command: str) -> float:
    began = time.monotonic()
    # Into a pipe: grep stops at its first match where nobody reads what it prints.
    subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return time.monotonic() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "server.log"
        text = hour_of_lines(random.Random(7)).encode()
        with path.open("wb") as log:
            while log.tell() < arguments.megabytes << 20:
                log.write(text)
        size = path.stat().st_size / 1e6
        readers = {
            "nexy logs stats": (os.environ["NEXY_BINARY"], "logs", "stats", str(path), "--json"),
            "grep -c": ("grep", "-c", "decision=error", str(path)),
        }
        # All rounds read from memory: the first has brought the file there.
        times = {name: [] for name in readers}
        for _ in range(arguments.rounds + 1):
            for name, command in readers.items():
                times[name].append(seconds(*command))
        for name, taken in times.items():
            middle = median(taken[1:])
            print(f"{name:16} {middle:6.2f} s  {size / middle:7.0f} MB/s")


if __name__ == "__main__":
    main()
