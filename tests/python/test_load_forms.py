"""The same data in every form gives the same tables."""

import csv
import gzip
import io
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conftest import SAMPLE
from load_helpers import archive, gz, put, zst
from loading.tables import load_file, make_tables

FILES = {
    "awards": SAMPLE / "award_data.csv",
    "recipients": SAMPLE / "recipient_lookup.csv",
    "prime_awards": SAMPLE / "prime_award_summaries.csv",
}
FORMS = ("csv", "csv.gz", "csv.zst", "zip", "folder", "pattern", "parquet", "dump", "dump zip")


def loaded_rows(name: str, path: Path) -> list[tuple[object, ...]]:
    with duckdb.connect() as connection:
        make_tables(connection)
        result = load_file(connection, name, path, lambda _: None)
        assert result.records == result.rows + result.filtered
        return connection.execute(
            f"select columns(* exclude (_load_id, _loaded_on)) from raw.{name} order by _row_number"
        ).fetchall()


def parts(records: list[list[str]]) -> Iterator[str]:
    """Three CSV files with a header each."""
    header, *rows = records
    third = len(rows) // 3
    for some in (rows[:third], rows[third : 2 * third], rows[2 * third :]):
        text = io.StringIO(newline="")
        # Python 3.11 leaves a lone carriage return without quotes, and then it is part of a line's end.
        csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([header, *some])
        yield text.getvalue()


def copy_text(records: list[list[str]]) -> str:
    escapes = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})
    lines = ["\t".join(cell.translate(escapes) if cell else "\\N" for cell in row) for row in records]
    return "\n".join([*lines, "\\.", "", ""])


def toc(table: str, columns: list[str]) -> bytes:
    """A table of contents as pg_dump 15 writes it, with one entry."""

    def number(value: int) -> bytes:
        return bytes([value < 0]) + abs(value).to_bytes(4, "little")

    def text(value: str | None) -> bytes:
        return number(-1) if value is None else number(len(value.encode())) + value.encode()

    head = b"PGDMP\x01\x0e\x00\x04\x08\x03" + number(-1) + number(0) * 7 + text("db") + text("15.0") + text("15.0")
    quoted_columns = ", ".join('"' + column.replace('"', '""') + '"' for column in columns)
    entry = [number(7), number(1), text("0"), text("1"), text(table), text("TABLE DATA"), number(3), text(""), text("")]
    entry += [text(f"COPY rpt.{table} ({quoted_columns}) FROM stdin;\n"), text("rpt"), text(""), text("")]
    entry += [text("owner"), text("false"), text(None), text("7.dat")]
    return head + number(1) + b"".join(entry)


def make_form(form: str, name: str, content: str, folder: Path) -> Path:
    records = list(csv.reader(io.StringIO(content, newline="")))
    header, *rows = records
    if form == "csv.gz":
        return put(folder, gz(content), "packed.csv")
    if form == "csv.zst":
        return put(folder, zst(content), "packed.csv")
    if form == "zip":
        return put(folder, archive({f"part_{n}.csv": text for n, text in enumerate(parts(records))}), "parts.zip")
    if form in ("folder", "pattern"):
        for number, text in enumerate(parts(records)):
            put(folder / "parts", text, f"part_{number}.csv")
        return folder / "parts" / ("part_?.csv" if form == "pattern" else "")
    if form == "parquet":
        columns = [pa.array([text or None for text in column]) for column in zip(*rows, strict=True)]
        pq.write_table(pa.table(columns, names=header), folder / "table.parquet")
        return folder / "table.parquet"
    if form.startswith("dump"):
        table = {"recipients": "recipient_lookup", "prime_awards": "award_search"}[name]
        # In another order, as migrations leave it.
        turned = [row[::-1] for row in rows]
        put(folder / "dump", toc(table, header[::-1]), "toc.dat")
        put(folder / "dump", gz(copy_text(turned)), "7.dat.gz")
        if form == "dump zip":
            return Path(shutil.make_archive(str(folder / "zipped"), "zip", folder / "dump"))
        return folder / "dump"
    return put(folder, content, "table.csv")


@pytest.mark.parametrize("form", FORMS[1:])
@pytest.mark.parametrize("name", FILES)
def test_every_form_loads_alike(tmp_path: Path, name: str, form: str) -> None:
    if name == "awards" and form.startswith("dump"):
        pytest.skip("no dump holds SBIR awards")
    content = FILES[name].read_bytes().decode()
    expected = loaded_rows(name, FILES[name])
    assert len(expected) > 100
    assert loaded_rows(name, make_form(form, name, content, tmp_path)) == expected


def test_odd_cells_load_alike_from_csv_parquet_and_dump(tmp_path: Path) -> None:
    odd = ['A\tB\\C "D"', "line\nfeed\r\n", "\\N", "\\", "\\.", "\\n\\\\t", ",", "ü\u202e", "{}", "\x01\x00 "]
    text = io.StringIO(newline="")
    header = ["recipient_hash", "legal_business_name", "uei", "state"]
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(
        [header, *(["h", cell, "", ""] for cell in odd)]
    )
    expected = loaded_rows("recipients", put(tmp_path, text.getvalue(), "odd.csv"))
    assert [row[3] for row in expected] == odd
    for form in ("csv.zst", "zip", "parquet", "dump", "dump zip"):
        folder = tmp_path / form
        folder.mkdir()
        assert loaded_rows("recipients", make_form(form, "recipients", text.getvalue(), folder)) == expected, form


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("awards", "sbir/award_data.csv.gz"),
        ("recipients", "usaspending/recipient_lookup.csv.gz"),
        ("prime_awards", "usaspending/prime_award_summaries.csv.gz"),
    ],
)
def test_real_files_load_alike_in_every_form(real_data: Path, tmp_path: Path, name: str, file: str) -> None:
    path = real_data / file
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (from read_csv('{path}', all_varchar = true, header = true, delim = ',', quote = '\"', "
            f"escape = '\"')) to '{tmp_path}/table.parquet' (format parquet)"
        )
    plain = gzip.decompress(path.read_bytes())
    forms = [
        put(tmp_path, zst(plain), "packed.zst"),
        make_form("zip", name, plain.decode(), tmp_path),
        tmp_path / "table.parquet",
    ]
    assert len(zipfile.ZipFile(forms[1]).namelist()) == 3
    expected = loaded_rows(name, path)
    for form in forms:
        assert loaded_rows(name, form) == expected, form
