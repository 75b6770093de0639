"""nexy check chaos: it finds nothing wrong with this server, and what is wrong with servers that are broken on purpose."""

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from funnel import IS_THOROUGH
from server import BINARY, clean_environment, eventually

# What may be skipped where a machine lacks it; the reason is in the report.
OPTIONAL = {"chaos.disk.", "chaos.clock."}
NAMES = ["outage", "late", "silent", "trickle", "page", "json", "error", "quota", "cut", "term", "kill", "disk", "clock"]


class Run:
    """One run of the check, in a folder for temporary files of its own."""

    def __init__(self, folder: Path, *scenarios: str, server: Path | None = None, path: str | None = None):
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        arguments = [str(BINARY), "check", "chaos", "--json"]
        for name in scenarios:
            arguments += ["--scenario", name]
        if server:
            arguments += ["--server", str(server)]
        environment = clean_environment(folder, {"TMPDIR": str(self.temporary)})
        # Neither is to reach the servers that it starts.
        environment |= {"OPENAI_API_KEY": "sk" + "-secret-of-this-shell", "LLM_FALLBACK": "none"}
        if path is not None:
            environment["PATH"] = path
        self.process = subprocess.Popen(
            arguments, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def ended(self, within: float = 150) -> "Run":
        try:
            output, self.complaint = self.process.communicate(timeout=within)
        finally:
            if self.process.poll() is None:
                self.process.kill()
        self.report = json.loads(output) if output else None
        return self

    @property
    def points(self) -> dict[str, dict]:
        points = {point["id"]: point for point in self.report["points"]}
        assert len(points) == len(self.report["points"]), "a point was told twice"
        return points

    @property
    def failed(self) -> set[str]:
        return {name for name, point in self.points.items() if point["verdict"] == "failed"}

    @property
    def left(self) -> list[str]:
        """Processes that know of the run's folder, and what is still in it."""
        mark = str(self.temporary).encode()
        found = [str(path) for path in self.temporary.iterdir()]
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                known = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            except OSError:
                continue
            if mark in known and int(entry.name) != os.getpid():
                found.append(entry.name)
        return found


def test_this_server_stands_it_all(tmp_path):
    run = Run(tmp_path).ended()
    assert run.process.returncode == 0, {name: run.points[name] for name in run.failed}
    assert run.report["verdict"] == "passed" and run.report["check"] == "chaos"
    for name, point in run.points.items():
        optional = any(name.startswith(prefix) for prefix in OPTIONAL)
        assert point["verdict"] == "passed" or optional and point["verdict"] == "skipped" and point["observed"], point
    assert {name.split(".")[1] for name in run.points} == set(NAMES)
    # Half a minute of it is the outage.
    assert run.report["seconds"] > 30, "the provider is away for thirty seconds"
    assert run.left == []


def wrapper(folder: Path, script: str) -> Path:
    """A server that is this one but for one thing."""
    path = folder / "server"
    path.write_text(f'#!/bin/sh\nNEXY="{BINARY}"\n{script}\n')
    path.chmod(0o755)
    return path


def at_the_start(script: str) -> str:
    """Something that happens where a server is started, and not where the database is read."""
    return f'if [ "$1" = serve ]; then {script}; fi\nexec "$NEXY" "$@"'


def on_term(script: str) -> str:
    """A supervisor that does not pass SIGTERM on."""
    return f'"$NEXY" "$@" & server=$!\ntrap \'{script}\' TERM\nwait $server\nwait $server'


AGAIN = 'if [ -e "$HOME/was-here" ]'
NEVER_CALLED = "OPENAI_BASE_URL=http://127.0.0.1:9/v1; export OPENAI_BASE_URL"

# What is broken, the scenarios that are played, and the points that find it; the others of the scenario hold.
BROKEN = {
    "ignores SIGTERM": (
        on_term(":"),
        ["term"],
        {"chaos.term.exit", "chaos.term.turns", "chaos.term.refusals", "chaos.term.health"},
    ),
    "ends with 3": (on_term("kill -TERM $server; wait $server; exit 3"), ["term"], {"chaos.term.exit"}),
    "tears turns off": (on_term("kill -KILL $server; exit 0"), ["term"], {"chaos.term.turns", "chaos.term.health"}),
    "has no grace": (
        "BACKPRESSURE_GRACE_PERIOD=0 exec $NEXY $@",
        ["term"],
        {"chaos.term.turns", "chaos.term.health"},
    ),
    # What the check then kills itself is torn.
    "has too much grace": (
        "BACKPRESSURE_GRACE_PERIOD=60 exec $NEXY $@",
        ["term"],
        {"chaos.term.exit", "chaos.term.turns"},
    ),
    "forgets its database": (
        at_the_start('rm -rf "$HOME/data"'),
        ["kill"],
        {"chaos.kill.usage"},
    ),
    "keeps it elsewhere": (
        at_the_start('exec "$NEXY" "$@" --data-dir "$HOME/elsewhere"'),
        ["kill"],
        {"chaos.kill.usage", "chaos.kill.database"},
    ),
    "starts again too slowly": (
        at_the_start(f'{AGAIN}; then sleep 12; fi; : > "$HOME/was-here"'),
        ["kill"],
        {"chaos.kill.ready", "chaos.kill.usage", "chaos.kill.database"},
    ),
    "starts only once": (
        at_the_start(f'{AGAIN}; then echo "There is a lock."; exit 3; fi; : > "$HOME/was-here"'),
        ["kill"],
        {"chaos.kill.ready", "chaos.kill.usage", "chaos.kill.database"},
    ),
    "never gets ready": ("exec sleep 600", ["late"], {"chaos.late.turns", "chaos.late.recovery"}),
    "ends at once": ("exit 1", ["late"], {"chaos.late.turns", "chaos.late.recovery"}),
    "calls another provider": (
        f"{NEVER_CALLED}\nexec $NEXY $@",
        ["late", "page"],
        {"chaos.late.turns", "chaos.late.recovery", "chaos.page.recovery"},
    ),
    "has no other model": ("LLM_FALLBACK=none exec $NEXY $@", ["page"], {"chaos.page.turns"}),
    "waits too long": (
        "LLM_FIRST_DELTA_TIMEOUT_MS=60000 exec $NEXY $@",
        ["silent"],
        {"chaos.silent.turns"},
    ),
    "waits too little": ("LLM_FIRST_DELTA_TIMEOUT_MS=50 exec $NEXY $@", ["late"], {"chaos.late.turns"}),
    "never leaves a provider alone": (
        "CIRCUIT_BREAKER_THRESHOLD=1000 LLM_FALLBACK=none exec $NEXY $@",
        ["outage"],
        {"chaos.outage.turns", "chaos.outage.health"},
    ),
    "leaves it alone too long": (
        "CIRCUIT_BREAKER_TIMEOUT=60 exec $NEXY $@",
        ["quota"],
        {"chaos.quota.recovery"},
    ),
}


# Each waits out the thirty seconds of an outage.
LONG = {"waits too long", "never leaves a provider alone"}


@pytest.mark.parametrize("name", [name for name in BROKEN if IS_THOROUGH or name not in LONG])
def test_what_is_broken_is_found(tmp_path, name):
    script, scenarios, expected = BROKEN[name]
    run = Run(tmp_path, *scenarios, server=wrapper(tmp_path, script)).ended()
    assert run.process.returncode == 1
    assert run.failed == expected, {name: point["observed"] for name, point in run.points.items()}
    for point in run.failed:
        told = run.points[point]
        assert told["cause"] and told["runbook"].startswith("docs/runbook.md#") and told["observed"]
    assert eventually(lambda: run.left == [], within=1), run.left


def tools(folder: Path, *names: str) -> str:
    """A PATH with these programs alone."""
    place = folder / "tools"
    place.mkdir()
    for name in names:
        (place / name).symlink_to(shutil.which(name))
    return str(place)


@pytest.mark.skipif(not shutil.which("prlimit"), reason="util-linux has prlimit")
def test_without_a_file_system_a_limit_stands_in_for_a_full_disk(tmp_path):
    run = Run(tmp_path, "disk", path=tools(tmp_path, "sh", "prlimit")).ended()
    assert run.process.returncode == 0, run.report
    assert {point["verdict"] for point in run.points.values()} == {"passed"}
    assert all("RLIMIT_FSIZE" in point["observed"] for point in run.points.values())
    assert run.left == []


def test_without_either_the_disk_is_skipped_by_name(tmp_path):
    run = Run(tmp_path, "disk", "late", path=tools(tmp_path, "sh")).ended()
    assert run.process.returncode == 0, run.report
    skipped = [point for point in run.points.values() if point["verdict"] == "skipped"]
    assert len(skipped) == 4 and all("unshare" in point["observed"] for point in skipped)


@pytest.mark.skipif(not shutil.which("unshare"), reason="util-linux has unshare")
def test_a_server_that_keeps_usage_elsewhere_is_found_by_a_full_disk(tmp_path):
    elsewhere = at_the_start('exec "$NEXY" "$@" --data-dir "$HOME/elsewhere"')
    run = Run(tmp_path, "disk", server=wrapper(tmp_path, elsewhere)).ended()
    if {point["verdict"] for point in run.points.values()} == {"skipped"}:
        pytest.skip("this machine lets nobody mount")
    assert "chaos.disk.usage" in run.failed, run.points


@pytest.mark.parametrize("number, status", [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)])
def test_whoever_ends_the_check_ends_its_servers(tmp_path, number, status):
    if signal.getsignal(number) == signal.SIG_IGN:
        pytest.skip("nohup keeps this signal from all who are started here")
    run = Run(tmp_path, "outage", "kill")
    assert eventually(lambda: len([one for one in run.left if one.isdigit()]) >= 3, within=15), run.left
    run.process.send_signal(number)
    run.ended(within=15)
    assert run.process.returncode == status
    assert eventually(lambda: run.left == [], within=1), run.left
    assert b"error" not in run.complaint.lower(), run.complaint


def test_a_scenario_that_does_not_exist_is_refused(tmp_path):
    run = Run(tmp_path, "flood").ended()
    assert run.process.returncode == 2 and b"flood" in run.complaint and b"outage" in run.complaint
