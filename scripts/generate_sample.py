"""Write realistic input files and the true links: award_data, recipient_lookup, prime_award_summaries, true_links.

Deterministic: the same numbers and seed give the same bytes. No row or name is real.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import click

from database.warehouse import WarehouseError
from interface.command_line import run_command
from sampling.files import TRUE_LINKS, TableWriter, headers_of
from sampling.identity import SPECIAL_RECIPIENTS, Inventor, Recipient
from sampling.noise import SITUATIONS, Case
from sampling.rows import AGENCIES, RowMaker, recipient_row

DUPLICATE_SHARE = 0.003
BARE_ORDER_NUMBERS = 3
FOLLOW_ON_SHARE = 0.4
MOST_FOLLOW_ONS = 6
# A firm's number of awards follows a Zipf-like law, cut off so that no firm fills a small sample.
LARGEST_FIRM = 60
# A firm brings at most three recipients: its own, and homonyms, twins or sisters.
RECIPIENTS_PER_FIRM = 3
MOST_KNOWN_FIRMS = 1000
# CSV of that many is slow to write and to read.
PARQUET_FROM_RECIPIENTS = 500_000
FILES = ("award_data", "recipient_lookup", "prime_award_summaries", "true_links")


def situations(inventor: Inventor) -> Iterator[Callable[[Inventor], Case]]:
    """Every situation once, then by chance according to the shares, without end."""
    yield from SITUATIONS
    kinds, shares = list(SITUATIONS), list(SITUATIONS.values())
    while True:
        yield from inventor.random.choices(kinds, shares, k=1000)


def firm_size(inventor: Inventor) -> int:
    """How many awards a firm has: one in half of the cases, few in most, many in some."""
    return min(LARGEST_FIRM, int(1 / (1 - inventor.random.random()) ** 0.8))


class SampleWriter:
    """Writes firms, with all that belongs to them, into the four files.

    Args:
        files: the open files by name.
        inventor: source of chance and identity.
    """

    def __init__(self, files: dict[str, TableWriter], inventor: Inventor) -> None:
        self.classes: Counter[str] = Counter()
        self._files = files
        self._inventor = inventor
        self._rows = RowMaker(inventor)
        self._columns = {
            "award_data": list(headers_of("awards")),
            "recipient_lookup": list(headers_of("recipients")),
            "prime_award_summaries": list(headers_of("prime_awards")),
        }

    def _write(self, file: str, row: dict[str, str]) -> None:
        self._files[file].write([row.get(column, "") for column in self._columns[file]])

    def recipient(self, recipient: Recipient) -> None:
        """Write a recipient."""
        self._write("recipient_lookup", recipient_row(recipient, self._files["recipient_lookup"].rows + 1))

    def recipients(self, case: Case) -> None:
        """Write the recipients that belong to a firm."""
        for recipient in [case.true, *case.others]:
            if recipient is not None:
                self.recipient(recipient)

    def awards(self, case: Case, noise_class: str, awards: int) -> None:
        """Write awards of a firm, their true links and prime awards.

        Args:
            case: the firm.
            noise_class: name of its situation.
            awards: how many awards to write.
        """
        missing = awards
        index = 0
        while missing > 0:
            row, number = self._rows.award(case, index)
            copies = 2 if self._inventor.random.random() < DUPLICATE_SHARE and missing > 1 else 1
            missing -= copies
            index += 1
            for _ in range(copies):
                self._write("award_data", row)
                true_hash = case.true.hash if case.true else ""
                self._files["true_links"].write([str(self._files["award_data"].rows), true_hash, noise_class])
            self.classes[noise_class] += copies
            # Prime awards of firms that a name alone can link would link them by number instead.
            is_identified = bool(case.award_uei or case.award_duns)
            named = case.numbered or (case.true if is_identified else None)
            if row["contract"] and named is not None and (case.numbered or self._inventor.random.random() < 0.5):
                self._write("prime_award_summaries", self._rows.prime_award(number, row["agency"], named))

    def follow_ons(self, case: Case) -> None:
        """Write prime awards that a firm's recipient got beside its SBIR/STTR awards, if it got any."""
        if case.true is not None and self._inventor.random.random() < FOLLOW_ON_SHARE:
            for _ in range(self._inventor.random.randint(1, MOST_FOLLOW_ONS)):
                self._write("prime_award_summaries", self._rows.follow_on(case.true))

    def order_numbers(self) -> None:
        """Write bare order numbers that several recipients share: they must link nothing."""
        for _ in range(BARE_ORDER_NUMBERS):
            stranger = self._inventor.recipient(self._inventor.designated(self._inventor.name()), uei=True)
            self.recipient(stranger)
            number = self._rows.award_number("contract", is_order=True)
            self._write("prime_award_summaries", self._rows.prime_award(number, AGENCIES[0][0], stranger))


