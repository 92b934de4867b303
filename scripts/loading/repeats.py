"""Count each prime award once: drop repeats, deleted records, and summaries whose transactions are loaded.

Downloads overlap: years share awards, archives come as Full and Delta, one zip holds summaries and transactions.
"""

from dataclasses import replace

import duckdb

from loading.award_identity import award_key, award_numbers, transaction_key
from loading.filters import DELETED, HAS_TRANSACTIONS, REPEATED_SUMMARY, REPEATED_TRANSACTION
from loading.layout import read_layout, shortened
from loading.parts import LoadedPart

# Months first, as in files that a spreadsheet saved again.
WRITTEN_DATES = "['%m/%d/%Y', '%m/%d/%y', '%m/%d/%Y %H:%M', '%m/%d/%y %H:%M']"
IS_TRANSACTION = "_transaction_of is not null"
OWN_KEY = f"case when {IS_TRANSACTION} then {transaction_key()} else {award_key()} end"
# One award's modifications have numbers of their own; under one number lie further transactions, or grant programs.
MODIFICATION = (
    "case when modification_number is not null and _transaction_of not like 'record %' then concat_ws('|', "
    "_transaction_of, upper(trim(modification_number)), coalesce(nullif(trim(transaction_number), '0'), ''), "
    "coalesce(trim(cfda_number), '')) end"
)


def remove_repeats(
    connection: duckdb.DuckDBPyConnection, loaded: list[LoadedPart]
) -> tuple[list[LoadedPart], list[str]]:
    """Leave one record of each transaction and award in raw.prime_awards, and count the others by rule and file.

    Args:
        connection: open on the working file, in the transaction that loaded the parts.
        loaded: the parts, in the order in which they were loaded.

    Returns:
        The parts with what is left of each, and what the user should know.
    """
    _note_parts(connection, loaded)
    notes = _identify_keyless(connection, loaded)
    _find_repeats(connection)
    _find_summaries_with_transactions(connection)
    dropped: dict[int, dict[str, int]] = {}
    for part, rule, records in connection.execute(
        "select part, rule, count(*) from dropped asof join parts on dropped._row_number >= parts.first_row_number "
        "group by part, rule order by part, rule"
    ).fetchall():
        dropped.setdefault(int(part), {})[str(rule)] = int(records)
    if dropped:
        connection.execute("delete from raw.prime_awards where _row_number in (select _row_number from dropped)")
    notes += _count_awards(connection)
    connection.execute("drop table parts; drop table keyless; drop table dropped")
    return [
        replace(
            part,
            rows=part.rows - sum(dropped.get(number, {}).values()),
            filters=part.filters | dropped.get(number, {}),
        )
        for number, part in enumerate(loaded)
    ], notes


def _note_parts(connection: duckdb.DuckDBPyConnection, loaded: list[LoadedPart]) -> None:
    connection.execute("create or replace temp table parts (part integer, first_row_number bigint)")
    first = 1
    for number, part in enumerate(loaded):
        if part.rows:
            connection.execute("insert into parts values (?, ?)", [number, first])
        first += part.rows


def _identify_keyless(connection: duckdb.DuckDBPyConnection, loaded: list[LoadedPart]) -> list[str]:
    """Make `keyless`: what identifies each record that has no unique key of its own.

    Returns:
        Notes on how such records are compared.
    """
    connection.execute("create or replace temp table keyless (_row_number bigint, identity varchar, is_alone boolean)")
    keyed, awards, all_records = _row(
        connection,
        f"select count({OWN_KEY}), count({award_key()}), count(*) from raw.prime_awards",  # noqa: S608
    )
    if keyed == all_records:
        return []
    connection.execute("create or replace temp table known_awards (_row_number bigint, award_key varchar)")
    if awards not in (0, all_records):
        _find_keys(connection, "known_awards", award_numbers(), award_key(), "true")
        connection.execute(
            "update raw.prime_awards set _transaction_of = known_awards.award_key from known_awards "  # noqa: S608
            f"where prime_awards._row_number = known_awards._row_number and {IS_TRANSACTION}"
        )
    connection.execute("create or replace temp table known_transactions (_row_number bigint, transaction_key varchar)")
    if keyed:
        _find_keys(connection, "known_transactions", MODIFICATION, transaction_key(), IS_TRANSACTION)
    connection.execute(
        f"""
        insert into keyless
        select
            records._row_number,
            case when {IS_TRANSACTION} then coalesce(known_transactions.transaction_key, {MODIFICATION})
            else coalesce(known_awards.award_key, {award_numbers()}) end as identity,
            false
        from raw.prime_awards as records
        left join known_awards on records._row_number = known_awards._row_number
        left join known_transactions on records._row_number = known_transactions._row_number
        where {OWN_KEY} is null and identity is not null
        """  # noqa: S608
    )
    connection.execute("drop table known_awards; drop table known_transactions")
    # Two records of one file that are equal may be two real payments. Those of two files are the same records again:
    # the second of a file is a repeat of the second of the other.
    contents = ", ".join(column.name for column in read_layout("prime_awards"))
    connection.execute(
        f"""
        insert into keyless
        with records as (
            select _row_number, md5(cast(row({contents}) as varchar)) as contents
            from raw.prime_awards
            where {OWN_KEY} is null and _row_number not in (select _row_number from keyless)
        )
        select
            records._row_number,
            contents || ' ' || row_number() over (partition by part, contents),
            true
        from records
        asof join parts on records._row_number >= parts.first_row_number
        """  # noqa: S608
    )
    return _describe_keyless(connection, loaded)


