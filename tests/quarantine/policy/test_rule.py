"""/tmp/j4/h"""

import ast
from collections.abc import Iterator

import pytest

from quarantine.policy import Example, Rule
from quarantine.policy.files import Patch
from quarantine.policy.module import Module
from quarantine.policy.rule import Hit, cwe, first_paragraph, node_rule, rule, short_source, watch
from tests.quarantine.policy.examples import hits, is_refused, whats


@rule("any-file", "person", "A file.", refuses="+ a", allows="- a", link=cwe(1))
def any_file(patch: Patch) -> Iterator[Hit]:
    """Every file of a patch,
    whatever it is.

    More that only developers read.
    """
    for file in patch.files:
        yield Hit(file.path)


@node_rule("pass", "reject", "It passes ({what}).", refuses="+ pass", allows="- pass", link=cwe(2))
def passes(module: Module) -> Iterator[ast.AST]:
    """A statement that does nothing."""
    yield from module.of(ast.Pass)


@node_rule(
    "call", "person", "A call.", refuses="+ f()", allows="- f()", link=cwe(3), key=lambda _: "call"
)
def calls(module: Module) -> Iterator[ast.AST]:
    """A call."""
    yield from module.of(ast.Call)


def test_a_rule_says_the_first_paragraph_of_its_docstring_on_one_line() -> None:
    assert any_file.summary == "Every file of a patch, whatever it is."


def test_a_rule_has_its_two_examples_and_its_link() -> None:
    assert (any_file.refuses, any_file.allows) == (Example("+ a"), Example("- a"))
    assert any_file.link.endswith("/1.html")


def test_a_rule_of_nodes_points_at_those_that_a_patch_adds() -> None:
    assert hits(passes, Example("  if a:\n      pass\n+ pass")) == [
        Hit("scripts/job.py", 3, "pass")
    ]
    assert hits(passes, Example("  pass\n+ x = 1")) == []


def test_nodes_of_one_key_are_not_told_apart() -> None:
    assert hits(calls, Example("- f()\n+ g(1, 2)")) == []
    assert len(hits(calls, Example("- f()\n+ g(1, 2)\n+ h()"))) == 1


def test_what_was_found_is_named_only_where_the_reason_asks_for_it() -> None:
    assert whats(passes, "+ pass") == ["pass"]
    assert whats(calls, "+ f()") == [""]


def test_a_rule_of_nodes_leaves_new_tests_alone() -> None:
    assert hits(passes, Example("+ pass", path="tests/test_new.py", old_mode="")) == []


@pytest.mark.parametrize(
    ("docstring", "paragraph"),
    [
        ("One line.", "One line."),
        ("Two\n    lines.", "Two lines."),
        ("First.\n\nSecond.", "First."),
        ("\n  First.  \n\n  Second.\n", "First."),
        ("", ""),
    ],
)
def test_the_first_paragraph_ends_at_an_empty_line(docstring: str, paragraph: str) -> None:
    assert first_paragraph(docstring) == paragraph


def test_a_long_source_is_cut_off() -> None:
    assert len(short_source(ast.parse("f(" + "a" * 200 + ")"))) == 60


IMPORTS = "  import os, signal, subprocess\n"


def watching(names: str, **options: bool) -> Rule:
    return watch(
        "row", "person", "A name ({what}).", names, refuses="", allows="", link="", **options
    )


@pytest.mark.parametrize(
    ("names", "expression", "matches"),
    [
        ("signal", "signal.alarm(1)", True),
        ("signal", "signal.signal(1, f)", True),
        ("signal", "signals.alarm(1)", False),
        ("os.exec*", "os.execv(p, a)", True),
        ("os.exec*", "os.exit(p)", False),
        ("os.kill", "os.kill(1, 2)", True),
        ("os.kill", "os.killpg(1, 2)", False),
        ("?.unlink", "path.unlink()", True),
        ("?.unlink", "os.unlink(p)", True),
        ("?.unlink", "unlink(p)", False),
        ("?.unlink", "path.unlinked()", False),
        ("?.f_back", "frame.f_back.f_locals", True),
        ("os.kill signal", "signal.alarm(1)", True),
        ("builtins.eval", "eval(t)", True),
        ("builtins.eval", "frame.eval(t)", False),
    ],
)
def test_a_pattern_matches_whole_parts_of_a_name(
    names: str, expression: str, matches: bool
) -> None:
    assert is_refused(watching(names), f"{IMPORTS}+ {expression}") == matches


def test_what_is_named_is_the_name_as_one_writes_it() -> None:
    assert whats(watching("builtins.eval"), "+ eval(t)") == ["eval"]
    assert whats(watching("?.unlink"), "+ p.unlink()") == ["unlink"]


def test_an_import_matters_only_where_the_list_says_so() -> None:
    assert not is_refused(watching("signal"), "+ import signal")
    assert is_refused(watching("signal", imports=True), "+ import signal")


def test_a_changed_argument_is_new_only_where_the_list_says_so() -> None:
    diff = f"{IMPORTS}- os.kill(1, 2)\n+ os.kill(5, 2)"
    assert not is_refused(watching("os.kill"), diff)
    assert is_refused(watching("os.kill", by_argument=True), diff)


def test_a_renamed_argument_is_not() -> None:
    diff = f"{IMPORTS}- os.kill(pid, 2)\n+ os.kill(number, 2)"
    assert not is_refused(watching("os.kill", by_argument=True), diff)


def test_only_stores_matter_where_the_list_says_so() -> None:
    rule = watching("?.disabled", stores=True)
    assert is_refused(rule, "+ log.disabled = True")
    assert is_refused(rule, "+ del log.disabled")
    assert not is_refused(rule, "+ x = log.disabled")


def test_new_tests_are_left_alone_where_the_list_says_so() -> None:
    example = Example("+ import os\n+ os.kill(1, 2)", path="tests/test_new.py", old_mode="")
    assert is_refused(watching("os.kill"), example)
    assert not is_refused(watching("os.kill", in_tests=False), example)


@pytest.mark.parametrize(
    "expression", ["subprocess.CalledProcessError", "subprocess.TimeoutExpired", "subprocess.PIPE",
                   "subprocess.SubprocessError"],
)  # fmt: skip
def test_exceptions_and_constants_do_nothing_by_themselves(expression: str) -> None:
    assert not is_refused(watching("subprocess"), f"{IMPORTS}+ x = {expression}")


def test_what_is_rejected_is_rejected_in_any_form() -> None:
    rule = watch("row", "reject", "A name.", "subprocess", refuses="", allows="", link="")
    assert is_refused(rule, f"{IMPORTS}+ x = subprocess.PIPE")


def test_harmless_names_are_taken_out_again() -> None:
    rule = watch(
        "row", "person", "A name.", "os", harmless="os.path os.sep", refuses="", allows="", link=""
    )
    assert is_refused(rule, f"{IMPORTS}+ os.getcwd()")
    assert not is_refused(rule, f"{IMPORTS}+ os.path.join(a)")
    assert not is_refused(rule, f"{IMPORTS}+ x = os.sep")


def test_its_summary_is_its_reason_without_what_was_found() -> None:
    assert watching("os").summary == "A name."
