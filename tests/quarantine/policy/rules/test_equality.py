"""A class that is made to answer as the tests wish is told; a plain comparison is not."""

import pytest

from quarantine.policy import Example
from quarantine.policy.rules import equality
from quarantine.policy.rules.equality import new_comparing_classes
from tests.quarantine.policy.examples import is_refused, whats


def method(head: str, *body: str, bases: str = "") -> str:
    lines = "\n".join(f"+         {line}" for line in body)
    return f"+ class Total{bases}:\n+     def {head}:\n{lines}"


FIXED = {
    "True": ("__eq__(self, other)", "return True"),
    "True in a branch": (
        "__eq__(self, other)",
        "if self.x:",
        "    return True",
        "return self.x == other.x",
    ),
    "one side": ("__eq__(self, other)", "return self.x == 3"),
    "only the other side": ("__eq__(self, other)", "return other == 3"),
    "the other's type alone": ("__eq__(self, other)", "return isinstance(other, type(self))"),
    "any arguments": ("__eq__(self, *others)", "return self.x == others[0].x"),
    "__ne__": ("__ne__(self, other)", "return False"),
    "__lt__": ("__lt__(self, other)", "return True"),
    "__contains__": ("__contains__(self, item)", "return True"),
    "a fixed hash": ("__hash__(self)", "return 1"),
    "a fixed truth": ("__bool__(self)", "return True"),
    "a fixed length": ("__len__(self)", "return 3"),
    "a fixed sum": ("__add__(self, other)", "return 5"),
    "a fixed float": ("__float__(self)", "return 1.5"),
    "a fixed item": ("__getitem__(self, key)", "return 'x'"),
}
COMPARED = {
    "both sides": ("__eq__(self, other)", "return self.x == other.x"),
    "both after a question of type": (
        "__eq__(self, other)",
        "if not isinstance(other, Total):",
        "    return NotImplemented",
        "return self.x == other.x",
    ),
    "an order": ("__lt__(self, other)", "return self.x < other.x"),
    "a member": ("__contains__(self, item)", "return item in self.items"),
    "a hash of its value": ("__hash__(self)", "return hash(self.x)"),
    "a truth of its value": ("__bool__(self)", "return bool(self.items)"),
    "a sum": ("__add__(self, other)", "return Total(self.x + other.x)"),
    "a function of another name": ("equals(self, other)", "return True"),
    "nothing returned": ("__len__(self)", "raise TypeError"),
}


@pytest.mark.parametrize("case", FIXED)
def test_an_answer_that_does_not_depend_on_both_sides_is_refused(case: str) -> None:
    assert is_refused(equality.fixed_answers, method(*FIXED[case]))


@pytest.mark.parametrize("case", COMPARED)
def test_an_answer_that_does_is_not(case: str) -> None:
    assert not is_refused(equality.fixed_answers, method(*COMPARED[case]))


@pytest.mark.parametrize(
    ("bases", "refused"),
    [
        ("(float)", True),
        ("(int)", True),
        ("(decimal.Decimal)", True),
        ("(collections.UserString)", True),
        ("(A, str)", True),
        ("", False),
        ("(dict)", False),
        ("(Base)", False),
    ],
)
def test_a_value_type_with_its_own_comparison_is_refused(bases: str, refused: bool) -> None:
    text = method("__eq__(self, other)", "return self.x == other.x", bases=bases)
    assert is_refused(equality.fixed_answers, text) == refused


PUT_IN_PLACE = [
    "Total.__eq__ = lambda a, b: True", "setattr(Total, '__eq__', f)",
    "T = type('T', (), {'__eq__': f})", "T = make(__eq__=f)", "Total.__hash__ = f",
    "x = '__bool__'",
]  # fmt: skip
LEFT_ALONE = ["Total.__hash__ = None", "Total.name = f", "x = '__name__'", "f(eq=True)"]


@pytest.mark.parametrize("line", PUT_IN_PLACE)
def test_a_comparison_that_is_put_in_place_from_outside_is_refused(line: str) -> None:
    assert is_refused(equality.fixed_answers, f"  class Total:\n      x = 1\n+ {line}")


@pytest.mark.parametrize("line", LEFT_ALONE)
def test_other_attributes_are_not_comparisons(line: str) -> None:
    assert not is_refused(equality.fixed_answers, f"  class Total:\n      x = 1\n+ {line}")


def test_a_test_that_comes_along_is_looked_at_too() -> None:
    text = method("__eq__(self, other)", "return True")
    example = Example(text, path="tests/test_new.py", old_mode="")
    assert is_refused(equality.fixed_answers, example)


def test_a_comparison_that_was_there_is_not_new() -> None:
    text = """
          class Total:
              def __eq__(self, other):
                  return True
        +     x = 1
        """
    assert not is_refused(equality.fixed_answers, text)


PLAIN = [
    "return self.x == other.x", "return not self == other", "return False",
    "return NotImplemented", "return isinstance(other, Total) and self.x == other.x",
    "return self.x == other.x and self.y == other.y", "return self.same(other)",
    "return super().__eq__(other)", "return (self.x, 1) == (other.x, 1)",
    "return self.x == other.x or self.y == other.y", "return self is other",
]  # fmt: skip
ODD = [
    "return self.x or other.x", "return self.x", "return self.x == other.x or True",
    "return self.x == self.y or other.x", "return 1", "self.n = 1; return self.x == other.x",
    "return other", "return self.x == 3 if other else self.x == other.x", "return",
]  # fmt: skip


@pytest.mark.parametrize("line", PLAIN)
def test_a_plain_equality_needs_no_person(line: str) -> None:
    assert not is_refused(equality.odd_equalities, method("__eq__(self, other)", line))


@pytest.mark.parametrize("line", ODD)
def test_an_equality_that_cannot_be_seen_at_once_does(line: str) -> None:
    assert is_refused(equality.odd_equalities, method("__eq__(self, other)", line))


@pytest.mark.parametrize("name", ["__lt__", "__contains__", "equals"])
def test_only_equalities_must_be_plain(name: str) -> None:
    assert not is_refused(equality.odd_equalities, method(f"{name}(self, other)", "return self.x"))


POSING = "+ class F:\n+     def __lt__(self, other):\n+         return self.v < other.v"


def test_a_class_that_comes_along_and_compares_is_named() -> None:
    assert whats(new_comparing_classes, POSING) == ["F"]
    assert whats(new_comparing_classes, POSING.replace("__lt__", "__add__")) == ["F"]


@pytest.mark.parametrize(
    "text",
    [
        POSING.replace("+ class F:", "  class F:"),
        POSING.replace("__lt__", "__repr__"),
        POSING.replace("+ ", "  ") + "\n+ x = 1",
        POSING.replace("+ class F:", "- class F:\n+ class F(Row):"),
    ],
)
def test_a_class_that_was_there_or_only_shows_itself_is_not(text: str) -> None:
    assert not is_refused(new_comparing_classes, text)
