"""A publisher's folder with two runtimes and a fake GitHub, a client that never stops looking, and commands that can be
stopped at a line of their output."""

import contextlib
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
from pathlib import Path

import server as servers
from github import TAGS, GitHub
from halted import Halted
from poller import Poller, sha256
from releases import FEEDS, MANIFESTS, Key, config, place
from server import clean_environment, eventually, run_nexy

FILES = {"dmg": "Nexy.dmg", "pkg": "Nexy.pkg", "notes": "LATEST_CHANGES.md"}
SHELVES = {
    "stable": {"dmg": "Update", "pkg": "App", "notes": "Update"},
    "beta": {"dmg": "UpdateBeta", "pkg": "AppBeta", "notes": "UpdateBeta"},
}
SIZES = {"dmg": 100_001, "pkg": 80_007}
STORES = ("directory", "github")
# Every moment of every kill, every test against every store, and what takes a minute. Without it, what differs.
IS_THOROUGH = os.environ.get("NEXY_THOROUGH") == "1"
# The release that everybody has when a test begins, and the next ones, all of one length.
STANDING, NEXT, LATER, LATEST = "2.0.0.100", "2.0.0.101", "2.0.0.102", "2.0.0.103"
# Leases are taken by whoever only looks, too.
LEASES = {"release.lock", "manifests.lock"}


def content(version: str, kind: str = "dmg", salt: str = "", size: int | None = None) -> bytes:
    """The bytes of a version's file, the same every time; no two versions have one size."""
    seed = f"{version} {kind} {salt}".encode()
    return hashlib.shake_256(seed).digest(size or SIZES[kind] + int(hashlib.sha256(seed).hexdigest()[:4], 16))


def notes_of(version: str | None) -> str:
    """Release notes; as with files, no two versions have one size."""
    return f"# {version}\n\n- Better in {int(sha256(str(version).encode())[:2], 16) * 'many '}ways.\n"


def content_name(version: str, data: bytes, kind: str = "dmg") -> str:
    return f"Nexy-{version}-{sha256(data)[:12]}.{kind}"


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


