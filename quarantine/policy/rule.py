"""The form of a rule, so that the table of rules reads as a table.

Belongs here: what a rule is and what it answers. Does not belong here: any rule.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from quarantine.policy.files import Patch
from quarantine.policy.model import Severity


@dataclass(frozen=True)
class Hit:
    """One place that a rule points at."""

    path: str
    line: int = 0
    what: str = ""
    """Fills `{what}` in the rule's reason: the name, character or text that was found."""


@dataclass(frozen=True)
class Rule:
    """One row of the table."""

    name: str
    severity: Severity
    reason: str
    """A sentence for the person who decides; `{what}` stands for what was found."""
    find: Callable[[Patch], Iterator[Hit]]
