"""The fake GitHub behaves as GitHub does, the client that never stops looking sees lies, and commands stop where they
should: what the tests of releases stand on."""

import http.client
import json
import subprocess
import time
from urllib.parse import urlsplit

import pytest

import github_faults as fakes
from funnel import FILES, STANDING, Halted, content, sha256
from github import GitHub
from releases import Releases
from server import clean_environment, eventually, run_nexy

ASSETS = "/repos/nexy/releases/releases/{}/assets"


@pytest.fixture
def github(tmp_path):
    github = GitHub(tmp_path / "github")
    yield github
    github.close()


def ask(github, method, path, body=None, token="right", base=None, **headers):
    """One request on a connection of its own: status, headers, and the body, as JSON where it is some."""
    parts = urlsplit(base or github.api)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)
    told = {"User-Agent": "test"} | {name.replace("_", "-"): value for name, value in headers.items()}
    if token:
        told["Authorization"] = f"Bearer {github.token if token == 'right' else token}"
    try:
        connection.request(method, path, body, told)
        response = connection.getresponse()
        data = response.read()
    finally:
        connection.close()
    is_json = "json" in response.headers.get("Content-Type", "")
    return response.status, response.headers, json.loads(data) if is_json and data else data


def upload(github, tag, name, data=b"bytes", **more):
    path = ASSETS.format(github.at(tag).identifier) + f"?name={name}"
    headers = {"Content_Type": "application/octet-stream"}
    return ask(github, "POST", path, data, base=github.uploads, **headers, **more)


def follow(github, address):
    parts = urlsplit(address)
    return ask(github, "GET", f"{parts.path}?{parts.query}", token=None, base=f"{parts.scheme}://{parts.netloc}")


# --- The fake GitHub


def test_an_asset_comes_back_as_it_went(github):
    data = content("1.0", size=3_000_000)
    status, _, told = upload(github, "Update", "Nexy.dmg", data)
    assert (status, told["state"], told["size"], told["digest"]) == (
        201,
        "uploaded",
        len(data),
        f"sha256:{sha256(data)}",
    )
    status, headers, _ = ask(github, "GET", urlsplit(told["url"]).path, Accept="application/octet-stream")
    assert status == 302 and urlsplit(headers["Location"]).hostname == "127.0.0.2"
    assert follow(github, headers["Location"])[2] == data
    status, headers, _ = follow(github, told["browser_download_url"])
    assert status == 302 and follow(github, headers["Location"])[2] == data
    assert github.tree()["Update"] == {"Nexy.dmg": sha256(data)} and github.leaks == []


def test_a_token_is_for_the_api_alone(github):
    github.place("Update", "Nexy.dmg", b"bytes")
    _, headers, _ = ask(github, "GET", "/nexy/releases/releases/download/Update/Nexy.dmg", token=None, base=github.web)
    parts = urlsplit(headers["Location"])
    status, _, _ = ask(github, "GET", f"{parts.path}?{parts.query}", base=github.storage)
    assert status == 400 and github.leaks


@pytest.mark.parametrize(
    "method, path, token, status",
    [
        ("GET", "", "wrong", 401),
        ("GET", "", None, 200),
        ("GET", "/releases/tags/Update", None, 200),
        ("GET", "/releases/tags/Nothing", "right", 404),
        ("GET", "/releases/assets/1", "right", 404),
        ("DELETE", "/releases/assets/1", None, 401),
        ("DELETE", "/releases/assets/1", "right", 404),
        ("GET", "/immutable-releases", "right", 404),
    ],
)
def test_requests_are_answered_as_github_does(github, method, path, token, status):
    assert ask(github, method, f"/repos/nexy/releases{path}", token=token)[0] == status


