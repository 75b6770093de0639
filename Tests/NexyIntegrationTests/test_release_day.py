"""The release day through the real commands, against both kinds of store, with a client that looks at the feeds all the
while: publish to beta, validate, promote, and all of it again."""

import base64
import json
import re

import pytest

from funnel import (
    FILES,
    LATER,
    NEXT,
    SHELVES,
    STANDING,
    content,
    content_name,
    markers,
    sha256,
    step_lines,
)
from poller import verifies
from releases import place, settled
from server import eventually


def target(shop) -> str:
    return shop.github.repository if shop.store == "github" else "directory "


def expect_steps(stdout: str) -> list[str]:
    """The numbered lines are whole and in order; returns what they say."""
    steps = step_lines(stdout)
    assert steps and [number for number, _, _ in steps] == list(range(1, len(steps) + 1)), stdout
    assert {count for _, count, _ in steps} == {len(steps)}
    return [what for _, _, what in steps]


# --- From nothing to everybody


def test_the_first_release_day(new_shop):
    shop = new_shop
    files = shop.stage(NEXT, pkg=True)
    said = shop.do("publish", "--channel", "beta")
    lines = markers(said)
    assert lines[0] == "Current Version: none" and lines[1].startswith("Target Repo: ") and target(shop) in lines[1]
    assert lines[-1].startswith("RELEASE COMPLETE") and f"Manifest synced: manifest_beta.json ({NEXT})" in lines
    expect_steps(said)
    shop.expect(NEXT, "beta", files)
    assert shop.served("stable") is None and shop.manifest("stable") is None
    assert all(not names for tag, names in shop.shelf().items() if tag in ("Update", "App"))
    shop.do("validate", "--channel", "beta")
    assert shop.served("stable") is None
    said = shop.do("promote", "--source", "beta", "--target", "stable")
    lines = markers(said)
    assert any(line.startswith(f"Promote source=beta target=stable version={NEXT}") for line in lines)
    assert f"Manifest synced: manifest.json ({NEXT})" in lines and lines[-1].startswith("PROMOTE COMPLETE")
    expect_steps(said)
    for channel in SHELVES:
        shop.expect(NEXT, channel, files)
        assert eventually(lambda: shop.poller.versions(channel) == [NEXT]), shop.poller.offers
    assert json.loads((shop.manifests / f"manifest_{NEXT}.json").read_bytes()) == shop.manifest("stable")
    for server in shop.street.servers:
        facts = settled(server)
        assert facts["status"] == "healthy", facts["reasons"]
        states = {channel["artifact"] for channel in facts["channels"].values()}
        assert states <= ({"good", "elsewhere"} if shop.store == "directory" else {"elsewhere"})


def test_the_next_release_comes_to_beta_first_and_then_to_everybody(shop):
    files = shop.stage(NEXT, pkg=True)
    said = shop.do("publish", "--channel", "beta")
    assert markers(said)[0] == f"Current Version: {STANDING}"
    shop.expect(NEXT, "beta", files)
    assert (shop.served("stable"), shop.served("beta")) == (STANDING, NEXT)
    shop.do("validate", "--channel", "beta")
    assert (shop.served("stable"), shop.served("beta")) == (STANDING, NEXT)
    shop.do("promote", "--source", "beta", "--target", "stable")
    shop.expect(NEXT, "stable", files)
    shop.expect(NEXT, "beta", files)
    assert eventually(lambda: shop.poller.versions("stable")[-1] == NEXT)
    tags = [set(shop.shelf()[SHELVES[channel]["dmg"]]) for channel in SHELVES]
    for names in tags:
        # Who still holds the feed of before finds what it names.
        assert content_name(STANDING, content(STANDING)) in names


def test_only_the_last_releases_are_kept_on_the_shelves(shop):
    shop.setting(RELEASE_KEPT="2")
    versions = [STANDING, NEXT, LATER, "2.0.0.103", "2.0.0.104"]
    for version in versions[1:]:
        files = shop.stage(version)
        shop.do("publish", "--channel", "beta")
    names = {content_name(version, content(version)) for version in versions}
    kept = names & set(shop.shelf()["UpdateBeta"])
    assert content_name(versions[-1], content(versions[-1])) in kept and len(kept) <= 4
    assert content_name(STANDING, content(STANDING)) not in kept
    shop.expect(versions[-1], "beta", files)
    # Stable still has the first, wherever its bytes are.
    assert shop.served("stable") == STANDING
    shop.poller.agree()


