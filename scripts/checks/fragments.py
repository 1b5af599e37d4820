"""The changelog's fragments: one file for each change, named and worded so that they fit together.

Belongs here: what a fragment's name and text must be. Does not belong here: putting them together
(towncrier).
"""

import re
from collections.abc import Iterator
from pathlib import Path

from scripts.checks.sources import ROOT, Problem

CHECK = "fragments"
FOLDER = "changelog.d"
CHARACTERS = 300
_NAME = re.compile(r"(?:\+[a-z0-9]+(?:-[a-z0-9]+)*|\d+)\.(?:added|changed|fixed|removed)\.md")


def find_malformed(root: Path = ROOT) -> Iterator[Problem]:
    """What is wrong with the fragments under this root."""
    for path in sorted((root / FOLDER).iterdir()):
        if path.name == "README.md":
            continue
        text = path.read_text(encoding="utf-8")
        for fault in _faults(path.name, text):
            yield Problem(CHECK, f"{FOLDER}/{path.name}", 1, f"{fault} (see {FOLDER}/README.md)")


def _faults(name: str, text: str) -> Iterator[str]:
    if not _NAME.fullmatch(name):
        yield "is not named like +some-words.fixed.md"
    if not text.strip():
        yield "is empty"
    elif not text.endswith(".\n"):
        yield "does not end with a full stop and one line break"
    if text.startswith(("-", "*", "#")):
        yield "begins with a mark: the list is made from it"
    if len(text) > CHARACTERS:
        yield f"has {len(text)} characters; at most {CHARACTERS}"
