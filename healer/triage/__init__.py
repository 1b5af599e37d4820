"""Sorts failures: code, environment, transient, interrupted, deliberate. Pure rules."""

from healer.triage.declared import declared
from healer.triage.sort import Triage, triage

__all__ = ["Triage", "declared", "triage"]
