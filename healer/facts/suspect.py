"""Where a fault may be, as one drafter tells the next."""

from healer.failure import Fact


class Suspect(Fact):
    """A function that may be at fault, by which tests ran it."""

    path: str
    line: int
    """Its first line, decorators included."""
    weight: float
    """Ochiai's, 1.0 where failing tests alone came to it."""
