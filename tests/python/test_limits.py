"""What a command may use: memory and threads, from the environment; too little of it ends in one line."""

import duckdb
import pytest

from conftest import SAMPLE, Warehouse
from database.warehouse import engine_limits, first_line

LIMITED = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""


@pytest.mark.parametrize(
    ("limit", "engine"),
    [("2GB", "1500MB"), ("1500MB", "1125MB"), (" 1.5 gb", "1125MB"), ("1GiB", "805MB"), ("", "1500MB")],
)
def test_duckdb_gets_what_python_leaves_of_the_limit(monkeypatch: pytest.MonkeyPatch, limit: str, engine: str) -> None:
    monkeypatch.setenv("SBIR_MEMORY_LIMIT", limit)
    monkeypatch.delenv("SBIR_THREADS", raising=False)
    assert engine_limits() == {"memory_limit": engine}


def test_dbt_and_scripts_refuse_a_wrong_limit_in_one_line(sample_copy: Warehouse) -> None:
    wrong = {"SBIR_MEMORY_LIMIT": "much"}
    for done in (sample_copy.dbt("run", "-s", "int_firms", **wrong), sample_copy.publish(**wrong)):
        assert done.exit_code == 2
        assert "SBIR_MEMORY_LIMIT='much' is not a size of memory: give one such as 2GB or 1500MB" in done.output
        assert "Traceback" not in done.output


@pytest.mark.parametrize(("limit", "more"), [("", "4GB"), ("500MB", "4GB"), ("8GB", "16GB"), ("10GiB", "22GB")])
def test_more_memory_than_the_limit_is_advised(monkeypatch: pytest.MonkeyPatch, limit: str, more: str) -> None:
    monkeypatch.setenv("SBIR_MEMORY_LIMIT", limit)
    said = first_line(duckdb.OutOfMemoryException("failed to pin block"))
    assert said == f"{limit or '2GB'} of memory are too little. Give more, for example: SBIR_MEMORY_LIMIT={more}"


def test_too_little_memory_is_said_with_the_remedy(sample_copy: Warehouse) -> None:
    before = sample_copy.published_digest()
    model = "int_usaspending_company_names"
    published = sample_copy.publish(SBIR_MEMORY_LIMIT="3MB")
    built = sample_copy.dbt("run", "--full-refresh", "-s", model, SBIR_MEMORY_LIMIT="6MB", SBIR_THREADS="1")
    assert built.exit_code == 1
    assert f"{model} did not get by with 6MB of memory. Give more, for example: SBIR_MEMORY_LIMIT=4GB" in built.output
    assert published.exit_code == 2
    assert "Give more, for example: SBIR_MEMORY_LIMIT=4GB" in published.output
    assert "Traceback" not in published.output
    assert sample_copy.published_digest() == before


def test_full_disk_is_said_with_the_remedy_and_loses_nothing(sample_copy: Warehouse) -> None:
    """A limit on the size of files stands for the full disk: neither can be written beyond."""
    before = sample_copy.published_digest()
    recipients = str(SAMPLE / "recipient_lookup.csv")
    commands = {
        "load": (["scripts/load_raw.py", "--recipients", recipients], 100_000, 2),
        "dbt": (["-m", "dbt.cli.main", "run", "--full-refresh", "-s", "int_recipients+"], 4_500_000, 1),
        "publish": (["scripts/publish.py"], 4_500_000, 2),
    }
    # What is unchanged would not be published.
    sample_copy.change_rows()
    awards = sample_copy.query("select count(*) from raw.awards")
    sample_copy.execute("checkpoint")
    for name in ("publish", "load", "dbt"):
        command, limit, exit_code = commands[name]
        done = sample_copy.run("-c", LIMITED, str(limit), *command)
        assert done.exit_code == exit_code, done.output
        assert "is full" in done.output, done.output
        assert "ake room there, and run the same command again" in done.output
        assert "Traceback" not in done.output
        assert sample_copy.published_digest() == before
    assert sample_copy.query("select count(*) from raw.awards") == awards
    assert sample_copy.query("select count(*), count(distinct _load_id) from raw.recipients") == [(1200, 1)]
