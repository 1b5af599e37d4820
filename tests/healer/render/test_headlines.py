"""A mail is told by one line: which repository, which script, what happened."""

from typing import get_args

from healer.render.headlines import HEADLINES, compose_headline, compose_subject, name_place
from healer.render.notice import Kind
from tests.support.notices import notice


def test_each_kind_of_notice_has_a_headline() -> None:
    assert set(HEADLINES) == set(get_args(Kind))


def test_where_a_fleet_is_its_repository_stands_in_the_subject() -> None:
    one = notice(repository="jobs")
    alone = compose_subject((notice(),))
    assert compose_subject((one,)).startswith("[jobs] ")
    assert compose_subject((one,)).removeprefix("[jobs] ")[:10] == alone[:10]
    long = compose_subject((notice(repository="r" * 200, script="s" * 200),))
    assert len(long) < 70


def test_several_incidents_are_counted_and_named() -> None:
    both = (notice(), notice(script="scripts/sync.py", fingerprint="b" * 16))
    assert compose_headline(both) == "2 incidents"
    assert compose_subject(both).startswith("2 incidents: ")
    assert name_place(both[1]) == "sync.py"
