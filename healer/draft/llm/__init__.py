"""Drafts by language models. The one home of the `openai` library.

Nothing is imported here: `settings` is read by every command, and `openai` takes its time.
The parts: `settings.ModelSettings`, `budget.Budget`, `drafter.ModelDrafter`,
`review.ModelReviewer`, `background` (what git and the memory are asked), `history.GitHistory`.
"""
