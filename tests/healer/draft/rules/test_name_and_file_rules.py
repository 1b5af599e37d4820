"""Rules for names from other files, encodings and empty collections; and what all rules say."""

from pathlib import Path

import pytest

from healer.draft.rules.catalogue import RULES
from healer.failure import Frame, Raised
from tests.healer.draft.rules import (
    test_job_rules,
    test_library_rules,
    test_rules,
    test_runtime_rules,
)
from tests.healer.draft.rules.test_pattern_rules import ran, rules_for
from tests.healer.draft.rules.test_rules import best, drafts, failing


def test_a_function_of_the_module_beside_is_imported() -> None:
    rule, text = best("print(slug('A b'))\n", textual="def slug(text):\n    return text\n")
    assert rule == "import-from-repository"
    assert text == "from textual import slug\nprint(slug('A b'))\n"


def test_a_function_that_two_modules_have_is_left() -> None:
    source = "def slug(text):\n    return text\n"
    assert rules_for("print(slug('A b'))\n", one=source, two=source) == set()


def test_an_assignment_under_a_misspelt_name_is_corrected() -> None:
    rule, text = best("def f():\n    totl = 3\n    return total\nx = f()\n")
    assert rule in ("misspelled-assignment", "misspelled-name")
    assert ran(text)["x"] == 3
    assert rules_for("def f():\n    totl = 3\n    return grand_sum\nx = f()\n") == set()


def broken_import(message: str, kind: str = "ImportError") -> Raised:
    frame = Frame(file="job.py", line=1, function="<module>", own=True)
    return Raised(type=kind, message=message, frames=(frame,))


def test_a_misspelt_import_is_corrected_from_the_module() -> None:
    error = broken_import("cannot import name 'slugg' from 'textual' (textual.py)")
    source, beside = (
        "from textual import slugg\nx = slugg(1)\n",
        "def slug(text):\n    return text\n",
    )
    assert best(source, error, textual=beside) == (
        "misspelled-import",
        "from textual import slug\nx = slug(1)\n",
    )
    other = "def unlike(text):\n    return text\n"
    assert rules_for(source, error, textual=other) == set()


def test_a_relative_import_in_a_script_loses_its_dot() -> None:
    error = broken_import("attempted relative import with no known parent package")
    source = "from .helpers import x\n"
    assert best(source, error, helpers="x = 1\n") == (
        "relative-import",
        "from helpers import x\n",
    )
    assert rules_for(source, error, other="x = 1\n") == set()


def decoding(codec: str, byte: str, position: int) -> Raised:
    message = f"'{codec}' codec can't decode byte {byte} in position {position}: invalid"
    frame = Frame(file="job.py", line=2, function="<module>", own=True)
    return Raised(type="UnicodeDecodeError", message=message, frames=(frame,))


def test_an_encoding_by_accident_becomes_utf_8() -> None:
    source = "with open('a.txt') as f:\n    x = f.read()\n"
    rule, text = best(source, decoding("ascii", "0xc3", 4))
    assert rule == "default-encoding"
    assert "open('a.txt', encoding=\"utf-8\")" in text
    assert "default-encoding" not in rules_for(source, decoding("utf-8", "0xe9", 4))


def test_a_file_with_the_mark_of_utf_16_is_read_as_such() -> None:
    source = "with open('a.txt', encoding='utf-8') as f:\n    x = f.read()\n"
    rule, text = best(source, decoding("utf-8", "0xff", 0))
    assert rule == "utf-16"
    assert 'encoding="utf-16"' in text
    assert "utf-16" not in rules_for(source, decoding("utf-8", "0xff", 9))


EMPTY = """
def mean(values):
    if not values:
        return 0.0
    return sum(values) / len(values)
def spread(numbers):
    return sum(abs(n - 1) for n in numbers) / len(numbers)
x = spread([])
"""


def test_an_empty_collection_gives_what_the_file_gives_for_one_elsewhere() -> None:
    rule, text = best(EMPTY)
    assert rule == "empty-as-elsewhere"
    assert "    if not numbers:\n        return 0.0\n    return sum(abs" in text
    assert ran(text)["x"] == 0.0


@pytest.mark.parametrize(
    "source",
    [
        EMPTY.replace("    if not values:\n        return 0.0\n", ""),
        EMPTY.replace("return sum(values) / len(values)", "return values[0]"),
        EMPTY.replace(
            "x = ", "def one(v):\n    if not v:\n        return 1\n    return 2 / len(v)\nx = "
        ),
    ],
)
def test_nothing_is_invented_for_an_empty_collection(source: str) -> None:
    assert "empty-as-elsewhere" not in rules_for(source)


FIRING = [
    source
    for module in (test_rules, test_runtime_rules, test_job_rules)
    for _, source, _ in module.FIRES
] + [source for _, source, _ in test_library_rules.REAL]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("source", FIRING)
def test_every_fix_says_what_was_wrong_and_why_this_edit_by_rule_name(source: str) -> None:
    error = failing(source + "\n")
    for draft in drafts(source + "\n", error).candidates:
        assert f"rule `{draft.rule}`: line " in draft.cause
        assert error.type in draft.cause
        sentences = [part for part in draft.cause.split(". ") if part]
        assert len(sentences) == 2, draft.cause
        assert draft.cause.endswith(".")
        assert "\n" not in draft.cause


def test_every_rule_has_a_name_of_its_own_and_a_test() -> None:
    names = [rule.name for rule in RULES]
    assert len(set(names)) == len(names)
    tests = "".join(p.read_text(encoding="utf-8") for p in Path(__file__).parent.glob("test_*.py"))
    syntax = {"does-not-parse"}  # tried in `test_syntax`, by what it makes of broken texts
    assert [name for name in names if name not in syntax and f'"{name}"' not in tests] == []


@pytest.mark.parametrize(
    ("asked", "has", "forced"),
    [("status_cdoe", "status_code", True), ("message_id", "message_ids", False)],
)
def test_a_group_that_may_be_missing_is_not_forced_onto_another(
    asked: str, has: str, forced: bool
) -> None:
    source = f"import re\nm = re.match(r'(?P<{has}>\\d+)', '20')\nx = m['{asked}']\n"
    found = drafts(source).candidates
    assert [draft.rule for draft in found] == ["named-group"]
    assert bool(found[0].forced) is forced


@pytest.mark.parametrize(
    ("broken", "mended"),
    [
        (
            "import itertools\nfor a, b in itertools.izip([1], [2]):\n    pass\n",
            "for a, b in zip([1], [2]):\n    pass\n",
        ),
        ("import fractions\nx = fractions.gcd(4, 6)\n", "import math\nx = math.gcd(4, 6)\n"),
        (
            "import string, sys\nx = string.join(['a'], sys.platform)\n",
            "import sys\nx = sys.platform.join(['a'])\n",
        ),
        (
            "import readline\nimport fractions\nx = fractions.gcd(4, 6), fractions.Fraction(1)\n",
            "import math\nimport readline\nimport fractions\n"
            "x = math.gcd(4, 6), fractions.Fraction(1)\n",
        ),
    ],
)
def test_an_import_goes_with_what_used_it_and_no_other_does(broken: str, mended: str) -> None:
    assert best(broken)[1] == mended
