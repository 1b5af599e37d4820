"""What the hook tells of an exception: the values that matter, and no code of the script is run."""

import datetime
import subprocess
import sys
from pathlib import Path

import pytest

from healer.failure import parse_traceback
from healer.watch.hook.healer_hook_describe import chain, show
from tests.support.healer_jobs import (
    environment,
    read_failure,
    repository,
    under_healer,
)
from tests.support.interpreters import require_interpreter

JOB = """\
import sys

class Account:
    def __init__(self):
        self.total = 3
        self.password = "correct-horse-7"

def pay(rows, account, api_token):
    count = len(rows)
    return rows["x"] + account.total + len(api_token)

print("started")
print("warned", file=sys.stderr)
pay({"y": count} if (count := 1) else {}, Account(), "-".join(["tok", "5f8a9c0d1e2f3a4b"]))
"""


def test_the_hook_tells_the_values_that_the_shown_lines_name(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"scripts/pay.py": JOB})
    under_healer(sys.executable, "scripts/pay.py", cwd=repo)
    frame = read_failure(repo).culprit
    assert frame is not None
    assert (frame.file, frame.function, frame.own) == ("scripts/pay.py", "pay", True)
    assert frame.locals["rows"] == "{'y': 1}"
    assert frame.locals["account.total"] == "3"
    assert "count" not in frame.locals  # not named on the line that failed


def test_a_chain_and_its_notes_come_whole_from_the_hook(tmp_path: Path) -> None:
    job = (
        "try:\n    open('missing.csv')\nexcept OSError as error:\n"
        "    failed = RuntimeError('no input')\n    failed.add_note('see the wiki')\n"
        "    failed.row = 7\n    raise failed from error\n"
    )
    repo = repository(tmp_path, {"job.py": job})
    under_healer(sys.executable, "job.py", cwd=repo)
    first, last = read_failure(repo).chain
    assert (first.type, first.relation) == ("FileNotFoundError", "cause")
    assert first.attributes["filename"] == "'missing.csv'"
    assert (last.message, last.notes) == ("no input", ("see the wiki",))
    assert last.attributes == {"row": "7"}


def test_the_hook_runs_no_code_of_the_script(tmp_path: Path) -> None:
    job = (
        "class Trap:\n    def __repr__(self):\n        print('touched')\n"
        "    def __getattr__(self, name):\n        print('touched')\n"
        "trap = Trap()\ntrap.size = 4\nraise ValueError([trap, trap.size])\n"
    )
    repo = repository(tmp_path, {"job.py": job})
    plain = subprocess.run(
        [sys.executable, "job.py"], cwd=repo, env=environment(), capture_output=True, check=False
    )
    done = under_healer(sys.executable, "job.py", cwd=repo)
    assert (done.stdout, done.stderr) == (plain.stdout, plain.stderr)
    frame = read_failure(repo).culprit
    assert frame is not None
    assert frame.locals["trap"] == "Trap(size=4)"


def test_values_are_capped(tmp_path: Path) -> None:
    job = "rows = ['x' * 9_000] * 9_000\nrows.append(rows)\nrows['a']\n"
    repo = repository(tmp_path, {"job.py": job})
    under_healer(sys.executable, "job.py", cwd=repo)
    frame = read_failure(repo).culprit
    assert frame is not None
    assert len(frame.locals["rows"]) == 500


FAILING = {
    "syntax": "def f(:\n",
    "chain": "try:\n  int('x')\nexcept ValueError as e:\n  raise RuntimeError('a\\nb') from e\n",
    "context": "x = 3\ntry:\n  {}[x]\nexcept KeyError:\n  [].pop(x)\n",
    "several lines": "dict(\n a=1,\n b=[1/0],\n)\n",
    "recursion": "def f(n):\n  return f(n+1)\nf(0)\n",
    "library": "import os\nos.environ['NOPE']\n",
    "import": "import nothing_here\n",
}


