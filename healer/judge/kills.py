"""Whether a check told a mutant from the fix by what it computes, or only by a crash.

Belongs here: reading one screened failure. A crash tells nothing of values: a script that prints
the wrong column ends as well as one that prints the right one, and most small mistakes crash. Only
a test that says "this is not the value" speaks for the fix. Does not belong here: what the share
means (`weaknesses`).
"""

import re
from collections.abc import Collection
from typing import Literal

MutantEnd = Literal["killed", "crashed", "survived"]
"""`killed`: a test called its value wrong. `crashed`: it was found out, and nothing was said of a
value. `survived`: every test passed."""

_ASSERTED = re.compile(r"^(?:E\s+)?(?:\w+\.)*(?:AssertionError|Failed)\b", re.MULTILINE)
_PLACES = re.compile(r'^\s*File "([^"]+)", line \d+|^(\S+\.py):\d+: in ', re.MULTILINE)


def classify_mutant(outcome: str, detail: str, fixed_paths: Collection[str]) -> MutantEnd:
    """`detail` is the failure's text as screening gives it; `fixed_paths` are the fix's own files.

    An assertion in a file of the fix tells nothing: the fix would vouch for itself.
    """
    if outcome == "passed":
        return "survived"
    if outcome != "failed" or not _ASSERTED.search(detail):
        return "crashed"
    places = [first or second for first, second in _PLACES.findall(detail)]
    innermost = places[-1] if places else ""
    is_own = any(innermost == path or innermost.endswith(f"/{path}") for path in fixed_paths)
    return "crashed" if is_own else "killed"
