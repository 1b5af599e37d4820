"""Rules about paths and modes: names that can pass for others, links, rights.

Belongs here: what is told by path and mode alone. Does not belong here: kinds of files
(`file_kinds`), and protected.toml, which the repository's owner writes; this is a second net under
it.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

from quarantine.policy.example import Example
from quarantine.policy.files import REGULAR_MODES, Patch
from quarantine.policy.rule import Hit, cwe, rule

_SYMLINK, _SUBMODULE = "120000", "160000"
_WINDOWS_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_GIT_SHORT = re.compile(r"git~\d+|\.git[ .:].*", re.IGNORECASE)


def odd_path(path: str) -> str:
    """Why a path is not a plain relative one, or empty when it is.

    Two names for one file (case, Unicode form, Windows short names, `..`) get past every list of
    protected paths, so anything that is not in its one plain form is refused.
    """
    if not path or path.startswith("/") or "\\" in path or re.match(r"[A-Za-z]:", path):
        return "it is not a relative path with forward slashes"
    if unicodedata.normalize("NFC", path) != path:
        return "it is not in Unicode's composed form"
    if any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn"} for char in path):
        return "it has a control or an invisible character"
    reasons = (_odd_part(part) for part in path.split("/"))
    return next((reason for reason in reasons if reason), "")


def _odd_part(part: str) -> str:
    plain = unicodedata.normalize("NFKC", part).casefold()
    if part in {"", ".", ".."}:
        return "it has an empty part or climbs to another folder"
    if plain == ".git" or _GIT_SHORT.fullmatch(plain):
        return "it leads into git's own folder"
    if part != part.strip() or part.endswith("."):
        return "a part ends in a space or a dot"
    if _WINDOWS_DEVICE.fullmatch(part) or ":" in part:
        return "a part is a device or a stream on Windows"
    return ""


@rule(
    "path-alias",
    "reject",
    "The path can pass for another one: {what}.",
    refuses=Example("+ [core]", path="scripts/../.GIT/config", old_mode=""),
    allows=Example("+ NAMES = ()", path="docs/caf\u00e9.py", old_mode=""),
    link=cwe(22),
)
def odd_paths(patch: Patch) -> Iterator[Hit]:
    """A path that is not in its one plain form: it climbs, leads into git's folder, or is written
    in another way than its file."""
    for change in patch.changes:
        reason = odd_path(change.path)
        if reason:
            yield Hit(change.path, what=reason)


@rule(
    "path-alias",
    "reject",
    "The path differs from another only by case.",
    refuses=Example(
        "+ x = 2", path="scripts/Job.py", files={"scripts/job.py": "x = 1\n"}, old_mode=""
    ),
    allows=Example(
        "+ x = 2", path="scripts/jobs.py", files={"scripts/job.py": "x = 1\n"}, old_mode=""
    ),
    link=cwe(178),
)
def case_aliases(patch: Patch) -> Iterator[Hit]:
    """A new path that is another one's in a file system that does not tell case."""
    counts = Counter(change.path.casefold() for change in patch.changes if not change.is_deleted)
    for change in patch.changes:
        lower = change.path.lower()
        exists = lower != change.path and patch.before.read(lower) is not None
        if change.is_new and (exists or counts[change.path.casefold()] > 1):
            yield Hit(change.path)


@rule(
    "link",
    "reject",
    "The patch holds {what} where only plain files are allowed.",
    refuses=Example("+ /etc/passwd", path="scripts/rates.py", old_mode="", new_mode=_SYMLINK),
    allows=Example("+ RATES = {}", path="scripts/rates.py", old_mode=""),
    link=cwe(59),
)
def links(patch: Patch) -> Iterator[Hit]:
    """A symbolic link, a submodule, or an entry that is no file at all."""
    names = {_SYMLINK: "a symbolic link", _SUBMODULE: "a submodule"}
    for change in patch.changes:
        for mode in (change.new_mode, change.old_mode):
            if mode in names:
                yield Hit(change.path, what=names[mode])
                break
        else:
            if not change.is_deleted and change.new_mode not in REGULAR_MODES:
                yield Hit(change.path, what=f"an entry of mode {change.new_mode}")


@rule(
    "file-mode",
    "person",
    "The file's mode changes: {what}.",
    refuses=Example("+ print(1)", new_mode="100755"),
    allows=Example(
        """
        - print(1)
        + print(2)
        """,
        old_mode="100755",
        new_mode="100755",
    ),
    link=cwe(732),
)
def mode_changes(patch: Patch) -> Iterator[Hit]:
    """A file that becomes a program, or is one no longer."""
    for change in patch.changes:
        both = {change.old_mode, change.new_mode}
        if both == REGULAR_MODES:
            yield Hit(change.path, what=f"{change.old_mode} to {change.new_mode}")


RULES = (odd_paths, case_aliases, links, mode_changes)
