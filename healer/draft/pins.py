"""Packages that moved since the last good night, pinned back to what they were.

Belongs here: the edit of the file that declares them. Does not belong here: which packages moved
(`healer.tape.packages`), and the environment in which such a draft is proved
(`healer.app.environments`).
"""

import re
from collections.abc import Iterator, Sequence

from healer.facts.draft import (
    Case,
    Draft,
    Drafter,
    Drafts,
    PackageMove,
    Source,
    WriteFile,
    list_tried_edits,
)
from healer.failure import Failure
from quarantine.requirement_pins import is_requirements_file

RULE = "pin-package"
A_PERSONS = "which release is to be used is for a person to say"
_SPEC = (
    r"(?P<extras>[ \t]*\[[^\]]*\])?"
    r"(?:[ \t]*[=<>!~]=?=?[ \t]*[\w.*+!-]+(?:[ \t]*,)?)*"
)
MOST_PINS = 3


class WithPins:
    """A drafter that drafts pins where another one has nothing to say."""

    def __init__(self, inner: Drafter) -> None:
        self._inner = inner
        self.name = inner.name

    def draft(self, case: Case, source: Source) -> Drafts:
        """Those of the inner drafter. Where there are none, or the failure names what moved, at
        most one draft more, the last, that pins what moved and is declared here; or, where there is
        nothing, the word that it is pinned and not installed."""
        drafts = self._inner.draft(case, source)
        if drafts.candidates:
            is_plain = not (drafts.side_by_side or drafts.ambiguity)
            pins = tuple(_draft_pins(case, source)) if is_plain and _is_by_a_move(case) else ()
            return drafts.model_copy(update={"candidates": (*drafts.candidates, *pins)})
        pins = tuple(_draft_pins(case, source))
        reason = "" if pins else next(_find_uninstalled(case, source), drafts.reason)
        return drafts.model_copy(update={"candidates": pins, "reason": reason})


def _draft_pins(case: Case, source: Source) -> Iterator[Draft]:
    contents: dict[str, str] = {}
    pins: list[PackageMove] = []
    for move in case.moves[:MOST_PINS]:
        for path in _list_files(case, source):
            text = contents.get(path) or (source.read(path) or b"").decode("utf-8", "replace")
            new_text = pin(text, move)
            if new_text != text:
                contents[path] = new_text
                pins += [move] if move not in pins else []
    edits = tuple(
        WriteFile(path=path, content=text, replaces=True) for path, text in contents.items()
    )
    if edits and edits not in set(list_tried_edits(case)):
        yield Draft(
            drafter="rules", edits=edits, rule=RULE, cause=_explain(pins),
            doubt="" if contents.keys() <= set(case.open_to_pins) else A_PERSONS,
            packages=case.good_packages, pins=tuple(pins),
        )  # fmt: skip


def names_package(failure: Failure, name: str) -> bool:
    """Whether the last exception's words, or the files that it went through, name a package."""
    last = failure.exception
    words = f"{last.message} {' '.join(f.file for f in last.frames)}".casefold() if last else ""
    return name.replace("-", "_").casefold() in words


def _is_by_a_move(case: Case) -> bool:
    return any(names_package(case.failure, move.name) for move in case.moves[:MOST_PINS])


def _find_uninstalled(case: Case, source: Source) -> Iterator[str]:
    """What is pinned here already, while the job ran with another release."""
    for move in case.moves:
        for path in filter(is_requirements_file, source.paths()):
            text = (source.read(path) or b"").decode("utf-8", "replace")
            release = PackageMove(name=move.name, old=f"{move.old}+other", new=move.new)
            asks_for_old = pin(text, move) == text != pin(text, release)
            if asks_for_old:
                yield (
                    f"{path} asks for {move.name} {move.old}, and the job ran with {move.new}: "
                    "install what it asks for"
                )


def _list_files(case: Case, source: Source) -> list[str]:
    closed_files = set(case.protected) - set(case.open_to_pins)
    return [
        path for path in source.paths() if is_requirements_file(path) and path not in closed_files
    ]


def pin(text: str, move: PackageMove) -> str:
    """A requirements file in which the package is asked for in the release that it had."""
    name = re.sub(r"[-_.]+", "[-_.]+", move.name)

    def replace(match: re.Match[str]) -> str:
        return f"{match['name']}{match['extras'] or ''}=={move.old}{match['end']}"

    pattern = rf"(?im)^(?P<name>{name}){_SPEC}(?P<end>[ \t]*(?:[;#].*)?)$"
    return re.sub(pattern, replace, text)


def _explain(pins: Sequence[PackageMove]) -> str:
    moves = ", ".join(f"{each.name} {each.old} became {each.new}" for each in pins)
    return (
        f"Since the last good night {moves}; asked for is again what was there then. "
        "It is proved with that night's packages, and takes effect when they are installed."
    )
