"""What the scripted model replays in a test."""

import json


def reply(*deltas, delay_ms: int | None = None, fault: dict | None = None) -> dict:
    """One reply: strings are text, dicts are deltas as the script's format has them."""
    made: dict = {"deltas": list(deltas)}
    if delay_ms is not None:
        made["delay_ms"] = delay_ms
    if fault is not None:
        made["fault"] = fault
    return made


def text(words: str, delay_ms: int) -> dict:
    return {"text": words, "delay_ms": delay_ms}


def tool(name: str, delay_ms: int = 0, **arguments) -> dict:
    call: dict = {"tool": name, "arguments": arguments}
    return call | {"delay_ms": delay_ms} if delay_ms else call


def stall(after: int, for_ms: int | None = None) -> dict:
    fault: dict = {"kind": "stall", "after": after}
    return fault | {"for_ms": for_ms} if for_ms is not None else fault


def prompt_for(name: str) -> str:
    """The prompt that plays the reply of this name."""
    return f"Please play {name}!"


def script(replies: dict[str, dict]) -> str:
    """A script whose replies are played by `prompt_for` their names. JSON is YAML."""
    entries = [{"when": prompt_for(name)} | made for name, made in replies.items()]
    return json.dumps({"replies": entries}, ensure_ascii=False)
