"""How fast a release is published, beside curl with the same file to the same fake GitHub, and cp to the same disk.

    NEXY_BINARY=.build/release/nexy python Tests/Load/publish.py --rounds 5

An upload is timed from the line that says so to the next one, and curl from its start to its end. What is uploaded is
also hashed before, and read back afterwards: the whole command is told besides.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "NexyIntegrationTests"))

from funnel import Street  # noqa: E402
from github import GitHub  # noqa: E402
from server import BINARY, clean_environment  # noqa: E402

MEBIBYTE = 1 << 20


class Figures:
    """Seconds of the uploads and of the whole, and the most memory that the process had."""

    def __init__(self):
        self.uploads: list[float] = []
        self.whole = 0.0
        self.peak_kib = 0


class WarmGitHub(GitHub):
    """Keeps files in memory that it has written before.

    New memory of a virtual machine costs more than a connection within it; it would be what is measured.
    """

    SLOTS = 10

    def __init__(self, folder: Path, size: int):
        super().__init__(folder / "github")
        self.slots: list[Path] = []
        self.taken: dict[str, Path] = {}
        memory = Path("/dev/shm")
        self.warm = Path(tempfile.mkdtemp(prefix="nexy-warm-", dir=memory if memory.is_dir() else folder))
        for number in range(self.SLOTS):
            self.slots.append(self.warm / str(number))
            prepare(self.slots[-1], size)

    def stored(self, name: str) -> Path:
        return self.taken.get(name, self.warm / name)

    def open(self, asset):
        with self.lock:
            self.taken[asset.stored] = self.slots.pop()
        return os.fdopen(os.open(self.file(asset), os.O_WRONLY), "wb", buffering=0)

    def forget(self, asset):
        with self.lock:
            if asset.stored in self.taken:
                self.slots.append(self.taken.pop(asset.stored))

    def close(self):
        super().close()
        shutil.rmtree(self.warm, ignore_errors=True)


def watch(process: subprocess.Popen, figures: Figures) -> None:
    while process.poll() is None:
        try:
            for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    figures.peak_kib = max(figures.peak_kib, int(line.split()[1]))
        except OSError:
            return
        time.sleep(0.01)


def publish(shop, arguments: list[str]) -> Figures:
    """Runs a command; its lines tell when each upload of the artifact began and ended."""
    figures, begun = Figures(), time.monotonic()
    process = subprocess.Popen(
        [str(BINARY), "release", *arguments],
        cwd=shop.work,
        env=clean_environment(shop.work, shop.environment()),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    watcher = threading.Thread(target=watch, args=(process, figures))
    watcher.start()
    errors: list[str] = []
    reader = threading.Thread(target=lambda: errors.append(process.stderr.read()))
    reader.start()
    upload_began, lines = None, []
    for line in process.stdout:
        now = time.monotonic()
        lines.append(line)
        if upload_began is not None:
            figures.uploads.append(now - upload_began)
            upload_began = None
        if "] upload " in line and ".dmg" in line:
            upload_began = now
    status = process.wait()
    watcher.join()
    reader.join()
    figures.whole = time.monotonic() - begun
    if status:
        raise SystemExit(f"nexy ended with {status}:\n{''.join(lines)}\n{errors[0][-2000:]}")
    return figures


def curl(github, path: Path, number: int) -> float:
    release = github.at("App")
    address = f"{github.uploads}/repos/{github.repository}/releases/{release.identifier}/assets?name=curl-{number}.dmg"
    headers = ["-H", f"Authorization: Bearer {github.token}", "-H", "Content-Type: application/octet-stream"]
    # No wait for 100-continue; -T streams, where --data-binary reads all of it first.
    headers += ["-H", "Expect:", "-A", "curl"]
    begun = time.monotonic()
    done = subprocess.run(
        ["curl", "-sS", "-f", "-o", "/dev/null", "-X", "POST", "-T", str(path), *headers, address],
        capture_output=True,
        text=True,
    )
    seconds = time.monotonic() - begun
    if done.returncode:
        raise SystemExit(f"curl: {done.stderr}")
    return seconds


def clear(github) -> None:
    """Takes away what curl put there."""
    release = github.at("App")
    with github.lock:
        for asset in list(release.assets):
            github.drop(release, asset)


def cp(path: Path, folder: Path) -> float:
    """A copy that is on the disk in the end, as nexy's is."""
    target = folder / "copy.dmg"
    begun = time.monotonic()
    subprocess.run(["cp", "--reflink=never", str(path), str(target)], check=True)
    subprocess.run(["sync", str(target)], check=True)
    seconds = time.monotonic() - begun
    target.unlink()
    return seconds