# --- Once more


def test_publishing_the_same_again_changes_nothing(shop):
    files = shop.stage(NEXT, pkg=True)
    shop.do("publish", "--channel", "beta")
    shelf, manifest, log = shop.shelf(), shop.manifest("beta"), len(shop.github.log)
    said = shop.do("publish", "--channel", "beta")
    assert "Manifest already synced, skip" in said and "Uploaded new asset" not in said
    assert (shop.shelf(), shop.manifest("beta")) == (shelf, manifest)
    assert shop.github.mutations(log) == []
    shop.expect(NEXT, "beta", files)


def test_promoting_the_same_again_is_skipped(shop):
    shop.stage(NEXT)
    for arguments in (["publish", "--channel", "beta"], ["validate", "--channel", "beta"]):
        shop.do(*arguments)
    shop.do("promote", "--source", "beta", "--target", "stable")
    before, log = shop.files(*IGNORED), len(shop.github.log)
    said = shop.do("promote", "--source", "beta", "--target", "stable")
    assert "PROMOTE SKIPPED: " in said and "PROMOTE COMPLETE" not in said
    assert shop.files(*IGNORED) == before and shop.github.mutations(log) == []


# What may say that a command ran, and nothing else.
IGNORED = ("release.lock", "manifests.lock", "releases.jsonl")


def test_a_skipped_promotion_needs_no_receipt_any_more(any_shop):
    shop = any_shop
    for receipt in (shop.state / "receipts").rglob("*"):
        if receipt.is_file():
            receipt.unlink()
    assert "PROMOTE SKIPPED: " in shop.do("promote", "--source", "beta", "--target", "stable")


def test_what_somebody_took_from_the_shelf_is_put_back_by_publishing_again(shop):
    files = shop.stage(NEXT)
    shop.do("publish", "--channel", "beta")
    if shop.store == "github":
        release = shop.github.at("UpdateBeta")
        release.assets = [asset for asset in release.assets if asset.name != FILES["dmg"]]
    else:
        (shop.downloads / f"UpdateBeta-{FILES['dmg']}").unlink()
    shop.do("publish", "--channel", "beta")
    shop.expect(NEXT, "beta", files)


# --- What a release is made of


@pytest.mark.parametrize("kinds", [("dmg",), ("pkg",), ("dmg", "pkg")], ids="+".join)
def test_a_release_has_a_dmg_or_a_pkg_or_both(shop, kinds):
    files = shop.stage(NEXT, dmg="dmg" in kinds, pkg="pkg" in kinds)
    shop.do("publish", "--channel", "beta")
    shop.expect(NEXT, "beta", files)
    shop.do("validate", "--channel", "beta")
    shop.do("promote", "--source", "beta", "--target", "stable")
    shop.expect(NEXT, "stable", files)


def test_the_version_comes_from_the_command_before_the_inbox(any_shop):
    shop = any_shop
    data = content(LATER)
    shop.stage(None, dmg=data)
    shop.knows(LATER, data)
    shop.do("publish", "--channel", "beta", "--version", LATER)
    assert (shop.version("beta"), shop.manifest("beta")["build"]) == (LATER, LATER)


def test_the_build_may_be_said(any_shop):
    shop = any_shop
    shop.stage(NEXT)
    shop.do("publish", "--channel", "beta", "--build", "2.0.0.150")
    assert (shop.version("beta"), shop.manifest("beta")["build"]) == (NEXT, "2.0.0.150")
    assert eventually(lambda: shop.poller.offers["beta"][-1].build == "2.0.0.150")


def test_notes_go_with_their_release(any_shop):
    shop = any_shop
    files = shop.stage(NEXT, notes="# Новая версия\n\n- Быстрее.\n- «Кавычки» & <скобки>\n")
    shop.do("publish", "--channel", "beta")
    assert shop.shelf()["UpdateBeta"][FILES["notes"]] == sha256(files["notes"])
    assert shop.shelf()["Update"][FILES["notes"]] != sha256(files["notes"])
    shop.do("validate", "--channel", "beta")
    shop.do("promote", "--source", "beta", "--target", "stable")
    assert shop.shelf()["Update"][FILES["notes"]] == sha256(files["notes"])


