"""docs/glossary.md: each word once, with a meaning, and used."""

import re

from tests.docs.fences import ROOT

ROWS = re.findall(
    r"^\| (\*\*.+?\*\*) \| (.+) \|$", (ROOT / "docs" / "glossary.md").read_text(), re.MULTILINE
)


def test_each_word_stands_once_and_is_explained() -> None:
    words = [word for word, _ in ROWS]
    assert len(words) == len(set(words)) >= 40
    assert all(len(meaning.split()) >= 3 for _, meaning in ROWS)


def test_the_readmes_eight_words_are_explained() -> None:
    (line,) = re.findall(r"^Failure → .*$", (ROOT / "README.md").read_text(), re.MULTILINE)
    words = {word for word, _ in ROWS}
    assert {f"**{word.lower()}**" for word in line.split(" → ")} <= words
