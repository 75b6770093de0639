"""The results as a page: medians over the rounds, ratios to the peers with their spread, and the aims beside them."""

from dataclasses import dataclass
from statistics import median

from measure import compared, middle, of_subject
from servers import BUSY

NAMES = {"nexy": "nexy", "grpc-swift": "gRPC echo, Swift", "grpc.aio": "gRPC echo, Python"}


@dataclass
class Found:
    """Everything that a run found; runs are the documents of `nexy bench … --json`."""

    rounds: int
    seconds: float
    start_up: dict[str, list[float]]
    streams: dict[int, dict[str, dict]]
    open_rate: float
    open: dict[str, dict]
    latency: dict[int, dict]
    cancel: dict
    memory: dict[str, list[float]]
    updates: dict


def table(headings: list[str], rows: list[list[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def verdict(is_met: bool) -> str:
    return "met" if is_met else "**missed**"


def ratio(figure: dict) -> str:
    """A ratio to a peer, with the lowest and the highest of any two rounds."""
    return f"{figure['ratio']:.2f} ({figure['lowest']:.2f} to {figure['highest']:.2f})"


def spread(values: list[float]) -> str:
    return f"{number(median(values))} ({number(min(values))} to {number(max(values))})"


def aims(found: Found) -> str:
    """Every figure that has an aim."""
    feed = median(found.updates["most"]["nexy"]) / median(found.updates["most"]["nginx"])
    download = median(found.updates["downloads"]["nexy"]) / median(found.updates["downloads"]["nginx"])
    start = median(found.start_up["nexy"])
    added = {count: run["rounds"][0]["latencies"]["added"] for count, run in found.latency.items()}
    worst = max(latency["p99"] for latency in found.cancel["rounds"][0]["latencies"].values())
    idle = median(found.memory["nexy"])
    least = {"feed requests, of nginx's": (feed, 0.6), "download speed, of nginx's": (download, 0.5)}
    most = {
        "start-up to ready, ms": (start, 150),
        "added to first audio, one turn, p50, ms": (added[1]["p50"], 5),
        "added to first audio, one turn, p99, ms": (added[1]["p99"], 15),
        "added to first audio, 50 turns, p99, ms": (added[50]["p99"], 40),
        "work that goes on after a cancel, p99, ms": (worst, 50),
        "memory of an idle turn, KiB": (idle, 64),
    }
    rows = [[name, number(value), f"at most {aim}", verdict(value <= aim)] for name, (value, aim) in most.items()]
    rows += [[name, number(value), f"at least {aim}", verdict(value >= aim)] for name, (value, aim) in least.items()]
    return table(["figure", "found", "aim", ""], rows)


def closed_loop(found: Found) -> str:
    rows = []
    for count, runs in found.streams.items():
        for name, run in runs.items():
            rate = median(each["per_second"] for each in run["rounds"])
            cpu = median(each["amounts"]["cpu_ms_per_turn"] for each in run["rounds"])
            ours = "" if name == "nexy" else ratio(compared(run, runs["nexy"])["per_second"])
            times = [number(middle(run, "first_audio", each)) for each in ("p50", "p99")]
            rows.append([str(count), NAMES[name], number(rate), *times, number(cpu), ours])
    headings = ["turns at a time", "server", "turns a second", "first audio p50, ms", "p99, ms", "CPU a turn, ms"]
    return table([*headings, "nexy's turns over its"], rows)


def open_loop(found: Found) -> str:
    rows = []
    for name, run in found.open.items():
        failed = sum(sum(each["errors"].values()) for each in run["rounds"])
        times = [number(middle(run, "first_audio", each)) for each in ("p50", "p99", "max")]
        ours = "" if name == "nexy" else ratio(compared(run, found.open["nexy"])["first_audio p50"])
        rows.append([NAMES[name], *times, str(failed), ours])
    return table(["server", "first audio p50, ms", "p99, ms", "max, ms", "failed", "nexy's p50 over its"], rows)


def start_up(found: Found) -> str:
    rows = [[NAMES[name], f"{spread(values)}"] for name, values in found.start_up.items()]
    return table(["server", "ms to the first answer"], rows)


def latency(found: Found) -> str:
    rows = []
    for count, run in found.latency.items():
        figures = run["rounds"][0]["latencies"]
        added = [number(figures["added"][each]) for each in ("p50", "p95", "p99", "max")]
        rows.append([str(count), *added, number(figures["longest_gap"]["p99"])])
    return table(["turns at a time", "added p50, ms", "p95", "p99", "max", "longest gap p99, ms"], rows)


def cancel(found: Found) -> str:
    figures = found.cancel["rounds"][0]["latencies"]
    rows = []
    for name, each in figures.items():
        times = [number(each[percentile]) for percentile in ("p50", "p95", "p99", "max")]
        rows.append([f"{name} ({each['count']:,} calls)", *times])
    return table(["what stops", "p50, ms", "p95", "p99", "max"], rows)


def memory(found: Found) -> str:
    rows = [[f"{NAMES[name]}: an open turn", spread(found.memory[name])] for name in NAMES]
    rows.append(["nexy: a turn whose client reads nothing", spread(found.memory["deaf"])])
    return table(["what is held", "KiB"], rows)


def updates(found: Found) -> str:
    rows = []
    for title, key in (("feed, requests a second (wrk)", "most"), ("download, MB a second (curl)", "downloads")):
        ours, theirs = found.updates[key]["nexy"], found.updates[key]["nginx"]
        ends = {"lowest": min(ours) / max(theirs), "highest": max(ours) / min(theirs)}
        share = ratio({"ratio": median(ours) / median(theirs)} | ends)
        rows.append([title, number(median(ours)), number(median(theirs)), share])
    ours, theirs = (of_subject(found.updates["open"], name) for name in ("nexy", "peer"))
    figures = compared(theirs, ours)
    for percentile in ("p50", "p99"):
        figure = figures[f"feed {percentile}"]
        title = f"feed at {found.updates['rate']:,.0f} a second, {percentile}, ms"
        rows.append([title, number(figure["second"]), number(figure["first"]), ratio(figure)])
    return table(["", "nexy", "nginx", "nexy's over nginx's"], rows)


def text(found: Found) -> str:
    run = found.cancel
    machine = run["machine"]
    hardware = f"{machine['processor']}, {machine['cores']} cores, {machine['memory']} GB, {machine['system']}"
    quiet = "All" if not BUSY[True] else f"{BUSY[False]}"
    messages = found.streams[1]["nexy"]["rounds"][0]["amounts"]["messages_per_turn"]
    return f"""# Results

Written by `make bench` on {run["date"]}; [README.md](README.md) says what each figure is, and what limits those that
miss their aim. {hardware}, {machine["build"]} build.

Server, peers and load share the cores; medians of {found.rounds} rounds of {number(found.seconds)} s, every server in
turns. {quiet} of {BUSY[True] + BUSY[False]} measurements began while nothing else used the cores: the fewer, the less the
figures say. A ratio's brackets hold the lowest and the highest of any two rounds: where they hold 1, it says nothing.

## Aims

{aims(found)}

## Turns, closed loop

`nexy bench streams`: {messages:.0f} messages a turn, 57 of them audio, `scripted` and `tone` without a delay.
The echoes send as many messages of the same size from a list.

{closed_loop(found)}

## Turns, open loop

{found.open_rate} turns a second, whatever the server does; latencies count from when a turn was meant to begin.

{open_loop(found)}

## Start-up

From the start of the process to the first good answer: `/health` of nexy, a connection of the others.

{start_up(found)}

## Added latency

`nexy bench latency`: first audio less what the model and the engine took themselves.

{latency(found)}

## Cancelling

`nexy bench cancel`: from the client's cancel to the end of the model's and the engine's work.

{cancel(found)}

## Memory

`Tests/Load/memory.py`: anonymous memory of a turn, 50 on a connection.

{memory(found)}

## Updates

The feed and a download beside nginx with the same bytes.

{updates(found)}
"""
