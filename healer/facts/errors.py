"""The errors that a command turns into an exit code and a sentence, and those of our own bugs.

Belongs here: the family. Does not belong here: exit codes (`healer.cli.edge`), and errors that
stay within one package.
"""


class UsageError(Exception):
    """What was asked cannot be done; the message names what is wrong and the next step."""


class WorkflowError(Exception):
    """The workflow engine cannot go on; the message says what stands in the way."""


class PostponedError(WorkflowError):
    """Something outside has to come back first. The repair stays open and is tried again."""


POISON = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    RecursionError,
    TypeError,
    ValueError,
)
"""Kinds of errors that no waiting mends: whatever gave one gives it again."""
