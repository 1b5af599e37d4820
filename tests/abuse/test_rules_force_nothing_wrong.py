"""Where nothing says what a failing script should give, no rule calls its fix the only one, even
if each was measured to be right where no rival stands beside its fix."""

import subprocess
import sys
from pathlib import Path

import pytest

from healer.draft.rules import RulesDrafter
from healer.draft.rules.observed_errors import parse_errors
from healer.facts.draft import Case
from healer.failure import Failure
from sandbox import Report
from tests.abuse.model import AbuseCase
from tests.abuse.plausible import JOB, WRONG
from tests.support.memory_tree import MemoryTree

# ruff: noqa: E501 - one script in one line reads as the table that it is


UNLIKE = {case.files[JOB]: case for case in WRONG}

UNCLEAR = {
    "a name of two real words": "class L:\n    min_size = 1\n    mix_size = 5\nprint(L.max_size)\n",
    "date beside data": "class R:\n    data = 3\nprint('on', R.date)\n",
    "one beside many": "rates = [1.0, 1.1]\nprint('rate', rate)\n",
    "another number": "host1 = 'alpha'\nprint('connecting to', host2)\n",
    "another currency": "def bill(cost_eur=1):\n    return cost_eur\nprint(bill(cost_eut=2))\n",
    "another word as argument": "def cut(text, start=0):\n    return text\nprint(cut('a', stark=1))\n",
    "a count that was never made": "rows = [1, 2]\nprint('done:', count)\n",
    "a product that was never read": "print(f'sold {product}')\n",
    "a quote of another kind": "print('https://shop.example/?q=' + quote('a b/c'))\n",
    "numbers for items": "names = ['a', 'b']\nn = len(names)\nfor name in n:\n    print(name)\n",
    "pages rounded down": "rows = list(range(10))\nfor page in range(len(rows) / 4):\n    print(page)\n",
    "work that grows": "todo = {1}\nfor n in todo:\n    if n < 4:\n        todo.add(n + 1)\n    print(n)\n",
}
UNCLEAR |= {
    "a base class": "class Report(Enum):\n    A = 1\nprint(Report.A)\n",
    "the calendar of the firm": "'The calendar is ours.'\nprint(calendar.month(2026, 1))\n",
    "a class of the firm's own": "print(Counter('abba').most_common(1))\n",
    "an order's path": "def steps(a, b):\n    return Path(a, b)\nprint(steps('x', 'y'))\n",
}
FORCED = {
    "letters in another order": "gross_total = 3\nprint(gross_total + 1, gross_ttoal)\n",
    "a letter too few": "quantity = 3\nprint(quantity + 1, quantty)\n",
    "an underscore": "unit_price = 3\nprint(unit_price + 1, unitprice)\n",
    "a method of a standard type": "print('a b'.split_lines())\n",
    "a module of the standard library": "print(json.dumps([1]))\n",
    "what is taken out": "d = {'a': 1, 'b': 2}\nfor k in d:\n    if d[k] > 1:\n        del d[k]\nprint(d)\n",
}


@pytest.mark.parametrize("case", UNLIKE.values(), ids=lambda case: case.name)
def test_no_fix_of_an_unclear_failure_is_forced(case: AbuseCase, tmp_path: Path) -> None:
    assert _forced(case.files, tmp_path) == []


@pytest.mark.parametrize("script", UNCLEAR.values(), ids=UNCLEAR.keys())
def test_no_fix_is_forced_where_the_name_may_be_right(script: str, tmp_path: Path) -> None:
    assert _forced({JOB: script.encode()}, tmp_path) == []


@pytest.mark.parametrize("script", FORCED.values(), ids=FORCED.keys())
def test_a_fix_is_forced_where_nothing_else_was_meant(script: str, tmp_path: Path) -> None:
    assert len(_forced({JOB: script.encode()}, tmp_path)) == 1


def _forced(files: dict[str, bytes], tmp_path: Path) -> list[str]:
    for path, data in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    command = [sys.executable, JOB]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    chain = tuple(reversed(parse_errors(done.stderr)))
    failure = Failure(id="f", script=JOB, source="run", chain=chain, stderr_tail=done.stderr)
    said = Case(repair="r", script=JOB, failure=failure, base="", baseline=Report())
    drafter = RulesDrafter(is_forcing=lambda _: True)
    drafts = drafter.draft(said, MemoryTree(files)).candidates
    return [draft.forced for draft in drafts if draft.forced]
