"""The drafter without a model, whole: rules first, then the search, judged by behaviour.

Belongs here: the way from a case to drafts. Does not belong here: how edits are found and tried
(`engine`), told apart (`comparison`) and drafted (`survivors`).
"""

import ast
import itertools
import time
from collections.abc import Mapping

from healer.draft.rules.columns import read_columns
from healer.draft.rules.drafter import MAX_CANDIDATES, RulesDrafter, find_fault_sites
from healer.draft.rules.observed_errors import collect_errors
from healer.draft.rules.source_file import SourceFile
from healer.draft.rules.source_files import SourceFiles
from healer.draft.search.comparison import compare_survivors
from healer.draft.search.engine import BUDGET_S, SearchEngine
from healer.draft.search.localise import FileLine
from healer.draft.search.reverts import COMMITS, FileCommit, History
from healer.draft.search.screen_plan import (
    FAILURES,
    find_finished_tests,
    make_screen_plan,
    pack_tree,
)
from healer.draft.search.search_cache import SearchCache
from healer.draft.search.search_facts import SearchResult, SearchTask
from healer.draft.search.search_scope import find_reachable_files
from healer.draft.search.seeds import Seeds
from healer.draft.search.survivors import (
    SEARCH,
    choose_survivors,
    draft_nothing,
    draft_survivors,
)
from healer.draft.search.suspects import list_suspects
from healer.draft.search.work_done import keep_working
from healer.facts.draft import Case, Drafts, Source, Spent, list_tried_edits
from sandbox.job import ScreenPlan
from sandbox.screen import Screening

LONGEST_LITERAL = 40


class SearchDrafter:
    """Rules, then a bounded search. Costs seconds of processor time and no money."""

    name = SEARCH

    def __init__(
        self,
        screening: Screening,
        history: History | None = None,
        budget_s: float = BUDGET_S,
        cache: SearchCache | None = None,
    ) -> None:
        """`cache`: what drafters of the same repository searched before."""
        self._screening = screening
        self._cache = cache or SearchCache()
        self._history = history
        self._engine = SearchEngine(screening, budget_s)
        self._rules = RulesDrafter()

    def draft(self, case: Case, source: Source) -> Drafts:
        """Candidates that pass every screened test, best first; else those of the rules alone, and
        only these for a failure that the sandbox does not show: nothing tells right from wrong.

        Where survivors behave differently on generated inputs, `ambiguity` shows on which.
        """
        start_s = time.monotonic()
        from_rules = self._rules.draft(case, source)
        plan = make_screen_plan(case) if case.is_seen else None
        if plan is None:
            return from_rules
        drafts = self._search(case, source, from_rules, plan)
        cost = Spent(seconds=round(time.monotonic() - start_s, 3))
        return drafts.model_copy(update={"spent": cost})

    def _search(self, case: Case, source: Source, from_rules: Drafts, plan: ScreenPlan) -> Drafts:
        files = SourceFiles(source, case.protected, case.reads)
        codes = _find_suspects(case, files)
        seeds = Seeds(case, files, codes, from_rules.candidates, self._list_commits(case, codes))
        task = SearchTask(
            tree=pack_tree(source),
            plan=plan,
            codes=codes,
            trace=_find_trace(case, files),
            changed=seeds.find_last_changed_lines(),
            literals=_list_literals(case, files),
            finished=find_finished_tests(case),
        )
        result = self._run_once(task, case.base, seeds)
        drafts = self._draft_from(result, task, case, seeds, from_rules)
        return drafts.model_copy(update={"suspects": list_suspects(result.spectrum, codes)})

    def _draft_from(
        self,
        result: SearchResult,
        task: SearchTask,
        case: Case,
        seeds: Seeds,
        from_rules: Drafts,
    ) -> Drafts:
        """What the search has brought; where that is nothing, what the rules have."""
        rule_drafts = seeds.draft(result.spectrum)
        tried_edits = set(list_tried_edits(case))
        fresh_drafts = (draft for draft in rule_drafts if draft.edits not in tried_edits)
        candidates = tuple(itertools.islice(fresh_drafts, MAX_CANDIDATES))
        from_rules = from_rules.model_copy(update={"candidates": candidates})
        if result.fault or result.plan is None:
            return draft_nothing(from_rules, result)
        survivors = choose_survivors(case, result.survivors, seeds.files)
        if result.untested:
            survivors = keep_working(self._screening, task, result.plan, survivors)
        if not survivors:
            return draft_nothing(from_rules, result)
        comparison = compare_survivors(self._screening, task, result, survivors)
        return draft_survivors(survivors, comparison, result, task.codes, rule_drafts)

    def _run_once(self, task: SearchTask, base: str, seeds: Seeds) -> SearchResult:
        """The search, or what it brought when it was made before."""
        key = SearchCache.key_of(task.tree, task.plan, base)
        result = self._cache.get(key)
        if result is None:
            result = self._engine.run(task, seeds.make_variants)
            self._cache.keep(key, result)
        return result

    def _list_commits(
        self, case: Case, codes: Mapping[str, SourceFile]
    ) -> dict[str, tuple[FileCommit, ...]]:
        """The last commits of each suspected file, newest first."""
        if self._history is None:
            return {}
        return {path: self._history.list_commits(path, case.base, COMMITS) for path in codes}


def _find_suspects(case: Case, files: SourceFiles) -> dict[str, SourceFile]:
    """The files that the search may change: what the failing tests and the script reach."""
    results = [result for run in case.baseline.tests for result in run.results]
    nodes = [r.node for r in results if r.outcome in FAILURES]
    nodes = nodes or [node for run in case.baseline.tests for node in run.collected]
    test_files = dict.fromkeys(node.partition("::")[0] for node in nodes)
    error_paths = [s.code.path for e in collect_errors(case) for s in find_fault_sites(e, files)]
    return find_reachable_files(files, [*error_paths, case.script, *test_files])


def _list_literals(case: Case, files: SourceFiles) -> tuple[str, ...]:
    """Constants of the failing tests' files, then keys of what the job read, each once."""
    results = [r for run in case.baseline.tests for r in run.results if r.outcome in FAILURES]
    codes = map(files.parse, dict.fromkeys(r.node.partition("::")[0] for r in results))
    nodes = [node for code in codes if code for node in code.nodes]
    constants = [n.value for n in nodes if isinstance(n, ast.Constant) and n.value is not None]
    keys = [path[-1] for read in case.reads for path in read_columns(read.text)]
    texts = (repr(value) for value in (*constants, *keys) if not isinstance(value, bytes))
    return tuple(dict.fromkeys(text for text in texts if len(text) <= LONGEST_LITERAL))


def _find_trace(case: Case, files: SourceFiles) -> FileLine | None:
    """The innermost line of the first error that has one in a file that may be changed."""
    for error in collect_errors(case):
        for site in find_fault_sites(error, files, case.script):
            return site.code.path, site.line
    return None
