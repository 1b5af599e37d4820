"""The form of a rule: its check, what it is called, and two patches that show it.

Belongs here: what a rule is and what it answers, and the ways to make one of a function. Does not
belong here: any rule.
"""

import ast
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass

from quarantine.policy.example import Example
from quarantine.policy.files import Patch
from quarantine.policy.model import Severity
from quarantine.policy.module import Module
from quarantine.policy.new_items import find_new, line_of

WHAT_CHARS = 60


@dataclass(frozen=True)
class Hit:
    """One place that a rule points at."""

    path: str
    line: int = 0
    what: str = ""
    """Fills `{what}` in the rule's reason: the name, character or text that was found."""


@dataclass(frozen=True)
class Rule:
    """One row of the table. Rows of one name are one concern seen in several ways."""

    name: str
    severity: Severity
    reason: str
    """A sentence for the person who decides; `{what}` stands for what was found."""
    find: Callable[[Patch], Iterator[Hit]]
    summary: str
    """What the rule looks for, as a sentence."""
    refuses: Example
    allows: Example
    """The honest look-alike, about which the whole policy says nothing."""
    link: str
    """Why it matters."""


def short_source(node: ast.AST) -> str:
    """The beginning of a node's source."""
    return ast.unparse(node)[:WHAT_CHARS]


Find = Callable[[Patch], Iterator[Hit]]
FindNodes = Callable[[Module], Iterator[ast.AST]]


def rule(
    name: str,
    severity: Severity,
    reason: str,
    *,
    refuses: str | Example,
    allows: str | Example,
    link: str,
) -> Callable[[Find], Rule]:
    """Makes a rule of a function whose docstring's first paragraph is the rule's summary."""

    def decorate(find: Find) -> Rule:
        return Rule(
            name,
            severity,
            reason,
            find,
            summary=first_paragraph(find.__doc__ or ""),
            refuses=Example.read(refuses),
            allows=Example.read(allows),
            link=link,
        )

    return decorate


def node_rule(
    name: str,
    severity: Severity,
    reason: str,
    *,
    refuses: str | Example,
    allows: str | Example,
    link: str,
    key: Callable[[ast.AST], Hashable] = ast.dump,
    what: Callable[[ast.AST], str] = short_source,
) -> Callable[[FindNodes], Rule]:
    """The same of a function that gives the nodes of one module that matter: the rule points at
    those that a patch adds to product code. Nodes with one `key` are not told apart."""

    def decorate(find_nodes: FindNodes) -> Rule:
        def find(patch: Patch) -> Iterator[Hit]:
            for file, node in find_new(patch.product, find_nodes, key):
                yield Hit(file.path, line_of(node), what(node) if "{what}" in reason else "")

        find.__doc__ = find_nodes.__doc__
        make = rule(name, severity, reason, refuses=refuses, allows=allows, link=link)
        return make(find)

    return decorate


def first_paragraph(docstring: str) -> str:
    """On one line."""
    return " ".join(docstring.strip().partition("\n\n")[0].split())


def cwe(number: int) -> str:
    """The page of a weakness in the Common Weakness Enumeration."""
    return f"https://cwe.mitre.org/data/definitions/{number}.html"
