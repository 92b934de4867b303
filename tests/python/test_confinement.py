"""No SQL of the pipeline gets at files outside the warehouse; what it writes is for its owner and group."""

import stat
from pathlib import Path

import duckdb
import pytest

from conftest import Warehouse
from database.warehouse import connect

FORBIDDEN = (
    "from read_text('/etc/hostname')",
    "copy (select 1) to '/tmp/leak.csv'",
    "attach '/tmp/leak.duckdb'",
    "install httpfs",
    "set enable_external_access = true",
    "set allowed_directories = ['/']",
)


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_scripts_cannot_leave_the_warehouse(tmp_path: Path, statement: str) -> None:
    refused = pytest.raises(duckdb.Error, match=r"disabled by configuration|Cannot (enable|change)")
    with connect(tmp_path) as connection, refused:
        connection.execute(statement)


def test_folders_that_the_work_needs_are_in_reach(tmp_path: Path) -> None:
    inputs = tmp_path / "inputs"
    inputs.mkdir()
    (inputs / "a.csv").write_text("a\n1\n")
    with connect(tmp_path / "warehouse", reach=[inputs]) as connection:
        assert connection.execute(f"from '{inputs}/a.csv'").fetchall() == [(1,)]


def test_models_cannot_leave_the_warehouse(sample_copy: Warehouse) -> None:
    done = sample_copy.dbt("show", "--inline", "select * from read_text('/etc/hostname')")
    assert done.exit_code != 0
    assert "disabled by configuration" in done.output


def test_files_are_for_owner_and_group_and_the_published_one_for_reading(warehouse: Warehouse) -> None:
    assert warehouse.load("--sample").exit_code == 0
    assert warehouse.dbt("seed").exit_code == 0
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in warehouse.folder.iterdir() if path.is_file()}
    assert modes["build.duckdb"] == 0o640
    assert set(modes.values()) == {0o640}
