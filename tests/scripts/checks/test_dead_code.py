"""vulture's answer as problems, from a small tree of its own."""

from pathlib import Path

import pytest

from scripts.checks.dead_code import find_dead

SETTINGS = '[tool.vulture]\npaths = ["house"]\nmin_confidence = 60\nignore_names = ["called"]\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "house").mkdir()
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    return tmp_path


def test_what_nothing_uses_is_found_with_its_place(root: Path) -> None:
    (root / "house" / "judge.py").write_text("x = 1\nprint(x)\n\n\ndef lonely():\n    pass\n")
    (problem,) = find_dead(root)
    assert str(problem) == "house/judge.py:5: unused function 'lonely' [dead]"


def test_what_is_used_or_called_from_elsewhere_is_not(root: Path) -> None:
    (root / "house" / "judge.py").write_text("def used(): pass\ndef called(): pass\nused()\n")
    assert list(find_dead(root)) == []


def test_keys_of_a_typed_dict_are_not_dead_and_fields_of_a_class_may_be(root: Path) -> None:
    text = "class A(TypedDict):\n    key: int\n\n\nclass B(A):\n    lonely: int\n\n\nB()\n"
    (root / "house" / "judge.py").write_text(f"from typing import TypedDict\n\n\n{text}")
    assert [problem.line for problem in find_dead(root)] == [9]


def test_a_test_is_no_user(root: Path) -> None:
    (root / "tests").mkdir()
    (root / "house" / "judge.py").write_text("def lonely(): pass\n")
    (root / "tests" / "test_judge.py").write_text("from house.judge import lonely\nlonely()\n")
    assert len(list(find_dead(root))) == 1


def test_a_tree_that_cannot_be_read_is_an_error(root: Path) -> None:
    (root / "house" / "judge.py").write_text("def broken(:\n")
    with pytest.raises(RuntimeError, match=r"vulture does not work: .*judge\.py"):
        list(find_dead(root))
