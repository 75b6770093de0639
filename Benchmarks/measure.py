"""What is measured: each function returns figures, all subjects in turns and in the same run."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from servers import BINARY, REPOSITORY, VOICES, free_port, wait_for_quiet

# The folder of the loads is known from here on.
from memory import open_turns
from subject import Subject
from updates import FEED, Peer, megabytes_per_second, prepare, requests_per_second

# Turns that are open before memory is looked at, so that what is made only once is there.
WARM_UP = 50


def bench(*arguments: str, within: float = 600) -> dict:
    """The document that a subcommand of `nexy bench` prints."""
    command = [str(BINARY), "bench", *arguments, "--json"]
    return json.loads(subprocess.run(command, capture_output=True, check=True, timeout=within, text=True).stdout)


def compared(theirs: dict, ours: dict) -> dict[str, dict]:
    """Figures of two runs by their names: medians, the ratio of ours to theirs and its spread."""
    with tempfile.TemporaryDirectory(prefix="nexy-bench-") as folder:
        paths = [Path(folder) / "theirs.json", Path(folder) / "ours.json"]
        for path, run in zip(paths, (theirs, ours)):
            path.write_text(json.dumps(run))
        figures = bench("compare", *map(str, paths))["figures"]
    return {figure["name"]: figure for figure in figures}


def of_subject(run: dict, subject: str) -> dict:
    """The rounds of one subject, under the name that all are compared by."""
    rounds = [each | {"subject": "server"} for each in run["rounds"] if each["subject"] == subject]
    return run | {"rounds": rounds}


def middle(run: dict, latency: str, percentile: str) -> float:
    return median(each["latencies"][latency][percentile] for each in run["rounds"])


def start_up(rounds: int) -> dict[str, list[float]]:
    """Milliseconds from the start of each server to its first good answer."""
    found = {name: [] for name in VOICES}
    for _ in range(rounds):
        wait_for_quiet()
        for name, start in VOICES.items():
            program = start()
            found[name].append(program.start_ms)
            program.close()
    return found


def streams(in_flight: int, rounds: int, seconds: float, rate: float | None = None) -> dict[str, dict]:
    """Turns of every server that answers them, one after the other in each round; runs by the servers' names."""
    runs: dict[str, dict] = {}
    arguments = ["--in-flight", str(in_flight), "--seconds", str(seconds), "--warm-up", "1", "--rounds", "1"]
    arguments += [] if rate is None else ["--rate", str(rate)]
    programs = {}
    try:
        for name, start in VOICES.items():
            programs[name] = start()
        for _ in range(rounds):
            for name, program in programs.items():
                wait_for_quiet()
                before = program.cpu_seconds
                run = bench("streams", "--port", str(program.port), *arguments)
                only = run["rounds"][0]
                cpu = program.cpu_seconds - before
                only["amounts"]["cpu_ms_per_turn"] = 1_000 * cpu / only["amounts"]["turns_with_warm_up"]
                runs.setdefault(name, run | {"rounds": []})["rounds"].append(only)
    finally:
        for program in programs.values():
            program.close()
    return runs


def added_latency(in_flight: int, turns: int) -> dict:
    """First audio less what model and engine took, of nexy alone: a peer has neither."""
    wait_for_quiet()
    return bench("latency", "--turns", str(turns), "--in-flight", str(in_flight))


def cancelling(turns: int) -> dict:
    """How long the model's and the engine's work goes on after a client's cancel, of nexy alone."""
    wait_for_quiet()
    return bench("cancel", "--turns", str(turns))


def memory_of_turn(start, turns: int) -> float:
    """KiB of an open turn that nothing was answered to yet, 50 a connection."""
    program = start()
    try:
        others = open_turns(program.port, "think", WARM_UP, streams=50)
        time.sleep(2)
        before = program.anonymous_kib
        opened = open_turns(program.port, "think", turns, streams=50)
        time.sleep(4)
        grown = program.anonymous_kib - before
        for connection in opened + others:
            connection.close()
        return grown / turns
    finally:
        program.close()


def memory(rounds: int, turns: int) -> dict[str, list[float]]:
    """KiB of an open turn: nexy's by Tests/Load/memory.py, whose model thinks; the peers' by their own."""
    found: dict[str, list[float]] = {name: [] for name in VOICES}
    found["deaf"] = []
    for _ in range(rounds):
        with tempfile.NamedTemporaryFile(prefix="nexy-bench-") as file:
            script = REPOSITORY / "Tests" / "Load" / "memory.py"
            command = [sys.executable, str(script), "--turns", str(turns), "--json", file.name]
            subprocess.run(command, check=True, timeout=300, stdout=subprocess.DEVNULL)
            figures = json.loads(Path(file.name).read_text())
        found["nexy"].append(figures["idle_kib"])
        found["deaf"].append(figures["deaf_kib"])
        for name in VOICES.keys() - {"nexy"}:
            found[name].append(memory_of_turn(VOICES[name], turns))
    return found


def updates(rounds: int, seconds: float, rate: float, megabytes: int) -> dict[str, object]:
    """The feed and a download beside nginx: the most requests by wrk, downloads by curl, latencies by our own load."""
    with tempfile.TemporaryDirectory(prefix="nexy-updates-", ignore_cleanup_errors=True) as name:
        subject = Subject([{"deltas": ["Nothing."]}], prepare=lambda work: prepare(work, megabytes))
        peer = None
        try:
            ours = f"http://127.0.0.1:{subject.updates_port}"
            feed = subprocess.run(["curl", "-sSf", ours + FEED], capture_output=True, check=True, timeout=30).stdout
            folder = Path(name) / "nginx"
            folder.mkdir()
            peer = Peer(folder, subject.work, feed, port=free_port())
            ports = {"nexy": subject.updates_port, "nginx": peer.port}
            most, downloads = {each: [] for each in ports}, {each: [] for each in ports}
            for number in range(rounds + 1):
                for each, port in ports.items():
                    wait_for_quiet()
                    figures = requests_per_second(port, seconds, 64), megabytes_per_second(port)
                    # The first time is the warm-up.
                    if number:
                        most[each].append(figures[0])
                        downloads[each].append(figures[1])
            load = ["--rate", str(rate), "--seconds", str(seconds), "--rounds", str(rounds), "--download", "none"]
            wait_for_quiet()
            run = bench("updates", "--url", ours, "--peer", f"http://127.0.0.1:{peer.port}", *load)
            return {"most": most, "downloads": downloads, "open": run, "rate": rate}
        finally:
            if peer:
                peer.close()
            subject.close()
