"""Tries a patch on the whole gate: real git objects, real containers, the real judge.

Belongs here: making a repository and a candidate with any tree entry, also such that no draft
could make, and asking what would become of it. Does not belong here: the cases.
"""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from healer.config import Config
from healer.config.load import load
from healer.evidence.baseline import examine
from healer.evidence.gather import prove
from healer.facts.draft import Draft
from healer.facts.repair import Baseline, QuarantinedPatch, Request
from healer.ledger.store import Ledger
from healer.notify.notifier import Notifier
from healer.redact import Redactor
from healer.services import Services
from healer.services.runner import SandboxRunner
from healer.watch.incidents import Incidents
from quarantine.candidate import Candidate, changed_entries, write_candidate
from quarantine.errors import NothingChanges, UnsafePath
from quarantine.inspect_candidate import inspect_candidate
from quarantine.merge import Merged, merge
from quarantine.protection import match_protected
from quarantine.repository import Repository
from sandbox import DockerSandbox, Limits, Sandbox
from tests.abuse.model import Change, Entry
from tests.support.git import git, make_repository


@dataclass(frozen=True)
class Tried:
    """What would become of a patch."""

    merged: bool
    why: str
    """The first thing that speaks against it; empty when nothing does."""


@contextmanager
def sandbox() -> Iterator[Sandbox]:
    """A sandbox with a pool, for many patches."""
    limits = Limits(timeout_s=60)
    box = DockerSandbox(limits=limits, pool_size=3)
    try:
        yield box
    finally:
        box.close()


class Gate:
    """One base repository, and the patches that are tried on it."""

    def __init__(
        self, folder: Path, box: Sandbox, files: Mapping[str, bytes], command: tuple[str, ...]
    ) -> None:
        self._folder = folder / "repository"
        self.repository = Repository.open(make_repository(self._folder, files))
        self.services = _services(self.repository, folder, box, load(files.get))
        self.request = Request(
            repair="abc12345",
            script=command[1],
            target="main",
            base=self.repository.resolve("main"),
            command=command,
        )
        self.examined: Baseline = examine(self.request, self.services)

    def attempt(self, changes: Mapping[str, Change], *, stale: bool = False) -> Tried:
        """The whole way of a candidate, but for the move of the branch; `stale` moves the branch
        elsewhere after the checks, and tries to merge all the same."""
        try:
            candidate = self._candidate(changes)
        except (UnsafePath, NothingChanges) as refused:
            return Tried(merged=False, why=f"refused: {refused}")
        held = match_protected(candidate.paths, self.repository.tree(self.request.base))
        if held:
            return Tried(merged=False, why=f"{held[0][0]} is protected")
        findings = inspect_candidate(self.repository, candidate)
        proposed = QuarantinedPatch(
            draft=Draft(drafter="test"), candidate=candidate, findings=findings
        )
        verdict = prove(self.request, self.examined, proposed, self.services).verdict
        merged = verdict.kind == "fixed" and verdict.strong
        if merged and stale:
            return self._merge_on_moved_tip(candidate)
        return Tried(merged=merged, why="" if merged else f"{verdict.kind}: {verdict.sentence}")

    def _merge_on_moved_tip(self, candidate: Candidate) -> Tried:
        self._git("commit", "-q", "--allow-empty", "-m", "Somebody else's commit")
        answer = merge(self.repository, target="main", candidate=candidate, repair="abc12345")
        return Tried(merged=isinstance(answer, Merged), why=f"{type(answer).__name__}: {answer}")

    def _candidate(self, changes: Mapping[str, Change]) -> Candidate:
        """As the product makes it; entries that no draft could ask for are made by hand."""
        plain = {p: c for p, c in changes.items() if not isinstance(c, Entry)}
        if len(plain) == len(changes):
            return write_candidate(
                self.repository,
                base=self.request.base,
                changes=plain,
                branch="quarantine/case-1",
                message="A patch",
                when=1,
                replaces=self.repository.tip("quarantine/case-1"),
            )
        return self._by_hand(changes)

    def _by_hand(self, changes: Mapping[str, Change]) -> Candidate:
        index = self._folder / ".git" / "index.case"
        index.unlink(missing_ok=True)
        self._git("read-tree", "main", index=index)
        for path, change in changes.items():
            self._stage(path, change, index)
        tree = self._git("write-tree", index=index)
        commit = self._git("commit-tree", tree, "-p", "main", "-m", "A patch")
        base = self.request.base
        paths = tuple(sorted(changed_entries(self.repository, base, commit)))
        for path in set(changes) - set(paths):
            raise UnsafePath(path, "git itself does not take it into a tree")
        return Candidate(
            commit=commit,
            tree=tree,
            base=base,
            branch="quarantine/case",
            diff=self.repository.diff(base, commit),
            paths=paths,
        )

    def _stage(self, path: str, change: Change, index: Path) -> None:
        if change is None:
            self._git("update-index", "--force-remove", "--", path, index=index)
            return
        entry = change if isinstance(change, Entry) else Entry("100644", change)
        oid = entry.data.decode() if entry.mode == "160000" else self._blob(entry.data)
        # mktree-like: update-index refuses names that the gate has to refuse by itself.
        line = f"{entry.mode} {oid}\t{path}\n"
        self._git("update-index", "--index-info", stdin=line.encode(), index=index)

    def _blob(self, data: bytes) -> str:
        return self._git("hash-object", "-w", "--stdin", stdin=data)

    def _git(self, *words: str, stdin: bytes = b"", index: Path | None = None) -> str:
        anything = ("-c", "core.protectNTFS=false", "-c", "core.protectHFS=false")
        environment = {"GIT_INDEX_FILE": str(index)} if index else {}
        return git(self._folder, *anything, *words, stdin=stdin, **environment)


def _services(repository: Repository, folder: Path, box: Sandbox, config: Config) -> Services:
    state = folder / "state"
    state.mkdir()
    redactor = Redactor()
    return Services(
        repository=repository,
        config=config,
        runner=SandboxRunner(lambda: box, state / "cache", Limits(timeout_s=60), dict),
        ledger=Ledger.in_folder(state),
        notifier=Notifier(state / "mail", config.mail, redactor),
        incidents=Incidents(state / "incidents.sqlite"),
        redactor=redactor,
        drafters=lambda _: (),
    )


@contextmanager
def gate(box: Sandbox, files: Mapping[str, bytes], command: tuple[str, ...]) -> Iterator[Gate]:
    """A gate in a folder of its own, which goes with it."""
    with tempfile.TemporaryDirectory(prefix="healer-gate-") as folder:
        made = Gate(Path(folder), box, files, command)
        try:
            yield made
        finally:
            made.services.ledger.close()
            made.services.incidents.close()
