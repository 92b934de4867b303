"""The known name closest to a mistyped one. The Makefile calls it before there is a .venv: standard library only."""

import difflib
import sys


def closest_name(name: str, known: list[str]) -> str:
    """The known name that looks most like a given one, whatever its case."""
    return difflib.get_close_matches(name.upper(), known, 1, 0.0)[0]


if __name__ == "__main__":
    unknown, known_names = sys.argv[1], sys.argv[2].split()
    print(
        f"{unknown} is not a variable of this Makefile; the closest is {closest_name(unknown, known_names)}. "
        "make help lists the commands"
    )
