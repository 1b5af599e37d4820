"""`python -m scripts.checks`: what scripts/check asks beside ruff, mypy and import-linter.

    python -m scripts.checks                   what is wrong anywhere; exit status 1
    python -m scripts.checks healer.judge      what is wrong there

Belongs here: which files each check looks at, and what is allowed (allowed.toml). Does not belong
here: the rules.
"""

import argparse
import gc
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Says what is wrong; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m scripts.checks")
    parser.add_argument("packages", nargs="*", metavar="PACKAGE", help="look at these only")
    problems = select(find_problems(), parser.parse_args(arguments).packages)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def select(problems: Iterable[Problem], packages: Sequence[str]) -> list[Problem]:
    """The problems of these packages and what is below them; all of them where none is named."""
    return [
        problem
        for problem in problems
        if not packages
        or any(f"{package_of(problem.path)}.".startswith(f"{name}.") for name in packages)
    ]


if __name__ == "__main__":
    gc.disable()  # all trees stay until the end: there is nothing to free before
    sys.exit(main())
