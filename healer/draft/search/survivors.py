"""From survivors to drafts: which are drafted, with what reason and what doubt.

Belongs here: leaving out what need not be drafted, and the sentences that a person reads. Does not
belong here: telling survivors apart (`comparison`).
"""

from collections.abc import Mapping, Sequence

from healer.draft.rules.drafter import MAX_CANDIDATES
from healer.draft.rules.source_file import SourceFile
from healer.draft.rules.source_files import SourceFiles
from healer.draft.rules.syntax.rule import DOES_NOT_PARSE, only_adds
from healer.draft.search.behaviour_groups import drop_destructive, is_destructive
from healer.draft.search.comparison import Comparison
from healer.draft.search.search_facts import SearchResult
from healer.draft.search.variant_maker import REVERT, RULE, Variant
from healer.facts.draft import Case, Draft, Drafts, Edit, WriteFile, list_tried_edits

SEARCH = "search"
"""The drafter's name in drafts, ledger and costs."""
MAX_COMPARED = 16
_MAX_SHOWN = 3


def choose_survivors(case: Case, survivors: Sequence[Variant], files: SourceFiles) -> list[Variant]:
    """Those that are compared and drafted, in their order: not what was tried before; of rules
    alone where a rule's fix survived; none that is destructive where another is not."""
    remaining = _keep_what_was_written(_drop_tried(case, survivors), files)
    from_rules = [variant for variant in remaining if variant.is_from_rule]
    return (from_rules or drop_destructive(remaining))[:MAX_COMPARED]


def _drop_tried(case: Case, survivors: Sequence[Variant]) -> list[Variant]:
    edits = (edit for of_attempt in list_tried_edits(case) for edit in of_attempt)
    texts = {(edit.path, edit.content) for edit in edits if isinstance(edit, WriteFile)}
    remaining = []
    for variant in survivors:  # a rule may say the same of two tracebacks: one edit, no doubt
        if (variant.path, variant.content) not in texts:
            texts.add((variant.path, variant.content))
            remaining.append(variant)
    return remaining[:MAX_CANDIDATES]


def _keep_what_was_written(survivors: list[Variant], files: SourceFiles) -> list[Variant]:
    """Of texts that parse now and did not before, those that leave all that was written, where
    there are any: a forgotten sign is likelier than one too many."""
    syntax_fixes = [v for v in survivors if v.shape == f"{RULE}/{DOES_NOT_PARSE}"]
    olds = {v.path: files.parse(v.path) for v in syntax_fixes}
    additions = [
        v for v in syntax_fixes if (old := olds[v.path]) and only_adds(old.text, v.content)
    ]
    if not additions:
        return survivors
    return [v for v in survivors if v not in syntax_fixes or v in additions]


def draft_survivors(
    survivors: Sequence[Variant],
    comparison: Comparison,
    result: SearchResult,
    codes: Mapping[str, SourceFile],
    rule_drafts: Sequence[Draft],
) -> Drafts:
    """A draft for the first of each group, all with the same doubt; a rule's as the rule made it.
    Where groups differ, `ambiguity` shows on which inputs.

    Without tests nothing is compared here: what several rules say is not doubted for that, and none
    of it is forced. The job's nights tell them apart, or they wait."""
    by_edits = {draft.edits: draft for draft in rule_drafts}
    doubt = _explain_ambiguity(comparison) or _explain_doubt(result, survivors[0])
    is_left_to_nights = result.untested and not comparison.complete
    drafts = []
    for group in comparison.groups:
        first = survivors[group[0]]
        draft = _make_draft(first, codes, result, by_edits)
        update: dict[str, object] = {"doubt": doubt or draft.doubt}
        if is_left_to_nights and first.is_from_rule:
            update = {"forced": ""}
        drafts.append(draft.model_copy(update=update))
    return Drafts(candidates=tuple(drafts), ambiguity=comparison.differences)


def _say_not_run(from_rules: Drafts, result: SearchResult) -> Drafts:
    """The same where there was only nothing to try."""
    plan = result.plan
    if result.fault is None and (plan is None or plan.failing or plan.command):
        return from_rules
    why = result.fault.message if result.fault else "none of its tests fails in the screening"
    reason = f"{from_rules.reason} The search could not run: {why.removesuffix('.')}.".lstrip()
    return from_rules.model_copy(update={"reason": reason})


def draft_nothing(from_rules: Drafts, result: SearchResult) -> Drafts:
    """The rules' drafts as they are: the gate, not the screening, has the last word on them."""
    if from_rules.candidates:
        return from_rules
    if not result.tried:
        return _say_not_run(from_rules, result)
    end = "keeps the command from failing" if result.untested else "passes every test"
    return Drafts(reason=f"{result.tried} small edits were tried; none {end}.")


def _make_draft(
    variant: Variant,
    codes: Mapping[str, SourceFile],
    result: SearchResult,
    by_edits: Mapping[tuple[Edit, ...], Draft],
) -> Draft:
    edits = (WriteFile(path=variant.path, content=variant.content, replaces=True),)
    if edits in by_edits:
        return by_edits[edits]
    cause = _explain_cause(variant, codes[variant.path], result)
    return Draft(drafter=SEARCH, edits=edits, rule=variant.shape, cause=cause)


def _explain_cause(variant: Variant, code: SourceFile, result: SearchResult) -> str:
    operator, _, commit = variant.shape.partition("/")
    if operator == REVERT:
        return f"The failure began with commit {commit}; its change is taken back."
    function = code.function_at(variant.line)
    where = f"`{function.name}`" if function else f"`{variant.path}`"
    failing = len(result.plan.failing) if result.plan else 0
    what = variant.shape.replace("/", ": ").rstrip(": ")
    return (
        f"Line {variant.line} of {where} is wrong ({what}). Of {result.tried} edits tried, this is "
        f"the likeliest that {_say_gain(failing)} and breaks none."
    )


def _say_gain(failing: int) -> str:
    if not failing:
        return "keeps the command from failing"
    return f"makes {failing} failing test{'s' if failing > 1 else ''} pass"


def _explain_ambiguity(comparison: Comparison) -> str:
    if not comparison.complete:
        return "Several edits pass every test, and what else they do could not be compared."
    if not comparison.differences:
        return ""
    rows = "; ".join(
        f"{row.given} gives {' or '.join(row.results)}"
        for row in comparison.differences[:_MAX_SHOWN]
    )
    return f"Several edits pass every test and still differ: {rows}."


def _explain_doubt(result: SearchResult, first: Variant) -> str:
    if first.is_from_rule:
        return ""
    if result.untested:
        return "Only the failing command speaks for it: no test fails that would pass with it."
    if not result.complete:
        return "The time ran out before other edits that may pass as well were tried."
    if is_destructive(first):
        return (
            "The only edit that passes takes functionality away, adds a special case, or lets a "
            "function end without a value."
        )
    return ""
