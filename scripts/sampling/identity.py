"""Invented firms for the sample: names, places and identifiers that look real and belong to nobody."""

import csv
import hashlib
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from random import Random

UEI_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ123456789"
# Words of names follow Mandelbrot: the n-th is used in proportion to 1 / (n + this). So the first word of a name in the
# real recipient file has some hundred namesakes at most in 80,000, and every second word has none.
MANDELBROT_SHIFT = 50
# Scatters neighbouring ranks over the invented words; has no divisor in common with their number.
RANK_STRIDE = 1_000_003
SPECIAL_RECIPIENTS = (
    "MULTIPLE RECIPIENTS",
    "REDACTED DUE TO PII",
    "MULTIPLE FOREIGN RECIPIENTS",
    "PRIVATE INDIVIDUAL",
    "MISCELLANEOUS FOREIGN AWARDEES",
)


def read_rows(name: str) -> list[dict[str, str]]:
    """The rows of a data file beside this module."""
    with Path(__file__).with_name(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@dataclass
class Recipient:
    """A recipient as USAspending would list it; empty texts where it has no such identifier."""

    name: str
    city: str
    state: str
    zip5: str
    uei: str = ""
    duns: str = ""
    parent_uei: str = ""
    parent_name: str = ""
    alternate_names: list[str] = field(default_factory=list)

    @property
    def hash(self) -> str:
        """The md5 by which the recipient is known: of its identifier, else of its name and place."""
        text = self.uei or self.duns or f"{self.name}|{self.state}|{self.zip5}"
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


class Inventor:
    """Makes up names, places and identifiers; one seed, one sequence.

    Args:
        seed: of the random numbers.
    """

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - a sample, no secret
        words = read_rows("words.csv")
        self._words = {
            kind: [row["word"] for row in words if row["kind"] == kind] for kind in {row["kind"] for row in words}
        }
        # Word use follows Zipf: the n-th word comes up 1/n as often as the first.
        self._field_weights = list(accumulate(1 / rank for rank in range(1, len(self._words["field"]) + 1)))
        self._places = read_rows("places.csv")
        self._numbers = 0

    def stem(self) -> str:
        """An invented rare word of three or four syllables and an ending."""
        syllables = self.random.choices(self._words["syllable"], k=self.random.choice((3, 3, 4)))
        return "".join(syllables) + self.random.choice(self._words["ending"])

    def shared_stem(self) -> str:
        """An invented word as other firms have it in their names too: few words often, most of them hardly ever."""
        syllables, endings = self._words["syllable"], self._words["ending"]
        words = len(syllables) ** 3 * len(endings)
        ratio = (words + MANDELBROT_SHIFT) / MANDELBROT_SHIFT
        rank = int(MANDELBROT_SHIFT * ratio ** self.random.random()) - MANDELBROT_SHIFT
        number, ending = divmod(rank * RANK_STRIDE % words, len(endings))
        number, third = divmod(number, len(syllables))
        first, second = divmod(number, len(syllables))
        return syllables[first] + syllables[second] + syllables[third] + endings[ending]

    def stranger_name(self) -> str:
        """Name of a recipient that received no award: a word or two that others share, and common words."""
        words = [self.shared_stem()]
        if self.random.random() < 0.3:
            words.append(self.shared_stem())
        for _ in range(self.random.choices((0, 1, 2), cum_weights=(1, 7, 10))[0]):
            word = self.field_word()
            if word not in words:
                words.append(word)
        return " ".join(words)

    def field_word(self) -> str:
        """A common word of the trade."""
        return self.random.choices(self._words["field"], cum_weights=self._field_weights)[0]

    def name(self, fields: int | None = None) -> str:
        """A company name without legal designator: an adjective at times, a rare word, common words.

        Args:
            fields: how many common words; by default none to two.
        """
        number = self.random.choices((0, 1, 2), cum_weights=(1, 7, 10))[0] if fields is None else fields
        words = [self.stem()]
        if self.random.random() < 0.1:
            words.insert(0, self.random.choice(self._words["adjective"]))
        while len(words) < number + 1:
            word = self.field_word()
            if word not in words:
                words.append(word)
        return " ".join(words)

    def designated(self, name: str) -> str:
        """The name with a legal designator, as one of its many spellings."""
        designator = self.random.choice(self._words["designator"])
        return f"{name}{designator}" if designator.startswith(",") else f"{name} {designator}"

    def place(self) -> tuple[str, str, str]:
        """City, state code and ZIP5."""
        place = self.random.choice(self._places)
        return place["city"], place["state"], place["zip5"]

    def uei(self) -> str:
        """A valid UEI, never given twice: its last seven letters are a running number."""
        letters = []
        number = self._next()
        for _ in range(7):
            number, digit = divmod(number, len(UEI_LETTERS))
            letters.append(UEI_LETTERS[digit])
        return "".join(self.random.choices(UEI_LETTERS, k=5)) + "".join(letters)

    def duns(self) -> str:
        """A valid DUNS, never given twice and no placeholder."""
        return f"{10_000_000 + self._next() * 7:09d}"

    def _next(self) -> int:
        self._numbers += 1
        return self._numbers

    def recipient(self, name: str, *, uei: bool = False, duns: bool = False) -> Recipient:
        """A recipient of the given name somewhere, with the identifiers asked for."""
        city, state, zip5 = self.place()
        return Recipient(
            name.upper(),
            city.upper(),
            state,
            zip5,
            self.uei() if uei else "",
            self.duns() if duns else "",
        )
