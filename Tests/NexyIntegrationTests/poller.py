"""A client that never stops looking at feeds, and complains of every lie."""

import base64
import contextlib
import hashlib
import http.client
import subprocess
import threading
import urllib.error
import urllib.request
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

from releases import SPARKLE


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def get(url: str, within: float = 20) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=within) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


@dataclass(frozen=True)
class Offer:
    """What a feed says."""

    version: str
    build: str
    url: str
    size: int
    signature: str | None

    @classmethod
    def of(cls, feed: bytes) -> "Offer":
        enclosure = ElementTree.fromstring(feed).find(".//item/enclosure")
        return cls(
            enclosure.get(f"{SPARKLE}shortVersionString"),
            enclosure.get(f"{SPARKLE}version"),
            enclosure.get("url"),
            int(enclosure.get("length")),
            enclosure.get(f"{SPARKLE}edSignature"),
        )

    @property
    def told(self) -> tuple[str, str, str, int]:
        return self.version, self.build, self.url, self.size

    @property
    def order(self) -> tuple[int, ...]:
        return tuple(map(int, self.build.split(".")))


class Poller:
    """The released client, all the time: reads both feeds, fetches what they name, and complains of every lie.

    A feed may only ever name a file that is there, of the size that it says, with the bytes that were published under
    that version and a signature that fits them; and it never goes back to a lower build, nor away.
    """

    def __init__(self, feeds: dict[str, str], public_key: str | None, folder: Path):
        self.feeds = feeds
        # The bytes that may stand under a version.
        self.known: dict[str, set[str]] = {}
        self.offers: dict[str, list[Offer]] = {channel: [] for channel in feeds}
        self.complaints: list[str] = []
        self.rounds = 0
        # With fixed names there is a window, for those who hold a feed while the file changes.
        self.is_strict = True
        self._may_fall: set[str] = set()
        self._key = public_key
        self._folder = folder
        self._verified: set[tuple[str, str]] = set()
        self._turn = threading.RLock()
        self._awake = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> "Poller":
        self._thread.start()
        return self

    def wake(self) -> None:
        self._awake.set()

    def rest(self) -> list[str]:
        """Looks no more until it is woken; returns what it complained of."""
        self._awake.clear()
        with self._turn:
            complaints, self.complaints, self.is_strict = self.complaints, [], True
            return complaints

    def close(self) -> None:
        self._ended.set()
        self._awake.set()
        if self._thread.is_alive():
            self._thread.join(30)

    @contextlib.contextmanager
    def paused(self):
        """Nobody looks meanwhile, and what was seen before is forgotten."""
        with self._turn:
            yield
            self.offers = {channel: [] for channel in self.feeds}
            self._may_fall.clear()

    def may_fall(self, channel: str) -> None:
        """The next lower build of a channel is a rollback."""
        self._may_fall.add(channel)

    def offer(self, channel: str) -> Offer | None:
        """What a channel offers at this moment."""
        status, feed = get(self.feeds[channel])
        assert status in (200, 404, 500), status
        return Offer.of(feed) if status == 200 else None

    def look(self, channel: str) -> Offer | None:
        """One look at a channel; what is wrong is a complaint."""
        before = self.offers[channel][-1] if self.offers[channel] else None
        try:
            status, feed = get(self.feeds[channel])
            if status != 200:
                if before:
                    self._complain(channel, f"the feed is a {status} after {before.version}")
                return None
            offer = Offer.of(feed)
            if before and offer.order < before.order:
                if channel not in self._may_fall:
                    self._complain(channel, f"went back from {before.build} to {offer.build}")
                self._may_fall.discard(channel)
            problem = self._problem(offer)
            if problem and not self.is_strict and self.offer(channel) != offer:
                problem = None
            if problem:
                self._complain(channel, f"{offer}: {problem}")
            if offer != before:
                self.offers[channel].append(offer)
            return offer
        except (OSError, http.client.HTTPException, ElementTree.ParseError, ValueError, TypeError) as error:
            self._complain(channel, f"{type(error).__name__}: {error}")
            return None

    def agree(self) -> None:
        """Looks at everything now, and at what it saw before."""
        with self._turn:
            for channel in self.feeds:
                self.look(channel)
        assert not self.complaints, "\n".join(self.complaints[:10])

    def versions(self, channel: str) -> list[str]:
        return [offer.version for offer in list(self.offers[channel])]

    def _problem(self, offer: Offer) -> str | None:
        status, data = get(offer.url)
        if status != 200:
            return f"the artifact is a {status}"
        if len(data) != offer.size:
            return f"{len(data)} bytes instead of {offer.size}"
        if sha256(data) not in self.known.get(offer.version, ()):
            return "the bytes are not those of that version"
        if offer.signature and self._key and not self._fits(offer.signature, data):
            return "the signature does not fit"
        return None

    def _fits(self, signature: str, data: bytes) -> bool:
        if (signature, sha256(data)) in self._verified:
            return True
        if verifies(self._key, signature, data, self._folder):
            self._verified.add((signature, sha256(data)))
            return True
        return False

    def _complain(self, channel: str, what: str) -> None:
        if len(self.complaints) < 100:
            self.complaints.append(f"{channel}: {what}")

    def _run(self) -> None:
        while not self._ended.is_set():
            self._awake.wait()
            for channel in self.feeds:
                with self._turn:
                    if self._awake.is_set() and not self._ended.is_set():
                        self.look(channel)
            self.rounds += 1
            # Ten rounds a second or so: the machine is for the commands.
            self._ended.wait(0.06)


def verifies(public_key: str, signature: str, data: bytes, folder: Path) -> bool:
    """Whether openssl, and so nobody of ours, takes a signature for one of these bytes."""
    key, sealed, whole = (folder / f"{threading.get_ident()}.{kind}" for kind in ("der", "sig", "bin"))
    # SubjectPublicKeyInfo of an Ed25519 key, RFC 8410.
    key.write_bytes(bytes.fromhex("302a300506032b6570032100") + base64.b64decode(public_key))
    sealed.write_bytes(base64.b64decode(signature))
    whole.write_bytes(data)
    command = f"openssl pkeyutl -verify -pubin -keyform DER -inkey {key} -rawin -in {whole} -sigfile {sealed}"
    return subprocess.run(command.split(), capture_output=True, timeout=20).returncode == 0
