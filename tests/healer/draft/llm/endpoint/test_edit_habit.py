"""A model is asked for edits in the form that applies, and now and then in the first again."""

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.draft.llm.endpoint.edit_habit import CLIMB, MOST_MISSES, EditHabit
from healer.draft.llm.replies.schema import FORMS, EditForm


def miss(habit: EditHabit) -> EditHabit:
    return habit.after_miss(habit.form)


def hit(habit: EditHabit) -> EditHabit:
    return habit.after_hit(habit.form, habit.form)


def repeat(step, habit: EditHabit, count: int) -> EditHabit:
    return reduce(lambda each, _: step(each), range(count), habit)


def test_one_reply_that_does_not_apply_changes_nothing_and_two_in_a_row_do() -> None:
    assert MOST_MISSES == 2
    assert miss(EditHabit()).form == "json"
    assert miss(hit(miss(EditHabit()))).form == "json"
    assert miss(miss(EditHabit())).form == "search_replace"


def test_where_no_form_applies_each_has_its_turn() -> None:
    habit, forms = EditHabit(), []
    for _ in range(len(FORMS) + 1):
        forms.append(habit.form)
        habit = repeat(miss, habit, MOST_MISSES)
    assert forms == [*FORMS, FORMS[0]]


def test_the_form_that_a_model_writes_in_whatever_it_is_asked_is_asked_for() -> None:
    habit = EditHabit().after_hit("json", "patch")
    assert (habit.form, habit.good_form) == ("json", "patch")
    assert habit.after_hit("json", "patch").form == "patch"
    assert miss(habit).form == "patch"


def test_the_first_form_is_tried_again_and_left_at_once_where_it_still_does_not_apply() -> None:
    habit = repeat(hit, EditHabit("patch"), CLIMB - 1)
    assert habit.form == "patch"
    habit = hit(habit)
    assert habit.form == "json"
    assert miss(habit).form == "patch"
    assert miss(hit(habit)).form == "json"


def test_a_second_question_in_another_form_says_nothing_against_the_first() -> None:
    once = miss(EditHabit())
    assert once.after_miss("patch") == once
    assert once.after_hit("patch", "patch") == EditHabit(misses=1, good_form="patch")


@pytest.mark.parametrize(
    ("habit", "asked", "is_readable", "form"),
    [
        (EditHabit(misses=1), "json", True, "json"),
        (EditHabit(misses=1), "json", False, "search_replace"),
        (EditHabit(misses=1, good_form="patch"), "json", False, "patch"),
        (EditHabit("patch"), "json", True, "patch"),
        (EditHabit("patch", good_form="patch"), "patch", False, "json"),
    ],
)
def test_what_cannot_be_read_is_asked_for_in_another_form_and_a_wrong_quotation_in_the_same(
    habit: EditHabit, asked: EditForm, is_readable: bool, form: EditForm
) -> None:
    assert habit.choose_retry(asked, is_readable=is_readable) == form


@given(st.lists(st.tuples(st.sampled_from(FORMS), st.sampled_from([*FORMS, None]))))
def test_whatever_comes_the_counts_stay_within_their_limits(replies) -> None:
    habit = EditHabit()
    for asked, written in replies:
        habit = habit.after_hit(asked, written) if written else habit.after_miss(asked)
        assert habit.misses < MOST_MISSES
        assert habit.hits < CLIMB
