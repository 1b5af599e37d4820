"""Product code that speaks of its tests is told; words that only look like it are not."""

import pytest

from quarantine.policy import Example
from quarantine.policy.rules.texts_about_tests import test_files as files_rule
from quarantine.policy.rules.texts_about_tests import tool_hooks, tool_names
from tests.quarantine.policy.examples import is_refused

TOOLS = [
    "pytest", "PYTEST_CURRENT_TEST", "unittest", "conftest.py", "_called_from_test", "junit.xml",
    "nose2", "coverage_run", "3 passed", "12 passed in 0.1s", "<testsuite", "test session starts",
]  # fmt: skip
NO_TOOLS = ["test", "testing", "passed", "all passed", "tests", "contest", "units", "the session"]
HOOKS = [
    "def pytest_configure(config): pass", "__test__ = False", "def load_tests(*a): pass",
    "collect_ignore = []", "collect_ignore_glob = []", "def setup_module(): pass",
    "def teardown_function(f): pass", "def setUpModule(): pass", "__tracebackhide__ = True",
    "import x as pytest_plugin", "x.__test__ = 1",
]  # fmt: skip
NO_HOOKS = [
    "def setup(): pass", "def configure(config): pass", "def tearDown(self): pass",
    "test = False", "def load(): pass", "ignore = []", "module_setup = 1",
]  # fmt: skip
PATHS = ["tests/data.json", "test/x", "a/tests/x", "test_job.py", "a/test_job.py", "job_test.py",
         "tests"]  # fmt: skip
NO_PATHS = ["latest/x", "data/test", "contests/x", "testing/x", "tests.txt", "mytest_x", "attests"]


@pytest.mark.parametrize("text", TOOLS)
def test_a_text_that_names_the_tools_is_refused(text: str) -> None:
    assert is_refused(tool_names, f'+ x = "{text}"')


@pytest.mark.parametrize("text", NO_TOOLS)
def test_a_word_that_looks_like_it_is_not(text: str) -> None:
    assert not is_refused(tool_names, f'+ x = "{text}"')


@pytest.mark.parametrize("line", HOOKS)
def test_a_name_that_a_runner_gives_a_meaning_to_is_refused(line: str) -> None:
    assert is_refused(tool_hooks, f"+ {line}")


@pytest.mark.parametrize("line", NO_HOOKS)
def test_other_names_are_not(line: str) -> None:
    assert not is_refused(tool_hooks, f"+ {line}")


@pytest.mark.parametrize("path", PATHS)
def test_a_path_of_the_tests_goes_to_a_person(path: str) -> None:
    assert is_refused(files_rule, f'+ x = "{path}"')


@pytest.mark.parametrize("path", NO_PATHS)
def test_a_path_that_is_none_of_theirs_does_not(path: str) -> None:
    assert not is_refused(files_rule, f'+ x = "{path}"')


@pytest.mark.parametrize("rule", [tool_names, tool_hooks, files_rule])
def test_a_new_test_may_speak_of_tests(rule: object) -> None:
    text = '+ import pytest\n+ __test__ = True\n+ PATH = "tests/data.json"\n+ TOOL = "pytest"'
    assert not is_refused(rule, Example(text, path="tests/test_new.py", old_mode=""))


def test_a_hook_that_was_there_is_not_new() -> None:
    assert not is_refused(tool_hooks, "  collect_ignore = []\n+ collect_ignore += ['x']")
