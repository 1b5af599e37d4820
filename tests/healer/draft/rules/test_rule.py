"""What a rule sees of a fault, and what its declaration makes of a function."""

import ast
import re
import textwrap
from collections.abc import Iterator

import pytest

from healer.draft.rules.example import Example
from healer.draft.rules.rule import FaultSite, Fix, Rival, called_name, literal_of, rule
from healer.draft.rules.source_file import SourceFile
from healer.draft.rules.source_files import SourceFiles
from healer.failure import Frame, Raised
from tests.support.memory_tree import MemoryTree

SCRIPT = """
    import os

    def sizes(folder):
        for name in os.listdir(folder):
            print(len(name), os.path.getsize(name), rows[0](1))
    """


def site_at(line: int, text: str = SCRIPT, **recorded: str) -> FaultSite:
    script = textwrap.dedent(text).lstrip("\n")
    frame = Frame(file="job.py", line=line, function="f", own=True, locals=recorded)
    error = Raised(type="OSError", message="[Errno 2] no file: 'a'", frames=(frame,))
    files = SourceFiles(MemoryTree({"job.py": script}))
    return FaultSite(error, frame, SourceFile("job.py", script), files)


def test_a_site_knows_its_line_its_message_and_what_was_recorded() -> None:
    site = site_at(5, name="'a'")
    assert (site.line, site.message, site.locals) == (5, "[Errno 2] no file: 'a'", {"name": "'a'"})
    match = site.search(r"no file: '(\w+)'")
    assert match is not None
    assert match[1] == "a"
    assert site.search(re.compile("permission")) is None


def test_the_scope_is_the_function_around_the_line_or_the_module() -> None:
    inside = site_at(5).scope
    assert isinstance(inside, ast.FunctionDef)
    assert inside.name == "sizes"
    assert isinstance(site_at(1).scope, ast.Module)
    assert {n.id for n in site_at(5).walk_scope() if isinstance(n, ast.Name)} == {
        "folder", "name", "os", "print", "len", "rows",
    }  # fmt: skip  # a set of words is read as one line


def test_a_file_that_does_not_parse_has_no_scope_and_no_nodes() -> None:
    site = site_at(1, "def f(:\n")
    assert site.scope is None
    assert list(site.walk_scope()) == []
    assert list(site.calls()) == []
    assert site.statement() is None


def test_calls_of_the_failing_statement_are_found_by_their_last_name() -> None:
    site = site_at(5)
    assert [called_name(call) for call in site.calls("getsize", "len")] == ["len", "getsize"]
    assert [called_name(call) for call in site.calls()] == ["print", "len", "getsize", ""]
    assert [called_name(call) for call in site_at(4).calls()] == ["listdir"]
    assert list(site.calls("stat")) == []


def test_nodes_are_those_of_the_statement_s_own_expressions() -> None:
    header = [n.id for n in site_at(4).nodes(ast.Name)]
    assert sorted(header) == ["folder", "name", "os"]
    body = {n.id for n in site_at(5).nodes(ast.Name)}
    assert body == {"print", "len", "name", "os", "rows"}


def test_a_recorded_value_is_found_by_the_expression_s_text() -> None:
    site = site_at(5, rows="[1]")
    (rows,) = (n for n in site.nodes(ast.Name) if n.id == "rows")
    (name, *_) = (n for n in site.nodes(ast.Name) if n.id == "name")
    assert site.recorded_value(rows) == "[1]"
    assert site.recorded_value(name) == ""


@pytest.mark.parametrize(
    ("text", "name"),
    [("f(1)", "f"), ("a.f(1)", "f"), ("a.b.f(1)", "f"), ("a[0](1)", ""), ("f()()", "")],
)
def test_a_call_is_named_by_the_last_of_its_names(text: str, name: str) -> None:
    call = ast.parse(text, mode="eval").body
    assert isinstance(call, ast.Call)
    assert called_name(call) == name


@rule(
    "no-words",
    "ValueError TypeError",
    estimate=0.6,
    example="- x = 1  #! ValueError: a\n+ x = 2",
    silent=Example("x = 3  #! ValueError: a"),
    rivals=("the words come later", Rival("the other rule's", "wrong-key")),
    link="https://docs.python.org/3/",
    is_outward=True,
)
def no_words(site: FaultSite) -> Iterator[Fix]:
    """A sentence that
    goes over two lines.

    And a second paragraph, for those who read the code.
    """
    yield Fix("because", (site.code.replace(next(site.nodes(ast.Constant)), "2"),))


def test_a_declaration_makes_a_rule_of_a_function() -> None:
    assert no_words.name == "no-words"
    assert no_words.types == {"ValueError", "TypeError"}
    assert no_words.summary == "A sentence that goes over two lines."
    assert no_words.estimate == 0.6
    assert no_words.certainty is None
    assert not no_words.is_forcing
    assert no_words.rivals == (
        Rival("the words come later"),
        Rival("the other rule's", "wrong-key"),
    )
    assert no_words.is_outward
    assert no_words.example.after == "x = 2\n"
    assert no_words.silent.is_silent


def test_a_rule_s_function_is_asked_with_a_site() -> None:
    (fix,) = no_words.find(site_at(1, "x = 1\n"))
    assert (fix.cause, fix.estimate, fix.path) == ("because", None, "")
    assert [edit.text for edit in fix.edits] == ["2"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'name'", "name"),
        ('"it\'s"', "it's"),
        ("3", 3),
        ("('a', 1)", ("a", 1)),
        ("None", None),
        ("no literal", None),
        ("__import__('os')", None),
        ("{'a': 1, … 30 in all}", None),
        ("", None),
    ],
)
def test_a_message_is_read_as_a_literal_and_never_run(text: str, value: object) -> None:
    assert literal_of(text) == value
