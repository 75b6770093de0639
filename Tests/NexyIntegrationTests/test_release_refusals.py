"""What is refused before anything moves: no file of the folder is another one, and no request changes anything."""

import json
import re
import stat
from datetime import datetime, timedelta, timezone

import pytest

from funnel import FILES, LATER, NEXT, STANDING, content, sha256
from github_faults import Fault, answer
from releases import place

# Leases are taken by those who only look, too.
LEASES = ("release.lock", "manifests.lock")


def expect_refusal(shop, run, words: str, status: int = 1, ignored: tuple[str, ...] = LEASES):
    """The command says no, with these words and what to do, and nothing moved."""
    before, log, shelf = shop.files(*ignored), len(shop.github.log), shop.shelf()
    done = run()
    assert done.returncode == status, f"{done.stdout}\n{done.stderr}"
    errors = re.findall(r"^ERROR: (.+)$", done.stderr, re.M)
    assert errors and re.search(words, done.stderr, re.I | re.S), done.stderr
    assert "COMPLETE" not in done.stdout
    assert shop.files(*ignored) == before and shop.shelf() == shelf
    assert shop.github.mutations(log) == []
    return done


# --- Publishing


def test_nothing_is_published_to_stable(any_shop):
    shop = any_shop
    shop.stage(NEXT, channel="stable")
    done = expect_refusal(shop, lambda: shop.run("publish", "--channel", "stable"), r"beta.*validat.*promote")
    assert "promote --source beta --target stable" in done.stderr
    # No reason opens this door.
    expect_refusal(shop, lambda: shop.run("publish", "--channel", "stable", "--override", "in a hurry"), "promote")


@pytest.mark.parametrize("channel", ["alpha", "Beta", "", "beta/../stable"])
def test_a_channel_that_is_none_is_wrong_usage(directory_shop, channel):
    before = directory_shop.files()
    done = directory_shop.run("publish", "--channel", channel)
    assert done.returncode == 2 and "channel" in done.stderr.lower() and directory_shop.files() == before


def remove(name: str):
    return lambda shop: (shop.inbox / "beta" / name).unlink()


def put(name: str, data: bytes | str):
    return lambda shop: place(shop.inbox / "beta" / name, data)


def link(name: str):
    def do(shop):
        path = shop.inbox / "beta" / name
        path.rename(path.with_name("elsewhere"))
        path.symlink_to("elsewhere")

    return do


def folder(name: str):
    def do(shop):
        (shop.inbox / "beta" / name).unlink()
        (shop.inbox / "beta" / name).mkdir()

    return do


def no_inbox(shop):
    for path in (shop.inbox / "beta").iterdir():
        path.unlink()
    (shop.inbox / "beta").rmdir()


def version(text: str):
    def do(shop):
        place(shop.inbox / "beta" / "VERSION", text + "\n")
        shop.knows(text, content(NEXT))

    return do


KEY = "sk-proj-" + "Ab3dEf6hIj9kLm2nOp5q" * 2
# What is done to a good inbox, and what the refusal must name.
INBOXES = {
    "no inbox": (no_inbox, r"release_inbox/beta"),
    "no artifact": (remove("Nexy.dmg"), r"Nexy\.dmg.*Nexy\.pkg"),
    "an empty artifact": (put("Nexy.dmg", b""), r"Nexy\.dmg.*empty"),
    "an artifact that is a folder": (folder("Nexy.dmg"), r"Nexy\.dmg"),
    "no notes": (remove("LATEST_CHANGES.md"), r"LATEST_CHANGES\.md"),
    "empty notes": (put("LATEST_CHANGES.md", " \n\n"), r"LATEST_CHANGES\.md.*(empty|nothing)"),
    "notes that are no text": (put("LATEST_CHANGES.md", b"\xff\xfe\x00"), r"LATEST_CHANGES\.md"),
    "a key of OpenAI in the notes": (put("LATEST_CHANGES.md", f"- uses {KEY}\n"), r"LATEST_CHANGES\.md.*(secret|key)"),
    "a token in the notes": (
        put("LATEST_CHANGES.md", "- ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0hL3nR6" + "\n"),
        r"LATEST_CHANGES\.md.*(secret|key|token)",
    ),
    "a private key in the notes": (
        put(
            "LATEST_CHANGES.md",
            "-----BEGIN " + "PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----\n",
        ),
        r"LATEST_CHANGES\.md.*(secret|key)",
    ),
    "no version": (remove("VERSION"), r"--version|VERSION"),
    "a version of three parts": (version("2.0.1"), r"2\.0\.1"),
    "a version that is none": (version("soon"), r"soon|VERSION"),
    "the version that stands, with other bytes": (version(STANDING), rf"{re.escape(STANDING)}"),
    "a lower version": (version("2.0.0.99"), r"2\.0\.0\.99"),
    "a version that jumps": (version("4.0.0.0"), r"4\.0\.0\.0.*(far|jump)"),
    "a version that slipped": (version("2.0.0.999999999"), r"999999999.*(far|jump)|VERSION"),
}


