"""Drafts of rules and reverted commits are what a search tries first."""

from healer.draft.rules.drafter import RulesDrafter
from healer.draft.rules.source_file import SourceFile
from healer.draft.rules.source_files import SourceFiles
from healer.draft.search.reverts import FileCommit
from healer.draft.search.seeds import Seeds
from healer.draft.search.variant_maker import REVERT, RULE
from healer.facts.draft import Draft, WriteFile
from sandbox import SpectrumTest
from tests.support.memory_tree import MemoryTree
from tests.support.search_cases import make_case

PROGRAM = "import os\n\n\ndef area(width, height):\n    return widht * height\n"
FIXED = PROGRAM.replace("widht", "width")
DETAIL = (
    "Traceback (most recent call last):\n"
    '  File "/job/tree/job.py", line 5, in area\n    return widht * height\n'
    "NameError: name 'widht' is not defined\n"
)
OLD = PROGRAM.replace("widht * height", "width + height")
COMMIT = FileCommit("0123456789abcdef", OLD, PROGRAM)


def make_seeds(*drafts: Draft, commits: tuple[FileCommit, ...] = ()) -> Seeds:
    tree = MemoryTree({"job.py": PROGRAM})
    case = make_case("test_area")
    files = SourceFiles(tree, case.protected)
    codes = {"job.py": SourceFile("job.py", PROGRAM)}
    return Seeds(case, files, codes, drafts, {"job.py": commits})


def write(content: str, path: str = "job.py", rule: str = "some-rule") -> Draft:
    edit = WriteFile(path=path, content=content, replaces=True)
    return Draft(drafter="rules", edits=(edit,), rule=rule)


def failed(detail: str, outcome: str = "failed") -> tuple[SpectrumTest, ...]:
    return (SpectrumTest.model_validate({"node": "t", "outcome": outcome, "detail": detail}),)


def test_rules_speak_to_a_traceback_that_only_the_spectrum_has() -> None:
    (variant,) = make_seeds().make_variants(failed(DETAIL))
    assert variant.content == FIXED
    assert variant.is_from_rule
    assert (variant.path, variant.line, variant.score) == ("job.py", 5, 0.0)
    assert variant.is_from_rule


def test_they_are_silent_about_tests_that_pass_or_only_hang() -> None:
    assert make_seeds().make_variants(failed(DETAIL, "timeout")) == []
    assert make_seeds().make_variants(failed("")) == []


def test_the_drafts_of_the_case_come_first_and_each_once() -> None:
    seeds = make_seeds(write("x = 1\n"), write(FIXED), write("x = 1\n", rule="other"))
    drafts = seeds.draft(failed(DETAIL))
    texts = [draft.edits[0].content for draft in drafts if isinstance(draft.edits[0], WriteFile)]
    assert texts == ["x = 1\n", FIXED]
    assert drafts[0].rule == "some-rule"


def test_a_spectrum_is_read_once() -> None:
    seeds = make_seeds()
    assert len(seeds.draft(())) == 0
    assert len(seeds.draft(failed(DETAIL))) == 0


def test_a_draft_of_several_files_or_of_other_edits_is_no_variant() -> None:
    edits = (*write("x = 1\n").edits, *write("y = 1\n", path="b.py").edits)
    two = Draft(drafter="rules", edits=edits, rule="some-rule")
    assert make_seeds(two).make_variants(()) == []
    assert make_seeds(two).draft(()) == [two]


def test_the_line_of_a_draft_is_the_first_that_changes_inside_a_function() -> None:
    both = FIXED.replace("import os", "import sys")
    (variant,) = make_seeds(write(both)).make_variants(())
    assert variant.line == 5
    (outside,) = make_seeds(write(PROGRAM.replace("import os", "import sys"))).make_variants(())
    assert outside.line == 1
    (unknown,) = make_seeds(write("x = 1\n", path="new.py")).make_variants(())
    assert unknown.line == 1


def test_each_of_the_last_commits_is_taken_back() -> None:
    (variant,) = make_seeds(commits=(COMMIT,)).make_variants(())
    assert variant.content == OLD
    assert variant.shape == f"{REVERT}/0123456789ab"
    assert variant.line == 5


def test_rules_come_before_reverts() -> None:
    variants = make_seeds(write(FIXED), commits=(COMMIT, COMMIT)).make_variants(())
    assert [v.shape.partition("/")[0] for v in variants] == ["rule", "revert", "revert"]


def test_only_the_newest_commit_says_which_lines_changed_last() -> None:
    older = FileCommit("f" * 16, "", PROGRAM)
    assert make_seeds(commits=(COMMIT, older)).find_last_changed_lines() == {("job.py", 5)}
    assert make_seeds().find_last_changed_lines() == frozenset()


def test_the_drafters_own_drafts_are_seeds() -> None:
    case = make_case("test_area")
    tree = MemoryTree({"job.py": "x = (1\n"})
    drafts = RulesDrafter().draft(case, tree).candidates
    seeds = Seeds(case, SourceFiles(tree), {}, drafts, {})
    assert [v.shape for v in seeds.make_variants(())] == [f"{RULE}/{d.rule}" for d in drafts]
