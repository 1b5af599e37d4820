"""What fits a budget, file by file, each line once."""

from healer.draft.llm.endpoint import tokens
from healer.draft.llm.prompts.code import Module
from healer.draft.llm.prompts.views import FileViews

FIRST = Module("a.py", "\n".join(f"x{n} = {n}" for n in range(1, 21)) + "\n")
SECOND = Module("b.py", "y = 1\n")


def test_lines_stand_in_the_order_of_their_file_and_files_in_that_of_their_rank() -> None:
    views = FileViews(500)
    views.add(SECOND, [1])
    views.add(FIRST, [9, 8])
    views.add(FIRST, [2, 8])
    assert views.show() == (
        "# b.py\ny = 1\n\n# a.py\nx2 = 2\n# [5 lines not shown]\nx8 = 8\nx9 = 9"
    )
    assert views.modules == (SECOND, FIRST)
    assert views.shows(FIRST, 8)
    assert not views.shows(FIRST, 7)


def test_lines_come_all_or_none() -> None:
    views = FileViews(30)
    assert views.add(FIRST, [1, 2])
    assert not views.add(FIRST, range(3, 20))
    assert not views.shows(FIRST, 3)
    assert views.add(FIRST, [3])


def test_what_is_shown_already_costs_nothing() -> None:
    views = FileViews(500)
    views.add(FIRST, range(1, 10))
    room = views.room
    assert views.add(FIRST, [3, 4])
    assert views.room == room


def test_the_rest_of_a_file_is_what_is_not_shown_of_it() -> None:
    views = FileViews(500)
    assert views.count_rest(FIRST) == sum(FIRST.line_tokens)
    views.add(FIRST, range(1, 21))
    assert views.count_rest(FIRST) == FIRST.line_tokens[20]


def test_what_is_shown_is_within_the_room_but_for_a_few_words() -> None:
    views = FileViews(60)
    for number in range(1, 21, 5):
        views.add(FIRST, [number])
    assert tokens.estimate(views.show()) <= 70


def test_a_remark_stands_above_its_file() -> None:
    views = FileViews(100)
    views.add(SECOND, [1])
    views.remark(SECOND, "# at line 1: y = 2")
    assert views.show() == "# b.py\n# at line 1: y = 2\ny = 1"
