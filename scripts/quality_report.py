"""Write the quality report: a page to look at, and the same as Markdown and JSON.

Exit codes: 0 written, 2 nothing to report on, or it cannot be written.
"""

import json
from pathlib import Path

import click
import duckdb

from database.warehouse import WarehouseError, first_line, open_results, published_path, working_path
from interface.command_line import run_command
from reporting.data import Report, collect
from reporting.page import render_page
from reporting.text import render_markdown
from reviewing.match_decisions import write_atomically

DEFAULT_FOLDER = Path("reports") / "quality"


def read_report(*, working: bool) -> Report:
    """Ask the published file, or the working file.

    Raises:
        WarehouseError: if the file is not there, cannot be read or holds no build.
    """
    with open_results(is_working=working) as file:
        try:
            return collect(file)
        except duckdb.Error as error:
            path = working_path() if working else published_path()
            raise WarehouseError(
                f"{path} cannot be reported on: {first_line(error)}. Make it anew with: make build"
            ) from error


def write_report(report: Report, folder: Path) -> Path:
    """Write the report; each file is whole or as it was.

    Args:
        report: what the warehouse says.
        folder: where; made where it is missing.

    Returns:
        The page.

    Raises:
        OSError, WarehouseError: if it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    contents = {
        "report.json": json.dumps(report.as_json(), indent=2),
        "report.md": render_markdown(report),
        "index.html": render_page(report),
    }
    for name, text in contents.items():
        write_atomically(folder / name, text)
    return folder / "index.html"


@click.command()
@click.option("--working", is_flag=True, help="Report on the working file: what a build left that was not published.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=DEFAULT_FOLDER,
    show_default=True,
    help="Folder to write to.",
)
def main(working: bool, output: Path) -> None:
    """Write index.html, report.md and report.json on the published file."""
    page = write_report(read_report(working=working), output)
    click.echo(f"Report: {page} ({page.stat().st_size / 1e6:.1f} MB). Open it in a browser; it needs no network.")


if __name__ == "__main__":
    run_command(main)
