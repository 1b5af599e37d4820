"""The drafter without a model, whole: rules first, then the search, judged by behaviour.

Belongs here: from a case to drafts, with the reasons. Does not belong here: how candidates are
made (`engine`), run (`sandbox.Screening`) and told apart (`behaviour`).
"""

import io
import tarfile
import time
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from healer.draft.rules.drafter import MAX_CANDIDATES, RulesDrafter, draft_fixes, find_fault_sites
from healer.draft.rules.observed_errors import collect_errors, parse_errors
from healer.draft.rules.rule import SourceFiles
from healer.draft.rules.source_file import FunctionNode, SourceFile
from healer.draft.rules.syntax.rule import DOES_NOT_PARSE, only_adds
from healer.draft.search.answers_trusted import (
    FEWEST_ANSWERS,
    answers,
    conservative,
    only_crashes,
)
from healer.draft.search.behaviour_groups import (
    groups,
    is_destructive,
    least_work,
    without_destructive,
)
from healer.draft.search.candidates import Candidate
from healer.draft.search.engine import Engine, Search
from healer.draft.search.localise import ENDLESS, Place
from healer.draft.search.reverts import COMMITS, History, Step, changed_lines, taken_back
from healer.draft.search.search_cache import Searches
from healer.draft.search.search_scope import watched
from healer.facts.draft import (
    Case,
    Difference,
    Draft,
    Drafts,
    Edit,
    Source,
    Spent,
    WriteFile,
    tried,
)
from sandbox import Behaved, Fault, Seen, TestPlan, TestResult
from sandbox.job import Command, ScreenPlan
from sandbox.screen import Screening

MAX_COMPARED = 16
_AS_IT_WAS: dict[str, str] = {}
"""The candidate that changes nothing."""
BUDGET_S = 60.0


class Grouped(NamedTuple):
    """Survivors by behaviour, the inputs that tell groups apart, and whether all were seen."""

    groups: list[list[int]]
    rows: list[Difference]
    compared: bool


class SearchDrafter:
    """Rules, then a bounded search. Costs seconds of processor time and no money."""

    name = "rules"

    def __init__(
        self,
        screening: Screening,
        history: History | None = None,
        budget_s: float = BUDGET_S,
        searches: Searches | None = None,
    ) -> None:
        """`searches`: what drafters of the same repository searched before."""
        self._screening = screening
        self._searches = searches or Searches()
        self._history = history
        self._engine = Engine(screening, budget_s)
        self._rules = RulesDrafter()

    def draft(self, case: Case, source: Source) -> Drafts:
        """Candidates that pass every screened test, best first; else those of the rules alone.

        Where survivors behave differently on generated inputs, `ambiguity` shows on which.
        """
        started = time.monotonic()
        ruled = self._rules.draft(case, source)
        plan = plan_of(case)
        if plan is None:
            return ruled
        answer = self._searched(case, source, ruled, plan)
        spent = Spent(seconds=round(time.monotonic() - started, 3))
        return answer.model_copy(update={"spent": spent})

    def _searched(self, case: Case, source: Source, ruled: Drafts, plan: ScreenPlan) -> Drafts:
        files = SourceFiles(source, case.protected)
        codes = _codes(case, files)
        tree = tar_of(source)
        drafted = list(ruled.candidates)

        def first(seen: tuple[Seen, ...]) -> list[Candidate]:
            """Rules speak first, also to the tracebacks that only the screening has seen."""
            errors = [e for s in seen if s.outcome == "failed" for e in parse_errors(s.detail)[:1]]
            drafted.extend(draft_fixes(errors, files, script=case.script))
            return [*_from_rules(drafted, codes), *_reverts(steps, codes)]

        steps = self._steps(case, codes)
        key = Searches.key(tree, plan, case.base)
        known = self._searches.get(key)
        if known is not None:
            first(known.seen)
        done = known or self._engine.run(
            tree,
            plan,
            codes,
            first,
            traced=_traced(case, files),
            changed=_changed(steps),
            usual=_usual(case),
        )
        self._searches.keep(key, done)
        ruled = ruled.model_copy(update={"candidates": _distinct(case, drafted)})
        if done.fault or done.plan is None:
            return ruled
        left = _as_written(_untried(case, done.survivors), files)
        if not left:
            return _nothing(ruled, done)
        return self._choose(tree, done, left, codes, ruled)

    def _choose(
        self,
        tree: bytes,
        done: Search,
        survivors: list[Candidate],
        codes: dict[str, SourceFile],
        ruled: Drafts,
    ) -> Drafts:
        ruled_alone = [c for c in survivors if c.is_of_a_rule]
        kept = (ruled_alone or without_destructive(survivors))[:MAX_COMPARED]
        grouped = self._grouped(tree, done, kept, codes)
        known = {draft.edits: draft for draft in ruled.candidates}
        drafts = [_draft(kept[group[0]], codes, done, known) for group in grouped.groups]
        doubt = _ambiguous(grouped) or _doubt(done, kept[0])
        doubted = tuple(draft.model_copy(update={"doubt": doubt}) for draft in drafts)
        return Drafts(candidates=doubted, ambiguity=tuple(grouped.rows))

    def _grouped(
        self, tree: bytes, done: Search, kept: list[Candidate], codes: dict[str, SourceFile]
    ) -> Grouped:
        if len(kept) == 1:
            return Grouped([[0]], [], compared=True)
        apart = Grouped([[index] for index in range(len(kept))], [], compared=False)
        target = _target(kept[0], codes)
        if target is None or done.plan is None or not done.plan.use_tests:
            return apart
        path, function = target
        contents = (*({c.path: c.content} for c in kept), _AS_IT_WAS)
        compare = (path, function.name)
        plan = done.plan.model_copy(update={"candidates": contents, "compare": compare})
        behaved = self._screening.compare(tree, plan)
        if isinstance(behaved, Fault):
            return apart
        count = len(kept)
        told = sum(bool(b.pairs) for b in behaved if b.index < count)
        lines = range(function.lineno, (function.end_lineno or function.lineno) + 1)
        crashed = only_crashes(done.seen, codes)
        believed = crashed and answers(done.seen, path, lines) >= FEWEST_ANSWERS
        left = conservative(count, behaved, believed=believed) if told == count else range(count)
        found, rows = groups(left, behaved)
        return Grouped([_first(group, behaved) for group in found], rows, compared=told == count)

    def _steps(self, case: Case, codes: dict[str, SourceFile]) -> dict[str, tuple[Step, ...]]:
        """The last commits of each suspected file, newest first."""
        if self._history is None:
            return {}
        return {path: self._history.steps(path, case.base, COMMITS) for path in codes}


