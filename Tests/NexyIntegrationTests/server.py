"""The real binary as a child process, in a folder and an environment of its own."""

import json
import os
import re
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from client import VoiceClient
from contract import REPOSITORY
from exposition import Exposition, parse
from script import prompt_for, script

BINARY = Path(os.environ.get("NEXY_BINARY", REPOSITORY / ".build" / "debug" / "nexy"))


def eventually(condition, within: float = 5):
    """Waits until `condition` holds, for what tells nobody when it changes; returns whether it did.

    What should come within seconds may take longer on a machine that is busy with other things: it is waited for. What
    should not come is looked for a second at most, exactly as long as it is said.
    """
    deadline = time.monotonic() + (within if within < 2 else max(within, 20))
    pause = threading.Event()
    while not (value := condition()):
        if time.monotonic() > deadline:
            return False
        pause.wait(0.02)
    return value


def clean_environment(home: Path, extra: dict[str, str] | None = None) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(home)} | (extra or {})


class Lines:
    """A child's output, line by line, for waiting on."""

    def __init__(self, stream):
        self._stream = stream
        self._news = threading.Condition()
        self._lines: list[bytes] = []
        self._closed = False
        threading.Thread(target=self._read, daemon=True).start()

    @property
    def raw(self) -> list[bytes]:
        with self._news:
            return list(self._lines)

    @property
    def text(self) -> str:
        return b"".join(self.raw).decode(errors="replace")

    def find(self, pattern: str, within: float = 10) -> re.Match:
        """Waits for the first match in all that was written so far."""
        found = None

        def look():
            nonlocal found
            found = re.search(pattern, b"".join(self._lines).decode(errors="replace"), re.MULTILINE)
            return found or self._closed

        with self._news:
            self._news.wait_for(look, timeout=within)
        assert found, f"no {pattern!r} within {within} s in:\n{self.text}"
        return found

    def wait_until_closed(self, within: float = 10) -> None:
        with self._news:
            assert self._news.wait_for(lambda: self._closed, timeout=within), "the output was not closed"

    def _read(self) -> None:
        for line in self._stream:
            with self._news:
                self._lines.append(line)
                self._news.notify_all()
        with self._news:
            self._closed = True
            self._news.notify_all()


@dataclass(frozen=True)
class Answer:
    status: int
    headers: object
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


class Server:
    """A server that runs, or one that ended while it started."""

    def __init__(self, arguments: list[str], work: Path, environment: dict[str, str], data: Path | None, binary: Path):
        self.work = work
        self.data = data
        self.process = subprocess.Popen(
            [str(binary), *arguments],
            cwd=work,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self.output = Lines(self.process.stdout)
        self.log = Lines(self.process.stderr)
        self._client: VoiceClient | None = None

    def ready(self, within: float = 20) -> "Server":
        self.output.find(r"^Next", within)
        voice = self.output.find(r"^  voice +(?P<host>\S+):(?P<port>\d+) \(gRPC\)$", 1)
        health = self.output.find(r"^  health +http://(?P<host>\S+):(?P<port>\d+)/health$", 1)
        self.grpc_host, self.grpc_port = voice["host"], int(voice["port"])
        self.http_host, self.http_port = health["host"], int(health["port"])
        updates = self.output.find(r"^  updates (?:off|http://(?P<host>\S+):(?P<port>\d+)/updates/)$", 1)
        self.updates_port = int(updates["port"]) if updates["port"] else None
        return self

    @property
    def client(self) -> VoiceClient:
        self._client = self._client or VoiceClient(self.grpc_port)
        return self._client

    def play(self, name: str, **options):
        return self.client.turn(prompt_for(name), **options)

    def begin(self, name: str, **options):
        return self.client.begin(prompt_for(name), **options)

    def request(self, path: str, method: str = "GET") -> Answer:
        request = urllib.request.Request(f"http://127.0.0.1:{self.http_port}{path}", method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return Answer(response.status, response.headers, response.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())

    @property
    def active_turns(self) -> int:
        return self.request("/status").json["active_turns"]

    def metrics(self) -> Exposition:
        return parse(self.request("/metrics").body.decode())

    def is_healthy(self) -> bool:
        return self.process.poll() is None and self.request("/health").status == 200

    def children(self) -> list[int]:
        """Processes whose parent is the server (Linux)."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                # The name, in brackets, may hold blanks; state and parent follow it (proc(5)).
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            except OSError:
                continue
            if int(parent) == self.process.pid and state != "Z":
                found.append(int(entry.name))
        return found

    def open_files(self) -> list[str]:
        """What each of the server's descriptors is (Linux)."""
        found = []
        for descriptor in Path(f"/proc/{self.process.pid}/fd").iterdir():
            try:
                found.append(os.readlink(descriptor))
            except OSError:
                continue
        return found

    def threads(self) -> int:
        """How many threads the server has (Linux)."""
        return len(list(Path(f"/proc/{self.process.pid}/task").iterdir()))

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def exit_status(self, within: float = 15) -> int:
        status = self.process.wait(timeout=within)
        self.output.wait_until_closed()
        self.log.wait_until_closed()
        return status

    def stop(self) -> int:
        self.send(signal.SIGTERM)
        return self.exit_status()

    def close(self) -> None:
        if self._client:
            self._client.close()
        if self.process.poll() is None:
            self.process.kill()
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait(timeout=10)


class Launcher:
    """Starts servers and ends every one of them with the test that asked for it."""

    def __init__(self, new_folder):
        self._new_folder = new_folder
        self.servers: list[Server] = []

    def __call__(
        self,
        *flags: str,
        replies: dict[str, dict] | None = None,
        tts: str | None = "tone",
        environment: dict[str, str] | None = None,
        files: dict[str, str] | None = None,
        data: Path | None = None,
        ports: tuple[int | None, ...] = (0, 0, 0),
        default_data: bool = False,
        ready: bool = True,
        binary: Path = BINARY,
    ) -> Server:
        """Starts a server.

        `replies` makes it scripted; `files` are written into its working folder; the ports are those of gRPC, HTTP and
        updates, and one of None is left to settings.
        """
        folder = self._new_folder()
        work = folder / "work"
        home = folder / "home"
        work.mkdir()
        home.mkdir()
        for name, content in (files or {}).items():
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            (work / name).write_text(content)
        arguments = ["serve"]
        for flag, port in zip(("--grpc-port", "--http-port", "--update-port"), (*ports, 0)[:3]):
            arguments += [] if port is None else [flag, str(port)]
        if not default_data:
            data = data or folder / "data"
            arguments += ["--data-dir", str(data)]
        if tts:
            arguments += ["--tts-provider", tts]
        if replies is not None:
            (folder / "script.yaml").write_text(script(replies))
            arguments += ["--llm-provider", "scripted", "--llm-script", str(folder / "script.yaml")]
        server = Server(
            [*arguments, *flags],
            work,
            clean_environment(home, environment),
            work / "var" if default_data else data,
            binary,
        )
        server.home = home
        self.servers.append(server)
        return server.ready() if ready else server

    def close(self) -> None:
        for server in self.servers:
            server.close()


def run_nexy(
    *arguments: str,
    folder: Path,
    environment: dict[str, str] | None = None,
    stdin: str | bytes = b"",
    within: float = 30,
) -> subprocess.CompletedProcess:
    """Runs a command of the binary to its end, in `folder`."""
    done = subprocess.run(
        [str(BINARY), *arguments],
        cwd=folder,
        env=clean_environment(folder, environment),
        capture_output=True,
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        timeout=within,
    )
    done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
    return done
