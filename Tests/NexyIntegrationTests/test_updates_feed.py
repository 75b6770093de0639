"""The update server's routes and feeds, as browsers, proxies and clients see them."""

import hashlib
import html.parser
import itertools
import json
import os
import time
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

import pytest

from releases import CONTENT, FEEDS, SPARKLE, Releases, config, enclosure, item, request, served_version, settled, start
from server import eventually

STABLE, BETA = "2.0.0.15", "2.1.0.1"
FILE = f"Nexy-{STABLE}.dmg"
# What each page is, and how long it may be kept.
PAGES = {
    "/appcast.xml": ("application/xml", "public, max-age=60"),
    "/appcast-beta.xml": ("application/xml", "public, max-age=60"),
    "/health": ("application/json", "public, max-age=30"),
    "/api/versions": ("application/json", None),
    "/api/manifests": ("application/json", None),
    "/api/artifacts": ("application/json", None),
    "/": ("text/html", None),
    f"/downloads/{FILE}": ("application/octet-stream", None),
}
PREFIXES = {"alone": "", "behind a proxy": "/updates"}
OTHER_METHODS = ["POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"]
NOT_FOUND = ["/nowhere", "/appcast.xml/", "/appcast-alpha.xml", "/updates/updates/health", "/updatesx/health", "/api/"]


@pytest.fixture(scope="module")
def stage(serve_for_file):
    """A stable and a beta release, in order."""
    server, releases = start(
        serve_for_file,
        Releases.manifest(STABLE),
        Releases.manifest(BETA, CONTENT + b"beta"),
        {"UPDATE_BETA_ENABLED": "true"},
    )
    releases.publish("stable", STABLE)
    releases.publish("beta", BETA, CONTENT + b"beta")
    assert settled(server)["status"] == "healthy"
    return server


# --- Routes


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_there_with_and_without_the_prefix(stage, path, prefix):
    answer = request(stage, PREFIXES[prefix] + path)
    kind, kept = PAGES[path]
    assert answer.status == 200 and answer.headers["Content-Type"].split(";")[0] == kind
    assert int(answer.headers["Content-Length"]) == len(answer.body) > 0
    if kept:
        assert (answer.headers["Cache-Control"], answer.headers["Pragma"], answer.headers["Expires"]) == (
            kept,
            "no-cache",
            "0",
        )


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("path", PAGES)
def test_head_is_get_without_its_body(stage, path, prefix):
    get, head = request(stage, PREFIXES[prefix] + path), request(stage, PREFIXES[prefix] + path, "HEAD")
    assert (head.status, head.body) == (200, b"")
    assert same_fields(get) == same_fields(head)


def same_fields(answer) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items() if name.lower() != "date"}


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("path", PAGES)
def test_options_says_what_is_allowed(stage, path, prefix):
    headers = {"Origin": "https://example.com", "Access-Control-Request-Method": "GET"}
    answer = request(stage, PREFIXES[prefix] + path, "OPTIONS", headers)
    assert answer.status in (200, 204) and answer.body == b""
    assert methods(answer.headers["Allow"]) == {"GET", "HEAD", "OPTIONS"}


def methods(field: str) -> set[str]:
    return {word.strip() for word in field.split(",")}


@pytest.mark.parametrize("method", OTHER_METHODS)
@pytest.mark.parametrize("path", PAGES)
def test_any_other_method_is_a_405(stage, path, method):
    answer = request(stage, "/updates" + path, method, {"Content-Length": "0"})
    assert answer.status == 405 and methods(answer.headers["Allow"]) == {"GET", "HEAD", "OPTIONS"}
    assert_any_origin_may_read(answer)


@pytest.mark.parametrize("path", NOT_FOUND)
def test_what_is_not_there_is_a_404(stage, path):
    assert request(stage, path).status == 404


