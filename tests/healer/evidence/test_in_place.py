"""What only the fix changes in place is found, and is tried on a copy."""

import pytest

from healer.draft.rules.source_file import SourceFile
from healer.evidence.in_place import copy_first, find_changes

HEAD = "import heapq\nimport os\nfrom random import shuffle\n\nPRICES = [3, 1]\n\n\n"


def changes(body: str) -> set[tuple[str, bool]]:
    code = SourceFile("job.py", f"{HEAD}def f(rows, base=os.environ):\n    {body}\n")
    function = code.function_at(9)
    assert function is not None
    return {tuple(each) for each in find_changes(code, function)}


@pytest.mark.parametrize(
    ("body", "thing", "is_inner"),
    [
        ("rows.sort()", "rows", False),
        ("return rows.pop(0)", "rows", False),
        ("del rows[0]", "rows", False),
        ("rows[0] = 1", "rows", False),
        ("rows[0], x = 1, 2", "rows", False),
        ("rows += [1]", "rows", False),
        ("shuffle(rows)", "rows", False),
        ("heapq.heapify(rows)", "rows", False),
        ("base.update(a=1)", "base", False),
        ("rows[0]['a'] = 1", "rows", True),
        ("rows.name = 1", "rows", False),
        ("for row in sorted(rows): row['a'] = 1", "rows", True),
        ("[row.pop('a') for row in rows]", "rows", True),
        ("items = rows['items']; items.append(1)", "rows", True),
        ("PRICES.append(1)", "PRICES", False),
        ("os.environ['A'] = '1'", "os.environ", False),
        ("os.environ.setdefault('A', '1')", "os.environ", False),
    ],
)
def test_what_is_changed_in_place_is_found(body: str, thing: str, *, is_inner: bool) -> None:
    assert (thing, is_inner) in changes(body)


@pytest.mark.parametrize(
    "body",
    [
        "return sorted(rows)",
        "total = 0; total += len(rows)",
        "out = []; out.append(1); return out",
        "PRICES = []; PRICES.append(1)",
        "os.makedirs('a')",
        "return os.environ.get('A')",
    ],
)
def test_what_stays_as_it_is_or_is_made_here_is_no_change(body: str) -> None:
    assert changes(body) == set()


@pytest.mark.parametrize(
    ("base", "fix", "copy"),
    [
        (
            "rows = sorted(row)\n    return rows[0]",
            "rows.sort()\n    return rows[0]",
            'rows = __import__("copy").copy(rows); rows.sort()\n    return rows[0]',
        ),
        (
            "return [row.total for row in rows]",
            "for row in rows:\n        row['a'] = 1\n    return rows",
            'rows = __import__("copy").deepcopy(rows)\n'
            "    for row in rows:\n        row['a'] = 1\n    return rows",
        ),
        (
            "return max(PRICE)",
            "PRICES.sort()\n    return PRICES[-1]",
            '_healer_kept = __import__("copy").copy(PRICES); _healer_kept.sort()\n'
            "    return _healer_kept[-1]",
        ),
    ],
)
def test_a_copy_is_put_in_place_of_what_only_the_fix_changes(
    base: str, fix: str, copy: str
) -> None:
    head = f"{HEAD}def f(rows):\n    "
    code = [SourceFile("job.py", f"{head}{body}\n") for body in (base, fix)]
    assert list(copy_first(code[0], code[1])) == [(8, f"{head}{copy}\n")]


@pytest.mark.parametrize(
    ("base", "fix"),
    [
        ("rows.sort(ky=len)", "rows.sort(key=len)"),
        ("rows.add(1)", "rows.append(1)"),
        ("rows[0]['a'] = aa", "rows[0]['a'] = 1"),
        ("rows.clear(); rows[0].a = 1", "rows.append(1); rows[0].b = 1"),
        ("return sorted(rows)", "return sorted(rows)[0]"),
    ],
)
def test_what_the_unfixed_code_changes_is_meant(base: str, fix: str) -> None:
    code = [SourceFile("job.py", f"def f(rows):\n    {body}\n") for body in (base, fix)]
    assert list(copy_first(code[0], code[1])) == []


def test_an_object_is_changed_by_its_methods() -> None:
    head = "class Job:\n    def run(self, rows):\n        "
    code = [SourceFile("job.py", f"{head}{body}\n") for body in ("x = rows.x", "self.x = rows[0]")]
    assert list(copy_first(code[0], code[1])) == []
