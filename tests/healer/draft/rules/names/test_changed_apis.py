"""Members, functions and arguments that libraries gave up: each row of the table applies.

Libraries that are installed here are asked themselves; for the others their messages are written
as their release notes and sources have them.
"""

import ast
import re

import pytest

from healer.draft.rules.example import Example
from healer.draft.rules.names.forms import (
    Form,
    argument_forms,
    function_forms,
    member_forms,
)
from healer.failure import Frame, Raised
from tests.support.rule_cases import (
    check_fix,
    check_guess,
    check_silence,
    content_of,
    draft_example,
    example_case,
)

NO_APPEND = "AttributeError: 'DataFrame' object has no attribute 'append'"
MENDED = [
    example_case(
        "a function of a module that is gone",
        "old-function",
        """
        + import shutil
        - from distutils.dir_util import copy_tree
        - copy_tree("a", "b")  #! ModuleNotFoundError: No module named 'distutils'
        + shutil.copytree("a", "b", dirs_exist_ok=True)
        """,
        is_reported=True,
    ),
    example_case(
        "a client of before version 1",
        "old-function",
        """
          import openai
        - answer = openai.ChatCompletion.create(model="m", messages=[])
        #! APIRemovedInV1: You tried to access openai.ChatCompletion, but this is no longer
        + answer = openai.chat.completions.create(model="m", messages=[]).model_dump()
          print(answer["choices"][0])
        """,
        is_reported=True,
    ),
    example_case(
        "a search by a way of its own",
        "old-member",
        """
        - box = driver.find_element_by_css_selector(".total")
        #! AttributeError: 'WebDriver' object has no attribute 'find_element_by_css_selector'
        + box = driver.find_element("css selector", ".total")
        """,
        is_reported=True,
    ),
    example_case(
        "the tables of a database",
        "old-member",
        """
          import sqlalchemy as sa
          e = sa.create_engine("sqlite://")
        - x = e.table_names()  #! AttributeError: 'Engine' object has no attribute 'table_names'
        + x = sa.inspect(e).get_table_names()
        """,
    ),
    example_case(
        "one table appended to another",
        "old-member",
        f"""
          import pandas as pd
          def join(total, day):
        -     return total.append(day, ignore_index=True)  #! {NO_APPEND}
        +     return pd.concat([total, day], ignore_index=True)
        """,
        is_reported=True,
    ),
    example_case(
        "a row appended to a table",
        "old-member",
        f"""
          import pandas as pd
          def add(total, day):
        -     return total.append({{"day": day}}, ignore_index=True)
        #! {NO_APPEND}
        +     return pd.concat([total, pd.DataFrame([{{"day": day}}])], ignore_index=True)
        """,
        is_reported=True,
    ),
    example_case(
        "a row from a variable",
        "old-member",
        f"""
          import pandas as pd
          def add(total, row):
        -     return total.append(row)  #! {NO_APPEND}
        +     return pd.concat([total, pd.DataFrame([row])])
        """,
        recorded={"row": "{'day': 'mon'}"},
        is_reported=True,
    ),
    example_case(
        "an engine that knows no encoding any more",
        "old-argument",
        """
          import sqlalchemy as sa
        - e = sa.create_engine("sqlite://", convert_unicode=True)
        #! TypeError: Invalid argument(s) 'convert_unicode' sent to create_engine(), using
        #! configuration SQLiteDialect_pysqlite/SingletonThreadPool/Engine.  Please check that the
        #! keyword arguments are appropriate for this combination of components.
        + e = sa.create_engine("sqlite://")
        """,
    ),
    example_case(
        "a comparison for sorting",
        "old-argument",
        """
        + import functools
          def order(a, b):
              return a - b
        - x = sorted([2, 1], cmp=order)
        #! TypeError: 'cmp' is an invalid keyword argument for sort()
        + x = sorted([2, 1], key=functools.cmp_to_key(order))
        """,
    ),
    example_case(
        "a field's pattern",
        "old-argument",
        """
          from pydantic import Field
        - x = Field('a', regex='a')
        #! PydanticUserError: `regex` is removed. use `pattern` instead
        + x = Field('a', pattern='a')
        """,
        is_reported=True,
    ),
    example_case(
        "a text's pattern",
        "old-argument",
        """
          from pydantic import constr
        - x = constr(regex='a')  #! TypeError: constr() got an unexpected keyword argument 'regex'
        + x = constr(pattern='a')
        """,
    ),
    example_case(
        "methods that are tried again",
        "old-argument",
        """
          from urllib3.util.retry import Retry
        - x = Retry(method_whitelist=['GET'])
        #! TypeError: Retry.__init__() got an unexpected keyword argument 'method_whitelist'
        + x = Retry(allowed_methods=['GET'])
        """,
    ),
    example_case(
        "bad lines of a CSV",
        "old-argument",
        """
          import pandas as pd
          def rows(path):
        -     return pd.read_csv(path, error_bad_lines=False)
        #! TypeError: read_csv() got an unexpected keyword argument 'error_bad_lines'
        +     return pd.read_csv(path, on_bad_lines="warn")
        """,
        is_reported=True,
    ),
    example_case(
        "a column read as a series",
        "old-argument",
        """
          import pandas as pd
          def rows(path):
        -     return pd.read_csv(path, squeeze=True)
        #! TypeError: read_csv() got an unexpected keyword argument 'squeeze'
        +     return pd.read_csv(path).squeeze("columns")
        """,
        is_reported=True,
    ),
    example_case(
        "a text's old functions",
        "old-function",
        """
        - import string
        - x = string.join(['a'], '-')  #! AttributeError: module 'string' has no attribute 'join'
        + x = '-'.join(['a'])
        """,
    ),
    example_case(
        "a moving mean",
        "old-function",
        """
        - import pandas as pd
          def smooth(values):
        -     return pd.rolling_mean(values, 3)
        #! AttributeError: module 'pandas' has no attribute 'rolling_mean'
        +     return values.rolling(3).mean()
        """,
        is_reported=True,
    ),
    example_case(
        "the import goes with its last use, and no other does",
        "old-function",
        """
        - import string, sys
        + import sys
        - x = string.join(['a'], sys.platform)
        #! AttributeError: module 'string' has no attribute 'join'
        + x = sys.platform.join(['a'])
        """,
    ),
]
GUESSED = [
    example_case(
        "a list's length, as elsewhere",
        "old-member",
        """
        - x = [1].length  #! AttributeError: 'list' object has no attribute 'length'
        + x = len([1])
        """,
    ),
    example_case(
        "a text's question, as elsewhere",
        "old-member",
        """
        - x = 'abc'.contains('b')  #! AttributeError: 'str' object has no attribute 'contains'
        + x = ('b' in 'abc')
        """,
    ),
    example_case(
        "a path that is text",
        "old-member",
        """
        + from pathlib import Path
        - x = 'a.txt'.exists()  #! AttributeError: 'str' object has no attribute 'exists'
        + x = Path('a.txt').exists()
        """,
    ),
    example_case(
        "one end of a queue or the other",
        "old-member",
        """
          from collections import deque
          jobs = deque()
        - jobs.push(1)  #! AttributeError: 'collections.deque' object has no attribute 'push'
        + jobs.append(1)
        """,
    ),
    example_case(
        "both ends of a text or one",
        "old-member",
        """
        - print(" a ".trim())  #! AttributeError: 'str' object has no attribute 'trim'
        + print(" a ".strip())
        """,
    ),
]
SILENT = [
    example_case(
        "a class of one's own without such a method",
        "*",
        """
        class A:
            pass
        A().append(1)  #! AttributeError: 'A' object has no attribute 'append'
        """,
    ),
    example_case(
        "an argument that never was there",
        "*",
        """
        import sqlalchemy as sa
        sa.create_engine('sqlite://', unheard_of=True)
        #! TypeError: Invalid argument(s) 'unheard_of' sent to create_engine(), using configuration
        #! SQLiteDialect_pysqlite/SingletonThreadPool/Engine.  Please check that the keyword
        #! arguments are appropriate for this combination of components.
        """,
    ),
    example_case(
        "a strategy that did other work: without it the statements would run",
        "old-argument",
        """
        import sqlalchemy as sa
        sa.create_engine("sqlite://", strategy="mock")
        #! TypeError: create_mock_engine() missing 1 required positional argument: 'executor'
        """,
    ),
    example_case(
        "a row as a series: it would go in as a column",
        "old-member",
        f"""
        import pandas as pd
        def add(total, row):
            day = pd.Series(row)
            return total.append(day, ignore_index=True)  #! {NO_APPEND}
        """,
        is_reported=True,
    ),
    example_case(
        "several tables at once",
        "old-member",
        f"""
        def join(total, mon, tue):
            return total.append([mon, tue])  #! {NO_APPEND}
        """,
        is_reported=True,
    ),
    example_case(
        "arguments that are spread",
        "old-function",
        """
        import string
        parts = ["a"], "-"
        string.join(*parts)  #! AttributeError: module 'string' has no attribute 'join'
        """,
    ),
    example_case(
        "an own function that takes the argument under another name",
        "old-argument",
        """
        def order(rows, compare=None):
            return rows
        order([1, 2], cmp=1)  #! TypeError: order() got an unexpected keyword argument 'cmp'
        """,
    ),
    example_case(
        "a squeeze that is off already",
        "old-member",
        """
        def rows(frame):
            return frame.squeezed
        #! AttributeError: 'DataFrame' object has no attribute 'squeezed'
        """,
        is_reported=True,
    ),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("rule", "example"), MENDED)
