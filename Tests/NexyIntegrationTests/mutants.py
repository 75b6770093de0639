"""The table of what is broken, one thing a row, and a stage that breaks it: proxies before real, healthy servers."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import mutant_beside
import mutant_edges
import mutant_health
import mutant_limits
import mutant_nginx
import mutant_refusals
import mutant_turns
import mutant_updates
from funnel import free_ports
from mutant_http import WebFront
from mutant_voice import VoiceFront
from mutation import Mutation
from nginx_site import site
from releases import Key, Releases, settled, start
from server import eventually, run_nexy

MUTATIONS: list[Mutation] = [
    *mutant_turns.MUTATIONS,
    *mutant_refusals.MUTATIONS,
    *mutant_beside.MUTATIONS,
    *mutant_edges.MUTATIONS,
    *mutant_limits.MUTATIONS,
    *mutant_health.MUTATIONS,
    *mutant_updates.MUTATIONS,
    *mutant_nginx.MUTATIONS,
]
FAMILIES = list(dict.fromkeys(mutation.family for mutation in MUTATIONS))

STABLE, BETA = "2.0.0.15", "2.0.0.16"
BYTES = {STABLE: bytes(range(256)) * 40, BETA: bytes(reversed(range(256))) * 41}
# All that a manifest may say beside what it must.
RICH = {
    "channel": "beta",
    "critical": True,
    "critical_below": "2.0.0.10",
    "notes_markdown": "# New\n\n- *Voices* & more\n",
    "phased_rollout_interval": 86400,
    "hardware_requirements": "arm64",
}
# Turns at the same time: few, so that a full house is soon there.
LIMIT = 4
# How long a run of a check may take, in seconds.
PATIENCE = 120


class Stage:
    """A healthy server and the proxies before it.

    `public` is where clients find its updates: the proxy, so that whoever follows the address of a release comes
    through it, unless another address is given; `updates_port` is the server's own, if it matters.
    """

    def __init__(
        self,
        serve,
        folder: Path,
        is_gate_open: bool = True,
        public: str | None = None,
        updates_port: int = 0,
        voice: str = "tone",
    ):
        self.folder, key = folder, Key(folder)
        ports = {"updates": free_ports(1)[0]}
        public = public or f"http://127.0.0.1:{ports['updates']}/updates"
        beta, stable = self._manifest(BETA, key, public, **RICH), self._manifest(STABLE, key, public)
        settings = {
            "UPDATE_BETA_ENABLED": "true" if is_gate_open else "false",
            "UPDATE_PUBLIC_KEY": key.public,
            "UPDATE_ALLOWED_HOSTS": urlsplit(public).netloc,
            "BACKPRESSURE_MAX_STREAMS": str(LIMIT),
            "LOG_FILE": "nexy.log",
            "LLM_PROVIDER": "offline",
        }
        self.server, releases = start(serve, stable, beta, settings, ports=(0, 0, updates_port), tts=voice)
        (self.server.work / "config.env").chmod(0o640)
        for version, content in BYTES.items():
            releases.artifact(f"Nexy-{version}.dmg", content)
        assert settled(self.server)["status"] == "healthy"
        self.log = self.server.work / "nexy.log"
        self.key = key.public
        self.voice = VoiceFront(self.server.grpc_port, LIMIT)
        targets = {"http": self.server.http_port, "updates": self.server.updates_port}
        self.web = WebFront(targets, ports)
        self.ports = {"voice": self.voice.port} | self.web.ports
        # Straight at the server.
        self.listeners = {"voice": self.server.grpc_port} | targets
        self._mutation: Mutation | None = None

    @staticmethod
    def _manifest(version: str, key: Key, public: str, **fields) -> dict:
        url = f"{public}/downloads/Nexy-{version}.dmg"
        return Releases.manifest(version, BYTES[version], url=url, ed25519=key.sign(BYTES[version]), **fields)

    def close(self) -> None:
        self.voice.close()
        self.web.close()

    @contextlib.contextmanager
    def broken(self, mutation: Mutation | None) -> Iterator[None]:
        """The proxies with one thing broken, or with none; the server is idle before and after."""
        assert eventually(lambda: self.server.active_turns == 0), "turns still run"
        self._mutation = mutation
        self.voice.use(mutation and mutation.voice)
        self.web.change = mutation and mutation.web
        try:
            yield
        finally:
            self._mutation = None
            self.voice.use(None)
            self.web.change = None
            mistakes = [*self.voice.mistakes, *self.web.mistakes]
            self.voice.mistakes.clear()
            self.web.mistakes.clear()
            assert not mistakes, f"the proxies themselves failed: {mistakes!r}"
            assert eventually(lambda: self.server.active_turns == 0), "turns still run"

    def check(self, family: str, mutation: Mutation | None = None) -> tuple[int, dict]:
        """Runs a check through the proxies; its exit status and its report."""
        with self.broken(mutation), self.watched_log() as log:
            more = self._files(family, self.ports, log, mutation and mutation.nginx)
            return check(family, *where(self.ports), *more, folder=self.server.work, key=self.key)

    def check_straight(self, family: str) -> tuple[int, dict]:
        """Runs a check of the server's own listeners."""
        more = self._files(family, self.listeners, self.log)
        return check(family, *where(self.listeners), *more, folder=self.server.work, key=self.key)

    def _files(self, family: str, ports: dict[str, int], log: Path, change: Callable | None = None) -> list[str]:
        """The arguments that name what a family reads beside the wire."""
        # One look at each row of the contract is enough to see what is broken in every one.
        named = ["--repeats", "1"] if family == "contract" else []
        if family in ("interceptors", "preflight"):
            named += ["--log", str(log)]
        if family == "preflight":
            file = self.folder / "nexy.conf"
            text = site(ports, 443, Path("/etc/ssl/nexy.crt"), Path("/etc/ssl/nexy.key"))
            file.write_text(change(text) if change else text)
            named += ["--nginx", str(file)]
        return named

    @contextlib.contextmanager
    def watched_log(self) -> Iterator[Path]:
        """The server's log, or a copy that follows it with something missing."""
        change = self._mutation and self._mutation.log
        if not change:
            yield self.log
            return
        copy, done = self.folder / "changed.log", threading.Event()
        copy.write_text("")

        def follow() -> None:
            with self.log.open() as source, copy.open("a") as target:
                while not done.wait(0.05):
                    lines = iter(source.readline, "")
                    target.writelines(change(line) for line in lines)
                    target.flush()

        thread = threading.Thread(target=follow, daemon=True)
        thread.start()
        try:
            yield copy
        finally:
            done.set()
            thread.join(timeout=5)


def where(ports: dict[str, int], host: str = "127.0.0.1") -> list[str]:
    """The arguments that name three listeners."""
    more = ["--http-port", str(ports["http"]), "--updates-port", str(ports["updates"])]
    return [host, str(ports["voice"]), *more]


def check(*arguments: str, folder: Path, key: str) -> tuple[int, dict]:
    """Runs `nexy check … --json` with the key that releases are signed with; its exit status and its report."""
    environment = {"UPDATE_PUBLIC_KEY": key}
    done = run_nexy("check", *arguments, "--json", folder=folder, environment=environment, within=PATIENCE)
    assert done.stdout.startswith("{"), f"no report: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.returncode, json.loads(done.stdout)


def failed(report: dict) -> list[str]:
    """The points that failed, in words."""
    points = [point for point in report["points"] if point["verdict"] == "failed"]
    return [f"{point['id']}: expected {point['expected']}, observed {point['observed']}" for point in points]
