"""A function handed in answers otherwise, or fails, at one of its calls."""

import copy

import pytest

from sandbox.inside.screening.given_functions import RaisingCall, VariedCall


def test_one_answer_is_another_one() -> None:
    varied = VariedCall(abs, 2, lambda answer: answer + 10)
    assert [varied(-1), varied(-2), varied(-3)] == [1, 12, 3]
    assert repr(varied) == "<abs whose answer 2 is another one>"


def test_one_call_fails_and_its_error_is_known_again() -> None:
    raising = RaisingCall(abs, 1, KeyError)
    again = copy.deepcopy(raising)
    with pytest.raises(KeyError) as caught:
        raising(-1)
    assert hasattr(caught.value, "is_of_input")
    assert raising(-1) == 1
    with pytest.raises(KeyError):
        again(-1)
    assert repr(raising) == "<abs whose call 1 raises KeyError>"
