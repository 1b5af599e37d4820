"""The parts of a repository's code that a prompt may show, and which first.

Belongs here: functions, heads of classes, and statements between them, as lines of their files, and
their rank. Does not belong here: where it failed, which comes before all of them (`excerpts`), and
the score of words (`relevance`). What ran is likelier at fault; but what is wrong may as well be a
table, or a method that the failure came before: so all of the files that were loaded takes part.
"""

import ast
import math
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from healer.draft.edits.symbols import Symbol, first_line
from healer.draft.llm.prompts.code import Module, mentions_of
from healer.draft.llm.prompts.failing_tests import list_starts
from healer.draft.llm.prompts.relevance import score_texts
from healer.facts.suspect import Suspect
from sandbox import FailingTests

LONGEST_STATEMENT = 12
"""Lines of a statement; of a longer one those that begin like a word of the failure."""
_RUN, _HEAD, _TESTED, _FILE, _COST = 1.2, 1.0, 1.1, 0.7, 0.18
"""Of a function that ran, of a class or a statement, of a file that is named as the failing tests'
is, of the file's words, and of the logarithm of the tokens, against 1 for what answers best to the
failure's words. Chosen on `benchmarks/real_bugs`, as is the next."""
_SUSPECT, _USUAL = 1.0, 0.4
"""Of what failing tests run and others do not."""
LEAST_TELLING = 0.8
"""The score of what says something of the failure."""
_NAMED = 0.8
"""Of what a failing test names after the line at which it fails: it may never have called it."""
_MOST_CALLED_SO = 3
"""Definitions of one name; of more, the name says little."""
_MOST_ALIKE = 6
"""Lines of a table that begin alike; what more of them share says little."""
_NAME_WEIGHT = 3
"""So many times a function's name counts among its words."""


@dataclass(frozen=True)
class Passage:
    """Lines of a file that belong together."""

    module: Module
    symbol: Symbol | None
    """None for a statement."""
    lines: frozenset[int]
    has_run: bool = False
    is_tested: bool = False
    """Its file is named like that of a failing test."""
    is_named: bool = False
    """A failing test names it and has not come to it; no more than a few things are called so."""
    suspicion: float = 0.0
    """How much likelier failing tests run it than others, of 1.0 for the likeliest."""
    is_reached: bool = True
    """Of a statement or a class: something of its file ran, or what ran names it. Of many large
    files that were only imported nothing else is known."""

    @property
    def is_function(self) -> bool:
        return self.symbol is not None and not isinstance(self.symbol.node, ast.ClassDef)

    @property
    def text(self) -> str:
        """Its name and its lines."""
        name = f"{self.symbol.name} " * _NAME_WEIGHT if self.symbol else ""
        return name + "\n".join(self.module.lines[number - 1] for number in sorted(self.lines))

    @property
    def tokens(self) -> int:
        return sum(self.module.line_tokens[number - 1] for number in self.lines)


def list_passages(
    modules: Collection[Module],
    traces: Collection[FailingTests],
    tests: Collection[str],
    starts: frozenset[str],
    names: Collection[str] = (),
    *,
    near: Collection[str] = (),
    suspects: Collection[Suspect] = (),
) -> list[Passage]:
    """All of these files. `tests`: the failing tests' files; `starts`: how the failure's words
    begin; `names`: in the failing tests' code, not come to; `near`: the files in which it failed.
    """
    passages = []
    counts = Counter(symbol.name.rpartition(".")[2] for m in modules for symbol in m.symbols)
    rare_names = {name for name in names if 0 < counts[name] <= _MOST_CALLED_SO}
    runs = {module.path: _list_executed(module, traces) for module in modules}
    mentions = {*names}.union(*(_list_mentions(module, runs[module.path]) for module in modules))
    for module in modules:
        ran = runs[module.path]
        weights = _list_weights(module, suspects)
        is_near = not traces or module.path in near or bool(_list_run_symbols(module, ran))
        is_tested = is_named_like(module.path, tests)
        for symbol in _list_outer_symbols(module):
            node, start = symbol.node, first_line(symbol.node)
            lines = frozenset(
                module.class_lines(node)
                if isinstance(node, ast.ClassDef)
                else range(start, (node.end_lineno or node.lineno) + 1)
            )
            is_named = start not in ran and symbol.name.rpartition(".")[2] in rare_names
            is_reached = is_near or is_tested or symbol.name in mentions
            passages.append(
                Passage(
                    module,
                    symbol,
                    lines,
                    start in ran,
                    is_tested,
                    is_named,
                    max((weights[line] for line in lines & weights.keys()), default=0.0),
                    is_reached,
                )
            )
        for statement, is_bound in _list_statements(module, mentions):
            lines = frozenset(choose_lines(module, statement, starts))
            lines |= module.comment_lines(statement[0])
            is_reached = is_near or is_tested or is_bound
            passages.append(Passage(module, None, lines, False, is_tested, is_reached=is_reached))
    return passages


