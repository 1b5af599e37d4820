"""From a case to drafts: where errors are looked for, in what order, and what they say."""

from collections.abc import Callable, Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from healer.draft.rules import RulesDrafter
from healer.draft.rules.catalogue import RULES
from healer.draft.rules.drafter import (
    MAX_CANDIDATES,
    OUTWARD_DISCOUNT,
    draft_fixes,
    find_fault_sites,
    find_fixes,
    repository_path,
)
from healer.draft.rules.example import Example
from healer.draft.rules.rule import FaultSite, Fix, Rival, Rule, rule
from healer.draft.rules.source_file import TextEdit
from healer.draft.rules.source_files import SourceFiles
from healer.facts.draft import Case, Drafts, EarlierAttempt
from healer.failure import Failure, Frame, Raised
from sandbox import Report
from tests.support.memory_tree import MemoryTree
from tests.support.rule_cases import content_of, draft_script, raise_error

BROKEN = "total = 1\nprint(totl)\n"
FRAME = Frame(file="job.py", line=2, function="<module>", own=True)
ERROR = Raised(type="NameError", message="name 'totl' is not defined", frames=(FRAME,))


def case_of(*errors: Raised, **changes: object) -> Case:
    failure = Failure(id="f", script="job.py", source="run", chain=errors)
    case = Case(repair="r", script="job.py", failure=failure, base="", baseline=Report())
    return case.model_copy(update=changes)


def draft(case: Case, **files: str) -> Drafts:
    tree = MemoryTree({path.replace("__", "/") + ".py": text for path, text in files.items()})
    return RulesDrafter().draft(case, tree)


def edit_rule(
    name: str,
    estimate: float,
    text: str,
    *,
    is_outward: bool = False,
    cause: str = "A cause.",
    rivals: Iterable[str | Rival] = (),
    is_same: bool = False,
) -> Rule:
    """A rule that puts a text in the place of the whole file."""

    @rule(
        name,
        "NameError",
        estimate=estimate,
        example="- x = y  #! NameError: a\n+ x = 1",
        silent="x = y  #! NameError: a",
        link="https://docs.python.org/3/",
        rivals=rivals,
        is_outward=is_outward,
    )
    def find(site: FaultSite) -> list[Fix]:
        """A sentence."""
        return [Fix(cause, (TextEdit(0, len(site.code.text), text),), is_same=is_same)]

    return find


def is_measured(rule: Rule) -> bool:
    return rule.name != "not-measured"


def drafts_of(
    *rules: Rule, error: Raised = ERROR, is_forcing: Callable[[Rule], bool] = is_measured
) -> list[tuple[str, bool]]:
    files = SourceFiles(MemoryTree({"job.py": BROKEN}))
    drafts = draft_fixes([error], files, rules, "job.py", is_forcing)
    return [(each.rule, bool(each.forced)) for each in drafts]


@pytest.mark.parametrize(
    "source",
    [
        "print(customer_total)\n",
        "ax = 1\nbx = 2\nprint(cx)\n",
        "row = {'a': 1}\nprint(row['total'])\n",
        "x = [1][5]\n",
        "x = 'a'.frobnicate()\n",
        "int('twelve')\n",
        "open('nowhere.csv')\n",
    ],
)
def test_no_draft_where_the_intent_is_unclear_and_a_reason(source: str) -> None:
    answer = draft(case_of(raise_error(source)), job=source)
    assert answer.candidates == ()
    assert answer.reason.startswith("No rule knows a safe edit for ")


def test_a_case_without_any_error_says_so() -> None:
    assert "neither a traceback nor a failing test's text" in draft(case_of(), job="x = 1\n").reason


def test_an_error_outside_of_what_may_be_changed_says_so() -> None:
    answer = draft(case_of(ERROR, protected=("job.py",)), job=BROKEN)
    assert answer.candidates == ()
    assert "NameError was raised outside the files that may be changed" in answer.reason


def test_an_attempt_is_not_drafted_again() -> None:
    first = draft(case_of(ERROR), job=BROKEN).candidates[0]
    attempt = EarlierAttempt(draft=first, diff="", verdict="UNCHANGED", evidence="")
    again = draft(case_of(ERROR, attempts=(attempt,)), job=BROKEN).candidates
    assert first.edits not in [each.edits for each in again]


def test_what_a_person_turned_down_is_not_drafted_again() -> None:
    first = draft(case_of(ERROR), job=BROKEN).candidates[0]
    attempt = EarlierAttempt(draft=first, diff="", verdict="UNCHANGED", evidence="no")
    again = draft(case_of(ERROR, rejected=(attempt,)), job=BROKEN).candidates
    assert first.edits not in [each.edits for each in again]


