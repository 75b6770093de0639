"""Each mutation changes what a plain client sees, and without one the proxies change nothing.

What is broken and cannot be seen would prove nothing of a check that finds it.
"""

from contextlib import closing
from pathlib import Path

import pytest

import mutant_beside
import mutant_edges
import mutant_health
import mutant_limits
import mutant_nginx
import mutant_refusals
import mutant_turns
import mutant_updates
from funnel import IS_THOROUGH
from mutants import MUTATIONS, Stage
from nginx_site import site
from survey import VOICE, WEB, Survey

# A check that finds a mutation has seen it: this tells why when one does not.
pytestmark = pytest.mark.skipif(not IS_THOROUGH, reason="NEXY_THOROUGH=1 looks at every mutation as a plain client")

WIRE = [mutation for mutation in MUTATIONS if mutation.voice or mutation.web or mutation.log]
# Where to look first; what sees nothing there is looked for everywhere else.
FIRST = {
    "turn": mutant_turns.MUTATIONS,
    "refusals": mutant_refusals.MUTATIONS,
    "welcome": mutant_beside.MUTATIONS,
    "unknown": mutant_edges.MUTATIONS,
    "full_house": mutant_limits.MUTATIONS,
    "pages": mutant_health.MUTATIONS,
    "downloads": mutant_updates.MUTATIONS,
}
HINTS = {
    "endless-deadline": "deadline", "endless-cancel": "cancel", "silent-log": "log", "endless-log": "log",
    "no-picture-limit": "picture", "slow-sound": "command", "open-gate": "updates",
}  # fmt: skip


class Town:
    """A server whose beta channel is open and one whose is closed, and what is seen of both when all is well."""

    def __init__(self, serve, new_folder):
        self.stages = {is_open: Stage(serve, new_folder(), is_open) for is_open in (True, False)}
        self.surveys = {is_open: Survey(stage) for is_open, stage in self.stages.items()}
        self._healthy: dict[tuple, object] = {}

    def healthy(self, is_open: bool, name: str):
        key = (is_open, name)
        if key not in self._healthy:
            with self.stages[is_open].broken(None):
                self._healthy[key] = self.surveys[is_open].ask(name)
        return self._healthy[key]

    def close(self) -> None:
        for survey in self.surveys.values():
            survey.close()
        for stage in self.stages.values():
            stage.close()


@pytest.fixture(scope="module")
def town(serve_for_file, tmp_path_factory):
    town = Town(serve_for_file, lambda: tmp_path_factory.mktemp("stage"))
    yield town
    town.close()


def questions(mutation) -> list[str]:
    names = list(VOICE if mutation.voice or mutation.log else WEB)
    first = HINTS.get(mutation.name) or next(name for name, rows in FIRST.items() if mutation in rows)
    return [first, *(name for name in names if name != first)]


@pytest.mark.parametrize("mutation", WIRE, ids=str)
def test_a_mutation_can_be_seen(town, mutation):
    is_open = not mutation.behind_gate
    survey, stage = town.surveys[is_open], town.stages[is_open]
    for name in questions(mutation):
        healthy = town.healthy(is_open, name)
        with stage.broken(mutation):
            if survey.ask(name) != healthy:
                return
    pytest.fail(f"{mutation.name} changes nothing that can be seen")


@pytest.mark.parametrize("name", [*VOICE, *WEB])
def test_without_a_mutation_nothing_is_changed(town, name):
    """Straight at the server's listeners and through the proxies, the same is seen; and so again."""
    through, stage = town.healthy(True, name), town.stages[True]
    with closing(Survey(stage, stage.listeners)) as straight, stage.broken(None):
        assert straight.ask(name) == through
        assert town.surveys[True].ask(name) == through


@pytest.mark.parametrize("mutation", mutant_nginx.MUTATIONS, ids=str)
def test_a_file_of_nginx_is_changed(mutation):
    text = site({"voice": 1001, "http": 1002, "updates": 1003}, 443, Path("/cert"), Path("/key"))
    assert mutation.nginx(text) != text


def test_every_row_breaks_one_thing_under_a_name_of_its_own():
    assert len(MUTATIONS) >= 50
    assert len({str(mutation) for mutation in MUTATIONS}) == len(MUTATIONS)
    for mutation in MUTATIONS:
        ways = [mutation.voice, mutation.web, mutation.nginx, mutation.log]
        assert sum(way is not None for way in ways) == 1, mutation
        assert mutation.point.startswith(f"{mutation.family}."), mutation
