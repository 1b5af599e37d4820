"""Jobs that are a run of pytest: which script a failing one is about.

Belongs here: reading what pytest printed. Does not belong here: failures of other jobs (`inbox`),
and tests that healer runs itself (`healer.evidence`).
"""

import re
from collections.abc import Iterable

from healer.failure import relative_to
from healer.failure.parse import is_own

_PLACE = re.compile(r"^([\w./+-]+\.py):\d+: (?:in )?\w", re.MULTILINE)
"""The line under each part of a traceback of pytest's: `src/shop.py:12: KeyError`."""
_TEST = re.compile(r"(?:^|/)(?:test_[^/]*|[^/]*_test|conftest)\.py$|(?:^|/)tests?/")


def is_pytest_run(argv: Iterable[str]) -> bool:
    """Whether a word of the command starts pytest."""
    return any(word.rpartition("/")[2] in ("pytest", "py.test") for word in argv)


def find_script_under_test(output: str, root: str, cwd: str) -> str:
    """The innermost file of the repository in the first traceback that leads out of the tests,
    relative; empty where none does."""
    paths = (relative_to(match[1], (root,), cwd) for match in _PLACE.finditer(output))
    is_after_other = False
    script = ""
    for path in paths:
        is_script = path is not None and is_own(path) and not _TEST.search(path)
        if is_script and path is not None:
            script, is_after_other = path, True
        elif is_after_other:
            break  # the next traceback begins, in a test
    return script
