"""The evaluation: labels are judged as they say, naive ways are what they claim, and no name case gets worse."""

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz

from conftest import Warehouse
from database.warehouse import WarehouseError
from evaluate import main
from evaluation import floors
from evaluation.cases import (
    Case,
    CaseResults,
    Count,
    evaluate_cases,
    find_setbacks,
    judge_cases,
    read_cases,
    read_results,
    write_results,
)
from evaluation.floors import best_scores, equal_names, naive_picks
from evaluation.judging import COLUMNS, Labels, Outcome, Tally, judge, nothing_shared, read_labels, tally
from evaluation.links import Answer, Linked, Place
from evaluation.pairs import evaluate_pairs, without_recipients

HEADER = ",".join(COLUMNS)
PAIRS = f"""{HEADER}
VELQUIST OPTICS INCORPORATED,AAAAAAAAAAA1,LONGMONT,CO,"Velquist Optics, Inc.",1,auto_exact
BRONTHELL AVIATION SYSTEMS CORP,AAAAAAAAAAA2,DAYTON,OH,Bronthell Aviation,1,human_match
ZEPHYRIX HOLDINGS LLC,AAAAAAAAAAA3,RENO,NV,"Morvantis Labs, Inc.",1,human_match
QUORRELL PROPULSION CO,AAAAAAAAAAA4,TAMPA,FL,"Quarrell Propulsion, LLC",0,human_rejected_top1
TRAVINDRA SENSORS INCORPORATED,AAAAAAAAAAA5,TULSA,OK,Travindra Sensor Inc,1,human_match
"""
NORMALIZED = {
    "Acme Inc": "ACME",
    "ACME LLC": "ACME",
    "ACME HOLDINGS": "ACME HOLDINGS",
    "Acme Holdings Inc": "ACME HOLDINGS",
    "APEX": "APEX",
    "Unnamed": "",
    "-": "",
}
LABELS = Labels(
    recipients=[Place("ACME HOLDINGS", uei="U1"), Place("APEX", uei="U2")],
    same={"Acme Inc": frozenset({"ACME HOLDINGS"}), "Unnamed": frozenset()},
    different={"Acme Inc": frozenset({"APEX"}), "Unnamed": frozenset({"APEX"})},
    trivial=frozenset(),
)


def run_of(
    queries: list[str], universe: list[Place], links: Mapping[int, int], words: Mapping[str, str] | None = None
) -> Linked:
    """A run by hand, whose normalised names are `NORMALIZED`, or the names themselves."""
    names = [*queries, *(row.name for row in universe)]
    return Linked(
        queries=[Place(name) for name in queries],
        universe=universe,
        answers={query: Answer(recipient, True, 100.0, "by hand") for query, recipient in links.items()},
        normalized={name: NORMALIZED.get(name, name) for name in names},
        words={name: frozenset(text.split()) for name, text in (words or {}).items()},
    )


def write_labels(folder: Path, text: str) -> Path:
    path = folder / "pairs.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("company", "picked", "is_expected", "outcome"),
    [
        ("Acme Inc", "ACME HOLDINGS", True, Outcome.RIGHT),
        ("Acme Inc", "Acme Holdings Inc", True, Outcome.RIGHT),
        ("Acme Inc", "ACME LLC", True, Outcome.SAME_NAME),
        ("Acme Inc", "APEX", True, Outcome.WRONG),
        ("Acme Inc", "SOMEBODY", True, Outcome.WRONG),
        ("Acme Inc", None, True, Outcome.MISSED),
        ("Acme Inc", None, False, Outcome.NONE),
        ("Unnamed", "APEX", False, Outcome.WRONG),
        ("Unnamed", "-", False, Outcome.WRONG),
    ],
)
def test_links_are_judged_by_labels_and_normalised_names(
    company: str, picked: str | None, is_expected: bool, outcome: Outcome
) -> None:
    assert judge(company, picked, LABELS, NORMALIZED, is_expected=is_expected) == outcome


def test_own_name_that_people_rejected_is_wrong() -> None:
    labels = Labels([], {"Acme Inc": frozenset()}, {"Acme Inc": frozenset({"ACME LLC"})}, frozenset())
    assert judge("Acme Inc", "ACME LLC", labels, NORMALIZED, is_expected=False) == Outcome.WRONG


