"""What a fix changed, word by word, and texts with some of it taken back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.evidence.hunks import (
    Span,
    changes_only,
    find_hunks,
    find_line_hunks,
    find_lines_beside,
    find_replacement,
    keep_hunks,
)

LINES = st.lists(
    st.sampled_from(["x = 1", "y = f(x, 2)", "if x:", "    z = [x, y]", "    pass", "# note", ""]),
    max_size=8,
).map(lambda lines: "".join(f"{line}\n" for line in lines))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("x = nett\n", "x = net\n", [("nett", "net")]),
        ("x = max(0, a - bb)\n", "x = a - b\n", [("max(0,", ""), ("bb", "b"), (")", "")]),
        ("x = q.popp(0)\n", "x = q.pop()\n", [("popp", "pop"), ("0", "")]),
        ("x = 1  # one\n", "x = 1  # two\n", []),
        ("x = 1\n", "x = 1\ny = 2\n", [("", "y = 2\n")]),
        ("if a:\n    b()\n", "if a and c:\n    b()\n", [("", "and c")]),
    ],
)
def test_words_that_became_others_are_apart_from_what_came_or_went(
    old: str, new: str, words: list[tuple[str, str]]
) -> None:
    hunks = find_hunks(old, new)
    texts = [(old[h.old.start : h.old.end], new[h.new.start : h.new.end]) for h in hunks]
    assert [(a.strip(" "), b.strip(" ")) for a, b in texts] == words


def test_a_text_without_tokens_is_one_hunk() -> None:
    assert find_hunks("x = (1\n", "x = 1\n") == [(Span(0, 7), Span(0, 6))]


@given(LINES, LINES)
def test_all_hunks_make_the_new_text_and_none_the_old_one(old: str, new: str) -> None:
    hunks = find_hunks(old, new)
    assert keep_hunks(old, new, []) == old
    strip = str.maketrans("", "", " \n")
    made = [line for line in keep_hunks(old, new, hunks).splitlines() if "#" not in line]
    wanted = [line for line in new.splitlines() if "#" not in line]
    assert "".join(made).translate(strip) == "".join(wanted).translate(strip)


@given(LINES, LINES)
def test_all_line_hunks_make_the_new_text_and_none_the_old_one(old: str, new: str) -> None:
    hunks = find_line_hunks(old, new)
    assert keep_hunks(old, new, hunks) == new
    assert keep_hunks(old, new, []) == old


def test_a_line_stands_beside_what_it_became_and_not_beside_what_was_put_before_it() -> None:
    old = "    return 1 + max(depth(t) for t in tree)\n"
    new = "    if not tree:\n        return 0\n    return 1 + depth(tree[-1])\n"
    hunks = find_line_hunks(old, new)
    assert [new[h.new.start : h.new.end] for h in hunks] == [
        "    if not tree:\n        return 0\n",
        "    return 1 + depth(tree[-1])\n",
    ]
    assert [old[h.old.start : h.old.end] for h in hunks] == ["", old]


@given(LINES, LINES)
def test_a_replacement_is_what_lies_between_the_common_ends(old: str, new: str) -> None:
    span = find_replacement(old, new)
    assert new.startswith(old[: span.start])
    assert new.endswith(old[span.end :])
    assert 0 <= span.start <= span.end <= len(old)


END = "return low <= x < end\n"


@pytest.mark.parametrize(
    ("new", "inside"),
    [
        ("return low <= x < x\n", True),
        ("return low <= x < (end - 1)\n", False),
        ("return low <= x <= end\n", False),
        ("return low <= x < low\n", True),
        ("return x < end\n", False),
        ("return x\n", False),
    ],
)
def test_an_edit_beside_a_changed_word_is_none_of_it(new: str, inside: bool) -> None:
    place = END.index("end")
    assert changes_only(END, new, [Span(place, place + 3)]) is inside


@pytest.mark.parametrize(
    ("one", "two", "touches", "overlaps", "contains"),
    [
        (Span(2, 5), Span(3, 4), True, True, True),
        (Span(2, 5), Span(2, 5), True, True, True),
        (Span(2, 5), Span(4, 6), True, True, False),
        (Span(2, 5), Span(5, 5), True, True, False),
        (Span(2, 5), Span(5, 6), True, False, False),
        (Span(2, 5), Span(3, 3), True, True, True),
        (Span(2, 5), Span(6, 7), False, False, False),
        (Span(2, 2), Span(2, 2), True, True, True),
    ],
)
def test_a_place_at_a_border_touches_and_does_not_lie_within(
    one: Span, two: Span, touches: bool, overlaps: bool, contains: bool
) -> None:
    assert one.touches(two) is touches
    assert one.overlaps(two) is overlaps
    assert one.contains(two) is contains


@pytest.mark.parametrize(
    ("span", "lines"), [(Span(0, 0), [1]), (Span(0, 3), [1, 2]), (Span(2, 3), [2])]
)
def test_a_span_lies_on_the_lines_that_hold_its_characters(span: Span, lines: list[int]) -> None:
    assert list(span.lines_of("a\nbc\n")) == lines


@pytest.mark.parametrize(("place", "lines"), [(0, "a"), (2, "a\nb"), (4, "b\nc"), (6, "c\n")])
def test_the_lines_beside_a_place_are_those_before_and_behind_it(place: int, lines: str) -> None:
    text = "a\nb\nc\n"
    span = find_lines_beside(text, place)
    assert text[span.start : span.end] == lines


def test_a_text_without_lines_has_none_beside() -> None:
    assert find_lines_beside("", 0) == Span(0, 0)
