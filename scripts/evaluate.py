"""Measure how right the matching is: on the working warehouse, on name cases, and on pairs that people labelled.

All links are made by the models and the UDF of production. Exit codes: 0 done, 2 could not evaluate.
"""

import json
import os
from collections.abc import Collection
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from database.warehouse import WarehouseError, working_path
from evaluation.cases import RESULTS, evaluate_cases, find_setbacks, read_cases, read_results, write_results
from evaluation.judging import Labels, read_labels
from evaluation.pairs import evaluate_pairs
from evaluation.report import print_cases, print_figures, print_legend, print_task
from evaluation.warehouse_figures import Known, read_working_warehouse
from interface.command_line import run_command
from interface.printed_tables import make_console

PARTS = ("warehouse", "cases", "pairs")


def evaluate(labels: Labels | None, parts: Collection[str], *, save_results: bool) -> dict[str, Any]:
    """Run the parts of an evaluation and print each as it is done.

    Args:
        labels: people's labels, where there are any.
        parts: which of `PARTS`.
        save_results: whether to freeze the results of the name cases.

    Returns:
        All numbers by part; None for a part that could not be run.

    Raises:
        WarehouseError: if the warehouse cannot be read or the models cannot be built.
    """
    console, progress = make_console(), Console(stderr=True)
    report: dict[str, Any] = {}
    # Name cases alone need no warehouse, and it may be in use.
    known = Known(None, {}, ()) if set(parts) == {"cases"} else read_working_warehouse()
    if "warehouse" in parts:
        report["warehouse"] = known.figures
        if known.figures is None:
            click.echo(f"{working_path()} is not built: its own evaluation is left out. Build it with: make build\n")
        else:
            print_figures(console, known.figures)
    if "cases" in parts:
        with progress.status("Linking name cases …"):
            results = evaluate_cases(read_cases())
        report["name_cases"] = results.as_json()
        if save_results:
            write_results(results)
        setbacks = find_setbacks(results.frozen(), read_results()) if RESULTS.exists() else []
        print_cases(console, results, setbacks)
    if "pairs" in parts:
        report["labelled_pairs"] = None
        if labels is None:
            click.echo("No labelled pairs were given: that part is left out. Give them with: --labels FILE")
        else:
            if not known.recipients:
                click.echo(f"{working_path()} has no recipients: there are no others to tell the labelled ones from\n")
            with progress.status("Linking labelled pairs …"):
                tasks = evaluate_pairs(labels, known.states, known.recipients)
            report["labelled_pairs"] = {task.name: task.as_json() for task in tasks}
            print_legend(console)
            for task in tasks:
                print_task(console, task)
            if "open_world" not in report["labelled_pairs"]:
                click.echo("There is no open world: no firm has a recipient, or no recipient of another is left")
    return report


@click.command()
@click.option(
    "--labels",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Pairs with fpds_legal_business_name, fpds_uei, fpds_city, fpds_state, sbir_company, label, label_kind.",
)
@click.option("--part", "parts", type=click.Choice(PARTS), multiple=True, help="Only this part; may be repeated.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write all numbers here as JSON.")
@click.option("--save-results", is_flag=True, help="Freeze the results of the name cases, for the tests.")
def main(labels: Path | None, parts: tuple[str, ...], output: Path | None, save_results: bool) -> None:
    """Measure precision and recall of the matching, by the very models that link the awards.

    The warehouse's own evaluation is printed where `make build` made it. The name cases of the project are linked
    beside naive ways. LABELS has pairs with label 1 (same firm) or 0; label_kind auto_exact marks trivial ones, the
    companies' states and further recipients come from the working warehouse.
    """
    if save_results and parts and "cases" not in parts:
        raise WarehouseError("--save-results freezes the name cases, which are left out. Add: --part cases")
    if output and not os.access(output.absolute().parent, os.W_OK):
        raise WarehouseError(f"Cannot write {output}: its folder is not there or not yours. Give another path")
    judged = read_labels(labels) if labels else None
    report = evaluate(judged, parts or PARTS, save_results=save_results)
    if output:
        try:
            output.write_text(json.dumps(report, indent=2, default=float) + "\n", encoding="utf-8")
        except OSError as error:
            raise WarehouseError(f"Cannot write {output}: {error.strerror}") from error
        click.echo(f"All numbers are in {output}")


if __name__ == "__main__":
    run_command(main)
