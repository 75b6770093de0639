"""What The Update Framework's list of attacks means here: a row of the table is a test, with its variants."""

import http.client
import json
import os
import select
import signal
import socket
import subprocess
from datetime import datetime, timezone
from pathlib import Path

import pytest

import server as servers
from releases import CONTENT, Key, Releases, enclosure, health, place, request, served_version, settled, start
from server import clean_environment, eventually, run_nexy

VERSION = "2.0.0.15"
FILE = f"Nexy-{VERSION}.dmg"


def attack(row: str, *variants: str):
    """The row's name and the variants' are the ids of the tests."""
    return pytest.mark.parametrize("variant", variants or [row], ids=[f"{row}: {v}" for v in variants] or [row])


def flipped(content: bytes, mark: bytes = b"") -> bytes:
    """The content with one bit of the byte after `mark` flipped."""
    at = content.index(mark) + len(mark)
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


class Publisher:
    """A publisher's own folder: key, artifact, manifest and signed feed, and the checks before publishing."""

    def __init__(self, folder: Path, version: str = VERSION, content: bytes = CONTENT):
        self.folder = folder
        self.key = Key(folder)
        self.content = content
        self.manifest = Releases.manifest(version, content, ed25519=self.key.sign(content))
        self.feed = b""

    def verify(self, content: bytes | None = None, manifest: dict | bytes | None = None, feed: bytes | None = None):
        manifest = self.manifest if manifest is None else manifest
        place(self.folder / FILE, self.content if content is None else content)
        place(self.folder / "m.json", json.dumps(manifest) if isinstance(manifest, dict) else manifest)
        place(self.folder / "f.xml", self.feed if feed is None else feed)
        arguments = ["--artifact", FILE, "--manifest", "m.json", "--feed", "f.xml", "--public-key", self.key.public]
        return run_nexy("updates", "verify", *arguments, folder=self.folder)


@pytest.fixture(scope="module")
def shop(serve_for_file, tmp_path_factory):
    """A server with a signed release and a signed feed, and its publisher."""
    publisher = Publisher(tmp_path_factory.mktemp("publisher"))
    settings = {"UPDATE_PUBLIC_KEY": publisher.key.public}
    server, releases = start(serve_for_file, publisher.manifest, settings=settings)
    publisher.feed = publisher.key.sign_feed(request(server, "/appcast.xml").body)
    return server, releases, publisher


@pytest.fixture
def published(shop):
    """The same, in order, and nothing but it in the folders."""
    server, releases, publisher = shop
    wanted = {
        releases.downloads / FILE: CONTENT,
        releases.manifests / "manifest.json": json.dumps(publisher.manifest).encode(),
        releases.manifests / "appcast.xml": publisher.feed,
    }
    for path in [*releases.manifests.iterdir(), *releases.downloads.iterdir()]:
        if path.is_dir():
            path.rmdir()
        elif path not in wanted:
            path.unlink()
    for path, content in wanted.items():
        if not (path.is_file() and path.read_bytes() == content):
            place(path, content)
    assert eventually(lambda: is_trusted(server), 30), health(server)
    return shop


def test_what_is_attacked_here_was_in_order(published):
    assert published[2].verify().returncode == 0


def is_trusted(server) -> bool:
    facts = health(server)
    stable = facts["channels"].get("stable", {})
    return facts["status"] == "healthy" and stable.get("signature") == "valid" and stable.get("feed_signed") is True


def is_refused(server) -> bool:
    return request(server, "/health").status == 503


