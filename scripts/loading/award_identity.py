"""SQL expressions that identify a prime award or a transaction: by its unique key, otherwise by its numbers."""

from collections.abc import Mapping

from loading.layout import AWARD_KEYS, TRANSACTION_KEYS

# Shorter numbers are those of orders ("0001"): every agency and every parent award has its own.
SHORTEST_NUMBER_ALONE = 8


def award_key(columns: Mapping[str, str] | None = None) -> str:
    """The unique key of the award that a record names; null where it names none.

    Args:
        columns: SQL expression of each raw column that the file has; without it, the columns of raw.prime_awards.
    """
    return _first_key(AWARD_KEYS, columns)


def transaction_key(columns: Mapping[str, str] | None = None) -> str:
    """The unique key of a transaction; null where the record has none.

    Args:
        columns: as for `award_key`.
    """
    return _first_key(TRANSACTION_KEYS, columns)


def award_numbers(columns: Mapping[str, str] | None = None) -> str:
    """An award as its numbers identify it: agency, PIID and parent PIID, or agency and FAIN or URI.

    Without the agency a long number counts together with the recipient. Null where nothing identifies the award.

    Args:
        columns: as for `award_key`.
    """

    def column(name: str) -> str:
        return name if columns is None else columns.get(name, "null")

    number = _letters(f"coalesce({column('award_id_piid')}, {column('award_id_fain')}, {column('award_id_uri')})")
    parent = f"coalesce({_letters(column('parent_award_id_piid'))}, '')"
    # Earlier downloads write "DEPARTMENT OF DEFENSE (DOD)", today's "Department of Defense".
    agency = f"nullif(regexp_replace(upper(trim({column('awarding_agency_name')})), ' *[(][^)]*[)]$', ''), '')"
    recipient = (
        f"upper(coalesce({column('recipient_uei')}, {column('recipient_duns')}, {column('recipient_name')}, ''))"
    )
    is_long = f"length({number}) >= {SHORTEST_NUMBER_ALONE}"
    return (
        f"case when {number} is null then null "
        f"when {agency} is not null and ({is_long} or {parent} <> '' or {column('award_id_piid')} is null) "
        f"then concat_ws('|', {agency}, {number}, {parent}) "
        f"when {is_long} then concat_ws('|', {number}, {parent}, {recipient}) end"
    )


def award_of_transaction(columns: Mapping[str, str]) -> str:
    """The award whose transactions are added up: by key, otherwise by numbers; a record with neither is its own award.

    Args:
        columns: as for `award_key`; `number` is the number of the record.
    """
    return f"coalesce({award_key(columns)}, {award_numbers(columns)}, 'record ' || number)"


def _first_key(keys: tuple[str, ...], columns: Mapping[str, str] | None) -> str:
    there = [key if columns is None else columns[key] for key in keys if columns is None or key in columns]
    key = f"coalesce({', '.join([*there, 'null'])})"
    # Files write keys alike. A key of blanks is none; trimming millions of others would take a tenth of a load.
    return f"case when {key} >= '!' then {key} end"


def _letters(text: str) -> str:
    return f"nullif(regexp_replace(upper({text}), '[^A-Z0-9]', '', 'g'), '')"
