"""Trying a rule on its examples, for the tests that are generated from the table."""

from quarantine.policy import ChangedPath, Example, Finding, Rule, inspect, literals_of
from quarantine.policy.files import Patch, read_patch
from quarantine.policy.rule import Hit
from tests.support.memory_tree import MemoryTree


def patch_of(example: Example) -> tuple[MemoryTree, MemoryTree, ChangedPath, frozenset[str]]:
    """Both trees, the one change between them, and the literals of the tests."""
    files = {path: text.encode() for path, text in example.files.items()}
    before, after = dict(files), dict(files)
    if example.before is not None:
        before[example.path] = example.before
    if example.after is not None and example.new_mode.startswith("100"):
        after[example.path] = example.after
    change = ChangedPath(path=example.path, old_mode=example.old_mode, new_mode=example.new_mode)
    tests = [data for path, data in files.items() if path.startswith("tests/")]
    return MemoryTree(before), MemoryTree(after), change, literals_of(tests)


def hits(rule: Rule, example: Example) -> list[Hit]:
    """What this one rule points at."""
    before, after, change, literals = patch_of(example)
    patch: Patch = read_patch(before, after, [change], literals)
    return list(rule.find(patch))


def findings(example: Example) -> tuple[Finding, ...]:
    """What the whole policy says."""
    before, after, change, literals = patch_of(example)
    return inspect(before, after, [change], literals)


def is_refused(rule: Rule, example: str | Example) -> bool:
    """Whether this one rule points at anything in a patch that is written as a diff."""
    return bool(hits(rule, Example.read(example)))


def whats(rule: Rule, example: str | Example) -> list[str]:
    """What the rule names in such a patch."""
    return [hit.what for hit in hits(rule, Example.read(example))]
