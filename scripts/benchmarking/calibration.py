"""A fixed piece of work, done in this fresh process; prints the seconds it took.

What a machine does in a second changes from moment to moment when others work on it too. A run beside which
this work took half as long again has not become slower itself.
"""

import time

import duckdb

WORDS = 1_500_000
STEPS = 2_000_000


def calibrate() -> float:
    """Do what the pipeline does most: text functions, a join and an aggregate in DuckDB, and steps of Python.

    Returns:
        Seconds, start of the engine included.
    """
    started = time.perf_counter()
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            select count(*), sum(length(cleaned)) from (
                select md5(cast(number as varchar)) as word, regexp_replace(word, '[^a-f]+', ' ', 'g') as cleaned
                from range({WORDS}) as numbers (number)
            ) as words
            inner join (select md5(cast(2 * number as varchar)) as word from range({WORDS}) as numbers (number))
            using (word)
            """  # noqa: S608
        ).fetchall()
    total = 0
    for step in range(STEPS):
        total += step % 7
    return time.perf_counter() - started


if __name__ == "__main__":
    print(f"{calibrate():.4f}")
