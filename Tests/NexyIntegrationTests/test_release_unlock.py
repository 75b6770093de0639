"""`nexy release unlock`: who holds the locks of a release, and the end of those that nobody holds any more."""

import json
import os
import socket
import subprocess
from datetime import datetime, timedelta, timezone

import pytest

from server import run_nexy

LOCK = "var/release/release.lock"


def moment(seconds: int) -> str:
    return (datetime.now(timezone.utc) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def gone() -> int:
    """The number of a process that has ended."""
    child = subprocess.Popen(["true"])
    child.wait()
    return child.pid


def leave(work, process: int, host: str, lasting: int) -> None:
    path = work / LOCK
    path.parent.mkdir(parents=True)
    record = {"owner": "nexy release publish", "process": process, "host": host, "since": moment(-30), "token": "1"}
    path.write_text(json.dumps(record | {"expires": moment(lasting)}))


def unlock(work, *arguments: str):
    done = run_nexy("release", "unlock", "--json", *arguments, folder=work)
    return done.returncode, {lock["path"]: lock for lock in json.loads(done.stdout)}


def test_a_folder_without_locks_is_free_and_stays_as_it_is(tmp_path):
    status, locks = unlock(tmp_path, "--take-over")
    assert status == 0
    assert [lock["state"] for lock in locks.values()] == ["free", "free"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("left", ["expired", "abandoned"])
def test_a_lock_that_was_left_behind_is_cleared_when_that_is_asked_for(tmp_path, left):
    leave(tmp_path, gone(), socket.gethostname() if left == "abandoned" else "elsewhere", 60 if left == "abandoned" else -1)
    before = (tmp_path / LOCK).read_text()
    status, locks = unlock(tmp_path)
    assert (status, locks[LOCK]["state"], locks[LOCK]["cleared"]) == (0, left, False)
    assert (tmp_path / LOCK).read_text() == before
    status, locks = unlock(tmp_path, "--take-over")
    assert (status, locks[LOCK]["state"], locks[LOCK]["cleared"]) == (0, left, True)
    assert (tmp_path / LOCK).read_text() == ""


@pytest.mark.parametrize("host", ["here", "elsewhere"])
def test_a_lock_that_somebody_alive_holds_is_told_and_never_taken(tmp_path, host):
    leave(tmp_path, os.getpid(), socket.gethostname() if host == "here" else host, 60)
    before = (tmp_path / LOCK).read_text()
    status, locks = unlock(tmp_path, "--take-over")
    assert (status, locks[LOCK]["state"], locks[LOCK]["owner"]) == (3, "held", "nexy release publish")
    assert locks[LOCK]["process"] == os.getpid()
    assert (tmp_path / LOCK).read_text() == before
