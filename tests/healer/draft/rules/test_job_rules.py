"""Rules for what breaks in unattended jobs: each fires on its failure, and the mended script runs.

And each stays silent where the failure looks alike and nothing shows what was meant.
"""

from pathlib import Path

import pytest

from healer.failure import Frame, Raised
from tests.healer.draft.rules.test_rules import best, drafts

FIRES = [
    # numbers
    ("number-from-outside", "row = {'n': '2'}\ntotal = 0\ntotal += row['n']", "int(row['n'])"),
    ("number-from-outside", "row = {'n': '2.5'}\ntotal = 0\ntotal += row['n']", "float(row['n'])"),
    (
        "number-from-outside",
        "def total(rows):\n    return sum(row['n'] for row in rows)\nx = total([{'n': '3'}])",
        "sum(int(row['n']) for row in rows)",
    ),
    ("number-from-outside", "a, b = '1,2'.split(',')\nif b > 1:\n    pass", "int(b) > 1"),
    ("number-from-outside", "row = {'v': '2.5'}\nx = f\"{row['v']:.1f}\"", "float(row['v'])"),
    (
        "number-from-outside",
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--n', default='2')\n"
        "args = p.parse_args([])\nfor i in range(args.n):\n    pass",
        "default='2', type=int)",
    ),
    (
        "option-name",
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--dry-run')\n"
        "args = p.parse_args([])\nx = args.dryrun",
        "args.dry_run",
    ),
    # texts
    ("joined-items", "x = ','.join([1, 2])", "','.join(map(str, [1, 2]))"),
    ("joined-items", "x = ','.join(n for n in (1, 2))", "','.join(str(n) for n in (1, 2))"),
    ("only-text", "import io\nf = io.StringIO()\nn = 3\nf.write(n)", "f.write(str(n))"),
    ("only-text", "import os\nos.environ['HEALER_N'] = 3", "= str(3)"),
    ("only-text", "x = 'a-b'.replace('-', 3)", "replace('-', str(3))"),
    ("path-and-number", "from pathlib import Path\nx = Path('a') / 2024", "/ str(2024)"),
    ("values-of-percent", "a, b = 1, 2\nprint('%s of %s' % a, b)", "% (a, b))"),
    ("number-placeholder", "n = '3'\nx = '%d files' % n", "'%s files' % n"),
    ("braces-in-format", "x = '{\"a\": {}}'.format(1)", "'{{\"a\": {}}}'.format(1)"),
    ("format-name", "x = '{count}'.format(cuont=1)", "format(count=1)"),
    ("logging-level", "import logging\nlogging.getLogger('x').setLevel('info')", "'INFO'"),
    (
        "logging-level",
        "import logging\nlevel = 'IN'.lower() + 'fo'\nlogging.getLogger('x').setLevel(level)",
        "setLevel(level.upper())",
    ),
    # loaders
    ("text-to-load", "import json\ntext = '[1]'\nx = json.load(text)", "json.loads(text)"),
    (
        "file-to-loads",
        "import io, json\nx = json.loads(io.StringIO('[1]'))",
        "json.load(io.StringIO",
    ),
    ("file-to-loads", "import json\nd = {'a': 1}\nx = json.loads(d)", "x = d\n"),
    ("dump-without-file", "import json\nx = json.dump([1])", "json.dumps([1])"),
    (
        "dump-without-file",
        "import io, json\nf = io.StringIO()\njson.dumps([1], f)",
        "json.dump([1], f)",
    ),
    (
        "never-parsed",
        "import io\ntext = io.StringIO('{\"a\": 1}').read()\nx = text['a']",
        "json.loads(io.StringIO('{\"a\": 1}').read())",
    ),
    ("key-as-attribute", "row = {'name': 1}\nx = row.name", 'row["name"]'),
    (
        "attribute-as-key",
        "class Job:\n    def __init__(self):\n        self.name = 1\nx = Job()['name']",
        "Job().name",
    ),
    (
        "attribute-as-key",
        "from collections import namedtuple\nP = namedtuple('P', 'a b')\nx = P(1, 2)['b']",
        "P(1, 2).b",
    ),
    # calls
    ("module-called", "import pprint\npprint('x')", "pprint.pprint('x')"),
    (
        "property-called",
        "class A:\n    @property\n    def n(self):\n        return 1\nx = A().n()",
        "A().n\n",
    ),
    (
        "one-tuple",
        "import sqlite3\nname = 'abc'\nsqlite3.connect(':memory:').execute('select ?', (name))",
        "(name,))",
    ),
    ("loose-values", "x = any(1, 0)", "any((1, 0))"),
    ("list-of-parts", "import os\nparts = ['a', 'b']\nx = os.path.join(parts)", "join(*parts)"),
    ("one-row", "import csv, io\ncsv.writer(io.StringIO()).writerow(3)", "writerow([3])"),
    # bytes
    (
        "bytes-that-came-in",
        "import subprocess, sys\nout = subprocess.check_output([sys.executable, '-V'])\n"
        "x = out.split('\\n')",
        "'-V'], text=True)",
    ),
    (
        "text-to-send",
        "from urllib.request import urlopen\nx = urlopen('http://127.0.0.1:9', 'a=1')",
        None,
    ),
    # counting
    ("first-of-its-key", "seen = {}\nfor w in 'aba':\n    seen[w] += 1", "seen.get(w, 0) + 1"),
    (
        "first-of-its-key",
        "groups = {}\nfor n in (1, 2):\n    groups[n % 2].append(n)",
        "groups.setdefault(n % 2, []).append(n)",
    ),
    (
        "first-of-its-key",
        "class A:\n    def __init__(self):\n        self.n = {}\n    def add(self, k):\n"
        "        self.n[k] += 1\nA().add('x')",
        "self.n[k] = self.n.get(k, 0) + 1",
    ),
    ("element-as-index", "rows = ['a']\nfor r in rows:\n    print(rows[r])", "print(r)"),
    # regular expressions
    ("sign-as-text", "import re\nx = re.split('*', 'a*b')", "re.split(r'\\*', 'a*b')"),
    ("glob-as-pattern", "import re\nx = re.match('*.csv', 'a.csv')", "fnmatch.translate('*.csv')"),
    ("text-as-pattern", "import re\nname = 'a('\nx = re.search(name, 'a(')", "re.escape(name)"),
    (
        "named-group",
        "import re\nm = re.match(r'(?P<status>\\d+)', '20')\nx = m['staus']",
        "m['status']",
    ),
    # moments
    (
        "day-and-moment",
        "from datetime import date, datetime\nx = datetime(2024, 1, 1)\nif x < date(2024, 1, 2):\n"
        "    pass",
        "x.date() < date(2024, 1, 2)",
    ),
    (
        "milliseconds",
        "from datetime import datetime\nat = 1700000000000\nx = datetime.fromtimestamp(at)",
        "at / 1000 if at > 100_000_000_000 else at",
    ),
    (
        "iso-text",
        "from datetime import datetime\nx = datetime.fromisoformat('31.01.2024')",
        "_parse_either('31.01.2024', '%d.%m.%Y')",
    ),
    # versions
    ("sample-of-set", "import random\nx = random.sample({1, 2}, 1)", "sorted({1, 2})"),
    (
        "run-coroutine",
        "async def n():\n    return 1\nx = n() + 1\n",
        "asyncio.run(n()) + 1",
    ),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("rule", "broken", "expected"), FIRES)
