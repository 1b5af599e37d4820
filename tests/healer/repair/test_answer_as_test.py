"""An answer is a small test where the project keeps its own, written as they are."""

import ast

import pytest

from healer.facts.question import Choice, Question
from healer.repair.answer_as_test import NoPlaceError, write_test
from tests.support.memory_tree import MemoryTree

PYTEST = ("python", "-m", "pytest", "-q")
SCRIPT = "scripts/share.py"
CODE = "def share(total, people):\n    return total\n"


def question(**changes: object) -> Question:
    facts = {
        "path": SCRIPT, "function": "share", "given": "(100, 3)",
        "choices": (Choice(outcome="[34, 33, 33]"),),
    }  # fmt: skip
    return Question.model_validate(facts | changes)


def written(files: dict[str, str], outcome: str = "[34, 33, 33]", **changes: object) -> list[str]:
    """Path and added lines."""
    tree = MemoryTree({SCRIPT: CODE} | files)
    test = write_test(question(**changes), outcome, "Ada", tree, PYTEST)
    ast.parse(test.content)
    before = files.get(test.path, "").rstrip()
    assert test.content.startswith(before)
    return [test.path, *test.content[len(before) :].strip("\n").splitlines()]


WHY = "    # Ada said so; no other test does."
TITLE = "def test_share_as_answered():"


@pytest.mark.parametrize(
    ("imports", "lines"),
    [
        ("from scripts.share import share", ["    assert share(100, 3) == [34, 33, 33]"]),
        ("from scripts.share import share as s", ["    assert s(100, 3) == [34, 33, 33]"]),
        ("import scripts.share", ["    assert scripts.share.share(100, 3) == [34, 33, 33]"]),
        ("from scripts import share", ["    assert share.share(100, 3) == [34, 33, 33]"]),
        ("import share as m", ["    assert m.share(100, 3) == [34, 33, 33]"]),
        (
            "from scripts.share import label",
            [
                "    from scripts.share import share",
                "",
                "    assert share(100, 3) == [34, 33, 33]",
            ],
        ),
    ],
)
def test_it_stands_at_the_end_of_the_tests_of_its_module_and_calls_as_they_do(
    imports: str, lines: list[str]
) -> None:
    files = {"tests/test_x.py": f"{imports}\n\n\ndef test_a():\n    pass\n", "tests/test_a.py": ""}
    assert written(files) == ["tests/test_x.py", TITLE, WHY, *lines]


def test_of_several_files_the_one_that_names_the_function_is_taken() -> None:
    files = {
        "tests/test_a.py": "from scripts.share import label\n",
        "tests/test_b.py": "from scripts.share import share\n",
    }
    assert written(files)[0] == "tests/test_b.py"


def test_without_tests_of_the_module_a_file_is_made_that_is_none_yet() -> None:
    files = {"tests/test_other.py": "from scripts.other import x\n"}
    assert written(files) == [
        "tests/test_share.py", "from scripts.share import share", "", "", TITLE, WHY,
        "    assert share(100, 3) == [34, 33, 33]",
    ]  # fmt: skip
    files["tests/test_share.py"] = "import os\n"
    assert written(files)[0] == "tests/test_share_answers.py"


@pytest.mark.parametrize(
    ("outcome", "lines"),
    [
        ("None", ["    assert share(100, 3) is None"]),
        (
            "raises ValueError",
            [
                "    import pytest",
                "",
                "    with pytest.raises(ValueError):",
                "        share(100, 3)",
            ],
        ),
    ],
)
def test_nothing_and_an_exception_are_asserted_as_people_do(outcome: str, lines: list[str]) -> None:
    files = {"tests/test_share.py": "from scripts.share import share\n"}
    assert written(files, outcome) == ["tests/test_share.py", TITLE, WHY, *lines]


def test_pytest_is_not_imported_twice_and_names_are_not_given_twice() -> None:
    text = (
        "import pytest\nfrom scripts.share import share\n\n\ndef test_share_as_answered():\n    1\n"
    )
    assert written({"tests/test_share.py": text}, "raises ValueError") == [
        "tests/test_share.py", "def test_share_as_answered_2():", WHY,
        "    with pytest.raises(ValueError):", "        share(100, 3)",
    ]  # fmt: skip


def test_tests_that_pytest_does_not_run_are_left_to_people() -> None:
    with pytest.raises(NoPlaceError, match=r"share\(100, 3\) to give 1"):
        write_test(question(), "1", "Ada", MemoryTree({SCRIPT: CODE}), ("make", "test"))
