"""How headers of known vintages bind, transactions are told from summaries, and what the filters leave out."""

from pathlib import Path

import pytest

from database.warehouse import WarehouseError
from load_helpers import Loading, archive, put
from loading.layout import bind_header, read_aliases, read_layout

API_AWARDS = [
    "firm",
    "award_title",
    "agency",
    "branch",
    "phase",
    "program",
    "agency_tracking_number",
    "contract",
    "proposal_award_date",
    "contract_end_date",
    "solicitation_number",
    "solicitation_year",
    "topic_code",
    "award_year",
    "award_amount",
    "duns",
    "uei",
    "hubzone_owned",
    "socially_economically_disadvantaged",
    "women_owned",
    "number_employees",
    "company_url",
    "address1",
    "address2",
    "city",
    "state",
    "zip",
    "poc_name",
    "poc_title",
    "poc_phone",
    "poc_email",
    "pi_name",
    "pi_phone",
    "pi_email",
    "ri_name",
    "ri_poc_name",
    "ri_poc_phone",
    "abstract",
]
# Headers as USAspending wrote them over the years, and to which column of raw each belongs.
VINTAGES: dict[str, tuple[str, dict[str, int | None]]] = {
    "contract summaries": (
        "contract_award_unique_key,award_id_piid,parent_award_id_piid,total_obligated_amount,award_base_action_date,"
        "award_latest_action_date,awarding_agency_name,recipient_uei,recipient_duns,recipient_name,recipient_parent_name,"
        "recipient_city_name,recipient_state_code,recipient_zip_4_code",
        {"award_id_piid": 1, "total_obligated_amount": 3, "award_base_action_date": 4, "recipient_zip_4_code": 13},
    ),
    "contract summaries of 2019": (
        "award_id_piid,total_dollars_obligated,period_of_performance_start_date,recipient_duns,recipient_name",
        {"total_obligated_amount": 1, "award_base_action_date": None, "recipient_duns": 3},
    ),
    "summaries of 2018": (
        "award_id_piid,obligated_amount,current_total_value_of_award,recipient_duns,recipient_name,last_modified_date",
        {"total_obligated_amount": 1, "last_modified_date": 5, "award_latest_action_date": None},
    ),
    "assistance summaries": (
        "assistance_award_unique_key,award_id_fain,award_id_uri,total_obligated_amount,award_base_action_date,"
        "recipient_uei,recipient_name,recipient_city_name,recipient_state_code,recipient_zip_code",
        {"award_id_fain": 1, "award_id_uri": 2, "recipient_zip_4_code": 9},
    ),
    "api": (
        "Award ID,Recipient Name,Recipient UEI,Recipient DUNS Number,Awarding Agency,Award Amount,Start Date,"
        "Last Modified Date,generated_internal_id",
        {
            "award_id_piid": 0,
            "recipient_name": 1,
            "recipient_uei": 2,
            "recipient_duns": 3,
            "total_obligated_amount": 5,
            "award_base_action_date": None,
            "last_modified_date": 7,
            "award_unique_key": 8,
        },
    ),
    "database": (
        "piid,fain,uri,total_obligation,recipient_name,recipient_unique_id,recipient_uei,date_signed,action_date",
        {"award_id_piid": 0, "award_id_fain": 1, "award_base_action_date": 7, "award_latest_action_date": 8},
    ),
}


@pytest.fixture
def loading(tmp_path: Path) -> Loading:
    """An empty warehouse."""
    return Loading(tmp_path / "warehouse")


@pytest.mark.parametrize("vintage", VINTAGES)
def test_headers_of_known_vintages_bind(vintage: str) -> None:
    header, expected = VINTAGES[vintage]
    binding = bind_header("prime_awards", "file", header.split(","))
    assert {name: binding.positions.get(name) for name in expected} == expected
    assert not binding.is_transactions


def test_names_of_the_sbir_api_bind() -> None:
    binding = bind_header("awards", "file", API_AWARDS)
    assert binding.extra == []
    assert set(binding.missing) == {
        "Solicitation Close Date",
        "Proposal Receipt Date",
        "Date of Notification",
        "PI Title",
    }
    assert binding.positions["company"] == 0
    assert "columns known by other names: firm as Company" in binding.notes[0]


def test_exact_name_wins_over_aliases_and_the_first_alias_over_the_others() -> None:
    header = ["recipient_hash", "uei", "Recipient Name", "recipient_name", "state"]
    binding = bind_header("recipients", "file", header)
    assert binding.positions["legal_business_name"] == 3
    assert "legal_business_name is taken from recipient_name, not from recipient name" in binding.notes
    binding = bind_header("recipients", "file", [*header, "legal_business_name"])
    assert binding.positions["legal_business_name"] == 5
    assert binding.notes == []
    assert binding.extra == ["Recipient Name", "recipient_name"]


