"""What a run read, beside what an earlier run read in its place.

Belongs here: pairing two tapes, file by file and answer by answer. Does not belong here: what a
difference means (`healer.draft.rules.columns`).
"""

import re
from collections.abc import Iterator

from healer.facts.draft import ReadData
from healer.tape.facts import Tape

MOST_CHARACTERS = 256 << 10
"""Of one file or answer; what is longer is cut at its last whole line."""
MOST_READS = 40


def list_reads(bad: Tape, good: Tape | None = None) -> tuple[ReadData, ...]:
    """The texts that the bad night read, at most 40, each with what the good night read under that
    name, or under the only one that differs from it in digits alone: `day-01.csv`, `day-02.csv`."""
    earlier_texts = dict(_list_texts(good)) if good else {}
    by_form: dict[str, list[str]] = {}
    for name, text in earlier_texts.items():
        by_form.setdefault(_form(name), []).append(text)
    reads = []
    for name, text in _list_texts(bad):
        others = by_form.get(_form(name), [])
        before = earlier_texts.get(name) or (others[0] if len(others) == 1 else "")
        reads.append(ReadData(name=name, text=text, before=before))
    return tuple(reads[:MOST_READS])


def _list_texts(tape: Tape) -> Iterator[tuple[str, str]]:
    for file in tape.files:
        if not file.path.endswith((".py", ".pth", ".toml")):
            yield from _as_text(file.path.removeprefix(f"{tape.root}/"), file.data)
    for connection in tape.connections:
        for exchange in connection.exchanges:
            path = exchange.target.partition("?")[0]
            name = f"{exchange.method} {connection.host}{path}"
            yield from _as_text(name, exchange.answer)


def _as_text(name: str, data: bytes) -> Iterator[tuple[str, str]]:
    """Nothing for bytes that are no text."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return
    if len(text) > MOST_CHARACTERS:
        text = text[:MOST_CHARACTERS].rpartition("\n")[0]
    if text.strip():
        yield name, text


def _form(name: str) -> str:
    return re.sub(r"\d+", "9", name)
