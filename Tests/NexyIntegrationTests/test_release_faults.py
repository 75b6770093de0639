"""What GitHub does wrong, and what becomes of the release: it recovers, or it is refused in words, and either way no
feed names what is not there, and nothing is left behind."""

import re
import time

import pytest

import github_faults as fakes
from funnel import IS_THOROUGH, NEXT, STANDING, content_name, sha256
from github_faults import (
    Fault,
    altered,
    answer,
    cut_at,
    error_after,
    lost_answer,
    lost_request,
    rate_limit,
    secondary_limit,
)
from server import eventually

RECOVERED = "recovered"
UPLOAD, RENAME, REMOVE = "POST", "PATCH", "DELETE"
FOREVER = 99


def row(method, where, fault, outcome=RECOVERED, times=1, after=0, within=30):
    """`outcome` is RECOVERED, or the words of the refusal; both, with `or`, where either is right."""
    return method, where, fault, outcome, times, after, within


# Requests of `role:path`, uploads with the name behind it.
PUBLISHING = {
    # Answers that come again.
    "errors when the shelf is read": row("GET", "api:.*releases", answer(502), times=2),
    "an upload is a 500": row(UPLOAD, "uploads:", answer(500)),
    "an upload is a 502 and leaves half an asset": row(UPLOAD, "uploads:.*Nexy-", fakes.starter(502)),
    "a rename is a 502": row(RENAME, "api:", answer(502)),
    "a removal is a 503": row(REMOVE, "api:", answer(503)),
    "GitHub is away for good": row(UPLOAD, "uploads:", answer(503), "503|answer", times=FOREVER),
    # Connections that end.
    "the connection ends before the shelf is read": row("GET", "api:.*releases", lost_request()),
    "an upload is cut": row(UPLOAD, "uploads:", cut_at(70_000)),
    "an upload is cut and leaves half an asset": row(UPLOAD, "uploads:", cut_at(70_000, leaves_starter=True)),
    "an upload of the fixed name is cut and leaves half an asset": row(
        UPLOAD, "uploads:.*incoming", cut_at(70_000, leaves_starter=True)
    ),
    "every upload is cut": row(UPLOAD, "uploads:", cut_at(70_000, True), "cut|answer|connection|upload", times=FOREVER),
    # Answers that are lost after the work was done.
    "the answer to an upload is lost": row(UPLOAD, "uploads:.*Nexy-", lost_answer()),
    "the answer to an upload of the fixed name is lost": row(UPLOAD, "uploads:.*incoming", lost_answer()),
    "an upload that worked is a 502": row(UPLOAD, "uploads:", error_after(502)),
    "the answer to a rename is lost": row(RENAME, "api:", lost_answer()),
    "the answer to the second rename is lost": row(RENAME, "api:", lost_answer(), after=1),
    "a rename that worked is a 502": row(RENAME, "api:", error_after(502)),
    "the answer to a removal is lost": row(REMOVE, "api:", lost_answer()),
    "what is removed is gone already": row(REMOVE, "api:", error_after(404)),
    # Limits.
    "a limit that ends soon": row("GET", "api:.*releases", rate_limit(1)),
    "a limit that ends soon, as 429": row(UPLOAD, "uploads:", rate_limit(1, 429)),
    "a limit that ends in an hour": row("GET", "api:", rate_limit(3600), "limit", times=FOREVER, within=15),
    "a limit in the middle that ends in an hour": row(
        RENAME, "api:", rate_limit(3600), "limit", times=FOREVER, within=12
    ),
    "a secondary limit": row(UPLOAD, "uploads:", secondary_limit(1)),
    "a secondary limit, as 429": row(RENAME, "api:", secondary_limit(1, 429)),
    "a secondary limit that says no time": row(UPLOAD, "uploads:", secondary_limit(None), "limit", times=FOREVER),
    # Refusals in the middle.
    "the token is taken back": row(
        UPLOAD, "uploads:", answer(401, "Bad credentials"), "token", times=FOREVER, within=8
    ),
    "the right is taken back": row(
        UPLOAD,
        "uploads:",
        answer(403, "Resource not accessible"),
        "right|permission|refuse|403",
        times=FOREVER,
        within=8,
    ),
    "the release becomes immutable": row(
        UPLOAD, "uploads:", answer(422, "Cannot upload assets to an immutable release."), "immutable|422", times=FOREVER
    ),
    "the right to rename is taken back": row(RENAME, "api:", answer(403, "No"), "403|refuse|right", times=FOREVER),
    # Bytes.
    "what was stored is something else": row(
        UPLOAD, "uploads:.*Nexy-", altered("bytes"), f"{RECOVERED} or bytes|sha|checksum"
    ),
    "what was stored is short": row(UPLOAD, "uploads:.*Nexy-", altered("short"), f"{RECOVERED} or bytes|size|sha"),
    "the fixed name's file is something else": row(
        UPLOAD, "uploads:.*incoming", altered("bytes"), f"{RECOVERED} or bytes|sha|checksum"
    ),
    "everything stored is something else": row(
        UPLOAD, "uploads:", altered("bytes"), "bytes|sha|checksum", times=FOREVER
    ),
    "a digest is told wrongly": row(
        UPLOAD, "uploads:", altered("digest"), f"{RECOVERED} or bytes|digest|sha", times=FOREVER
    ),
    "no digest is told": row(UPLOAD, "uploads:", altered("no digest"), times=FOREVER),
    "an asset gets another name": row(UPLOAD, "uploads:.*Nexy-", altered("name"), "name", times=FOREVER),
    # Downloads.
    "reading back is cut": row("GET", "storage:", cut_at(50_000)),
    "reading back is a 503": row("GET", "storage:", answer(503), times=2),
    "what is read is something else, once": row(
        "GET", "storage:", altered("bytes"), f"{RECOVERED} or bytes|sha|checksum"
    ),
    "the public address is a 404 for a while": row("GET", "web:", answer(404), times=2),
    "the public address stays a 404": row("GET", "web:", answer(404), "404|public|download", times=FOREVER, within=90),
    "downloads are something else for good": row(
        "GET", "storage:", altered("bytes"), "bytes|sha|checksum", times=FOREVER
    ),
    # Time.
    "an upload is slow": row(UPLOAD, "uploads:", fakes.slow(0.1), times=2),
}
PROMOTING = {
    "fetching the beta is cut": row("GET", "storage:", cut_at(50_000)),
    "the answer to an upload is lost": row(UPLOAD, "uploads:", lost_answer(), after=1),
    "the answer to a rename is lost": row(RENAME, "api:", lost_answer()),
    "a limit that ends soon": row(UPLOAD, "uploads:", rate_limit(1)),
}


