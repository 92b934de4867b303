"""Whatever a file holds: read = loaded + quarantined + filtered, or it is refused in one line; and every form alike.

A long run: HYPOTHESIS_PROFILE=long pytest tests/python/test_load_properties.py
"""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from database.warehouse import WarehouseError
from load_helpers import HEADER, archive, gz, put, shared_connection, table, zst
from loading.scan import RecordCounter
from loading.tables import Loaded, load_file
from test_load_forms import make_form

Rows = list[tuple[object, ...]]
VALID = (
    "\ufeff" + table("Acme", '"A, ""B"""', '"line\nfeed"', "Größe", "", "it's") + "h,C,,\r\n\n" + HEADER + table("D")
).encode()
# What mutations put in: everything that means something to some reader of CSV.
SIGNS = [b'"', b",", b"\n", b"\r", b"\r\n", b"\0", b"\xff", b"\xef\xbb\xbf", b'""', b"\\", b";", b"\t", b" ", b"\x1a"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the examples lie, one after the other."""
    return tmp_path_factory.mktemp("properties")


def load(path: Path) -> tuple[Loaded, Rows]:
    connection = shared_connection()
    connection.execute("begin")
    try:
        # With a layout given, the same content is loaded anew.
        result = load_file(connection, "recipients", path, lambda _: None, layout="recipients")
        rows = connection.execute(
            "select recipient_hash, legal_business_name, uei, state from raw.recipients order by _row_number"
        ).fetchall()
        kept = connection.execute("select count(*) from quarantine.recipients where raw_text is not null").fetchall()
    finally:
        connection.execute("rollback")
    assert result.rows == len(rows)
    assert kept == [(result.quarantined,)]
    return result, rows


def load_or_refuse(path: Path, *, is_packed: bool = False) -> Loaded | None:
    try:
        result, _ = load(path)
    except WarehouseError as error:
        assert "\n" not in error.message
        # Where quotes do not pair up, readers may disagree about the records: then the file is refused as well.
        assert "nothing was changed" not in error.message or b'"' in path.read_bytes() or is_packed
        return None
    assert result.records == result.rows + result.quarantined + result.filtered
    return result


cells = st.text(st.characters(codec="utf-8"), max_size=12)


@given(st.lists(st.lists(cells, min_size=4, max_size=4), max_size=8), st.sampled_from([",", "\t", ";", "|"]))
def test_cells_written_as_csv_load_as_they_are(folder: Path, rows: list[list[str]], separator: str) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows([HEADER.strip().split(","), *rows])
    result, found = load(put(folder, text.getvalue(), "a.csv"))
    whole = [row for row in rows if row != HEADER.strip().split(",")]
    assert result.quarantined == 0
    assert [list(row) for row in found] == [[cell or None for cell in row] for row in whole]


@given(st.lists(st.lists(cells, min_size=1, max_size=6), max_size=8), st.sampled_from(["\n", "\r\n", "\r"]))
@example([["\ufeff", "", "", ""]], "\n")
@example([["a\rb", "", "", ""]], "\n")
@example([["", "0\n0"]], "\r")
def test_cells_that_nobody_quoted_are_accounted_for(folder: Path, rows: list[list[str]], end: str) -> None:
    text = HEADER.strip() + end + end.join(",".join(row) for row in rows)
    load_or_refuse(put(folder, text, "a.csv"))


@given(st.binary(max_size=400))
def test_any_bytes_are_accounted_for(folder: Path, data: bytes) -> None:
    load_or_refuse(put(folder, data, "a.csv"))
    load_or_refuse(put(folder, HEADER.encode() + data, "a.csv"))


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    """The valid file with some bytes put in, taken out or doubled."""
    data = bytearray(VALID)
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, len(data)))
        length = draw(st.integers(0, 12))
        kind = draw(st.sampled_from(["put in", "take out", "double"]))
        if kind == "put in":
            data[place:place] = draw(st.sampled_from(SIGNS))
        elif kind == "take out":
            del data[place : place + length]
        else:
            data[place:place] = data[place : place + length]
    return bytes(data)


@given(mutations(), st.sampled_from([b",", b"\t", b";", b"|"]), st.sampled_from([b"", b"sep=,\n", b'Title "x"\r\n\n']))
@example(VALID.replace(b"\xbf", b"\xbf\n", 1), b",", b"")
def test_mutated_files_are_accounted_for(folder: Path, data: bytes, separator: bytes, above: bytes) -> None:
    load_or_refuse(put(folder, above + data.replace(b",", separator), "a.csv"))


packings = st.sampled_from([gz, zst, lambda data: archive({"a.csv": data})])


@given(mutations(), packings, st.integers(0, 10**6), st.binary(max_size=3))
def test_mutated_packings_are_accounted_for(folder: Path, data: bytes, pack: object, place: int, put_in: bytes) -> None:
    assert callable(pack)
    packed = bytearray(pack(data))
    place %= len(packed)
    packed[place : place + len(put_in)] = put_in
    load_or_refuse(put(folder, bytes(packed), "a.csv"), is_packed=True)


@settings(max_examples=max(settings().max_examples // 4, 10), suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(cells, cells), min_size=3, max_size=6))
@example([("", ""), ("", "0"), ("", "\r")])
def test_every_form_of_any_cells_loads_alike(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    text = io.StringIO(newline="")
    records = [["h", name, "", state] for name, state in rows]
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([HEADER.strip().split(","), *records])
    folder = tmp_path_factory.mktemp("forms")
    _, expected = load(put(folder, text.getvalue(), "a.csv"))
    for form in ("csv.gz", "csv.zst", "parquet", "dump", "zip"):
        result, found = load(make_form(form, "recipients", text.getvalue(), folder))
        if form == "zip" and result.filtered:
            continue  # a part that is there twice
        assert found == expected, form


@given(st.binary(max_size=200), st.integers(1, 7))
def test_counting_does_not_depend_on_chunks(data: bytes, size: int) -> None:
    whole, pieces = RecordCounter(), RecordCounter()
    if data:
        whole.add(data)
    for start in range(0, len(data), size):
        pieces.add(data[start : start + size])
    assert whole.finish() == pieces.finish()
    assert (whole.crlf, whole.lone_returns, whole.line_feeds) == (pieces.crlf, pieces.lone_returns, pieces.line_feeds)
