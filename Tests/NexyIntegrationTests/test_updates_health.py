"""How the update server tells that a manifest, an artifact or a signature is wrong, and what it serves meanwhile."""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading
from datetime import datetime, timezone

import pytest

from releases import CONTENT, Key, Releases, health, place, request, served_version, settled, start
from server import eventually, run_nexy

VERSION = "2.0.0.15"
GOOD = Releases.manifest(VERSION)
PATHS = re.compile(r"/(tmp|home|root|usr|etc|var|work|Users|private)\b")


def unhealthy(server, within: float = 20) -> dict:
    """The health once it is bad."""
    assert eventually(lambda: request(server, "/health").status == 503, within), health(server)
    answer = request(server, "/updates/health")
    facts = answer.json
    assert facts["status"] == "unhealthy" and facts["reasons"] and all(facts["reasons"])
    assert all(reason in facts["error"] for reason in facts["reasons"])
    assert "public" not in answer.headers["Cache-Control"]
    assert_no_path(server, answer.body.decode())
    return facts


def healthy(server, within: float = 20) -> dict:
    assert eventually(lambda: request(server, "/health").status == 200, within), health(server)
    return health(server)


def assert_no_path(server, text: str):
    assert not PATHS.search(text) and str(server.work) not in text and server.work.parent.name not in text, text


# --- What health says


def test_health_tells_all_of_it(serve):
    server, releases = start(serve, GOOD)
    releases.publish(version=VERSION)
    settled(server)
    answer = request(server, "/updates/health")
    facts = answer.json
    assert answer.status == 200 and facts["status"] == "healthy" and facts["reasons"] == [] and "error" not in facts
    assert (facts["version"], facts["latest_version"], facts["latest_build"]) == (VERSION,) * 3
    assert facts["server_version"] == run_nexy("--version", folder=server.work).stdout.split()[-1]
    assert (facts["artifacts_available"], facts["beta_updates_enabled"]) == (1, False)
    assert {"downloads_dir", "manifests_dir"} <= set(facts)
    assert_no_path(server, answer.body.decode())
    told = datetime.fromisoformat(facts["timestamp"])
    assert facts["timestamp"].endswith("Z") and abs((datetime.now(timezone.utc) - told).total_seconds()) < 60
    assert set(facts["channels"]) == {"stable"}
    stable = facts["channels"]["stable"]
    age = (told - datetime.fromisoformat(GOOD["release_date"])).total_seconds()
    assert abs(stable.pop("feed_age") - age) <= 1
    assert stable == {
        "version": VERSION,
        "build": VERSION,
        "release_date": "2026-02-25T12:00:00Z",
        "artifact": "good",
        "signature": "unsigned",
        "feed_signed": False,
    }


def test_health_tells_each_channel(serve):
    beta = Releases.manifest("2.1", b"beta", build="2.1.0.9")
    server, _ = start(serve, GOOD, beta, {"UPDATE_BETA_ENABLED": "true"})
    facts = settled(server)
    assert (facts["channels"]["beta"]["version"], facts["channels"]["beta"]["build"]) == ("2.1", "2.1.0.9")
    assert facts["latest_version"] == facts["channels"]["stable"]["version"] == VERSION
    assert {channel["artifact"] for channel in facts["channels"].values()} == {"elsewhere"}


@pytest.mark.parametrize("path", ["/health", "/status"])
def test_the_voice_server_tells_the_stable_release_and_its_own_version(serve, path):
    server, releases = start(
        serve,
        Releases.manifest("2.0.0.15", build="2.0.0.16"),
        Releases.manifest("3.0.0.1"),
        {"UPDATE_BETA_ENABLED": "true"},
        environment={"SERVER_VERSION": "1.1.1.1", "SERVER_BUILD": "1.1.1.2"},
    )
    facts = server.request(path).json
    assert (facts["latest_version"], facts["latest_build"]) == ("2.0.0.15", "2.0.0.16")
    assert facts["server_version"] == health(server)["server_version"] not in ("1.1.1.1", "2.0.0.15")
    releases.write(Releases.manifest("2.0.0.17"))
    assert eventually(lambda: server.request(path).json["latest_version"] == "2.0.0.17", 10)
    releases.write("{")
    unhealthy(server)
    facts = server.request(path)
    assert facts.status == 200 and facts.json["latest_build"] == "2.0.0.17"