@pytest.mark.parametrize("name", INBOXES)
def test_a_bad_inbox_is_refused(any_shop, name):
    shop = any_shop
    change, words = INBOXES[name]
    shop.stage(NEXT)
    change(shop)
    done = expect_refusal(shop, shop.publish, words)
    assert KEY not in done.stderr + done.stdout


def test_everything_that_is_wrong_is_told_at_once(directory_shop):
    shop = directory_shop
    shop.stage("2.0.0.99")
    (shop.inbox / "beta" / "LATEST_CHANGES.md").unlink()
    done = expect_refusal(shop, shop.publish, r"LATEST_CHANGES")
    assert "2.0.0.99" in done.stderr


def test_bytes_that_stand_under_another_version_are_refused(any_shop):
    """Clients would install what they have, and be offered it again for ever."""
    shop = any_shop
    shop.stage(NEXT, dmg=content(STANDING))
    expect_refusal(shop, shop.publish, r"bytes|same")


def test_other_bytes_under_the_version_of_stable_are_refused(any_shop):
    """A beta may not reuse a number that everybody has with other bytes."""
    shop = any_shop
    shop.stage(STANDING, salt="other")
    expect_refusal(shop, shop.publish, re.escape(STANDING))


@pytest.mark.parametrize("mode", [0o644, 0o640])
def test_a_signing_key_that_others_could_read_is_refused(directory_shop, tmp_path, mode):
    shop = directory_shop
    path = place(tmp_path / "open.key", shop.street.key.private)
    path.chmod(mode)
    shop.setting(RELEASE_KEY_FILE=str(path))
    shop.stage(NEXT)
    expect_refusal(shop, shop.publish, "chmod 600")


def test_an_override_is_recorded(directory_shop):
    shop = directory_shop
    shop.stage("2.0.0.5000")
    expect_refusal(shop, shop.publish, "far|jump")
    reason = "The counter starts anew, as agreed on Monday"
    shop.do("publish", "--channel", "beta", "--override", reason)
    assert shop.version("beta") == "2.0.0.5000"
    lines = (shop.state / "releases.jsonl").read_text().splitlines()
    assert reason in lines[-1] and [json.loads(line) for line in lines]


@pytest.mark.parametrize("reason", ["", "  ", "\n"])
def test_an_override_needs_a_reason(directory_shop, reason):
    shop = directory_shop
    shop.stage("2.0.0.5000")
    before = shop.files(*LEASES)
    done = shop.publish("--override", reason)
    assert done.returncode in (1, 2) and shop.files(*LEASES) == before


# --- The store


def a_missing_tag(tag: str):
    def do(github):
        github.shelves.releases = [release for release in github.shelves.releases if release.tag != tag]

    return do


def a_draft(github):
    github.at("UpdateBeta").is_draft = True


def immutable_release(github):
    github.at("UpdateBeta").is_immutable = True


def immutable_releases(github):
    github.shelves.immutable_releases = {"enabled": True, "enforced_by_owner": False}


def archived(github):
    github.shelves.is_archived = True


def read_only(github):
    github.shelves.permissions |= {"push": False, "maintain": False, "admin": False}


