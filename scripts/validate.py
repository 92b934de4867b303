"""Tell whether the links are as good in every part of the awards as in the whole: the worst parts first.

Exit codes: 0 no judged slice fails, 1 one does, 2 there is nothing to read.
"""

from typing import Any

import click
import duckdb

from database.warehouse import WarehouseError, open_results, published_path, working_path
from interface.command_line import run_command
from interface.printed_tables import make_console, print_table, share
from interface.terminal_text import visible

# Slices that are printed where no more fail.
SHOWN_SLICES = 15
REMEDY = "Make it with: make build"


def read_slices(*, is_working: bool) -> list[dict[str, Any]]:
    """The slices, worst first.

    Args:
        is_working: whether to ask the working file, not the published one.

    Raises:
        WarehouseError: if there are none.
    """
    with open_results(is_working=is_working) as connection:
        try:
            cursor = connection.execute("from quality.rpt_validation_slices order by slice_rank")
        except duckdb.CatalogException as error:
            raise WarehouseError(
                f"{working_path() if is_working else published_path()} is not validated by slice: "
                f"it was made by an older version, or in part. {REMEDY}"
            ) from error
        columns = [column[0] for column in cursor.description or []]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


@click.command()
@click.option("--working", "is_working", is_flag=True, help="Ask the working file, as after a failed gate.")
def main(is_working: bool) -> int:
    """Tell whether the links are as good in every part of the awards as in the whole."""
    slices = read_slices(is_working=is_working)
    failed = [each for each in slices if each["verdict"] == "failed"]
    judged = sum(each["verdict"] != "not judged" for each in slices)
    print_table(
        make_console(),
        "The worst slices of the awards",
        ["", "", "awards", "matched", "firms", "precision", "complete", "verdict"],
        [
            [
                each["dimension"].replace("_", " "),
                each["dimension_value"],
                each["awards"],
                share(each["match_rate"]),
                each["right_links"] + each["wrong_links"],
                share(each["precision"]) if each["is_precision_judged"] else "not judged",
                share(each["completeness"]),
                "FAILED" if each["verdict"] == "failed" else each["verdict"],
            ]
            for each in slices[: max(SHOWN_SLICES, len(failed))]
            if each["verdict"] != "not judged"
        ],
        texts=2,
    )
    for each in failed:
        click.echo(visible(f"FAILED {each['dimension']} {each['dimension_value']}: {each['message']}"))
    click.echo(
        f"{len(failed):,} of {judged:,} judged slices fail; {len(slices) - judged:,} more are too small to be judged. "
        "All are in quality.rpt_validation_slices."
    )
    return 1 if failed else 0


if __name__ == "__main__":
    run_command(main)
