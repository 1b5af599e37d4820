"""Drafts by language models.

Nothing is imported here: `endpoint.settings` is read by every command, and `openai`, which only
`endpoint` knows, takes its time. The parts: `drafter` (the tiers), `investigate` with its `tools`,
`review` and `pattern_wording`, which ask a model for less; `endpoint` calls it, `prompts`
says what it is shown, `replies` what it answers.
"""
