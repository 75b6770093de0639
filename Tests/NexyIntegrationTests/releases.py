"""Releases as a publisher leaves them in a server's folder, and plain requests for what is served of them."""

import hashlib
import http.client
import json
import os
import uuid
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from server import Answer, eventually, run_nexy

MANIFESTS = {"stable": "manifest.json", "beta": "manifest_beta.json"}
FEEDS = {"stable": "appcast.xml", "beta": "appcast-beta.xml"}
SPARKLE = "{http://www.andymatuschak.org/xml-namespaces/sparkle}"
CONTENT = bytes(range(256)) * 40
ARTIFACT_MEMBERS = {"type", "url", "size", "sha256", "arch", "min_os", "ed25519"}


def place(path: Path, content: bytes | str) -> Path:
    """Writes a file as a careful publisher does: beside its place, then by a rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{uuid.uuid4().hex}.new")
    beside.write_bytes(content.encode() if isinstance(content, str) else content)
    os.replace(beside, path)
    return path


class Releases:
    """What a publisher keeps under `<work>/updates`, for a server that runs in `work` or will."""

    def __init__(self, work: Path):
        self.work = Path(work)
        self.manifests = self.work / "updates" / "manifests"
        self.downloads = self.work / "updates" / "downloads"
        self.manifests.mkdir(parents=True, exist_ok=True)
        self.downloads.mkdir(parents=True, exist_ok=True)

    @staticmethod
    def manifest(version="2.0.0.15", content: bytes = CONTENT, **fields) -> dict:
        """A good manifest; `fields` replace members of it or of its artifact, and None takes one away."""
        whole = {
            "version": version,
            "build": version,
            "release_date": "2026-02-25T12:00:00Z",
            "artifact": {
                "type": "dmg",
                "url": f"https://github.com/nexy/releases/download/{version}/Nexy-{version}.dmg",
                "size": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
                "arch": "universal2",
                "min_os": "11.0",
                "ed25519": "",
            },
            "critical": False,
            "auto_install": True,
            "notes_url": f"https://github.com/nexy/releases/tag/{version}",
        }
        for name, value in fields.items():
            members = whole["artifact"] if name in ARTIFACT_MEMBERS else whole
            members[name] = value
            if value is None:
                del members[name]
        return whole

    def publish(self, channel: str = "stable", version: str = "2.0.0.15", content: bytes = CONTENT, **fields) -> dict:
        """Puts an artifact and then its manifest in their places."""
        manifest = self.manifest(version, content, **fields)
        self.artifact(manifest["artifact"]["url"].rpartition("/")[2], content)
        self.write(manifest, channel)
        return manifest

    def write(self, manifest: dict | bytes | str, channel: str = "stable", name: str | None = None) -> Path:
        """Puts a manifest, good or bad, in a channel's place."""
        text = json.dumps(manifest) if isinstance(manifest, dict) else manifest
        return place(self.manifests / (name or MANIFESTS[channel]), text)

    def artifact(self, name: str, content: bytes = CONTENT) -> Path:
        return place(self.downloads / name, content)


class Key:
    """A key pair that `nexy updates keygen` made."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.path = folder / f"{uuid.uuid4().hex}.key"
        made = run_nexy("updates", "keygen", str(self.path), folder=folder)
        assert made.returncode == 0, made.stderr
        self.public = made.stdout.strip()

    @property
    def private(self) -> str:
        return self.path.read_text().strip()

    def sign(self, content: bytes) -> str:
        """The signature of an artifact's bytes."""
        artifact = self.folder / f"{uuid.uuid4().hex}.dmg"
        artifact.write_bytes(content)
        signed = run_nexy("updates", "sign", str(artifact), "--key", str(self.path), folder=self.folder)
        assert signed.returncode == 0, signed.stderr
        return signed.stdout.strip()

    def sign_feed(self, feed: bytes) -> bytes:
        """The feed with its trailer."""
        path = self.folder / f"{uuid.uuid4().hex}.xml"
        path.write_bytes(feed)
        signed = run_nexy("updates", "sign", "--feed", str(path), "--key", str(self.path), folder=self.folder)
        assert signed.returncode == 0, signed.stderr
        return path.read_bytes()


def start(
    serve, manifest: dict | None = None, beta: dict | None = None, settings: dict[str, str] | None = None, **more
):
    """A server whose first manifests stand there before it starts, and what is kept in its folder.

    `settings` are the lines of its config.env; `more` is what `serve` takes.
    """
    files = {"config.env": config(settings or {})}
    for channel, first in (("stable", manifest), ("beta", beta)):
        if first:
            files[f"updates/manifests/{MANIFESTS[channel]}"] = json.dumps(first)
    server = serve(files=files | more.pop("files", {}), **more)
    return server, Releases(server.work)


def config(settings: dict[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def request(server, path: str, method: str = "GET", headers: dict[str, str] | None = None) -> Answer:
    """One request to a server's updates, on a connection of its own and with the path as it is."""
    connection = http.client.HTTPConnection("127.0.0.1", server.updates_port, timeout=20)
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


def item(feed: bytes) -> ElementTree.Element:
    """The one item of a feed."""
    items = ElementTree.fromstring(feed).findall("channel/item")
    assert len(items) == 1, feed
    return items[0]


def enclosure(feed: bytes) -> dict[str, str]:
    """The attributes of a feed's enclosure, Sparkle's with `sparkle:` before them."""
    return {
        name.replace(SPARKLE, "sparkle:"): value for name, value in item(feed).find("enclosure").attrib.items()
    }


def served_version(server, channel: str = "stable") -> str | None:
    """The version that a channel's feed offers; None where there is no feed."""
    answer = request(server, f"/{FEEDS[channel]}")
    return enclosure(answer.body)["sparkle:shortVersionString"] if answer.status == 200 else None


def health(server) -> dict:
    return request(server, "/health").json


def settled(server, within: float = 20) -> dict:
    """The health once every checksum of a served artifact is worked out."""

    def look():
        facts = health(server)
        states = [channel["artifact"] for channel in facts["channels"].values()]
        return facts if "checking" not in states else None

    facts = eventually(look, within)
    assert facts, health(server)
    return facts