@attack("arbitrary software", "artifact", "feed", "manifest")
def test_arbitrary_software(published, variant):
    """One flipped byte: the publisher refuses, health turns bad, and a client that verifies rejects."""
    server, releases, publisher = published
    before = request(server, "/appcast.xml").body
    if variant == "artifact":
        bad = flipped(CONTENT)
        assert publisher.verify(content=bad).returncode == 1
        releases.artifact(FILE, bad)
        assert eventually(lambda: is_refused(server), 20)
        got = request(server, f"/downloads/{FILE}").body
        place(publisher.folder / "got.dmg", got)
        signature = enclosure(before)["sparkle:edSignature"]
        arguments = ["--artifact", "got.dmg", "--signature", signature, "--public-key", publisher.key.public]
        assert run_nexy("updates", "verify", *arguments, folder=publisher.folder).returncode == 1
    elif variant == "feed":
        bad = flipped(publisher.feed, b"<title>Nexy Update")
        assert publisher.verify(feed=bad).returncode == 1
        releases.write(bad, name="appcast.xml")
        assert eventually(lambda: is_refused(server), 20)
        assert bad not in request(server, "/appcast.xml").body
    else:
        bad = json.dumps(publisher.manifest).replace(publisher.manifest["artifact"]["sha256"][:8], "00000000").encode()
        assert publisher.verify(manifest=bad).returncode == 1
        releases.write(bad)
        assert eventually(lambda: is_refused(server), 20)
        bad = flipped(json.dumps(publisher.manifest).encode(), b'"ed25519": "')
        assert publisher.verify(manifest=bad).returncode == 1
        releases.write(bad)
        assert eventually(lambda: is_refused(server), 20)


@attack("wrong software", "another file", "another version")
def test_wrong_software(published, variant):
    """A right signature, and not of what is published."""
    server, releases, publisher = published
    other = CONTENT + b" of another day"
    if variant == "another file":
        manifest = Releases.manifest(VERSION, ed25519=publisher.key.sign(other))
        assert publisher.verify(manifest=manifest).returncode == 1
        releases.write(manifest)
        assert eventually(lambda: is_refused(server), 20)
        return
    # The artifact of another version, with its own right signature and checksum, under this version's name.
    manifest = Releases.manifest("2.0.0.16", ed25519=publisher.manifest["artifact"]["ed25519"])
    assert publisher.verify(manifest=manifest).returncode == 1
    digest = ["--size", str(len(other)), "--sha256", "0" * 64, "--signature", publisher.key.sign(other)]
    done = manifest_set(releases, *digest)
    assert done.returncode == 1 and "step-same-build" in done.stderr
    assert served_version(server) == VERSION and is_trusted(server)


def manifest_set(releases, *options):
    folder = str(releases.manifests)
    return run_nexy(
        "updates", "manifest", "set", "--channel", "stable", "--folder", folder, *options, folder=releases.work
    )


@attack("rollback", "republished", "promoted")
def test_rollback(published, variant):
    server, releases, publisher = published
    if variant == "promoted":
        releases.publish("beta", "2.0.0.14", b"an older beta")
    manifest = Releases.manifest("2.0.0.14", b"an older beta")["artifact"]
    options = ["--version", "2.0.0.14", "--url", manifest["url"]]
    options += ["--size", str(manifest["size"]), "--sha256", manifest["sha256"]]
    assert manifest_set(releases, *options).returncode == 1
    assert served_version(server) == VERSION
    done = manifest_set(releases, *options, "--override", "the newer one loses documents")
    assert done.returncode == 0 and eventually(lambda: served_version(server) == "2.0.0.14", 10)
    history = (releases.manifests / "manifest_history.jsonl").read_text()
    assert "the newer one loses documents" in history and "step-rollback" in history


@attack("fast-forward")
def test_fast_forward(published, variant):
    server, releases, _ = published
    for options in [["--version", "999999999"], ["--build", "999999999"], ["--build", "2.0.0.999999999"]]:
        done = manifest_set(releases, *options)
        assert done.returncode == 1 and "step-jump" in done.stderr
    assert served_version(server) == VERSION and is_trusted(server)


