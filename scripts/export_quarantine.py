"""Write the records that could not be read as CSV, for whoever mends the files. Exit codes: 0 written, 2 could not."""

from pathlib import Path

import click
import duckdb

from database.warehouse import WarehouseError, connect, first_line, working_path
from interface.command_line import run_command
from interface.spreadsheet_cells import csv_line, harmless
from loading.layout import INPUTS
from reviewing.match_decisions import write_atomically

COLUMNS = ("input", "file_name", "record_number", "reason")


def read_quarantine(connection: duckdb.DuckDBPyConnection, *, with_raw_text: bool) -> list[tuple[str, ...]]:
    """The records in quarantine, by input, file and place.

    Args:
        connection: open on the working file.
        with_raw_text: whether their text comes last.
    """
    columns = ", ".join([*COLUMNS, *(["raw_text"] if with_raw_text else [])])
    selects = " union all ".join(f"select '{name}' as input, * from quarantine.{name}" for name in INPUTS)  # noqa: S608
    rows = connection.execute(
        f"select {columns} from ({selects}) order by input, file_name, record_number"  # noqa: S608
    ).fetchall()
    return [tuple("" if value is None else str(value) for value in row) for row in rows]


@click.command()
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("quarantine.csv"),
    show_default=True,
    help="The file to write.",
)
@click.option("--with-raw-text", is_flag=True, help="With the records' text, which may hold personal data.")
def main(output: Path, with_raw_text: bool) -> None:
    """Write the records that could not be read, each with its file, number and reason, for a spreadsheet."""
    if not working_path().exists():
        raise WarehouseError(f"There is no {working_path()}. Make it with: make build")
    with connect(read_only=True) as connection:
        try:
            rows = read_quarantine(connection, with_raw_text=with_raw_text)
        except duckdb.Error as error:
            raise WarehouseError(
                f"{working_path()} holds no quarantine ({first_line(error)}). Load files first"
            ) from error
    header = (*COLUMNS, *(["raw_text"] if with_raw_text else []))
    lines = [csv_line(header), *(csv_line(harmless(cell) for cell in row) for row in rows)]
    # Excel reads a file as UTF-8 only where it begins with a byte order mark.
    write_atomically(output, "\ufeff" + "".join(lines))
    click.echo(f"{len(rows):,} records written to {output}")


if __name__ == "__main__":
    run_command(main)
