"""Measures the server beside its peers in one run, and writes Benchmarks/RESULTS.md.

    NEXY_BINARY=.build/release/nexy python Benchmarks/run.py

`make bench` builds both binaries for release first. `--quick` is for trying it out: its figures mean little.
"""

import argparse
import sys
import time
from pathlib import Path

import measure
import report
from servers import BINARY, SWIFT_PEER

# Turns at the same time; turns a second of the open loop, which every server of the run can bear.
IN_FLIGHT = (1, 50, 500)
OPEN_RATE, OPEN_IN_FLIGHT = 50, 500
FEED_RATE = 2_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4, help="what each round of a load measures")
    parser.add_argument("--quick", action="store_true", help="one short round of everything")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("RESULTS.md"))
    options = parser.parse_args()
    rounds, seconds = (1, 1.0) if options.quick else (options.rounds, options.seconds)
    for program in (BINARY, SWIFT_PEER):
        if not program.exists():
            raise SystemExit(f"{program.name} is not built; `make bench` builds it.")
    began = time.monotonic()

    def step(title: str, figures):
        print(f"{time.monotonic() - began:5.0f} s  {title}", flush=True)
        return figures()

    turns = 100 if options.quick else 1_000
    found = report.Found(
        rounds=rounds,
        seconds=seconds,
        start_up=step("start-up", lambda: measure.start_up(3 * rounds)),
        streams={
            count: step(f"{count} turns at a time", lambda: measure.streams(count, rounds, seconds))
            for count in IN_FLIGHT
        },
        open_rate=OPEN_RATE,
        open=step(
            f"{OPEN_RATE} turns a second", lambda: measure.streams(OPEN_IN_FLIGHT, rounds, seconds, rate=OPEN_RATE)
        ),
        latency={
            count: step(
                f"added latency of {count} turns at a time",
                lambda: measure.added_latency(count, max(turns * 6 // 100, 2 * count)),
            )
            for count in IN_FLIGHT
        },
        cancel=step("cancelling", lambda: measure.cancelling(turns)),
        memory=step("memory of a turn", lambda: measure.memory(1 if options.quick else 3, turns // 2)),
        updates=step(
            "feeds and downloads", lambda: measure.updates(rounds, seconds, FEED_RATE, 16 if options.quick else 276)
        ),
    )
    options.out.write_text(report.text(found))
    print(f"{time.monotonic() - began:5.0f} s  written: {options.out}")


if __name__ == "__main__":
    sys.exit(main())
