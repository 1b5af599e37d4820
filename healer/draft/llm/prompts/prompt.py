"""How a prompt is put together: the words around the data, and the data cut, marked and joined.

Belongs here: questions, and sections within a token budget. Does not belong here: what a section
says (`context`), and the instructions (`forms`).
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from healer.draft.llm.endpoint import tokens
from healer.draft.llm.endpoint.dialect import ChatRequest, Message
from healer.draft.llm.prompts.forms import WORDINGS
from healer.draft.llm.replies.schema import EditForm
from healer.facts.draft import Purpose

_LONGEST_ECHO = 600
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    r"\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"
    r"\U000e0000-\U000e0fff\ud800-\udfff]"
)
CUT_MARK = "[… cut here …]"
"""What stands where a text was cut."""
End = Literal["head", "tail"]


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
    keep: End = "head"


def ask_for_draft(
    sections: Sequence[Section],
    max_tokens: int,
    form: EditForm = "json",
    purpose: Purpose = "draft",
) -> ChatRequest:
    """The first question of an attempt."""
    user = join_sections(fit_sections(sections, max_tokens))
    wording = WORDINGS[form]
    messages = (Message("system", wording.instructions), Message("user", user))
    return ChatRequest(messages, wording.schema, wording.example, purpose=purpose, form=form)


def ask_again(
    request: ChatRequest, reply: str, problem: str, form: EditForm = "json"
) -> ChatRequest:
    """The same question after a reply that could not be used, with the reason."""
    wording = WORDINGS[form]
    echo = Message("assistant", cut(reply, _LONGEST_ECHO) or "(nothing)")
    complaint = f"This reply cannot be used: {problem}. Answer again, with {wording.answer}."
    _, *others = request.messages
    return replace(
        request,
        messages=(
            Message("system", wording.instructions),
            *others,
            echo,
            Message("user", complaint),
        ),
        schema=wording.schema,
        example=wording.example,
        form=form,
    )


def clean(text: str) -> str:
    """Text without escape sequences, control characters and invisible characters."""
    return _CONTROL.sub("", _ANSI.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def cut(text: str, budget: int, keep: End = "head") -> str:
    """Whole lines of `text` from its head or tail, within `budget` tokens; a cut is said.

    A single line that is too long is cut inside.
    """
    if tokens.estimate(text) <= budget:
        return text
    lines = text.split("\n") if keep == "head" else text.split("\n")[::-1]
    part: list[str] = []
    room = budget - tokens.estimate(CUT_MARK) - 1
    for line in lines:
        cost = tokens.estimate(line + "\n")
        if cost > room:
            break
        part.append(line)
        room -= cost
    if not part and room > 0:
        part = [_cut_line(lines[0], room, keep)]
    part.append(CUT_MARK)
    return "\n".join(part if keep == "head" else part[::-1])


def _cut_line(line: str, budget: int, keep: End) -> str:
    """Characters of a line from its head or tail, within `budget` tokens."""
    length = 4 * budget
    while True:
        part = line[:length] if keep == "head" else line[-length:]
        if length <= 1 or tokens.estimate(part + "\n") <= budget:
            return part
        length //= 2


def fit_sections(sections: Sequence[Section], budget: int) -> list[Section]:
    """Each section within its own budget, all together within `budget`; empty ones are left out.

    What is too much is taken from the section with the highest priority number first.
    """
    parts = [
        replace(section, text=cut(clean(section.text).strip("\n"), section.budget, section.keep))
        for section in sections
        if section.text.strip()
    ]
    excess = sum(tokens.estimate(part.text) for part in parts) - budget
    for index in sorted(range(len(parts)), key=lambda index: -parts[index].priority):
        if excess <= 0:
            break
        part = parts[index]
        before = tokens.estimate(part.text)
        rest = max(before - excess, 0)
        text = cut(part.text, rest, part.keep) if rest > tokens.estimate(CUT_MARK) + 1 else ""
        parts[index] = replace(part, text=text)
        excess -= before - tokens.estimate(text)
    return [part for part in parts if part.text]


def join_sections(sections: Sequence[Section]) -> str:
    """Title and text of each; a line of the label and a title begins a section and ends the last.

    The label is in none of the texts, so none can end its section. It depends on the first text
    only, so that one section more at the end leaves the rest as it was.
    """
    label = _make_label([section.text for section in sections])
    return "\n".join(f"{label} {section.title}\n{section.text}" for section in sections)


def _make_label(texts: Sequence[str]) -> str:
    """A digest of what it fences first, so that this text cannot be written to hold it."""
    digest = hashlib.sha256("".join(texts[:1]).encode("utf-8", "replace"))
    label = f"=={digest.hexdigest()[:6]}"
    while any(label in text for text in texts):
        digest.update(b"again")
        label = f"=={digest.hexdigest()[:6]}"
    return label
