"""The static policy: what in a patch no test can vouch for."""

from quarantine.policy.catalogue import RULES
from quarantine.policy.example import Example
from quarantine.policy.files import literals_of
from quarantine.policy.inspection import inspect
from quarantine.policy.model import PROTECTED_KIND, ChangedPath, Files, Finding, Severity
from quarantine.policy.rule import Rule

__all__ = [
    "PROTECTED_KIND",
    "RULES",
    "ChangedPath",
    "Example",
    "Files",
    "Finding",
    "Rule",
    "Severity",
    "inspect",
    "literals_of",
]
