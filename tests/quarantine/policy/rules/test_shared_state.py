"""What changes the whole process or makes it quiet is told; a program's own objects are not."""

import pytest

from quarantine.policy.rules.shared_state import RULES
from tests.quarantine.policy.examples import is_refused

IMPORTS = """
  import asyncio, contextlib, gc, logging, os, random, ssl, sys, time, warnings
"""
TOLD = {
    "os.chdir(p)": "global-state",
    "os.umask(0)": "global-state",
    "os.putenv('A', 'b')": "global-state",
    "warnings.simplefilter('ignore')": "global-state",
    "warnings.filterwarnings('ignore')": "global-state",
    "random.seed(1)": "global-state",
    "sys.setrecursionlimit(9)": "global-state",
    "gc.disable()": "global-state",
    "time.tzset()": "global-state",
    "logging.disable()": "quiet-logging",
    "logging.basicConfig(level=50)": "quiet-logging",
    "log.removeHandler(h)": "quiet-logging",
    "log.handlers.clear()": "quiet-logging",
    "contextlib.redirect_stderr(f)": "quiet-logging",
    "logging.NullHandler()": "quiet-logging",
    "log.disabled = True": "quiet-logging",
    "log.propagate = False": "quiet-logging",
    "sys.excepthook = f": "quiet-logging",
    "sys.tracebacklimit = 0": "quiet-logging",
    "log.setLevel(50)": "quiet-logging",
    "log.addFilter(f)": "quiet-logging",
    "time.sleep(5)": "waiting",
    "asyncio.sleep(5)": "waiting",
    "clock.sleep(5)": "waiting",
    "context.check_hostname = False": "weaker-security",
    "context.verify_mode = ssl.CERT_NONE": "weaker-security",
    "ssl._create_unverified_context()": "weaker-security",
    "urllib3.disable_warnings()": "weaker-security",
}
QUIET = [
    "warnings.warn('old')", "random.random()", "random.Random(1)", "os.path.join(p)",
    "logging.getLogger('a')", "log.error('x')", "log.info('x')", "was = log.disabled",
    "level = log.level", "time.monotonic()", "time.time()", "context.load_cert_chain(p)",
    "ssl.create_default_context()", "sleep = 5", "propagate = False", "os.getcwd()",
    "sys.getrecursionlimit()", "gc.collect()", "self.handlers.append(h)", "logging.INFO",
]  # fmt: skip


def names(line: str) -> set[str]:
    return {rule.name for rule in RULES if is_refused(rule, f"{IMPORTS}+ {line}")}


@pytest.mark.parametrize("line", TOLD)
def test_a_change_of_what_all_share_is_told(line: str) -> None:
    assert TOLD[line] in names(line)


@pytest.mark.parametrize("line", QUIET)
def test_what_changes_nothing_for_others_is_not(line: str) -> None:
    assert names(line) == set()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("log.setLevel('INFO')", "log.setLevel('FATAL')", {"quiet-logging"}),
        ("log.setLevel('INFO')", "logger.setLevel('INFO')", set()),
        ("time.sleep(1)", "time.sleep(2)", set()),
        ("random.seed(1)", "random.seed(2)", set()),
    ],
)
def test_of_a_call_that_was_there_only_a_levels_change_counts(
    old: str, new: str, expected: set[str]
) -> None:
    diff = f"{IMPORTS}- {old}\n+ {new}"
    assert {rule.name for rule in RULES if is_refused(rule, diff)} == expected
