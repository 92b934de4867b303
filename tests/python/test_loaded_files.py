"""The notes of what was loaded help where they can be read, and stop nothing where they cannot."""

import shutil
from pathlib import Path

import duckdb
import pytest

from conftest import SAMPLE, Warehouse
from load_helpers import Loading
from loading.loaded_files import RECORD, LoadedFile, loaded_files, note_loaded_files


@pytest.fixture
def loading(tmp_path: Path) -> Loading:
    (tmp_path / "warehouse").mkdir()
    return Loading(tmp_path / "warehouse")


SHA256 = "0" * 64
NONSENSE = [
    *(b"", b'{"awards": "/data/aw', b"\xff\xfe{}", b"[]", b"[" * 100_000, b'{"awards": "/data/awards.csv"}'),
    *(b'{"awards": {"path": "/data/a\\u0000.csv", "sha256": "' + SHA256.encode() + b'"}}', b'{"awards": null}'),
    *(b'{"awards": {"path": 7, "sha256": 8}}', b'{"others": {"path": "/a", "sha256": "' + SHA256.encode() + b'"}}'),
]


@pytest.mark.parametrize("torn", NONSENSE)
def test_notes_that_cannot_be_read_are_made_anew(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, torn: bytes
) -> None:
    monkeypatch.setenv("SBIR_WAREHOUSE_DIR", str(warehouse.folder))
    (warehouse.folder / RECORD).write_bytes(torn)
    assert loaded_files() is None
    noted = {"awards": LoadedFile(str(warehouse.folder / "awards.csv"), SHA256)}
    note_loaded_files(noted, is_sample=False)
    assert loaded_files() == noted


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


@pytest.mark.parametrize("change", ["changed", "gone"])
def test_files_that_are_not_what_was_loaded_are_not_loaded_unasked(
    loading: Loading, tmp_path: Path, change: str
) -> None:
    awards, recipients = tmp_path / "awards.csv", tmp_path / "recipients.csv"
    shutil.copy(SAMPLE / "award_data.csv", awards)
    shutil.copy(SAMPLE / "recipient_lookup.csv", recipients)
    assert loading.load("--awards", str(awards), "--recipients", str(recipients)).exit_code == 0
    (loading.folder / "build.duckdb").unlink()
    if change == "gone":
        awards.unlink()
    else:
        awards.write_text("".join(awards.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]), encoding="utf-8")
    done = loading.load("--sample")
    assert done.exit_code == 2
    assert "Give the files: make build AWARDS=… RECIPIENTS=…" in done.output
    assert (
        f"{awards} {'is gone or cannot be read' if change == 'gone' else 'has changed since it was loaded'}"
        in done.output
    )
    assert loading.query("select count(*) from raw.awards") == [(0,)]
    assert loading.load("--awards", str(SAMPLE / "award_data.csv")).exit_code == 0


def test_sample_never_replaces_real_data(loading: Loading, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SBIR_WAREHOUSE_DIR", str(loading.folder))
    with duckdb.connect(str(loading.folder / "sbir.duckdb")) as published:
        published.execute(
            "create schema observability; "
            "create table observability.loads as select true as is_current, false as is_sample; "
            "create table observability.publication as "
            "select 1 as version, localtimestamp as published_at, 2 as awards, "
            "0.5 as match_rate, 'awards.csv' as sources"
        )
    done = loading.load("--sample")
    assert done.exit_code == 2
    assert "holds real data, which the invented sample never replaces" in done.output
    assert "make build AWARDS=… RECIPIENTS=…" in done.output
    with duckdb.connect(str(loading.folder / "sbir.duckdb")) as published:
        published.execute("update observability.loads set is_sample = true")
    assert loading.load("--sample").exit_code == 0


EDIT = "update raw.recipients set legal_business_name = 'EDITED' where _row_number < 5"


@pytest.mark.parametrize("arguments", [["--sample"], ["--awards", str(SAMPLE / "award_data.csv")]])
def test_rows_changed_by_hand_are_loaded_again(loading: Loading, tmp_path: Path, arguments: list[str]) -> None:
    recipients = tmp_path / "recipients.csv"
    shutil.copy(SAMPLE / "recipient_lookup.csv", recipients)
    files = ["--awards", str(SAMPLE / "award_data.csv"), "--recipients", str(recipients)]
    assert loading.load(*files).exit_code == 0
    before = loading.query("from raw.recipients order by _row_number")
    loading.query(EDIT)
    done = loading.load(*arguments)
    assert done.exit_code == 0, done.output
    assert "raw.recipients is not as it was loaded" in done.output
    assert loading.query("from raw.recipients order by _row_number") == before
    loading.query(EDIT)
    done = loading.load("--recipients", str(recipients))
    assert "1,200 rows from recipients.csv" in done.output
    assert "loaded already" not in done.output
    assert loading.query("from raw.recipients order by _row_number") == before
    loading.query(EDIT)
    edited = loading.query("from raw.recipients order by _row_number")
    recipients.unlink()
    done = loading.load(*arguments)
    assert done.exit_code == 2
    assert f"{recipients} is gone or cannot be read. Give the files: make build RECIPIENTS=…" in done.output
    (loading.folder / RECORD).unlink()
    done = loading.load(*arguments)
    assert done.exit_code == 2
    assert "nothing says where raw.recipients came from. Give the files: make build RECIPIENTS=…" in done.output
    assert loading.query("from raw.recipients order by _row_number") == edited


def test_sample_changed_by_hand_is_loaded_again(loading: Loading) -> None:
    assert loading.load("--sample").exit_code == 0
    before = loading.query("from raw.recipients order by _row_number")
    loading.query(EDIT)
    assert loading.load("--sample").exit_code == 0
    assert loading.query("from raw.recipients order by _row_number") == before


def test_file_given_takes_the_place_of_the_one_loaded_before(warehouse: Warehouse) -> None:
    recipients, awards = str(SAMPLE / "recipient_lookup.csv"), str(SAMPLE / "award_data.csv")
    assert warehouse.load("--recipients", recipients).exit_code == 0
    warehouse.working.unlink()
    done = warehouse.load("--awards", awards)
    assert done.exit_code == 0, done.output
    assert warehouse.query("select count(*), (select count(*) from raw.recipients) from raw.awards") == [(1500, 1200)]
