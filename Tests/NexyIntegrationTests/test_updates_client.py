"""What the released client does, in our own words: it reads a feed's enclosure, downloads and checks the size."""

import contextlib
import hashlib
import json
import os
import re
import socket
import ssl
import subprocess
import threading
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import urllib3
from packaging.version import InvalidVersion, Version

from releases import SPARKLE, Key, Releases, config, request, served_version, start
from server import eventually

# The released client does not verify certificates, and urllib3 warns of that.
pytestmark = pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")

MEBIBYTE = 1 << 20
BYTES = os.urandom(MEBIBYTE) * 3 + b"the end"


@dataclass
class Update:
    """What the client takes from a feed."""

    build: str
    version: str
    url: str
    size: int
    minimum_system: str | None

    @property
    def kind(self) -> str:
        suffixes = [suffix for suffix in ("dmg", "pkg", "zip") if self.url.endswith(f".{suffix}")]
        return suffixes[0] if suffixes else "pkg"


class Refused(Exception):
    """The client does not take it."""


class ReleasedClient:
    def __init__(self, feed: str, build: str, folder: Path):
        self.feed, self.build, self.folder = feed, build, folder
        retry = urllib3.Retry(
            connect=3, read=3, status=3, redirect=10, status_forcelist=[500, 502, 503, 504], backoff_factor=0.5
        )
        self.pool = urllib3.PoolManager(
            cert_reqs=ssl.CERT_NONE, assert_hostname=False, timeout=urllib3.Timeout(total=30), retries=retry
        )

    def close(self):
        self.pool.clear()

    def check(self) -> Update | None:
        """The update that the feed offers; None where this client is as new."""
        answer = self._get(self.feed)
        if answer.status != 200:
            raise Refused(f"the feed is a {answer.status}")
        if not (self.feed.endswith(".xml") or answer.data.startswith(b"<?xml")):
            raise Refused("the feed is no XML")
        enclosure = ElementTree.fromstring(answer.data).find(".//item/enclosure")
        found = Update(
            enclosure.get(f"{SPARKLE}version"),
            enclosure.get(f"{SPARKLE}shortVersionString", "1.0.0"),
            enclosure.get("url"),
            int(enclosure.get("length", 0)),
            enclosure.get(f"{SPARKLE}minimumSystemVersion"),
        )
        try:
            return found if Version(found.build) > Version(self.build) else None
        except InvalidVersion:
            return None

    def download(self, update: Update) -> Path:
        """The artifact on the disk, of exactly the size that the feed says."""
        path = self.folder / f"update.{update.kind}"
        answer = self._get(update.url, preload_content=False)
        try:
            if answer.status != 200:
                raise Refused(f"the artifact is a {answer.status}")
            with open(path, "wb") as file:
                for piece in answer.stream(MEBIBYTE):
                    file.write(piece)
        finally:
            answer.release_conn()
        if update.size and path.stat().st_size != update.size:
            raise Refused(f"{path.stat().st_size} bytes instead of {update.size}")
        return path

    def update(self) -> Path | None:
        """Checks, downloads and is the new build from then on."""
        found = self.check()
        if not found:
            return None
        path = self.download(found)
        self.build = found.build
        return path

    def _get(self, address: str, **options):
        parts = urlsplit(address)
        if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1"):
            raise Refused("no https")
        return self.pool.request("GET", address, **options)


class TLSProxy:
    """Ends TLS before a server, as nginx does; the path stays as it is."""

    def __init__(self, folder: Path):
        command = "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -days 2 -keyout key.pem -out cert.pem"
        subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        self.target: int | None = None
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, plain: socket.socket):
        """One request a connection: the proxy asks the server to close, so that the end of its bytes is the end."""
        with contextlib.suppress(OSError), plain:
            plain.settimeout(30)
            with self._context.wrap_socket(plain, server_side=True) as client:
                head = b""
                while b"\r\n\r\n" not in head:
                    piece = client.recv(65536)
                    if not piece:
                        return
                    head += piece
                with socket.create_connection(("127.0.0.1", self.target), timeout=30) as server:
                    server.sendall(re.sub(rb"(?i)\r\nconnection:[^\r]*", b"", head)[:-2] + b"Connection: close\r\n\r\n")
                    while piece := server.recv(1 << 18):
                        client.sendall(piece)
                with contextlib.suppress(OSError):
                    client.unwrap()


