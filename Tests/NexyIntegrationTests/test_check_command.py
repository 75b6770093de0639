"""`nexy check` as a command: what is typed, what is printed, and how it ends."""

import json
import xml.etree.ElementTree as xml

import pytest

from funnel import free_ports
from server import run_nexy


@pytest.mark.parametrize(
    "arguments",
    [
        ["nothing"],
        ["smoke", "127.0.0.1", "0"],
        ["smoke", "127.0.0.1", "70000"],
        ["smoke", ""],
        ["smoke", "--timeout", "0"],
        ["smoke", "--list"],
        ["smoke", "--ca", "a.pem", "--insecure"],
        ["smoke", "--ca", "no-such.pem"],
        ["smoke", "--pin", "no-such.pem"],
        ["updates", "--public-key", "no-key"],
        ["gate", "--public-key", "AAAA"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_status_2(arguments, tmp_path):
    done = run_nexy("check", *arguments, folder=tmp_path)
    assert done.returncode == 2 and done.stderr, (done.returncode, done.stdout, done.stderr)


def test_a_server_that_is_not_there_fails_every_point(tmp_path):
    voice, http, updates = free_ports(3)
    where = ["127.0.0.1", str(voice), "--http-port", str(http), "--updates-port", str(updates), "--timeout", "2"]
    done = run_nexy("check", "smoke", *where, "--json", "--junit", "report.xml", folder=tmp_path)
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    assert report["verdict"] == "failed" and all(point["verdict"] != "passed" for point in report["points"])
    for point in report["points"]:
        assert point["expected"] and point["observed"], point
        assert point["verdict"] == "skipped" or point["cause"] and point["runbook"].startswith("docs/runbook.md#"), point
    suite = xml.parse(tmp_path / "report.xml").getroot().find("testsuite")
    assert int(suite.get("failures")) == sum(point["verdict"] == "failed" for point in report["points"])


def test_the_contract_is_listed(tmp_path):
    rows = json.loads(run_nexy("check", "contract", "--list", "--json", folder=tmp_path).stdout)
    assert len(rows) >= 30
    assert all(row["id"].startswith("contract.") and row["bound_milliseconds"] > 0 for row in rows)
    lines = run_nexy("check", "contract", "--list", folder=tmp_path).stdout.splitlines()
    assert len(lines) == len(rows) + 1
