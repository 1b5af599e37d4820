"""A broken expectation is seen again from what the sandbox saw, or it is not known."""

from pathlib import Path

import pytest

from healer.evidence.wrong_ends import escalate, find_break, find_wrong_end, is_wrong_end
from healer.facts.repair import Outcome, Request
from healer.failure import Failure, Raised, fingerprint
from healer.nights.expectations import BROKEN_EXPECTATION, Expectation
from healer.redact import Redactor
from healer.tape.store import keep_tape
from sandbox import ProcessEnd
from sandbox.world import ChangedFile, WorldEffects
from tests.support.memory_tree import MemoryTree
from tests.support.shop import SCRIPT, Shop, shop
from tests.support.tapes import tape

EXPECT = f'''[[job]]
script = "{SCRIPT}"
[[job.expect]]
file = "out/rates.csv"
not_null = ["rate"]
'''
BASE = MemoryTree({"healer.toml": EXPECT, SCRIPT: ""})
SAID = "`out/rates.csv`: column `rate` is empty in 1 of 2 rows"


def ended(text: str) -> ProcessEnd:
    data = text.encode()
    file = ChangedFile(path="out/rates.csv", size=len(data), digest="x", data=data)
    return ProcessEnd(exit_code=0, effects=WorldEffects(files=(file,)))


WELL, BADLY = ended("code,rate\nUSD,1\n"), ended("code,rate\nUSD,\nCHF,2\n")


def wanted(here: Shop, kind: str = BROKEN_EXPECTATION) -> Request:
    error = Raised(type=kind, message=SAID)
    made = Failure(id="f1", script=SCRIPT, source="run", exit_code=0, chain=(error,))
    failure = made.model_copy(update={"fingerprint": fingerprint(made)})
    keep_tape(here.state, "f1", tape())
    return Request(
        repair="r1", script=SCRIPT, base=here.tip, target="main", opened_at=1, attempts=1,
        budget_usd=0.0, failure=failure,
    )  # fmt: skip


def test_the_sandbox_shows_it_with_the_same_fingerprint(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        request = wanted(here)
        assert is_wrong_end(request.failure)
        again = find_wrong_end(request, BADLY, BASE, here.services)
        assert again is not None
        assert again.exception == Raised(type=BROKEN_EXPECTATION, message=SAID)
        assert request.failure is not None
        assert again.fingerprint == request.failure.fingerprint


@pytest.mark.parametrize("end", [WELL, None, ProcessEnd(exit_code=0)])
def test_what_is_as_expected_or_was_not_watched_shows_nothing(
    tmp_path: Path, end: ProcessEnd | None
) -> None:
    with shop(tmp_path / "shop") as here:
        assert find_wrong_end(wanted(here), end, BASE, here.services) is None


def test_other_failures_and_bases_that_expect_nothing_show_none(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        assert find_wrong_end(wanted(here, "KeyError"), BADLY, BASE, here.services) is None
        nothing = MemoryTree({SCRIPT: ""})
        assert find_wrong_end(wanted(here), BADLY, nothing, here.services) is None


def test_where_nobody_can_mend_it_a_person_is_told_what_is_otherwise() -> None:
    error = Raised(type=BROKEN_EXPECTATION, message=SAID)
    failure = Failure(id="f1", script=SCRIPT, source="run", chain=(error,))
    outcome = escalate(failure, Outcome(kind="gave_up", reason="no rule knows it"))
    assert outcome.kind == "escalated"
    assert SAID in outcome.reason
    assert "no rule knows it" in outcome.reason
    assert "[[job.expect]]" in outcome.next_step


def test_the_first_difference_is_said() -> None:
    expectation = Expectation("out/rates.csv", not_null=("rate",), rows="5..")
    said = find_break(BADLY, tape(), (expectation,), Redactor(()))
    assert said == "`out/rates.csv`: 2 rows, not 5.."
