"""What a run needs of the working tree and no commit has.

Belongs here: the files that `sandbox.include` names, and those that a build makes beside the
sources (a version file, a compiled module, a catalogue of messages). Does not belong here: what a
night's tape holds, and how files reach the container (`healer.services.runner`).
"""

import ast
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

from healer.app.sandbox_setup import limits_of
from healer.config import Config
from quarantine.repository import Repository
from quarantine.tree import Tree
from sandbox import SandboxError
from sandbox.hardening import max_tree_bytes

MAX_BYTES = 64_000_000
"""Of files that a build made, together; beyond it the sandbox says what it misses."""

_STARS = re.compile(r"\*{2,}")
_MODULE_SUFFIXES = (".py", ".so")


def inputs_reader(repository: Repository, config: Config) -> Callable[[], dict[str, bytes]]:
    """Gives what reads the untracked inputs, anew for each run, by path. A file that is tracked is
    never among them: what a commit holds is judged as the commit has it. It raises SandboxError
    where they are more than a sandbox holds."""

    def read() -> dict[str, bytes]:
        root = repository.root
        if root is None:
            return {}
        names = _find_included(repository, root, config.sandbox.include)
        _check_size(root, names, config)
        names.update(find_built_files(repository))
        files: dict[str, bytes] = {}
        for name in sorted(names):
            with suppress(OSError):  # it went meanwhile, or may not be read: the run will say so
                files[name] = (root / name).read_bytes()
        return files

    return read


def _find_included(repository: Repository, root: Path, patterns: Iterable[str]) -> set[str]:
    """The files of the patterns, as in .gitignore: what a later one takes out is out."""
    names: set[str] = set()
    for pattern in patterns:
        found_names = _match(root, pattern.removeprefix("!"))
        names = names - found_names if pattern.startswith("!") else names | found_names
    if not names:
        return names
    tracked_names = frozenset(repository.tracked_files())
    names = {name for name in names if not name.startswith(".git/")} - tracked_names
    return {name for name in names if not _is_led_out(root, name, tracked_names)}


def _match(root: Path, pattern: str) -> set[str]:
    parts = [part if part == "**" else _STARS.sub("*", part) for part in pattern.split("/") if part]
    if pattern.endswith("/"):
        parts.append("**")
    if parts[-1] == "**":  # below a folder it finds files from Python 3.13 on; before, folders only
        parts.append("*")
    names = set()
    for path in root.glob("/".join(parts)):
        with suppress(OSError):  # a folder that may not be read
            if path.is_file():
                names.add(path.relative_to(root).as_posix())
    return names


def _is_led_out(root: Path, name: str, tracked_names: Collection[str]) -> bool:
    """Whether a committed link leads to it from the outside: whoever commits could have any file of
    this machine read so. A link that nobody has committed is the owner's."""
    links = (
        root / folder
        for folder in map(str, PurePosixPath(name).parents)
        if folder in tracked_names and (root / folder).is_symlink()
    )
    return any(not link.resolve().is_relative_to(root.resolve()) for link in links)


def _check_size(root: Path, names: Iterable[str], config: Config) -> None:
    """Before anything is read: this process would hold it all."""
    sizes = {}
    for name in names:
        with suppress(OSError):
            sizes[name] = (root / name).stat().st_size
    most, total = max_tree_bytes(limits_of(config)), sum(sizes.values())
    if total > most:
        largest = max(sizes, key=lambda name: sizes[name])
        raise SandboxError(
            f"[sandbox] include names {total >> 20} MiB, {sizes[largest] >> 20} of them {largest}, "
            f"and a sandbox with memory_mb = {config.sandbox.memory_mb} holds {most >> 20} MiB; "
            "include less, or raise memory_mb.",
            retryable=False,
        )


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
