"""`nexy version`: the two versions, everywhere they stand, by exit statuses and what is printed and written."""

import json
import os
import random
import signal
import stat
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import server as servers
from contract import REPOSITORY
from releases import Releases, place
from server import clean_environment, run_nexy

OLD, NEW = "2.0.0.15", "2.0.0.16"
JOURNAL = "var/release/version_journal.json"
LOCK = "var/release/release.lock"
# Every place of the default table that `nexy version set` changes, with the text around the version.
PLACES = {
    "VERSION": "{}\n",
    "Sources/NexyCore/Nexy.swift": '/// Words.\nenum Nexy {{\n  static let version = "{}"\n}}\n',
    "config.env": "# Mine.\nGEMINI_API_KEY=between-us\nexport SERVER_VERSION='{}' # told by /health\nUPDATE_PORT=9001\n",
    "config/nexy.yaml": "# server.version: 1.0\nserver:\n  # The newest.\n  version: {}\n  build: '7'\n",
    "docs/operating.md": "# Operating\n\nServer version: {}.\n\nAgain, Server version: {}.\n",
    "release_inbox/beta/VERSION": "{}\n",
    "docs/releasing.md": '```yaml\nrelease_target:\n  version: "{}"\n```\n',
}
# Where in its file a version stands.
LINES = {
    "VERSION": "VERSION",
    "Sources/NexyCore/Nexy.swift": "Sources/NexyCore/Nexy.swift:3",
    "config.env": "config.env:3",
    "config/nexy.yaml": "config/nexy.yaml:4",
    "docs/operating.md": "docs/operating.md:3",
    "release_inbox/beta/VERSION": "release_inbox/beta/VERSION",
    "docs/releasing.md": "docs/releasing.md:3",
}
CLIENT = {"release_inbox/beta/VERSION", "docs/releasing.md"}


class Desk:
    """A working folder and the commands that are run in it."""

    def __init__(self, folder):
        self.folder = folder
        self.releases = Releases(folder)

    def __call__(self, *arguments, **options):
        return run_nexy("version", *arguments, folder=self.folder, **options)

    def json(self, *arguments):
        return json.loads(self(*arguments, "--json").stdout)

    def fill(self, version: str = OLD, but: dict[str, str] | None = None) -> None:
        for path, text in PLACES.items():
            place(self.folder / path, text.replace("{}", (but or {}).get(path, version)).replace("{{", "{").replace("}}", "}"))

    def text(self, path: str) -> str:
        return (self.folder / path).read_text()

    def tree(self) -> dict:
        """Every file and folder with its bytes, its mode and the moment it was changed."""
        found = {}
        for path in sorted(self.folder.rglob("*")):
            facts = path.lstat()
            content = path.read_bytes() if path.is_file() and not path.is_symlink() else None
            found[str(path.relative_to(self.folder))] = (content, facts.st_mode, facts.st_mtime_ns, facts.st_ino)
        return found

    def publish(self, channel: str, version: str, **fields) -> None:
        manifest = self.releases.publish(channel, version, **fields)
        if channel == "stable":
            self.releases.write(manifest, name=f"manifest_{version}.json")


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


@pytest.fixture
def full(desk):
    desk.fill()
    return desk


def spelled(argument) -> str:
    """A command's arguments as the name of a case."""
    return " ".join(argument) if isinstance(argument, list) else str(argument)


def printed(done) -> list[str]:
    return done.stdout.splitlines()


# --- An empty machine


@pytest.mark.parametrize(
    "arguments, status",
    [
        (["show"], 0),
        (["sources"], 0),
        (["check"], 0),
        (["check", NEW], 2),
        (["check", "--published"], 2),
        (["set", NEW, "--dry-run"], 0),
        (["show", "--json"], 0),
        (["sources", "--json"], 0),
        (["check", "--json"], 0),
        (["check", NEW, "--json"], 2),
        (["set", NEW, "--dry-run", "--json"], 0),
        ([], 0),
    ],
    ids=spelled,
)
def test_on_an_empty_machine_everything_works_and_nothing_is_written(tmp_path, arguments, status):
    done = run_nexy("version", *arguments, folder=tmp_path)
    assert (done.returncode, done.stderr) == (status, ""), done
    assert done.stdout and list(tmp_path.iterdir()) == []


