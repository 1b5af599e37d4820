"""A candidate of the repository, held against the static policy.

Belongs here: which two trees are compared, and what the base's tests say. Does not belong here:
the rules (`policy`), which know no repository.
"""

from quarantine.candidate import Candidate
from quarantine.policy import ChangedPath, Finding, inspect, literals_of
from quarantine.project_tests import ProjectTests
from quarantine.repository import Repository
from quarantine.tree import Tree


def inspect_candidate(repository: Repository, candidate: Candidate) -> tuple[Finding, ...]:
    """What the static policy finds in a candidate."""
    before, after = repository.tree(candidate.base), repository.tree(candidate.commit)
    changes = [
        ChangedPath(path=path, old_mode=_mode(before, path), new_mode=_mode(after, path))
        for path in candidate.paths
    ]
    return inspect(before, after, changes, literals_of(ProjectTests.load(before).contents(before)))


def _mode(tree: Tree, path: str) -> str:
    entry = tree.entry(path)
    return entry.mode if entry else ""