def test_what_is_gone_is_written_anew(rule: str, example: Example) -> None:
    check_fix(rule, example)


@pytest.mark.parametrize(("rule", "example"), GUESSED)
def test_a_habit_from_elsewhere_is_a_guess(rule: str, example: Example) -> None:
    check_guess(rule, example)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_no_form_is_made_up(rule: str, example: Example) -> None:
    check_silence(rule, example)


def failure_at(kind: str, message: str, line: int) -> Raised:
    frame = Frame(file="job.py", line=line, function="<module>", own=True)
    return Raised(type=kind, message=message, frames=(frame,))


def draft_contents(text: str, error: Raised) -> list[tuple[str, str]]:
    """The rules that draft for an error, with what they make of the script."""
    drafts = draft_example(Example(text), error).candidates
    return [(draft.rule, content_of(draft)) for draft in drafts]


def arguments_of(form: Form) -> str:
    """As many positional arguments as a form names."""
    numbers = [int(number) for number in re.findall(r"\{(\d)\}", form.text)]
    return ", ".join(f"a{number}" for number in range(max(numbers, default=-1) + 1))


MEMBERS = sorted(member_forms().items())


@pytest.mark.parametrize(("key", "form"), MEMBERS, ids=[f"{k[0]}.{k[1]}" for k, _ in MEMBERS])
def test_each_member_of_the_table_is_written_anew(key: tuple[str, str, bool], form: Form) -> None:
    owner, name, is_called = key
    plain = name.removesuffix("({})")
    arguments = '{"n": 1}' if name != plain else arguments_of(form)
    text = f"thing.{plain}({arguments})" if is_called or name != plain else f"thing.{plain}"
    source = f"{text}\n" if "] = " in form.text else f"x = {text}\n"
    message = f"'{owner}' object has no attribute '{plain}'"
    rule, content = draft_contents(source, failure_at("AttributeError", message, 1))[0]
    assert rule in ("old-member", "moved-method", "wrong-attribute")  # whose edit is the same
    ast.parse(content)
    assert "thing" in content or "{self}" not in form.text
    assert content.splitlines()[-1] != source.strip()
    other = failure_at("AttributeError", message.replace(f"'{owner}'", "'Other'"), 1)
    assert "old-member" not in {rule for rule, _ in draft_contents(source, other)}


