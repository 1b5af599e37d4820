"""Rules about kinds of files: those that run unasked, say what counts, or cannot be read.

Belongs here: what a patch may touch at all, whatever is in the files. Does not belong here: names
of paths (`paths`), and protected.toml, which the repository's owner writes; this is a second net
under it.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import PurePosixPath

from quarantine.policy.example import Example
from quarantine.policy.files import MAX_FILE_BYTES, MAX_FILES, REGULAR_MODES, Patch
from quarantine.policy.model import NOT_PYTHON, PROTECTED_KIND, ChangedPath
from quarantine.policy.rule import Hit, cwe, rule

MAX_ADDED_LINES = 400
"""A bug fix is smaller; what is larger deserves a reader."""

_PREBUILT = (".pyc", ".pyo", ".pyd", ".so", ".dll", ".dylib", ".pth", ".egg", ".whl", ".egg-link")
_NOTES = frozenset(
    {".md", ".markdown", ".mdx", ".rst", ".txt", ".text", ".adoc", ".asciidoc", ".org"}
)
_TEST_TOOLS = frozenset({"pytest", "_pytest", "pluggy", "iniconfig", "packaging", "exceptiongroup"})
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


@rule(
    "prebuilt-code",
    "reject",
    "The file is built code, or Python loads it unasked at start.",
    refuses=Example("+ x = 1", path="sitecustomize.py", old_mode=""),
    allows=Example("+ x = 1", path="scripts/customize.py", old_mode=""),
    link="https://docs.python.org/3/library/site.html#module-sitecustomize",
)
def prebuilt_code(patch: Patch) -> Iterator[Hit]:
    """A file that is code without a source, or that Python loads by itself at every start."""
    for change in patch.changes:
        pure = PurePosixPath(change.path.lower())
        is_metadata = any(part.endswith((".dist-info", ".egg-info")) for part in pure.parts)
        is_loaded_at_start = pure.name in {"sitecustomize.py", "usercustomize.py"}
        is_built = pure.suffix in _PREBUILT or "__pycache__" in pure.parts
        if is_built or is_metadata or is_loaded_at_start:
            yield Hit(change.path)


@rule(
    "shadowing-file",
    "reject",
    "Imports of the module {what} would find this new file instead.",
    refuses=Example("+ def choice(items): return items[0]", path="random.py", old_mode=""),
    allows=Example(
        "+ def choice(items): return items[0]",
        path="app/random.py",
        files={"app/__init__.py": ""},
        old_mode="",
    ),
    link=cwe(427),
)
def shadowed_modules(patch: Patch) -> Iterator[Hit]:
    """New modules outside packages whose name an import of something else would find first."""
    for change in patch.changes:
        if not change.is_new or change.is_deleted:
            continue
        name = _module_name(PurePosixPath(change.path))
        if name not in sys.stdlib_module_names and name not in _TEST_TOOLS:
            continue
        if not _is_in_package(patch, change):
            yield Hit(change.path, what=name)


def _module_name(pure: PurePosixPath) -> str:
    if pure.name.startswith("__init__."):
        return pure.parent.name
    return pure.name.split(".")[0] if pure.suffix in {".py", ".pyi"} else ""


def _is_in_package(patch: Patch, change: ChangedPath) -> bool:
    folder = PurePosixPath(change.path).parent
    if PurePosixPath(change.path).name.startswith("__init__."):
        folder = folder.parent
    if folder == PurePosixPath("."):
        return False
    return patch.before.read(str(folder / "__init__.py")) is not None


@rule(
    PROTECTED_KIND,
    "reject",
    "Tests, their settings and healer's own rules are not changed by a repair.",
    refuses=Example(
        """
          def test_total():
        -     assert total([1]) == 1
        +     assert True
        """,
        path="tests/test_job.py",
    ),
    allows=Example(
        """
        + from scripts.job import total
        +
        + def test_nothing():
        +     assert total([]) == 0
        """,
        path="tests/test_new.py",
        old_mode="",
    ),
    link="https://arxiv.org/abs/2511.18397",
)
def own_rules(patch: Patch) -> Iterator[Hit]:
    """A change of an existing test, of what tests are built on, or of what healer is told."""
    for change in patch.changes:
        name = PurePosixPath(change.path).name.lower()
        is_existing_test = patch.tests.is_test_code(change.path) and not change.is_new
        if name in _OWN_RULES | _TEST_SETTINGS or name.startswith(".git") or is_existing_test:
            yield Hit(change.path)


@rule(
    PROTECTED_KIND,
    "person",
    "Settings, dependencies, build and deployment are changed by people.",
    refuses=Example("+ left-pad==1.0", path="requirements.txt"),
    allows=Example("+ REQUIRED = ()", path="scripts/requirements.py"),
    link=cwe(829),
)
def project_settings(patch: Patch) -> Iterator[Hit]:
    """A change of what the project is built, checked or deployed by."""
    for change in patch.changes:
        name = PurePosixPath(change.path).name.lower()
        if name in _PROJECT_SETTINGS or _PROJECT_PATTERN.search(change.path):
            yield Hit(change.path)


@rule(
    NOT_PYTHON,
    "person",
    "The file is not Python, so no rule can read it.",
    refuses=Example("+ EUR,1.08", path="data/rates.csv"),
    allows=Example("+ EUR = 1.08", path="data/rates.py"),
    link=cwe(1357),
)
def not_python(patch: Patch) -> Iterator[Hit]:
    """A changed file that is neither Python nor a note."""
    for file in patch.files:
        if not file.is_python and not _is_note(file.path):
            yield Hit(file.path)


@rule(
    "note",
    "person",
    "Notes are written by people: later prompts and readers believe them.",
    refuses=Example("+ Rates are in data/rates.csv.", path="scripts/job.md"),
    allows='+ """Rates are in data/rates.csv."""',
    link=cwe(1427),
)
def notes(patch: Patch) -> Iterator[Hit]:
    """A changed Markdown, RST or text file: what stands there is shown to models as the owner's."""
    for change in patch.changes:
        if _is_note(change.path) and change.path not in patch.own_notes:
            yield Hit(change.path)


