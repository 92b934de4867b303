"""What must hold of the working file before it is published."""

import duckdb

# Tables that a whole build leaves behind; the rest of their schemas is published with them.
REQUIRED_TABLES = (
    "enrichment.enriched_sbir_awards",
    "quality.gate_checks",
    "quality.gate_results",
    "quality.rpt_match_breakdown",
    "quality.rpt_unmatched",
    "quality.rpt_evaluation",
    "quality.measured_precision",
    "observability.loads",
    "analytics.sbir_company_profiles",
    "analytics.sbir_match_candidates",
    "analytics.sbir_match_explanations",
    "analytics.sbir_match_summary",
    "analytics.sbir_recipient_crosswalk",
    "analytics.sbir_unmatched_awards",
)

# For each table what it must say, out of the enriched table as it stands, and what it says.
AGREEMENTS = {
    "analytics.sbir_match_explanations": (
        "select award_key, _usaspending_match_status, _usaspending_match_method, usaspending_recipient_hash "
        "from enrichment.enriched_sbir_awards",
        "select award_key, match_status, match_method, usaspending_recipient_hash "
        "from analytics.sbir_match_explanations",
    ),
    "analytics.sbir_unmatched_awards": (
        "select award_key, _usaspending_unmatched_reason from enrichment.enriched_sbir_awards "
        "where _usaspending_match_status <> 'matched'",
        "select award_key, unmatched_reason from analytics.sbir_unmatched_awards",
    ),
    "analytics.sbir_company_profiles": (
        "select firm_key, count(*), sum(award_amount) from enrichment.enriched_sbir_awards "
        "where firm_key is not null group by firm_key",
        "select firm_key, awards, award_amount from analytics.sbir_company_profiles",
    ),
    "analytics.sbir_recipient_crosswalk": (
        "select firm_key, usaspending_recipient_hash, count(*) from enrichment.enriched_sbir_awards "
        "where firm_key is not null and _usaspending_match_status = 'matched' "
        "group by firm_key, usaspending_recipient_hash",
        "select firm_key, usaspending_recipient_hash, awards from analytics.sbir_recipient_crosswalk",
    ),
    "analytics.sbir_match_candidates": (
        "select distinct firm_key from enrichment.enriched_sbir_awards "
        "where _usaspending_match_method = 'name-fuzzy-auto'",
        "select firm_key from analytics.sbir_match_candidates where is_linked",
    ),
    "quality.rpt_match_breakdown": (
        "select count(*), count(*) filter (where _usaspending_match_status = 'matched') "
        "from enrichment.enriched_sbir_awards",
        "select awards, matched_awards from quality.rpt_match_breakdown where dimension = 'total'",
    ),
    "analytics.sbir_match_summary": ("from quality.rpt_match_breakdown", "from analytics.sbir_match_summary"),
}


def find_missing_tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Name the required tables that the working file lacks.

    Args:
        connection: open on the working file.

    Returns:
        Names with their schema; empty where the file is whole.
    """
    present = {
        f"{schema}.{name}"
        for schema, name in connection.execute(
            "select table_schema, table_name from information_schema.tables"
        ).fetchall()
    }
    return [table for table in REQUIRED_TABLES if table not in present]


def find_failed_gates(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Recompute the gates on the enriched table as it stands; stored verdicts are not asked.

    Args:
        connection: open on the working file.

    Returns:
        A line for each gate that fails, with its numbers.
    """
    rows = connection.execute(
        "select gate, message from quality.gate_checks where not is_passed order by gate"
    ).fetchall()
    return [f"gate {gate} fails: {message}" for gate, message in rows]


def find_disagreements(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Find analytics tables that an older or partial build left behind.

    Args:
        connection: open on the working file.

    Returns:
        A line for each table that does not agree with the enriched table.
    """
    found = []
    for table, (expected, actual) in AGREEMENTS.items():
        row = connection.execute(
            f"select (select count(*) from (({expected}) except all ({actual})))"  # noqa: S608
            f" + (select count(*) from (({actual}) except all ({expected})))"
        ).fetchone()
        if row is not None and row[0]:
            found.append(
                f"{table} does not agree with enrichment.enriched_sbir_awards in {row[0]:,} rows: "
                "it is left from another build. Run: make build"
            )
    return found
