"""The text of a test in which a script that fetches is answered as it was on the recorded night.

Belongs here: the text. Does not belong here: what was asked and answered (`fetching_client`), the
smallest such run (`recorded_run`), and what all recorded cases have in common (`case_text`). Pure.

The script runs in the test's own process, so that its client can be replaced there by a function
of a few lines; nothing listens, and nobody reaches the network.
"""

from collections.abc import Mapping, Sequence
from pprint import pformat
from textwrap import indent
from typing import Any

from healer.evidence.case_text import (
    PLACE,
    WIDTH,
    Header,
    Style,
    compare,
    lay_files,
    snake,
    stem_of,
    wrap,
)
from healer.evidence.fetching_client import Client
from healer.evidence.recorded_run import RecordedRun
from healer.evidence.run_driver import write_answer


def write_fetching_test(
    run: RecordedRun, client: Client, style: Style, *, says_result: bool
) -> str:
    """A test that runs the script in an empty folder, with these answers; without `says_result` all
    that is asked for is that it ends well."""
    title = f"test_{snake(stem_of(run.script))}_where_it_raised_{snake(style.error)}"
    asks_output = says_result and bool(run.stdout)
    parts = _Classes(run, client) if style.has_classes else _Functions(run, client)
    body = [f"# {style.why}", *lay_files(run), *parts.replace(), *parts.start(asks_output)]
    if asks_output:
        body.append(compare(parts.output, run.stdout, style))
    if says_result:
        for path, text in run.written.items():
            body.append(compare(f"({PLACE} / {path!r}).read_text()", text, style))
    is_json = all(not isinstance(value, str) for value in run.answers.values())
    library = ["import runpy", "from pathlib import Path", *parts.library(asks_output)]
    library += ["import json"] if is_json else []
    value = f"ANSWERS[{client.key}]"
    body_text = f"json.dumps({value}).encode()" if is_json else f"{value}.encode()"
    header = Header(
        library=[*library, *client.library],
        own=[*client.own, *parts.own()],
        constants=[
            f"ROOT = Path(__file__).resolve().parents[{style.depth}]",
            "# What was answered, by address, as far as it matters here.",
            _write_answers(run.answers, is_json=is_json),
        ],
        functions=[write_answer(client, run.kind, body_text)],
        arguments=["monkeypatch", *(["capsys"] if asks_output else [])],
    )
    return wrap(title, body, header, style)


def _write_answers(answers: Mapping[str, Any], *, is_json: bool) -> str:
    """One entry for each address; a text of several lines stands in several."""
    entries = []
    for url, value in answers.items():
        if is_json:
            text = pformat(value, width=WIDTH - 4, sort_dicts=False)
        else:
            lines = str(value).splitlines(keepends=True) or [""]
            text = "\n".join(map(repr, lines)) if len(lines) > 1 else repr(lines[0])
        is_short = "\n" not in text and len(url) + len(text) < WIDTH
        entries.append(f"{url!r}: {text}" if is_short else f"{url!r}: (\n{indent(text, '    ')}\n)")
    inner = indent(",\n".join(entries), "    ")
    return f"ANSWERS = {{\n{inner},\n}}"


def _argv(run: RecordedRun) -> str:
    return repr([run.script.rpartition("/")[2], *run.words])


class _Functions:
    """As pytest has it."""

    output = "capsys.readouterr().out"

    def __init__(self, run: RecordedRun, client: Client) -> None:
        self._run, self._client = run, client

    def replace(self) -> Sequence[str]:
        """The surroundings of the run, for this test alone."""
        run = self._run
        lines = [f"monkeypatch.setenv({n!r}, {value!r})" for n, value in run.variables.items()]
        if run.needs_folder:
            lines.append(f"monkeypatch.syspath_prepend({_folder(run)})")
        return [
            *lines,
            f"monkeypatch.chdir({PLACE})",
            f"monkeypatch.setattr('sys.argv', {_argv(run)})",
            f"monkeypatch.setattr({self._client.target!r}, answer)",
        ]

    def start(self, _: bool) -> Sequence[str]:
        """The run itself."""
        if not self._run.exits:
            return [_run_path(self._run)]
        return [
            "with pytest.raises(SystemExit) as end:",
            f"    {_run_path(self._run)}",
            "assert not end.value.code",
        ]

    def library(self, _: bool) -> Sequence[str]:
        """What these lines import."""
        return ()

    def own(self) -> Sequence[str]:
        """What they import of others."""
        return ["import pytest"] if self._run.exits else []


class _Classes:
    """As unittest has it."""

    output = "output.getvalue()"

    def __init__(self, run: RecordedRun, client: Client) -> None:
        self._run, self._client = run, client

    def replace(self) -> Sequence[str]:
        """The surroundings of the run, for this test alone."""
        run = self._run
        patches = [
            f"mock.patch('sys.argv', {_argv(run)})",
            f"mock.patch({self._client.target!r}, answer)",
        ]
        if run.variables:
            patches.append(f"mock.patch.dict('os.environ', {dict(run.variables)!r})")
        if run.needs_folder:
            patches.append(f"mock.patch('sys.path', [{_folder(run)}, *sys.path])")
        lines = ["self.addCleanup(os.chdir, os.getcwd())", f"os.chdir({PLACE})"]
        for number, patch in enumerate(patches, 1):
            lines += [
                f"patch_{number} = {patch}",
                f"patch_{number}.start()",
                f"self.addCleanup(patch_{number}.stop)",
            ]
        return lines

    def start(self, asks_output: bool) -> Sequence[str]:
        """The run itself."""
        lines = [_run_path(self._run)]
        if self._run.exits:
            lines = ["with self.assertRaises(SystemExit) as end:", f"    {lines[0]}"]
        if asks_output:
            inner = [f"    {line}" for line in lines]
            lines = ["output = io.StringIO()", "with contextlib.redirect_stdout(output):", *inner]
        return [*lines, *(["self.assertFalse(end.exception.code)"] if self._run.exits else [])]

    def library(self, asks_output: bool) -> Sequence[str]:
        """What these lines import."""
        more = ["import contextlib", "import io"] if asks_output else []
        more += ["import sys"] if self._run.needs_folder else []
        return ["import os", "from unittest import mock", *more]

    def own(self) -> Sequence[str]:
        """What they import of others."""
        return ()


def _folder(run: RecordedRun) -> str:
    folder = run.script.rpartition("/")[0]
    return f"str(ROOT / {folder!r})" if folder else "str(ROOT)"


def _run_path(run: RecordedRun) -> str:
    return f"runpy.run_path(str(ROOT / {run.script!r}), run_name='__main__')"
