"""Packages that moved since the last good night, pinned back to what they were.

Belongs here: the edit of the file that declares them. Does not belong here: which packages moved
(`healer.tape.packages`), and the environment in which such a draft is proved
(`healer.app.environments`).
"""

import re
from collections.abc import Iterable, Iterator, Sequence

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

RULE = "pin-package"
_FILES = re.compile(r"(?:requirements/)?[\w.-]*requirements[\w.-]*\.txt|requirements/[\w.-]+\.txt")
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
        """Those of the inner drafter; where there are none, at most one draft that pins what moved
        and is declared here."""
        drafts = self._inner.draft(case, source)
        pins = () if drafts.candidates else tuple(_draft_pins(case, source))
        return drafts.model_copy(update={"candidates": pins, "reason": ""}) if pins else drafts


def _draft_pins(case: Case, source: Source) -> Iterator[Draft]:
    contents: dict[str, str] = {}
    pins: list[PackageMove] = []
    for move in case.moves[:MOST_PINS]:
        for path in _list_files(source, case.protected):
            text = contents.get(path) or (source.read(path) or b"").decode("utf-8", "replace")
            new_text = pin(text, move, is_quoted=path == "pyproject.toml")
            if new_text != text:
                contents[path] = new_text
                pins += [move] if move not in pins else []
    edits = tuple(
        WriteFile(path=path, content=text, replaces=True) for path, text in contents.items()
    )
    if edits and edits not in set(list_tried_edits(case)):
        yield Draft(
            drafter="rules", edits=edits, rule=RULE, cause=_explain(pins),
            doubt="which release is to be used is for a person to say",
            packages=case.good_packages,
        )  # fmt: skip


def _list_files(source: Source, protected_paths: Sequence[str]) -> Iterable[str]:
    paths = (p for p in source.paths() if _FILES.fullmatch(p) or p == "pyproject.toml")
    return [path for path in paths if path not in protected_paths]


def pin(text: str, move: PackageMove, *, is_quoted: bool) -> str:
    """A requirements file, or with `is_quoted` a pyproject.toml, in which the package is asked for
    in the release that it had."""
    name = re.sub(r"[-_.]+", "[-_.]+", move.name)
    start, end = (
        ("[\"']", "[ \\t]*(?:;[^\"']*)?[\"']") if is_quoted else ("^", r"[ \t]*(?:[;#].*)?$")
    )

    def replace(match: re.Match[str]) -> str:
        extras = match["extras"] or ""
        return f"{match['start']}{match['name']}{extras}=={move.old}{match['end']}"

    pattern = rf"(?im)(?P<start>{start})(?P<name>{name}){_SPEC}(?P<end>{end})"
    return re.sub(pattern, replace, text)


def _explain(pins: Sequence[PackageMove]) -> str:
    moves = ", ".join(f"{each.name} {each.old} became {each.new}" for each in pins)
    return (
        f"Since the last good night {moves}; asked for is again what was there then. "
        "It is proved with that night's packages, and takes effect when they are installed."
    )
