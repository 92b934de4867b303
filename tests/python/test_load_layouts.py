"""Layouts of other people's files: separators, lines above the header, total rows, and other kinds of files."""

import os
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from database.warehouse import WarehouseError
from load_helpers import HEADER, archive, put, shared_connection, table, zipped
from loading.kinds import read_kinds
from loading.layout import INPUTS, NEEDED_GROUPS, read_layout
from loading.tables import Loaded, load_file

NAMES = {"awards": "company", "recipients": "legal_business_name", "prime_awards": "recipient_name"}
Quarantined = list[tuple[int, str, str]]


def load(path: Path, name: str) -> tuple[Loaded, list[str | None], Quarantined]:
    """Load a file and see that its records add up: what became of it, the names, and what is in quarantine."""
    connection = shared_connection()
    connection.execute("begin")
    try:
        # With a layout given, the same content is loaded anew.
        result = load_file(connection, name, path, lambda _: None, layout=name)
        names = connection.execute(f"select {NAMES[name]} from raw.{name} order by _row_number").fetchall()
        kept = connection.execute(
            f"select record_number, raw_text, reason from quarantine.{name} order by 1"
        ).fetchall()
    finally:
        connection.execute("rollback")
    assert result.records == result.rows + result.quarantined + result.filtered
    assert (result.rows, result.quarantined) == (len(names), len(kept))
    return result, [row[0] for row in names], kept


def refusal(path: Path, name: str) -> str:
    """The one line that refuses a file."""
    with pytest.raises(WarehouseError) as caught:
        load(path, name)
    assert "\n" not in caught.value.format_message()
    assert "Get it again" not in caught.value.format_message()
    return caught.value.format_message()


@dataclass(frozen=True)
class Case:
    """A recipient file, the names that load from it, how many records are quarantined, and words of a note."""

    content: bytes | str
    names: list[str]
    quarantined: int = 0
    note: str = ""


def tabbed(*names: str) -> str:
    """A recipient file with these names, with tabs."""
    return HEADER.replace(",", "\t") + "".join(f"h\t{name}\t\tMA\n" for name in names)


GOOD = table("A", "B")
READ: dict[str, Case] = {
    "header with other blanks": Case("Recipient\u00a0Hash,legal  business-name,\u200bUEI ,state\nh,A,,\n", ["A"]),
    "header quoted twice": Case('"""legal_business_name""","""uei"""\nA,U\n', ["A"]),
    "name and UEI only": Case("legal_business_name,uei\nA,U\n", ["A"]),
    "name and DUNS only": Case("legal_business_name,duns\nA,123456789\n", ["A"]),
    "semicolons": Case(tabbed("A, B", "C").replace("\t", ";"), ["A, B", "C"]),
    "tabs": Case(tabbed("A", '"B\tC\n"'), ["A", "B\tC\n"], note=r"its columns are separated by '\t'"),
    "tabs, crlf here and there": Case(tabbed("A") + "h\tB\t\t\r\n", ["A", "B"], note="lines end in CRLF here"),
    "tabs in UTF-16, as Excel saves text": Case(tabbed("Größe").encode("utf-16"), ["Größe"]),
    "tabs with bad records": Case(tabbed("A") + 'h\tB\n"x"y\t"z"q\nh\t"C\n\t\t\n', ["A"], 3),
    "bars with a carriage return in a name": Case(table("A\rB", "C").replace(",", "|"), ["A\rB", "C"]),
    "bars twice": Case(table("A").replace(",", "||"), ["A"]),
    "title above": Case("Recipients\n" + table("A"), ["A"], note="lines above the header, skipped: 'Recipients'"),
    "titles above, one with a quote": Case('Recipients, 5"\r\n"of 2020\r\n\r\n' + table("A"), ["A"]),
    "title with commas above": Case("Recipients,,,\n" + table("A", "B"), ["A", "B"]),
    "separator above": Case("\ufeffsep=;\r\n" + table("A").replace(",", ";"), ["A"], note="skipped: 'sep=;'"),
    "title above a header with a carriage return": Case('T\n"legal\rbusiness name",uei,x\nA,,\n', ["A"], note="'T'"),
    "words of columns in a text": Case(
        'legal_business_name,uei,source\nA,,"agency program phase state city zip, name, state, city, duns"\n', ["A"]
    ),
    "words of columns in a text of tabs": Case("name\tuei\tx\nA\t\tin a city, state, zip, program\n", ["A"]),
    "words of columns in a title": Case(
        "Program,SBIR,Phase,II\nlegal_business_name,uei,state,city,id,a,b,c\nA,,,,,,,\n", ["A"]
    ),
    "total row": Case(table("A") + ',"Total",,\n', ["A"], 1),
    "total rows of a firm that is called so": Case("legal_business_name,uei,duns\nTotal,,123456789\n", ["Total"]),
    "zip with texts": Case(
        archive({"a.txt": tabbed("A"), "b.tsv": tabbed("B"), "readme.txt": "From: state, city\nby agency and state\n"}),
        ["A", "B"],
        note="no data files, left out: readme.txt",
    ),
}
REFUSED: dict[str, tuple[bytes | str, str]] = {
    "neither UEI nor DUNS": (
        "recipient_hash,legal_business_name\nh,A\n",
        "none of the columns uei, duns is in the header",
    ),
    "carets": (GOOD.replace(",", "^"), "its columns are separated by '^'. Commas, tabs, semicolons and vertical bars"),
    "unit separators": (GOOD.replace(",", "\x1f"), r"its columns are separated by '\x1f'"),
    "blanks": (GOOD.replace(",", " "), "its columns are separated by ' '"),
    "another separator in a text of a zip": (zipped(a__txt=GOOD.replace(",", "^")), "bad/a.txt: its columns are separ"),
    "records above the header": ("h,B,,MA\n" + GOOD, "is not in the header. It begins with 'h', 'B', ''"),
    "5,000 columns": (",".join(f"c{number}" for number in range(5000)) + "\n", "begins with 'c0', 'c1', 'c2'. Is it"),
    "column of another file is not to be renamed": ("recipient_name_raw,a,b,c,uei\n", "It begins with"),
    "workbook in a zip": (zipped(a__xlsx="x"), "the archive holds no data files but only a.xlsx. Give one with CSV"),
}


