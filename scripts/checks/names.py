"""Functions are verbs, values are nouns: no bare participle names a function or a value.

Belongs here: what counts as a participle, and where names are given: functions, parameters,
locals. Fields of facts are not looked at: they are JSON keys too. Does not belong here: the words
that are nouns all the same (docs/glossary.md says them).
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from scripts.checks.sources import ROOT, Problem, Source

CHECK = "names"


def _words(name: str) -> frozenset[str]:
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    return frozenset(text.partition("\n")[2].split())


IRREGULAR = _words("participles.txt")
NOUNS_IN_ING = _words("nouns_in_ing.txt")
NOUNS_IN_ED = frozenset({"bed", "ed", "embed", "hundred", "red", "shed"})
Kind = Literal["function", "parameter", "local"]


@dataclass(frozen=True)
class Name:
    """A name that is given somewhere."""

    kind: Kind
    text: str
    node: ast.AST
    beside: frozenset[str] = frozenset()
    """The other names of the same function."""


def is_participle(word: str) -> bool:
    """Whether this single word is a past participle and no base verb or noun by its form."""
    if word in IRREGULAR:
        return True
    return word.endswith("ed") and not word.endswith("eed") and word not in NOUNS_IN_ED


def is_refused(name: Name, nouns: frozenset[str]) -> bool:
    """Whether the name is one bare participle, or a function's a bare gerund."""
    word = name.text.strip("_").lower()
    if "_" in word or word in nouns:
        return False
    if word == "left" and "right" in name.beside:
        return False  # the side
    if name.kind == "function" and word.endswith("ing") and word not in NOUNS_IN_ING:
        return True
    return is_participle(word)


def find_participles(source: Source, nouns: frozenset[str]) -> Iterator[Problem]:
    """The names of a file that are refused."""
    for name in given_names(source.nodes):
        if is_refused(name, nouns):
            hint = "a verb" if name.kind == "function" else "a noun, or is_/has_ and a predicate"
            yield source.problem(
                CHECK, name.node, f"{name.kind} {name.text}: name it by {hint}"
            )  # fmt: skip


def given_names(nodes: Iterable[ast.AST]) -> Iterator[Name]:
    """All functions among these, their parameters and locals; a local once for each function."""
    for node in nodes:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        yield Name("function", node.name, node)
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        arguments += [item for item in (node.args.vararg, node.args.kwarg) if item]
        for argument in arguments:
            if argument.arg not in {"self", "cls"}:
                yield Name("parameter", argument.arg, argument)
        stores: dict[str, ast.AST] = {}
        for name, store in _stores(node):
            stores.setdefault(name, store)
        beside = frozenset(stores)
        for name, store in stores.items():
            yield Name("local", name, store, beside)


def glossary_nouns() -> frozenset[str]:
    """The words of docs/glossary.md: they are nouns here, whatever their form."""
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    return frozenset(word.lower() for word in re.findall(r"^\| \*\*(\w+)\*\* \|", text, re.M))


def _stores(function: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """The names that a function itself gives, without those of functions and classes in it, in the
    order of the text."""
    waiting = list(ast.iter_child_nodes(function))[::-1]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name, node
        waiting.extend(list(ast.iter_child_nodes(node))[::-1])
