"""The table of all rules.

Belongs here: their order, which is the order of findings. Does not belong here: the rules.
"""

from quarantine.policy import (
    dependencies,
    effects,
    environment,
    flow,
    literals,
    paths,
    removal,
    shapes,
    text,
    watched,
)
from quarantine.policy.rule import Rule

RULES: tuple[Rule, ...] = (
    *paths.RULES,
    *text.RULES,
    *watched.RULES,
    *environment.RULES,
    *shapes.RULES,
    *flow.RULES,
    *literals.RULES,
    *dependencies.RULES,
    *removal.RULES,
    *effects.RULES,
)
