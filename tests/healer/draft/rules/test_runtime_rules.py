"""Rules for values, flow and files: each fires on its failure, and the mended script runs."""

import textwrap
from pathlib import Path

import pytest

from tests.healer.draft.rules.test_rules import best, drafts

FIRES = [
    ("text-plus-number", "n = 3\nprint('items: ' + n)", "str(n)"),
    ("text-plus-number", "n = 3\nprint(n + ' items')", "str(n)"),
    ("text-or-bytes", "x = b'a,b'.split(',')", "split(b',')"),
    ("text-or-bytes", "import hashlib\nname = 'a'\nh = hashlib.md5(name)", "name.encode()"),
    ("needless-decode", "x = 'a'.decode('utf-8')", "x = 'a'"),
    ("path-and-text", "a, b = 'x', 'y'\np = a / b", "Path(a) / b"),
    (
        "naive-and-aware",
        "from datetime import datetime, timezone\nt = datetime(2020, 1, 1, tzinfo=timezone.utc)\n"
        "age = datetime.now() - t",
        "datetime.now(timezone.utc) - t",
    ),
    ("decimal-and-float", "from decimal import Decimal\nx = Decimal('2') * 0.1", 'Decimal("0.1")'),
    (
        "not-serialisable",
        "import json, datetime\nx = json.dumps({'at': datetime.date(2020, 1, 1)})",
        "default=str",
    ),
    ("lazy-value", "d = {'a': 1}\nx = d.keys()[0]", "list(d.keys())[0]"),
    ("lazy-value", "x = map(str, [1])\nprint(len(x))", "x = list(map(str, [1]))"),
    ("unhashable-key", "seen = {}\nkey = [1, 2]\nseen[key] = 1", "seen[tuple(key)]"),
    ("whole-number", "n = 4\nfor i in range(n / 2):\n    pass", "range(n // 2)"),
    ("print-to-stream", "import sys\nprint >>sys.stderr, 'x'", "print('x', file=sys.stderr)"),
    ("changed-while-walked", "d = {1: 2}\nfor k in d:\n    del d[k]", "in list(d):"),
    ("forgotten-range", "for i in 3:\n    pass", "range(3)"),
    ("pairs-of", "d = {'abc': 1}\nfor k, v in d:\n    pass", "d.items()"),
    ("values-of", "d = {'a': {'x': 1}}\nfor r in d:\n    r['x']", "d.values()"),
    ("past-the-end", "x = [1]\nfor i in range(len(x) + 1):\n    x[i]", "range(len(x)):"),
    ("past-the-end", "x = [1]\ni = 0\nwhile i <= len(x):\n    x[i]\n    i += 1", "i < len(x)"),
    ("past-the-end", "x = [1, 2]\nfor i in range(len(x)):\n    x[i + 1]", "len(x) - 1"),
    ("in-place-result", "x = [2, 1]\ny = x.sort()\ny[0]", "y = sorted(x)"),
    (
        "missing-return",
        "def total(rows):\n    s = 0\n    for r in rows:\n        s += r\nprint(total([1]) + 1)",
        "    return s",
    ),
    (
        "missing-super",
        "class A:\n    def __init__(self):\n        self.n = 1\nclass B(A):\n"
        "    def __init__(self):\n        self.m = 2\nB().n",
        "super().__init__()",
    ),
    (
        "missing-await",
        "import asyncio\nasync def one():\n    return 1\nasync def two():\n    x = one()\n"
        "    return x + 1\nasyncio.run(two())",
        "x = await one()",
    ),
    ("instance-needed", "class A:\n    def f(self):\n        return 1\nA.f()", "A().f()"),
    ("shadowed-built-in", "list = [1]\nx = list((1, 2))", "list_ = [1]"),
    ("forgotten-call", "def n():\n    return 1\nx = n + 1", "n() + 1"),
    ("wrong-brackets", "x = [1]\ny = x(0)", "x[0]"),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("rule", "broken", "expected"), FIRES)
def test_the_rule_mends_what_it_is_for(rule: str, broken: str, expected: str) -> None:
    fired, content = best(broken + "\n")
    assert fired == rule
    assert expected in content
    exec(compile(content, "job.py", "exec"), {"__name__": "__main__"})


SILENT = [
    "a, b = '1', 2\nprint(a + b)",  # a number or a text? nothing shows it
    "x = None\nx['a']",
    "x = None\nx.total",
    "def f(x):\n    print(x)\ny = f(1)\ny + 1",  # it never made a value to return
    "import json\njson.dumps({'f': object()})",
    "x = max([])",
    "x = 1 / 0",
    "x = {}\nx[{}] = 1",
    "d = [(1, 2, 3)]\nfor a, b in zip(d):\n    pass",
    "class A:\n    def __init__(self):\n        self.m = 1\nA().n",
    "from datetime import datetime\ndatetime.strptime('2020-13-01', '%Y-%m-%d')",
    "float('1,234')",
    "x = [1]\nx[3]",
    "x = b'\\xff'.decode()",
]


@pytest.mark.parametrize("source", SILENT)
def test_no_draft_where_the_intent_is_unclear(source: str) -> None:
    assert drafts(source + "\n").candidates == ()


def test_a_use_after_the_with_block_moves_into_it(tmp_path: Path) -> None:
    data = tmp_path / "data.txt"
    data.write_text("a\n")
    source = f"with open({str(data)!r}) as f:\n    pass\nx = f.read()\n"
    fired, content = best(source)
    assert fired == "closed-too-early"
    assert "    x = f.read()" in content


def test_a_byte_order_mark_is_taken_off(tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_bytes(b"\xef\xbb\xbfname,n\nx,1\n")
    source = f"""
        import csv
        with open({str(data)!r}, encoding="utf-8") as f:
            for row in csv.DictReader(f):
                print(row["name"])
        """
    fired, content = best(textwrap.dedent(source).lstrip())
    assert fired == "byte-order-mark"
    assert 'encoding="utf-8-sig"' in content


def test_a_csv_is_written_in_text_mode(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    source = (
        f"import csv\nwith open({str(target)!r}, 'wb') as f:\n    csv.writer(f).writerow(['a'])\n"
    )
    fired, content = best(source)
    assert fired == "text-mode"
    assert 'newline=""' in content
