"""A candidate of the repository, held against the static policy.

Belongs here: which two trees are compared, and what the base's tests say. Does not belong here:
the rules (`policy`), which know no repository.
"""

from quarantine.candidate import Candidate
from quarantine.policy import ChangedPath, Finding, inspect, literals_of
from quarantine.project_tests import ProjectTests
from quarantine.repository import Repository
from quarantine.tree import Tree


def inspect_candidate(
    repository: Repository, candidate: Candidate, own_notes: frozenset[str] = frozenset()
) -> tuple[Finding, ...]:
    """What the static policy finds in a candidate; `own_notes` are paths of notes into which the
    service itself wrote, and not the draft."""
    before, after = repository.tree(candidate.base), repository.tree(candidate.commit)
    changes = [
        ChangedPath(path=path, old_mode=_mode(before, path), new_mode=_mode(after, path))
        for path in candidate.paths
    ]
    literals = literals_of(ProjectTests.load(before).contents(before))
    return inspect(before, after, changes, literals, own_notes)


def _mode(tree: Tree, path: str) -> str:
    entry = tree.entry(path)
    return entry.mode if entry else ""