def test_an_empty_machine_says_what_is_missing(desk):
    assert printed(desk("check", NEW)) == [
        f"DRIFT: VERSION=absent, expected={NEW}",
        f"DRIFT: release_inbox/beta/VERSION=absent, expected={NEW}",
    ]
    assert printed(desk("show")) == ["server no version stands anywhere", "client no version stands anywhere"]


def test_the_first_set_makes_the_files_that_hold_a_version(desk):
    done = desk("set", NEW)
    assert done.returncode == 0
    made = ["VERSION", "release_inbox/beta/VERSION"]
    assert printed(done) == [f"OK: VERSION={NEW}"] + [f"{path}: made with {NEW}" for path in made]
    assert [desk.text(path) for path in made] == [f"{NEW}\n"] * 2
    assert desk("check", NEW).returncode == 0


# --- The whole life


def test_a_version_is_set_everywhere_it_stands_and_nothing_else_changes(full):
    (full.folder / "config.env").chmod(0o600)
    done = full("set", NEW)
    assert done.returncode == 0, done.stderr
    for path, text in PLACES.items():
        assert full.text(path) == text.replace("{}", NEW).replace("{{", "{").replace("}}", "}"), path
    assert stat.S_IMODE((full.folder / "config.env").stat().st_mode) == 0o600
    changes = {line.partition(": ")[0] for line in printed(done)[1:]}
    assert printed(done)[0] == f"OK: VERSION={NEW}" and changes == set(LINES.values()) | {"docs/operating.md:5"}
    assert "between-us" not in done.stdout + done.stderr
    assert printed(full("check", NEW)) == [f"OK: VERSION={NEW}"]
    assert printed(full("check")) == [f"OK: VERSION={NEW} (server)", f"OK: VERSION={NEW} (client)"]


def test_the_same_version_again_writes_nothing_and_says_so(full):
    full("set", NEW)
    before = full.tree()
    done = full("set", NEW)
    assert printed(done) == [f"OK: VERSION={NEW}", "Nothing to change: every place has it already."]
    after = full.tree()
    for tree in (before, after):
        tree.pop(LOCK)
    assert after == before


def test_the_axes_are_two(full):
    assert full("set", NEW, "--axis", "client").returncode == 0
    assert printed(full("show")) == [f"server {OLD} (VERSION)", f"client {NEW} (release_inbox/beta/VERSION)"]
    assert printed(full("check")) == [f"OK: VERSION={OLD} (server)", f"OK: VERSION={NEW} (client)"]
    done = full("check", NEW)
    assert done.returncode == 2
    drifted = {line.split("DRIFT: ")[1].split("=")[0] for line in printed(done)}
    assert drifted == {LINES[path] for path in PLACES if path not in CLIENT} | {"docs/operating.md:5"}
    assert full("check", NEW, "--axis", "client").returncode == 0
    assert full("check", OLD, "--axis", "server").returncode == 0


@pytest.mark.parametrize("path", PLACES)
def test_drift_names_the_place(desk, path):
    desk.fill(but={path: "2.0.0.14"})
    done = desk("check", OLD)
    lines = [LINES[path]] + (["docs/operating.md:5"] if path == "docs/operating.md" else [])
    assert done.returncode == 2
    assert printed(done) == [f"DRIFT: {line}=2.0.0.14, expected={OLD}" for line in lines]
    told = desk.json("check", OLD)
    assert [drift["place"] for drift in told["drift"]] == lines and told["ok"] is False
    assert {drift["axis"] for drift in told["drift"]} == {"client" if path in CLIENT else "server"}
    assert desk("check").returncode == 2
    assert desk("set", OLD, "--override", "drift is mended").returncode == 0
    assert desk("check", OLD).returncode == 0


def test_a_marker_that_is_gone_is_drift_and_keeps_every_place_from_being_set(full):
    place(full.folder / "docs/operating.md", "# Operating\n")
    assert printed(full("check", OLD)) == [f"DRIFT: docs/operating.md=no marker, expected={OLD}"]
    before = full.tree()
    done = full("set", NEW)
    assert (done.returncode, done.stdout) == (1, "") and "docs/operating.md" in done.stderr
    after = full.tree()
    assert {path: after[path] for path in PLACES} == {path: before[path] for path in PLACES}


def test_places_whose_files_are_not_there_are_absent_and_no_drift(desk):
    place(desk.folder / "VERSION", f"{OLD}\n")
    assert desk("check", OLD).returncode == 0
    assert desk("check", OLD, "--axis", "client").returncode == 2
    values = {row["place"]: row.get("value") for row in desk.json("sources")}
    assert values.pop("VERSION") == OLD and set(values.values()) == {None}


