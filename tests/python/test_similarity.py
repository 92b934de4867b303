"""The UDF's contract: edits counted as defined, over whole columns, nulls kept, hostile text survived."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_udfs.similarity import edit_distance

WORDS = st.text(max_size=20)


def distance(left: str | None, right: str | None) -> int | None:
    result = edit_distance(pa.array([left], pa.string()), pa.array([right], pa.string()))
    value: int | None = result.to_pylist()[0]
    return value


@pytest.mark.parametrize(
    ("left", "right", "edits"),
    [
        ("ANALATOM", "ANALATOM", 0),
        ("ANALATOM", "ANALTOM", 1),
        ("HONTEK", "ONTEK", 1),
        ("NANOTEM", "NANOTEK", 1),
        ("SCEINCE", "SCIENCE", 1),
        ("NUVOTRONICS", "NUTRONICS", 2),
        ("", "AB", 2),
        ("", "", 0),
    ],
)
def test_edits_are_insertions_deletions_replacements_and_swaps(left: str, right: str, edits: int) -> None:
    assert distance(left, right) == edits


def test_columns_are_compared_row_by_row_and_nulls_stay_null() -> None:
    left = pa.array(["ALPHA", None, "BETA", None], pa.string())
    right = pa.array(["ALPHA", "BETA", None, None], pa.string())
    assert edit_distance(left, right).to_pylist() == [0, None, None, None]
    assert edit_distance(pa.array([], pa.string()), pa.array([], pa.string())).to_pylist() == []
    assert edit_distance(left, right).type == pa.int32()


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="2 words on the left, 1 on the right"):
        edit_distance(pa.array(["A", "B"]), pa.array(["A"]))


@given(WORDS, WORDS)
def test_any_text_has_a_distance_that_does_not_depend_on_the_order(left: str, right: str) -> None:
    edits = distance(left, right)
    assert edits == distance(right, left)
    assert edits is not None
    assert abs(len(left) - len(right)) <= edits <= max(len(left), len(right))
    assert (edits == 0) == (left == right)
