"""What a run could not do without, timed in this fresh process on the warehouse that it left behind; prints JSON.

Usage: python -m benchmarking.floor WAREHOUSE COMPILED [NAMES]

The floor is to read and normalise every name once, by the models' own SQL, and to score exactly the pairs that the
run scored, by plain `token_sort_ratio` on all cores. With NAMES, that many firms' names are also scored against
every recipient's name, without blocking.
"""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
from rapidfuzz import fuzz, process

from database.warehouse import connect

NORMALISING_MODELS = ("int_usaspending_company_names", "int_sbir_company_names")
CUTOFF = 75
NAMES_PER_CHUNK = 20_000


def time_normalising(connection: duckdb.DuckDBPyConnection, compiled: Path) -> float:
    """Seconds to normalise all names into temporary tables."""
    started = time.perf_counter()
    for model in NORMALISING_MODELS:
        (path,) = compiled.rglob(f"{model}.sql")
        connection.execute(f"create temp table {model} as {path.read_text(encoding='utf-8')}")
    return time.perf_counter() - started


def time_scoring(connection: duckdb.DuckDBPyConnection) -> tuple[int, float]:
    """Number of blocked pairs, and seconds to score them."""
    started = time.perf_counter()
    pairs = connection.execute(
        "select firm_name, recipient_name from intermediate.int_fuzzy_candidate_pairs"
    ).fetchnumpy()
    firm_names, recipient_names = pairs["firm_name"].tolist(), pairs["recipient_name"].tolist()
    process.cpdist(firm_names, recipient_names, scorer=fuzz.token_sort_ratio, workers=-1)
    return len(firm_names), time.perf_counter() - started


def chunks(names: list[str]) -> Iterator[list[str]]:
    """The names, some thousand at a time: the scores of all at once would not fit into memory."""
    for start in range(0, len(names), NAMES_PER_CHUNK):
        yield names[start : start + NAMES_PER_CHUNK]


def time_all_against_all(connection: duckdb.DuckDBPyConnection, firms: int) -> float:
    """Seconds to score so many firms' names against every recipient's, by `token_sort_ratio`."""
    firm_names = [
        name
        for (name,) in connection.execute(
            "select distinct normalized_name from intermediate.int_firm_names order by md5(normalized_name) limit ?",
            [firms],
        ).fetchall()
    ]
    recipient_names = [
        name
        for (name,) in connection.execute(
            "select normalized_name from intermediate.int_distinct_recipient_names"
        ).fetchall()
    ]
    started = time.perf_counter()
    for chunk in chunks(recipient_names):
        process.cdist(firm_names, chunk, scorer=fuzz.token_sort_ratio, score_cutoff=CUTOFF, workers=-1)
    return time.perf_counter() - started


def main() -> None:
    """Time the floor and print it."""
    warehouse, compiled, *names = sys.argv[1:]
    with connect(Path(warehouse), read_only=True) as connection:
        normalising = time_normalising(connection, Path(compiled))
        pairs, scoring = time_scoring(connection)
        measured: dict[str, float | int] = {
            "normalising_seconds": normalising,
            "scoring_seconds": scoring,
            "pairs": pairs,
        }
        if names:
            measured["all_against_all_seconds"] = time_all_against_all(connection, int(names[0]))
    print(json.dumps(measured))


if __name__ == "__main__":
    main()
