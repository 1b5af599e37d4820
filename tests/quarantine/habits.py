"""What people do with git in a repository of the interleavings, by a name for each."""

UNATTENDED: dict[str, tuple[str, ...]] = {
    "add": ("add", "-A"),
    "unstage": ("reset", "-q"),
    "forget a file": ("rm", "-q", "--cached", "--ignore-unmatch", "b.py"),
    "remove a file": ("rm", "-q", "-f", "--ignore-unmatch", "new.py"),
    "commit what is staged": ("commit", "-q", "-m", "Staged"),
    "commit all": ("commit", "-q", "-a", "-m", "All"),
    "amend": ("commit", "-q", "--amend", "--allow-empty", "-a", "-m", "Amended"),
    "stash": ("stash", "-q"),
    "stash all": ("stash", "-q", "--include-untracked"),
    "pop": ("stash", "pop", "-q"),
    "drop": ("stash", "drop", "-q"),
    "reset hard": ("reset", "-q", "--hard"),
    "take a commit back": ("reset", "-q", "--hard", "HEAD~"),
    "take a commit back, keep files": ("reset", "-q", "--soft", "HEAD~"),
    "restore": ("checkout", "-q", "--", "a.py"),
    "switch to side": ("checkout", "-q", "side"),
    "switch to main": ("checkout", "-q", "main"),
    "switch to main, merging": ("checkout", "-q", "-m", "main"),
    "detach": ("checkout", "-q", "--detach"),
    "branch off": ("checkout", "-q", "-B", "topic"),
    "merge side": ("merge", "-q", "--no-edit", "side"),
    "merge main": ("merge", "-q", "--no-edit", "main"),
    "merge without end": ("merge", "-q", "--no-commit", "--no-ff", "side"),
    "abort a merge": ("merge", "--abort"),
    "rebase on side": ("rebase", "-q", "side"),
    "rebase on main": ("rebase", "-q", "main"),
    "abort a rebase": ("rebase", "--abort"),
    "skip in a rebase": ("rebase", "--skip"),
    "pick": ("cherry-pick", "side"),
    "abort a pick": ("cherry-pick", "--abort"),
    "revert": ("revert", "--no-edit", "HEAD"),
    "abort a revert": ("revert", "--abort"),
    "bisect": ("bisect", "start"),
    "end a bisection": ("bisect", "reset"),
    "move side here": ("branch", "-f", "side"),
    "pack": ("pack-refs", "--all"),
    "tag": ("tag", "-f", "v1"),
}

UNENDED = (
    ("merge", "-q", "--no-commit", "--no-ff", "side"),
    ("rebase", "-q", "--exec", "false", "HEAD~"),
    ("revert", "--no-commit", "HEAD"),
    ("cherry-pick", "--no-commit", "side"),
    ("bisect", "start"),
)

PUSHES = {
    "push side to main": ("update-ref", "refs/heads/main", "refs/heads/side"),
    "push main's parent": ("update-ref", "refs/heads/main", "refs/heads/main~"),
}
