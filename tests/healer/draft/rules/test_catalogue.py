"""Every rule does to its example what it says, and leaves its look-alike alone."""

import re

import pytest

from healer.draft.rules.catalogue import MODULES, RULES, rules_of
from healer.draft.rules.drafter import find_fault_sites, find_fixes
from healer.draft.rules.names import calls
from healer.draft.rules.rule import Rule
from healer.draft.rules.source_files import SourceFiles
from tests.support.memory_tree import MemoryTree
from tests.support.rule_cases import (
    check_silence,
    content_of,
    draft_example,
    is_same_error,
    list_reads,
    raise_error,
    run_script,
)

BY_NAME = {rule.name: rule for rule in RULES}
EACH = pytest.mark.parametrize("rule", RULES, ids=BY_NAME)
RUN = [rule for rule in RULES if not rule.example.is_reported and not rule.example.files]


@EACH
def test_its_fix_of_the_example_is_the_fixed_script(rule: Rule) -> None:
    drafts = draft_example(rule.example).candidates
    contents = [content_of(draft) for draft in drafts if draft.rule == rule.name]
    assert contents[:1] == [rule.example.after]
    compile(rule.example.after, "job.py", "exec", dont_inherit=True)


@EACH
def test_its_estimate_is_that_of_its_example(rule: Rule) -> None:
    example = rule.example
    tree = MemoryTree({example.path: example.before, **example.files})
    files = SourceFiles(tree, reads=list_reads(example))
    site = next(find_fault_sites(example.error, files, example.path))
    fix = next(find_fixes(rule, site))
    estimate = rule.estimate if fix.estimate is None else fix.estimate
    assert estimate == pytest.approx(rule.estimate, abs=0.005)


@EACH
def test_it_leaves_its_look_alike_alone(rule: Rule) -> None:
    assert rule.silent.is_silent
    check_silence(rule.name, rule.silent)


@pytest.mark.parametrize("rule", RUN, ids=lambda rule: rule.name)
def test_python_raises_what_the_example_says_and_runs_the_fixed_script(rule: Rule) -> None:
    example = rule.example
    real = raise_error(example.before)
    assert is_same_error(real, example.error)
    assert real.frames[-1].line == example.error.frames[0].line
    drafts = draft_example(example, real).candidates
    assert (rule.name, example.after) in [(d.rule, content_of(d)) for d in drafts]
    run_script(example.after)


@EACH
def test_it_says_in_one_sentence_what_is_wrong(rule: Rule) -> None:
    assert rule.summary.endswith(".")
    assert ". " not in rule.summary
    assert len(rule.summary) < 200


@EACH
def test_it_names_the_documentation_that_gives_the_reason(rule: Rule) -> None:
    assert re.fullmatch(r"https://[\w./#-]+", rule.link)


@EACH
def test_its_rivals_are_other_rules_or_readings_in_words(rule: Rule) -> None:
    for rival in rule.rivals:
        assert rival.rule in {"", *BY_NAME} - {rule.name}
        assert rival.reading
        assert not rival.reading.endswith(".")


@EACH
def test_it_answers_the_types_of_its_example(rule: Rule) -> None:
    assert rule.example.error.type in rule.types
    assert rule.silent.error.type in rule.types


def test_names_are_words_with_hyphens_and_each_is_one_rule_s() -> None:
    assert len(BY_NAME) == len(RULES)
    assert all(re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", name) for name in BY_NAME)


def test_a_module_s_rules_are_those_that_it_defines_in_its_order() -> None:
    assert [rule.name for rule in rules_of(calls)] == [
        "module-called",
        "wrong-brackets",
        "forgotten-call",
        "shadowed-built-in",
    ]


def test_every_rule_stands_in_a_module_that_is_listed_once() -> None:
    assert len(set(MODULES)) == len(MODULES)
    assert sum(len(rules_of(module)) for module in MODULES) == len(RULES) == 137


def test_no_rule_speaks_to_an_error_of_a_type_that_it_does_not_name() -> None:
    for rule in RULES:
        other = rule.example.error.model_copy(update={"type": "KeyboardInterrupt"})
        drafts = draft_example(rule.example, other).candidates
        assert [draft.rule for draft in drafts] == []


def test_no_rule_speaks_to_its_error_in_an_empty_script() -> None:
    for rule in RULES:
        example, frame = rule.example, rule.example.error.frames[0]
        files = SourceFiles(MemoryTree({example.path: "\n" * frame.line}))
        sites = find_fault_sites(example.error, files, example.path)
        assert [fix for site in sites for fix in find_fixes(rule, site)] == []
