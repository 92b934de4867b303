"""The real federal files through the whole pipeline. Skipped where SBIR_REAL_DATA names no folder."""

from pathlib import Path

import pytest
from conftest import Warehouse

pytestmark = pytest.mark.real_data
ENRICHED = "enrichment.enriched_sbir_awards"


def load_real(warehouse: Warehouse, folder: Path, awards: str) -> None:
    done = warehouse.load(
        "--awards",
        str(folder / "sbir" / awards),
        "--recipients",
        str(folder / "usaspending" / "recipient_lookup.csv.gz"),
        "--prime-awards",
        str(folder / "usaspending" / "prime_award_summaries.csv.gz"),
    )
    assert done.exit_code == 0, done.output


def test_cohort_passes_every_gate_and_is_published(warehouse: Warehouse, real_data: Path) -> None:
    load_real(warehouse, real_data, "award_data_cohort.csv.gz")
    done = warehouse.build()
    assert done.exit_code == 0, done.output
    assert warehouse.publish().exit_code == 0
    (row,) = warehouse.query(
        f"select count(*), count(*) filter (where _usaspending_match_status = 'matched') from {ENRICHED}",
        published=True,
    )
    awards, matched = (int(str(count)) for count in row)
    assert awards == 16_993
    assert matched / awards >= 0.90


def test_full_file_fails_the_match_rate_gate_only(warehouse: Warehouse, real_data: Path) -> None:
    load_real(warehouse, real_data, "award_data.csv.gz")
    done = warehouse.build()
    assert done.exit_code == 1, done.output
    assert "Gate match_rate FAILED: matched 2" in done.output
    assert "of 104,640 awards" in done.output
    assert done.output.count("FAILED") == 1
    assert not warehouse.published.exists()
    assert warehouse.query("select gate from quality.gate_results where not is_passed") == [("match_rate",)]
    assert warehouse.query(
        """select sum(records_read), sum(rows_loaded), sum(rows_quarantined) from raw.load_history where is_current"""
    ) == [(104_640 + 80_466 + 29_139, 104_640 + 80_466 + 29_139, 0)]
    assert warehouse.query(f"select count(*) from {ENRICHED}") == [(104_640,)]


def test_links_disagree_with_no_human_judgement(warehouse: Warehouse, real_data: Path) -> None:
    """No award of the cohort is linked to a recipient that a person judged to be another firm."""
    load_real(warehouse, real_data, "award_data_cohort.csv.gz")
    assert warehouse.build().exit_code == 0
    labels = real_data / "labels" / "company_pairs_dev.csv"
    (row,) = warehouse.query(
        f"""
        select
            count(distinct company_name) filter (where label = '1'),
            count(distinct company_name) filter (where label = '0')
        from {ENRICHED}
        inner join read_csv('{labels}', all_varchar = true) as labels
            on company_name = sbir_company and usaspending_recipient_uei = fpds_uei
        """
    )
    right, wrong = (int(str(count)) for count in row)
    assert right > 100
    assert wrong <= right * 0.01
