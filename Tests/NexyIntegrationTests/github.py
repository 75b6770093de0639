"""GitHub's releases, as far as a publisher and those who download can see them, over real HTTP on loopback.

Four listeners, as on GitHub: the API, uploads, the web, and the storage that downloads are redirected to. Written from
https://docs.github.com/en/rest/releases and https://docs.github.com/en/rest/using-the-rest-api. Files go to the disk
and are hashed while they come, so that one of any size needs the memory of one piece.
"""

import copy
import hashlib
import re
import secrets
import signal
import threading
from pathlib import Path
from urllib.parse import quote

from github_faults import Fault
from github_http import Listener
from github_shelves import DATE, Asset, Entry, Release, Shelves

TAGS = ("Update", "App", "UpdateBeta", "AppBeta")


class Kill:
    """The end of a process at one of its mutating requests."""

    def __init__(self, number: int, moment: str):
        assert moment in ("before", "during", "after")
        self.number = number
        self.moment = moment
        self.entry: str | None = None
        self._process = None
        self._is_known = threading.Event()
        self.is_done = threading.Event()

    def victim(self, process) -> "Kill":
        self._process = process
        self._is_known.set()
        return self

    def strike(self, what: str) -> None:
        self._is_known.wait(10)
        self.entry = what
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)
        self.is_done.set()


