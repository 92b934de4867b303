"""`--accept-change`: why a change that the continuity gate stops is intended. The environment carries it to dbt."""

import os

import click

from database.warehouse import WarehouseError

ACCEPT_CHANGE = "SBIR_ACCEPT_CHANGE"


def accepted_change() -> str | None:
    """The reason that this command was given; None where it was given none."""
    return " ".join(os.environ.get(ACCEPT_CHANGE, "").split()) or None


def _accept(_context: click.Context, _parameter: click.Parameter, reason: str | None) -> None:
    if reason is None:
        return
    if not reason.strip():
        raise WarehouseError("--accept-change has no reason. Say in a few words why the change is intended")
    os.environ[ACCEPT_CHANGE] = " ".join(reason.split())


accept_change = click.option(
    "--accept-change",
    metavar="REASON",
    callback=_accept,
    expose_value=False,
    help="Let the continuity gate pass this once. The reason is recorded.",
)
