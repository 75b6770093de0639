"""Keeps many clients talking to a server that it starts; fails where it leaks or an outcome is unexplained.

NEXY_BINARY=.build/release/nexy python Tests/Load/soak.py --minutes 10 --turns 50
"""

import argparse
import asyncio
import json
import random
import re
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from acts import Ending, Lines, Person
from replies import generate
from subject import Levels, Subject

from client import VoiceClient  # isort: skip (`subject` puts its folder on the path)

# Seconds after which the server ends a turn whose model is silent.
REQUEST_TIMEOUT = 8
SAMPLING = 5
# Seconds that a connection lives.
LIFE = 20
# What the log calls the faults of the script.
SCRIPTED = {"model_failed", "empty_reply", "turn_timed_out"}
SHOWN = 20


@dataclass
class Soak:
    """What came of a run."""

    outcomes: dict[str, Counter] = field(default_factory=dict)
    first_audio: list[float] = field(default_factory=list)
    samples: list[tuple[float, Levels]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    turns: int = 0
    connections: int = 0
    seconds: float = 0

    def note(self, act: str, ending: Ending) -> None:
        self.outcomes.setdefault(act, Counter())["UNEXPLAINED" if ending.problem else ending.what] += 1
        if ending.problem:
            self.blame(f"{act}: {ending.problem}")
        elif ending.first_audio is not None:
            self.first_audio.append(ending.first_audio)

    def blame(self, problem: str) -> None:
        self.problems.append(problem)
        if len(self.problems) <= SHOWN:
            print(f"UNEXPLAINED {problem[:1_500]}", flush=True)

    def latency(self) -> dict[str, float]:
        """Milliseconds to the first audio of normal turns."""
        if not self.first_audio:
            return {}
        return {f"p{of}": round(float(np.percentile(self.first_audio, of)) * 1000, 1) for of in (50, 95, 99)}

    def slope(self, settling: float) -> float:
        """How RSS grows after so many seconds, in KiB a minute; 0 where too few samples tell."""
        level = [(at / 60, levels.rss_kib) for at, levels in self.samples if at >= settling]
        return float(np.polyfit(*zip(*level), 1)[0]) if len(level) >= 3 else 0.0


async def live(person: Person, soak: Soak, chance: random.Random, until: float) -> None:
    await asyncio.sleep(chance.random())
    while time.monotonic() < until:
        act = person.choose()
        try:
            ending = await person.act(act)
        except Exception as error:  # A call that must not fail did, or the server is gone.
            ending = Ending("failed", f"{type(error).__name__}: {error}")
            await asyncio.sleep(0.5)
        soak.note(act, ending)
        await asyncio.sleep(chance.uniform(0, 0.1))


async def sample(subject: Subject, soak: Soak, began: float, ended: asyncio.Event) -> None:
    while not ended.is_set():
        try:
            levels = await asyncio.to_thread(subject.levels)
        except (OSError, KeyError) as error:
            soak.blame(f"the server cannot be sampled: {error}")
            return
        at = time.monotonic() - began
        soak.samples.append((at, levels))
        turns = sum(outcomes.total() for outcomes in soak.outcomes.values())
        print(f"{at:5.0f} s {turns:>7} acts: {levels}", flush=True)
        try:
            await asyncio.wait_for(ended.wait(), SAMPLING)
        except TimeoutError:
            pass


async def talk(subject: Subject, soak: Soak, options: argparse.Namespace) -> set[str]:
    """Lets the clients live, and returns the sessions that the script made fail."""
    lines = Lines(subject.grpc_port, options.connections, LIFE)
    replies = generate(options.seed)
    chances = [random.Random(f"{options.seed}/{number}") for number in range(options.turns)]
    people = [Person(number, chance, lines, replies) for number, chance in enumerate(chances)]
    began = time.monotonic()
    ended = asyncio.Event()
    sampling = asyncio.create_task(sample(subject, soak, began, ended))
    until = began + options.minutes * 60
    await asyncio.gather(*(live(person, soak, chance, until) for person, chance in zip(people, chances)))
    soak.seconds = time.monotonic() - began
    ended.set()
    await sampling
    await lines.close()
    soak.turns = sum(person.turns for person in people)
    soak.connections = lines.opened + sum(soak.outcomes.get("disconnect", Counter()).values())
    return set().union(*(person.faulty_sessions for person in people))


def check_log(subject: Subject, soak: Soak, faulty_sessions: set[str]) -> None:
    """Every error in the log is one that the script asked for; every line is a line of the log."""
    for line in subject.log.text.splitlines():
        if not line.startswith("ts="):
            soak.blame(f"in the log: {line}")
        elif " level=ERROR " in line or " level=CRITICAL " in line:
            session = re.search(r'"session_id": "([^"]*)"', line)
            kind = re.search(r'"error_type": "([^"]*)"', line)
            if not (session and kind and session[1] in faulty_sessions and kind[1] in SCRIPTED):
                soak.blame(f"in the log: {line}")


def check_levels(before: Levels, after: Levels, soak: Soak) -> None:
    for name, allowed in (("active_turns", 0), ("fds", 0), ("children", 0), ("threads", 2)):
        old, new = getattr(before, name), getattr(after, name)
        if new > old + allowed:
            soak.blame(f"{name} went from {old} to {new}")


def run(options: argparse.Namespace) -> bool:
    print(f"seed {options.seed}, {options.turns} at once for {options.minutes:g} minutes", flush=True)
    script = [reply.entry for kind in generate(options.seed).values() for reply in kind]
    subject = Subject(script, {"REQUEST_TIMEOUT": str(REQUEST_TIMEOUT)})
    soak = Soak()
    try:
        warm_up = VoiceClient(subject.grpc_port)
        warm_up.turn(script[0]["when"])
        warm_up.report_usage(hardware_id="soak", session_id="x", source="soak")
        warm_up.close()
        before = subject.settled(fds=None, quiet=1)
        print(f"at the start: {before}", flush=True)
        faulty_sessions = asyncio.run(talk(subject, soak, options))
        if subject.is_gone():
            soak.blame(f"the server ended with {subject.process.poll()}:\n{subject.last_words()}")
            after = None
        else:
            after = subject.settled(fds=before.fds, within=30)
            print(f"at the end:   {after}", flush=True)
            check_levels(before, after, soak)
            if (status := subject.stop()) != 0:
                soak.blame(f"the server's exit status is {status} after a stop")
        check_log(subject, soak, faulty_sessions)
    finally:
        subject.close()
    slope = soak.slope(min(options.settling, soak.seconds / 2))
    if slope > options.max_slope:
        soak.blame(f"memory grows by {slope:.0f} KiB a minute (allowed: {options.max_slope:g})")
    report(soak, before, after, slope, options)
    return not soak.problems


def report(soak: Soak, before: Levels, after: Levels | None, slope: float, options: argparse.Namespace) -> None:
    memory = [levels.rss_kib for _, levels in soak.samples] or [0]
    hourly = slope * 60 / max(memory[-1], 1) * 100
    late_slope = soak.slope(soak.seconds / 2)
    latency = soak.latency()
    acts = sum(outcomes.total() for outcomes in soak.outcomes.values())
    print()
    for act, outcomes in sorted(soak.outcomes.items()):
        print(
            f"{act:<16}{outcomes.total():>7}  "
            + ", ".join(f"{what} ({count})" for what, count in outcomes.most_common())
        )
    print(
        f"\n{acts} acts, {soak.turns} turns, {soak.turns / max(soak.seconds, 1):.1f} turns/s,"
        f" {soak.connections} connections"
    )
    print("first audio of normal turns: " + ", ".join(f"{of} {value:g} ms" for of, value in latency.items()))
    print(
        f"RSS: start {before.rss_kib}, least {min(memory)}, most {max(memory)},"
        f" end {after.rss_kib if after else '-'} KiB;"
        f" slope {slope:+.0f} KiB/min ({hourly:+.1f} % an hour), in the second half {late_slope:+.0f}"
    )
    print(f"FAILED: {len(soak.problems)} unexplained" if soak.problems else "passed")
    if options.json:
        figures = {
            "seed": options.seed,
            "seconds": round(soak.seconds, 1),
            "concurrent": options.turns,
            "acts": acts,
            "turns": soak.turns,
            "turns_per_second": round(soak.turns / max(soak.seconds, 1), 2),
            "connections": soak.connections,
            "first_audio_ms": latency,
            "outcomes": soak.outcomes,
            "slope_kib_per_minute": round(slope, 1),
            "slope_percent_per_hour": round(hourly, 2),
            "second_half_slope_kib_per_minute": round(late_slope, 1),
            "before": before.as_dict(),
            "after": after.as_dict() if after else None,
            "samples": [{"at": round(at, 1)} | levels.as_dict() for at, levels in soak.samples],
            "unexplained": soak.problems,
        }
        options.json.write_text(json.dumps(figures) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--turns", type=int, default=50, help="clients at once")
    parser.add_argument("--connections", type=int, default=8, help="shared by the clients, each replaced now and then")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32), help="chooses replies and acts")
    parser.add_argument("--settling", type=float, default=60, help="seconds until memory is to be level")
    parser.add_argument("--max-slope", type=float, default=512, help="KiB a minute that memory may grow")
    parser.add_argument("--json", type=Path, help="writes the figures as a line")
    sys.exit(0 if run(parser.parse_args()) else 1)


if __name__ == "__main__":
    main()