def test_a_name_is_given_once(github):
    first = upload(github, "Update", "one")[2]
    status, _, told = upload(github, "Update", "one")
    assert status == 422 and told["errors"][0]["code"] == "already_exists"
    second = upload(github, "Update", "two")[2]
    path = urlsplit(second["url"]).path
    assert ask(github, "PATCH", path, json.dumps({"name": "one"}))[0] == 422
    assert ask(github, "DELETE", urlsplit(first["url"]).path)[0] == 204
    assert ask(github, "DELETE", urlsplit(first["url"]).path)[0] == 404
    assert ask(github, "PATCH", path, json.dumps({"name": "one"}))[2]["name"] == "one"
    assert upload(github, "Update", "a%20b(c)")[2]["name"] == "a.b.c"


def test_lists_have_pages(github):
    for number in range(5):
        github.place("Update", f"{number}", b"x")
    path = ASSETS.format(github.at("Update").identifier)
    _, headers, first = ask(github, "GET", f"{path}?per_page=2")
    assert [asset["name"] for asset in first] == ["0", "1"]
    assert 'page=2>; rel="next"' in headers["Link"] and 'page=3>; rel="last"' in headers["Link"]
    assert [asset["name"] for asset in ask(github, "GET", f"{path}?per_page=2&page=3")[2]] == ["4"]


def test_an_upload_that_is_cut_leaves_half_an_asset(github):
    github.fault("POST", "Nexy.dmg", fakes.cut_at(1000, leaves_starter=True))
    with pytest.raises((http.client.HTTPException, OSError)):
        upload(github, "Update", "Nexy.dmg", bytes(5_000_000))
    assert github.halves() == ["Update/Nexy.dmg"] and github.tree()["Update"] == {}
    assert upload(github, "Update", "Nexy.dmg")[0] == 422


