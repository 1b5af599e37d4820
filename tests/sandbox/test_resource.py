"""A with-block closes, on failure too."""

import pytest

from sandbox.resource import Resource


class Counter(Resource):
    def __init__(self) -> None:
        self.count = 0

    def close(self) -> None:
        self.count += 1


def test_the_block_gives_the_resource_and_closes_it_at_its_end() -> None:
    resource = Counter()
    with resource as same:
        assert same is resource
        assert resource.count == 0
    assert resource.count == 1


def test_an_error_goes_on_and_the_resource_is_closed() -> None:
    resource = Counter()
    with pytest.raises(ZeroDivisionError), resource:
        _ = 1 / 0
    assert resource.count == 1


def test_a_class_that_does_not_say_what_closing_means_cannot_be_closed() -> None:
    with pytest.raises(NotImplementedError), Resource():
        pass
