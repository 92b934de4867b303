"""What a soak does to builds: each fault by its name, with what must hold when it is over."""

import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from soaking.builds import BUILD, STAGES, Done, Site, send
from soaking.inputs import Input

GATE_FAILED = 1
REFUSED = 2
SECONDS_A_DAY = 86_400.0
# The command line's output, too, is a file below the limit.
SMALLEST_FILE_BYTES = 200_000
LIMITED = (
    "import os, resource, sys; limit = int(sys.argv[1]); resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)); "
    "os.execv(sys.argv[2], sys.argv[2:])"
)
# Parts of the project that a person may build by hand.
SELECTIONS = ("sbir_match_summary", "enriched_sbir_awards+", "stg_sbir__awards+", "int_exact_links+", "loads")


@dataclass
class Outcome:
    """What a fault did.

    Attributes:
        told: when and how it came, for the log.
        hit: whether it came in time to disturb anything.
        may_publish: whether what was published may be another, whole, version now.
        wrong: what did not go as it must.
    """

    told: str
    hit: bool = True
    may_publish: bool = False
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Circumstances:
    """Where and to which input a fault happens."""

    site: Site
    chance: random.Random
    given: Input


def kill_build(at: Circumstances) -> Outcome:
    """SIGKILL of the build process alone: its stage is left, at work."""
    return _signal_build(at, signal.SIGKILL)


def terminate_build(at: Circumstances) -> Outcome:
    """SIGTERM: the build ends its stage and says that nothing was published."""
    return _signal_build(at, signal.SIGTERM)


def interrupt_build(at: Circumstances) -> Outcome:
    """Ctrl-C: as SIGTERM."""
    return _signal_build(at, signal.SIGINT)


def _signal_build(at: Circumstances, number: signal.Signals) -> Outcome:
    moment = at.site.choose_moment(at.chance)
    with at.site.running(BUILD, *at.given.options) as build:
        hit = build.wait_for(moment)
        if hit:
            build.process.send_signal(number)
        done = build.wait()
    outcome = Outcome(f"{number.name} at {moment}, exit code {done.exit_code}", hit and done.exit_code != 0)
    # Who is killed says nothing; who is stopped says whether it published.
    is_told = "is published anew" in done.output
    outcome.may_publish = number == signal.SIGKILL or done.exit_code == 0 or is_told
    is_set_up = number != signal.SIGKILL and moment.stage != STAGES[0]
    # While Python still starts, the signal itself ends it.
    allowed = {0, 128 + number} if is_set_up else {0, 128 + number, -number}
    if done.exit_code not in allowed:
        outcome.wrong.append(f"a build that got {number.name} at {moment} ended with {_told(done)}")
    return outcome


def kill_tree(at: Circumstances) -> Outcome:
    """SIGKILL of the build and all it started, at once."""
    moment = at.site.choose_moment(at.chance)
    with at.site.running(BUILD, *at.given.options) as build:
        hit = build.wait_for(moment)
        build.kill_tree()
        done = build.wait()
    return Outcome(f"at {moment}, exit code {done.exit_code}", hit and done.exit_code != 0, may_publish=True)


def kill_stage(at: Circumstances) -> Outcome:
    """SIGKILL of the stage alone: the build fails, or mends what it finds and goes on."""
    moment = at.site.choose_moment(at.chance, STAGES[1:])
    with at.site.running(BUILD, *at.given.options) as build:
        hit = build.wait_for(moment) and send(build.stage_process(), signal.SIGKILL)
        done = build.wait()
    outcome = Outcome(f"at {moment}, exit code {done.exit_code}", hit and done.exit_code != 0, may_publish=True)
    if done.exit_code not in (0, REFUSED):
        outcome.wrong.append(f"a build whose stage got SIGKILL at {moment} ended with {_told(done)}")
    return outcome


def limit_files(at: Circumstances) -> Outcome:
    """Disk full, as a limit on the size of files: every write beyond it fails."""
    limit = at.chance.randint(SMALLEST_FILE_BYTES, max(at.site.working.stat().st_size, 2 * SMALLEST_FILE_BYTES))
    before = [sys.executable, "-c", LIMITED, str(limit)]
    done = at.site.run(BUILD, *at.given.options, before=before)
    outcome = _failed_or_whole(done, f"files of at most {limit:,} bytes")
    # What DuckDB cannot bring into its file at the end, it keeps beside it: then the build succeeds at the limit.
    outcome.hit |= at.site.working.stat().st_size >= limit
    return outcome


