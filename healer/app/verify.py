"""`healer verify`: is what healer merged what it says, and is the ledger what was written?

Belongs here: everything that is held against something else. Does not belong here: how a statement
is kept and signed (`quarantine.attestation`), how steps are linked (`healer.ledger.chain`), what is
printed (`healer.cli`).

Three things vouch for each other: a merge's statement names the commit, its tree and its base, and
how the ledger ended; the ledger has the statement's id, in its chain; and a signature, where a key
is set, keeps anybody without it from making either of them anew.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from healer.app.configuration import read_configuration
from healer.app.state import open_ledger
from healer.facts.errors import UsageError
from healer.failure import Fact
from healer.ledger.chain import ChainFault
from healer.ledger.rows import Entry, RepairRow
from healer.ledger.store import Ledger
from healer.repair.provenance import PREDICATE_TYPE, Statement
from quarantine.attestation import (
    KEY,
    Signature,
    check_signature,
    list_statements,
    read_statement,
    signing_key,
    statement_of,
)
from quarantine.errors import UnknownRevision
from quarantine.history import find_trailed
from quarantine.merge import merged_commit
from quarantine.repository import Repository

MOST_MERGES = 1_000_000
NO_CHAIN = "it has no chain: none was begun yet, or somebody has removed it"
STRANGER = (
    "it says it is repair {}, which the ledger does not know; where another machine merged it: "
    "git fetch origin 'refs/healer/provenance/*:refs/healer/provenance/*'"
)
ProblemKind = Literal["ledger", "statement", "signature", "commit"]


class Problem(Fact):
    """One thing that is not what it should be."""

    kind: ProblemKind
    where: str
    """The commit, or the ledger's step."""
    sentence: str


class Verification(Fact):
    """What was held against each other, and what did not fit."""

    holds: bool
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    steps: int = 0
    """Of the ledger, in its chain."""
    statements: int = 0
    signed: int = 0
    """Of the statements, by a key that is allowed here."""


def verify(start: Path, revision: str = "") -> Verification:
    """Everything that healer merged here, or what `revision` brought. Raises UsageError."""
    repository = Repository.open(start)
    config = read_configuration(repository)
    with open_ledger(repository, config, makes=False) as ledger:
        check = _Check(repository, ledger, config.target)
        if revision:
            subjects = [_subject(repository, revision)]
        else:
            subjects = sorted({*check.refs, *check.subjects})
            check.problems += check.find_strangers()
        for subject in subjects:
            check.problems += check.check_statement(subject)
        check.problems += check.find_ledger_faults()
        return Verification(
            holds=not check.problems,
            problems=tuple(check.problems),
            notes=tuple(check.notes),
            steps=check.steps,
            statements=check.statements,
            signed=check.signed,
        )


def _subject(repository: Repository, revision: str) -> str:
    try:
        commit = repository.resolve(revision)
    except UnknownRevision as error:
        raise UsageError(str(error)) from error
    if statement_of(repository, commit) is None:
        raise UsageError(
            f"{revision} ({commit[:12]}) has no statement: healer did not merge it here, or did so "
            "before it made statements"
        )
    return commit


