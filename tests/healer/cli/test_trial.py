"""`healer trial`: wrong words are refused, and an empty past is a report like any other."""

import json
from pathlib import Path

import click
import pytest

from healer.cli.trial import _print, _write_page
from tests.healer.render.test_trial import CASE, NOTHING, report
from tests.support.command_line import run_command
from tests.support.git import make_repository


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--since", "yesterday"), "yesterday"),
        (("--most", "0"), "0 is not in the range"),
        (("--live", "0"), "not in the range"),
        (("--budget", "-1"), "-1"),
        (("--drafter", "luck"), "luck"),
    ],
)
def test_wrong_words_are_refused(tmp_path: Path, words: tuple[str, ...], says: str) -> None:
    make_repository(tmp_path / "repo", {"a.py": "x = 1\n"})
    answer = run_command("trial", *words, cwd=tmp_path / "repo")
    assert isinstance(answer.error, click.UsageError)
    assert says in answer.error.format_message()


def test_the_text_has_a_row_for_each_script_and_the_sum(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _print(report(CASE, NOTHING))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("script")
    assert lines[1].startswith("a.py")
    assert "2 of 2 could be replayed" in lines[2]


def test_the_page_is_written_where_it_is_asked_for(tmp_path: Path) -> None:
    _write_page(tmp_path / "out" / "trial.html", report(CASE), "shop")
    assert "healer trial: shop" in (tmp_path / "out" / "trial.html").read_text()


def test_the_document_can_be_read_again() -> None:
    document = json.loads(report(CASE).model_dump_json())
    assert document["scripts"][0]["proposal"] == "review"
    assert document["cases"][0]["likeness"]["kind"] == "differs"
