"""What drafted code may newly use without a person: allowed.toml, read.

Belongs here: asking the tables. Does not belong here: their entries (allowed.toml, each group with
its reason), what counts as new and what is said of it (`rules.new_names`), and names that are
refused wherever they stand (`rules.running_program`, `rules.outside_world`).
"""

import builtins
import sys
import tomllib
from pathlib import Path

_TABLES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def _names(table: str) -> frozenset[str]:
    return frozenset(name for group in _TABLES[table] for name in group["names"].split())


_STANDARD = _names("standard")
_EXCEPTIONS = _names("except")
_ABOVE = frozenset(
    ".".join(parts[:end]) for name in _STANDARD for parts in [name.split(".")] for end in range(4)
)
BUILTINS = _names("builtins") | {
    name
    for name, value in vars(builtins).items()
    if isinstance(value, type) and issubclass(value, BaseException)
}
STRICT = _names("strict")
DUNDERS = frozenset(f"__{name}__" for name in _names("dunders"))
DECORATORS = _names("decorators")


def is_pure(name: str) -> bool:
    """Whether a dotted name of the standard library may be used newly.

    A module that is only reached through another (`json.codecs`) and private parts are not what an
    entry means.
    """
    parts = name.split(".")
    if _is_below(name, _EXCEPTIONS) or not _is_below(name, _STANDARD):
        return False
    return not any(
        (part.startswith("_") and part[:2] != "__") or _is_detour(parts[:end], part)
        for end, part in enumerate(parts)
        if end
    )


def has_pure_parts(module: str) -> bool:
    """Whether `import module` alone is of use: some of its names stand in the tables."""
    return module in _ABOVE or module in _STANDARD


def is_excepted(name: str) -> bool:
    """Whether a name is one of those that its module's entry does not mean."""
    return _is_below(name, _EXCEPTIONS)


def is_standard(name: str) -> bool:
    """Whether a dotted name is of the standard library."""
    return name.partition(".")[0] in sys.stdlib_module_names


def _is_detour(way: list[str], part: str) -> bool:
    """`codecs` in `json.codecs`: another module, not a part of this one."""
    is_named = ".".join((*way, part)) in _STANDARD | _ABOVE
    return part in sys.stdlib_module_names and part != way[-1] and part != "abc" and not is_named


def _is_below(name: str, entries: frozenset[str]) -> bool:
    parts = name.split(".")
    return any(".".join(parts[:end]) in entries for end in range(1, len(parts) + 1))