def _reverts(steps: dict[str, tuple[Step, ...]], codes: dict[str, SourceFile]) -> list[Candidate]:
    """Each of the last commits to the suspected files taken back, hunk by hunk and whole."""
    found = []
    for path, of_file in steps.items():
        for step in of_file:
            for text in taken_back(codes[path].text, step):
                line = min(changed_lines(step), default=1)
                found.append(Candidate(path, text, f"revert/{step.commit[:12]}", line, 0.0))
    return found


def _changed(steps: dict[str, tuple[Step, ...]]) -> frozenset[Place]:
    """Lines that the newest commit of each file wrote."""
    return frozenset((path, line) for path, of_file in steps.items() for line in _newest(of_file))


def _newest(of_file: tuple[Step, ...]) -> frozenset[int]:
    return changed_lines(of_file[0]) if of_file else frozenset()


def plan_of(case: Case) -> ScreenPlan | None:
    """What screening has to run for this case; None where nothing can tell good from bad."""
    results = [result for run in case.baseline.tests for result in run.results]
    failing = [r.node for r in results if r.outcome in ("failed", "error")]
    hung = [node for run in case.baseline.tests for node in run.collected]
    stuck = bool(results or hung) and any(run.ended.timed_out for run in case.baseline.tests)
    ended = case.baseline.command
    broken = ended is not None and (ended.exit_code != 0 or ended.timed_out)
    run = case.run or Command(argv=case.command)
    command = run if broken and _is_python(run.argv) else None
    tests = (case.tests or TestPlan()).model_copy(update={"sentinels": False})
    if failing or stuck:
        uncollected = tuple(node for node in failing if "::" not in node)
        return ScreenPlan(tests=tests, failing=uncollected, command=command, select=tests.select)
    if command is None:
        return None
    return ScreenPlan(tests=tests, use_tests=bool(results), command=command, select=tests.select)


def _usual(case: Case) -> dict[str, TestResult]:
    """The tests of the baseline that ended by themselves, by node id."""
    return {
        result.node: result
        for run in case.baseline.tests[:1]
        for result in run.results
        if ENDLESS not in result.detail
    }


def _is_python(command: tuple[str, ...]) -> bool:
    return len(command) > 1 and command[0] in ("python", "python3") and command[1] != "-c"