@pytest.mark.parametrize("version", ["3.8", "3.10", "ours", "3.12", "3.13", "3.14"])
def test_the_hook_and_the_printed_text_tell_the_same(tmp_path: Path, version: str) -> None:
    python = sys.executable if version == "ours" else require_interpreter(version)
    for name, text in FAILING.items():
        repo = repository(tmp_path / name.replace(" ", ""), {"job.py": text})
        under_healer(python, "job.py", cwd=repo)
        told = read_failure(repo)
        printed = parse_traceback(told.stderr_tail, str(repo))
        bare = [raised.model_copy(update={"attributes": {}}) for raised in told.chain]
        bare = [
            raised.model_copy(
                update={"frames": tuple(f.model_copy(update={"locals": {}}) for f in raised.frames)}
            )
            for raised in bare
        ]
        assert tuple(bare) == printed, name


class Row:
    """A class of a script, with code that nobody may run."""

    def __init__(self) -> None:
        self.size = 4

    def __repr__(self) -> str:
        raise AssertionError("run by the hook")

    __str__ = __eq__ = __hash__ = __bool__ = __len__ = __repr__  # type: ignore[assignment]  # traps


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "None"),
        (3, "3"),
        (2**3000, "<int of 3001 bits>"),
        (True, "True"),
        ("é\n", "'é\\n'"),
        (b"x" * 9000, "b'" + "x" * 497 + "…"),
        ([1, [2, [3, [4]]]], "[1, [2, [3, <list>]]]"),
        ((1,), "(1,)"),
        (set(), "set()"),
        ({"a": {"b": 1}}, "{'a': {'b': 1}}"),
        (list(range(30)), "[" + ", ".join(map(str, range(20))) + ", … 30 in all]"),
        (Row(), "Row(size=4)"),
        ([Row()], "[Row(size=4)]"),
        (object(), "<object>"),
        (datetime.date(2026, 1, 2), "datetime.date(2026, 1, 2)"),
        (Path("/a"), "PosixPath('/a')"),
    ],
)
def test_a_value_is_shown_without_running_code_of_the_script(value: object, text: str) -> None:
    assert show(value) == text


def test_a_value_that_holds_itself_is_shown() -> None:
    rows: list[object] = []
    rows.append(rows)
    assert show(rows) == "[[[<list>]]]"


def test_a_value_whose_attributes_lie_is_shown_as_nothing() -> None:
    class Liar:
        @property
        def __class__(self) -> type:
            raise AssertionError("run by the hook")

        @property
        def __dict__(self) -> dict[str, object]:  # type: ignore[override]  # a trap
            raise AssertionError("run by the hook")

    assert show(Liar()).startswith("<Liar, not shown: AssertionError>")


def raised(error: BaseException) -> BaseException:
    try:
        raise error  # noqa: TRY301 - it must have been raised
    except BaseException as caught:
        return caught


def test_causes_come_first_and_an_endless_chain_ends() -> None:
    first, second = raised(ValueError("a")), raised(KeyError("b"))
    second.__cause__ = first
    assert [link["type"] for link in chain(second, "/")] == ["ValueError", "KeyError"]
    first.__cause__ = second
    assert [link["type"] for link in chain(second, "/")] == ["ValueError", "KeyError"]


def test_a_suppressed_context_is_not_told() -> None:
    error = raised(KeyError("b"))
    error.__context__ = raised(ValueError("a"))
    assert len(chain(error, "/")) == 2
    error.__suppress_context__ = True
    assert len(chain(error, "/")) == 1


def test_a_chain_and_a_recursion_are_cut() -> None:
    error = raised(ValueError("0"))
    for n in range(200):
        after = raised(ValueError(str(n)))
        after.__cause__, error = error, after
    assert len(chain(error, "/")) <= 50

    def recurse(n: int) -> None:
        if n:
            recurse(n - 1)
        raise ValueError("deep")

    try:
        recurse(500)
    except ValueError as error:
        (link,) = chain(error, "/")
    assert len(link["frames"]) < 10


def test_a_message_that_only_code_of_the_script_could_tell_is_left_open() -> None:
    class OwnError(Exception):
        def __str__(self) -> str:
            raise AssertionError("run by the hook")

    (link,) = chain(raised(OwnError("x")), "/")
    assert link["message"] is None
    (link,) = chain(raised(KeyError("x")), "/")
    assert link["message"] == "'x'"
