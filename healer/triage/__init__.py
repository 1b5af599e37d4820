"""Sorts failures: code, environment, transient, interrupted, deliberate. Pure rules."""

from healer.triage.modules import find_declared_modules, find_own_modules
from healer.triage.sort import Triage, triage

__all__ = ["Triage", "find_declared_modules", "find_own_modules", "triage"]