def test_sources_tells_who_changes_what(full):
    full.publish("stable", OLD)
    rows = {row["place"]: row for row in full.json("sources")}
    assert {path for path, row in rows.items() if row["changed_by"] == "nexy version set"} == set(PLACES)
    assert rows["updates/manifests/manifest.json"]["changed_by"] == "nexy release publish/promote"
    assert rows["updates/manifests/manifest.json"]["value"] == OLD
    text = full("sources").stdout
    assert all(path in text for path in rows)


# --- Manifests


def test_a_manifest_keeps_its_version_until_the_release_is_published(full):
    full.publish("stable", OLD)
    full.publish("beta", OLD)
    manifests = {path.name: path.read_bytes() for path in full.releases.manifests.iterdir()}
    done = full("set", NEW)
    pending = [
        f"PENDING: updates/manifests/{name} has {OLD} until {NEW} is published"
        for name in ("manifest.json", "manifest_beta.json")
    ]
    assert printed(done)[-2:] == pending
    assert {path.name: path.read_bytes() for path in full.releases.manifests.iterdir()} == manifests
    check = full("check", NEW)
    assert check.returncode == 0 and printed(check) == [f"OK: VERSION={NEW}", *pending]
    assert full("check", NEW, "--published").returncode == 2
    full.publish("beta", NEW)
    assert printed(full("show"))[1] == (
        f"client {NEW} (release_inbox/beta/VERSION); stable {OLD}, beta {NEW} published"
    )
    full.publish("stable", NEW)
    assert full("check", NEW, "--published").returncode == 0
    assert full.json("show")["client"]["published"] == {"stable": NEW, "beta": NEW}


def differ(desk, **fields) -> None:
    desk.publish("stable", OLD)
    desk.releases.write(Releases.manifest(OLD, **fields), name=f"manifest_{OLD}.json")


