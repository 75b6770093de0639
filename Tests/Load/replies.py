"""What the soak's model says: the script, and what a client is to hear of it."""

import json
import random
from dataclasses import dataclass

import subject  # noqa: F401  (puts the integration tests' folder on the path)
from script import prompt_for, reply, stall, text, tool

WORDS = "the sun river morning wind turns slowly over green hills while people walk home and talk about rain".split()


@dataclass(frozen=True)
class Reply:
    """One reply of the script."""

    name: str
    played: dict
    # All that a turn without a fault says.
    text: str
    # The command that comes with it.
    command: str | None = None
    is_fault: bool = False

    @property
    def prompt(self) -> str:
        return prompt_for(self.name)

    @property
    def entry(self) -> dict:
        return {"when": self.prompt} | self.played


def sentences(chance: random.Random, count: int) -> list[str]:
    """Each but the last with a blank after it."""
    made = [" ".join(chance.choices(WORDS, k=chance.randrange(4, 12))).capitalize() + "." for _ in range(count)]
    return [sentence + " " for sentence in made[:-1]] + made[-1:]


def split(chance: random.Random, whole: str) -> list[str]:
    """As a model streams it: a few characters at a time."""
    cuts = sorted(chance.sample(range(1, len(whole)), k=min(len(whole) // 6, len(whole) - 1)))
    return [whole[start:end] for start, end in zip([0, *cuts], [*cuts, len(whole)])]


def generate(seed: int) -> dict[str, list[Reply]]:
    """The replies by what clients do with them; all but the slow ones start at once."""
    chance = random.Random(f"{seed}/script")
    made: dict[str, list[Reply]] = {"normal": [], "command": [], "slow": [], "fault": [], "silent": []}
    for number in range(12):
        first, *rest = said = sentences(chance, chance.choice((1, 2, 3, 5, 8)))
        deltas = [first, *(piece for sentence in rest for piece in split(chance, sentence))]
        played = reply(*(deltas[:1] + [text(delta, chance.randrange(80)) for delta in deltas[1:]]))
        made["normal"].append(Reply(f"normal {number}", played, "".join(said)))
    for number in range(4):
        said = sentences(chance, 2)
        call = tool("open_app", app_name=f"App {number}")
        made["command"].append(Reply(f"tool {number}", reply(*said, call), "".join(said), command="open_app"))
        whole = "".join(said)
        answer = json.dumps({"session_id": "x", "command": "close_app", "args": {"app_name": "Notes"}, "text": whole})
        made["command"].append(
            Reply(f"json {number}", reply(*split(chance, answer), delay_ms=2), whole, command="close_app")
        )
    for number in range(6):
        said = sentences(chance, chance.randrange(6, 14))
        made["slow"].append(Reply(f"slow {number}", reply(*said, delay_ms=chance.randrange(40, 200)), "".join(said)))
    said = sentences(chance, 3)
    made["slow"].append(Reply("pause", reply(*said, fault=stall(1, for_ms=1_000)), "".join(said)))
    for name, fault in {
        "error at once": {"kind": "error", "after": 0},
        "error in the middle": {"kind": "error", "after": 2},
        # Nothing but the fault: what is whole before it ends well.
        "malformed": {"kind": "malformed", "after": 0},
        "empty": {"kind": "empty", "after": 0},
    }.items():
        said = sentences(chance, 4)
        made["fault"].append(Reply(name, reply(*said, delay_ms=20, fault=fault), "".join(said), is_fault=True))
    said = sentences(chance, 2)
    made["silent"].append(Reply("silent", reply(*said, fault=stall(1)), "".join(said), is_fault=True))
    return made
