"""A name means what Python would make of it, by whatever way it is written."""

import ast

import pytest

from quarantine.policy.names import Names

MEANS = [
    ("import os", "os._exit", "os._exit"),
    ("import os as o", "o._exit", "os._exit"),
    ("from os import _exit as e", "e", "os._exit"),
    ("import os\na = os\nb = a", "b._exit", "os._exit"),
    ("import os\na, b = os, 1", "a._exit", "os._exit"),
    ("import os", "getattr(os, '_ex' + 'it')", "os._exit"),
    ("import os", "vars(os)['_exit']", "os._exit"),
    ("import os", "os.__dict__['_exit']", "os._exit"),
    ("import os", "os.__getattribute__('_exit')", "os._exit"),
    ("import sys", "sys.modules['pytest'].skip", "pytest.skip"),
    ("import sys", "sys.modules.get('pytest').skip", "pytest.skip"),
    ("", "__import__('os')._exit", "os._exit"),
    ("import importlib", "importlib.import_module('o' 's').kill", "os.kill"),
    ("import operator, os", "operator.attrgetter('_exit')", "?._exit"),
    ("import logging", "logging.os.kill", "os.kill"),
    ("import os\ndef f(o=os): pass", "o.kill", "os.kill"),
    ("import os\nfor m in (os,): pass", "m.kill", "os.kill"),
    ("import os\ndef get():\n    return os", "get().kill", "os.kill"),
    ("", "eval", "builtins.eval"),
    ("class A:\n    def exit(self): pass", "exit", "builtins.exit"),
    ("def f(x): pass", "x.unlink", "?.unlink"),
]
UNKNOWN = [
    ("def eval(x): pass", "eval"),
    ("def f(input): pass", "input"),
    ("x = 1", "x"),
    ("", "undefined_name"),
    ("import os", "getattr(os, name)"),
]


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


@pytest.mark.parametrize(("code", "expression", "name"), MEANS)
def test_the_name_behind_an_expression_is_found(code: str, expression: str, name: str) -> None:
    assert name in Names(ast.parse(code)).resolve(_expression(expression))


@pytest.mark.parametrize(("code", "expression"), UNKNOWN)
def test_what_cannot_be_known_has_no_name(code: str, expression: str) -> None:
    assert Names(ast.parse(code)).resolve(_expression(expression)) == ()