@attack("freeze")
def test_freeze(published, variant):
    """A feed that no longer moves is seen by its age, in health and in the numbers that alerts are made of."""
    server, releases, _ = published
    for date in ["2020-01-01T00:00:00Z", "2026-02-25T12:00:00Z"]:
        releases.write(Releases.manifest(VERSION, release_date=date))
        assert eventually(lambda: health(server)["channels"]["stable"]["release_date"] == date, 10)
        age = (datetime.now(timezone.utc) - datetime.fromisoformat(date)).total_seconds()
        assert abs(health(server)["channels"]["stable"]["feed_age"] - age) < 30

        def told():
            lines = server.request("/metrics").body.decode().splitlines()
            ages = [float(line.split()[-1]) for line in lines if "feed_age" in line and not line.startswith("#")]
            return any(abs(told - age) < 60 for told in ages)

        assert eventually(told, 10), server.request("/metrics").body.decode()


@attack("mix and match", "by hand", "by the tool")
def test_mix_and_match(published, variant):
    """The publisher dies between any two steps: what is served is one release, whole."""
    server, releases, publisher = published
    (steps_by_hand if variant == "by hand" else steps_by_tool)(server, releases, publisher)


def agreement(server) -> str:
    """The version that feed and manifests agree on."""

    def look():
        feed = request(server, "/appcast.xml")
        assert feed.status == 200
        told = enclosure(feed.body)
        version = told["sparkle:shortVersionString"]
        if request(server, "/api/versions").json["latest"] != version:
            return None
        [manifest] = [one for one in request(server, "/api/manifests").json if one["version"] == version]
        artifact = manifest["artifact"]
        assert told["sparkle:version"] == manifest["build"]
        assert (told["url"], told["length"]) == (artifact["url"], str(artifact["size"]))
        assert told.get("sparkle:edSignature", "") == artifact["ed25519"]
        return version

    # The release may have changed between the two requests; then they are made again.
    version = eventually(look, 10)
    assert version
    return version


def steps_by_hand(server, releases, publisher):
    content = b"the next release"
    following = Releases.manifest("2.0.0.16", content, ed25519=publisher.key.sign(content))
    place(releases.downloads / ".Nexy-2.0.0.16.dmg.part", content[:3])
    assert agreement(server) == VERSION and is_trusted(server)
    releases.artifact("Nexy-2.0.0.16.dmg", content)
    assert agreement(server) == VERSION and eventually(lambda: is_trusted(server), 10)
    releases.write(following, name="manifest_2.0.0.16.json")
    assert agreement(server) == VERSION and eventually(lambda: is_trusted(server), 10)
    (releases.manifests / "manifest.json.new").write_text(json.dumps(following)[:50])
    assert agreement(server) == VERSION and eventually(lambda: is_trusted(server), 10)
    releases.write(following)
    assert eventually(lambda: served_version(server) == "2.0.0.16", 10)
    # The old signed feed stands there still: it is not served with the new manifest.
    assert agreement(server) == "2.0.0.16" and not health(server)["channels"]["stable"]["feed_signed"]
    (releases.manifests / "appcast.xml").unlink()
    assert eventually(lambda: not is_refused(server), 10)
    releases.write(publisher.key.sign_feed(request(server, "/appcast.xml").body), name="appcast.xml")
    assert eventually(lambda: is_trusted(server), 20) and agreement(server) == "2.0.0.16"


