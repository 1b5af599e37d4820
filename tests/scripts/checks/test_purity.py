"""What a pure module may not call, and what looks alike and is allowed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.checks.purity import find_impure

SETTINGS = """\
[tool.importlinter]
[[tool.importlinter.contracts]]
type = "pure"
pure = ["house.judge", "house.render"]
facts = ["sandbox", "house.render"]
[[tool.importlinter.contracts]]
type = "layers"
"""
Find = Callable[[str], list[str]]


@pytest.fixture
def find(tmp_path: Path) -> Find:
    """Gives what is refused in a pure module of this text."""
    module = tmp_path / "house" / "judge" / "verdict.py"
    module.parent.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text(SETTINGS)

    def of(text: str) -> list[str]:
        module.write_text(text)
        return [str(problem) for problem in find_impure(tmp_path)]

    return of


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("open('x')", "open"),
        ("text = path.read_text()", "read_text"),
        ("path.write_bytes(b'')", "write_bytes"),
        ("path.resolve()", "resolve"),
        ("at = datetime.now(UTC)", "now"),
        ("at = datetime.datetime.now()", "now"),
        ("day = date.today()", "today"),
        ("at = time.time()", "time"),
        ("clock = time.monotonic", "monotonic"),
        ("print('x')", "print"),
        ("eval('1')", "eval"),
        ("__import__('os')", "__import__"),
        ("reader = map(open, paths)", "open"),
        ("io.open('x')", "open"),
        ("hashlib.file_digest(handle, 'sha256')", "file_digest"),
        ("from email.utils import make_msgid", "make_msgid"),
        ("from email.utils import format_datetime, formatdate", "formatdate"),
        ("home = os.environ['HOME']", "environ"),
    ],
)
def test_what_reaches_out_is_refused_with_its_place(find: Find, line: str, name: str) -> None:
    assert find(f"\n{line}\n") == [
        f"house/judge/verdict.py:2: a pure module uses {name}: hand its value in [purity]"
    ]


@pytest.mark.parametrize(
    "line",
    [
        "now = verdict.at",
        "pattern = re.compile('x')",
        "text = 'open the file, now'",
        "def opened(time: str) -> str: return time",
        "from email.utils import format_datetime",
        "at = datetime.fromisoformat(text)",
        "class Clock: pass",
        "from datetime import datetime",
        "# print(open('x'))",
    ],
)
def test_what_only_looks_alike_is_allowed(find: Find, line: str) -> None:
    assert find(line) == []


@pytest.mark.parametrize("name", ["run_tests", "sweep", "self_check", "LIMIT"])
def test_only_classes_come_from_modules_that_are_not_pure(find: Find, name: str) -> None:
    (problem,) = find(f"from sandbox import Report, {name}")
    assert f"takes {name} from sandbox: only classes may come" in problem


@pytest.mark.parametrize(
    "line",
    ["from sandbox import Report, TestRun", "from house.render import one_line", "import sandbox"],
)
def test_classes_and_functions_of_pure_modules_may_come(find: Find, line: str) -> None:
    assert find(line) == []


def test_a_module_that_is_not_pure_may_do_all_this(tmp_path: Path, find: Find) -> None:
    (tmp_path / "house" / "loose.py").write_text("print(open('x').read())")
    assert find("") == []


def test_the_product_is_pure_where_it_says_so() -> None:
    assert [str(problem) for problem in find_impure()] == []
