"""The notes of what was loaded help where they can be read, and stop nothing where they cannot."""

from pathlib import Path

import pytest

from conftest import SAMPLE, Warehouse
from loading.loaded_files import RECORD, loaded_files, note_loaded_files


@pytest.mark.parametrize("torn", [b"", b'{"awards": "/data/aw', b"\xff\xfe{}", b"[]"])
def test_notes_that_cannot_be_read_are_made_anew(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, torn: bytes
) -> None:
    monkeypatch.setenv("SBIR_WAREHOUSE_DIR", str(warehouse.folder))
    (warehouse.folder / RECORD).write_bytes(torn)
    assert loaded_files() is None
    note_loaded_files({"awards": warehouse.folder / "awards.csv"}, is_sample=False)
    assert loaded_files() == {"awards": str(warehouse.folder / "awards.csv")}


@pytest.mark.parametrize("emptied", [False, True], ids=["working file gone", "load killed before it was done"])
def test_files_once_loaded_come_back_not_the_sample(warehouse: Warehouse, tmp_path: Path, emptied: bool) -> None:
    own = tmp_path / "awards.csv"
    own.write_text("".join((SAMPLE / "award_data.csv").read_text(encoding="utf-8").splitlines(keepends=True)[:3]))
    recipients = str(SAMPLE / "recipient_lookup.csv")
    assert warehouse.load("--awards", str(own), "--recipients", recipients).exit_code == 0
    warehouse.working.unlink()
    if emptied:
        assert warehouse.load("--awards", str(tmp_path / "no such file.csv")).exit_code == 2
    done = warehouse.load("--sample")
    assert f"Nothing is loaded any more. Loading again what was: {own}, {recipients}" in done.output
    assert warehouse.query("select count(*), (select count(*) from raw.recipients) from raw.awards") == [(2, 1200)]
    assert warehouse.query("select bool_or(is_sample) from raw.load_history") == [(False,)]


def test_file_given_takes_the_place_of_the_one_loaded_before(warehouse: Warehouse) -> None:
    recipients, awards = str(SAMPLE / "recipient_lookup.csv"), str(SAMPLE / "award_data.csv")
    assert warehouse.load("--recipients", recipients).exit_code == 0
    warehouse.working.unlink()
    done = warehouse.load("--awards", awards)
    assert done.exit_code == 0, done.output
    assert warehouse.query("select count(*), (select count(*) from raw.recipients) from raw.awards") == [(1500, 1200)]
