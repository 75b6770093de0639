"""ReportUsage: what was told is stored, and what could not be stored is not called stored."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

REPORT = dict(
    hardware_id="7F2C4A4E",
    session_id="3f2b8c1d-9a4e-4c6f-8b2a-1d5e7f9a0b3c",
    source="клиент",
    input_tokens=1_200,
    output_tokens=2_147_483_647,
    model="gemini-flash-lite-latest",
)


def rows_of(data) -> list[dict]:
    with closing(sqlite3.connect(f"file:{data / 'nexy.sqlite'}?mode=ro", uri=True)) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute("SELECT * FROM usage ORDER BY rowid")]


def test_a_report_becomes_a_row(serve):
    server = serve()
    answer = server.client.report_usage(**REPORT)
    assert (answer.success, answer.message) == (True, "Usage recorded")
    [row] = rows_of(server.data)
    assert {key: row[key] for key in REPORT} == REPORT


def test_a_row_is_kept_even_when_the_server_is_killed_at_once(serve):
    server = serve()
    assert server.client.report_usage(**REPORT).success
    server.process.kill()
    server.exit_status()
    assert len(rows_of(server.data)) == 1


def test_rows_outlive_the_server_and_the_next_adds_to_them(serve):
    first = serve()
    first.client.report_usage(**REPORT)
    assert first.stop() == 0
    second = serve(data=first.data)
    second.client.report_usage(**REPORT | {"source": "again"})
    assert [row["source"] for row in rows_of(first.data)] == ["клиент", "again"]


def test_many_reports_at_once_are_all_stored(serve):
    server = serve()
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda n: server.client.report_usage(**REPORT | {"input_tokens": n}), range(60)))
    assert all(answer.success for answer in answers)
    assert sorted(row["input_tokens"] for row in rows_of(server.data)) == list(range(60))


@pytest.mark.parametrize("field", ["session_id", "source", "model"])
def test_a_report_may_leave_out_what_is_not_known(serve, field):
    server = serve()
    assert server.client.report_usage(**{key: value for key, value in REPORT.items() if key != field}).success
    assert rows_of(server.data)[0][field] in ("", None)


@pytest.mark.parametrize("device", ["", "   "], ids=repr)
def test_a_report_without_a_device_is_not_stored(serve, device):
    server = serve()
    answer = server.client.report_usage(**REPORT | {"hardware_id": device})
    assert (answer.success, answer.message) == (False, "hardware_id required")
    assert not (server.data / "nexy.sqlite").exists() or rows_of(server.data) == []


def test_a_report_that_cannot_be_stored_says_so_and_the_server_lives_on(serve, tmp_path):
    (tmp_path / "file").write_text("This is no folder.")
    server = serve(data=tmp_path / "file" / "data")
    answer = server.client.report_usage(**REPORT)
    assert not answer.success
    assert answer.message and answer.message != "Usage recorded"
    assert str(tmp_path) not in answer.message
    assert server.is_healthy()


def test_a_database_that_is_none_is_told_honestly(serve, tmp_path):
    (tmp_path / "nexy.sqlite").write_text("This is no database, and it is long enough to be seen as one." * 50)
    server = serve(data=tmp_path)
    assert not server.client.report_usage(**REPORT).success
    assert server.is_healthy()


def test_storing_is_tried_again_with_the_next_report(serve, tmp_path):
    obstacle = tmp_path / "data"
    obstacle.write_text("In the way.")
    server = serve(data=obstacle)
    assert not server.client.report_usage(**REPORT).success
    obstacle.unlink()
    assert server.client.report_usage(**REPORT).success
    assert len(rows_of(obstacle)) == 1