class _Check:
    """One verification under way."""

    def __init__(self, repository: Repository, ledger: Ledger, target: str) -> None:
        self._repository, self._ledger, self._target = repository, ledger, target
        self.refs = list_statements(repository)
        rows = ledger.entries(limit=MOST_MERGES, kind="statement")
        self.subjects = {entry.detail: entry for entry in rows}
        self._key = signing_key(repository)
        self._first_signed = min((e.at for e in rows if _is_signed(e)), default=0.0)
        self._has_chain = ledger.chain.is_there()
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self.steps = self.statements = self.signed = 0

    def find_ledger_faults(self) -> Iterator[Problem]:
        """Where the ledger is not what was written."""
        if not self._has_chain:
            yield Problem(kind="ledger", where="ledger", sentence=NO_CHAIN)
            return
        self.steps = self._ledger.chain.read_end().position
        yield from (_describe(fault) for fault in self._ledger.chain.find_faults())

    def check_statement(self, subject: str) -> Iterator[Problem]:
        """What is wrong with the statement of one commit."""
        oid, entry = self.refs.get(subject), self.subjects.get(subject)
        if oid is None and entry is not None and not self._was_merged_here(entry.repair):
            self.notes.append(f"{subject[:12]} was merged by another machine, which has its proof")
            return
        if oid is None:
            yield _statement(subject, "its statement is gone; the ledger has its id")
            return
        self.statements += 1
        try:
            statement = Statement.model_validate_json(read_statement(self._repository, oid) or b"")
        except ValidationError:
            yield _statement(subject, f"its statement {oid[:12]} cannot be read")
            return
        signature = check_signature(self._repository, oid)
        note = "" if entry else self._explain_unrecorded(subject, statement, signature)
        if note:
            self.notes.append(f"{subject[:12]} {note}")
        elif entry is None or entry.inputs != oid:
            why = "is not the one that the ledger has" if entry else "is not in the ledger"
            yield _statement(subject, f"its statement {oid[:12]} {why}")
        for sentence in self._find_untruths(subject, oid, statement):
            yield _statement(subject, sentence)
        if not note:
            yield from self._hold_against_ledger(subject, statement, entry)
        yield from self._check_signature(subject, signature, entry)

    def _explain_unrecorded(self, subject: str, statement: Statement, signature: Signature) -> str:
        """Why a statement may be in no row of this ledger; empty where it has to be."""
        repair = statement.predicate.repair
        row = self._row(repair)
        is_vouched = signature.is_good or not (self._key or self._first_signed)
        if row is not None and row.state in ("open", "waiting") and is_vouched:
            return f"belongs to repair {repair}, which is under way: the ledger has it at its end"
        if row is None and signature.is_good and not self._was_merged_here(repair):
            return "was merged by another machine, whose ledger is not here"
        if not self._is_on_target(subject):
            return "was to be merged, and was not"
        return ""

    def _find_untruths(self, subject: str, oid: str, statement: Statement) -> Iterator[str]:
        """What the statement says otherwise than git."""
        facts, repository = statement.predicate, self._repository
        names = [each.digest.get("gitCommit") for each in statement.subject]
        if statement.predicate_type != PREDICATE_TYPE or names != [subject]:
            yield "its statement is about something else"
        if repository.parents(oid) != (subject,):
            yield f"its statement {oid[:12]} was made for another commit"
        try:
            tree = repository.tree(subject).oid
        except UnknownRevision:
            yield "the commit is not in this repository"
            return
        if tree != facts.tree:
            yield f"its tree is {tree[:12]}, and {facts.tree[:12]} was checked"
        if repository.parents(subject) != (facts.base,):
            yield f"it was not made on {facts.base[:12]}, on which it was checked"

    def _hold_against_ledger(
        self, subject: str, statement: Statement, entry: Entry | None
    ) -> Iterator[Problem]:
        facts = statement.predicate
        if entry is not None and entry.repair != facts.repair:
            sentence = f"the ledger has it as repair {entry.repair}, its statement as"
            yield _statement(subject, f"{sentence} {facts.repair}")
        end = facts.ledger
        if not end.position or not self._has_chain:
            return
        if self._ledger.chain.read_digest(end.position) != end.digest:
            sentence = (
                f"the ledger's steps up to {end.position} are not those of when it was merged"
            )
            yield _statement(subject, sentence)

    def _check_signature(
        self, subject: str, signature: Signature, entry: Entry | None
    ) -> Iterator[Problem]:
        if signature.is_good:
            self.signed += 1
        elif signature.is_there:
            sentence = f"its signature is not by an allowed key: {signature.words}"
            yield Problem(kind="signature", where=subject[:12], sentence=sentence)
        elif entry is not None and _is_signed(entry):
            yield Problem(kind="signature", where=subject[:12], sentence="its signature is gone")
        elif self._first_signed and (entry is None or entry.at > self._first_signed):
            sentence = "it is not signed, and earlier ones are"
            yield Problem(kind="signature", where=subject[:12], sentence=sentence)
        elif self._key:
            self.notes.append(f"{subject[:12]} was merged before {KEY} was set: it is not signed")

    def find_strangers(self) -> Iterator[Problem]:
        """Commits of the target that say they are healer's, and of which nothing is known; and
        merges of healer's own that have no statement though it makes them."""
        began = False
        for commit, repair in find_trailed(self._repository, self._target, "Healer-Repair"):
            if commit in self.refs or commit in self.subjects:
                began = True
                continue
            row = self._row(repair)
            if row is None:
                yield Problem(kind="commit", where=commit[:12], sentence=STRANGER.format(repair))
            elif began and merged_commit(self._repository, repair) == commit:
                yield _statement(commit, "healer merged it, and it has no statement")
            elif began:
                self.notes.append(f"{commit[:12]} (repair {repair}) was merged by people")
            else:
                self.notes.append(f"{commit[:12]} (repair {repair}) is older than statements")

    def _is_on_target(self, commit: str) -> bool:
        tip = self._repository.tip(self._target)
        return tip is not None and self._repository.is_ancestor(commit, tip)

    def _row(self, repair: str) -> RepairRow | None:
        try:
            return self._ledger.repair(repair)
        except KeyError:
            return None

    def _was_merged_here(self, repair: str) -> bool:
        return merged_commit(self._repository, repair) is not None


def _is_signed(entry: Entry) -> bool:
    return entry.outcome == "signed"


def _statement(subject: str, sentence: str) -> Problem:
    return Problem(kind="statement", where=subject[:12], sentence=sentence)


_WHY = {
    "changed": "it is not what was written",
    "missing": "a step was removed",
    "cut": "the newest steps were cut off, or the chain's end was changed",
    "unlinked": "it was not written by this healer: by an older one, or by hand",
}


def _describe(fault: ChainFault) -> Problem:
    what = " of repair ".join(part for part in (fault.label, fault.repair) if part)
    where = f"step {fault.step}" if fault.step else "ledger"
    sentence = _WHY[fault.kind] + (f" ({what})" if what else "")
    return Problem(kind="ledger", where=where, sentence=sentence)
