"""How fast feeds and downloads are served, beside nginx with the same bytes in the same run.

    NEXY_BINARY=.build/release/nexy python Tests/Load/updates.py --rounds 5

nginx is set by Benchmarks/peers/nginx.conf; both are asked by the same program over loopback: wrk for
the feed, curl for the download.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from statistics import median

from subject import Subject

FEED = "/updates/appcast.xml"
FILE = "/updates/downloads/Nexy.dmg"
MEBIBYTE = 1 << 20

NGINX = Path(__file__).resolve().parents[2] / "Benchmarks" / "peers" / "nginx.conf"


def prepare(work: Path, megabytes: int) -> None:
    """A release of random bytes, and its manifest."""
    manifests, downloads = work / "updates" / "manifests", work / "updates" / "downloads"
    manifests.mkdir(parents=True)
    downloads.mkdir()
    digest, size = hashlib.sha256(), megabytes * 1_000_000
    with (downloads / "Nexy.dmg").open("wb") as file:
        for start in range(0, size, MEBIBYTE):
            piece = os.urandom(min(MEBIBYTE, size - start))
            digest.update(piece)
            file.write(piece)
    manifest = {
        "version": "2.0.0.15",
        "build": "2.0.0.15",
        "release_date": "2026-02-25T12:00:00Z",
        "artifact": {
            "type": "dmg",
            "url": "https://github.com/Seregawpn/Nexy_production/releases/download/Update/Nexy.dmg",
            "size": size,
            "sha256": digest.hexdigest(),
            "min_os": "11.0",
        },
    }
    (manifests / "manifest.json").write_text(json.dumps(manifest))


class Peer:
    """nginx with the same bytes."""

    def __init__(self, folder: Path, work: Path, feed: bytes, port: int):
        self.port = port
        root = folder / "root" / "updates"
        (root / "downloads").mkdir(parents=True)
        os.link(work / FILE.removeprefix("/"), root / "downloads" / "Nexy.dmg")
        (root / "appcast.xml").write_bytes(feed)
        (folder / "nginx.conf").write_text(NGINX.read_text().replace("127.0.0.1:PORT", f"127.0.0.1:{port}"))
        for path in folder.parent.rglob(""):
            path.chmod(0o755)
        self.process = subprocess.Popen(
            [shutil.which("nginx") or "/usr/sbin/nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")],
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 10
        while not self.answers():
            if time.monotonic() > deadline:
                raise SystemExit("nginx does not answer: " + (folder / "error.log").read_text())
            time.sleep(0.05)

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{FEED}", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(10)


def requests_per_second(port: int, seconds: float, connections: int) -> float:
    done = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", f"http://127.0.0.1:{port}{FEED}"],
        capture_output=True,
        text=True,
        timeout=seconds + 30,
        check=True,
    )
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise SystemExit(f"not every answer was good:\n{done.stdout}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)[1])


def megabytes_per_second(port: int) -> float:
    done = subprocess.run(
        ["curl", "-sSf", "-o", "/dev/null", "-w", "%{speed_download}", f"http://127.0.0.1:{port}{FILE}"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return float(done.stdout) / 1e6


def compare(name: str, unit: str, measure, server: int, peer: int, rounds: int) -> float:
    ours, theirs = [], []
    measure(server), measure(peer)
    for number in range(1, rounds + 1):
        ours.append(measure(server))
        theirs.append(measure(peer))
        print(f"{name} {number}: nexy {ours[-1]:8.0f} {unit}, nginx {theirs[-1]:8.0f} {unit}", flush=True)
    ratio = median(ours) / median(theirs)
    print(f"{name}: median nexy {median(ours):.0f}, nginx {median(theirs):.0f} {unit}; ratio {ratio:.2f}", flush=True)
    return ratio


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5, help="of one round of feed requests")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--megabytes", type=int, default=276)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="nexy-updates-", ignore_cleanup_errors=True) as name:
        subject = Subject([{"deltas": ["Nothing."]}], prepare=lambda work: prepare(work, options.megabytes))
        peer = None
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{subject.updates_port}{FEED}", timeout=10) as answer:
                feed = answer.read()
            folder = Path(name) / "nginx"
            folder.mkdir()
            peer = Peer(folder, subject.work, feed, port=free_port())
            feeds = compare(
                "appcast",
                "requests/s",
                lambda port: requests_per_second(port, options.seconds, options.connections),
                subject.updates_port,
                peer.port,
                options.rounds,
            )
            before = subject.levels()
            downloads = compare(
                "download", "MB/s", megabytes_per_second, subject.updates_port, peer.port, options.rounds
            )
            growth = (subject.levels().rss_kib - before.rss_kib) / 1024
            print(f"memory grew by {growth:.1f} MiB over {options.rounds + 1} downloads of {options.megabytes} MB")
        finally:
            if peer:
                peer.close()
            subject.close()
    print(f"aims: appcast 0.6, download 0.5, memory 16 MiB: {feeds:.2f}, {downloads:.2f}, {growth:.1f}")
    return feeds >= 0.6 and downloads >= 0.5 and growth < 16


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
