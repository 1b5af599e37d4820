"""Subjects of commits are at most 72 characters.

Belongs here: reading the subjects since a commit and holding them to their limit. Does not belong
here: what a message should say.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path

from scripts.checks.sources import ROOT, Problem

CHECK = "subjects"
SUBJECT_CHARACTERS = 72
ID_CHARACTERS = 7
"""Of a commit's id, as allowed.toml names it; git's own abbreviation grows with the history."""
FIRST_CHECKED = "26bfbade83fa70f4ef70555343308a0f2c8d8ab7"
"""The last commit before the rule."""


def find_long_subjects(root: Path = ROOT, since: str = FIRST_CHECKED) -> Iterator[Problem]:
    """The commits after `since` whose subject is too long; none where that commit is not here."""
    log = subprocess.run(
        ["git", "log", "--no-merges", "--format=%H %s", f"{since}..HEAD"],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if log.returncode:
        return  # a tarball, or a clone that ends before
    for line in log.stdout.splitlines():
        commit, _, subject = line.partition(" ")
        if len(subject) > SUBJECT_CHARACTERS:
            text = f"the subject has {len(subject)} characters; at most {SUBJECT_CHARACTERS}"
            yield Problem(CHECK, f"commit {commit[:ID_CHARACTERS]}", 1, text)
