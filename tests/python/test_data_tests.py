"""The generic data tests fail where what they promise is broken."""

import re

import pytest
import yaml

from conftest import PROJECT, Warehouse


@pytest.mark.parametrize(
    "damage",
    [
        "insert into staging.states from staging.states limit 1",
        "update staging.states set spelling = null where spelling = 'MA'",
    ],
)
def test_grain_is_broken_by_a_repeated_key_or_a_null(sample_copy: Warehouse, damage: str) -> None:
    sample_copy.execute(damage)
    done = sample_copy.dbt("test", "-s", "grain_states_spelling")
    assert done.exit_code == 1, done.output
    assert "Failure in test grain_states_spelling" in done.output


# Name of a data test of each kind, and what is done to the working file for it to fail.
DAMAGES = {
    "constraints_hold_int_recipients": "insert into intermediate.int_recipients "
    "from intermediate.int_recipients limit 5",
    "constraints_hold_sbir_recipient_crosswalk": "update analytics.sbir_recipient_crosswalk set firm_key = null "
    "where firm_key < '2'",
    "constraints_hold_enriched_sbir_awards": "update enrichment.enriched_sbir_awards set "
    "_usaspending_match_method = 'guess' where _usaspending_match_method = 'name-exact'",
    "not_before_sbir_recipient_crosswalk": "update analytics.sbir_recipient_crosswalk set valid_to = date '1950-01-01'",
    "only_matched_has_recipient_enriched_sbir_awards": "update enrichment.enriched_sbir_awards set "
    "usaspending_recipient_hash = 'x' where _usaspending_match_status <> 'matched'",
    "slices_cover_rpt_validation_slices": "update quality.rpt_validation_slices set awards = awards + 1",
    "sums_to_sbir_company_profiles": "insert into analytics.sbir_company_profiles "
    "from analytics.sbir_company_profiles limit 3",
    "within_range_stg_sbir__awards": "update staging.stg_sbir__awards set award_year = 1492",
}


def test_every_kind_of_data_test_fails_where_its_promise_is_broken(sample_copy: Warehouse) -> None:
    kinds = {path.stem for path in (PROJECT / "tests/generic").glob("*.sql")}
    assert {kind for kind in kinds if any(name.startswith(f"{kind}_") for name in DAMAGES)} == kinds - {"grain"}
    for damage in DAMAGES.values():
        sample_copy.execute(damage)
    done = sample_copy.dbt("test", "--exclude-resource-type", "unit_test", "--exclude", "path:tests/gates")
    assert done.exit_code == 1
    failed = re.findall(r"Failure in test (\w+)", done.output)
    for name in DAMAGES:
        assert any(test.startswith(name) for test in failed), name


def test_every_model_with_constraints_has_a_test_of_them() -> None:
    described = [
        model
        for path in (PROJECT / "models").rglob("*.yml")
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", [])
    ]
    constrained = [
        model
        for model in described
        if model.get("constraints") or any(column.get("constraints") for column in model.get("columns", []))
    ]
    assert len(constrained) > 80
    assert [model["name"] for model in constrained if "constraints_hold" not in model.get("data_tests", [])] == []