def _find_keys(connection: duckdb.DuckDBPyConnection, table: str, numbers: str, key: str, condition: str) -> None:
    """Fill a table with the keys of records that lack one, where records with the same numbers have a single one."""
    connection.execute(
        f"""
        insert into {table}
        with records as (
            select _row_number, {numbers} as numbers, {key} as key from raw.prime_awards where {condition}
        ),
        lacking as (select _row_number, numbers from records where key is null and numbers is not null),
        found as (
            select numbers, min(key) as key from records
            where key is not null and numbers in (select numbers from lacking)
            group by numbers having min(key) = max(key)
        )
        select lacking._row_number, found.key from lacking inner join found on lacking.numbers = found.numbers
        """  # noqa: S608
    )


def _describe_keyless(connection: duckdb.DuckDBPyConnection, loaded: list[LoadedPart]) -> list[str]:
    notes = []
    for is_alone, text in (
        (
            False,
            "have no unique key: they are compared by agency or recipient, award number, parent award and modification",
        ),
        (True, "have neither key nor number: one is a repeat only if another file holds it with all columns equal"),
    ):
        found = connection.execute(
            "select part, count(*) from keyless asof join parts on keyless._row_number >= parts.first_row_number "
            "where is_alone = ? group by part order by part",
            [is_alone],
        ).fetchall()
        if found:
            names = shortened([loaded[part].part.name for part, _ in found])
            notes.append(f"{sum(records for _, records in found):,} records {text} ({names})")
    return notes


def _find_repeats(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `dropped`: the records of transactions and awards that another record stands for, or that are deleted."""
    identity = f"coalesce({OWN_KEY}, keyless.identity)"
    records = "raw.prime_awards as records left join keyless on records._row_number = keyless._row_number"
    # Hashes take little memory. Records whose hash occurs twice are compared by the identity itself.
    connection.execute(
        f"""
        create or replace temp table repeated_hashes as
        select hash({IS_TRANSACTION}, {identity}) as identity_hash from {records}
        group by all having count(*) > 1
        """  # noqa: S608
    )
    contents = " + ".join(f"({column.name} is not null)::integer" for column in read_layout("prime_awards"))
    connection.execute(
        f"""
        create or replace temp table dropped as
        with candidates as (
            select
                records._row_number,
                {IS_TRANSACTION} as is_transaction,
                {identity} as identity,
                coalesce(upper(trim(correction_delete_ind)), '') as indicator,
                {_date("last_modified_date")} as modified_on,
                {_date("award_latest_action_date")} as acted_on,
                {contents} as filled_columns
            from {records}
            where
                hash({IS_TRANSACTION}, {identity}) in (select identity_hash from repeated_hashes)
                or upper(trim(correction_delete_ind)) = 'D'
        ),
        dated as (
            select
                *,
                -- What a Delta says without a date is newer than any other record. The dates of two summaries
                -- are compared only where both have one.
                case
                    when is_transaction and indicator in ('C', 'D') then coalesce(modified_on, date 'infinity')
                    when is_transaction then coalesce(modified_on, date '-infinity')
                    when bool_and(modified_on is not null) over (partition by is_transaction, identity)
                        then modified_on
                end as newness
            from candidates
        ),
        judged as (
            select
                *,
                row_number() over newest_first = 1 as is_kept,
                first_value(indicator) over newest_first = 'D' as is_deleted
            from dated
            window newest_first as (
                partition by is_transaction, identity
                order by newness desc nulls last, indicator = 'D' desc, indicator = 'C' desc,
                    acted_on desc nulls last, filled_columns desc, _row_number desc
            )
        )
        select
            _row_number,
            case
                when is_deleted or indicator = 'D' then '{DELETED}'
                when is_transaction then '{REPEATED_TRANSACTION}'
                else '{REPEATED_SUMMARY}'
            end as rule
        from judged
        where is_deleted or not is_kept
        """  # noqa: S608
    )
    connection.execute("drop table repeated_hashes")


def _find_summaries_with_transactions(connection: duckdb.DuckDBPyConnection) -> None:
    """Add to `dropped` the summaries of awards that have transactions left."""
    connection.execute(
        f"""
        insert into dropped
        with kept as (
            select records._row_number, _transaction_of, coalesce({award_key()}, keyless.identity) as award
            from raw.prime_awards as records
            left join keyless on records._row_number = keyless._row_number
            anti join dropped on records._row_number = dropped._row_number
        )
        select _row_number, '{HAS_TRANSACTIONS}' from kept
        where _transaction_of is null and award in (select _transaction_of from kept where {IS_TRANSACTION})
        """  # noqa: S608
    )


def _count_awards(connection: duckdb.DuckDBPyConnection) -> list[str]:
    transactions, from_transactions, from_summaries = _row(
        connection,
        f"select count(*) filter (where {IS_TRANSACTION}), "  # noqa: S608
        f"count(distinct hash(_transaction_of)) filter (where {IS_TRANSACTION}), "
        "count(*) filter (where _transaction_of is null) from raw.prime_awards",
    )
    notes = []
    if transactions:
        notes.append(
            f"{from_transactions:,} awards from {transactions:,} transactions: "
            "their totals are what was obligated in the loaded period"
        )
    if from_summaries:
        notes.append(f"{from_summaries:,} awards from their summaries")
    return notes


def _date(column: str) -> str:
    # DuckDB takes infinity and epoch for dates too.
    written = f"case when regexp_matches({column}, '^\\s*[0-9]') then {column} end"
    return f"cast(coalesce(try_cast({written} as timestamp), try_strptime({written}, {WRITTEN_DATES})) as date)"


def _row(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int, ...]:
    return tuple(map(int, connection.execute(query).fetchone() or ()))
