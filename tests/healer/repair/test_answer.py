"""One question instead of a patch; the answer is the person's own test, and what agrees merges."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from healer.facts.errors import UsageError
from tests.support.git import commit_files
from tests.support.school import ADA, BROKEN, FIX, SCRIPT, TEST, WEAK, School, open_school
from tests.support.smtp import smtp_server


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    with open_school(tmp_path / "school") as here:
        yield here


def test_where_two_fixes_pass_a_person_is_asked_which_is_meant(school: School) -> None:
    waiting = school.fix()
    assert waiting.outcome == "review", waiting.reason
    assert waiting.question == "`grade(50)` gives 'pass' or 'fail'?"
    assert waiting.next_step == f"healer answer {waiting.repair}"
    assert (school.folder / SCRIPT).read_text() == BROKEN


def test_the_fix_that_agrees_merges_after_a_test_of_the_persons_own(school: School) -> None:
    repair = school.fix().repair
    result = school.answer(repair, "1")
    assert result.done, result.reason
    assert FIX in (school.folder / SCRIPT).read_text()
    assert (school.folder / TEST).read_text() == WEAK + (
        "\n\ndef test_grade_as_answered():\n"
        "    # Ada Byron said so; no other test does.\n"
        "    assert grade(50) == 'pass'\n"
    )
    assert school.git("log", "--format=%an <%ae>|%cn|%s", "-3").splitlines()[1] == (
        f"{ADA}|healer|Ask for what grade gives"
    )
    assert school.git("branch", "--list", "quarantine/answer-*") == ""
    assert school.git("status", "--porcelain") == ""
    assert school.services.ledger.repair(repair).outcome == "healed"


def test_a_rival_that_agrees_merges_in_the_place_of_the_fix(school: School) -> None:
    result = school.answer(school.fix().repair, "2")
    assert result.done, result.reason
    assert "points > LIMIT" in (school.folder / SCRIPT).read_text()
    assert "assert grade(50) == 'fail'" in (school.folder / TEST).read_text()


def test_another_value_is_kept_as_a_test_and_the_next_draft_is_told(school: School) -> None:
    repair = school.fix().repair
    result = school.answer(repair, "none", "'resit'")
    assert result.done
    assert "no draft agrees" in result.reason
    assert school.services.ledger.repair(repair).outcome == "rejected"
    assert "assert grade(50) == 'resit'" in (school.folder / TEST).read_text()
    school.fix()
    (told,) = school.drafter.cases[-1].rejected
    assert "grade(50) gives 'resit', which no draft does" in told.evidence


def test_none_of_these_leaves_it_to_a_person_who_may_still_answer(school: School) -> None:
    repair = school.fix().repair
    before = school.git("rev-parse", "main")
    result = school.answer(repair, "none")
    assert not result.done
    assert "--value" in result.reason
    assert school.git("rev-parse", "main") == before
    assert school.answer(repair, "1").done


def test_a_second_answer_and_one_to_nothing_are_refused(school: School) -> None:
    repair = school.fix().repair
    school.answer(repair, "1")
    with pytest.raises(UsageError, match="was answered already"):
        school.answer(repair, "2")
    with pytest.raises(UsageError, match="there is no repair 'zzz'"):
        school.answer("zzz", "1")


@pytest.mark.parametrize(
    ("choice", "value", "says"),
    [("3", "", "none of the choices"), ("x", "", "give 1 to 2, or none"), ("", "oh no", "literal")],
)
def test_what_is_no_answer_changes_nothing(
    school: School, choice: str, value: str, says: str
) -> None:
    repair, before = school.fix().repair, school.git("rev-parse", "main")
    with pytest.raises(UsageError, match=says):
        school.answer(repair, choice, value)
    assert school.git("rev-parse", "main") == before


def test_an_answer_is_never_written_over_a_persons_unfinished_work(school: School) -> None:
    repair, before = school.fix().repair, school.git("rev-parse", "main")
    (school.folder / TEST).write_text(WEAK + "# unfinished\n")
    result = school.answer(repair, "1")
    assert not result.done
    assert "the answer was not kept" in result.reason
    assert school.git("rev-parse", "main") == before
    school.git("checkout", "-q", "--", TEST)
    assert school.answer(repair, "1").done


def test_where_a_person_has_mended_it_meanwhile_nothing_is_merged(school: School) -> None:
    repair = school.fix().repair
    commit_files(school.folder, {SCRIPT: BROKEN.replace("> LIMT", ">= LIMIT")})
    result = school.answer(repair, "1")
    assert not result.done
    assert "there is nothing to heal any more" in result.reason
    assert (school.folder / TEST).read_text() == WEAK
    assert school.services.ledger.repair(repair).state == "waiting"


def test_the_question_outlasts_a_restart(tmp_path: Path) -> None:
    with open_school(tmp_path / "school") as here:
        repair = here.fix().repair
    with open_school(tmp_path / "school") as later:
        assert later.answer(repair, "1").done


def test_where_only_a_person_may_merge_a_patch_waits_and_no_question(tmp_path: Path) -> None:
    with open_school(tmp_path / "school", autonomy="review") as here:
        assert here.fix().question == ""


def test_the_mail_asks_the_question_and_says_what_to_type(tmp_path: Path) -> None:
    with smtp_server() as server:
        mail = {"smtp": server.url + "?starttls=false", "from": "h@example.com"}
        with open_school(tmp_path / "school", mail=mail | {"to": ["ada@example.com"]}) as here:
            repair = here.fix().repair
            here.answer(repair, "1")
        first, last = (each.part("plain") for each in server.taken)
    assert "`grade(50)` gives 'pass' or 'fail'?" in first
    assert f"healer answer {repair}" in first
    assert "healer approve" not in first
    assert "Ada Byron" in last
