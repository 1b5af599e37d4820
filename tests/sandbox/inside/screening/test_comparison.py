"""Candidates are compared by what they make one function return on many inputs."""

from functools import partial
from pathlib import Path
from typing import Any

from sandbox.inside.screening import comparison
from tests.sandbox.inside.screening.projects import FIXED, LIBRARY, PROJECT, with_project


def compare(folder: Path, candidate: dict[str, str], **fields: Any) -> Any:
    fields = {"compare": ["lib.py", "double"], "candidates": [{"lib.py": FIXED}]} | fields
    return with_project(folder, partial(comparison.run_candidate, candidate=candidate), **fields)


def test_a_candidate_is_told_by_its_results(tmp_path: Path) -> None:
    record = compare(tmp_path, {"lib.py": FIXED})
    assert record["outcome"] == "passed"
    assert dict(record["pairs"])["(2,)"] == "4"
    assert len(record["pairs"]) > 5
    assert record["work_s"] > 0


def test_the_program_as_it_is_runs_on_the_inputs_of_the_first_candidate(tmp_path: Path) -> None:
    as_it_is = compare(tmp_path, {})
    fixed = compare(tmp_path, {"lib.py": FIXED})
    assert dict(as_it_is["pairs"])["(2,)"] == "2"
    assert [call for call, _ in as_it_is["pairs"]] == [call for call, _ in fixed["pairs"]]


def test_a_candidate_that_needs_an_import_is_skipped(tmp_path: Path) -> None:
    record = compare(tmp_path, {"lib.py": f"N = 1\n{LIBRARY}"})
    assert record["outcome"] == "skipped"
    assert "importing again" in record["detail"]
    assert record["pairs"] == []


def test_the_tree_is_as_it_was_afterwards(tmp_path: Path) -> None:
    compare(tmp_path, {"lib.py": FIXED})
    assert (tmp_path / "lib.py").read_text() == LIBRARY


def test_a_crash_of_the_program_gives_no_results(tmp_path: Path) -> None:
    crash = "    import os\n    os._exit(3)\n"
    record = compare(tmp_path, {"lib.py": LIBRARY.replace("    return x\n", crash, 1)})
    assert (record["outcome"], record["pairs"], record["work_s"]) == ("crashed", [], 0.0)


def test_tests_that_were_not_collected_are_left_out(tmp_path: Path) -> None:
    failing = ["test_lib.py::gone", "test_lib.py::test_double"]
    record = compare(tmp_path, {"lib.py": FIXED}, failing=failing, files=PROJECT)
    assert dict(record["pairs"])["(2,)"] == "4"
