"""What is loaded, however odd: each case with its exact names, quarantined and filtered records, and notes."""

import gzip
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import csv

from load_helpers import HEADER, Loading, archive, gz, put, table, zst


@dataclass(frozen=True)
class Case:
    """A file, the names that load from it, and how many records are quarantined and filtered; words that are told."""

    content: bytes | str
    names: list[str | None]
    quarantined: int = 0
    filtered: int = 0
    note: str = ""


UTF16 = table("Größe", "B")
WINDOWS = HEADER.encode() + "h,Café “B”,,\n".encode("cp1252") + "h,Größe,,\n".encode()
LATIN = HEADER.encode() + b"h,A\x81B,,\n"
LONG_NAME = "N" * 1_000_000
OVERLONG = "x" * 20_000_000

# What lies where a tar archive says that it is one.
CUSTARD = "C".rjust(255 - len(HEADER)) + "ustard"
READ: dict[str, Case] = {
    "plain": Case(table("A", "B"), ["A", "B"]),
    "header only": Case(HEADER, [], note="warning: file.csv holds no records"),
    "header without its line end": Case(HEADER.strip(), [], note="holds no records"),
    "no line end at the end": Case(table("A", "B").rstrip("\n"), ["A", "B"]),
    "blank lines": Case(HEADER + "\nh,A,,\n\n\nh,B,,\n\n", ["A", "B"]),
    "blank lines before the header": Case("\n\n" + table("A"), ["A"]),
    "mark and blank line before the header": Case("\ufeff\n" + table("A"), ["A"]),
    "crlf": Case(table("A", "B").replace("\n", "\r\n"), ["A", "B"]),
    "crlf with blank lines before": Case("\r\n" + table("A", "B").replace("\n", "\r\n"), ["A", "B"]),
    "mixed ends": Case(HEADER + "h,A,,\r\nh,B,,\n", ["A", "B"], note="lines end in CRLF here and in LF there"),
    "carriage returns only": Case(
        table("A", "B").replace("\n", "\r"), ["A", "B"], note="lines end in carriage returns"
    ),
    "carriage return in a name": Case(table("A\rB", "C"), ["A\rB", "C"]),
    "carriage return in a name with crlf": Case(table("A\rB", "C").replace("\n", "\r\n"), ["A\rB", "C"]),
    "carriage return in a quoted name": Case(table('"A\rB"', "C"), ["A\rB", "C"]),
    "line feed in a quoted name": Case(table('"A\nB"', "C"), ["A\nB", "C"]),
    "crlf in a quoted name": Case(table('"A\r\nB"', "C"), ["A\r\nB", "C"]),
    "byte order mark": Case("\ufeff" + table("A"), ["A"]),
    "windows-1252": Case(WINDOWS, ["Café “B”", "Größe"], note="1 lines were not UTF-8 and were read as Windows-1252"),
    "undefined in windows-1252": Case(LATIN, ["A\x81B"], note="1 lines were not UTF-8"),
    "utf-16": Case(UTF16.encode("utf-16"), ["Größe", "B"], note="the file is UTF-16 and was read as such"),
    "utf-16 big end first": Case(b"\xfe\xff" + UTF16.encode("utf-16-be"), ["Größe", "B"], note="is UTF-16"),
    "utf-16 without mark": Case(UTF16.encode("utf-16-le"), ["Größe", "B"], note="is UTF-16"),
    "utf-16 with crlf, packed": Case(
        gz(UTF16.replace("\n", "\r\n").encode("utf-16")), ["Größe", "B"], note="is UTF-16"
    ),
    "nul": Case(table("A\x00B", "\x00"), ["A\x00B", "\x00"]),
    "control characters": Case(table("A\x01\x1b[31mB\x7f"), ["A\x01\x1b[31mB\x7f"]),
    "bidirectional characters": Case(table("A\u202eB\u2066C\u200b"), ["A\u202eB\u2066C\u200b"]),
    "quotes in a name": Case(table('"A ""B"" C"'), ['A "B" C']),
    "stray quote": Case(table('A "B', "C"), ['A "B', "C"]),
    "empty and quoted empty": Case(table("", '""', '" "'), [None, None, " "]),
    "blanks stay": Case(table("  A  "), ["  A  "]),
    "too few columns": Case(HEADER + "h,A,,\n1,2\nh,B,,\n", ["A", "B"], 1),
    "too many columns": Case(HEADER + "h,A,,\nh,X,,,extra\nh,B,,\n", ["A", "B"], 1),
    "surplus commas at the end": Case(HEADER + "h,A,,,,\nh,B,,\n", ["A", "B"]),
    "white space line": Case(HEADER + "  \nh,B,,\n", ["B"], 1),
    "several errors in a record": Case(HEADER + 'h,A,,\n"x"y,"z"q\nh,B,,\n', ["A", "B"], 1),
    "unclosed quote at the end": Case(HEADER + 'h,A,,\nh,"B,,', ["A"], 1),
    "unclosed quote in the middle": Case(HEADER + 'h,A,,\nh,"B,,\nh,"C",,\nh,D,,\n', ["A", "D"], 1),
    "long name": Case(table(LONG_NAME, "B"), [LONG_NAME, "B"]),
    "overlong name": Case(table("A", OVERLONG, "B"), ["A", "B"], 1),
    "five hundred columns too many": Case(HEADER + "x," * 500 + "\nh,B,,\n", ["B"], 1),
    "sql in a name": Case(table("'; drop table raw.awards; --"), ["'; drop table raw.awards; --"]),
    "jinja in a name": Case(table("{{ 1 / 0 }}{% raw %}"), ["{{ 1 / 0 }}{% raw %}"]),
    "formula in a name": Case(table("=1+1", "@SUM(A1)"), ["=1+1", "@SUM(A1)"]),
    "null in words": Case(table("NULL", "\\N", "None"), ["NULL", "\\N", "None"]),
    "one name very often": Case(table(*["A"] * 3000), ["A"] * 3000),
    "all names blank": Case(table("", "", ""), [None, None, None]),
    "columns in another order": Case("UEI, State ,legal_business_name,recipient_hash\nU,MA,A,h\n", ["A"]),
    "line end in a name of a column": Case(
        HEADER.strip() + ',"a\n\x1b[2J"\nh,A,,,x\n', ["A"], note=r"not needed, left out: a\n\x1b[2J"
    ),
    "further columns": Case(HEADER.strip() + ",extra\nh,A,,,x\n", ["A"], note="not needed, left out: extra"),
    "carriage return in the header": Case(HEADER.replace("state\n", 'state,"no\rte"\n') + "h,A,,,x\nh\n", ["A"], 1),
    "header in quotes": Case('"recipient_hash","legal_business_name","uei","state"\nh,A,,\n', ["A"]),
    "header repeated": Case(table("A") + table("B") + table("C"), ["A", "B", "C"], 0, 2, "2 records, repeated header"),
    "header repeated after a mark": Case(table("A") + "\ufeff" + table("B"), ["A", "B"], 0, 1, "repeated header"),
    "header nearly repeated": Case(table("A") + HEADER.replace("state", "State"), ["A", "legal_business_name"]),
    "gzip": Case(gz(table("A", "B")), ["A", "B"]),
    "gzip in two pieces": Case(gz(table("A")) + gz("h,B,,\n"), ["A", "B"]),
    "gzip with zeros after it": Case(gz(table("A")) + b"\0" * 512, ["A"]),
    "zst": Case(zst(table("A", "B")), ["A", "B"]),
    "zst as pzstd writes it": Case(b"\x50\x2a\x4d\x18\4\0\0\0abcd" + zst(table("A")), ["A"]),
    "zst in two pieces": Case(zst(table("A")) + zst("h,B,,\n"), ["A", "B"]),
    "zip": Case(archive({"a.csv": table("A"), "b.csv": table("B")}), ["A", "B"]),
    "zip of packed files": Case(archive({"a.csv.gz": gz(table("A")), "b.csv.zst": zst(table("B"))}), ["A", "B"]),
    "tar by chance": Case(f"{HEADER}h,{CUSTARD},,\n", [CUSTARD]),
    "zip with other files": Case(
        archive({"README.txt": "x", "__MACOSX/._a.csv": "x", "a.csv": table("A")}),
        ["A"],
        note="no data files, left out: README.txt, __MACOSX/._a.csv",
    ),
    "zip with names that lead out": Case(archive({"../../a.csv": table("A"), "/etc/b.csv": table("B")}), ["A", "B"]),
    "zip with other headers in its parts": Case(
        archive({"a.csv": table("A"), "b.csv": "UEI,state,legal_business_name,recipient_hash,more\n,,B,h,x\n"}),
        ["A", "B"],
        note="not needed, left out: more (in 1 of 2 files)",
    ),
    "zip with a part twice": Case(
        archive({"a.csv": table("A"), "b.csv": table("B"), "c.csv": table("A")}),
        ["A", "B"],
        0,
        1,
        "file.csv/c.csv holds the same as file.csv/a.csv, and was left out",
    ),
    "zip with a part twice, packed": Case(
        archive({"a.csv": table("A"), "a.csv.gz": gz(table("A"))}), ["A"], 0, 1, "1 records, same file twice"
    ),
}


