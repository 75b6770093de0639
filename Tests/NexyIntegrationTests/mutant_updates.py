"""What may be wrong with feeds, manifests and downloads."""

import base64
import json
import re
from dataclasses import replace

from mutant_health import edited, fact, failing, having
from mutant_http import Answered, Asked, Fetch
from mutation import Mutation

FEED, BETA = ("updates", "/appcast.xml"), ("updates", "/appcast-beta.xml")
MANIFESTS, HEALTH = ("updates", "/api/manifests"), ("updates", "/health")
FEEDS = (FEED, BETA)


def rewritten(pattern: str, words: str, *where: tuple[str, str]):
    """Pages with other words where the pattern fits; HEAD tells the same length as GET."""

    def answer(asked: Asked, fetch: Fetch) -> Answered:
        found = fetch(asked)
        if (asked.listener, asked.page) not in where or found.status != 200:
            return found
        whole = found if asked.method == "GET" else fetch(replace(asked, method="GET"))
        changed = whole.saying(re.sub(pattern, words, whole.body.decode()).encode())
        return changed if asked.method == "GET" else replace(changed, body=b"")

    return answer


def manifested(**members):
    """`/api/manifests` tells other members of every artifact."""

    @edited(MANIFESTS)
    def change(told: list) -> None:
        for manifest in told:
            manifest["artifact"] |= members

    return change


def downloaded(change):
    """Downloads, whole or in part, are changed by `def change(answer) -> answer`."""

    def answer(asked: Asked, fetch: Fetch) -> Answered:
        found = fetch(asked)
        return change(found) if asked.page.startswith("/downloads/") and found.status in (200, 206) else found

    return answer


@downloaded
def no_artifact(answer: Answered) -> Answered:
    return Answered(
        404, (("Content-Type", "text/plain"), ("Content-Length", "14")), b"File not found" * bool(answer.body)
    )


@downloaded
def other_bytes(answer: Answered) -> Answered:
    """As many bytes, and one of them is another."""
    return replace(answer, body=bytes([answer.body[0] ^ 1]) + answer.body[1:] if answer.body else b"")


@downloaded
def short_artifact(answer: Answered) -> Answered:
    """The last hundred bytes are not there, and nobody says so."""
    length = max(0, int(answer.field("Content-Length")) - 100)
    return replace(answer.having("Content-Length", str(length)), body=answer.body[:length])


@downloaded
def broken_download(answer: Answered) -> Answered:
    """The connection ends before the last hundred bytes."""
    return replace(answer, body=answer.body[:-100], is_cut=True) if answer.body else answer


@downloaded
def page_for_artifact(answer: Answered) -> Answered:
    return answer.having("Content-Type", "text/html")


def no_ranges(asked: Asked, fetch: Fetch) -> Answered:
    """A download in part is a whole one."""
    return fetch(asked.without("Range"))


def other_head(asked: Asked, fetch: Fetch) -> Answered:
    """HEAD tells another length than GET."""
    found = fetch(asked)
    return found.having("Content-Length", "1") if asked.method == "HEAD" and asked.listener == "updates" else found


@downloaded
def other_part(answer: Answered) -> Answered:
    """A part is as long as it should be, and of another place."""
    return replace(answer, body=answer.body[::-1]) if answer.status == 206 else answer


@downloaded
def other_place(answer: Answered) -> Answered:
    return answer.having("Content-Range", "bytes 0-9/10240") if answer.status == 206 else answer


def whole_behind_end(asked: Asked, fetch: Fetch) -> Answered:
    """Who asks for what lies behind the end gets all of it again."""
    found = fetch(asked)
    return fetch(asked.without("Range")) if found.status == 416 else found


def without_field(name: str, only=lambda asked, found: True):
    """The update server's answers lack a field."""

    def answer(asked: Asked, fetch: Fetch) -> Answered:
        found = fetch(asked)
        return found.having(name, None) if asked.listener == "updates" and only(asked, found) else found

    return answer


def always_sent(asked: Asked, fetch: Fetch) -> Answered:
    """The feed is sent again to who has it."""
    return fetch(asked.without("If-None-Match"))


def never_sent(asked: Asked, fetch: Fetch) -> Answered:
    """The feed is never sent to who has an older one."""
    found = fetch(asked)
    if (asked.listener, asked.page) == FEED and any(name.lower() == "if-none-match" for name, _ in asked.fields):
        return replace(found, status=304).having("Content-Length", None).having("Content-Type", None).saying(b"")
    return found


@edited(("updates", "/api/artifacts"))
def other_size(files: list) -> None:
    files[0]["size"] += 1


