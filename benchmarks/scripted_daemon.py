"""`healer`, with a drafter that answers from a script: for figures that no model may colour.

    python -m benchmarks.scripted_daemon WORDS…

The drafter knows one thing: in a script of `benchmarks.drain`, `"totl"` has to be `"total"`. Only
for every fifth script it says so; for the others it is wrong and writes `"sum"`. Everything else is
the product itself.
"""

import sys
from collections.abc import Sequence

from healer.app import build
from healer.app.drafters import Drafters
from healer.cli.edge import main as healer
from healer.facts.draft import Case, Draft, Drafter, Drafts, ReplaceText, Source
from healer.facts.repair import Request

RIGHT_EVERY = 5


class Scripted:
    """One draft for each case, at once."""

    name = "scripted"

    def draft(self, case: Case, source: Source) -> Drafts:
        del source  # the answer does not depend on it
        if case.attempts:
            return Drafts(reason="the script has one answer")
        number = int("".join(c for c in case.script if c.isdigit()))
        key = '"total"' if number % RIGHT_EVERY == 0 else '"sum"'
        edit = ReplaceText(path=case.script, find='"totl"', replace=key)
        return Drafts(candidates=(Draft(drafter=self.name, edits=(edit,)),))


class OnlyScripted(Drafters):
    """In the place of the drafters that the configuration gives."""

    def __call__(self, request: Request) -> Sequence[Drafter]:
        del request  # it is the same for all
        return (Scripted(),)


if __name__ == "__main__":
    vars(build)["Drafters"] = OnlyScripted
    sys.exit(healer(sys.argv[1:]))