TWO_FAULTS = "total = 3\nprint(totl)\nprint(totel)\n"
NEXT = """Traceback (most recent call last):
  File "/srv/job.py", line 3, in <module>
    print(totel)
NameError: name 'totel' is not defined
"""


def go_on(stderr: str, *, drafter: str = "rules") -> Drafts:
    """What is drafted after the first fault's draft, where the command then printed this."""
    case = case_of(ERROR)
    (first, *_) = draft(case, job=TWO_FAULTS).candidates
    first = first.model_copy(update={"drafter": drafter})
    earlier = EarlierAttempt(draft=first, diff="", verdict="failed", evidence="", stderr=stderr)
    return draft(case.model_copy(update={"attempts": (earlier,)}), job=TWO_FAULTS)


def test_a_second_fault_is_mended_on_top_of_the_first_draft_and_never_forced() -> None:
    drafts = go_on(NEXT)
    assert content_of(drafts.candidates[0]) == "total = 3\nprint(total)\nprint(total)\n"
    assert drafts.candidates[0].forced == ""
    assert "Then: " in drafts.candidates[0].cause


@pytest.mark.parametrize(
    ("stderr", "drafter"),
    [
        ("", "rules"),
        ("killed\n", "rules"),
        (NEXT.replace("totel", "totl"), "rules"),  # the same error: the draft did not end it
        (NEXT, "small-model"),
    ],
)
def test_nothing_is_built_on_a_draft_that_did_not_end_its_error(stderr: str, drafter: str) -> None:
    assert all("Then: " not in each.cause for each in go_on(stderr, drafter=drafter).candidates)


def test_the_same_edit_for_two_errors_is_drafted_once() -> None:
    other = ERROR.model_copy(update={"notes": ("another",), "message": ERROR.message + " here"})
    contents = [content_of(each) for each in draft(case_of(ERROR, other), job=BROKEN).candidates]
    assert len(set(contents)) == len(contents)


def test_at_most_forty_candidates_are_given() -> None:
    names = [f"total_{number}" for number in range(60)]
    source = "".join(f"{name} = {{'key_of_{name}': 1}}\n" for name in names)
    errors = [
        Raised(
            type="KeyError",
            message=f"'key_of_{name}x'",
            frames=(Frame(file="job.py", line=61, function="f"),),
        )
        for name in names
    ]
    line = ", ".join(f"{name}['key_of_{name}x']" for name in names)
    answer = draft(case_of(*errors), job=f"{source}print({line})\n")
    assert len(answer.candidates) <= MAX_CANDIDATES


def test_the_drafter_is_named_rules_in_what_it_drafts() -> None:
    assert RulesDrafter.name == "rules"
    assert {each.drafter for each in draft(case_of(ERROR), job=BROKEN).candidates} == {"rules"}


def test_the_most_certain_draft_comes_first() -> None:
    rules = (edit_rule("low", 0.6, "x = 1\n"), edit_rule("high", 0.8, "x = 2\n"))
    assert [name for name, _ in drafts_of(*rules)] == ["high", "low"]


@pytest.mark.parametrize(
    ("certainties", "forced"),
    [
        ((0.95,), ["a"]),
        ((0.9,), ["a"]),
        ((0.89,), []),
        ((0.95, 0.7), []),
        ((0.95, 0.85), []),
        ((0.95, 0.95), []),
    ],
)
def test_a_fix_is_forced_only_where_no_other_reading_stands_beside_it(
    certainties: tuple[float, ...], forced: list[str]
) -> None:
    rules = [
        edit_rule(name, estimate, f"{name} = 1\n")
        for name, estimate in zip("ab", certainties, strict=False)
    ]
    assert [name for name, is_forced in drafts_of(*rules) if is_forced] == forced


def test_a_rule_that_was_not_measured_forces_nothing() -> None:
    assert drafts_of(edit_rule("not-measured", 0.95, "x = 1\n")) == [("not-measured", False)]
    rule = edit_rule("missing-import", 0.95, "x = 1\n")
    files = SourceFiles(MemoryTree({"job.py": BROKEN}))
    (draft,) = draft_fixes([ERROR], files, [rule], "job.py")
    assert bool(draft.forced) is rule.is_forcing


@pytest.mark.parametrize(
    ("estimate", "other", "is_forced"),
    [(0.95, None, True), (0.95, 0.7, False), (0.85, None, False)],
)
def test_what_is_the_same_object_is_forced_unmeasured_unless_something_else_may_be_meant(
    estimate: float, other: float | None, *, is_forced: bool
) -> None:
    rules = [edit_rule("not-measured", estimate, "x = 1\n", is_same=True)]
    rules += [edit_rule("b", other, "x = 2\n")] if other else []
    assert drafts_of(*rules)[0] == ("not-measured", is_forced)


