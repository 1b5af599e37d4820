"""The parts of code that may be shown, and which of them comes first."""

import pytest

from healer.draft.llm.prompts.code import Module
from healer.draft.llm.prompts.failing_tests import list_starts
from healer.draft.llm.prompts.passages import (
    LEAST_TELLING,
    Passage,
    choose_lines,
    is_named_like,
    list_passages,
    rank_passages,
)
from healer.facts.suspect import Suspect
from sandbox import FailingTests

RATES = """\
import json

# Of the night.
LIMIT = 3


class Rates:
    kind = "daily"

    @property
    def euro(self):
        def inner():
            return 1

        return inner()


def load(path):
    return json.load(path)


class Unrelated:
    flag = 0
"""
MODULE = Module("shop/rates.py", RATES)


def list_of(*ran: int, tests: tuple[str, ...] = ()) -> dict[str, Passage]:
    """By name; of a statement its first line."""
    traces = [FailingTests(nodes=("t",), executed={MODULE.path: ran})] if ran else []
    passages = list_passages([MODULE], traces, tests, frozenset())
    return {
        each.symbol.name if each.symbol else MODULE.lines[min(each.lines) - 1]: each
        for each in passages
    }


def order(question: str, *ran: int, tests: tuple[str, ...] = ()) -> list[str]:
    passages = {passage: name for name, passage in list_of(*ran, tests=tests).items()}
    return [passages[passage] for passage, _ in rank_passages([*passages], question)]


def test_functions_heads_of_classes_and_statements_are_passages_but_no_inner_functions() -> None:
    passages = list_of(10)
    assert list(passages) == ["Rates", "Rates.euro", "load", "Unrelated", "# Of the night."]
    assert passages["# Of the night."].lines == {3, 4}
    assert passages["Rates"].lines == {7, 8}
    assert passages["Rates.euro"].lines >= set(range(10, 16))
    assert [name for name, each in passages.items() if each.is_function] == ["Rates.euro", "load"]


def test_a_function_ran_where_any_test_executes_its_first_line() -> None:
    assert [name for name, each in list_of(10).items() if each.has_run] == ["Rates.euro"]
    assert not any(each.has_run for each in list_of().values())


def test_the_words_of_the_failure_and_what_ran_come_first() -> None:
    assert order("the euro is wrong", 10)[0] == "Rates.euro"
    assert order("a flag of unrelated")[0] == "Unrelated"
    assert order("nothing in common", 18)[0] == "load"


def test_what_the_test_names_and_has_not_come_to_counts_more() -> None:
    def list_names(names: set[str], ran: tuple[int, ...] = ()) -> list[str]:
        traces = [FailingTests(nodes=("t",), executed={MODULE.path: ran})] if ran else []
        passages = list_passages([MODULE], traces, (), frozenset(), names)
        return [each.symbol.name for each in passages if each.symbol and each.is_named]

    assert list_names({"load", "Rates", "sum"}) == ["Rates", "load"]
    assert list_names({"euro"}) == ["Rates.euro"]
    assert list_names({"euro"}, (10,)) == [], "it ran"
    many = Module("shop/many.py", "def load(): pass\nclass A:\n    def load(self): pass\n" * 2)
    passages = list_passages([MODULE, many], (), (), frozenset(), {"load"})
    assert not any(each.is_named for each in passages), "many are called so"
    scores = {
        name: dict(rank_passages(list_passages([MODULE], (), (), frozenset(), names), "no word"))
        for name, names in (("named", {"load"}), ("plain", set[str]()))
    }
    of_load = {
        name: next(score for each, score in ranks.items() if each.symbol and "load" in each.text)
        for name, ranks in scores.items()
    }
    assert of_load["named"] > of_load["plain"]