def test_the_voice_server_tells_the_version_of_its_settings_where_nothing_is_released(serve):
    server, _ = start(serve, environment={"SERVER_VERSION": "1.1.1.1"})
    assert server.request("/health").json["latest_version"] == "1.1.1.1"


def test_status_tells_where_updates_are(serve):
    server, _ = start(serve, GOOD)
    facts = server.request("/status").json
    assert (facts["update_server"], facts["endpoints"]["updates"]) == ("enabled", f"port {server.updates_port}")


def test_updates_that_are_switched_off_are_nowhere(serve):
    server, _ = start(serve, GOOD, settings={"UPDATE_ENABLED": "false"})
    facts = server.request("/status").json
    assert server.updates_port is None and (facts["update_server"], facts["endpoints"]["updates"]) == ("disabled",) * 2


# --- Manifests that are bad


def changed(**fields):
    version = {"version": "2.0.0.99", "build": "2.0.0.99"}
    return lambda path: place(path, json.dumps(Releases.manifest(**version | fields)))


def text(content: str | bytes):
    return lambda path: place(path, content)


def a_link(path):
    place(path.with_name("real.json"), json.dumps(Releases.manifest("2.0.0.99")))
    path.unlink()
    path.symlink_to("real.json")


def a_folder(path):
    path.unlink()
    path.mkdir()


def a_pipe(path):
    path.unlink()
    os.mkfifo(path)


def a_socket(path):
    path.unlink()
    here = os.getcwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path.name)
    finally:
        os.chdir(here)


def a_hole(path):
    """A terabyte that takes no room."""
    with open(path.with_name("hole.json"), "wb") as file:
        file.truncate(1 << 40)
    os.replace(path.with_name("hole.json"), path)


def unreadable(path):
    place(path, json.dumps(Releases.manifest("2.0.0.99")))
    path.chmod(0)


