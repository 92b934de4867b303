"""The generated sample: deterministic, in the published layouts, and true to its own truth."""

import csv
import hashlib
import re
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from conftest import SAMPLE
from generate_sample import main
from sampling.files import headers_of
from sampling.noise import SITUATIONS

FILES = ("award_data", "recipient_lookup", "prime_award_summaries", "true_links")
COMMITTED = ("--awards", "1500", "--recipients", "1200", "--seed", "20240601")


def generate(folder: Path, *arguments: str) -> Path:
    done = CliRunner().invoke(main, [*arguments, "--output", str(folder)])
    assert done.exit_code == 0, done.output
    return folder


def digests(folder: Path) -> list[str]:
    return [hashlib.sha256((folder / f"{name}.csv").read_bytes()).hexdigest() for name in FILES]


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_committed_sample_is_what_the_generator_writes(tmp_path: Path) -> None:
    assert digests(generate(tmp_path, *COMMITTED)) == digests(SAMPLE)
    assert sum((SAMPLE / f"{name}.csv").stat().st_size for name in FILES) <= 1_000_000


def test_another_seed_gives_other_rows(tmp_path: Path) -> None:
    one = generate(tmp_path / "one", "--awards", "100", "--recipients", "200", "--seed", "1")
    two = generate(tmp_path / "two", "--awards", "100", "--recipients", "200", "--seed", "2")
    assert set(digests(one)).isdisjoint(digests(two))


def test_parquet_holds_the_same_rows(tmp_path: Path) -> None:
    generate(tmp_path, "--awards", "150", "--recipients", "200")
    generate(tmp_path, "--awards", "150", "--recipients", "200", "--format", "parquet")
    for name in FILES:
        parquet = pq.read_table(tmp_path / f"{name}.parquet").to_pylist()
        assert [{key: text or "" for key, text in row.items()} for row in parquet] == rows(tmp_path, name)


@pytest.mark.parametrize(
    ("name", "layout"),
    [("award_data", "awards"), ("recipient_lookup", "recipients"), ("prime_award_summaries", "prime_awards")],
)
def test_layouts_are_the_published_ones(name: str, layout: str) -> None:
    assert list(rows(SAMPLE, name)[0]) == [*headers_of(layout).values()]


@pytest.mark.parametrize(("awards", "recipients", "seed"), [(200, 300, 1), (700, 100, 2), (1500, 1200, 3)])
def test_counts_and_situations(tmp_path: Path, awards: int, recipients: int, seed: int) -> None:
    folder = generate(tmp_path, "--awards", str(awards), "--recipients", str(recipients), "--seed", str(seed))
    assert len(rows(folder, "award_data")) == awards
    assert len(rows(folder, "recipient_lookup")) == recipients
    truth = rows(folder, "true_links")
    assert [int(row["award_row_number"]) for row in truth] == list(range(1, len(rows(folder, "award_data")) + 1))
    seen = {row["noise_class"] for row in truth}
    assert seen == {kind.__name__ for kind in SITUATIONS}


def test_recipients_are_unique_and_identifiers_valid() -> None:
    recipients = rows(SAMPLE, "recipient_lookup")
    hashes = Counter(row["recipient_hash"] for row in recipients)
    assert max(hashes.values()) == 1
    ueis = [row["uei"] for row in recipients if row["uei"]]
    assert len(set(ueis)) == len(ueis)
    assert all(re.fullmatch("[A-HJ-NP-Z1-9][A-HJ-NP-Z0-9]{11}", uei) for uei in ueis)


def test_award_identifiers_agree_with_the_truth_unless_the_class_says_conflict() -> None:
    recipients = {row["recipient_hash"]: row for row in rows(SAMPLE, "recipient_lookup")}
    for award, truth in zip(rows(SAMPLE, "award_data"), rows(SAMPLE, "true_links"), strict=True):
        true = recipients.get(truth["recipient_hash"])
        if true is not None and "conflict" not in truth["noise_class"]:
            assert award["UEI"] in ("", true["uei"])
            if award["Duns"] and len(set(award["Duns"])) > 1 and award["Duns"] != "123456789":
                assert award["Duns"].zfill(9)[:9] == true["duns"]


def test_too_few_recipients_are_refused_in_one_line(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["--awards", "500", "--recipients", "10", "--output", str(tmp_path)])
    assert done.exit_code == 2
    assert "--recipients 10 is too few: every situation once needs" in done.output
    assert done.output.count("\n") == 1
