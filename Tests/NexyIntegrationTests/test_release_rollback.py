"""Going back to a release of before: which are there, what comes of it, and what cannot be had that way."""

import json
import re

import pytest
from test_release_refusals import LEASES, expect_refusal

from funnel import LATER, NEXT, SHELVES, STANDING, content, content_name, sha256
from server import eventually

ROLLBACK = ["rollback", "--channel", "beta", "--to"]


def rise(shop):
    """Two releases after the one that stood, in beta."""
    for version in (NEXT, LATER):
        shop.stage(version, pkg=True)
        shop.do("publish", "--channel", "beta")
    return shop


@pytest.fixture
def risen(shop):
    return rise(shop)


@pytest.fixture
def any_risen(any_shop):
    return rise(any_shop)


def expect_back(shop, channel: str, version: str):
    data = content(version)
    manifest = shop.manifest(channel)
    assert (manifest["version"], manifest["artifact"]["sha256"]) == (version, sha256(data))
    shelf = shop.shelf()
    assert shelf[SHELVES[channel]["dmg"]]["Nexy.dmg"] == sha256(data)
    assert shelf[SHELVES[channel]["dmg"]][content_name(version, data)] == sha256(data)
    assert shelf[SHELVES[channel]["pkg"]]["Nexy.pkg"] == sha256(content(version, "pkg"))
    assert eventually(lambda: shop.poller.versions(channel)[-1] == version)
    shop.poller.agree()
    shop.expect_tidy()


@pytest.mark.parametrize("version", [NEXT, STANDING])
def test_a_channel_goes_back_to_a_kept_release(risen, version):
    shop = risen
    shop.poller.may_fall("beta")
    shop.do(*ROLLBACK, version)
    expect_back(shop, "beta", version)
    assert shop.served("stable") == STANDING
    lines = (shop.state / "releases.jsonl").read_text().splitlines()
    assert version in lines[-1] and re.search("rollback|rolled", lines[-1]) and json.loads(lines[-1])


def test_stable_goes_back_and_beta_stays(shop):
    shop.stage(NEXT, pkg=True)
    shop.do("publish", "--channel", "beta")
    shop.do("validate", "--channel", "beta")
    shop.do("promote", "--source", "beta", "--target", "stable")
    shop.poller.may_fall("stable")
    done = shop.rollback("stable", STANDING)
    assert done.returncode == 0, done.stderr
    expect_back(shop, "stable", STANDING)
    assert shop.served("beta") == NEXT


def test_after_a_rollback_the_next_release_goes_on(risen):
    shop = risen
    shop.poller.may_fall("beta")
    shop.do(*ROLLBACK, STANDING)
    files = shop.stage("2.0.0.103", pkg=True)
    shop.do("publish", "--channel", "beta")
    shop.expect("2.0.0.103", "beta", files)


def test_a_rollback_says_whom_it_reaches(any_risen):
    """Clients that have the higher build do not go back by themselves."""
    shop = any_risen
    shop.poller.may_fall("beta")
    done = shop.run(*ROLLBACK, STANDING)
    assert done.returncode == 0 and re.search(r"rebuild|higher build|already have|installed", done.stdout + done.stderr)


def test_a_rollback_to_where_it_is_changes_nothing(risen):
    shop = risen
    before, log = shop.files(*LEASES, "releases.jsonl"), len(shop.github.log)
    done = shop.run(*ROLLBACK, LATER)
    assert done.returncode in (0, 1)
    assert shop.files(*LEASES, "releases.jsonl") == before and shop.github.mutations(log) == []


@pytest.mark.parametrize("version", ["1.9.9.9", "2.0.0.999"])
def test_a_version_that_is_not_kept_is_refused_with_those_that_are(any_risen, version):
    done = expect_refusal(any_risen, lambda: any_risen.run(*ROLLBACK, version), re.escape(version))
    assert NEXT in done.stderr and STANDING in done.stderr


@pytest.mark.parametrize("version", ["soon", "", "2.0.0", "../2.0.0.100"])
def test_a_version_that_is_none_is_refused(directory_shop, version):
    before = directory_shop.files(*LEASES)
    done = directory_shop.run(*ROLLBACK, version)
    assert done.returncode in (1, 2) and directory_shop.files(*LEASES) == before


def test_a_kept_file_that_was_damaged_is_never_published(risen):
    shop = risen
    damaged = False
    for path in (shop.state / "kept").rglob("*"):
        if path.is_file() and path.read_bytes() == content(STANDING):
            path.write_bytes(content(STANDING)[:-1] + b"x")
            damaged = True
    if not damaged:
        pytest.skip("nothing of it is kept here")
    shop.poller.may_fall("beta")
    done = shop.run(*ROLLBACK, STANDING)
    shop.poller.agree()
    # The shelf's own copy may serve; the damaged one may not.
    if done.returncode == 0:
        expect_back(shop, "beta", STANDING)
    else:
        assert shop.version("beta") == LATER and re.search("kept|bytes|sha|checksum", done.stderr)
        # The journal knows what is to be done with what is there.
        assert shop.leftovers() == [] or "journal.json" in shop.leftovers()


def test_rebuild_as_explains_or_makes_a_higher_build_of_the_old_bytes(any_risen):
    """The bytes of a signed client hold its version: another number is another build of the client."""
    shop = any_risen
    done = shop.run(*ROLLBACK, STANDING, "--rebuild-as", "2.0.0.150")
    shop.poller.agree()
    said = done.stdout + done.stderr
    if done.returncode == 0:
        manifest = shop.manifest("beta")
        assert (manifest["build"], manifest["artifact"]["sha256"]) == ("2.0.0.150", sha256(content(STANDING)))
    else:
        assert done.returncode == 1 and re.search(r"^ERROR: ", done.stderr, re.M)
        assert re.search(r"build|inside|client", said) and shop.version("beta") == LATER
        shop.expect_tidy()


def test_rebuild_as_a_build_that_is_not_higher_is_refused(any_risen):
    expect_refusal(any_risen, lambda: any_risen.run(*ROLLBACK, STANDING, "--rebuild-as", NEXT), r"2\.0\.0\.10[12]")


def test_there_is_nothing_to_go_back_to(new_shop):
    expect_refusal(new_shop, lambda: new_shop.run(*ROLLBACK, STANDING), re.escape(STANDING))