def prepare(path: Path, size: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        for start in range(0, size, MEBIBYTE):
            file.write(os.urandom(min(MEBIBYTE, size - start)))
        os.fsync(file.fileno())


def change(path: Path, number: int) -> None:
    """Other bytes for the next round, at the price of one block."""
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(number.to_bytes(8, "big"))
        os.fsync(file.fileno())


def compare(store: str, folder: Path, rounds: int, size: int) -> tuple[float, float]:
    """Ratio of the medians (bytes a second of ours by theirs), and the peak in MiB."""
    street = Street(folder, WarmGitHub(folder, size) if store == "github" else None)
    # It would read 276 MB each time it looks.
    street.poller.close()
    street.github.is_forgetful = True
    try:
        shop = street.shop(store)
        shop.setting(RELEASE_KEPT="1")
        artifact = shop.inbox / "beta" / "Nexy.dmg"
        prepare(artifact, size)
        (shop.inbox / "beta" / "LATEST_CHANGES.md").write_text("- Faster.\n")
        megabytes, peer_name = size / 1e6, "curl" if store == "github" else "cp"
        ours, theirs, wholes, peak = [], [], [], 0
        for number in range(rounds + 1):
            change(artifact, number)
            figures = publish(shop, ["publish", "--channel", "beta", "--version", f"2.0.0.{100 + number}"])
            clear(street.github)
            peer = (
                median(curl(street.github, artifact, 2 * number + turn) for turn in range(2))
                if store == "github"
                else cp(artifact, street.home)
            )
            if not figures.uploads:
                raise SystemExit("no line tells of an upload")
            peak = max(peak, figures.peak_kib)
            # The first of each is for the caches.
            if number:
                ours.append(megabytes / median(figures.uploads))
                theirs.append(megabytes / peer)
                wholes.append(figures.whole)
                print(
                    f"{store} {number}: nexy {ours[-1]:6.0f} MB/s in {len(figures.uploads)} uploads,"
                    f" {peer_name} {theirs[-1]:6.0f} MB/s; whole command {figures.whole:.1f} s,"
                    f" peak {figures.peak_kib / 1024:.0f} MiB",
                    flush=True,
                )
        ratio = median(ours) / median(theirs)
        print(
            f"{store}: median nexy {median(ours):.0f}, {peer_name} {median(theirs):.0f} MB/s; ratio {ratio:.2f};"
            f" whole command {median(wholes):.1f} s; peak {peak / 1024:.1f} MiB",
            flush=True,
        )
        return ratio, peak / 1024
    finally:
        street.close()


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--megabytes", type=int, default=276)
    parser.add_argument("--store", choices=["github", "directory"], action="append")
    options = parser.parse_args()
    found = {}
    for store in options.store or ["github", "directory"]:
        with tempfile.TemporaryDirectory(prefix="nexy-publish-", ignore_cleanup_errors=True) as name:
            found[store] = compare(store, Path(name), options.rounds, options.megabytes * 1_000_000)
    told = ", ".join(f"{store} {ratio:.2f} and {peak:.0f} MiB" for store, (ratio, peak) in found.items())
    print(f"aims: 0.8 of curl to GitHub, memory below 64 MiB: {told}")
    return all(peak < 64 and (ratio >= 0.8 or store == "directory") for store, (ratio, peak) in found.items())


if __name__ == "__main__":
    assert shutil.which("curl"), "install curl"
    sys.exit(0 if main() else 1)
