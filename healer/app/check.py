"""`healer check`: what somebody points at, judged, with nothing written to the repository.

Belongs here: which kind of change is meant, what a person may change that a draft may not, and the
throw-away copy in which all of it happens. Does not belong here: reading a change
(`quarantine.change`), or judging it (`healer.evidence.patch_check`).

A person's patch and a draft differ in three things. The tests that a person's patch brings are its
measure, so that the code as it was is held against them too; a draft's are not. Files that only
people may change are named and decide nothing; a draft that changes one is refused. And what the
policy sends to a person has been seen by one; what it rejects is refused either way.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from healer.app.build import Show, build_services
from healer.app.sandbox_setup import prepare_image
from healer.app.trust import read_trusted_configuration, require_trust
from healer.config import Config, load
from healer.evidence.patch_check import check_patch
from healer.facts.draft import Draft, WriteFile
from healer.facts.errors import UsageError
from healer.facts.patch_check import Note, PatchCheck
from healer.facts.repair import QuarantinedPatch
from healer.failure import Fact
from healer.services import Services
from healer.watch.checkout import look_for
from quarantine.change import (
    Change,
    ChangeError,
    find_changed_tests,
    make_candidate,
    read_index,
    read_patch,
    read_revision,
    read_working_tree,
    split_tests,
)
from quarantine.errors import UnknownRevision
from quarantine.inspect_candidate import inspect_candidate
from quarantine.policy import Finding
from quarantine.project_tests import ProjectTests
from quarantine.protection import match_protected
from quarantine.repository import Repository
from quarantine.scratch import shared_clone

_SETTINGS = ("healer.toml", "pyproject.toml")


class CheckOptions(Fact):
    """What `healer check` was asked."""

    change: str = ""
    """A patch file, `-`, a commit or a range; empty: the working tree."""
    staged: bool = False
    as_draft: bool = False
    """As strict as with a draft of a machine's."""
    index_file: str = ""
    """The index that git names to the hook that runs this; empty: the usual one."""


def check(start: Path, cwd: Path, options: CheckOptions, patch: bytes, show: Show) -> PatchCheck:
    """The verdict on what is pointed at; `patch` is what standard input gave for `-`, and a file is
    looked for from `cwd`, then from the root. Raises UsageError for what is no change."""
    repository = Repository.open(start)
    with tempfile.TemporaryDirectory(prefix="healer-") as scratch:
        copy = shared_clone(repository, Path(scratch) / "check.git")
        try:
            change = _read(repository, copy, cwd, options, patch)
        except (ChangeError, UnknownRevision) as error:
            raise UsageError(str(error)) from error
        config = _configuration(repository, copy, change)
        prepare_image(config, repository)
        quiet = config.model_copy(update={"push": False, "state": "sqlite"})
        with build_services(copy, quiet, show, origin=repository) as services:
            return check_change(change, options, services)


def check_change(change: Change, options: CheckOptions, services: Services) -> PatchCheck:
    """The verdict on a change that lies in the services' own repository."""
    patch, notes = _as_draft(change, services) if options.as_draft else _as_person(change, services)
    result = check_patch(patch, services)
    if options.as_draft and patch.protected and result.outcome in ("strong", "weak"):
        result = result.model_copy(update={"outcome": "refused", "reason": patch.protected})
    return result.model_copy(
        update={
            "origin": change.origin,
            "base": change.base,
            "paths": change.paths,
            "notes": (*(Note(sentence=each) for each in change.notes), *notes),
        }
    )


def _read(
    repository: Repository, copy: Repository, cwd: Path, options: CheckOptions, patch: bytes
) -> Change:
    what = options.change
    if options.staged and what:
        raise UsageError(f"--staged and {what!r} exclude each other; give one")
    if options.staged:
        return read_index(repository, copy, options.index_file)
    if not what:
        return read_working_tree(repository, copy)
    if what == "-":
        return read_patch(repository, copy, patch, "the patch on standard input")
    for path in look_for(what, cwd, repository.root or cwd):
        if path.is_file():
            return read_patch(repository, copy, path.read_bytes(), what)
    try:
        return read_revision(repository, copy, what)
    except UnknownRevision as error:
        raise UsageError(f"{what!r} is neither a patch file nor a commit. {error}") from error


def _configuration(repository: Repository, copy: Repository, change: Change) -> Config:
    """As it is here; where the change is about it, as it was: no change says how it is judged."""
    if set(_SETTINGS) & set(change.paths):
        return require_trust(repository, load(copy.tree(change.base).read))
    return read_trusted_configuration(repository)


def _as_person(change: Change, services: Services) -> tuple[QuarantinedPatch, Sequence[Note]]:
    repository = services.repository
    before, after = repository.tree(change.base), repository.tree(change.commit)
    is_test_code = ProjectTests.load(after).is_test_code
    tests = [path for path in change.paths if is_test_code(path)]
    candidate = split_tests(repository, change, is_test_code)
    findings = inspect_candidate(repository, candidate)
    notes = [
        Note(path=path, sentence=f"protected from drafts: {rule.reason}")
        for path, rule in match_protected(change.paths, before)
        if path not in tests
    ]
    findings = tuple(each for each in findings if not each.is_of_protected_kind)
    notes += [_as_note(finding) for finding in findings if finding.severity == "person"]
    patch = QuarantinedPatch(
        draft=Draft(drafter="person"),
        candidate=candidate,
        findings=tuple(finding for finding in findings if finding.severity == "reject"),
        tests_changed=find_changed_tests(before, after, tests),
    )
    return patch, notes


def _as_draft(change: Change, services: Services) -> tuple[QuarantinedPatch, Sequence[Note]]:
    repository = services.repository
    before, after = repository.tree(change.base), repository.tree(change.commit)
    candidate = make_candidate(repository, change.base, change.commit)
    tests = ProjectTests.load(before)
    new = [path for path in change.paths if tests.is_test(path) and before.entry(path) is None]
    own_test = (after.read(new[0]) if new else None) or b""
    draft = Draft(
        drafter="draft",
        regression_test=WriteFile(path=new[0], content=own_test.decode("utf-8", "replace"))
        if own_test
        else None,
    )
    rules = match_protected(change.paths, before)
    patch = QuarantinedPatch(
        draft=draft,
        candidate=candidate,
        findings=inspect_candidate(repository, candidate),
        protected="; ".join(f"{path} is protected: {rule.reason}" for path, rule in rules),
        protected_paths=tuple(path for path, _ in rules),
    )
    return patch, ()


def _as_note(finding: Finding) -> Note:
    return Note(path=finding.path, line=finding.line, sentence=finding.reason)
