"""Rules for the file's own ways, dates, streams and hidden modules: each fires, and each not."""

import csv
from datetime import datetime
from typing import Any

import pytest

from healer.draft.rules.values.date_formats import form_of
from healer.failure import Frame, Raised
from tests.healer.draft.rules.test_rules import best, drafts


def rules_for(source: str, error: Raised | None = None, **files: str) -> set[str]:
    return {draft.rule for draft in drafts(source, error, **files).candidates}


def ran(source: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(source, "job.py", "exec"), names)
    return names


NONE = """
import re
def first(lines):
    found = []
    for line in lines:
        m = re.search(r"a=(\\d)", line)
        if m is None:
            continue
        found.append(m[1])
    return found
def second(lines):
    found = []
    for line in lines:
        hit = re.search(r"b=(\\d)", line)
        found.append(hit[1])
    return found
out = second(["b=1", "x", "b=2"])
"""


def test_none_is_handled_as_the_file_handles_it_elsewhere() -> None:
    rule, text = best(NONE)
    assert rule == "none-as-elsewhere"
    assert "        if hit is None:\n            continue\n        found.append(hit[1])" in text
    assert ran(text)["out"] == ["1", "2"]


@pytest.mark.parametrize(
    "source",
    [
        NONE.replace("        if m is None:\n            continue\n", ""),
        NONE.replace('        m = re.search(r"a=', '        m = re.match(r"a='),
        NONE.replace("            continue", "            continue\n            continue"),
    ],
)
def test_none_is_left_where_the_file_shows_no_way(source: str) -> None:
    assert "none-as-elsewhere" not in rules_for(source)


def test_a_missing_key_gets_the_default_that_the_file_gives_it_elsewhere() -> None:
    source = "a = {}\nprint(a.get('tags', []))\nfor t in a['tags']:\n    print(t)\n"
    rule, text = best(source)
    assert rule == "default-as-elsewhere"
    assert "for t in a.get('tags', []):" in text


@pytest.mark.parametrize(
    "source",
    [
        "a = {}\nprint(a.get('other', []))\nprint(a['tags'])\n",
        "a = {}\nprint(a.get('tags', []), a.get('tags', 0))\nprint(a['tags'])\n",
        "a = {}\nprint(a.get('tags'))\nprint(a['tags'])\n",
    ],
)
def test_no_default_is_invented(source: str) -> None:
    assert "default-as-elsewhere" not in rules_for(source)


def test_a_variable_of_the_missing_argument_s_name_is_passed() -> None:
    source = "def total(rows, rate):\n    return rows * rate\nrate = 3\nx = total(2)\n"
    rule, text = best(source)
    assert rule == "missing-argument"
    assert ran(text)["x"] == 6


def test_a_missing_argument_without_such_a_variable_is_left() -> None:
    source = "def total(rows, rate):\n    return rows * rate\nfactor = 3\nx = total(2)\n"
    assert "missing-argument" not in rules_for(source)


DATE = """
from datetime import datetime

def day(text):
    return datetime.strptime(text, "%Y-%m-%d").date()

days = [str(day(text)) for text in ("2024-01-31", "31.01.2024")]
"""


def test_a_date_in_another_form_is_read_and_the_old_form_as_before() -> None:
    rule, text = best(DATE)
    assert rule == "date-format"
    names = ran(text)
    assert names["days"] == ["2024-01-31", "2024-01-31"]
    with pytest.raises(ValueError, match="does not match"):
        names["day"]("soon")


def test_a_rest_after_the_date_is_known_from_the_variable() -> None:
    rule, text = best(DATE.replace("31.01.2024", "2024-01-31 08:15"))
    assert rule == "date-format"
    assert ran(text)["days"] == ["2024-01-31", "2024-01-31"]


@pytest.mark.parametrize("text", ["2024-13-01", "03/04/2024", "soon", "", "2024"])
def test_a_date_that_fits_no_form_or_two_is_left(text: str) -> None:
    assert form_of(text) is None
    assert "date-format" not in rules_for(DATE.replace("31.01.2024", text))


def test_forms_that_mean_the_same_day_are_one() -> None:
    assert form_of("03/03/2024") is not None
    assert datetime.strptime("25/12/2024", form_of("25/12/2024") or "").day == 25