def test_promotion_takes_what_was_validated_and_not_the_inbox(any_shop):
    shop = any_shop
    files = shop.stage(NEXT)
    shop.do("publish", "--channel", "beta")
    shop.do("validate", "--channel", "beta")
    shop.stage(LATER)
    shop.stage("2.0.0.150", channel="stable")
    shop.do("promote", "--source", "beta", "--target", "stable")
    shop.expect(NEXT, "stable", files)


# --- Signatures


def signature(shop, channel: str = "beta") -> str | None:
    return shop.manifest(channel)["artifact"].get("ed25519")


def test_a_release_is_signed_with_the_key_file(shop, tmp_path):
    files = shop.stage(NEXT)
    shop.do("publish", "--channel", "beta")
    assert verifies(shop.street.key.public, signature(shop), files["dmg"], tmp_path)
    shop.do("validate", "--channel", "beta")
    shop.do("promote", "--source", "beta", "--target", "stable")
    assert signature(shop, "stable") == signature(shop, "beta")
    assert eventually(lambda: shop.poller.offers["stable"][-1].signature == signature(shop))


def test_a_signature_in_the_inbox_is_taken(directory_shop, tmp_path):
    shop = directory_shop
    shop.setting(RELEASE_KEY_FILE=None)
    files = shop.stage(NEXT)
    sealed = shop.street.key.sign(files["dmg"])
    place(shop.inbox / "beta" / "Nexy.dmg.ed25519", sealed + "\n")
    shop.do("publish", "--channel", "beta")
    assert signature(shop) == sealed and verifies(shop.street.key.public, sealed, files["dmg"], tmp_path)
    # The signature is no file of the release.
    assert not [name for names in shop.shelf().values() for name in names if "ed25519" in name]


def test_a_release_without_keys_is_unsigned(directory_shop):
    shop = directory_shop
    shop.setting(RELEASE_KEY_FILE=None, UPDATE_PUBLIC_KEY=None)
    files = shop.stage(NEXT)
    shop.do("publish", "--channel", "beta")
    assert not signature(shop)
    shop.expect(NEXT, "beta", files)


def flipped(sealed: str) -> str:
    data = bytearray(base64.b64decode(sealed))
    data[5] ^= 1
    return base64.b64encode(data).decode()


# What stands in the inbox beside a new artifact, made of the keys and its bytes.
BAD_SIGNATURES = {
    "of other bytes": lambda street, data: street.key.sign(content(STANDING)),
    "of another key": lambda street, data: street.other_key.sign(data),
    "with a flipped bit": lambda street, data: flipped(street.key.sign(data)),
    "that is cut": lambda street, data: street.key.sign(data)[:-8],
    "that is none": lambda street, data: "signed, honestly",
    "that is empty": lambda street, data: "",
}


@pytest.mark.parametrize("name", BAD_SIGNATURES)
@pytest.mark.parametrize("has_key_file", [False, True], ids=["without a key file", "with a key file"])
def test_a_signature_that_does_not_fit_is_refused(directory_shop, name, has_key_file):
    shop = directory_shop
    if not has_key_file:
        shop.setting(RELEASE_KEY_FILE=None)
    files = shop.stage(NEXT)
    place(shop.inbox / "beta" / "Nexy.dmg.ed25519", BAD_SIGNATURES[name](shop.street, files["dmg"]))
    before = shop.files(*IGNORED)
    done = shop.publish()
    if done.returncode == 0:
        # Whoever has the key may sign anew, but never hand on what does not fit.
        assert has_key_file
        return shop.expect(NEXT, "beta", files)
    assert done.returncode == 1 and re.search(r"^ERROR: .*signature", done.stderr, re.M | re.I | re.S), done.stderr
    assert shop.files(*IGNORED) == before


