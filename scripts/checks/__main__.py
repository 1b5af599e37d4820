"""`python -m scripts.checks`: what scripts/check asks beside ruff, mypy and import-linter.

    python -m scripts.checks                         what is above its ratchet; exit status 1
    python -m scripts.checks --list healer.judge     every problem there, whatever the ratchet
    python -m scripts.checks --lower                 write today's counts where they fell

Belongs here: which files each check looks at, what is allowed (allowed.toml), and the ratchet:
while the tree is being cleaned, counts per package may only fall. Does not belong here: the rules.
"""

import argparse
import json
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from scripts.checks.dead_code import find_dead
from scripts.checks.fragments import find_malformed
from scripts.checks.history import find_long_subjects
from scripts.checks.ignores import find_unexplained, find_unexplained_settings
from scripts.checks.mirror import find_unlimited, find_untested
from scripts.checks.names import find_participles, glossary_nouns
from scripts.checks.purity import find_impure
from scripts.checks.resources import find_open_ends
from scripts.checks.signatures import find_dicts
from scripts.checks.sizes import find_oversized
from scripts.checks.sources import PRODUCT, TOOLS, Problem, package_of, sources

RATCHET = Path(__file__).with_name("ratchet.json")
ALLOWED = Path(__file__).with_name("allowed.toml")
Counts = Counter[tuple[str, str]]
"""How many problems a check has in a package."""


def find_problems() -> Iterator[Problem]:
    """Everything that any check says about the tree, what is allowed left out."""
    exceptions = Allowed(ALLOWED)
    for problem in _all_problems():
        if not exceptions.covers(problem):
            yield problem
    yield from exceptions.stale()


def _all_problems() -> Iterator[Problem]:
    nouns = glossary_nouns()
    product = list(sources(*PRODUCT))
    tools = list(sources(*TOOLS))
    for source in (*product, *tools):
        yield from find_participles(source, nouns)
        yield from find_oversized(source)
    for source in product:
        yield from find_dicts(source)
        yield from find_untested(source)
        yield from find_unlimited(source)
    for source in (*product, *tools, *sources("tests")):
        yield from find_unexplained(source)
    yield from find_open_ends(product)
    yield from find_unexplained_settings()
    yield from find_impure()
    yield from find_dead()
    yield from find_long_subjects()
    yield from find_malformed()


class Entry(NamedTuple):
    """What is right as it is, though a check would refuse it."""

    check: str
    path: str
    says: str
    """A piece of what the check says."""
    why: str


class Allowed:
    """The entries of allowed.toml, and which of them were of use."""

    def __init__(self, path: Path) -> None:
        rows = tomllib.loads(path.read_text(encoding="utf-8")).get("allow", [])
        self._entries = [Entry(*(row[key] for key in Entry._fields)) for row in rows]
        self._uses = Counter[Entry]()

    def covers(self, problem: Problem) -> bool:
        """Whether an entry allows this; it counts as used then."""
        for entry in self._entries:
            is_place = (entry.check, entry.path) == (problem.check, problem.path)
            if is_place and entry.says in problem.text:
                self._uses[entry] += 1
                return True
        return False

    def stale(self) -> Iterator[Problem]:
        """A problem for each entry that has allowed nothing."""
        for entry in self._entries:
            if not self._uses[entry]:
                text = f"allows nothing any more: {entry.path}: {entry.says}"
                yield Problem("allowed", "scripts/checks/allowed.toml", 1, text)


def count(problems: Iterable[Problem]) -> Counts:
    """How many problems each check has in each package."""
    return Counter((problem.check, package_of(problem.path)) for problem in problems)


def above(counts: Counts, limits: Counts) -> list[tuple[str, str]]:
    """The checks and packages whose count is over its limit; without a limit that is zero."""
    return sorted(key for key, number in counts.items() if number > limits[key])


def read_ratchet(path: Path = RATCHET) -> Counts:
    """The counts that must not be exceeded; what is not named there must be zero."""
    if not path.exists():
        return Counter()
    table = json.loads(path.read_text(encoding="utf-8"))
    return Counter(
        {(check, package): n for check, row in table.items() for package, n in row.items()}
    )


def write_ratchet(counts: Counts, path: Path = RATCHET) -> None:
    """Writes the counts, or takes the file away when all are zero."""
    table: dict[str, dict[str, int]] = {}
    for (check, package), number in sorted(counts.items()):
        if number:
            table.setdefault(check, {})[package] = number
    if table:
        path.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")
    else:
        path.unlink(missing_ok=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Says what is wrong; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m scripts.checks")
    parser.add_argument("--list", nargs="*", metavar="PACKAGE", help="every problem, here only")
    parser.add_argument("--lower", action="store_true", help="write today's counts where they fell")
    options = parser.parse_args(arguments)
    problems = list(find_problems())
    if options.list is not None:
        print(*select(problems, options.list), sep="\n")
        return 0
    counts, limits = count(problems), read_ratchet()
    if options.lower:
        limits = Counter({key: min(number, limits[key]) for key, number in counts.items()})
        write_ratchet(limits)
    places = above(counts, limits)
    for problem in problems:
        if (problem.check, package_of(problem.path)) in places:
            print(problem)
    for check, package in places:
        limit = limits[check, package]
        print(f"{check}: {package} has {counts[check, package]}, at most {limit} are allowed")
    return 1 if places else 0


def select(problems: Iterable[Problem], packages: Sequence[str]) -> list[Problem]:
    """The problems of these packages and what is below them; all of them where none is named."""
    return [
        problem
        for problem in problems
        if not packages
        or any(f"{package_of(problem.path)}.".startswith(f"{name}.") for name in packages)
    ]


if __name__ == "__main__":
    sys.exit(main())
