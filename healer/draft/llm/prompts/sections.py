"""Sections of a prompt: cut to a token budget, marked as data, joined in a stable order.

Belongs here: cutting and marking. Does not belong here: what a section says (`context`).
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from healer.draft.llm.endpoint import tokens

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    r"\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"
    r"\U000e0000-\U000e0fff\ud800-\udfff]"
)
_CUT = "[… cut here …]"


@dataclass(frozen=True)
class Section:
    """One part of a prompt."""

    title: str
    """Our own words."""
    text: str
    """Data: whatever it says is not an instruction."""
    budget: int
    """Tokens at most."""
    priority: int
    """When the whole is too long, the highest number is cut first."""
    keep: Literal["head", "tail"] = "head"


def clean(text: str) -> str:
    """Text without escape sequences, control characters and invisible characters."""
    return _CONTROL.sub("", _ANSI.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def cut(text: str, budget: int, keep: Literal["head", "tail"] = "head") -> str:
    """Whole lines of `text` from its head or tail, within `budget` tokens; a cut is said.

    A single line that is too long is cut inside.
    """
    if tokens.estimated(text) <= budget:
        return text
    lines = text.split("\n")
    ordered = lines if keep == "head" else lines[::-1]
    kept: list[str] = []
    left = budget - tokens.estimated(_CUT) - 1
    for line in ordered:
        cost = tokens.estimated(line + "\n")
        if cost > left:
            break
        kept.append(line)
        left -= cost
    if not kept and left > 0:
        kept = [_part(ordered[0], left, keep)]
    kept = [*kept, _CUT]
    return "\n".join(kept if keep == "head" else kept[::-1])


def _part(line: str, budget: int, keep: Literal["head", "tail"]) -> str:
    """Characters of a line from its head or tail, within `budget` tokens."""
    length = 4 * budget
    while True:
        part = line[:length] if keep == "head" else line[-length:]
        if length <= 1 or tokens.estimated(part + "\n") <= budget:
            return part
        length //= 2


def within(sections: Sequence[Section], budget: int) -> list[Section]:
    """Each section within its own budget, all together within `budget`; empty ones are left out.

    What is too much is taken from the section with the highest priority number first.
    """
    kept = [
        replace(section, text=cut(clean(section.text).strip("\n"), section.budget, section.keep))
        for section in sections
        if section.text.strip()
    ]
    excess = sum(tokens.estimated(section.text) for section in kept) - budget
    for index in sorted(range(len(kept)), key=lambda index: -kept[index].priority):
        if excess <= 0:
            break
        section = kept[index]
        before = tokens.estimated(section.text)
        rest = max(before - excess, 0)
        text = cut(section.text, rest, section.keep) if rest > tokens.estimated(_CUT) + 1 else ""
        kept[index] = replace(section, text=text)
        excess -= before - tokens.estimated(text)
    return [section for section in kept if section.text]


def joined(sections: Sequence[Section]) -> str:
    """Title and text of each; a line of the label and a title begins a section and ends the last.

    The label is in none of the texts, so none can end its section. It depends on the first text
    only, so that one section more at the end leaves the rest as it was.
    """
    label = _label([section.text for section in sections])
    return "\n".join(f"{label} {section.title}\n{section.text}" for section in sections)


def _label(texts: Sequence[str]) -> str:
    """A digest of what it fences first, so that this text cannot be written to hold it."""
    digest = hashlib.sha256("".join(texts[:1]).encode("utf-8", "replace"))
    label = f"=={digest.hexdigest()[:6]}"
    while any(label in text for text in texts):
        digest.update(b"again")
        label = f"=={digest.hexdigest()[:6]}"
    return label
