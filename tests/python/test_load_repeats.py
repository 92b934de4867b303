"""Overlapping prime award files count each transaction and each award once, and every dropped record is counted."""

import csv
import io
import itertools
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import Done
from load_helpers import Loading, archive, put

Row = dict[str, str]
RECIPIENT = {"recipient_uei": "FVXYZ1234AB1", "recipient_name": "ACME", "awarding_agency_name": "Department of Defense"}


def transaction(number: str, amount: str, award: str = "FA865018C0001", **others: str) -> Row:
    keys = {
        "contract_transaction_unique_key": f"9700_-NONE-_{award}_{number}_-NONE-_0",
        "contract_award_unique_key": f"CONT_AWD_{award}_9700_-NONE-_-NONE-",
    }
    return {
        **keys,
        "award_id_piid": award,
        "modification_number": number,
        "federal_action_obligation": amount,
        "action_date": "2018-01-01",
        **RECIPIENT,
        **others,
    }


def summary(amount: str, award: str = "FA865018C0001", **others: str) -> Row:
    return {
        "contract_award_unique_key": f"CONT_AWD_{award}_9700_-NONE-_-NONE-",
        "award_id_piid": award,
        "total_obligated_amount": amount,
        "award_base_action_date": "2018-01-01",
        **RECIPIENT,
        **others,
    }


def without_key(row: Row) -> Row:
    return {column: value for column, value in row.items() if not column.endswith("_unique_key")}


def deletion(number: str, **others: str) -> Row:
    key = f"9700_-NONE-_FA865018C0001_{number}_-NONE-_0"
    return {"correction_delete_ind": "D", "contract_transaction_unique_key": key, **others}


