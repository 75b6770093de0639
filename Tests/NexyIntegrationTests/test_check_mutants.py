"""Every check finds what it has to find: real servers with one thing broken each, and none broken where it passes."""

import pytest

from mutants import FAMILIES, MUTATIONS, Stage, failed


@pytest.fixture(scope="module")
def stages(serve_for_file, tmp_path_factory):
    """By whether the gate of the beta channel is open."""
    made: dict[bool, Stage] = {}

    def at(is_open: bool) -> Stage:
        if is_open not in made:
            made[is_open] = Stage(serve_for_file, tmp_path_factory.mktemp("stage"), is_open)
        return made[is_open]

    yield at
    for stage in made.values():
        stage.close()


@pytest.fixture(scope="module")
def healthy(stages):
    """The report of a family through proxies that change nothing; asked once."""
    reports: dict[tuple[bool, str], tuple[int, dict]] = {}

    def of(is_open: bool, family: str) -> tuple[int, dict]:
        if (is_open, family) not in reports:
            reports[is_open, family] = stages(is_open).check(family)
        return reports[is_open, family]

    return of


@pytest.mark.parametrize("is_open", [True, False], ids=["beta", "no-beta"])
@pytest.mark.parametrize("family", FAMILIES)
def test_a_check_passes_while_nothing_is_broken(healthy, family, is_open):
    status, report = healthy(is_open, family)
    assert (status, report["verdict"]) == (0, "passed"), failed(report)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=str)
def test_a_check_finds_what_is_broken(stages, healthy, mutation):
    is_open = not mutation.behind_gate
    # What fails anyway finds nothing.
    assert not failed(healthy(is_open, mutation.family)[1])
    status, report = stages(is_open).check(mutation.family, mutation)
    assert (status, report["verdict"]) == (1, "failed"), f"{mutation.breaks}: nobody saw that it is broken"
    points = [point["id"] for point in report["points"] if point["verdict"] == "failed"]
    assert any(point.startswith(mutation.point) for point in points), failed(report)
