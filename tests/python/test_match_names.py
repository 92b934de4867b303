"""Any list of companies links to any list of recipients, whatever names and files look like; bad lists are refused."""

import csv
import gzip
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

import match_names
from database.warehouse import connect

Row = dict[str, str]
HEADER = ["query_id", "recipient_row_id", "score", "status", "explanation"]
LONG_NAME = "Gorbavexil " + " ".join(f"Qualm{number}" for number in range(4_000))
LONG_IDENTIFIER = "i" * 5_000

# query_id, name, state, city, zip, and the recipient_row_id it must be linked to; none where it must stay unlinked.
QUERIES = [
    ("001", "Zephyraxon Dynamics, Inc.", "MA", "Boston", "02110", "0007"),
    ("1", "Kelvorastin Research LLC", "CA", "", "", "7"),
    ("Ab", "Trimolandex Optics", "Texas", "", "", "xY"),
    ("aB", "Quorbavintel Labs", "OH", "", "", "Xy"),
    ("ключ-社-é", "Brindolaxet Photonics Corp", "", "", "", "identité-社"),
    (' a,"b" ', "Flomartivex Sensors", "", "", "", 'r;"1", 2 '),
    ("line\nbreak", "Jantorivelle Acoustics", "", "", "", "next\nline"),
    (LONG_IDENTIFIER, "Hespilundor Materials", "NY", "", "", LONG_IDENTIFIER[:-1]),
    ("a letter missing", "Wexlandromivarcorp Tech", "VA", "", "", "long word"),
    ("quotes", "O'Brunvik \"Zyxo\" Labs' -- ; drop schema raw cascade;", "MD", "", "", "quotes"),
    ("line feeds", "Morvanti\nBioxel\r\n\tLabs", "MD", "", "", "line feeds"),
    ("template", "{{ env_var('HOME') }} {% raw %} Skolbrandix ${PATH} %s \\", "", "", "", "template"),
    ("accents", "Société Ülvarénsk Œuvrélix", "", "", "", "accents"),
    ("very long", LONG_NAME, "", "", "", "very long"),
    ("designator", "Inc.", "", "", "", None),
    # No name at all, or one that names nobody.
    ("no name", "", "MA", "", "", None),
    ("blanks", "   ", "MA", "", "", None),
    ("signs", "'\"%_\\;--/*", "", "", "", None),
    ("nobody", "MULTIPLE RECIPIENTS", "", "", "", None),
    # One firm three times: its state is known from one query, its city from another, its name under two designators.
    ("firm 1", "Ostrelvandic Fibers Inc", "CO", "", "", "Denver"),
    ("firm 2", "OSTRELVANDIC FIBERS, L.L.C.", "CO", "Denver", "80202", "Denver"),
    ("firm 3", "Ostrelvandic Fibers", "", "", "", "Denver"),
    # Two recipients under one common name that nothing tells apart; and others that the state tells apart.
    ("tie", "Advanced Systems Group", "", "", "", None),
    ("no tie", "National Research Services", "AZ", "", "", "no tie AZ"),
    # Alike, but not alike enough to be taken for one firm by a rule.
    ("for a person", "Vintarolex", "WA", "", "", None),
    ("unlisted", "Pelquarindo Robotics", "WA", "", "", None),
]
UNIVERSE = [
    ("0007", "ZEPHYRAXON DYNAMICS INCORPORATED", "MA", "BOSTON", "02110"),
    ("7", "KELVORASTIN RESEARCH", "CA", "", ""),
    ("xY", "TRIMOLANDEX OPTICS INC", "TX", "", ""),
    ("Xy", "QUORBAVINTEL LABORATORIES", "OH", "", ""),
    ("identité-社", "BRINDOLAXET PHOTONICS", "", "", ""),
    ('r;"1", 2 ', "FLOMARTIVEX SENSORS", "", "", ""),
    ("next\nline", "JANTORIVELLE ACOUSTICS", "", "", ""),
    (LONG_IDENTIFIER[:-1], "HESPILUNDOR MATERIALS", "NY", "", ""),
    ("long word", "WEXLANDROMIVARCORPS TECH", "VA", "", ""),
    ("quotes", "O'BRUNVIK \"ZYXO\" LABS' -- ; DROP SCHEMA RAW CASCADE;", "MD", "", ""),
    ("line feeds", "MORVANTI BIOXEL LABS", "MD", "", ""),
    ("template", "{{ ENV_VAR('HOME') }} {% RAW %} SKOLBRANDIX ${PATH} %S \\", "", "", ""),
    ("accents", "SOCIETE ULVARENSK OEUVRELIX", "", "", ""),
    ("very long", LONG_NAME.upper(), "", "", ""),
    ("no name", "", "MA", "", ""),
    ("blanks", "   ", "", "", ""),
    ("signs", "'\"%_\\;--/*", "", "", ""),
    ("designator", "INC", "", "", ""),
    ("nobody", "MULTIPLE RECIPIENTS", "", "", ""),
    ("Denver", "OSTRELVANDIC FIBERS INC", "CO", "DENVER", "80202"),
    ("tie AZ", "ADVANCED SYSTEMS GROUP", "AZ", "", ""),
    ("tie NJ", "ADVANCED SYSTEMS GROUP", "NJ", "", ""),
    ("no tie AZ", "NATIONAL RESEARCH SERVICES", "AZ", "", ""),
    ("no tie NJ", "NATIONAL RESEARCH SERVICES", "NJ", "", ""),
    ("another firm", "VINTAROLEX HARBINGER", "FL", "", ""),
    ("stranger", "MUNDABRILLO AVIATION", "FL", "", ""),
]
EXPECTED = {query[0]: query[5] for query in QUERIES}


