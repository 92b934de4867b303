"""What a build comes to, in one box: what was published, or why nothing was; all numbers are read from the tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import duckdb

from database.warehouse import (
    ENGINE_SETTINGS,
    WarehouseError,
    connect,
    first_line,
    published_path,
    quoted,
    working_path,
)
from interface.dbt_command import reason
from interface.summary_box import Box, percent
from interface.terminal_text import duration, visible

SHOWN_FAILURES = 5
# Below, a share of a run's time is nothing to tell.
LEAST_SECONDS = 0.1
FAILED = ("fail", "error", "runtime error", "partial success")


@contextmanager
def open_files() -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the working file for reading, with the published one as `published` beside it, where there is one.

    Yields:
        The connection.

    Raises:
        WarehouseError, duckdb.Error: if one cannot be read.
    """
    with connect(read_only=True) if working_path().exists() else duckdb.connect(config=ENGINE_SETTINGS) as connection:
        if published_path().exists():
            with told_if_unreadable():
                connection.execute(f"attach {quoted(published_path())} as published (read_only)")
        yield connection


def read_rows(
    connection: duckdb.DuckDBPyConnection, table: str, query: str, *parameters: object
) -> list[dict[str, Any]]:
    """Read a table that older files may lack, or that was never written.

    Args:
        connection: open on the files.
        table: name of the table, with schema and, where it is not the working file's, database.
        query: what follows `select`, with {table} for the table.
        parameters: of the query.

    Returns:
        The rows by column; none where there is no such table.
    """
    *databases, schema, name = table.split(".")
    database = databases[0] if databases else None
    present = connection.execute(
        "select 1 from duckdb_tables() where database_name = coalesce(?, current_database()) "
        "and schema_name = ? and table_name = ?",
        [database, schema, name],
    ).fetchall()
    if not present:
        return []
    found = connection.execute(f"select {query.format(table=table)}", list(parameters))
    names = [column for column, *_ in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def add_awards(box: Box, connection: duckdb.DuckDBPyConnection) -> None:
    """Add how many awards are published, how many of them are matched, by which method, and since when that changed."""
    (total,) = read_rows(
        connection, "published.quality.rpt_match_breakdown", "* from {table} where dimension = 'total'"
    )
    for_awards, for_rate = "", ""
    for before in read_rows(
        connection, "published.observability.last_publication", "* from {table} where input = 'awards'"
    ):
        for_awards = f"{total['awards'] - before['records']:+,} since the run published before"
        for_rate = f", {100 * (total['match_rate'] - before['match_rate']):+.2f} points"
    box.add("Awards", "all", f"{total['awards']:,}", for_awards)
    box.add("Awards", "matched", f"{total['matched_awards']:,}", f"{percent(total['match_rate'])}{for_rate}")
    for method in read_rows(
        connection,
        "published.quality.rpt_match_breakdown",
        "dimension_value, matched_awards from {table} where dimension = 'match_method' and matched_awards > 0 "
        "order by matched_awards desc, dimension_value",
    ):
        share = percent(method["matched_awards"] / total["awards"])
        box.add("Awards", f"  {method['dimension_value']}", f"{method['matched_awards']:,}", share)
    for status in ("ambiguous", "review", "unmatched"):
        number = total[f"{status}_awards"]
        box.add("Awards", status, f"{number:,}", percent(number / total["awards"]))
    for repeated in read_rows(
        connection,
        "published.observability.input_measures",
        "repeated_records from {table} where repeated_records > 0 and input = 'awards'",
    ):
        number = repeated["repeated_records"]
        share = percent(number / total["awards"])
        box.add("Awards", "repeated", f"{number:,}", f"{share} of the records are equal to an earlier one")
    changes = read_rows(
        connection,
        "published.quality.rpt_link_changes",
        "change, count(*) as links from {table} group by change order by change",
    )
    for change in changes:
        box.add("Links", change["change"], f"{change['links']:,}", "since the run published before")


def add_run(box: Box, connection: duckdb.DuckDBPyConnection, run: dict[str, Any]) -> None:
    """Add what a run cost and how many alerts it raised.

    Args:
        box: to add to.
        connection: open on the files.
        run: row of `observability.runs`.
    """
    stages = {"load": "load_seconds", "dbt": "dbt_seconds", "publish": "publish_seconds"}
    seconds = {stage: run[column] for stage, column in stages.items() if run[column] is not None}
    if run["performance_duration_seconds"] is not None:
        seconds["recording"] = run["performance_duration_seconds"] - sum(seconds.values())
        told = [f"{stage} {duration(value)}" for stage, value in seconds.items() if value >= LEAST_SECONDS]
        box.add("Run", "time", duration(run["performance_duration_seconds"]), ", ".join(told))
    if run["performance_peak_memory_mb"] is not None:
        limit = f"limit {run['memory_limit_mb']:,.0f} MB" if run["memory_limit_mb"] is not None else ""
        box.add("Run", "peak memory", f"{run['performance_peak_memory_mb']:,.0f} MB", limit)
    alerts = read_rows(
        connection, "observability.alerts", "count(*) as alerts from {table} where run_id = ?", run["run_id"]
    )
    if alerts:
        where = "observability.alerts" if alerts[0]["alerts"] else ""
        box.add("Run", "alerts", f"{alerts[0]['alerts']:,}", where, style="yellow" if where else "")


def read_run(connection: duckdb.DuckDBPyConnection, condition: str, value: object) -> list[dict[str, Any]]:
    """The row of a run in `observability.runs`: as the working file has it, which is told more, else the published one.

    Args:
        connection: open on the files.
        condition: which run, with ? for the value.
        value: of the condition.
    """
    query = f"* from {{table}} where {condition}"
    return read_rows(connection, "observability.runs", query, value) or read_rows(
        connection, "published.observability.runs", query, value
    )


def print_published(*, is_unchanged: bool = False) -> None:
    """Print what is published: awards, gates, change, cost, inputs, and where to look next.

    Args:
        is_unchanged: whether the latest run found it published already.
    """
    target = published_path()
    with told_if_unreadable(), open_files() as connection:
        publications = read_rows(connection, "published.observability.publication", "* from {table}")
        if not publications:
            # It cannot be read, which is told already.
            return
        publication = publications[0]
        title = "Unchanged, still version" if is_unchanged else "Published as version"
        sample = ": SAMPLE, the awards are invented" if publication.get("is_sample") else ""
        box = Box(f"{title} {publication['version']}{sample}", "green")
        add_awards(box, connection)
        # What is unchanged was judged once more.
        gates = f"{'' if is_unchanged else 'published.'}quality.gate_results"
        box.add_gates(read_rows(connection, gates, "* from {table} order by gate"))
        which = "? > 0 order by started_at desc limit 1" if is_unchanged else "published_version = ?"
        for run in read_run(connection, which, publication["version"]):
            add_run(box, connection, run)
        say_decision_conflicts(box, connection)
        loads = read_rows(
            connection, "published.observability.loads", "* from {table} where is_current order by input, file_name"
        )
        for load in loads:
            counts = f"{load['records_read']:,} records, {load['rows_quarantined']:,} quarantined"
            box.say("Inputs", f"{load['file_name']}: {counts}")
        say_awards_counted(box, connection)
        if publication.get("accepted_change"):
            box.say("Accepted", publication["accepted_change"])
        box.print()
        print_next_steps(target)


def say_decision_conflicts(box: Box, connection: duckdb.DuckDBPyConnection) -> None:
    """Say how many decisions of people contradict something or cannot be followed, and where they are listed."""
    for conflict in read_rows(
        connection,
        "published.quality.rpt_decision_conflicts",
        "problem, count(*) as decisions from {table} group by problem order by problem",
    ):
        where = "quality.rpt_decision_conflicts lists them"
        box.say("Decisions", f"{conflict['decisions']:,} to look at: {conflict['problem']}; {where}")


def say_awards_counted(box: Box, connection: duckdb.DuckDBPyConnection) -> None:
    """Say how many prime awards count by their transactions, and that these cover the loaded period only."""
    for counts in read_rows(
        connection,
        "intermediate.int_prime_awards",
        "count(*) filter (where is_from_transactions) as from_transactions, "
        "count(*) filter (where not is_from_transactions) as from_summaries, "
        "min(first_action_date) filter (where is_from_transactions) as first_date, "
        "max(last_action_date) filter (where is_from_transactions) as last_date from {table}",
    ):
        if counts["from_transactions"]:
            box.say(
                "Inputs",
                f"prime awards: {counts['from_transactions']:,} with what their transactions obligated in the loaded "
                f"period ({counts['first_date']} to {counts['last_date']}), {counts['from_summaries']:,} with their "
                "totals to date",
            )


def print_next_steps(target: Path) -> None:
    """Print what opens the published file, and what tells more of it, to be copied as it stands.

    Args:
        target: the published file.
    """
    for line in (
        "Ask it with:  make sql SQL='select * from enrichment.enriched_sbir_awards limit 10'",
        f"or in Python: duckdb.connect('{target}', read_only=True)",
        "See also:     make report (a page to look at), make diff (what changed)",
    ):
        click.echo(visible(line))


def print_unpublished(stage: str, exit_code: int, run_id: str | None) -> None:
    """Print why nothing was published: the stage, the gates, tests and models that failed, and what stands.

    Args:
        stage: the one that failed.
        exit_code: of it.
        run_id: of the run, as `observability.runs` knows it.
    """
    box = Box(f"Not published: {stage} failed with exit code {exit_code}", "red")
    culprits: list[dict[str, Any]] = []
    with told_if_unreadable(), open_files() as connection:
        gates = read_rows(
            connection,
            "observability.gates",
            "* from {table} where run_id = ? order by verdict <> 'failed', gate",
            run_id,
        )
        box.add_gates(gates)
        failed = read_rows(
            connection,
            "observability.nodes",
            "name, status, message from {table} where run_id = ? and list_contains(?, status) order by started_at",
            run_id,
            list(FAILED),
        )
        for node in failed[:SHOWN_FAILURES]:
            box.say("Failed", f"{node['name']}: {reason(node['message'] or '')}")
        if len(failed) > SHOWN_FAILURES:
            box.say("Failed", f"and {len(failed) - SHOWN_FAILURES} more, see observability.nodes")
        failed_gates = [gate["gate"] for gate in gates if gate["verdict"] == "failed"]
        culprits = read_rows(
            connection,
            "quality.gate_results",
            "gate, culprits from {table} where list_contains(?, gate) order by gate",
            failed_gates,
        )
        say_what_stands(box, connection)
    box.print()
    print_culprits(culprits)


def print_culprits(culprits: list[dict[str, Any]]) -> None:
    """Print what to ask of the working file about each gate that failed, to be copied as it stands.

    Args:
        culprits: rows with gate and culprits, the query.
    """
    if culprits:
        click.echo(visible("Ask the working file with: make sql WORKING=yes"))
    for gate in culprits:
        click.echo(visible(f"Culprits of {gate['gate']}: {gate['culprits']};"))


def say_what_stands(box: Box, connection: duckdb.DuckDBPyConnection) -> None:
    """Say what is published still."""
    standing = "nothing yet"
    for run in read_rows(connection, "published.observability.publication", "* from {table}"):
        standing = (
            f"still version {run['version']} of {run['published_at']}, "
            f"{run['awards']:,} awards, {percent(run['match_rate'])} matched"
        )
    box.say("Published", standing)


@contextmanager
def told_if_unreadable() -> Iterator[None]:
    """What cannot be read for a summary is told in one line: it changes nothing of what was done."""
    try:
        yield
    except Exception as error:
        message = error.message if isinstance(error, WarehouseError) else first_line(error)
        click.echo(f"Warning: the summary is not whole: {visible(message)}", err=True)
