"""What a fake is told to say, in words that no provider owns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .faults import Fault, Refusal


@dataclass(frozen=True)
class Pause:
    """So many seconds in which nothing comes."""

    seconds: float


@dataclass(frozen=True)
class Thought:
    """What the model thinks, and nobody may hear."""

    text: str


@dataclass(frozen=True)
class Tool:
    """A command as a call of a tool."""

    name: str
    arguments: dict


@dataclass(frozen=True)
class Play:
    """One answer: text, pauses, thoughts and tools in their order, and what goes wrong with it."""

    says: tuple[str | Pause | Thought | Tool, ...]
    # Why the model stopped: stop, length, safety, or nothing at all.
    finish: str | None = "stop"
    # Whether the question itself was refused.
    is_blocked: bool = False
    fault: Fault | Refusal | None = None

    @property
    def text(self) -> str:
        return "".join(said for said in self.says if isinstance(said, str))


def play(*says, **options) -> Play:
    return Play(says, **options)


@dataclass
class Plays:
    """Which answer follows which words: the first cue that stands in the words decides.

    A cue with several plays gives them one after another, and then the last again and again.
    """

    by_cue: dict[str, list[Play]] = field(default_factory=dict)
    otherwise: Play = play("This is what the model says.")
    _counts: dict[str, int] = field(default_factory=dict)

    def set(self, cue: str, *plays: Play) -> None:
        self.by_cue[cue] = list(plays)
        self._counts.pop(cue, None)

    def next(self, words: str) -> Play:
        for cue, plays in self.by_cue.items():
            if cue in words:
                count = self._counts.get(cue, 0)
                self._counts[cue] = count + 1
                return plays[min(count, len(plays) - 1)]
        return self.otherwise