def _is_note(path: str) -> bool:
    is_text = PurePosixPath(path.lower()).suffix in _NOTES
    return is_text and not _PROJECT_PATTERN.search(path)


@rule(
    "file-removed",
    "person",
    "The patch removes the whole file.",
    refuses=Example("- print(1)", new_mode=""),
    allows=Example(
        """
        - import json
          print(1)
        """
    ),
    link="https://arxiv.org/abs/2503.15223",
)
def removed_files(patch: Patch) -> Iterator[Hit]:
    """A repair that takes a file away."""
    for file in patch.files:
        if file.change.is_deleted:
            yield Hit(file.path)


@rule(
    "unreadable",
    "reject",
    "The patched file cannot be read from the tree.",
    refuses=Example("+ print(1)", is_lost=True),
    allows="+ print(1)",
    link=cwe(73),
)
def unreadable_files(patch: Patch) -> Iterator[Hit]:
    """A file that the patch names and the tree does not hold."""
    for file in patch.files:
        is_lost = not file.change.is_deleted and file.new is None
        if is_lost and file.change.new_mode in REGULAR_MODES:
            yield Hit(file.path)


@rule(
    "too-big",
    "person",
    "The patch is too big to be judged without a reader: {what}.",
    refuses="\n".join(f"+ x{n} = None" for n in range(MAX_ADDED_LINES + 1)),
    allows="\n".join(f"+ x{n} = None" for n in range(20)),
    link=cwe(1080),
)
def too_big(patch: Patch) -> Iterator[Hit]:
    """Many files, a large file, or many added lines."""
    if len(patch.changes) > MAX_FILES:
        first = patch.changes[MAX_FILES].path
        yield Hit(first, what=f"{len(patch.changes)} files, and {MAX_FILES} are looked at")
    for file in patch.files:
        if file.too_big:
            yield Hit(file.path, what=f"a file over {MAX_FILE_BYTES // 1024} KiB is not looked at")
        elif len(file.added_lines) > MAX_ADDED_LINES:
            yield Hit(file.path, what=f"{len(file.added_lines)} added lines")


@rule(
    "binary",
    "reject",
    "The file has NUL bytes: it is not text.",
    refuses=Example("a NUL byte after the last line", data=b"x = 1\n\0"),
    allows="+ name = 'na\u00efve'",
    link=cwe(626),
)
def binary_files(patch: Patch) -> Iterator[Hit]:
    """A file in which editors and Python see different texts."""
    for file in patch.files:
        if b"\0" in (file.new or b""):
            yield Hit(file.path)


RULES = (
    prebuilt_code,
    shadowed_modules,
    own_rules,
    project_settings,
    not_python,
    notes,
    removed_files,
    unreadable_files,
    too_big,
    binary_files,
)
