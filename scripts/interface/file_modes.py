"""Who may read the files that commands write: their owner and the group, or fewer where the user's mask says so."""

import os

FILE_MASK = 0o027


def restrict_new_files() -> None:
    """Keep new files from everybody but owner and group; a stricter mask of the user stays."""
    os.umask(os.umask(FILE_MASK) | FILE_MASK)


def masked(mode: int) -> int:
    """A mode of a file without what the mask of this process forbids, for calls that ignore the mask."""
    mask = os.umask(FILE_MASK)
    os.umask(mask)
    return mode & ~mask
