"""The cookbook's queries run on the published sample, and give the columns and first rows that the page shows."""

import re
import shutil
from pathlib import Path

import duckdb
import pytest

from conftest import PROJECT, Warehouse
from documented_queries import Recipe, as_markdown, read_recipes

COOKBOOK = PROJECT / "docs" / "cookbook.md"
RECIPES = {recipe.question: recipe for recipe in read_recipes(COOKBOOK)}
# Nothing of the sample meets these; what they find is tested below.
EMPTY_ON_THE_SAMPLE = {"Which firms are linked to several recipients?", "Why did links change in the last version?"}
# What these give depends on the run.
OF_THE_RUN = {
    "Which run does this file hold?",
    "How did match rate and cost develop?",
    "How did the gates do over time?",
    "Which steps took longest in the last run?",
    "Where are links least to be trusted?",
}


@pytest.fixture(scope="module")
def analysts_folder(built_sample: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which an analyst works: the published files, a version before them and a list of companies."""
    folder = tmp_path_factory.mktemp("analyst")
    before = folder / "warehouse" / "versions" / "000001" / "sbir.duckdb"
    before.parent.mkdir(parents=True)
    shutil.copyfile(built_sample.published, before)
    with duckdb.connect(str(before)) as connection:
        connection.execute(
            """
            update enrichment.enriched_sbir_awards
            set _usaspending_match_status = 'unmatched', usaspending_recipient_hash = null
            where _usaspending_match_method = 'name-fuzzy-auto'
            """
        )
    for name in ("sbir.duckdb", "sbir_recipient_crosswalk.parquet"):
        (folder / "warehouse" / name).symlink_to(built_sample.folder / name)
    (companies,) = re.findall(r"^```csv\n(.*?)^```$", COOKBOOK.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    (folder / "my_companies.csv").write_text(companies, encoding="utf-8")
    return folder


def answer(recipe: Recipe, database: Path) -> tuple[list[str], list[tuple[object, ...]]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        result = connection.execute(recipe.sql)
        return [column[0] for column in result.description or []], result.fetchall()


def test_there_are_many_recipes_and_each_is_whole() -> None:
    assert len(RECIPES) == len(read_recipes(COOKBOOK)) >= 20
    assert [recipe.question for recipe in RECIPES.values() if not recipe.question.endswith("?")] == []
    assert [recipe.question for recipe in RECIPES.values() if not recipe.text.startswith("Beware: ")] == []
    assert [recipe.question for recipe in RECIPES.values() if not recipe.columns] == []
    assert RECIPES.keys() >= (EMPTY_ON_THE_SAMPLE | OF_THE_RUN)


@pytest.mark.parametrize("question", RECIPES)
def test_recipe_gives_what_the_page_shows(
    built_sample: Warehouse, analysts_folder: Path, monkeypatch: pytest.MonkeyPatch, question: str
) -> None:
    recipe = RECIPES[question]
    monkeypatch.chdir(analysts_folder)
    columns, rows = answer(recipe, Path("warehouse/sbir.duckdb"))
    assert columns == recipe.columns
    assert bool(rows) == (question not in EMPTY_ON_THE_SAMPLE)
    if question not in OF_THE_RUN:
        shown = len(recipe.table) - 2
        assert shown > 0 or question in EMPTY_ON_THE_SAMPLE
        assert recipe.table == as_markdown(columns, rows[:shown]), "\n".join(as_markdown(columns, rows[:shown]))


def test_firm_with_several_recipients_is_found(analysts_folder: Path, tmp_path: Path) -> None:
    succession = tmp_path / "sbir.duckdb"
    shutil.copyfile(analysts_folder / "warehouse" / "sbir.duckdb", succession)
    with duckdb.connect(str(succession)) as connection:
        connection.execute(
            """
            insert into analytics.sbir_recipient_crosswalk
            select * replace ('f00d' as usaspending_recipient_hash, date '1990-01-01' as valid_from)
            from analytics.sbir_recipient_crosswalk order by firm_key limit 1
            """
        )
    columns, rows = answer(RECIPES["Which firms are linked to several recipients?"], succession)
    assert len(rows) == 2
    assert rows[0][columns.index("valid_from")] < rows[1][columns.index("valid_from")]  # type: ignore[operator]
    assert rows[0][columns.index("company_name")] == rows[1][columns.index("company_name")]
