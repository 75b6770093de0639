"""Downloads of the update server from outside: names, ranges, validators, lengths, limits, and bytes never mixed."""

import hashlib
import itertools
import os
import random
import re
import socket
import struct
import threading
import time
import unicodedata
from contextlib import closing
from pathlib import Path

import pytest

from releases import CONTENT, Releases, place, request
from server import Answer, eventually

SECRET = b"nobody outside may read this"
MIB = 1 << 20
# Long ago: a file that was written just now has no checksum yet, because it may be written again.
MODIFIED = 1_700_000_000
DATE = "Tue, 14 Nov 2023 22:13:20 GMT"
EARLIER, LATER = "Tue, 14 Nov 2023 22:13:19 GMT", "Tue, 14 Nov 2023 22:13:21 GMT"
SIZE = len(CONTENT)
TAG = hashlib.sha256(CONTENT).hexdigest()
LONG = "n" * 251 + ".dmg"
# Names of files, and how a client must write them.
NAMES = {
    "app.dmg": "app.dmg",
    "a b;c?d#e%25&.dmg": "a%20b%3Bc%3Fd%23e%2525%26.dmg",
    "back\\slash.dmg": "back%5Cslash.dmg",
    "приложение.dmg": "%D0%BF%D1%80%D0%B8%D0%BB%D0%BE%D0%B6%D0%B5%D0%BD%D0%B8%D0%B5.dmg",
    "caf\u00e9.dmg": "caf%C3%A9.dmg",
    "two..dots.dmg": "two..dots.dmg",
    LONG: LONG,
}
BODILESS = {204, 304}
HEAD_LIMIT = 64 << 10


class Gone(Exception):
    """The server closed the connection where an answer was due."""