TEXT = json.dumps(Releases.manifest("2.0.0.99"))
# What is done to the file, and what the reason must name.
BAD = {
    "a version that is a number": (changed(version=2.1), "version"),
    "a build that is a number": (changed(build=20), "build"),
    "a build that is a fraction": (changed(build=2.10), "build"),
    "a build that is a number in exponents": (changed(build=1e3), "build"),
    "no version": (changed(version=None), "version"),
    "no build": (changed(build=None), "build"),
    "an empty build": (changed(build=""), "build"),
    "a build of five parts": (changed(build="1.2.3.4.5"), "build"),
    "a build of words": (changed(build="2.0.0-beta.3"), "build"),
    "a version with blanks": (changed(version=" 2.0 "), "version"),
    "a list for a version": (changed(version=["2", "0"]), "version"),
    "no date": (changed(release_date=None), "release_date"),
    "a date that is none": (changed(release_date="soon"), "release_date"),
    "a date that is a number": (changed(release_date=1_700_000_000), "release_date"),
    "no artifact": (changed(artifact=None), "artifact"),
    "an artifact that is a text": (changed(artifact="Nexy.dmg"), "artifact"),
    "another host": (changed(url="https://evil.example/Nexy.dmg"), "url"),
    "a host that only begins as an allowed one": (changed(url="https://github.com.evil.example/Nexy.dmg"), "url"),
    "a host that only ends as an allowed one": (changed(url="https://evilgithub.com/Nexy.dmg"), "url"),
    "a host after a user's name": (changed(url="https://github.com@evil.example/Nexy.dmg"), "url"),
    "a host after a backslash": (changed(url="https://evil.example\\@github.com/Nexy.dmg"), "url"),
    "an allowed host on another port": (changed(url="https://github.com:8443/Nexy.dmg"), "url"),
    "an address without TLS": (changed(url="http://github.com/nexy/Nexy.dmg"), "url"),
    "an address of a file": (changed(url="file:///Nexy.dmg"), "url"),
    "an address of a script": (changed(url="javascript:alert(1)//x.dmg"), "url"),
    "an address without a host": (changed(url="https:///Nexy.dmg"), "url"),
    "an address with a line in it": (changed(url="https://github.com/a\r\nSet-Cookie: x/Nexy.dmg"), "url"),
    "an address that goes up": (changed(url="https://github.com/a/../../b/Nexy.dmg"), "url"),
    "the address of a feed": (changed(url="https://github.com/nexy/appcast.xml"), "url"),
    "the address of the beta feed": (changed(url="https://github.com/nexy/appcast-beta.xml"), "url"),
    "the address of a feed, escaped": (changed(url="https://github.com/nexy/appcast%2Exml"), "url"),
    "the address of a feed with a query": (changed(url="https://github.com/nexy/appcast.xml?x=Nexy.dmg"), "url"),
    "an address that does not say what it is": (changed(url="https://github.com/nexy/Nexy"), "type"),
    "a type that nobody knows": (changed(type="exe", url="https://github.com/nexy/Nexy.exe"), "type"),
    "no size": (changed(size=None), "size"),
    "a size that is a text": (changed(size="10240"), "size"),
    "a size of nothing": (changed(size=0), "size"),
    "a size below nothing": (changed(size=-1), "size"),
    "a size of a fraction": (changed(size=10240.5), "size"),
    "a size beyond everything": (changed(size=1 << 62), "size"),
    "a checksum that is too short": (changed(sha256="abc"), "sha256"),
    "a checksum of other letters": (changed(sha256="g" * 64), "sha256"),
    "a checksum that is a number": (changed(sha256=12), "sha256"),
    "no checksum": (changed(sha256=None), "sha256"),
    "a signature that is none": (changed(ed25519="not base64"), "ed25519"),
    "a signature that is too short": (changed(ed25519="AAAA"), "ed25519"),
    "a word for a critical update": (changed(critical="yes"), "critical"),
    "a channel that Sparkle reads as none": (changed(channel="beta testers"), "channel"),
    "groups of no time": (changed(phased_rollout_interval=0), "phased_rollout_interval"),
    "hardware that nobody knows": (changed(hardware_requirements="m1"), "hardware_requirements"),
    "a system that is a number": (changed(min_os=11.0), "min_os"),
    "notes without TLS": (changed(notes_url="http://github.com/notes"), "notes_url"),
    "a manifest that is cut off": (text(TEXT[: len(TEXT) // 2]), "manifest.json"),
    "a manifest without its last byte": (text(TEXT[:-1]), "manifest.json"),
    "a manifest with something behind it": (text(TEXT + "}"), "manifest.json"),
    "a manifest twice": (text(TEXT * 2), "manifest.json"),
    "a member twice": (text(TEXT.replace("{", '{"build": "1", ', 1)), "build"),
    "nothing": (text(""), "manifest.json"),
    "blanks": (text(" \n" * 99), "manifest.json"),
    "zeros": (text(b"\0" * 4096), "manifest.json"),
    "no JSON": (text("<html>502 Bad Gateway</html>"), "manifest.json"),
    "a list": (text(f"[{TEXT}]"), "manifest.json"),
    "null": (text("null"), "manifest.json"),
    "what is no text": (text(b'{"version": "\xff\xfe"}'), "manifest.json"),
    "half a letter": (text(TEXT.replace("}", ', "notes_markdown": "\\ud800"}', 1)), "manifest.json"),
    "a number that is none": (text(TEXT.replace("10240", "NaN")), "manifest.json"),
    "a huge one": (text(TEXT + " " * (1 << 22)), "manifest.json"),
    "a deep one": (text('{"a":' * 5000 + "1" + "}" * 5000), "manifest.json"),
    "a huge number": (text(TEXT.replace("10240", "9" * 5000)), "manifest.json"),
    "a hole": (a_hole, "manifest.json"),
    "a link": (a_link, "manifest.json"),
    "a folder": (a_folder, "manifest.json"),
    "a pipe": (a_pipe, "manifest.json"),
    "a socket": (a_socket, "manifest.json"),
    "a file that is gone": (lambda path: path.unlink(), "manifest.json"),
    "a file that nobody may read": (unreadable, "manifest.json"),
}


@pytest.fixture(scope="module")
def stage(serve_for_file):
    return start(serve_for_file, GOOD)


@pytest.fixture
def desk(stage):
    """A server with a good release, and again a good one when the test is over."""
    server, releases = stage
    before = request(server, "/appcast.xml")
    assert before.status == 200
    yield server, releases, before
    path = releases.manifests / "manifest.json"
    if path.is_dir():
        path.rmdir()
    releases.write(GOOD)
    facts = healthy(server)
    assert facts["latest_version"] == VERSION
    assert request(server, "/appcast.xml").body == before.body


@pytest.mark.parametrize("name", BAD)
def test_a_bad_manifest_never_replaces_a_good_one_and_health_says_why(desk, name):
    server, releases, before = desk
    do, told = BAD[name]
    if do is unreadable and os.geteuid() == 0:
        pytest.skip("root may read everything")
    do(releases.manifests / "manifest.json")
    facts = unhealthy(server)
    assert any(told in reason for reason in facts["reasons"]), facts["reasons"]
    assert len(facts["error"]) < 5000
    assert facts["latest_version"] == facts["channels"]["stable"]["version"] == VERSION
    for path in ["/appcast.xml", "/updates/appcast.xml"]:
        answer = request(server, path)
        assert (answer.status, answer.body, answer.headers["ETag"]) == (200, before.body, before.headers["ETag"])
    assert [manifest["version"] for manifest in request(server, "/api/manifests").json] == [VERSION]
    assert "2.0.0.99" not in request(server, "/").body.decode() + server.request("/health").body.decode()
    for path in ["/", "/api/versions", "/api/manifests", "/api/artifacts"]:
        assert_no_path(server, request(server, path).body.decode())


def test_the_log_tells_a_bad_manifest_once_and_that_it_is_good_again(serve):
    server, releases = start(serve, GOOD)
    healthy(server)
    releases.write(Releases.manifest(build=7))
    server.log.find(r"scope=update .*decision=degrade.*build: 7 is a number", 20)
    releases.write(GOOD)
    server.log.find(r"scope=update .*decision=recover", 20)
    assert len(re.findall("build: 7 is a number", server.log.text)) == 1


FROM_THE_START = ["a build that is a number", "another host", "nothing", "no JSON", "a folder", "a link"]


@pytest.mark.parametrize("name", ["no manifest", *FROM_THE_START])
def test_what_is_wrong_from_the_start_serves_no_feed(serve, name):
    files = {} if name == "no manifest" else {"updates/manifests/manifest.json": "{}"}
    server, releases = start(serve, files=files, environment={"SERVER_VERSION": "1.1.1.1"})
    if name in BAD:
        BAD[name][0](releases.manifests / "manifest.json")
    for path in ["/appcast.xml", "/updates/appcast.xml"]:
        answer = request(server, path)
        assert answer.status == 500 and answer.headers["Content-Type"].startswith("text/plain")
        assert answer.body.startswith(b"Error generating AppCast XML")
        assert_no_path(server, answer.body.decode())
    facts = unhealthy(server)
    assert facts["channels"] == {} and not facts.get("latest_version")
    assert server.request("/health").status == 200
    path = releases.manifests / "manifest.json"
    if path.is_dir():
        path.rmdir()
    releases.write(GOOD)
    assert eventually(lambda: served_version(server) == VERSION, 10)
    healthy(server)


def test_a_manifest_of_one_version_never_stands_in_for_the_stable_one(serve):
    server, _ = start(serve, files={"updates/manifests/manifest_2.0.0.15.json": json.dumps(GOOD)})
    assert request(server, "/appcast.xml").status == 500
    unhealthy(server)


def test_two_files_of_one_release_that_disagree_are_told(serve):
    server, releases = start(serve, GOOD)
    healthy(server)
    releases.write(Releases.manifest(VERSION, b"other bytes"), name=f"manifest_{VERSION}.json")
    facts = unhealthy(server)
    assert any(f"manifest_{VERSION}.json" in reason for reason in facts["reasons"])
    releases.write(GOOD, name=f"manifest_{VERSION}.json")
    healthy(server)


def test_a_bad_beta_says_so_and_leaves_the_stable_feed_alone(serve):
    server, releases = start(serve, GOOD, Releases.manifest("2.1"), {"UPDATE_BETA_ENABLED": "true"})
    healthy(server)
    releases.write(Releases.manifest("2.2", size="many"), "beta")
    facts = unhealthy(server)
    assert any("manifest_beta.json" in reason for reason in facts["reasons"])
    assert (served_version(server), served_version(server, "beta")) == (VERSION, "2.1")
    (releases.manifests / "manifest_beta.json").unlink()
    assert set(healthy(server)["channels"]) == {"stable"}
    assert request(server, "/appcast-beta.xml").status == 404


def test_other_hosts_may_be_allowed(serve):
    """The settings' hosts, and the server's own with its port; nothing else, and then not GitHub either."""
    own = "https://Updates.Example.com:4443/updates"
    settings = {"UPDATE_ALLOWED_HOSTS": "cdn.example.com", "UPDATE_PUBLIC_URL": own}
    server, releases = start(serve, settings=settings)
    addresses = {
        "https://cdn.example.com/Nexy.dmg": True,
        "https://updates.example.com:4443/updates/downloads/Nexy.dmg": True,
        "https://cdn.example.com:443/Nexy.dmg": True,
        "https://github.com/nexy/Nexy.dmg": False,
        "https://updates.example.com/updates/downloads/Nexy.dmg": False,
        "https://sub.cdn.example.com/Nexy.dmg": False,
        "https://cdn.example.com./Nexy.dmg": False,
    }
    for number, (address, is_allowed) in enumerate(addresses.items(), 1):
        releases.write(Releases.manifest(f"2.0.{number}", url=address))
        if is_allowed:
            assert eventually(lambda: served_version(server) == f"2.0.{number}", 10), address
        else:
            assert eventually(lambda: any("url" in reason for reason in health(server)["reasons"]), 10), address
            assert served_version(server) == "2.0.3"


# --- Artifacts

OWN = {"UPDATE_PUBLIC_URL": "https://updates.example.com/updates"}
OURS = Releases.manifest(VERSION, url="https://updates.example.com/updates/downloads/Nexy.dmg")


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


# What stands in the place of the artifact, and what health says of it.
ARTIFACTS = {
    "none": (None, "missing"),
    "one byte less": (CONTENT[:-1], "wrong"),
    "one byte more": (CONTENT + b"\0", "wrong"),
    "nothing": (b"", "wrong"),
    "the first bit flipped": (flipped(CONTENT, 0), "wrong"),
    "a bit flipped in the middle": (flipped(CONTENT, len(CONTENT) // 2), "wrong"),
    "the last bit flipped": (flipped(CONTENT, len(CONTENT) - 1), "wrong"),
    "other bytes": (b"x" * len(CONTENT), "wrong"),
}


@pytest.fixture(scope="module")
def depot(serve_for_file):
    """A server whose release is downloaded from itself."""
    return start(serve_for_file, OURS, settings=OWN)


@pytest.mark.parametrize("name", ARTIFACTS)
def test_an_artifact_that_is_not_the_published_one_is_told(depot, name):
    server, releases = depot
    content, state = ARTIFACTS[name]
    releases.artifact("Nexy.dmg")
    assert eventually(lambda: health(server)["channels"]["stable"]["artifact"] == "good", 20)
    healthy(server)
    if content is None:
        (releases.downloads / "Nexy.dmg").unlink()
    else:
        releases.artifact("Nexy.dmg", content)
    assert eventually(lambda: health(server)["channels"]["stable"]["artifact"] == state, 20), health(server)
    facts = unhealthy(server)
    assert any("Nexy.dmg" in reason and "stable" in reason for reason in facts["reasons"]), facts
    assert request(server, "/appcast.xml").status == 200
    releases.artifact("Nexy.dmg")
    healthy(server)


def test_a_byte_that_is_flipped_in_place_is_told(depot):
    server, releases = depot
    path = releases.artifact("Nexy.dmg")
    assert eventually(lambda: health(server)["channels"]["stable"]["artifact"] == "good", 20)
    with open(path, "r+b") as file:
        file.seek(1000)
        file.write(b"!")
    unhealthy(server)
    releases.artifact("Nexy.dmg")
    healthy(server)


@pytest.mark.parametrize("kind", ["a link", "a folder", "a pipe"])
def test_an_artifact_that_is_no_file_is_missing(depot, kind):
    server, releases = depot
    path = releases.artifact("Nexy.dmg")
    healthy(server)
    BAD_FILES[kind](path)
    assert eventually(lambda: health(server)["channels"]["stable"]["artifact"] == "missing", 20)
    assert request(server, "/downloads/Nexy.dmg").status == 404
    path.rmdir() if path.is_dir() else path.unlink()
    releases.artifact("Nexy.dmg")
    healthy(server)


def a_link_to_bytes(path):
    place(path.parent.parent / "Nexy.dmg", CONTENT)
    path.unlink()
    path.symlink_to("../Nexy.dmg")


BAD_FILES = {"a link": a_link_to_bytes, "a folder": a_folder, "a pipe": a_pipe}


# --- Signatures


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """The publisher's key, and somebody else's."""
    folder = tmp_path_factory.mktemp("keys")
    return Key(folder), Key(folder)


# The signature in the manifest, whether the server has the public key, and what health says.
SIGNATURES = {
    "the publisher's": (lambda own, other: own.sign(CONTENT), True, "valid", 200),
    "that of another file": (lambda own, other: own.sign(CONTENT + b"!"), True, "invalid", 503),
    "that of another key": (lambda own, other: other.sign(CONTENT), True, "invalid", 503),
    "64 bytes of nothing": (lambda own, other: "A" * 86 + "==", True, "invalid", 503),
    "none": (lambda own, other: "", True, "unsigned", 200),
    "one that nobody can check": (lambda own, other: own.sign(CONTENT), False, "unchecked", 200),
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_health_tells_whether_the_artifact_is_the_signed_one(serve, keys, name):
    make, has_key, state, status = SIGNATURES[name]
    manifest = Releases.manifest(VERSION, ed25519=make(*keys))
    server, releases = start(serve, manifest, settings={"UPDATE_PUBLIC_KEY": keys[0].public} if has_key else {})
    releases.artifact(f"Nexy-{VERSION}.dmg")

    def signature():
        return settled(server)["channels"]["stable"]["signature"] == state

    assert eventually(signature, 30), health(server)
    assert request(server, "/health").status == status
    assert request(server, "/appcast.xml").status == 200


def feed_of(server, releases, manifest) -> bytes:
    """The feed that the server makes of a manifest."""
    path = releases.manifests / "appcast.xml"
    path.unlink(missing_ok=True)
    releases.write(manifest)
    version = manifest["version"]
    assert eventually(lambda: served_version(server) == version and not is_signed(server), 10)
    return request(server, "/appcast.xml").body


def is_signed(server) -> bool:
    return health(server)["channels"]["stable"]["feed_signed"]


@pytest.mark.parametrize("has_key", [True, False])
def test_a_feed_that_the_publisher_signed_is_served_byte_for_byte(serve, keys, has_key):
    own = keys[0]
    manifest = Releases.manifest(VERSION, ed25519=own.sign(CONTENT))
    server, releases = start(serve, manifest, settings={"UPDATE_PUBLIC_KEY": own.public} if has_key else {})
    made = feed_of(server, releases, manifest)
    mine = made.replace(b"<title>Nexy Updates</title>", b"<title>Nexy  Updates</title><!-- by hand -->\r\n")
    signed = own.sign_feed(mine)
    assert signed.startswith(mine) and b"sparkle-signatures" in signed
    releases.write(signed, name="appcast.xml")
    assert eventually(lambda: is_signed(server), 10)
    for path in ["/appcast.xml", "/updates/appcast.xml"]:
        answer = request(server, path)
        assert (answer.status, answer.body) == (200, signed)
        assert answer.headers["Cache-Control"] == "public, max-age=60" and answer.headers["ETag"]
        assert request(server, path, headers={"If-None-Match": answer.headers["ETag"]}).status == 304
    assert health(server)["status"] == "healthy"
    (releases.manifests / "appcast.xml").unlink()
    assert eventually(lambda: request(server, "/appcast.xml").body == made, 10)


# What is wrong with the publisher's feed, made of the right feed, the right key and another one.
WRONG_FEEDS = {
    "it is not signed": lambda feed, own, other: feed,
    "another key signed it": lambda feed, own, other: other.sign_feed(feed),
    "a byte was changed after it was signed": lambda feed, own, other: own.sign_feed(feed).replace(b"xy U", b"xy V"),
    "something was put behind it": lambda feed, own, other: own.sign_feed(feed) + b"<!-- more -->",
    "it offers another build": lambda feed, own, other: own.sign_feed(feed.replace(b"2.0.0.15", b"2.0.0.14")),
    "it offers another size": lambda feed, own, other: own.sign_feed(feed.replace(b'"10240"', b'"10241"')),
    "it offers another address": lambda feed, own, other: own.sign_feed(feed.replace(b"github.com", b"evil.example")),
    "it offers no Ed25519 signature": lambda feed, own, other: own.sign_feed(feed.replace(b":edSig", b":dsaSig")),
    "it names an external entity": lambda feed, own, other: own.sign_feed(
        feed.replace(b"<rss", b'<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss').replace(
            b"Nexy Updates", b"&x;"
        )
    ),
    "it is no XML": lambda feed, own, other: own.sign_feed(b"<rss>"),
    "it is empty": lambda feed, own, other: b"",
    "it is huge": lambda feed, own, other: own.sign_feed(feed[:-20] + b"<!--" + b" " * 900_000 + b"-->" + feed[-20:])
    + b" " * 500_000,
}


@pytest.fixture(scope="module")
def signing(serve_for_file, keys):
    manifest = Releases.manifest(VERSION, ed25519=keys[0].sign(CONTENT))
    server, releases = start(serve_for_file, manifest, settings={"UPDATE_PUBLIC_KEY": keys[0].public})
    return server, releases, feed_of(server, releases, manifest)


@pytest.mark.parametrize("name", WRONG_FEEDS)
def test_a_feed_of_the_publisher_that_is_wrong_is_not_served_and_health_says_why(signing, keys, name):
    server, releases, made = signing
    assert eventually(lambda: health(server)["status"] == "healthy", 20)
    releases.write(WRONG_FEEDS[name](made, *keys), name="appcast.xml")
    facts = unhealthy(server)
    assert any("appcast.xml" in reason for reason in facts["reasons"]) and not is_signed(server)
    assert request(server, "/appcast.xml").body == made
    (releases.manifests / "appcast.xml").unlink()
    assert eventually(lambda: health(server)["status"] == "healthy", 20)


def test_a_signed_feed_and_a_newer_manifest_never_mix(serve, keys):
    own = keys[0]
    first, second = (Releases.manifest(version, ed25519=own.sign(CONTENT)) for version in ["2.0.0.1", "2.0.0.2"])
    server, releases = start(serve, first, settings={"UPDATE_PUBLIC_KEY": own.public})
    signed = [own.sign_feed(feed_of(server, releases, manifest)) for manifest in (second, first)][::-1]
    releases.write(signed[0], name="appcast.xml")
    assert eventually(lambda: is_signed(server), 10)
    releases.write(second)
    assert eventually(lambda: served_version(server) == "2.0.0.2", 10) and not is_signed(server)
    releases.write(signed[1], name="appcast.xml")
    assert eventually(lambda: is_signed(server), 10) and request(server, "/appcast.xml").body == signed[1]
    healthy(server)


# --- Torn writes

WRITERS = {
    "by rename": (
        10_000,
        """
def write(path, text):
    with open(path + ".new", "w") as file:
        file.write(text)
    os.replace(path + ".new", path)
""",
    ),
    "in place": (
        1000,
        """
def write(path, text):
    with open(path, "w") as file:
        file.write(text[: len(text) // 2])
        file.flush()
        time.sleep(0.001)
        file.write(text[len(text) // 2 :])
""",
    ),
}
WRITER = """
import os, sys, time
{how}
texts = [open(name).read() for name in sys.argv[2:]]
for turn in range({count}):
    write(sys.argv[1], texts[(turn + 1) % len(texts)])
"""


class Reader(threading.Thread):
    """Polls a feed on one connection and keeps what it was answered with."""

    def __init__(self, server, stop: threading.Event):
        super().__init__(daemon=True)
        self.server, self.stop = server, stop
        self.answers: dict[tuple[int, bytes], int] = {}
        self.failure = None

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.updates_port, timeout=30)
        try:
            while not self.stop.is_set():
                connection.request("GET", "/updates/appcast.xml")
                response = connection.getresponse()
                answer = (response.status, response.read())
                self.answers[answer] = self.answers.get(answer, 0) + 1
        except (OSError, http.client.HTTPException) as error:
            self.failure = repr(error)
        finally:
            connection.close()


@pytest.mark.parametrize("how", WRITERS)
def test_every_answer_is_a_whole_feed_while_a_writer_rewrites_the_manifest(serve, tmp_path, how):
    """Two manifests of one size, so that nothing but the bytes tells them apart, and a longer one."""
    manifests = [Releases.manifest(f"2.0.0.{number}") for number in (1, 2)]
    manifests.append(Releases.manifest("2.0.0.3", notes_markdown="long " * 3000))
    server, releases = start(serve, manifests[0])
    feeds = {feed_of(server, releases, manifest): manifest["version"] for manifest in manifests[::-1]}
    count, write = WRITERS[how]
    names = []
    for manifest in manifests:
        names.append(str(tmp_path / f"{manifest['version']}.json"))
        place(tmp_path / f"{manifest['version']}.json", json.dumps(manifest))
    stop = threading.Event()
    readers = [Reader(server, stop) for _ in range(50)]
    for reader in readers:
        reader.start()
    program = WRITER.format(how=write, count=count)
    arguments = [sys.executable, "-c", program, str(releases.manifests / "manifest.json"), *names]
    writer = subprocess.run(arguments, timeout=120, capture_output=True)
    stop.set()
    for reader in readers:
        reader.join(timeout=40)
    assert writer.returncode == 0, writer.stderr
    assert [reader.failure for reader in readers if reader.failure] == []
    torn = {answer for reader in readers for answer in reader.answers if answer[0] != 200 or answer[1] not in feeds}
    assert torn == set()
    assert all(reader.answers for reader in readers)
    seen = {feeds[answer[1]] for reader in readers for answer in reader.answers}
    # What is written in place is whole for a moment only, which nobody may happen to look at.
    assert seen == set(feeds.values()) or how == "in place"
    last = manifests[count % len(manifests)]["version"]
    assert eventually(lambda: served_version(server) == last, 10), served_version(server)
    healthy(server)
