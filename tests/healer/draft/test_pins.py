"""A package that moved is pinned where it is declared, and only where nothing else is drafted."""

import pytest

from healer.draft.pins import WithPins, names_package, pin
from healer.facts.draft import Case, Draft, Drafts, EarlierAttempt, PackageMove, WriteFile
from healer.failure import Failure, Frame, Raised
from sandbox import Report
from tests.support.memory_tree import MemoryTree

MOVE = PackageMove(name="pandas", old="2.2.3", new="3.0.0")
GOOD = ("numpy==1.26.4", "pandas==2.2.3")


class Rules:
    name = "rules"

    def __init__(self, drafts, **facts):
        self.drafts = Drafts(candidates=drafts, reason="" if drafts else "no rule", **facts)

    def draft(self, case, source):
        return self.drafts


def draft(files, moves=(MOVE,), inner=(), says="no append", side_by_side=False, **facts):
    raised = Raised(type="AttributeError", message=says)
    failure = Failure(id="f", script="job.py", source="run", chain=(raised,), stderr_tail="")
    case = Case(
        repair="r", script="job.py", failure=failure, base="", baseline=Report(),
        moves=moves, good_packages=GOOD, **facts,
    )  # fmt: skip
    return WithPins(Rules(inner, side_by_side=side_by_side)).draft(case, MemoryTree(files))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("pandas\n", "pandas==2.2.3\n"),
        ("requests\npandas>=2,<4  # tables\n", "requests\npandas==2.2.3  # tables\n"),
        ("Pandas[excel] ~= 2.0 ; python_version > '3.8'\n",
         "Pandas[excel]==2.2.3 ; python_version > '3.8'\n"),
        ("pandas==3.0.0\n", "pandas==2.2.3\n"),
        ("pandas-stubs\ngeopandas\n", "pandas-stubs\ngeopandas\n"),
        ("pandas @ https://example.com/p.whl\n", "pandas @ https://example.com/p.whl\n"),
        ("pandas==3.0.0 --hash=sha256:00\n", "pandas==3.0.0 --hash=sha256:00\n"),
    ],
)  # fmt: skip
def test_a_line_of_a_requirements_file_asks_for_what_was_there(before, after):
    assert pin(before, MOVE) == after


def test_the_pin_is_a_persons_and_is_proved_with_the_good_nights_packages():
    (one,) = draft({"requirements.txt": "pandas\n", "job.py": ""}).candidates
    assert one.edits == (
        WriteFile(path="requirements.txt", content="pandas==2.2.3\n", replaces=True),
    )
    assert (one.packages, one.pins) == (GOOD, (MOVE,))
    assert one.doubt
    assert "pandas 2.2.3 became 3.0.0" in one.cause


def test_a_pin_where_protected_toml_lets_one_merge_is_in_no_doubt_there_alone():
    files = {"requirements.txt": "pandas\n", "requirements-dev.txt": "pandas\n"}
    protected = {"protected": tuple(files), "open_to_pins": ("requirements.txt",)}
    (one,) = draft(files, **protected).candidates
    assert [edit.path for edit in one.edits] == ["requirements.txt"]
    assert not one.doubt
    (both,) = draft(files, open_to_pins=("requirements.txt",)).candidates
    assert both.doubt


@pytest.mark.parametrize(
    ("files", "facts"),
    [
        ({"requirements.txt": "requests\n"}, {}),
        ({"pyproject.toml": 'dependencies = ["pandas"]'}, {}),
        ({"job.py": ""}, {}),
        ({"requirements.txt": "pandas\n"}, {"moves": ()}),
        ({"requirements.txt": "pandas\n"}, {"protected": ("requirements.txt",)}),
        ({"requirements.txt": "pandas\n"}, {"inner": (Draft(drafter="rules"),)}),
        (
            {"requirements.txt": "pandas\n"},
            {"inner": (Draft(drafter="rules"),), "says": "pandas", "side_by_side": True},
        ),
    ],
)
def test_nothing_is_pinned_that_is_not_declared_or_may_not_be_changed(files, facts):
    assert all(not each.packages for each in draft(files, **facts).candidates)


def test_beside_a_change_of_code_what_moved_is_pinned_where_the_failure_names_it():
    code = Draft(drafter="rules", rule="moved-api")
    drafts = draft({"requirements.txt": "pandas\n"}, inner=(code,), says="pandas has no append")
    assert drafts.candidates[0] == code
    assert [each.pins for each in drafts.candidates[1:]] == [(MOVE,)]


@pytest.mark.parametrize(
    ("message", "file", "is_named"),
    [
        ("module 'pandas' has no attribute 'append'", "", True),
        ("no append", "/v/site-packages/scikit_learn/base.py", True),
        ("no append", "job.py", False),
    ],
)
def test_a_failure_names_a_package_by_its_words_or_by_where_it_went(message, file, is_named):
    frames = (Frame(file=file, line=1, function="f", source="", own=False),)
    raised = Raised(type="AttributeError", message=message, frames=frames)
    failure = Failure(id="f", script="job.py", source="run", chain=(raised,), stderr_tail="")
    names = ("pandas", "scikit-learn")
    assert any(names_package(failure, name) for name in names) is is_named
    assert not names_package(failure.model_copy(update={"chain": ()}), "pandas")


def test_what_is_pinned_and_not_installed_is_said():
    drafts = draft({"requirements.txt": "pandas==2.2.3\n"})
    assert drafts.candidates == ()
    assert drafts.reason == (
        "requirements.txt asks for pandas 2.2.3, and the job ran with 3.0.0: install what it asks "
        "for"
    )


def test_a_pin_is_drafted_once():
    first = draft({"requirements.txt": "pandas\n"})
    tried = EarlierAttempt(draft=first.candidates[0], diff="", verdict="unchanged", evidence="")
    again = draft({"requirements.txt": "pandas\n"}, attempts=(tried,))
    assert (again.candidates, again.reason) == ((), "no rule")