def limit_memory(at: Circumstances) -> Outcome:
    """A memory limit that is too small."""
    limit = f"{at.chance.choice((8, 16, 32, 64))}MB"
    return _failed_or_whole(at.site.run(BUILD, *at.given.options, SBIR_MEMORY_LIMIT=limit), f"{limit} of memory")


def fill_disk(at: Circumstances) -> Outcome:
    """A disk that is really full: a copy of the warehouse on a small file system, which is given room after it."""
    disk = at.site.scratch / "disk"
    if not can_mount(disk):
        return Outcome("skipped: needs root and mount", hit=False)
    used = sum(path.stat().st_size for path in _files(at.site.folder))
    free = at.chance.randint(0, at.site.working.stat().st_size // 4)
    _mount(disk, used + free)
    try:
        small = Site(disk / "warehouse", at.site.scratch / "disk-scratch")
        small.scratch.mkdir(exist_ok=True)
        shutil.copytree(at.site.folder, small.folder, ignore=shutil.ignore_patterns("*.tmp"))
        before = small.published.read_bytes()
        outcome = _failed_or_whole(small.run(BUILD, *at.given.options), f"{free:,} bytes free on the disk")
        if outcome.hit and small.published.read_bytes() != before:
            outcome.wrong.append("a build on a full disk changed what is published")
        _mount(disk, used + free + 10 * small.working.stat().st_size + SMALLEST_FILE_BYTES * 1000, "remount,")
        after = small.run(BUILD, *at.given.options)
        if after.exit_code:
            outcome.wrong.append(f"after the full disk had room again, the build ended with {_told(after)}")
        elif small.published.read_bytes() == before:
            outcome.wrong.append("after the full disk had room again, the build published nothing")
        return outcome
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=False)  # noqa: S603, S607


def can_mount(disk: Path) -> bool:
    """Whether a file system can be mounted at a folder, which is made."""
    disk.mkdir(exist_ok=True)
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    done = subprocess.run(["mount", "-t", "tmpfs", "none", str(disk)], check=False, capture_output=True)  # noqa: S603, S607
    if done.returncode == 0:
        subprocess.run(["umount", str(disk)], check=False)  # noqa: S603, S607
    return done.returncode == 0


def _mount(disk: Path, size: int, option: str = "") -> None:
    subprocess.run(  # noqa: S603
        ["mount", "-t", "tmpfs", "-o", f"{option}size={size}", "none", str(disk)],  # noqa: S607
        check=True,
    )


def damage_working_file(at: Circumstances) -> Outcome:
    """The working file is overwritten in places, cut or emptied between builds."""
    path = at.site.working
    size = path.stat().st_size
    kind = at.chance.choice(("overwritten", "cut", "emptied"))
    with path.open("r+b") as file:
        if kind == "overwritten":
            places = at.chance.randint(1, 20)
            for _ in range(places):
                file.seek(at.chance.randrange(size))
                file.write(at.chance.randbytes(at.chance.choice((16, 4096, 300_000))))
            return Outcome(f"overwritten in {places} places")
        length = 0 if kind == "emptied" else at.chance.randrange(size)
        file.truncate(length)
        return Outcome(f"cut from {size:,} to {length:,} bytes")


def damage_notes(at: Circumstances) -> Outcome:
    """A small file is cut or overwritten: notes of what is loaded or of who holds the lock, what dbt parsed."""
    notes = [
        path
        for path in (
            at.site.folder / "loaded_files.json",
            at.site.folder / "build.lock.json",
            at.site.scratch / "target" / "partial_parse.msgpack",
            at.site.scratch / "target" / "manifest.json",
        )
        if path.exists()
    ]
    path = at.chance.choice(notes)
    length = at.chance.randrange(path.stat().st_size)
    kind = at.chance.choice(("cut", "overwritten"))
    if kind == "cut":
        os.truncate(path, length)
    else:
        with path.open("r+b") as file:
            file.seek(length)
            file.write(at.chance.randbytes(50))
    return Outcome(f"{path.name} {kind} at byte {length:,}")


