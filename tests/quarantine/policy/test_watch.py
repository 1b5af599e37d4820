"""A list of names matches names and what is below them, and no name that only begins alike."""

import pytest

from quarantine.policy import Example, Rule
from quarantine.policy.watch import watch
from tests.quarantine.policy.examples import is_refused, whats

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
