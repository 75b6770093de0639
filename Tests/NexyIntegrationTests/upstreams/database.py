"""What stands in the server's database, read while it runs or after it was killed."""

import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path


def _open(data: Path):
    return closing(sqlite3.connect(f"file:{data / 'nexy.sqlite'}?mode=ro", uri=True, timeout=10))


def everything_in(data: Path) -> str:
    """Every text of every table, whatever its tables are called; empty before there is a database."""
    if not (data / "nexy.sqlite").exists():
        return ""
    with _open(data) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = [row for name in names for row in database.execute(f'SELECT * FROM "{name}"')]
    return "\n".join(str(value) for row in rows for value in row)


def usage_in(data: Path) -> list[dict]:
    """The rows of usage, oldest first; none before there is a table."""
    if not (data / "nexy.sqlite").exists():
        return []
    with _open(data) as database:
        database.row_factory = sqlite3.Row
        if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'usage'").fetchone():
            return []
        return [dict(row) for row in database.execute("SELECT * FROM usage ORDER BY rowid")]


def is_sound(data: Path) -> bool:
    """Whether the database is whole, after whatever was left unfinished is rolled back or forward."""
    with closing(sqlite3.connect(data / "nexy.sqlite", timeout=10)) as database:
        return database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@contextmanager
def locked(data: Path):
    """Keeps everybody else from writing, and in some modes from reading."""
    with closing(sqlite3.connect(data / "nexy.sqlite", timeout=10, isolation_level=None)) as database:
        database.execute("BEGIN EXCLUSIVE")
        yield
        database.execute("ROLLBACK")
