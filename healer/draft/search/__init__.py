"""Repair without a model, part two: a search over small edits, where tests give an oracle."""
