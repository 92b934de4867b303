"""The files of decisions: what is written comes back exactly, what cannot be trusted is refused in one line."""

import csv
import io
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest
from dbt_common.clients.agate_helper import from_csv
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jinja2 import Environment

from conftest import PROJECT
from database.warehouse import WarehouseError
from reviewing.match_decisions import (
    DECISIONS,
    SEED_COLUMNS,
    SHEET_COLUMNS,
    Decision,
    Decisions,
    Pair,
    change_decisions,
    differing,
    read_decisions,
    read_sheet,
    refuse_malformed_decisions,
    write_decisions,
    write_sheet,
)

TODAY = date(2025, 3, 1)
# As macros/dialect/seed_files.sql has it.
SEED_FORMAT = "format csv, header true, auto_detect false, delimiter ',', quote '\"', escape '\"', strict_mode false"
HEADER = ",".join(SEED_COLUMNS) + "\n"
SHEET_HEADER = ",".join(SHEET_COLUMNS) + "\n"
HOSTILE = st.text(st.sampled_from("'\",;|\t\\#~ \r\n\x00\x1b[]=+-@aB1\u00e9\u2028\u0085\ufeff\U0001f600"), max_size=8)
ORDINARY = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
TEXTS = HOSTILE | ORDINARY | st.sampled_from(["NULL", "null", "NA", "true", "1e5", "2024-01-01", "=1+1", "'=1+1"])
NAMES = TEXTS.filter(bool)
PAIRS = st.builds(Pair, NAMES, st.sampled_from(["", "TX", "CA"]), NAMES)
# No two are the same: a firm has one recipient at most.
DIFFERENT = st.builds(
    Decision, st.sampled_from(["different", "unsure"]), st.dates(min_value=date(1000, 1, 1)), note=TEXTS
)
DECIDED = st.dictionaries(PAIRS, DIFFERENT, max_size=12)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "match_decisions.csv"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all examples of a property share."""
    return tmp_path_factory.mktemp("decisions")


@settings(deadline=None)
@given(DECIDED)
def test_decisions_come_back_exactly(folder: Path, decisions: Decisions) -> None:
    write_decisions(folder / "own.csv", decisions)
    assert read_decisions(folder / "own.csv") == decisions


@settings(deadline=None)
@example({Pair("'A'", "TX", "'h'"): Decision("different", TODAY, "'n'")})
@given(DECIDED)
def test_a_dbt_seed_holds_the_decisions_exactly(folder: Path, decisions: Decisions) -> None:
    """As dbt reads a seed: agate for the columns, then the statement of dbt-duckdb for the rows."""
    seed = folder / "seed.csv"
    write_decisions(seed, decisions)
    agate = from_csv(str(seed), text_columns=SEED_COLUMNS)
    assert agate.column_names == SEED_COLUMNS
    assert len(agate.rows) == len(decisions)
    with duckdb.connect() as connection:
        columns = ", ".join(f"{name} {'date' if name == 'decided_on' else 'varchar'}" for name in SEED_COLUMNS)
        connection.execute(f"create table seed ({columns})")
        connection.execute(f"copy seed from '{seed}' ({SEED_FORMAT})")
        rows = connection.execute("from seed").fetchall()
    assert {
        Pair(name, state or "", recipient): Decision(decision, decided_on, note or "")
        for name, state, recipient, decision, decided_on, note in rows
    } == decisions
    assert len(rows) == len(decisions)


@settings(deadline=None)
@given(st.dictionaries(PAIRS, TEXTS, max_size=8), st.sampled_from(",;"), st.sampled_from(["\n", "\r\n"]))
def test_a_sheet_comes_back_exactly(folder: Path, notes: dict[Pair, str], delimiter: str, line_end: str) -> None:
    """A spreadsheet reads the sheet, a person fills it in, and it is saved in the manner of the country."""
    sheet = folder / "sheet.csv"
    sheet.unlink(missing_ok=True)
    write_sheet(
        sheet, ("extra", *SHEET_COLUMNS[:3]), [(name, *pair) for pair in notes for name in (pair.company_name,)]
    )
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file, strict=True)
    assert header == ["extra", *SHEET_COLUMNS]
    with sheet.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL)
        writer.writerow(header)
        writer.writerows([*row[:-2], " Different ", note] for row, note in zip(rows, notes.values(), strict=True))
    decisions, places = read_sheet(sheet, TODAY)
    assert decisions == {pair: Decision("different", TODAY, note) for pair, note in notes.items()}
    assert list(places) == list(decisions)


@settings(deadline=None)
@example([["", "", ';"=1+1']])
@example([["", "", "a;=1+1"]])
@given(st.lists(st.lists(TEXTS, min_size=3, max_size=3), max_size=8))
def test_no_cell_of_a_sheet_is_a_formula(folder: Path, rows: list[list[str]]) -> None:
    """Neither as the file says it, nor for a spreadsheet that splits at semicolons or tabs instead."""
    sheet = folder / "formulas.csv"
    sheet.unlink(missing_ok=True)
    write_sheet(sheet, SHEET_COLUMNS[:3], rows)
    text = sheet.read_bytes().decode("utf-8-sig")
    for delimiter in ",;\t":
        cells = [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) for cell in row]
        assert [cell for cell in cells if cell.lstrip(" ").startswith(tuple("=+-@"))] == []


def test_the_order_of_deciding_leaves_no_trace(path: Path) -> None:
    decisions = {Pair(name, "TX", "hash"): Decision("different", TODAY, "") for name in ("Beta", "Alpha, Inc.")}
    write_decisions(path, decisions)
    assert path.read_bytes().decode() == (
        f'{HEADER}"Alpha, Inc.",TX,hash,different,2025-03-01,\nBeta,TX,hash,different,2025-03-01,\n'
    )
    first = path.read_bytes()
    write_decisions(path, dict(reversed(decisions.items())))
    assert path.read_bytes() == first


def test_changes_can_be_taken_back(path: Path) -> None:
    pair, other = Pair("Acme", "", "a"), Pair("Acme", "TX", "b")
    write_decisions(path, {pair: Decision("unsure", TODAY, "ask Bob"), other: Decision("different", TODAY, "")})
    before = path.read_bytes()
    new = Pair("New", "TX", "c")
    undo = change_decisions(path, {pair: Decision("same", TODAY, ""), new: Decision("same", TODAY, ""), other: None})
    assert read_decisions(path) == {pair: Decision("same", TODAY, ""), new: Decision("same", TODAY, "")}
    change_decisions(path, undo)
    assert path.read_bytes() == before


def test_a_change_that_contradicts_the_file_is_refused(path: Path) -> None:
    write_decisions(path, {Pair("Acme", "TX", "a"): Decision("same", TODAY, "")})
    before = path.read_bytes()
    with pytest.raises(WarehouseError, match=r"a \(decided before\) and b \(decided now\)"):
        change_decisions(path, {Pair("Acme", "TX", "b"): Decision("same", TODAY, "")})
    assert path.read_bytes() == before


def test_only_news_are_differing() -> None:
    kept, changed, noted, new = (Pair(name, "", "x") for name in ("kept", "changed", "noted", "new"))
    old = {pair: Decision("same", date(2024, 1, 1), "why") for pair in (kept, changed, noted)}
    proposed = {
        kept: Decision("same", TODAY, ""),
        changed: Decision("different", TODAY, ""),
        noted: Decision("same", TODAY, "better"),
        new: Decision("unsure", TODAY, ""),
    }
    assert differing(old, proposed).keys() == {changed, noted, new}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "line 1: the column 'company_name' must be there"),
        ("company_name,state\n", "line 1: the column 'recipient_hash' must be there"),
        (HEADER.replace("note", "note,extra"), "line 1: there must be no columns but company_name"),
        (HEADER + "Acme,TX,a,maybe,2025-01-01,\n", "line 2: the decision 'maybe' is none of same, different, unsure"),
        (HEADER + "Acme,TX,a,same,1/2/2025,\n", "line 2: '1/2/2025' is no date"),
        (HEADER + "Acme,TX,a,same,2025-02-30,\n", "line 2: '2025-02-30' is no date"),
        (HEADER + "Acme, Inc.,TX,a,same,2025-01-01,\n", "line 2: 7 cells under 6 columns"),
        (HEADER + "\n,TX,a,same,2025-01-01,\n", "line 3: the company's name"),
        (HEADER + 'A"cme,TX,a,same,2025-01-01,"\n', "line 2: its quotes do not pair up"),
        (
            HEADER + 'Acme,TX,a,same,2025-01-01,"two\nlines"\nAcme,TX,a,different,2025-01-01,\n',
            "line 4: 'Acme' in 'TX' and recipient a are decided 'different' here and 'same' in line 2",
        ),
        (
            HEADER + "Acme,TX,a,same,2025-01-01,\nAcme,TX,b,same,2025-01-01,\n",
            r"'Acme' in 'TX' is the same as two recipients, a (line 2) and b (line 3)",
        ),
    ],
)
def test_a_malformed_decisions_file_is_refused(path: Path, text: str, complaint: str) -> None:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WarehouseError) as refusal:
        read_decisions(path)
    assert complaint in refusal.value.message
    assert str(path) in refusal.value.message
    assert "\n" not in refusal.value.message


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"\xff\xfeA\x00", "is no UTF-8 text. Save it as 'CSV UTF-8'"),
        (b"company_name,decision\n", "the column 'company_state' must be there"),
        (f"{SHEET_HEADER}Acme,TX,a,yes,\n".encode(), "row 2: the decision 'yes' is none of"),
        (f"{SHEET_HEADER}Acme,TX,,same,\n".encode(), "row 2: the company's name or the recipient's hash is empty"),
        (f"{SHEET_HEADER}Acme,TX,a,same,\n\nAcme,TX,a,unsure,\n".encode(), "row 4: 'Acme' in 'TX'"),
        (f'{SHEET_HEADER}Acme,TX,a,same,"\n'.encode(), "line 2: its quotes do not pair up"),
    ],
)
def test_a_malformed_sheet_is_refused(tmp_path: Path, content: bytes, complaint: str) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_bytes(content)
    with pytest.raises(WarehouseError) as refusal:
        read_sheet(sheet, TODAY)
    assert complaint in refusal.value.message
    assert "\n" not in refusal.value.message


def test_rows_without_a_decision_and_cut_short_are_passed_over(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(f"{SHEET_HEADER}Acme,TX,a\nAcme,TX,b, SAME\n", encoding="utf-8")
    assert read_sheet(sheet, TODAY) == (
        {Pair("Acme", "TX", "b"): Decision("same", TODAY, "")},
        {Pair("Acme", "TX", "b"): "row 3"},
    )


def test_a_write_that_fails_leaves_the_file_and_nothing_else(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_decisions(path, {Pair("Acme", "TX", "a"): Decision("same", TODAY, "")})
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(WarehouseError, match=r"Cannot write .*: No space left on device"):
        write_decisions(path, {})
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_sheet_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("my work", encoding="utf-8")
    with pytest.raises(WarehouseError, match="is there already"):
        write_sheet(sheet, SHEET_COLUMNS[:3], [])
    assert sheet.read_text(encoding="utf-8") == "my work"


def test_every_decision_word_is_accepted(path: Path) -> None:
    decisions = {Pair(word, "", "x"): Decision(word, TODAY, "") for word in DECISIONS}
    write_decisions(path, decisions)
    assert read_decisions(path) == decisions


MALFORMED = {
    "unclosed quote in the last note": ('Bee,MA,h2,same,2025-03-01,"open\n', 3),
    "unclosed quote in the midst": ('Bee,MA,h2,same,2025-03-01,"open\nCee,MA,h3,same,2025-03-01,"n"\n', 3),
    "quote within quotes": ('Bee,MA,h2,same,2025-03-01,"a "b" c"\n', 3),
    "comma without quotes": ("Bee, Inc,MA,h2,same,2025-03-01,\n", 3),
    "record cut short": ("Bee,MA,h2,same\n", 3),
    "malformed after a note of two lines": ('Bee,MA,h2,same,2025-03-01,"a\nb"\nCee,MA,"h3\n', 5),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_review_and_dbt_refuse_a_malformed_file_by_its_line(path: Path, case: str) -> None:
    text, line = MALFORMED[case]
    path.write_text(f"{HEADER}Acme,MA,h1,same,2025-03-01,fine\n{text}", encoding="utf-8")
    with pytest.raises(WarehouseError, match=rf"line {line}\b"):
        refuse_malformed_decisions(path)
    assert malformed_lines(path) == [(line,)]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("beginning", ["", "\ufeff"])
def test_well_formed_files_are_read_whatever_their_line_ends(path: Path, beginning: str, line_end: str) -> None:
    """A line appended by hand may end otherwise than the others, or not at all; a note may have quotes and lines."""
    lines = (
        "Acme,MA,h1,same,2025-03-01,",
        '"Bee, Inc",,h2,same,2025-03-01,"a ""b""\nc"',
        "",
        'Cee "C",,h,same,2025-03-01,x',
    )
    path.write_bytes((beginning + HEADER + line_end.join(lines)).encode())
    assert len(read_decisions(path)) == 3
    assert malformed_lines(path) == []


def malformed_lines(path: Path) -> list[tuple[int]]:
    """What dbt's check finds in a file."""
    macro = (PROJECT / "macros/dialect/seed_files.sql").read_text(encoding="utf-8")
    environment = Environment(extensions=["jinja2.ext.do"])  # noqa: S701
    module = environment.from_string(macro).make_module({"return": lambda value: value})
    with duckdb.connect() as connection:
        query = module.duckdb__malformed_record(str(path), "the file")  # type: ignore[attr-defined]
        return connection.execute(f"select line from ({query})").fetchall()


DECIDE = """
import sys
from datetime import date
from pathlib import Path
from reviewing.match_decisions import Decision, Pair, change_decisions
for number in range(15):
    pair = Pair(f"Firm {number}", sys.argv[2], "hash")
    change_decisions(Path(sys.argv[1]), {pair: Decision("same", date(2025, 3, 1), "")})
"""


def test_processes_that_decide_at_once_lose_nothing(path: Path) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", DECIDE, path, state], cwd=PROJECT / "scripts")
        for state in ("MA", "TX", "CA")
    ]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert len(read_decisions(path)) == 45
    assert sorted(file.name for file in path.parent.iterdir() if not file.name.startswith(".")) == [path.name]


def test_a_linked_file_stays_a_link(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "shared.csv"
    target.write_text(HEADER, encoding="utf-8")
    path.symlink_to(target)
    change_decisions(path, {Pair("Acme", "TX", "a"): Decision("same", TODAY, "")})
    assert path.is_symlink()
    assert len(read_decisions(target)) == 1
