"""What a fake GitHub does wrong when a test asks for it."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fault:
    """What happens to a request instead of, or besides, what should."""

    # Answered with this status; None cuts the connection instead of an answer where `cuts` says so.
    status: int | None = None
    message: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    # Seconds from the request until x-ratelimit-reset.
    resets_in: float | None = None
    # Carried out all the same, before the answer or the cut.
    is_carried_out: bool = False
    cuts: bool = False
    # Bytes of the body, in either direction, after which it is cut.
    cut_at: int | None = None
    # An upload that is cut, or refused, leaves an asset that is no whole one.
    leaves_starter: bool = False
    # What is told or sent wrongly: "digest", "no digest", "name", "bytes", "short".
    alters: str | None = None
    # Seconds before every piece of 64 KiB.
    pause: float = 0


def answer(status: int, message: str = "Server Error", **headers: str) -> Fault:
    return Fault(status, message, {name.replace("_", "-"): value for name, value in headers.items()})


def rate_limit(resets_in: float, status: int = 403) -> Fault:
    return Fault(status, "API rate limit exceeded for user ID 1.", {"x-ratelimit-remaining": "0"}, resets_in)


def secondary_limit(retry_after: int | None, status: int = 403) -> Fault:
    headers = {} if retry_after is None else {"retry-after": str(retry_after)}
    return Fault(status, "You have exceeded a secondary rate limit.", headers)


def lost_request() -> Fault:
    return Fault(cuts=True)


def lost_answer() -> Fault:
    return Fault(cuts=True, is_carried_out=True)


def error_after(status: int = 502) -> Fault:
    """An answer that says no to what was done."""
    return Fault(status, "Server Error", is_carried_out=True)


def cut_at(size: int, leaves_starter: bool = False) -> Fault:
    return Fault(cuts=True, cut_at=size, leaves_starter=leaves_starter)


def starter(status: int = 502) -> Fault:
    return Fault(status, "Server Error", leaves_starter=True)


def altered(what: str) -> Fault:
    return Fault(alters=what)


def slow(pause: float) -> Fault:
    return Fault(pause=pause)
