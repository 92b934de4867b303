"""dbt by itself, as an analytics engineer uses it: profiles/ and nothing else."""

import pytest

from conftest import Warehouse

COMMANDS = {
    "build": ("build",),
    "test": ("test",),
    "run": ("run",),
    "build of one model": ("build", "-s", "enriched_sbir_awards"),
    "build of analytics": ("build", "-s", "sbir_company_profiles"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_loaded_ends_with_how_to_load(warehouse: Warehouse, command: str) -> None:
    done = warehouse.dbt(*COMMANDS[command])
    assert done.exit_code in (1, 2)
    last = done.output.strip().splitlines()[-1]
    assert "No awards and no recipients are loaded" in last
    assert "make build" in last
    assert "Catalog Error" not in done.output


def test_docs_of_an_empty_warehouse_say_how_to_load(warehouse: Warehouse) -> None:
    done = warehouse.dbt("docs", "generate")
    assert done.exit_code == 0
    assert "make build" in done.output
    assert "Catalog Error" not in done.output


def test_loaded_but_not_built_says_what_to_run(warehouse: Warehouse) -> None:
    assert warehouse.load("--sample").exit_code == 0
    done = warehouse.dbt("run")
    assert "Make everything in order with: dbt build" in done.output.strip().splitlines()[-1]
    done = warehouse.dbt("build", "-s", "sbir_company_profiles")
    assert done.exit_code == 1
    assert "enriched_sbir_awards is not built yet" in done.output


def test_missing_warehouse_folder_is_made(warehouse: Warehouse) -> None:
    deeper = Warehouse(warehouse.folder / "a" / "b")
    assert "make build" in deeper.dbt("build").output


def test_docs_and_tests_run_on_a_built_warehouse(sample_copy: Warehouse) -> None:
    assert sample_copy.dbt("docs", "generate", TEST_WITH_MANIFEST="yes").exit_code == 0
    done = sample_copy.dbt("test", "--exclude-resource-type", "unit_test")
    assert done.exit_code == 0, done.output
    assert "Gate match_rate passed" in done.output


def test_plain_build_does_not_publish_and_says_how(sample_copy: Warehouse) -> None:
    before = sample_copy.published.stat().st_mtime_ns
    done = sample_copy.dbt("build", "-s", "gate_checks+")
    assert done.exit_code == 0, done.output
    assert "make publish" in done.output
    assert sample_copy.published.stat().st_mtime_ns == before
