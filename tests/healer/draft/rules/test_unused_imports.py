"""Imports that only what was replaced had used go with it; all others stay."""

import pytest

from healer.draft.rules.source_file import SourceFile
from healer.draft.rules.unused_imports import drop_unused_imports


@pytest.mark.parametrize(
    ("before", "fixed", "after"),
    [
        ("import a\na.f()\n", "import a\ng()\n", "g()\n"),
        ("import a, b\na.f(b)\n", "import a, b\ng(b)\n", "import b\ng(b)\n"),
        ("from a import f, h\nf(h)\n", "from a import f, h\ng(h)\n", "from a import h\ng(h)\n"),
        ("from a import f\nf()\n", "from a import f\ng()\n", "g()\n"),
        ("import a as b\nb.f()\n", "import a as b\ng()\n", "g()\n"),
        ("import a.b\na.b.f()\n", "import a.b\ng()\n", "g()\n"),
        ("import a as b, c\nb.f(c)\n", "import a as b, c\ng(c)\n", "import c\ng(c)\n"),
    ],
)
def test_an_import_goes_with_the_last_of_what_used_it(before: str, fixed: str, after: str) -> None:
    assert drop_unused_imports(SourceFile("job.py", before), fixed) == after


@pytest.mark.parametrize(
    ("before", "fixed"),
    [
        ("import a\na.f()\na.g()\n", "import a\nf()\na.g()\n"),
        ("import readline\nf()\n", "import readline\ng()\n"),
        ("import a\n__all__ = ['a']\na.f()\n", "import a\n__all__ = ['a']\ng()\n"),
        ("def f():\n    import a\n    a.f()\n", "def f():\n    import a\n    g()\n"),
        ("import a; import b\na.f(b)\n", "import a; import b\ng(b)\n"),
        ("import a\na.f()\n", "import a\ndef g(:\n"),
        ("def f(:\n    import a\n", "import a\ng()\n"),
        (
            "try:\n    import a\nexcept ImportError:\n    a = None\na\n",
            "try:\n    import a\nexcept ImportError:\n    a = None\n3\n",
        ),
    ],
)
def test_an_import_that_may_be_needed_stays(before: str, fixed: str) -> None:
    assert drop_unused_imports(SourceFile("job.py", before), fixed) == fixed


def test_line_ends_and_comments_around_it_stay() -> None:
    before = "# head\r\nimport a\r\n\r\na.f()\r\n"
    fixed = "# head\r\nimport a\r\n\r\ng()\r\n"
    after = drop_unused_imports(SourceFile("job.py", before), fixed)
    assert after == "# head\r\n\r\ng()\r\n"


def test_a_comment_beside_the_import_keeps_it() -> None:
    before = "import a  # noqa\na.f()\n"
    fixed = "import a  # noqa\ng()\n"
    assert drop_unused_imports(SourceFile("job.py", before), fixed) == fixed
