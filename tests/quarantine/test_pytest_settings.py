"""The settings are those of the file that pytest itself would take: pytest is the oracle."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarantine.pytest_settings import pytest_settings, split_words
from tests.support.memory_tree import MemoryTree

FILES = {
    "pytest.toml": '[pytest]\npython_files = ["from_pytest_toml_*.py"]\n',
    ".pytest.toml": '[pytest]\npython_files = ["from_hidden_toml_*.py"]\n',
    "pytest.ini": "[pytest]\npython_files = from_ini_*.py\n",
    ".pytest.ini": "[pytest]\npython_files = from_hidden_ini_*.py\n",
    "pyproject.toml": '[tool.pytest.ini_options]\npython_files = ["from_project_*.py"]\n',
    "tox.ini": "[tox]\n[pytest]\npython_files = from_tox_*.py\n",
    "setup.cfg": "[tool:pytest]\npython_files = from_cfg_*.py\n",
}


def taken_by_pytest(folder: Path) -> str:
    """`python_files` as pytest itself reads it in this folder."""
    config = pytest.Config.fromdictargs({}, ["--rootdir", str(folder), str(folder)])
    return " ".join(config.getini("python_files"))


@pytest.mark.parametrize("first", range(len(FILES)))
def test_of_several_files_the_one_that_pytest_would_take_counts(
    first: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = dict(list(FILES.items())[first:])
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    assert pytest_settings(MemoryTree(files))["python_files"] == taken_by_pytest(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("pytest.ini", "", {}),
        ("pytest.ini", "[tox]\nx = 1\n", {}),
        ("pytest.ini", "[pytest\n", {}),
        ("pyproject.toml", "[tool.pytest\n", {}),
        ("pyproject.toml", "tool = 3\n", {}),
        ("pyproject.toml", '[project]\nname = "a"\n', {}),
        ("setup.cfg", "[pytest]\npython_files = x\n", {}),
        ("pytest.ini", "[pytest]\ntestpaths =\n    a\n    b\n", {"testpaths": "\na\nb"}),
        ("pyproject.toml", '[tool.pytest]\ntestpaths = ["a", "b"]\n', {"testpaths": "a\nb"}),
        (
            "pyproject.toml",
            '[tool.pytest.ini_options]\naddopts = ["-k", "not slow"]\n',
            {"addopts": "-k 'not slow'"},
        ),
        ("pytest.ini", "[pytest]\nlog_format = %(message)s\n", {"log_format": "%(message)s"}),
    ],
)
def test_values_are_strings_as_in_an_ini_file(
    name: str, content: str, found: dict[str, str]
) -> None:
    assert pytest_settings(MemoryTree({name: content})) == found


def test_an_empty_pytest_ini_hides_what_stands_elsewhere() -> None:
    assert pytest_settings(MemoryTree({**FILES, "pytest.toml": "", "pytest.ini": ""})) == {}


def test_without_any_file_there_are_none() -> None:
    assert pytest_settings(MemoryTree({"sub/pytest.ini": FILES["pytest.ini"]})) == {}


@pytest.mark.parametrize(
    ("value", "words"),
    [("a b", ["a", "b"]), ("'a b' c", ["a b", "c"]), ("a 'b", ["a", "'b"]), ("", [])],
)
def test_words_may_be_quoted_and_a_lone_quote_is_a_letter(value: str, words: list[str]) -> None:
    assert split_words(value) == words


@given(st.sampled_from(sorted(FILES)), st.binary())
def test_any_bytes_are_read(name: str, data: bytes) -> None:
    assert isinstance(pytest_settings(MemoryTree({name: data})), dict)
