"""The text of a recorded case reads as the project's own tests do, and runs."""

import ast

import pytest

from healer.evidence.case_text import Style, write_call_test, write_run_test
from healer.evidence.recorded_call import RecordedCall
from healer.evidence.recorded_run import RecordedRun

PLAIN = Style(has_classes=False, error="KeyError", why="It raised KeyError.")
CLASSES = PLAIN._replace(has_classes=True)
CALL = RecordedCall("job.py", "rate", ("EUR", 2), "1.5")
RUN = RecordedRun("scripts/job.py", ("--all",), {"in/a.csv": "a\n"}, ("out",), (), "", {"o": "1\n"})
IMPORT = "from job import rate"


def test_a_call_is_two_lines_in_a_function() -> None:
    assert write_call_test(CALL, "rate", IMPORT, PLAIN) == (
        "from job import rate\n\n\ndef test_rate_where_it_raised_key_error():\n"
        "    # It raised KeyError.\n    assert rate('EUR', 2) == 1.5\n"
    )


def test_or_in_a_class_where_the_project_has_classes() -> None:
    assert write_call_test(CALL, "rate", IMPORT, CLASSES) == (
        "import unittest\n\nfrom job import rate\n\n\n"
        "class TestRateWhereItRaisedKeyError(unittest.TestCase):\n"
        "    def test_rate_where_it_raised_key_error(self):\n"
        "        # It raised KeyError.\n        self.assertEqual(rate('EUR', 2), 1.5)\n"
    )


@pytest.mark.parametrize(("gives", "line"), [("True", "is True"), ("'True'", "== 'True'")])
def test_truth_is_asked_for_by_identity(gives: str, line: str) -> None:
    text = write_call_test(CALL._replace(gives=gives), "rate", IMPORT, PLAIN)
    assert text.endswith(f"assert rate('EUR', 2) {line}\n")


@pytest.mark.parametrize("style", [PLAIN, CLASSES])
def test_long_values_have_names(style: Style) -> None:
    rows = [{"currency": "EUR", "rate": number} for number in range(8)]
    call = CALL._replace(arguments=(rows,), gives=repr(rows))
    text = write_call_test(call, "rate", IMPORT, style)
    ast.parse(text)
    assert "given = [{'currency': 'EUR', 'rate': 0},\n" in text
    assert "rate(given)" in text
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize("style", [PLAIN, CLASSES])
@pytest.mark.parametrize("copies", [(), ("scripts",), ("job.py",)])
def test_a_run_starts_in_an_empty_folder_with_its_files(
    style: Style, copies: tuple[str, ...]
) -> None:
    text = write_run_test(RUN._replace(copies=copies), style, says_result=True)
    ast.parse(text)
    place = "place" if style.has_classes else "tmp_path"
    assert f"({place} / 'in/a.csv').write_text('a\\n')" in text
    assert f"({place} / 'out').mkdir(parents=True, exist_ok=True)" in text
    assert f"({place} / 'o').read_text()" in text
    start = f"{place} / 'scripts/job.py'" if copies else "ROOT / 'scripts/job.py'"
    assert f"[sys.executable, {start}, '--all']" in text
    assert ("shutil" in text) is bool(copies)
    assert "__place__" not in text


def test_strings_have_the_quotes_of_the_project() -> None:
    files = {"in/a.csv": "a\n", "b": 'say "x"\n', "c": "it's\n"}
    text = write_run_test(
        RUN._replace(files=files), PLAIN._replace(has_double_quotes=True), says_result=True
    )
    ast.parse(text)
    assert '(tmp_path / "in/a.csv").write_text("a\\n")' in text
    assert """write_text('say "x"\\n')""" in text
    assert """write_text("it's\\n")""" in text


def test_without_its_result_only_a_good_end_is_asked_for() -> None:
    text = write_run_test(RUN, PLAIN, says_result=False)
    assert text.count("assert ") == 1
    assert "assert done.returncode == 0, done.stderr" in text


def test_the_root_is_as_far_up_as_the_test_lies_deep() -> None:
    text = write_run_test(RUN, PLAIN._replace(depth=2), says_result=False)
    assert "ROOT = Path(__file__).resolve().parents[2]" in text
