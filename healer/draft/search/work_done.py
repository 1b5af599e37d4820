"""Without tests: whether the line that failed still runs, or an edit only goes round it.

Belongs here: running survivors once more and reading which lines they executed. Does not belong
here: which edits are tried at all (`without_tests`), and proof (`healer.evidence`).
"""

from collections.abc import Sequence
from difflib import SequenceMatcher

from healer.draft.rules.source_file import SourceFile
from healer.draft.search.localise import FileLine
from healer.draft.search.operators.mutation import operator_of
from healer.draft.search.screen_plan import MAX_LIMIT_S
from healer.draft.search.search_facts import SearchTask
from healer.draft.search.variant_maker import REVERT, Variant
from sandbox import SandboxError
from sandbox.job import ScreenPlan
from sandbox.screen import Screening
from sandbox.trees import replace_file

MOST_RUN_AGAIN = 8
"""Each takes a container."""


def keep_working(
    screening: Screening, task: SearchTask, plan: ScreenPlan, survivors: Sequence[Variant]
) -> list[Variant]:
    """Of the first eight survivors those in whose run the failing line, or what stands in its
    place, was executed. What a taken back commit has brought need not run any more; where the run
    says nothing, the survivor stays."""
    if task.trace is None:
        return list(survivors)
    alone = plan.model_copy(update={"use_tests": False, "limit_s": MAX_LIMIT_S})
    return [
        variant
        for variant in survivors[:MOST_RUN_AGAIN]
        if operator_of(variant.shape) == REVERT or _runs(screening, task, alone, variant)
    ]


def _runs(screening: Screening, task: SearchTask, plan: ScreenPlan, variant: Variant) -> bool:
    path, line = task.trace or ("", 0)
    tree = replace_file(task.tree, variant.path, variant.content.encode())
    try:
        spectrum = screening.measure_spectrum(tree, plan)
    except SandboxError:
        return True
    if not any(test.lines for test in spectrum):
        return True
    lines = find_successor_lines(task.codes.get(path), variant, (path, line))
    return any(lines & set(test.lines.get(path, ())) for test in spectrum)


def find_successor_lines(code: SourceFile | None, variant: Variant, place: FileLine) -> set[int]:
    """The 1-based lines of the variant that stand where a line of the file stood; also where the
    same text stands now, if it was moved. Empty where it is gone."""
    path, line = place
    if code is None or path != variant.path:
        return {line}
    old, new = code.text.split("\n"), variant.content.split("\n")
    lines: set[int] = set()
    for tag, low, high, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if low < line <= high:
            lines |= {start + line - low} if tag == "equal" else set(range(start + 1, end + 1))
    text = old[line - 1].strip()
    is_only = sum(each.strip() == text for each in old) == 1
    return lines | {n for n, each in enumerate(new, 1) if is_only and each.strip() == text}