class Wire:
    """A connection that sends any bytes and reads answers as strictly as HTTP is written.

    <https://www.rfc-editor.org/rfc/rfc9112>
    """

    def __init__(self, port: int, timeout: float = 20, buffer: int | None = None):
        self._received = bytearray()
        self.socket = socket.socket()
        if buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.settimeout(timeout)
        self.socket.connect(("127.0.0.1", port))

    def close(self) -> None:
        self.socket.close()

    def leave(self) -> None:
        """Goes away so that the server hears a reset rather than an end."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def send(self, octets: bytes) -> "Wire":
        self.socket.sendall(octets)
        return self

    def get(self, target: str, method: str = "GET", **fields: str) -> Answer:
        return self.send(get(target, method, **fields)).answer(method)

    def answer(self, method: str = "GET") -> Answer:
        """The next final answer; its headers have names in lower case."""
        status, headers = self.head()
        if status == 100:
            return self.answer(method)
        length = 0 if method == "HEAD" or status in BODILESS else int(headers["content-length"])
        return Answer(status, headers, self.take(length))

    def head(self) -> tuple[int, dict[str, str]]:
        while (end := self._received.find(b"\r\n\r\n")) < 0:
            assert len(self._received) < HEAD_LIMIT, bytes(self._received[:200])
            self._more()
        first, *lines = bytes(self._received[:end]).decode("latin-1").split("\r\n")
        del self._received[: end + 4]
        status = re.fullmatch(r"HTTP/1\.1 (\d{3}) [ -~]*", first)
        assert status, first
        headers: dict[str, str] = {}
        for line in lines:
            field = re.fullmatch(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([\t -~]*)", line)
            assert field, line
            name = field[1].lower()
            assert name not in headers, f"{name} stands twice"
            headers[name] = field[2]
        code = int(status[1])
        assert "transfer-encoding" not in headers, headers
        if code not in BODILESS and code >= 200:
            assert re.fullmatch(r"\d+", headers.get("content-length", "")), headers
        return code, headers

    def take(self, count: int) -> bytes:
        while len(self._received) < count:
            self._more()
        taken = bytes(self._received[:count])
        del self._received[:count]
        return taken

    def rest(self) -> bytes:
        """Everything until the server closes or breaks the connection."""
        try:
            while True:
                self._more()
        except Gone:
            return self.take(len(self._received))

    def is_closed(self, within: float = 10) -> bool:
        """Whether the server closed, and sent nothing before."""
        self.socket.settimeout(within)
        try:
            return not self._received and self.socket.recv(1) == b""
        except TimeoutError:
            return False
        except ConnectionError:
            return True

    def _more(self) -> None:
        try:
            octets = self.socket.recv(1 << 18)
        except ConnectionError as error:
            raise Gone(repr(error)) from None
        if not octets:
            raise Gone("closed")
        self._received += octets


def get(target: str, method: str = "GET", **fields: str) -> bytes:
    """A request; the names of fields are written with underscores."""
    lines = [f"{method} {target} HTTP/1.1", "Host: updates"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def furnish(work: Path) -> None:
    """Fills the folder of downloads, and puts what must stay secret around it."""
    releases = Releases(work)
    for name in NAMES:
        releases.artifact(name)
    for name in ("empty.dmg", "empty.txt"):
        releases.artifact(name, b"")
    os.link(releases.downloads / "app.dmg", releases.downloads / "hard.dmg")
    for path in releases.downloads.iterdir():
        os.utime(path, (MODIFIED, MODIFIED))
    for path in (work / "updates" / "secret.dmg", work / "secret.dmg", releases.manifests / "secret.dmg"):
        place(path, SECRET)
    for name in (".hidden.dmg", "half.dmg.part", "half.tmp", "~"):
        (releases.downloads / name).write_bytes(SECRET)
    (releases.downloads / "folder.dmg").mkdir()
    (releases.downloads / "folder.dmg" / "secret.dmg").write_bytes(SECRET)
    (releases.downloads / "link.dmg").symlink_to("../secret.dmg")
    (releases.downloads / "inner.dmg").symlink_to("app.dmg")
    (releases.downloads / "up.dmg").symlink_to("..")
    os.mkfifo(releases.downloads / "pipe.dmg")
    with closing(socket.socket(socket.AF_UNIX)) as unix:
        home = os.open(releases.downloads, os.O_RDONLY)
        # A socket's path may be no longer than 107 bytes.
        unix.bind(f"/proc/self/fd/{home}/socket.dmg")
        os.close(home)


@pytest.fixture(scope="module")
def stage(serve_for_file):
    server = serve_for_file()
    furnish(server.work)
    assert eventually(lambda: all(file.get("sha256") for file in request(server, "/api/artifacts").json), 20)
    return server


@pytest.fixture
def wire(stage):
    with closing(Wire(stage.updates_port)) as wire:
        yield wire
        # Whatever was answered had the length that it told: what follows is an answer.
        assert wire.get("/downloads/empty.dmg").status == 200


def drained(server, wires: list[Wire]) -> None:
    for wire in wires:
        wire.close()
    assert eventually(lambda: not any("/downloads/" in name for name in server.open_files()), 20)


# Names.


@pytest.mark.parametrize("prefix", ["", "/updates", "http://elsewhere", "http://elsewhere:80/updates"])
@pytest.mark.parametrize("name", NAMES.values())
def test_a_file_is_served_by_its_name(wire, prefix, name):
    answer = wire.get(f"{prefix}/downloads/{name}")
    assert (answer.status, answer.body) == (200, CONTENT)
    assert answer.headers["etag"] == f'"{TAG}"'


@pytest.mark.parametrize("target", ["%61pp.dmg", "app%2Edmg", "%61%70%70%2e%64%6d%67", "app.dmg?", "app.dmg?/../x"])
def test_a_name_is_decoded_once_and_a_query_is_none_of_it(wire, target):
    assert wire.get(f"/downloads/{target}").body == CONTENT


def test_a_hard_link_is_a_file_like_any_other(wire):
    assert wire.get("/downloads/hard.dmg").body == CONTENT


NOT_SERVED = [
    *[".hidden.dmg", "%2ehidden.dmg", "half.dmg.part", "half.tmp", "~", "folder.dmg", "folder.dmg/", "folder.dmg/."],
    *["folder.dmg/secret.dmg", "folder.dmg%2fsecret.dmg", "link.dmg", "inner.dmg", "up.dmg/secret.dmg", "pipe.dmg"],
    *["up.dmg%2Fsecret.dmg", "socket.dmg", "", ".", "..", "%2e", "%2e%2e", "./app.dmg", "/app.dmg", ".%2fapp.dmg"],
    *["%2fapp.dmg", "folder.dmg/../app.dmg", "app.dmg/", "app.dmg%2f", "app.dmg/.", "app.dmg;x", "app.dmg;/../x"],
    *["app.dmg%00", "app.dmg%00.txt", "%00app.dmg", "app.dmg%0d%0aX:%20y", "app.dmg%20", "app.dmg.", "app.dmg%7f"],
    *["APP.DMG", "app%252Edmg", "app.dmg%", "app.dmg%2", "app.dmg%zz", "app%u002edmg", "%ff%fe", "%c1%a1pp.dmg"],
    *["\uff41pp.dmg", "%EF%BD%81pp.dmg", "cafe%CC%81.dmg", "%ED%A0%80", "back/slash.dmg", "back\\\\slash.dmg"],
    *["n" * 255, "n" * 256, "n" * 5_000, "%6e" * 5_000, "n" * 60_000, "../" * 5_000, "a+b.dmg", "a+b%3Bc", "*", "%2A"],
]


@pytest.mark.parametrize("name", NOT_SERVED, ids=lambda name: f"{name[:40]}-{len(name)}")
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_is_no_file_of_the_folder_is_not_served(stage, name, method):
    with closing(Wire(stage.updates_port)) as wire:
        answer = wire.get(f"/downloads/{name}", method)
        assert answer.status in (400, 404)
        assert SECRET not in answer.body and CONTENT[:64] not in answer.body


DOTS = [".", "%2e", "%2E", "%252e", "%25252e", "%c0%ae", "%e0%80%ae", "%f0%80%80%ae", "%fc%80%80%80%80%ae", "%u002e"]
DOTS += ["\u2024", "\uff0e", "%EF%BC%8E", "%E2%80%A4", "%00.", "%2%65", "%%32%65"]
SLASHES = ["/", "//", "/./", "%2f", "%2F", "%252f", "%25252f", "%c0%af", "%e0%80%af", "%f0%80%80%af", "\\", "%5c"]
SLASHES += ["%5C", "%255c", "%c1%9c", "\u2215", "\uff0f", "%EF%BC%8F", "%u2215", "%00/", ";/", "?/", "%2f%2f", "/%00"]
SLASHES += ["%%32%66"]
AIMS = ["secret.dmg", "manifests/secret.dmg", "updates/secret.dmg", "etc/passwd", "proc/self/environ"]
FRONTS = ["/downloads/", "/updates/downloads/", "/downloads/app.dmg", "/downloads/folder.dmg/", "/downloads", "/"]


def climbs() -> list[str]:
    """Every spelling of the way up, and each from one place to one aim, by turns."""
    ways = [f"{dot}{dot}{slash}" for dot, slash in itertools.product(DOTS, SLASHES)]
    ways += [unicodedata.normalize("NFD", f".\u200d.{slash}") for slash in SLASHES]
    places = itertools.cycle(itertools.product(FRONTS, AIMS, (1, 2, 9)))
    return [f"{front}{way * depth}{aim}" for way, (front, aim, depth) in zip(ways * 7, places)]


def test_no_spelling_of_a_way_up_leads_out_of_the_folder(stage):
    wire = Wire(stage.updates_port)
    for target in climbs():
        try:
            answer = wire.get(target)
        except Gone as end:
            pytest.fail(f"{target}: {end}")
        assert SECRET not in answer.body and b"root:" not in answer.body and b"PATH=" not in answer.body, target
        # A question mark begins the query, so the path before it may be the file's.
        assert answer.status in (400, 404) or "?" in target, target
        if answer.status == 400 and answer.headers.get("connection") == "close":
            assert wire.is_closed(), target
            wire = Wire(stage.updates_port)
    wire.close()


@pytest.mark.parametrize(
    "target",
    [
        *["*", "//downloads/app.dmg", "/./downloads/app.dmg", "/updates/../downloads/app.dmg", "/Downloads/app.dmg"],
        *["/downloads%2fapp.dmg", "/%64ownloads/app.dmg", "/downloads\\app.dmg", "/downloadsapp.dmg", "?/downloads/x"],
        *["/updates/updates/downloads/app.dmg", "/updates//downloads/app.dmg", "/downloads/app.dmg#top", "app.dmg"],
        *["file:///downloads/app.dmg/../../secret.dmg", "file:///etc/passwd", "http://", "://", "http:/etc/passwd"],
        *["http://elsewhere/downloads/../secret.dmg", "http://updates@elsewhere/downloads/%2e%2e%2fsecret.dmg"],
    ],
)
def test_a_request_target_that_names_no_page_is_refused(stage, target):
    with closing(Wire(stage.updates_port)) as wire:
        answer = wire.get(target)
        # An absolute URI without a path is the page at the root.
        assert answer.status in (400, 404) or target in ("http://", "://")
        assert SECRET not in answer.body and CONTENT[:64] not in answer.body and b"root:" not in answer.body


def test_no_list_names_what_is_not_served(stage):
    listed = {artifact["filename"] for artifact in request(stage, "/api/artifacts").json}
    assert listed == {*NAMES, "empty.dmg", "empty.txt", "hard.dmg"}
    page = request(stage, "/").body.decode()
    assert not [name for name in ("hidden", "half", "folder.dmg", "link.dmg", "pipe", "socket") if name in page]


# Ranges.

HUGE = "9" * 40
PARTS = {
    "bytes=0-0": (0, 1),
    "bytes=0-9": (0, 10),
    "bytes=9-9": (9, 10),
    "bytes=007-0009": (7, 10),
    f"bytes={SIZE - 1}-{SIZE - 1}": (SIZE - 1, SIZE),
    f"bytes={SIZE - 1}-": (SIZE - 1, SIZE),
    "bytes=0-": (0, SIZE),
    f"bytes=5-{SIZE}": (5, SIZE),
    f"bytes=5-{2**64}": (5, SIZE),
    f"bytes=5-{HUGE}": (5, SIZE),
    "bytes=-1": (SIZE - 1, SIZE),
    f"bytes=-{SIZE}": (0, SIZE),
    f"bytes=-{SIZE + 1}": (0, SIZE),
    f"bytes=-{HUGE}": (0, SIZE),
    "BYTES=0-9": (0, 10),
    "bytes=, 0-9 ,": (0, 10),
}


@pytest.mark.parametrize(("field", "part"), PARTS.items(), ids=lambda value: str(value)[:40])
def test_a_range_is_served_as_asked(wire, field, part):
    start, end = part
    answer = wire.get("/downloads/app.dmg", Range=field)
    assert (answer.status, answer.body) == (206, CONTENT[start:end])
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{SIZE}"
    assert (answer.headers["etag"], answer.headers["accept-ranges"]) == (f'"{TAG}"', "bytes")
    assert answer.headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize(
    "field", [f"bytes={SIZE}-", f"bytes={SIZE}-{SIZE + 9}", f"bytes={HUGE}-", f"bytes={2**64}-{2**64 + 1}", "bytes=-0"]
)
def test_a_range_outside_of_the_file_is_a_416_that_tells_the_size(wire, field):
    answer = wire.get("/downloads/app.dmg", Range=field)
    assert (answer.status, answer.headers["content-range"]) == (416, f"bytes */{SIZE}")
    assert CONTENT[:16] not in answer.body and "content-disposition" not in answer.headers


# RFC 9110, section 14.2: a field that is not understood is ignored; several ranges may be answered with the whole.
IGNORED = ["", "bytes", "bytes=", "bytes=-", "bytes=,", "bytes=a-b", "bytes=9-0", "bytes=0-9,20-29", "bytes=0-0,-1"]
IGNORED += ["lines=0-9", "none", "bytes=0x1-9", "bytes=1.5-9", "bytes=+1-9", "bytes=0--9", "bytes=--9", "bytes=0-9-"]
IGNORED += ["bytes=\uff10-\uff19", "bytes = 0-9", "bytes:0-9", "bytes=0 -9", "bytes=0-9;q=1", "bytes=" + "0-0," * 5_000]
IGNORED += ["bytes=-\u0661", "bytes=%30-%39", "=0-9", "bytes=0-9 20-29", "bytes=*", "seconds=-1", "bytes==0-9"]


@pytest.mark.parametrize("field", IGNORED, ids=lambda field: field[:30])
def test_a_range_that_is_none_gets_the_whole_file(wire, field):
    answer = wire.get("/downloads/app.dmg", Range=field)
    assert (answer.status, answer.body) == (200, CONTENT)
    assert "content-range" not in answer.headers


def test_a_range_that_stands_twice_is_never_answered_with_one_of_them(wire):
    wire.send(b"GET /downloads/app.dmg HTTP/1.1\r\nHost: a\r\nRange: bytes=0-1\r\nRange: bytes=5-9\r\n\r\n")
    assert wire.answer().body == CONTENT


def test_every_range_of_a_seed_has_the_bytes_that_it_names(wire):
    chance = random.Random(8)
    ends = [(chance.randrange(SIZE), chance.randrange(2 * SIZE)) for _ in range(200)]
    for start, last in ends:
        wire.send(get("/downloads/app.dmg", Range=f"bytes={start}-{last}"))
    for start, last in ends:
        answer = wire.answer()
        if last < start:
            assert (answer.status, answer.body) == (200, CONTENT)
        else:
            assert (answer.status, answer.body) == (206, CONTENT[start : last + 1])


@pytest.mark.parametrize(
    ("field", "status"),
    [(None, 200), ("bytes=0-", 416), ("bytes=0-0", 416), ("bytes=-0", 416), ("bytes=-5", 200), ("bytes=x", 200)],
)
@pytest.mark.parametrize("name", ["empty.dmg", "empty.txt"])
def test_a_file_without_bytes_is_served_as_one(wire, name, field, status):
    answer = wire.get(f"/downloads/{name}", **({"Range": field} if field else {}))
    assert answer.status == status
    if status == 200:
        assert (answer.body, answer.headers["content-length"]) == (b"", "0")
    else:
        assert answer.headers["content-range"] == "bytes */0"


@pytest.mark.parametrize("fields", [{}, {"Range": "bytes=0-9"}, {"Range": f"bytes={SIZE}-"}, {"Range": "bytes=-1"}])
def test_head_tells_the_whole_file_and_sends_none_of_it(wire, fields):
    whole, head = wire.get("/downloads/app.dmg"), wire.get("/downloads/app.dmg", "HEAD", **fields)
    assert head.status == 200
    volatile = {"date"}
    tell = [{k: v for k, v in answer.headers.items() if k not in volatile} for answer in (whole, head)]
    assert tell[0] == tell[1] and head.headers["content-length"] == str(SIZE)


# Validators.


@pytest.mark.parametrize(
    ("field", "is_same"),
    [
        *[(f'"{TAG}"', True), (DATE, True), ("Tue Nov 14 22:13:20 2023", True)],
        ("Tuesday, 14-Nov-23 22:13:20 GMT", True),
        *[(f'W/"{TAG}"', False), (f'"{TAG[:-1]}"', False), (TAG, False), (f'"{TAG.upper()}"', False), ("*", False)],
        *[(EARLIER, False), (LATER, False), ("yesterday", False), ("", False), ('""', False)],
        (f'"{TAG}", "other"', False),
        *[(f'"{TAG}', False), (f'w/"{TAG}"', False), ("0", False), ("Tue, 31 Feb 2023 22:13:20 GMT", False)],
    ],
)
def test_a_resumed_download_goes_on_only_with_the_same_file(wire, field, is_same):
    answer = wire.get("/downloads/app.dmg", Range="bytes=100-", If_Range=field)
    assert (answer.status, answer.body) == ((206, CONTENT[100:]) if is_same else (200, CONTENT))


def test_if_range_alone_changes_nothing(wire):
    assert wire.get("/downloads/app.dmg", If_Range='"other"').body == CONTENT


def test_a_range_outside_of_another_file_gets_the_whole_one(wire):
    assert wire.get("/downloads/app.dmg", Range=f"bytes={SIZE}-", If_Range='"other"').status == 200
    assert wire.get("/downloads/app.dmg", Range=f"bytes={SIZE}-", If_Range=f'"{TAG}"').status == 416


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        *[({"If_None_Match": value}, 304) for value in (f'"{TAG}"', f'W/"{TAG}"', f'"a", "{TAG}"', "*")],
        ({"If_None_Match": f'"a",W/"{TAG}",'}, 304),
        *[({"If_None_Match": value}, 200) for value in ('"other"', TAG, "", '"', f'"{TAG}x"', "garbage, *")],
        *[({"If_Modified_Since": value}, 304) for value in (DATE, LATER, "Tue Nov 14 22:13:20 2023")],
        *[({"If_Modified_Since": value}, 200) for value in (EARLIER, "yesterday", "", "0", DATE[:-4])],
        # Section 13.2.2: the tag is asked first, and the date then not at all.
        ({"If_None_Match": '"other"', "If_Modified_Since": LATER}, 200),
        ({"If_None_Match": f'"{TAG}"', "If_Modified_Since": EARLIER}, 304),
        ({"If_None_Match": f'"{TAG}"', "Range": "bytes=0-9"}, 304),
        *[({"If_Match": value}, 200) for value in (f'"{TAG}"', "*", f'"a", "{TAG}"')],
        *[({"If_Match": value}, 412) for value in ('"other"', f'W/"{TAG}"', TAG, "")],
        *[({"If_Unmodified_Since": value}, 200) for value in (DATE, LATER, "yesterday", "")],
        ({"If_Unmodified_Since": EARLIER}, 412),
        ({"If_Match": f'"{TAG}"', "If_Unmodified_Since": EARLIER}, 200),
        ({"If_Match": '"other"', "If_None_Match": f'"{TAG}"'}, 412),
        ({"If_Match": f'"{TAG}"', "If_None_Match": f'"{TAG}"'}, 304),
        ({"If_Match": '"other"', "Range": "bytes=0-9"}, 412),
        ({"If_Match": f'"{TAG}"', "Range": "bytes=0-9"}, 206),
    ],
    ids=lambda value: str(value)[:60],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_condition_is_kept(wire, method, fields, status):
    answer = wire.get("/downloads/app.dmg", method, **fields)
    assert answer.status == (200 if (method, status) == ("HEAD", 206) else status)
    if status == 304:
        assert (answer.headers["etag"], answer.headers["last-modified"]) == (f'"{TAG}"', DATE)
    if status == 412:
        assert CONTENT[:16] not in answer.body


def test_the_entity_tag_of_a_new_file_is_its_checksum_once_that_is_known(stage):
    releases = Releases(stage.work)
    releases.artifact("fresh.dmg", b"first")
    assert eventually(lambda: request(stage, "/downloads/fresh.dmg").headers["ETag"], 20) == quoted(b"first")
    # The same size and the same date: only the bytes, and the file that holds them, are others.
    times = (releases.downloads / "fresh.dmg").stat()
    staged = place(releases.downloads / ".fresh", b"other")
    os.utime(staged, ns=(times.st_atime_ns, times.st_mtime_ns))
    os.replace(staged, releases.downloads / "fresh.dmg")

    def look():
        answer = request(stage, "/downloads/fresh.dmg")
        assert answer.body == b"other" and answer.headers["ETag"] in (None, quoted(b"other"))
        return answer.headers["ETag"]

    assert eventually(look, 20)
    (releases.downloads / "fresh.dmg").unlink()
    assert request(stage, "/downloads/fresh.dmg").status == 404


def quoted(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()}"'


# Connections.


def test_answers_to_requests_in_a_row_come_in_order_and_whole(wire):
    rows = [("/downloads/app.dmg", "GET"), ("/downloads/nothing.dmg", "GET"), ("/downloads/app.dmg", "HEAD")]
    rows += [("/downloads/empty.dmg", "GET"), ("/downloads/app.dmg", "DELETE"), ("/downloads/app.dmg", "OPTIONS")]
    wire.send(b"".join(get(target, method) for target, method in rows * 20))
    answers = [wire.answer(method) for _, method in rows * 20]
    assert [answer.status for answer in answers] == [200, 404, 200, 200, 405, 204] * 20
    assert all(answer.body == CONTENT for answer in answers[::6])


def test_a_request_may_come_a_byte_at_a_time(wire):
    wire.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for octet in get("/downloads/app.dmg", Range="bytes=3-5"):
        wire.send(bytes([octet]))
    assert wire.answer().body == CONTENT[3:6]


@pytest.mark.parametrize("option", ["close", "Close", "close, TE"])
def test_a_client_that_wants_the_connection_closed_has_it_closed(stage, option):
    with closing(Wire(stage.updates_port)) as wire:
        assert wire.get("/downloads/app.dmg", Connection=option).body == CONTENT
        assert wire.is_closed()


def test_an_answer_after_which_the_connection_closes_says_so(stage):
    with closing(Wire(stage.updates_port)) as wire:
        # RFC 9112, section 9.6: the server must send it in its final answer.
        assert wire.get("/downloads/app.dmg", Connection="close").headers.get("connection", "").lower() == "close"


def test_a_client_of_http_1_0_has_its_connection_closed(stage):
    with closing(Wire(stage.updates_port)) as wire:
        # RFC 9112, section 9.3: such a client may read until the end.
        assert wire.send(b"GET /downloads/app.dmg HTTP/1.0\r\n\r\n").answer().body == CONTENT
        assert wire.is_closed()


def test_a_client_that_says_no_more_still_gets_the_whole_file(stage):
    content = random.Random(4).randbytes(24 * MIB)
    path = place(stage.work / "updates" / "downloads" / "half-closed.dmg", content)
    lengths = []
    for _ in range(10):
        with closing(Wire(stage.updates_port, buffer=1 << 16)) as wire:
            wire.send(get("/downloads/half-closed.dmg")).socket.shutdown(socket.SHUT_WR)
            _, headers = wire.head()
            lengths.append(len(wire.rest()))
    path.unlink()
    assert lengths == [len(content)] * 10


def test_a_request_without_a_host_is_refused(stage):
    with closing(Wire(stage.updates_port)) as wire:
        # RFC 9112, section 3.2: a server must answer 400.
        assert wire.send(b"GET /downloads/app.dmg HTTP/1.1\r\n\r\n").answer().status == 400


INNER = get("/downloads/app.dmg")
CHUNKED = b"%x\r\n%s\r\n0\r\n\r\n" % (len(INNER), INNER)


def posing(*fields: str, method: str = "POST") -> bytes:
    lines = [f"{method} /downloads/nothing.dmg HTTP/1.1", "Host: a", *fields]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"


# A request inside of a request's body: no reading of the fields may take it for one of its own.
SMUGGLED = {
    "both lengths": posing(f"Content-Length: {len(CHUNKED)}", "Transfer-Encoding: chunked") + CHUNKED,
    "both, the other way": posing("Transfer-Encoding: chunked", "Content-Length: 0") + CHUNKED,
    "both, short": posing("Content-Length: 4", "Transfer-Encoding: chunked") + b"0\r\n\r\n" + INNER,
    "two lengths": posing("Content-Length: 0", f"Content-Length: {len(INNER)}") + INNER,
    "a list of lengths": posing(f"Content-Length: 0, {len(INNER)}") + INNER,
    "a length with a sign": posing("Content-Length: +0") + INNER,
    "a negative length": posing("Content-Length: -1") + INNER,
    "a length in hexadecimal": posing("Content-Length: 0x0") + INNER,
    "a length without end": posing(f"Content-Length: {HUGE}") + INNER,
    "a length of blanks": posing("Content-Length: 0 0") + INNER,
    "a blank before the colon": posing(f"Content-Length : {len(INNER)}") + INNER,
    "a folded field": posing("X: y", f" Content-Length: {len(INNER)}") + INNER,
    "an encoding twice": posing("Transfer-Encoding: chunked", "Transfer-Encoding: identity") + CHUNKED,
    "an encoding that is none": posing("Transfer-Encoding: xchunked") + CHUNKED,
    "an encoding after chunked": posing("Transfer-Encoding: chunked, identity") + CHUNKED,
    "an encoding with a control": posing("Transfer-Encoding: \x0bchunked") + CHUNKED,
    "a chunk with a sign": posing("Transfer-Encoding: chunked") + b"+0\r\n\r\n" + INNER,
    "a chunk in words": posing("Transfer-Encoding: chunked") + b"zero\r\n\r\n" + INNER,
    "a chunk that is too large": posing("Transfer-Encoding: chunked") + b"f" * 20 + b"\r\n" + INNER,
    "a chunk with bare line feeds": posing("Transfer-Encoding: chunked") + b"0\n\n" + INNER,
    "bare line feeds": posing(f"X: y\nContent-Length: {len(INNER)}") + INNER,
    "a bare carriage return": posing(f"X: y\rContent-Length: {len(INNER)}") + INNER,
    "a NUL in a field": posing(f"Content-Length: {len(INNER)}\0") + INNER,
    "a body in GET": posing(f"Content-Length: {len(INNER)}", method="GET") + INNER,
    "a chunked body in GET": posing("Transfer-Encoding: chunked", method="GET") + CHUNKED,
    "a body in HEAD": posing(f"Content-Length: {len(INNER)}", method="HEAD") + INNER,
    "a body in OPTIONS": posing("Transfer-Encoding: chunked", method="OPTIONS") + CHUNKED,
    "a body after a question": posing(f"Content-Length: {len(INNER)}", "Expect: 100-continue") + INNER,
    "an upgrade": posing(f"Content-Length: {len(INNER)}", "Connection: Upgrade", "Upgrade: h2c") + INNER,
}


@pytest.mark.parametrize("octets", SMUGGLED.values(), ids=SMUGGLED)
def test_no_request_hides_in_another_ones_body(stage, octets):
    with closing(Wire(stage.updates_port)) as wire:
        wire.send(octets).socket.shutdown(socket.SHUT_WR)
        heard = wire.rest()
        assert CONTENT[:64] not in heard and b" 200 OK" not in heard


ODD = {
    "no version": b"GET /downloads/app.dmg\r\n\r\n",
    "a version to come": b"GET /downloads/app.dmg HTTP/2.0\r\nHost: a\r\n\r\n",
    "a version of letters": b"GET /downloads/app.dmg HTTP/one\r\nHost: a\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9),
    "TLS": bytes.fromhex("16030100c8010000c40303") + bytes(200),
    "no method": b" /downloads/app.dmg HTTP/1.1\r\nHost: a\r\n\r\n",
    "a method in lower case": b"get /downloads/app.dmg HTTP/1.1\r\nHost: a\r\n\r\n",
    "a long method": b"G" * 70_000 + b" / HTTP/1.1\r\n\r\n",
    "a long line": b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "a long field": get("/", X="a" * 200_000),
    "a long name": b"GET / HTTP/1.1\r\n" + b"a" * 200_000 + b": b\r\n\r\n",
    "many fields": b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 50_000 + b"\r\n",
    "no end of fields": b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 50_000,
    "a field without a name": b"GET / HTTP/1.1\r\n: b\r\n\r\n",
    "a field without a colon": b"GET / HTTP/1.1\r\nnothing\r\n\r\n",
    "NULs": bytes(10_000),
    "line ends": b"\r\n" * 10_000,
    "a request after line ends": b"\r\n\r\n" + get("/health"),
    "random bytes": random.Random(5).randbytes(10_000),
    "bytes above 127": b"GET /\xff\xfe HTTP/1.1\r\nHost: \xe9\r\nRange: \xa0\r\n\r\n",
    "CONNECT": b"CONNECT elsewhere:443 HTTP/1.1\r\nHost: a\r\n\r\n",
    "TRACE": b"TRACE /downloads/app.dmg HTTP/1.1\r\nHost: a\r\nCookie: b\r\n\r\n",
    "half a request": b"GET /downloads/app",
    "half a body": posing("Content-Length: 100") + b"half",
}


@pytest.mark.parametrize("octets", ODD.values(), ids=ODD)
def test_an_odd_request_is_answered_or_the_connection_closed(stage, octets):
    with closing(Wire(stage.updates_port)) as wire:
        try:
            wire.send(octets).socket.shutdown(socket.SHUT_WR)
        except ConnectionError:
            pass
        try:
            while True:
                assert 200 <= wire.answer().status < 500 or octets.endswith(get("/health"))
        except Gone:
            pass
    assert request(stage, "/downloads/app.dmg").body == CONTENT


def test_what_is_no_request_never_gets_into_the_body_before_it(stage):
    content = random.Random(6).randbytes(16 * MIB)
    path = place(stage.work / "updates" / "downloads" / "large.dmg", content)
    for garbage in (b"\0\xffgarbage\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", get("/downloads/app.dmg"), b"\r\n" * 999):
        with closing(Wire(stage.updates_port, buffer=1 << 16)) as wire:
            wire.send(get("/downloads/large.dmg")).head()
            start = wire.take(MIB)
            wire.send(garbage)
            # The rest may be missing; nothing may stand in its place.
            try:
                assert start + wire.take(len(content) - MIB) == content
            except Gone:
                assert content.startswith(start + wire.rest())
    path.unlink()


# Limits.


def resident(server, key: str = "VmRSS") -> int:
    """Bytes of memory (Linux)."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.search(rf"^{key}:\s+(\d+) kB", status, re.MULTILINE)[1]) << 10


