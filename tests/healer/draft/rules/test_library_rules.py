"""Names, members and arguments that libraries gave up: every table row has a source and applies.

Libraries that are installed here are asked themselves; for the others their messages are written
as their release notes and sources have them.
"""

import ast
import re

import pytest

from healer.draft.rules.names import forms, renames
from healer.failure import Frame, Raised
from tests.healer.draft.rules.test_rules import best, drafts

MOVED = [
    (key, group["source"])
    for group in renames.table()
    for kind, table in group.items()
    if isinstance(table, dict) and kind != "differs"
    for key in table
]


def test_every_group_names_its_source() -> None:
    sources = [g["source"] for g in renames.table()] + [g["source"] for g in forms.table()]
    assert all(source.startswith("https://") for source in sources)
    assert len(MOVED) > 250


def test_no_name_is_its_own_successor() -> None:
    for group in renames.table():
        for old, new in group.get("names", {}).items():
            assert old != new.replace(":", ".")
            assert ":" in new


def failed(kind: str, message: str, line: int) -> Raised:
    frame = Frame(file="job.py", line=line, function="<module>", own=True)
    return Raised(type=kind, message=message, frames=(frame,))


MODULES = {module for group in renames.table() for module in group.get("modules", {})}
NAMES = [
    (key, new)
    for group in renames.table()
    for key, new in group.get("names", {}).items()
    if not any(f"{key}.".startswith(f"{module}.") for module in MODULES)
]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("old", "new"), NAMES, ids=[old for old, _ in NAMES])
def test_a_name_that_moved_is_replaced_where_it_is_used(old: str, new: str) -> None:
    module, _, attribute = old.rpartition(".")
    source = f"import {module}\nx = {old}\n"
    error = failed("AttributeError", f"module '{module}' has no attribute '{attribute}'", 2)
    rule, text = best(source, error)
    assert rule == "moved-name"
    wanted = new.removeprefix("builtins:").replace(":", ".").rstrip(".")
    assert text.endswith(f"x = {wanted}\n")
    other = failed("AttributeError", f"module '{module}' has no attribute 'unheard_of'", 2)
    assert "moved-name" not in {draft.rule for draft in drafts(source, other).candidates}


MEMBERS = [
    (types.split("|")[0], name, form)
    for group in forms.table()
    for key, form in group.get("members", {}).items()
    for types, _, name in [key.rpartition(".")]
]


@pytest.mark.parametrize(("kind", "name", "form"), MEMBERS, ids=[f"{k}.{n}" for k, n, _ in MEMBERS])
def test_a_member_that_is_gone_is_written_anew(kind: str, name: str, form: str) -> None:
    plain = name.removesuffix("()").removesuffix("({})")
    asked = [int(n) for n in re.findall(r"\{(\d)\}", form)]
    arguments = ", ".join(f"a{n}" for n in range(max(asked, default=-1) + 1))
    arguments = '{"n": 1}' if name.endswith("({})") else arguments
    call = f"({arguments})" if name.endswith(")") else ""
    text = f"thing.{plain}{call}"
    source = f"{text}\n" if "] = " in form else f"x = {text}\n"
    error = failed("AttributeError", f"'{kind}' object has no attribute '{plain}'", 1)
    rule, content = best(source, error)
    assert rule in ("old-member", "moved-method", "wrong-attribute")  # whose edit is the same
    ast.parse(content)
    assert "thing" in content or "{self}" not in form
    assert content.splitlines()[-1] != source.strip()
    if rule == "old-member":
        assert "see https://" in drafts(source, error).candidates[0].cause
    other = failed("AttributeError", f"'Other' object has no attribute '{plain}'", 1)
    assert "old-member" not in {draft.rule for draft in drafts(source, other).candidates}


FUNCTIONS = [
    (name, form) for group in forms.table() for name, form in group.get("functions", {}).items()
]


