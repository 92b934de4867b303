"""How alike two company names are, over whole Arrow columns."""

import numpy as np
import pyarrow as pa
from rapidfuzz import fuzz, process


def name_similarity(left: pa.Array, right: pa.Array) -> pa.Array:
    """Score pairs of normalised names, word order ignored.

    Args:
        left: names, a string array of length n.
        right: names to compare with, a string array of length n.

    Returns:
        A float64 array of length n: 0 (nothing in common, or an empty name) to 100 (the same words),
        rounded to two decimals so that every platform decides alike; null where either name is null.

    Raises:
        ValueError: if the arrays differ in length.

    The score is rapidfuzz's `token_sort_ratio`: the normalised indel similarity of the names after
    their words are sorted.
    """
    if len(left) != len(right):
        raise ValueError(f"{len(left)} names on the left, {len(right)} on the right")
    missing = np.asarray(left.is_null()) | np.asarray(right.is_null())
    left_names = left.fill_null("").to_pylist()
    right_names = right.fill_null("").to_pylist()
    scores = process.cpdist(left_names, right_names, scorer=fuzz.token_sort_ratio, dtype=np.float64)
    # rapidfuzz calls two empty texts equal; two names of nobody have nothing in common.
    is_empty = [not (one and other) for one, other in zip(left_names, right_names, strict=True)]
    scores[np.array(is_empty, dtype=bool)] = 0.0
    return pa.array(np.round(scores, 2), type=pa.float64(), mask=missing)