def test_a_draft_names_its_rivals_those_that_are_drafted_first_with_what_they_change() -> None:
    rules = (
        edit_rule("a", 0.95, "x = 1\n", rivals=("c was meant", Rival("as b says", "b"))),
        edit_rule("b", 0.8, "x = 2\n"),
    )
    files = SourceFiles(MemoryTree({"job.py": BROKEN}))
    first, second = draft_fixes([ERROR], files, rules, "job.py", is_measured)
    drafted, listed = first.rivals
    assert (drafted.rule, drafted.reading) == ("b", second.cause)
    assert drafted.diff.splitlines()[-1] == "+x = 2"
    assert (listed.rule, listed.reading, listed.diff) == ("", "c was meant", "")
    assert [rival.rule for rival in second.rivals] == ["a"]


def test_a_forced_draft_has_no_rivals() -> None:
    files = SourceFiles(MemoryTree({"job.py": BROKEN}))
    rule = edit_rule("a", 0.95, "x = 1\n", rivals=("c was meant",))
    (forced,) = draft_fixes([ERROR], files, [rule], "job.py", is_measured)
    assert forced.forced
    assert forced.rivals == ()
    (open_draft,) = draft_fixes([ERROR], files, [rule], "job.py", lambda _: False)
    assert [rival.reading for rival in open_draft.rivals] == ["c was meant"]


def test_two_rules_with_the_same_edit_do_not_stand_in_each_other_s_way() -> None:
    rules = (edit_rule("a", 0.95, "x = 1\n"), edit_rule("b", 0.93, "x = 1\n"))
    assert drafts_of(*rules) == [("a", True), ("b", True)]


def test_a_fix_that_changes_nothing_or_does_not_parse_is_no_draft() -> None:
    rules = (edit_rule("same", 0.9, BROKEN), edit_rule("broken", 0.9, "def f(:\n"))
    assert drafts_of(*rules) == []


def test_a_rule_sees_only_the_types_that_it_names() -> None:
    assert drafts_of(edit_rule("a", 0.9, "x = 1\n"), error=ERROR) != []
    other = ERROR.model_copy(update={"type": "KeyError"})
    assert drafts_of(edit_rule("a", 0.9, "x = 1\n"), error=other) == []
    of_package = ERROR.model_copy(update={"type": "package.NameError"})
    assert drafts_of(edit_rule("a", 0.9, "x = 1\n"), error=of_package) != []


def test_only_an_outward_rule_looks_at_callers_and_is_less_sure_of_them() -> None:
    frames = (FRAME.model_copy(update={"line": 1}), FRAME)
    error = ERROR.model_copy(update={"frames": frames})
    files = SourceFiles(MemoryTree({"job.py": BROKEN}))
    inner, outer = find_fault_sites(error, files, "job.py")
    assert (inner.depth, outer.depth) == (0, 1)
    inward, outward = edit_rule("a", 0.9, "x"), edit_rule("b", 0.9, "x", is_outward=True)
    assert list(find_fixes(inward, outer)) == []
    assert len(list(find_fixes(outward, outer))) == 1
    assert OUTWARD_DISCOUNT < 1


@pytest.mark.parametrize(
    ("cause", "sentence"),
    [
        (
            "One sentence.",
            "One sentence. That is by rule `a`: line 2 of job.py raised `NameError: ",
        ),
        ("One. Two.", "One. Two (rule `a`: line 2 of job.py raised `NameError: "),
    ],
)
def test_a_draft_says_in_two_sentences_what_was_wrong_and_why_this_edit(
    cause: str, sentence: str
) -> None:
    files = SourceFiles(MemoryTree({"job.py": BROKEN}))
    (each,) = draft_fixes([ERROR], files, [edit_rule("a", 0.6, "x = 1\n", cause=cause)], "job.py")
    assert each.cause.startswith(sentence)
    assert each.cause.count(". ") == 1
    assert each.cause.endswith(".")


@pytest.mark.parametrize("each", RULES, ids=lambda each: each.name)
def test_every_rule_s_fix_says_what_was_wrong_in_two_sentences_by_its_name(each: Rule) -> None:
    example = each.example
    tree = MemoryTree({example.path: example.before, **example.files})
    for found in draft_fixes([example.error], SourceFiles(tree), [each], example.path):
        assert f"rule `{each.name}`: line " in found.cause
        assert example.error.type in found.cause
        sentences = [part for part in found.cause.split(". ") if part]
        assert len(sentences) == 2, found.cause
        assert found.cause.endswith(".")
        assert "\n" not in found.cause


