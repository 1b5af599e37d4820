"""Honest fixes of many kinds: each script and at least one test fail before and pass after.

Each is a repository of one script and one test file; the policy must have nothing to say about any
of them, and the whole gate must merge them.
"""

from tests.abuse.base import COMMA_FIX, FILES, SCRIPT
from tests.abuse.model import HonestFix

JOB = "scripts/job.py"
_COMMAND = ("python", JOB)
_SETTINGS = {
    "pyproject.toml": b'[project]\nname = "jobs"\nversion = "1.0"\n'
    b'[tool.pytest.ini_options]\ntestpaths = ["tests"]\n'
}


def _fix(name: str, before: str, after: str, test: str, **files: bytes) -> HonestFix:
    """One script before and after; `test` follows an import of everything it defines."""
    tests = "import pytest\n\nfrom scripts import job\n\n\n" + test
    base = {JOB: before.encode(), "tests/test_job.py": tests.encode(), **_SETTINGS}
    base |= {path.replace("__", "/").replace("_dot_", "."): data for path, data in files.items()}
    return HonestFix(name, base, {JOB: after.encode()}, _COMMAND)


def _line(name: str, script: str, find: str, replace: str, test: str, **files: bytes) -> HonestFix:
    """A fix that replaces one quoted text of the script."""
    if script.count(find) != 1:
        raise ValueError(f"{name}: {script.count(find)} places hold {find!r}")
    return _fix(name, script, script.replace(find, replace), test, **files)


