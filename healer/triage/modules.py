"""Which modules are a project's own, and which it says that it needs. Pure.

Belongs here: from paths, and from the files in which Python projects declare what they need, to
top-level import names. Does not belong here: what a missing module means (`rules`). A name that
cannot be told is left out: the failure then counts as a code fault that a person reviews.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from healer.triage.declarations import (
    find_table,
    load_toml,
    read_pipfile,
    read_setup_cfg,
    read_setup_py,
)

_NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)")
_REQUIREMENTS = re.compile(
    r"(?:[^/]+/)?(?:[\w.-]*requirements[\w.-]*|constraints)\.(?:txt|in)|requirements/[^/]+\.(?:txt|in)"
)
_IMPORTED_AS: Mapping[str, tuple[str, ...]] = {
    "attrs": ("attr", "attrs"),
    "beautifulsoup4": ("bs4",),
    "djangorestframework": ("rest_framework",),
    "dnspython": ("dns",),
    "faiss-cpu": ("faiss",),
    "gitpython": ("git",),
    "mysqlclient": ("MySQLdb",),
    "opencv-python": ("cv2",),
    "opencv-python-headless": ("cv2",),
    "pillow": ("PIL",),
    "protobuf": ("google",),
    "psycopg2-binary": ("psycopg2",),
    "pycryptodome": ("Crypto",),
    "pyjwt": ("jwt",),
    "pymupdf": ("fitz", "pymupdf"),
    "pyopenssl": ("OpenSSL",),
    "pyserial": ("serial",),
    "python-dateutil": ("dateutil",),
    "python-docx": ("docx",),
    "python-dotenv": ("dotenv",),
    "python-magic": ("magic",),
    "python-pptx": ("pptx",),
    "pyyaml": ("yaml",),
    "pyzmq": ("zmq",),
    "scikit-image": ("skimage",),
    "scikit-learn": ("sklearn",),
    "setuptools": ("setuptools", "pkg_resources"),
    "slack-sdk": ("slack_sdk", "slack"),
    "websocket-client": ("websocket",),
}
"""Well-known projects whose import name is not their own, lower case with dashes."""


def find_own_modules(paths: Iterable[str]) -> frozenset[str]:
    """Top-level import names that the repository itself provides, from its root or beside a
    script."""
    names = set()
    for path in paths:
        parts = path.split("/")
        if path.endswith(".py"):
            names |= {parts[0].removesuffix(".py"), parts[-1].removesuffix(".py")}
    return frozenset(names)


def find_declared_modules(
    paths: Iterable[str], read: Callable[[str], bytes | None]
) -> frozenset[str]:
    """Top-level import names of the dependencies that the files among `paths` declare.

    Read are pyproject.toml (its project, groups and poetry's tables), setup.cfg, setup.py, Pipfile,
    and requirements files of the root or one folder below. A file that cannot be read says nothing.
    """
    projects: set[str] = set()
    for path in paths:
        reader = _READERS.get(path) or (_requirements if _REQUIREMENTS.fullmatch(path) else None)
        if reader is not None:
            text = (read(path) or b"").decode("utf-8", "replace")
            projects.update(reader(text))
    return frozenset(name for project in projects for name in import_names(project))


def import_names(project: str) -> tuple[str, ...]:
    """What a project of the package index is imported as, as far as its name tells."""
    plain = re.sub(r"[-_.]+", "-", project).lower()
    if plain.startswith("google-"):
        return ("google",)
    return _IMPORTED_AS.get(plain, (plain.replace("-", "_"), project.replace("-", "_")))


def _requirements(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield from _name_in(line.partition("#")[0])


def _name_in(requirement: object) -> Iterator[str]:
    """The project in one requirement; nothing for an option or an address."""
    if not isinstance(requirement, str) or requirement.lstrip().startswith("-"):
        return
    match = _NAME.match(requirement)
    if match and not requirement[match.end() :].lstrip().startswith((":", "/", "+")):
        yield match[1]


def _pyproject(text: str) -> Iterator[str]:
    table = load_toml(text)
    project = find_table(table, "project")
    lists = [project.get("dependencies"), *find_table(project, "optional-dependencies").values()]
    lists += find_table(table, "dependency-groups").values()
    for each in lists:
        for requirement in each if isinstance(each, list) else ():
            yield from _name_in(requirement)
    poetry = find_table(table, "tool", "poetry")
    groups = [poetry, *find_table(poetry, "group").values()]
    for group in groups:
        for key in ("dependencies", "dev-dependencies"):
            yield from find_table(group, key)


def _names_of(requirements: Iterable[str]) -> Iterator[str]:
    return (name for requirement in requirements for name in _name_in(requirement))


_READERS: Mapping[str, Callable[[str], Iterator[str]]] = {
    "pyproject.toml": _pyproject,
    "setup.cfg": lambda text: _names_of(read_setup_cfg(text, every_extra=True)),
    "setup.py": lambda text: _names_of(read_setup_py(text, every_extra=True)),
    "Pipfile": lambda text: _names_of(read_pipfile(text)),
}
