"""Naive ways to link two lists of names, as the floors that the models must beat."""

from collections.abc import Callable, Sequence

import numpy as np
from rapidfuzz import fuzz, process

from evaluation.links import Linked

FLOOR_SCORE = 90
# Companies compared at once: with 100,000 recipients their scores take 26 MB.
CHUNK = 64

Picks = dict[int, int]
"""Number of the company → number of the recipient it is linked to."""


def equal_names(companies: Sequence[str], recipients: Sequence[str]) -> Picks:
    """Link each company to the first recipient of the same normalised name.

    Args:
        companies: normalised names; blank ones are linked to nobody.
        recipients: normalised names.
    """
    first: dict[str, int] = {}
    for number, name in enumerate(recipients):
        if name:
            first.setdefault(name, number)
    return {number: first[name] for number, name in enumerate(companies) if name in first}


def best_scores(
    companies: Sequence[str], recipients: Sequence[str], scorer: Callable[..., float], floor: int = FLOOR_SCORE
) -> Picks:
    """Link each company to the recipient whose name scores best, the first of several, where that reaches the floor.

    Args:
        companies: normalised names; blank ones are linked to nobody.
        recipients: normalised names.
        scorer: a scorer of rapidfuzz, 0 to 100.
        floor: the lowest score that makes a link.
    """
    distinct = list(dict.fromkeys(recipients))
    first = equal_names(distinct, recipients)
    picks: Picks = {}
    if not first:
        return picks
    for start in range(0, len(companies), CHUNK):
        chunk = companies[start : start + CHUNK]
        # Exact scores are kept, as rounded ones would turn near misses into links and near ties into ties.
        scores = process.cdist(chunk, distinct, scorer=scorer, score_cutoff=floor, dtype=np.float32, workers=-1)
        bests = scores.argmax(axis=1)
        for offset, best in enumerate(bests.tolist()):
            if chunk[offset] and best in first and scores[offset, best] >= floor:
                picks[start + offset] = first[best]
    return picks


def naive_picks(linked: Linked) -> dict[str, Picks]:
    """Link the very lists of a run in the naive ways, on the normalised names that the models made.

    Args:
        linked: the run.

    Returns:
        For each way, by its name, the links.
    """
    companies = [linked.normalized.get(query.name, "") for query in linked.queries]
    recipients = [linked.normalized.get(row.name, "") for row in linked.universe]
    return {
        "equal names": equal_names(companies, recipients),
        f"token_sort {FLOOR_SCORE}": best_scores(companies, recipients, fuzz.token_sort_ratio),
        f"token_set {FLOOR_SCORE}": best_scores(companies, recipients, fuzz.token_set_ratio),
    }
