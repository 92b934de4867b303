"""Database dumps: a true one, made by pg_dump 15 of generated rows, and what its text format may hold."""

import gzip
import io
import shutil
import tracemalloc
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import PROJECT
from database.warehouse import WarehouseError
from load_helpers import Loading, archive, gz, put
from loading.copy_text import unescaped
from loading.dump_contents import TableData, find_table

DUMP = PROJECT / "tests" / "fixtures" / "dump"
TOC = (DUMP / "toc.dat").read_bytes()
NAMES = [
    "TAB\tULAR WORKS",
    "LINE\nFEED\r\nLABS",
    "BACK\\SLASH \\n\\\\ LLC",
    "\\N",
    "\"QUOTED\", 'SINGLE' INC",
    "BELL\b\fv ÜMLAUT “X”",
    None,
    "\\.",
]


@pytest.fixture
def loading(tmp_path: Path) -> Loading:
    """An empty warehouse."""
    return Loading(tmp_path / "warehouse")


def test_table_of_contents_says_columns_and_file() -> None:
    found = find_table(io.BytesIO(TOC), "dump", "recipients")
    assert (found.schema, found.file_name) == ("rpt", "3347.dat")
    assert found.columns[:4] == ("id", "recipient_hash", "legal_business_name", "duns")
    assert found.columns[-4:] == ("parent_uei", "parent_legal_business_name", "alternate_names", 'Odd, "column"')
    assert find_table(io.BytesIO(TOC), "dump", "prime_awards").file_name == "3348.dat"


def test_columns_of_a_dump_bind_by_name(loading: Loading) -> None:
    done = loading.load("--recipients", str(DUMP), "--prime-awards", str(DUMP))
    assert done.exit_code == 0, done.output
    assert loading.names() == NAMES
    assert loading.query(
        "select duns, uei, address_line_1, zip5, business_types_codes, alternate_names, update_date, zip4 "
        "from raw.recipients order by _row_number limit 2"
    ) == [
        (
            "100000001",
            "AAAAAAAAAAA1",
            "1 MAIN ST",
            "02110",
            "{2X,F}",
            '{"TABULAR, INC","TAB \\"Q\\" WORKS"}',
            "2024-01-02 03:04:05",
            None,
        ),
        (None, None, None, None, None, "{}", None, None),
    ]
    assert loading.query(
        "select award_id_piid, award_id_fain, total_obligated_amount, award_base_action_date, "
        "award_latest_action_date, recipient_uei, recipient_duns, recipient_zip_4_code, _transaction_of "
        "from raw.prime_awards order by _row_number"
    ) == [
        ("FA865019C0001", None, "1000.50", "2020-01-02", "2021-05-06", "AAAAAAAAAAA1", "100000001", "02110", None),
        (None, "R43CA107764", None, None, None, None, None, None, None),
    ]
    assert loading.query("select distinct form from raw.load_history") == [("database dump",)]


@pytest.mark.parametrize("place", ["toc.dat", "", "..", "zip", "zip in a folder", "plain"])
def test_dump_is_found_wherever_it_lies(loading: Loading, tmp_path: Path, place: str) -> None:
    inside = tmp_path / "outer" / "pruned_dump"
    shutil.copytree(DUMP, inside)
    if place == "plain":
        put(inside, gzip.decompress((inside / "3347.dat.gz").read_bytes()), "3347.dat")
        (inside / "3347.dat.gz").unlink()
    path = {"..": tmp_path / "outer", "toc.dat": inside / "toc.dat"}.get(place, inside)
    if place.startswith("zip"):
        base = tmp_path / ("outer" if place == "zip in a folder" else "outer/pruned_dump")
        path = Path(shutil.make_archive(str(tmp_path / "dump"), "zip", base))
    done = loading.recipients(path)
    assert done.exit_code == 0, done.output
    assert loading.names() == NAMES
    assert "loaded already" in loading.recipients(path).output


def test_only_the_needed_member_of_a_zipped_dump_is_touched(loading: Loading, tmp_path: Path) -> None:
    members: dict[str, bytes | str] = {f"d/{path.name}": path.read_bytes() for path in DUMP.iterdir()}
    data = bytearray(archive(members | {"d/9999.dat.gz": gz("x" * 10_000)}))
    # Damage to another member is not even noticed.
    start = data.index(b"d/9999.dat.gz") + len("d/9999.dat.gz")
    data[start : start + 4] = b"\0\0\0\0"
    assert loading.recipients(put(tmp_path, bytes(data), "dump.zip")).exit_code == 0
    assert loading.names() == NAMES


@pytest.mark.parametrize("content", [b"", TOC[:51] + b"\0\xff\xff\xff\x7f"], ids=["zeros", "text"])
def test_table_of_contents_that_grows_without_end_takes_no_memory(
    loading: Loading, tmp_path: Path, content: bytes
) -> None:
    """Fifty megabytes of zeros in fifty kilobytes; in one case as a text that says it has two gigabytes."""
    bomb = put(tmp_path, archive({"d/toc.dat": content + bytes(50_000_000), "d/1.dat": "x"}), "dump.zip")
    tracemalloc.start()
    done = loading.recipients(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert done.exit_code == 2
    assert "table of contents" in done.output
    assert peak < 20_000_000


def test_cut_table_of_contents_is_told() -> None:
    for cut in range(0, len(TOC) - 40, 7):
        with pytest.raises(WarehouseError, match=r"cut or damaged|no table of contents"):
            find_table(io.BytesIO(TOC[:cut]), "dump", "recipients")


@given(st.integers(0, len(TOC) - 1), st.integers(0, 255))
def test_damaged_table_of_contents_is_told_or_read(place: int, byte: int) -> None:
    damaged = bytearray(TOC)
    damaged[place] = byte
    try:
        assert isinstance(find_table(io.BytesIO(bytes(damaged)), "dump", "recipients"), TableData)
    except WarehouseError as error:
        assert "\n" not in error.message


def escape(text: str) -> str:
    """How PostgreSQL writes a text in COPY."""
    signs = {"\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}
    return "".join(signs.get(sign, sign) for sign in text)


@given(st.lists(st.text(st.sampled_from("\\\b\f\n\r\t\vnrtbfvN.x\"'{}, "), max_size=12), min_size=1, max_size=20))
def test_every_text_comes_out_of_copy_as_it_went_in(texts: list[str]) -> None:
    with duckdb.connect() as connection:
        connection.execute("create table t (n integer, c varchar)")
        connection.executemany("insert into t values (?, ?)", [[n, escape(text)] for n, text in enumerate(texts)])
        found = connection.execute(f"select {unescaped('c')} from t order by n").fetchall()
    assert [text for (text,) in found] == texts


def test_records_with_another_number_of_fields_are_quarantined(loading: Loading, tmp_path: Path) -> None:
    folder = tmp_path / "dump"
    shutil.copytree(DUMP, folder)
    whole = "\t".join(["1", "h", "A", *["\\N"] * 14])
    put(folder, gz(f"{whole}\n2\th\n{whole}\textra\n\\.\n\n\n"), "3347.dat.gz")
    done = loading.recipients(folder)
    assert "1 rows from dump (2 quarantined)" in done.output
    assert loading.query("select record_number, raw_text from quarantine.recipients order by 1") == [
        (2, "2\th"),
        (3, f"{whole}\textra"),
    ]