@dataclass(frozen=True)
class Linked:
    """What a run wrote: its rows by query, and the file as it is."""

    rows: dict[str, Row]
    text: str
    output: str


def records(rows: Iterable[tuple[str | None, ...]], identifier: str) -> list[Row]:
    columns = (identifier, "name", "state", "city", "zip")
    return [dict(zip(columns, [text or "" for text in row], strict=False)) for row in rows]


def csv_bytes(rows: list[Row], columns: list[str], folder: Path) -> bytes:
    scratch = folder / "scratch.csv"
    with scratch.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="left out", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return scratch.read_bytes()


def run(queries: Path, universe: Path, output: Path, *options: str) -> Result:
    paths = ("--queries", str(queries), "--universe", str(universe), "--output", str(output))
    return CliRunner().invoke(match_names.main, [*paths, *options])


def linked(queries: Path, universe: Path, output: Path, *options: str) -> Linked:
    done = run(queries, universe, output, *options)
    assert done.exit_code == 0, done.output
    with output.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    assert reader.fieldnames == HEADER
    assert len({row["query_id"] for row in rows}) == len(rows), "one row per query"
    return Linked({row["query_id"]: row for row in rows}, output.read_text(encoding="utf-8"), done.output)


@pytest.fixture(scope="module")
def accepted(tmp_path_factory: pytest.TempPathFactory) -> Linked:
    """Links without --floor: the lists as CSV, columns in another order, one too many, the header in other case."""
    folder = tmp_path_factory.mktemp("accepted")
    queries, universe = folder / "queries.csv", folder / "it's a universe.csv.gz"
    columns = ["ZIP", "Name", "note", "State", "QUERY_ID", "City"]
    rows = [{name: row.get(name.lower(), "") for name in columns} for row in records(QUERIES, "query_id")]
    queries.write_bytes(csv_bytes(rows, columns, folder))
    columns = ["city", "zip", "state", "name", "recipient_row_id"]
    universe.write_bytes(gzip.compress(csv_bytes(records(UNIVERSE, "recipient_row_id"), columns, folder)))
    return linked(queries, universe, folder / "links.csv")


