"""What the quality report says: every number and table of it, each with the query that it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb

UNITS = ("count", "share", "dollars", "seconds", "megabytes", "text")


@dataclass(frozen=True)
class Query:
    """A number or table of the report.

    Attributes:
        title: what it is, in words.
        sql: the query; of a number, it gives one value.
        unit: of a number, one of `UNITS`.
        needs: tables without which there is nothing to say.
    """

    title: str
    sql: str
    unit: str = "count"
    needs: tuple[str, ...] = ()


TOTAL = "from quality.rpt_match_breakdown where dimension = 'total'"
PRECISION = "from quality.gate_results where gate = 'precision' and counted_of > 0"
LATEST = "from observability.runs order by started_at desc limit 1"
RUNS = ("observability.runs",)

FIGURES = {
    "awards": Query("Awards", f"select awards {TOTAL}"),
    "matched_awards": Query("Awards linked to a recipient", f"select matched_awards {TOTAL}"),
    "match_rate": Query("Match rate", f"select match_rate {TOTAL}", "share"),
    "match_rate_with_identifier": Query(
        "Match rate by recipients with an identifier", f"select match_rate_with_identifier {TOTAL}", "share"
    ),
    "min_match_rate": Query(
        "Match rate that the gate asks for",
        "select threshold_value from quality.thresholds where threshold = 'min_match_rate'",
        "share",
    ),
    "award_amount": Query("Dollars of all awards", f"select award_amount {TOTAL}", "dollars"),
    "matched_award_amount": Query("Dollars of linked awards", f"select matched_award_amount {TOTAL}", "dollars"),
    "precision": Query("Precision of the name rules", f"select counted / counted_of {PRECISION}", "share"),
    "precision_lower": Query("Its lower bound (95 %)", f"select value {PRECISION}", "share"),
    "judged_firms": Query("Firms it was measured on", f"select counted_of {PRECISION}"),
    "review_awards": Query("Awards that wait for a person", f"select review_awards {TOTAL}"),
    "ambiguous_awards": Query("Ambiguous awards", f"select ambiguous_awards {TOTAL}"),
    "unmatched_awards": Query("Awards without a link", f"select unmatched_awards {TOTAL}"),
    "firms": Query("Firms", "select count(distinct firm_key) from enrichment.enriched_sbir_awards"),
    "gates_passed": Query("Gates that hold", "select count(*) from quality.gate_results where verdict = 'passed'"),
    "gates": Query("Gates that were judged", "select count(*) from quality.gate_results where verdict <> 'not judged'"),
    "runs": Query("Runs on record", "select count(*) from observability.runs", needs=RUNS),
    "alerts": Query(
        "Alerts of the last run",
        "select count(*) from observability.alerts "
        "where run_id = (select run_id from observability.runs order by started_at desc limit 1)",
        needs=(*RUNS, "observability.alerts"),
    ),
    "last_run_seconds": Query(
        "Seconds of the last run", f"select performance_duration_seconds {LATEST}", "seconds", RUNS
    ),
    "last_run_peak_memory_mb": Query(
        "Peak memory of the last run", f"select performance_peak_memory_mb {LATEST}", "megabytes", RUNS
    ),
    "is_sample": Query(
        "Made from the invented sample",
        "select coalesce(bool_or(is_sample), false) from observability.loads where is_current",
        "text",
    ),
    "published_version": Query(
        "Version", "select version from observability.publication", needs=("observability.publication",)
    ),
    "published_at": Query(
        "Published (UTC)", "select published_at from observability.publication", "text", ("observability.publication",)
    ),
    "sources": Query(
        "Made from",
        "select string_agg(file_name, ', ' order by input) from observability.loads where is_current",
        "text",
    ),
}

# What is filtered in the page: counted by all that can be chosen there.
CUBES = {
    "outcomes": Query(
        "Awards and dollars by outcome",
        """
        select
            agency, award_year, phase, _usaspending_match_status as status, _usaspending_match_method as method,
            _usaspending_unmatched_reason as reason, count(*) as awards, coalesce(sum(award_amount), 0) as dollars
        from enrichment.enriched_sbir_awards group by all order by all
        """,
    ),
    "states": Query(
        "Awards by state",
        """
        select
            agency, award_year, phase, state, _usaspending_match_status = 'matched' as is_matched, count(*) as awards,
            coalesce(sum(award_amount), 0) as dollars
        from enrichment.enriched_sbir_awards group by all order by all
        """,
    ),
    "scores": Query(
        "Awards by the score of their firm's best candidate",
        """
        select
            awards.agency, awards.award_year, awards.phase, cast(floor(candidates.candidate_score) as integer) as score,
            candidates.match_status as status, count(*) as awards
        from enrichment.enriched_sbir_awards as awards
        inner join analytics.sbir_match_candidates as candidates
            on awards.firm_key = candidates.firm_key
        where candidates.candidate_rank = 1
        group by all order by all
        """,
        needs=("analytics.sbir_match_candidates",),
    ),
}

TABLES = {
    "thresholds": Query(
        "Thresholds", "select threshold, threshold_value as value from quality.thresholds order by threshold"
    ),
    "gates": Query(
        "Gates",
        """
        select gate, verdict, value, threshold, counted, counted_of, message
        from quality.gate_results order by gate
        """,
    ),
    "run_trend": Query(
        "Runs",
        """
        select
            started_at, command, status, awards, matched_awards, match_rate, performance_duration_seconds,
            performance_records_per_second, load_seconds, dbt_seconds, publish_seconds, performance_peak_memory_mb,
            memory_limit_mb, published_version
        from observability.runs order by started_at
        """,
        needs=RUNS,
    ),
    "gate_trend": Query(
        "Gates of all runs",
        """
        select
            runs.started_at, gates.gate, gates.verdict, gates.value, gates.threshold, gates.counted, gates.counted_of,
            gates.message
        from observability.gates as gates
        inner join observability.runs as runs
            on gates.run_id = runs.run_id
        order by runs.started_at, gates.gate
        """,
        needs=(*RUNS, "observability.gates"),
    ),
    "model_seconds": Query(
        "Slowest models of the last run that built most of them",
        """
        select nodes.name, nodes.schema_name, nodes.performance_duration_seconds, nodes.row_count, nodes.peak_memory_mb
        from observability.nodes as nodes
        where
            nodes.resource_type = 'model' and nodes.status = 'success'
            and nodes.run_id = (
                select run_id from observability.runs
                where models_built >= (select max(models_built) from observability.runs) / 2
                order by started_at desc limit 1
            )
        order by nodes.performance_duration_seconds desc, nodes.name
        limit 15
        """,
        needs=(*RUNS, "observability.nodes"),
    ),
    "alerts": Query(
        "Latest alerts",
        """
        select raised_at, severity, rule, subject, value, threshold, message
        from observability.alerts order by raised_at desc, rule limit 50
        """,
        needs=("observability.alerts",),
    ),
    "link_changes": Query(
        "Links changed since the version before",
        """
        select change, reason, count(*) as awards, sum(award_amount) as dollars
        from quality.rpt_link_changes group by all order by awards desc, change, reason
        """,
        needs=("quality.rpt_link_changes",),
    ),
    "slices": Query(
        "Worst slices",
        """
        select
            dimension, dimension_value, awards, match_rate, precision, precision_lower, completeness, verdict,
            message
        from quality.rpt_validation_slices order by slice_rank limit 25
        """,
        needs=("quality.rpt_validation_slices",),
    ),
    "review_queue": Query(
        "Firms that wait for a decision",
        """
        with awards as (
            select
                firm_key,
                list(distinct agency order by agency) as agencies,
                list(distinct phase order by phase) as phases
            from enrichment.enriched_sbir_awards
            where _usaspending_match_status in ('review', 'ambiguous')
            group by firm_key
        )
        select
            queue.queue_rank, queue.company_name, queue.company_state, queue.award_count, queue.award_amount,
            queue.first_award_year, queue.last_award_year, queue.match_status, queue.candidate_recipient_name,
            queue.candidate_recipient_state, queue.candidate_score, awards.agencies, awards.phases
        from quality.rpt_review_queue as queue
        inner join awards
            on queue.firm_key = awards.firm_key
        where queue.candidate_rank = 1
        order by queue.queue_rank
        limit 300
        """,
    ),
    "largest_unmatched": Query(
        "Largest awards without a link",
        """
        select
            company_name, state, agency, phase, award_year, award_amount, contract_number,
            _usaspending_match_status as match_status, _usaspending_unmatched_reason as unmatched_reason
        from enrichment.enriched_sbir_awards
        where _usaspending_match_status <> 'matched'
        order by award_amount desc nulls last, award_key
        limit 300
        """,
    ),
}
# Of how many the long tables show the first.
FIGURES["review_queue_rows"] = Query(
    "Firms in the review queue", "select count(*) from quality.rpt_review_queue where candidate_rank = 1"
)
FIGURES["largest_unmatched_rows"] = Query(
    "Awards that are not linked",
    "select count(*) from enrichment.enriched_sbir_awards where _usaspending_match_status <> 'matched'",
)


@dataclass
class Report:
    """The report: value by number, rows by table and cube; what could not be asked is None or empty."""

    figures: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    cubes: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The report for programs: each number and table with its title and query; of the cubes the query alone."""
        return {
            "numbers": {
                key: {
                    "title": query.title,
                    "value": plain(self.figures[key]),
                    "unit": query.unit,
                    "sql": _one_line(query.sql),
                }
                for key, query in FIGURES.items()
            },
            "tables": {
                key: {"title": query.title, "sql": _one_line(query.sql), "rows": plain(self.tables[key])}
                for key, query in TABLES.items()
            },
            "cubes": {key: {"title": query.title, "sql": _one_line(query.sql)} for key, query in CUBES.items()},
        }


def collect(connection: duckdb.DuckDBPyConnection) -> Report:
    """Ask the warehouse all that the report says.

    Args:
        connection: open on the published or the working file.

    Returns:
        The report.

    Raises:
        duckdb.Error: if the file lacks what every build makes.
    """
    present = {
        f"{schema}.{name}"
        for schema, name in connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = current_database()"
        ).fetchall()
    }
    report = Report()
    for key, query in FIGURES.items():
        row = connection.execute(query.sql).fetchone() if present.issuperset(query.needs) else None
        report.figures[key] = row[0] if row else None
    for found, queries in ((report.tables, TABLES), (report.cubes, CUBES)):
        for key, query in queries.items():
            found[key] = _rows(connection, query) if present.issuperset(query.needs) else []
    return report


def plain(value: Any) -> Any:  # noqa: ANN401
    """A value, or rows of them, as JSON holds it: amounts to the cent as numbers, moments as text."""
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return float(value) if hasattr(value, "is_finite") else str(value)


def _rows(connection: duckdb.DuckDBPyConnection, query: Query) -> list[dict[str, Any]]:
    result = connection.execute(query.sql)
    names = [name for name, *_ in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _one_line(sql: str) -> str:
    return " ".join(sql.split())
