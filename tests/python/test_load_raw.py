"""Loading: every record is loaded or quarantined, and bad input is told in one line."""

from itertools import islice
from pathlib import Path

import duckdb
import pytest

from conftest import SAMPLE, Done, Warehouse
from loading.layout import read_layout
from loading.tables import load_file, make_tables

RECIPIENTS = [column.header for column in read_layout("recipients")]
HEADER = ",".join(RECIPIENTS)


def recipient(name: str, number: int = 1) -> str:
    """A CSV record of recipient_lookup with the given text as its name, as it stands."""
    return ",".join([str(number), f"hash{number}", name, *[""] * (len(RECIPIENTS) - 3)])


def write(folder: Path, content: bytes | str, name: str = "recipients.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def load_recipients(warehouse: Warehouse, path: Path) -> Done:
    return warehouse.load("--recipients", str(path))


def names(warehouse: Warehouse) -> list[object]:
    return [row[0] for row in warehouse.query("select legal_business_name from raw.recipients order by _row_number")]


def test_other_encodings_are_read_and_told(warehouse: Warehouse, tmp_path: Path) -> None:
    content = f"\ufeff{HEADER}\n{recipient('Größe')}\n".encode() + f"{recipient('Café “B”')}\n".encode("cp1252")
    done = load_recipients(warehouse, write(tmp_path, content))
    assert done.exit_code == 0, done.output
    assert "1 lines were not UTF-8 and were read as Windows-1252" in done.output
    assert names(warehouse) == ["Größe", "Café “B”"]


def test_reordered_extra_and_missing_columns(warehouse: Warehouse, tmp_path: Path) -> None:
    content = "UEI, State ,extra,legal_business_name,recipient_hash\nU,MA,x,Acme,h\n"
    done = load_recipients(warehouse, write(tmp_path, content))
    assert done.exit_code == 0, done.output
    assert "not needed, left out: extra" in done.output
    assert "not in the file, loaded as null: id, duns" in done.output
    assert warehouse.query("select uei, state, legal_business_name, recipient_hash, duns from raw.recipients") == [
        ("U", "MA", "Acme", "h", None)
    ]


def test_loading_the_same_file_again_changes_nothing(warehouse: Warehouse) -> None:
    path = str(SAMPLE / "recipient_lookup.csv")
    assert warehouse.load("--recipients", path).exit_code == 0
    before = warehouse.query("from raw.load_history"), warehouse.query("from raw.recipients order by _row_number")
    again = warehouse.load("--recipients", path)
    assert again.exit_code == 0
    assert "this very file is loaded already: nothing was changed" in again.output
    assert before == (
        warehouse.query("from raw.load_history"),
        warehouse.query("from raw.recipients order by _row_number"),
    )


def test_file_is_loaded_anew_where_rows_of_it_are_gone_or_another_came_between(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    path = str(SAMPLE / "recipient_lookup.csv")
    assert warehouse.load("--recipients", path).exit_code == 0
    warehouse.execute("delete from raw.recipients where _row_number < 100")
    assert warehouse.load("--recipients", path).exit_code == 0
    assert warehouse.query("select count(*) from raw.recipients") == [(1200,)]
    other = tmp_path / "other.csv"
    with Path(path).open(encoding="utf-8") as file:
        other.write_text("".join(islice(file, 10)), encoding="utf-8")
    assert warehouse.load("--recipients", str(other)).exit_code == 0
    assert warehouse.load("--recipients", path).exit_code == 0
    assert warehouse.query("select count(*) from raw.recipients") == [(1200,)]
    history = "select count(*), count(*) filter (where is_current), count(distinct loaded_at) from raw.load_history"
    assert warehouse.query(history) == [(4, 1, 4)]


def test_sample_fills_only_an_empty_warehouse_and_never_mixes(warehouse: Warehouse) -> None:
    assert warehouse.load("--sample").exit_code == 0
    again = warehouse.load("--sample")
    assert "Loaded already, and kept: 1,500 awards, 1,200 recipients" in again.output
    own = warehouse.load("--awards", str(SAMPLE / "award_data.csv"))
    assert own.exit_code == 0
    assert warehouse.query("select count(*) from raw.recipients") == [(0,)]
    assert warehouse.query("select input, is_sample from raw.load_history where is_current") == [("awards", False)]
    assert warehouse.load("--sample").exit_code == 0
    assert warehouse.query("select count(*) from raw.recipients") == [(0,)]


def test_nothing_to_load_is_a_usage_error(warehouse: Warehouse) -> None:
    done = warehouse.load()
    assert done.exit_code == 2
    assert "--sample" in done.output


def test_held_working_file_is_one_line(warehouse: Warehouse) -> None:
    with duckdb.connect(str(warehouse.working)):
        done = warehouse.load("--sample")
    assert done.exit_code == 2
    assert "is in use by process" in done.output
    assert done.output.count("\n") == 1


@pytest.mark.real_data
def test_real_files_load_whole(warehouse: Warehouse, real_data: Path) -> None:
    done = warehouse.load(
        "--awards",
        str(real_data / "sbir" / "award_data.csv.gz"),
        "--recipients",
        str(real_data / "usaspending" / "recipient_lookup.csv.gz"),
        "--prime-awards",
        str(real_data / "usaspending" / "prime_award_summaries.csv.gz"),
    )
    assert done.exit_code == 0, done.output
    assert warehouse.query(
        "select input, records_read, rows_loaded, rows_quarantined, rows_filtered from raw.load_history order by input"
    ) == [
        ("awards", 104_640, 104_640, 0, 0),
        # Some award numbers are there twice, with the same recipient.
        ("prime_awards", 29_139, 28_988, 0, 151),
        ("recipients", 80_466, 80_466, 0, 0),
    ]


def test_rejects_of_one_file_are_not_counted_for_the_next(tmp_path: Path) -> None:
    bad = write(tmp_path, f"{HEADER}\n{recipient('A')}\n1,2\n")
    good = write(tmp_path, f"{HEADER}\n{recipient('B')}\n", "good.csv")
    with duckdb.connect() as connection:
        make_tables(connection)
        quarantined = [
            load_file(connection, "recipients", path, lambda _: None, is_sample=False).quarantined
            for path in (bad, good, bad)
        ]
    assert quarantined == [1, 0, 1]
