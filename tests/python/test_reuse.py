"""A build makes anew only what changed, and what it keeps is what a full refresh would make."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import PROJECT, SAMPLE, Warehouse, edit

SCHEMAS = ("staging", "intermediate", "enrichment", "analytics", "quality")


def build(warehouse: Warehouse, project: Path, *arguments: str) -> int:
    """Build without tests and say how many tables were kept."""
    done = warehouse.dbt(
        *("build", "--project-dir", str(project), "--profiles-dir", str(PROJECT / "profiles")),
        *("--resource-type", "model", "--resource-type", "seed", *arguments),
        # What dbt parsed of a changed project must not reach the tests that come after.
        DBT_TARGET_PATH=str((warehouse.folder if project == PROJECT else project) / "target"),
    )
    assert done.exit_code == 0, done.output
    return done.output.count("KEPT")


def contents(warehouse: Warehouse) -> dict[str, list[tuple[object, ...]]]:
    """Of each table how many rows it has and a digest of them, in whatever order they lie."""
    with warehouse.reading() as connection:
        tables = connection.execute(
            f"select table_schema || '.' || table_name from information_schema.tables where table_schema in {SCHEMAS}"
        ).fetchall()
        return {
            name: connection.execute(
                f"""select count(*), md5(string_agg(text, chr(10) order by text))
                from (select cast(t as varchar) as text from {name} as t)"""
            ).fetchall()
            for (name,) in tables
        }


def load_changed(warehouse: Warehouse, folder: Path, **every: int) -> None:
    """Load the sample as somebody's own files, with every n-th row of some left out."""
    arguments = []
    for kind, name in (
        ("awards", "award_data"),
        ("recipients", "recipient_lookup"),
        ("prime-awards", "prime_award_summaries"),
    ):
        with (SAMPLE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        left_out = every.get(kind.replace("-", "_"), len(rows))
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(
                row for number, row in enumerate(rows) if not number or number % left_out
            )
        arguments += [f"--{kind}", str(folder / f"{name}.csv")]
    done = warehouse.load(*arguments)
    assert done.exit_code == 0, done.output


def other_awards(warehouse: Warehouse, project: Path) -> None:
    load_changed(warehouse, project, awards=50)


def other_recipients_and_rules(warehouse: Warehouse, project: Path) -> None:
    """Recipients and prime awards, a threshold, the code of a UDF and a person's decision."""
    load_changed(warehouse, project, recipients=60, prime_awards=9)
    edit(project / "macros/thresholds.sql", "'accept_score': 9000", "'accept_score': 9600")
    edit(project / "python_udfs/similarity.py", "OSA.distance", "OSA.distance, score_cutoff=1")
    ((name, state, recipient_hash),) = warehouse.query(
        """select company_name, company_state, candidate_recipient_hash from quality.rpt_review_queue
        order by company_name limit 1"""
    )
    with (project / "seeds/match_decisions.csv").open("a", encoding="utf-8", newline="") as file:
        header = (project / "seeds/match_decisions.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
        known = {
            "company_name": name,
            "company_state": state,
            "state": state,
            "recipient_hash": recipient_hash,
            "decision": "same",
            "decided_on": "2024-05-01",
        }
        csv.writer(file).writerow([known.get(column, "") for column in header])


def test_unchanged_inputs_make_nothing_anew(sample_copy: Warehouse) -> None:
    before = contents(sample_copy)
    kept = build(sample_copy, PROJECT)
    models = sample_copy.query("select count(*) from observability.fingerprints where node like 'model.%'")
    # Only what is published was not so before: what is said of it, and what is compared with it.
    assert models == [(kept + 2,)]
    assert kept > 60
    after = contents(sample_copy)
    assert after.keys() == before.keys()
    assert {name for name in after if after[name] != before[name]} <= {
        "quality.gate_results",
        "quality.gate_checks",
    }
    assert build(sample_copy, PROJECT, "--full-refresh", "-s", "stg_sbir__awards", "int_firm_awards") == 0


@pytest.mark.parametrize("change", [other_awards, other_recipients_and_rules])
def test_tables_equal_those_of_a_full_refresh(
    sample_copy: Warehouse, project: Path, change: Callable[[Warehouse, Path], None]
) -> None:
    before = contents(sample_copy)
    change(sample_copy, project)
    assert build(sample_copy, project) > 0
    partial = contents(sample_copy)
    assert build(sample_copy, project, "--full-refresh") == 0
    whole = contents(sample_copy)
    assert [name for name in whole if whole[name] != partial[name]] == []
    assert whole["enrichment.enriched_sbir_awards"] != before["enrichment.enriched_sbir_awards"]


def test_model_made_before_its_reference_table_was_loaded_is_made_anew_after_it(
    sample_copy: Warehouse, project: Path
) -> None:
    """The file is newer than the table for as long as models are made without seeds."""
    seed = project / "seeds/legal_designators.csv"
    seed.write_text("".join(seed.read_text(encoding="utf-8").splitlines(keepends=True)[:8]), encoding="utf-8")
    before = contents(sample_copy)
    build(sample_copy, project, "--exclude", "resource_type:seed")
    assert contents(sample_copy)["enrichment.enriched_sbir_awards"] == before["enrichment.enriched_sbir_awards"]
    build(sample_copy, project, "-s", "+enriched_sbir_awards")
    partial = contents(sample_copy)["enrichment.enriched_sbir_awards"]
    assert partial != before["enrichment.enriched_sbir_awards"]
    build(sample_copy, project, "-s", "+enriched_sbir_awards", "--full-refresh")
    assert contents(sample_copy)["enrichment.enriched_sbir_awards"] == partial


def test_reference_table_takes_a_new_column(sample_copy: Warehouse, project: Path) -> None:
    seed = project / "seeds/match_methods.csv"
    header, *rows = seed.read_text(encoding="utf-8").splitlines()
    seed.write_text("\n".join([f"{header},remark", *(f"{row},new" for row in rows), ""]), encoding="utf-8")
    build(sample_copy, project, "-s", "match_methods+1")
    assert sample_copy.query("select distinct remark from staging.match_methods") == [("new",)]


def test_new_awards_leave_what_is_made_of_recipients_alone(sample_copy: Warehouse, project: Path) -> None:
    other_awards(sample_copy, project)
    made = sample_copy.dbt("run", "-s", "+int_recipients +int_word_weights", "--exclude", "stg_sbir__awards")
    assert made.exit_code == 0, made.output
    assert "OK created sql reusable_table" in made.output
    assert made.output.count("KEPT") == made.output.count("OK created sql reusable_table")


def test_table_that_lost_rows_is_made_anew(sample_copy: Warehouse) -> None:
    sample_copy.execute("delete from enrichment.enriched_sbir_awards where award_key < '8'")
    done = sample_copy.dbt("run", "-s", "enriched_sbir_awards")
    assert done.exit_code == 0, done.output
    assert sample_copy.query("select count(*) from enrichment.enriched_sbir_awards") == [(1500,)]


def test_table_changed_by_hand_is_made_anew(sample_copy: Warehouse) -> None:
    table = "intermediate.int_recipients"
    before = sample_copy.query(f"from {table} order by all")
    sample_copy.execute(f"update {table} set recipient_name = 'EDITED' where recipient_hash < '1'")
    assert sample_copy.query(f"from {table} order by all") != before
    done = sample_copy.dbt("run", "-s", "int_recipients")
    assert done.exit_code == 0, done.output
    assert sample_copy.query(f"from {table} order by all") == before


def test_table_below_a_view_follows_what_is_loaded(sample_copy: Warehouse, project: Path, tmp_path: Path) -> None:
    staged = project / "models/staging/sbir/stg_sbir__awards.sql"
    staged.write_text("{{ config(materialized='view') }}\n" + staged.read_text(encoding="utf-8"), encoding="utf-8")
    selected = ("-s", "+int_firm_awards")
    build(sample_copy, project, *selected)
    kept = build(sample_copy, project, *selected)
    before = sample_copy.query("select count(*) from intermediate.int_firm_awards")
    other_awards(sample_copy, tmp_path)
    assert build(sample_copy, project, *selected) < kept
    assert sample_copy.query("select count(*) from intermediate.int_firm_awards") != before


def test_broken_contract_is_refused_though_the_rows_would_be_the_same(sample_copy: Warehouse, project: Path) -> None:
    edit(project / "models/marts/analytics/sbir_match_summary.yml", "data_type: bigint", "data_type: varchar")
    done = sample_copy.dbt(
        *("run", "-s", "sbir_match_summary", "--project-dir", str(project)),
        *("--profiles-dir", str(PROJECT / "profiles")),
        DBT_TARGET_PATH=str(project / "target"),
    )
    assert done.exit_code == 1, done.output
    assert "This model has an enforced contract that failed" in done.output
