"""The one question that a person is asked where the evidence leaves several fixes.

Belongs here: the fact, and how it is said. Does not belong here: when it is asked
(`healer.repair.question`), and what becomes of the answer (`healer.repair.answer`).
"""

from healer.failure import Fact

LONGEST_SHOWN = 120
"""Characters of one outcome in the sentence; the choices have the whole of it."""


RAISES = "raises "
"""So begins an outcome that is no value."""


class Choice(Fact):
    """One thing that the call may give."""

    outcome: str
    """A Python literal, or `raises KeyError`."""
    content: str = ""
    """The whole file of a rival that gives it; empty where the fix itself does, or nothing."""
    is_fix: bool = False


class Question(Fact):
    """What a call should give, with two to four answers."""

    path: str
    """The file that holds the function."""
    function: str
    given: str
    """The arguments, as the text of a tuple of literals."""
    choices: tuple[Choice, ...]
    """The fix's own outcome first."""

    @property
    def call(self) -> str:
        """`share(100, 3)`."""
        inside = self.given.strip()[1:-1].rstrip(",")
        return f"{self.function}({inside})"

    def tell(self, outcome: str) -> str:
        """`share(100, 3) gives [34, 33, 33]`, or that it raises."""
        verb = "" if outcome.startswith(RAISES) else "gives "
        return f"{self.call} {verb}{outcome}"

    @property
    def sentence(self) -> str:
        """`share(100, 3)` gives [34, 33, 33] or [33, 33, 34]?"""
        outcomes = [_cut(choice.outcome) for choice in self.choices]
        answers = " or ".join([", ".join(outcomes[:-1]), outcomes[-1]])
        return f"`{_cut(self.call)}` gives {answers}?"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"