def _list_statements(module: Module, mentions: set[str]) -> Iterator[tuple[range, bool]]:
    """Each with whether it binds one of the names."""
    bindings = {lines[0] for lines in module.binding_lines(mentions)}
    return ((lines, lines[0] in bindings) for lines in module.statement_lines)


def _list_weights(module: Module, suspects: Collection[Suspect]) -> dict[int, float]:
    """Of its suspicious functions by their first lines, of 1.0 for the likeliest of all files."""
    most = max((each.weight for each in suspects), default=0.0) or 1.0
    return {each.line: each.weight / most for each in suspects if each.path == module.path}


def _list_executed(module: Module, traces: Collection[FailingTests]) -> set[int]:
    return {line for trace in traces for line in trace.executed.get(module.path, ())}


def _list_run_symbols(module: Module, ran: Collection[int]) -> list[Symbol]:
    return [
        symbol
        for symbol in module.symbols
        if first_line(symbol.node) in ran and not isinstance(symbol.node, ast.ClassDef)
    ]


def _list_mentions(module: Module, ran: Collection[int]) -> set[str]:
    """What the functions that ran name."""
    return set().union(*(mentions_of(each.node) for each in _list_run_symbols(module, ran)))


def is_named_like(path: str, tests: Collection[str]) -> bool:
    """Whether `shop/rates.py` or `rates/__init__.py` for a test file `test_rates.py`."""
    file = PurePosixPath(path)
    name = (file.parent.name if file.stem == "__init__" else file.stem).strip("_")
    stems = (PurePosixPath(test).stem for test in tests)
    return name in {stem.removeprefix("test_").removesuffix("_test") for stem in stems}


def rank_passages(passages: Collection[Passage], question: str) -> list[tuple[Passage, float]]:
    """With how well each answers to the question, the words of the failure; the best first."""
    by_words = score_texts(question, {passage: passage.text for passage in passages})
    files = {passage.module.path: passage.module.text for passage in passages}
    by_file = score_texts(question, files)

    is_measured = any(passage.suspicion for passage in passages)

    def score(passage: Passage) -> float:
        head = _HEAD if passage.is_reached else 0.0
        kind = (_RUN if passage.has_run else 0.0) if passage.is_function else head
        words = by_words[passage] + _FILE * by_file[passage.module.path]
        names = _TESTED * passage.is_tested + _NAMED * passage.is_named
        names += _SUSPECT * (passage.suspicion - _USUAL) if is_measured and passage.has_run else 0
        return words + kind + names - _COST * math.log(passage.tokens + 1)

    scores = {passage: score(passage) for passage in passages}
    return sorted(scores.items(), key=lambda item: -item[1])


def _list_outer_symbols(module: Module) -> Iterator[Symbol]:
    """What is defined in a function comes with it."""
    functions = {s.name for s in module.symbols if not isinstance(s.node, ast.ClassDef)}
    for symbol in module.symbols:
        parts = symbol.name.split(".")
        around = {".".join(parts[:count]) for count in range(1, len(parts))}
        if functions.isdisjoint(around):
            yield symbol


def choose_lines(module: Module, lines: range, starts: frozenset[str]) -> set[int]:
    """Of a long statement its ends, and the entries of which a line begins like a word of the
    failure: there what is wrong stands, or beside it is what is missing."""
    if len(lines) <= LONGEST_STATEMENT:
        return set(lines)
    by_start: dict[str, list[int]] = {}
    for number in lines:
        for start in starts & list_starts(module.lines[number - 1]):
            by_start.setdefault(start, []).append(number)
    telling = {n for numbers in by_start.values() if len(numbers) <= _MOST_ALIKE for n in numbers}
    entries = module.entry_lines(lines)
    choice = {lines[0], lines[-1]}
    for number in telling:
        choice |= {*entries.get(number, ()), *{number - 1, number, number + 1}.intersection(lines)}
    return choice
