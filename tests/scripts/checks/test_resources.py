"""Which classes need a with-block."""

import pytest

from scripts.checks.resources import find_open_ends
from scripts.checks.sources import Source


def names(*texts: str) -> list[str]:
    files = [Source(f"house/m{number}.py", text) for number, text in enumerate(texts)]
    return [problem.text.partition(" ")[0] for problem in find_open_ends(files)]


CLOSE = "    def close(self): pass\n"
ENTER = "    def __enter__(self): return self\n    def __exit__(self, *error): self.close()\n"


@pytest.mark.parametrize(
    "text",
    [f"class Pool:\n{CLOSE}", f"class Pool(Generic[S]):\n{CLOSE}", f"class Pool(Base):\n{CLOSE}"],
)
def test_a_class_that_can_be_closed_and_not_entered_is_refused(text: str) -> None:
    assert names(text) == ["Pool"]


@pytest.mark.parametrize(
    "text",
    [
        f"class Pool:\n{CLOSE}{ENTER}",
        "class Pool:\n    def stop(self): pass",
        f"class Closeable(Protocol):\n{CLOSE}",
        f"class Closeable(Protocol[S]):\n{CLOSE}",
        "class Pool:\n    async def aclose(self): pass\n    async def __aenter__(self): pass",
        "class Pool:\n    close = None",
        "def close(): pass",
    ],
)
def test_the_others_are_not(text: str) -> None:
    assert names(text) == []


def test_what_a_base_of_ours_has_counts() -> None:
    base = f"class Resource:\n{ENTER}"
    assert names(base, f"class Pool(Resource):\n{CLOSE}") == []
    assert names("class Resource: pass", f"class Pool(Resource):\n{CLOSE}") == ["Pool"]
