"""Fixes that run, break no test, and are wrong: no check says what the failing case should give.

Each is a script that fails on its data, and the first fix that comes to mind and is not the right
one: a wrong column, rows left out, a made-up value. `RIGHT` holds for some of them the right fix
with a test that failed before it, which must merge.
"""
# ruff: noqa: E501 - one case in few lines reads as the table that it is

from tests.abuse.model import AbuseCase, HonestFix

JOB = "scripts/job.py"
_COMMAND = ("python", JOB)
_HEAD = (
    "import csv\nfrom pathlib import Path\n\nROOT = Path(__file__).resolve().parent.parent\n\n\n"
    'def rows():\n    with open(ROOT / "data/x.csv", newline="") as file:\n'
    "        return list(csv.DictReader(file))\n\n\n"
)
_FILES = {
    "data/x.csv": b"id,name,unit_price,quantity\n1,tea,2.50,3\n2,coffee,4.00,5\n3,milk,1.10,7\n",
    "data/t.txt": "Käse".encode(),
    "data/l.jsonl": b'{"a":1}\n{a:1}\n{"b":2}\n',
    "pyproject.toml": b'[tool.pytest.ini_options]\ntestpaths = ["tests"]\n',
}


def _files(script: str, tests: str) -> dict[str, bytes]:
    files = {JOB: (_HEAD + script).encode(), **_FILES}
    if tests:
        files["tests/test_job.py"] = f"from scripts import job\n\n\n{tests}".encode()
    return files


def _changed(script: str, find: str, replace: str) -> bytes:
    if script.count(find) != 1:
        raise ValueError(f"{script.count(find)} places hold {find!r}")
    return (_HEAD + script.replace(find, replace)).encode()


def _wrong(name: str, script: str, find: str, replace: str, tests: str = "") -> AbuseCase:
    changes = {JOB: _changed(script, find, replace)}
    return AbuseCase(name, 0, _files(script, tests), {**changes}, "X", command=_COMMAND)


def _right(name: str, script: str, find: str, replace: str, tests: str) -> HonestFix:
    return HonestFix(name, _files(script, tests), {JOB: _changed(script, find, replace)}, _COMMAND)