def test_a_key_file_of_another_key_is_refused(any_shop):
    """Clients have the public half of the right one."""
    shop = any_shop
    shop.setting(RELEASE_KEY_FILE=str(shop.street.other_key.path))
    shop.stage(NEXT)
    before, log = shop.files(*IGNORED), len(shop.github.log)
    done = shop.publish()
    assert done.returncode == 1 and re.search("signature|key", done.stderr)
    assert shop.files(*IGNORED) == before and shop.github.mutations(log) == []


def test_an_unsigned_release_is_refused_where_clients_check(directory_shop):
    shop = directory_shop
    shop.setting(RELEASE_KEY_FILE=None)
    shop.stage(NEXT)
    before = shop.files(*IGNORED)
    done = shop.publish()
    assert done.returncode == 1 and re.search("sign", done.stderr), done.stderr
    assert shop.files(*IGNORED) == before


def test_a_new_build_never_goes_out_with_the_signature_of_the_old_one(any_shop):
    """The predecessor left the signature in the manifest where it was when the bytes changed."""
    shop = any_shop
    shop.setting(RELEASE_KEY_FILE=None)
    files = shop.stage(NEXT)
    old = signature(shop)
    place(shop.inbox / "beta" / "Nexy.dmg.ed25519", shop.street.key.sign(files["dmg"]))
    shop.do("publish", "--channel", "beta")
    assert signature(shop) != old
    # The next bytes come, and the signature that lies in the inbox is of the ones before.
    place(shop.inbox / "beta" / "Nexy.dmg", content(LATER))
    place(shop.inbox / "beta" / "VERSION", LATER)
    shop.knows(LATER, content(LATER))
    done = shop.publish()
    assert done.returncode == 1 and "signature" in done.stderr and shop.version("beta") == NEXT
    shop.poller.agree()


# --- From the predecessor


def test_a_release_of_the_predecessor_is_never_untrue(new_shop):
    """Its manifest names the fixed name, whose bytes change under it."""
    shop = new_shop
    data = content(STANDING)
    shop.knows(STANDING, data)
    for channel, shelves in SHELVES.items():
        tag = shelves["dmg"]
        if shop.store == "github":
            shop.github.place(tag, "Nexy.dmg", data)
            url = f"{shop.github.web}/{shop.github.repository}/releases/download/{tag}/Nexy.dmg"
        else:
            place(shop.downloads / f"{tag}-Nexy.dmg", data)
            url = f"{shop.street.updates(channel)}/downloads/{tag}-Nexy.dmg"
        manifest = {
            "version": STANDING,
            "build": STANDING,
            "release_date": "2026-02-25T12:00:00Z",
            "artifact": {"type": "dmg", "url": url, "size": len(data), "sha256": sha256(data), "arch": "universal2"},
        }
        manifest["artifact"] |= {"min_os": "11.0", "ed25519": shop.street.key.sign(data)}
        manifest |= {"critical": False, "auto_install": True, "notes_url": ""}
        names = ["manifest_beta.json"] if channel == "beta" else [f"manifest_{STANDING}.json", "manifest.json"]
        for name in names:
            place(shop.manifests / name, json.dumps(manifest))
    for channel in SHELVES:
        assert eventually(lambda: shop.poller.versions(channel) == [STANDING])
    files = shop.stage(NEXT)
    before = shop.snapshot()
    lines = shop.do("publish", "--channel", "beta").splitlines()
    shop.do("validate", "--channel", "beta")
    shop.do("promote", "--source", "beta", "--target", "stable")
    for channel in SHELVES:
        shop.expect(NEXT, channel, files)
    # The same again, looked at closely between the steps.
    for number in range(2, len(lines) + 1):
        if "swap" in lines[number - 2]:
            shop.restore(before)
            with shop.halted(["publish", "--channel", "beta"], lines, number):
                shop.poller.agree()


def test_fixed_addresses_name_the_fixed_file(shop):
    shop.poller.is_strict = False
    shop.setting(RELEASE_ADDRESS="fixed")
    files = shop.stage(NEXT)
    shop.do("publish", "--channel", "beta")
    url = shop.manifest("beta")["artifact"]["url"]
    assert url.endswith("UpdateBeta/Nexy.dmg" if shop.store == "github" else "UpdateBeta-Nexy.dmg")
    assert shop.shelf()["UpdateBeta"][FILES["dmg"]] == sha256(files["dmg"])
    shop.poller.agree()
