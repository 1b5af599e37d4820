"""The static policy: what in a patch no test can vouch for."""

from quarantine.policy.inspection import inspect
from quarantine.policy.literals import literals_of
from quarantine.policy.model import ChangedPath, Fact, Files, Finding, Severity

__all__ = ["ChangedPath", "Fact", "Files", "Finding", "Severity", "inspect", "literals_of"]