@pytest.mark.parametrize(("name", "form"), FUNCTIONS, ids=[name for name, _ in FUNCTIONS])
def test_a_function_that_is_gone_is_written_anew(name: str, form: str) -> None:
    module, _, function = name.rpartition(".")
    asked = [int(n) for n in re.findall(r"\{(\d)\}", form)]
    arguments = ", ".join(f"a{n}" for n in range(max(asked, default=-1) + 1))
    source = f"import {module} as m\nx = m.{function}({arguments})\n"
    error = failed("AttributeError", f"module '{module}' has no attribute '{function}'", 2)
    rule, text = best(source, error)
    assert rule == "old-function"
    ast.parse(text)
    assert f"x = m.{function}(" not in text
    unfit = f"import {module} as m\nx = m.{function}(*rows)\n"
    assert "old-function" not in {draft.rule for draft in drafts(unfit, error).candidates}


ARGUMENTS = [
    (key, form) for group in forms.table() for key, form in group.get("arguments", {}).items()
]


@pytest.mark.parametrize(("key", "form"), ARGUMENTS, ids=[key for key, _ in ARGUMENTS])
def test_an_argument_that_is_gone_is_replaced_or_left_out(key: str, form: str) -> None:
    function, _, named = key.partition(":")
    name, _, value = named.partition("=")
    alone = form.startswith("= {self}")
    source = f"x = thing.{function}({'' if alone else 'first, '}{name}={value or 'value'})\n"
    message = f"{function}() got an unexpected keyword argument '{name}'"
    rule, text = best(source, failed("TypeError", message, 1))
    assert rule == "old-argument"
    ast.parse(text)
    assert f"{name}=" not in text.replace(form.partition("=")[0] + "=", "") or not form
    own = source.replace(function, "function_of_our_own")
    other = failed("TypeError", message.replace(function, "function_of_our_own"), 1)
    assert "old-argument" not in {draft.rule for draft in drafts(own, other).candidates}


@pytest.mark.parametrize(
    ("broken", "mended"),
    [
        ("import pipes\nx = pipes.quote('a b')\n", "import shlex\nx = shlex.quote('a b')\n"),
        (
            "import sys\nimport imp\nimp.reload(sys)\n",
            "import importlib\nimport sys\nimportlib.reload(sys)\n",
        ),
        (
            "from distutils.spawn import find_executable\nx = find_executable('ls')\n",
            "from shutil import which\nx = which('ls')\n",
        ),
    ],
)
def test_a_module_that_is_gone_is_done_without(broken: str, mended: str) -> None:
    lines = broken.splitlines()
    at = next(n for n, text in enumerate(lines, 1) if re.search("pipes|imp$|distutils", text))
    module = re.search(r"pipes|imp\b(?!ort)|distutils", lines[at - 1])
    assert module
    error = failed("ModuleNotFoundError", f"No module named '{module[0]}'", at)
    rule, text = best(broken, error)
    assert rule == ("moved-name" if "from" in broken else "gone-module")
    assert text == mended
    more = broken + f"y = {module[0]}.unheard_of\n"
    if "from" not in broken:
        assert drafts(more, error).candidates == ()


