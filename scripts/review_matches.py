"""Review the links that no rule dares to make: one pair of firm and candidate at a time, or all in a spreadsheet.

Decisions are kept in seeds/match_decisions.csv, which the next build follows. Exit codes: 0 done or
left off, 2 could not go on.
"""

import io
import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TextIO

import click
from rich.console import Console

from database.warehouse import WarehouseError
from interface.command_line import Stopped, run_command
from reviewing.match_decisions import (
    DECISIONS,
    SEED,
    Decision,
    Decisions,
    Pair,
    Places,
    change_decisions,
    differing,
    read_decisions,
    read_sheet,
    refuse_second_recipient,
    write_sheet,
)
from reviewing.queue import Question, Walk, measure_progress, open_questions, read_queue
from reviewing.screen import show

KEYS = {"s": "same", "d": "different", "u": "unsure", "k": "skip", "z": "undo", "q": "quit"}
KEYS_AT_THE_END = {"z": "undo", "q": "quit"}


def number(count: int, what: str) -> str:
    """A number with its noun, as in '1 pair' and '2 pairs'."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def next_step(path: Path) -> str:
    """What makes decisions count."""
    if path.resolve() == SEED.resolve():
        return "To apply them: make build"
    return f"To apply them, bring them into {SEED}, the file that dbt reads, then: make build"


def report_changed(pair: Pair, old: Decision, new: str) -> None:
    """Say that a decision on file is another one now."""
    click.echo(
        f"changed: {pair.company_name!r} in {pair.state!r} and recipient {pair.recipient_hash}: "
        f"was {old.decision} ({old.decided_on}), is {new}"
    )


def prompt(keys: Mapping[str, str]) -> str:
    """What the keys mean."""
    return "  ".join(f"[{key}] {answer}" for key, answer in keys.items()) + ": "


def answers_from(lines: TextIO) -> Callable[[Mapping[str, str]], str]:
    """How to get one of some answers: by a key where a person sits at a terminal, else by a line with a key or a word.

    An unknown key is asked again. An unknown line ends the session: the lines after it, meant for other
    pairs, must not be taken for answers to this one.
    """

    def from_key(keys: Mapping[str, str]) -> str:
        while (key := click.getchar().lower()) not in keys:
            if not key:
                raise EOFError
        click.echo(keys[key])
        return keys[key]

    def from_line(keys: Mapping[str, str]) -> str:
        if not (line := lines.readline()):
            raise EOFError
        word = line.strip().lower()
        answer = keys.get(word, word)
        if answer not in keys.values():
            click.echo()
            raise WarehouseError(
                f"The answer {word!r} is none of {', '.join(keys.values())}. Answers before it are kept"
            )
        click.echo(answer)
        return answer

    return from_key if lines.isatty() else from_line


def ask_all(walk: Walk, console: Console, next_answer: Callable[[Mapping[str, str]], str]) -> None:
    """Ask every open question until the person quits; after the last one it can still be taken back."""
    while True:
        if question := walk.question():
            candidates = [other for other in walk.questions if other.firm == question.firm]
            show(console, question, candidates, measure_progress(walk.questions, walk.decisions, question))
        else:
            click.echo("\nThat was the last one.")
        keys = KEYS if question else KEYS_AT_THE_END
        click.echo(prompt(keys), nl=False)
        answer = next_answer(keys)
        if answer == "quit":
            return
        if answer == "undo":
            if not walk.undo():
                click.echo("Nothing is left to undo")
        elif answer == "skip":
            walk.skip()
        elif question and (old := walk.answer(answer)) and old.decision != answer:
            report_changed(question.pair, old, answer)


def review(path: Path, questions: list[Question], *, ask_unsure: bool) -> None:
    """Walk a person through the queue; every answer is on disk before the next question.

    Args:
        path: the decisions file.
        questions: the queue.
        ask_unsure: whether to ask again what a person was unsure about.
    """
    walk = Walk(path, questions, ask_unsure=ask_unsure)
    if walk.question() is None:
        report_nothing_open(questions, walk.decisions)
        return
    # Where the caller closed standard input there is none, and nobody to answer.
    lines = click.get_text_stream("stdin", errors="replace") or io.StringIO()
    try:
        ask_all(walk, Console(highlight=False), answers_from(lines))
    except (KeyboardInterrupt, Stopped, EOFError):
        click.echo()
    ended = "Stopped" if walk.question() else "All was asked"
    made = (
        f"{number(walk.decided, 'decision')} made, kept in {path}. {next_step(path)}"
        if walk.decided
        else "no decision made"
    )
    click.echo(f"{ended}: {made}")


def report_nothing_open(questions: list[Question], decisions: Decisions) -> None:
    """Say why nothing is asked, and what to do."""
    unsure = sum(1 for question in questions if (d := decisions.get(question.pair)) and d.decision == "unsure")
    if not questions:
        click.echo("Nothing to review: the queue is empty")
    else:
        hint = f" {number(unsure, 'pair')} left unsure: --unsure asks again." if unsure else ""
        click.echo(f"Nothing to review: all of the queue is decided.{hint} To apply decisions: make build")


def export_sheet(sheet: Path, path: Path, questions: list[Question], *, ask_unsure: bool) -> None:
    """Write the open questions into a spreadsheet, to be filled in.

    Args:
        sheet: the file to write.
        path: the decisions file.
        questions: the queue.
        ask_unsure: whether what a person was unsure about is among them.
    """
    decisions = read_decisions(path)
    rows = open_questions(questions, decisions, ask_unsure=ask_unsure)
    if not rows:
        report_nothing_open(questions, decisions)
        return
    write_sheet(sheet, Question._fields, rows)
    firms = number(len({row.firm for row in rows}), "firm")
    click.echo(
        f"Wrote {number(len(rows), 'pair')} of {firms} to {sheet}. Fill in the column decision "
        f"({', '.join(DECISIONS)}), save as CSV, then run this again with: --import {sheet}"
    )


def refuse_unknown_pairs(sheet: Path, places: Places, questions: list[Question], decisions: Decisions) -> None:
    """Refuse pairs that nobody was asked about: a spreadsheet may turn a name such as 3-1 into a date.

    Raises:
        WarehouseError: with the first such row.
    """
    known = {question.pair for question in questions} | decisions.keys()
    for pair, place in places.items():
        if pair not in known:
            raise WarehouseError(
                f"{sheet} {place}: the company {pair.company_name!r} in {pair.state!r} with recipient "
                f"{pair.recipient_hash!r} is not in the queue. "
                "Restore what the spreadsheet changed, or empty its decision"
            )


def import_sheet(sheet: Path, path: Path, questions: list[Question]) -> None:
    """Take over the filled-in rows of a spreadsheet, all or none, and say which decisions on file they change.

    Args:
        sheet: the file to read.
        path: the decisions file.
        questions: the queue.

    Raises:
        WarehouseError: if a row cannot be taken over; nothing is written then.
    """
    decisions = read_decisions(path)
    filled, places = read_sheet(sheet, date.today())
    refuse_unknown_pairs(sheet, places, questions, decisions)
    refuse_second_recipient(sheet, {**decisions, **filled}, places)
    news = differing(decisions, filled)
    before = change_decisions(path, news)
    for pair, old in before.items():
        if old and old.decision != news[pair].decision:
            report_changed(pair, old, news[pair].decision)
    there = len(filled) - len(news)
    added = sum(1 for old in before.values() if old is None)
    click.echo(
        f"{number(len(filled), 'decision')} in {sheet}: {added:,} new, {len(news) - added:,} changed, "
        f"{there:,} on file already. " + (f"Kept in {path}. {next_step(path)}" if news else f"{path} is as it was")
    )


@click.command()
@click.option(
    "--decisions", "path", type=click.Path(path_type=Path), default=SEED, show_default=True, help="File of decisions."
)
@click.option("--unsure", "ask_unsure", is_flag=True, help="Ask again what was answered with unsure.")
@click.option("--export", "exported", type=click.Path(path_type=Path), help="Write what is open to this CSV file.")
@click.option("--import", "imported", type=click.Path(path_type=Path), help="Take the decisions filled in there.")
def main(path: Path, ask_unsure: bool, exported: Path | None, imported: Path | None) -> None:
    """Decide which firms of the review queue are which recipients.

    Every answer is kept at once. Leave off with q or Ctrl-C; the next time goes on from there.
    """
    if exported and imported:
        raise click.UsageError("Give --export or --import, not both")
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that lacks a character of some name shows a question mark for it.
        sys.stdout.reconfigure(errors="replace")
    questions = read_queue()
    if exported:
        export_sheet(exported, path, questions, ask_unsure=ask_unsure)
    elif imported:
        import_sheet(imported, path, questions)
    else:
        review(path, questions, ask_unsure=ask_unsure)


if __name__ == "__main__":
    run_command(main)