def start_second_builder(at: Circumstances) -> Outcome:
    """Another command that writes, at the same time: it must end with one line that names the process at work."""
    moment = at.site.choose_moment(at.chance, STAGES[1:])
    commands = ([BUILD, *at.given.options], ["scripts/load_raw.py", *at.given.options], ["scripts/publish.py"])
    command = at.chance.choice([*commands, ["scripts/rollback.py"]])
    with at.site.running(BUILD, *at.given.options) as build:
        hit = build.wait_for(moment)
        second = at.site.run(*command) if hit else None
        was_busy = not build.is_done
        done = build.wait()
    outcome = Outcome(f"{command[0]} at {moment}", hit=hit and was_busy, may_publish=True)
    if done.exit_code:
        outcome.wrong.append(f"a build beside another one ended with {_told(done)}")
    lines = second.output.strip().splitlines() if second else []
    if (
        second
        and was_busy
        and (second.exit_code != REFUSED or len(lines) != 1 or str(build.process.pid) not in lines[0])
    ):
        outcome.wrong.append(
            f"{command[0]} beside process {build.process.pid} ended with {second.exit_code}: {' / '.join(lines)}"
        )
    return outcome


def fail_gate(at: Circumstances) -> Outcome:
    """A gate that fails: nothing is published, exit code 1."""
    done = at.site.run(BUILD, *at.given.options, SBIR_MIN_MATCH_RATE="0.999")
    outcome = Outcome(f"exit code {done.exit_code}")
    if done.exit_code != GATE_FAILED or "Nothing was published" not in done.output:
        outcome.wrong.append(f"a build whose gate fails ended with {_told(done)}")
    return outcome


def build_part(at: Circumstances) -> Outcome:
    """A part built by plain dbt, and published: refused, or whole and gated."""
    is_loaded = at.chance.random() < 0.5
    command, selection = at.chance.choice(("run", "build")), at.chance.choice(SELECTIONS)
    if is_loaded:
        at.site.run("scripts/load_raw.py", *at.given.options)
    at.site.run("-m", "dbt.cli.main", command, "--select", selection)
    done = at.site.run("scripts/publish.py")
    told = f"{'load, ' if is_loaded else ''}dbt {command} -s {selection}, publish: exit code {done.exit_code}"
    outcome = Outcome(told, may_publish=done.exit_code == 0)
    if done.exit_code not in (0, GATE_FAILED, REFUSED):
        outcome.wrong.append(f"{told}: {done.last_words}")
    return outcome


def roll_back(at: Circumstances) -> Outcome:
    """The version before is published again."""
    done = at.site.run("scripts/rollback.py")
    outcome = Outcome(f"exit code {done.exit_code}", hit=done.exit_code == 0, may_publish=done.exit_code == 0)
    if done.exit_code and not (done.exit_code == REFUSED and "There is no version before" in done.output):
        outcome.wrong.append(f"a rollback ended with {_told(done)}")
    return outcome


def set_clock_back(at: Circumstances) -> Outcome:
    """The clock is set back by a day: every file of the warehouse and of dbt is from the future."""
    seen = set()
    for path in [*_files(at.site.folder), *_files(at.site.scratch / "target")]:
        known = path.stat()
        if known.st_ino not in seen:
            seen.add(known.st_ino)
            os.utime(path, (known.st_atime + SECONDS_A_DAY, known.st_mtime + SECONDS_A_DAY))
    return Outcome(f"{len(seen)} files are from tomorrow")


def _failed_or_whole(done: Done, told: str) -> Outcome:
    """What a build may do where something is short: fail with words of its own, or succeed."""
    outcome = Outcome(f"{told}, exit code {done.exit_code}", hit=done.exit_code != 0, may_publish=done.exit_code == 0)
    if done.exit_code not in (0, GATE_FAILED, REFUSED):
        outcome.wrong.append(f"a build with {told} ended with {_told(done)}")
    if "Traceback (most recent call last)" in done.output:
        outcome.wrong.append(f"a build with {told} printed a traceback")
    return outcome


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _told(done: Done) -> str:
    return f"exit code {done.exit_code}: {done.last_words}"


FAULTS: dict[str, Callable[[Circumstances], Outcome]] = {
    "kill-build": kill_build,
    "kill-tree": kill_tree,
    "kill-stage": kill_stage,
    "terminate": terminate_build,
    "interrupt": interrupt_build,
    "file-limit": limit_files,
    "full-disk": fill_disk,
    "memory-limit": limit_memory,
    "damaged-file": damage_working_file,
    "damaged-notes": damage_notes,
    "second-builder": start_second_builder,
    "failed-gate": fail_gate,
    "partial-build": build_part,
    "rollback": roll_back,
    "clock": set_clock_back,
}
