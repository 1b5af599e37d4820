"""Pure modules call nothing that reaches a clock, randomness, a process, a file or the network.

The import contract refuses the modules whose business that is. What is left are the few names in
allowed modules and builtins that reach out all the same: those are refused here, by name.
Belongs here: those names, and what may be imported from modules that are not pure: classes, never
functions. Does not belong here: the list of pure packages (pyproject.toml).
"""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

from scripts.checks.sources import ROOT, Problem, Source, sources

CHECK = "purity"
IMPURE_BUILTINS = frozenset(
    {"open", "input", "print", "exec", "eval", "compile", "__import__", "breakpoint", "globals"}
)
IMPURE_MEMBERS = frozenset({
    # functions of modules that may be imported for the rest of what they hold
    "now", "utcnow", "today", "fromtimestamp", "make_msgid", "formatdate", "localtime",
    "file_digest", "open", "open_code", "FileIO", "getenv", "environ", "urlopen",
    "sleep", "time", "monotonic", "perf_counter", "time_ns",
    # methods of a path that a caller may hand in
    "read_text", "write_text", "read_bytes", "write_bytes", "iterdir", "unlink", "mkdir",
    "is_file", "is_dir", "is_symlink", "resolve", "expanduser",
})  # fmt: skip


def find_impure(root: Path = ROOT) -> Iterator[Problem]:
    """What pure modules use and may not."""
    pure, facts = _contracts(root)
    for package in pure:
        for source in sources(package.replace(".", "/"), root=root):
            yield from _impure_names(source)
            yield from _functions_of_others(source, facts - pure)


def _impure_names(source: Source) -> Iterator[Problem]:
    for node in source.nodes:
        names: set[str] = set()
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                names = {name} & IMPURE_BUILTINS
            case ast.Attribute(attr=name):
                names = {name} & IMPURE_MEMBERS
            case ast.ImportFrom(names=aliases):
                names = {item.name for item in aliases} & IMPURE_MEMBERS
        for name in sorted(names):
            yield source.problem(CHECK, node, f"a pure module uses {name}: hand its value in")


def _functions_of_others(source: Source, facts: frozenset[str]) -> Iterator[Problem]:
    for node in source.nodes:
        if isinstance(node, ast.ImportFrom) and node.module in facts:
            for item in node.names:
                if not item.name[:1].isupper() or item.name.isupper():
                    yield source.problem(
                        CHECK, node, f"a pure module takes {item.name} from {node.module}: only "
                        "classes may come from a module that is not pure",
                    )  # fmt: skip


def _contracts(root: Path) -> tuple[frozenset[str], frozenset[str]]:
    """The pure packages of all contracts, and the modules that they may take facts from."""
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = [
        contract
        for contract in settings["tool"]["importlinter"]["contracts"]
        if contract["type"] == "pure"
    ]
    pure = frozenset(package for contract in contracts for package in contract["pure"])
    return pure, frozenset(module for contract in contracts for module in contract["facts"])