@pytest.fixture
def loading(tmp_path: Path) -> Loading:
    """An empty warehouse."""
    return Loading(tmp_path / "warehouse")


@pytest.mark.parametrize("case", READ)
def test_file_is_read(loading: Loading, tmp_path: Path, case: str) -> None:
    expected = READ[case]
    done = loading.recipients(put(tmp_path, expected.content, "file.csv"))
    assert done.exit_code == 0, done.output
    assert expected.note in done.output
    assert loading.names() == expected.names
    assert loading.query(
        "select sum(records_read), sum(rows_loaded), sum(rows_quarantined), sum(rows_filtered) from raw.load_history"
    ) == [
        (
            len(expected.names) + expected.quarantined + expected.filtered,
            len(expected.names),
            expected.quarantined,
            expected.filtered,
        )
    ]
    kept = loading.query("select raw_text, reason, record_number, file_name from quarantine.recipients")
    assert len(kept) == expected.quarantined
    assert all(text and reason and int(str(number)) > 1 and name == "file.csv" for text, reason, number, name in kept)
    assert not (tmp_path / "a.csv").exists()


def test_quarantine_keeps_the_text_as_it_stood(loading: Loading, tmp_path: Path) -> None:
    loading.recipients(put(tmp_path, f"\n{HEADER}h,A,,\n  x ,\u202ey\n\nh,B,,,=z\n", "file.csv"))
    assert loading.query(
        "select record_number, raw_text, reason from quarantine.recipients order by record_number"
    ) == [(3, "  x ,\u202ey", "missing columns"), (5, "h,B,,,=z", "too many columns")]


