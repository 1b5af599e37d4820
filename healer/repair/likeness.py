"""Does a fix do what a person's fix of the same did?

Belongs here: comparing two changes of one base, by their code, by what the failing command does,
and by what the changed functions give on many inputs. Does not belong here: which changes are
compared (`healer.app.trial`), or whether one of them is right (`healer.judge`).
"""

import ast

from healer.draft.search.behaviour_groups import group_by_behaviour
from healer.draft.search.screen_plan import make_screen_plan, pack_tree
from healer.evidence.changed_lines import find_changed_functions
from healer.facts.repair import Baseline, Request
from healer.render.trial_report import Likeness
from healer.repair import propose
from healer.services import Services
from quarantine.candidate import Candidate
from quarantine.tree import Tree
from sandbox import Fault
from sandbox.job import Command, Plan, ScreenPlan

OURS, THEIRS, AGAIN = 0, 1, 2
"""Indices of what is compared; the fix is run a second time, since what chance decides tells
nothing."""
Place = tuple[str, str]
"""A file's path and a function's name; the name is empty for what lies in none."""


def compare_with_person(
    request: Request, baseline: Baseline, ours: Candidate, theirs: Candidate, services: Services
) -> Likeness:
    """Holds the fix `ours` against the person's `theirs`, both made on the request's base."""
    comparison = _Comparison(request, ours, theirs, services)
    if comparison.is_same_code():
        return Likeness(kind="same")
    plan = _plan(request, baseline, services)
    if plan is None:
        return Likeness(kind="unknown", detail="no test gives inputs to compare them on")
    if plan.command is not None and (difference := comparison.compare_commands(plan.command)):
        return Likeness(kind="differs", detail=difference)
    return comparison.compare_functions(plan)


def _plan(request: Request, baseline: Baseline, services: Services) -> ScreenPlan | None:
    if baseline.failure is None:
        return None
    base = services.repository.tree(request.base)
    return make_screen_plan(propose.case_of(request, baseline, (), base, services))


class _Comparison:
    """Two changes of one base."""

    def __init__(
        self, request: Request, ours: Candidate, theirs: Candidate, services: Services
    ) -> None:
        self._services = services
        self._base = services.repository.tree(request.base)
        self._trees = [services.repository.tree(each.commit) for each in (ours, theirs)]
        paths = {path for path in (*ours.paths, *theirs.paths) if path.endswith(".py")}
        self._paths = sorted(paths)

    def is_same_code(self) -> bool:
        """All Python files mean the same to Python."""
        ours, theirs = self._trees
        return all(_meaning(ours, path) == _meaning(theirs, path) for path in self._paths)

    def compare_commands(self, command: Command) -> str:
        """What the failing command does otherwise; empty where it does the same, or cannot be
        run."""
        reports = [self._services.runner.run(tree, Plan(command=command)) for tree in self._trees]
        ours, theirs = (report.command for report in reports)
        if ours is None or theirs is None or any(report.fault for report in reports):
            return ""
        if ours.exit_code != theirs.exit_code:
            return f"the command ends with {ours.exit_code}, the person's with {theirs.exit_code}"
        if ours.stdout != theirs.stdout:
            return "the command prints something else than with the person's fix"
        if ours.effects != theirs.effects:
            return "the command leaves other effects than with the person's fix"
        return ""

    def compare_functions(self, plan: ScreenPlan) -> Likeness:
        """By what every changed function gives on inputs like those of the tests."""
        places = set[Place]()
        for tree in self._trees:
            places |= find_changed_functions(self._base, tree, self._paths)
        unknown = [path for path, name in sorted(places) if not name]
        for place in sorted(each for each in places if each[1]):
            difference = self._compare_function(place, plan)
            if difference is None:
                unknown.append(f"{place[1]} of {place[0]}")
            elif difference:
                return Likeness(kind="differs", detail=difference)
        if unknown or not places:
            what = ", ".join(unknown) or "the changed lines"
            return Likeness(kind="unknown", detail=f"could not be compared: {what}")
        return Likeness(kind="alike")

    def _compare_function(self, place: Place, plan: ScreenPlan) -> str | None:
        """An input on which they differ, with what both give; empty where there is none, None
        where it could not be seen."""
        contents = self._contents()
        comparison = plan.model_copy(update={"candidates": contents, "compare": place})
        screening = self._services.runner.open_screening()
        behaviours = screening.compare(pack_tree(self._base), comparison)
        if isinstance(behaviours, Fault) or sum(bool(b.pairs) for b in behaviours) != len(contents):
            return None
        by_chance = {each.given for each in group_by_behaviour((OURS, AGAIN), behaviours)[1]}
        for each in group_by_behaviour((OURS, THEIRS), behaviours)[1]:
            if each.given not in by_chance and len(each.results) > 1:
                ours, theirs = each.results
                return f"{place[1]} on {each.given} gives {ours}, with the person's fix {theirs}"
        return ""

    def _contents(self) -> tuple[dict[str, str], ...]:
        """Ours, theirs, and ours again."""
        ours, theirs = (
            {
                path: data.decode("utf-8", "replace")
                for path in self._paths
                if (data := tree.read(path)) is not None
            }
            for tree in self._trees
        )
        return ours, theirs, ours


def _meaning(tree: Tree, path: str) -> object:
    source = tree.read(path)
    try:
        return ast.dump(ast.parse(source or b""))
    except (SyntaxError, ValueError, RecursionError):
        return source
