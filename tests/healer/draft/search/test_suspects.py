"""Functions are as suspicious as what failing tests ran of them and others did not."""

from healer.draft.rules.source_file import SourceFile
from healer.draft.search.suspects import MOST_SUSPECTS, list_suspects
from healer.facts.suspect import Suspect
from sandbox import SpectrumTest

PROGRAM = """\
LIMIT = 3


@cache
def total(rows):
    def one(row):
        return row + 1
    return sum(map(one, rows))


class Report:
    kind = 1

    def show(self):
        return "x"
"""
CODES = {"job.py": SourceFile("job.py", PROGRAM)}


def run(node: str, outcome: str, *lines: int) -> SpectrumTest:
    return SpectrumTest.model_validate(
        {"node": node, "outcome": outcome, "lines": {"job.py": lines}}
    )


def test_a_function_weighs_as_much_as_its_heaviest_line_and_is_named_by_its_first() -> None:
    spectrum = [run("a", "failed", 1, 8, 7, 12, 15), run("b", "passed", 1, 8, 12)]
    assert list_suspects(spectrum, CODES) == (
        Suspect(path="job.py", line=6, weight=1.0),
        Suspect(path="job.py", line=14, weight=1.0),
        Suspect(path="job.py", line=4, weight=0.7071),
    )


def test_without_a_failing_test_or_a_file_nobody_is_suspected() -> None:
    assert list_suspects([run("a", "passed", 8)], CODES) == ()
    assert list_suspects([run("a", "failed", 8)], {}) == ()
    assert list_suspects([], CODES) == ()


def test_no_more_than_the_likeliest_are_named() -> None:
    text = "".join(f"def f{n}():\n    return {n}\n" for n in range(60))
    codes = {"job.py": SourceFile("job.py", text)}
    spectrum = [run("a", "failed", *range(2, 121, 2)), run("b", "passed", *range(2, 101, 2))]
    suspects = list_suspects(spectrum, codes)
    assert len(suspects) == MOST_SUSPECTS
    assert {each.line for each in suspects[:10]} == set(range(101, 121, 2))
