"""What candidates make of inputs far from those of the tests, and of the failing command."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sandbox.inside.screening import wide_comparison
from sandbox.inside.screening.project import Project
from sandbox.inside.screening.wide_comparison import COMMAND, WideComparison
from tests.sandbox.inside.screening.projects import FIXED, LIBRARY, with_project

COMMAND_PLAN = {"argv": ["python", "lib.py"], "stdin": b"", "cwd": "", "files": {}, "env": {}}


def run(project: Project, candidate: dict[str, str], programs_s: float | None = None) -> object:
    """In a process of its own: what is set here stays in it."""
    if programs_s is not None:
        wide_comparison.PROGRAMS_S = programs_s
    return WideComparison(project).run_candidate(candidate)


def compare(
    folder: Path,
    candidate: dict[str, str],
    name: str = "double",
    programs_s: float | None = None,
    **fields: Any,
) -> Any:
    """Its record, for `name` in `lib.py`, on the tree as it is in `files`."""
    fields = {"compare": ["lib.py", name], "words": ["17"], "examples": ["23"], **fields}
    work = partial(run, candidate=candidate, programs_s=programs_s)
    return with_project(folder, work, **fields)


def answers(folder: Path, source: str, call: str, tree: str = "", **fields: Any) -> dict[str, str]:
    """By arguments, of a `lib.py` with a function `f` that a test calls."""
    files = {
        "lib.py": tree or source,
        "test_lib.py": f"import lib\n\n\ndef test_it():\n    {call}\n",
    }
    record = compare(
        folder, {"lib.py": source}, "f", files=files, failing=["test_lib.py::test_it"],
        passing=[], **fields,
    )  # fmt: skip
    return dict(record["pairs"])


def test_inputs_lie_beyond_what_tests_used_and_words_are_among_them(tmp_path: Path) -> None:
    table = dict(compare(tmp_path, {"lib.py": FIXED})["pairs"])
    assert (table["(0,)"], table["(-2,)"], table["(17,)"]) == ("0", "-4", "34")
    assert table["(23,)"] == "46"


def test_a_candidate_that_needs_an_import_is_imported(tmp_path: Path) -> None:
    changed = f"N = 3\n{LIBRARY}".replace("return x\n", "return x * N\n", 1)
    record = compare(tmp_path, {"lib.py": changed})
    assert record["outcome"] == "passed"
    assert dict(record["pairs"])["(2,)"] == "6"
    assert (tmp_path / "lib.py").read_text() == LIBRARY


def test_a_method_is_called_with_its_object(tmp_path: Path) -> None:
    source = (
        "class C:\n    def __init__(self):\n        self.n = 1\n\n"
        "    def f(self):\n        self.n += 1\n        return self.n\n"
    )
    table = answers(tmp_path, source, "lib.C().f()")
    assert table["(C#1(n=1),)"] == "2, leaving (C#1(n=2),)"
    assert table["(C#1(n=0),)"] == "1, leaving (C#1(n=1),)"


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("def f(x, into=[]):\n    into.append(x)\n    return len(into)\n", "2, and then 3"),
        ("def f(x):\n    return [[x]] * 2\n", "[[1], [1]] (one object in two places)"),
        ("def f(x):\n    print(x)\n", "None, printing '1\\n'"),
        ("LOG = []\n\n\ndef f(x):\n    LOG.append(x)\n", "None, LOG becomes [1]"),
        ("import random\n\n\ndef f(x):\n    return random.random() < 2\n", "True"),
        ("def f(x):\n    raise KeyError(x)\n", "raises KeyError"),
        ("def f(x, *, more=2):\n    return x + more\n", "3"),
        ("def f(x, *more, **named):\n    return [x, more, named]\n", "[1, (), {}]"),
        ("def f(x):\n    return 'a' * 400\n", "…"),
    ],
)
def test_all_that_comes_of_a_call_is_told(tmp_path: Path, source: str, result: str) -> None:
    table = answers(tmp_path, source, "lib.f(1)")
    assert result in next(text for given, text in table.items() if given.startswith("(1"))


def test_what_a_call_gives_the_second_time_is_told_by_itself(tmp_path: Path) -> None:
    source = "def f(x, into=[]):\n    into.append(x)\n    return len(into) if x else 0\n"
    files = {"lib.py": source, "test_lib.py": "import lib\n\n\ndef test_it():\n    lib.f(1)\n"}
    nodes = ["test_lib.py::test_it"]
    record = compare(tmp_path, {"lib.py": source}, "f", files=files, failing=nodes, passing=[])
    repeats = {
        given: pair for given, *pair in record["repeats"] if given.startswith(("(1,", "(0,"))
    }
    assert list(repeats.values()) == [["2", "3"]]


def test_what_a_function_among_the_arguments_raises_is_told_with_what_is_left(
    tmp_path: Path,
) -> None:
    source = (
        "def f(done, run):\n    done.append(1)\n    try:\n        run()\n"
        "    except KeyError:\n        return 2\n    except ValueError:\n        raise\n"
    )
    table = answers(tmp_path, source, "lib.f([], lambda: 1)")
    texts = {given.partition(" whose ")[2]: text for given, text in table.items()}
    assert texts["call 1 raises KeyError>)"].startswith("2, leaving ([1], ")
    assert texts["call 1 raises ValueError>)"].startswith("lets ValueError through, leaving ([1], ")


def test_files_that_arguments_name_are_told_and_the_next_call_finds_them_as_they_were(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.txt").write_text("old")
    source = "def f(path, text):\n    with open(path, 'a') as out:\n        out.write(text)\n"
    table = answers(tmp_path, source, "lib.f('a.txt', '')")
    assert table["('a.txt', ' ')"] == "None, writing {'a.txt': b'old '}"
    assert table["('a.txt', '')"] == "None"


def test_a_database_that_a_failing_call_leaves_open_locks_no_other_call_out(
    tmp_path: Path,
) -> None:
    source = (
        "import sqlite3\n\n\ndef f(x):\n    table = sqlite3.connect('a.db', timeout=0)\n"
        "    table.execute('CREATE TABLE IF NOT EXISTS t (n)')\n"
        "    table.execute('INSERT INTO t VALUES (1)')\n    table.comit()\n"
    )
    test = "try:\n        lib.f(1)\n    except AttributeError:\n        pass"
    table = answers(tmp_path, source, test)
    assert set(table.values()) == {"raises AttributeError"}


def test_the_module_is_put_back_between_calls(tmp_path: Path) -> None:
    source = "SEEN = {}\n\n\ndef f(x):\n    SEEN[x] = 1\n    return len(SEEN)\n"
    assert set(answers(tmp_path, source, "lib.f(1)").values()) >= {"1, SEEN becomes {0: 1}"}


def test_what_the_command_prints_and_writes_stands_under_no_arguments(tmp_path: Path) -> None:
    source = "def f(x):\n    return x\n\n\nif __name__ == '__main__':\n    print(f(2))\n"
    source += "    open('out.txt', 'w').write('done')\n"
    table = answers(tmp_path, source, "lib.f(1)", command=COMMAND_PLAN)
    assert table[COMMAND] == "prints '2\\n', writes out.txt: 'done'"


PRINTS = "import sys\nprint(sum(map(int, sys.argv[1:])) / 2)\n"
STARTS = (
    "import subprocess\nimport sys\n\n\ndef test_it():\n"
    "    subprocess.run([sys.executable, 'lib.py', '3', '5'], check=True)\n"
)


@pytest.mark.parametrize("name", ["", "main"])
def test_a_program_that_a_test_starts_is_run_so_and_with_other_words(
    tmp_path: Path, name: str
) -> None:
    files = {"lib.py": PRINTS, "test_lib.py": STARTS}
    candidate = {"lib.py": PRINTS.replace("/ 2", "// 2")}
    record = compare(
        tmp_path, candidate, name, files=files, failing=["test_lib.py::test_it"], passing=[]
    )
    table = dict(record["pairs"])
    assert table["lib.py 3 5"] == "output '4\\n'"
    assert table["lib.py 4 5"] == "output '4\\n'"
    assert table["lib.py 3"] == "output '1\\n'"


def test_calls_are_made_with_other_words_variables_and_files_around_them(tmp_path: Path) -> None:
    source = (
        "import os\nimport sys\n\n\ndef f(path):\n    n = int(open(path).read())\n"
        "    print(n, sys.argv[1:], os.environ['LIMIT'])\n"
    )
    call = (
        "import os, sys, pathlib, tempfile\n    sys.argv[1:], before = ['3'], list(sys.argv)\n"
        "    os.environ['LIMIT'] = '7'\n    path = pathlib.Path(tempfile.mkdtemp()) / 'in'\n"
        "    path.write_text('5')\n    lib.f(str(path))\n    path.unlink()\n"
        "    sys.argv[:] = before\n    del os.environ['LIMIT']"
    )
    table = answers(tmp_path, source, call)
    results = set(table.values())
    for text in ("5 ['3'] 7", "6 ['3'] 7", "5 ['4'] 7", "5 ['3'] 8"):
        assert any(f"printing {text + chr(10)!r}" in result for result in results), text


def test_a_call_that_leaves_the_program_ends_no_comparison(tmp_path: Path) -> None:
    source = "import sys\n\n\ndef f(x):\n    sys.exit(x)\n"
    call = "import pytest\n    with pytest.raises(SystemExit):\n        lib.f(1)"
    table = answers(tmp_path, source, call)
    assert (table["(1,)"], table["(0,)"]) == ("raises SystemExit", "ends the program")


def test_a_function_without_a_name_is_called_where_it_is_the_only_one(tmp_path: Path) -> None:
    for more, results in (("", {"2", "4"}), ("h = lambda x: x\n", set())):
        files = {
            "lib.py": f"g = lambda x: x\n{more}",
            "test_lib.py": "import lib\n\n\ndef test_it():\n    lib.g(1)\n",
        }
        candidate = {"lib.py": f"g = lambda x: x * 2\n{more}"}
        record = compare(
            tmp_path / f"tree{len(more)}", candidate, "<lambda>", files=files,
            failing=["test_lib.py::test_it"], passing=[],
        )  # fmt: skip
        calls = {key: text for key, text in record["pairs"] if key.startswith("(")}
        assert results == results & set(calls.values())
        assert bool(calls) is bool(results)


def test_a_program_that_takes_long_is_run_as_the_tests_do_and_little_more(
    tmp_path: Path,
) -> None:
    source = "import time\nend = time.process_time() + 0.15\n"
    source += "while time.process_time() < end:\n    pass\n"
    files = {"lib.py": f"{source}print(1)\n", "test_lib.py": STARTS}
    record = compare(
        tmp_path, {"lib.py": f"{source}print(2)\n"}, "", files=files,
        failing=["test_lib.py::test_it"], passing=[], programs_s=0.2,
    )  # fmt: skip
    assert "lib.py 3 5" in dict(record["pairs"])
    assert len(record["pairs"]) <= 2


def test_a_coroutine_answers_with_what_it_gives(tmp_path: Path) -> None:
    source = "import asyncio\n\nasync def f(x):\n    await asyncio.sleep(0)\n    return x * 2\n"
    table = answers(tmp_path, source, "import asyncio; asyncio.run(lib.f(4))")
    assert table["(5,)"] == "10"


def test_calls_of_an_object_that_takes_long_to_tell_are_told_apart(tmp_path: Path) -> None:
    source = (
        "class C:\n    def __init__(self):\n        self.names = ['long name'] * 40\n\n"
        "    def f(self, n):\n        return n * 2\n"
    )
    table = answers(tmp_path, source, "lib.C().f(6)")
    assert {"12", "14", "0"} <= set(table.values())


def test_what_is_no_text_is_told_by_its_size_and_a_link_or_pipe_as_what_it_is(
    tmp_path: Path,
) -> None:
    source = "import os\ndef f(x):\n    return x\n\n\nif __name__ == '__main__':\n    f(2)\n"
    source += "    open('out.db', 'wb').write(bytes(range(256)))\n"
    source += "    os.symlink('nowhere', 'link')\n    os.mkfifo('pipe')\n"
    table = answers(tmp_path, source, "lib.f(1)", command=COMMAND_PLAN)
    assert table[COMMAND] == (
        "prints nothing, writes link: 'a link to nowhere', "
        "writes out.db: 256 bytes (29058c73), writes pipe: 'no file'"
    )


def test_arguments_that_the_command_gives_are_tried_too(tmp_path: Path) -> None:
    source = "def f(x):\n    return x\n\n\nif __name__ == '__main__':\n    f('from the command')\n"
    assert "('from the command',)" in answers(tmp_path, source, "lib.f(1)", command=COMMAND_PLAN)


def test_a_candidate_without_the_function_gives_nothing(tmp_path: Path) -> None:
    tree = "def f(x):\n    return x\n"
    assert answers(tmp_path, "f = None\n", "lib.f and lib.f(1)", tree=tree) == {}


def test_a_script_that_crashes_when_it_is_imported_still_answers(tmp_path: Path) -> None:
    tree = "def f(x):\n    return int(x or 0)\n\n\nprint(f(''))\n"
    broken = tree.replace("int(x or 0)", "int(x)")
    table = answers(tmp_path, broken, "lib.f('2')", tree)
    given, text = next((g, t) for g, t in table.items() if g.startswith("('2'"))
    assert (given, text) == ("('2',)", "2")
    assert table["('',)"].startswith("raises ValueError")
