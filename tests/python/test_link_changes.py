"""What changed between two versions, and why: in the table of the build and by `make diff`, from one definition."""

import csv
from pathlib import Path

import pytest

from conftest import PROJECT, SAMPLE, Warehouse, edit

FILES = {"awards": "award_data.csv", "recipients": "recipient_lookup.csv", "prime-awards": "prime_award_summaries.csv"}
FORMULA = '=HYPERLINK("http://example.com")'
UNKNOWN = "ZZYZX QUODLIBET"
# Awards whose recipients are gone, of those that a fifth of the recipients takes along.
FEWEST_LOST = 50
# Of a DuckDB file.
HEADER_BYTES, BLOCK_BYTES = 4096, 262144


def build(warehouse: Warehouse, project: Path, *arguments: str) -> str:
    done = warehouse.dbt(
        *(
            *(arguments or ("build", "--exclude-resource-type", "unit_test", "--exclude", "tag:keys")),
            "--project-dir",
            str(project),
        ),
        *("--profiles-dir", str(PROJECT / "profiles")),
        DBT_TARGET_PATH=str(project / "target"),
    )
    assert done.exit_code == 0, done.output
    return done.output


def read_sample(name: str) -> list[dict[str, str]]:
    with (SAMPLE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_rows(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def awards_by(warehouse: Warehouse, method: str, awards: int) -> list[str]:
    """Titles, which occur once, of awards that a rule links, each of a firm and recipient of its own."""
    rows = warehouse.query(
        f"""
        with unique_titles as (
            from enrichment.enriched_sbir_awards qualify count(*) over (partition by award_title) = 1
        )
        select min(award_title) from unique_titles where _usaspending_match_method = '{method}'
        group by usaspending_recipient_hash order by usaspending_recipient_hash limit {awards}
        """
    )
    return [str(title) for (title,) in rows]


def change_inputs(warehouse: Warehouse, project: Path) -> dict[str, tuple[str, str]]:
    """Load the sample with a change for each reason, and say what must become of which award, by title."""
    awards, recipients = read_sample(FILES["awards"]), read_sample(FILES["recipients"])
    gone, revised, lost, copied = awards_by(warehouse, "uei-exact", 4)
    ((lost_hash,),) = warehouse.query(
        f"select usaspending_recipient_hash from enrichment.enriched_sbir_awards where award_title = '{lost}'"
    )
    ((found, name),) = warehouse.query(
        """select min(award_title), min(company_name) from enrichment.enriched_sbir_awards
        where _usaspending_unmatched_reason = 'no identifier and no similar name' and state is not null
        group by firm_key having count(*) = 1 order by firm_key limit 1"""
    )
    ((waiting, company, state, candidate),) = warehouse.query(
        """select awards.award_title, queue.company_name, queue.company_state, queue.candidate_recipient_hash
        from quality.rpt_review_queue as queue inner join enrichment.enriched_sbir_awards as awards using (firm_key)
        where queue.match_status = 'review' and queue.award_count = 1 order by 1 limit 1"""
    )
    awards = [award for award in awards if award["Award Title"] != gone]
    (award,) = (each for each in awards if each["Award Title"] == revised)
    award.update({"Company": UNKNOWN, "UEI": "", "Duns": "", "Contract": ""})
    (award,) = (each for each in awards if each["Award Title"] == copied)
    awards.append({**award, "Award Title": FORMULA, "Award Amount": "999999999"})
    recipients = [recipient for recipient in recipients if recipient["recipient_hash"] != lost_hash]
    recipients.append(dict.fromkeys(recipients[0], "") | {"recipient_hash": "f" * 32, "legal_business_name": str(name)})
    write_rows(project / FILES["awards"], awards)
    write_rows(project / FILES["recipients"], recipients)
    write_rows(project / FILES["prime-awards"], read_sample(FILES["prime-awards"]))
    with (project / "seeds/match_decisions.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow([company, state, candidate, "same", "2024-05-01", ""])
    loaded = warehouse.load(*(word for kind, file in FILES.items() for word in (f"--{kind}", str(project / file))))
    assert loaded.exit_code == 0, loaded.output
    return {
        gone: ("lost", "award gone"),
        revised: ("lost", "award revised"),
        lost: ("lost", "recipient gone"),
        FORMULA: ("gained", "new award"),
        str(found): ("gained", "new recipient"),
        str(waiting): ("gained", "decision"),
    }


def test_other_inputs_and_decisions_are_told_alike_by_the_build_and_by_diff(
    sample_copy: Warehouse, project: Path, tmp_path: Path
) -> None:
    expected = change_inputs(sample_copy, project)
    titles = "select award_key, award_title from enrichment.enriched_sbir_awards"
    awards = sample_copy.query(titles)
    build(sample_copy, project)
    assert sample_copy.publish().exit_code == 0
    keys = {str(key): str(title) for key, title in awards + sample_copy.query(titles)}
    changes = sample_copy.query("from quality.rpt_link_changes order by award_amount desc nulls last, award_key", True)
    found = {keys[str(key)]: (change, reason) for change, reason, key, *_ in changes}
    assert {title: found.get(title) for title in expected} == expected
    # The rules are the same, and each change comes from one of the above: so no other reason may be given.
    reasons = {reason for _, reason, *_ in changes}
    assert reasons <= {reason for _, reason in expected.values()} | {"other awards of the firm", "recipient data"}

    sheet = tmp_path / "changes.csv"
    told = sample_copy.run("scripts/diff.py", "--output", str(sheet))
    assert told.exit_code == 0, told.output
    assert f"From version 1 to 2: {len(changes)} links changed" in told.output
    assert "$1.0 B" in told.output
    written = [tuple(row.values()) for row in read_csv(sheet)]
    assert written == [tuple("" if value is None else str(value) for value in row) for row in changes]
    back = sample_copy.run("scripts/diff.py", "--from", "2", "--to", "1", "--output", str(sheet))
    assert f"From version 2 to 1: {len(changes)} links changed" in back.output
    assert {row["reason"] for row in read_csv(sheet) if row["award_key"] in keys} >= {"new award", "award gone"}


def test_other_rules_are_told_from_another_threshold_and_from_comments(sample_copy: Warehouse, project: Path) -> None:
    rules = "select rules from observability.link_basis"
    before = sample_copy.query(rules)
    model = project / "models/intermediate/exact/int_match_firm_exact.sql"
    edit(model, "-- Purpose: rule firm-exact", "-- Purpose: the rule firm-exact")
    build(sample_copy, project, "run", "-s", "int_match_firm_exact", "link_basis")
    assert sample_copy.query(rules) == before
    edit(model, "where of_other_recipient.award_key is null", "where false")
    edit(project / "macros/thresholds.sql", "'accept_score': 9000", "'accept_score': 9600")
    build(sample_copy, project, "build", "--resource-type", "model", "--resource-type", "seed")
    assert sample_copy.query(rules) != before
    changes = sample_copy.query(
        "select reason, match_method_before, match_score_before, match_score_after from quality.rpt_link_changes"
    )
    assert {reason for reason, *_ in changes} == {"threshold", "rule version"}
    for reason, method, score, score_after in changes:
        is_below = method == "name-fuzzy-auto" and float(str(score)) < 96
        assert (reason == "threshold") == is_below, (reason, method, score, score_after)


def test_failed_gate_leaves_the_changes_to_look_at(sample_copy: Warehouse) -> None:
    sample_copy.execute("delete from raw.recipients where _row_number % 5 = 0")
    done = sample_copy.build()
    assert done.exit_code == 1, done.output
    assert "quality.rpt_link_changes" in done.output
    lost = sample_copy.query("select reason from quality.rpt_link_changes where change = 'lost'")
    assert lost.count(("recipient gone",)) > FEWEST_LOST


@pytest.mark.parametrize("damage", ["enriched", "all"])
def test_published_file_that_cannot_be_read_is_told_of_and_replaced(sample_copy: Warehouse, damage: str) -> None:
    """Neither a damaged table of it nor a damaged file holds a build up."""
    content = bytearray(sample_copy.published.read_bytes())
    if damage == "all":
        content[:] = b"x" * len(content)
    else:
        ((block,),) = sample_copy.query(
            """select max(block_id) from pragma_storage_info('enrichment.enriched_sbir_awards')
            where column_name = 'award_key' and persistent""",
            published=True,
        )
        place = 3 * HEADER_BYTES + int(str(block)) * BLOCK_BYTES + BLOCK_BYTES // 2
        content[place] ^= 1
    sample_copy.published.chmod(0o640)
    sample_copy.published.write_bytes(content)
    done = sample_copy.dbt("run", "-s", "last_publication", "rpt_link_changes")
    assert "sbir.duckdb cannot be read in full" in done.output
    assert sample_copy.query("select count(*) from quality.rpt_link_changes") == [(0,)]
    assert done.exit_code == 0, done.output


def test_versions_that_cannot_be_compared_are_refused_in_one_line(sample_copy: Warehouse, tmp_path: Path) -> None:
    def refusal(*arguments: str) -> str:
        done = sample_copy.run("scripts/diff.py", "--output", str(tmp_path / "changes.csv"), *arguments)
        assert (done.exit_code, done.output.count("\n")) == (2, 1), done.output
        return done.output

    assert "None of the versions that are kept (none) is published" in refusal()
    assert sample_copy.publish_changed().exit_code == 0
    assert "There is no version 9; kept are: 1, 2" in refusal("--from", "9")
    assert "There is no version before 1" in refusal("--to", "1")
    assert "Version 2 is the same as itself" in refusal("--from", "2")
    file = sample_copy.folder / "versions/000001/sbir.duckdb"
    file.unlink()
    file.write_bytes(b"no database")
    assert "000001/sbir.duckdb cannot be read" in refusal()
    file.unlink()
    sample_copy.run("-c", f"import duckdb; duckdb.connect({str(file)!r}).execute('create table t as select 1')")
    assert "was published before versions recorded what is compared" in refusal()
