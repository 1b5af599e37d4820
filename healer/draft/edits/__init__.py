"""Turns a draft's edits into new file contents, or says why they do not fit."""

from healer.draft.edits.apply import apply
from healer.draft.edits.errors import EditRefused
from healer.draft.edits.identical import fingerprint
from healer.draft.edits.locate import FUZZY_MIN_LINES, FUZZY_THRESHOLD

__all__ = ["FUZZY_MIN_LINES", "FUZZY_THRESHOLD", "EditRefused", "apply", "fingerprint"]