def steps_by_tool(server, releases, publisher):
    (releases.manifests / "appcast.xml").unlink()
    for number in range(16, 28):
        content = f"release {number}".encode()
        artifact = Releases.manifest(f"2.0.0.{number}", content, ed25519=publisher.key.sign(content))["artifact"]
        command = [str(servers.BINARY), "updates", "manifest", "set", "--channel", "stable"]
        for option, value in [("version", f"2.0.0.{number}"), ("signature", artifact["ed25519"])]:
            command += [f"--{option}", value]
        for option in ["url", "size", "sha256"]:
            command += [f"--{option}", str(artifact[option])]
        writer = subprocess.Popen(
            command,
            cwd=releases.work,
            env=clean_environment(releases.work),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        eventually(lambda: writer.poll() is not None, 0.006 * (number - 15))
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        agreement(server)
        # Whoever comes next mends it.
        done = subprocess.run(command, cwd=releases.work, env=clean_environment(releases.work), capture_output=True)
        assert done.returncode == 0, done.stderr
        assert eventually(lambda: agreement(server) == f"2.0.0.{number}", 10)


@attack("endless data", "manifest", "feed", "tools", "request")
def test_endless_data(published, variant):
    """Whatever is read has a bound, and so has the time."""
    server, releases, publisher = published
    if variant in ("manifest", "feed"):
        name = "manifest.json" if variant == "manifest" else "appcast.xml"
        path = releases.manifests / name
        good = path.read_bytes()
        for make in [a_hole, a_link_without_end, a_pipe]:
            path.unlink(missing_ok=True)
            make(path)
            assert eventually(lambda: is_refused(server), 20) and served_version(server) == VERSION
            path.unlink()
            place(path, good)
            assert eventually(lambda: is_trusted(server), 20)
    elif variant == "tools":
        a_hole(publisher.folder / "hole")
        commands = [["lint", where] for where in ("/dev/zero", "hole")]
        commands += [["verify", "--feed", "hole"], ["verify", "--manifest", "/dev/zero"]]
        commands += [["sign", "/dev/zero", "--key", str(publisher.key.path)], ["sign", FILE, "--key", "/dev/zero"]]
        commands += [["simulate", "--feed", "/dev/zero", "--build", "1", "--os", "14"]]
        for command in commands:
            done = run_nexy("updates", *command, folder=publisher.folder, within=60)
            assert done.returncode == 1 and done.stdout.count("\n") < 5, command
    else:
        with socket.create_connection(("127.0.0.1", server.updates_port), timeout=20) as connection:
            # A head without end: the server answers or ends it, and lives.
            answer = b""
            try:
                connection.sendall(b"GET /appcast.xml HTTP/1.1\r\nHost: x\r\n")
                for _ in range(10_000):
                    if select.select([connection], [], [], 0)[0]:
                        break
                    connection.sendall(b"X-Endless: " + b"x" * 1000 + b"\r\n")
                answer = connection.recv(4096)
            except OSError:
                pass
        assert not answer.startswith(b"HTTP/1.1 200")
        assert served_version(server) == VERSION and server.process.poll() is None


def a_hole(path: Path):
    with open(path, "wb") as file:
        file.truncate(1 << 40)


def a_link_without_end(path: Path):
    path.symlink_to("/dev/zero")


def a_pipe(path: Path):
    os.mkfifo(path)


@attack("extraneous", "an asset", "a foreign host", "an external entity")
def test_extraneous(published, variant):
    server, releases, publisher = published
    if variant == "an asset":
        manifest = json.loads(json.dumps(publisher.manifest)) | {"assets": ["https://evil.example/x.dmg"]}
        manifest["artifact"]["mirror"] = "https://evil.example/y.dmg"
        (releases.manifests / "appcast.xml").unlink()
        releases.write(manifest)
        assert eventually(lambda: not health(server)["channels"]["stable"]["feed_signed"], 20)
        assert eventually(lambda: not is_refused(server), 20)
        assert b"evil" not in request(server, "/appcast.xml").body
        for name in [".hidden.dmg", "Nexy.dmg.part", "Nexy.dmg~", "Nexy.dmg.tmp"]:
            releases.artifact(name, b"not for clients")
            assert request(server, f"/downloads/{name}").status == 404
        assert [file["filename"] for file in request(server, "/api/artifacts").json] == [FILE]
    elif variant == "a foreign host":
        for address in ["https://evil.example/Nexy.dmg", "https://github.com@evil.example/Nexy.dmg"]:
            releases.write(Releases.manifest("2.0.0.16", url=address))
            assert eventually(lambda: is_refused(server), 20) and served_version(server) == VERSION
            assert manifest_set(releases, "--url", address, "--override", "x").returncode == 1
            releases.write(publisher.manifest)
            assert eventually(lambda: is_trusted(server), 20)
        for path in ["//evil.example/appcast.xml", "/\\evil.example", "/updates//evil.example/"]:
            answer = request(server, path)
            assert answer.status >= 400 and "Location" not in answer.headers
    else:
        secret = place(publisher.folder / "secret.txt", "nobody may read this")
        entity = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{secret.as_uri()}">]><rss'.encode()
        feed = publisher.feed.partition(b"<!-- sparkle")[0].replace(b"<rss", entity).replace(b"Nexy Updates", b"&x;")
        feed = publisher.key.sign_feed(feed)
        done = publisher.verify(feed=feed)
        assert done.returncode == 1 and "nobody may" not in done.stdout + done.stderr
        done = run_nexy("updates", "lint", "-", folder=publisher.folder, stdin=feed)
        assert done.returncode == 1 and "nobody may" not in done.stdout
        releases.write(feed, name="appcast.xml")
        assert eventually(lambda: is_refused(server), 20)
        served = request(server, "/appcast.xml").body
        assert b"nobody may" not in served and b"ENTITY" not in served


@attack("key compromise", "the host holds no key", "rotation")
def test_key_compromise(published, serve, variant):
    server, releases, publisher = published
    private = publisher.key.private
    if variant == "the host holds no key":
        told = run_nexy("config", "show", "--json", folder=server.work).stdout
        assert not [row for row in json.loads(told) if "private" in row["key"].lower()]
        for root, _, names in os.walk(server.work.parent):
            for name in names:
                assert private.encode() not in Path(root, name).read_bytes(), name
        assert private not in server.log.text + server.output.text
        assert private.encode() not in Path(f"/proc/{server.process.pid}/environ").read_bytes()
        return
    # The drill: the same release on a server that has the new public key.
    fresh = Key(publisher.folder)
    files = {"updates/manifests/appcast.xml": publisher.feed.decode()}
    rotated, releases = start(serve, publisher.manifest, settings={"UPDATE_PUBLIC_KEY": fresh.public}, files=files)
    releases.artifact(FILE)
    # The new key trusts nothing that the old one signed.
    assert eventually(lambda: health(rotated)["channels"]["stable"]["signature"] == "invalid", 20)
    assert is_refused(rotated) and not health(rotated)["channels"]["stable"]["feed_signed"]
    (releases.manifests / "appcast.xml").unlink()
    assert manifest_set(releases, "--signature", fresh.sign(CONTENT)).returncode == 0
    assert eventually(lambda: health(rotated)["channels"]["stable"]["signature"] == "valid", 20)
    releases.write(fresh.sign_feed(request(rotated, "/appcast.xml").body), name="appcast.xml")
    assert eventually(lambda: is_trusted(rotated), 20)


TRAVERSALS = [
    "/downloads/../manifests/manifest.json",
    "/downloads/..%2fmanifests%2fmanifest.json",
    "/downloads/%2e%2e/manifests/manifest.json",
    "/downloads/%2e%2e%2f%2e%2e%2fconfig.env",
    "/downloads/%252e%252e%252fconfig.env",
    "/downloads/..%5c..%5cconfig.env",
    "/downloads/....//config.env",
    "/downloads/..%c0%afconfig.env",
    "/downloads/%c0%ae%c0%ae/config.env",
    "/downloads/..;/config.env",
    f"/downloads/{FILE}%00.txt",
    f"/downloads/./{FILE}",
    f"/downloads//{FILE}",
    f"/downloads/x/../{FILE}",
    f"/downloads/{FILE}/",
    "/downloads//etc/passwd",
    "/downloads/%2fetc%2fpasswd",
    "/downloads/",
    "/downloads/.",
    "/downloads/..",
    "/downloads/%",
    "/downloads/%zz",
    "/downloads/" + "a" * 5000,
    "/downloads/link.dmg",
    "/../config.env",
    "/updates/../config.env",
    "/updates/downloads/..%2f..%2fconfig.env",
]


@attack("server", "traversal", "range", "head", "not modified", "beta")
def test_server(published, variant):
    server, releases, publisher = published
    assert settled(server)["channels"]["stable"]["artifact"] == "good"
    if variant == "traversal":
        (releases.downloads / "link.dmg").symlink_to("../../config.env")
        (releases.downloads / "folder.dmg").mkdir()
        for path in [*TRAVERSALS, "/downloads/folder.dmg"]:
            answer = request(server, path)
            assert answer.status in (400, 404, 414, 431), path
            assert publisher.key.public.encode() not in answer.body and b"root:" not in answer.body
            assert str(server.work).encode() not in answer.body
    elif variant == "range":
        for field, (status, wanted, told) in RANGES.items():
            answer = request(server, f"/downloads/{FILE}", headers={"Range": field})
            assert (answer.status, answer.headers["Content-Range"]) == (status, told), field
            if status != 416:
                assert answer.body == wanted, field
            assert int(answer.headers["Content-Length"]) == len(answer.body), field
    elif variant == "head":
        for path in ["/appcast.xml", f"/downloads/{FILE}", "/health", "/nowhere", "/downloads/none"]:
            for headers in [{}, {"Range": "bytes=0-9"}, {"Range": "bytes=99999999-"}]:
                assert_a_head_has_no_body(server, path, headers)
    elif variant == "not modified":
        for path in ["/appcast.xml", f"/downloads/{FILE}"]:
            first = request(server, path)
            for field, known in [("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")]:
                answer = request(server, path, headers={field: first.headers[known]})
                assert (answer.status, answer.body, answer.headers["ETag"]) == (304, b"", first.headers["ETag"])
    else:
        releases.publish("beta", "2.9.0.7", b"bytes for testers")
        # The artifact stands there before the manifest that says for whom it is.
        assert eventually(lambda: request(server, "/downloads/Nexy-2.9.0.7.dmg").status == 404, 10)
        for path in ["/appcast-beta.xml", "/downloads/Nexy-2.9.0.7.dmg", "/", "/health", "/api/versions"]:
            for prefix in ["", "/updates"]:
                answer = request(server, prefix + path)
                assert b"2.9.0.7" not in answer.body and b"bytes for testers" not in answer.body
        for path in ["/api/manifests", "/api/artifacts"]:
            assert b"2.9.0.7" not in request(server, path).body


SIZE = len(CONTENT)
# A range, and the status, the body and the Content-Range that it is answered with.
RANGES = {
    "bytes=0-9": (206, CONTENT[:10], f"bytes 0-9/{SIZE}"),
    "bytes=5-": (206, CONTENT[5:], f"bytes 5-{SIZE - 1}/{SIZE}"),
    "bytes=-7": (206, CONTENT[-7:], f"bytes {SIZE - 7}-{SIZE - 1}/{SIZE}"),
    "bytes=-99999999": (206, CONTENT, f"bytes 0-{SIZE - 1}/{SIZE}"),
    "bytes=0-99999999": (206, CONTENT, f"bytes 0-{SIZE - 1}/{SIZE}"),
    f"bytes={SIZE - 1}-": (206, CONTENT[-1:], f"bytes {SIZE - 1}-{SIZE - 1}/{SIZE}"),
    f"bytes={SIZE}-": (416, b"", f"bytes */{SIZE}"),
    "bytes=-0": (416, b"", f"bytes */{SIZE}"),
    "bytes=9-5": (200, CONTENT, None),
    "bytes=x-": (200, CONTENT, None),
    "lines=0-9": (200, CONTENT, None),
    "bytes=99999999999999999999999999-": (416, b"", f"bytes */{SIZE}"),
}


def assert_a_head_has_no_body(server, path: str, headers: dict[str, str]):
    """The second answer on one connection begins where the first should end."""
    connection = http.client.HTTPConnection("127.0.0.1", server.updates_port, timeout=20)
    try:
        for _ in range(2):
            connection.request("HEAD", path, headers=headers)
            response = connection.getresponse()
            assert response.read() == b"" and response.getheader("Content-Length")
        connection.request("GET", "/health")
        assert json.loads(connection.getresponse().read())["status"]
    finally:
        connection.close()
