"""A soak gets over a fault; and it does find what it looks for: tampered files, lost records, readers that fail."""

import csv
import json
import shutil
import time
from pathlib import Path
from random import Random

import duckdb
import pytest

from conftest import SAMPLE, Done, Warehouse
from soaking.builds import STAGES, Moment, Site
from soaking.campaign import Round, fault_order
from soaking.checks import Reference, count_lost, loaded_input, look, save_references, sha256_of, take_reference
from soaking.faults import FAULTS, Circumstances, damage_working_file, kill_tree
from soaking.inputs import FILES, Input, count_records, make_input
from soaking.readers import Readers, Tally
from soaking.report import Result

ENOUGH_SECONDS = 30


@pytest.fixture(scope="session")
def sample_input() -> Input:
    files = {kind: SAMPLE / f"{stem}.csv" for kind, stem in FILES.items()}
    return Input("sample", files, {kind: count_records(path) for kind, path in files.items()})


@pytest.fixture
def reference(built_sample: Warehouse, sample_input: Input) -> Reference:
    return take_reference(built_sample.published, sample_input)


def seeded() -> Random:
    return Random(5)  # noqa: S311


def tamper(published: Path, sql: str) -> None:
    """Change a published file as nobody should."""
    published.chmod(0o640)
    with duckdb.connect(str(published)) as connection:
        connection.execute(sql)


def read_for_a_while(warehouse: Warehouse, reference: Reference, folder: Path, number: int = 1) -> list[Tally]:
    """Let readers read until each has read."""
    save_references([reference], folder / "references.json")
    readers = Readers(warehouse.published, folder / "references.json", number, folder / "readers")
    try:
        due = time.monotonic() + ENOUGH_SECONDS
        while time.monotonic() < due and not all(each.reads or each.failed for each in readers.tallies()):
            time.sleep(0.1)
    finally:
        tallies = readers.end()
    return tallies


@pytest.fixture(scope="module")
def soaked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Done, dict[str, object]]:
    """A soak of one fault: a build is killed with all it started."""
    folder = tmp_path_factory.mktemp("soak")
    options = ("--rounds", "1", "--fault", "kill-tree", "--seed", "3", "--readers", "2", "--inputs", "1")
    done = Warehouse(folder).run("scripts/soak.py", *options, "--report", str(folder / "soak.json"), TMPDIR=str(folder))
    report = json.loads((folder / "soak.json").read_text()) if (folder / "soak.json").exists() else {}
    assert not list(folder.glob("sbir-soak-*")) or done.exit_code, "a good soak leaves nothing behind"
    return done, report


@pytest.mark.long
def test_a_soak_gets_over_a_kill(soaked: tuple[Done, dict[str, object]]) -> None:
    done, report = soaked
    assert done.exit_code == 0, done.output
    zeros = ("faults_not_got_over", "failed_reads", "rows_lost", "ungated_rows_seen")
    assert {name: report[name] for name in zeros} == dict.fromkeys(zeros, 0)
    assert report["survived"] == {"kill-tree": 1}
    assert isinstance(report["reads"], int)
    assert report["reads"] > 0
    assert report["seed"] == 3
    assert "rows lost" in done.output


def test_an_unknown_fault_is_refused_in_one_line(warehouse: Warehouse) -> None:
    done = warehouse.run("scripts/soak.py", "--fault", "earthquake")
    assert done.exit_code == 2
    assert len(done.output.strip().splitlines()) == 1
    assert "kill-tree" in done.output


def test_a_published_file_equals_its_reference(built_sample: Warehouse, reference: Reference) -> None:
    seen = look(built_sample.published, [reference])
    assert (seen.name, seen.ungated_rows, seen.wrong) == ("sample", 0, [])


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("delete from enrichment.enriched_sbir_awards where rowid = 0", "the publication tells of"),
        ("update enrichment.enriched_sbir_awards set company_name = 'X' where rowid = 0", "not what a clean build"),
        ("update quality.gate_results set verdict = 'failed' where gate = 'grain'", "its gates are"),
        ("drop table analytics.sbir_match_summary", "its tables are not those"),
        ("update observability.publication set sources = 'other.csv'", "which is no input"),
        ("delete from observability.publication", "has 0 rows"),
    ],
)
def test_a_tampered_published_file_is_found(sample_copy: Warehouse, reference: Reference, sql: str, words: str) -> None:
    tamper(sample_copy.published, sql)
    seen = look(sample_copy.published, [reference])
    assert words in " ".join(seen.wrong)
    assert seen.name == ""


def test_a_published_file_that_is_gone_is_a_failed_read(tmp_path: Path, reference: Reference) -> None:
    assert "cannot be read" in look(tmp_path / "sbir.duckdb", [reference]).wrong[0]


def test_readers_read_a_good_file(sample_copy: Warehouse, reference: Reference, tmp_path: Path) -> None:
    tallies = read_for_a_while(sample_copy, reference, tmp_path)
    assert [each.failures for each in tallies] == [[], []]
    assert all(each.reads for each in tallies)