def test_the_rule_mends_what_it_is_for(rule: str, broken: str, expected: str | None) -> None:
    if expected is None:
        assert best(broken + "\n")[0] == rule
        return
    fired, content = best(broken + "\n")
    assert fired == rule
    assert expected in content
    exec(compile(content, "job.py", "exec"), {"__name__": "__main__"})


SILENT = [
    "def add(a, b):\n    return a + b\nx = add(1, '2')",  # which of the two was meant?
    "row = {'n': 'many'}\ntotal = 0\ntotal += row['n']",  # no number: that is data
    "x = 1 + ''.upper()",
    "import argparse\np = argparse.ArgumentParser()\np.add_argument('--n')\n"
    "args = p.parse_args([])\nx = args.folder",
    "x = ','.join([None])",
    "import io\nio.StringIO().write(None)",
    "import io\nio.StringIO().write(['a'])",
    "x = '%s %s' % 1",
    "x = '{count}'.format(total=1)",
    "import logging\nlogging.getLogger('x').setLevel('verbose')",
    "import json\nx = json.loads(3)",
    "x = 'abc'\ny = x['a']",
    "row = {'a': 1}\nx = row.total",
    "class A:\n    pass\nx = A()['name']",
    "import os\nx = os('a')",
    "class A:\n    n = 1\nx = A().n()",
    "import sqlite3\nsqlite3.connect(':memory:').execute('select ?, ?', ('a'))",
    "x = max(1, 2, key=3)",
    "seen = {'a': 1}\nseen['b'] += 1",  # a key of data is missing
    "seen = {}\nseen['a'] = 1\nseen['b'] += 1",
    "def f(seen):\n    seen['b'] += 1\nf({})",
    "rows = ['a']\nother = ['b']\nfor r in rows:\n    print(other[r])",
    "import re\nx = re.compile('(a|b')",
    "import re\nm = re.match(r'(?P<status>\\d+)', '20')\nx = m['path']",
    "from datetime import datetime\nx = datetime.fromisoformat('03/04/2024')",
    "from datetime import datetime\nx = datetime.fromisoformat('soon')",
    "import random\nx = random.sample([1], 2)",
    "import os\nos.mkdir('/proc/none/at/all')",
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("source", SILENT)
def test_no_draft_where_the_intent_is_unclear(source: str) -> None:
    found = drafts(source + "\n").candidates
    assert [draft.rule for draft in found if draft.rule != "folder-is-missing"] == []


def test_a_folder_that_is_there_is_kept(tmp_path: Path) -> None:
    source = f"import os\nos.mkdir({str(tmp_path)!r})\n"
    rule, text = best(source)
    assert rule == "folder-is-there"
    assert f"os.makedirs({str(tmp_path)!r}, exist_ok=True)" in text
    source = f"from pathlib import Path\nPath({str(tmp_path)!r}).mkdir()\n"
    assert "mkdir(exist_ok=True)" in best(source)[1]


def test_a_folder_is_made_before_a_file_is_written_into_it(tmp_path: Path) -> None:
    path = str(tmp_path / "out" / "a.txt")
    source = f"def save():\n    with open({path!r}, 'w') as f:\n        f.write('x')\nsave()\n"
    rule, text = best(source)
    assert rule == "folder-is-missing"
    assert f"    Path({path!r}).parent.mkdir(parents=True, exist_ok=True)\n    with" in text
    exec(compile(text, "job.py", "exec"), {"__name__": "__main__"})
    assert Path(path).read_text() == "x"


def test_a_file_that_is_only_read_is_never_made(tmp_path: Path) -> None:
    assert drafts(f"open({str(tmp_path / 'out' / 'a.txt')!r})\n").candidates == ()


def test_a_listed_name_gets_its_folder(tmp_path: Path) -> None:
    (tmp_path / "only-here.txt").write_text("abc")
    source = (
        f"import os\nfolder = {str(tmp_path)!r}\nfor name in sorted(os.listdir(folder)):\n"
        "    size = os.path.getsize(name)\n"
    )
    rule, text = best(source)
    assert rule == "bare-name"
    assert "os.path.getsize(os.path.join(folder, name))" in text
    names: dict[str, object] = {}
    exec(compile(text, "job.py", "exec"), names)
    assert names["size"] == 3


def missing(name: str) -> Raised:
    message = f"[Errno 2] No such file or directory: '{name}'"
    frame = Frame(file="job.py", line=1, function="<module>", own=True)
    return Raised(type="FileNotFoundError", message=message, frames=(frame,))


def test_a_misspelled_file_of_the_repository_is_found() -> None:
    source = "exec(open('helpres.py').read())\n"
    rule, text = best(source, missing("helpres.py"), helpers="x = 1\n")
    assert rule == "misspelled-file"
    assert text == "exec(open('helpers.py').read())\n"
    assert drafts(source, missing("helpres.py"), other="x = 1\n").candidates == ()


def test_a_file_beside_the_script_is_found_from_anywhere() -> None:
    from healer.draft.rules import RulesDrafter
    from healer.facts.draft import Case, WriteFile
    from healer.failure import Failure
    from sandbox import Report
    from tests.support.memory_tree import MemoryTree

    text = "data = open('rates.json').read()\n"
    frame = Frame(file="jobs/job.py", line=1, function="<module>", own=True)
    error = missing("rates.json").model_copy(update={"frames": (frame,)})
    failure = Failure(id="f", script="jobs/job.py", source="run", chain=(error,))
    case = Case(repair="r", script="jobs/job.py", failure=failure, base="", baseline=Report())
    tree = MemoryTree({"jobs/job.py": text, "jobs/rates.json": "{}"})
    draft = RulesDrafter().draft(case, tree).candidates[0]
    edit = draft.edits[0]
    assert draft.rule == "beside-the-script"
    assert isinstance(edit, WriteFile)
    assert "open(Path(__file__).parent / 'rates.json')" in edit.content
    elsewhere = MemoryTree({"jobs/job.py": text, "rates.json": "{}"})
    assert RulesDrafter().draft(case, elsewhere).candidates == ()


def test_a_rename_to_another_disk_becomes_a_move() -> None:
    frame = Frame(file="job.py", line=2, function="<module>", own=True)
    error = Raised(
        type="OSError",
        message="[Errno 18] Invalid cross-device link: 'a' -> 'b'",
        frames=(frame,),
    )
    rule, text = best("import os\nos.rename('a', 'b')\n", error)
    assert rule == "across-disks"
    assert text == "import shutil\nshutil.move('a', 'b')\n"
    other = error.model_copy(update={"message": "[Errno 13] Permission denied: 'a'"})
    assert drafts("import os\nos.rename('a', 'b')\n", other).candidates == ()


def test_rows_outlive_the_file_that_they_come_from(tmp_path: Path) -> None:
    data = tmp_path / "in.csv"
    data.write_text("a\n1\n")
    source = (
        f"import csv\ndef rows():\n    with open({str(data)!r}) as f:\n"
        "        return csv.DictReader(f)\nx = list(rows())\n"
    )
    rule, text = best(source)
    assert rule == "reader-outlives-file"
    assert "return list(csv.DictReader(f))" in text
    eager = source.replace("csv.DictReader(f)", "f.read()").replace("list(rows())", "rows().x")
    assert "reader-outlives-file" not in {d.rule for d in drafts(eager).candidates}


def test_a_compressed_file_is_opened_as_text(tmp_path: Path) -> None:
    import gzip

    data = tmp_path / "x.gz"
    data.write_bytes(gzip.compress(b"a,1\n"))
    source = (
        f"import gzip\nwith gzip.open({str(data)!r}) as f:\n    x = [n.split(',') for n in f]\n"
    )
    rule, text = best(source)
    assert rule == "bytes-that-came-in"
    assert f'gzip.open({str(data)!r}, "rt")' in text
    exec(compile(text, "job.py", "exec"), {})


def test_toml_is_read_in_binary_mode(tmp_path: Path) -> None:
    data = tmp_path / "x.toml"
    data.write_text("a = 1\n")
    source = (
        f"import tomllib\nwith open({str(data)!r}, encoding='utf-8') as f:\n"
        "    x = tomllib.load(f)\n"
    )
    rule, text = best(source)
    assert rule == "toml-as-text"
    assert f'open({str(data)!r}, "rb")' in text
    exec(compile(text, "job.py", "exec"), {})


def test_a_large_csv_field_is_allowed() -> None:
    source = (
        "import csv, io\nprint('begins')\nrows = list(csv.reader(io.StringIO('x' * 200_000)))\n"
    )
    rule, text = best(source)
    assert rule == "csv-field-limit"
    assert text.startswith("import csv, io\n\ncsv.field_size_limit(1 << 30)\n")


VERSIONED = [
    (
        "universal-newlines",
        "ValueError",
        "invalid mode: 'rU'",
        "f = open('x', 'rU')\n",
        "f = open('x', \"r\")\n",
    ),
    (
        "no-event-loop",
        "RuntimeError",
        "There is no current event loop in thread 'MainThread'.",
        "loop = asyncio.get_event_loop()\nimport asyncio\n",
        "loop = asyncio.new_event_loop()\nimport asyncio\n",
    ),
    (
        "loop-argument",
        "TypeError",
        "sleep() got an unexpected keyword argument 'loop'",
        "asyncio.sleep(1, loop=None)\nimport asyncio\n",
        "asyncio.sleep(1)\nimport asyncio\n",
    ),
    (
        "flags-first",
        "error",
        "global flags not at the start of the expression at position 1",
        "x = re.compile(r'a(?i)')\nimport re\n",
        "x = re.compile(r'(?i)a')\nimport re\n",
    ),
    (
        "yaml-loader",
        "TypeError",
        "load() missing 1 required positional argument: 'Loader'",
        "x = yaml.load('a: 1')\nimport yaml\n",
        "x = yaml.safe_load('a: 1')\nimport yaml\n",
    ),
]


@pytest.mark.parametrize(("name", "kind", "message", "source", "mended"), VERSIONED)
def test_what_newer_versions_refuse(
    name: str, kind: str, message: str, source: str, mended: str
) -> None:
    frame = Frame(file="job.py", line=1, function="<module>", own=True)
    error = Raised(type=kind, message=message, frames=(frame,))
    assert best(source, error) == (name, mended)
    other = error.model_copy(update={"message": "something else"})
    assert drafts(source, other).candidates == ()
    unlike = "print('nothing of the kind')\n"
    assert drafts(unlike, error).candidates == ()
