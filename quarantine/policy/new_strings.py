"""Strings that a patch adds to product code.

Belongs here: finding them, and holding them against patterns. Does not belong here: the patterns.
"""

import ast
import re
from collections.abc import Iterator

from quarantine.policy.files import FileChange, Patch
from quarantine.policy.module import Module
from quarantine.policy.new_items import find_new, line_of
from quarantine.policy.rule import WHAT_CHARS, Hit

_PROSE_WORDS = 6
"""A string of so many words is a message to a reader, which may name a page."""


def find_strings(patch: Patch) -> Iterator[tuple[FileChange, str, int]]:
    """Strings of product code, docstrings left out, that the base does not hold; with file and
    line."""

    def strings(module: Module) -> Iterator[ast.AST]:
        for node in module.of(ast.Constant):
            if isinstance(value_of(node), str | bytes) and id(node) not in module.docstrings:
                yield node

    for file, node in find_new(patch.product, strings, value_of):
        value = value_of(node)
        text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
        yield file, text, line_of(node)


def value_of(node: ast.AST) -> object:
    """A constant's value; None for another node."""
    return node.value if isinstance(node, ast.Constant) else None


def match_strings(pattern: re.Pattern[str], patch: Patch) -> Iterator[Hit]:
    """New strings in which the pattern is found."""
    for file, text, line in find_strings(patch):
        match = pattern.search(text)
        if match:
            yield Hit(file.path, line, match[0].strip()[:WHAT_CHARS])


def match_new_kinds(pattern: re.Pattern[str], patch: Patch) -> Iterator[Hit]:
    """New strings whose match (its last group: a host, a verb) the base's changed files do not
    have."""
    old_kinds = {
        _kind_of(match) for file in patch.files for match in pattern.finditer(file.old_text or "")
    }
    for file, text, line in find_strings(patch):
        for match in pattern.finditer(text if len(text.split()) < _PROSE_WORDS else ""):
            if _kind_of(match) not in old_kinds:
                yield Hit(file.path, line, match[0].strip()[:WHAT_CHARS])


def _kind_of(match: re.Match[str]) -> str:
    return match[match.lastindex or 0].lower()
