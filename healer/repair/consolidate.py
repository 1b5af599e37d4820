"""Patterns over many repairs, written to the scripts' notes: each a proposal that a person reviews.

Belongs here: when there is something new to say, and the candidate that says it. Does not belong
here: finding patterns (`healer.memory.patterns`), or approving (`approve`). Nothing here is ever
merged by itself.

A proposal waits only with its evidence: whatever a crash cuts short is done again by the next
night, and leaves nothing behind that waits.
"""

import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from healer.evidence.gather import prove
from healer.facts.draft import Draft, ModelRemarks, WriteFile, total
from healer.facts.repair import (
    Attempt,
    Baseline,
    FinishedRepair,
    Outcome,
    QuarantinedPatch,
    Request,
)
from healer.failure import Fact
from healer.ledger.rows import RepairRow
from healer.memory import notes
from healer.memory.patterns import Episode, Pattern, find_patterns
from healer.repair import propose
from healer.repair.close import close
from healer.repair.learn import episodes
from healer.repair.request import base_commit
from healer.services import Services
from quarantine.candidate import quarantine_branch, write_candidate
from quarantine.inspect_candidate import inspect_candidate
from quarantine.protection import match_protected
from quarantine.tree import Tree

DRAFTER = "consolidation"
DAYS = 90
"""How far back patterns are looked for."""
MOST_EPISODES_SHOWN = 20
"""Repairs of a script that a model is shown; the newest."""


class ScriptPatterns(Fact):
    """The patterns of one script, and what became of them."""

    script: str
    sentences: tuple[str, ...]
    repair: str = ""
    """The proposal that waits for a person; empty where there is none."""
    why_not: str = ""
    """Why nothing was proposed; empty where something was."""


def consolidate(services: Services) -> tuple[ScriptPatterns, ...]:
    """Draws patterns from the ledger, and proposes what the notes do not say yet."""
    since = services.clock.now() - DAYS * 86_400
    episodes_seen = tuple(episodes(services.ledger, services.redactor, since))
    by_script: dict[str, list[Pattern]] = {}
    for pattern in find_patterns(episodes_seen):
        by_script.setdefault(pattern.script, []).append(pattern)
    return tuple(
        _propose_unless_known(script, of_script, episodes_seen, services)
        for script, of_script in by_script.items()
    )


def _propose_unless_known(
    script: str, of_script: Sequence[Pattern], episodes_seen: Sequence[Episode], services: Services
) -> ScriptPatterns:
    sentences = tuple(pattern.sentence for pattern in of_script)
    plain = tuple(notes.to_plain_line(sentence) for sentence in sentences)
    base = base_commit(services.repository, services.config)
    why_not = _why_not(script, plain, services.repository.tree(base), services)
    if why_not:
        return ScriptPatterns(script=script, sentences=plain, why_not=why_not)
    request = Request(
        repair=secrets.token_hex(4),
        script=script,
        target=services.config.target,
        base=base,
        opened_at=int(services.clock.now()),
    )
    remarks = services.wording(request.repair, "\n".join(plain), _summarise(script, episodes_seen))
    _propose(request, of_script, remarks, services)
    return ScriptPatterns(
        script=script, sentences=(*sentences, *remarks.sentences), repair=request.repair
    )


def _why_not(script: str, sentences: Iterable[str], tree: Tree, services: Services) -> str:
    path = notes.notes_path(script)
    data = tree.read(path)
    if tree.read(script) is None:
        return "the script is gone"
    if data is None and (tree.entry(path) is not None or not services.config.notes):
        return f"there is no {path}; make it, or set notes = true in healer.toml"
    if match_protected([path], tree):
        return f"only people change {path}"
    text = (data or b"").decode("utf-8", "replace")
    if all(sentence in text for sentence in sentences):
        return f"{path} says so already"
    if any(_is_proposal(row, script) for row in services.ledger.repairs("waiting")):
        return "an earlier proposal waits for a person"
    return ""


def _is_proposal(row: RepairRow, script: str) -> bool:
    drafter = row.result.drafter if row.result else None
    return row.script == script and drafter == DRAFTER


def _summarise(script: str, episodes_seen: Sequence[Episode]) -> str:
    """What was repaired lately, a line each, for a model to remark on."""
    newest = [each for each in episodes_seen if each.script == script][-MOST_EPISODES_SHOWN:]
    return "\n".join(f"{e.kind} at {e.place}: {e.outcome}. {e.reason}" for e in newest)


def _propose(
    request: Request, of_script: Sequence[Pattern], remarks: ModelRemarks, services: Services
) -> None:
    """The dated section as a candidate with evidence, waiting in the ledger."""
    path = notes.notes_path(request.script)
    content = _with_section(request, of_script, remarks, services)
    count = len({repair for pattern in of_script for repair in pattern.repairs})
    draft = Draft(
        drafter=DRAFTER,
        rule=DRAFTER,
        edits=(WriteFile(path=path, content=content, replaces=True),),
        cause=f"What {count} repairs have in common.",
    )
    candidate = write_candidate(
        services.repository,
        base=request.base,
        changes={path: content.encode()},
        branch=quarantine_branch(request.script, request.repair),
        message=propose.commit_message(request, draft, action="Note patterns of"),
        when=request.opened_at,
    )
    findings = inspect_candidate(services.repository, candidate)
    patch = QuarantinedPatch(draft=draft, candidate=candidate, findings=findings)
    baseline = Baseline(review_only="notes are read by a person before they are merged")
    judgement = prove(request, baseline, patch, services)
    attempt = Attempt(
        draft=draft,
        candidate=candidate,
        verdict=judgement.verdict.model_copy(update={"strong": False}),
        report=judgement.report,
        findings=findings,
        spent=total(exchange.spent for exchange in remarks.exchanges),
        exchanges=remarks.exchanges,
    )
    services.ledger.open_repair(request, key=f"notes {request.repair}")
    reason = f"{len(of_script)} patterns for {path}: read them first"
    end = FinishedRepair(
        request=request,
        baseline=baseline,
        attempts=(attempt,),
        outcome=Outcome(kind="review", reason=reason),
    )
    close(end, services)


def _with_section(
    request: Request, of_script: Sequence[Pattern], remarks: ModelRemarks, services: Services
) -> str:
    """The notes with the patterns in a section of today's date."""
    lines = [
        f"- {notes.to_plain_line(p.sentence)} (repairs {', '.join(p.repairs)})" for p in of_script
    ]
    lines += [
        f"- {notes.to_plain_line(remark)} (by {remarks.model})" for remark in remarks.sentences
    ]
    data = services.repository.tree(request.base).read(notes.notes_path(request.script))
    text = data.decode("utf-8", "replace") if data is not None else None
    day = datetime.fromtimestamp(request.opened_at, UTC).date().isoformat()
    return notes.set_section(text, request.script, f"Patterns up to {day}", tuple(lines))