DAMAGES = {
    "a build of its own": (lambda desk: desk.publish("beta", OLD, build="2.0.0.14"), "manifest_beta.json build=2.0.0.14"),
    "no second file": (lambda desk: desk.releases.publish("stable", OLD), f"manifest_{OLD}.json=absent"),
    "a second file of other bytes": (lambda desk: differ(desk, sha256="b" * 64), f"manifest_{OLD}.json sha256="),
    "a second file of another size": (lambda desk: differ(desk, size=7), f"manifest_{OLD}.json size=7"),
    "a second file from elsewhere": (
        lambda desk: differ(desk, url="https://github.com/x/y.dmg"),
        f"manifest_{OLD}.json url=https://github.com/x/y.dmg",
    ),
    "no manifest at all": (lambda desk: desk.releases.write("half", "beta"), "manifest_beta.json=unreadable"),
    "a version that nobody declared": (lambda desk: desk.publish("beta", NEW), f"manifest_beta.json={NEW}"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_manifest_that_drifted_is_named(full, name):
    damage, place_and_value = DAMAGES[name]
    damage(full)
    done = full("check")
    assert done.returncode == 2
    assert [line.startswith(f"DRIFT: updates/manifests/{place_and_value}") for line in printed(done)] == [True]


def test_the_copy_of_a_manifest_has_its_bytes(full):
    full.publish("stable", OLD)
    copy = full.folder / "server/updates/manifests/manifest.json"
    place(copy, (full.releases.manifests / "manifest.json").read_bytes())
    assert full("check").returncode == 0
    place(copy, json.dumps(Releases.manifest(OLD)) + "\n")
    done = full("check")
    assert done.returncode == 2 and printed(done)[0].startswith("DRIFT: server/updates/manifests/manifest.json=other bytes")


def test_a_machine_with_manifests_alone_is_in_order(desk):
    desk.publish("stable", OLD)
    desk.publish("beta", NEW)
    assert desk("check").returncode == 0
    assert desk("set", "2.0.0.14", "--axis", "client").returncode == 1
    assert desk("set", NEW, "--axis", "client").returncode == 0


# --- Refusals


@pytest.mark.parametrize(
    "arguments",
    [
        ["set"],
        ["set", "2.0.0"],
        ["set", "2.0.0.16.1"],
        ["set", "v2.0.0.16"],
        ["set", "2.0.0.016"],
        ["set", "2.0.0.-1"],
        ["set", ""],
        ["set", NEW, "--axis", "both of them"],
        ["set", NEW, "--override", " "],
        ["check", "2.0.0"],
        ["check", NEW, NEW],
        ["show", NEW],
        ["remove"],
    ],
    ids=spelled,
)
def test_wrong_usage_is_exit_status_2_and_writes_nothing(full, arguments):
    before = full.tree()
    done = full(*arguments)
    assert (done.returncode, done.stdout) == (2, "") and "Usage" in done.stderr
    assert full.tree() == before


@pytest.mark.parametrize("version", ["2.0.0.14", "1.0.0.0", "4.0.0.0", "2.0.0.1016", "2.2000.0.0"])
def test_a_lower_version_and_a_jump_need_an_override(full, version):
    for arguments in (["set", version], ["set", version, "--dry-run"]):
        done = full(*arguments)
        assert (done.returncode, done.stdout) == (1, "") and "--override" in done.stderr
    assert full("check", OLD).returncode == 0
    done = full("set", version, "--override", "the old one was withdrawn")
    assert done.returncode == 0 and "the old one was withdrawn" in done.stderr
    assert full("check", version).returncode == 0


@pytest.mark.parametrize("path", ["VERSION", "config.env", "release_inbox/beta/VERSION"])
def test_a_link_is_never_written_through(full, path):
    elsewhere = place(full.folder / "elsewhere", full.text(path))
    (full.folder / path).unlink()
    (full.folder / path).symlink_to(elsewhere)
    before = elsewhere.read_bytes()
    done = full("set", NEW)
    assert done.returncode == 1 and path in done.stderr and "link" in done.stderr
    assert elsewhere.read_bytes() == before and (full.folder / path).is_symlink()
    assert full("check", OLD).returncode == 2


def test_a_table_of_ones_own_takes_the_place_of_the_default(desk):
    place(desk.folder / "config/nexy.yaml", "version.places: |\n  server file SERVER\n  client text App.plist <v>{version}</v>;\n")
    place(desk.folder / "App.plist", f"<v>{OLD}</v>;\n")
    assert desk("set", NEW).returncode == 0
    assert desk.text("SERVER") == f"{NEW}\n" and desk.text("App.plist") == f"<v>{NEW}</v>;\n"
    assert not (desk.folder / "VERSION").exists()
    environment = {"VERSION_PLACES": "server file OTHER; client file MORE"}
    assert desk("set", NEW, environment=environment).returncode == 0
    assert desk.text("OTHER") == desk.text("MORE") == f"{NEW}\n"


@pytest.mark.parametrize("command", [["show"], ["check"], ["sources"], ["set", NEW], ["set", NEW, "--dry-run"]], ids=spelled)
def test_a_wrong_table_is_refused_with_its_row(desk, command):
    done = desk(*command, environment={"VERSION_PLACES": "server file VERSION; server blob X"})
    assert (done.returncode, done.stdout) == (1, "")
    assert "VERSION_PLACES" in done.stderr and "row 2" in done.stderr and "blob is no kind" in done.stderr
    check = run_nexy("config", "check", folder=desk.folder, environment={"VERSION_PLACES": "server blob X"})
    assert check.returncode == 1 and "blob is no kind" in check.stderr


def test_manifests_are_looked_for_where_the_settings_say(desk):
    rows = desk("sources", environment={"UPDATE_MANIFESTS_DIR": "my own/feeds", "RELEASE_INBOX": "in"}).stdout
    assert "my own/feeds/manifest.json" in rows and "in/beta/VERSION" in rows


# --- A rehearsal


@pytest.mark.parametrize("more", [[], ["--json"], ["--axis", "client"]], ids=spelled)
def test_a_rehearsal_writes_nothing_and_tells_what_would_be(full, more):
    full.publish("beta", OLD)
    before = full.tree()
    done = full("set", NEW, "--dry-run", *more)
    assert done.returncode == 0 and full.tree() == before
    if "--json" in more:
        told = json.loads(done.stdout)
        assert told["dry_run"] is True and told["version"] == NEW
        assert {change["place"] for change in told["changed"]} == set(LINES.values()) | {"docs/operating.md:5"}
        assert {change["from"] for change in told["changed"]} == {OLD}
    else:
        assert all(line.startswith("[dry-run] ") for line in printed(done))
        rehearsed = [line.removeprefix("[dry-run] ") for line in printed(done)]
        assert rehearsed == printed(full("set", NEW, *more))


# --- Locks, several at once, sudden death


def test_a_lock_that_is_held_is_exit_status_3(full):
    lease = {
        "owner": "nexy release publish",
        "process": os.getpid(),
        "host": os.uname().nodename,
        "since": "2026-02-25T12:00:00Z",
        "expires": "2099-02-25T12:00:00Z",
        "token": "1",
    }
    place(full.folder / LOCK, json.dumps(lease))
    done = full("set", NEW)
    assert (done.returncode, done.stdout) == (3, "") and "nexy release publish" in done.stderr
    assert full("check", OLD).returncode == 0
    assert full("set", NEW, "--dry-run").returncode == 0


def test_several_at_once_leave_one_version_everywhere(full):
    for attempt in range(3):
        versions = [f"2.0.0.{20 + 4 * attempt + number}" for number in range(4)]
        with ThreadPoolExecutor(4) as threads:
            ended = list(threads.map(lambda version: full("set", version), versions))
        # The lock was held for too long, or a higher version came first.
        assert {done.returncode for done in ended} <= {0, 1, 3} and 0 in {done.returncode for done in ended}
        winner = full.text("VERSION").strip()
        assert winner in versions and full("check", winner).returncode == 0
        assert not (full.folder / JOURNAL).exists()


# So many places that there is time to be killed between the first and the last.
MANY = [f"places/{number}" for number in range(150)]
MANY_PLACES = {"VERSION_PLACES": "; ".join(f"server file {path}" for path in MANY)}


def cut_short(desk, version: str, moment: float) -> bool:
    """Kills a set that many seconds after its journal was there; whether it had not ended by itself."""
    writer = subprocess.Popen(
        [str(servers.BINARY), "version", "set", version],
        cwd=desk.folder,
        env=clean_environment(desk.folder, MANY_PLACES),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    journal, pause = desk.folder / JOURNAL, threading.Event()
    deadline = time.monotonic() + 10
    while writer.poll() is None and not journal.exists() and time.monotonic() < deadline:
        pause.wait(0.0005)
    pause.wait(moment)
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    return journal.exists()


def test_whoever_is_killed_is_finished_by_the_next(desk):
    """At whatever step it dies: no file is half, and the next set leaves one version everywhere."""
    desk("set", "2.0.0.15", environment=MANY_PLACES)
    chance = random.Random(11)
    caught = mixed = 0
    for number in range(16, 32):
        version = f"2.0.0.{number}"
        was_caught = cut_short(desk, version, chance.uniform(0, 0.05))
        standing = {desk.text(path) for path in MANY}
        assert standing <= {f"2.0.0.{number - 1}\n", f"{version}\n"}
        caught += was_caught
        mixed += len(standing) == 2
        assert was_caught or len(standing) == 1
        if was_caught:
            assert f"a change to {version} was cut short" in desk("show", environment=MANY_PLACES).stderr
        done = desk("set", version, environment=MANY_PLACES)
        assert done.returncode == 0, done.stderr
        assert {desk.text(path) for path in MANY} == {f"{version}\n"}
        assert not (desk.folder / JOURNAL).exists() and list(desk.folder.rglob("*.tmp")) == []
    assert caught > 2 and mixed > 0, (caught, mixed)


def test_a_journal_is_finished_before_anything_else(desk):
    """Also by a set that is refused afterwards; never by a rehearsal."""
    desk("set", "2.0.0.15", environment=MANY_PLACES)
    for number in range(16, 66):
        version = f"2.0.0.{number}"
        if cut_short(desk, version, 0):
            break
    else:
        raise AssertionError("no writer was caught between its first and its last step")
    before = desk.tree()
    rehearsed = desk("set", version, "--dry-run", environment=MANY_PLACES)
    assert rehearsed.returncode == 0 and f"A change to {version}" in rehearsed.stderr and desk.tree() == before
    done = desk("set", "1.0.0.0", environment=MANY_PLACES)
    assert done.returncode == 1 and f"A change to {version}" in done.stderr
    assert desk("check", version, environment=MANY_PLACES).returncode == 0 and not (desk.folder / JOURNAL).exists()


# --- This repository


def test_this_repository_says_one_version_everywhere():
    done = run_nexy("version", "check", folder=REPOSITORY)
    assert done.returncode == 0, done.stdout
    program = run_nexy("--version", folder=REPOSITORY).stdout.strip()
    assert (REPOSITORY / "VERSION").read_text() == f"{program}\n"
