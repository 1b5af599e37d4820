"""A draft that somebody outside brings: tried once, like any other draft, and nothing beside it.

Belongs here: the drafter of it. Does not belong here: where it comes from (`healer.app.agents`).
"""

from healer.facts.draft import Case, Draft, Drafts, Source

DRAFTER = "proposal"
"""Who drafted it, as the ledger says."""


class ProposedDraft:
    """Gives the draft that was proposed."""

    name = DRAFTER

    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    def draft(self, case: Case, source: Source) -> Drafts:
        """The proposal; nothing where it was tried."""
        del source
        if case.attempts:
            return Drafts(reason="the proposal was tried")
        return Drafts(candidates=(self._draft,))
