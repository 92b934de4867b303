"""What the working warehouse knows for an evaluation: its own figures, the companies' states, all its recipients."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from database.warehouse import connect, working_path
from evaluation.links import Place

FIGURES = (
    "rpt_evaluation",
    "measured_precision",
    "identifier_agreement",
    "rpt_blocking",
    "rpt_threshold_sweep",
    "rpt_recoverable",
)

STATES = """
with counted as (
    select company, trim(state) as state, count(*) as awards
    from raw.awards
    where trim(company) <> '' and trim(state) <> ''
    group by company, trim(state)
)

select company, state
from counted
qualify row_number() over (partition by company order by awards desc, state asc) = 1
"""

RECIPIENTS = """
select distinct
    trim(legal_business_name) as name, coalesce(state, '') as state, coalesce(city, '') as city,
    coalesce(zip5, '') as zip5, coalesce(uei, '') as uei
from raw.recipients
where trim(legal_business_name) <> ''
order by all
"""


@dataclass(frozen=True)
class Known:
    """What the working warehouse knows.

    Attributes:
        figures: table of the schema quality → its rows; None where the warehouse is not built.
        states: company → the state that most of its awards give.
        recipients: all recipients loaded.
    """

    figures: Mapping[str, Sequence[Mapping[str, Any]]] | None
    states: Mapping[str, str]
    recipients: Sequence[Place]


def read_working_warehouse() -> Known:
    """Read the working warehouse, as far as it is loaded and built.

    Raises:
        WarehouseError: if another process holds it, or it is no DuckDB file.
    """
    if not working_path().exists():
        return Known(None, {}, ())
    with connect(read_only=True) as connection:
        try:
            states = {str(company): str(state) for company, state in connection.execute(STATES).fetchall()}
            recipients = [Place(*map(str, row)) for row in connection.execute(RECIPIENTS).fetchall()]
        except duckdb.CatalogException:
            return Known(None, {}, ())
        return Known(_read_figures(connection), states, recipients)


def _read_figures(connection: duckdb.DuckDBPyConnection) -> dict[str, list[dict[str, Any]]] | None:
    figures = {}
    for table in FIGURES:
        try:
            cursor = connection.execute(f"select * from quality.{table} order by all")  # noqa: S608
        except duckdb.CatalogException:
            return None
        columns = [column[0] for column in cursor.description or []]
        figures[table] = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    return figures
