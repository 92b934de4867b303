"""Link any list of companies to any list of recipients, by the models that link the awards.

Exit codes: 0 linked, 2 could not link.
"""

import math
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import duckdb
from rich.console import Console

from database.scratch_warehouse import dbt_beside, load_lists, scratch_warehouse
from database.warehouse import WarehouseError, connect
from interface.command_line import run_command
from interface.spreadsheet_cells import csv_line, harmless

MODELS = "+rpt_match_explanations"
ROWS_AT_ONCE = 10_000
LINKS = """
with best_candidates as (
    select firm_key, recipient_hash, candidate_score / 100.0 as score
    from intermediate.int_shown_candidates
    where shown_rank = 1
),

answers as (
    select
        queries._row_number,
        queries.agency_tracking_number as query_id,
        case
            when explanations.match_status = 'matched' then explanations.usaspending_recipient_hash
            else best_candidates.recipient_hash
        end as recipient_hash,
        cast(
            case when explanations.match_status = 'matched' then explanations.match_score else best_candidates.score end
            as decimal(5, 2)
        ) as score,
        explanations.match_status as status,
        explanations.explanation
    from raw.awards as queries
    inner join staging.stg_sbir__awards as awards
        on queries._row_number = awards.source_row_number
    inner join intermediate.int_firm_awards as firm_awards
        on awards.award_key = firm_awards.award_key
    inner join quality.rpt_match_explanations as explanations
        on awards.award_key = explanations.award_key
    left join best_candidates
        on firm_awards.firm_key = best_candidates.firm_key
)

select answers.query_id, universe.id as recipient_row_id, answers.score, answers.status, answers.explanation
from answers
inner join raw.recipients as universe
    on answers.recipient_hash = universe.recipient_hash
where case when ? is null then answers.status = 'matched' else answers.score >= ? end
order by answers._row_number
"""


@contextmanager
def linked_lists(
    queries: Path, universe: Path, floor: float | None = None, reach: Iterable[Path] = ()
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Link two lists of names in a scratch warehouse, which is gone afterwards.

    Args:
        queries: the companies (query_id, name, state, city, zip), CSV, CSV.gz or Parquet.
        universe: the recipients (recipient_row_id, name, state, city, zip), likewise.
        floor: keep the best candidate of each company from this score on, 0 to 100, not accepted links alone.
        reach: folders that the connection is to reach beside the warehouse.

    Yields:
        The warehouse, open for reading, with the links in the table `answers`
        (query_id, recipient_row_id, score, status, explanation).

    Raises:
        WarehouseError: if a list cannot be read, or a model fails.
    """
    with scratch_warehouse() as folder:
        with dbt_beside(folder) as build:
            load_lists(folder, queries, universe)
            build(MODELS)
        with connect(folder, read_only=True, reach=reach) as connection:
            connection.execute(f"create temp table answers as {LINKS}", [floor, floor])
            yield connection


def write_links(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Write the links as CSV, with no cell that a spreadsheet takes for a formula.

    Args:
        connection: of `linked_lists`.
        path: the file to write.
    """
    links = connection.execute("from answers")
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(csv_line(column for column, *_ in links.description or ()))
        while rows := links.fetchmany(ROWS_AT_ONCE):
            file.writelines(csv_line(harmless("" if cell is None else str(cell)) for cell in row) for row in rows)


def link_lists(queries: Path, universe: Path, output: Path, floor: float | None = None) -> tuple[int, int]:
    """Link two lists of names and write the links.

    Args:
        queries: the companies (query_id, name, state, city, zip), CSV, CSV.gz or Parquet.
        universe: the recipients (recipient_row_id, name, state, city, zip), likewise.
        output: CSV to write (query_id, recipient_row_id, score, status, explanation).
        floor: write the best candidate of each company from this score on, 0 to 100, not accepted links alone.

    Returns:
        The number of companies, and the number of rows written.

    Raises:
        WarehouseError: if a list cannot be read, a model fails, or the output cannot be written; it is as it was then.
    """
    # A link to a file stays one. The name is this process's own: others may be writing the same file.
    target = output.resolve()
    fresh = target.with_name(f"{target.name}.{os.getpid()}.writing")
    with linked_lists(queries, universe, floor, reach=[target.parent]) as connection:
        counts = connection.execute("select (select count(*) from raw.awards), (select count(*) from answers)")
        companies, rows = counts.fetchone() or (0, 0)
        try:
            write_links(connection, fresh)
            fresh.replace(target)
        except Exception as error:
            raise WarehouseError(f"Cannot write {output}: {error}. It is as it was") from error
        finally:
            fresh.unlink(missing_ok=True)
    return int(companies), int(rows)


def refuse_nan(_context: click.Context, _parameter: click.Parameter, value: float | None) -> float | None:
    """Refuse a number that is none: click's range lets it through."""
    if value is not None and math.isnan(value):
        raise click.BadParameter("nan is no score")
    return value


@click.command()
@click.option("--queries", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=True)
@click.option("--universe", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=True)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.option(
    "--floor", type=click.FloatRange(0, 100), callback=refuse_nan, help="Write the best candidate from this score on."
)
def main(queries: Path, universe: Path, output: Path, floor: float | None) -> None:
    """Link the companies of QUERIES (query_id,name,state,city,zip) to the recipients of UNIVERSE.

    UNIVERSE has recipient_row_id,name,state,city,zip; state, city and zip may be blank or left out. OUTPUT gets
    query_id,recipient_row_id,score,status,explanation of the accepted links; with --floor the best candidate of each
    company from that score on. Candidates below 70 are not kept.
    """
    console = Console(stderr=True)
    folder = output.absolute().parent
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise WarehouseError(f"Cannot write {output}: its folder is not there or not yours. Give another path")
    if output.exists() and not output.is_file():
        raise WarehouseError(f"{output} is a device or a pipe, and would be replaced by a file. Give another path")
    if output.exists() and any(output.samefile(given) for given in (queries, universe)):
        raise WarehouseError(f"{output} is one of the given lists and would be lost. Give another path")
    with console.status("Linking names …"):
        companies, rows = link_lists(queries, universe, output, floor)
    kind = "links" if floor is None else f"best candidates from {floor:g} on"
    click.echo(f"{rows:,} {kind} for {companies:,} companies, in {output}")


if __name__ == "__main__":
    run_command(main)
