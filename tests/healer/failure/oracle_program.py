# ruff: noqa: E501, PTH123, RUF005, UP031, UP036 - it runs under Python 3.8, and rows stay rows
"""Runs under any Python from 3.8 on: fails in many ways and says what truly happened.

For each snippet, the interpreter itself prints the uncaught exception to stderr, and the truth
(types, messages, frames, links) goes to stdout as one JSON line. Used by `test_oracle`.
"""

import json
import linecache
import sys
import traceback

SNIPPETS = {
    "plain": "def f(x):\n    return {}[x]\nf('k')",
    "no message": "raise KeyboardInterrupt",
    "empty message": "raise ValueError('')",
    "several lines": "raise ValueError('first\\nsecond\\n  third')",
    "begins with a newline": "raise ValueError('\\nsecond')",
    "cause": "try:\n    int('x')\nexcept ValueError as error:\n    raise RuntimeError('y') from error",
    "context": "try:\n    int('x')\nexcept ValueError:\n    [][1]",
    "context suppressed": "try:\n    int('x')\nexcept ValueError:\n    raise OSError('z') from None",
    "cause without frames": "raise OSError('z') from KeyError('x')",
    "chain of four": (
        "def f(n):\n    try:\n        if n: f(n - 1)\n        else: 1 / 0\n"
        "    except Exception as error:\n        raise ValueError(n) from error\nf(3)"
    ),
    "own class": "class Broken(Exception):\n    pass\nraise Broken('it is')",
    "own class without message": "class Stop(Exception):\n    pass\nraise Stop",
    "nested class": "class A:\n    class Bad(Exception):\n        pass\nraise A.Bad(1)",
    "local class": "def f():\n    class E(Exception):\n        pass\n    return E\nraise f()('x')",
    "class of a module": "import json\njson.loads('{')",
    "system error": "open('/nowhere/at/all')",
    "unicode": "données = {}\ndonnées['ключ']",
    "undecodable": "b'\\xff'.decode('utf-8')",
    "syntax": "import ast\nast.parse('def f(:\\n')",
    "syntax in compile": "compile('x = (1,\\n', 'made.py', 'exec')",
    "indentation": "compile('if 1:\\nx = 1\\n', 'made.py', 'exec')",
    "long call": "dict(\n    a=1,\n    b=[\n        1 / 0,\n    ],\n)",
    "lambda": "f = lambda x: x.upper()\nf(None)",
    "generator": "def g():\n    yield 1\n    raise LookupError('end')\nlist(g())",
    "class body": "class A:\n    b = 1 + ''",
    "code from text": "exec('1/0')",
    "message like a frame": "raise ValueError('  File \"x.py\", line 3, in f')",
    "message like a record": "raise ValueError('a: b: c')",
    "recursion": "def f(n):\n    return f(n + 1)\nf(0)",
    "mutual recursion": "def a(n):\n    return b(n)\ndef b(n):\n    return a(n)\na(0)",
    "unprintable": "class E(Exception):\n    def __str__(self):\n        raise ValueError\nraise E",
    "long line": "x = {'k': 0}\nassert x['k'] == " + "1 + " * 300 + "1",
}
SNIPPETS_311 = {
    "note": "e = ValueError('x')\ne.add_note('a note')\ne.add_note('more\\nlines')\nraise e",
    "group": "raise ExceptionGroup('g', [ValueError(1), KeyError('k')])",
    "group with frames": (
        "def f(n):\n    return [][n]\nfound = []\nfor n in range(3):\n    try:\n        f(n)\n"
        "    except Exception as e:\n        found.append(e)\nraise ExceptionGroup('three', found)"
    ),
    "group in group": (
        "inner = ExceptionGroup('in', [TypeError('t'), OSError('o')])\n"
        "raise ExceptionGroup('out', [ValueError(1), inner])"
    ),
    "chain in group": (
        "try:\n    try:\n        1 / 0\n    except Exception as e:\n        raise KeyError('k') from e\n"
        "except Exception as e:\n    raise ExceptionGroup('g', [e]) from None"
    ),
    "group then another": (
        "try:\n    raise ExceptionGroup('g', [ExceptionGroup('h', [ValueError(1)])])\n"
        "except Exception:\n    raise RuntimeError('after')"
    ),
    "group with a note": ("e = ExceptionGroup('g', [ValueError(1)])\ne.add_note('noted')\nraise e"),
    "tasks": (
        "import asyncio\nasync def f(n):\n    return 1 / n\nasync def main():\n"
        "    async with asyncio.TaskGroup() as tg:\n        tg.create_task(f(0))\nasyncio.run(main())"
    ),
}


def flat(error, seen):
    """The chain as the parser gives it: causes first, members before their group.

    A cause or context that was printed already is not printed again.
    """
    seen.add(id(error))
    found = []
    before, relation = error.__cause__, "cause"
    if before is None and not error.__suppress_context__:
        before, relation = error.__context__, "context"
    if before is not None and id(before) not in seen:
        found += linked(flat(before, seen), relation)
    for member in getattr(error, "exceptions", ()):
        found += linked(flat(member, seen), "group")
    return found + [truth_of(error)]


def linked(chain, relation):
    return chain[:-1] + [dict(chain[-1], relation=relation)]


def truth_of(error):
    kind = type(error)
    name = kind.__qualname__
    if kind.__module__ not in ("builtins", "__main__"):
        name = kind.__module__ + "." + name
    try:
        message = str(error)
    except Exception:
        message = "<exception str() failed>"
    if isinstance(error, SyntaxError):
        message = error.msg
    lines = [message] + list(getattr(error, "__notes__", ()))
    frames = [
        {"file": f.filename, "line": f.lineno, "function": f.name, "source": f.line or ""}
        for f in traceback.extract_tb(error.__traceback__)
        if f.filename != __file__
    ]
    if isinstance(error, SyntaxError):
        frames.append(
            {"file": error.filename, "line": error.lineno, "function": "", "source": error.text}
        )
    return {"type": name, "message": "\n".join(lines), "frames": frames, "relation": ""}


def main():
    root = sys.argv[1]
    snippets = dict(SNIPPETS)
    if sys.version_info >= (3, 11):
        snippets.update(SNIPPETS_311)
    for number, (name, source) in enumerate(snippets.items()):
        path = "%s/scripts/job_%d.py" % (root, number)
        linecache.cache[path] = (len(source), None, source.splitlines(True), path)
        with open(path, "w", encoding="utf-8") as file:
            file.write(source)
        try:
            exec(compile(source, path, "exec"), {"__name__": "__main__"})
        except BaseException as error:
            trace = error.__traceback__.tb_next
            error = error.with_traceback(trace)
            print(json.dumps({"name": name, "chain": flat(error, set())}), flush=True)
            sys.__excepthook__(type(error), error, trace)
            sys.stderr.write("\n=====\n")
            sys.stderr.flush()


main()
