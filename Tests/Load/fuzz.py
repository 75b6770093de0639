"""Sends hostile inputs to a server that it starts, and fails where the server dies, hangs, leaks or stops answering.

    NEXY_BINARY=.build/debug/nexy python Tests/Load/fuzz.py --inputs 100000
    python Tests/Load/fuzz.py --seed 7 --only "random frames:1234"    # sends one input again

An input is its seed, its kind and its number within the kind.
"""

import argparse
import json
import queue
import random
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import grpc

from inputs import KINDS, Kind
from subject import Levels, Subject
from wire import PING, Connection, Hang, Outcome, exchange, leave, read_http_outcome, read_outcome

ENDS = ("answered", "reset", "goaway", "alive", "closed", "left")
BATCH = 5_000
# Failures after which the rest would only repeat them.
FAILURE_LIMIT = 20
# Bytes of a failing input that are printed; the rest comes again from its seed.
SHOWN = 1_024
REPLIES = [{"deltas": ["This is fine. ", "And that is all."]}]
# Seconds that a server keeps what was collected, and a little more: that is no leak.
COLLECTED = 35
# Streams on a connection before a new one takes over.
STREAMS = 200


@dataclass(frozen=True)
class Input:
    seed: int
    kind: Kind
    number: int

    def pieces(self, stream: int = 1) -> list[bytes]:
        return self.kind.make(random.Random(f"{self.seed}/{self.kind.name}/{self.number}"), stream)

    def __str__(self) -> str:
        octets = b"".join(self.pieces())
        more = f"… {len(octets)} bytes in all" if len(octets) > SHOWN else ""
        return f'--seed {self.seed} --only "{self.kind.name}:{self.number}"\n    {octets[:SHOWN].hex()}{more}'


@dataclass
class Tally:
    """What became of the inputs of one kind."""

    ends: Counter = field(default_factory=Counter)
    codes: Counter = field(default_factory=Counter)
    slowest: float = 0


def schedule(seed: int, count: int, kinds: list[Kind]) -> list[Input]:
    """Every kind by its share, at least once, in a random order."""
    whole = sum(kind.share for kind in kinds)
    counts = {kind: max(1, int(count * kind.share / whole)) for kind in kinds}
    counts[max(kinds, key=lambda kind: kind.share)] += count - sum(counts.values())
    inputs = [Input(seed, kind, number) for kind in kinds for number in range(counts[kind])]
    random.Random(f"{seed}/order").shuffle(inputs)
    return inputs


class Worker(threading.Thread):
    """Sends one input after another; those of streams share a connection while it lasts."""

    def __init__(self, fuzz: "Fuzz", inputs: queue.SimpleQueue):
        super().__init__(daemon=True)
        self._fuzz = fuzz
        self._inputs = inputs
        self._connection: Connection | None = None

    def run(self) -> None:
        while not self._fuzz.is_over:
            try:
                item = self._inputs.get_nowait()
            except queue.Empty:
                break
            began = time.monotonic()
            try:
                outcome = self._send(item)
            except Hang:
                outcome = Outcome("hang", fault=f"neither answer nor close within {self._fuzz.limit:g} s")
            except ConnectionError as error:
                outcome = Outcome("refused", fault=f"cannot connect: {error}")
            except Exception as error:
                outcome = Outcome("unreadable", fault=f"the answer cannot be read: {error!r}")
            outcome.seconds = time.monotonic() - began
            self._fuzz.note(item, outcome)
        if self._connection:
            self._connection.close()

    def _send(self, item: Input) -> Outcome:
        subject, limit = self._fuzz.subject, self._fuzz.limit
        if item.kind.way == "stream":
            connection = self._ready_connection()
            is_first = connection.next_stream == 1
            outcome = connection.try_stream(item.pieces(connection.next_stream))
            # The library closes a connection some time after a malformed request: what came next was not heard.
            if outcome.end in ("closed", "goaway") and not is_first:
                connection = self._ready_connection()
                outcome = connection.try_stream(item.pieces(connection.next_stream))
            return outcome
        octets = b"".join(item.pieces())
        is_http = item.kind.way == "http" or octets.startswith(b"GET ")
        port = subject.http_port if is_http else subject.grpc_port
        if item.kind.way == "leave":
            leave(port, octets, limit)
            return Outcome("left")
        # Where no ping is at the end nothing is due.
        patience = 0.05 if octets.endswith(PING) and not is_http else 0
        if item.kind.way == "drip":
            heard = exchange(port, octets, limit, patience=1, pause=0.003)
        else:
            heard = exchange(port, octets, limit, patience)
        outcome = read_http_outcome(heard) if is_http else read_outcome(heard)
        if item.kind.way == "drip" and outcome.end == "closed":
            outcome.fault = "a slow but good request got no answer"
        return outcome

    def _ready_connection(self) -> Connection:
        connection = self._connection
        if connection and (not connection.is_usable or connection.next_stream > 2 * STREAMS):
            connection.close()
            connection = None
        self._connection = connection or Connection(self._fuzz.subject.grpc_port, self._fuzz.limit)
        return self._connection


