"""The likeness of names: pure Arrow columns in, scores out."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_udfs.similarity import name_similarity

names = st.lists(st.one_of(st.none(), st.text(max_size=30)), max_size=20)


def score(left: str | None, right: str | None) -> float | None:
    result: float | None = name_similarity(pa.array([left], pa.string()), pa.array([right], pa.string()))[0].as_py()
    return result


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("PHYSICAL OPTICS", "PHYSICAL OPTICS", 100.0),
        ("RESONANT LINK", "LINK RESONANT", 100.0),
        ("SENSIGMA", "SEN SIGMA", 94.12),
        ("AAAA", "BBBB", 0.0),
        ("", "", 0.0),
        (None, "ACME", None),
        ("ACME", None, None),
    ],
)
def test_scores(left: str | None, right: str | None, expected: float | None) -> None:
    assert score(left, right) == expected


def test_arrays_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="1 names on the left, 2 on the right"):
        name_similarity(pa.array(["a"]), pa.array(["a", "b"]))


def test_chunked_empty_input_gives_empty_scores() -> None:
    assert name_similarity(pa.array([], pa.string()), pa.array([], pa.string())).to_pylist() == []


@given(names)
def test_any_text_scores_between_0_and_100_and_alike_both_ways(left: list[str | None]) -> None:
    right = list(reversed(left))
    one = name_similarity(pa.array(left, pa.string()), pa.array(right, pa.string())).to_pylist()
    other = name_similarity(pa.array(right, pa.string()), pa.array(left, pa.string())).to_pylist()
    assert one == other
    for left_name, right_name, value in zip(left, right, one, strict=True):
        if left_name is None or right_name is None:
            assert value is None
        else:
            assert 0 <= value <= 100
