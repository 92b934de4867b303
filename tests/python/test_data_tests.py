"""The generic data tests fail where what they promise is broken."""

import pytest

from conftest import Warehouse


@pytest.mark.parametrize(
    ("damage", "test"),
    [
        ("insert into intermediate.int_firms from intermediate.int_firms limit 1", "grain_int_firms_firm_key"),
        (
            "update intermediate.int_firms set firm_key = null where firm_key < '1'",
            "grain_int_firms_firm_key",
        ),
        (
            "update intermediate.int_match_firm_exact set recipient_hash = null",
            "grain_int_match_firm_exact_award_key__recipient_hash",
        ),
    ],
)
def test_grain_is_broken_by_a_repeated_key_or_a_null(sample_copy: Warehouse, damage: str, test: str) -> None:
    sample_copy.execute(damage)
    done = sample_copy.dbt("test", "-s", test)
    assert done.exit_code == 1, done.output
    assert f"Failure in test {test}" in done.output
