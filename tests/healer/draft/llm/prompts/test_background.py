"""Data by its shape, declared versions, and documents that name the failing function."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.draft.llm.prompts.background import (
    describe_shape,
    show_data,
    show_documents,
    show_versions,
)
from healer.facts.draft import ReadData
from healer.failure import Frame, Raised
from healer.redact import Redactor
from tests.healer.draft.llm.cases import Files, case, failure


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ('{"id": 1, "name": "Ada", "tags": ["x"]}', "{id: int, name: str, tags: list of 1 str}"),
        ('[{"a": 1.5}, {"a": null}]', "list of 2 {a: float} or {a: NoneType}"),
        ('{"a": 1}\n{"a": 2}\n', "lines of {a: int}"),
        ("id;total\n1;2\n", "columns by ';': id, total"),
        ('\ufeffid,"to tal"\n1,2\n', "a byte order mark, then columns by ',': id, to tal"),
        ('{"ada@example.com": 1}', "{(a value): int}"),
        ("plain words", ""),
        ("one line, with a comma", ""),
        ("{broken", ""),
    ],
)
def test_a_shape_names_keys_and_kinds_and_no_values(text: str, shape: str) -> None:
    assert describe_shape(text) == shape


@given(st.text(max_size=100))
def test_any_text_has_a_shape_or_none(text: str) -> None:
    assert isinstance(describe_shape(text), str)


READS = (
    ReadData(name="same.json", text='{"a": "4711"}', before='{"a": "4712"}'),
    ReadData(name="rows.csv", text="id,amount\n4711,x\n", before="id,total\n4712,y\n"),
)


def test_what_changed_since_the_good_night_comes_first_and_no_value_is_shown() -> None:
    shown = show_data(case(reads=READS), Redactor(), "shape", Files({}))
    assert shown.split("\n") == [
        "rows.csv: columns by ',': id, amount",
        "  on the last good night: columns by ',': id, total",
        "same.json: {a: str}",
    ]
    assert "471" not in shown


def test_the_head_is_shown_only_where_it_is_shared_and_without_secrets() -> None:
    secret = ReadData(name="a.csv", text="id,password\n1,x\npassword=hunter2hunter2\n")
    shown = show_data(case(reads=(*READS, secret)), Redactor(), "head", Files({}))
    assert "4711,x" in shown
    assert "hunter2" not in shown
    assert show_data(case(reads=READS), Redactor(), "none", Files({})) == ""


def test_files_of_the_repository_that_are_named_are_shown_where_no_reading_was_recorded() -> None:
    files = Files(
        {
            "data/rows.csv": "\ufeffid;total\n4711;2\n",
            "data/pages/1.json": '{"next": "4711"}',
            "data/credentials.json": '{"user": "4711"}',
            "data/other.csv": "a,b\n1,2\n",
            "jobs/a.py": "x = 1\n",
        }
    )
    job = case(command=("python", "jobs/a.py", "./data/pages/"))
    code = 'open("data/rows.csv"), open("data/credentials.json")'
    shown = show_data(job, Redactor(), "shape", files, code)
    assert shown.split("\n") == [
        "data/pages/1.json: {next: str}",
        "data/rows.csv: a byte order mark, then columns by ';': id, total",
    ]
    assert "4711" not in show_data(job, Redactor(), "none", files, code)
    recorded = show_data(case(reads=READS), Redactor(), "shape", files, code)
    assert "data/rows.csv" not in recorded


def test_large_documents_are_cut() -> None:
    many = json.dumps({f"key{n}": [{"deep": {"er": {"est": n}}}] for n in range(500)})
    assert len(describe_shape(many)) < 3_000


def frame(file: str, *, own: bool = False) -> Frame:
    return Frame(file=file, line=1, function="f", source="", own=own)


def test_declared_versions_are_those_of_the_libraries_in_the_traceback() -> None:
    frames = (
        frame("scripts/a.py", own=True),
        frame("/x/site-packages/pandas/core/a.py"),
        frame("/x/site-packages/typing_extensions.py"),
    )
    raised = Raised(type="KeyError", message="x", frames=frames)
    files = Files(
        {
            "requirements.txt": "pandas==2.1 \\\n    --hash=x\nrequests==1\ntyping-extensions>=4\n",
            "pyproject.toml": 'dependencies = [\n    "pandas>=2",\n]\n',
        }
    )
    shown = show_versions(case(failure=failure(chain=(raised,))), files, Redactor())
    assert shown.split("\n") == [
        'pyproject.toml: "pandas>=2",',
        "requirements.txt: pandas==2.1",
        "requirements.txt: typing-extensions>=4",
    ]


def test_paragraphs_that_name_the_function_as_code_are_shown() -> None:
    frames = [Frame(file="a.py", line=1, function="Report.total", source="", own=True)]
    files = Files(
        {
            "README.md": "In total it is fine.\n\n`total` rounds half to even.\n\nElse.",
            "docs/a.rst": "Call total(rows) with a list.\n",
            "a.py": "# `total`",
        }
    )
    shown = show_documents(files, frames, Redactor())
    assert "README.md:\n`total` rounds half to even." in shown
    assert "docs/a.rst:\nCall total(rows)" in shown
    assert "it is fine" not in shown
    assert show_documents(files, [], Redactor()) == ""


@pytest.mark.parametrize(
    ("path", "is_shown"),
    [
        ("CHANGES.rst", False), ("docs/changelog.md", False), ("HISTORY.md", False),
        ("docs/news/1.md", True), ("docs/historic.md", True), ("docs/changing.md", True),
    ],
)  # fmt: skip
def test_what_a_changelog_says_of_a_function_is_not_shown(path: str, *, is_shown: bool) -> None:
    frames = [Frame(file="a.py", line=1, function="total", source="", own=True)]
    shown = show_documents(Files({path: "`total` rounds up."}), frames, Redactor())
    assert bool(shown) is is_shown
