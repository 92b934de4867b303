"""A model whose new table would break a constraint fails, and the table that stood before stays."""

from pathlib import Path

from conftest import PROJECT, Warehouse, edit

DAMAGED = """
select * from final
union all
(select * replace (cast(null as varchar) as match_method) from final order by award_key limit 1)
union all
(select * replace ('nowhere' as recipient_hash) from final order by award_key desc limit 1)
"""


def run(warehouse: Warehouse, project: Path, *arguments: str) -> str:
    """Run dbt on a changed project, which must fail, and give what it prints as one line."""
    done = warehouse.dbt(
        *arguments,
        *("--project-dir", str(project), "--profiles-dir", str(PROJECT / "profiles")),
        DBT_TARGET_PATH=str(project / "target"),
    )
    assert done.exit_code == 1, done.output
    return " ".join(done.output.split())


def test_broken_constraints_stop_the_model_and_what_is_below_it(sample_copy: Warehouse, project: Path) -> None:
    edit(project / "models/intermediate/links/int_award_name_links.sql", "select * from final", DAMAGED)
    edit(
        project / "models/observability/_observability__models.yml",
        "{type: primary_key, columns: [firm_key, recipient_hash, decision]}",
        "{type: check, expression: decision <> ''}",
    )
    before = sample_copy.query("from intermediate.int_award_name_links order by award_key")
    told = run(sample_copy, project, "run", "-s", "int_award_name_links+1", "known_decisions")
    assert "intermediate.int_award_name_links would break its constraints: " in told
    assert "repeated award_key: 2, such as " in told
    assert "null in match_method: 1, such as " in told
    assert "recipient_hash not in build.intermediate.int_recipients: 1, such as " in told
    assert "It is left as it was; what would give these rows:" in told
    assert "A constraint is primary_key, unique, not_null or foreign_key, not check" in told
    assert "SKIP=1" in told
    assert sample_copy.query("from intermediate.int_award_name_links order by award_key") == before


def test_reference_is_looked_at_again_when_what_it_points_to_changed(sample_copy: Warehouse, project: Path) -> None:
    edit(project / "seeds/match_methods.csv", "name-exact,", "name-equal,")
    told = run(sample_copy, project, "build", "-s", "match_methods,resource_type:seed", "int_subject_links")
    assert "match_method not in build.staging.match_methods: " in told
