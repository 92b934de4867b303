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
    ours, theirs = left.to_pylist(), right.to_pylist()
    validity = None
    if left.null_count or right.null_count:
        is_known = [one is not None and other is not None for one, other in zip(ours, theirs, strict=True)]
        validity = pa.py_buffer(np.packbits(np.array(is_known, dtype=bool), bitorder="little"))
        ours, theirs = ([word or "" for word in words] for words in (ours, theirs))
    edits = process.cpdist(ours, theirs, scorer=OSA.distance, dtype=np.int32)
    # pa.array and fill_null would import pandas, which takes longer than most models.
    return pa.Array.from_buffers(pa.int32(), len(edits), [validity, pa.py_buffer(edits)])


def similarity_version() -> str:
    """Return a text that changes with the code of this module or with rapidfuzz: then words may compare otherwise."""
    return f"{rapidfuzz.__version__} {hashlib.sha256(Path(__file__).read_bytes()).hexdigest()}"
