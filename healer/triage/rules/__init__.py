"""The tables of rules, in their order: first match wins.

Belongs here: which row is asked when. A row belongs in the module of what it is about. Does not
belong here: how a failure is read (`observation`), what conditions are made of (`conditions`), or
which exception of a chain is asked (`sort`).
"""

from healer.triage.conditions import Rule
from healer.triage.rules.connections import CONNECTION_RULES
from healer.triage.rules.databases import DATABASE_RULES, SCHEMA_RULES
from healer.triage.rules.ends import END_RULES
from healer.triage.rules.files import FILE_RULES
from healer.triage.rules.imports import IMPORT_RULES
from healer.triage.rules.machine import MACHINE_RULES
from healer.triage.rules.services import SERVICE_RULES
from healer.triage.rules.stops import STOP_RULES
from healer.triage.rules.unclear import UNCLEAR_RULES

EXCEPTION_RULES: tuple[Rule, ...] = (
    *STOP_RULES,
    *MACHINE_RULES,
    *SERVICE_RULES,
    *DATABASE_RULES,
    *CONNECTION_RULES,
    *SCHEMA_RULES,
    *FILE_RULES,
    *IMPORT_RULES,
    *UNCLEAR_RULES,
)
"""For exceptions: what is not (surely) a fault of the code."""

__all__ = ["END_RULES", "EXCEPTION_RULES"]