def tar_of(source: Source) -> bytes:
    """The whole tree as the sandbox takes it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path in source.paths():
            data = source.read(path)
            if data is not None:
                entry = tarfile.TarInfo(path)
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def _codes(case: Case, files: SourceFiles) -> dict[str, SourceFile]:
    """The files that the search may change: what the failing tests and the script reach."""
    results = [result for run in case.baseline.tests for result in run.results]
    nodes = [r.node for r in results if r.outcome in ("failed", "error")]
    nodes = nodes or [node for run in case.baseline.tests for node in run.collected]
    starts = [case.script, *dict.fromkeys(node.partition("::")[0] for node in nodes)]
    named = [
        place.code.path
        for error in collect_errors(case)
        for place in find_fault_sites(error, files)
    ]
    return watched(files, [*named, *starts])


def _traced(case: Case, files: SourceFiles) -> tuple[str, int]:
    for error in collect_errors(case):
        for place in find_fault_sites(error, files, case.script):
            return place.code.path, place.line
    return "", 0


def _distinct(case: Case, drafted: list[Draft]) -> tuple[Draft, ...]:
    seen = set(tried(case))
    return tuple(d for d in _first_of_each(drafted) if d.edits not in seen)[:MAX_CANDIDATES]


def _first_of_each(drafted: list[Draft]) -> list[Draft]:
    """Without those that say again what an earlier one did."""
    by_edits: dict[tuple[Edit, ...], Draft] = {}
    for draft in drafted:
        by_edits.setdefault(draft.edits, draft)
    return list(by_edits.values())


def _from_rules(drafted: list[Draft], codes: dict[str, SourceFile]) -> Iterable[Candidate]:
    for draft in _first_of_each(drafted):
        edit = draft.edits[0]
        if len(draft.edits) == 1 and isinstance(edit, WriteFile):
            line = _first_change(codes.get(edit.path), edit.content)
            yield Candidate(edit.path, edit.content, f"rule/{draft.rule}", line, 0.0)


def _first_change(code: SourceFile | None, content: str) -> int:
    """The first line inside a function that a draft changes, else its first; 1 where unknown."""
    if code is None:
        return 1
    matcher = SequenceMatcher(None, code.text.split("\n"), content.split("\n"), autojunk=False)
    changed = [old + 1 for tag, old, *_ in matcher.get_opcodes() if tag != "equal"]
    return next((line for line in changed if code.function_at(line)), min(changed, default=1))


def _untried(case: Case, survivors: list[Candidate]) -> list[Candidate]:
    seen = {
        (edit.path, edit.content)
        for edits in tried(case)
        for edit in edits
        if isinstance(edit, WriteFile)
    }
    left = []
    for candidate in survivors:  # a rule may say the same of two tracebacks: one edit, no doubt
        if (candidate.path, candidate.content) not in seen:
            seen.add((candidate.path, candidate.content))
            left.append(candidate)
    return left[:MAX_CANDIDATES]


def _as_written(survivors: list[Candidate], files: SourceFiles) -> list[Candidate]:
    """Of texts that parse now and did not before, those that leave all that was written, where
    there are any: a forgotten sign is likelier than one too many."""
    parts = [c for c in survivors if c.shape == f"rule/{DOES_NOT_PARSE}"]
    olds = {c.path: files.parse(c.path) for c in parts}
    kept = [c for c in parts if (old := olds[c.path]) and only_adds(old.text, c.content)]
    return [c for c in survivors if c not in parts or c in kept] if kept else survivors


def _nothing(ruled: Drafts, done: Search) -> Drafts:
    """The rules' drafts as they are: the gate, not the screening, has the last word on them."""
    if ruled.candidates or not done.tried:
        return ruled
    return Drafts(reason=f"{done.tried} small edits were tried; none passes every test.")


def _target(candidate: Candidate, codes: dict[str, SourceFile]) -> tuple[str, FunctionNode] | None:
    code = codes.get(candidate.path)  # a file that does not parse has no functions
    function = code.outermost_function_at(candidate.line) if code else None
    return (candidate.path, function) if function else None


def _first(group: list[int], behaved: Sequence[Behaved]) -> list[int]:
    """The group with the member in front that is drafted."""
    chosen = least_work(group, behaved)
    return [chosen, *(index for index in group if index != chosen)]


def _ambiguous(grouped: Grouped) -> str:
    if not grouped.compared:
        return "Several edits pass every test, and what else they do could not be compared."
    if not grouped.rows:
        return ""
    shown = "; ".join(f"{row.given} gives {' or '.join(row.results)}" for row in grouped.rows[:3])
    return f"Several edits pass every test and still differ: {shown}."


def _doubt(done: Search, first: Candidate) -> str:
    if first.is_of_a_rule:
        return ""
    if done.untested:
        return "Only the failing command speaks for it: no test fails that would pass with it."
    if not done.complete:
        return "The time ran out before other edits that may pass as well were tried."
    if is_destructive(first):
        return (
            "The only edit that passes takes functionality away, adds a special case, or lets a "
            "function end without a value."
        )
    return ""


def _draft(
    candidate: Candidate,
    codes: dict[str, SourceFile],
    done: Search,
    known: dict[tuple[Edit, ...], Draft],
) -> Draft:
    edit = WriteFile(path=candidate.path, content=candidate.content, replaces=True)
    if (edit,) in known:
        return known[(edit,)]
    cause = _cause(candidate, codes[candidate.path], done)
    return Draft(drafter="rules", edits=(edit,), rule=candidate.shape, cause=cause)


def _cause(candidate: Candidate, code: SourceFile, done: Search) -> str:
    if candidate.shape.startswith("revert/"):
        return f"The failure began with commit {candidate.shape[7:]}; its change is taken back."
    function = code.function_at(candidate.line)
    where = f"`{function.name}`" if function else f"`{candidate.path}`"
    failing = len(done.plan.failing) if done.plan else 0
    what = candidate.shape.replace("/", ": ").rstrip(": ")
    return (
        f"Line {candidate.line} of {where} is wrong ({what}). Of {done.tried} edits tried, this is "
        f"the likeliest that makes {failing} failing tests pass and breaks none."
    )
