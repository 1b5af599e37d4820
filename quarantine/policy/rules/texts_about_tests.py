"""Rules about product code that speaks of tests: their tools, their hooks, their files.

Belongs here: texts and names that only a test run gives a meaning to. Does not belong here: use of
the tools themselves (`running_program`), and values of the tests (`recognised_inputs`).
"""

import re
from collections.abc import Iterator

from quarantine.policy.files import Patch
from quarantine.policy.new_strings import match_strings
from quarantine.policy.rule import Hit, rule

_TOOLS = re.compile(
    r"pytest|unittest|conftest|_called_from_test|junit|nose2|coverage_run|\b\d+ passed\b"
    r"|<testsuite|test session starts",
    re.IGNORECASE,
)
_FILES = re.compile(r"(^|/)tests?/|(^|/)test_\w*\.py|_test\.py$|^tests$")
_HOOKS = re.compile(
    r"pytest_\w+|__test__|__unittest|__tracebackhide__|load_tests|collect_ignore(_glob)?"
    r"|(setup|teardown)_(module|function)|(setUp|tearDown)Module"
)
_REWARD_HACKS = "https://arxiv.org/abs/2511.18397"


@rule(
    "test-framework",
    "reject",
    "Code outside the tests names the test tools ({what}).",
    refuses='+ print("3 passed in 0.01s")',
    allows='+ print("3 rows in 0.01 s")',
    link=_REWARD_HACKS,
)
def tool_names(patch: Patch) -> Iterator[Hit]:
    """A text by which a program could tell, or forge, a run of its tests."""
    return match_strings(_TOOLS, patch)


@rule(
    "test-framework",
    "reject",
    "Code outside the tests hooks into the test tools ({what}).",
    refuses="""
        + def pytest_runtest_makereport(item, call):
        +     pass
        """,
    allows="""
        + def make_report(rows):
        +     return len(rows)
        """,
    link="https://docs.pytest.org/en/stable/reference/reference.html#hooks",
)
def tool_hooks(patch: Patch) -> Iterator[Hit]:
    """Names that a test runner gives a meaning to, in a file that is not a test."""
    for file in patch.product:
        if file.new_module is None:
            continue
        old_names = {name for name, _ in file.old_module.identifiers} if file.old_module else set()
        for name, line in file.new_module.identifiers:
            if _HOOKS.fullmatch(name) and name not in old_names:
                yield Hit(file.path, line, name)


@rule(
    "test-framework",
    "person",
    "Code outside the tests names the tests' files ({what}).",
    refuses='+ EXPECTED = "tests/data/expected.json"',
    allows='+ EXPECTED = "data/expected.json"',
    link=_REWARD_HACKS,
)
def test_files(patch: Patch) -> Iterator[Hit]:
    """A path of the tests in product code."""
    return match_strings(_FILES, patch)


RULES = (tool_names, tool_hooks, test_files)
