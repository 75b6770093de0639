"""The decision log, read strictly: every line is an event of the format, or the test fails."""

import json
import re

FIELDS = re.compile(
    r"ts=(?P<ts>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,6}\+00:00) level=(?P<level>DEBUG|INFO|WARNING|ERROR|CRITICAL)"
    r" scope=(?P<scope>[a-z_]+)(?: method=(?P<method>[A-Za-z/.]+))?(?: decision=(?P<decision>[a-z_]+))?(?P<rest> .*)"
)
REST = re.compile(r"(?: dur_ms=(?P<dur_ms>\d+))? msg=(?P<msg>.*)")


def read(line: str) -> dict:
    """Reads a line, or fails where it is not of the format."""
    found = FIELDS.fullmatch(line)
    assert found, f"not of the format: {line!r}"
    event, rest = found.groupdict(), found["rest"]
    del event["rest"]
    event["ctx"] = {}
    if rest.startswith(" ctx="):
        event["ctx"], end = json.JSONDecoder().raw_decode(rest, len(" ctx="))
        rest = rest[end:]
    ending = REST.fullmatch(rest)
    assert ending, f"not of the format after ctx: {line!r}"
    return event | ending.groupdict()


def events_of(server) -> list[dict]:
    return [read(line.decode().removesuffix("\n")) for line in server.log.raw]


def of_request(events: list[dict]) -> dict[str, list[dict]]:
    """The events of each RPC, by its request id."""
    found: dict[str, list[dict]] = {}
    for event in events:
        if request := event["ctx"].get("request_id"):
            found.setdefault(request, []).append(event)
    return found
