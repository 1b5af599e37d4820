"""The drafter without a model: every rule at every site of every observed error, best first.

Belongs here: going from a case to ordered drafts. Does not belong here: any single rule.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import unified_diff
from operator import attrgetter
from typing import NamedTuple

from healer.draft.rules.catalogue import RULES
from healer.draft.rules.observed_errors import collect_errors, parse_errors, short_type
from healer.draft.rules.promises import has_promise
from healer.draft.rules.rule import FaultSite, Fix, Rule
from healer.draft.rules.silent_losses import find_silent_losses
from healer.draft.rules.source_file import SourceFile, apply_edits
from healer.draft.rules.source_files import SourceFiles
from healer.draft.rules.unread_pages import find_unread_pages
from healer.draft.rules.unused_imports import drop_unused_imports
from healer.facts.draft import (
    Case,
    Draft,
    Drafts,
    Edit,
    Reading,
    Source,
    WriteFile,
    list_tried_edits,
)
from healer.failure import Frame, Raised
from healer.nights.expectations import BROKEN_EXPECTATION

OUTWARD_DISCOUNT = 0.8
"""A caller of the failing line is that much less likely to be the wrong one."""
MAX_CANDIDATES = 40
MAX_RIVALS = 3
"""With the draft itself, as many as a person can choose from."""
CLEAR_READING = 0.9
"""From this estimate on the rule sees no other reading here: a name with one near neighbour, an
import that is missing, a name that moved. Below it lie guesses at what was meant."""


_IS_FORCING: Callable[[Rule], bool] = attrgetter("is_forcing")


class RulesDrafter:
    """Drafts fixes from a table of rules. Needs nothing, costs nothing, runs no code."""

    name = "rules"

    def __init__(
        self, rules: Iterable[Rule] = RULES, *, is_forcing: Callable[[Rule], bool] = _IS_FORCING
    ) -> None:
        self._rules = tuple(rules)
        self._is_forcing = is_forcing

    def draft(self, case: Case, source: Source) -> Drafts:
        """At most 40 candidates, best first; those already tried are left out."""
        files = SourceFiles(source, case.protected, case.reads)
        errors = collect_errors(case)
        if any(error.type == BROKEN_EXPECTATION for error in case.failure.chain):
            errors = (*errors, *find_silent_losses(files, case.script))
            errors = (*errors, *find_unread_pages(files, case.script))
        earlier = {_key(edits) for edits in list_tried_edits(case)}
        candidates: list[Draft] = []
        drafts = draft_fixes(errors, files, self._rules, case.script, self._is_forcing)
        for draft in (*self._go_on(case, source, errors), *drafts):
            if (key := _key(draft.edits)) not in earlier:
                earlier.add(key)
                candidates.append(draft)
        reason = "" if candidates else _no_draft(errors, files, case.script)
        return Drafts(candidates=tuple(candidates[:MAX_CANDIDATES]), reason=reason)

    def _go_on(self, case: Case, source: Source, errors: Iterable[Raised]) -> Iterator[Draft]:
        """Drafts that mend what the command failed with next, on top of a rule's draft that ended
        the error before: two faults, or data that changed in two ways. None of them is forced."""
        old_errors = {(error.type, error.message) for error in errors}
        for attempt in reversed(case.attempts):
            if attempt.draft.drafter != self.name:
                continue
            next_errors = parse_errors(attempt.stderr)
            if any((error.type, error.message) in old_errors for error in next_errors):
                continue
            edits = {edit.path: edit for edit in attempt.draft.edits if isinstance(edit, WriteFile)}
            files = SourceFiles(WithEdits(source, edits), case.protected, case.reads)
            for draft in draft_fixes(next_errors, files, self._rules, case.script):
                own = {edit.path: edit for edit in draft.edits if isinstance(edit, WriteFile)}
                cause = f"{attempt.draft.cause} Then: {draft.cause}"
                whole = {"edits": tuple({**edits, **own}.values()), "cause": cause, "forced": ""}
                yield draft.model_copy(update=whole)


class WithEdits:
    """A tree as it is with some files written."""

    def __init__(self, source: Source, edits: Mapping[str, WriteFile]) -> None:
        self._source, self._edits = source, edits

    def read(self, path: str) -> bytes | None:
        """The file's bytes, or None where there is no regular file."""
        edit = self._edits.get(path)
        return edit.content.encode() if edit else self._source.read(path)

    def paths(self) -> tuple[str, ...]:
        """Every regular file, sorted."""
        return tuple(sorted({*self._source.paths(), *self._edits}))


class _Scored(NamedTuple):
    """A draft, and how sure its rule is."""

    score: float
    is_same: bool
    """As the fix says."""
    draft: Draft


def draft_fixes(
    errors: Iterable[Raised],
    files: SourceFiles,
    rules: Iterable[Rule] = RULES,
    script: str = "",
    is_forcing: Callable[[Rule], bool] = _IS_FORCING,
) -> list[Draft]:
    """Drafts for some errors, likeliest first. A fix is forced where its rule sees no rival here,
    no other reading was drafted, and the rule was measured to be right then (`is_forcing`), or puts
    the very same object in the place of a name that is gone; and where no docstring promises more
    of what it changes."""
    by_name = {rule.name: rule for rule in rules}
    every: list[tuple[float, Draft]] = []
    for error in errors:
        scores = _score_drafts(error, files, by_name.values(), script)
        ranking = sorted(scores, key=lambda scored: -scored.score)
        others = [each.draft for each in ranking]
        for score, is_same, draft in ranking:
            rule = by_name[draft.rule]
            rivals = tuple(_rivals_of(draft, rule, others, files))
            is_clear = score >= CLEAR_READING and not any(rival.diff for rival in rivals)
            is_known = is_same or is_forcing(rule)
            if is_clear and is_known and not _breaks_promise(draft, files):
                update: dict[str, object] = {"forced": f"{draft.rule}: {draft.cause}"}
            else:
                update = {"rivals": rivals}
            every.append((score, draft.model_copy(update=update)))
    every.sort(key=lambda item: -item[0])
    return [draft for _, draft in every]