def generate(
    writer: SampleWriter, files: dict[str, TableWriter], inventor: Inventor, awards: int, recipients: int
) -> None:
    """Fill the files: special recipients, firms with their awards, other recipients, other prime awards.

    Args:
        writer: of firms and recipients.
        files: the open files by name.
        inventor: source of chance and identity.
        awards: how many award rows.
        recipients: how many recipient rows.

    Raises:
        WarehouseError: if that many recipients are too few to show every situation.
    """
    for name in SPECIAL_RECIPIENTS:
        writer.recipient(Recipient(name, "", "", ""))
    writer.order_numbers()
    known_firms: list[tuple[Case, str]] = []
    for number, kind in enumerate(situations(inventor)):
        missing = awards - files["award_data"].rows
        recipients_left = recipients - files["recipient_lookup"].rows
        if missing <= 0 or (number >= len(SITUATIONS) and recipients_left < RECIPIENTS_PER_FIRM):
            break
        case = kind(inventor)
        writer.recipients(case)
        writer.awards(case, kind.__name__, min(missing, case.awards or firm_size(inventor)))
        if case.awards is None and len(known_firms) < MOST_KNOWN_FIRMS:
            known_firms.append((case, kind.__name__))
    if files["recipient_lookup"].rows > recipients:
        raise WarehouseError(
            f"--recipients {recipients} is too few: every situation once needs "
            f"{files['recipient_lookup'].rows}. Give at least as many"
        )
    # No recipient is left for another firm: those there are get the rest.
    while (missing := awards - files["award_data"].rows) > 0:
        case, noise_class = inventor.random.choice(known_firms)
        writer.awards(case, noise_class, min(missing, firm_size(inventor)))
    while files["recipient_lookup"].rows < recipients:
        has_uei = inventor.random.random() < 0.7
        stranger = inventor.recipient(
            inventor.designated(inventor.stranger_name()), uei=has_uei, duns=inventor.random.random() < 0.3
        )
        writer.recipient(stranger)
    for case, _ in known_firms:
        writer.follow_ons(case)


@click.command()
@click.option("--awards", type=click.IntRange(min=1), default=1500, show_default=True, help="Award rows.")
@click.option("--recipients", type=click.IntRange(min=1), default=1200, show_default=True, help="Recipient rows.")
@click.option("--seed", type=int, default=20240601, show_default=True, help="Seed of the random numbers.")
@click.option(
    "--output", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder; made where missing."
)
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["csv", "parquet"]),
    help=f"Of the files  [default: csv, from {PARQUET_FROM_RECIPIENTS:,} recipients on parquet]",
)
def main(awards: int, recipients: int, seed: int, output: Path, file_format: str | None) -> None:
    """Write the sample: award_data, recipient_lookup, prime_award_summaries and true_links."""
    file_format = file_format or ("parquet" if recipients >= PARQUET_FROM_RECIPIENTS else "csv")
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WarehouseError(f"Cannot make {output}: {error.strerror}") from error
    headers = dict(
        zip(
            FILES,
            (*(list(headers_of(name).values()) for name in ("awards", "recipients", "prime_awards")), TRUE_LINKS),
            strict=True,
        )
    )
    inventor = Inventor(seed)
    with ExitStack() as stack:
        files = {name: stack.enter_context(TableWriter(output / name, headers[name], file_format)) for name in FILES}
        writer = SampleWriter(files, inventor)
        generate(writer, files, inventor, awards, recipients)
    for name, file in files.items():
        click.echo(f"{name}: {file.rows:,} rows")
    for noise_class, count in sorted(writer.classes.items()):
        click.echo(f"  {noise_class}: {count:,} awards")


if __name__ == "__main__":
    run_command(main)
