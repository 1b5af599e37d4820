"""Trying rules on examples: what is drafted for the error as written, and as Python raises it.

Belongs here: running an example's script and checking a rule's drafts. Does not belong here: any
example (the rules' own, and the tables of `tests/healer/draft/rules`).
"""

import gc
import sqlite3
import traceback
import warnings
from collections.abc import Mapping
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import pytest

from healer.draft.rules import RulesDrafter
from healer.draft.rules.example import Example
from healer.draft.rules.python_words import use_older_words
from healer.facts.draft import Case, Draft, Drafts, ReadData, WriteFile
from healer.failure import Failure, Frame, Raised
from sandbox import Report
from tests.support.memory_tree import MemoryTree

_OLDER_TYPES = {"PatternError": "error"}
"""To Python 3.12."""
_LOCAL = "Can't pickle local object"


def example_case(
    title: str,
    rule: str,
    text: str,
    *,
    files: Mapping[str, str] | None = None,
    recorded: Mapping[str, str] | None = None,
    path: str = "job.py",
    is_reported: bool = False,
) -> Any:
    """A row of a table: a rule and an example, by a title that says what is special about it."""
    example = Example(text, files or {}, recorded or {}, path, is_reported)
    return pytest.param(rule, example, id=f"{rule}: {title}")


def draft_example(
    example: Example, error: Raised | None = None, reads: tuple[ReadData, ...] = ()
) -> Drafts:
    """All that the rules draft for an example, or for another error of its script. A draft is
    forced where no rival stands beside it, whether its rule was measured or not. `reads`: what the
    job read."""
    failure = Failure(
        id="f", script=example.path, source="run", chain=(error or example.error,), stderr_tail=""
    )
    case = Case(
        repair="r",
        script=example.path,
        failure=failure,
        base="",
        baseline=Report(),
        reads=reads or list_reads(example),
    )
    drafter = RulesDrafter(is_forcing=lambda _: True)
    return drafter.draft(case, MemoryTree({example.path: example.before, **example.files}))


def list_reads(example: Example) -> tuple[ReadData, ...]:
    """What the job of an example read, where it says so."""
    before, now = example.read
    place = urlsplit(example.next_page)
    name = f"GET {place.hostname}{place.path}" if example.next_page else "data"
    read = ReadData(name=name, text=now, before=before, next_page=example.next_page)
    return (read,) if now else ()


def draft_script(text: str) -> tuple[Draft, ...]:
    """What the rules draft for the error that a trusted script raises."""
    example = Example(text)
    return draft_example(example, raise_error(example.before)).candidates


def content_of(draft: Draft) -> str:
    """The file as a draft of a rule writes it."""
    (edit,) = draft.edits
    assert isinstance(edit, WriteFile)
    return edit.content


def run_script(text: str, path: str = "job.py") -> dict[str, Any]:
    """The names that a trusted script leaves behind."""
    names: dict[str, Any] = {"__name__": "__main__", "__file__": path}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            exec(compile(text, path, "exec"), names)
        finally:
            _close_databases(names)
    return names


def _close_databases(names: Mapping[str, object]) -> None:
    """From Python 3.13 on one that is left open warns when it is collected, in another test."""
    for value in names.values():
        if isinstance(value, sqlite3.Connection):
            value.close()


def raise_error(text: str, path: str = "job.py") -> Raised:
    """Runs a trusted script that fails; gives what it raised, as the hook would record it."""
    try:
        run_script(text, path)
    except SyntaxError as error:
        frame = Frame(file=path, line=error.lineno or 0, function="<module>", own=True)
        return Raised(type=type(error).__name__, message=error.msg, frames=(frame,))
    except Exception as error:
        frames = _own_frames(error.__traceback__, path)
        if "async def" in text or "sqlite3" in text:
            _free_now(error)
        return Raised(type=type(error).__name__, message=str(error), frames=frames)
    raise AssertionError("this script does not fail")


def check_fix(rule: str, example: Example) -> Draft:
    """The first draft of all is this rule's, and is the fixed script, which runs; also for the
    error that Python itself raises. Gives the draft."""
    draft = draft_example(example).candidates[0]
    assert (draft.rule, content_of(draft)) == (rule, example.after), content_of(draft)
    compile(example.after, example.path, "exec", dont_inherit=True)
    if not example.is_reported:
        _check_error(example)
        real = draft_example(example, raise_error(example.before, example.path)).candidates[0]
        assert (real.rule, content_of(real)) == (rule, example.after), content_of(real)
        if not example.files:
            run_script(example.after, example.path)
    return draft


def check_guess(rule: str, example: Example) -> None:
    """The rule drafts this, and it is not the only fix that there can be."""
    drafts = draft_example(example).candidates
    assert (rule, example.after) in [(draft.rule, content_of(draft)) for draft in drafts]
    assert [draft.rule for draft in drafts if draft.forced] == []


def check_silence(rule: str, example: Example) -> None:
    """The rule drafts nothing, nor for the error that Python itself raises; with `*` for the rule,
    none does."""
    for drafts in _drafts_of_both(example):
        rules = [draft.rule for draft in drafts if rule in (draft.rule, "*")]
        assert rules == [], [content_of(draft) for draft in drafts]


def _drafts_of_both(example: Example) -> list[tuple[Draft, ...]]:
    drafts = [draft_example(example).candidates]
    if not example.is_reported:
        _check_error(example)
        real = raise_error(example.before, example.path)
        drafts.append(draft_example(example, real).candidates)
    return drafts


def _check_error(example: Example) -> None:
    """The example says what Python raises, and where."""
    real, written = raise_error(example.before, example.path), example.error
    assert is_same_error(real, written), real
    assert real.frames[-1].line == written.frames[0].line


def is_same_error(real: Raised, written: Raised) -> bool:
    """Whether it is the same but for how one Python or another words it."""
    return _read_as_older(real) == _read_as_older(written)


def _read_as_older(error: Raised) -> tuple[str, str]:
    message = use_older_words(error.message)
    kind = _OLDER_TYPES.get(error.type, error.type)
    return ("AttributeError" if message.startswith(_LOCAL) else kind), message


def _free_now(error: BaseException) -> None:
    """A coroutine that was never awaited, and from Python 3.13 on a database that was left open,
    warns when it is collected: that is to be now, and not in the middle of another test."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        traceback.clear_frames(error.__traceback__)
        error.__traceback__ = None
        gc.collect()


def _own_frames(trace: TracebackType | None, path: str) -> tuple[Frame, ...]:
    frames = []
    for frame, line in traceback.walk_tb(trace):
        if frame.f_code.co_filename == path:
            shown = {k: repr(v)[:500] for k, v in frame.f_locals.items() if not k.startswith("__")}
            name = frame.f_code.co_name
            frames.append(Frame(file=path, line=line, function=name, own=True, locals=shown))
    return tuple(frames)
