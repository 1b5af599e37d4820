"""Which packages a job's Python has, and which of them moved between two nights.

Belongs here: the names of what is installed, as the folders say them. Does not belong here: what a
repository declares (`healer.survey`, `healer.app.declared`), and installing anything.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from healer.tape.facts import Process, Tape

MOST_PACKAGES = 1_000
MOST_NAMED = 3
_FOLDER = re.compile(r"(?P<name>[\w.]+?)-(?P<version>\d[\w.!+]*)\.(?:dist|egg)-info")


def list_packages(processes: Sequence[Process]) -> tuple[str, ...]:
    """Of the job's first Python, each as `pandas==2.2.3`, sorted; none where its folder cannot be
    listed. Nothing is opened: it is asked on every run."""
    if not processes:
        return ()
    process = processes[0]
    version = ".".join(map(str, process.version[:2]))
    folder = Path(process.prefix) / "lib" / f"python{version}" / "site-packages"
    try:
        names = [each.name for each in folder.iterdir()]
    except OSError:
        return ()
    matches = (_FOLDER.fullmatch(name) for name in names)
    packages = sorted(f"{m['name'].replace('_', '-')}=={m['version']}" for m in matches if m)
    return tuple(packages[:MOST_PACKAGES])


def explain_packages(good: Tape, bad: Tape, words: str) -> Iterator[str]:
    """What moved since the good night, in one sentence; those that `words` name, of the failure,
    come first. Nothing where either night's packages are not known."""
    moves = [*_list_python_moves(good.processes, bad.processes)]
    if good.packages and bad.packages:
        moves += _list_moves(good.packages, bad.packages, words)
    if moves:
        more = f" and {len(moves) - MOST_NAMED} more" if len(moves) > MOST_NAMED else ""
        yield f"Since the last good night {', '.join(moves[:MOST_NAMED])}{more}."


def _list_python_moves(before: Sequence[Process], now: Sequence[Process]) -> Iterator[str]:
    old, new = (each[0].version[:3] if each else () for each in (before, now))
    if old and new and old != new:
        old_text, new_text = (".".join(map(str, each)) for each in (old, new))
        yield f"Python went from {old_text} to {new_text}"


def _list_moves(before: Iterable[str], now: Iterable[str], words: str) -> list[str]:
    old, new = dict(_split(before)), dict(_split(now))
    names = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
    names.sort(key=lambda name: name.replace("-", "_").casefold() not in words.casefold())
    return [_describe(name, old.get(name, ""), new.get(name, "")) for name in names]


def _split(packages: Iterable[str]) -> Iterator[tuple[str, str]]:
    for each in packages:
        name, _, version = each.partition("==")
        yield name, version


def _describe(name: str, old: str, new: str) -> str:
    if old and new:
        return f"{name} went from {old} to {new}"
    return f"{name} {new} is new" if new else f"{name} {old} is gone"