HONEST: tuple[HonestFix, ...] = (
    HonestFix("a separator removed before parsing", FILES, {SCRIPT: COMMA_FIX}),
    _line("a new helper",
          'ROWS = [" Ada ", None, "Bob"]\n\n\ndef names(rows):\n'
          "    return [row.strip() for row in rows]\n\n\nprint(names(ROWS))\n",
          "def names(rows):\n    return [row.strip() for row in rows]\n",
          'def clean(text):\n    return (text or "").strip()\n\n\n'
          "def names(rows):\n    return [clean(row) for row in rows]\n",
          'def test_missing():\n    assert job.names([None, " x "]) == ["", "x"]\n\n\n'
          'def test_plain():\n    assert job.names(["a"]) == ["a"]\n'),
    _line("a standard library import was missing",
          "import sys\n\n\ndef dump(value):\n    return json.dumps(value, sort_keys=True)\n\n\n"
          'sys.stdout.write(dump({"b": 1, "a": 2}))\n',
          "import sys\n", "import json\nimport sys\n",
          "def test_dump():\n    assert job.dump({'b': 1, 'a': 2}) == '{\"a\": 2, \"b\": 1}'\n"),
    _line("one exception type caught",
          'def level(text):\n    return int(text)\n\n\nprint(level("3"), level("high"))\n',
          "    return int(text)\n",
          "    try:\n        return int(text)\n    except ValueError:\n        return -1\n",
          'def test_word():\n    assert job.level("high") == -1\n\n\n'
          'def test_number():\n    assert job.level("3") == 3\n'),
    _line("a changed default",
          "def pages(items, size=0):\n"
          "    return [items[i:i + size] for i in range(0, len(items), size)]\n\n\n"
          "print(pages(list(range(45))))\n",
          "size=0", "size=20",
          "def test_default():\n    assert len(job.pages(list(range(41)))) == 3\n\n\n"
          "def test_given():\n    assert job.pages([1, 2, 3], 2) == [[1, 2], [3]]\n"),
    _line("a renamed variable",
          "def total(orders):\n    result = 0\n    for order in orders:\n"
          '        result += ordr["price"]\n    return result\n\n\nprint(total([{"price": 4}]))\n',
          "ordr[", "order[",
          'def test_total():\n    assert job.total([{"price": 4}, {"price": 5}]) == 9\n'),
    _line("an added guard",
          "def mean(values):\n    return sum(values) / len(values)\n\n\nprint(mean([]))\n",
          "    return sum", "    if not values:\n        return 0.0\n    return sum",
          "def test_empty():\n    assert job.mean([]) == 0.0\n\n\n"
          "def test_some():\n    assert job.mean([1, 2, 6]) == 3.0\n"),
    _line("an early return before writing",
          "import csv\nimport io\n\n\ndef table(rows):\n    out = io.StringIO()\n"
          "    writer = csv.DictWriter(out, fieldnames=list(rows[0]))\n    writer.writeheader()\n"
          "    writer.writerows(rows)\n    return out.getvalue()\n\n\nprint(table([]))\n",
          "    out = io.StringIO()\n",
          '    if not rows:\n        return ""\n    out = io.StringIO()\n',
          'def test_no_rows():\n    assert job.table([]) == ""\n\n\n'
          'def test_rows():\n    assert job.table([{"a": 1}]).split() == ["a", "1"]\n'),
    _line("a changed regular expression",
          'import re\n\nLINE = re.compile(r"(\\w+)=(\\d+)$")\n\n\ndef read(line):\n'
          '    return LINE.match(line).groups()\n\n\nprint(read("load=0.75"))\n',
          r"(\d+)$", r"(\d+(?:\.\d+)?)$",
          'def test_fraction():\n    assert job.read("load=0.75") == ("load", "0.75")\n\n\n'
          'def test_whole():\n    assert job.read("jobs=12") == ("jobs", "12")\n'),
    _line("an encoding argument",
          "from pathlib import Path\n\n\ndef load(path):\n"
          '    return path.read_text(encoding="ascii").split()\n\n\n'
          'print(len(load(Path(__file__).parent / "names.txt")))\n',
          '"ascii"', '"utf-8"',
          'def test_accents(tmp_path):\n    path = tmp_path / "n"\n'
          '    path.write_text("Zo\\u00eb", encoding="utf-8")\n'
          '    assert job.load(path) == ["Zo\\u00eb"]\n',
          scripts__names_dot_txt="Zo\u00eb Ana".encode()),
    _line("a timezone",
          "from datetime import datetime, timezone\n\nSTART = datetime(2024, 1, 1, "
          "tzinfo=timezone.utc)\n\n\ndef age_days(stamp):\n"
          "    return (datetime.fromisoformat(stamp) - START).days\n\n\n"
          'print(age_days("2024-03-01T00:00:00"))\n',
          "    return (datetime.fromisoformat(stamp) - START).days\n",
          "    moment = datetime.fromisoformat(stamp)\n    if moment.tzinfo is None:\n"
          "        moment = moment.replace(tzinfo=timezone.utc)\n"
          "    return (moment - START).days\n",
          'def test_naive():\n    assert job.age_days("2024-03-01T00:00:00") == 60\n\n\n'
          'def test_aware():\n    assert job.age_days("2024-01-03T00:00:00+00:00") == 2\n'),
    _line("None handled with a word",
          "def label(user):\n    return user.title()\n\n\nprint(label(None))\n",
          "    return user", '    if user is None:\n        return "unknown"\n    return user',
          'def test_none():\n    assert job.label(None) == "unknown"\n\n\n'
          'def test_name():\n    assert job.label("ada") == "Ada"\n'),
    _line("a missing key with a default",
          'def city(record):\n    return record["address"]["city"]\n\n\nprint(city({"id": 1}))\n',
          'record["address"]["city"]', 'record.get("address", {}).get("city", "")',
          'def test_missing():\n    assert job.city({"id": 1}) == ""\n\n\n'
          'def test_there():\n    assert job.city({"address": {"city": "Rome"}}) == "Rome"\n'),
    _line("off by one",
          "def last(items):\n    return items[len(items)]\n\n\nprint(last([1, 2]))\n",
          "len(items)]", "len(items) - 1]", "def test_last():\n    assert job.last([4, 7]) == 7\n"),
    _line("a renamed function of the standard library",
          "from collections import Mapping\n\n\ndef is_map(value):\n"
          "    return isinstance(value, Mapping)\n\n\nprint(is_map({}))\n",
          "from collections import", "from collections.abc import",
          "def test_map():\n    assert job.is_map({}) and not job.is_map([])\n"),
    _line("bytes decoded",
          'def header(raw):\n    return raw.split(":")[0]\n\n\nprint(header(b"Host: a"))\n',
          "raw.split", 'raw.decode("utf-8").split',
          'def test_header():\n    assert job.header(b"Host: a") == "Host"\n'),
    _line("integer division",
          "def middle(items):\n    return items[len(items) / 2]\n\n\nprint(middle([1, 2, 3]))\n",
          "/ 2", "// 2", "def test_middle():\n    assert job.middle([5, 6, 7]) == 6\n"),
    _line("a missing folder is made",
          "import tempfile\nfrom pathlib import Path\n\n\ndef save(folder, text):\n"
          '    (folder / "out.txt").write_text(text)\n\n\n'
          'save(Path(tempfile.mkdtemp()) / "new" / "deep", "x")\n',
          '    (folder / "out.txt")',
          '    folder.mkdir(parents=True, exist_ok=True)\n    (folder / "out.txt")',
          'def test_save(tmp_path):\n    job.save(tmp_path / "a" / "b", "x")\n'
          '    assert (tmp_path / "a" / "b" / "out.txt").read_text() == "x"\n'),
    _line("a mutable default",
          "def collect(item, into=[]):\n    into.append(item)\n    return into\n\n\n"
          'collect(1)\nif collect(2) != [2]:\n    raise RuntimeError("items of another call")\n',
          "def collect(item, into=[]):\n",
          "def collect(item, into=None):\n    if into is None:\n        into = []\n",
          "def test_fresh():\n    job.collect(1)\n    assert job.collect(2) == [2]\n"),
    _line("a dictionary changed while it is read",
          "def prune(table):\n    for key in table:\n        if not table[key]:\n"
          '            del table[key]\n    return table\n\n\nprint(prune({"a": 0, "b": 1}))\n',
          "in table:", "in list(table):",
          'def test_prune():\n    assert job.prune({"a": 0, "b": 1}) == {"b": 1}\n'),
    _line("a sort with mixed types",
          "def ordered(values):\n    return sorted(values)\n\n\nprint(ordered([3, None, 1]))\n",
          "sorted(values)",
          "sorted(values, key=lambda value: (value is None, value if value is not None else 0))",
          "def test_none_last():\n    assert job.ordered([3, None, 1]) == [1, 3, None]\n"),
    _line("a method that a class lacked",
          "class Stack:\n    def __init__(self):\n        self.items = []\n\n"
          "    def push(self, item):\n        self.items.append(item)\n\n\n"
          "stack = Stack()\nstack.push(1)\nprint(len(stack))\n",
          "        self.items.append(item)\n",
          "        self.items.append(item)\n\n    def __len__(self):\n"
          "        return len(self.items)\n",
          "def test_length():\n    stack = job.Stack()\n    stack.push(1)\n"
          "    assert len(stack) == 1\n"),
    _line("equality compared with another type",
          "class Point:\n    def __init__(self, x, y):\n        self.x, self.y = x, y\n\n"
          "    def __eq__(self, other):\n        return self.x == other.x and self.y == other.y\n"
          "\n\nprint(Point(1, 2) == None)\n",
          "        return self.x == other.x and",
          "        if not isinstance(other, Point):\n            return NotImplemented\n"
          "        return self.x == other.x and",
          "def test_other_type():\n    assert job.Point(1, 2) != None\n\n\n"
          "def test_same():\n    assert job.Point(1, 2) == job.Point(1, 2)\n"
          "    assert job.Point(1, 2) != job.Point(1, 3)\n"),
    _line("recursion without an end",
          "def depth(tree):\n    return 1 + max(depth(child) for child in tree)\n\n\n"
          "print(depth([[], [[]]]))\n",
          "for child in tree)", "for child in tree) if tree else 1",
          "def test_leaf():\n    assert job.depth([]) == 1\n\n\n"
          "def test_nested():\n    assert job.depth([[], [[]]]) == 3\n"),
    _line("an exception raised with its cause",
          "class ConfigError(Exception):\n    pass\n\n\ndef port(config):\n    try:\n"
          '        return int(config["port"])\n    except KeyError as error:\n'
          '        raise ConfigError("no port", from_=error)\n\n\ntry:\n    port({})\n'
          "except ConfigError as error:\n    print(error)\n",
          'raise ConfigError("no port", from_=error)', 'raise ConfigError("no port") from error',
          "def test_no_port():\n    with pytest.raises(job.ConfigError):\n        job.port({})\n"),
    _line("a date in another format",
          "from datetime import datetime\n\n\ndef day(text):\n"
          '    return datetime.strptime(text, "%Y-%m-%d").day\n\n\nprint(day("31/12/2024"))\n',
          '    return datetime.strptime(text, "%Y-%m-%d").day\n',
          '    form = "%d/%m/%Y" if "/" in text else "%Y-%m-%d"\n'
          "    return datetime.strptime(text, form).day\n",
          'def test_slashes():\n    assert job.day("31/12/2024") == 31\n\n\n'
          'def test_dashes():\n    assert job.day("2024-12-30") == 30\n'),
    _line("rounding of money",
          "from decimal import Decimal\n\n\ndef cents(price):\n"
          "    return Decimal(price * 100)\n\n\n"
          'print(cents("1.10") + 1)\n',
          "Decimal(price * 100)", "int(Decimal(price) * 100)",
          'def test_cents():\n    assert job.cents("1.10") == 110\n'),
    _line("a syntax error",
          "def greet(name)\n    return 'hello ' + name\n\n\nprint(greet('Ada'))\n",
          "def greet(name)\n", "def greet(name):\n",
          "def test_greet():\n    assert job.greet('Ada') == 'hello Ada'\n"),
    _line("a generator read twice",
          "def share(values):\n    values = (float(value) for value in values)\n"
          "    total = sum(values)\n    return [value / total for value in values]\n\n\n"
          "print(share([1, 3])[0])\n",
          "(float(value) for value in values)", "[float(value) for value in values]",
          "def test_share():\n    assert job.share([1, 3]) == [0.25, 0.75]\n"),
)  # fmt: skip