@pytest.mark.parametrize(("name", "form"), function_forms().items(), ids=list(function_forms()))
def test_each_function_of_the_table_is_written_anew(name: str, form: Form) -> None:
    module, _, function = name.rpartition(".")
    source = f"import {module} as m\nx = m.{function}({arguments_of(form)})\n"
    error = failure_at("AttributeError", f"module '{module}' has no attribute '{function}'", 2)
    rule, text = draft_contents(source, error)[0]
    assert rule == "old-function"
    ast.parse(text)
    assert f"x = m.{function}(" not in text
    unfit = f"import {module} as m\nx = m.{function}(*rows)\n"
    assert "old-function" not in {rule for rule, _ in draft_contents(unfit, error)}


@pytest.mark.parametrize(("key", "form"), argument_forms().items(), ids=list(argument_forms()))
def test_each_argument_of_the_table_is_replaced_or_left_out(key: str, form: Form) -> None:
    function, _, pair = key.partition(":")
    name, _, value = pair.partition("=")
    first = "" if form.text.startswith("= {self}") else "first, "
    source = f"x = thing.{function}({first}{name}={value or 'value'})\n"
    message = f"{function}() got an unexpected keyword argument '{name}'"
    rule, text = draft_contents(source, failure_at("TypeError", message, 1))[0]
    assert rule == "old-argument"
    ast.parse(text)
    assert f"{name}=" not in text.replace(f"{form.text.partition('=')[0]}=", "") or not form.text
    own = source.replace(function, "function_of_our_own")
    other = failure_at("TypeError", message.replace(function, "function_of_our_own"), 1)
    assert "old-argument" not in {rule for rule, _ in draft_contents(own, other)}


def test_the_message_names_who_says_so() -> None:
    example = Example("x = [1].toString() if 0 else 'a'.toLowerCase()\n")
    error = failure_at("AttributeError", "'str' object has no attribute 'toLowerCase'", 1)
    (draft,) = draft_example(example, error).candidates
    assert "see https://docs.python.org/3/library/stdtypes.html" in draft.cause
    assert "`....lower()` takes its place" in draft.cause