STORES = {
    "a tag that is missing": (a_missing_tag("UpdateBeta"), r"UpdateBeta"),
    "the tag of the notes and the DMG is a draft": (a_draft, r"UpdateBeta"),
    "a release that cannot change": (immutable_release, r"immutable"),
    "releases that cannot change": (immutable_releases, r"immutable"),
    "a repository that is archived": (archived, r"archived"),
    "no right to write": (read_only, r"(right|permission|write|push)"),
    "GitHub is away": (lambda github: github.fault("*", "api:", answer(503), 99), r"503|answer"),
}


@pytest.mark.parametrize("name", STORES)
def test_a_store_that_cannot_take_a_release_is_told_first(github_shop, name):
    shop = github_shop
    change, words = STORES[name]
    shop.stage(NEXT)
    shop.setting(RELEASE_PATIENCE="2")
    # Without its tag, the release that stands cannot be downloaded either.
    shop.poller.rest()
    change(shop.github)
    expect_refusal(shop, shop.publish, words)
    assert shop.github.leaks == []


def test_a_missing_tag_of_a_file_that_is_not_released_is_no_matter(github_shop):
    shop = github_shop
    files = shop.stage(NEXT)
    a_missing_tag("AppBeta")(shop.github)
    done = shop.publish()
    assert done.returncode in (0, 1)
    if done.returncode:
        assert "AppBeta" in done.stderr and shop.version("beta") == STANDING
    else:
        assert shop.version("beta") == NEXT and shop.manifest("beta")["artifact"]["size"] == len(files["dmg"])


def test_a_tag_is_never_made(github_shop):
    shop = github_shop
    shop.poller.rest()
    a_missing_tag("UpdateBeta")(shop.github)
    shop.stage(NEXT)
    assert shop.publish().returncode == 1
    assert "UpdateBeta" not in [release.tag for release in shop.github.shelves.releases]


def test_no_token_is_told_with_the_ways_to_give_one(github_shop):
    shop = github_shop
    shop.stage(NEXT)
    expect_refusal(shop, lambda: shop.publish(GITHUB_TOKEN=None), r"GITHUB_TOKEN.*gh auth|gh auth.*GITHUB_TOKEN")


def test_a_wrong_token_is_told_and_never_shown(github_shop):
    shop = github_shop
    shop.stage(NEXT)
    wrong = "ghp_" + "w" * 36
    done = expect_refusal(shop, lambda: shop.publish(GITHUB_TOKEN=wrong), r"token|GITHUB_TOKEN")
    assert wrong not in done.stdout + done.stderr


def test_the_token_comes_from_the_settings_file(github_shop):
    shop = github_shop
    files = shop.stage(NEXT)
    shop.setting(GITHUB_TOKEN=shop.github.token)
    assert shop.publish(GITHUB_TOKEN=None).returncode == 0
    shop.expect(NEXT, "beta", files)


def test_the_token_comes_from_gh(github_shop, tmp_path):
    shop = github_shop
    files = shop.stage(NEXT)
    tool = place(tmp_path / "bin" / "gh", f'#!/bin/sh\n[ "$1 $2" = "auth token" ] && echo {shop.github.token}\n')
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    path = f"{tool.parent}:/usr/bin:/bin"
    assert shop.publish(GITHUB_TOKEN=None, PATH=path).returncode == 0
    shop.expect(NEXT, "beta", files)


@pytest.mark.parametrize("repository", ["nexy", "nexy/releases/more", "", "../etc", "nexy/re leases"])
def test_a_repository_that_is_none_is_refused(github_shop, repository):
    shop = github_shop
    shop.stage(NEXT)
    shop.setting(RELEASE_REPOSITORY=repository)
    before = shop.shelf()
    done = shop.publish()
    assert done.returncode == 1 and shop.shelf() == before and shop.version("beta") == STANDING


# --- Promoting


def publish(shop):
    shop.stage(NEXT)
    shop.do("publish", "--channel", "beta")
    return shop


@pytest.fixture
def published(shop):
    """A beta that is not validated yet."""
    return publish(shop)


@pytest.fixture
def any_published(any_shop):
    return publish(any_shop)


def receipts(shop) -> list:
    return [path for path in (shop.state / "receipts").rglob("*.json") if path.is_file()]


