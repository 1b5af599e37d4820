"""`healer rules`: data on standard output, one document with `--json`, a hint for a wrong name."""

import json
from pathlib import Path

import pytest

import quarantine.policy
from healer.cli.edge import USAGE, main
from healer.cli.rules import RuleName, rules
from healer.draft.rules.catalogue import RULES
from tests.support.command_line import run_command

NAMES = sorted(rule.name for rule in RULES)
SUMMARY = (
    "A changed Markdown, RST or text file: what stands there is shown to models as the owner's."
)
POLICY = sorted({rule.name for rule in quarantine.policy.RULES})


def test_without_a_name_each_rule_has_one_line(tmp_path: Path) -> None:
    answer = run_command("rules", cwd=tmp_path)
    assert answer.code == 0
    assert answer.err == ""
    drafts, policy = (part.splitlines() for part in answer.out.split("\n\n"))
    assert drafts[0].split() == ["RULE", "CERTAINTY", "WHAT", "IS", "WRONG"]
    assert [line.split()[0] for line in drafts[1:]] == NAMES
    assert policy[0].split()[:4] == ["POLICY", "A", "DRAFT", "IS"]
    assert [line.split()[0] for line in policy[1:]] == POLICY


def test_a_name_shows_the_example_the_look_alike_and_the_certainty(tmp_path: Path) -> None:
    answer = run_command("rules", "one-row", cwd=tmp_path)
    assert answer.code == 0
    assert answer.out.splitlines() == [
        "one-row for Error",
        "A row of one column is given as the bare value; a row is a list.",
        "",
        "      import csv, sys",
        "    - csv.writer(sys.stdout).writerow(3)  #! Error: iterable expected, not int",
        "    + csv.writer(sys.stdout).writerow([3])",
        "",
        "left alone:",
        "",
        "    import csv, sys",
        "    csv.writer(sys.stdout).writerows([3])  #! Error: iterable expected, not int",
        "",
        "certainty   not measured, never forced",
        "why         https://docs.python.org/3/library/csv.html#csv.csvwriter.writerow",
    ]


def test_a_policy_rule_shows_what_it_points_at_and_what_passes(tmp_path: Path) -> None:
    answer = run_command("rules", "note", cwd=tmp_path)
    assert answer.code == 0
    assert answer.out.splitlines() == [
        "note for a person",
        SUMMARY,
        "",
        "    scripts/job.md",
        "    + Rates are in data/rates.csv.",
        "",
        "passes:",
        "",
        "    scripts/job.py",
        '    + """Rates are in data/rates.csv."""',
        "",
        "says        Notes are written by people: later prompts and readers believe them.",
        "why         https://cwe.mitre.org/data/definitions/1427.html",
    ]


def test_rivals_files_and_recorded_values_are_shown_where_there_are_some(tmp_path: Path) -> None:
    out = run_command("rules", "csv-delimiter", cwd=tmp_path).out
    assert "    recorded: row = {'id;name': '1;ann'}" in out
    assert "or else     the column has another name (wrong-key)" in out
    assert "    beside it: texts.py" in run_command("rules", "misspelled-import", cwd=tmp_path).out


def test_json_is_one_document_of_all_rules_or_of_one(tmp_path: Path) -> None:
    pages = json.loads(run_command("rules", "--json", cwd=tmp_path).out)
    assert [page["name"] for page in pages] == NAMES + POLICY
    page = json.loads(run_command("rules", "moved-module", "--json", cwd=tmp_path).out)
    assert page == next(each for each in pages if each["name"] == "moved-module")
    assert set(page) == {
        "name", "summary", "types", "example", "silent", "estimate", "certainty", "rivals",
        "link",
    }  # fmt: skip  # a set of keys is read as one line
    assert page["example"]["error"]["type"] == "ModuleNotFoundError"


def test_markdown_is_the_page_of_the_documentation(tmp_path: Path) -> None:
    docs = Path(__file__).parents[3] / "docs" / "rules.md"
    assert run_command("rules", "--markdown", cwd=tmp_path).out == docs.read_text(encoding="utf-8")


def test_a_wrong_name_is_wrong_usage_and_gets_the_nearest_one(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[int] = []
    monkeypatch.setattr("healer.cli.edge.leave", lambda code: left.append(code) or code)
    assert main(["rules", "moved-mdoule"]) == USAGE
    out, err = capfd.readouterr()
    assert out == ""
    assert err == "healer: there is no rule 'moved-mdoule'; did you mean 'moved-module'?\n"


def test_it_needs_no_repository(tmp_path: Path) -> None:
    assert run_command("rules", "one-tuple", cwd=tmp_path).error is None


@pytest.mark.parametrize(
    ("letters", "names"),
    [
        ("csv-", ["csv-delimiter", "csv-field-limit", "csv-newline"]),
        ("shadow", ["shadowed-built-in", "shadowed-module", "shadowing-file"]),
        ("nothing-so", []),
    ],
)
def test_tab_offers_the_names_that_begin_so(letters: str, names: list[str]) -> None:
    parameter = rules.params[0]
    with rules.make_context("rules", []) as context:
        items = RuleName().shell_complete(context, parameter, letters)
    assert [item.value for item in items] == names
    assert all(item.help for item in items)