FAULTS = {
    "a limit": (fakes.rate_limit(30), 403, {"x-ratelimit-remaining": "0"}),
    "a secondary limit": (fakes.secondary_limit(7, 429), 429, {"retry-after": "7"}),
    "an error": (fakes.answer(503), 503, {}),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_happens_as_often_as_it_was_asked_for(github, name):
    fault, status, headers = FAULTS[name]
    github.fault("GET", "releases/tags", fault, times=2, after=1)
    found = [ask(github, "GET", "/repos/nexy/releases/releases/tags/Update") for _ in range(4)]
    assert [one[0] for one in found] == [200, status, status, 200]
    assert headers.items() <= dict(found[1][1]).items()
    if name == "a limit":
        assert 25 < int(found[1][1]["x-ratelimit-reset"]) - time.time() < 35
    assert github.mend() == []


def test_an_answer_is_lost_after_the_work(github):
    github.fault("POST", "one", fakes.lost_answer())
    with pytest.raises((http.client.HTTPException, OSError)):
        upload(github, "Update", "one")
    assert github.tree()["Update"] == {"one": sha256(b"bytes")} and github.log[-1].is_carried_out


def test_public_downloads_can_be_stale(github):
    path = "/nexy/releases/releases/download/Update/one"
    asset = github.place("Update", "one", b"old")
    github.staleness = 2
    ask(github, "DELETE", f"/repos/nexy/releases/releases/assets/{asset.identifier}")
    upload(github, "Update", "one", b"new")
    seen = []
    for _ in range(3):
        location = ask(github, "GET", path, token=None, base=github.web)[1]["Location"]
        seen.append(follow(github, location)[2])
    assert seen == [b"old", b"old", b"new"]


@pytest.mark.parametrize("moment, is_there", [("before", False), ("during", False), ("after", True)])
def test_a_process_is_killed_at_a_request(github, tmp_path, moment, is_there):
    (tmp_path / "file").write_bytes(bytes(5_000_000))
    kill = github.kill_at(2, moment)
    assert upload(github, "Update", "one")[0] == 201
    address = f"{github.uploads}{ASSETS.format(github.at('Update').identifier)}?name=two"
    command = ["curl", "-sS", "--data-binary", f"@{tmp_path / 'file'}", "-H", f"Authorization: Bearer {github.token}"]
    process = subprocess.Popen([*command, "-H", "Content-Type: a/b", address], stderr=subprocess.DEVNULL)
    kill.victim(process)
    assert process.wait(10) == -9 and kill.is_done.wait(10)
    assert ("two" in github.tree()["Update"]) == is_there
    assert github.halves() == (["Update/two"] if moment == "during" else [])


# --- The client that never stops looking


@pytest.fixture
def watched(streets, tmp_path_factory):
    """A street with a stable release that nobody needed a command for."""
    street = streets("watched")
    shop = street.shop("directory")
    shop.updates_url = street.updates("stable")
    for path in list(shop.downloads.iterdir()):
        path.unlink()
    with street.poller.paused():
        street.poller.known.clear()
        offer(shop, STANDING)
        assert eventually(lambda: shop.served("stable") == STANDING)
    street.poller.wake()
    yield shop
    street.poller.rest()


def offer(shop, version, data=None, **fields):
    data = data or content(version)
    name = f"{version}.dmg"
    shop.knows(version, content(version))
    url = f"{shop.street.updates('stable')}/downloads/{name}"
    releases = Releases(shop.work)
    releases.artifact(name, data)
    releases.write(Releases.manifest(version, data, url=url, **fields))


def complaint(shop, pattern):
    assert eventually(lambda: any(pattern in one for one in list(shop.poller.complaints))), shop.poller.complaints


def test_a_good_release_is_seen_and_nobody_complains(watched):
    offer(watched, "2.0.0.101")
    assert eventually(lambda: "2.0.0.101" in watched.poller.versions("stable"))
    rounds = watched.poller.rounds
    assert eventually(lambda: watched.poller.rounds > rounds + 1)
    watched.poller.agree()


def test_a_file_that_is_gone_is_seen(watched):
    (watched.downloads / f"{STANDING}.dmg").unlink()
    complaint(watched, "the artifact is a 404")


def test_other_bytes_are_seen(watched):
    offer(watched, STANDING, content("something else"))
    complaint(watched, "the bytes are not those of that version")


def test_another_size_is_seen(watched):
    (watched.downloads / f"{STANDING}.dmg").write_bytes(b"short")
    complaint(watched, "bytes instead of")


def test_a_lower_build_is_seen_unless_it_is_a_rollback(watched):
    offer(watched, "2.0.0.101")
    assert eventually(lambda: "2.0.0.101" in watched.poller.versions("stable"))
    watched.poller.may_fall("stable")
    offer(watched, STANDING)
    assert eventually(lambda: watched.poller.versions("stable")[-1] == STANDING)
    assert watched.poller.complaints == []
    offer(watched, "2.0.0.99")
    complaint(watched, f"went back from {STANDING} to 2.0.0.99")


def test_a_signature_of_other_bytes_is_seen(watched):
    key = watched.street.key
    offer(watched, "2.0.0.101", ed25519=key.sign(content("2.0.0.101")))
    assert eventually(lambda: "2.0.0.101" in watched.poller.versions("stable"))
    watched.poller.agree()
    offer(watched, "2.0.0.102", ed25519=key.sign(content("2.0.0.101")))
    complaint(watched, "the signature does not fit")


# --- Commands that stop


@pytest.mark.parametrize("number", [1, 2, 40, 90])
def test_a_command_stops_before_a_line(tmp_path, number):
    whole = run_nexy("config", "show", folder=tmp_path).stdout
    lines = whole.splitlines()
    for goes_on in (False, True):
        with Halted(["config", "show"], tmp_path, clean_environment(tmp_path), lines, number) as command:
            if goes_on:
                assert command.go_on() == 0 and command.stdout == whole
            else:
                assert command.kill().splitlines() == lines[: number - 1]


def test_the_fixed_names_are_those_of_the_mission():
    assert set(FILES.values()) == {"Nexy.dmg", "Nexy.pkg", "LATEST_CHANGES.md"}