@pytest.fixture(scope="module")
def floored(
    kept_scratch: Callable[[], AbstractContextManager[None]], tmp_path_factory: pytest.TempPathFactory
) -> Linked:
    """Best candidates from 50 on: the lists as Parquet, blanks as nulls, rows in reverse order, no city and ZIP."""
    folder = tmp_path_factory.mktemp("floored")
    for name, rows, identifier in (
        ("queries", records(QUERIES, "query_id"), "query_id"),
        ("universe", records(UNIVERSE, "recipient_row_id"), "recipient_row_id"),
    ):
        columns = (identifier, "name", "state")
        table = pa.Table.from_pylist([{column: row[column] or None for column in columns} for row in reversed(rows)])
        pq.write_table(table, folder / name)
    with kept_scratch():
        return linked(folder / "queries", folder / "universe", folder / "links.csv", "--floor", "50")


def test_every_link_and_no_other_is_written(accepted: Linked) -> None:
    """Identifiers as they were given: zeros in front, case, blanks, signs, line feeds and letters of any script."""
    assert {query: row["recipient_row_id"] for query, row in accepted.rows.items()} == {
        query: recipient for query, recipient in EXPECTED.items() if recipient is not None
    }
    assert list(accepted.rows) == [query for query, recipient in EXPECTED.items() if recipient is not None]
    assert f"{len(accepted.rows)} links for {len(QUERIES)} companies" in accepted.output


def test_every_link_says_its_score_status_and_reason(accepted: Linked) -> None:
    assert {row["status"] for row in accepted.rows.values()} == {"matched"}
    assert all(90 <= float(row["score"]) <= 100 for row in accepted.rows.values())
    assert all(row["explanation"] for row in accepted.rows.values())
    assert accepted.rows["001"]["explanation"].endswith("same state MA")
    assert float(accepted.rows["a letter missing"]["score"]) < 100
    assert "WEXLANDROMIVARCORPS" in accepted.rows["a letter missing"]["explanation"]


def test_queries_of_one_firm_get_one_answer(accepted: Linked, floored: Linked) -> None:
    for found in (accepted, floored):
        answers = {tuple(found.rows[f"firm {number}"][column] for column in HEADER[1:4]) for number in (1, 2, 3)}
        assert answers == {("Denver", "100.00", "matched")}


def test_tie_is_written_with_a_floor_only(accepted: Linked, floored: Linked) -> None:
    assert "tie" not in accepted.rows
    assert floored.rows["tie"]["status"] == "ambiguous"
    assert floored.rows["tie"]["recipient_row_id"] in ("tie AZ", "tie NJ")
    assert "2 recipients fit equally well" in floored.rows["tie"]["explanation"]


def test_floor_adds_the_best_candidates_and_changes_no_link(accepted: Linked, floored: Linked) -> None:
    """The files differ in format, order and place columns as well: none of it changes a link."""
    same = ("recipient_row_id", "score", "status")
    assert {query: [row[name] for name in same] for query, row in accepted.rows.items()} == {
        query: [row[name] for name in same] for query, row in floored.rows.items() if row["status"] == "matched"
    }
    assert set(floored.rows) - set(accepted.rows) == {"tie", "for a person"}
    assert floored.rows["for a person"]["recipient_row_id"] == "another firm"
    assert floored.rows["for a person"]["status"] in ("review", "unmatched")
    assert all(float(row["score"]) >= 50 for row in floored.rows.values())


def test_floor_leaves_out_what_scores_below_it_and_the_same_lists_give_the_same_file(
    kept_scratch: Callable[[], AbstractContextManager[None]], floored: Linked, tmp_path: Path
) -> None:
    below = float(floored.rows["for a person"]["score"]) + 0.01
    queries, universe = tmp_path / "queries.csv", tmp_path / "universe.csv"
    columns = ["name", "state"]
    queries.write_bytes(csv_bytes(records(reversed(QUERIES), "query_id"), ["query_id", *columns], tmp_path))
    universe_rows = records(reversed(UNIVERSE), "recipient_row_id")
    universe.write_bytes(csv_bytes(universe_rows, ["recipient_row_id", *columns], tmp_path))
    with kept_scratch():
        again = linked(queries, universe, tmp_path / "links.csv", "--floor", str(below))
    assert again.rows == {query: row for query, row in floored.rows.items() if query != "for a person"}
    assert list(again.rows) == [query for query in floored.rows if query != "for a person"]


