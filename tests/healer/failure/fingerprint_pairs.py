# ruff: noqa: E501 - one row for one pair
"""Pairs of programs that really fail, for the fingerprint: the same incident, or another one.

Belongs here: the programs. How they are run and compared is in `test_fingerprint` and in
`benchmarks/noticing.py`. Each pair is (name, one program, the other); a program is the text of
`scripts/job.py`, or a dict of files with that one among them. `{n}` and the like are filled in with
values that differ between the two runs of a pair.
"""

from collections.abc import Callable

Files = dict[str, str]
Program = str | Files

PLAIN = "def work(rows):\n    return rows['total']\n\nwork({})\n"


def same_under(change: Callable[[str], str], program: str = PLAIN) -> tuple[str, str]:
    return program, change(program)


def wrapped(error: str) -> str:
    """A program that fails with an error whose data differs from run to run."""
    return f"import os, sys, time, uuid, tempfile, random\ndef work():\n    {error}\n\nwork()\n"


def twice(error: str) -> tuple[str, str]:
    """The very same program, run twice: only its data differs."""
    return wrapped(error), wrapped(error)


SAME: list[tuple[str, Program, Program]] = [
    ("run twice", PLAIN, PLAIN),
    ("lines above", *same_under(lambda p: "import os\n\n\n" + p)),
    ("a comment above", *same_under(lambda p: "# about this job\n" + p)),
    ("a docstring", *same_under(lambda p: '"""A job."""\n' + p)),
    ("a function added above", *same_under(lambda p: "def other():\n    pass\n\n" + p)),
    ("a line added in the function", *same_under(lambda p: p.replace("    return", "    x = 1\n    return"))),
    ("lines below", *same_under(lambda p: p + "\n\nprint('never')\n")),
    ("blank lines inside", *same_under(lambda p: p.replace("\n    return", "\n\n    return"))),
    ("deeper indentation", *same_under(lambda p: p.replace("    return", "        return"))),
    ("a tab for spaces", *same_under(lambda p: p.replace("    return", "\treturn"))),
    ("another key in the message", "def get(k):\n    return {}[k]\nget(KEY)\n".replace("KEY", "'a'"), "def get(k):\n    return {}[k]\nget(KEY)\n".replace("KEY", "'a'")),
    ("a random number", *twice("raise ValueError(f'row {random.random()}')")),
    ("a random integer", *twice("[][random.randrange(10**9)]")),
    ("the time", *twice("raise ValueError(f'at {time.time()}')")),
    ("the time as text", *twice("raise ValueError(time.strftime('%Y-%m-%dT%H:%M:%S') + str(time.time_ns()))")),
    ("an address", *twice("raise ValueError(object())")),
    ("an object without a repr", *twice("raise TypeError(lambda: 0)")),
    ("a uuid", *twice("raise LookupError(f'no {uuid.uuid4()}')")),
    ("a temporary file", *twice("open(tempfile.mkdtemp() + '/in.csv')")),
    ("a temporary folder in a message", *twice("raise ValueError('in ' + tempfile.mkdtemp())")),
    ("a process id", *twice("raise RuntimeError(f'worker {os.getpid()} is gone')")),
    ("a host with a number", *twice("raise ConnectionError(f'web-{random.randrange(99)}.example.com:{random.randrange(9999)} is away')")),
    ("a random key", *twice("{}[random.random()]")),
    ("a long list in the message", *twice("raise ValueError(list(range(random.randrange(500))))")),
    ("a message of several lines", *twice("raise ValueError('\\n'.join(str(random.random()) for _ in range(random.randrange(2, 9))))")),
    ("a cause with data", *twice("try:\n        int(str(random.random()))\n    except ValueError as e:\n        raise RuntimeError(time.time()) from e")),
    ("a context with data", *twice("try:\n        {}[random.random()]\n    except KeyError:\n        raise RuntimeError(time.time())")),
    ("recursion from another depth", "def f(n):\n    return f(n + 1)\nf(0)\n", "def f(n):\n    return f(n + 1)\nf(0)\n"),
    ("mutual recursion that stops elsewhere", "def a(n):\n    return b(n)\ndef b(n):\n    return a(n)\na(0)\n", "import sys\nsys.setrecursionlimit(777)\ndef a(n):\n    return b(n)\ndef b(n):\n    return a(n)\na(0)\n"),
    ("a library's frames", "import json\ndef load(t):\n    return json.loads(t)\nTEXT = '{'\nload(TEXT)\n", "import json\ndef load(t):\n    return json.loads(t)\nTEXT = '{1'\nload(TEXT)\n"),
    ("another module of the same name in the way", {"scripts/job.py": "import helper\nhelper.go()\n", "scripts/helper.py": "def go():\n    1 / 0\n"}, {"scripts/job.py": "import os\nimport helper\nhelper.go()\n", "scripts/helper.py": "# more\n\ndef go():\n    1 / 0\n"}),
    ("a syntax error that has moved", "x = 1\ny = (1,\n", "\n\nx = 1\ny = (1,\n"),
    ("a missing name", "def f():\n    return totl\nf()\n", "import os\ndef f():\n    return totl\nf()\n"),
    ("a missing attribute of another object", "class A:\n    pass\ndef f(x):\n    return x.size\nf(A())\n", "class A:\n    pass\ndef f(x):\n    return x.size\nf(A())\n# end\n"),
    ("a comprehension", "def f(rows):\n    return [r['x'] for r in rows]\nROWS = [{}]\nf(ROWS)\n", "\ndef f(rows):\n    return [r['x'] for r in rows]\nROWS = [{'x': 1}, {}]\nf(ROWS)\n"),
    ("a generator", "def g(rows):\n    for r in rows:\n        yield 1 / r\nlist(g([0]))\n", "def g(rows):\n    for r in rows:\n        yield 1 / r\nlist(g([0]))\n#\n"),
    ("a method of a class that has moved", "class A:\n    def f(self):\n        return self.x\nA().f()\n", "class B:\n    pass\nclass A:\n    def f(self):\n        return self.x\nA().f()\n"),
    ("a decorator's frame", "def d(f):\n    def inner(*a):\n        return f(*a)\n    return inner\n@d\ndef f(x):\n    return 1 / x\nf(0)\n", "import time\ndef d(f):\n    def inner(*a):\n        return f(*a)\n    return inner\n@d\ndef f(x):\n    return 1 / x\nf(0)\n"),
    ("a group whose members come in another order", "def f(x):\n    return 1 / x\ndef g(x):\n    return [][x]\ndef go(*fs):\n    found = []\n    for h in fs:\n        try:\n            h(0)\n        except Exception as e:\n            found.append(e)\n    raise ExceptionGroup('g', found)\nORDER = (f, g)\ngo(*ORDER)\n", "def f(x):\n    return 1 / x\ndef g(x):\n    return [][x]\ndef go(*fs):\n    found = []\n    for h in fs:\n        try:\n            h(0)\n        except Exception as e:\n            found.append(e)\n    raise ExceptionGroup('g', found)\nORDER = (g, f)\ngo(*ORDER)\n"),
    ("a group with more members of the same kind", "def f(x):\n    return 1 / x\ndef go(n):\n    found = []\n    for _ in range(n):\n        try:\n            f(0)\n        except Exception as e:\n            found.append(e)\n    raise ExceptionGroup('g', found)\nN = 2\ngo(N)\n", "def f(x):\n    return 1 / x\ndef go(n):\n    found = []\n    for _ in range(n):\n        try:\n            f(0)\n        except Exception as e:\n            found.append(e)\n    raise ExceptionGroup('g', found)\nN = 5\ngo(N)\n"),
    ("an exit code without a traceback", "import sys\nprint('a')\nsys.exit(3)\n", "import sys, time\nprint(time.time())\nsys.exit(3)\n"),
    ("a signal without a traceback", "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)\n", "import os, signal\nprint(1, flush=True)\nos.kill(os.getpid(), signal.SIGTERM)\n"),
    ("the same system error for another file", *twice("open(f'/nowhere/{random.random()}')")),
    ("code without a source line", "exec('def f(x):\\n    return 1 / x\\nf(0)')\n", "\nexec('def f(x):\\n    return 1 / x\\nf(0)')\n"),
]  # fmt: skip


