"""New code in functions that are already imported: exactly where that is the same as an import."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING

import pytest

from sandbox.inside.screening.live_functions import LiveFunctions, key_of, put_back

if TYPE_CHECKING:
    from sandbox.inside.screening.live_functions import Undo

OLD = """
LIMIT = 3
def f(x, step=1):
    return x + step
class A:
    colour = "red"
    def g(self):
        return 1
def outer():
    free = 1
    def inner():
        return free
    return inner
"""
FILE = "live_module.py"


def module_of(source: str = OLD) -> types.ModuleType:
    module = types.ModuleType("live_module")
    exec(compile(source, FILE, "exec"), module.__dict__)
    return module


def replace(new: str, ran_at_import: set[tuple[str, str, int]] | None = None) -> Undo | None:
    """Puts the functions of `new` into every live module of `OLD`."""
    old, changed = (compile(source, FILE, "exec") for source in (OLD, new))
    return LiveFunctions({FILE}).replace(old, changed, ran_at_import or set())


def test_a_changed_body_reaches_functions_and_methods_that_are_already_imported() -> None:
    module = module_of()
    assert replace(OLD.replace("x + step", "x - step").replace("return 1", "return 2"))
    assert module.f(5) == 4
    assert module.A().g() == 2


def test_a_replacement_can_be_undone() -> None:
    module = module_of()
    undo = replace(OLD.replace("x + step", "x - step"))
    assert undo is not None
    put_back(undo)
    assert module.f(5) == 6


def test_a_function_that_was_imported_by_name_elsewhere_is_replaced_too() -> None:
    elsewhere = module_of().f
    assert replace(OLD.replace("x + step", "x * 10"))
    assert elsewhere(5) == 50


def test_nothing_changed_is_nothing_to_undo() -> None:
    module = module_of()
    assert list(replace(OLD) or ()) == []
    assert module.f(5) == 6


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("step=1", "step=2", id="a default value"),
        pytest.param("LIMIT = 3", "LIMIT = 4", id="a constant of the module"),
        pytest.param("LIMIT = 3", "LIMIT = 3.0", id="a constant of another type"),
        pytest.param('colour = "red"', 'colour = "blue"', id="a constant of a class"),
        pytest.param("LIMIT = 3", "import os", id="an import"),
        pytest.param("def f(x", "@staticmethod\ndef f(x", id="a decorator"),
        pytest.param("def f(x", "def other(x", id="another name"),
        pytest.param("class A:", "class A(int):", id="a base class"),
    ],
)
def test_what_an_import_would_do_differently_is_refused_and_changes_nothing(
    before: str, after: str
) -> None:
    module = module_of()
    new = OLD.replace(before, after).replace("x + step", "x - step")
    assert new.count(after)
    assert replace(new) is None
    assert module.f(5) == 6


def test_a_function_that_closes_over_other_names_is_refused() -> None:
    with_cell = "def make():\n    n = 1\n    return lambda: n\nf = make()\n"
    module = types.ModuleType("cells")
    old = compile(with_cell, FILE, "exec")
    exec(old, module.__dict__)
    make = old.co_consts[0]
    inner = next(const for const in make.co_consts if isinstance(const, types.CodeType))
    assert inner.co_freevars == ("n",)
    other = compile(with_cell.replace("lambda: n", "lambda: 2"), FILE, "exec")
    undo = LiveFunctions({FILE}).replace(old, other, set())
    assert undo is not None
    assert [function.__name__ for function, _ in undo] == ["make"]


def test_a_function_that_ran_while_the_module_was_loaded_comes_too_late() -> None:
    module = module_of()
    key = key_of(module.f.__code__)
    new = OLD.replace("x + step", "x - step")
    assert replace(new, {key}) is None
    assert module.f(5) == 6
    assert replace(new, {("other.py", *key[1:])}) is not None


def test_a_function_that_ran_and_only_stands_on_other_lines_keeps_its_code() -> None:
    module = module_of()
    longer = OLD.replace("    return x + step", "    x -= 1\n    return x + step")
    ran = {key_of(module.A.g.__code__), key_of(module.outer.__code__)}
    undo = replace(longer, ran)
    assert undo is not None
    assert {function.__name__ for function, _ in undo} == {"f"}
    assert (module.f(5), module.A().g(), module.outer()()) == (5, 1, 1)


@pytest.mark.parametrize(
    ("old", "new"),
    [("return 1", "return True"), ("return 1", "return 1.0"), ("def g(self)", "def g(self, *more)"),
     ("        return free", "        return free + 1"), ("return 1", "yield 1")],
)  # fmt: skip
def test_one_that_ran_and_does_otherwise_needs_an_import(old: str, new: str) -> None:
    module = module_of()
    ran = {key_of(module.A.g.__code__), key_of(module.outer.__code__)}
    assert replace("\n" + OLD.replace(old, new, 1), ran) is None
    assert module.A().g() == 1


def test_functions_of_other_files_are_left_alone() -> None:
    other = types.ModuleType("other")
    exec(compile(OLD, "other.py", "exec"), other.__dict__)
    _module = module_of()  # or it is collected, with its functions
    assert replace(OLD.replace("x + step", "x - step"))
    assert other.f(5) == 6