def play(shop, name: str, table, run, channel: str):
    """The fault happens; what the command did is what the row says, and afterwards it can be done."""
    method, where, fault, outcome, times, after, within = table[name]
    files = {"dmg": (shop.inbox / "beta" / "Nexy.dmg").read_bytes()}
    files["notes"] = (shop.inbox / "beta" / "LATEST_CHANGES.md").read_bytes()
    is_public = where.startswith(("storage:", "web:"))
    if is_public:
        # Its clients would meet the fault, and rightly complain.
        shop.poller.rest()
    shop.setting(RELEASE_PATIENCE="5")
    shop.github.fault(method, where, fault, times, after)
    began = time.monotonic()
    done = run()
    seconds = time.monotonic() - began
    left = shop.github.mend()
    if is_public:
        shop.poller.wake()
    assert times == FOREVER or not left, f"the fault never happened\n{done.stdout}\n{done.stderr}"
    shop.poller.agree()
    assert seconds < within, f"{seconds:.1f} s"
    may_recover, words = outcome.startswith(RECOVERED), outcome.removeprefix(RECOVERED).removeprefix(" or ")
    if done.returncode == 0:
        assert may_recover, f"this cannot work: {done.stdout}"
    else:
        assert words, f"did not recover: {done.stdout}\n{done.stderr}"
        assert done.returncode == 1 and re.search(r"^ERROR: ", done.stderr, re.M), done.stderr
        assert re.search(words, done.stderr, re.I), done.stderr
        # Either it is all taken back, or the journal knows what is to be done.
        assert shop.leftovers() == [] or "journal.json" in shop.leftovers()
        assert shop.served(channel) in (STANDING, NEXT)
        shop.setting()
        again = run()
        assert again.returncode == 0, f"{again.stdout}\n{again.stderr}"
    shop.expect(NEXT, channel, files)
    assert eventually(lambda: shop.poller.versions(channel)[-1] == NEXT)


