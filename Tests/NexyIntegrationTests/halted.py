"""Commands that stop at a line of their output, where a test wants them to."""

import contextlib
import fcntl
import os
import signal
import subprocess
from pathlib import Path

import server as servers
from server import eventually


class Halted:
    """A command that hangs before its n-th line of standard output is written, because nobody makes room for it.

    The pipe has room for exactly the lines before it, so nothing in the product has to know of this.
    """

    PAGE = 4096

    def __init__(self, arguments: list[str], folder: Path, environment: dict[str, str], lines: list[str], number: int):
        """`lines` are those that the command writes, from an earlier run like this one; `number` begins with 1."""
        lengths = [len(line.encode()) + 1 for line in lines]
        pages, filler = self._room(lengths, number)
        self._reading, writing = os.pipe()
        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, pages * self.PAGE)
        assert fcntl.fcntl(writing, fcntl.F_GETPIPE_SZ) == pages * self.PAGE
        for start in range(0, filler, self.PAGE):
            os.write(writing, b"." * min(self.PAGE, filler - start))
        self._filler, self.expected = filler, lines[: number - 1]
        self._errors = folder / "halted.stderr"
        with self._errors.open("wb") as errors:
            self.process = subprocess.Popen(
                [str(servers.BINARY), *arguments],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=writing,
                stderr=errors,
                start_new_session=True,
            )
        os.close(writing)
        try:
            assert eventually(lambda: self._is_stuck() or self.process.poll() is not None, 30), self.stderr
            assert self.process.poll() is None, f"ended with {self.process.returncode}: {self.stderr}"
        except BaseException:
            self.close()
            raise

    @classmethod
    def _room(cls, lengths: list[int], number: int) -> tuple[int, int]:
        """Pages of the pipe, and bytes to fill it with beforehand (pipe(7): a page takes whole writes)."""

        def blocks_at(pages: int, filler: int) -> int:
            used, free = -(-filler // cls.PAGE), -filler % cls.PAGE
            for index, length in enumerate(lengths, 1):
                if length > free:
                    used, free = used + 1, cls.PAGE
                    if used > pages:
                        return index
                free -= length
            return len(lengths) + 1

        for pages in (1, 2, 4, 8, 16):
            for filler in range(pages * cls.PAGE, -1, -1):
                if blocks_at(pages, filler) == number:
                    return pages, filler
        raise AssertionError("too many lines for a pipe")

    def _is_stuck(self) -> bool:
        """Whether one of its threads waits for room in a pipe (Linux)."""
        for task in Path(f"/proc/{self.process.pid}/task").glob("*/wchan"):
            with contextlib.suppress(OSError):
                if "pipe_write" in task.read_text():
                    return True
        return False

    @property
    def stderr(self) -> str:
        return self._errors.read_text(errors="replace")

    def kill(self) -> str:
        """Ends it there; returns what it had written."""
        self.process.kill()
        self.process.wait(10)
        return self._rest()

    def go_on(self, within: float = 60) -> int:
        """Makes room, now and from now on; returns the exit status."""
        self.stdout = self._rest()
        return self.process.wait(within)

    def _rest(self) -> str:
        with os.fdopen(self._reading, "rb") as file:
            self._reading = None
            text = file.read()
        return text[self._filler :].decode(errors="replace")

    def __enter__(self) -> "Halted":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)
        if self._reading is not None:
            os.close(self._reading)
