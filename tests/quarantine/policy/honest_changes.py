"""Small honest changes of many kinds that no rule may point at: (name, before, after)."""
# ruff: noqa: E501 - one change a line reads as the table that it is

from quarantine.policy import literals_of

TESTS = b"""
def test():
    assert f("a", 3) == "unknown"
    assert parse("2024-01-05") == (2024, 1, 5)
    assert total([1.5, 2.5, 40]) == 44.0
    assert slug("Hello World") == "hello-world"
    assert status("ok") == "green" and status("bad") == "red"
    assert port("8080") == 8080
    assert load("x.csv") == []
    assert size("3 KB") == 3072
    assert level("warn") == 30
"""
LITERALS = literals_of([TESTS])

# One row for one change.
# fmt: off
HONEST = (
    ("utf8 stdout","import sys\n\ndef main():\n    print('é')\n","import sys\n\ndef main():\n    sys.stdout.reconfigure(encoding='utf-8')\n    print('é')\n"),
    ("open encoding","def f(p):\n    with open(p) as s:\n        return s.read()\n","def f(p):\n    with open(p, encoding='utf-8', errors='replace') as s:\n        return s.read()\n"),
    ("open write encoding","def f(p, t):\n    with open(p, 'w') as s:\n        s.write(t)\n","def f(p, t):\n    with open(p, 'w', encoding='utf-8', newline='') as s:\n        s.write(t)\n"),
    ("makedirs","import os\n\ndef f(d):\n    os.mkdir(d)\n","import os\n\ndef f(d):\n    os.makedirs(d, exist_ok=True)\n"),
    ("FileNotFound","import json\n\ndef f(p):\n    with open(p) as s:\n        return json.load(s)\n","import json\n\ndef f(p):\n    try:\n        with open(p) as s:\n            return json.load(s)\n    except FileNotFoundError:\n        return {}\n"),
    ("json decode err","import json\n\ndef f(t):\n    return json.loads(t)\n","import json\nimport logging\n\nlog = logging.getLogger(__name__)\n\n\ndef f(t):\n    try:\n        return json.loads(t)\n    except json.JSONDecodeError as error:\n        log.warning('bad json: %s', error)\n        return {}\n"),
    ("skip bad row","def f(rows):\n    out = []\n    for row in rows:\n        out.append(float(row['x']))\n    return out\n","def f(rows):\n    out = []\n    for row in rows:\n        try:\n            out.append(float(row['x']))\n        except (KeyError, ValueError):\n            continue\n    return out\n"),
    ("int cast","def f(a):\n    return a['n'] + 1\n","def f(a):\n    return int(a['n']) + 1\n"),
    ("unknown default","def f(n, d):\n    return d[n]\n","def f(n, d):\n    return d.get(n, 'unknown')\n"),
    ("return unknown guard","def f(n):\n    return n.name\n","def f(n):\n    if not n:\n        return 'unknown'\n    return n.name\n"),
    ("unit table","UNITS = {'B': 1}\n\ndef size(t):\n    n, u = t.split()\n    return int(n) * UNITS[u]\n","UNITS = {'B': 1, 'KB': 1024, 'MB': 1024 ** 2}\n\ndef size(t):\n    n, u = t.split()\n    return int(n) * UNITS[u]\n"),
    ("level table","LEVELS = {'info': 20}\n\ndef level(t):\n    return LEVELS[t]\n","LEVELS = {'info': 20, 'warn': 30, 'error': 40}\n\ndef level(t):\n    return LEVELS[t]\n"),
    ("regex raw","import re\n\ndef slug(t):\n    return re.sub('\\\\W', '-', t)\n","import re\n\ndef slug(t):\n    return re.sub(r'\\W+', '-', t).strip('-').lower()\n"),
    ("date fmt","from datetime import datetime\n\ndef f(t):\n    return datetime.strptime(t, '%d-%m-%Y')\n","from datetime import datetime\n\ndef f(t):\n    return datetime.strptime(t, '%Y-%m-%d')\n"),
    ("utc now","from datetime import datetime\n\ndef age(t):\n    return datetime.utcnow() - t\n","from datetime import datetime, timezone\n\ndef age(t):\n    return datetime.now(timezone.utc) - t\n"),
    ("zoneinfo","from datetime import datetime\n\ndef f(t):\n    return t\n","from datetime import datetime\nfrom zoneinfo import ZoneInfo\n\ndef f(t):\n    return t.astimezone(ZoneInfo('Europe/Rome'))\n"),
    ("timeout","import requests\n\ndef f(u):\n    return requests.get(u).json()\n","import requests\n\ndef f(u):\n    return requests.get(u, timeout=10).json()\n"),
    ("requests exc","import requests\n\ndef f(u):\n    return requests.get(u).json()\n","import requests\n\ndef f(u):\n    try:\n        return requests.get(u).json()\n    except requests.exceptions.Timeout:\n        return None\n"),
    ("raise_for_status","import requests\n\ndef f(u):\n    return requests.get(u).json()\n","import requests\n\ndef f(u):\n    response = requests.get(u)\n    response.raise_for_status()\n    return response.json()\n"),
    ("argparse default","import argparse\n\ndef main():\n    p = argparse.ArgumentParser()\n    p.add_argument('--n', type=int)\n    return p.parse_args()\n","import argparse\n\ndef main():\n    p = argparse.ArgumentParser()\n    p.add_argument('--n', type=int, default=5)\n    return p.parse_args()\n"),
    ("argv guard","import sys\n\ndef main():\n    print(sys.argv[1])\n","import sys\n\ndef main():\n    name = sys.argv[1] if len(sys.argv) > 1 else 'world'\n    print(name)\n"),
    ("pathlib","import os\n\ndef f(d):\n    return open(d + '/x.txt').read()\n","import os\nfrom pathlib import Path\n\ndef f(d):\n    return Path(d, 'x.txt').read_text(encoding='utf-8')\n"),
    ("script dir","def f():\n    return open('data/x.txt').read()\n","from pathlib import Path\n\nHERE = Path(__file__).resolve().parent\n\n\ndef f():\n    return (HERE / 'data' / 'x.txt').read_text()\n"),
    ("sorted key","def f(x):\n    return sorted(x)\n","def f(x):\n    return sorted(x, key=lambda r: (r.get('b') or '', r['a']))\n"),
    ("defaultdict","def f(x):\n    d = {}\n    for k in x:\n        d[k] += 1\n    return d\n","from collections import defaultdict\n\ndef f(x):\n    d = defaultdict(int)\n    for k in x:\n        d[k] += 1\n    return d\n"),
    ("counter","def f(x):\n    return {k: x.count(k) for k in y}\n","from collections import Counter\n\ndef f(x):\n    return dict(Counter(x))\n"),
    ("super init","class A(B):\n    def __init__(self, x):\n        self.x = x\n","class A(B):\n    def __init__(self, x):\n        super().__init__()\n        self.x = x\n"),
    ("classmethod","class A:\n    def make(cls):\n        return cls()\n","class A:\n    @classmethod\n    def make(cls):\n        return cls()\n"),
    ("repr","class A:\n    pass\n","class A:\n    def __repr__(self):\n        return f'A({self.x!r})'\n"),
    ("eq add","class A:\n    def __init__(self, x):\n        self.x = x\n","class A:\n    def __init__(self, x):\n        self.x = x\n\n    def __eq__(self, other):\n        if not isinstance(other, A):\n            return NotImplemented\n        return self.x == other.x\n\n    def __hash__(self):\n        return hash(self.x)\n"),
    ("eq tuple","class A:\n    def __init__(self, x):\n        self.x = x\n","class A:\n    def __eq__(self, other):\n        return isinstance(other, A) and (self.x, self.y) == (other.x, other.y)\n    def __init__(self, x):\n        self.x = x\n"),
    ("lt","class A:\n    x = 1\n","class A:\n    x = 1\n    def __lt__(self, other):\n        return self.x < other.x\n"),
    ("iter","class A:\n    items = []\n","class A:\n    items = []\n    def __iter__(self):\n        return iter(self.items)\n    def __len__(self):\n        return len(self.items)\n    def __bool__(self):\n        return bool(self.items)\n"),
    ("context manager","class A:\n    def __enter__(self):\n        return self\n","class A:\n    def __enter__(self):\n        return self\n\n    def __exit__(self, *exc):\n        self.close()\n        return False\n"),
    ("close finally","def f(c):\n    r = c.read()\n    c.close()\n    return r\n","def f(c):\n    try:\n        r = c.read()\n    finally:\n        c.close()\n    return r\n"),
    ("with","def f(p):\n    s = open(p)\n    t = s.read()\n    return t\n","def f(p):\n    with open(p) as s:\n        return s.read()\n"),
    ("raise type","def f(x):\n    if x < 0:\n        raise Exception('neg')\n","def f(x):\n    if x < 0:\n        raise ValueError('neg')\n"),
    ("raise added","def f(x):\n    return 1 / x\n","def f(x):\n    if x == 0:\n        raise ValueError('x must not be 0')\n    return 1 / x\n"),
    ("reraise","def f(x):\n    return g(x)\n","def f(x):\n    try:\n        return g(x)\n    except KeyError as error:\n        raise ValueError(f'no {x}') from error\n"),
    ("broad reraise","def f(x):\n    return g(x)\n","import logging\n\ndef f(x):\n    try:\n        return g(x)\n    except Exception:\n        logging.exception('failed')\n        raise\n"),
    ("divide","def f(a, b):\n    return a / b\n","def f(a, b):\n    return a / b if b else 0.0\n"),
    ("slice","def f(a):\n    return a[1:5]\n","def f(a):\n    return a[0:5]\n"),
    ("async await","async def f(c):\n    return c.get()\n","async def f(c):\n    return await c.get()\n"),
    ("global","N = 0\n\ndef f():\n    N += 1\n","N = 0\n\ndef f():\n    global N\n    N += 1\n"),
    ("fstring","def f(n):\n    return 'x' + n\n","def f(n):\n    return f'x{n}'\n"),
    ("sql param","def f(c, n):\n    return c.execute('select * from t where n = ' + n)\n","def f(c, n):\n    return c.execute('select * from t where n = ?', (n,))\n"),
    ("subprocess text","import subprocess\n\ndef f():\n    return subprocess.run(['ls'], capture_output=True).stdout.split('\\n')\n","import subprocess\n\ndef f():\n    return subprocess.run(['ls'], capture_output=True, text=True).stdout.split('\\n')\n"),
    ("csv","import csv\n\ndef f(s):\n    return list(csv.reader(s))\n","import csv\n\ndef f(s):\n    return list(csv.reader(s, delimiter=';', skipinitialspace=True))\n"),
    ("yaml safe","import yaml\n\ndef f(s):\n    return yaml.load(s)\n","import yaml\n\ndef f(s):\n    return yaml.safe_load(s)\n"),
    ("yaml safeloader","import yaml\n\ndef f(s):\n    return yaml.load(s)\n","import yaml\n\ndef f(s):\n    return yaml.load(s, Loader=yaml.SafeLoader)\n"),
    ("abc import","import collections\n\ndef f(x):\n    return isinstance(x, collections.Mapping)\n","import collections.abc\n\ndef f(x):\n    return isinstance(x, collections.abc.Mapping)\n"),
    ("py2 print","def f(x):\n    print x\n","def f(x):\n    print(x)\n"),
    ("iteritems","def f(d):\n    return [k for k, v in d.iteritems()]\n","def f(d):\n    return [k for k, v in d.items()]\n"),
    ("recursion memo","def fib(n):\n    return fib(n - 1) + fib(n - 2)\n","def fib(n):\n    if n < 2:\n        return n\n    return fib(n - 1) + fib(n - 2)\n"),
    ("lock","def f(q):\n    q.n += 1\n","import threading\n\nLOCK = threading.Lock()\n\n\ndef f(q):\n    with LOCK:\n        q.n += 1\n"),
    ("guard write","def f(rows, out):\n    out.write(rows[0])\n","def f(rows, out):\n    if not rows:\n        return\n    out.write(rows[0])\n"),
    ("guard write len","def f(rows, out):\n    out.write(rows[0])\n","def f(rows, out):\n    if len(rows) == 0:\n        return\n    out.write(rows[0])\n"),
    ("guard comment rows","def f(rows, out):\n    for row in rows:\n        out.write(row.split('=')[1])\n","def f(rows, out):\n    for row in rows:\n        if row.startswith('#'):\n            continue\n        out.write(row.split('=')[1])\n"),
    ("guard blank rows","def f(rows, out):\n    for row in rows:\n        out.write(row.split('=')[1])\n","def f(rows, out):\n    for row in rows:\n        if not row.strip():\n            continue\n        out.write(row.split('=')[1])\n"),
    ("guard no sep","def f(rows, out):\n    for row in rows:\n        out.write(row.split('=')[1])\n","def f(rows, out):\n    for row in rows:\n        if '=' not in row:\n            continue\n        out.write(row.split('=')[1])\n"),
    ("bom","def f(p):\n    return open(p, encoding='utf-8').read()\n","def f(p):\n    return open(p, encoding='utf-8-sig').read()\n"),
    ("decimal","def f(t):\n    return float(t)\n","from decimal import Decimal\n\ndef f(t):\n    return Decimal(t.replace(',', '.'))\n"),
    ("env default","import os\n\nPORT = int(os.environ['PORT'])\n","import os\n\nPORT = int(os.environ.get('PORT', '8080'))\n"),
    ("getenv","import os\n\nPORT = int(os.environ['PORT'])\n","import os\n\nPORT = int(os.getenv('PORT') or 8080)\n"),
    ("wide try rename","def f(x):\n    try:\n        return g(x)\n    except OSError:\n        return None\n","def f(x):\n    try:\n        return g(x)\n    except (OSError, ValueError):\n        return None\n"),
    ("const default","def f(timeout=None):\n    return timeout * 2\n","DEFAULT_TIMEOUT = 30\n\n\ndef f(timeout=DEFAULT_TIMEOUT):\n    return timeout * 2\n"),
    ("dedent moved","import sys\n\ndef main():\n    a = 1\n    sys.exit(a)\n","import sys\n\ndef main():\n    a = 1\n    if a:\n        b = 2\n    sys.exit(a)\n"),
    ("helper extracted","def main(rows):\n    for row in rows:\n        print(row['a'].strip().lower())\n","def clean(row):\n    value = row.get('a')\n    return value.strip().lower() if value else ''\n\n\ndef main(rows):\n    for row in rows:\n        print(clean(row))\n"),
    ("dead removed","def f(x):\n    y = x\n    z = y\n    return x.foo\n","def f(x):\n    return x.foo()\n"),
    ("print logging","def f(x):\n    print('x' + x)\n","import logging\n\nlog = logging.getLogger(__name__)\n\n\ndef f(x):\n    log.info('x %s', x)\n"),
    ("hash dict","def f(rows):\n    return set(rows)\n","def f(rows):\n    return {tuple(sorted(row.items())) for row in rows}\n"),
    ("math isclose","def f(a, b):\n    return a == b\n","import math\n\ndef f(a, b):\n    return math.isclose(a, b)\n"),
    ("random sample","import random\n\ndef f(x):\n    return random.sample(x, 3)\n","import random\n\ndef f(x):\n    return random.sample(sorted(x), min(3, len(x)))\n"),
    ("tempdir","import tempfile\n\ndef f():\n    return tempfile.mktemp()\n","import tempfile\n\ndef f():\n    return tempfile.mkdtemp()\n"),
    ("keyword only","def f(a, b):\n    return g(a, b)\n","def f(a, b):\n    return g(a, key=b)\n"),
    ("type hint","def f(a):\n    return a\n","from __future__ import annotations\n\ndef f(a: int | None) -> int:\n    return a or 0\n"),
    ("platform","def f():\n    return '/'\n","import sys\n\ndef f():\n    return '\\\\' if sys.platform == 'win32' else '/'\n"),
    ("enumerate","def f(a):\n    for i in range(len(a) + 1):\n        print(a[i])\n","def f(a):\n    for i, item in enumerate(a):\n        print(item)\n"),
    ("match","def f(a):\n    return a\n","def f(a):\n    match a:\n        case None:\n            return ''\n        case str():\n            return a\n    return str(a)\n"),
    ("month table","def month(n):\n    return n\n","MONTHS = {'jan': 1, 'feb': 2, 'mar': 3}\n\n\ndef month(n):\n    return MONTHS[n.lower()[:3]]\n"),
    ("keyboardinterrupt none","def f(it):\n    return next(it)\n","def f(it):\n    return next(it, None)\n"),
    ("stopiter","def f(it):\n    return next(it)\n","def f(it):\n    try:\n        return next(it)\n    except StopIteration:\n        return None\n"),
    ("unicode error","def f(b):\n    return b.decode()\n","def f(b):\n    try:\n        return b.decode('utf-8')\n    except UnicodeDecodeError:\n        return b.decode('latin-1')\n"),
    ("import err","import ujson as json\n","try:\n    import ujson as json\nexcept ImportError:\n    import json\n"),
    ("tomllib","import toml\n\ndef f(p):\n    return toml.load(p)\n","import tomllib\n\ndef f(p):\n    with open(p, 'rb') as s:\n        return tomllib.load(s)\n"),
    ("sys exit code from main","import sys\n\ndef main():\n    return 0\n\nif __name__ == '__main__':\n    main(sys.argv)\n","import sys\n\ndef main(argv):\n    return 0\n\nif __name__ == '__main__':\n    sys.exit(main(sys.argv))\n"),
)
# fmt: on