def file_of(*rows: Row) -> str:
    """A CSV file with the columns that any of the rows has."""
    header = [*dict.fromkeys(("award_id_piid", "recipient_uei", "recipient_name", *itertools.chain(*rows)))]
    text = io.StringIO()
    writer = csv.DictWriter(text, header, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


@pytest.fixture
def loading(tmp_path: Path) -> Loading:
    """An empty warehouse."""
    return Loading(tmp_path / "warehouse")


def load(loading: Loading, tmp_path: Path, *files: str) -> Done:
    """Load files as one zip, and check that no record is unaccounted for."""
    members: dict[str, bytes | str] = {f"{number}.csv": content for number, content in enumerate(files)}
    done = loading.load("--prime-awards", str(put(tmp_path, archive(members), "prime.zip")))
    assert done.exit_code == 0, done.output
    check_accounts(loading, len(files))
    return done


def check_accounts(loading: Loading, files: int) -> None:
    assert loading.query(
        "select count(*), bool_and(records_read = rows_loaded + rows_quarantined + rows_filtered), "
        "sum(rows_loaded) = (select count(*) from raw.prime_awards), "
        "sum(rows_filtered) = (select coalesce(sum(records), 0) from raw.load_filters "
        "where load_id in (select load_id from raw.load_history where is_current)), "
        "(select count(*) = count(distinct _row_number) from raw.prime_awards) "
        "from raw.load_history where is_current"
    ) == [(files, True, True, True, True)]


def total(loading: Loading) -> tuple[object, ...]:
    """Dollars and awards."""
    (row,) = loading.query(
        "select coalesce(sum(total_obligated_amount::decimal(18, 2)), 0)::varchar, "
        "count(distinct coalesce(_transaction_of, 'summary ' || _row_number)) from raw.prime_awards"
    )
    return row


def filters(loading: Loading) -> list[tuple[object, ...]]:
    return loading.query("select file_name, rule, records from raw.load_filters order by all")


def test_transactions_of_overlapping_years_count_once(loading: Loading, tmp_path: Path) -> None:
    base, first, second = transaction("0", "100.00"), transaction("P1", "50.00"), transaction("P2", "25.00")
    done = load(loading, tmp_path, file_of(base, first), file_of(base, first, second))
    assert total(loading) == ("175.00", 1)
    assert filters(loading) == [("prime.zip/0.csv", "repeated transaction", 2)]
    assert "  filtered: 2 records, repeated transaction\n" in done.output
    assert "  1 awards from 3 transactions: their totals are what was obligated in the loaded period\n" in done.output
    again = loading.load("--prime-awards", str(tmp_path / "prime.zip"))
    assert "3 rows from prime.zip in 2 files (0 quarantined, 2 filtered)" in again.output
    assert "already" in again.output


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize(
    ("full_date", "delta_date"),
    [
        ("", ""),
        ("2024-01-01", ""),
        ("", "2024-02-01"),
        ("1/31/2024", "2024-02-01"),
        ("2024-02-01T10:00:00Z", "2024-02-01"),
    ],
)
def test_a_delta_corrects_and_deletes(
    loading: Loading, tmp_path: Path, order: tuple[int, int], full_date: str, delta_date: str
) -> None:
    full = file_of(*(transaction(number, "100.00", last_modified_date=full_date) for number in ("0", "P1", "P2")))
    corrected = transaction("P1", "60.00", correction_delete_ind="C", last_modified_date=delta_date)
    delta = file_of(corrected, deletion("0", last_modified_date=delta_date), deletion("P9"))
    files = (full, delta)
    load(loading, tmp_path, *(files[place] for place in order))
    assert total(loading) == ("160.00", 1)
    rules = {(rule, records) for _, rule, records in filters(loading)}
    assert rules == {("deleted by the agency (correction_delete_ind D)", number) for number in (1, 2)} | {
        ("repeated transaction", 1)
    }


def test_what_is_published_after_a_deletion_counts(loading: Loading, tmp_path: Path) -> None:
    old = transaction("0", "100.00", last_modified_date="2024-01-01")
    new = transaction("0", "70.00", last_modified_date="2024-03-01")
    load(loading, tmp_path, file_of(new), file_of(deletion("0", last_modified_date="2024-02-01")), file_of(old))
    assert total(loading) == ("70.00", 1)


def test_a_delta_alone_leaves_no_award_where_it_deletes(loading: Loading, tmp_path: Path) -> None:
    load(loading, tmp_path, file_of(deletion("0"), deletion("P1")))
    assert total(loading) == ("0.00", 0)


@pytest.mark.parametrize(
    ("others", "newer"),
    [
        ({"last_modified_date": "2024-01-01"}, {"last_modified_date": "2024-01-02"}),
        (
            {"last_modified_date": "2024-01-01", "award_latest_action_date": "2024-01-01"},
            {"last_modified_date": "", "award_latest_action_date": "2024-01-02"},
        ),
        ({"award_latest_action_date": "2023-12-31"}, {"award_latest_action_date": "2024-01-02"}),
        ({}, {"recipient_city_name": "BOSTON"}),
    ],
)
def test_of_two_summaries_the_newer_or_fuller_stays(loading: Loading, tmp_path: Path, others: Row, newer: Row) -> None:
    older, other = summary("100.00", **others), summary("175.00", **newer)
    load(loading, tmp_path, file_of(other), file_of(older, summary("5.00", "FA865018C0002")))
    assert total(loading) == ("180.00", 2)
    assert filters(loading) == [("prime.zip/1.csv", "repeated award summary", 1)]


def test_an_award_counts_by_its_transactions_or_else_by_its_summary(loading: Loading, tmp_path: Path) -> None:
    summaries = file_of(summary("100.00"), summary("7.00", "FA865018C0002"))
    done = load(loading, tmp_path, summaries, file_of(transaction("0", "60.00"), transaction("P1", "30.00")))
    assert total(loading) == ("97.00", 2)
    assert filters(loading) == [("prime.zip/0.csv", "summary of an award whose transactions are loaded", 1)]
    assert "  1 awards from 2 transactions" in done.output
    assert "  1 awards from their summaries\n" in done.output


def test_deleted_transactions_leave_the_summary(loading: Loading, tmp_path: Path) -> None:
    files = file_of(summary("100.00")), file_of(transaction("0", "60.00")), file_of(deletion("0"))
    load(loading, tmp_path, *files)
    assert total(loading) == ("100.00", 1)


def test_without_keys_numbers_decide_and_the_load_says_so(loading: Loading, tmp_path: Path) -> None:
    base, change = without_key(transaction("0", "100.00")), without_key(transaction("P1", "50.00"))
    again = {**base, "awarding_agency_name": "DEPARTMENT OF DEFENSE (DOD)", "award_id_piid": "FA8650-18-C-0001"}
    done = load(loading, tmp_path, file_of(base, change), file_of(again))
    assert total(loading) == ("150.00", 1)
    assert (
        "  3 records have no unique key: they are compared by agency or recipient, award number, parent award and "
        "modification (prime.zip/0.csv, prime.zip/1.csv)\n" in done.output
    )


def test_transactions_that_share_a_modification_number_stay(loading: Loading, tmp_path: Path) -> None:
    rows = [
        without_key(transaction("0", "100.00", transaction_number="1")),
        without_key(transaction("0", "50.00", transaction_number="2")),
        {**without_key(transaction("0", "7.00", "H79TI000001")), "cfda_number": "93.243"},
        {**without_key(transaction("0", "3.00", "H79TI000001")), "cfda_number": "93.244"},
    ]
    load(loading, tmp_path, file_of(*rows))
    assert total(loading) == ("160.00", 2)


def test_records_with_and_without_key_are_one_award(loading: Loading, tmp_path: Path) -> None:
    keyed = file_of(transaction("0", "100.00"), transaction("P1", "50.00"))
    keyless = file_of(without_key(transaction("0", "100.00")), without_key(transaction("P2", "25.00")))
    load(loading, tmp_path, keyed, keyless, file_of(without_key(summary("175.00"))))
    assert total(loading) == ("175.00", 1)
    load(loading, tmp_path, keyless, file_of(summary("175.00")))
    assert total(loading) == ("125.00", 1)


def test_what_nothing_identifies_is_a_repeat_only_in_another_file(loading: Loading, tmp_path: Path) -> None:
    payment = without_key(transaction("", "10.00"))
    done = load(loading, tmp_path, file_of(payment, payment), file_of(payment, payment, payment))
    assert total(loading) == ("30.00", 1)
    assert (
        "  5 records have neither key nor number: one is a repeat only if another file holds it with all columns equal "
        "(prime.zip/0.csv, prime.zip/1.csv)\n" in done.output
    )


@pytest.mark.parametrize("lacks", ["awarding_agency_name", "parent_award_id_piid"])
def test_order_numbers_need_their_agency_and_parent(loading: Loading, tmp_path: Path, lacks: str) -> None:
    def order(amount: str, **others: str) -> Row:
        row = {**without_key(summary(amount, "0001")), "parent_award_id_piid": "FA865018D0001", **others}
        return {**row, lacks: ""} if lacks in others else row

    load(loading, tmp_path, file_of(order("1.00")), file_of(order("2.00")))
    assert total(loading) == ("2.00", 1)
    load(loading, tmp_path, file_of(order("1.00", **{lacks: ""})), file_of(order("2.00", **{lacks: ""})))
    assert total(loading) == ("3.00", 2)


def test_blank_keys_are_none(loading: Loading, tmp_path: Path) -> None:
    rows = [{**transaction(number, "1.00"), "contract_transaction_unique_key": "  "} for number in ("0", "P1")]
    load(loading, tmp_path, file_of(*rows))
    assert total(loading) == ("2.00", 1)


def test_parquet_and_csv_are_compared(loading: Loading, tmp_path: Path) -> None:
    folder = tmp_path / "downloads"
    path = put(folder, file_of(transaction("0", "100.00"), transaction("P1", "50.00")), "a.csv")
    duckdb.execute(f"copy (from '{path}') to '{folder}/b.parquet' (format parquet)")
    done = loading.load("--prime-awards", str(folder))
    assert done.exit_code == 0, done.output
    check_accounts(loading, 2)
    assert total(loading) == ("150.00", 1)


@settings(max_examples=5, deadline=None)
@given(
    files=st.lists(
        st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 3), st.booleans()), max_size=6),
        min_size=1,
        max_size=3,
    )
)
def test_any_overlap_counts_the_newest_of_each(
    files: list[list[tuple[int, int, int, bool]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("overlap")
    newest: dict[tuple[int, int], tuple[int, bool]] = {}
    contents = []
    for records in files:
        rows = []
        for award, number, day, is_deletion in records:
            marks = {"correction_delete_ind": "D" if is_deletion else "", "last_modified_date": f"2024-01-0{day + 1}"}
            rows.append(transaction(str(number), f"{day + 1}.00", f"FA865018C000{award}", **marks))
            newest[award, number] = max(newest.get((award, number), (-1, False)), (day, is_deletion))
        contents.append(file_of(*rows) if rows else file_of(transaction("0", "0")).splitlines()[0] + "\n")
    loading = Loading(folder / "warehouse")
    members: dict[str, bytes | str] = {
        f"{number}.csv": content + "\n" * number for number, content in enumerate(contents)
    }
    done = loading.load("--prime-awards", str(put(folder, archive(members), "prime.zip")))
    assert done.exit_code == 0, done.output
    check_accounts(loading, len(files))
    kept = [day + 1 for day, is_deletion in newest.values() if not is_deletion]
    assert total(loading)[0] == f"{sum(kept)}.00"
