"""The rule about imports that nothing in the repository accounts for.

Belongs here: telling a new dependency from the standard library, the repository's own modules,
and what it declares or imports already. Does not belong here: changed requirement files
(`file_kinds`).
"""

import re
import sys
from collections.abc import Iterator
from pathlib import PurePosixPath

from quarantine.policy.example import Example
from quarantine.policy.files import FileChange, Patch, decode
from quarantine.policy.module import Module
from quarantine.policy.rule import Hit, cwe, rule

_DECLARATIONS = (
    "pyproject.toml", "setup.cfg", "setup.py", "requirements.txt", "requirements.in", "Pipfile",
    "environment.yml", "requirements-dev.txt", "dev-requirements.txt", "requirements/base.txt",
)  # fmt: skip
_DISTRIBUTIONS = {
    "yaml": "pyyaml", "PIL": "pillow", "bs4": "beautifulsoup4", "dateutil": "python-dateutil",
    "sklearn": "scikit-learn", "cv2": "opencv-python", "dotenv": "python-dotenv",
    "git": "gitpython", "jwt": "pyjwt", "OpenSSL": "pyopenssl", "MySQLdb": "mysqlclient",
    "psycopg2": "psycopg2-binary", "attr": "attrs", "docx": "python-docx", "serial": "pyserial",
    "pkg_resources": "setuptools", "google": "google", "Crypto": "pycryptodome",
}  # fmt: skip
"""Import names whose distribution has another name; others are compared letter by letter."""


@rule(
    "new-dependency",
    "person",
    "It imports {what}, which nothing declares or imports yet.",
    refuses=Example("+ import left_pad", files={"requirements.txt": "requests\n"}),
    allows=Example("+ import yaml", files={"requirements.txt": "PyYAML>=6\n"}),
    link=cwe(1357),
)
def new_dependencies(patch: Patch) -> Iterator[Hit]:
    """An import that is neither of the standard library, nor the repository's own, nor declared."""
    old_names = {top for file in patch.files for top in _tops(file.old_module)}
    declarations = ""
    for file in patch.product:
        for top, line in _tops(file.new_module).items():
            if top in old_names or top in sys.stdlib_module_names or top == "__future__":
                continue
            if file.base_unreadable and not file.is_touched(line, line):
                continue
            declarations = declarations or _read_declarations(patch) or "\n"
            name = re.escape(_plain(_DISTRIBUTIONS.get(top, top)))
            if re.search(rf"(?<![\w-]){name}(?![\w-])", declarations) or _is_own(patch, file, top):
                continue
            yield Hit(file.path, line, top)


def _tops(module: Module | None) -> dict[str, int]:
    """First parts of absolutely imported names, with a line."""
    uses = module.uses if module else ()
    return {use.name.split(".")[0]: use.line for use in uses if use.kind == "import"}


def _read_declarations(patch: Patch) -> str:
    texts = (decode(patch.before.read(path)) for path in _DECLARATIONS)
    return _plain("\n".join(text for text in texts if text))


def _plain(text: str) -> str:
    return re.sub(r"[-_.]+", "-", text).lower()


def _is_own(patch: Patch, file: FileChange, top: str) -> bool:
    """A module or package of the repository, from the root, `src`, or a folder above the file."""
    above = {f"{folder}/" for folder in PurePosixPath(file.path).parents if folder.name}
    folders = {"", "src/", "lib/", *above}
    new = {change.path for change in patch.changes if not change.is_deleted}
    is_in_own_folder = file.path.startswith((f"{top}/", f"src/{top}/")) or f"/{top}/" in file.path
    return is_in_own_folder or any(
        path in new or patch.before.read(path) is not None
        for folder in folders
        for path in (f"{folder}{top}.py", f"{folder}{top}/__init__.py")
    )


RULES = (new_dependencies,)
