"""Rules about texts that no honest program needs: inner parts of Python, ciphers, sandbox signs.

Belongs here: what a new string may be a trick for. Does not belong here: names that are put
together (`lookups`).
"""

import re
from collections.abc import Iterator

from quarantine.policy.files import Patch
from quarantine.policy.new_strings import find_strings, match_strings
from quarantine.policy.rule import Hit, cwe, rule

_DUNDER = re.compile(r"__(?:globals|class|subclasses|builtins|import|code|dict|mro|bases)__")
_OPAQUE = re.compile(r"[A-Za-z0-9+/=_\-\\x%]{120,}")
_DETECTION = re.compile(
    r"^/proc\b|^/sys\b|dockerenv|containerenv|cgroup|kubepods|^/dev/(?!null|stdin|stdout|stderr"
    r"|u?random)|(?:^|/)\.git(?:/|$)|^(?:CI|GITHUB_ACTIONS|DOCKER\w*|HEALER\w*|\w*SANDBOX\w*|TOX_\w+)$"
)


@rule(
    "hidden-name",
    "person",
    "A text names an inner part of Python ({what}), as tricks do.",
    refuses='+ WAY = "().__class__.__bases__"',
    allows='+ WAY = "class and bases"',
    link=cwe(95),
)
def inner_names(patch: Patch) -> Iterator[Hit]:
    """A text that leads to Python's own machinery where it is evaluated or formatted."""
    return match_strings(_DUNDER, patch)


@rule(
    "opaque-text",
    "person",
    "A long text cannot be read by a person ({what}).",
    refuses=f'+ DATA = "{"QUJD" * 40}"',
    allows=f'+ DATA = "{"one word, " * 15}"',
    link=cwe(506),
)
def opaque_texts(patch: Patch) -> Iterator[Hit]:
    """A text of 120 characters and more without a space: what it says is hidden."""
    for file, text, line in find_strings(patch):
        if _OPAQUE.fullmatch(text):
            yield Hit(file.path, line, f"{text[:20]}..., {len(text)} characters")


@rule(
    "sandbox-detection",
    "reject",
    "It looks for signs of a container or a test run ({what}).",
    refuses='+ LIMITED = "/proc/self/cgroup"',
    allows='+ LIMITED = "data/limits.csv"',
    link="https://attack.mitre.org/techniques/T1497/",
)
def signs_of_a_sandbox(patch: Patch) -> Iterator[Hit]:
    """A text by which a program could tell that it is examined."""
    return match_strings(_DETECTION, patch)


RULES = (inner_names, opaque_texts, signs_of_a_sandbox)
