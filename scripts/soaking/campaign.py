"""The loop of a soak: a fault, the next plain build, and what must hold after each."""

import random
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from database.warehouse import WarehouseError
from soaking.builds import BUILD, Site
from soaking.checks import Reference, count_lost, loaded_input, look, sha256_of, take_reference
from soaking.faults import FAULTS, Circumstances, Outcome
from soaking.inputs import Input

# How often the build after a fault is given no files and goes on from what stands.
SHARE_WITHOUT_FILES = 0.3


@dataclass
class Round:
    """A fault and the build after it.

    Attributes:
        number: of the round, from 1 on.
        fault: its name.
        told: how the fault came.
        hit: whether it disturbed anything.
        recovery: how the build after it went.
        seconds: of fault and recovery together.
        rows_lost: records of the input that the recovered warehouse does not hold.
        ungated_rows: rows of a published file that no reference build let out.
        wrong: what did not hold.
    """

    number: int
    fault: str
    told: str = ""
    hit: bool = False
    recovery: str = ""
    seconds: float = 0.0
    rows_lost: int = 0
    ungated_rows: int = 0
    wrong: list[str] = field(default_factory=list)


def take_references(site: Site, inputs: Sequence[Input], tell: Callable[[str], None]) -> list[Reference]:
    """Build each input in an empty warehouse; the last of them stays in the warehouse of the soak.

    Args:
        site: of the soak, empty.
        inputs: what to build.
        tell: told a line per build.

    Returns:
        What each build published.

    Raises:
        WarehouseError: if a clean build fails: then there is nothing to compare with.
    """
    references = []
    for given in inputs:
        shutil.rmtree(site.folder, ignore_errors=True)
        done = site.learn_stages(*given.options)
        if done.exit_code:
            raise WarehouseError(f"The clean build of {given.name} ended with {done.exit_code}: {done.last_words}")
        lost, wrong = count_lost(site.working, given)
        if lost or wrong:
            raise WarehouseError(f"The clean build of {given.name} lost records: {'; '.join(wrong)}")
        references.append(take_reference(site.published, given))
        stages = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in site.stage_seconds.items())
        tell(f"reference {given.name}: clean build in {done.seconds:.1f} s ({stages})")
    return references


class Campaign:
    """Faults on one warehouse, and what became of them.

    Args:
        site: a warehouse in which the last of the inputs is built and published.
        inputs: what is built in turn.
        references: what a clean build of each publishes.
        chance: decides on everything.
    """

    def __init__(
        self, site: Site, inputs: Sequence[Input], references: Sequence[Reference], chance: random.Random
    ) -> None:
        self._site = site
        self._inputs = inputs
        self._references = references
        self._chance = chance
        self._loaded = inputs[-1]
        self.rounds: list[Round] = []

    def run_round(self, fault: str) -> Round:
        """Let a fault happen, build again, and check.

        Args:
            fault: its name.

        Returns:
            What happened, which is also kept in `rounds`.
        """
        started = time.monotonic()
        others = [each for each in self._inputs if each is not self._loaded] or list(self._inputs)
        given = self._chance.choice(others)
        this = Round(len(self.rounds) + 1, fault)
        self.rounds.append(this)
        before = sha256_of(self._site.published)
        outcome = FAULTS[fault](Circumstances(self._site, self._chance, given))
        this.told, this.hit = f"{given.name}, {outcome.told}", outcome.hit
        this.wrong += outcome.wrong
        if not outcome.may_publish and sha256_of(self._site.published) != before:
            this.wrong.append("the published file was changed by a command that published nothing")
        self._look("after the fault", this, None)
        self._recover(this, given, outcome)
        this.seconds = time.monotonic() - started
        return this

    def _recover(self, this: Round, given: Input, outcome: Outcome) -> None:
        options = [] if self._chance.random() < SHARE_WITHOUT_FILES else given.options
        done = self._site.run(BUILD, *options)
        this.recovery = f"exit code {done.exit_code} after {done.seconds:.1f} s{'' if options else ', no files given'}"
        if done.exit_code:
            this.wrong.append(f"the next build ended with exit code {done.exit_code}: {done.last_words}")
            return
        try:
            loaded = given if options else loaded_input(self._site.working, (self._loaded, given))
            if loaded is None:
                this.wrong.append("the next build, without files, went on from neither input")
                return
            this.rows_lost, wrong = count_lost(self._site.working, loaded)
        except duckdb.Error as error:
            this.wrong.append(f"the working file cannot be read after the next build: {error}")
            return
        this.wrong += wrong
        self._loaded = loaded
        self._look("after the next build", this, loaded)

    def _look(self, when: str, this: Round, expected: Input | None) -> None:
        """See that the published file is one of the references, and the one expected."""
        seen = look(self._site.published, self._references)
        this.ungated_rows += seen.ungated_rows
        this.wrong += [f"published {when}: {sentence}" for sentence in seen.wrong]
        if expected and not seen.wrong and seen.name != expected.name:
            this.wrong.append(f"published {when}: {seen.name} instead of {expected.name}")


def fault_order(names: Sequence[str], chance: random.Random) -> Iterator[str]:
    """Every fault once in a random order, then all again in another, without end."""
    while True:
        yield from chance.sample(list(names), len(names))


def check_faults(names: Sequence[str]) -> None:
    """Refuse names that are no faults.

    Raises:
        WarehouseError: naming those there are.
    """
    if unknown := set(names) - FAULTS.keys():
        raise WarehouseError(f"There is no fault {', '.join(sorted(unknown))}. There are: {', '.join(FAULTS)}")


def is_gone(folder: Path) -> bool:
    """Remove a folder and all in it; whether it is gone."""
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()