@pytest.fixture(scope="module")
def proxy(tmp_path_factory):
    proxy = TLSProxy(tmp_path_factory.mktemp("tls"))
    yield proxy
    proxy.close()


@pytest.fixture(scope="module")
def stage(serve_for_file, proxy):
    """A server behind TLS, whose releases are downloaded from itself."""
    settings = {"UPDATE_PUBLIC_URL": f"https://localhost:{proxy.port}/updates", "UPDATE_BETA_ENABLED": "true"}
    server, releases = start(serve_for_file, settings=settings)
    proxy.target = server.updates_port
    return server, releases, settings["UPDATE_PUBLIC_URL"]


@pytest.fixture
def client(stage, tmp_path):
    """Makes clients of a build."""
    clients = []

    def make(build: str, feed: str = "appcast.xml") -> ReleasedClient:
        folder = tmp_path / f"{len(clients)}"
        folder.mkdir()
        clients.append(ReleasedClient(f"{stage[2]}/{feed}", build, folder))
        return clients[-1]

    yield make
    for one in clients:
        one.close()


def publish(stage, version: str, content: bytes = BYTES, name: str | None = None, channel="stable", **fields):
    server, releases, address = stage
    name = name or f"Nexy-{version}.dmg"
    releases.publish(channel, version, content, url=f"{address}/downloads/{name}", type=name[-3:], **fields)
    assert eventually(lambda: served_version(server, channel) == version, 10), request(server, "/health").body


@pytest.mark.parametrize("kind", ["dmg", "pkg"])
def test_it_updates(stage, client, kind):
    publish(stage, "2.0.0.15", name=f"Nexy.{kind}")
    one = client("2.0.0.14")
    found = one.check()
    assert (found.build, found.version, found.size) == ("2.0.0.15", "2.0.0.15", len(BYTES))
    assert (found.kind, found.minimum_system) == (kind, "11.0.0")
    path = one.download(found)
    assert path.suffix == f".{kind}"
    assert hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(BYTES).digest()


def test_it_updates_once_and_then_is_content(stage, client):
    publish(stage, "2.0.0.15")
    one = client("1.6.1.43")
    assert one.update().read_bytes() == BYTES
    assert [one.update() for _ in range(3)] == [None] * 3
    publish(stage, "2.0.0.16", BYTES + b"!")
    assert one.update().read_bytes() == BYTES + b"!" and one.update() is None


# The build of the client, and whether 2.0.0.10 is an update for it.
BUILDS = {
    "1.6.1.43": True,
    "2.0.0.9": True,
    "2.0.0": True,
    "2": True,
    "2.0.0.10": False,
    "2.0.0.11": False,
    "2.0.1": False,
    "2.0.0.10.1": False,
    "10.0": False,
}


@pytest.mark.parametrize("build", BUILDS)
def test_it_compares_builds_part_by_part(stage, client, build):
    publish(stage, "2.0.0.10", b"small")
    assert (client(build).check() is not None) == BUILDS[build]


def test_it_goes_by_the_build_and_not_by_the_version(stage, client):
    publish(stage, "9.9", b"small", build="2.0.0.3")
    assert client("2.0.0.4").check() is None
    found = client("2.0.0.2").check()
    assert (found.build, found.version) == ("2.0.0.3", "9.9")


def test_a_tester_reads_the_beta_feed_and_others_do_not(stage, client):
    publish(stage, "2.0.0.20", b"stable")
    publish(stage, "2.1.0.1", b"beta", channel="beta")
    assert client("2.0.0.15", "appcast-beta.xml").update().read_bytes() == b"beta"
    assert client("2.0.0.15").update().read_bytes() == b"stable"