def test_own_names_count_neither_for_precision_nor_recall() -> None:
    outcomes = {
        "a": Outcome.RIGHT,
        "b": Outcome.RIGHT,
        "c": Outcome.RIGHT,
        "d": Outcome.WRONG,
        "e": Outcome.MISSED,
        "f": Outcome.SAME_NAME,
        "g": Outcome.SAME_NAME,
        "h": Outcome.NONE,
    }
    counts = tally(outcomes, {"a", "b", "c", "e", "f"})
    assert counts == Tally(expected=4, linked=6, right=3, wrong=1, same_name=2)
    assert (counts.precision, counts.recall, counts.f1) == (0.75, 0.75, 0.75)


def test_shares_of_nothing_are_unknown() -> None:
    counts = tally({}, set())
    assert (counts.precision, counts.recall, counts.f1) == (None, None, None)
    assert tally({"a": Outcome.WRONG}, {"a"}).f1 == 0.0


def test_labels_are_read_by_company(tmp_path: Path) -> None:
    text = PAIRS + '" BRONTHELL   AVIATION SYSTEMS CORP",,,,Bronthell Aviation,0,human_rejected_top5\n'
    labels = read_labels(write_labels(tmp_path, text))
    assert labels.trivial == {"Velquist Optics, Inc."}
    assert labels.same["Bronthell Aviation"] == {"BRONTHELL AVIATION SYSTEMS CORP"}
    assert labels.different["Bronthell Aviation"] == frozenset(), "a name with both labels is the same"
    assert labels.same["Quarrell Propulsion, LLC"] == frozenset()
    assert labels.different["Quarrell Propulsion, LLC"] == {"QUORRELL PROPULSION CO"}
    assert labels.recipients[0] == Place("VELQUIST OPTICS INCORPORATED", "CO", "LONGMONT", "", "AAAAAAAAAAA1")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the required column 'fpds_legal_business_name' is not in the header"),
        (PAIRS.replace("sbir_company", "sbir_companies"), "The closest is 'sbir_companies': rename it"),
        (HEADER + "\n", "the file holds no pairs"),
        (PAIRS.replace(",0,human", ",no,human"), "line 5 has the label 'no'. Write 1 (same) or 0 (different)"),
        (PAIRS.replace("Bronthell Aviation,", " ,"), "line 3 has no sbir_company"),
        (f"{HEADER}\nACME\n", "line 2 has the label ''"),
    ],
)
def test_mistakes_in_a_label_file_get_one_line(tmp_path: Path, text: str, message: str) -> None:
    path = write_labels(tmp_path, text)
    done = CliRunner().invoke(main, ["--labels", str(path)])
    assert done.exit_code == 2
    assert message in done.output
    assert str(path) in done.output
    assert len(done.output.strip().splitlines()) == 1


def test_label_file_that_is_no_text_gets_one_line(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(WarehouseError, match=r"pairs\.csv: cannot be read as CSV in UTF-8"):
        read_labels(path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--output", "/nowhere/report.json"], "Cannot write /nowhere/report.json"),
        (["--save-results", "--part", "pairs"], "Add: --part cases"),
    ],
)
def test_options_that_cannot_work_get_one_line(options: list[str], message: str) -> None:
    done = CliRunner().invoke(main, options)
    assert (done.exit_code, len(done.output.strip().splitlines())) == (2, 1)
    assert message in done.output


def test_names_share_nothing_where_no_recipient_has_a_word_of_theirs() -> None:
    same = {
        "Acme Labs": frozenset({"ZENITH", "LABS OF ZENITH"}),
        "Morvantis": frozenset({"ZENITH"}),
        "Nobody's": frozenset[str](),
    }
    labels = Labels([], same, {}, frozenset())
    words = {"Acme Labs": "ACME LAB", "LABS OF ZENITH": "LAB ZENITH", "ZENITH": "ZENITH", "Morvantis": "MORVANTIS"}
    assert nothing_shared(labels, run_of([], [], {}, words)) == {"Morvantis"}


