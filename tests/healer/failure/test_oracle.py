"""The interpreter itself says what happened; the parser must read the same from its text.

For versions that are not installed here there are recordings of the same program (`recorded/`),
made by CPython's own build for WebAssembly under Node.js: the npm package `pyodide`, of which
0.27.7 has Python 3.12, 0.28.3 has 3.13 and 314.0.6 has 3.14; with colours where FORCE_COLOR is set.
"""

import functools
import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

from healer.failure import Raised, parse_all, parse_traceback
from healer.failure.parse import MAX_MESSAGE, MAX_SOURCE
from tests.support.interpreters import VERSIONS, interpreter

RECORDED = Path(__file__).with_name("recorded")
COLOURED = ("3.13-coloured", "3.14-coloured")
PROGRAM = Path(__file__).with_name("oracle_program.py")
Case = tuple[str, bytes, list[dict[str, Any]]]


@functools.cache
def cases(version: str) -> tuple[str, tuple[Case, ...]]:
    """(root, (name, text printed, truth) for each snippet) under one version of Python."""
    python = interpreter(version)
    if python is None:
        return recorded(version)
    with tempfile.TemporaryDirectory() as root:
        (Path(root) / "scripts").mkdir()
        done = subprocess.run(
            [python, "-X", "utf8", str(PROGRAM), root],
            check=False,
            capture_output=True,
            timeout=60,
        )
    texts = done.stderr.split(b"\n=====\n")[:-1]
    truths = [json.loads(line) for line in done.stdout.splitlines() if line.startswith(b"{")]
    assert len(texts) == len(truths) >= 30, done.stderr[-2000:]
    found = zip(truths, texts, strict=True)
    return root, tuple((truth["name"], text, truth["chain"]) for truth, text in found)


def recorded(version: str) -> tuple[str, tuple[Case, ...]]:
    """What the program printed under a Python that is not installed here."""
    path = RECORDED / f"python{version}.json"
    if not path.exists():
        pytest.skip(f"Python {version} is not installed")
    kept = json.loads(path.read_text("utf-8"))
    assert len(kept["cases"]) >= 30
    found = ((each["name"], each["text"].encode(), each["chain"]) for each in kept["cases"])
    return kept["root"], tuple(found)


def expected(truth: dict[str, Any]) -> tuple[str, str, str]:
    """Type without its module, message up to its first blank line, link."""
    lines = truth["message"].split("\n")
    end = next((i for i, line in enumerate(lines) if i and not line.strip()), len(lines))
    message = "\n".join(line.rstrip() for line in lines[:end])
    return truth["type"].rpartition(".")[2], message[:MAX_MESSAGE].rstrip(), truth["relation"]


def read(raised: Raised) -> tuple[str, str, str]:
    kind = raised.type.rpartition(".")[2]  # before 3.12 the outer class's name is not printed
    message = "<exception str() failed>" if "str() failed" in raised.message else raised.message
    return kind, message, raised.relation


@pytest.mark.parametrize("version", (*VERSIONS, *COLOURED))
def test_types_messages_and_links_are_what_the_interpreter_knows(version: str) -> None:
    root, each = cases(version)
    for name, text, truth in each:
        chain = parse_traceback(text, root)
        assert [read(raised) for raised in chain] == [expected(one) for one in truth], name


@pytest.mark.parametrize("version", (*VERSIONS, *COLOURED))
def test_frames_are_what_the_interpreter_knows(version: str) -> None:
    root, each = cases(version)
    for name, text, truth in each:
        if "recursion" in name:
            continue  # Python prints repeated frames once
        for raised, one in zip(parse_traceback(text, root), truth, strict=True):
            seen = [(f.file.rpartition("/")[2], f.line, f.function) for f in raised.frames]
            known = [
                (f["file"].rpartition("/")[2], f["line"], f["function"]) for f in one["frames"]
            ]
            assert seen == known, name


@pytest.mark.parametrize("version", (*VERSIONS, *COLOURED))
def test_the_first_shown_line_of_each_own_frame_is_its_source(version: str) -> None:
    root, each = cases(version)
    for name, text, truth in each:
        if "recursion" in name or "syntax" in name or "indentation" in name:
            continue
        for raised, one in zip(parse_traceback(text, root), truth, strict=True):
            for frame, known in zip(raised.frames, one["frames"], strict=True):
                if frame.own:
                    first = known["source"].strip().split("\n")[0].strip()
                    assert frame.source == first[:MAX_SOURCE], name


@pytest.mark.parametrize("version", (*VERSIONS, *COLOURED))
def test_own_frames_are_those_of_the_script_relative_to_the_root(version: str) -> None:
    root, each = cases(version)
    for name, text, truth in each:
        for raised, one in zip(parse_traceback(text, root), truth, strict=True):
            for frame, known in zip(raised.frames, one["frames"], strict="recursion" not in name):
                inside = known["file"].startswith(root)
                made = known["file"] == "made.py"
                assert frame.own == (inside or made), name
                assert not inside or frame.file.startswith("scripts/"), name


@pytest.mark.parametrize("version", (*VERSIONS, *COLOURED))
def test_recursion_keeps_the_exception_and_the_frames_that_repeat(version: str) -> None:
    root, each = cases(version)
    for name, text, _truth in each:
        if "recursion" in name:
            (raised,) = parse_traceback(text, root)
            functions = {frame.function for frame in raised.frames if frame.own}
            assert functions in ({"<module>", "a", "b"}, {"<module>", "f"}), name


@pytest.mark.parametrize("version", (*VERSIONS, *COLOURED))
def test_a_log_of_all_of_them_gives_each_of_them(version: str) -> None:
    root, each = cases(version)
    log = b"\n2026-11-20 20:47:17 INFO next job\n".join(text for _name, text, _truth in each)
    types = [read(chain[-1])[0] for chain in parse_all(log, root)]
    assert types == [expected(truth[-1])[0] for _name, _text, truth in each]
