"""What a night read stands beside what the good night read in its place."""

import pytest

from healer.facts.draft import ReadData
from healer.tape.facts import RecordedFile, Tape
from healer.tape.reads import MOST_CHARACTERS, MOST_READS, list_reads
from tests.support.tapes import connection, exchange, tape


def night(**files: str | bytes) -> Tape:
    """A tape with these files of the repository."""
    contents = {name: f.encode() if isinstance(f, str) else f for name, f in files.items()}
    return tape(
        files=tuple(
            RecordedFile(path=f"/srv/app/{name}", data=data, mtime_ns=0)
            for name, data in contents.items()
        )
    )


def test_a_file_stands_beside_what_it_was_on_the_good_night() -> None:
    reads = list_reads(night(**{"in.csv": "b\n2\n"}), night(**{"in.csv": "a\n1\n"}))
    assert reads == (ReadData(name="in.csv", text="b\n2\n", before="a\n1\n"),)


def test_without_a_good_night_only_the_bad_one_is_known() -> None:
    assert list_reads(night(**{"in.csv": "b\n"})) == (ReadData(name="in.csv", text="b\n"),)


@pytest.mark.parametrize(
    ("names", "before"),
    [(("day-01.csv",), "first"), (("day-01.csv", "day-00.csv"), ""), (("week-01.csv",), "")],
)
def test_a_file_named_by_its_day_stands_beside_the_one_of_another_day(
    names: tuple[str, ...], before: str
) -> None:
    good = night(**dict.fromkeys(names, "first"))
    (read,) = list_reads(night(**{"day-02.csv": "second"}), good)
    assert read.before == before


def test_an_answer_is_named_by_its_address_without_what_was_asked_for() -> None:
    bad = tape(connections=(connection(exchange("/rates?day=2", b'{"eur": 1}')),))
    good = tape(connections=(connection(exchange("/rates?day=1", b'{"usd": 1}')),))
    (read,) = list_reads(bad, good)
    assert read == ReadData(name="GET api.example/rates", text='{"eur": 1}', before='{"usd": 1}')


@pytest.mark.parametrize(
    ("then", "now", "before"),
    [
        (("/p?page=1", "/p?page=2"), ("/p?page=1", "/p?page=2"), ("0", "1")),
        (("/p?page=1", "/p?page=2"), ("/p?page=2",), ("1",)),
        (("/p?cursor=a", "/p?cursor=b"), ("/p?cursor=c", "/p?cursor=d"), ("0", "1")),
        (("/p", "/p", "/p"), ("/p", "/p"), ("0", "1")),
        (("/p",), ("/p", "/p"), ("0", "0")),
        (("/item/1", "/item/2"), ("/item/3", "/item/4"), ("0", "1")),
        (("/other",), ("/p",), ("",)),
    ],
)
def test_of_several_answers_at_one_address_each_stands_beside_the_one_in_its_place(
    then: tuple[str, ...], now: tuple[str, ...], before: tuple[str, ...]
) -> None:
    good = tape(
        connections=[connection(exchange(each, str(n).encode())) for n, each in enumerate(then)]
    )
    bad = tape(connections=[connection(exchange(each, b"new")) for each in now])
    assert tuple(read.before for read in list_reads(bad, good)) == before


LINK = (("Link", '<http://api.example/p?page=2>; rel="next"'),)
ROWS, PAGED = b'{"rows": [1, 2]}', b'{"rows": [1, 2], "has_more": true}'


def answers(*pairs: tuple[str, bytes], links: bool = False) -> Tape:
    """A night that asked for these, and was answered so; with `links`, each by a next page."""
    headers = LINK if links else ()
    exchanges = [exchange(target, data, answer_headers=headers) for target, data in pairs]
    return tape(connections=[connection(each) for each in exchanges])


def test_an_answer_that_came_in_pages_since_says_so() -> None:
    (read,) = list_reads(answers(("/p", ROWS), links=True), answers(("/p", ROWS)))
    assert (read.next_page, read.has_new_pages) == ("http://api.example/p?page=2", True)
    (read,) = list_reads(answers(("/p", PAGED)), answers(("/p", ROWS)))
    assert (read.next_page, read.has_new_pages) == ("", True)
    reads = list_reads(
        answers(("/p?day=1", PAGED)), answers(("/p?day=1", ROWS), ("/p?day=2", ROWS))
    )
    assert [read.has_new_pages for read in reads] == [True]


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        (answers(("/p", PAGED)), None),
        (answers(("/p", PAGED)), answers(("/p", PAGED))),
        (answers(("/p", PAGED)), answers(("/other", ROWS))),
        (answers(("/p", PAGED), ("/p?cursor=a", ROWS)), answers(("/p", ROWS))),
        (answers(("/p", ROWS), ("/p?page=2", ROWS), links=True), answers(("/p", ROWS))),
    ],
)
def test_not_where_it_always_did_or_the_job_went_on(bad: Tape, good: Tape | None) -> None:
    assert not any(read.has_new_pages for read in list_reads(bad, good))


@pytest.mark.parametrize("files", [{"a.png": b"\x89PNG\xff"}, {"job.py": "x"}, {"empty.csv": " "}])
def test_code_and_what_is_no_text_is_no_data(files: dict[str, str | bytes]) -> None:
    assert list_reads(night(**files)) == ()


def test_long_texts_are_cut_at_a_line_and_there_are_not_too_many() -> None:
    line = "x" * 99 + "\n"
    (read,) = list_reads(night(**{"in.txt": line * (MOST_CHARACTERS // 50)}))
    assert len(read.text) <= MOST_CHARACTERS
    assert set(read.text.split("\n")) == {line.strip()}
    many = night(**{f"{'a' * n}.txt": "x" for n in range(1, MOST_READS + 9)})
    assert len(list_reads(many)) == MOST_READS
