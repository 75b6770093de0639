"""`nexy release status`: what each channel has, in a table and as JSON, and whatever does not agree, in words."""

import json
import re
import time

import pytest

from funnel import NEXT, SHELVES, STANDING, content, sha256
from releases import MANIFESTS, place
from server import run_nexy


def told(shop) -> dict:
    return json.loads(shop.do("status", "--json"))


def texts(value) -> list[str]:
    """Every text in a JSON value."""
    if isinstance(value, dict):
        return [text for one in value.values() for text in texts(one)]
    if isinstance(value, list):
        return [text for one in value for text in texts(one)]
    return [value] if isinstance(value, str) else []


def mentions(shop, pattern: str) -> list[str]:
    """Which of the table and the JSON say so."""
    table, facts = shop.run("status").stdout, json.loads(shop.run("status", "--json").stdout)
    said = {"table": table, "json": "\n".join(texts(facts))}
    return [name for name, text in said.items() if re.search(pattern, text, re.I)]


def test_status_tells_what_each_channel_has(shop):
    shop.stage(NEXT)
    shop.do("publish", "--channel", "beta")
    table = shop.do("status")
    rows = {channel: [line for line in table.splitlines() if re.search(rf"\b{channel}\b", line)] for channel in SHELVES}
    assert any(STANDING in row for row in rows["stable"]) and any(NEXT in row for row in rows["beta"]), table
    facts = texts(told(shop))
    for version in (STANDING, NEXT):
        assert version in facts
        assert any(
            sha256(content(version)).startswith(text) for text in facts if re.fullmatch(r"[0-9a-f]{12,64}", text)
        )


def test_status_says_that_all_is_well(any_shop):
    shop = any_shop
    facts = told(shop)
    assert not mentions(shop, r"drift|differs|ahead|unfinished"), facts


def test_status_of_nothing(new_shop):
    table = new_shop.run("status")
    assert table.returncode in (0, 1) and re.search("none|nothing|-", table.stdout, re.I)
    assert isinstance(json.loads(new_shop.run("status", "--json").stdout), dict)


def test_status_in_an_empty_folder(tmp_path):
    work = tmp_path / "work"
    work.mkdir()
    environment = {"RELEASE_BETA_UPDATES_URL": "http://127.0.0.1:9", "RELEASE_STABLE_UPDATES_URL": "http://127.0.0.1:9"}
    done = run_nexy("release", "status", folder=work, environment=environment)
    assert done.returncode in (0, 1) and list(work.iterdir()) == []


def test_status_tells_whether_the_beta_was_validated(any_shop):
    shop = any_shop
    shop.stage(NEXT)
    shop.do("publish", "--channel", "beta")
    before = shop.do("status")
    shop.do("validate", "--channel", "beta")
    after = shop.do("status")
    assert "validat" in (before + after).lower() and before != after


# --- Drift


def other_bytes(shop):
    """The file that beta's feed names is another one; the poller looks away."""
    if shop.store == "github":
        for asset in list(shop.github.at("UpdateBeta").assets):
            if asset.name.endswith(".dmg"):
                shop.github.place("UpdateBeta", asset.name, content("somebody's"))
    else:
        for path in shop.downloads.glob("UpdateBeta-*.dmg"):
            place(path, content("somebody's"))


def gone(shop):
    if shop.store == "github":
        release = shop.github.at("UpdateBeta")
        release.assets = [asset for asset in release.assets if not asset.name.endswith(".dmg")]
    else:
        for path in shop.downloads.glob("UpdateBeta-*.dmg"):
            path.unlink()


def only_the_fixed_file(shop):
    if shop.store == "github":
        shop.github.place("UpdateBeta", "Nexy.dmg", content("somebody's"))
    else:
        place(shop.downloads / "UpdateBeta-Nexy.dmg", content("somebody's"))


def manifest_by_hand(shop):
    manifest = shop.manifest("beta")
    manifest["version"] = manifest["build"] = "2.0.0.199"
    shop.knows("2.0.0.199", content(STANDING))
    place(shop.manifests / MANIFESTS["beta"], json.dumps(manifest))


def broken_manifest(shop):
    place(shop.manifests / MANIFESTS["beta"], "{")


def inbox_ahead(shop):
    shop.stage("2.0.0.150")


# What is done, and how both outputs have to say it.
DRIFTS = {
    "an artifact that changed on the shelf": (other_bytes, r"changed|differs|not what|not the|bytes|checksum"),
    "an artifact that is gone": (gone, r"missing|gone|has no|not there|404"),
    "a fixed name that somebody changed": (
        only_the_fixed_file,
        r"Nexy\.dmg.*(changed|differs|not what|not the|bytes|sha)",
    ),
    "a manifest that was written by hand": (manifest_by_hand, r"2\.0\.0\.199"),
    "a manifest that cannot be read": (broken_manifest, r"manifest_beta\.json"),
    "an inbox that is ahead": (inbox_ahead, r"inbox.*2\.0\.0\.150|2\.0\.0\.150.*inbox"),
}


@pytest.mark.parametrize("name", DRIFTS)
def test_drift_is_told_in_words(shop, name):
    change, words = DRIFTS[name]
    with shop.poller.paused():
        change(shop)
        try:
            assert mentions(shop, words) == ["table", "json"], shop.run("status").stdout
        finally:
            shop.street.standing(shop.store)


def test_status_tells_of_a_store_that_is_away(github_shop):
    shop = github_shop
    shop.setting(RELEASE_GITHUB_API="http://127.0.0.1:9", RELEASE_PATIENCE="1")
    began = time.monotonic()
    done = shop.run("status")
    assert time.monotonic() - began < 10, "who only looks does not wait for long"
    assert done.returncode in (0, 1) and STANDING in done.stdout
    assert re.search("network|reach|answer", done.stdout + done.stderr, re.I)
    assert "empty" not in done.stdout, "nobody knows what is on a shelf that cannot be read"
