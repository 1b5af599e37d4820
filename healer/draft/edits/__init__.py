"""Turns a draft's edits into new file contents, or says why they do not fit."""

from healer.draft.edits.apply import apply, fingerprint
from healer.draft.edits.errors import EditRefused

__all__ = ["EditRefused", "apply", "fingerprint"]
