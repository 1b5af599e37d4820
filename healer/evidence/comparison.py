"""What one changed function answers by the fix, by the unfixed code, and by their neighbours.

Belongs here: which functions a fix changes, asking all programs for the same inputs, and what in
the answers speaks against the fix. Does not belong here: which neighbours pass the tests
(`rivals`), or which of two answers tells (`telling_inputs`).
"""

import ast
import itertools
from collections.abc import Sequence

from healer.draft.rules.source_file import SourceFile
from healer.draft.search.behaviour_groups import tabulate
from healer.evidence.changed_lines import find_changed_functions
from healer.evidence.crashes import (
    collect_messages,
    find_crash_types,
    find_missed_errors,
    find_wrong_indices,
)
from healer.evidence.examples import (
    find_denied_words,
    find_example_texts,
    find_example_values,
    find_refused_texts,
)
from healer.evidence.experiment import Experiment
from healer.evidence.neighbour import Neighbour
from healer.evidence.telling_inputs import (
    BASE,
    COMMAND,
    collect_words,
    find_memory,
    read_behaviours,
    tell_apart,
)
from healer.judge.facts import Rival, Rivals
from sandbox.job import ScreenPlan
from sandbox.screen import Screening

Place = tuple[str, str]
"""A file's path and a function's name."""
LAMBDA = "<lambda>"
"""Python's name for a function without one."""
MOST_USERS = 6
"""Functions that are compared since they use a changed variable."""


def plan_screening(experiment: Experiment, fail_to_pass: Sequence[str]) -> ScreenPlan:
    """What all programs beside the fix are run with."""
    return ScreenPlan(
        tests=experiment.variant_tests,
        command=experiment.plan.command,
        failing=tuple(fail_to_pass),
        passing=tuple(node for node in experiment.passing_nodes if node not in fail_to_pass),
        watched=experiment.changed_files,
        limit_s=experiment.variant_limit_s,
        workers=1,
    )


def find_places(experiment: Experiment) -> list[Place]:
    """The functions that the fix changes, and those that use a variable of the file or of a class
    that it changes. One without a name is a file's top level, which runs where a test starts the
    program."""
    places = find_changed_functions(experiment.base, experiment.tree, experiment.changed_files)
    for path in sorted(path for path, name in places if not name):
        places |= _find_users(path, experiment)
    return sorted(places)


def _find_users(path: str, experiment: Experiment) -> set[Place]:
    code, lines = SourceFile(path, experiment.texts_of(path)[1]), experiment.changed_lines[path]
    functions = [n for n in code.nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    inner = {id(node) for function in functions for node in ast.walk(function)}
    changes = (
        node
        for node in code.nodes
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign)
        if node.lineno in lines and id(node) not in inner
    )
    names = {_name_of(node) for change in changes for node in ast.walk(change) if _is_bound(node)}
    users = (f for f in functions if names & {_name_of(node) for node in ast.walk(f)} - {""})
    places = {(path, user.name) for user in itertools.islice(users, MOST_USERS)}
    lambdas = (n for n in code.nodes if isinstance(n, ast.Lambda) and id(n) not in inner)
    return places | {(path, LAMBDA) for node in lambdas if node.lineno in lines}


def _is_bound(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _name_of(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def compare_with_base(
    experiment: Experiment, nodes: Sequence[str], screening: Screening
) -> Rivals | None:
    """What the changed functions answered before and answer otherwise now, where nothing failed;
    `nodes`: the tests whose inputs are tried. None where not all was seen. Raises SandboxError."""
    plan, rivals, places = plan_screening(experiment, nodes), list[Rival](), find_places(experiment)
    for place in places:
        base = make_base(place, experiment)
        more = compare_with(place, [base], experiment, plan, screening)
        if more is None:
            return None
        rivals += more.rivals
    return Rivals(tried=len(places), passed=len(places), rivals=tuple(rivals))


def make_base(place: Place, experiment: Experiment) -> Neighbour:
    """The unfixed file as one of the programs."""
    return Neighbour(place[0], experiment.texts_of(place[0])[0], BASE, 0)


def compare_with(
    place: Place,
    others: Sequence[Neighbour],
    experiment: Experiment,
    plan: ScreenPlan,
    screening: Screening,
) -> Rivals | None:
    """`others`: the base stands first where what it answers is right."""
    sources = experiment.texts_of(place[0])
    texts = next((t for s in sources if (t := find_example_texts(s, place[1]))), ())
    if not others and not texts:
        return Rivals()
    contents = ({}, *({each.path: each.content} for each in others), {})
    words = collect_words(*sources, place[1], collect_messages(experiment, plan.failing))
    values = next((v for s in sources if (v := find_example_values(s, place[1]))), ())
    update = {"candidates": contents, "compare": place, "widely": True}
    comparison_plan = plan.model_copy(update={**update, "words": words, "examples": values})
    behaviours = screening.compare(experiment.tree.tar(), comparison_plan)
    if len(behaviours) < len(contents):
        return None  # the fuse burnt: what was not seen is not known
    is_base_right = bool(others) and others[0].shape == BASE
    behaviour = read_behaviours(place[1], behaviours, is_base_right=is_base_right)
    behaviour = behaviour._replace(
        wrong_indices=find_wrong_indices(experiment, plan.failing),
        crashes=find_crash_types(experiment, plan.failing),
        missed=find_missed_errors(experiment, plan.failing),
        source=sources[1],
    )
    denials = [word for s in sources for word in find_denied_words(s, place[1], behaviour.fix)]
    refusals = (*find_refused_texts(texts, behaviour.fix), *denials)
    failing = tuple(f"{place[1]}: {text}" for text in refusals)
    if not others:
        return Rivals(failing_examples=failing)
    tables = tabulate(behaviours)
    answers = [
        *(tell_apart(behaviour, each, tables.get(n, {})) for n, each in enumerate(others, 1)),
        find_memory(behaviour, others[0]),
    ]
    is_unseen = is_base_right and bool(place[1]) and not behaviour.fix.keys() - {COMMAND}
    return Rivals(
        rivals=tuple(rival for rival in answers if rival),
        failing_examples=failing,
        unseen_functions=(place[1],) if is_unseen else (),
    )
