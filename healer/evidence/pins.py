"""What speaks for a pin of packages: its text, what moved, and the nights in its environment.

Belongs here: from a patch that is proved with other packages than the job has to the facts for the
judge. Does not belong here: drafting a pin (`healer.draft.pins`), what moved (`package_history`),
or when a pin may merge (`healer.judge.pins`).
"""

from collections.abc import Iterator
from typing import NamedTuple

from healer.evidence.good_nights import NightRuns, is_good
from healer.evidence.nights import NightCase
from healer.evidence.package_history import list_moves
from healer.facts.draft import Draft
from healer.failure import Failure
from healer.judge import Nights, PinProof
from healer.nights import compare_effects, find_noise
from healer.services.runner import PackableTree
from healer.survey.dependencies import find_dependencies
from healer.tape.effects import effects_of as effects_of_tape
from healer.tape.recordings import Recordings
from quarantine.protection import list_open_to_pins
from quarantine.requirement_pins import Pin, normalize, read_patch
from quarantine.tree import Tree


class PinCase(NamedTuple):
    """A patch that is proved with other packages, and all that is known of them."""

    draft: Draft
    failure: Failure | None
    base: Tree
    fix: PackableTree
    paths: tuple[str, ...]
    """That the patch changes."""
    recordings: Recordings


def prove_pin(case: PinCase, nights: NightCase, answer: Nights | None) -> PinProof | None:
    """None for a patch that is proved where the job runs. The nights are those of the environment
    in which it is proved, and `answer` is what they say."""
    if not case.draft.packages:
        return None
    changes = [_find_change(night, nights) for night in nights.good_nights]
    return PinProof(
        paths=case.paths,
        objection=next(_list_objections(case), ""),
        replays=changes.count(""),
        change=next((each for each in changes if each), ""),
        continuity=answer.continuity if answer else "cannot-tell",
        why=answer.why if answer else "",
    )


def _find_change(night: NightRuns, case: NightCase) -> str | None:
    """What a good night does otherwise than it was recorded; None where it cannot be told. What two
    runs of it have not in common is chance. The code is the same on both trees, so that one run is
    no measure of the other."""
    if night.after is None or night.before is None:
        return None
    if not is_good(night.after):
        return f"{night.name}: it fails"
    first, second = (case.effects_of(end, night.tape) for end in (night.before, night.after))
    record = effects_of_tape(night.tape)
    differences = compare_effects(record, second, find_noise([first, second]))
    return f"{night.name}: {differences[0].sentence}" if differences else ""


def _list_objections(case: PinCase) -> Iterator[str]:
    """The most telling first."""
    pins = read_patch(case.paths, case.base.read, case.fix.read)
    if pins is None:
        yield "the patch changes more than the pin of a package"
        return
    open_files = set(list_open_to_pins(case.base))
    if closed_files := sorted(set(case.paths) - open_files):
        yield (
            "which release is to be used is for a person to say; in protected.toml "
            f'action = "merge" for {closed_files[0]} would let a pin that is proved merge by itself'
        )
    yield from _list_other_moves(case, pins)
    manager = find_dependencies(case.base).manager
    if manager != "pip":
        yield f"the packages are installed by {manager or 'something unknown'}, not by this file"


def _list_other_moves(case: PinCase, pins: frozenset[Pin]) -> Iterator[str]:
    """Why the pins do not bring back what the last good night had, and nothing else."""
    good = case.recordings.find_last_good(case.failure) if case.failure else None
    bad = case.recordings.of_failure(case.failure) if case.failure else None
    if case.failure is None or good is None or bad is None:
        yield "what moved since the last good night is not known"
        return
    if case.draft.packages != good.packages:
        yield "it was not proved with the packages of the last good night"
    moves = {normalize(each.name): each for each in list_moves(good, bad, case.failure)}
    for pin in sorted(pins):
        if pin.name not in moves or moves[pin.name].old != pin.release:
            yield f"{pin.name} {pin.release} is not what has moved since the last good night"
    others = sorted(moves.keys() - {pin.name for pin in pins})
    if others:
        yield f"{others[0]} has moved, too, and is not pinned: the proof was made without that"
