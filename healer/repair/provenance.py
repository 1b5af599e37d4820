"""What each merge says of itself: an in-toto statement beside the merged commit.

Belongs here: what a statement says, and when it is made and kept. Does not belong here: how git
keeps and signs it (`quarantine.attestation`), and whether it is true (`healer.app.verify`).

It is signed before the branch moves: where a key is set and cannot sign, nothing is merged.
"""

import hashlib
from datetime import UTC, datetime
from typing import Literal

from pydantic import Field, ValidationError

from healer.facts.progress import Progress
from healer.facts.repair import Attempt, Request
from healer.failure import Fact
from healer.ledger.chain import ChainEnd
from healer.ledger.rows import Entry
from healer.services import Services
from healer.support.version import read_version
from quarantine.attestation import (
    STATEMENTS,
    is_signed,
    read_statement,
    statement_of,
    write_statement,
)
from quarantine.candidate import Candidate
from quarantine.merge import merged_commit
from quarantine.remote import Pushed, push_ref, upstream_of
from quarantine.repository import Repository

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:healer:merge:v1"
MOST_PROMPTS = 64

MergeKind = Literal["fix", "revert", "answer"]


class CheckOutcome(Fact):
    """One check of what was merged."""

    name: str
    status: str


class MergeFacts(Fact):
    """The predicate: what was merged, on what grounds, and who let it."""

    kind: MergeKind
    repair: str
    script: str = ""
    target: str
    base: str = ""
    """The commit that it was made and checked on."""
    tree: str = ""
    """Every file of it is in this tree, and this tree was checked."""
    image: str = ""
    """The sandbox image that its checks ran in."""
    checks: tuple[CheckOutcome, ...] = ()
    drafter: str = ""
    rule: str = ""
    prompts: tuple[str, ...] = ()
    """SHA-256 of each prompt that a model was given in this repair, hexadecimal."""
    approver: str = ""
    """The person who let it; empty: its checks did."""
    ledger: ChainEnd = ChainEnd()
    """How the ledger ended when this was made."""
    made_at: str = ""
    """ISO 8601, UTC."""
    healer: str = Field(default_factory=read_version)


class Subject(Fact):
    """What a statement is about."""

    name: str
    digest: dict[str, str]


class Statement(Fact):
    """An in-toto statement, version 1."""

    type: str = Field(default=STATEMENT_TYPE, alias="_type", serialization_alias="_type")
    subject: tuple[Subject, ...]
    predicate_type: str = Field(
        default=PREDICATE_TYPE, alias="predicateType", serialization_alias="predicateType"
    )
    predicate: MergeFacts


def describe_merge(request: Request, kind: MergeKind, approver: str) -> MergeFacts:
    """What is known of any merge of a repair."""
    return MergeFacts(
        kind=kind,
        repair=request.repair,
        script=request.script,
        target=request.target,
        approver=approver,
    )


def describe_fix(
    request: Request, attempt: Attempt, approver: str, services: Services
) -> MergeFacts:
    """The same with what a fix rests on; the prompts are those of the whole repair, which the
    attempt has before the repair's end and the ledger after it."""
    dossier = services.ledger.dossier(request.repair)
    attempts = dossier.attempts if dossier else (attempt,)
    exchanges = [exchange for each in attempts for exchange in each.exchanges][-MOST_PROMPTS:]
    checks = (CheckOutcome(name=c.name, status=c.status) for c in attempt.verdict.checks)
    return describe_merge(request, "fix", approver).model_copy(
        update={
            "image": attempt.report.image if attempt.report else "",
            "checks": tuple(checks),
            "drafter": attempt.draft.drafter,
            "rule": attempt.draft.rule,
            "prompts": tuple(dict.fromkeys(_sha256(each.prompt) for each in exchanges)),
        }
    )


def keep_statement(
    facts: MergeFacts, candidate: Candidate, commit: str, name: str, services: Services
) -> None:
    """Gives the commit its statement before it lands under `name`, so that no crash parts the two.
    What a killed try left is made anew, unless that try had landed. Raises SigningError."""
    repository = services.repository
    earlier = statement_of(repository, commit)
    if earlier is not None and merged_commit(repository, name) == commit:
        return
    now = int(services.clock.now())
    facts = facts.model_copy(
        update={
            "base": candidate.base,
            "tree": candidate.tree,
            "ledger": services.ledger.chain.read_end(),
            "made_at": datetime.fromtimestamp(now, UTC).isoformat(),
        }
    )
    subject = Subject(name=facts.target, digest={"gitCommit": commit})
    text = Statement(subject=(subject,), predicate=facts).model_dump_json(by_alias=True, indent=2)
    write_statement(repository, commit, f"{text}\n".encode(), when=now, replaces=earlier)


def push_statement(facts: MergeFacts, commit: str, services: Services) -> None:
    """Sends the statement after the commit that was pushed; what hinders it is only told, for what
    others have is merged already."""
    upstream, name = upstream_of(services.repository, facts.target), f"{STATEMENTS}{commit}"
    if upstream is None:
        return
    answer = push_ref(services.repository, remote=upstream.remote, name=name)
    if not isinstance(answer, Pushed):
        detail = f"not pushed: {answer.reason} Later: git push {upstream.remote} '{STATEMENTS}*'"
        note = Progress(repair=facts.repair, step="statement", state="note", detail=detail)
        services.progress(note)


def describe_statement(
    repair: str, commit: str, services: Services, number: int = 0
) -> tuple[Entry, ...]:
    """The ledger's row that has a merge's statement; none where it has no statement. The decision
    that it carried out is the next row, and has the same `number`."""
    statement = statement_of(services.repository, commit) if commit else None
    if statement is None:
        return ()
    entry = Entry(
        repair=repair,
        kind="statement",
        number=number,
        outcome="signed" if is_signed(services.repository, statement) else "unsigned",
        detail=commit,
        inputs=statement,
    )
    return (entry,)


def record_with_statement(entry: Entry, commit: str, services: Services) -> None:
    """Records the statement of a merge, and then the decision that it carried out."""
    statement = describe_statement(entry.repair, commit, services, entry.number)
    for each in (*statement, entry):
        services.ledger.record(each)


def read_merge_facts(repository: Repository, commit: str) -> MergeFacts | None:
    """What the statement of a merge says; None where it has none, or none that can be read."""
    statement = statement_of(repository, commit)
    text = read_statement(repository, statement) if statement else None
    try:
        return Statement.model_validate_json(text).predicate if text else None
    except ValidationError:
        return None


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