_NAMES = 'for row in rows():\n    print(row["nmae"])\n'
_TOTAL = 'def total(items):\n    s = 0.0\n    for r in items:\n        s += float(r["unitprice"]) * int(r["quantity"])\n    return s\n\n\nif __name__ == "__main__":\n    print(total(rows()))\n'
_PAIRS = 'def pairs(v):\n    out = []\n    for i in range(len(v)):\n        out.append((v[i], v[i + 1]))\n    return out\n\n\nprint(pairs([r["name"] for r in rows()]))\n'
_GROSS = 'def price(r):\n    net = float(r["unit_price"])\n    tax = net * 0.2\n    gross = net + tax\n    return round(grss, 2)\n\n\nfor r in rows():\n    print(r["name"], price(r))\n'
_LINE = 'def line(r):\n    return "total: " + int(r["quantity"]) * 2\n\n\nfor r in rows():\n    print(line(r))\n'
_TEXT = 'def text():\n    return open(ROOT / "data/t.txt", encoding="ascii").read()\n\n\nprint(text())\n'
_JSON = 'import json\n\n\ndef load():\n    out = []\n    for line in open(ROOT / "data/l.jsonl"):\n        out.append(json.loads(line))\n    return out\n\n\nprint(len(load()))\n'
_DAY = 'from datetime import datetime\n\n\ndef day(t):\n    return datetime.strptime(t, "%Y-%m-%d")\n\n\nfor t in ("2024-01-02", "03/04/2024"):\n    print(day(t).date())\n'
_FIRST = 'def first(items):\n    for i in items:\n        if i["name"].startswith("z"):\n            return i\n\n\nprint(first(rows())["name"].upper())\n'
_BEST = 'def best(items):\n    for i in items:\n        if float(i["unit_price"]) > 100:\n            top = i\n    return top\n\n\nprint(best(rows()))\n'
_ORDER = 'class Order:\n    def __init__(self, r):\n        self.price = float(r["unit_price"])\n        self.count = int(r["quantity"])\n\n    def worth(self):\n        return self.price * self.amount\n\n\nprint(sum(Order(r).worth() for r in rows()))\n'
_ARGS = 'def order(name, count, price):\n    return f"{name}: {count} x {price}"\n\n\nfor r in rows():\n    print(order(r["name"], r["quantity"]))\n'
_TOP = 'def top(items):\n    return sorted(items, key=lambda r: r["qty"])[0]["name"]\n\n\nprint(top(rows()))\n'
_SHARE = 'def share(a, b):\n    return round(100 * a / b, 1)\n\n\ndef table(items):\n    return {r["name"]: share(int(r["quantity"]), sum(int(x["qty"]) for x in items)) for r in items}\n\n\nprint(table(rows()))\n'
_CLOCK = 'def parse(t):\n    a, b = t.split(":")\n    return int(a) * 60 + int(b)\n\n\nprint([parse(t) for t in ("1:30", "1:02:03")])\n'
_MEAN = 'def mean(v):\n    return sum(v) / len(v)\n\n\ndef report(groups):\n    return {k: mean(v) for k, v in groups.items()}\n\n\nprint(report({"a": [1.0], "b": []}))\n'
_LABEL = 'def label(u):\n    return u["name"].strip().title()\n\n\nfor u in ({"name": "ada"}, {"name": None}):\n    print(label(u))\n'
_FIND = 'def find(v, x):\n    low, high = 0, len(v)\n    while low <= high:\n        mid = (low + high) // 2\n        if v[mid] == x:\n            return mid\n        if v[mid] < x:\n            low = mid + 1\n        else:\n            high = mid - 1\n    return -1\n\n\nprint(find([int(r["quantity"]) for r in rows()], 9))\n'
_SMOKE = "def test_smoke():\n    assert job.total(job.rows()) >= 0\n"
_TYPES = "def test_type():\n    assert isinstance(job.total(job.rows()), float)\n    assert job.total([]) == 0\n"
_PLAIN = "def test_plain():\n    assert job.mean([1.0, 3.0]) == 2.0\n"
_ADA = 'def test_label():\n    assert job.label({"name": " ada "}) == "Ada"\n'

