"""What may be wrong with the pages that tell of health."""

import json
from dataclasses import replace

from mutant_http import Answered, Asked, Fetch
from mutation import Mutation

HEALTH, STATUS = ("http", "/health"), ("http", "/status")
UPDATES = ("updates", "/health")


def page(*where: tuple[str, str]):
    """Makes a change of the answers of some pages of `def change(answer) -> answer`."""

    def decorate(change):
        def answer(asked: Asked, fetch: Fetch) -> Answered:
            found = fetch(asked)
            return change(found) if (asked.listener, asked.page) in where else found

        return answer

    return decorate


def edited(*where: tuple[str, str]):
    """Makes a change of what pages tell, of `def change(told) -> None`."""

    def decorate(change):
        @page(*where)
        def answer(found: Answered) -> Answered:
            # HEAD tells nothing.
            if not found.body:
                return found
            told = json.loads(found.body)
            change(told)
            return found.saying(json.dumps(told).encode())

        return answer

    return decorate


def fact(*where: tuple[str, str], **facts):
    """Pages tell other facts, or none where one is None."""

    @page(*where)
    def change(answer: Answered) -> Answered:
        if not answer.body:
            return answer
        told = json.loads(answer.body) | facts
        return answer.saying(json.dumps({name: value for name, value in told.items() if value is not None}).encode())

    return change


def having(name: str, value: str | None, *where: tuple[str, str]):
    return page(*where)(lambda answer: answer.having(name, value))


def failing(status: int, *where: tuple[str, str]):
    @page(*where)
    def change(answer: Answered) -> Answered:
        # What had no content, as a 304, has some length now.
        return replace(answer if answer.field("Content-Length") else answer.saying(b""), status=status)

    return change


@page(HEALTH)
def html_health(answer: Answered) -> Answered:
    return answer.saying(b"<!DOCTYPE html><title>OK</title>").having("Content-Type", "text/html")


@page(HEALTH)
def torn_health(answer: Answered) -> Answered:
    return answer.saying(answer.body[: len(answer.body) // 2])


@page(HEALTH)
def cut_health(answer: Answered) -> Answered:
    return replace(answer, fields=(("Content-Length", "1000000"),), is_cut=True)


@page(UPDATES)
def no_updates_health(answer: Answered) -> Answered:
    return replace(answer, status=404).saying(b'{"error":"not found"}')


@edited(UPDATES)
def wrong_artifact(told: dict) -> None:
    """An artifact is not what its manifest says, and only the channel's own member tells it."""
    told["channels"]["stable"]["artifact"] = "wrong"


@edited(STATUS)
def unknown_state(told: dict) -> None:
    told["providers"][0]["state"] = "asleep"


@edited(STATUS)
def nameless_limit(told: dict) -> None:
    del told["limits"]["turns_per_device"]


@edited(STATUS)
def other_flag(told: dict) -> None:
    """The two pages tell one setting differently."""
    told["flags"]["update.beta_enabled"] ^= True


@edited(HEALTH)
def null_version(told: dict) -> None:
    told["latest_version"] = None


def said_off_and_unhealthy(asked: Asked, fetch: Fetch) -> Answered:
    """The update server is told to be off, and is unhealthy."""
    return failing(503, UPDATES)(asked, lambda asked: fact(STATUS, update_server="disabled")(asked, fetch))


def bare_head(asked: Asked, fetch: Fetch) -> Answered:
    """HEAD says nothing of how long a page may be kept."""
    found = fetch(asked)
    return found.having("Cache-Control", None) if asked.method == "HEAD" else found


def page_for_missing(asked: Asked, fetch: Fetch) -> Answered:
    """What is not there is told as a page for browsers."""
    found = fetch(asked)
    return found.having("Content-Type", "text/html") if found.status == 404 and asked.listener == "http" else found


def swapped_ports(asked: Asked, fetch: Fetch) -> Answered:
    """Each listener answers as the other."""
    return fetch(replace(asked, listener="http" if asked.listener == "updates" else "updates"))


def health_row(name: str, breaks: str, web, family: str = "health") -> Mutation:
    return Mutation(name, breaks, family, f"{family}.", web=web)


MUTATIONS = [
    health_row("health-500", "/health is 200", failing(500, HEALTH)),
    health_row("status-500", "/status is 200", failing(500, STATUS)),
    health_row("updates-health-503", "/updates/health is 200", failing(503, UPDATES)),
    health_row("updates-said-off", "update_server is as it is", fact(STATUS, update_server="disabled")),
    health_row("updates-said-off-503", "what is off does not answer", said_off_and_unhealthy),
    health_row("no-updates-health", "/updates/health is there", no_updates_health),
    health_row("html-health", "/health is JSON", html_health),
    health_row("torn-health", "/health is whole JSON", torn_health),
    health_row("cut-health", "/health is answered whole", cut_health),
    health_row("degraded", "status is OK", fact(HEALTH, status="degraded", reasons=["the model does not answer"])),
    health_row("not-ready", "the server is ready", fact(HEALTH, ready=False)),
    health_row("unhealthy-updates", "updates are healthy", fact(UPDATES, status="unhealthy", reasons=["bad"])),
    health_row(
        "three-part-version",
        "versions have four parts",
        fact(HEALTH, STATUS, latest_version="2.0.0", latest_build="2.0.0"),
    ),
    health_row(
        "three-part-server",
        "the server's version has four parts",
        fact(HEALTH, STATUS, UPDATES, server_version="0.1.0"),
    ),
    health_row("number-version", "a version is a text", fact(HEALTH, latest_version=20015)),
    health_row("no-version", "/health tells the version", fact(HEALTH, latest_version=None)),
    health_row(
        "two-versions", "/health and /status agree", fact(STATUS, latest_version="2.0.0.14", latest_build="2.0.0.14")
    ),
    health_row("version-is-not-build", "version and build agree", fact(HEALTH, STATUS, latest_build="2.0.0.14")),
    health_row(
        "updates-version",
        "/health and /updates/health agree",
        fact(UPDATES, version="2.0.0.14", latest_version="2.0.0.14", latest_build="2.0.0.14"),
    ),
    health_row("two-servers", "all listeners are one server's", fact(UPDATES, server_version="0.0.9.9")),
    health_row("no-cache-control", "/health says how long it keeps", having("Cache-Control", None, HEALTH)),
    health_row(
        "kept-for-a-day", "/health is kept for 30 seconds", having("Cache-Control", "public, max-age=86400", HEALTH)
    ),
    health_row("text-health", "/health is application/json", having("Content-Type", "text/plain", HEALTH)),
    health_row(
        "updates-no-cache-control", "/updates/health says how long it keeps", having("Cache-Control", None, UPDATES)
    ),
    health_row("swapped-ports", "each port has its own pages", swapped_ports),
    health_row("null-version", "a version is never null", null_version),
    health_row("no-ffmpeg", "/health has the members that clients read", fact(HEALTH, ffmpeg_available=None)),
    health_row("no-timestamp", "/updates/health tells its time", fact(UPDATES, timestamp="now")),
    health_row("no-limit", "/status tells every limit", nameless_limit),
    health_row("unknown-state", "a provider works, is left alone or is tried", unknown_state),
    health_row("other-flag", "/status and /updates/health tell one gate", other_flag),
    health_row("wrong-artifact", "artifacts are what their manifests say", wrong_artifact),
    health_row("no-expires", "/health has the old field for caches", having("Expires", None, HEALTH)),
    health_row("bare-head", "HEAD has the fields of GET", bare_head),
    health_row("page-for-missing", "what is not there is JSON", page_for_missing),
]