def _score_drafts(
    error: Raised, files: SourceFiles, rules: Iterable[Rule], script: str
) -> Iterator[_Scored]:
    for site in find_fault_sites(error, files, script):
        for rule in rules:
            for fix in find_fixes(rule, site):
                draft = _as_draft(rule, fix, site, files)
                if draft is not None:
                    estimate = rule.estimate if fix.estimate is None else fix.estimate
                    score = estimate * OUTWARD_DISCOUNT**site.depth
                    yield _Scored(score, fix.is_same, draft)


def _rivals_of(
    draft: Draft, rule: Rule, every: list[Draft], files: SourceFiles
) -> Iterator[Reading]:
    """The readings that were drafted for the same error, then those of the rule's own table."""
    others = [other for other in every if other.edits != draft.edits][:MAX_RIVALS]
    for other in others:
        yield Reading(reading=other.cause, rule=other.rule, diff=_diff(other, files))
    names = {other.rule for other in others}
    for rival in rule.rivals:
        if rival.rule not in names:
            yield Reading(reading=rival.reading, rule=rival.rule)


def _breaks_promise(draft: Draft, files: SourceFiles) -> bool:
    """Whether a docstring says more of a changed statement than the failure does."""
    edits = [edit for edit in draft.edits if isinstance(edit, WriteFile)]
    codes = [(files.parse(edit.path), edit.content) for edit in edits]
    return any(code is not None and has_promise(code.text, content) for code, content in codes)


def _diff(draft: Draft, files: SourceFiles) -> str:
    lines: list[str] = []
    for edit in draft.edits:
        code = files.parse(edit.path)
        if isinstance(edit, WriteFile) and code is not None:
            new = edit.content.splitlines()
            lines += unified_diff(code.text.splitlines(), new, edit.path, edit.path, "", "", 1, "")
    return "\n".join(lines)


def find_fault_sites(error: Raised, files: SourceFiles, script: str = "") -> Iterator[FaultSite]:
    """The error's frames in files that may be changed, innermost first."""
    depth = 0
    earlier: set[tuple[str, int]] = set()
    for frame in reversed(error.frames):
        path = repository_path(frame, files.paths, script)
        if path is None or not files.can_change(path) or (path, frame.line) in earlier:
            continue
        code = files.parse(path)
        if code is None or not 0 < frame.line <= len(code.lines):
            continue
        earlier.add((path, frame.line))
        yield FaultSite(error, frame, code, files, depth)
        depth += 1


def repository_path(frame: Frame, paths: tuple[str, ...], script: str = "") -> str | None:
    """The repository file that a frame shows, also when it was printed with another root."""
    name = frame.file.replace("\\", "/").removeprefix("./")
    if name in paths:
        return name
    if "site-packages/" in name or "/lib/python" in name:
        return None
    if script and (name == script or name.endswith(f"/{script}")):
        return script
    fitting = [path for path in paths if name.endswith(f"/{path}")]
    return max(fitting, key=len) if fitting else None


def find_fixes(rule: Rule, site: FaultSite) -> Iterator[Fix]:
    """What one rule offers for one site."""
    if rule.types and short_type(site.error) not in rule.types:
        return
    if site.depth and not rule.is_outward:
        return
    yield from (fix for fix in rule.find(site) if fix.edits)


def _as_draft(rule: Rule, fix: Fix, site: FaultSite, files: SourceFiles) -> Draft | None:
    code = files.parse(fix.path) if fix.path else site.code
    if code is None or not files.can_change(code.path):
        return None
    text = drop_unused_imports(code, apply_edits(code.text, fix.edits))
    if text == code.text:
        return None
    if code.tree is not None and SourceFile(code.path, text).tree is None:
        return None
    edit = WriteFile(path=code.path, content=text, replaces=True)
    cause = _explain(rule, fix, site)
    return Draft(drafter="rules", edits=(edit,), rule=rule.name, cause=cause, doubt=fix.doubt)


def _explain(rule: Rule, fix: Fix, site: FaultSite) -> str:
    """What was wrong, and why this edit: the rule's sentence, and the failure that it fits."""
    summary = site.error.message.partition("\n")[0].partition(". ")[0][:120]
    error = f"{short_type(site.error)}: {summary}" if summary else short_type(site.error)
    where = f"line {site.line} of {site.code.path}"
    why = f"rule `{rule.name}`: {where} raised `{error}`"
    if ". " in fix.cause:  # two sentences already
        return f"{fix.cause.rstrip('.')} ({why})."
    return f"{fix.cause} That is by {why}."


def _key(edits: tuple[Edit, ...]) -> str:
    return "\n".join(sorted(edit.model_dump_json() for edit in edits))


def _no_draft(errors: tuple[Raised, ...], files: SourceFiles, script: str) -> str:
    if not errors:
        return "No rule applies: neither a traceback nor a failing test's text was seen."
    first = errors[0]
    if not any(True for error in errors for _ in find_fault_sites(error, files, script)):
        return f"No rule applies: {first.type} was raised outside the files that may be changed."
    return f"No rule knows a safe edit for {first.type}: {first.message[:200]}"