USED = """
def mean(rows):
    values = (float(row) for row in rows)
    total = sum(values)
    return total / len(list(values))
x = mean(["1", "3"])
"""


def test_a_generator_that_is_walked_twice_becomes_a_list() -> None:
    rule, text = best(USED)
    assert rule == "used-up"
    assert ran(text)["x"] == 2.0


@pytest.mark.parametrize(
    "source",
    [
        "values = [1]\ntotal = sum(values)\nx = total / len([])\n",
        "values = (v for v in [])\nx = max(values)\n",
    ],
)
def test_what_is_walked_once_or_is_a_list_stays(source: str) -> None:
    assert "used-up" not in rules_for(source)


CSV = """
import csv, io
def names(text):
    f = io.StringIO(text)
    rows = csv.DictReader(f)
    return [row["name"] for row in rows]
a = names("id,name\\n1,x\\n")
b = names("id;name\\n1;y\\n")
"""


def test_another_delimiter_is_read_and_commas_as_before() -> None:
    error = Raised(
        type="KeyError",
        message="'name'",
        frames=(
            Frame(
                file="job.py",
                line=6,
                function="<listcomp>",
                own=True,
                locals={"row": "{'id;name': '1;y'}"},
            ),
        ),
    )
    rule, text = best(CSV, error)
    assert rule == "csv-delimiter"
    names = ran(text)
    assert (names["a"], names["b"]) == (["x"], ["y"])
    other = error.model_copy(
        update={"frames": (error.frames[0].model_copy(update={"locals": {"row": "{'id': '1'}"}}),)}
    )
    assert "csv-delimiter" not in rules_for(CSV, other)


def test_line_ends_inside_a_csv_want_newline() -> None:
    with pytest.raises(csv.Error) as raised:
        next(csv.reader(["a,b\rc,d\n"]))
    source = "import csv\nwith open('x.csv') as f:\n    rows = list(csv.reader(f))\n"
    frames = (Frame(file="job.py", line=3, function="<module>", own=True),)
    error = Raised(type="_csv.Error", message=str(raised.value), frames=frames)
    rule, text = best(source, error)
    assert rule == "csv-newline"
    assert "open('x.csv', newline=\"\")" in text
    assert "csv-newline" not in rules_for(text, error)


def shadow_error(name: str) -> Raised:
    message = f"partially initialized module '{name}' has no attribute 'loads'"
    frame = Frame(file="job.py", line=2, function="<module>", own=True)
    return Raised(type="AttributeError", message=message, frames=(frame,))


def test_a_file_named_like_a_standard_module_is_looked_for_last() -> None:
    source = "import json\njson.loads('1')\n"
    rule, text = best(source, shadow_error("json"), json="import json\n")
    assert rule == "shadowed-module"
    assert text.startswith("import sys\n\nsys.path.append(sys.path.pop(0))  # json.py hides")


def test_no_such_file_or_no_standard_module_is_left() -> None:
    source = "import json\njson.loads('1')\n"
    assert "shadowed-module" not in rules_for(source, shadow_error("json"))
    assert "shadowed-module" not in rules_for(source, shadow_error("tools"), tools="x = 1\n")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f():\n    raise NotImplemented\nf()\n", "raise NotImplementedError"),
        ("x = '{} and {}'.format(1)\n", None),
        ("x = 'a' + 1\n", None),
    ],
)
def test_ruff_s_safe_fixes_are_taken_where_they_explain_the_failure(
    source: str, expected: str | None
) -> None:
    found = {d.rule: d.edits[0] for d in drafts(source).candidates}
    if expected is None:
        assert "ruff-fix" not in found
    else:
        assert expected in found["ruff-fix"].content


def test_the_message_says_what_was_wrong_and_why_this_edit_in_two_sentences() -> None:
    found = drafts("print(json.dumps([1]))\n").candidates[0]
    assert found.cause.count(". ") == 1
    assert "rule `missing-import`: line 1 of job.py raised `NameError:" in found.cause
    single = drafts("raise NotImplemented\n").candidates[0]
    assert single.cause.count(". ") == 1
    assert "rule `ruff-fix`" in single.cause
