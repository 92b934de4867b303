"""A model whose new table would break a constraint fails, and the table that stood before stays."""

from pathlib import Path

from conftest import PROJECT, Warehouse, edit

DAMAGED = """
select * from final
union all
(select * replace (cast(null as varchar) as recipient_hash) from final order by award_key limit 1)
union all
(select * replace ('nowhere' as recipient_hash) from final order by award_key desc limit 1)
"""


def test_broken_constraints_stop_the_model_and_what_is_below_it(sample_copy: Warehouse, project: Path) -> None:
    edit(project / "models/intermediate/links/int_award_name_links.sql", "select * from final", DAMAGED)
    edit(
        project / "models/observability/_observability__models.yml",
        "{type: primary_key, columns: [firm_key, recipient_hash, decision]}",
        "{type: check, expression: decision <> ''}",
    )
    before = sample_copy.query("from intermediate.int_award_name_links order by award_key")
    done = sample_copy.dbt(
        *("run", "-s", "int_award_name_links+1", "known_decisions", "--project-dir", str(project)),
        *("--profiles-dir", str(PROJECT / "profiles")),
        DBT_TARGET_PATH=str(project / "target"),
    )
    assert done.exit_code == 1, done.output
    told = " ".join(done.output.split())
    assert "intermediate.int_award_name_links would break its constraints: " in told
    assert "2 repeated values of award_key, such as {'award_key':" in told
    assert "1 rows with null in recipient_hash, such as {'award_key':" in told
    assert "1 rows with recipient_hash missing from build.intermediate.int_recipients, such as {'award_key':" in told
    assert "It is left as it was; what would give these rows:" in told
    assert "A constraint is primary_key, unique, not_null or foreign_key, not check" in told
    assert "SKIP=1" in told
    assert sample_copy.query("from intermediate.int_award_name_links order by award_key") == before
