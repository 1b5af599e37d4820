"""Rules about paths and modes: what a patch may touch at all, whatever is in the files.

Belongs here: everything told by path, mode and size alone. Does not belong here: protected.toml,
which the repository's owner writes; this is a second net under it.
"""

import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath

from quarantine.policy.files import MAX_FILE_BYTES, MAX_FILES, Patch
from quarantine.policy.model import ChangedPath
from quarantine.policy.rule import Hit, Rule

MAX_ADDED_LINES = 400
"""A bug fix is smaller; what is larger deserves a reader."""

_SYMLINK, _SUBMODULE = "120000", "160000"
_REGULAR = frozenset({"100644", "100755"})
_PREBUILT = (".pyc", ".pyo", ".pyd", ".so", ".dll", ".dylib", ".pth", ".egg", ".whl", ".egg-link")
_TEST_TOOLS = frozenset({"pytest", "_pytest", "pluggy", "iniconfig", "packaging", "exceptiongroup"})
_WINDOWS_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_GIT_SHORT = re.compile(r"git~\d+|\.git[ .:].*", re.IGNORECASE)

_OWN_RULES = frozenset({"healer.toml", "protected.toml", "conftest.py", "pytest.ini"})
_TEST_SETTINGS = frozenset({".coveragerc", ".pytest.ini", "tox.ini", "noxfile.py", "ruff.toml"})
_PROJECT_SETTINGS = frozenset(
    {
        "pyproject.toml", "setup.cfg", "setup.py", "makefile", "dockerfile", "procfile",
        "jenkinsfile", "pipfile", "environment.yml", ".env", ".envrc", "codeowners", "justfile",
        "manifest.in", ".pre-commit-config.yaml", ".gitlab-ci.yml", ".travis.yml", "mypy.ini",
        "azure-pipelines.yml", ".ruff.toml", ".flake8", ".pylintrc", "appveyor.yml",
    }
)  # fmt: skip
_PROJECT_PATTERN = re.compile(
    r"(^|/)(\.github|\.circleci|\.gitlab|\.buildkite|\.azure|deploy|\.docker)/"
    r"|(^|/)(requirements|constraints)[^/]*\.(txt|in)$|(^|/)requirements/"
    r"|\.lock$|(^|/)docker-compose[^/]*$|(^|/)[^/]*dockerfile[^/]*$|\.service$|(^|/)crontab[^/]*$",
    re.IGNORECASE,
)


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


def _odd_paths(patch: Patch) -> Iterator[Hit]:
    for change in patch.changed:
        reason = odd_path(change.path)
        if reason:
            yield Hit(change.path, what=reason)


def _case_aliases(patch: Patch) -> Iterator[Hit]:
    folded = Counter(change.path.casefold() for change in patch.changed if not change.is_deleted)
    for change in patch.changed:
        lower = change.path.lower()
        exists = lower != change.path and patch.before.read(lower) is not None
        if change.is_new and (exists or folded[change.path.casefold()] > 1):
            yield Hit(change.path)


def _links(patch: Patch) -> Iterator[Hit]:
    names = {_SYMLINK: "a symbolic link", _SUBMODULE: "a submodule"}
    for change in patch.changed:
        for mode in (change.new_mode, change.old_mode):
            if mode in names:
                yield Hit(change.path, what=names[mode])
                break
        else:
            if not change.is_deleted and change.new_mode not in _REGULAR:
                yield Hit(change.path, what=f"an entry of mode {change.new_mode}")


def _mode_changes(patch: Patch) -> Iterator[Hit]:
    for change in patch.changed:
        both = {change.old_mode, change.new_mode}
        if both == _REGULAR:
            yield Hit(change.path, what=f"{change.old_mode} to {change.new_mode}")


def _prebuilt(patch: Patch) -> Iterator[Hit]:
    for change in patch.changed:
        pure = PurePosixPath(change.path.lower())
        info = any(part.endswith((".dist-info", ".egg-info")) for part in pure.parts)
        started = pure.name in {"sitecustomize.py", "usercustomize.py"}
        if pure.suffix in _PREBUILT or info or started or "__pycache__" in pure.parts:
            yield Hit(change.path)


