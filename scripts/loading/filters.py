"""Records that are counted and left out by a named rule; none could become a link or a figure."""

import csv
from pathlib import Path

import duckdb

from database.warehouse import quoted
from loading.layout import AWARD_IDENTIFIERS, RECIPIENT_IDENTIFIERS, Binding

BYTE_ORDER_MARK = "\ufeff"
REPEATED_HEADER = "repeated header"
SAME_FILE = "same file twice"
# No model links or counts such a record: its recipient is none, and no number stands on it that an award could have.
NAMES_NOTHING = "neither recipient nor award number"
# One transaction or award is counted once, whatever files it is in; see repeats.py.
REPEATED_TRANSACTION = "repeated transaction"
REPEATED_SUMMARY = "repeated award summary"
DELETED = "deleted by the agency (correction_delete_ind D)"
HAS_TRANSACTIONS = "summary of an award whose transactions are loaded"
SPECIAL_RECIPIENTS = Path(__file__).parents[2] / "seeds" / "special_recipients.csv"


def filter_records(
    connection: duckdb.DuckDBPyConnection, name: str, header: list[str] | None, binding: Binding
) -> dict[str, int]:
    """Delete what the rules leave out from the temporary table `incoming`.

    Args:
        connection: on which the table lies.
        name: the layout that bound the file.
        header: the file's header, where it could be repeated: a CSV file's.
        binding: how the header binds to the columns of `incoming`.

    Returns:
        The number of records that each rule left out; rules that left out none are missing.
    """
    conditions = {}
    if header and len(header) > 1:
        conditions[REPEATED_HEADER] = " and ".join(
            f"ltrim(c{position}, {quoted(BYTE_ORDER_MARK)}) = {quoted(text)}" if text else f"c{position} is null"
            for position, text in enumerate(header)
        )
    if name == "prime_awards":
        conditions[NAMES_NOTHING] = _names_nothing(binding)
    counts = {}
    for rule, condition in conditions.items():
        row = connection.execute(f"delete from incoming where {condition}").fetchone()  # noqa: S608
        if row and row[0]:
            counts[rule] = int(row[0])
    return counts


def _names_nothing(binding: Binding) -> str:
    identifiers = [key for key in (*AWARD_IDENTIFIERS, *RECIPIENT_IDENTIFIERS) if key in binding.positions]
    blanks = [f"coalesce(trim(c{binding.positions[key]}), '') = ''" for key in identifiers]
    with SPECIAL_RECIPIENTS.open(encoding="utf-8", newline="") as file:
        specials = ", ".join(quoted(row["recipient_name"]) for row in csv.DictReader(file))
    name = f"coalesce(upper(trim(c{binding.positions['recipient_name']})), '')"
    # A record that deletes another one names nothing but its key.
    deletes = binding.positions.get("correction_delete_ind")
    kept = [] if deletes is None else [f"coalesce(upper(trim(c{deletes})), '') <> 'D'"]
    return " and ".join([*blanks, f"{name} in ('', {specials})", *kept])
