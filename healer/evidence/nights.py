"""What a job's nights say of a fix: the good ones and the failing one, made again with effects.

Belongs here: what nights are compared, and which neighbours of the fix are run on the failing one.
Does not belong here: making a night again (`good_nights`), what is usual on nights
(`healer.nights`), which programs are neighbours (`neighbours`), or what it means for a merge
(`healer.judge`).
"""

import ast
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, zip_longest

from healer.config import ConfigError, load
from healer.evidence.commands import make_night_command
from healer.evidence.effects import effects_of
from healer.evidence.experiment import Experiment
from healer.evidence.good_nights import NightRuns, is_good
from healer.evidence.neighbour import Neighbour
from healer.evidence.world import find_lent_inputs
from healer.facts.effects import Effects
from healer.judge import Nights
from healer.judge.nights import LEAST_NIGHTS
from healer.nights import (
    Continuity,
    Habits,
    Night,
    Reading,
    check_continuity,
    compare_effects,
    find_noise,
)
from healer.nights.expectations import Expectation, find_broken
from healer.redact import Redactor
from healer.services.runner import PackableTree, SandboxRunner
from healer.support.work_count import show_work
from healer.tape import effects as tape_effects
from healer.tape.facts import Tape
from healer.tape.reads import list_reads
from sandbox import Command, Plan, ProcessEnd, SandboxError

MOST_NEIGHBOURS = 24
"""Of a fix, run on the failing night: each is a run of the job."""
MOST_OTHERS = 26
"""Beside them: keys that the failing night's data brought, and plainly wrong values."""
AT_ONCE = 2
NO_DATA = (".py", ".pyc", ".so", ".toml", ".ini", ".cfg")
OK_STATUS = range(200, 300)


@dataclass(frozen=True)
class NightCase:
    """A fix, the night that failed, and the good ones."""

    experiment: Experiment
    tape: Tape | None
    """Of the failing night; None: it is not recorded."""
    good_nights: tuple[NightRuns, ...]
    """Of the script and of those that share what changes."""
    runner: SandboxRunner
    redactor: Redactor
    expectations: tuple[Expectation, ...] = ()
    """What the owner says a good outcome is, as the base has it."""

    def effects_of(self, end: ProcessEnd, tape: Tape) -> Effects:
        return effects_of(end, tape, self.redactor)

    @cached_property
    def habits(self) -> Habits:
        """Of the same command, oldest first; as they were made again on the base where enough can
        be, since then all is seen with the same eyes, else as they were recorded."""
        command = self.tape.command if self.tape else ()
        same = [each for each in self.good_nights if each.tape.command == command]
        same.sort(key=lambda each: each.tape.started_at)
        again = [
            Night(self.effects_of(each.before, each.tape), read_of(each.tape))
            for each in same
            if each.before is not None and is_good(each.before)
        ]
        if len(again) >= LEAST_NIGHTS:
            return Habits(tuple(again))
        tapes = [each.tape for each in same]
        return Habits(tuple(Night(tape_effects.effects_of(t), read_of(t)) for t in tapes))

    def make_night(self, end: ProcessEnd) -> Night | None:
        """The failing night as it ends now, with the inputs that it had come to read, or was lent.
        Whose answer another night lent, it is not known what was read."""
        if self.tape is None:
            return None
        read = () if end.borrowed else (*read_of(self.tape), *self._lent_readings)
        return Night(self.effects_of(end, self.tape), read)

    @cached_property
    def unread_pages(self) -> str:
        """The first answer of the failing night that came in pages, as on the last good one it did
        not, while the night holds only one of them; empty: none."""
        tapes = [n.tape for n in self.good_nights if self.tape and n.tape.argv == self.tape.argv]
        last = max(tapes, key=lambda tape: tape.started_at, default=None)
        reads = list_reads(self.tape, last) if self.tape and last else ()
        return next((each.name for each in reads if each.has_new_pages), "")

    @cached_property
    def _lent_readings(self) -> tuple[Reading, ...]:
        tapes = sorted((each.tape for each in self.good_nights), key=lambda each: -each.started_at)
        files = find_lent_inputs(self.tape, tapes) if self.tape else ()
        return tuple(Reading(f.path, f.data) for f in files if not f.path.endswith(NO_DATA))

    def find_break(self, night: Night) -> Continuity:
        """Whether a night keeps to what is expected, and goes on as the good ones."""
        breaks = find_broken(self.expectations, night.effects)
        return Continuity("breaks", 0, breaks) if breaks else check_continuity(night, self.habits)

    def run(
        self, command: Command | None, neighbours: Sequence[Neighbour | None]
    ) -> list[ProcessEnd]:
        """How a command ends on each neighbour of the fix, None for the fix itself: shared by a few
        containers. None of them where the sandbox can never run some. Raises SandboxError where it
        only failed at it."""
        show_work(
            f"the failing run again, with the fix and {len(neighbours):,} small changes of it"
        )
        shares = [neighbours[n::AT_ONCE] for n in range(AT_ONCE)]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            ends = list(pool.map(lambda share: self._run_share(command, share), shares))
        in_turn = [end for each in zip_longest(*ends) for end in each if end is not None]
        return in_turn if len(in_turn) == len(neighbours) else []

    def _run_share(
        self, command: Command | None, share: Sequence[Neighbour | None]
    ) -> tuple[ProcessEnd, ...]:
        if not share or command is None:
            return ()
        variants = tuple({each.path: each.content.encode()} if each else {} for each in share)
        plan = Plan(command=command, variants=variants)
        report = self.runner.run(self.experiment.tree, plan)
        if report.fault and report.fault.retryable:
            raise SandboxError.of(report.fault)
        return report.variants