def test_aliases_name_columns_that_there_are() -> None:
    for name in ("awards", "recipients", "prime_awards"):
        columns = {column.name for column in read_layout(name)}
        headers = {column.header.lower(): column.name for column in read_layout(name)}
        for column, aliases in read_aliases(name).items():
            assert column in columns
            assert len({alias.lower() for alias in aliases}) == len(aliases)
            for alias in aliases:
                assert headers.get(alias.lower(), column) == column, f"{alias} is the name of another column"


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("recipient_name,recipient_uei", "none of the columns award_id_piid, award_id_fain, award_id_uri"),
        ("recipient_name,award_id_piid", "none of the columns recipient_uei, recipient_duns"),
        ("recipient_uei,award_id_piid", "the required column 'recipient_name' is not in the header"),
    ],
)
def test_prime_awards_need_a_number_and_a_recipient(header: str, words: str) -> None:
    with pytest.raises(WarehouseError, match=words):
        bind_header("prime_awards", "file", header.split(","))


TRANSACTIONS = """\
contract_transaction_unique_key,contract_award_unique_key,award_id_piid,federal_action_obligation,\
total_dollars_obligated,action_date,recipient_uei,recipient_name
t1,K1,P1,100.00,100.00,2020-01-01,U,Old
t2,K1,P1,-30.50,69.50,2021-01-01,U,New
t3,K2,P2,5.00,5.00,2020-06-01,U,New
t4,,P3,1.00,1.00,2020-06-01,U,New
"""
ASSISTANCE = """\
assistance_award_unique_key,award_id_fain,federal_action_obligation,total_obligated_amount,action_date,recipient_uei,\
recipient_name
K9,F1,7.00,7.00,2020-01-01,U,New
"""


def test_transactions_bring_their_own_amounts_and_their_award(loading: Loading, tmp_path: Path) -> None:
    parts: dict[str, bytes | str] = {"contracts.csv": TRANSACTIONS, "assistance.csv": ASSISTANCE}
    done = loading.load("--prime-awards", str(put(tmp_path, archive(parts), "transactions.zip")))
    assert done.exit_code == 0, done.output
    assert "each record is a transaction: the obligations of an award are added up" in done.output
    assert loading.query(
        "select _transaction_of, total_obligated_amount, award_base_action_date, award_latest_action_date "
        "from raw.prime_awards order by _row_number"
    ) == [
        ("K9", "7.00", "2020-01-01", "2020-01-01"),
        ("K1", "100.00", "2020-01-01", "2020-01-01"),
        ("K1", "-30.50", "2021-01-01", "2021-01-01"),
        ("K2", "5.00", "2020-06-01", "2020-06-01"),
        ("record 5", "1.00", "2020-06-01", "2020-06-01"),
    ]


@pytest.mark.parametrize(
    ("header", "is_transactions"),
    [
        ("contract_transaction_unique_key,award_base_action_date,total_obligated_amount", True),
        ("assistance_transaction_unique_key,action_date", True),
        ("federal_action_obligation,action_date", True),
        ("Mod,Transaction Amount,Action Date", True),
        ("federal_action_obligation,total_obligated_amount,award_base_action_date", False),
        ("total_dollars_obligated,action_date", False),
    ],
)
def test_transactions_are_known_by_their_key_or_amount(header: str, is_transactions: bool) -> None:
    binding = bind_header(
        "prime_awards", "file", [*header.split(","), "award_id_piid", "recipient_uei", "recipient_name"]
    )
    assert binding.is_transactions is is_transactions


def test_only_records_that_name_nothing_are_filtered(loading: Loading, tmp_path: Path) -> None:
    content = (
        "award_id_piid,award_id_fain,recipient_uei,recipient_duns,recipient_name\n"
        "P1,,,,MULTIPLE RECIPIENTS\n"
        ",,,, multiple Recipients \n"
        ",,,,\n"
        ",,U,,MULTIPLE RECIPIENTS\n"
        ",,,1,\n"
        ",,,,Acme\n"
        ",F,,,\n"
    )
    done = loading.load("--prime-awards", str(put(tmp_path, content, "prime.csv")))
    assert "prime_awards: 5 rows from prime.csv (0 quarantined, 2 filtered)" in done.output
    assert "filtered: 2 records, neither recipient nor award number" in done.output
    assert loading.query("select input, file_name, rule, records from raw.load_filters") == [
        ("prime_awards", "prime.csv", "neither recipient nor award number", 2)
    ]
    assert loading.query("select records_read, rows_loaded, rows_filtered from raw.load_history") == [(7, 5, 2)]
