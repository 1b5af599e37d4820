"""What ends, watches or rewires the running program is told; what only reads it is not."""

import pytest

from quarantine.policy import Example
from quarantine.policy.rules.running_program import RULES
from tests.quarantine.policy.examples import is_refused

IMPORTS = """
  import atexit, ctypes, gc, importlib, inspect, os, signal, sys, threading, traceback, weakref
"""
TOLD = {
    "os._exit(0)": "process-exit",
    "os.kill(1, 9)": "process-exit",
    "os.abort()": "process-exit",
    "signal.raise_signal(9)": "process-exit",
    "getattr(os, '_exit')(0)": "process-exit",
    "leave = os._exit": "process-exit",
    "atexit.register(f)": "exit-hook",
    "signal.signal(15, f)": "exit-hook",
    "weakref.finalize(a, f)": "exit-hook",
    "sys._getframe(1)": "frame-tricks",
    "inspect.stack()": "frame-tricks",
    "inspect.currentframe()": "frame-tricks",
    "gc.get_objects()": "frame-tricks",
    "sys.settrace(f)": "frame-tricks",
    "f.__globals__": "frame-tricks",
    "f.__code__": "frame-tricks",
    "error.__traceback__.tb_frame.f_locals": "frame-tricks",
    "object.__subclasses__()": "frame-tricks",
    "traceback.extract_stack()": "frame-tricks",
    "inspect.getsource(f)": "introspection",
    "breakpoint()": "introspection",
    "input()": "introspection",
    "row.__getattribute__('a')": "hidden-name",
    "__loader__": "hidden-name",
    "os.write(3, b'')": "descriptor",
    "os.dup2(1, 2)": "descriptor",
    "sys.stdout.close()": "descriptor",
    "sys.__stdout__": "descriptor",
    "sys.modules['a']": "module-table",
    "sys.modules.pop('a')": "module-table",
    "sys.meta_path.insert(0, f)": "module-table",
    "importlib.reload(m)": "module-table",
    "ctypes.CDLL(None)": "native-memory",
    "sys.path.insert(0, p)": "import-path",
    "sys.path": "import-path",
}
QUIET = [
    "os.sep",
    "signal.strsignal(9)",
    "signal.Signals(9)",
    "sys.version",
    "traceback.format_exc()",
    "inspect.signature(f)",
    "inspect.isclass(f)",
    "gc.collect()",
    "f.__name__",
    "row.__class__",
    "sys.stdout.flush()",
    "sys.stdin.read()",
    "rows.input",
    "threading.get_ident()",
    "weakref.ref(a)",
    "os.path.exists(p)",
    "importlib.metadata.version('a')",
    "session.modules",
    "sys.exc_info()",
    "importlib.import_module('a')",
]


def names(example: str | Example) -> set[str]:
    return {rule.name for rule in RULES if is_refused(rule, example)}


@pytest.mark.parametrize("line", TOLD)
def test_a_grip_on_the_running_program_is_told(line: str) -> None:
    assert TOLD[line] in names(f"{IMPORTS}+ x = {line}")


@pytest.mark.parametrize("line", QUIET)
def test_what_only_reads_is_not(line: str) -> None:
    assert names(f"{IMPORTS}+ x = {line}") == set()


@pytest.mark.parametrize(
    "line",
    [
        "import pytest",
        "import unittest.mock",
        "from hypothesis import given",
        "import doctest",
        "import conftest",
        "from pytest import skip",
        "import coverage",
    ],
)
def test_product_code_has_no_business_with_test_tools(line: str) -> None:
    assert "test-framework" in names(f"+ {line}")
    assert "test-framework" not in names(f"  {line}\n+ x = 1")


NEW_TEST = {
    "import pytest\n+ pytest.skip('no')": True,
    "import pytest\n+ @pytest.mark.xfail\n+ def test_a():\n+     pass": True,
    "import pytest\n+ @pytest.mark.skipif(a, reason='b')\n+ def test_a():\n+     pass": True,
    "import unittest\n+ @unittest.skip('a')\n+ def test_a():\n+     pass": True,
    "import unittest\n+ raise unittest.SkipTest('a')": True,
    "from _pytest import runner": True,
    "import pytest\n+ @pytest.hookimpl\n+ def pytest_runtest(item):\n+     pass": True,
    "import pytest\n+ with pytest.raises(ValueError):\n+     f()": False,
    "import pytest\n+ @pytest.mark.parametrize('a', [1])\n+ def test_a(a):\n+     pass": False,
    "import pytest\n+ @pytest.fixture\n+ def rows():\n+     return []": False,
    "import unittest\n+ class T(unittest.TestCase):\n+     pass": False,
}


@pytest.mark.parametrize("lines", NEW_TEST)
def test_a_new_test_may_use_the_framework_but_not_get_around_it(lines: str) -> None:
    example = Example(f"+ {lines}", path="tests/test_new.py", old_mode="")
    assert ("test-framework" in names(example)) == NEW_TEST[lines]


@pytest.mark.parametrize(
    ("line", "told"),
    [("os._exit(0)", True), ("sys._getframe()", True), ("sys.modules['a']", True),
     ("sys.path.insert(0, p)", False), ("os.dup(1)", False), ("input()", False)],
)  # fmt: skip
def test_what_is_refused_is_refused_in_new_tests_too(line: str, told: bool) -> None:
    example = Example(f"+ import os, sys\n+ x = {line}", path="tests/test_new.py", old_mode="")
    assert bool(names(example)) == told
