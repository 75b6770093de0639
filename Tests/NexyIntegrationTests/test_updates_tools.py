"""`nexy updates`: keys, signatures, checks and manifests, by their exit statuses and what they print and write."""

import base64
import hashlib
import json
import os
import re
import signal
import stat
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import server as servers
from releases import CONTENT, Key, Releases, place
from server import clean_environment, eventually, run_nexy

URL = "https://github.com/nexy/releases/download/{}/Nexy.dmg"
FEED = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:sparkle="http://www.andymatuschak.org/xml-namespaces/sparkle"><channel><title>Nexy</title>
<item><title>Version 2.0.0.15</title><pubDate>Wed, 25 Feb 2026 12:00:00 +0000</pubDate>
<sparkle:version>2.0.0.15</sparkle:version><sparkle:shortVersionString>2.0.0.15</sparkle:shortVersionString>
<sparkle:minimumSystemVersion>11.0.0</sparkle:minimumSystemVersion>
<enclosure url="https://github.com/nexy/Nexy.dmg" length="10240" type="application/octet-stream"
sparkle:version="2.0.0.15" sparkle:shortVersionString="2.0.0.15" sparkle:minimumSystemVersion="11.0.0"
sparkle:edSignature="{signature}"/></item></channel></rss>
""".format(signature="A" * 86 + "==")


@pytest.fixture
def nexy(tmp_path):
    """Runs `nexy updates` in an empty folder."""
    return lambda *arguments, **options: run_nexy("updates", *map(str, arguments), folder=tmp_path, **options)


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    return Key(folder), Key(folder)


@pytest.fixture
def artifact(tmp_path):
    return place(tmp_path / "Nexy.dmg", CONTENT)


def said(done) -> str:
    return done.stdout + done.stderr


# --- Keys


def test_keygen_makes_a_key_that_only_its_owner_reads(nexy, tmp_path):
    done = nexy("keygen", "new.key")
    path = tmp_path / "new.key"
    assert done.returncode == 0 and stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(base64.b64decode(done.stdout.strip(), validate=True)) == 32
    assert len(base64.b64decode(path.read_text().strip(), validate=True)) == 32
    assert path.read_text().strip() not in said(done)


def test_keygen_never_overwrites(nexy, tmp_path):
    nexy("keygen", "new.key")
    before = (tmp_path / "new.key").read_bytes()
    for name in ["new.key", "link.key"]:
        if name == "link.key":
            (tmp_path / name).symlink_to("elsewhere.key")
        done = nexy("keygen", name)
        assert done.returncode == 1 and done.stdout == ""
    assert (tmp_path / "new.key").read_bytes() == before and not (tmp_path / "elsewhere.key").exists()


def test_keygen_keeps_the_mode_whatever_the_mask(nexy, tmp_path):
    old = os.umask(0)
    try:
        nexy("keygen", "open.key")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "open.key").stat().st_mode) == 0o600


MODES = [0o644, 0o640, 0o604, 0o660, 0o666, 0o700, 0o610, 0o4600]


@pytest.mark.parametrize("mode", MODES, ids=[f"{mode:o}" for mode in MODES])
def test_a_key_that_others_could_read_is_refused(nexy, keys, artifact, tmp_path, mode):
    path = place(tmp_path / "open.key", keys[0].private)
    path.chmod(mode)
    done = nexy("sign", artifact, "--key", path)
    assert (done.returncode, done.stdout) == (1, "") and "chmod 600" in done.stderr
    assert keys[0].private not in said(done)


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_key_that_only_its_owner_reads_signs(nexy, keys, artifact, tmp_path, mode):
    path = place(tmp_path / "closed.key", keys[0].private)
    path.chmod(mode)
    assert nexy("sign", artifact, "--key", path).returncode == 0


def test_a_key_on_standard_input_signs_alike(nexy, keys, artifact):
    from_file = nexy("sign", artifact, "--key", keys[0].path)
    for text in [keys[0].private, keys[0].private + "\n", f"  {keys[0].private}\r\n"]:
        done = nexy("sign", artifact, "--key", "-", stdin=text)
        assert done.returncode == 0 and keys[0].private not in said(done)
        arguments = ["--artifact", artifact, "--signature", done.stdout.strip(), "--public-key", keys[0].public]
        assert nexy("verify", *arguments).returncode == 0
    assert len(base64.b64decode(from_file.stdout.strip(), validate=True)) == 64


# What stands where a key should, made of the right one.
NO_KEYS = {
    "nothing": lambda private: b"",
    "words": lambda private: b"this is no key at all",
    "half of it": lambda private: private[:20],
    "a byte more": lambda private: base64.b64encode(base64.b64decode(private) + b"x"),
    "the older form": lambda private: base64.b64encode(base64.b64decode(private) * 3),
    "no text": lambda private: b"\xff\xfe\x00" * 9,
    "too much": lambda private: private * 1000,
    "two keys": lambda private: private + b"\n" + private,
}


@pytest.mark.parametrize("how", ["file", "standard input"])
@pytest.mark.parametrize("name", NO_KEYS)
def test_what_is_no_key_is_refused_and_never_printed(nexy, keys, artifact, tmp_path, name, how):
    content = NO_KEYS[name](keys[0].private.encode())
    path = place(tmp_path / "wrong.key", content)
    path.chmod(0o600)
    arguments = ["-"] if how == "standard input" else [path]
    done = nexy("sign", artifact, "--key", *arguments, stdin=content if how == "standard input" else b"")
    assert (done.returncode, done.stdout) == (1, "") and done.stderr.strip()
    text = content.decode(errors="replace").strip()
    assert not text or text[:20] not in said(done)


@pytest.mark.parametrize("kind", ["a link", "a folder", "a pipe", "nothing"])
def test_a_key_that_is_no_file_is_refused(nexy, keys, artifact, tmp_path, kind):
    path = tmp_path / "the.key"
    {
        "a link": lambda: path.symlink_to(keys[0].path),
        "a folder": path.mkdir,
        "a pipe": lambda: os.mkfifo(path, 0o600),
        "nothing": lambda: None,
    }[kind]()
    done = nexy("sign", artifact, "--key", path)
    assert (done.returncode, done.stdout) == (1, "")


def test_no_command_prints_a_private_key(nexy, keys, artifact, tmp_path):
    """Not in errors, not in help, not where it is given in the place of another thing."""
    private, key = keys[0].private, keys[0].path
    place(tmp_path / "feed.xml", FEED)
    place(tmp_path / "manifest.json", json.dumps(Releases.manifest()))
    runs = [
        ["sign", artifact, "--key", key],
        ["sign", "--feed", "feed.xml", "--key", key, "--out", "-"],
        ["sign", key, "--key", key],
        ["sign", "missing.dmg", "--key", key],
        ["lint", key],
        ["verify", "--artifact", artifact, "--manifest", key],
        ["verify", "--artifact", key, "--manifest", "manifest.json"],
        ["verify", "--feed", key],
        ["simulate", "--feed", key, "--build", "1", "--os", "14.0"],
        ["keygen", key],
    ]
    for run in runs:
        done = nexy(*run)
        assert private not in said(done), run
        assert base64.b64decode(private) not in said(done).encode(errors="replace"), run


# --- Signing and verifying


def test_a_signature_is_of_one_file_and_one_key(nexy, keys, artifact, tmp_path):
    own, other = keys
    signature = own.sign(CONTENT)
    changed = place(tmp_path / "Changed.dmg", CONTENT[:-1] + b"\0")
    table = {
        (artifact, signature, own.public): 0,
        (artifact, signature, other.public): 1,
        (changed, signature, own.public): 1,
        (artifact, other.sign(CONTENT), own.public): 1,
        (artifact, "AAAA", own.public): 1,
    }
    for (path, text, public), status in table.items():
        done = nexy("verify", "--artifact", path, "--signature", text, "--public-key", public)
        assert done.returncode == status, (path, text, public, said(done))


def test_a_signed_feed_keeps_its_bytes_and_is_signed_again_alike(nexy, keys, tmp_path):
    content = FEED.replace("\n", "\r\n").encode() + "<!-- 你好 -->".encode()
    place(tmp_path / "feed.xml", content)
    assert nexy("sign", "--feed", "feed.xml", "--key", keys[0].path).returncode == 0
    signed = (tmp_path / "feed.xml").read_bytes()
    trailer = re.fullmatch(
        rb"<!-- sparkle-signatures:\nedSignature: (\S{88})\nlength: (\d+)\n-->\n", signed[len(content) :]
    )
    assert signed.startswith(content) and trailer and int(trailer[2]) == len(content)
    check = ["verify", "--feed", "feed.xml", "--public-key"]
    assert (nexy(*check, keys[0].public).returncode, nexy(*check, keys[1].public).returncode) == (0, 1)
    nexy("sign", "--feed", "feed.xml", "--key", keys[1].path)
    again = (tmp_path / "feed.xml").read_bytes()
    assert again.startswith(content) and again.count(b"sparkle-signatures") == 1
    assert nexy(*check, keys[1].public).returncode == 0
    place(tmp_path / "feed.xml", again.replace(b"Nexy.dmg", b"Evil.dmg"))
    assert nexy(*check, keys[1].public).returncode == 1


def test_verify_checks_artifact_manifest_and_feed_together(nexy, keys, tmp_path):
    own, other = keys
    place(tmp_path / "Nexy.dmg", CONTENT)
    place(tmp_path / "other" / "Nexy.dmg", CONTENT + b"!")
    good = Releases.manifest(url="https://github.com/nexy/Nexy.dmg", ed25519=own.sign(CONTENT))
    feed = FEED.replace("A" * 86 + "==", good["artifact"]["ed25519"])
    manifests = {
        "good": good,
        "of another file": Releases.manifest(content=b"?", url="https://github.com/nexy/Nexy.dmg"),
        "of another version": good | {"version": "2.0.0.16"},
        "of another build": good | {"build": "2.0.0.16"},
        "signed by another": Releases.manifest(url="https://github.com/nexy/Nexy.dmg", ed25519=other.sign(CONTENT)),
        "not signed": Releases.manifest(url="https://github.com/nexy/Nexy.dmg"),
    }
    feeds = {
        "good": feed,
        "of another size": feed.replace("10240", "10241"),
        "of another address": feed.replace("nexy/Nexy.dmg", "nexy/Other.dmg"),
        "of another signature": FEED,
        "cut off": feed[:-30],
    }
    for name, manifest in manifests.items():
        place(tmp_path / f"{name}.json", json.dumps(manifest))
    for name, text in feeds.items():
        place(tmp_path / f"{name}.xml", text)
    table = [("Nexy.dmg", "good", "good", 0), ("other/Nexy.dmg", "good", "good", 1), ("none.dmg", "good", "good", 1)]
    table += [("Nexy.dmg", name, "good", 1) for name in manifests if name != "good"]
    table += [("Nexy.dmg", "good", name, 1) for name in feeds if name != "good"]
    for artifact, manifest, text, status in table:
        arguments = ["--artifact", artifact, "--manifest", f"{manifest}.json", "--feed", f"{text}.xml"]
        done = nexy("verify", *arguments, "--public-key", own.public)
        assert done.returncode == status, (artifact, manifest, text, said(done))
        assert (done.stdout == "All agree.\n") == (status == 0)


# --- Lint and simulate


# Feeds or manifests, what is found in them, and the exit status.
LINTS = {
    "a good feed": (FEED, set(), 0),
    "a good manifest": (json.dumps(Releases.manifest(ed25519="A" * 86 + "==")), set(), 0),
    "a manifest without a signature": (json.dumps(Releases.manifest()), {"ed25519-missing"}, 0),
    "a build that is a number": (json.dumps(Releases.manifest(build=20)), {"build-string"}, 1),
    "an address without TLS": (FEED.replace("https://", "http://"), {"enclosure-insecure"}, 1),
    "a feed without a length": (FEED.replace('length="10240"', ""), {"enclosure-length-missing"}, 1),
    "a feed without a signature": (re.sub(r'sparkle:edSignature="[^"]*"', "", FEED), {"signature-missing"}, 1),
    "another name space": (FEED.replace("andymatuschak.org", "andymatuschak.com"), {"namespace"}, 1),
    "an entity": (FEED.replace("<rss", '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///x">]><rss'), {"feed-unreadable"}, 1),
    "half a feed": (FEED[:400], {"feed-unreadable"}, 1),
    "nothing": ("", {"feed-unreadable"}, 1),
    "half a manifest": ('{"version": ', {"manifest-json"}, 1),
}


@pytest.mark.parametrize("how", ["file", "standard input"])
@pytest.mark.parametrize("name", LINTS)
def test_lint_tells_rules_and_remedies(nexy, tmp_path, name, how):
    text, rules, status = LINTS[name]
    place(tmp_path / "it", text)
    where, given = ("-", text) if how == "standard input" else ("it", "")
    done = nexy("lint", where, "--json", stdin=given)
    findings = json.loads(done.stdout)
    assert (done.returncode, rules - {finding["rule"] for finding in findings}) == (status, set()), said(done)
    assert all(set(finding) == {"effect", "rule", "place", "message", "remedy"} for finding in findings)
    if not rules:
        assert findings == []
    plain = nexy("lint", where, stdin=given)
    assert plain.returncode == status and all(rule in plain.stdout for rule in rules)


# Options, whether Sparkle offers the update, and what the released client does.
CLIENTS = {
    "an older build": (["--build", "2.0.0.14"], True, "updates"),
    "a build of fewer parts": (["--build", "2.0"], True, "updates"),
    "the same build": (["--build", "2.0.0.15"], False, "stays"),
    "a newer build": (["--build", "2.0.0.100"], False, "stays"),
    "an older system": (["--build", "2.0.0.14", "--os", "10.15.7"], False, "updates"),
    "an older machine": (["--build", "2.0.0.14", "--arch", "x86_64"], True, "updates"),
}


@pytest.mark.parametrize("name", CLIENTS)
def test_simulate_tells_what_a_client_is_offered(nexy, name):
    options, is_offered, outcome = CLIENTS[name]
    system = [] if "--os" in options else ["--os", "14.5"]
    done = nexy("simulate", "--feed", "-", *options, *system, "--json", stdin=FEED)
    told = json.loads(done.stdout)
    assert done.returncode == 0 and (told.get("offer") is not None) == is_offered
    assert told["released_client"]["outcome"] == outcome
    assert is_offered or told["refusals"][0]["reason"]


def test_simulate_waits_for_the_group_of_a_phased_rollout(nexy):
    feed = FEED.replace("<enclosure", "<sparkle:phasedRolloutInterval>86400</sparkle:phasedRolloutInterval><enclosure")

    def offer(*options):
        done = nexy("simulate", "--feed", "-", "--build", "1", "--os", "14.5", "--json", *options, stdin=feed)
        return json.loads(done.stdout).get("offer") is not None

    assert offer("--group", "0", "--at", "2026-02-25T12:00:00Z")
    assert not offer("--group", "3", "--at", "2026-02-28T11:59:59Z")
    assert offer("--group", "3", "--at", "2026-02-28T12:00:00Z")
    assert offer("--group", "3", "--at", "2026-02-25T12:00:00Z", "--manual")


def test_simulate_reads_channels_and_hardware(nexy):
    feed = FEED.replace(
        "<enclosure",
        "<sparkle:channel>early</sparkle:channel>"
        "<sparkle:hardwareRequirements>arm64</sparkle:hardwareRequirements><enclosure",
    )

    def offer(*options):
        done = nexy("simulate", "--feed", "-", "--build", "1", "--os", "14.5", "--json", *options, stdin=feed)
        return json.loads(done.stdout).get("offer") is not None

    assert not offer() and offer("--channel", "early") and not offer("--channel", "early", "--arch", "x86_64")


# Wrong usage is 2, what cannot be done 1.
STATUSES = {
    "no command": ([], 0),
    "an unknown command": (["publish"], 2),
    "keygen without a file": (["keygen"], 2),
    "keygen in no folder": (["keygen", "none/new.key"], 1),
    "sign without a key": (["sign", "Nexy.dmg"], 2),
    "sign nothing": (["sign", "--key", "k"], 2),
    "sign a file and a feed": (["sign", "Nexy.dmg", "--feed", "f", "--key", "k"], 2),
    "verify nothing": (["verify"], 2),
    "verify a signature of nothing": (["verify", "--feed", "f", "--signature", "s"], 2),
    "verify a file alone": (["verify", "--artifact", "Nexy.dmg"], 2),
    "verify with no key": (["verify", "--artifact", "Nexy.dmg", "--signature", "s", "--public-key", "k"], 1),
    "lint without a file": (["lint"], 2),
    "lint no file": (["lint", "none"], 1),
    "lint a folder": (["lint", "."], 1),
    "lint a file without end": (["lint", "/dev/zero"], 1),
    "simulate no feed": (["simulate", "--feed", "none", "--build", "1", "--os", "14"], 1),
    "simulate a group that is none": (["simulate", "--feed", "-", "--build", "1", "--os", "14", "--group", "7"], 2),
    "simulate a system that is none": (["simulate", "--feed", "-", "--build", "1", "--os", "Sonoma"], 2),
    "simulate a time that is none": (["simulate", "--feed", "-", "--build", "1", "--os", "14", "--at", "now"], 2),
    "set without a channel": (["manifest", "set"], 2),
    "set an unknown channel": (["manifest", "set", "--channel", "alpha"], 2),
    "set nothing": (["manifest", "set", "--channel", "stable", "--folder", "."], 1),
    "set a size that is none": (["manifest", "set", "--channel", "stable", "--size", "many"], 2),
    "set in no folder": (["manifest", "set", "--channel", "beta", "--version", "1", "--folder", "none"], 1),
}


@pytest.mark.parametrize("name", STATUSES)
def test_exit_statuses_tell_wrong_usage_from_failure(nexy, artifact, name):
    arguments, status = STATUSES[name]
    done = nexy(*arguments)
    assert done.returncode == status, said(done)
    assert status == 0 or (done.stderr.strip() and "Fatal" not in done.stderr)


# --- manifest set


class Desk:
    """A folder of manifests, and the command that writes them."""

    def __init__(self, folder):
        self.folder = folder
        self.manifests = folder / "updates" / "manifests"
        self.manifests.mkdir(parents=True)

    def change(self, *options, channel="stable", **more):
        return run_nexy("updates", "manifest", "set", "--channel", channel, *options, folder=self.folder, **more)

    def release(self, version: str, *options, content: bytes = CONTENT, channel="stable"):
        return self.change(*release(version, content), *options, channel=channel)

    def read(self, name: str = "manifest.json") -> dict:
        return json.loads((self.manifests / name).read_text())

    def names(self) -> set[str]:
        return {path.name for path in self.manifests.iterdir()}

    def history(self) -> list[dict]:
        return [json.loads(line) for line in (self.manifests / "manifest_history.jsonl").read_text().splitlines()]


def release(version: str, content: bytes = CONTENT) -> list[str]:
    digest = hashlib.sha256(content).hexdigest()
    return ["--version", version, "--url", URL.format(version), "--size", str(len(content)), "--sha256", digest]


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_set_writes_the_pair_of_the_stable_channel(desk):
    more = ["--notes-url", "https://github.com/nexy/notes", "--min-os", "11.0", "--critical", "true"]
    done = desk.release("2.0.0.15", *more)
    assert done.returncode == 0 and "manifest updated" in done.stdout, said(done)
    manifest = desk.read()
    assert manifest == desk.read("manifest_2.0.0.15.json")
    assert (manifest["version"], manifest["build"], manifest["critical"]) == ("2.0.0.15", "2.0.0.15", True)
    assert manifest["artifact"] == {
        "ed25519": "",
        "min_os": "11.0",
        "sha256": hashlib.sha256(CONTENT).hexdigest(),
        "size": len(CONTENT),
        "type": "dmg",
        "url": URL.format("2.0.0.15"),
    }
    assert desk.names() >= {"manifest.json", "manifest_2.0.0.15.json"}
    assert not [name for name in desk.names() if "tmp" in name]
    assert [(event["event"], event["build"], event["previous_build"]) for event in desk.history()] == [
        ("written", "2.0.0.15", None)
    ]


def test_set_writes_the_beta_channel_alone(desk):
    assert desk.release("2.0.0.15").returncode == 0
    before = desk.read()
    assert desk.release("2.1", "--build", "2.1.0.1", channel="beta").returncode == 0
    beta = desk.read("manifest_beta.json")
    assert (beta["version"], beta["build"]) == ("2.1", "2.1.0.1")
    assert desk.read() == before and "manifest_2.1.json" not in desk.names()


def test_set_changes_what_is_given_and_keeps_the_rest(desk):
    odd = {"colour": {"deep": [1, 2.5, None, "x"]}, "auto_install": True, "notes_markdown": "# New"}
    manifest = Releases.manifest(url=URL.format("x"), **odd)
    manifest["artifact"]["mirror"] = ["https://example.com"]
    place(desk.manifests / "manifest.json", json.dumps(manifest))
    assert desk.change("--notes-url", "https://github.com/nexy/more").returncode == 0
    assert desk.read() == manifest | {"notes_url": "https://github.com/nexy/more"}


def test_set_makes_the_same_bytes_again(desk):
    desk.release("2.0.0.15")
    before = (desk.manifests / "manifest.json").read_bytes()
    assert desk.release("2.0.0.15").returncode == 0
    assert (desk.manifests / "manifest.json").read_bytes() == before


CHANGES = {
    "the checksum": (["--sha256", "a" * 64, "--version", "2.0.0.16"], False),
    "the size": (["--size", "5", "--version", "2.0.0.16"], False),
    "the address": (["--url", URL.format("moved")], False),
    "everything, with a new signature": ([*release("2.0.0.16", b"new"), "--signature", "B" * 85 + "Q=="], True),
    "the notes": (["--notes-url", "https://github.com/nexy/more"], True),
    "the system": (["--min-os", "12.0"], True),
    "the signature itself": (["--signature", ""], False),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_signature_goes_when_the_artifact_changes(desk, keys, name):
    options, stays = CHANGES[name]
    assert desk.release("2.0.0.15", "--signature", keys[0].sign(CONTENT)).returncode == 0
    assert desk.read()["artifact"]["ed25519"]
    done = desk.change(*options)
    assert done.returncode == 0, said(done)
    assert bool(desk.read()["artifact"]["ed25519"]) == stays
    assert not stays or "--signature" not in options or desk.read()["artifact"]["ed25519"] == options[-1]


# A release after 2.0.0.15, and the rule that refuses it; None is taken.
STEPS = {
    "the next": (release("2.0.0.16"), None),
    "a year later": (release("2.0.365"), None),
    "the next generation": (release("3.0"), None),
    "two generations later": (release("4.0"), "step-jump"),
    "an absurd one": (release("999999999"), "step-jump"),
    "an absurd last part": (release("2.0.0.999999999"), "step-jump"),
    "an absurd build": ([*release("2.0.0.16"), "--build", "999999999"], "step-jump"),
    "a lower one": (release("2.0.0.14"), "step-rollback"),
    "a lower one in the eyes of numbers": (release("2.0.0.9"), "step-rollback"),
    "a lower build of a higher version": ([*release("2.0.0.16"), "--build", "2.0.0.3"], "step-rollback"),
    "a lower version of a higher build": ([*release("2.0.0.14"), "--build", "2.0.0.16"], "step-version"),
    "other bytes of the same build": (release("2.0.0.15", b"other"), "step-same-build"),
}


@pytest.mark.parametrize("name", STEPS)
def test_a_step_back_and_a_jump_need_a_reason_that_is_recorded(desk, name):
    options, rule = STEPS[name]
    assert desk.release("2.0.0.15").returncode == 0
    before = {path.name: path.read_bytes() for path in desk.manifests.glob("*.json*")}
    done = desk.change(*options)
    if not rule:
        assert done.returncode == 0, said(done)
        return
    assert done.returncode == 1 and rule in done.stderr
    assert {path.name: path.read_bytes() for path in desk.manifests.glob("*.json*")} == before
    for reason in ["", "   "]:
        assert desk.change(*options, "--override", reason).returncode == 1
    done = desk.change(*options, "--override", "the new one does not start")
    assert done.returncode == 0 and rule in done.stderr
    assert desk.read()["version"] == options[1]
    record = [event for event in desk.history() if event["event"] == "override"]
    assert [(event["reason"], rule in event["rules"], event["previous_build"]) for event in record] == [
        ("the new one does not start", True, "2.0.0.15")
    ]
    assert record[0]["time"].endswith("Z") and record[0]["build"] == desk.read()["build"]


def test_a_first_release_is_no_jump_unless_it_is_absurd(desk):
    assert desk.release("999999999").returncode == 1 and "manifest.json" not in desk.names()
    assert desk.release("2.0.0.15").returncode == 0


REFUSED = {
    "another host": ["--url", "https://evil.example/Nexy.dmg"],
    "no TLS": ["--url", "http://github.com/Nexy.dmg"],
    "a feed": ["--url", "https://github.com/nexy/appcast.xml"],
    "a checksum that is none": ["--sha256", "abc"],
    "a size of nothing": ["--size", "0"],
    "a version of words": ["--version", "2.0-beta"],
    "a signature that is none": ["--signature", "AAAA"],
    "notes without TLS": ["--notes-url", "http://github.com/notes"],
}


@pytest.mark.parametrize("name", REFUSED)
def test_set_refuses_what_the_server_would_not_serve(desk, name):
    desk.release("2.0.0.15")
    before = (desk.manifests / "manifest.json").read_bytes()
    done = desk.change(*REFUSED[name])
    assert done.returncode == 1 and "not written" in done.stderr
    assert (desk.manifests / "manifest.json").read_bytes() == before
    forced = desk.change(*REFUSED[name], "--override", "I know better")
    assert forced.returncode == 1 and (desk.manifests / "manifest.json").read_bytes() == before


def test_set_does_not_write_over_what_it_cannot_read(desk):
    place(desk.manifests / "manifest.json", '{"version": ')
    done = desk.release("2.0.0.15")
    assert done.returncode == 1 and desk.names() == {"manifest.json", "manifests.lock"}
    assert desk.release("2.0.0.15", "--override", "the disk was full").returncode == 0
    assert desk.read()["version"] == "2.0.0.15"


def test_two_writers_at_once_write_one_after_the_other(desk):
    """Ten of them: every file is whole, the pair agrees, and the history has every one that was written."""
    desk.release("2.0.0.1")
    versions = [f"2.0.0.{number}" for number in range(2, 12)]
    with ThreadPoolExecutor(5) as pool:
        done = list(pool.map(desk.release, versions))
    written = {version for version, one in zip(versions, done) if one.returncode == 0}
    # One that came after a higher one is a rollback; nobody waits for ever.
    assert {one.returncode for one in done} <= {0, 1, 3} and "2.0.0.11" in written
    assert all("step-rollback" in one.stderr for one in done if one.returncode == 1)
    builds = [event["build"] for event in desk.history()]
    assert builds == sorted(builds, key=lambda build: [int(part) for part in build.split(".")])
    assert set(builds) == written | {"2.0.0.1"}
    assert desk.read() == desk.read("manifest_2.0.0.11.json") and desk.read()["version"] == "2.0.0.11"


def lease(process: int, host: str, seconds: float) -> str:
    """A lease's record, as another holder would have written it."""

    def moment(offset: float) -> str:
        now = time.time() + offset
        return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + ".000Z"

    record = {"owner": "somebody", "process": process, "host": host, "since": moment(-1), "expires": moment(seconds)}
    return json.dumps(record | {"token": "1"}).ljust(1024)


