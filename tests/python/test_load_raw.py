"""Loading: every record is loaded or quarantined, and bad input is told in one line."""

import csv
import gzip
import io
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import SAMPLE, Done, Warehouse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from load_layout import read_layout
from load_scan import RecordCounter
from load_tables import load_file, make_tables

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


def cut_gzip() -> bytes:
    return gzip.compress("\n".join([HEADER, *(recipient(f"Name {n * n}", n) for n in range(5000))]).encode())[:-2000]


# What is wrong with a file, and what the one line must say.
REFUSED: dict[str, tuple[bytes | str, str]] = {
    "empty": ("", "the file is empty"),
    "white space only": ("  \n\n", "the file is empty"),
    "required column missing": (
        HEADER.replace("legal_business_name", "legal_name") + "\n",
        "the required column 'legal_business_name' is not in the header. The closest is 'legal_name'",
    ),
    "another table": ("a,b,c\n1,2,3\n", "'recipient_hash' is not in the header. It begins with 'a', 'b', 'c'"),
    "column twice": (HEADER + ",uei\n", "the column 'uei' occurs 2 times"),
    "wrong delimiter": (HEADER.replace(",", ";") + "\n", "separated by ';', not by commas"),
    "web page": ("<!DOCTYPE html><html><body>404</body></html>", "is a web page"),
    "cut gzip": (cut_gzip(), "cut or damaged"),
    "corrupt parquet": (b"PAR1 this is no parquet file PAR1", "cannot be read as Parquet"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_files_change_nothing(warehouse: Warehouse, tmp_path: Path, case: str) -> None:
    content, words = REFUSED[case]
    assert load_recipients(warehouse, write(tmp_path, f"{HEADER}\n{recipient('Before')}\n")).exit_code == 0
    done = load_recipients(warehouse, write(tmp_path, content, "bad.csv"))
    assert done.exit_code == 2
    assert words in done.output
    assert "bad.csv" in done.output
    assert done.output.count("\n") == 1
    assert names(warehouse) == ["Before"]
    assert warehouse.query("select count(*) from raw.load_history where is_current") == [(1,)]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda folder: folder / "missing.csv", "is not there"),
        (lambda folder: folder, "the folder holds no data files"),
    ],
)
def test_refused_paths(warehouse: Warehouse, tmp_path: Path, make: Callable[[Path], Path], words: str) -> None:
    done = load_recipients(warehouse, make(tmp_path))
    assert done.exit_code == 2
    assert words in done.output
    assert done.output.count("\n") == 1


def test_awards_without_records_are_refused(warehouse: Warehouse, tmp_path: Path) -> None:
    header = ",".join(column.header for column in read_layout("awards"))
    done = warehouse.load("--awards", str(write(tmp_path, f"{header}\n", "awards.csv")))
    assert done.exit_code == 2
    assert "holds no awards" in done.output


# What a file holds between its header and its end, the names that load, and how many records are quarantined.
READ: dict[str, tuple[str, list[str], int]] = {
    "plain": (f"{recipient('A')}\n{recipient('B')}\n", ["A", "B"], 0),
    "no line end at the end": (recipient("A"), ["A"], 0),
    "blank lines": (f"\n{recipient('A')}\n\n\n{recipient('B')}\n\n", ["A", "B"], 0),
    "crlf": (f"{recipient('A')}\r\n{recipient('B')}\r\n", ["A", "B"], 0),
    "mixed line ends": (f"{recipient('A')}\r\n{recipient('B')}\n", ["A", "B"], 0),
    "line feed in a name": (recipient('"A\nB"') + "\n" + recipient("C") + "\n", ["A\nB", "C"], 0),
    "quotes in a name": (recipient('"A ""B"" C"') + "\n", ['A "B" C'], 0),
    "stray quote": (recipient('A "B') + "\n" + recipient("C") + "\n", ['A "B', "C"], 0),
    "too few columns": (f"{recipient('A')}\n1,2\n{recipient('B')}\n", ["A", "B"], 1),
    "too many columns": (f"{recipient('A')}\n{recipient('X')},extra\n{recipient('B')}\n", ["A", "B"], 1),
    "several errors in a record": (f'{recipient("A")}\n"x"y,"z"q\n{recipient("B")}\n', ["A", "B"], 1),
    "unclosed quote at the end": (f"{recipient('A')}\n" + recipient('"B'), ["A"], 1),
    "unclosed quote in the middle": (
        f"{recipient('A')}\n" + recipient('"B') + "\n" + recipient('"C"') + "\n" + recipient('"D"') + "\n",
        ["A", "D"],
        1,
    ),
    "sql in a name": (recipient("'; drop table raw.awards; --") + "\n", ["'; drop table raw.awards; --"], 0),
}