# These wait as long as the commands' patience is.
SLOW = {
    "every upload is cut",
    "everything stored is something else",
    "a digest is told wrongly",
    "an asset gets another name",
    "the public address stays a 404",
    "downloads are something else for good",
}


@pytest.mark.parametrize("name", [name for name in PUBLISHING if IS_THOROUGH or name not in SLOW])
def test_publishing_survives(github_shop, name):
    github_shop.stage(NEXT)
    play(github_shop, name, PUBLISHING, github_shop.publish, "beta")


@pytest.mark.parametrize("name", PROMOTING)
def test_promoting_survives(github_shop, name):
    shop = github_shop
    shop.stage(NEXT)
    shop.do("publish", "--channel", "beta")
    shop.do("validate", "--channel", "beta")
    play(shop, name, PROMOTING, shop.promote, "stable")


def test_stale_downloads_are_waited_for(github_shop):
    """A content delivery network goes on serving what a name had before."""
    shop = github_shop
    files = shop.stage(NEXT)
    shop.github.staleness = 2
    shop.do("publish", "--channel", "beta")
    shop.github.mend()
    shop.expect(NEXT, "beta", files)


def test_many_assets_on_a_shelf_are_all_seen(github_shop):
    """Lists have pages; what stands on the second one counts."""
    shop = github_shop
    release = shop.github.at("UpdateBeta")
    standing = list(release.assets)
    for number in range(120):
        shop.github.place("UpdateBeta", f"Other-{number}.txt", b"x")
    release.assets = [asset for asset in release.assets if asset not in standing] + standing
    files = shop.stage(NEXT)
    shop.do("publish", "--channel", "beta")
    shelf = shop.shelf()["UpdateBeta"]
    assert len([name for name in shelf if name.startswith("Other-")]) == 120, "what is not ours stays"
    release.assets = [asset for asset in release.assets if not asset.name.startswith("Other-")]
    shop.expect(NEXT, "beta", files)


def test_half_an_asset_of_another_day_is_no_obstacle(github_shop):
    shop = github_shop
    files = shop.stage(NEXT)
    for name in (content_name(NEXT, files["dmg"]), f"incoming-{sha256(files['dmg'])[:12]}-Nexy.dmg"):
        shop.github.place("UpdateBeta", name, b"", state="starter", digest=None)
    shop.do("publish", "--channel", "beta")
    shop.expect(NEXT, "beta", files)


def test_other_bytes_under_the_new_name_are_refused_or_replaced(github_shop):
    """Somebody put a file there whose name says that it is ours."""
    shop = github_shop
    files = shop.stage(NEXT)
    shop.github.place("UpdateBeta", content_name(NEXT, files["dmg"]), b"somebody's")
    done = shop.publish()
    assert done.returncode in (0, 1)
    if done.returncode == 0:
        shop.expect(NEXT, "beta", files)
    else:
        assert content_name(NEXT, files["dmg"]) in done.stderr and shop.version("beta") == STANDING
        shop.poller.agree()


def test_no_token_ever_leaves_for_another_host(github_shop):
    shop = github_shop
    shop.stage(NEXT)
    for arguments in (["publish", "--channel", "beta"], ["validate", "--channel", "beta"]):
        shop.do(*arguments)
    shop.do("promote", "--source", "beta", "--target", "stable")
    elsewhere = [entry for entry in shop.github.log if entry.role in ("web", "storage")]
    assert elsewhere and not [entry for entry in elsewhere if "authorization" in entry.headers]
    api = [entry for entry in shop.github.log if entry.role in ("api", "uploads")]
    assert api and all({"authorization", "user-agent"} <= set(entry.headers) for entry in api)


def test_an_answer_that_is_no_json_is_told(github_shop):
    shop = github_shop
    shop.stage(NEXT)
    shop.github.fault("GET", "api:", Fault(200, "not what was asked for"), times=FOREVER)
    done = shop.publish()
    assert done.returncode == 1 and re.search(r"^ERROR: ", done.stderr, re.M) and shop.version("beta") == STANDING