@pytest.mark.parametrize("case", READ)
def test_layout_is_read(tmp_path: Path, case: str) -> None:
    expected = READ[case]
    result, names, kept = load(put(tmp_path, expected.content, "file.csv"), "recipients")
    assert (names, len(kept)) == (expected.names, expected.quarantined)
    assert expected.note in "\n".join(result.notes)


@pytest.mark.parametrize("case", REFUSED)
def test_layout_is_refused(tmp_path: Path, case: str) -> None:
    content, words = REFUSED[case]
    assert words in refusal(put(tmp_path, content, "bad.csv"), "recipients").replace("bad.csv/", "bad/")


AWARDS = "Company,Award Title,Contract,Award Year,Award Amount,UEI,Duns,State\nA,T,C-1,2018,1000,,123450001,MA\n"


@pytest.mark.parametrize(
    ("row", "number"),
    [
        ("Total,,,,2000,,,", 3),
        ('"Grand Total:","","","","$2,000.00","","",""', 3),
        (",,,TOTALS\u00a0,2000,,,", 3),
        ('Subtotal,,,,"(1,000)",,,', 3),
        ("\nTotal,,,,2000,,,,,", 4),
    ],
)
def test_total_row_is_quarantined_with_its_text(tmp_path: Path, row: str, number: int) -> None:
    expected = [(number, row.strip(), "total row")]
    assert load(put(tmp_path, AWARDS + row + "\n", "a.csv"), "awards")[1:] == (["A"], expected)
    # A record that cannot be read counts, too, and so do blank lines.
    path = put(tmp_path, "\n" + AWARDS + "x\n\n" + row, "a.csv")
    assert load(path, "awards")[2][-1:] == [(number + 2, row.strip(), "total row")]
    path = put(tmp_path, (AWARDS + row).encode("utf-16"), "a.csv")
    assert load(path, "awards")[1:] == (["A"], expected)


@pytest.mark.parametrize("row", ["Total,T,C-2,2018,1000,,,MA", "Total,,,,1000,,123450002,", "Total,,4711,2018,1000,,,"])
def test_firm_called_total_is_no_total_row(tmp_path: Path, row: str) -> None:
    assert load(put(tmp_path, AWARDS + row + "\n", "a.csv"), "awards")[1:] == (["A", "Total"], [])


