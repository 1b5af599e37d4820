"""What the databases have lost is put back from git, and from what lies in files.

Belongs here: which repair is missing, and what is known of it still. Does not belong here: setting
a broken database aside (`healer.app.broken_databases`), the copies of what waits
(`waiting_copies`), and incidents (`rebuild_incidents`).

Nothing is guessed: a merged fix is one of which git has both the merge and its statement; what
waits is what has its copy, and its branch. What was only in the database (costs, attempts,
evidence of merges) stays lost, and the ledger says so.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from healer.facts.progress import Progress
from healer.facts.repair import Request, Result
from healer.ledger.rows import Entry, RepairRow
from healer.repair.provenance import MergeFacts, describe_statement, read_merge_facts
from healer.repair.rebuild_incidents import restore_incidents
from healer.repair.waiting_copies import read_copies, sync_copies
from healer.services import Services
from quarantine.candidate import list_quarantine
from quarantine.history import find_repair
from quarantine.merge import list_merged, merged_commit

LOST = "the ledger was lost; git has the merge and what its statement says"
_TRAILER = "Healer-Failure: "


class Merge(NamedTuple):
    """A commit that healer brought to the target, and what its statement says of it."""

    commit: str
    facts: MergeFacts

    @property
    def when(self) -> float:
        """Seconds since the epoch."""
        return datetime.fromisoformat(self.facts.made_at).timestamp() if self.facts.made_at else 0.0


class Rebuilt(NamedTuple):
    """How much was put back."""

    merged: int
    waiting: int
    incidents: int


def rebuild(services: Services) -> Rebuilt:
    """Puts back what is missing, for the one daemon, before it begins anything; says what. Where
    nothing was lost it changes nothing. A shared database has its own keeper."""
    if services.config.state != "sqlite":
        return Rebuilt(0, 0, 0)
    known_ids = services.ledger.list_ids()
    waiting = sum(_restore_waiting(services))
    fixes = sum(_restore_merged(services))
    counts = Rebuilt(fixes, waiting, len(restore_incidents(services)))
    sync_copies(services)
    if any(counts):
        _note(
            f"put back what was lost: merged fixes {fixes}, waiting for a person {waiting}, "
            f"incidents {counts.incidents}; costs and attempts of before are not known any more",
            services,
        )
    if any(counts) or not known_ids:
        _name_unknown_branches(services)
    return counts


def _restore_waiting(services: Services) -> Iterator[bool]:
    """What the ledger does not know, and nobody has decided since: then its branch is gone, or it
    is merged."""
    ledger, repository = services.ledger, services.repository
    known_ids = ledger.list_ids()
    for copy in read_copies(repository.state_dir):
        row = copy.row
        is_there = not row.branch or repository.tip(row.branch) is not None
        if row.id not in known_ids and is_there and merged_commit(repository, row.id) is None:
            yield ledger.restore(row, copy.entries, copy.dossier)


def _restore_merged(services: Services) -> Iterator[bool]:
    fixes: dict[str, Merge] = {}
    others: dict[str, list[Merge]] = defaultdict(list)
    known_ids = services.ledger.list_ids()
    for name, commit in list_merged(services.repository).items():
        facts = read_merge_facts(services.repository, commit)
        if facts is None or facts.repair in known_ids:
            continue
        if facts.kind == "fix" and facts.repair == name:
            fixes[name] = Merge(commit, facts)
        else:
            others[facts.repair].append(Merge(commit, facts))
    for repair, fix in fixes.items():
        if _is_on_target(fix, services):
            row, entries = _describe_merged(fix, others[repair], services)
            yield services.ledger.restore(row, entries, None)


def _is_on_target(fix: Merge, services: Services) -> bool:
    """Also after the target's history was rewritten."""
    repository, target = services.repository, fix.facts.target
    tip = repository.tip(target)
    return tip is not None and (
        repository.is_ancestor(fix.commit, tip)
        or find_repair(repository, f"refs/heads/{target}", fix.facts.repair) is not None
    )


def _describe_merged(
    fix: Merge, others: Iterable[Merge], services: Services
) -> tuple[RepairRow, list[Entry]]:
    """The row of a merged repair, as far as git knows it, and its steps."""
    facts, repair = fix.facts, fix.facts.repair
    revert = max((m for m in others if m.facts.kind == "revert"), key=_when, default=None)
    request = Request(
        repair=repair, script=facts.script, target=facts.target, base=facts.base,
        opened_at=int(fix.when),
    )  # fmt: skip
    result = Result(
        repair=repair, script=facts.script, outcome="healed", reason=LOST, base=facts.base,
        merged=fix.commit, drafter=facts.drafter or None, cost_known=False,
    )  # fmt: skip
    row = RepairRow(
        id=repair,
        key=f"restored {repair}",
        script=facts.script,
        fingerprint=_read_fingerprint(fix.commit, services),
        state="reverted" if revert else "merged",
        outcome="reverted" if revert else "healed",
        created_at=fix.when,
        updated_at=revert.when if revert else fix.when,
        request=request,
        result=result,
    )
    entries = [*describe_statement(repair, fix.commit, services)]
    if facts.approver:
        by = f"by {facts.approver}"
        entries.append(Entry(repair=repair, kind="approval", outcome="approved", detail=by))
    for each in sorted(others, key=_when):
        entries += describe_statement(repair, each.commit, services, int(each.when))
    entries.append(Entry(repair=repair, kind="restoration", outcome="from git", detail=LOST))
    if not revert and _is_probation_over(row, services):
        entries.append(Entry(repair=repair, kind="probation", outcome="unconfirmed", detail=LOST))
    return row, entries


def _when(merge: Merge) -> float:
    return merge.when


def _is_probation_over(row: RepairRow, services: Services) -> bool:
    """Nobody is told today how the probation of a fix of last year has ended."""
    _, window_s = services.config.probation_of(row.script)
    return services.clock.now() >= row.updated_at + window_s


def _read_fingerprint(commit: str, services: Services) -> str:
    """The incident's, as the commit's trailer names it; empty where own checks began the repair."""
    lines = services.repository.objects.read_commit(commit).message.splitlines()
    names = [line.removeprefix(_TRAILER) for line in lines if line.startswith(_TRAILER)]
    return names[-1] if names and names[-1].isalnum() else ""


def _name_unknown_branches(services: Services) -> None:
    """Nothing but its branch is left of what was drafted: a person has to look."""
    branches = {row.branch for row in services.ledger.repairs()}
    for each in list_quarantine(services.repository):
        if each.branch not in branches:
            _note(
                f"{each.branch}: nothing is known of its repair any more; look at it (git diff "
                f"{services.config.target}...{each.branch}), then merge it or delete it",
                services,
            )


def _note(detail: str, services: Services) -> None:
    services.progress(Progress(repair="", step="start", state="note", detail=detail))
