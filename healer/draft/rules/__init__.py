"""Repair without a model, part one: rules for what really breaks in scripts."""

from healer.draft.rules.drafter import RulesDrafter

__all__ = ["RulesDrafter"]