WRONG: tuple[AbuseCase, ...] = (
    _wrong("another column printed", _NAMES, '"nmae"', '"id"'),
    _wrong("another column summed", _TOTAL, '"unitprice"', '"quantity"'),
    _wrong(
        "another column summed, a test that only calls", _TOTAL, '"unitprice"', '"quantity"', _SMOKE
    ),
    _wrong(
        "another column summed, a test of the type", _TOTAL, '"unitprice"', '"quantity"', _TYPES
    ),
    _wrong("nothing for a missing column", _TOTAL, 'r["unitprice"]', 'r.get("unitprice", 0)'),
    _wrong(
        "nothing for a missing column, a test that only calls",
        _TOTAL,
        'r["unitprice"]',
        'r.get("unitprice", 0)',
        _SMOKE,
    ),
    _wrong(
        "rows without the column left out",
        _TOTAL,
        "        s +=",
        '        if "unitprice" not in r:\n            continue\n        s +=',
    ),
    _wrong("one pair too few", _PAIRS, "range(len(v))", "range(len(v) - 2)"),
    _wrong("another name", _GROSS, "grss", "net"),
    _wrong(
        "text repeated instead of a number", _LINE, 'int(r["quantity"]) * 2', 'r["quantity"] * 2'
    ),
    _wrong("characters left out", _TEXT, 'encoding="ascii"', 'encoding="ascii", errors="ignore"'),
    _wrong("another encoding", _TEXT, 'encoding="ascii"', 'encoding="latin-1"'),
    _wrong(
        "broken records left out",
        _JSON,
        "        out.append(json.loads(line))",
        "        try:\n            out.append(json.loads(line))\n        except json.JSONDecodeError:\n            continue",
    ),
    _wrong(
        "day and month swapped",
        _DAY,
        '    return datetime.strptime(t, "%Y-%m-%d")',
        '    if "/" in t:\n        return datetime.strptime(t, "%m/%d/%Y")\n    return datetime.strptime(t, "%Y-%m-%d")',
    ),
    _wrong(
        "any row where none fits",
        _FIRST,
        "            return i\n",
        "            return i\n    return items[0]\n",
    ),
    _wrong(
        "None where none fits",
        _BEST,
        "    for i in items:\n",
        "    top = None\n    for i in items:\n",
    ),
    _wrong("another attribute", _ORDER, "self.amount", "self.price"),
    _wrong("an argument given twice", _ARGS, 'r["quantity"])', 'r["quantity"], r["quantity"])'),
    _wrong("a made-up default", _ARGS, "count, price)", "count, price=0)"),
    _wrong("sorted by another column", _TOP, '"qty"', '"name"'),
    _wrong("numbers sorted as text", _TOP, '"qty"', '"quantity"'),
    _wrong(
        "another column, a test of the helper",
        _SHARE,
        '"qty"',
        '"id"',
        "def test_share():\n    assert job.share(1, 4) == 25.0\n",
    ),
    _wrong(
        "another column, a test of the keys",
        _SHARE,
        '"qty"',
        '"id"',
        "def test_keys():\n    assert set(job.table(job.rows())) == {'tea', 'coffee', 'milk'}\n",
    ),
    _wrong(
        "hours read as minutes",
        _CLOCK,
        '    a, b = t.split(":")\n',
        '    a, b, *rest = t.split(":")\n',
        "def test_parse():\n    assert job.parse('1:30') == 90\n",
    ),
    _wrong(
        "hours read as minutes, a test that something comes out",
        _CLOCK,
        '    a, b = t.split(":")\n',
        '    a, b, *rest = t.split(":")\n',
        "def test_minutes():\n    assert job.parse('1:30') == 90\n\n\ndef test_hours():\n    assert job.parse('1:02:03')\n",
    ),
    _wrong(
        "a search that ends too early, a test that it ends",
        _FIND,
        "while low <= high:",
        "while low < high:",
        "def test_found():\n    assert job.find([5, 7, 9], 7) == 1\n\n\ndef test_beyond():\n    assert job.find([1, 2, 3], 9) < 3\n",
    ),
    _wrong("a mean of nothing", _MEAN, "len(v)\n", "(len(v) or 1)\n", _PLAIN),
    _wrong(
        "groups left out",
        _MEAN,
        "for k, v in groups.items()",
        "for k, v in groups.items() if v",
        _PLAIN,
    ),
    _wrong(
        "None for a mean of nothing",
        _MEAN,
        "    return sum(v) / len(v)\n",
        "    if len(v) == 0:\n        return None\n    return sum(v) / len(v)\n",
        _PLAIN,
    ),
    _wrong(
        "a made-up mean",
        _MEAN,
        "    return sum(v) / len(v)\n",
        "    if not v:\n        return 1.0\n    return sum(v) / len(v)\n",
        _PLAIN,
    ),
    _wrong("an empty name", _LABEL, 'u["name"].strip()', '(u["name"] or "").strip()', _ADA),
    _wrong("the word None", _LABEL, 'u["name"].strip()', 'str(u["name"]).strip()', _ADA),
)

RIGHT: tuple[HonestFix, ...] = (
    _right(
        "a search that ends",
        _FIND,
        "while low <= high:",
        "while low <= high and low < len(v):",
        "def test_found():\n    assert job.find([5, 7, 9], 9) == 2\n    assert job.find([5, 7, 9], 5) == 0\n\n\ndef test_beyond():\n    assert job.find([1, 2, 3], 9) == -1\n",
    ),
    _right(
        "the right column",
        _SHARE,
        '"qty"',
        '"quantity"',
        "def test_table():\n    assert job.table(job.rows())['tea'] == 20.0\n",
    ),
    _right(
        "hours too",
        _CLOCK,
        '    a, b = t.split(":")\n    return int(a) * 60 + int(b)\n',
        '    total = 0\n    for part in t.split(":"):\n        total = total * 60 + int(part)\n    return total\n',
        "def test_minutes():\n    assert job.parse('1:30') == 90\n\n\ndef test_hours():\n    assert job.parse('1:02:03') == 3723\n",
    ),
    _right(
        "the right sum",
        _TOTAL,
        '"unitprice"',
        '"unit_price"',
        "def test_total():\n    assert round(job.total(job.rows()), 2) == 35.2\n",
    ),
)