class Street:
    """Production and staging of one folder, and a fake GitHub beside them."""

    def __init__(self, folder: Path, github: GitHub | None = None):
        self.work, self.home = folder / "work", folder / "home"
        self.work.mkdir(parents=True)
        self.home.mkdir()
        self.github = github or GitHub(folder / "github")
        self.key, self.other_key = Key(self.home), Key(self.home)
        self.ports = dict(zip(("stable", "http", "beta", "staging"), free_ports(4)))
        self.poller = None
        self.servers: list[servers.Server] = []
        self._snapshot: tuple | None = None
        self._failure: str | None = None
        for folder in ("manifests", "downloads"):
            (self.work / "updates" / folder).mkdir(parents=True)
        place(self.work / "config.env", config(self.settings("directory")))
        place(self.work / "config.staging.env", config(self.common | {"UPDATE_BETA_ENABLED": "true"}))
        try:
            for runtime, ports in [("production", ("http", "stable")), ("staging", ("staging", "beta"))]:
                numbers = [0, *(self.ports[name] for name in ports)]
                flags = [
                    part
                    for flag, port in zip(("--grpc-port", "--http-port", "--update-port"), numbers)
                    for part in (flag, str(port))
                ]
                arguments = ["serve", "--runtime", runtime, "--tts-provider", "tone", *flags]
                environment = clean_environment(self.home)
                self.servers.append(
                    servers.Server(arguments, self.work, environment, self.work / "var", servers.BINARY)
                )
            for server in self.servers:
                server.ready()
        except BaseException:
            self.close()
            raise
        feeds = {channel: f"{self.updates(channel)}/updates/{FEEDS[channel]}" for channel in SHELVES}
        self.poller = Poller(feeds, self.key.public, self.home).start()

    def updates(self, channel: str) -> str:
        return f"http://127.0.0.1:{self.ports[channel]}"

    @property
    def common(self) -> dict[str, str]:
        hosts = [self.updates("stable"), self.updates("beta"), self.github.web]
        return {
            "UPDATE_ALLOWED_HOSTS": ",".join(host.removeprefix("http://") for host in hosts),
            "UPDATE_PUBLIC_KEY": self.key.public,
        }

    def settings(self, store: str) -> dict[str, str]:
        return self.common | {
            "RELEASE_STORE": store,
            "RELEASE_REPOSITORY": self.github.repository,
            "RELEASE_GITHUB_API": self.github.api,
            "RELEASE_GITHUB_WEB": self.github.web,
            "RELEASE_STABLE_UPDATES_URL": self.updates("stable"),
            "RELEASE_BETA_UPDATES_URL": self.updates("beta"),
            "RELEASE_STAGING_URL": f"http://127.0.0.1:{self.ports['staging']}",
            "RELEASE_KEY_FILE": str(self.key.path),
            "RELEASE_PATIENCE": "20",
            "RELEASE_FEED_LIFE": "1",
        }

    def shop(self, store: str) -> "Shop":
        """The folder as it is, with its settings."""
        place(self.work / "config.env", config(self.settings(store)))
        return Shop(self, store)

    def standing(self, store: str) -> "Shop":
        """A shop whose stable and beta channels have `STANDING`, put there by the commands themselves."""
        for server in self.servers:
            status = server.process.poll()
            assert status is None, f"a server ended with {status}:\n{server.log.text[-3000:]}"
        shop = self.shop(store)
        if self._snapshot:
            shop.restore(self._snapshot)
            self.poller.known = {STANDING: {sha256(content(STANDING))}}
            return shop
        assert not self._failure, f"the first release of this street did not work: {self._failure}"
        shop.stage(STANDING, pkg=True)
        for command in (shop.publish, shop.validate, shop.promote):
            done = command()
            if done.returncode:
                self._failure = f"{done.args[1:]}\n{done.stdout}\n{done.stderr}"
                raise AssertionError(self._failure)
        self._snapshot = shop.snapshot()
        return shop

    def close(self) -> None:
        if self.poller:
            self.poller.close()
        for server in self.servers:
            server.close()
        self.github.close()