def changed(value, path: str = ""):
    """The receipt, with every time in it moved two days back."""
    if isinstance(value, dict):
        return {name: changed(one, name) for name, one in value.items()}
    if isinstance(value, list):
        return [changed(one, path) for one in value]
    if isinstance(value, str) and re.match(r"^\d{4}-\d\d-\d\dT", value):
        then = datetime.fromisoformat(value) - timedelta(days=2)
        return then.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value > 1_500_000_000:
        return value - (172_800_000 if value > 1_500_000_000_000 else 172_800)
    return value


def test_a_beta_that_nobody_validated_is_not_promoted(published):
    expect_refusal(published, published.promote, r"validat")


def test_an_old_receipt_does_not_count(any_published):
    shop = any_published
    shop.do("validate", "--channel", "beta")
    for receipt in receipts(shop):
        place(receipt, json.dumps(changed(json.loads(receipt.read_bytes()))))
    expect_refusal(shop, shop.promote, r"24 h|hours|old|validat")


def test_a_receipt_of_other_bytes_does_not_count(any_published):
    shop = any_published
    shop.do("validate", "--channel", "beta")
    shop.stage(LATER)
    shop.do("publish", "--channel", "beta")
    expect_refusal(shop, shop.promote, r"validat")


def test_a_receipt_that_failed_does_not_count(published):
    shop = published
    dmg = content(NEXT)
    if shop.store == "github":
        shop.github.fault("GET", "storage:", Fault(alters="bytes"), times=50)
    else:
        # The poller would see it as well, and rightly.
        shop.poller.known[NEXT].add(sha256(dmg[:-1] + b"x"))
        for path in shop.downloads.glob("UpdateBeta-Nexy-*"):
            if path.read_bytes() == dmg:
                place(path, dmg[:-1] + b"x")
    with shop.poller.paused():
        done = shop.validate()
        assert done.returncode == 1, done.stdout
        expect_refusal(shop, shop.promote, r"validat|receipt|fail|bytes|checksum|sha")
        shop.github.mend()
        for path in shop.downloads.glob("UpdateBeta-Nexy-*"):
            if path.read_bytes() == dmg[:-1] + b"x":
                place(path, dmg)
    shop.poller.complaints.clear()


def test_a_promotion_without_a_receipt_needs_a_reason_that_is_recorded(any_published):
    shop = any_published
    reason = "Staging burnt down; checked by hand"
    shop.do("promote", "--source", "beta", "--target", "stable", "--override", reason)
    assert shop.version("stable") == NEXT
    assert reason in (shop.state / "releases.jsonl").read_text()


@pytest.mark.parametrize(
    "flags",
    [
        ("--source", "stable", "--target", "beta"),
        ("--source", "beta", "--target", "beta"),
        ("--source", "stable", "--target", "stable"),
        ("--source", "beta"),
    ],
    ids=" ".join,
)
def test_promotion_goes_one_way(directory_shop, flags):
    before = directory_shop.files(*LEASES)
    done = directory_shop.run("promote", *flags)
    assert done.returncode in (1, 2) and directory_shop.files(*LEASES) == before


def test_there_is_nothing_to_promote(new_shop):
    expect_refusal(new_shop, new_shop.promote, r"publish|beta")


def test_a_beta_whose_file_changed_on_the_shelf_is_not_promoted(published):
    """It was validated, and then somebody touched it."""
    shop = published
    shop.do("validate", "--channel", "beta")
    other = content("somebody's")
    with shop.poller.paused():
        if shop.store == "github":
            for asset in list(shop.github.at("UpdateBeta").assets):
                if asset.name.endswith(".dmg"):
                    shop.github.place("UpdateBeta", asset.name, other)
        else:
            for path in shop.downloads.glob(f"UpdateBeta-*{FILES['dmg'][-4:]}"):
                place(path, other)
        done = shop.promote()
        # Kept bytes may still be the right ones; others never reach stable.
        if done.returncode == 0:
            assert shop.manifest("stable")["artifact"]["sha256"] != sha256(other)
        else:
            assert shop.version("stable") == STANDING
        shop.street.standing(shop.store)
    shop.poller.complaints.clear()