def _shadows(patch: Patch) -> Iterator[Hit]:
    """New modules outside packages whose name an import of something else would find first."""
    for change in patch.changed:
        if not change.is_new or change.is_deleted:
            continue
        name = _module_name(PurePosixPath(change.path))
        if name not in sys.stdlib_module_names and name not in _TEST_TOOLS:
            continue
        if not _in_package(patch, change):
            yield Hit(change.path, what=name)


def _module_name(pure: PurePosixPath) -> str:
    if pure.name.startswith("__init__."):
        return pure.parent.name
    return pure.name.split(".")[0] if pure.suffix in {".py", ".pyi"} else ""


def _in_package(patch: Patch, change: ChangedPath) -> bool:
    folder = PurePosixPath(change.path).parent
    if PurePosixPath(change.path).name.startswith("__init__."):
        folder = folder.parent
    if folder == PurePosixPath("."):
        return False
    return patch.before.read(str(folder / "__init__.py")) is not None


def _own_rules(patch: Patch) -> Iterator[Hit]:
    for change in patch.changed:
        name = PurePosixPath(change.path).name.lower()
        existing_test = patch.tests.is_test_code(change.path) and not change.is_new
        if name in _OWN_RULES | _TEST_SETTINGS or name.startswith(".git") or existing_test:
            yield Hit(change.path)


def _project_settings(patch: Patch) -> Iterator[Hit]:
    for change in patch.changed:
        name = PurePosixPath(change.path).name.lower()
        if name in _PROJECT_SETTINGS or _PROJECT_PATTERN.search(change.path):
            yield Hit(change.path)


def _not_python(patch: Patch) -> Iterator[Hit]:
    for file in patch.files:
        if not file.is_python and not file.path.endswith((".md", ".rst")):
            yield Hit(file.path)


def _deleted(patch: Patch) -> Iterator[Hit]:
    for file in patch.files:
        if file.change.is_deleted:
            yield Hit(file.path)


def _unreadable(patch: Patch) -> Iterator[Hit]:
    for file in patch.files:
        lost = not file.change.is_deleted and file.new is None
        plain = file.change.new_mode in _REGULAR
        if lost and plain:
            yield Hit(file.path)


def _big(patch: Patch) -> Iterator[Hit]:
    if len(patch.changed) > MAX_FILES:
        first = patch.changed[MAX_FILES].path
        yield Hit(first, what=f"{len(patch.changed)} files, and {MAX_FILES} are looked at")
    for file in patch.files:
        if file.too_big:
            yield Hit(file.path, what=f"a file over {MAX_FILE_BYTES // 1024} KiB is not looked at")
        elif len(file.added_lines) > MAX_ADDED_LINES:
            yield Hit(file.path, what=f"{len(file.added_lines)} added lines")


def _binary(patch: Patch) -> Iterator[Hit]:
    for file in patch.files:
        if b"\0" in (file.new or b""):
            yield Hit(file.path)


RULES = (
    Rule("path-alias", "reject", "The path can pass for another one: {what}.", _odd_paths),
    Rule(
        "path-alias", "reject", "The path differs from another only by case.", _case_aliases
    ),
    Rule("link", "reject", "The patch holds {what} where only plain files are allowed.", _links),
    Rule("file-mode", "person", "The file's mode changes: {what}.", _mode_changes),
    Rule(
        "prebuilt-code", "reject",
        "The file is built code, or Python loads it unasked at start.", _prebuilt,
    ),
    Rule(
        "shadowed-module", "reject",
        "Imports of the module {what} would find this new file instead.", _shadows,
    ),
    Rule(
        "protected-kind", "reject",
        "Tests, their settings and healer's own rules are not changed by a repair.", _own_rules,
    ),
    Rule(
        "protected-kind", "person",
        "Settings, dependencies, build and deployment are changed by people.", _project_settings,
    ),
    Rule("not-python", "person", "The file is not Python, so no rule can read it.", _not_python),
    Rule("file-removed", "person", "The patch removes the whole file.", _deleted),
    Rule("unreadable", "reject", "The patched file cannot be read from the tree.", _unreadable),
    Rule("too-big", "person", "The patch is too big to be judged without a reader: {what}.", _big),
    Rule("binary", "reject", "The file has NUL bytes: it is not text.", _binary),
)  # fmt: skip
