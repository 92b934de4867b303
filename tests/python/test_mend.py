"""A damaged working file is noticed, set aside and made anew, from its raw tables or from the files."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from unittest import mock

import duckdb
import numpy as np
import pytest

from building import mend
from building.mend import find_damage, mend_damaged, mend_unreadable
from conftest import SAMPLE, Warehouse
from database.warehouse import DamagedFileError, WarehouseError, connect
from loading.forms import sha256_of
from loading.loaded_files import LoadedFile, loaded_files, note_loaded_files


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working file with raw tables at its beginning, and a large table of a build after them, to be copied."""
    folder = tmp_path_factory.mktemp("whole")
    with connect(folder) as connection:
        connection.execute(
            "create schema raw; create table raw.load_history as select 'awards' as input; "
            "create table raw.awards as select range as number, md5(range::text) as text from range(100000)"
        )
        connection.execute("checkpoint")
        connection.execute("create table built as select md5(range::text) as text from range(1000000)")
    return folder / "build.duckdb"


@pytest.fixture
def folder(whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A warehouse with a copy of the whole file."""
    monkeypatch.setenv("SBIR_WAREHOUSE_DIR", str(tmp_path))
    shutil.copy2(whole, tmp_path)
    return tmp_path


def overwrite(path: Path, share_from: float, share_to: float) -> None:
    """Overwrite a stretch of a file, given in shares of its length, by noise."""
    size = path.stat().st_size
    start, end = int(size * share_from), int(size * share_to)
    with path.open("r+b") as file:
        file.seek(start)
        file.write(np.random.default_rng(1).bytes(end - start))


def test_whole_file_is_left_alone(folder: Path) -> None:
    before = (folder / "build.duckdb").stat().st_mtime_ns
    assert find_damage() is None
    assert not mend_damaged()
    mend_unreadable()
    assert (folder / "build.duckdb").stat().st_mtime_ns == before


def test_raw_tables_are_kept_where_they_can_be_read(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    overwrite(folder / "build.duckdb", 0.5, 0.6)
    mend_unreadable()
    assert mend_damaged()
    assert "Its raw tables are whole and are kept; all else is made anew" in capsys.readouterr().err
    with connect() as connection:
        assert connection.execute("select count(*), count(distinct text) from raw.awards").fetchall() == [
            (100000, 100000)
        ]
        assert connection.execute("select count(*) from duckdb_tables() where table_name = 'built'").fetchall() == [
            (0,)
        ]
    assert (folder / "build.duckdb.damaged").exists()
    assert find_damage() is None


def test_raw_tables_are_not_given_up_where_only_the_disk_is_full(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    overwrite(folder / "build.duckdb", 0.5, 0.6)
    before = (folder / "build.duckdb").read_bytes()
    monkeypatch.setattr(mend, "_copy_kept", mock.Mock(side_effect=duckdb.IOException("Could not write file: No space")))
    with pytest.raises(WarehouseError, match=r"cannot be mended: Could not write .* The disk is full: make room there"):
        mend_damaged()
    assert (folder / "build.duckdb").read_bytes() == before


@pytest.mark.parametrize("cut", [True, False])
def test_file_that_cannot_be_opened_is_loaded_again_from_the_noted_files(folder: Path, cut: bool) -> None:
    noted = {"awards": LoadedFile(str(SAMPLE / "award_data.csv"), sha256_of(SAMPLE / "award_data.csv"))}
    note_loaded_files(noted, is_sample=False)
    if cut:
        os.truncate(folder / "build.duckdb", 5000)
    else:
        overwrite(folder / "build.duckdb", 0, 0.1)
    with pytest.raises(DamagedFileError, match="is damaged"):
        connect()
    mend_unreadable()
    assert not (folder / "build.duckdb").exists()
    assert loaded_files() == noted


@pytest.mark.parametrize(
    ("noted", "words"),
    [(None, "nothing says what was loaded"), ("gone.csv", "gone.csv is gone or cannot be read")],
)
def test_damaged_file_stays_where_nothing_can_replace_it(folder: Path, noted: str | None, words: str) -> None:
    if noted:
        note_loaded_files({"awards": LoadedFile(str(folder / noted), "0" * 64)}, is_sample=False)
    overwrite(folder / "build.duckdb", 0, 1)
    with pytest.raises(WarehouseError, match=words):
        mend_unreadable()
    assert (folder / "build.duckdb").exists()


def test_build_of_a_damaged_file_needs_no_hand(sample_copy: Warehouse) -> None:
    overwrite(sample_copy.working, 0, 1)
    plain = sample_copy.dbt("run", "-s", "int_firms")
    assert plain.exit_code == 2
    assert "is damaged" in plain.output
    assert "Make it anew with: make build" in plain.output
    assert "Traceback" not in plain.output
    done = sample_copy.run("scripts/build.py")
    assert done.exit_code == 0, done.output
    assert "Its raw tables cannot be read either: the files are loaded again" in done.output
    assert sample_copy.query("select count(*) from raw.awards") == [(1500,)]


def test_files_are_noted_input_by_input_and_the_sample_takes_their_place(folder: Path) -> None:
    assert loaded_files() is None
    awards, recipients = LoadedFile("/a.csv", "0" * 64), LoadedFile("/r.csv", "1" * 64)
    note_loaded_files({"awards": awards}, is_sample=False)
    note_loaded_files({"recipients": recipients}, is_sample=False)
    assert loaded_files() == {"awards": awards, "recipients": recipients}
    note_loaded_files({}, is_sample=True)
    assert loaded_files() == {}


@pytest.mark.parametrize("log", ["foreign", "older"])
def test_log_of_another_file_is_set_aside(folder: Path, capsys: pytest.CaptureFixture[str], log: str) -> None:
    working = folder / "build.duckdb"
    other = folder / "other.duckdb" if log == "foreign" else working
    code = (
        "import duckdb, os, sys; connection = duckdb.connect(sys.argv[1]); "
        "connection.execute('create schema if not exists raw; create table more as select 1 as number'); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, str(other)], check=True)
    shutil.copy(f"{other}.wal", folder / "kept.wal")
    duckdb.connect(str(working)).close()
    shutil.copy(folder / "kept.wal", f"{working}.wal")
    mend_unreadable()
    warning = capsys.readouterr().err
    assert f"Warning: {working}.wal is not of {working} and was set aside" in warning
    assert warning.count("\n") == 1
    with connect() as connection:
        assert connection.execute("select count(*) from raw.awards").fetchall() == [(100000,)]


@pytest.mark.parametrize("name", ["build.duckdb", "build.duckdb.mending"])
def test_repair_killed_between_its_renames_is_finished(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    overwrite(folder / "build.duckdb", 0.5, 0.6)
    rename = Path.replace

    def killed(path: Path, target: Path) -> Path:
        if path.name == name:
            raise KeyboardInterrupt
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            mend_damaged()
    mend_unreadable()
    mend_damaged()
    with connect() as connection:
        assert connection.execute("select count(distinct text) from raw.awards").fetchall() == [(100000,)]
    assert not (folder / "build.duckdb.mending").exists()


def test_database_of_another_kind_is_no_working_file(folder: Path) -> None:
    (folder / "build.duckdb").write_bytes(b"SQLite format 3\0" + bytes(5000))
    with pytest.raises(DamagedFileError, match="is damaged"):
        connect()
    with pytest.raises(duckdb.Error):
        duckdb.connect(str(folder / "build.duckdb"))
