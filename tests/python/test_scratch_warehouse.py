"""dbt beside the load of a scratch warehouse: it ends with what it works for, and is told where it is gone."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from database import scratch_warehouse
from database.scratch_warehouse import dbt_beside
from database.warehouse import WarehouseError
from interface.command_line import Stopped


@pytest.fixture
def slow_dbt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dbt that takes its time; the file that tells that it came to its end."""
    ended = tmp_path / "ended"
    slow = f"import pathlib, time; time.sleep(5); pathlib.Path({str(ended)!r}).touch()"
    monkeypatch.setattr(scratch_warehouse, "WAITING_DBT", [sys.executable, "-c", slow])
    return ended


def test_dbt_ends_with_what_fails_beside_it(tmp_path: Path, slow_dbt: Path) -> None:
    """A refused list is told at once, and nothing goes on in its folder, which is removed."""
    with pytest.raises(WarehouseError), dbt_beside(tmp_path):
        raise WarehouseError("a list cannot be read")
    assert not slow_dbt.exists()


def test_dbt_ends_with_what_waits_for_it(tmp_path: Path, slow_dbt: Path) -> None:
    """A signal comes while the models are built."""

    def stop(*_: object) -> None:
        raise Stopped

    before = signal.signal(signal.SIGALRM, stop)
    try:
        with pytest.raises(Stopped), dbt_beside(tmp_path) as build:
            signal.alarm(1)
            build("int_firms")
    finally:
        signal.signal(signal.SIGALRM, before)
    assert not slow_dbt.exists()


def test_dbt_ends_with_the_process_that_it_waits_for(tmp_path: Path) -> None:
    """No selection can come any more, so there is nothing to build."""
    environment = scratch_warehouse._dbt_environment(tmp_path)
    done = subprocess.run(
        scratch_warehouse.WAITING_DBT, cwd=scratch_warehouse.PROJECT, env=environment, input="", text=True, check=False
    )
    assert done.returncode == 0
    assert list(tmp_path.glob("*.duckdb")) == []


def test_dbt_that_is_gone_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch_warehouse, "WAITING_DBT", [sys.executable, "-c", "raise SystemExit(137)"])
    with (
        pytest.raises(WarehouseError, match="The models could not be built: dbt said nothing"),
        dbt_beside(tmp_path) as build,
    ):
        build("int_firms")