def test_total_row_of_parquet_is_quarantined(tmp_path: Path) -> None:
    columns = {"Company": ["A", "Total"], "Award Title": ["T", None], "UEI": ["U", None], "Award Amount": [1.5, 1.5]}
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    assert load(tmp_path / "a.parquet", "awards")[1:] == (["A"], [(3, "Total,,,1.5", "total row")])


# What is given, as which input, and what it is called in the refusal.
SUB_AWARDS = (
    "prime_award_unique_key,prime_award_piid,prime_awardee_uei,prime_awardee_name,subaward_amount,subawardee_name\n"
)
FILE_C = "federal_account_symbol,object_class_code,transaction_obligated_amount,award_unique_key,award_id_piid,"
FILE_C += "recipient_uei,recipient_name\n097-0400,251,5.00,K,P,U,Acme\n"
KINDS: dict[str, tuple[str, str, str]] = {
    "sub-awards": (SUB_AWARDS, "prime_awards", "USAspending sub-awards"),
    "sub-awards of a page": (
        "Sub-Award ID,Sub-Awardee Name,Sub-Award Amount,Prime Award ID\n",
        "prime_awards",
        "sub-awards",
    ),
    "Broker file F": ("PrimeAwardUniqueKey,SubAwardeeOrRecipientLegalEntityName\n", "prime_awards", "sub-awards"),
    "account data": (FILE_C, "prime_awards", "account data (File C)"),
    "account data with a title": ("Title\n" + FILE_C.replace(",", "|"), "prime_awards", "account data (File C)"),
    "account balances": ("treasury_account_symbol,total_budgetary_resources\n", "prime_awards", "(File A)"),
    "program activities": ("federal_account_symbol,program_activity_code,x\n", "prime_awards", "(File B)"),
    "FPDS ezSearch": ("Contract ID,Reference IDV,Legal Business Name,Date Signed\n", "prime_awards", "FPDS ezSearch"),
    "FPDS ATOM": ("content__award__awardID__awardContractID__PIID,x\n", "prime_awards", "FPDS ATOM feed"),
    "award archive of 2016": (
        "unique_transaction_id,dollarsobligated,vendorname,piid\n",
        "prime_awards",
        "before 2017",
    ),
    "SAM extract": (
        "BOF PUBLIC V2 00000000 20240107 0874709\nUEI|||1ABC\n",
        "recipients",
        "a SAM entity extract (.dat)",
    ),
    "SAM exclusions": ("Classification,Name,Unique Entity ID,Exclusion Type\n", "recipients", "SAM exclusions"),
    "SAM as prime awards": ("UNIQUE ENTITY ID,LEGAL BUSINESS NAME\n", "prime_awards", "as RECIPIENTS"),
    "Broker D1": ("PIID,AwardeeOrRecipientLegalEntityName,ActionDate\n", "prime_awards", "(D1, D2, E or FABS)"),
    "companies": ("Company Name,UEI,DUNS,HUBZone Owned,Number Awards\n", "awards", "a list of companies of SBIR.gov"),
    "solicitations": ("Solicitation Title,Agency,Program,Phase\n", "awards", "SBIR.gov solicitations"),
    "recipient list page": ("id,duns,uei,name,recipient_level,amount\n", "prime_awards", "to be given as RECIPIENTS"),
    "recipients as awards": ("recipient_hash,legal_business_name,uei\n", "awards", "to be given as RECIPIENTS"),
    "awards as recipients": (AWARDS, "recipients", "holds SBIR.gov award data, to be given as AWARDS"),
    "awards as prime awards": (AWARDS, "prime_awards", "holds SBIR.gov award data, to be given as AWARDS"),
    "prime awards as recipients": ("award_id_piid,recipient_name,recipient_uei\n", "recipients", "as PRIME_AWARDS"),
    "API of prime awards as recipients": ("Award ID,Recipient Name,Recipient UEI\n", "recipients", "as PRIME_AWARDS"),
    "prime awards as awards": ("award_id_fain,recipient_name,recipient_uei\n", "awards", "to be given as PRIME_AWARDS"),
}