def test_withheld_recipients_go_under_every_name_and_row() -> None:
    universe = [
        Place("ACME HOLDINGS", "TX", uei="U1"),
        Place("ACME HOLDINGS", "OH"),
        Place("Acme Holdings Inc"),
        Place("RENAMED", uei="U1"),
        Place("ACME LLC"),
        Place("APEX", uei="U2"),
    ]
    linked = run_of(["Acme Inc"], universe, {})
    assert without_recipients({"Acme Inc"}, LABELS, linked) == universe[4:]


def test_floor_of_equal_names_takes_the_first_and_no_blank() -> None:
    assert equal_names(["B", "", "C", "A"], ["A", "", "B", "A", "B"]) == {0: 2, 3: 0}


def test_floors_take_the_first_of_the_best_from_the_cutoff_on(monkeypatch: pytest.MonkeyPatch) -> None:
    companies = ["ACME WIDGETS", "", "NOTHING LIKE IT", "WIDGETS ACME"]
    recipients = ["", "ACME WIDGETSS", "WIDGETS ACME", "ACME WIDGETS", "WIDGETS ACME"]
    expected = {0: 2, 3: 2}
    assert best_scores(companies, recipients, fuzz.token_sort_ratio) == expected
    monkeypatch.setattr(floors, "CHUNK", 1)
    assert best_scores(companies, recipients, fuzz.token_sort_ratio) == expected


NAMES = st.lists(st.text("AB ", max_size=6).map(str.strip), max_size=8)


@given(NAMES, NAMES)
def test_floors_are_what_comparing_all_pairs_gives(companies: list[str], recipients: list[str]) -> None:
    expected = {}
    for number, company in enumerate(companies):
        scores = [fuzz.token_set_ratio(company, name) if company and name else 0.0 for name in recipients]
        if scores and max(scores) >= 70:
            expected[number] = scores.index(max(scores))
    assert best_scores(companies, recipients, fuzz.token_set_ratio, 70) == expected


def test_naive_ways_link_the_lists_of_the_run() -> None:
    linked = run_of(["Acme Inc", "Unnamed"], [Place("-"), Place("ACME HOLDINGS"), Place("ACME LLC")], {})
    assert naive_picks(linked) == {"equal names": {0: 2}, "token_sort 90": {0: 2}, "token_set 90": {0: 1}}


def test_cases_are_right_by_their_own_recipient_alone() -> None:
    expected = [("same", True), ("same", True), ("same", True), ("twin", False), ("twin", False), ("twin", False)]
    cases = [
        Case(str(number + 1), category, Place(f"C{number}"), Place(f"R{number}"), is_same)
        for number, (category, is_same) in enumerate(expected)
    ]
    linked = run_of([case.company.name for case in cases], [case.recipient for case in cases], {0: 0, 1: 3, 3: 3, 4: 0})
    results = judge_cases(cases, linked, with_floors=False)
    assert results.categories == {"same": Count(3, 1, 1, 1), "twin": Count(3, 2, 1, 0)}
    assert results.not_right == ["2", "3", "4"]
    assert results.ways == {"this project": Tally(expected=3, linked=4, right=1, wrong=2)}


def test_setbacks_are_named_and_progress_is_none(tmp_path: Path) -> None:
    before = CaseResults({"same": Count(4, 2, 0, 2)}, ["2", "3"], {"ours": Tally(4, 2, 2, 0)})
    write_results(before, tmp_path / "results.json")
    frozen = read_results(tmp_path / "results.json")
    assert find_setbacks(before.frozen(), frozen) == []
    better = CaseResults({"same": Count(4, 3, 0, 1)}, ["3"], {"ours": Tally(4, 3, 3, 0)})
    assert find_setbacks(better.frozen(), frozen) == []
    other = CaseResults({"same": Count(4, 2, 1, 1)}, ["1", "2"], {"ours": Tally(4, 2, 1, 1)})
    assert find_setbacks(other.frozen(), frozen) == [
        "case 1 is no longer right",
        "precision of all cases fell from 100.00% to 50.00%",
        "recall of all cases fell from 50.00% to 25.00%",
    ]