class Shop:
    """A publisher's folder with one kind of store."""

    def __init__(self, street: Street, store: str):
        self.street, self.store = street, store
        self.work, self.github, self.poller = street.work, street.github, street.poller
        self.inbox = self.work / "release_inbox"
        self.state = self.work / "var" / "release"
        self.updates = self.work / "updates"
        self.manifests, self.downloads = self.updates / "manifests", self.updates / "downloads"

    # --- What is put in

    def stage(
        self, version: str | None = NEXT, channel: str = "beta", dmg=True, pkg=False, notes: str | None = None, salt=""
    ) -> dict[str, bytes]:
        """Fills an inbox; `dmg` and `pkg` are bytes, or whether there is one."""
        box = self.inbox / channel
        shutil.rmtree(box, ignore_errors=True)
        files = {}
        for kind, wanted in (("dmg", dmg), ("pkg", pkg)):
            if wanted:
                files[kind] = wanted if isinstance(wanted, bytes) else content(version, kind, salt)
                place(box / FILES[kind], files[kind])
                self.knows(version, files[kind])
        files["notes"] = (notes or notes_of(version)).encode()
        place(box / FILES["notes"], files["notes"])
        if version:
            place(box / "VERSION", f"{version}\n")
        return files

    def knows(self, version: str, data: bytes) -> None:
        self.poller.known.setdefault(version, set()).add(sha256(data))

    def setting(self, **settings: str | None) -> None:
        """Changes lines of config.env; None takes one away."""
        lines = {**self.street.settings(self.store), **settings}
        place(self.work / "config.env", config({name: value for name, value in lines.items() if value is not None}))

    # --- Commands

    def environment(self, **extra: str | None) -> dict[str, str]:
        """`None` takes a variable away."""
        both = {"GITHUB_TOKEN": self.github.token} | extra
        return {name: value for name, value in both.items() if value is not None}

    def run(self, *arguments: str, **extra: str | None) -> subprocess.CompletedProcess:
        """Runs `nexy release`; `extra` are variables of its environment."""
        done = run_nexy("release", *arguments, folder=self.work, environment=self.environment(**extra), within=90)
        self._expect_no_secret(done.stdout + done.stderr)
        return done

    def publish(self, *flags: str, **extra) -> subprocess.CompletedProcess:
        return self.run("publish", "--channel", "beta", *flags, **extra)

    def validate(self, *flags: str, **extra) -> subprocess.CompletedProcess:
        return self.run("validate", "--channel", "beta", *flags, **extra)

    def promote(self, *flags: str, **extra) -> subprocess.CompletedProcess:
        return self.run("promote", "--source", "beta", "--target", "stable", *flags, **extra)

    def rollback(self, channel: str, to: str, *flags: str, **extra) -> subprocess.CompletedProcess:
        return self.run("rollback", "--channel", channel, "--to", to, *flags, **extra)

    def do(self, *arguments: str, **extra) -> str:
        """Runs a command that has to succeed; returns its standard output."""
        done = self.run(*arguments, **extra)
        assert done.returncode == 0, f"{arguments}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def start(self, *arguments: str) -> subprocess.Popen:
        """A command that runs beside the test; its output is of no interest."""
        return subprocess.Popen(
            [str(servers.BINARY), "release", *arguments],
            cwd=self.work,
            env=clean_environment(self.work, self.environment()),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def halted(self, arguments: list[str], lines: list[str], number: int) -> Halted:
        environment = clean_environment(self.work, self.environment())
        return Halted(["release", *arguments], self.work, environment, lines, number)

    def _expect_no_secret(self, text: str) -> None:
        for secret in (self.github.token, self.street.key.private, self.street.other_key.private):
            assert secret not in text, "a secret was printed"

    # --- What came of it

    def manifest(self, channel: str) -> dict | None:
        path = self.manifests / MANIFESTS[channel]
        return json.loads(path.read_bytes()) if path.exists() else None

    def version(self, channel: str) -> str | None:
        found = self.manifest(channel)
        return found and found["version"]

    def served(self, channel: str) -> str | None:
        offer = self.poller.offer(channel)
        return offer and offer.version

    def shelf(self) -> dict[str, dict[str, str]]:
        """The files of every tag: name and SHA-256."""
        if self.store == "github":
            return self.github.tree()
        shelves: dict[str, dict[str, str]] = {tag: {} for tag in TAGS}
        for path in self.downloads.iterdir():
            tag, _, name = path.name.partition("-")
            shelves.setdefault(tag, {})[name] = sha256(path.read_bytes())
        return shelves

    def files(self, *ignored: str) -> dict[str, str]:
        """Everything that a command of the funnel could write, by path: SHA-256 and when it was written."""
        found = {}
        for top in ("updates", "release_inbox", "var/release"):
            for path in sorted((self.work / top).rglob("*")):
                if path.is_file() and path.name not in ignored:
                    status = path.stat()
                    found[str(path.relative_to(self.work))] = f"{sha256(path.read_bytes())} {status.st_mtime_ns}"
        for path in self.work.iterdir():
            if path.is_file():
                found[path.name] = sha256(path.read_bytes())
        found.pop("halted.stderr", None)
        return found

    def expect(self, version: str, channel: str, files: dict[str, bytes]) -> None:
        """The channel's manifest, feed and shelf are of this release, whole, and nothing half done is left."""
        kind = "dmg" if "dmg" in files else "pkg"
        manifest, data = self.manifest(channel), files[kind]
        assert (manifest["version"], manifest["build"]) == (version, version)
        artifact, name = manifest["artifact"], content_name(version, data, kind)
        assert (artifact["size"], artifact["sha256"], artifact["type"]) == (len(data), sha256(data), kind)
        assert artifact["url"] == self.address(channel, kind, name)
        told = (version, version, artifact["url"], len(data))
        # The server looks again at the next request after 20 ms.
        assert eventually(lambda: (offer := self.poller.offer(channel)) and offer.told == told), (
            self.poller.offer(channel)
        )
        shelf = self.shelf()
        for one, whole in files.items():
            assert shelf[SHELVES[channel][one]][FILES[one]] == sha256(whole), one
        assert shelf[SHELVES[channel][kind]][name] == sha256(data)
        self.expect_tidy()
        self.poller.agree()

    def address(self, channel: str, kind: str, name: str) -> str:
        tag = SHELVES[channel][kind]
        if self.store == "github":
            return f"{self.github.web}/{self.github.repository}/releases/download/{tag}/{name}"
        # With or without the prefix: the server answers both.
        url = self.manifest(channel)["artifact"]["url"]
        ours = f"{self.street.updates(channel)}/downloads/{tag}-{name}"
        return url if url.replace("/updates/downloads/", "/downloads/") == ours else ours

    def leftovers(self) -> list[str]:
        """Whatever only a command that is not done may leave."""
        left = [f"{tag}/{name}" for tag, names in self.shelf().items() for name in names if "incoming" in name]
        left += self.github.halves() if self.store == "github" else []
        ours = re.compile(r"^(Nexy\.dmg|Nexy\.pkg|LATEST_CHANGES\.md|Nexy-[\d.]+-[0-9a-f]{12}\.(dmg|pkg))$")
        left += [f"{tag}/{name}" for tag, names in self.shelf().items() for name in names if not ours.match(name)]
        left += [path.name for path in self.updates.rglob("*") if path.is_file() and path.name.startswith(".")]
        if self.state.exists():
            left += [path.name for path in self.state.rglob("*") if path.name.startswith(".")]
            journal = self.state / "journal.json"
            left += ["journal.json"] if journal.exists() and journal.read_bytes().strip() else []
        return sorted(set(left))

    def expect_tidy(self) -> None:
        assert self.leftovers() == []

    # --- Going back, which only a test may

    def snapshot(self) -> tuple:
        copy = self.street.home / f"snapshot-{os.urandom(4).hex()}"
        for top in ("updates", "release_inbox", "var/release"):
            if (self.work / top).exists():
                shutil.copytree(self.work / top, copy / top, symlinks=True)
        return copy, self.github.snapshot()

    def restore(self, snapshot: tuple) -> None:
        copy, shelves = snapshot
        with self.poller.paused():
            for top in ("release_inbox", "var/release"):
                shutil.rmtree(self.work / top, ignore_errors=True)
                if (copy / top).exists():
                    shutil.copytree(copy / top, self.work / top, symlinks=True)
            self.github.restore(shelves)
            # The server reads this folder meanwhile: files first, then what names them, then what nobody names.
            for folder in ("downloads", "manifests"):
                for path in sorted((copy / "updates" / folder).iterdir()):
                    place(self.updates / folder / path.name, path.read_bytes())
            for folder in ("downloads", "manifests"):
                kept = {path.name for path in (copy / "updates" / folder).iterdir()}
                for path in (self.updates / folder).iterdir():
                    if path.name not in kept:
                        path.unlink()
            for channel in SHELVES:
                version = self.version(channel)
                assert eventually(lambda: self.served(channel) == version), f"{channel} stays at {self.served(channel)}"


def step_lines(stdout: str) -> list[tuple[int, int, str]]:
    """The numbered lines: number, of how many, what."""
    found = re.findall(r"^(?:\[dry-run\] )?\[(\d+)/(\d+)\] (.+)$", stdout, re.MULTILINE)
    return [(int(number), int(count), what) for number, count, what in found]


def markers(stdout: str) -> list[str]:
    """The lines that are not numbered."""
    return [line for line in stdout.splitlines() if not re.match(r"^(\[dry-run\] )?\[\d+/\d+\] ", line)]
