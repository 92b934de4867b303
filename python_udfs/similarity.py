"""How many edits two words are apart, over whole Arrow columns."""

import hashlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import rapidfuzz
from rapidfuzz import process
from rapidfuzz.distance import OSA


def edit_distance(left: pa.Array, right: pa.Array) -> pa.Array:
    """Count the edits between the words of two columns.

    Args:
        left: words, a string array of length n.
        right: words to compare with, a string array of length n.

    Returns:
        An int32 array of length n: how many letters to insert, delete, replace or swap with their neighbour
        (rapidfuzz's optimal string alignment distance); null where either word is null.

    Raises:
        ValueError: if the arrays differ in length.
    """
    if len(left) != len(right):
        raise ValueError(f"{len(left)} words on the left, {len(right)} on the right")
    missing = np.asarray(left.is_null()) | np.asarray(right.is_null())
    edits = process.cpdist(
        left.fill_null("").to_pylist(), right.fill_null("").to_pylist(), scorer=OSA.distance, dtype=np.int32
    )
    return pa.array(edits, type=pa.int32(), mask=missing)


def similarity_version() -> str:
    """Return a text that changes with the code of this module or with rapidfuzz: then words may compare otherwise."""
    return f"{rapidfuzz.__version__} {hashlib.sha256(Path(__file__).read_bytes()).hexdigest()}"