GOOD_QUERIES = b"query_id,name\nq1,Zephyraxon Dynamics\n"
GOOD_UNIVERSE = b"recipient_row_id,name\nr1,ZEPHYRAXON DYNAMICS\n"
# Contents of the queries, and what the user reads.
BAD_FILES = {
    "empty": (b"", "the file is empty"),
    "blank lines only": (b"\n\n", "the file is empty"),
    "header only": (b"query_id,name\n", "the file holds no"),
    "no identifier column": (b"id,name\nq1,Zephyraxon\n", "the required column 'query_id' is not in the header"),
    "no name column": (b"query_id,nmae\nq1,Zephyraxon\n", "The closest is 'nmae'"),
    "a column twice": (b"query_id,name,name\nq1,Zephyraxon,X\n", "'name' occurs 2 times"),
    "identifier twice": (b"query_id,name\nq1,Zephyraxon\nq1,Kelvorastin\n", "the query_id 'q1' occurs more than once"),
    "identifier empty": (b"query_id,name\nq1,Zephyraxon\n,Kelvorastin\n", "record 2 has no query_id"),
    "identifier of blanks": (b"query_id,name\n  ,Zephyraxon\n", "record 1 has no query_id"),
    "misplaced quote": (
        b'query_id,name\nq1,Zephyraxon\nq2,"Kel" vorastin\nq3,Trimolandex\n',
        "1 records cannot be read, the first is record 3",
    ),
    "too many fields": (b"query_id,name\nq1,Zephyraxon,MA\nq2,Trimolandex\n", "1 records cannot be read"),
    "cut gzip file": (gzip.compress(GOOD_QUERIES * 100)[:-20], "the compressed file is cut or damaged"),
    "damaged Parquet file": (b"PAR1 and no more", "cannot be read as Parquet"),
    "web page": (b"<!DOCTYPE html><html></html>", "a web page"),
}


@pytest.fixture
def refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """A run that must fail before any model is built; it gives back the one line the user reads."""

    @contextmanager
    def no_dbt(_: Path) -> Iterator[Callable[[str], None]]:
        def build_nothing(_: str) -> None:
            raise AssertionError("bad input must be refused before the models are built")

        yield build_nothing

    monkeypatch.setattr(match_names, "dbt_beside", no_dbt)
    output = tmp_path / "links.csv"
    output.write_bytes(b"as it was")

    def check(queries: Path, universe: Path, *options: str, into: Path = output) -> str:
        done = run(queries, universe, into, *options)
        assert done.exit_code == 2, done.output
        assert output.read_bytes() == b"as it was"
        assert sorted(path.name for path in tmp_path.iterdir() if "writing" in path.name) == []
        return done.output

    return check


@pytest.fixture
def good(tmp_path: Path) -> tuple[Path, Path]:
    queries, universe = tmp_path / "queries.csv", tmp_path / "universe.csv"
    queries.write_bytes(GOOD_QUERIES)
    universe.write_bytes(GOOD_UNIVERSE)
    return queries, universe


@pytest.mark.parametrize("fault", BAD_FILES)
@pytest.mark.parametrize("bad_list", ["queries", "universe"])
def test_bad_list_is_refused_in_one_line(
    refused: Callable[..., str], good: tuple[Path, Path], bad_list: str, fault: str
) -> None:
    content, words = BAD_FILES[fault]
    path = good[bad_list == "universe"]
    if bad_list == "universe":
        content, words = (
            content.replace(b"query_id", b"recipient_row_id"),
            words.replace("query_id", "recipient_row_id"),
        )
    path.write_bytes(content)
    message = refused(*good)
    assert words in message
    assert path.name in message
    assert message.count("\n") == 1, message


