"""The data dictionary says what the project says, and is up to date."""

from pathlib import Path
from typing import Any

import pytest

from conftest import Warehouse
from data_dictionary import DICTIONARY, escape, render

Manifest = dict[str, dict[str, dict[str, Any]]]


def test_the_dictionary_is_up_to_date(manifest: Manifest) -> None:
    assert DICTIONARY.read_text(encoding="utf-8") == render(manifest), "run: make dictionary"


def test_its_order_does_not_depend_on_that_of_the_project(manifest: Manifest) -> None:
    turned = {kind: dict(reversed(known.items())) for kind, known in manifest.items() if isinstance(known, dict)}
    assert render(turned) == render(manifest)


def test_it_has_every_table_with_purpose_grain_key_type_and_closed_lists(manifest: Manifest) -> None:
    text = render(manifest)
    for table in (*manifest["nodes"].values(), *manifest["sources"].values()):
        if table["resource_type"] in ("model", "seed", "source"):
            assert f"\n### {table['schema']}.{table['name']}\n" in text
    assert "Grain: one row per loaded award." in text
    assert "Key: `firm_key`, `candidate_rank`." in text
    assert "| `award_amount` | decimal(18,2) | Amount of the award in dollars. |" in text
    assert "| name-fuzzy-auto | 7 | fuzzy |" in text
    assert "| firm's last award before 2007-10-01 | 4 |" in text
    assert "`matched`, `ambiguous`, `review`, `unmatched`" in text


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a | b", "a \\| b"),
        ("<b>bold</b> *and* [link](x)", "\\<b\\>bold\\</b\\> \\*and\\* \\[link\\](x)"),
        ("see _row_number and raw.load_history.", "see `_row_number` and `raw.load_history`."),
        ("else `other words` | so", "else `other words` \\| so"),
        ("an ` alone", "an \\` alone"),
    ],
)
def test_markup_in_descriptions_is_text(text: str, escaped: str) -> None:
    assert escape(text) == escaped


def test_a_project_that_dbt_cannot_read_is_told_in_one_line(warehouse: Warehouse, tmp_path: Path) -> None:
    done = warehouse.run("scripts/data_dictionary.py", DBT_PROFILES_DIR=str(tmp_path))
    assert done.exit_code == 2
    assert "Traceback" not in done.output
    assert done.output.splitlines()[-1].startswith("Error: dbt cannot read the project (exit code 2)")
