"""Which packages of a job moved between the last good night and the bad one.

Belongs here: comparing what the two tapes list. Does not belong here: making that list
(`healer.tape.packages`), and pinning anything (`healer.draft.pins`).
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from healer.draft.pins import names_package
from healer.facts.draft import PackageMove
from healer.failure import Failure
from healer.tape.facts import Process, Tape
from healer.tape.recordings import Recordings

MOST_NAMED = 3


def list_moves(good: Tape, bad: Tape, failure: Failure) -> tuple[PackageMove, ...]:
    """What moved since the good night, also what came or went (its other release is empty); those
    that the failure names come first. None where either night's packages are not known."""
    if not good.packages or not bad.packages:
        return ()
    old, new = dict(_split(good.packages)), dict(_split(bad.packages))
    names = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
    names.sort(key=lambda name: not names_package(failure, name))
    return tuple(
        PackageMove(name=name, old=old.get(name, ""), new=new.get(name, "")) for name in names
    )


class PackageHistory(NamedTuple):
    """What a draft may pin."""

    moves: tuple[PackageMove, ...] = ()
    """Those whose old and new release are known."""
    before: tuple[str, ...] = ()
    """All packages of the last good night."""
    now: tuple[str, ...] = ()
    """All of the failing one."""


def find_package_history(failure: Failure | None, recordings: Recordings) -> PackageHistory:
    """Of a recorded failure; empty where nothing is known."""
    good = recordings.find_last_good(failure) if failure else None
    bad = recordings.of_failure(failure) if failure else None
    if failure is None or good is None or bad is None:
        return PackageHistory(now=bad.packages if bad else ())
    moves = tuple(move for move in list_moves(good, bad, failure) if move.old and move.new)
    return PackageHistory(moves, good.packages, bad.packages)


def explain_packages(good: Tape, bad: Tape, failure: Failure) -> Iterator[str]:
    """What moved since the good night, in one sentence."""
    moves = [*_list_python_moves(good.processes, bad.processes)]
    moves += map(_describe, list_moves(good, bad, failure))
    if moves:
        more = f" and {len(moves) - MOST_NAMED} more" if len(moves) > MOST_NAMED else ""
        yield f"Since the last good night {', '.join(moves[:MOST_NAMED])}{more}."


def _list_python_moves(before: Sequence[Process], now: Sequence[Process]) -> Iterator[str]:
    old, new = (each[0].version[:3] if each else () for each in (before, now))
    if old and new and old != new:
        old_text, new_text = (".".join(map(str, each)) for each in (old, new))
        yield f"Python went from {old_text} to {new_text}"


def _split(packages: Iterable[str]) -> Iterator[tuple[str, str]]:
    for each in packages:
        name, _, version = each.partition("==")
        yield name, version


def _describe(move: PackageMove) -> str:
    if move.old and move.new:
        return f"{move.name} went from {move.old} to {move.new}"
    return f"{move.name} {move.new} is new" if move.new else f"{move.name} {move.old} is gone"
