"""Whether a change of a requirements file is a pin of what stands there, and nothing else.

Belongs here: two texts of such a file, and the pins that make one of the other. Does not belong
here: making a pin (`healer.draft.pins`), or whether one may merge (`healer.judge`).

Read strictly: what pip might read in another way than it is read here is no pin.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

_FILES: Final = re.compile(
    r"(?:requirements/)?[\w.-]*requirements[\w.-]*\.txt|requirements/[\w.-]+\.txt"
)
_HEAD: Final = r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(?P<extras>[ \t]*\[[A-Za-z0-9._, -]*\])?"
_TAIL: Final = r"(?P<tail>[ \t]*(?:;[^#\n]*)?(?:(?<=\s)#.*)?)"
_SPECIFIER: Final = r"[ \t]*(?:===|[=<>!~]=|[<>])[ \t]*[A-Za-z0-9.*+!_-]+"
_BEFORE: Final = re.compile(rf"{_HEAD}(?:{_SPECIFIER}(?:[ \t]*,{_SPECIFIER})*)?{_TAIL}")
_AFTER: Final = re.compile(rf"{_HEAD}==(?P<release>[0-9][A-Za-z0-9.+!]*){_TAIL}")
_OPTIONS: Final = re.compile(r"\\|--")


Read = Callable[[str], bytes | None]
"""A file of a tree by its path; None: there is none."""


class Pin(NamedTuple):
    """A package, by its normal name, and the one release of it that is asked for."""

    name: str
    release: str


def is_requirements_file(path: str) -> bool:
    """At the repository's root, or in its folder `requirements`."""
    return _FILES.fullmatch(path) is not None


def find_pins(before: bytes | None, after: bytes | None) -> tuple[Pin, ...] | None:
    """The pins that turn the one text into the other; None where anything else is changed: another
    line, a name, an extra, a marker, a hash, an option, an address, a remark."""
    try:
        old, new = ((text or b"").decode().split("\n") for text in (before, after))
    except UnicodeDecodeError:
        return None
    if before is None or after is None or len(old) != len(new):
        return None
    changes = [number for number, line in enumerate(old) if line != new[number]]
    pins = [_read_pin(old, new, number) for number in changes]
    names = list(_list_names(new))
    readable = [pin for pin in pins if pin is not None and names.count(pin.name) == 1]
    return tuple(readable) if len(readable) == len(pins) else None


def read_patch(paths: Iterable[str], before: Read, after: Read) -> frozenset[Pin] | None:
    """All pins of a patch of these paths; None where it changes anything else, or nothing."""
    pins: set[Pin] = set()
    for path in paths:
        more = find_pins(before(path), after(path)) if is_requirements_file(path) else None
        if not more:
            return None
        pins.update(more)
    return frozenset(pins) or None


def normalize(name: str) -> str:
    """As package indexes compare names."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _read_pin(old: list[str], new: list[str], number: int) -> Pin | None:
    is_continuation = number > 0 and old[number - 1].endswith("\\")
    was, now = _BEFORE.fullmatch(old[number]), _AFTER.fullmatch(new[number])
    if was is None or now is None or is_continuation or _OPTIONS.search(now["tail"]):
        return None
    parts = ("name", "extras", "tail")
    is_same = [was[part] or "" for part in parts] == [now[part] or "" for part in parts]
    return Pin(normalize(now["name"]), now["release"]) if is_same else None


def _list_names(lines: list[str]) -> Iterator[str]:
    for line in lines:
        match = re.match(_HEAD, line.strip())
        if match is not None:
            yield normalize(match["name"])
