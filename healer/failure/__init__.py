"""What went wrong: the facts of a failure, how they are read, and which failures are the same."""

from healer.failure.fingerprint import fingerprint, name_cause
from healer.failure.model import Fact, Failure, Frame, Raised
from healer.failure.parse import chain_of, parse_all, parse_traceback, relative_to

__all__ = [
    "Fact",
    "Failure",
    "Frame",
    "Raised",
    "chain_of",
    "fingerprint",
    "name_cause",
    "parse_all",
    "parse_traceback",
    "relative_to",
]
