"""Sends hostile requests to a server's updates, and fails where a byte escapes, a length is wrong, or the server dies.

    NEXY_BINARY=.build/debug/nexy python Tests/Load/updates_fuzz.py --requests 50000
    python Tests/Load/updates_fuzz.py --seed 7 --only 1234    # sends one batch again

A batch is what one connection sends: its seed and its number make the same bytes again. Well formed requests, of which
a batch may hold many in a row, are answered as an independent reading of HTTP says; what is malformed comes last.
"""

import argparse
import json
import os
import queue
import random
import re
import socket
import sys
import threading
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

from subject import Levels, Subject

# `subject` has put their folder where Python looks.
from releases import CONTENT, Releases, place  # isort: skip
from server import Answer, eventually  # isort: skip
from test_updates_downloads import AIMS, DOTS, FRONTS, NOT_SERVED, ODD, SLASHES, SMUGGLED, Gone, Wire  # isort: skip

FAILURE_LIMIT = 20
REPLIES = [{"deltas": ["This is fine."]}]
MODIFIED = 1_700_000_000
# Seconds after which the server closes a connection on which nothing comes, and as much again.
IDLE = 200
SECRET = b"nobody outside may read this"
# What stands in no file that is served, and in many that are not.
TABOO = (SECRET, b"root:x:0:", b"PATH=", b"#!/", b"-----BEGIN")
PAGES = ("/", "/health", "/appcast.xml", "/appcast-beta.xml", "/api/versions", "/api/manifests", "/api/artifacts")
METHODS = ("GET",) * 20 + ("HEAD", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH", "TRACE")
NUMBERS = ("0", "1", "9", "4095", "4096", "10239", "10240", "99999", str(2**31), str(2**63 - 1), str(2**64), "9" * 60)
SIGNS = "abz019 .-=,;:\"'%/\\*()[]{}<>@?#&+~^|`!$_\t\u00e9\u0416\uff0e\u2215\u0301"


@dataclass(frozen=True)
class Question:
    """A well formed request."""

    method: str
    target: str
    fields: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def octets(self) -> bytes:
        lines = [f"{self.method} {self.target} HTTP/1.1", "Host: updates", *(f"{n}: {v}" for n, v in self.fields)]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + self.body

    @property
    def ranges(self) -> list[str]:
        return [value for name, value in self.fields if name.lower() == "range"]


@dataclass(frozen=True)
class Batch:
    """What one connection sends: questions, and then perhaps something that is none."""

    number: int
    questions: list[Question]
    ending: bytes
    # Whether the connection takes the answers slowly, leaves in the middle, or sends in small pieces.
    way: str

    @property
    def count(self) -> int:
        return len(self.questions) + bool(self.ending)


def text(chance: random.Random, most: int = 40) -> str:
    return "".join(chance.choice(SIGNS) for _ in range(chance.randrange(most)))


def climbing(chance: random.Random) -> str:
    way = "".join(
        chance.choice(DOTS) + chance.choice(DOTS) + chance.choice(SLASHES) for _ in range(chance.randrange(1, 6))
    )
    return chance.choice(FRONTS) + way + chance.choice(AIMS)


def spelled(chance: random.Random, name: bytes) -> str:
    """A name with some of its bytes escaped, as any client may; what cannot stand in a URL always is."""
    plain = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"
    return "".join(
        chr(octet) if octet in plain and chance.random() < 0.8 else f"%{octet:02{chance.choice('xX')}}"
        for octet in name
    )


def target(chance: random.Random, names: list[str]) -> str:
    """What a request names, in the letters that a request's first line may have."""
    return "".join(sign if sign.isascii() else quote(sign) for sign in anything(chance, names))


def anything(chance: random.Random, names: list[str]) -> str:
    prefix = chance.choice(("", "", "/updates", "http://elsewhere", "http://elsewhere:1/updates"))
    kind = chance.randrange(10)
    if kind < 5:
        return f"{prefix}/downloads/{spelled(chance, chance.choice(names).encode())}"
    if kind == 5:
        return climbing(chance)
    if kind == 6:
        return prefix + chance.choice(PAGES) + chance.choice(("", "", "?a=b", "?../../secret.dmg", "/", "/..", "%00"))
    if kind == 7:
        return f"{prefix}/downloads/{chance.choice(NOT_SERVED)[:8000]}"
    name = bytearray(spelled(chance, chance.choice(names).encode()), "latin-1")
    for _ in range(chance.randrange(1, 4)):
        name.insert(chance.randrange(len(name) + 1), chance.choice(b"%/.\\;?#:@&=+$,!*'()~0aAfF\x7e"))
    return f"{prefix}/downloads/{name.decode('latin-1')}"


def byte_range(chance: random.Random) -> str:
    def element() -> str:
        return chance.choice(("", *NUMBERS, str(chance.randrange(20_000)))) + "-" + chance.choice(("", "", *NUMBERS))

    unit = chance.choice(("bytes=",) * 8 + ("BYTES=", "lines=", "bytes", "=", ""))
    elements = [element() for _ in range(chance.choice((1, 1, 1, 1, 2, 30)))]
    field = unit + ",".join(elements)
    if chance.random() < 0.2:
        where = chance.randrange(len(field) + 1)
        sign = chance.choice(("-", ",", " ", "\t", "+", "x", "=", "\u0661", ".", "%30"))
        field = field[:where] + sign + field[where:]
    return field.strip()


def validator(chance: random.Random, tags: list[str]) -> str:
    tag = chance.choice([*tags, "other", ""])
    dates = ("Tue, 14 Nov 2023 22:13:20 GMT", "Tue, 14 Nov 2023 22:13:19 GMT", "Tuesday, 14-Nov-23 22:13:20 GMT", "0")
    return chance.choice((f'"{tag}"', f'W/"{tag}"', tag, "*", f'"a", "{tag}"', *dates, text(chance).strip()))


def question(chance: random.Random, names: list[str], tags: list[str]) -> Question:
    fields: list[tuple[str, str]] = []
    while chance.random() < 0.6:
        kind = chance.randrange(8)
        if kind < 5:
            if chance.random() < 0.1 or not any(name.lower() == "range" for name, _ in fields):
                fields.append((chance.choice(("Range", "range", "RANGE")), byte_range(chance)))
        elif kind == 5:
            conditions = ("If-Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since")
            fields.append((chance.choice(conditions), validator(chance, tags)))
        elif kind == 6:
            fields.append((f"X-{chance.randrange(99)}", text(chance, chance.choice((40, 4_000))).strip()))
        else:
            others = [("Accept", "application/json"), ("Accept-Encoding", "gzip"), ("Expect", "100-continue")]
            others += [("Origin", "https://elsewhere"), ("X-Forwarded-For", "127.0.0.1"), ("TE", "trailers")]
            fields.append(chance.choice(others))
    body = b""
    if chance.random() < 0.1:
        body = chance.randbytes(chance.choice((0, 1, 100, 70_000)))
        if chance.random() < 0.5:
            fields.append(("Content-Length", str(len(body))))
        else:
            fields.append(("Transfer-Encoding", "chunked"))
            body = (b"%x\r\n%s\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"
    return Question(chance.choice(METHODS), target(chance, names), tuple(fields), body)


def ending(chance: random.Random, names: list[str], tags: list[str]) -> bytes:
    """Something that is no request, or only the beginning of one."""
    octets = bytearray(question(chance, names, tags).octets)
    kind = chance.randrange(7)
    if kind == 0:
        return chance.choice(list(ODD.values()))
    if kind == 1:
        return chance.choice(list(SMUGGLED.values()))
    if kind == 2:
        return bytes(octets[: chance.randrange(len(octets))])
    if kind == 3:
        return chance.randbytes(chance.randrange(1, 3_000))
    if kind == 4:
        return f"GET {climbing(chance)} HTTP/1.1\r\nHost: updates\r\n\r\n".encode()
    for _ in range(chance.randrange(1, 5)):
        where = chance.randrange(min(len(octets), 400))
        octets[where : where + chance.choice((0, 1))] = chance.choice(
            (b"\0", b"\n", b"\r", b"\r\n", b" ", b":", b"\xff", b"\x80", b"HTTP/1.1", b"\r\n\r\n", b"..", b"%")
        )
    return bytes(octets)


def batch(seed: int, number: int, names: list[str], tags: list[str]) -> Batch:
    chance = random.Random(f"{seed}/{number}")
    questions = [question(chance, names, tags) for _ in range(chance.choice((0, 1, 1, 4, 16, 40)))]
    last = ending(chance, names, tags) if not questions or chance.random() < 0.3 else b""
    return Batch(number, questions, last, chance.choice(("whole", "whole", "whole", "pieces", "one by one", "leave")))


@dataclass
class Violation(Exception):
    reason: str


@dataclass
class Fuzz:
    """One run against one server."""

    subject: Subject
    files: dict[str, bytes]
    limit: float
    statuses: Counter = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    requests: int = 0
    slowest: float = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def is_over(self) -> bool:
        return len(self.failures) >= FAILURE_LIMIT or self.subject.process.poll() is not None

    def fail(self, reason: str) -> None:
        with self.lock:
            self.failures.append(reason)
        print(f"FAILED {reason}", flush=True)

    def send(self, item: Batch) -> None:
        began, statuses = time.monotonic(), Counter()
        try:
            with closing(Wire(self.subject.updates_port, self.limit)) as wire:
                self._exchange(wire, item, statuses)
        except Violation as error:
            self.fail(f"batch {item.number} ({item.way}): {error.reason}")
        except TimeoutError:
            self.fail(f"batch {item.number} ({item.way}): neither answer nor close within {self.limit:g} s")
        except AssertionError as error:
            self.fail(f"batch {item.number} ({item.way}): an answer cannot be read: {error}")
        except OSError as error:
            if not self.subject.is_gone():
                self.fail(f"batch {item.number} ({item.way}): {error!r}")
        with self.lock:
            self.requests += item.count
            self.statuses += statuses
            self.slowest = max(self.slowest, time.monotonic() - began)

    def _exchange(self, wire: Wire, item: Batch, statuses: Counter) -> None:
        if item.way == "one by one":
            for asked in item.questions:
                wire.send(asked.octets)
                self._hear(wire, asked, statuses)
            self._end(wire, item.ending, statuses)
            return
        # Whoever sends many requests before it reads may fill both ends' buffers.
        octets = b"".join(asked.octets for asked in item.questions)
        sender = threading.Thread(target=self._send, args=(wire, octets, item), daemon=True)
        sender.start()
        try:
            if item.way == "leave":
                wire.take(min(1, len(item.questions)))
                wire.leave()
                statuses["left"] += 1
                return
            for asked in item.questions:
                self._hear(wire, asked, statuses)
        except Gone:
            if item.way != "leave":
                raise Violation("the connection was closed between good requests") from None
        finally:
            sender.join(self.limit)
        self._end(wire, item.ending, statuses)

    @staticmethod
    def _send(wire: Wire, octets: bytes, item: Batch) -> None:
        size = 7 if item.way == "pieces" and len(octets) < 4_000 else len(octets) or 1
        try:
            for start in range(0, len(octets), size):
                wire.send(octets[start : start + size])
        except OSError:
            # The reader tells what became of the connection.
            return

    def _hear(self, wire: Wire, asked: Question, statuses: Counter) -> None:
        try:
            answer = wire.answer(asked.method)
        except Gone as error:
            raise Violation(f"{error} instead of an answer to {asked.octets[:300]!r}") from None
        statuses[answer.status] += 1
        if problem := self.problem(asked, answer):
            raise Violation(f"{problem} ({answer.status}, {len(answer.body)} bytes): {asked.octets[:400]!r}")
        if answer.headers.get("connection", "").lower() == "close":
            raise Violation(f"a good request ended the connection: {asked.octets[:300]!r}")

    def _end(self, wire: Wire, octets: bytes, statuses: Counter) -> None:
        """What is malformed is answered or not; it leads to no secret, and the connection comes to its end."""
        try:
            wire.send(octets)
            wire.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        try:
            heard = wire.rest()
        except TimeoutError:
            raise Violation(f"no end after {octets[:300]!r}") from None
        if any(taboo in heard for taboo in TABOO):
            raise Violation(f"a secret came out after {octets[:400]!r}")
        if octets:
            codes = re.findall(rb"^HTTP/1\.1 (\d{3}) ", heard)
            statuses[f"{int(codes[0])} at last" if codes else "closed at last"] += 1

    def problem(self, asked: Question, answer: Answer) -> str | None:
        """Why this is no right answer; lengths were checked when it was read."""
        body, headers = answer.body, answer.headers
        if any(taboo in body for taboo in TABOO) or any(SECRET.decode() in value for value in headers.values()):
            return "a secret came out"
        if answer.status >= 500:
            return "the server failed"
        if asked.method not in ("GET", "HEAD"):
            return None if answer.status in (204, 404, 405, 400) else "another method than GET and HEAD was served"
        if "#" in asked.target and answer.status in (400, 404):
            return None
        content = self.files.get(self._name(asked.target) or "")
        if content is None:
            is_page = self._path(asked.target) in PAGES
            return "something else than a file was served" if answer.status in (200, 206) and not is_page else None
        if answer.status not in (200, 206, 304, 412, 416):
            return "a file was not served"
        told = None if answer.status in (304, 412, 416) else int(headers["content-length"])
        if answer.status == 200 and (told != len(content) or asked.method == "GET" and body != content):
            return "these are not the file's bytes"
        if answer.status == 206:
            return self._wrong_part(asked, answer, content)
        if answer.status == 416 and headers["content-range"] != f"bytes */{len(content)}":
            return "the 416 does not tell the size"
        return None

    @staticmethod
    def _wrong_part(asked: Question, answer: Answer, content: bytes) -> str | None:
        part = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", answer.headers.get("content-range", ""))
        if not part or asked.method == "HEAD" or len(asked.ranges) != 1:
            return "this is no answer with a part"
        start, last, size = map(int, part.groups())
        # A range as anybody reads it who knows nothing but RFC 9110, section 14.1.2.
        wanted = re.fullmatch(r"bytes=[\s,]*(\d*)-(\d*)[\s,]*", asked.ranges[0], re.IGNORECASE | re.ASCII)
        if not wanted or (wanted[1], wanted[2]) == ("", ""):
            return "a part came where none was asked for"
        if wanted[1]:
            due = (int(wanted[1]), min(int(wanted[2] or size - 1), size - 1))
        else:
            due = (max(0, size - int(wanted[2])), size - 1)
        if (start, last, size) != (*due, len(content)) or answer.body != content[start : last + 1]:
            return f"bytes {start}-{last}/{size} are not the part that was asked for"
        return None

    @staticmethod
    def _path(target: str) -> str:
        path = re.sub(r"^https?://[^/?#]*", "", re.split("[?#]", target)[0])
        return (path.removeprefix("/updates") if path.startswith("/updates/") else path) or "/"

    def _name(self, target: str) -> str | None:
        """The file that a target names, decoded once; None when it names none."""
        path = self._path(target)
        name = path.removeprefix("/downloads/")
        if name == path or re.search(r"%(?![0-9A-Fa-f]{2})", name):
            return None
        try:
            return unquote_to_bytes(name).decode()
        except UnicodeDecodeError:
            return None

    def check(self) -> None:
        """The server lives, and a good request is answered well."""
        if self.subject.is_gone():
            self.fail(f"the server ended with {self.subject.process.poll()}\n{self.subject.last_words()}")
            return
        try:
            with closing(Wire(self.subject.updates_port, self.limit)) as wire:
                for name in ("app.dmg", "empty.dmg"):
                    answer = wire.send(Question("GET", f"/downloads/{name}", (), b"").octets).answer()
                    if (answer.status, answer.body) != (200, self.files[name]):
                        self.fail(f"a good request of {name} is answered with {answer.status}")
        except (OSError, Gone, AssertionError) as error:
            self.fail(f"a good request is not answered: {error!r}")

    def compare(self, before: Levels, after: Levels, rss_tolerance: int) -> None:
        """A leak is what stays after the requests are gone."""
        if after.rss_kib > before.rss_kib + rss_tolerance:
            self.fail(f"leak: RSS grew from {before.rss_kib} to {after.rss_kib} KiB ({rss_tolerance} KiB are allowed)")
        for name, allowed in (("fds", 0), ("threads", 2), ("children", 0)):
            old, new = getattr(before, name), getattr(after, name)
            if new > old + allowed:
                self.fail(f"leak: {name} grew from {old} to {new} (allowed: {allowed} more)")


def furnish(work: Path) -> dict[str, bytes]:
    """Publishes a release, files of many names and sizes beside it, and secrets all around."""
    releases, chance = Releases(work), random.Random(1)
    releases.publish()
    sizes = {"app.dmg": 10_240, "empty.dmg": 0, "one.dmg": 1, "piece.dmg": 256 << 10, "pieces.dmg": (256 << 10) + 1}
    sizes |= {"a b;c?d#e%25.dmg": 99, "back\\slash.dmg": 99, "caf\u00e9.dmg": 99, "two..dots.dmg": 99, "n" * 255: 99}
    files = {name: chance.randbytes(size) for name, size in sizes.items()}
    files["Nexy-2.0.0.15.dmg"] = CONTENT
    for name, content in files.items():
        os.utime(releases.artifact(name, content), (MODIFIED, MODIFIED))
    for path in (work / "secret.dmg", work / "updates" / "secret.dmg", releases.manifests / "secret.dmg"):
        place(path, SECRET)
    for name in (".hidden.dmg", "half.dmg.part", "half.tmp", "~"):
        (releases.downloads / name).write_bytes(SECRET)
    (releases.downloads / "folder.dmg").mkdir()
    (releases.downloads / "folder.dmg" / "secret.dmg").write_bytes(SECRET)
    (releases.downloads / "link.dmg").symlink_to("../secret.dmg")
    (releases.downloads / "up.dmg").symlink_to("..")
    os.mkfifo(releases.downloads / "pipe.dmg")
    return files


def tags_of(fuzz: Fuzz) -> list[str]:
    """The entity tags, once all checksums are known."""

    def look():
        with closing(Wire(fuzz.subject.updates_port, fuzz.limit)) as wire:
            listed = json.loads(wire.get("/api/artifacts").body)
        tags = [artifact.get("sha256") for artifact in listed]
        return tags if len(tags) == len(fuzz.files) and all(tags) else None

    tags = eventually(look, 60)
    if not tags:
        raise SystemExit("The checksums do not become known.")
    return tags


def work_off(fuzz: Fuzz, batches: list[Batch], threads: int) -> None:
    waiting: queue.SimpleQueue = queue.SimpleQueue()
    for item in batches:
        waiting.put(item)

    def work():
        while not fuzz.is_over:
            try:
                fuzz.send(waiting.get_nowait())
            except queue.Empty:
                return

    workers = [threading.Thread(target=work, daemon=True) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    fuzz.check()


def run(options: argparse.Namespace) -> bool:
    print(f"seed {options.seed}, {options.requests} requests, {options.threads} clients at once", flush=True)
    subject = Subject(REPLIES)
    idle = before = after = None
    began = time.monotonic()
    try:
        fuzz = Fuzz(subject, furnish(subject.work), options.limit)
        tags, names, number = sorted(tags_of(fuzz)), sorted(fuzz.files), 0
        idle = subject.settled(fds=None)
        while not fuzz.is_over and fuzz.requests < options.requests:
            numbers = [options.only] if options.only is not None else range(number, number + 500)
            number += 500
            work_off(fuzz, [batch(options.seed, each, names, tags) for each in numbers], options.threads)
            if options.only is not None or fuzz.is_over:
                break
            if before is None:
                # What came first has warmed up: pools are full, and every page of the program that is needed was read.
                before = subject.settled(fds=None)
            seconds = time.monotonic() - began
            print(f"{fuzz.requests:>7} requests, {seconds:4.0f} s: {subject.levels()}", flush=True)
        if subject.process.poll() is None:
            if before:
                after = subject.settled(fds=idle.fds, within=IDLE)
                print(f"idle:    {idle}\nwarm:    {before}\nat last: {after}")
                fuzz.compare(replace(before, fds=idle.fds), after, options.rss_tolerance)
            fuzz.check()
            if (status := subject.stop()) != 0:
                fuzz.fail(f"the server's exit status is {status} after a stop")
    finally:
        subject.close()
    seconds = time.monotonic() - began
    print("\n" + "\n".join(f"{str(status):>16}{count:>8}" for status, count in sorted(fuzz.statuses.items(), key=str)))
    print(f"\n{fuzz.requests} requests in {seconds:.0f} s; the slowest batch took {fuzz.slowest * 1000:.0f} ms")
    print("FAILED" if fuzz.failures else "passed")
    if options.json:
        report = {
            "seed": options.seed,
            "requests": fuzz.requests,
            "seconds": round(seconds, 1),
            "statuses": {str(status): count for status, count in fuzz.statuses.items()},
            "before": before.as_dict() if before else None,
            "after": after.as_dict() if after else None,
            "failures": fuzz.failures,
        }
        options.json.write_text(json.dumps(report) + "\n")
    return not fuzz.failures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32), help="repeats a run")
    parser.add_argument("--threads", type=int, default=4, help="clients at once")
    parser.add_argument("--limit", type=float, default=20, help="seconds until an answer must have come")
    parser.add_argument("--rss-tolerance", type=int, default=32 << 10, help="KiB that memory may grow after warming up")
    parser.add_argument("--only", type=int, metavar="NUMBER", help="one batch of a run again")
    parser.add_argument("--json", type=Path, help="writes the figures as a line")
    sys.exit(0 if run(parser.parse_args()) else 1)


if __name__ == "__main__":
    main()