def body(line: str, name: str = "work") -> str:
    return f"def {name}(rows, n=0):\n    {line}\n\n{name}({{}})\n"


def raised(error: str) -> str:
    return f"import errno, os, urllib.error\ndef work(e):\n    raise e\nwork({error})\n"


DIFFERENT: list[tuple[str, Program, Program]] = [
    ("another key in the line", body("return rows['total']"), body("return rows['count']")),
    ("another index in the line", body("return [1][5]"), body("return [1][6]")),
    ("another number in the line", body("return 1 / (n - 0)"), body("return 2 / (n - 0)")),
    ("another line of the same function", body("return rows['total']"), body("x = rows['total']")),
    ("another function with the same line", body("return rows['x']"), body("return rows['x']", "other")),
    ("another type from the same line", "def f(x):\n    return int(x)\nVALUE = 'x'\nf(VALUE)\n", "def f(x):\n    return int(x)\nVALUE = None\nf(VALUE)\n"),
    ("another caller", "def f(x):\n    return x['a']\ndef one():\n    f({})\none()\n", "def f(x):\n    return x['a']\ndef two():\n    f({})\ntwo()\n"),
    ("a call from another line", "def f(x):\n    return x['a']\nf({})\n", "def f(x):\n    return x['a']\nf(dict())\n"),
    ("another file", {"scripts/job.py": "import a\na.go()\n", "scripts/a.py": "def go():\n    1 / 0\n", "scripts/b.py": ""}, {"scripts/job.py": "import b\nb.go()\n", "scripts/b.py": "def go():\n    1 / 0\n", "scripts/a.py": ""}),
    ("the same code in another module", {"scripts/job.py": "from a import go\ngo()\n", "scripts/a.py": "def go():\n    1 / 0\n"}, {"scripts/job.py": "from b import go\ngo()\n", "scripts/b.py": "def go():\n    1 / 0\n"}),
    ("another misspelt name", body("return totl"), body("return totle")),
    ("another missing attribute", body("return rows.size"), body("return rows.length")),
    ("another missing module", "import reqeusts\n", "import nmupy\n"),
    ("another name that cannot be imported", "from os import nothing\n", "from os import nowhere\n"),
    ("another argument missing", "def f(a, b):\n    pass\nf(1)\n", "def f(a, b):\n    pass\nf(b=1)\n"),
    ("another operator", body("return rows + 1"), body("return rows - 1")),
    ("another conversion", body("return int('x')"), body("return float('x')")),
    ("another assertion", body("assert n > 0"), body("assert n > 1")),
    ("a number of the system's errors", raised("OSError(28, 'No space')"), raised("OSError(5, 'I/O error')")),
    ("permission and absence", raised("OSError(13, 'denied')"), raised("OSError(2, 'absent')")),
    ("an HTTP status", raised("urllib.error.HTTPError('u', 404, 'm', {}, None)"), raised("urllib.error.HTTPError('u', 503, 'm', {}, None)")),
    ("a cause and none", "def f():\n    try:\n        int('x')\n    except ValueError as e:\n        raise RuntimeError() from e\nf()\n", "def f():\n    try:\n        int('x')\n    except ValueError as e:\n        raise RuntimeError() from None\nf()\n"),
    ("another cause under one wrapper", "def f(x):\n    return int(x)\ndef g(x):\n    try:\n        f(x)\n    except Exception as e:\n        raise RuntimeError() from e\nX = 'a'\ng(X)\n", "def f(x):\n    return int(x)\ndef g(x):\n    try:\n        f(x)\n    except Exception as e:\n        raise RuntimeError() from e\nX = None\ng(X)\n"),
    ("a cause from another line", "def g(x):\n    try:\n        x['a']\n        x['b']\n    except Exception as e:\n        raise RuntimeError() from e\nX = {}\ng(X)\n", "def g(x):\n    try:\n        x['a']\n        x['b']\n    except Exception as e:\n        raise RuntimeError() from e\nX = {'a': 1}\ng(X)\n"),
    ("a fault in the handler", "def g():\n    try:\n        int('x')\n    except ValueError:\n        log.warn()\ng()\n", "def g():\n    try:\n        int('x')\n    except ValueError:\n        raise\ng()\n"),
    ("another syntax error", "x = (1,\n", "x = [1,\n"),
    ("indentation and syntax", "if 1:\nx = 1\n", "if 1\n    x = 1\n"),
    ("recursion in another function", "def f(n):\n    return f(n)\nf(0)\n", "def g(n):\n    return g(n)\ng(0)\n"),
    ("recursion of one and of two", "def f(n):\n    return f(n)\nf(0)\n", "def f(n):\n    return g(n)\ndef g(n):\n    return f(n)\nf(0)\n"),
    ("a group with another member", "raise ExceptionGroup('g', [ValueError(1), KeyError(2)])\n", "raise ExceptionGroup('g', [ValueError(1), OSError(2)])\n"),
    ("a group and its only member", "def f():\n    raise ExceptionGroup('g', [ValueError(1)])\nf()\n", "def f():\n    raise ValueError(1)\nf()\n"),
    ("another exit code", "import sys\nsys.exit(3)\n", "import sys\nsys.exit(4)\n"),
    ("another signal", "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)\n", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n"),
    ("an exit and an exception", "import sys\nsys.exit(1)\n", "raise ValueError\n"),
    ("a list and a generator expression", body("return [r.x for r in [rows]]"), body("return [r.y for r in [rows]]")),
    ("another method of the same class", "class A:\n    def f(self):\n        return self.x\n    def g(self):\n        return self.x\nA().f()\n", "class A:\n    def f(self):\n        return self.x\n    def g(self):\n        return self.x\nA().g()\n"),
    ("an own class and a built-in one", "class KeyErr(Exception):\n    pass\nraise KeyErr(1)\n", "class ValErr(Exception):\n    pass\nraise ValErr(1)\n"),
    ("another library call", "import json\ndef f():\n    return json.loads('{')\nf()\n", "import json\ndef f():\n    return json.loads('{', strict=False)\nf()\n"),
    ("another encoding problem", body("return b'\\xff'.decode('utf-8')"), body("return b'\\xff'.decode('ascii')")),
    ("a date format", "from datetime import datetime\ndef f():\n    return datetime.strptime('1', '%Y-%m')\nf()\n", "from datetime import datetime\ndef f():\n    return datetime.strptime('1', '%Y/%m')\nf()\n"),
    ("a thread of the pool and the main one", "from concurrent.futures import ThreadPoolExecutor\ndef f(x):\n    return 1 / x\nwith ThreadPoolExecutor(1) as p:\n    p.submit(f, 0).result()\n", "def f(x):\n    return 1 / x\nf(0)\n"),
    ("a deeper call", "def f(x):\n    return 1 / x\ndef g(x):\n    return f(x)\ng(0)\n", "def f(x):\n    return 1 / x\nf(0)\n"),
    ("a lambda's other body", "f = lambda x: x.upper()\nf(None)\n", "f = lambda x: x.lower()\nf(None)\n"),
]  # fmt: skip
