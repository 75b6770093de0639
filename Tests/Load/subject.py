"""The server under load: started on free ports of loopback, its log in a file, its levels read from /proc."""

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "NexyIntegrationTests"))

from server import BINARY, Lines, Server, clean_environment  # noqa: E402

ENVIRONMENT = {
    # Limits that a load of many clients would meet on purpose.
    "BACKPRESSURE_MAX_STREAMS": "200",
    "BACKPRESSURE_DEVICE_RATE": "0",
    # A crash shows where it was, and no more: what is short is soon written.
    "SWIFT_BACKTRACE": "enable=yes,interactive=no,color=no,threads=crashed,images=none,registers=none,cache=no",
}


@dataclass(frozen=True)
class Levels:
    """What a server holds at a moment."""

    rss_kib: int
    # The part of it that is no file's: stacks and heap.
    anonymous_kib: int
    fds: int
    threads: int
    children: int
    active_turns: int

    def as_dict(self) -> dict[str, int]:
        return asdict(self)

    def __str__(self) -> str:
        return (
            f"RSS {self.rss_kib} KiB ({self.anonymous_kib} anonymous), {self.fds} fds, {self.threads} threads,"
            f" {self.children} children, {self.active_turns} turns"
        )


class LogFile:
    """A log that is too long to be kept in memory."""

    def __init__(self, path: Path):
        self.path = path

    @property
    def text(self) -> str:
        return self.path.read_text(errors="replace")

    def last(self, count: int) -> list[str]:
        with self.path.open("rb") as file:
            file.seek(max(0, self.path.stat().st_size - (64 << 10)))
            return file.read().decode(errors="replace").splitlines()[-count:]

    def wait_until_closed(self, within: float = 0) -> None:
        """A file needs no reader to end."""


class Subject(Server):
    """A scripted server with the tone engine."""

    def __init__(self, replies: list[dict], environment: dict[str, str] | None = None, prepare=lambda work: None):
        """`prepare` puts into the working folder what the server is to find there."""
        self._folder = tempfile.TemporaryDirectory(prefix="nexy-load-", ignore_cleanup_errors=True)
        folder = Path(self._folder.name)
        self.work, self.data, self._client = folder, folder / "data", None
        prepare(folder)
        script = folder / "script.yaml"
        script.write_text(json.dumps({"replies": replies}, ensure_ascii=False))
        arguments = ["serve", "--grpc-port", "0", "--http-port", "0", "--update-port", "0", "--data-dir", str(self.data)]
        arguments += ["--tts-provider", "tone", "--llm-provider", "scripted", "--llm-script", str(script)]
        self.log = LogFile(folder / "server.log")
        with self.log.path.open("wb") as log:
            self.process = subprocess.Popen(
                [str(BINARY), *arguments],
                cwd=folder,
                env=clean_environment(folder, ENVIRONMENT | (environment or {})),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        self.output = Lines(self.process.stdout)
        try:
            self.ready(within=30)
        except AssertionError as error:
            ending = self.log.last(5)
            self.close()
            raise SystemExit(f"{BINARY} does not start: {error}\n" + "\n".join(ending)) from None

    def levels(self) -> Levels:
        process = Path(f"/proc/{self.process.pid}")
        status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
        return Levels(
            rss_kib=int(status["VmRSS"].split()[0]),
            anonymous_kib=int(status["RssAnon"].split()[0]),
            # The database's readers are made when they are needed and kept.
            fds=sum("nexy.sqlite" not in name for name in self.open_files()),
            threads=int(status["Threads"]),
            children=len(self.children()),
            active_turns=self.active_turns,
        )

    def is_gone(self, within: float = 60) -> bool:
        """Whether the server ended, or is about to: one that crashes writes its backtrace first."""
        if self.process.poll() is None:
            try:
                return self.request("/health").status != 200 and self.process.poll() is not None
            except OSError:
                try:
                    self.process.wait(within)
                except subprocess.TimeoutExpired:
                    return False
        return True

    def last_words(self) -> str:
        """What a crash wrote, and otherwise the end of the log."""
        lines = self.log.last(200)
        crash = [line[:200] for line in lines if line and not line.startswith("ts=")]
        return "\n".join(crash[:30] or lines[-10:])

    def settled(self, fds: int | None, within: float = 60, quiet: float = 5) -> Levels:
        """The levels once no turn runs, the descriptors are back and memory has not fallen for `quiet` seconds."""
        deadline = time.monotonic() + within
        lowest, fell_at = self.levels(), time.monotonic()
        while (now := time.monotonic()) < deadline:
            levels = self.levels()
            is_busy = levels.active_turns > 0 or (fds is not None and levels.fds > fds)
            if is_busy or levels.rss_kib < lowest.rss_kib:
                lowest, fell_at = levels, now
            elif now - fell_at >= quiet:
                return levels
            time.sleep(0.25)
        return self.levels()

    def close(self) -> None:
        super().close()
        self._folder.cleanup()
