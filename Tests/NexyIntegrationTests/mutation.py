"""One broken thing, and the check that has to find it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Mutation:
    """A fault of a server that is otherwise healthy.

    `voice` answers a call (see `mutant_calls`), `web` changes a request or an answer (see `mutant_http`), `nginx` the
    text of a proxy's file and `log` a line of a log. `behind_gate` puts it before the server whose beta channel is
    closed.
    """

    name: str
    # The promise that is broken, in words.
    breaks: str
    # The check to run, and how the id of a point begins that has to fail.
    family: str
    point: str
    voice: Callable | None = None
    web: Callable | None = None
    nginx: Callable[[str], str] | None = None
    log: Callable[[str], str] | None = None
    behind_gate: bool = False

    def __str__(self) -> str:
        return f"{self.family}-{self.name}"
