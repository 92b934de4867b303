"""`make sql`: the project's own DuckDB answers from the published or the working file, and changes nothing."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from conftest import PROJECT, Done, Warehouse

Ask = Callable[..., Done]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Asks files that hold their name and a text that a terminal would obey."""
    warehouse = Warehouse(tmp_path)
    for path in (warehouse.working, warehouse.published):
        with duckdb.connect(str(path)) as connection:
            connection.execute(
                "create table names as select ? as name, 'x' || chr(27) || '[2J' as hostile", [path.name]
            )

    def run(*arguments: str, typed: str = "") -> Done:
        done = subprocess.run(
            [sys.executable, "scripts/sql.py", *arguments],
            cwd=PROJECT,
            env=warehouse.environment(),
            input=typed,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Done(done.returncode, done.stdout)

    return run


def test_published_and_working_file_answer(ask: Ask) -> None:
    assert "│ sbir.duckdb │" in ask("from names").output
    assert "│ build.duckdb │" in ask("--working", "from names").output
    both = ask(typed="select name from names; select 2009 as year;").output
    assert "│ sbir.duckdb │" in both
    assert "│  2009 │" in both
    assert "\x1b" not in ask("from names").output


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("from nothing", "Error: Catalog Error: Table with name nothing does not exist!"),
        ("create table x as select 1", "read-only"),
        ("from read_csv('/etc/passwd')", "Error: Permission Error"),
        ("selec 1", "Error: Parser Error"),
    ],
)
def test_what_cannot_be_answered_is_one_line(ask: Ask, query: str, words: str) -> None:
    done = ask(query)
    assert done.exit_code == 2
    assert words in done.output
    assert len(done.output.splitlines()) == 1