@edited(("updates", "/api/versions"))
def older(versions: dict) -> None:
    versions["latest"] = "2.0.0.14"


def stale_signature(asked: Asked, fetch: Fetch) -> Answered:
    """The feed has the signature of the other channel's artifact: a good one, of other bytes."""
    found = fetch(asked)
    if (asked.listener, asked.page) != FEED or asked.method != "GET":
        return found
    told = json.loads(fetch(replace(asked.plain, path="/updates/api/manifests")).body)
    build = re.search(r'sparkle:version="([^"]*)"', found.body.decode())[1]
    other = next(manifest["artifact"]["ed25519"] for manifest in told if manifest["build"] != build)
    return found.saying(re.sub(r'edSignature="[^"]*"', f'edSignature="{other}"', found.body.decode()).encode())


def beta_in_stable(asked: Asked, fetch: Fetch) -> Answered:
    """The stable feed is the beta one."""
    if (asked.listener, asked.page) != FEED:
        return fetch(asked)
    return fetch(replace(asked, path="/updates/appcast-beta.xml"))


def beta_beside_stable(asked: Asked, fetch: Fetch) -> Answered:
    """The stable feed has the beta's item as well."""
    found = fetch(asked)
    if (asked.listener, asked.page) != FEED or asked.method != "GET":
        return found
    beta = fetch(replace(asked.plain, path="/updates/appcast-beta.xml")).body.decode()
    item = re.search(r"<item>.*?</item>", beta, re.DOTALL)[0]
    return found.saying(found.body.decode().replace("</channel>", f"{item}\n</channel>").encode())


def open_gate(asked: Asked, fetch: Fetch) -> Answered:
    """The beta feed is served though its gate is closed."""
    if (asked.listener, asked.page) != BETA:
        return fetch(asked)
    found = fetch(replace(asked, path="/updates/appcast.xml"))
    return found.saying(found.body.replace(b"2.0.0.15", b"2.0.0.16")) if found.body else found


def closed_gate(asked: Asked, fetch: Fetch) -> Answered:
    """The beta feed is away though health says that its gate is open."""
    found = fetch(asked)
    gone = b"Beta channel is disabled"
    return replace(found, status=404).saying(gone) if (asked.listener, asked.page) == BETA else found


def updates_row(name: str, breaks: str, web, behind_gate: bool = False) -> Mutation:
    return Mutation(name, breaks, "updates", "updates.", web=web, behind_gate=behind_gate)


RANDOM = base64.b64encode(bytes(range(64))).decode()