REAL = [
    (
        "old-argument",
        'import sqlalchemy as sa\ne = sa.create_engine("sqlite://", convert_unicode=True)\n',
        'sa.create_engine("sqlite://")',
    ),
    (
        "textual-sql",
        'import sqlalchemy as sa\ne = sa.create_engine("sqlite://")\nwith e.connect() as c:\n'
        '    x = c.execute("select 1").scalar()\n',
        'c.execute(text("select 1"))',
    ),
    (
        "textual-sql",
        "import sqlalchemy as sa\nfrom sqlalchemy.orm import Session\n"
        'x = Session(sa.create_engine("sqlite://")).execute("select 1").scalar()\n',
        '.execute(text("select 1"))',
    ),
    (
        "select-list",
        "import sqlalchemy as sa\nx = sa.select([sa.literal(1), sa.literal(2)])\n",
        "sa.select(sa.literal(1), sa.literal(2))",
    ),
    (
        "row-by-name",
        'import sqlalchemy as sa\ne = sa.create_engine("sqlite://")\nwith e.connect() as c:\n'
        '    row = c.execute(sa.text("select 1 as n")).first()\n    x = row["n"]\n',
        'row._mapping["n"]',
    ),
    (
        "engine-execute",
        'import sqlalchemy as sa\ne = sa.create_engine("sqlite://")\n'
        'x = e.execute("select 1").scalar()\n',
        "with e.begin() as connection:\n    x = connection.execute(text(",
    ),
    (
        "old-member",
        'import sqlalchemy as sa\ne = sa.create_engine("sqlite://")\nx = e.table_names()\n',
        "sa.inspect(e).get_table_names()",
    ),
    ("moved-name", "from sqlalchemy.orm import relation\n", "import relationship"),
    (
        "old-argument",
        "from pydantic import Field\nx = Field('a', regex='a')\n",
        "Field('a', pattern='a')",
    ),
    ("old-argument", "from pydantic import constr\nx = constr(regex='a')\n", "pattern='a'"),
    (
        "unannotated-field",
        "from pydantic import BaseModel\nclass A(BaseModel):\n    n = 1\n",
        "    n: int = 1",
    ),
    (
        "root-validator",
        "from pydantic import BaseModel, root_validator\nclass A(BaseModel):\n    n: int = 1\n"
        "    @root_validator\n    def f(cls, v):\n        return v\n",
        "@root_validator(skip_on_failure=True)",
    ),
    (
        "orm-mode",
        "from pydantic import BaseModel\nclass A(BaseModel):\n    n: int = 1\n"
        "    class Config:\n        orm_mode = True\nclass O:\n    n = 2\nx = A.from_orm(O())\n",
        "        from_attributes = True",
    ),
    (
        "old-argument",
        "from urllib3.util.retry import Retry\nx = Retry(method_whitelist=['GET'])\n",
        "Retry(allowed_methods=['GET'])",
    ),
    ("yaml-loader", "import yaml\nx = yaml.load('a: 1')\n", "yaml.safe_load('a: 1')"),
    (
        "old-argument",
        "def order(a, b):\n    return a - b\nx = sorted([2, 1], cmp=order)\n",
        "sorted([2, 1], key=functools.cmp_to_key(order))",
    ),
    ("old-member", "x = [1].length", "x = len([1])"),
    ("old-member", "x = 'abc'.contains('b')", "x = ('b' in 'abc')"),
    ("old-member", "x = 'a.txt'.exists()", "Path('a.txt').exists()"),
    ("moved-module", "import md5\nx = md5.new(b'a').hexdigest()\n", "hashlib.md5(b'a')"),
    ("old-function", "import string\nx = string.join(['a'], '-')\n", "'-'.join(['a'])"),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("rule", "broken", "expected"), REAL)
def test_what_the_installed_libraries_refuse_is_mended(
    rule: str, broken: str, expected: str
) -> None:
    fired, content = best(broken)
    assert fired == rule
    assert expected in content
    exec(compile(content, "job.py", "exec"), {"__name__": "__main__"})


def test_pydantic_s_settings_come_from_their_own_package() -> None:
    rule, text = best("from pydantic import BaseModel, BaseSettings\n")
    assert rule == "moved-name"
    assert text == ("from pydantic import BaseModel\nfrom pydantic_settings import BaseSettings\n")


SILENT = [
    # a result that is read later needs its connection still open
    'import sqlalchemy as sa\ne = sa.create_engine("sqlite://")\nr = e.execute("select 1")\n',
    "x = (1, 2)['a']\n",  # not a row of a database
    "class A:\n    pass\nA().append(1)\n",
    "import sqlalchemy as sa\nsa.create_engine('sqlite://', unheard_of=True)\n",
    "from pydantic import BaseModel\nclass A(BaseModel):\n    n = object()\n",
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("source", SILENT)
def test_no_draft_where_a_library_s_change_says_nothing(source: str) -> None:
    assert drafts(source).candidates == ()
