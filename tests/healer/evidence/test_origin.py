"""What changed since the last good night is named: a commit with its author, else the data."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from healer.evidence.origin import explain_data, explain_origin
from healer.facts.draft import ReadData
from healer.services import Services
from healer.tape.facts import RecordedFile
from healer.tape.good_nights import keep_good_night
from healer.tape.recordings import Recordings
from healer.tape.store import keep_tape
from sandbox import Command
from tests.healer.evidence.reports import failure
from tests.support.bench import LINE, RIGHT, SCRIPT, SOURCE, Bench
from tests.support.git import git
from tests.support.tapes import tape

COMMAND = Command(argv=("python", SCRIPT))
BEFORE, NOW = b"name,price\ntea,3\n", b"name,unit_price\ntea,3\n"


@pytest.fixture
def history(tmp_path: Path) -> Bench:
    """A script that runs well, a note, the commit that breaks it, and two notes after it."""
    bench = Bench(tmp_path, files={SCRIPT: SOURCE.replace(LINE, RIGHT)})
    for number in (1, 2, 3, 4):
        bench.write(f"notes/{number}.txt", "x")
        if number == 2:
            bench.write(SCRIPT, SOURCE)
        bench.commit(f"Change {number}")
    return bench


def explain(
    bench: Bench,
    good: str,
    before: bytes = BEFORE,
    now: bytes = BEFORE,
    packages: tuple[str, ...] = (),
) -> str:
    for commit, data, is_good in ((good, before, True), ("main", now, False)):
        night = tape(
            script=SCRIPT,
            commit=commit,
            started_at=4e9,
            files=(RecordedFile("/srv/app/in.csv", data, 0),),
            packages=("pandas==2.2.3",) if is_good else packages,
        )
        if is_good:
            keep_good_night(bench.state, night)
        else:
            keep_tape(bench.state, "f1", night)
    with bench.opened() as services:
        known = replace(services, recordings=Recordings(bench.state))
        return explain_origin(failure(), "main", COMMAND, known)


def id_of(bench: Bench, name: str) -> str:
    return git(bench.folder, "rev-parse", name)


@pytest.fixture(name="unknown")
def services_without_nights(history: Bench) -> Iterator[Services]:
    with history.opened() as services:
        yield services


def test_the_first_bad_commit_is_named_with_its_author(history: Bench) -> None:
    sentence = explain(history, id_of(history, "main~4"))
    bad, author = id_of(history, "main~2"), git(history.folder, "log", "-1", "--format=%an")
    assert sentence.startswith(f"It began with commit {bad[:12]} of {author}, ")
    assert sentence.endswith(": Change 2.")
    assert len(history.box.jobs) == 3  # the good night's commit, and two of the four after it


def test_where_the_old_commit_fails_too_the_data_is_named(history: Bench) -> None:
    sentence = explain(history, id_of(history, "main~1"), now=NOW)
    assert sentence == "Since the last good night in.csv lacks `price`; new is `unit_price`."


@pytest.mark.parametrize(
    ("before", "text", "sentences"),
    [
        (
            '[{"price": 3}, {"price": 4}]',
            '[{"price": 3}, {"price": null}]',
            ["In x `price` is empty in 1 of 2; on the last good night never."],
        ),
        (
            "sku,n\na,3\nb,4\n",
            'sku,n\na,3\nb,"1,204"\n',
            ["In x `n` is `1,204`; on the last good night only numbers."],
        ),
        ("sku,n\na,\nb,4\n", "sku,n\na,3\nb,\n", []),
        ("sku,n\na,x\nb,y\n", "sku,n\na,x\nb,z\n", []),
        ("sku,n\na,3\nb,4\n", "sku,n\na,5\nb,6.5\n", []),
    ],
)
def test_what_never_stood_there_is_said(before: str, text: str, sentences: list[str]) -> None:
    assert list(explain_data([ReadData(name="x", text=text, before=before)])) == sentences


def test_packages_that_moved_are_named_before_the_data(history: Bench) -> None:
    words = explain(history, "main", BEFORE, NOW, packages=("pandas==3.0.0",))
    assert words.startswith("Since the last good night pandas went from 2.2.3 to 3.0.0. Since the ")


@pytest.mark.parametrize("good", ["main", "0" * 40])
def test_without_a_commit_since_then_nothing_is_run(history: Bench, good: str) -> None:
    commit = id_of(history, good) if good == "main" else good
    assert explain(history, commit) == ""
    assert history.box.jobs == []


def test_without_a_good_night_nothing_is_known_and_nothing_run(unknown: Services) -> None:
    assert explain_origin(failure(), "main", COMMAND, unknown) == ""


@pytest.mark.parametrize(
    ("before", "text", "sentences"),
    [
        ('{"a": {"b": 1}}', '{"a": {}, "c": 2}', ["lacks `a.b`; new is `c`"]),
        ("a,b,c,d,e,f\n1,2,3,4,5,6\n", "f,z\n1,2\n", ["`a`, `b`, `c`, `d` and 1 more"]),
        ("a,b\n1,2\n", "a,b\n3,4\n", []),
        ("a,b\n1,2\n", "broken", []),
        ("", "a,b\n1,2\n", []),
    ],
)
def test_what_data_lacks_is_said(before: str, text: str, sentences: list[str]) -> None:
    (found,) = [list(explain_data([ReadData(name="in", text=text, before=before)]))]
    assert len(found) == len(sentences)
    assert all(part in sentence for part, sentence in zip(sentences, found, strict=True))