def read_of(tape: Tape) -> tuple[Reading, ...]:
    """The data that a run read: files that are no program, and answers."""
    files = [Reading(f.path, f.data) for f in tape.files if not f.path.endswith(NO_DATA)]
    answers = [
        Reading(f"{connection.host}{each.target.partition('?')[0]}", each.answer)
        for connection in tape.connections
        for each in connection.exchanges
        if each.status in OK_STATUS and not each.is_cut
    ]
    return (*files, *answers)


def read_expectations(base: PackableTree, script: str) -> tuple[Expectation, ...]:
    """What the base expects of a script; a file that is wrong was told of when it was read."""
    try:
        jobs = load(base.read).job
    except ConfigError:
        return ()
    return tuple(each for job in jobs if job.script == script for each in job.expect)


def ask_nights(case: NightCase) -> Nights | None:
    """What they say before any neighbour of the fix is tried; None where none is recorded."""
    if not case.good_nights and not case.expectations:
        return None
    changes = [find_change(each, case) for each in case.good_nights]
    replays = changes.count("")
    change = next((change for change in changes if change), "")
    end = case.experiment.after.command
    night = case.make_night(end) if end and is_good(end) else None
    if night is None:
        return Nights(replays=replays, change=change, why="the failing night is not recorded")
    answer = case.find_break(night)
    why = answer.differences[0].sentence if answer.differences else answer.why
    return Nights(
        replays=replays,
        change=change,
        continuity=answer.state,
        why=why,
        unread_pages=case.unread_pages,
    )


def find_change(night: NightRuns, case: NightCase, end: ProcessEnd | None = None) -> str | None:
    """What the fix, or `end` in its place, does otherwise on a good night; empty: nothing, None: it
    cannot be told."""
    end = end or night.after
    record = tape_effects.effects_of(night.tape)
    before = night.before and is_good(night.before) and case.effects_of(night.before, night.tape)
    if end is None or (not before and not is_good(end)):
        return None
    if not is_good(end):
        return f"{night.name}: it fails now"
    after = case.effects_of(end, night.tape)
    noise = find_noise([record, before]) if before else frozenset()
    differences = compare_effects(before or record, after, noise)
    if differences and not before:
        return None  # it never did so in the sandbox: nothing says that the fix changed it
    return f"{night.name}: {differences[0].sentence}" if differences else ""


def try_neighbours(nights: Nights, case: NightCase, neighbours: Sequence[Neighbour]) -> Nights:
    """Runs neighbours of the fix on the failing night, and those that go on as well on the good
    ones: what does something else and is told by neither is a rival. Raises SandboxError."""
    ends = case.run(case.experiment.plan.command, [None, *neighbours])
    end = case.experiment.after.command
    fix, twin = (case.make_night(each) if each else None for each in (end, *ends[:1], None)[:2])
    if fix is None or twin is None or len(ends) <= len(neighbours):
        return nights.model_copy(update={"is_cut_short": True})
    noise = find_noise([fix.effects, twin.effects])
    told_apart, open_ones = 0, dict[Neighbour, str]()
    for neighbour, other in zip(neighbours, ends[1:], strict=True):
        night = case.make_night(other) if is_good(other) else None
        differences = compare_effects(fix.effects, night.effects, noise) if night else ()
        if night is not None and differences:
            is_told = case.find_break(night).state == "breaks"
            told_apart += is_told
            if not is_told:
                open_ones[neighbour] = f"{_describe(neighbour)}: {differences[0].sentence}"
    telling = _find_changing(list(open_ones), case)
    return nights.model_copy(
        update={
            "neighbours": len(neighbours),
            "told_apart": told_apart + len(telling),
            "rivals": tuple(text for each, text in open_ones.items() if each not in telling),
        }
    )


def choose_neighbours(
    neighbours: Iterable[Neighbour], others: Iterable[Neighbour] = ()
) -> list[Neighbour]:
    """The first of each kind, then the second of each, and so on: of those that parse; and beside
    them some of `others`, which take no other's place."""
    kinds: dict[str, list[Neighbour]] = {}
    for each in neighbours:
        kinds.setdefault(each.shape.partition("/")[0], []).append(each)
    in_turn = chain.from_iterable(zip_longest(*kinds.values()))
    choice = list(_take_parsing((n for n in in_turn if n is not None), MOST_NEIGHBOURS, set()))
    texts = {ast.dump(ast.parse(each.content)) for each in choice}
    return [*choice, *_take_parsing(others, MOST_OTHERS, texts)]


def _take_parsing(
    neighbours: Iterable[Neighbour], most: int, trees: set[str]
) -> Iterator[Neighbour]:
    count = 0
    for each in neighbours:
        try:
            tree = ast.dump(ast.parse(each.content))
        except (SyntaxError, ValueError, RecursionError):
            continue
        if tree not in trees:
            trees.add(tree)
            count += 1
            yield each
        if count == most:
            return


def _find_changing(neighbours: Sequence[Neighbour], case: NightCase) -> set[Neighbour]:
    """Those that do something else on a good night."""
    changing: set[Neighbour] = set()
    for night in case.good_nights:
        rest = [each for each in neighbours if each not in changing]
        command = make_night_command(night.tape, case.experiment.base, case.experiment.paths)
        ends = case.run(command, rest) if rest else []
        changing |= {
            neighbour
            for neighbour, end in zip(rest, ends, strict=False)
            if find_change(night, case, end)
        }
    return changing


def _describe(neighbour: Neighbour) -> str:
    return f"{neighbour.path}:{neighbour.line} ({neighbour.shape})"