MUTATIONS = [
    updates_row("unhealthy", "updates are healthy", fact(HEALTH, status="unhealthy", reasons=["bad"])),
    updates_row("health-500", "health is 200", failing(500, HEALTH)),
    updates_row("no-feed", "the feed is there", failing(500, FEED)),
    updates_row("torn-feed", "the feed is XML", rewritten(r"</channel>\s*</rss>\s*$", "", FEED)),
    updates_row("html-feed", "the feed is a feed", rewritten(r"(?s).*", "<html></html>", FEED)),
    updates_row("empty-feed", "the feed has an item", rewritten(r"(?s)<item>.*</item>", "", FEED)),
    updates_row("feed-as-html", "the feed's content type", having("Content-Type", "text/html", *FEEDS)),
    updates_row(
        "feed-kept-for-a-day", "the feed is kept for a minute", having("Cache-Control", "public, max-age=86400", *FEEDS)
    ),
    updates_row("feed-no-cache-control", "the feed says how long it keeps", having("Cache-Control", None, *FEEDS)),
    updates_row("other-length", "length is the artifact's", rewritten(r' length="\d+"', ' length="1234"', FEED)),
    updates_row("no-length", "the enclosure has a length", rewritten(r' length="\d+"', "", FEED)),
    updates_row("other-bytes-signed", "the signature is of these bytes", stale_signature),
    updates_row("no-signature", "an item is signed", rewritten(r' sparkle:edSignature="[^"]*"', "", FEED)),
    updates_row(
        "random-signature",
        "the signature is the key's",
        rewritten(r'edSignature="[^"]*"', f'edSignature="{RANDOM}"', *FEEDS),
    ),
    updates_row("stale-manifest-signature", "the manifest's signature is of these bytes", manifested(ed25519=RANDOM)),
    updates_row("three-part-feed", "versions have four parts", rewritten(r"2\.0\.0\.1[56](?=[\"<])", "2.0.0", *FEEDS)),
    updates_row(
        "other-build",
        "feed and health tell one build",
        rewritten(r'sparkle:version="[^"]*"', 'sparkle:version="2.0.0.99"', FEED),
    ),
    updates_row(
        "no-enclosure-version", "the enclosure has the version", rewritten(r' sparkle:version="[^"]*"', "", FEED)
    ),
    updates_row(
        "no-minimum-system",
        "the enclosure has the system",
        rewritten(r' sparkle:minimumSystemVersion="[^"]*"', "", FEED),
    ),
    updates_row(
        "feed-names-itself",
        "the enclosure is an artifact",
        rewritten(r'url="[^"]*/downloads/[^"]*"', 'url="https://localhost/updates/appcast.xml"', FEED),
    ),
    updates_row("manifest-sha", "the manifest's SHA-256 is the artifact's", manifested(sha256="0" * 64)),
    updates_row("manifest-size", "the manifest's size is the artifact's", manifested(size=1)),
    updates_row("no-manifests", "manifests are told", failing(500, MANIFESTS)),
    updates_row("no-artifact", "the artifact is there", no_artifact),
    updates_row("other-bytes", "the artifact has the manifest's bytes", other_bytes),
    updates_row("short-artifact", "the artifact is whole", short_artifact),
    updates_row("broken-download", "a download ends well", broken_download),
    updates_row("page-for-artifact", "the artifact's content type", page_for_artifact),
    updates_row("no-ranges", "a part may be asked for", no_ranges),
    updates_row("other-head", "HEAD tells what GET does", other_head),
    updates_row("beta-in-stable", "stable clients see no beta", beta_in_stable),
    updates_row("beta-beside-stable", "the stable feed has one item", beta_beside_stable),
    updates_row("closed-gate", "an open beta channel has a feed", closed_gate),
    updates_row("open-gate", "a closed beta channel has none", open_gate, behind_gate=True),
    updates_row(
        "beta-said-open", "health tells the gate as it is", fact(HEALTH, beta_updates_enabled=True), behind_gate=True
    ),
    updates_row("other-part", "a part has the bytes of its place", other_part),
    updates_row("other-place", "a part tells its place", other_place),
    updates_row("whole-behind-end", "nothing lies behind the end", whole_behind_end),
    updates_row(
        "no-name",
        "a download has a name to save it by",
        without_field("Content-Disposition"),
    ),
    updates_row("no-tag", "a feed has a tag", having("ETag", None, *FEEDS)),
    updates_row("no-date", "a feed has a date", having("Last-Modified", None, *FEEDS)),
    updates_row("weak-tag", "a tag vouches for bytes", having("ETag", 'W/"1"', *FEEDS)),
    updates_row("always-sent", "who has the feed is told so", always_sent),
    updates_row("never-sent", "who has an older feed gets the new one", never_sent),
    updates_row(
        "other-element",
        "element and attribute tell one build",
        rewritten(r"<sparkle:version>[^<]*<", "<sparkle:version>2.0.0.99<", *FEEDS),
    ),
    updates_row(
        "no-element", "Sparkle finds the version as an element", rewritten(r"<sparkle:version>.*?\n", "\n", *FEEDS)
    ),
    updates_row("other-day", "the feed's date is the manifest's", rewritten(r">Wed, 25 Feb", ">Thu, 26 Feb", *FEEDS)),
    updates_row(
        "other-notes",
        "the notes are the release's",
        rewritten(r"(?<=<sparkle:releaseNotesLink>)[^<]*", "https://github.com/nexy/releases/tag/1", *FEEDS),
    ),
    updates_row("other-namespace", "Sparkle's names are Sparkle's", rewritten(r"xml-namespaces/sparkle", "x", *FEEDS)),
    updates_row("beta-build", "health and the beta feed tell one build", rewritten(r"2\.0\.0\.16", "2.0.0.17", BETA)),
    updates_row("no-origin", "pages may be read from any origin", without_field("Access-Control-Allow-Origin")),
    updates_row(
        "no-origin-of-errors",
        "errors may be read from any origin",
        without_field("Access-Control-Allow-Origin", lambda _, found: found.status == 404),
    ),
    updates_row(
        "no-options",
        "browsers are told what they may ask",
        without_field("Access-Control-Allow-Methods", lambda asked, _: asked.method == "OPTIONS"),
    ),
    updates_row("kept-manifests", "manifests are never kept", having("Cache-Control", "max-age=60", MANIFESTS)),
    updates_row("listed-size", "artifacts are listed as the manifests tell", other_size),
    updates_row("listed-version", "the latest version is listed", older),
]
