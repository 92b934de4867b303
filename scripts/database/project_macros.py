"""Macros of the project, for scripts that ask what its models ask."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader


def project_macros(file: str) -> Any:  # noqa: ANN401
    """Read the macros of a file that need nothing of dbt.

    Args:
        file: its path in `macros`.

    Returns:
        An object that has each macro as a method; what a call gives is text.
    """
    # What is rendered is SQL of this project, which no page shows.
    folder = Path(__file__).parents[2] / "macros"
    return Environment(loader=FileSystemLoader(folder), autoescape=False).get_template(file).module  # noqa: S701


def content_fingerprint(relation: str) -> str:
    """A query for one text that changes with any value of a relation, as builds record it.

    Args:
        relation: name of a table.
    """
    macros = project_macros("dialect/content_fingerprint.sql")
    return str(macros.duckdb__content_fingerprint(relation, "fingerprint"))
