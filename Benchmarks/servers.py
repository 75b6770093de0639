"""The servers that the benchmarks ask: nexy, and its peers, each a child on a port of loopback."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY / "Tests" / "Load"), str(REPOSITORY / "Tests" / "NexyIntegrationTests")]

from server import BINARY, clean_environment  # noqa: E402

# The peer in Swift is built beside the server.
SWIFT_PEER = BINARY.with_name("nexy-echo-peer")
PYTHON_PEER = REPOSITORY / "Benchmarks" / "peers" / "echo.py"
START_LIMIT = 30
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


# How many measurements began while others used the cores, and how many there were.
BUSY = {True: 0, False: 0}
# What others may use of the cores, and how long they are waited for, in seconds.
QUIET, PATIENCE = 0.15, 5


def wait_for_quiet() -> None:
    """Waits until others leave the cores alone, though not for long; whether they did is counted."""
    deadline = time.monotonic() + PATIENCE
    while (is_busy := _use_of_cores(0.3) > QUIET) and time.monotonic() < deadline:
        time.sleep(0.2)
    BUSY[is_busy] += 1


def _use_of_cores(seconds: float) -> float:
    def read() -> tuple[int, int]:
        times = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
        return times[3] + times[4], sum(times)

    idle, whole = read()
    time.sleep(seconds)
    idle_after, whole_after = read()
    return 1 - (idle_after - idle) / max(1, whole_after - whole)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Program:
    """A child that listens on `port`, and answers where `asks` says: a path of HTTP, or nothing but a connection."""

    def __init__(self, command: list[str], port: int, asks: tuple[int, str] | None = None, environment=None):
        self._folder = tempfile.TemporaryDirectory(prefix="nexy-bench-", ignore_cleanup_errors=True)
        folder = Path(self._folder.name)
        self.port, self.asks = port, asks
        self.began = time.perf_counter()
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env=clean_environment(folder, environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        while not self.answers():
            if self.process.poll() is not None or time.perf_counter() - self.began > START_LIMIT:
                self.close()
                raise SystemExit(f"{command[0]} did not answer on port {port} within {START_LIMIT} s")
            time.sleep(0.001)
        # Milliseconds from its start to the first good answer.
        self.start_ms = 1_000 * (time.perf_counter() - self.began)

    def answers(self) -> bool:
        try:
            if self.asks is None:
                socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
                return True
            connection = http.client.HTTPConnection("127.0.0.1", self.asks[0], timeout=5)
            connection.request("GET", self.asks[1])
            status = connection.getresponse().status
            connection.close()
            return status == 200
        except OSError:
            return False

    @property
    def cpu_seconds(self) -> float:
        """Processor time it used so far, its own and the kernel's for it (proc(5))."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS

    @property
    def anonymous_kib(self) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("RssAnon:")[2].split()[0])

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait(10)
        self._folder.cleanup()


def nexy(turns: int = 1_000) -> Program:
    """The server with its deterministic providers; no limit that a load would meet on purpose."""
    grpc, health, updates = free_port(), free_port(), free_port()
    ports = ["--grpc-port", str(grpc), "--http-port", str(health), "--update-port", str(updates)]
    limits = {"BACKPRESSURE_MAX_STREAMS": str(turns), "BACKPRESSURE_DEVICE_RATE": "0", "BACKPRESSURE_MAX_RATE": "0"}
    command = [str(BINARY), "serve", *ports, "--llm-provider", "scripted", "--tts-provider", "tone"]
    return Program(command, grpc, asks=(health, "/health"), environment=limits)


def swift_peer() -> Program:
    port = free_port()
    return Program([str(SWIFT_PEER), str(port)], port)


def python_peer() -> Program:
    port = free_port()
    return Program([sys.executable, str(PYTHON_PEER), str(port)], port)


# Those that answer turns, by the names in the results.
VOICES = {"nexy": nexy, "grpc-swift": swift_peer, "grpc.aio": python_peer}