def test_missing_file_or_folder_in_its_place_is_a_usage_error(
    refused: Callable[..., str], good: tuple[Path, Path], tmp_path: Path
) -> None:
    assert "does not exist" in refused(tmp_path / "none.csv", good[1])
    assert "is a directory" in refused(good[0], tmp_path)
    assert "is a directory" in refused(*good, into=tmp_path)


@pytest.mark.parametrize("floor", ["-1", "100.5", "many"])
def test_floor_that_is_no_score_is_a_usage_error(
    refused: Callable[..., str], good: tuple[Path, Path], floor: str
) -> None:
    assert "--floor" in refused(*good, "--floor", floor)


def test_output_folder_that_is_missing_is_refused_in_one_line(
    refused: Callable[..., str], good: tuple[Path, Path], tmp_path: Path
) -> None:
    message = refused(*good, into=tmp_path / "nowhere" / "links.csv")
    assert "its folder is not there or not yours" in message
    assert message.count("\n") == 1
    assert not (tmp_path / "nowhere").exists()


def test_output_folder_that_cannot_be_written_is_refused_in_one_line(
    refused: Callable[..., str], good: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked of the system, since permissions do not hold back every user that runs tests."""
    monkeypatch.setattr(os, "access", lambda _, mode: mode != os.W_OK)
    message = refused(*good, into=tmp_path / "links.csv")
    assert "Give another path" in message
    assert message.count("\n") == 1


def test_failed_write_leaves_the_output_as_it_was(
    good: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full, or the output was replaced by a folder, while the models were built."""
    output = tmp_path / "links.csv"
    output.write_bytes(b"as it was")

    def fail(*_: object) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(match_names, "dbt_beside", fake_models)
    monkeypatch.setattr(Path, "replace", fail)
    done = run(*good, output)
    assert done.exit_code == 2
    assert "No space left on device" in done.output
    assert done.output.count("\n") == 1
    assert output.read_bytes() == b"as it was"
    assert list(tmp_path.glob("*.writing")) == []


@contextmanager
def fake_models(folder: Path) -> Iterator[Callable[[str], None]]:
    """The tables that the links are read from, empty."""

    def build(_: str) -> None:
        with connect(folder) as connection:
            connection.execute(
                """
                create schema staging; create schema intermediate; create schema quality;
                create table staging.stg_sbir__awards (source_row_number bigint, award_key varchar);
                create table intermediate.int_firm_awards (award_key varchar, firm_key varchar);
                create table intermediate.int_shown_candidates (
                    firm_key varchar, recipient_hash varchar, candidate_score integer, shown_rank bigint
                );
                create table quality.rpt_match_explanations (
                    award_key varchar, usaspending_recipient_hash varchar, match_score double,
                    match_status varchar, explanation varchar
                )
                """
            )

    yield build


def test_model_that_fails_is_told_with_its_reason(
    good: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SBIR_MIN_MATCH_RATE", "seventy")
    done = run(*good, tmp_path / "links.csv")
    assert done.exit_code == 2
    assert (
        "The models could not be built: Database Error: SBIR_MIN_MATCH_RATE='seventy' is not a fraction" in done.output
    )
    assert not (tmp_path / "links.csv").exists()


def test_link_to_the_output_stays_a_link(
    good: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(match_names, "dbt_beside", fake_models)
    (tmp_path / "kept").mkdir()
    output = tmp_path / "links.csv"
    output.symlink_to(tmp_path / "kept" / "links.csv")
    done = run(*good, output)
    assert done.exit_code == 0, done.output
    assert output.is_symlink()
    assert (tmp_path / "kept" / "links.csv").read_text(encoding="utf-8").startswith("query_id,")


def test_pipe_for_an_output_is_refused(refused: Callable[..., str], good: tuple[Path, Path], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "is a device or a pipe" in refused(*good, into=tmp_path / "pipe")
    assert not (tmp_path / "pipe").is_file()
