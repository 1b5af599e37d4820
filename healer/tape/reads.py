"""What a run read, beside what an earlier run read in its place.

Belongs here: pairing two tapes, file by file and answer by answer. Does not belong here: what a
difference means (`healer.draft.rules.columns`).
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from healer.facts.draft import ReadData
from healer.tape.facts import Tape
from healer.tape.pages import find_next_link, says_more

MOST_CHARACTERS = 256 << 10
"""Of one file or answer; what is longer is cut at its last whole line."""
MOST_READS = 40
_NO_DATA = (".py", ".pth", "/pyproject.toml")
"""Endings of files that interpreters and tools read, not the job."""


class _Text(NamedTuple):
    name: str
    address: str
    """Of an answer, with what was asked for; empty for a file."""
    text: str
    next_page: str = ""
    """What its `Link` header says."""

    @property
    def has_more(self) -> bool:
        return bool(self.next_page) or says_more(self.text)


def list_reads(bad: Tape, good: Tape | None = None) -> tuple[ReadData, ...]:
    """The texts that the bad night read, at most 40, each with what the good night read in its
    place: the file of that name, or the only one that differs from it in digits alone
    (`day-01.csv`, `day-02.csv`); the answer to the same question, or else the one whose turn it was
    at that address (`?page=2`, `?cursor=x`)."""
    earlier = list(_list_texts(good)) if good else []
    turns: Counter[str] = Counter()
    reads = []
    every = list(_list_texts(bad))
    for each in every:
        before = _find_answer(each, earlier, turns) if each.address else _find_file(each, earlier)
        is_new = before is not None and each.has_more and not before.has_more
        reads.append(
            ReadData(
                name=each.name,
                text=each.text,
                before=before.text if before else "",
                next_page=each.next_page if is_new else "",
                has_new_pages=is_new and not _is_followed(each, every, earlier),
            )
        )
    return tuple(reads[:MOST_READS])


def _is_followed(text: _Text, every: Iterable[_Text], earlier: Iterable[_Text]) -> bool:
    """More was asked for at that address than on the good night, or the next page itself."""
    if text.next_page and any(text.next_page.endswith(_path_of(each)) for each in every):
        return True
    now, then = (sum(each.name == text.name for each in texts) for texts in (every, earlier))
    return now > then


def _path_of(text: _Text) -> str:
    """`api.example/rows?page=2`, of an answer; nothing ends with that of a file."""
    return text.address.partition(" ")[2] or "\0"


def _find_file(file: _Text, earlier: Iterable[_Text]) -> _Text | None:
    files = {each.name: each for each in earlier if not each.address}
    others = [each for name, each in files.items() if _form(name) == _form(file.name)]
    return files.get(file.name) or (others[0] if len(others) == 1 else None)


def _find_answer(answer: _Text, earlier: Iterable[_Text], turns: Counter[str]) -> _Text | None:
    """`turns` counts how often each question was asked so far."""
    every = [each for each in earlier if each.address]
    for form in (str, _form):
        for part in (_address_of, _name_of):
            place = form(part(answer))
            texts = [each for each in every if form(part(each)) == place]
            if texts:
                turn = turns[place]
                turns[place] += 1
                return texts[min(turn, len(texts) - 1)]
            turns[place] += 1
    return None


def _address_of(text: _Text) -> str:
    return text.address


def _name_of(text: _Text) -> str:
    return text.name


def _list_texts(tape: Tape) -> Iterator[_Text]:
    for file in tape.files:
        if not file.path.endswith(_NO_DATA):
            for text in _as_text(file.data):
                yield _Text(file.path.removeprefix(f"{tape.root}/"), "", text)
    for connection in tape.connections:
        for exchange in connection.exchanges:
            where = f"{exchange.method} {connection.host}"
            for text in _as_text(exchange.answer):
                path = exchange.target.partition("?")[0]
                link = find_next_link(exchange.answer_headers)
                yield _Text(f"{where}{path}", f"{where}{exchange.target}", text, link)


def _as_text(data: bytes) -> Iterator[str]:
    """Nothing for bytes that are no text."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return
    if len(text) > MOST_CHARACTERS:
        text = text[:MOST_CHARACTERS].rpartition("\n")[0]
    if text.strip():
        yield text


def _form(name: str) -> str:
    return re.sub(r"\d+", "9", name)