@pytest.mark.parametrize("ending", ["csv", "csv.gz"])
@pytest.mark.parametrize("case", READ)
def test_records_are_loaded_or_quarantined(tmp_path: Path, case: str, ending: str) -> None:
    content, loaded, quarantined = READ[case]
    data = f"{HEADER}{chr(13) if case == 'crlf' else ''}\n{content}".encode()
    path = write(tmp_path, gzip.compress(data) if ending == "csv.gz" else data, f"recipients.{ending}")
    with duckdb.connect() as connection:
        make_tables(connection)
        result = load_file(connection, "recipients", path, lambda _: None, is_sample=False)
        found = connection.execute("select legal_business_name from raw.recipients order by _row_number").fetchall()
        kept = connection.execute("select raw_text, reason, record_number from quarantine.recipients").fetchall()
    assert [name for (name,) in found] == loaded
    assert len(kept) == quarantined == result.quarantined
    assert result.records == len(loaded) + quarantined
    assert all(raw_text and reason and number > 1 for raw_text, reason, number in kept)


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


def test_every_form_of_a_file_loads_alike(warehouse: Warehouse, tmp_path: Path) -> None:
    source = SAMPLE / "award_data.csv"
    with source.open(encoding="utf-8", newline="") as file:
        header, *records = list(csv.reader(file))
    columns = [pa.array([text or None for text in column]) for column in zip(*records, strict=True)]
    parquet = tmp_path / "awards.parquet"
    pq.write_table(pa.table(columns, names=header), parquet)
    packed = write(tmp_path, gzip.compress(source.read_bytes()), "awards.csv.gz")
    found = []
    for path in (source, packed, parquet):
        assert warehouse.load("--awards", str(path)).exit_code == 0
        found.append(warehouse.query("select columns(* exclude _load_id) from raw.awards order by _row_number"))
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == len(records)


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


cells = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=12)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(cells, min_size=1, max_size=len(RECIPIENTS) + 1), max_size=8), st.booleans())
def test_no_record_is_ever_lost(tmp_path: Path, table: list[list[str]], is_raw: bool) -> None:
    """Whatever the cells hold, read = loaded + quarantined, or the file is refused in words."""
    text = io.StringIO(newline="")
    text.write(HEADER + "\n")
    if is_raw:
        text.write("\n".join(",".join(row) for row in table))
    else:
        csv.writer(text, lineterminator="\n").writerows(row + [""] * (len(RECIPIENTS) - len(row)) for row in table)
    path = write(tmp_path, text.getvalue())
    with duckdb.connect() as connection:
        make_tables(connection)
        result = load_file(connection, "recipients", path, lambda _: None, is_sample=False)
        if not is_raw:
            whole = [row for row in table if len(row) <= len(RECIPIENTS)]
            assert result.rows >= sum(any(row) for row in whole) - result.quarantined
        assert result.records == result.rows + result.quarantined


@given(st.binary(max_size=200), st.integers(1, 7))
def test_counting_does_not_depend_on_chunks(data: bytes, size: int) -> None:
    whole, pieces = RecordCounter(), RecordCounter()
    if data:
        whole.add(data)
    for start in range(0, len(data), size):
        pieces.add(data[start : start + size])
    assert whole.finish() == pieces.finish()


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
        "select input, records_read, rows_loaded, rows_quarantined from raw.load_history order by input"
    ) == [("awards", 104_640, 104_640, 0), ("prime_awards", 29_139, 29_139, 0), ("recipients", 80_466, 80_466, 0)]


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