def descriptors(server) -> int:
    # The database's readers are made when they are needed and kept.
    return sum("nexy.sqlite" not in name for name in server.open_files())


def test_a_client_that_only_asks_takes_no_memory(stage):
    before = resident(stage)
    with closing(Wire(stage.updates_port, timeout=2)) as wire:
        questions, sent = get("/api/versions") * 200, 0
        with pytest.raises(TimeoutError):
            while sent < 256 * MIB:
                sent += wire.socket.send(questions)
        assert resident(stage) - before < 48 * MIB
        assert request(stage, "/downloads/app.dmg").body == CONTENT


def test_a_body_that_nobody_wants_takes_no_memory(stage):
    before = resident(stage)
    with closing(Wire(stage.updates_port)) as wire:
        try:
            wire.send(posing("Transfer-Encoding: chunked"))
            for _ in range(64):
                wire.send(b"100000\r\n" + bytes(MIB) + b"\r\n")
            wire.send(b"0\r\n\r\n" + INNER)
        except ConnectionError:
            pass
        assert wire.answer("POST").status in (405, 413)
        assert resident(stage) - before < 48 * MIB


def test_large_downloads_at_once_take_constant_memory_and_give_everything_back(serve):
    server = serve()
    size, chance = 300 * MIB, random.Random(300)
    path = Releases(server.work).artifact("large.dmg", b"")
    with path.open("r+b") as file:
        file.truncate(size)
        for start in range(0, size, MIB):
            file.seek(start + chance.randrange(MIB // 2))
            file.write(chance.randbytes(1 << 12))
        file.seek(0)
        expected = hashlib.file_digest(file, "sha256").hexdigest()
    os.utime(path, (MODIFIED, MODIFIED))
    assert eventually(lambda: request(server, "/downloads/large.dmg", "HEAD").headers["ETag"], 50) == f'"{expected}"'
    drained(server, [])
    before, held = resident(server), descriptors(server)
    heard: list[tuple[int, str]] = []

    def download():
        digest, count = hashlib.sha256(), 0
        with closing(Wire(server.updates_port)) as wire:
            wire.send(get("/downloads/large.dmg")).head()
            while count < size:
                piece = wire.take(min(MIB // 2, size - count))
                digest.update(piece)
                count += len(piece)
            assert wire.get("/downloads/large.dmg", "HEAD").status == 200
        heard.append((count, digest.hexdigest()))

    clients = [threading.Thread(target=download, daemon=True) for _ in range(5)]
    for client in clients:
        client.start()
    for client in clients:
        client.join(50)
    assert heard == [(size, expected)] * 5
    assert resident(server, "VmHWM") - before < 64 * MIB
    drained(server, [])
    assert eventually(lambda: descriptors(server) <= held, 20), server.open_files()


@pytest.fixture(scope="module")
def narrow(serve_for_file):
    """Two downloads at once, of a file that no buffer of a connection holds."""
    server = serve_for_file(environment={"UPDATE_MAX_DOWNLOADS": "2"})
    releases = Releases(server.work)
    releases.artifact("large.dmg", random.Random(2).randbytes(24 * MIB))
    releases.artifact("small.dmg")
    for path in releases.downloads.iterdir():
        os.utime(path, (MODIFIED, MODIFIED))
    assert eventually(lambda: all(file.get("sha256") for file in request(server, "/api/artifacts").json), 20)
    return server


def reader(server, **fields: str) -> Wire:
    """A client that has the beginning of a download and reads no further."""
    wire = Wire(server.updates_port, buffer=1 << 16)
    wire.send(get("/downloads/large.dmg", **fields))
    assert wire.head()[0] in (200, 206)
    return wire


def is_free(server) -> bool:
    """Both slots are there, and each of two clients gets one."""
    wires = [Wire(server.updates_port, buffer=1 << 16) for _ in range(2)]
    try:
        return [wire.send(get("/downloads/large.dmg")).head()[0] for wire in wires] == [200, 200]
    finally:
        drained(server, wires)


def test_one_download_too_many_is_told_when_to_come_again(narrow):
    readers = [reader(narrow), reader(narrow, Range="bytes=9-")]
    with closing(Wire(narrow.updates_port)) as wire:
        for fields in ({}, {"Range": "bytes=0-0"}):
            answer = wire.get("/downloads/small.dmg", **fields)
            assert (answer.status, CONTENT[:16] in answer.body) == (503, False)
            assert int(answer.headers["retry-after"]) > 0
        # What has no body of a file takes no place.
        assert wire.get("/downloads/small.dmg", "HEAD").status == 200
        assert wire.get("/downloads/small.dmg", If_None_Match="*").status == 304
        assert wire.get("/downloads/small.dmg", Range=f"bytes={SIZE}-").status == 416
        assert wire.get("/downloads/nothing.dmg").status == 404
        readers[0].leave()
        assert eventually(lambda: wire.get("/downloads/small.dmg").body == CONTENT, 20)
    drained(narrow, readers)


@pytest.mark.parametrize("way", ["reset", "close", "at once", "no more to say"])
def test_a_client_that_leaves_in_the_middle_gives_its_place_back(narrow, way):
    for _ in range(10):
        if way == "at once":
            Wire(narrow.updates_port).send(get("/downloads/large.dmg")).leave()
            continue
        wire = Wire(narrow.updates_port, buffer=1 << 16).send(get("/downloads/large.dmg"))
        wire.head()
        if way == "no more to say":
            wire.socket.shutdown(socket.SHUT_WR)
        wire.leave() if way == "reset" else wire.close()
    assert eventually(lambda: is_free(narrow), 20)


def test_downloads_one_after_another_need_one_place(narrow):
    held = reader(narrow)
    with closing(Wire(narrow.updates_port)) as wire:
        wire.send(get("/downloads/small.dmg", Range="bytes=0-9") * 50)
        assert {wire.answer().status for _ in range(50)} == {206}
    drained(narrow, [held])


def test_a_download_that_was_cut_is_resumed_to_the_same_bytes(narrow):
    content = (narrow.work / "updates" / "downloads" / "large.dmg").read_bytes()
    assert eventually(lambda: request(narrow, "/downloads/large.dmg", "HEAD").headers["ETag"], 20) == quoted(content)
    chance, parts, count = random.Random(11), [], 0
    while count < len(content):
        with closing(Wire(narrow.updates_port)) as wire:

            def ask(wire=wire):
                wire.send(get("/downloads/large.dmg", Range=f"bytes={count}-", If_Range=quoted(content)))
                status, headers = wire.head()
                if status == 503:
                    wire.take(int(headers["content-length"]))
                return status if status != 503 else None

            # The place of the client before may not be free at once.
            assert eventually(ask, 20) == 206
            parts.append(wire.take(min(chance.randrange(1, 6 * MIB), len(content) - count)))
            count += len(parts[-1])
            wire.leave()
    assert b"".join(parts) == content and len(parts) > 3


def test_a_rate_is_kept(serve):
    rate, size = 200_000, 300_000
    server = serve(environment={"UPDATE_DOWNLOAD_RATE": str(rate)})
    content = random.Random(3).randbytes(size)
    Releases(server.work).artifact("app.dmg", content)
    began = time.monotonic()
    assert request(server, "/downloads/app.dmg").body == content
    # The last piece comes without a wait after it, and a piece is at most a quarter of a second's.
    assert time.monotonic() - began >= (size - rate / 4) / rate * 0.95


# Files that change while they are sent.


def rewrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(random.Random(7).randbytes(path.stat().st_size))


CHANGES = {
    "replaced": (lambda path: place(path, random.Random(7).randbytes(path.stat().st_size)), True),
    "replaced by a short one": (lambda path: place(path, b"short"), True),
    "taken away": (lambda path: path.unlink(), True),
    "renamed": (lambda path: path.rename(path.with_name("other.dmg")), True),
    "rewritten": (rewrite, False),
    "cut": (lambda path: os.truncate(path, 1000), False),
    "emptied": (lambda path: os.truncate(path, 0), False),
    "cut and written again": (lambda path: path.write_bytes(random.Random(7).randbytes(24 * MIB)), False),
    "longer": (lambda path: path.open("ab").write(bytes(MIB)), False),
}


@pytest.mark.parametrize(("change", "stays_whole"), CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("start", [0, 1000])
def test_a_file_that_changes_during_a_download_is_never_mixed(stage, change, stays_whole, start):
    content = random.Random(9).randbytes(24 * MIB)
    path = place(stage.work / "updates" / "downloads" / "changing.dmg", content)
    with closing(Wire(stage.updates_port, buffer=1 << 16)) as wire:
        wire.send(get("/downloads/changing.dmg", Range=f"bytes={start}-"))
        _, headers = wire.head()
        announced = int(headers["content-length"])
        assert announced == len(content) - start
        change(path)
        if stays_whole:
            assert wire.take(announced) == content[start:]
            assert wire.get("/downloads/app.dmg").body == CONTENT
        else:
            heard = wire.rest()
            assert len(heard) < announced and content[start:].startswith(heard)
    after = path.read_bytes() if path.exists() else None
    answer = request(stage, "/downloads/changing.dmg")
    assert (answer.status, answer.body) == ((200, after) if after is not None else (404, answer.body))
    for name in ("changing.dmg", "other.dmg"):
        path.with_name(name).unlink(missing_ok=True)


# The beta channel.


@pytest.mark.parametrize("is_on", [False, True])
def test_a_file_of_the_beta_channel_is_there_only_while_the_channel_is_on(serve, is_on):
    server = serve(environment={"UPDATE_BETA_ENABLED": str(is_on).lower()})
    releases, beta = Releases(server.work), b"beta" * 999
    releases.publish("stable", "2.0.0.15")
    # Hidden by its bytes, or as soon as it is there by its name.
    releases.artifact("copy.dmg", beta)
    os.utime(releases.downloads / "copy.dmg", (MODIFIED, MODIFIED))
    releases.write(releases.manifest("2.0.0.16", beta), "beta")
    releases.artifact("Nexy-2.0.0.16.dmg", beta)
    expected = 200 if is_on else 404
    # A manifest counts a moment after it was written.
    assert eventually(lambda: request(server, "/downloads/Nexy-2.0.0.16.dmg").status == expected, 20)
    for fields in ({}, {"Range": "bytes=0-9"}, {"If-None-Match": "*"}, {"If-Match": '"other"'}):
        for method in ("GET", "HEAD"):
            status = request(server, "/downloads/Nexy-2.0.0.16.dmg", method, fields).status
            assert (status == 404) is not is_on, (fields, method)
    assert eventually(lambda: request(server, "/downloads/copy.dmg").status == expected, 20)
    assert request(server, "/downloads/Nexy-2.0.0.15.dmg").status == 200
    pages = b"".join(request(server, path).body for path in ("/", "/api/artifacts", "/api/manifests", "/api/versions"))
    assert (b"2.0.0.16" in pages) is is_on


def test_the_file_of_a_beta_that_was_followed_by_another_is_hidden_too(serve):
    server = serve()
    releases = Releases(server.work)
    releases.publish("stable", "2.0.0.15")
    for version in ("2.0.0.16", "2.0.0.17"):
        releases.publish("beta", version, version.encode() * 99)
        assert eventually(lambda: request(server, f"/downloads/Nexy-{version}.dmg").status == 404, 20)
    pages = ("/", "/api/artifacts", "/api/manifests", "/api/versions", "/health")
    # What was written last is seen last.
    releases.write(releases.manifest("2.0.0.14"), name="manifest_2.0.0.14.json")
    assert eventually(lambda: b"2.0.0.14" in request(server, "/api/manifests").body, 20)
    assert not [page for page in pages if b"2.0.0.16" in request(server, page).body]
    assert request(server, "/downloads/Nexy-2.0.0.16.dmg").status == 404
