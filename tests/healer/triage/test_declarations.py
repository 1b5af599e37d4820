"""What a project's files ask for, and nothing for what cannot be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.triage.declarations import find_table, read_pipfile, read_setup_cfg, read_setup_py


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("setup(install_requires=['a', 'b>=1'])", ["a", "b>=1"]),
        ("setuptools.setup(install_requires='a\\n\\n b')", ["a", "b"]),
        ("N = ('a',)\nif True:\n    setup(install_requires=N)", ["a"]),
        ("setup(tests_require=['t'], extras_require={'test': ['p'], 'docs': ['s']})", ["t", "p"]),
        ("setup(install_requires=[x, 'a'])", []),
        ("setup(**options)", []),
        ("other(install_requires=['a'])", []),
        ("setup(", []),
    ],
)
def test_setup_py_is_read_and_never_run(text: str, wanted: list[str]) -> None:
    assert list(read_setup_py(text)) == wanted


def test_every_extra_is_given_where_it_is_asked_for() -> None:
    text = "[options]\ninstall_requires = a\n[options.extras_require]\ndocs = s\ntest = p\n"
    assert list(read_setup_cfg(text)) == ["a", "p"]
    assert list(read_setup_cfg(text, every_extra=True)) == ["a", "s", "p"]
    setup = "setup(extras_require={'docs': ['s']})"
    assert list(read_setup_py(setup)) == []
    assert list(read_setup_py(setup, every_extra=True)) == ["s"]


def test_a_pipfile_gives_versions_and_extras_and_leaves_out_addresses() -> None:
    text = (
        '[packages]\na = "*"\nb = {version = "~=1.0", extras = ["x", "y"]}\n'
        'c = {git = "https://example.com/c"}\n[dev-packages]\nd = "==2"\n'
    )
    assert list(read_pipfile(text)) == ["a", "b[x,y]~=1.0", "d==2"]


def test_a_path_that_is_no_table_gives_an_empty_one() -> None:
    assert find_table({"a": {"b": {"c": 1}}}, "a", "b") == {"c": 1}
    assert find_table({"a": 1}, "a", "b") == {}
    assert find_table([], "a") == {}


@given(st.text())
def test_no_text_is_an_error(text: str) -> None:
    for read in (read_setup_cfg, read_setup_py, read_pipfile):
        assert all(isinstance(each, str) for each in read(text))