def test_no_name_case_got_worse(kept_scratch: Callable[[], AbstractContextManager[None]]) -> None:
    """Where a change is meant: `scripts/evaluate.py --part cases --save-results`."""
    with kept_scratch():
        found = evaluate_cases(read_cases(), with_floors=False).frozen()
    setbacks = find_setbacks(found, read_results())
    assert setbacks == []


def test_command_measures_labelled_pairs_without_a_warehouse(
    kept_scratch: Callable[[], AbstractContextManager[None]], warehouse: Warehouse, tmp_path: Path
) -> None:
    labels, output = write_labels(tmp_path, PAIRS), tmp_path / "report.json"
    parts = ["--part", "warehouse", "--part", "pairs"]
    arguments = [*parts, "--labels", str(labels), "--output", str(output)]
    with kept_scratch():
        done = CliRunner().invoke(main, arguments, env=warehouse.environment())
    assert done.exit_code == 0, done.output
    assert "build.duckdb is not built: its own evaluation is left out" in done.output
    assert all(len(line) <= 100 for line in done.output.splitlines() if "/" not in line)
    report = json.loads(output.read_text(encoding="utf-8"))
    assert report["warehouse"] is None
    hard, open_world = report["labelled_pairs"]["hard_pairs"], report["labelled_pairs"]["open_world"]
    # Trivial is Velquist, nothing shared has Morvantis; of the others Quarrell has no recipient.
    assert (hard["companies"], hard["recipients"], hard["rejected_pairs"]) == (3, 5, 1)
    assert list(hard["ways"]) == ["this project", "equal names", "token_sort 90", "token_set 90"]
    ours = hard["ways"]["this project"]
    assert (ours["expected"], ours["wrong"], ours["rejected_accepted"]) == (2, 0, 0)
    assert ours["right"] + len(hard["findings"]) == 2
    # Of the four firms with a recipient, in order of name, the first and the third are without.
    assert open_world["ways"]["this project"]["withheld"]["firms"] == 2
    assert open_world["recipients"] == 3


def test_command_prints_the_evaluation_of_a_built_warehouse(built_sample: Warehouse) -> None:
    done = built_sample.run("scripts/evaluate.py", "--part", "warehouse")
    assert done.exit_code == 0, done.output
    for words in ("recipient withheld", "How often each method is right", "What blocking costs", "accept threshold"):
        assert words in done.output
    ((awards,),) = built_sample.query("select matchable_awards from quality.rpt_recoverable")
    assert f"Recoverable: {awards:,} of 1,500 awards" in done.output


@pytest.mark.real_data
def test_labelled_pairs_of_real_firms_are_linked_and_strangers_are_not(
    kept_scratch: Callable[[], AbstractContextManager[None]], real_data: Path
) -> None:
    labels = read_labels(real_data / "labels" / "company_pairs_dev.csv")
    states = duckdb.execute(
        """
        select Company, mode(State) from read_csv(?, all_varchar = true)
        where Company is not null and State is not null group by Company
        """,
        [str(real_data / "sbir" / "award_data.csv.gz")],
    ).fetchall()
    others = duckdb.execute(
        """
        select distinct legal_business_name, coalesce(state, ''), coalesce(city, ''), coalesce(zip5, ''), uei
        from read_csv(?, all_varchar = true) where legal_business_name is not null order by all
        """,
        [str(real_data / "usaspending" / "recipient_lookup.csv.gz")],
    ).fetchall()
    recipients = [Place(name, state, city, zip5, uei or "") for name, state, city, zip5, uei in others]
    with kept_scratch():
        hard, among_all, open_world = evaluate_pairs(labels, dict(states), recipients, with_floors=False)
    for task, recall, precision in ((hard, 0.92, 0.99), (among_all, 0.92, 0.97)):
        counts = task.ours.links
        assert (counts.recall or 0) >= recall, task.findings
        assert (counts.precision or 0) >= precision, task.findings
    withheld = open_world.ours.withheld
    assert withheld is not None
    assert withheld.firms > 100
    assert withheld.linked_to_another_name <= withheld.firms * 0.01, open_world.findings
    assert (open_world.ours.links.f1 or 0) >= 0.97, open_world.findings
