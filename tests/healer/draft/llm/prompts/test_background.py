"""Data by its shape, declared versions, and documents that name the failing function."""

import pytest

from healer.draft.llm.prompts.background import (
    show_data,
    show_documents,
    show_versions,
)
from healer.facts.draft import ReadData
from healer.failure import Frame, Raised
from healer.redact import Redactor
from tests.healer.draft.llm.cases import Files, case, failure

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
    plain = show_data(
        case(reads=(ReadData(name="a.log", text="up\n"),)), Redactor(), "head", Files({})
    )
    assert plain.split("\n") == ["a.log: text", "  up", "  "]
    assert show_data(case(reads=READS), Redactor(), "none", Files({})) == ""


def test_files_of_the_repository_that_are_named_are_shown_where_no_reading_was_recorded() -> None:
    files = Files(
        {
            "data/rows.csv": "\ufeffid;total\n4711;2\n",
            "data/pages/1.json": '{"next": "4711"}',
            "data/credentials.json": '{"user": "4711"}',
            "data/other.csv": "a,b\n1,2\n",
            "jobs/a.ini": "[mail]\nhost = 4711\n",
            "jobs/a.py": "x = 1\n",
        }
    )
    job = case(command=("python", "jobs/a.py", "./data/pages/"))
    code = 'open("data/rows.csv"), open("data/credentials.json"), "jobs/a.ini"'
    shown = show_data(job, Redactor(), "shape", files, code)
    assert shown.split("\n") == [
        "data/pages/1.json: {next: str}",
        "data/rows.csv: a byte order mark, then columns by ';': id, total",
        "jobs/a.ini: [mail] host",
    ]
    assert "4711" not in show_data(job, Redactor(), "none", files, code)
    recorded = show_data(case(reads=READS), Redactor(), "shape", files, code)
    assert "data/rows.csv" not in recorded


def frame(file: str, *, own: bool = False) -> Frame:
    return Frame(file=file, line=1, function="f", source="", own=own)


def test_versions_are_those_of_the_libraries_in_the_traceback() -> None:
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
    packages = ("Pandas==2.2.1", "requests==1.0", "typing_extensions==4.9")
    of = case(failure=failure(chain=(raised,)), packages=packages)
    shown = show_versions(of, files, Redactor())
    assert shown.split("\n") == [
        "installed: Pandas==2.2.1",
        "installed: typing_extensions==4.9",
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
