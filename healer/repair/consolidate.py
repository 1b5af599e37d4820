"""Patterns over many repairs, written to the scripts' notes: each a proposal that a person reviews.

Belongs here: when there is something new to say, and the candidate that says it. Does not belong
here: finding patterns (`healer.memory.patterns`), or approving (`decide`). Nothing here is ever
merged by itself.

A proposal enters the ledger only with its evidence: whatever a crash cuts short is done again by
the next night, and leaves nothing behind that waits.
"""

import secrets
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from healer.evidence.gather import prove
from healer.facts.draft import Draft, WriteFile, total
from healer.facts.repair import Attempt, Baseline, ModelRemarks, Outcome, QuarantinedPatch, Request
from healer.failure import Fact
from healer.ledger.store import RepairRow
from healer.memory import notes
from healer.memory.patterns import Episode, Pattern, patterns
from healer.repair import propose
from healer.repair import request as ask
from healer.repair.close import close
from healer.repair.learn import episodes
from healer.services import Services
from quarantine.candidate import quarantine_branch, write_candidate
from quarantine.tree import Tree

DRAFTER = "consolidation"
DAYS = 90
"""How far back patterns are looked for."""
_TITLE = "Patterns up to"
_MOST_EPISODES_TOLD = 20


class Found(Fact):
    """The patterns of one script, and what became of them."""

    script: str
    sentences: tuple[str, ...]
    repair: str = ""
    """The proposal that waits for a person; empty where there is none."""
    why_not: str = ""
    """Why nothing was proposed; empty where something was."""


def consolidate(services: Services) -> tuple[Found, ...]:
    """Draws patterns from the ledger, and proposes what the notes do not say yet."""
    since = time.time() - DAYS * 86_400
    known = tuple(episodes(services.ledger, services.redactor, since))
    by_script: dict[str, list[Pattern]] = {}
    for pattern in patterns(known):
        by_script.setdefault(pattern.script, []).append(pattern)
    return tuple(_one(script, found, known, services) for script, found in by_script.items())


def _one(
    script: str, found: Sequence[Pattern], known: Sequence[Episode], services: Services
) -> Found:
    sentences = tuple(notes.plain(pattern.sentence) for pattern in found)
    base = ask.base_commit(services.repository, services.config)
    tree = services.repository.tree(base)
    why_not = _why_not(script, sentences, tree, services)
    if why_not:
        return Found(script=script, sentences=sentences, why_not=why_not)
    repair = secrets.token_hex(4)
    said = services.wording(repair, "\n".join(sentences), _told(script, known))
    return _proposed(repair, script, found, said, services)


def _why_not(script: str, sentences: Iterable[str], tree: Tree, services: Services) -> str:
    path = notes.notes_path(script)
    data = tree.read(path)
    if tree.read(script) is None:
        return "the script is gone"
    if data is None and (tree.entry(path) is not None or not services.config.notes):
        return f"there is no {path}; make it, or set notes = true in healer.toml"
    if propose.held([path], tree):
        return f"only people change {path}"
    text = (data or b"").decode("utf-8", "replace")
    if all(sentence in text for sentence in sentences):
        return f"{path} says so already"
    if any(_is_proposal(row, script) for row in services.ledger.repairs("waiting")):
        return "an earlier proposal waits for a person"
    return ""


def _is_proposal(row: RepairRow, script: str) -> bool:
    return row.script == script and row.result.get("drafter") == DRAFTER


def _told(script: str, known: Sequence[Episode]) -> str:
    these = [each for each in known if each.script == script][-_MOST_EPISODES_TOLD:]
    return "\n".join(f"{e.kind} at {e.place}: {e.outcome}. {e.reason}" for e in these)


def _proposed(
    repair: str, script: str, found: Sequence[Pattern], said: ModelRemarks, services: Services
) -> Found:
    """The dated section as a candidate with evidence, waiting in the ledger."""
    now = int(time.time())
    base = ask.base_commit(services.repository, services.config)
    tree, path = services.repository.tree(base), notes.notes_path(script)
    lines = [f"- {notes.plain(p.sentence)} (repairs {', '.join(p.repairs)})" for p in found]
    lines += [f"- {notes.plain(sentence)} (by {said.model})" for sentence in said.sentences]
    day = datetime.fromtimestamp(now, UTC).date().isoformat()
    before = tree.read(path)
    old = before.decode("utf-8", "replace") if before is not None else None
    new = notes.with_section(old, script, f"{_TITLE} {day}", tuple(lines))
    edit = WriteFile(path=path, content=new, replaces=True)
    cause = f"What {len({r for p in found for r in p.repairs})} repairs have in common."
    draft = Draft(drafter=DRAFTER, rule=DRAFTER, edits=(edit,), cause=cause)
    request = Request(
        repair=repair, script=script, target=services.config.target, base=base, opened_at=now
    )
    candidate = write_candidate(
        services.repository,
        base=base,
        changes={path: new.encode()},
        branch=quarantine_branch(script, repair),
        message=propose.commit_message(request, draft).replace("Repair", "Note patterns of", 1),
        when=now,
    )
    proposed = QuarantinedPatch(
        draft=draft, candidate=candidate, findings=propose.inspected(services.repository, candidate)
    )
    examined = Baseline(review_only="notes are read by a person before they are merged")
    proved = prove(request, examined, proposed, services)
    attempt = Attempt(
        draft=draft,
        candidate=candidate,
        verdict=proved.verdict.model_copy(update={"strong": False}),
        report=proved.report,
        findings=proposed.findings,
        spent=total(exchange.spent for exchange in said.exchanges),
        exchanges=said.exchanges,
    )
    row, _ = services.ledger.open_repair(
        repair=repair, key=f"notes {repair}", script=script, fingerprint="",
        request=request.model_dump(mode="json"),
    )  # fmt: skip
    ending = Outcome(outcome="review", reason=f"{len(found)} patterns for {path}: read them first")
    close(request, examined, [attempt], ending, services)
    sentences = tuple(pattern.sentence for pattern in found)
    return Found(script=script, sentences=(*sentences, *said.sentences), repair=row.id)