def test_folder_and_pattern(loading: Loading, tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    files: dict[str, bytes | str] = {
        "1.csv": table("A"),
        "2.csv.gz": gz(table("B")),
        "3.zip": archive({"x.csv": table("C"), "y.csv": table("D")}),
        "README.txt": "hello",
        ".DS_Store": b"\0\0",
        "notes/4.csv": table("E"),
    }
    for name, content in files.items():
        put(parts, content, name)
    (parts / "5.csv").symlink_to(put(tmp_path, table("F"), "elsewhere.csv"))
    done = loading.recipients(parts)
    assert "recipients: 5 rows from parts in 5 files (0 quarantined)" in done.output
    assert "no data files, left out: .DS_Store, README.txt, notes" in done.output
    assert loading.names() == ["A", "B", "C", "D", "F"]
    assert loading.query("select source, file_name, form, records_read from raw.load_history order by file_name") == [
        ("parts", "1.csv", "CSV", 1),
        ("parts", "2.csv.gz", "CSV, gzip", 1),
        ("parts", "3.zip/x.csv", "CSV, zip", 1),
        ("parts", "3.zip/y.csv", "CSV, zip", 1),
        ("parts", "5.csv", "CSV", 1),
    ]
    assert loading.query("select _row_number from raw.recipients order by 1") == [(n,) for n in range(1, 6)]
    done = loading.recipients(f"{parts}/[1-2].csv*")
    assert "2 rows from [1-2].csv* in 2 files" in done.output
    assert loading.names() == ["A", "B"]


@pytest.mark.parametrize("name", ["names[1].csv", "names?.csv", "n*.csv"])
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_name_that_reads_like_a_pattern_is_that_file_and_no_other(
    loading: Loading, tmp_path: Path, name: str, form: str
) -> None:
    """As browsers name a second download, beside the first; of equal length, so that no count tells them apart."""
    for file, company in ((name, "wanted"), ("names1.csv", "another")):
        path = put(tmp_path, table(company), file)
        if form == "parquet":
            pq.write_table(csv.read_csv(path), path)
    assert loading.recipients(tmp_path / name).exit_code == 0
    assert loading.names() == ["wanted"]


@pytest.mark.parametrize("name", ["names.csv.gz", "names.csv.zst", "names.parquet", "state=XX/c1=YY/names.csv"])
def test_names_say_nothing_of_content(tmp_path: Path, name: str) -> None:
    """Neither the ending, as of what a browser unpacked, nor a folder named like a column of a data lake."""
    for folder in ("warehouse", "c1=ZZ"):
        loading = Loading(tmp_path / folder)
        assert loading.recipients(put(tmp_path, table("A"), name)).exit_code == 0
        assert loading.recipients(put(tmp_path, gz(table("A", "B")), "packed")).exit_code == 0
        assert loading.query("select legal_business_name, state from raw.recipients") == [("A", "MA"), ("B", "MA")]


def test_folder_says_nothing_of_parquet(loading: Loading, tmp_path: Path) -> None:
    path = put(tmp_path, "", "state=XX/year=2024/a.parquet")
    pq.write_table(pa.table({name: ["x"] for name in HEADER.strip().split(",")}), path)
    done = loading.recipients(path)
    assert done.exit_code == 0, done.output
    assert "year" not in done.output
    assert loading.query("select state from raw.recipients") == [("x",)]


def test_link_to_a_file_is_followed(loading: Loading, tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to(put(tmp_path, table("A"), "file.csv"))
    assert loading.recipients(tmp_path / "link.csv").exit_code == 0
    assert loading.names() == ["A"]


@pytest.mark.parametrize(
    "content",
    [table("A").encode(), gz(table("A")), zst(table("A")), archive({"a.csv": table("A"), "b.csv": HEADER})],
    ids=["csv", "gz", "zst", "zip"],
)
def test_same_content_is_loaded_once_wherever_it_lies(loading: Loading, tmp_path: Path, content: bytes) -> None:
    assert loading.recipients(put(tmp_path, content, "one.csv")).exit_code == 0
    before = loading.query("from raw.load_history")
    again = loading.recipients(put(tmp_path, content, "elsewhere/other.csv"))
    assert "this very file is loaded already: nothing was changed" in again.output
    assert loading.query("from raw.load_history") == before


def test_same_folder_is_loaded_once_whatever_its_files_are_called(loading: Loading, tmp_path: Path) -> None:
    for folder, names in {"one": ("a.csv", "b.csv"), "other": ("y.csv", "x.csv")}.items():
        for name, content in zip(names, (table("A"), table("B")), strict=True):
            put(tmp_path / folder, content, name)
    assert loading.recipients(tmp_path / "one").exit_code == 0
    assert "loaded already" in loading.recipients(tmp_path / "other").output
    put(tmp_path / "other", table("C"), "z.csv")
    assert loading.recipients(tmp_path / "other").exit_code == 0
    assert len(loading.names()) == 3


def test_parquet_of_other_types(loading: Loading, tmp_path: Path) -> None:
    path = tmp_path / "recipients.parquet"
    pq.write_table(
        pa.table(
            {
                "recipient_hash": pa.array([b"h1", None], pa.binary()),
                "legal_business_name": pa.array(["A", ""]).dictionary_encode(),
                "uei": pa.array([None, None], pa.null()),
                "state": ["MA", None],
                "duns": pa.array([123456789, None], pa.int64()),
                "zip5": pa.array([2110.0, None], pa.float64()),
                "update_date": pa.array([0, None], pa.date32()),
                "alternate_names": [["A, INC", 'B "C" \\', None], []],
                "business_types_codes": pa.array([{"a": 1}, None]),
                "source": pa.array([True, False]),
                "zip4": pa.array([0, None], pa.timestamp("s", "America/New_York")),
            }
        ),
        path,
    )
    assert loading.recipients(path).exit_code == 0
    assert loading.query(
        "select recipient_hash, legal_business_name, uei, duns, zip5, update_date, alternate_names, "
        "business_types_codes, source, zip4 from raw.recipients order by _row_number"
    ) == [
        (
            *("h1", "A", None, "123456789", "2110.0", "1970-01-01"),
            *('{"A, INC","B \\"C\\" \\\\",NULL}', "{'a': 1}", "Y", "1970-01-01 00:00:00"),
        ),
        (None, None, None, None, None, None, "{}", None, "N", None),
    ]


def test_parquet_in_a_zip_and_packed(loading: Loading, tmp_path: Path) -> None:
    sink = BytesIO()
    pq.write_table(pa.table({name: ["x"] for name in HEADER.strip().split(",")}), sink)
    done = loading.recipients(
        put(tmp_path, archive({"a.parquet": sink.getvalue(), "b.parquet.gz": gzip.compress(GOOD)}), "a.zip")
    )
    assert done.exit_code == 0, done.output
    assert loading.names() == ["x", "A"]


GOOD = table("A").encode()


def test_dollars_and_dates_that_are_none_stay_in_raw(loading: Loading, tmp_path: Path) -> None:
    """What no date and no amount is, is judged in staging: raw keeps it."""
    content = (
        "Company,Award Title,Agency,Phase,Program,Contract,Award Year,Award Amount,UEI,Duns,City,State,Zip,"
        "Proposal Award Date\nA,T,X,I,SBIR,1,20x7,$1e99,,,,,,2019-02-30\n"
    )
    assert loading.load("--awards", str(put(tmp_path, content, "awards.csv"))).exit_code == 0
    assert loading.query("select award_year, award_amount, proposal_award_date from raw.awards") == [
        ("20x7", "$1e99", "2019-02-30")
    ]


def test_records_keep_the_date_of_their_load(loading: Loading, tmp_path: Path) -> None:
    file = put(tmp_path, table("A", "B"), "recipients.csv")
    loading.recipients(file)
    dates = "select distinct _loaded_on = (select max(loaded_at)::date from raw.load_history) from raw.recipients"
    assert loading.query(dates) == [(True,)]
    assert "loaded already" in loading.recipients(file).output
    loading.query("update raw.recipients set _loaded_on = date '2020-01-01'")
    assert "loaded already" not in loading.recipients(file).output
    assert loading.query(dates) == [(True,)]