class Fuzz:
    """One run against one server."""

    def __init__(self, subject: Subject, limit: float, threads: int):
        self.subject = subject
        self.limit = limit
        self._threads = threads
        self._lock = threading.Lock()
        self._recent: deque[Input] = deque(maxlen=100)
        self.tallies: dict[str, Tally] = {kind.name: Tally() for kind in KINDS}
        self.failures: list[str] = []
        self.slowest_turn = 0.0

    @property
    def is_over(self) -> bool:
        return len(self.failures) >= FAILURE_LIMIT or self.subject.process.poll() is not None

    def note(self, item: Input, outcome: Outcome) -> None:
        with self._lock:
            tally = self.tallies[item.kind.name]
            tally.ends[outcome.end] += 1
            tally.slowest = max(tally.slowest, outcome.seconds)
            if outcome.code:
                tally.codes[outcome.code] += 1
            self._recent.append(item)
            # When the server is gone every input fails; `check` tells that once.
            if outcome.fault and not self.is_over and not self.subject.is_gone():
                self.fail(f"{outcome.fault}: {item}")

    def fail(self, reason: str) -> None:
        self.failures.append(reason)
        print(f"FAILED {reason}", flush=True)

    def send(self, inputs: list[Input]) -> None:
        waiting: queue.SimpleQueue = queue.SimpleQueue()
        for item in inputs:
            waiting.put(item)
        workers = [Worker(self, waiting) for _ in range(self._threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        self.check()

    def send_alone(self, item: Input) -> None:
        waiting: queue.SimpleQueue = queue.SimpleQueue()
        waiting.put(item)
        Worker(self, waiting).run()

    def check(self) -> None:
        """The server lives, says so, and a good turn is answered whole."""
        if self.subject.is_gone():
            culprit = find_culprit(list(self._recent), self.limit)
            self.fail(
                f"the server ended with {self.subject.process.poll()} after {culprit}\n{self.subject.last_words()}"
            )
            return
        try:
            if self.subject.request("/health").status != 200:
                self.fail("/health is not 200")
            heard = self.subject.client.turn("Say something", timeout=self.limit)
        except OSError as error:
            self.fail(f"/health does not answer: {error}")
            return
        self.slowest_turn = max(self.slowest_turn, heard.duration)
        if heard.code != grpc.StatusCode.OK or heard.text != "This is fine. And that is all." or not heard.audio:
            self.fail(f"a good turn is not answered: {heard}")

    def compare(self, before: Levels, after: Levels, rss_tolerance: int) -> None:
        """A leak is what stays after the inputs are gone."""
        if after.rss_kib > before.rss_kib + rss_tolerance:
            self.fail(
                f"leak: RSS grew from {before.rss_kib} to {after.rss_kib} KiB (allowed: {rss_tolerance} KiB more)"
            )
        for name, allowed in (("fds", 0), ("threads", 2), ("children", 0), ("active_turns", 0)):
            old, new = getattr(before, name), getattr(after, name)
            if new > old + allowed:
                self.fail(f"leak: {name} grew from {old} to {new} (allowed: {allowed} more)")

    def table(self) -> str:
        rows = [
            f"{'kind':<20}{'inputs':>8}" + "".join(f"{end:>10}" for end in ENDS) + f"{'other':>7}{'max ms':>8}  codes"
        ]
        for name, tally in self.tallies.items():
            if not tally.ends:
                continue
            other = sum(count for end, count in tally.ends.items() if end not in ENDS)
            codes = ", ".join(f"{code} ({count})" for code, count in tally.codes.most_common(8))
            rows.append(
                f"{name:<20}{tally.ends.total():>8}"
                + "".join(f"{tally.ends[end]:>10}" for end in ENDS)
                + f"{other:>7}{tally.slowest * 1000:>8.0f}  {codes}"
            )
        return "\n".join(rows)


def find_culprit(suspects: list[Input], limit: float) -> str:
    """Sends the last inputs before a crash one by one to a new server, until it crashes too."""
    subject = Subject(REPLIES)
    try:
        for suspect in suspects:
            again = Fuzz(subject, limit, threads=1)
            again.send_alone(suspect)
            if subject.is_gone():
                return str(suspect)
    finally:
        subject.close()
    return f"one or several of the last {len(suspects)} inputs, of which none does it alone; the last: {suspects[-1]}"


def batches(inputs: list[Input]) -> Iterator[list[Input]]:
    for start in range(0, len(inputs), BATCH):
        yield inputs[start : start + BATCH]


def run(options: argparse.Namespace) -> bool:
    kinds = [kind for kind in KINDS if not options.kinds or kind.name in options.kinds.split(",")]
    kinds = [kind for kind in kinds if kind.name not in options.without.split(",")]
    if options.only:
        name, _, number = options.only.rpartition(":")
        inputs = [Input(options.seed, kind, int(number)) for kind in KINDS if kind.name == name]
    else:
        inputs = schedule(options.seed, options.inputs, kinds)
    if not inputs:
        raise SystemExit(f"No such kind. There are: {', '.join(kind.name for kind in KINDS)}")
    print(f"seed {options.seed}, {len(inputs)} inputs, {options.threads} at once", flush=True)
    subject = Subject(REPLIES)
    fuzz = Fuzz(subject, options.limit, options.threads)
    before = after = None
    began = time.monotonic()
    try:
        # The first batch warms up: pools fill, and every page of the program that is needed is read.
        fuzz.check()
        for number, batch in enumerate(batches(inputs)):
            if number == 1:
                before = subject.settled(fds=None)
                print(f"after the warm-up: {before}", flush=True)
            fuzz.send(batch)
            if fuzz.is_over:
                break
            seconds = time.monotonic() - began
            print(
                f"{min(len(inputs), (number + 1) * BATCH):>7} inputs, {seconds:4.0f} s: {subject.levels()}", flush=True
            )
        if subject.process.poll() is None:
            after = subject.settled(fds=before.fds if before else None, quiet=COLLECTED if before else 0)
            print(f"at the end: {after}")
            if before:
                fuzz.compare(before, after, options.rss_tolerance)
            fuzz.check()
            if (status := subject.stop()) != 0:
                fuzz.fail(f"the server's exit status is {status} after a stop")
    finally:
        subject.close()
    seconds = time.monotonic() - began
    sent = sum(tally.ends.total() for tally in fuzz.tallies.values())
    print(
        f"\n{fuzz.table()}\n\n{sent} inputs in {seconds:.0f} s;"
        f" the slowest good turn between took {fuzz.slowest_turn * 1000:.0f} ms"
    )
    print("FAILED" if fuzz.failures else "passed")
    if options.json:
        report = {
            "seed": options.seed,
            "inputs": sent,
            "seconds": round(seconds, 1),
            "kinds": {
                name: {"ends": tally.ends, "codes": tally.codes, "slowest_ms": round(tally.slowest * 1000)}
                for name, tally in fuzz.tallies.items()
                if tally.ends
            },
            "before": before.as_dict() if before else None,
            "after": after.as_dict() if after else None,
            "failures": fuzz.failures,
        }
        options.json.write_text(json.dumps(report) + "\n")
    return not fuzz.failures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32), help="repeats a run")
    parser.add_argument("--threads", type=int, default=6, help="clients at once")
    parser.add_argument("--limit", type=float, default=20, help="seconds until an input must have had its end")
    parser.add_argument(
        "--rss-tolerance", type=int, default=32 << 10, help="KiB that memory may grow after the warm-up"
    )
    parser.add_argument("--kinds", help="only these, by name, with commas")
    parser.add_argument("--without", default="", help="all but these, by name, with commas")
    parser.add_argument("--only", metavar="KIND:NUMBER", help="one input of a run again")
    parser.add_argument("--json", type=Path, help="writes the figures as a line")
    sys.exit(0 if run(parser.parse_args()) else 1)


if __name__ == "__main__":
    main()