@pytest.mark.parametrize("case", KINDS)
def test_other_kind_is_refused_by_name(tmp_path: Path, case: str) -> None:
    content, name, words = KINDS[case]
    line = refusal(put(tmp_path, content, "other.csv"), name)
    assert line.startswith("other.csv: holds ")
    assert words in line
    assert f" For {name.upper()} give " in line
    assert "rename" not in line


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("UNIQUE ENTITY ID,LEGAL BUSINESS NAME,DBA NAME,PHYSICAL ADDRESS PROVINCE OR STATE\n", "recipients"),
        ("id,duns,uei,name,recipient_level,amount\n", "recipients"),
        ("ueiSAM,legalBusinessName,registrationStatus\n", "recipients"),
        ("firm,award_title,agency,phase,contract,duns\n", "awards"),
        ("Company Name,Title,Agency,Contract/Grant #,UEI\n", "awards"),
        ("Award ID,Recipient Name,Recipient UEI,Award Amount\n", "prime_awards"),
    ],
)
def test_other_kind_with_the_required_columns_is_read(tmp_path: Path, header: str, name: str) -> None:
    row = ",".join("x" for _ in header.split(",")) + "\n"
    assert load(put(tmp_path, header + row, "file.csv"), name)[0].rows == 1


def test_kinds_name_inputs_that_there_are() -> None:
    for kind in read_kinds():
        assert {kind.input, *kind.refused_as} <= {"", *INPUTS}
        assert kind.input not in kind.refused_as
    for name, groups in NEEDED_GROUPS.items():
        assert {column for group in groups for column in group} <= {column.name for column in read_layout(name)}


PRIME = "award_id_piid,recipient_name,recipient_uei\nP,Acme,U\n"


@pytest.mark.parametrize("is_folder", [True, False])
def test_sub_awards_and_account_data_next_to_awards_are_skipped(tmp_path: Path, *, is_folder: bool) -> None:
    files: dict[str, bytes | str] = {
        "Contract_P_FederalAccountFunding_1.csv": FILE_C,
        "Contract_P_Sub-Awards_1.csv": SUB_AWARDS,
        "Contract_P_TransactionHistory_1.csv": PRIME,
        "readme.txt": "========ABOUT THESE FILES========\n\nFile: Contract_P_Sub-Awards_1.csv, by award_id_piid\n",
    }
    path = tmp_path / "all"
    if is_folder:
        for file_name, content in files.items():
            put(path, content, file_name)
    else:
        put(tmp_path, archive(files), "all")
    prefix = "" if is_folder else "all/"
    result, names, _ = load(path, "prime_awards")
    assert names == ["Acme"]
    assert (result.records, result.parts) == (1, 1)
    assert result.notes[:3] == [
        "no data files, left out: readme.txt",
        f"account data (File C), skipped: {prefix}Contract_P_FederalAccountFunding_1.csv",
        f"USAspending sub-awards, skipped: {prefix}Contract_P_Sub-Awards_1.csv",
    ]


@pytest.mark.parametrize("name", ["a.txt", "a.tab", "a.dat", "table", "folder/A.TXT"])
def test_member_is_known_by_its_content(tmp_path: Path, name: str) -> None:
    path = put(
        tmp_path, archive({name: tabbed("A"), ".DS_Store": tabbed("B"), "__MACOSX/._a.txt": tabbed("C")}), "a.zip"
    )
    assert load(path, "recipients")[1] == ["A"]


def test_pipe_in_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    put(tmp_path / "all", table("A"), "a.csv")
    os.mkfifo(tmp_path / "all" / "pipe.txt")
    assert "no data files, left out: pipe.txt" in load(tmp_path / "all", "recipients")[0].notes


def test_archive_of_sub_awards_alone_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path, archive({"a.csv": SUB_AWARDS, "b.csv": FILE_C}), "all.zip")
    assert refusal(path, "prime_awards").startswith(
        "all.zip/a.csv: holds USAspending sub-awards. For PRIME_AWARDS give"
    )


def test_other_kind_that_does_not_belong_there_is_not_skipped(tmp_path: Path) -> None:
    path = put(tmp_path, archive({"a.csv": PRIME, "b.csv": AWARDS}), "all.zip")
    assert "all.zip/b.csv: holds SBIR.gov award data" in refusal(path, "prime_awards")