@pytest.mark.parametrize(
    ("printed", "path"),
    [
        ("job.py", "job.py"),
        ("./job.py", "job.py"),
        ("/srv/app/jobs/job.py", "jobs/job.py"),
        ("C:\\app\\jobs\\job.py", "jobs/job.py"),
        ("/tmp/x/scripts/main.py", "scripts/main.py"),
        ("/usr/lib/python3.11/json/decoder.py", None),
        ("/venv/lib/python3.11/site-packages/jobs/job.py", None),
        ("/elsewhere/other.py", None),
        ("<string>", None),
    ],
)
def test_a_frame_names_a_file_of_the_repository_whatever_its_root_was(
    printed: str, path: str | None
) -> None:
    paths = ("job.py", "jobs/job.py", "scripts/main.py")
    frame = Frame(file=printed, line=1, function="f")
    assert repository_path(frame, paths, "scripts/main.py") == path


def test_sites_are_the_error_s_own_frames_innermost_first_each_line_once() -> None:
    frames = (
        FRAME.model_copy(update={"line": 1}),
        FRAME.model_copy(update={"file": "/usr/lib/python3.11/json.py"}),
        FRAME,
        FRAME,
        FRAME.model_copy(update={"line": 99}),
        FRAME.model_copy(update={"file": "protected.py"}),
    )
    tree = MemoryTree({"job.py": BROKEN, "protected.py": "x = 1\n" * 3})
    files = SourceFiles(tree, ["protected.py"])
    error = ERROR.model_copy(update={"frames": frames})
    sites = [(site.line, site.depth) for site in find_fault_sites(error, files, "job.py")]
    assert sites == [(2, 0), (1, 1)]


def test_errors_of_an_earlier_link_in_the_chain_are_drafted_for_too() -> None:
    later = Raised(type="RuntimeError", message="job failed", frames=(FRAME,))
    answer = draft(case_of(ERROR, later), job=BROKEN)
    assert content_of(answer.candidates[0]) == "total = 1\nprint(total)\n"


LINES = st.sampled_from(
    [
        "import json", "rows = [1, 2]", "row = {'a': 1}", "total = 0", "for n in rows:",
        "    total += n", "def f(x):", "    return x", "class A:", "    def g(self):",
        "        return rows", "print(f(total))", "x = rows[9]", "y = row['b']", "z = rows.size()",
        "with open('a') as file:", "    text = file.read()", "w = '%s %s' % total", "v = total / 0",
    ]
)  # fmt: skip  # a list of lines is read as a paragraph
MESSAGES = st.sampled_from([rule.example.error for rule in RULES])


@settings(max_examples=150)
@given(st.lists(LINES, max_size=8), MESSAGES, st.integers(1, 9))
def test_any_script_with_any_error_gives_drafts_that_parse_or_none(
    lines: list[str], error: Raised, line: int
) -> None:
    text = "\n".join(lines) + "\n"
    frame = Frame(file="job.py", line=line, function="f", own=True)
    tree = MemoryTree({"job.py": text})
    for each in draft_fixes([error.model_copy(update={"frames": (frame,)})], SourceFiles(tree)):
        compile(content_of(each), "job.py", "exec", dont_inherit=True)


def test_two_sentences_for_a_rule_and_for_ruff() -> None:
    (found, *_) = draft_script("print(json.dumps([1]))\n")
    assert found.cause.count(". ") == 1
    assert "rule `missing-import`: line 1 of job.py raised `NameError:" in found.cause


@pytest.mark.parametrize(
    ("broken", "fixed"),
    [
        (
            "import itertools\nfor a, b in itertools.izip([1], [2]):\n    pass\n",
            "for a, b in zip([1], [2]):\n    pass\n",
        ),
        ("import fractions\nx = fractions.gcd(4, 6)\n", "import math\nx = math.gcd(4, 6)\n"),
        (
            "import string, sys\nx = string.join(['a'], sys.platform)\n",
            "import sys\nx = sys.platform.join(['a'])\n",
        ),
        (
            "import readline\nimport fractions\nx = fractions.gcd(4, 6), fractions.Fraction(1)\n",
            "import math\nimport readline\nimport fractions\n"
            "x = math.gcd(4, 6), fractions.Fraction(1)\n",
        ),
    ],
)
def test_an_import_goes_with_what_used_it_and_no_other_does(broken: str, fixed: str) -> None:
    assert content_of(draft_script(broken)[0]) == fixed


def test_an_example_of_the_readme_is_fixed_as_it_says() -> None:
    example = Example(
        """
          row = {"unit_price": "3"}
        - print(float(row["unitprice"]))  #! KeyError: 'unitprice'
        + print(float(row["unit_price"]))
        """
    )
    assert content_of(draft_script(example.before)[0]) == example.after
