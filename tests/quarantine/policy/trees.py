"""Two trees in memory and the patch between them, for tests of the policy."""

from quarantine.policy import ChangedPath, Finding, inspect
from tests.support.memory_tree import MemoryTree

PLAIN = "100644"


def findings(
    before: dict[str, bytes | str],
    after: dict[str, bytes | str],
    *,
    modes: dict[str, tuple[str, str]] | None = None,
    literals: frozenset[str] = frozenset(),
) -> tuple[Finding, ...]:
    """What the policy says of the patch that turns `before` into `after`."""
    old, new = _bytes(before), _bytes(after)
    paths = sorted(path for path in {*old, *new} if old.get(path) != new.get(path))
    paths += [path for path in modes or {} if path not in paths]
    changed = []
    for path in paths:
        shown = (PLAIN if path in old else "", PLAIN if path in new else "")
        old_mode, new_mode = (modes or {}).get(path, shown)
        changed.append(ChangedPath(path=path, old_mode=old_mode, new_mode=new_mode))
    return inspect(MemoryTree(old), MemoryTree(new), changed, literals)


def rules(before: str, after: str, *, literals: frozenset[str] = frozenset()) -> set[str]:
    """Names of the rules that point at a change of one script."""
    path = "scripts/job.py"
    return {f.rule for f in findings({path: before}, {path: after}, literals=literals)}


def _bytes(files: dict[str, bytes | str]) -> dict[str, bytes]:
    return {path: data.encode() if isinstance(data, str) else data for path, data in files.items()}
