"""What may be wrong with feeds, manifests and downloads."""

import base64
import json
import re
from dataclasses import replace

from mutant_health import fact, failing, having, page
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

    @page(MANIFESTS)
    def change(answer: Answered) -> Answered:
        told = json.loads(answer.body) if answer.body else []
        for manifest in told:
            manifest["artifact"] |= members
        return answer.saying(json.dumps(told).encode())

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
]
