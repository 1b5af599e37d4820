"""Similar incidents are found again: the same failure first, then the nearest."""

import sqlite3
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.failure import Failure, Frame, Raised
from healer.memory.store import Lesson, Memory, cosine, words_of


def failure(kind: str, message: str, source: str = "x", fingerprint: str = "f0") -> Failure:
    frame = Frame(file="scripts/a.py", line=3, function="load", source=source, own=True)
    chain = (Raised(type=kind, message=message, frames=(frame,)),)
    return Failure(
        id="i", script="scripts/a.py", source="run", chain=chain, fingerprint=fingerprint
    )


def lesson(repair: str, text: str, **more: object) -> Lesson:
    values = {
        "script": "scripts/a.py", "fingerprint": f"f-{repair}", "failure": text,
        "diff": f"diff of {repair}", "outcome": "worked", "at": float(len(repair)),
    }  # fmt: skip
    return Lesson.model_validate({"repair": repair, **values, **more})


def test_the_nearest_by_words_come_first_and_the_same_failure_before_all() -> None:
    memory = Memory(None)
    memory.learn(lesson("far", "TypeError: unsupported operand\nscripts/b.py in total: a + b"))
    memory.learn(lesson("near", "KeyError: 'unit_price'\nscripts/a.py in load: row['unit_price']"))
    memory.learn(lesson("same", "nothing alike", fingerprint="f0"))
    found = memory.find_similar(failure("KeyError", "'unit_price'", "row['unit_price']"), 3)
    assert [each.repair for each in found] == ["same", "near", "far"]
    assert memory.find_similar(failure("OSError", "disk"), 1)[0].repair == "same"


def test_a_vector_finds_what_no_word_does() -> None:
    memory = Memory(None)
    memory.learn(lesson("other", "alpha beta"), (1.0, 0.0))
    memory.learn(lesson("alike", "gamma delta"), (0.0, 1.0))
    memory.learn(lesson("of another model", "epsilon"), (0.0, 1.0, 0.0))
    found = memory.find_similar(failure("Zeta", "eta", "theta", "fx"), 1, (0.1, 0.9))
    assert [each.repair for each in found] == ["alike"]


def test_a_lesson_learnt_again_takes_the_place_of_the_first(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "memory.sqlite")
    memory.learn(lesson("r1", "KeyError: 'a'", fingerprint="f0", draft="{}"))
    assert len(memory.find_fixes("f0")) == 1
    memory.learn(lesson("r1", "KeyError: 'a'", fingerprint="f0", outcome="reverted", at=9.0))
    assert memory.find_fixes("f0") == ()
    assert [each.outcome for each in memory.find_similar(failure("KeyError", "'a'"), 5)] == [
        "reverted"
    ]
    assert memory.read_latest_end() == 9.0
    memory.close()
    again = Memory(tmp_path / "memory.sqlite")
    assert again.read_latest_end() == 9.0
    again.close()


def test_several_threads_learn_and_ask_at_the_same_time(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "memory.sqlite")

    def learn(name: str) -> None:
        for number in range(20):
            memory.learn(lesson(f"{name}{number}", f"KeyError: '{name}{number}'"))
            memory.find_similar(failure("KeyError", f"'{name}{number}'"), 3)

    threads = [threading.Thread(target=learn, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(memory.find_similar(failure("KeyError", "'a1' 'b2'"), 100)) > 1
    memory.close()


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_can_be_learnt_and_asked_for(learnt: str, asked: str) -> None:
    memory = Memory(None)
    memory.learn(lesson("r", learnt.encode("utf-8", "replace").decode()))
    memory.find_similar(failure(asked.encode("utf-8", "replace").decode(), asked), 3)
    memory.close()


def test_vectors_of_different_lengths_have_nothing_in_common() -> None:
    assert cosine((1.0, 0.0), (1.0,)) == 0.0
    assert cosine((0.0, 0.0), (1.0, 0.0)) == 0.0
    assert cosine((1.0, 1.0), (2.0, 2.0)) > 0.999


def test_the_file_is_closed_at_the_end_of_the_block_also_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError), Memory(tmp_path / "memory.sqlite") as memory:
        memory.learn(lesson("r1", "KeyError"))
        raise KeyError
    with pytest.raises(sqlite3.ProgrammingError):
        memory.read_latest_end()
    with Memory(tmp_path / "memory.sqlite") as again:
        assert again.read_latest_end() == 2.0


@pytest.mark.parametrize(
    ("outcome", "count"), [("worked", 1), ("failed", 0), ("rejected", 0), ("reverted", 0)]
)
def test_only_what_worked_is_a_fix(outcome: str, count: int) -> None:
    with Memory(None) as memory:
        memory.learn(lesson("r1", "KeyError", fingerprint="f0", outcome=outcome))
        assert len(memory.find_fixes("f0")) == count
        assert memory.find_fixes("f1") == ()


def test_the_newest_fix_comes_first() -> None:
    with Memory(None) as memory:
        for number in (2.0, 3.0, 1.0):
            memory.learn(lesson(f"r{number}", "KeyError", fingerprint="f0", at=number))
        assert [each.at for each in memory.find_fixes("f0")] == [3.0, 2.0, 1.0]


def test_what_has_no_fix_to_show_is_not_shown() -> None:
    with Memory(None) as memory:
        memory.learn(lesson("r1", "KeyError: 'total'", diff="", fingerprint="f0"), (1.0, 0.0))
        assert memory.find_similar(failure("KeyError", "'total'"), 5, (1.0, 0.0)) == ()


@pytest.mark.parametrize("message", ["", "'", '"', "* OR NEAR(", "a AND b", "-x", "x:y", "\x00"])
def test_the_words_of_a_question_are_words_and_no_query(message: str) -> None:
    with Memory(None) as memory:
        memory.learn(lesson("r1", "OSError: unlike"))
        memory.find_similar(failure("KeyError", message, message), 5)


def test_a_failure_without_an_exception_is_found_by_its_last_lines() -> None:
    silent = Failure(id="i", script="a.py", source="run", stderr_tail="one\ntwo\nthree\nfour\n")
    assert words_of(silent) == "two\nthree\nfour"
    printed = silent.model_copy(update={"stderr_tail": "", "stdout_tail": "only\n"})
    assert words_of(printed) == "only"
    assert words_of(silent.model_copy(update={"stderr_tail": ""})) == ""


def test_the_words_of_a_failure_are_its_exceptions_and_own_frames() -> None:
    own = Frame(file="scripts/a.py", line=3, function="load", source="x", own=True)
    theirs = own.model_copy(update={"own": False, "file": "lib.py"})
    raised = Raised(type="KeyError", message="'total'", frames=(theirs, own))
    words = words_of(Failure(id="i", script="a.py", source="run", chain=(raised,)))
    assert words == "KeyError: 'total'\nscripts/a.py in load: x"


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8))
def test_every_vector_is_nearest_to_itself(vector: list[float]) -> None:
    assert -1.000001 <= cosine(vector, vector[::-1]) <= 1.000001
    if any(abs(number) > 1e-3 for number in vector):
        assert cosine(vector, vector) > 0.999999