def test_what_failing_tests_alone_ran_comes_before_what_all_tests_ran() -> None:
    suspects = [
        Suspect(path=MODULE.path, line=12, weight=0.4),  # the function within Rates.euro
        Suspect(path=MODULE.path, line=18, weight=0.1),
        Suspect(path="other.py", line=7, weight=0.2),
    ]
    traces = [FailingTests(nodes=("t",), executed={MODULE.path: (10, 18)})]

    def score(*measured: Suspect) -> dict[str, float]:
        passages = list_passages([MODULE], traces, [], frozenset(), suspects=measured)
        ranking = rank_passages(passages, "")
        return {each.symbol.name: number for each, number in ranking if each.symbol}

    passages = list_passages([MODULE], traces, [], frozenset(), suspects=suspects)
    suspicions = {each.symbol.name: each.suspicion for each in passages if each.symbol}
    assert suspicions == {"Rates": 0.0, "Rates.euro": 1.0, "load": 0.25, "Unrelated": 0.0}
    before, after = score(), score(*suspects)
    assert after["Rates.euro"] > before["Rates.euro"]
    assert after["load"] < before["load"]
    assert after["Rates"] == before["Rates"]


def test_a_file_that_is_named_like_the_failing_test_counts_more() -> None:
    rates, other = MODULE, Module("shop/other.py", RATES)
    passages = list_passages([other, rates], [], ["tests/test_rates.py"], frozenset())
    first, score = rank_passages(passages, "load the path")[0]
    assert first.module is rates
    assert score > LEAST_TELLING
    alike = rank_passages(list_passages([other], [], [], frozenset()), "no word of it")
    assert [each.symbol.name for each, score in alike if score >= LEAST_TELLING and each.symbol
            and each.is_function] == []  # fmt: skip


@pytest.mark.parametrize(
    ("path", "test", "is_like"),
    [
        ("shop/rates.py", "tests/test_rates.py", True),
        ("shop/_rates.py", "tests/rates_test.py", True),
        ("shop/rates/__init__.py", "test_rates.py", True),
        ("shop/rates.py", "tests/test_rates_more.py", False),
        ("shop/rate.py", "tests/test_rates.py", False),
    ],
)
def test_a_file_is_named_like_a_test(path: str, test: str, *, is_like: bool) -> None:
    assert is_named_like(path, [test]) is is_like


def choose(text: str, failure: str) -> list[str]:
    module = Module("a.py", text)
    (statement,) = module.statement_lines
    chosen = choose_lines(module, statement, list_starts(failure))
    return [module.lines[number - 1].strip() for number in sorted(chosen)]


def test_of_a_table_the_entry_of_a_word_is_shown_with_its_neighbours() -> None:
    names = ["ABORT", "BEGIN", "COMMIT", "DROP", "MATCH", "MAXVALUE", "NULL", "OPEN", *"PQRSTUV"]
    lines = "".join(f"    '{name}': tokens.Keyword,\n" for name in names)
    shown = choose(f"WORDS = {{\n{lines}}}\n", "token materialized is not a keyword")
    assert shown == ["WORDS = {", "'DROP': tokens.Keyword,", "'MATCH': tokens.Keyword,",
                     "'MAXVALUE': tokens.Keyword,", "}"]  # fmt: skip


def test_an_entry_of_several_lines_is_shown_whole() -> None:
    entries = "".join(f"    '{n}': Format(\n        0,\n        1,\n    ),\n" for n in "abcdef")
    last = "    'github': Format(\n        2,\n        3,\n    ),\n"
    shown = choose(f"ALL = {{\n{entries}{last}}}\n", "github")
    assert shown[1:] == ["),", "'github': Format(", "2,", "3,", "),", "}"]


def test_a_short_statement_is_shown_whole() -> None:
    assert choose("A = [\n    1,\n    2,\n]\n", "") == ["A = [", "1,", "2,", "]"]


def test_a_statement_or_class_of_an_imported_file_is_reached_by_what_ran_alone() -> None:
    job = Module("job.py", "def run(rows):\n    return rows[: LIMIT] + Rates(rows)\n")
    traces = [FailingTests(nodes=("t",), executed={"job.py": (1,)})]

    def reached(*, near: tuple[str, ...] = (), tests: tuple[str, ...] = ()) -> list[str]:
        passages = list_passages([job, MODULE], traces, tests, frozenset(), near=near)
        return [
            each.symbol.name if each.symbol else "LIMIT"
            for each in passages
            if each.is_reached and not each.is_function
        ]

    assert reached() == ["Rates", "LIMIT"]
    assert reached(near=("shop/rates.py",)) == ["Rates", "Unrelated", "LIMIT"]
    assert reached(tests=("test_rates.py",)) == ["Rates", "Unrelated", "LIMIT"]
    untraced = list_passages([MODULE], [], (), frozenset())
    assert all(each.is_reached for each in untraced)
