"""The real federal files through the whole pipeline. Skipped where SBIR_REAL_DATA names no folder."""

import csv
import gzip
from pathlib import Path

import pytest

from conftest import Warehouse

pytestmark = pytest.mark.real_data
ENRICHED = "enrichment.enriched_sbir_awards"


COHORT = "award_data_cohort.csv.gz"
IDENTIFIERS = ("UEI", "Duns", "Contract")


def load_real(warehouse: Warehouse, folder: Path, awards: Path) -> None:
    done = warehouse.load(
        "--awards",
        str(awards),
        "--recipients",
        str(folder / "usaspending" / "recipient_lookup.csv.gz"),
        "--prime-awards",
        str(folder / "usaspending" / "prime_award_summaries.csv.gz"),
    )
    assert done.exit_code == 0, done.output


def hide_identifiers(awards: Path, target: Path) -> None:
    """Copy an award file without its identifiers."""
    with (
        gzip.open(awards, "rt", encoding="utf-8", newline="") as source,
        target.open("w", encoding="utf-8", newline="") as copy,
    ):
        reader = csv.DictReader(source)
        assert reader.fieldnames is not None
        writer = csv.DictWriter(copy, reader.fieldnames)
        writer.writeheader()
        writer.writerows(row | dict.fromkeys(IDENTIFIERS, "") for row in reader)


def linked_shares(warehouse: Warehouse, published: bool = False) -> tuple[float, float]:
    """The share of the awards that are linked, and of the company spellings with a linked award."""
    ((awards, matched, spellings, linked),) = warehouse.query(
        f"""
        select
            count(*),
            count(*) filter (where _usaspending_match_status = 'matched'),
            count(distinct company_name),
            count(distinct company_name) filter (where _usaspending_match_status = 'matched')
        from {ENRICHED}
        """,
        published,
    )
    assert (awards, spellings) == (16_993, 884)
    return int(str(matched)) / 16_993, int(str(linked)) / 884


def assert_no_judgement_is_contradicted(warehouse: Warehouse, real_data: Path) -> None:
    """No company is linked to a recipient that a person judged to be another firm."""
    labels = real_data / "labels" / "company_pairs_dev.csv"
    rows = warehouse.query(
        f"""
        select distinct label, company_name, usaspending_recipient_name
        from {ENRICHED}
        inner join read_csv('{labels}', all_varchar = true) as labels
            on company_name = sbir_company and usaspending_recipient_uei = fpds_uei
        """
    )
    assert len([row for row in rows if row[0] == "1"]) > 100
    assert [row for row in rows if row[0] == "0"] == []


def test_cohort_passes_every_gate_and_is_published(warehouse: Warehouse, real_data: Path) -> None:
    load_real(warehouse, real_data, real_data / "sbir" / COHORT)
    done = warehouse.build()
    assert done.exit_code == 0, done.output
    assert warehouse.publish().exit_code == 0
    awards, spellings = linked_shares(warehouse, published=True)
    assert awards >= 0.95
    assert spellings >= 0.97
    assert_no_judgement_is_contradicted(warehouse, real_data)


def test_cohort_is_linked_by_its_names_alone(warehouse: Warehouse, real_data: Path, tmp_path: Path) -> None:
    """Identifiers hidden, the name rules find the recipients of firms that are known to have one."""
    hidden = tmp_path / "award_data_cohort.csv"
    hide_identifiers(real_data / "sbir" / COHORT, hidden)
    load_real(warehouse, real_data, hidden)
    done = warehouse.build_tables()
    assert done.exit_code == 0, done.output
    methods = warehouse.query(f"select distinct _usaspending_match_method from {ENRICHED} order by all nulls last")
    assert methods == [("name-exact",), ("name-fuzzy-auto",), (None,)]
    awards, spellings = linked_shares(warehouse)
    assert spellings >= 0.97
    assert awards >= 0.95
    assert_no_judgement_is_contradicted(warehouse, real_data)


def test_full_file_fails_the_match_rate_gate_only(warehouse: Warehouse, real_data: Path) -> None:
    load_real(warehouse, real_data, real_data / "sbir" / "award_data.csv.gz")
    done = warehouse.build()
    assert done.exit_code == 1, done.output
    assert "Gate match_rate FAILED: matched 2" in done.output
    assert "of 104,640 awards" in done.output
    assert done.output.count("FAILED") == 1
    assert not warehouse.published.exists()
    assert warehouse.query("select gate from quality.gate_results where verdict = 'failed'") == [("match_rate",)]
    assert warehouse.query(
        """select sum(records_read), sum(rows_loaded), sum(rows_filtered), sum(rows_quarantined)
        from raw.load_history where is_current"""
    ) == [(104_640 + 80_466 + 29_139, 104_640 + 80_466 + 28_988, 151, 0)]
    assert warehouse.query(f"select count(*) from {ENRICHED}") == [(104_640,)]
    assert_no_judgement_is_contradicted(warehouse, real_data)
