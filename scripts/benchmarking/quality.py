"""What a run made of its awards: how many it matched, where, and how many of these links are true."""

from pathlib import Path
from typing import Any

import duckdb

from database.warehouse import WarehouseError, connect, quoted

COUNTS = """
select
    count(*),
    count(*) filter (where awards._usaspending_match_status = 'matched'),
    count(*) filter (where methods.tier = 'exact'),
    count(*) filter (where methods.tier = 'fuzzy')
from enrichment.enriched_sbir_awards as awards
left join staging.match_methods as methods
    on awards._usaspending_match_method = methods.match_method
"""

# Shares of the matched awards by agency and five years; for a method, its share of all awards.
BREAKDOWNS = """
with awards as (
    select *, _usaspending_match_status = 'matched' as is_matched from enrichment.enriched_sbir_awards
)

select 'agency', coalesce(agency, '(none)'), count(*), count(*) filter (where is_matched)
from awards group by all
union all
select 'years', coalesce(format('{}-{}', award_year // 5 * 5, award_year // 5 * 5 + 4), '(none)'), count(*),
    count(*) filter (where is_matched)
from awards group by all
union all
select 'method', _usaspending_match_method, (select count(*) from awards), count(*)
from awards where is_matched group by all
order by all
"""

# The generator's truth; an award whose firm has no recipient must stay unlinked.
TRUTH = """
select
    coalesce(awards._usaspending_match_method, '(none)'),
    count(*) filter (where awards.usaspending_recipient_hash is not null),
    count(*) filter (where awards.usaspending_recipient_hash = truth.recipient_hash),
    count(*) filter (where truth.recipient_hash is not null)
from enrichment.enriched_sbir_awards as awards
inner join staging.stg_sbir__awards as staged
    on awards.award_key = staged.award_key
inner join {truth} as truth
    on staged.source_row_number = cast(truth.award_row_number as bigint)
group by all
order by all
"""


def read_enrichment_stats(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Count the awards by how they were matched.

    Args:
        connection: open on the working file that a run left behind.

    Returns:
        total_awards, matched_awards, exact_matches, fuzzy_matches, match_rate, unmatched_awards.

    Raises:
        WarehouseError: if the build did not get as far as the enriched table.
    """
    try:
        row = connection.execute(COUNTS).fetchone()
    except duckdb.CatalogException as error:
        raise WarehouseError("The build made no enriched_sbir_awards: nothing to measure") from error
    total, matched, exact, fuzzy = row if row else (0, 0, 0, 0)
    return {
        "total_awards": total,
        "matched_awards": matched,
        "exact_matches": exact,
        "fuzzy_matches": fuzzy,
        "match_rate": matched / total if total else 0.0,
        "unmatched_awards": total - matched,
    }


def read_breakdowns(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, dict[str, int]]]:
    """Awards and matched awards by agency, by five years and by method.

    Args:
        connection: open on the working file that a run left behind.

    Returns:
        dimension → value → awards and matched; for a method, awards are all awards.
    """
    found: dict[str, dict[str, dict[str, int]]] = {}
    for dimension, value, awards, matched in connection.execute(BREAKDOWNS).fetchall():
        found.setdefault(dimension, {})[value] = {"awards": awards, "matched": matched}
    return found


def read_quality(connection: duckdb.DuckDBPyConnection, truth: Path) -> dict[str, Any] | None:
    """Compare the links with the generator's truth.

    Args:
        connection: open on the working file that a run left behind.
        truth: true_links as CSV or Parquet.

    Returns:
        links, right_links, precision, recall, and the first two by method; None without a truth.
    """
    if not truth.exists():
        return None
    table = (
        f"read_parquet({quoted(truth)})"
        if truth.suffix == ".parquet"
        else f"read_csv({quoted(truth)}, all_varchar=true)"
    )
    rows = connection.execute(TRUTH.format(truth=table)).fetchall()
    links, right, true = (sum(row[place] for row in rows) for place in (1, 2, 3))
    return {
        "links": links,
        "right_links": right,
        "precision": right / links if links else None,
        "recall": right / true if true else None,
        "by_method": {row[0]: {"links": row[1], "right_links": row[2]} for row in rows if row[1]},
    }


def read_outcome(warehouse: Path, truth: Path) -> dict[str, Any]:
    """Everything this module reads, of one warehouse.

    Args:
        warehouse: the folder.
        truth: true_links as CSV or Parquet, if there is one.

    Returns:
        enrichment_stats, breakdowns, quality.

    Raises:
        WarehouseError: if the build did not get as far as the enriched table.
    """
    with connect(warehouse, read_only=True, reach=[truth.absolute().parent]) as connection:
        return {
            "enrichment_stats": read_enrichment_stats(connection),
            "breakdowns": read_breakdowns(connection),
            "quality": read_quality(connection, truth),
        }