@pytest.mark.parametrize("path", ["/appcast.xml?build=1", "/health?", "/updates/appcast.xml?a=b&c=/../x"])
def test_a_query_changes_nothing(stage, path):
    assert request(stage, path).body[:5] == request(stage, path.partition("?")[0]).body[:5]
    assert request(stage, path).status == 200


def assert_any_origin_may_read(answer):
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert {"GET", "OPTIONS"} <= methods(answer.headers["Access-Control-Allow-Methods"])
    assert {"Content-Type", "Authorization"} <= methods(answer.headers["Access-Control-Allow-Headers"])


# Name: the request, the headers of it, and its status.
ANSWERS = {
    **{f"GET {path}": (path, "GET", {}, 200) for path in PAGES},
    **{f"HEAD {path}": (path, "HEAD", {}, 200) for path in PAGES},
    **{f"OPTIONS {path}": (path, "OPTIONS", {}, 204) for path in PAGES},
    "no such page": ("/nowhere", "GET", {}, 404),
    "no such page, by OPTIONS": ("/nowhere", "OPTIONS", {}, 404),
    "no such file": ("/downloads/none.dmg", "GET", {}, 404),
    "a way out of the folder": ("/downloads/..%2f..%2fconfig.env", "GET", {}, 404),
    "a method that nobody takes": ("/health", "DELETE", {}, 405),
    "a part": (f"/downloads/{FILE}", "GET", {"Range": "bytes=0-9"}, 206),
    "a part that is not there": (f"/downloads/{FILE}", "GET", {"Range": "bytes=99999999-"}, 416),
    "a feed that the client has": ("/appcast.xml", "GET", {"If-None-Match": "*"}, 304),
    "a feed that the client does not want": ("/appcast.xml", "GET", {"If-Match": '"other"'}, 412),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_pages_of_any_origin_may_read_every_answer(stage, name):
    path, method, headers, status = ANSWERS[name]
    answer = request(stage, path, method, headers)
    assert answer.status == status
    assert_any_origin_may_read(answer)


def test_pages_of_other_origins_read_nothing_where_that_is_switched_off(serve):
    server, _ = start(serve, Releases.manifest(), settings={"UPDATE_CORS": "false"})
    for path in ["/appcast.xml", "/nowhere", "/health"]:
        assert "Access-Control-Allow-Origin" not in request(server, path).headers


# What is accepted, and whether an error then is JSON.
ACCEPTS = {
    "nothing said": (None, False),
    "anything": ("*/*", False),
    "a browser": ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", False),
    "text": ("text/plain", False),
    "JSON": ("application/json", True),
    "JSON in capitals": ("Application/JSON", True),
    "JSON first": ("application/json, text/plain, */*", True),
    "text first": ("text/plain, application/json", False),
    "JSON rather than text": ("text/plain;q=0.1, application/json", True),
    "text rather than JSON": ("application/json;q=0.1, text/plain", False),
}
ERRORS = {
    "no such page": ("/nowhere", "GET", 404, None),
    "no such file": ("/downloads/none.dmg", "GET", 404, "File not found"),
    "a method that nobody takes": ("/health", "POST", 405, None),
    "a part that is not there": (f"/downloads/{FILE}", "GET", 416, None),
}


@pytest.mark.parametrize("accept", ACCEPTS)
@pytest.mark.parametrize("name", ERRORS)
def test_an_error_is_text_or_json_by_what_is_accepted(stage, name, accept):
    path, method, status, text = ERRORS[name]
    accepted, is_json = ACCEPTS[accept]
    headers = {"Accept": accepted} if accepted else {}
    answer = request(stage, path, method, headers | {"Range": "bytes=99999999-", "Content-Length": "0"})
    assert answer.status == status
    kind = answer.headers["Content-Type"].split(";")[0]
    told = answer.json["error"] if is_json else answer.body.decode().rstrip("\n")
    assert kind == ("application/json" if is_json else "text/plain")
    assert told == text if text else told
    assert str(stage.work.parent) not in answer.body.decode()


# --- Lists and the page for people


def test_the_lists_tell_what_is_published(stage):
    versions = request(stage, "/api/versions").json
    assert (versions["current"], versions["latest"]) == (STABLE, STABLE)
    assert sorted(versions["available"]) == [STABLE, BETA]
    assert {"manifest.json", "manifest_beta.json"} <= set(versions["manifests"])
    manifests = request(stage, "/api/manifests").json
    assert {manifest["version"]: manifest for manifest in manifests} == {
        STABLE: Releases.manifest(STABLE),
        BETA: Releases.manifest(BETA, CONTENT + b"beta"),
    }
    artifacts = {artifact["filename"]: artifact for artifact in request(stage, "/api/artifacts").json}
    assert set(artifacts) == {FILE, f"Nexy-{BETA}.dmg"}
    told = artifacts[FILE]
    assert set(told) == {"filename", "size", "sha256", "type", "url", "created", "modified"}
    assert (told["size"], told["sha256"], told["type"]) == (len(CONTENT), hashlib.sha256(CONTENT).hexdigest(), "dmg")
    assert "0.0.0.0" not in told["url"] and told["url"].endswith(f"/downloads/{FILE}")


def test_versions_of_four_parts_are_sorted_by_number(serve):
    server, releases = start(serve, Releases.manifest("2.0.0.10"))
    for version in ["2.0.0.9", "2.0.0.2", "1.9.9.9", "2.0.0.10"]:
        releases.write(Releases.manifest(version), name=f"manifest_{version}.json")
    wanted = ["2.0.0.10", "2.0.0.9", "2.0.0.2", "1.9.9.9"]
    assert eventually(lambda: request(server, "/api/versions").json["available"] == wanted, 10)
    assert [manifest["version"] for manifest in request(server, "/api/manifests").json] == wanted


class Page(html.parser.HTMLParser):
    """The links of a page with their texts, and all that it says."""

    def __init__(self, text: str):
        super().__init__()
        self.links: dict[str, str] = {}
        self.tags: list[str] = []
        self.text = ""
        self._link = None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag == "a":
            self._link = dict(attributes)["href"]
            self.links[self._link] = ""

    def handle_endtag(self, tag):
        if tag == "a":
            self._link = None

    def handle_data(self, data):
        self.text += data
        if self._link:
            self.links[self._link] += data


@pytest.mark.parametrize("path", ["/", "/updates/", "/updates"])
def test_the_page_for_people_tells_versions_sizes_checksums_and_links_that_work(stage, path):
    answer = request(stage, path)
    page = Page(answer.body.decode())
    for word in [STABLE, BETA, hashlib.sha256(CONTENT).hexdigest(), "10.2 kB"]:
        assert word in page.text
    assert str(stage.work.parent) not in answer.body.decode() and str(stage.updates_port) not in page.text
    for link in page.links:
        target = urlsplit(urljoin(f"http://here{path}", link))
        assert target.hostname == "github.com" or request(stage, target.path).status == 200, link


def test_the_page_for_people_can_be_walked_with_a_screen_reader(stage):
    page = request(stage, "/").body.decode()
    assert '<html lang="en">' in page and "<title>" in page
    tags = Page(page).tags
    assert tags.count("main") == 1 and tags.count("h1") == 1 and tags.count("table") == tags.count("caption")
    assert page.count("<th ") == page.count('scope="')


# --- What a feed says


@pytest.fixture(scope="module")
def desk(serve_for_file):
    """A server for feeds that come and go."""
    return start(serve_for_file, Releases.manifest("1.0"))


NUMBERS = itertools.count(1)


def offered(desk, **fields):
    """The feed of a new release with these members."""
    server, releases = desk
    version = f"1.1.{next(NUMBERS)}"
    releases.write(Releases.manifest(version, **fields))
    assert eventually(lambda: served_version(server) == version, 10)
    return request(server, "/appcast.xml").body


def test_the_enclosure_has_what_the_released_client_reads(desk):
    feed = offered(desk)
    version = enclosure(feed)["sparkle:version"]
    assert enclosure(feed) == {
        "url": f"https://github.com/nexy/releases/download/{version}/Nexy-{version}.dmg",
        "length": str(len(CONTENT)),
        "type": "application/octet-stream",
        "sparkle:version": version,
        "sparkle:shortVersionString": version,
        "sparkle:minimumSystemVersion": "11.0.0",
    }


def elements(feed: bytes) -> dict[str, str | None]:
    """The elements of the item, Sparkle's with `sparkle:` before them."""
    return {child.tag.replace(SPARKLE, "sparkle:"): child.text for child in item(feed)}


def test_the_item_has_what_sparkle_reads(desk):
    feed = offered(desk)
    version = enclosure(feed)["sparkle:version"]
    assert elements(feed) == {
        "title": f"Version {version}",
        "description": f"Update to version {version}",
        "pubDate": "Wed, 25 Feb 2026 12:00:00 +0000",
        "sparkle:version": version,
        "sparkle:shortVersionString": version,
        "sparkle:minimumSystemVersion": "11.0.0",
        "sparkle:releaseNotesLink": f"https://github.com/nexy/releases/tag/{version}",
        "enclosure": None,
    }


def test_the_channel_says_whose_updates_these_are(desk):
    feed = offered(desk).decode()
    assert feed.startswith("<?xml ") and '<rss version="2.0"' in feed
    for line in [
        "<title>Nexy Updates</title>",
        "<description>Updates for Nexy AI Assistant</description>",
        "<language>en</language>",
    ]:
        assert line in feed


SIGNATURE = "A" * 86 + "=="
# Members of a manifest, and the elements that come of them; None is no such element.
OPTIONAL = {
    "a critical update": ({"critical": True}, {"sparkle:criticalUpdate": None}),
    "no critical update": ({"critical": False}, {}),
    "a number of groups": ({"phased_rollout_interval": 86400}, {"sparkle:phasedRolloutInterval": "86400"}),
    "a channel": ({"channel": "early-birds_1.0"}, {"sparkle:channel": "early-birds_1.0"}),
    "an empty channel": ({"channel": ""}, {}),
    "hardware": ({"hardware_requirements": "arm64"}, {"sparkle:hardwareRequirements": "arm64"}),
    "an artifact for Apple silicon": ({"arch": "arm64"}, {"sparkle:hardwareRequirements": "arm64"}),
    "an artifact for all": ({"arch": "universal2"}, {}),
    "a system of one part": ({"min_os": "12"}, {"sparkle:minimumSystemVersion": "12.0.0"}),
    "a system of three parts": ({"min_os": "12.3.1"}, {"sparkle:minimumSystemVersion": "12.3.1"}),
    "no system": ({"min_os": None}, {"sparkle:minimumSystemVersion": "absent"}),
    "no notes": ({"notes_url": ""}, {"sparkle:releaseNotesLink": "absent"}),
    "notes": (
        {"notes_markdown": "# New\n\n- *faster*"},
        {"description": "# New\n\n- *faster*", "sparkle:releaseNotesLink": "absent"},
    ),
    "a key that nobody knows": ({"colour": {"of": ["the", "day"]}}, {}),
}
DEFAULTS = {"title", "description", "pubDate", "sparkle:version", "sparkle:shortVersionString", "enclosure"}


@pytest.mark.parametrize("name", OPTIONAL)
def test_optional_members_become_elements(desk, name):
    members, wanted = OPTIONAL[name]
    found = elements(offered(desk, **members))
    wanted = {"sparkle:minimumSystemVersion": "11.0.0"} | wanted
    usual = DEFAULTS | {"sparkle:releaseNotesLink"}
    absent = {tag for tag, text in wanted.items() if text == "absent"}
    assert {tag: found[tag] for tag in wanted if tag not in absent} == {
        tag: text for tag, text in wanted.items() if tag not in absent
    }
    assert set(found) == (usual | set(wanted)) - absent


def test_an_update_may_be_critical_below_a_version_only(desk):
    feed = offered(desk, critical=True, critical_below="1.0.5")
    assert item(feed).find(f"{SPARKLE}criticalUpdate").attrib == {f"{SPARKLE}version": "1.0.5"}


def test_notes_in_markdown_say_so(desk):
    feed = offered(desk, notes_markdown="*hello*")
    assert item(feed).find("description").attrib == {f"{SPARKLE}format": "markdown"}


def test_version_and_build_are_two_things(desk):
    attributes = enclosure(offered(desk, build="7.0.0.1"))
    assert attributes["sparkle:version"] == "7.0.0.1" != attributes["sparkle:shortVersionString"]


def test_a_signature_stands_where_sparkle_reads_it(desk):
    attributes = enclosure(offered(desk, ed25519=SIGNATURE))
    assert attributes["sparkle:edSignature"] == SIGNATURE and "sparkle:dsaSignature" not in attributes


@pytest.mark.parametrize(
    ("date", "told"),
    {
        "2026-02-25": "Wed, 25 Feb 2026 00:00:00 +0000",
        "2026-02-25T01:02:03Z": "Wed, 25 Feb 2026 01:02:03 +0000",
        "2026-02-25T01:02:03.999Z": "Wed, 25 Feb 2026 01:02:03 +0000",
        "2026-02-25T01:02:03+02:00": "Tue, 24 Feb 2026 23:02:03 +0000",
        "2024-02-29T23:59:59Z": "Thu, 29 Feb 2024 23:59:59 +0000",
    }.items(),
)
def test_the_date_is_that_of_the_release(desk, date, told):
    assert elements(offered(desk, release_date=date))["pubDate"] == told


# Hostile notes, and what an XML parser must make of them again.
HOSTILE = {
    "an element": ("</description><enclosure url='https://evil.example/x.dmg'/>", None),
    "an item": ("]]></description></item><item><title>x</title>", None),
    "an entity": ('&lt; &amp; &xxe; <!ENTITY xxe SYSTEM "file:///etc/passwd"> %25', None),
    "quotes": ("\"double\" 'single' `back`", None),
    "a comment": ("<!-- sparkle-signatures:\nedSignature: x\nlength: 1\n-->", None),
    "the end of CDATA": ("<![CDATA[ ]]> ]]>", None),
    "characters that XML has not": ("a\x01b\x08c\x0bd\x1fe\ufffef\uffffg", "abcdefg"),
    "lines of Windows": ("one\r\ntwo\rthree", "one\ntwo\nthree"),
    "many alphabets": ("Привет 你好 שלום 🎉 e\u0301 \u202e \u0085", None),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_notes_stay_text(desk, name):
    notes, read = HOSTILE[name]
    feed = offered(desk, notes_markdown=notes)
    assert elements(feed)["description"] == (read or notes)
    assert enclosure(feed)["url"].startswith("https://github.com/nexy/")


def test_an_address_is_escaped(desk):
    address = "https://github.com/a&b;c='d'/100%25/Nexy&lt;.dmg"
    assert enclosure(offered(desk, url=address))["url"] == address


NAMES = ["<script>alert(1)</script>.dmg", "\"onmouseover='x'.dmg", "a&amp;b.dmg", "blank and % 100%25.dmg", "ñ你🎉.dmg"]


def test_hostile_names_of_files_stay_text(serve):
    server, releases = start(serve, Releases.manifest())
    names = [name for name in NAMES if "/" not in name] + ["<img src=x onerror=alert(1)>.dmg"]
    for name in names:
        releases.artifact(name, name.encode())
    answer = request(server, "/")
    page = Page(answer.body.decode())
    assert not {"script", "img"} & set(page.tags)
    links = {text: link for link, text in page.links.items()}
    for name in names:
        assert request(server, links[name]).body == name.encode()
    listed = {artifact["filename"]: artifact["url"] for artifact in request(server, "/api/artifacts").json}
    assert {name: links[name] for name in names} == {name: listed[name] for name in names}


# --- Not changed since


def test_a_feed_is_the_same_bytes_until_something_changes(stage):
    answers = [request(stage, path) for path in ["/appcast.xml", "/updates/appcast.xml"] * 5]
    assert len({answer.body for answer in answers}) == 1
    assert len({(answer.headers["ETag"], answer.headers["Last-Modified"]) for answer in answers}) == 1
    tag = answers[0].headers["ETag"]
    assert tag.startswith('"') and tag.endswith('"') and len(tag) > 10


def test_the_same_manifest_written_again_is_the_same_feed(desk):
    server, releases = desk
    offered(desk)
    before = request(server, "/appcast.xml")
    manifest = (releases.manifests / "manifest.json").read_text()
    for text in [manifest, json.dumps(json.loads(manifest), indent=4), manifest]:
        releases.write(text)
        request(server, "/health")
        after = request(server, "/appcast.xml")
        assert (after.body, after.headers["ETag"]) == (before.body, before.headers["ETag"])


# How a client says what it has, given the feed's tag and date; and what it is answered with.
CONDITIONS = {
    "the tag": ({"If-None-Match": "{tag}"}, 304),
    "the tag, said to be weak": ({"If-None-Match": "W/{tag}"}, 304),
    "one of many tags": ({"If-None-Match": '"a", {tag}, "b"'}, 304),
    "any": ({"If-None-Match": "*"}, 304),
    "another tag": ({"If-None-Match": '"other"'}, 200),
    "a tag without quotes": ({"If-None-Match": "{bare}"}, 200),
    "the date": ({"If-Modified-Since": "{date}"}, 304),
    "a later date": ({"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}, 304),
    "an earlier date": ({"If-Modified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"}, 200),
    "no date": ({"If-Modified-Since": "yesterday"}, 200),
    "another tag, and the date": ({"If-None-Match": '"other"', "If-Modified-Since": "{date}"}, 200),
    "the tag, and an earlier date": (
        {"If-None-Match": "{tag}", "If-Modified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"},
        304,
    ),
    "only the tag": ({"If-Match": "{tag}"}, 200),
    "only another tag": ({"If-Match": '"other"'}, 412),
    "a part": ({"Range": "bytes=0-9"}, 200),
    "a part behind the end": ({"Range": "bytes=99999999-"}, 200),
}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("name", CONDITIONS)
def test_a_client_gets_a_feed_once(stage, name, method):
    feed = request(stage, "/appcast.xml")
    fields, status = CONDITIONS[name]
    tag, date = feed.headers["ETag"], feed.headers["Last-Modified"]
    known = {"tag": tag, "bare": tag.strip('"'), "date": date}
    answer = request(stage, "/appcast.xml", method, {field: text.format(**known) for field, text in fields.items()})
    assert answer.status == status
    if status == 200:
        assert answer.body == (feed.body if method == "GET" else b"")
    if status in (200, 304):
        for field in ["ETag", "Last-Modified", "Cache-Control", "Expires"]:
            assert answer.headers[field] == feed.headers[field]
    if status == 304:
        assert answer.body == b""


def test_a_new_release_is_new_to_who_has_the_old_feed(desk):
    server, _ = desk
    offered(desk)
    tag = request(server, "/appcast.xml").headers["ETag"]
    offered(desk)
    answer = request(server, "/appcast.xml", headers={"If-None-Match": tag})
    assert answer.status == 200 and answer.headers["ETag"] != tag


def test_a_new_release_is_new_by_date_too_when_its_file_is_older(serve):
    """A manifest that was prepared before the standing one was published, and renamed into its place."""
    server, releases = start(serve)
    older = releases.write(Releases.manifest("2.0.0.2"), name="prepared.json")
    os.utime(older, (1_700_000_000, 1_700_000_000))
    releases.write(Releases.manifest("2.0.0.1"))
    assert eventually(lambda: served_version(server) == "2.0.0.1", 10)
    seen = request(server, "/appcast.xml").headers["Last-Modified"]
    # HTTP tells whole seconds, and the clock of files is a little late.
    moment = parsedate_to_datetime(seen).timestamp()
    assert eventually(lambda: time.time() > moment + 1.1, 10)
    os.replace(older, releases.manifests / "manifest.json")
    assert eventually(lambda: served_version(server) == "2.0.0.2", 10)
    assert request(server, "/appcast.xml", headers={"If-Modified-Since": seen}).status == 200


def test_the_date_of_a_feed_is_not_in_the_future(desk):
    """Whatever the clock of the publisher's machine says (RFC 9110, section 8.8.2.1)."""
    server, releases = desk
    path = releases.write(Releases.manifest("1.2"), name="prepared.json")
    os.utime(path, (4_000_000_000, 4_000_000_000))
    os.replace(path, releases.manifests / "manifest.json")
    assert eventually(lambda: served_version(server) == "1.2", 10)
    headers = request(server, "/appcast.xml").headers
    assert parsedate_to_datetime(headers["Last-Modified"]) <= parsedate_to_datetime(headers["Date"])


# --- The gate of the beta channel

MARK = b"only testers may have these bytes " * 99
SECRETS = ["2.9.0.7", hashlib.sha256(MARK).hexdigest(), MARK.decode()[:33], "manifest_beta", "appcast-beta"]
WAYS = [*PAGES, "/downloads/Nexy-2.9.0.7.dmg", "/downloads/Nexy%2D2.9.0.7.dmg", "/downloads/%4eexy.dmg", "/nowhere"]


def seen(server) -> list[str]:
    """Everything of the beta channel that can be seen, by every way there is."""
    answers = {way + path: request(server, way + path) for way in PREFIXES.values() for path in WAYS}
    answers |= {f"the voice server's {path}": server.request(path) for path in ["/health", "/status", "/metrics"]}
    found = []
    for path, answer in answers.items():
        text = f"{answer.headers}".encode() + answer.body
        found += [f"{secret!r} in {path}" for secret in SECRETS if secret.encode() in text]
    return found


def beta(releases, **fields):
    return releases.publish("beta", "2.9.0.7", MARK, **fields)


def replaced(releases, server):
    beta(releases)
    show(server, "2.9.0.7")
    releases.publish("beta", "2.9.0.8", MARK + b"2")


def withdrawn(releases, server):
    beta(releases)
    show(server, "2.9.0.7")
    (releases.manifests / "manifest_beta.json").unlink()


def broken(releases, server):
    beta(releases)
    show(server, "2.9.0.7")
    releases.write('{"version": "2.9.0.7", ', "beta")


def show(server, version):
    """Switches the beta channel on for a moment."""
    gate(server, True)
    assert eventually(lambda: served_version(server, "beta") == version, 10)
    gate(server, False)


def gate(server, is_open: bool):
    server.work.joinpath("config.env").write_text(config({"UPDATE_BETA_ENABLED": str(is_open).lower()}))
    assert eventually(lambda: request(server, "/health").json["beta_updates_enabled"] == is_open, 20)


def checksums(server) -> list[str | None]:
    return [file.get("sha256") for file in request(server, "/api/artifacts").json]


# What stands in the folders while the channel is off.
STATES = {
    "a beta": lambda releases, server: beta(releases),
    "a beta in the archive too": lambda releases, server: releases.write(
        beta(releases), name="manifest_2.9.0.7.json"
    ),
    "a copy under another name": lambda releases, server: (beta(releases), releases.artifact("Copy.dmg", MARK)),
    "a beta under the name of the stable file": lambda releases, server: beta(
        releases, url=f"https://github.com/nexy/releases/download/UpdateBeta/{FILE}"
    ),
    "a beta whose manifest broke": broken,
    "a beta that another one replaced": replaced,
    "a beta that was withdrawn": withdrawn,
    "a signed feed": lambda releases, server: releases.write(
        f"<!-- {json.dumps(beta(releases))} -->", name="appcast-beta.xml"
    ),
}


@pytest.mark.parametrize("name", STATES)
def test_nothing_of_the_beta_channel_can_be_seen_while_it_is_off(serve, name):
    server, releases = start(serve, Releases.manifest(STABLE))
    releases.publish("stable", STABLE)
    settled(server)
    STATES[name](releases, server)
    # Files are known by their checksums once those are worked out.
    assert eventually(lambda: all(checksums(server)) and served_version(server) == STABLE, 20)
    assert seen(server) == []
    answer = request(server, "/appcast-beta.xml")
    assert (answer.status, answer.body.strip()) == (404, b"Beta channel is disabled")


def test_nothing_of_a_broken_beta_is_told_while_the_channel_is_off(serve):
    server, releases = start(serve, Releases.manifest(STABLE))
    releases.publish("stable", STABLE)
    releases.write({"version": "2.9.0.7", "artifact": {"sha256": "manifest_beta"}}, "beta")
    assert settled(server)["status"] == "healthy" and seen(server) == []


def test_the_beta_channel_is_switched_on_and_off_while_the_server_runs(serve):
    server, releases = start(serve, Releases.manifest(STABLE), settings={"UPDATE_BETA_ENABLED": "false"})
    releases.publish("stable", STABLE)
    beta(releases)
    settled(server)
    assert seen(server) == []
    for _ in range(2):
        gate(server, True)
        assert served_version(server, "beta") == "2.9.0.7" and served_version(server) == STABLE
        assert request(server, "/downloads/Nexy-2.9.0.7.dmg").body == MARK
        assert {"stable", "beta"} == set(settled(server)["channels"])
        assert "2.9.0.7" in request(server, "/api/versions").json["available"]
        assert server.request("/health").json["latest_version"] == STABLE
        gate(server, False)
        assert seen(server) == []


def test_a_promoted_beta_is_a_stable_release_and_nothing_else(serve):
    server, releases = start(serve, Releases.manifest(STABLE))
    releases.publish("stable", STABLE)
    beta(releases)
    releases.write(Releases.manifest("2.9.0.7", MARK))
    assert eventually(lambda: served_version(server) == "2.9.0.7", 10)
    assert request(server, "/downloads/Nexy-2.9.0.7.dmg").body == MARK
    assert eventually(lambda: server.request("/health").json["latest_version"] == "2.9.0.7", 10)
    answer = request(server, "/appcast-beta.xml")
    assert (answer.status, answer.body.strip()) == (404, b"Beta channel is disabled")
    assert set(settled(server)["channels"]) == {"stable"}
    listed = request(server, "/api/versions").json
    assert "manifest_beta.json" not in listed["manifests"] and listed["available"].count("2.9.0.7") == 1


def test_beta_clients_are_not_given_the_stable_feed_when_there_is_no_beta(serve):
    server, _ = start(serve, Releases.manifest(STABLE), settings={"UPDATE_BETA_ENABLED": "true"})
    answer = request(server, "/appcast-beta.xml")
    assert answer.status == 404 and STABLE.encode() not in answer.body


def test_stable_clients_are_never_given_the_beta_feed(serve):
    server, _ = start(serve, beta=Releases.manifest(BETA), settings={"UPDATE_BETA_ENABLED": "true"})
    answer = request(server, f"/{FEEDS['stable']}")
    assert answer.status == 500 and b"Error generating AppCast XML" in answer.body
    assert BETA.encode() not in answer.body and request(server, "/health").json["latest_version"] is None
