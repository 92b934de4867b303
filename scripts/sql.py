"""Ask the published file, or the working file, in SQL: by one query, by a script on standard input, or in a terminal.

Exit codes: 0 answered, 2 the file or the query cannot be read.
"""

import contextlib
import io
import sys

import click
import duckdb
from rich.console import Console

from database.warehouse import first_line, open_results
from interface.command_line import run_command
from interface.terminal_text import visible

MOST_ROWS = 100


def answer(connection: duckdb.DuckDBPyConnection, sql: str, width: int) -> None:
    """Print what each statement returns, as a table that does nothing to a terminal.

    Args:
        connection: open for reading.
        sql: one or more statements.
        width: of the table, in characters.

    Raises:
        duckdb.Error: if a statement cannot be read or run.
    """
    for statement in connection.extract_statements(sql):
        if relation := connection.sql(statement.query):
            with contextlib.redirect_stdout(io.StringIO()) as table:
                relation.show(max_rows=MOST_ROWS, max_width=width)
            click.echo("\n".join(map(visible, table.getvalue().split("\n"))), nl=False)


def converse(connection: duckdb.DuckDBPyConnection, width: int) -> None:
    """Answer what is typed, up to the end of input; a statement ends in a semicolon.

    Args:
        connection: open for reading.
        width: of the tables, in characters.
    """
    click.echo("End a query with ; and leave with Ctrl-D. Tables: show all tables;")
    typed = ""
    while True:
        try:
            typed += input("...> " if typed else "sql> ") + "\n"
        except EOFError:
            click.echo()
            return
        if not typed.rstrip().endswith(";"):
            continue
        try:
            answer(connection, typed, width)
        except duckdb.Error as error:
            click.echo(visible(first_line(error)), err=True)
        typed = ""


@click.command()
@click.argument("query", required=False)
@click.option("--working", "is_working", is_flag=True, help="Ask the working file, as after a failed gate.")
def main(query: str | None, is_working: bool) -> None:
    """Answer QUERY from the published file; without it what is typed, or a script on standard input."""
    width = Console().width
    with open_results(is_working=is_working) as connection:
        if query is None and sys.stdin.isatty():
            converse(connection, width)
        else:
            answer(connection, sys.stdin.read() if query is None else query, width)


if __name__ == "__main__":
    run_command(main)
