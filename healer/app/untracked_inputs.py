"""What a run needs of the working tree and no commit has.

Belongs here: the files that `sandbox.include` names, and those that a build makes beside the
sources (a version file, a compiled module, a catalogue of messages). Does not belong here: what a
night's tape holds, and how files reach the container (`healer.services.runner`).
"""

import ast
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import PurePosixPath

from healer.config import Config
from quarantine.repository import Repository
from quarantine.tree import Tree

MAX_BYTES = 64_000_000
"""Of files that a build made, together; beyond it the sandbox says what it misses."""

_MODULE_SUFFIXES = (".py", ".so")


def inputs_reader(repository: Repository, config: Config) -> Callable[[], dict[str, bytes]]:
    """Gives what reads the untracked inputs, anew for each run, by path. A file that is tracked is
    never among them: what a commit holds is judged as the commit has it."""
    # Below a folder `**` finds files from Python 3.13 on; before, it finds folders only.
    patterns = [
        f"{pattern}/*" if pattern.endswith("**") else pattern for pattern in config.sandbox.include
    ]

    def read() -> dict[str, bytes]:
        root = repository.root
        if root is None:
            return {}
        paths = (path for pattern in patterns for path in root.glob(pattern))
        names = {path.relative_to(root).as_posix() for path in paths if path.is_file()}
        if names:
            names = {name for name in names if not name.startswith(".git/")}
            names -= set(repository.tracked_files())
        names.update(find_built_files(repository))
        files: dict[str, bytes] = {}
        for name in sorted(names):
            with suppress(FileNotFoundError):  # it went meanwhile
                files[name] = (root / name).read_bytes()
        return files

    return read


def find_built_files(repository: Repository) -> tuple[str, ...]:
    """Files that git ignores and the tracked sources cannot do without: modules that they import,
    come what may, and catalogues compiled from a tracked one. Sorted."""
    root = repository.root
    if root is None:
        return ()
    every = [path for path in repository.ignored_files() if not (root / path).is_symlink()]
    suffixes = (*_MODULE_SUFFIXES, ".mo")
    candidates = [path for path in every if path.endswith(suffixes)]
    if not candidates:
        return ()
    tree = repository.tree("HEAD")
    names = _find_names_imported(tree, {_stem(path) for path in candidates})
    tree_paths = set(tree.paths())
    needs = [path for path in candidates if _is_needed(path, names, tree_paths)]
    if sum((root / path).stat().st_size for path in needs) > MAX_BYTES:
        return ()
    return tuple(sorted(needs))


def _is_needed(path: str, names: set[str], tree_paths: set[str]) -> bool:
    if path.endswith(".mo"):
        return path.removesuffix(".mo") + ".po" in tree_paths
    return _stem(path) in names


def _stem(path: str) -> str:
    """`_version` of `src/shop/_version.py`, `fast` of `fast.cpython-311-x86_64-linux-gnu.so`."""
    return PurePosixPath(path).name.partition(".")[0]


def _find_names_imported(tree: Tree, names: set[str]) -> set[str]:
    """Those of `names` that a tracked module imports, and not only tries to."""
    sources = tree.read_all(path for path in tree.paths() if path.endswith(".py"))
    words = {name: name.encode() for name in names}
    imports: set[str] = set()
    for content in sources.values():
        words_there = {name for name in names - imports if words[name] in content}
        if words_there:
            try:
                module = ast.parse(content)
            except (SyntaxError, ValueError):
                continue
            imports |= words_there.intersection(_list_imports(module))
    return imports


def _list_imports(node: ast.AST) -> Iterator[str]:
    """The last words of what is imported under no `try`."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.Try():
                continue
            case ast.Import(names=names):
                yield from (each.name.rpartition(".")[2] for each in names)
            case ast.ImportFrom(module=module, names=names):
                yield (module or "").rpartition(".")[2]
                yield from (each.name for each in names)
            case _:
                yield from _list_imports(child)
