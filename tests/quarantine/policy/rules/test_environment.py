"""A program that behaves differently by place, time or chance is told; an honest one is not."""

import pytest

from quarantine.policy import Example
from quarantine.policy.rules import environment
from tests.quarantine.policy.examples import findings, is_refused, whats

READS = {
    "os.environ['CI']": "CI",
    "os.environ.get('CI')": "CI",
    "os.environ.get('CI', '')": "CI",
    "os.getenv('CI')": "CI",
    "os.getenvb(b'CI')": "CI",
    "'CI' in os.environ": "CI",
    "os.environ['C' + 'I']": "CI",
    "os.environ[name]": "*",
    "dict(os.environ)": "*",
    "list(os.environ.items())": "*",
}


@pytest.mark.parametrize("expression", READS)
def test_a_variable_that_was_not_read_before_is_told_by_its_name(expression: str) -> None:
    text = f"  import os\n+ x = {expression}"
    assert READS[expression] in whats(environment.read_variables, text)


@pytest.mark.parametrize(
    "expression",
    ["os.environ.get('PORT', '8080')", "os.getenv('PORT') or 1", "'PORT' in os.environ",
     "os.path.join('CI')", "environ['CI']", "settings['CI']"],
)  # fmt: skip
def test_a_variable_that_was_read_may_be_read_in_another_way(expression: str) -> None:
    text = f"  import os\n- x = os.environ['PORT']\n+ x = {expression}"
    assert not is_refused(environment.read_variables, text)


@pytest.mark.parametrize(
    "statement",
    ["os.environ['TZ'] = 'UTC'", "del os.environ['TZ']", "os.environ.setdefault('TZ', 'UTC')",
     "os.environ.update(TZ='UTC')", "os.environ.pop('TZ')", "os.environ.clear()"],
)  # fmt: skip
def test_a_variable_that_the_program_sets_is_told(statement: str) -> None:
    assert is_refused(environment.set_variables, f"  import os\n+ {statement}")
    assert not is_refused(environment.read_variables, f"  import os\n+ {statement}")


def test_setting_it_as_before_is_not_new() -> None:
    text = "  import os\n- os.environ['TZ'] = 'UTC'\n+ os.environ['TZ'] = zone"
    assert not is_refused(environment.set_variables, text)


PLACES = [
    "os.getcwd() == '/job'", "os.getcwd().startswith('/x')", "pathlib.Path.cwd().name == 'x'",
    "sys.executable.endswith('x')", "sys.prefix != sys.base_prefix", "tempfile.gettempdir() == t",
    "os.cpu_count() < 2", "sys.stdout.isatty()", "platform.machine() == 'x'", "p.expanduser() == q",
    "sys.argv[0] == 'job.py'", "__file__ == 'x'", "'pytest' in sys.argv[0]",
    "os.path.exists('/etc/passwd')", "p == '/usr/lib'", "os.access(p, 4)", "os.getpid() % 2",
]  # fmt: skip
TIMES = [
    "datetime.date.today() > datetime.date(2027, 1, 1)", "time.time() > 1800000000",
    "datetime.datetime.now().year >= 2027", "1800000000 < time.time()",
    "time.strftime('%Y') == '2027'",
]  # fmt: skip
HONEST = [
    "len(sys.argv) < 2", "sys.argv[1] == 'x'", "platform.system() == 'Windows'",
    "platform.python_implementation() == 'CPython'", "os.path.exists('data')",
    "os.path.exists(path)", "p == '/'", "p == 'a/b'", "time.time() > deadline",
    "time.monotonic() - began > limit", "datetime.date.today() > row.date", "path.is_file()",
    "rows == 3", "sys.version_info >= (3, 12)", "os.sep == '/'",
]  # fmt: skip
IMPORTS = "  import datetime, os, pathlib, platform, random, sys, tempfile, time\n"


@pytest.mark.parametrize("test", PLACES + TIMES)
def test_a_condition_on_the_place_or_on_a_fixed_time_is_told(test: str) -> None:
    assert is_refused(environment.surroundings, f"{IMPORTS}+ if {test}:\n+     stop()")


@pytest.mark.parametrize("test", HONEST)
def test_an_honest_condition_is_not(test: str) -> None:
    assert not is_refused(environment.surroundings, f"{IMPORTS}+ if {test}:\n+     stop()")


@pytest.mark.parametrize(
    "statement",
    ["x = 1 if os.getcwd() == p else 2", "while os.getcwd() == p:\n+     go()",
     "assert os.getcwd() == p", "x = [r for r in rows if os.getcwd() == r]",
     "match os.getcwd():\n+     case 'x':\n+         go()", "ok = os.getcwd() == p"],
)  # fmt: skip
def test_every_form_of_a_condition_counts(statement: str) -> None:
    assert is_refused(environment.surroundings, f"{IMPORTS}+ {statement}")


def test_a_variable_that_holds_the_answer_is_the_answer() -> None:
    text = f"{IMPORTS}+ here = os.getcwd()\n+ if here == p:\n+     stop()"
    assert is_refused(environment.surroundings, text)


def test_a_variable_of_another_function_is_not() -> None:
    text = f"""{IMPORTS}
+ def f():
+     here = os.getcwd()
+ def g(here):
+     if here == p:
+         stop()
"""
    assert not is_refused(environment.surroundings, text)


def test_the_place_may_be_used_where_nothing_depends_on_it() -> None:
    assert not is_refused(environment.surroundings, f"{IMPORTS}+ folder = os.getcwd()")


def test_a_condition_that_was_there_is_not_new() -> None:
    text = f"{IMPORTS}  if os.getcwd() == p:\n-     stop()\n+     stop(1)"
    assert not is_refused(environment.surroundings, text)


@pytest.mark.parametrize(
    ("test", "refused"),
    [
        ("random.random() < 0.5", True),
        ("random.choice(rows) == 1", True),
        ("os.urandom(1) > b'x'", True),
        ("len(rows) > 5", False),
        ("randomise(rows)", False),
    ],
)
def test_a_condition_that_chance_answers_is_told(test: str, refused: bool) -> None:
    assert is_refused(environment.chance, f"{IMPORTS}+ if {test}:\n+     stop()") == refused


def test_chance_outside_of_conditions_is_not() -> None:
    assert not is_refused(environment.chance, f"{IMPORTS}+ row = random.choice(rows)")


def test_a_question_for_the_operating_system_is_an_honest_one() -> None:
    text = "  import platform\n+ if platform.system() == 'Windows':\n+     sep = 1"
    assert findings(Example(text)) == ()
