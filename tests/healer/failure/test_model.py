"""Where a failure's fault is looked for first."""

import pytest
from pydantic import ValidationError

from healer.failure import Failure, parse_traceback
from tests.healer.failure.texts import CHAINED, ROOT


def test_the_culprit_of_a_group_is_where_its_first_member_failed() -> None:
    group = (
        "  + Exception Group Traceback (most recent call last):\n"
        '  |   File "a.py", line 9, in main\n  |     async with TaskGroup() as tasks:\n'
        "  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)\n"
        "  +-+---------------- 1 ----------------\n"
        "    | Traceback (most recent call last):\n"
        '    |   File "a.py", line 3, in work\n    |     return 1 / n\n'
        "    | ZeroDivisionError: division by zero\n"
        "    +------------------------------------\n"
    )
    failure = Failure(id="", script="a.py", source="run", chain=parse_traceback(group))
    assert failure.culprit and failure.culprit.source == "return 1 / n"
    plain = failure.model_copy(update={"chain": parse_traceback(CHAINED, ROOT)})
    assert plain.culprit and plain.culprit.line == 7


def test_without_a_traceback_there_is_no_exception_and_no_culprit() -> None:
    failure = Failure(id="", script="a.py", source="run", exit_code=3)
    assert (failure.exception, failure.culprit) == (None, None)


def test_the_exception_is_the_one_that_ended_the_program() -> None:
    failure = Failure(id="", script="", source="run", chain=parse_traceback(CHAINED, ROOT))
    assert failure.exception is not None
    assert failure.exception.type == "__main__.SyncFailed"


def test_where_nothing_is_the_users_own_there_is_no_culprit() -> None:
    failure = Failure(id="", script="", source="run", chain=parse_traceback(CHAINED, "/elsewhere"))
    assert failure.exception is not None
    assert failure.culprit is None


@pytest.mark.parametrize(
    "facts", [{"unknown": 1}, {"source": "nowhere"}, {"exit_code": "many"}, {"chain": [1]}]
)
def test_what_is_no_failure_is_refused(facts: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Failure.model_validate({"id": "", "script": "", "source": "run", **facts})


def test_a_failure_survives_a_checkpoint() -> None:
    failure = Failure(
        id="f1", script="a.py", source="run", chain=parse_traceback(CHAINED, ROOT), inputs={"a": ""}
    )
    assert Failure.model_validate_json(failure.model_dump_json()) == failure


def test_a_failure_cannot_be_changed() -> None:
    failure = Failure(id="", script="a.py", source="run")
    with pytest.raises(ValidationError, match="frozen"):
        failure.script = "b.py"  # type: ignore[misc]  # the rule that is tested
