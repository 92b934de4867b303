"""The generic data tests fail where what they promise is broken."""

import pytest

from conftest import Warehouse


@pytest.mark.parametrize(
    "damage",
    [
        "insert into staging.states from staging.states limit 1",
        "update staging.states set spelling = null where spelling = 'MA'",
    ],
)
def test_grain_is_broken_by_a_repeated_key_or_a_null(sample_copy: Warehouse, damage: str) -> None:
    sample_copy.execute(damage)
    done = sample_copy.dbt("test", "-s", "grain_states_spelling")
    assert done.exit_code == 1, done.output
    assert "Failure in test grain_states_spelling" in done.output
