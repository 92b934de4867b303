"""How the names of columns are compared."""

import functools
import re

# Zero-width signs and byte order marks get into names by copying, quotes by quoting twice.
INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060"
BETWEEN_WORDS = re.compile(r"[\s_\-\u2010-\u2013]+")


@functools.lru_cache(16384)
def normalized(name: str) -> str:
    """A column's name as it is compared: lower case, one underscore for any blanks, hyphens and underscores."""
    visible = name.translate(dict.fromkeys(map(ord, INVISIBLE)))
    return BETWEEN_WORDS.sub("_", visible.strip().strip("\"'").strip().lower())
