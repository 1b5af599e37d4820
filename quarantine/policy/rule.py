"""The form of a rule: its check, what it is called, and two patches that show it.

Belongs here: what a rule is and what it answers, and the ways to make one: of a function, of the
nodes of a module, of a list of names (`watch`). Does not belong here: any rule or list, and how a
name is found (`names`, `module`).
"""

import ast
import re
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from quarantine.policy.example import Example
from quarantine.policy.files import Patch
from quarantine.policy.model import Severity
from quarantine.policy.module import Module, Use
from quarantine.policy.new_items import find_new, first_argument, line_of

WHAT_CHARS = 60
_WHAT = re.compile(r" \(\{what\}\)")


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


@dataclass(frozen=True)
class Watch:
    """Names of one kind, and which uses of them count."""

    names: tuple[str, ...]
    """`signal` also matches `signal.alarm`; `os.exec*` matches `os.execv`; `?.f_back` matches that
    attribute of anything."""
    harmless: tuple[str, ...] = ()
    """Names of the same modules that are no concern (constants, exceptions)."""
    passive: bool = False
    """Exceptions, warnings and constants count, too."""
    imports: bool = False
    """An import alone is enough."""
    by_argument: bool = False
    """A changed first argument makes an existing call a new one."""
    stores: bool = False
    """Only where something is assigned to it."""
    in_tests: bool = True
    """Looked for in tests that the patch brings along, too."""

    def matters(self, use: Use) -> bool:
        """Whether this use is one of those."""
        if use.kind == "import" and not self.imports:
            return False
        if self.stores and use.kind != "store":
            return False
        if not matches(use.name, self.names):
            return False
        if self.harmless and matches(use.name, self.harmless):
            return False
        return self.passive or not is_passive(use)

    def key(self, use: Use) -> tuple[str, str]:
        """Uses with one key are not told apart."""
        return use.name, first_argument(use) if self.by_argument else ""

    def find(self, patch: Patch) -> Iterator[Hit]:
        """The new uses in a patch."""
        files = patch.python if self.in_tests else patch.product
        for file, use in find_new(files, lambda m: filter(self.matters, m.uses), self.key):
            name = use.name.removeprefix("builtins.").removeprefix("?.")
            yield Hit(file.path, line_of(use), name)


def watch(
    name: str,
    severity: Severity,
    reason: str,
    names: str,
    *,
    refuses: str | Example,
    allows: str | Example,
    link: str,
    harmless: str = "",
    imports: bool = False,
    by_argument: bool = False,
    stores: bool = False,
    in_tests: bool = True,
) -> Rule:
    """A rule of a list; `names` and `harmless` are separated by spaces. Its summary is its reason.

    What is rejected is rejected in any form: its exceptions and constants count, too.
    """
    row = Watch(
        tuple(names.split()),
        tuple(harmless.split()),
        passive=severity == "reject",
        imports=imports,
        by_argument=by_argument,
        stores=stores,
        in_tests=in_tests,
    )
    return Rule(
        name=name,
        severity=severity,
        reason=reason,
        find=row.find,
        summary=_WHAT.sub("", reason),
        refuses=Example.read(refuses),
        allows=Example.read(allows),
        link=link,
    )


@lru_cache(maxsize=1 << 17)  # the same names come again for each rule and side
def matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(_matches_one(name, pattern) for pattern in patterns)


def _matches_one(name: str, pattern: str) -> bool:
    if pattern.startswith("?."):
        return f".{name}.".find(f"{pattern[1:]}.", 1) > 0
    if pattern.endswith("*"):
        return name.startswith(pattern[:-1])
    return name == pattern or name.startswith(pattern + ".")


def is_passive(use: Use) -> bool:
    """Exceptions, warnings and constants of a watched module do nothing by themselves."""
    last = use.name.rpartition(".")[2]
    ends = ("Error", "Exception", "Warning", "Timeout", "Expired", "error", "timeout")
    is_constant = last.isupper() and len(last) > 1 and use.kind != "call"
    return is_constant or last.endswith(ends)
