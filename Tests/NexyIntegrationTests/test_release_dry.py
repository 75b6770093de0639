"""`--dry-run` tells what would be done and does none of it, anywhere, with and without a network."""

import re

import pytest

from funnel import NEXT, STANDING, markers, step_lines
from server import run_nexy

COMMANDS = {
    "publish": ["publish", "--channel", "beta", "--dry-run"],
    "validate": ["validate", "--channel", "beta", "--dry-run"],
    "promote": ["promote", "--source", "beta", "--target", "stable", "--dry-run"],
    "rollback": ["rollback", "--channel", "beta", "--to", STANDING, "--dry-run"],
}


def every_file(folder) -> dict[str, tuple]:
    """Everything below a folder: what it is, how long, and when it was written."""
    return {
        str(path.relative_to(folder)): (path.is_dir(), path.lstat().st_size, path.lstat().st_mtime_ns)
        for path in folder.rglob("*")
        if not path.is_dir()
    }


def prepared(shop, name: str):
    shop.stage(NEXT)
    if name in ("validate", "promote", "rollback"):
        shop.do("publish", "--channel", "beta")
    if name == "promote":
        shop.do("validate", "--channel", "beta")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_dry_run_writes_nothing(shop, name):
    prepared(shop, name)
    before, log = shop.files(), len(shop.github.log)
    done = shop.run(*COMMANDS[name])
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert done.stdout.strip() and all(line.startswith("[dry-run] ") for line in done.stdout.splitlines())
    assert shop.files() == before, "something was written"
    assert shop.github.mutations(log) == []
    shop.poller.agree()


@pytest.mark.parametrize("name", ["publish", "promote", "rollback"])
def test_a_dry_run_tells_the_steps_that_are_done_then(shop, name):
    prepared(shop, name)
    dry = [(*step[:2], step[2].removeprefix("would ")) for step in step_lines(shop.do(*COMMANDS[name]))]
    if name == "rollback":
        shop.poller.may_fall("beta")
    real = step_lines(shop.do(*COMMANDS[name][:-1]))
    assert dry == real


def test_a_dry_run_says_what_stands_and_where_it_goes(any_shop):
    shop = any_shop
    prepared(shop, "publish")
    lines = [line.removeprefix("[dry-run] ") for line in markers(shop.do(*COMMANDS["publish"]))]
    assert f"Current Version: {STANDING}" in lines and any(line.startswith("Target Repo: ") for line in lines)


@pytest.mark.parametrize("name", ["publish", "promote"])
def test_a_dry_run_refuses_what_is_refused(directory_shop, name):
    shop = directory_shop
    prepared(shop, name)
    if name == "publish":
        (shop.inbox / "beta" / "LATEST_CHANGES.md").unlink()
    else:
        for receipt in (shop.state / "receipts").rglob("*.json"):
            receipt.unlink()
    before = shop.files()
    done = shop.run(*COMMANDS[name])
    assert done.returncode == 1 and re.search("LATEST_CHANGES|validat", done.stderr), done.stderr
    assert shop.files() == before


def test_a_dry_run_of_stable_is_refused_as_well(directory_shop):
    before = directory_shop.files()
    done = directory_shop.run("publish", "--channel", "stable", "--dry-run")
    assert done.returncode == 1 and "promote" in done.stderr and directory_shop.files() == before


@pytest.mark.parametrize("place", ["before", "after"])
def test_the_flag_counts_wherever_it_stands(directory_shop, place):
    """The predecessor forgot it before the verb."""
    shop = directory_shop
    shop.stage(NEXT)
    before = shop.files()
    arguments = ["publish", "--channel", "beta"]
    done = shop.run(*(["--dry-run", *arguments] if place == "before" else [*arguments, "--dry-run"]))
    assert done.returncode == (0 if place == "after" else done.returncode) and done.returncode in (0, 2)
    assert shop.files() == before


STORES = {
    "directory": {},
    "github": {
        "RELEASE_STORE": "github",
        # Nobody listens there.
        "RELEASE_GITHUB_API": "http://127.0.0.1:9",
        "RELEASE_GITHUB_WEB": "http://127.0.0.1:9",
        "RELEASE_PATIENCE": "1",
    },
}
NOWHERE = {
    "RELEASE_BETA_UPDATES_URL": "http://127.0.0.1:9",
    "RELEASE_STABLE_UPDATES_URL": "http://127.0.0.1:9",
    "RELEASE_STAGING_URL": "http://127.0.0.1:9",
}


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("name", COMMANDS)
def test_a_dry_run_in_an_empty_folder_with_no_token_and_no_network(tmp_path, name, store):
    work = tmp_path / "work"
    work.mkdir()
    done = run_nexy("release", *COMMANDS[name], folder=work, environment=NOWHERE | STORES[store])
    assert done.returncode in (0, 1), done.stderr
    assert every_file(work) == {} and list(work.iterdir()) == []
    assert all(line.startswith("[dry-run] ") for line in done.stdout.splitlines())
    if done.returncode == 1:
        assert re.search(r"^ERROR: .+", done.stderr, re.M)
    assert "Fatal error" not in done.stderr


def test_a_dry_run_of_a_good_inbox_without_network_tells_the_plan(github_shop):
    shop = github_shop
    shop.stage(NEXT)
    shop.setting(**STORES["github"])
    before = shop.files()
    done = shop.run(*COMMANDS["publish"], GITHUB_TOKEN=None)
    assert shop.files() == before
    assert done.returncode in (0, 1)
    said = done.stdout + done.stderr
    assert "upload" in said if done.returncode == 0 else re.search("token|GITHUB_TOKEN|answer|reach", said)


def test_status_writes_nothing(shop):
    before, log = shop.files(), len(shop.github.log)
    shop.do("status")
    shop.do("status", "--json")
    assert shop.files() == before and shop.github.mutations(log) == []