class GitHub:
    """The fake; every listener is a thread, and so is every connection."""

    def __init__(self, folder: Path, repository: str = "nexy/releases", tags=TAGS, storage_host: str = "127.0.0.2"):
        self.folder = folder
        self.repository = repository
        self.token = "ghp_" + secrets.token_hex(18)
        self.lock = threading.RLock()
        self.shelves = Shelves()
        self.log: list[Entry] = []
        # Where somebody sent a token who should not have.
        self.leaks: list[str] = []
        # Public requests of a name that changed which still get what it had before.
        self.staleness = 0
        # Forgets what is deleted or replaced at once: snapshots are then of no use.
        self.is_forgetful = False
        self._stale: dict[tuple[str, str], tuple[int, Asset | None]] = {}
        self._faults: list[list] = []
        self._kills: list[Kill] = []
        self._mutations = 0
        self._identifiers = 1000
        (folder / "stored").mkdir(parents=True)
        for tag in tags:
            self.release(tag)
        hosts = {"api": "127.0.0.1", "uploads": "127.0.0.1", "web": "127.0.0.1", "storage": storage_host}
        self._listeners = {role: Listener((host, 0), role, self) for role, host in hosts.items()}
        self.api, self.uploads, self.web, self.storage = (
            "http://{}:{}".format(*self._listeners[role].server_address) for role in hosts
        )

    def close(self) -> None:
        for listener in self._listeners.values():
            listener.shutdown()
            listener.server_close()
            listener.end_connections()

    # --- For tests

    def release(self, tag: str, **fields) -> Release:
        release = Release(self.identifier(), tag, **fields)
        self.shelves.releases.append(release)
        return release

    def at(self, tag: str) -> Release:
        return next(release for release in self.shelves.releases if release.tag == tag)

    def place(self, tag: str, name: str, content: bytes, **fields) -> Asset:
        """An asset that is there already."""
        sha256 = hashlib.sha256(content).hexdigest()
        values = {"size": len(content), "sha256": sha256, "state": "uploaded", "digest": f"sha256:{sha256}"}
        asset = Asset(self.identifier(), name, secrets.token_hex(8), **(values | fields))
        self.file(asset).write_bytes(content)
        with self.lock:
            release = self.at(tag)
            release.assets = [other for other in release.assets if other.name != name] + [asset]
        return asset

    def fault(self, method: str, pattern: str, fault: Fault, times: int = 1, after: int = 0) -> None:
        """Lets `fault` happen to the next `times` requests in whose `role:path` the pattern is, `after` good ones."""
        with self.lock:
            self._faults.append([method, re.compile(pattern), fault, times, after])

    def mend(self) -> list[str]:
        """Takes the faults back; returns what of them never happened."""
        with self.lock:
            left = [f"{method} {pattern.pattern}" for method, pattern, _, times, _ in self._faults if times > 0]
            self._faults, self._kills, self.staleness, self._stale = [], [], 0, {}
            return left

    def kill_at(self, number: int, moment: str = "before") -> Kill:
        """Ends a process at the n-th mutating request from now: `before` it is carried out, `during` it (an upload), or
        `after` it was and before its answer. The process is told with `victim`."""
        with self.lock:
            self._mutations = 0
            kill = Kill(number, moment)
            self._kills.append(kill)
            return kill

    def tree(self) -> dict[str, dict[str, str]]:
        """The whole assets of every tag: name and SHA-256."""
        with self.lock:
            return {
                release.tag: {asset.name: asset.sha256 for asset in release.assets if asset.state == "uploaded"}
                for release in self.shelves.releases
            }

    def halves(self) -> list[str]:
        with self.lock:
            return [
                f"{release.tag}/{asset.name}"
                for release in self.shelves.releases
                for asset in release.assets
                if asset.state != "uploaded"
            ]

    def mutations(self, since: int = 0) -> list[Entry]:
        return [entry for entry in self.log[since:] if entry.is_mutation]

    def snapshot(self) -> Shelves:
        with self.lock:
            return copy.deepcopy(self.shelves)

    def restore(self, shelves: Shelves) -> None:
        with self.lock:
            self.mend()
            self.shelves = copy.deepcopy(shelves)

    # --- For the handlers

    def identifier(self) -> int:
        with self.lock:
            self._identifiers += 1
            return self._identifiers

    def file(self, asset: Asset) -> Path:
        return self.stored(asset.stored)

    def stored(self, name: str) -> Path:
        return self.folder / "stored" / name

    def open(self, asset: Asset):
        return self.file(asset).open("wb", buffering=0)

    def forget(self, asset: Asset):
        self.file(asset).unlink(missing_ok=True)

    def next_fault(self, method: str, where: str) -> Fault:
        with self.lock:
            for row in self._faults:
                if row[0] in (method, "*") and row[3] > 0 and row[1].search(where):
                    if row[4] > 0:
                        row[4] -= 1
                        continue
                    row[3] -= 1
                    return row[2]
        return Fault()

    def next_kill(self) -> Kill | None:
        with self.lock:
            self._mutations += 1
            return next((kill for kill in self._kills if kill.number == self._mutations), None)

    def find(self, identifier: str) -> tuple[Release, Asset] | None:
        for release in self.shelves.releases:
            for asset in release.assets:
                if str(asset.identifier) == identifier:
                    return release, asset
        return None

    def changes(self, release: Release, *names: str):
        """Remembers what the public saw under names that are about to change."""
        for name in names:
            before, is_stale = release.named(name), self._stale.get((release.tag, name), (0, None))[0] > 0
            if self.staleness and not is_stale and (before is None or before.state == "uploaded"):
                self._stale[release.tag, name] = (self.staleness, copy.copy(before))

    def public(self, tag: str, name: str) -> Asset | None:
        with self.lock:
            left, before = self._stale.get((tag, name), (0, None))
            if left > 0:
                self._stale[tag, name] = (left - 1, before)
                return before
            release = next((one for one in self.shelves.releases if one.tag == tag and not one.is_draft), None)
            asset = release and release.named(name)
            return asset if asset and asset.state == "uploaded" else None

    def drop(self, release: Release, asset: Asset) -> None:
        release.assets = [other for other in release.assets if other is not asset]
        if self.is_forgetful:
            self.forget(asset)

    # --- As JSON

    def asset_json(self, release: Release, asset: Asset) -> dict:
        return {
            "url": f"{self.api}/repos/{self.repository}/releases/assets/{asset.identifier}",
            "id": asset.identifier,
            "node_id": f"RA_{asset.identifier}",
            "name": asset.name,
            "label": asset.label,
            "state": asset.state,
            "content_type": "application/octet-stream",
            "size": asset.size,
            "digest": asset.digest,
            "download_count": 0,
            "created_at": asset.created,
            "updated_at": asset.created,
            "uploader": {"login": "operator", "id": 1},
            "browser_download_url": f"{self.web}/{self.repository}/releases/download/{release.tag}/{quote(asset.name)}",
        }

    def release_json(self, release: Release) -> dict:
        base = f"{self.api}/repos/{self.repository}/releases/{release.identifier}"
        uploads = f"{self.uploads}/repos/{self.repository}/releases/{release.identifier}/assets"
        return {
            "url": base,
            "assets_url": f"{base}/assets",
            "upload_url": uploads + "{?name,label}",
            "html_url": f"{self.web}/{self.repository}/releases/tag/{release.tag}",
            "id": release.identifier,
            "tag_name": release.tag,
            "target_commitish": "main",
            "name": release.tag,
            "draft": release.is_draft,
            "immutable": release.is_immutable,
            "prerelease": False,
            "created_at": DATE,
            "published_at": None if release.is_draft else DATE,
            "assets": [self.asset_json(release, asset) for asset in release.assets],
        }