def test_a_tester_stays_as_it_is_while_the_beta_channel_is_off(stage, client):
    server, _, address = stage
    publish(stage, "2.1.0.1", b"beta", channel="beta")
    tester = client("2.0.0.15", "appcast-beta.xml")
    found = tester.check()
    settings = {"UPDATE_PUBLIC_URL": address, "UPDATE_BETA_ENABLED": "false"}
    try:
        server.work.joinpath("config.env").write_text(config(settings))
        assert eventually(lambda: served_version(server, "beta") is None, 20)
        with pytest.raises(Refused, match="the feed is a 404"):
            tester.check()
        with pytest.raises(Refused, match="the artifact is a 404"):
            tester.download(found)
    finally:
        server.work.joinpath("config.env").write_text(config(settings | {"UPDATE_BETA_ENABLED": "true"}))
    assert eventually(lambda: served_version(server, "beta") == "2.1.0.1", 20)
    assert tester.update().read_bytes() == b"beta"


@pytest.mark.parametrize("content", [BYTES[:-1], BYTES + b"!", b""], ids=["shorter", "longer", "empty"])
def test_it_refuses_a_file_that_is_not_exactly_as_long_as_the_feed_says(stage, client, content):
    publish(stage, "2.0.0.15")
    stage[1].artifact("Nexy-2.0.0.15.dmg", content)
    one = client("2.0.0.14")
    with pytest.raises(Refused, match=f"{len(content)} bytes instead of {len(BYTES)}"):
        one.update()
    stage[1].artifact("Nexy-2.0.0.15.dmg", BYTES)
    assert one.update().read_bytes() == BYTES


def test_it_refuses_a_file_that_is_not_there(stage, client):
    publish(stage, "2.0.0.15")
    (stage[1].downloads / "Nexy-2.0.0.15.dmg").unlink()
    with pytest.raises(Refused, match="the artifact is a 404"):
        client("2.0.0.14").update()


def test_it_is_never_sent_a_part_or_another_form_of_the_file(stage, client):
    """Status 200, the exact length and no coding of the content, whatever a client says that it understands."""
    publish(stage, "2.0.0.15", b"0" * MEBIBYTE)
    one = client("2.0.0.14")
    found = one.check()
    headers = {"Accept-Encoding": "gzip, deflate, br, zstd"}
    for address in [found.url, one.feed]:
        answer = one.pool.request("GET", address, headers=headers, decode_content=False)
        assert answer.status == 200 and "Content-Encoding" not in answer.headers
        assert "Transfer-Encoding" not in answer.headers and int(answer.headers["Content-Length"]) == len(answer.data)


def test_a_release_that_goes_bad_changes_nothing_for_it(stage, client):
    publish(stage, "2.0.0.15")
    stage[1].write('{"version": ')
    assert eventually(lambda: request(stage[0], "/health").status == 503, 20)
    assert client("2.0.0.14").update().read_bytes() == BYTES
    assert client("2.0.0.15").update() is None


def test_a_rewritten_release_never_sends_it_into_a_loop(stage, client):
    """A build that is a number once did: 2.10 became 2.1, and no client ever had it."""
    publish(stage, "2.10", b"small")
    one = client("2.9")
    assert one.update() and one.build == "2.10" and one.update() is None
    stage[1].write(json.dumps(Releases.manifest("2.11")).replace('"build": "2.11"', '"build": 2.11'))
    assert eventually(lambda: request(stage[0], "/health").status == 503, 20)
    assert one.update() is None


def test_many_clients_update_at_once(stage, client):
    publish(stage, "2.0.0.15")
    clients = [client("2.0.0.14") for _ in range(20)]
    with ThreadPoolExecutor(len(clients)) as pool:
        paths = list(pool.map(ReleasedClient.update, clients))
    assert {hashlib.sha256(path.read_bytes()).hexdigest() for path in paths} == {hashlib.sha256(BYTES).hexdigest()}


def test_it_updates_from_a_signed_feed(serve, proxy, client, tmp_path, stage):
    """The trailer is a comment that it does not mind."""
    key = Key(tmp_path)
    publish(stage, "2.0.0.15", ed25519=key.sign(BYTES))
    server, releases, _ = stage
    signed = key.sign_feed(request(server, "/appcast.xml").body)
    path = releases.write(signed, name="appcast.xml")
    try:
        assert eventually(lambda: request(server, "/appcast.xml").body == signed, 10)
        one = client("2.0.0.14")
        assert one.update().read_bytes() == BYTES and one.update() is None
    finally:
        path.unlink()