def own_host(desk) -> str:
    """The name of this machine as leases have it: that of a lease that was held a moment ago."""
    return os.uname().nodename


LEASES = {
    "somebody who works here": (lambda host: lease(os.getpid(), host, 60), 3),
    "somebody on another machine": (lambda host: lease(1, "elsewhere.example", 60), 3),
    "somebody who is late": (lambda host: lease(os.getpid(), host, -5), 0),
    "somebody on another machine who is late": (lambda host: lease(1, "elsewhere.example", -5), 0),
    "somebody who ended": (lambda host: lease(ended(), host, 60), 0),
    "nobody that it names": (lambda host: "half a rec", 3),
}


def ended() -> int:
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


@pytest.mark.parametrize("name", LEASES)
def test_a_lease_that_is_held_is_exit_status_3(desk, name):
    make, status = LEASES[name]
    (desk.manifests / "manifests.lock").write_text(make(own_host(desk)))
    done = desk.release("2.0.0.15")
    assert done.returncode == status, said(done)
    assert ("manifest.json" in desk.names()) == (status == 0)
    if status == 3:
        assert "manifests.lock" in done.stderr and "held" in done.stderr


def test_a_writer_that_is_killed_blocks_nobody(desk):
    """At whatever step it dies; the same command then writes what it would have written."""
    desk.release("2.0.0.1")
    for number in range(2, 12):
        command = [str(servers.BINARY), "updates", "manifest", "set", "--channel", "stable"]
        command += release(f"2.0.0.{number}")
        writer = subprocess.Popen(
            command,
            cwd=desk.folder,
            env=clean_environment(desk.folder),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        eventually(lambda: writer.poll() is not None, 0.008 * number)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        version = desk.read()["version"]
        assert desk.read(f"manifest_{version}.json") == desk.read()
        done = desk.release(f"2.0.0.{number}")
        assert done.returncode == 0, said(done)
        assert desk.read() == desk.read(f"manifest_2.0.0.{number}.json")
        assert desk.read()["version"] == f"2.0.0.{number}"
