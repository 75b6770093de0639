"""Every check passes straight at a healthy server's listeners, again and again."""

import pytest

from funnel import IS_THOROUGH, free_ports
from mutants import FAMILIES, Stage, failed

TIMES = 50 if IS_THOROUGH else 2


@pytest.fixture(scope="module")
def stage(serve_for_file, tmp_path_factory):
    (port,) = free_ports(1)
    public = f"http://127.0.0.1:{port}/updates"
    stage = Stage(serve_for_file, tmp_path_factory.mktemp("stage"), public=public, updates_port=port)
    yield stage
    stage.close()


@pytest.mark.parametrize("family", [*FAMILIES, "gate", "all"])
def test_a_check_passes_every_time(stage, family):
    # All of them wait out the provider's thirty seconds each time.
    for time in range(1, (1 if family == "all" and not IS_THOROUGH else TIMES) + 1):
        status, report = stage.check_straight(family)
        assert (status, report["verdict"]) == (0, "passed"), (time, failed(report))


def test_a_report_is_whole(stage):
    """What programs read of it is there, and each point is of the family that was asked for."""
    for family in FAMILIES:
        status, report = stage.check_straight(family)
        assert status == 0 and report["check"] == family and report["seconds"] > 0, report
        target = report["target"]
        assert (target["host"], target["port"]) == ("127.0.0.1", stage.listeners["voice"])
        assert (target["http_port"], target["updates_port"]) == (stage.listeners["http"], stage.listeners["updates"])
        ids = [point["id"] for point in report["points"]]
        assert ids and len(ids) == len(set(ids)), ids
        assert family == "preflight" or all(one.startswith(f"{family}.") for one in ids), ids
        for point in report["points"]:
            assert point["verdict"] in ("passed", "failed", "skipped") and point["title"], point