def test_readers_of_a_tampered_file_fail_the_soak(sample_copy: Warehouse, reference: Reference, tmp_path: Path) -> None:
    tamper(sample_copy.published, "update enrichment.enriched_sbir_awards set company_name = 'X' where rowid = 0")
    tallies = read_for_a_while(sample_copy, reference, tmp_path)
    assert tallies[0].failed
    assert tallies[0].ungated_rows >= 1500
    assert not Result(1, 1.0, 1, [Round(1, "kill-tree", hit=True)], tallies).is_good


def test_a_reader_that_dies_is_a_failed_read(tmp_path: Path, reference: Reference) -> None:
    save_references([reference], tmp_path / "references.json")
    readers = Readers(tmp_path / "none.duckdb", tmp_path / "references.json", 1, tmp_path / "readers")
    due = time.monotonic() + ENOUGH_SECONDS
    while time.monotonic() < due and not readers.tallies()[-1].failed:
        time.sleep(0.1)
    # The one that would keep the file open finds none.
    assert readers.end()[-1].failed


def test_every_record_is_accounted_for(sample_copy: Warehouse, sample_input: Input) -> None:
    assert count_lost(sample_copy.working, sample_input) == (0, [])
    assert loaded_input(sample_copy.working, [sample_input]) == sample_input


@pytest.mark.parametrize(
    ("sql", "lost"),
    [
        ("delete from raw.awards where _row_number <= 3", 3),
        ("insert into raw.awards from raw.awards limit 2", 0),
        ("update raw.load_history set rows_quarantined = rows_quarantined + 1 where input = 'awards'", 0),
    ],
)
def test_a_planted_loss_is_found(sample_copy: Warehouse, sample_input: Input, sql: str, lost: int) -> None:
    sample_copy.execute(sql)
    found, wrong = count_lost(sample_copy.working, sample_input)
    assert found == lost
    assert len(wrong) == 1
    assert wrong[0].startswith("awards of sample: 1500 records")


@pytest.mark.parametrize(
    ("rounds", "tallies", "is_good"),
    [
        ([Round(1, "clock", hit=True)], [Tally(reads=5)], True),
        ([Round(1, "clock", hit=True, rows_lost=1)], [Tally(reads=5)], False),
        ([Round(1, "clock", hit=True, wrong=["it hung"])], [Tally(reads=5)], False),
        ([Round(1, "clock", hit=True, ungated_rows=1)], [Tally(reads=5)], False),
        ([Round(1, "clock", hit=True)], [Tally(reads=5, failed=1)], False),
        ([Round(1, "clock", hit=True)], [Tally()], False),
        ([], [Tally(reads=5)], False),
    ],
)
def test_a_soak_is_good_only_if_all_zeros_are_and_somebody_looked(
    rounds: list[Round], tallies: list[Tally], is_good: bool
) -> None:
    assert Result(1, 1.0, 1, rounds, tallies).is_good is is_good


def test_what_went_wrong_is_told_with_its_round() -> None:
    result = Result(1, 1.0, 1, [Round(7, "clock", "a day", hit=True, wrong=["it hung"])], [Tally(failures=["gone"])])
    assert result.wrong == ["round 7, clock (a day): it hung", "reader 1: gone"]
    assert result.survived == {}


def test_faults_come_each_once_and_the_same_for_a_seed() -> None:
    first, again = fault_order(list(FAULTS), seeded()), fault_order(list(FAULTS), seeded())
    one_turn = [next(first) for _ in FAULTS]
    assert sorted(one_turn) == sorted(FAULTS)
    assert one_turn == [next(again) for _ in FAULTS]


def test_moments_fall_into_the_stages_asked_for(tmp_path: Path) -> None:
    site = Site(tmp_path, tmp_path, dict(zip(STAGES, (1.0, 2.0, 30.0, 3.0), strict=True)))
    chance = seeded()
    moments = [site.choose_moment(chance, STAGES[1:]) for _ in range(200)]
    assert {each.stage for each in moments} == set(STAGES[1:])
    assert all(0 <= each.seconds <= site.stage_seconds[each.stage] for each in moments)
    assert str(Moment("load", 0.5)) == "load + 0.50 s"


def test_a_damaged_working_file_is_damaged(sample_copy: Warehouse, sample_input: Input) -> None:
    before = sha256_of(sample_copy.working)
    outcome = damage_working_file(Circumstances(Site(sample_copy.folder, sample_copy.folder), seeded(), sample_input))
    assert outcome.hit
    assert sha256_of(sample_copy.working) != before


def test_a_build_that_ended_before_its_fault_was_not_hit(
    warehouse: Warehouse, sample_input: Input, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("soaking.faults.BUILD", "scripts/rollback.py")
    site = Site(warehouse.folder, tmp_path, dict.fromkeys(STAGES, 60.0))
    outcome = kill_tree(Circumstances(site, seeded(), sample_input))
    assert outcome.told.endswith("exit code 2"), "refuses the options of a build at once"
    assert not outcome.hit


def test_generated_inputs_hold_records_that_no_loader_reads(tmp_path: Path) -> None:
    made = make_input(tmp_path, "small", 60, 250, 7)
    assert made.records["awards"] == 63
    with made.files["awards"].open(newline="") as file:
        header, *records = csv.reader(file)
    assert sum(len(record) != len(header) for record in records) == 3
    assert made.options[::2] == ["--awards", "--recipients", "--prime-awards"]
    shutil.rmtree(tmp_path / "small")
