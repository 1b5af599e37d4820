"""A fix that heals one script breaks no other of the repository."""

import pytest

from tests.abuse.gate import gate, sandbox

pytestmark = pytest.mark.docker

LIB = "scripts/lib.py"
FILES = {
    LIB: 'def total(items):\n    """The sum."""\n    return sum(items)\n',
    "scripts/job.py": (
        "from scripts.lib import total\n\n\ndef main():\n    print(total({'a': 1}))\n\n\n"
        "if __name__ == '__main__':\n    main()\n"
    ),
    "scripts/__init__.py": "",
    "tests/__init__.py": "",
    "tests/test_job.py": (
        "from scripts.lib import total\n\n\ndef test_total():\n"
        "    assert total({'a': 1, 'b': 2}) == 3\n    assert total({'c': 5}) == 5\n"
    ),
}
OTHER = "from scripts.lib import total\n\nprint(total([1, 2]))\n"
FIX = {LIB: FILES[LIB].replace("sum(items)", "sum(items.values())").encode()}


def test_a_helper_whose_fix_breaks_another_script_is_left_to_a_person(docker_engine: None) -> None:
    command = ("python", "-m", "scripts.job")
    with sandbox() as box:
        with gate(box, _encode(FILES), command) as ready:
            alone = ready.attempt(FIX)
        with gate(box, _encode({**FILES, "scripts/other.py": OTHER}), command) as ready:
            beside = ready.attempt(FIX)
    assert alone.merged, alone.why
    assert not beside.merged
    assert (
        "`python -m scripts.other` uses what the fix changes, and ends well no more" in beside.why
    )


def _encode(files: dict[str, str]) -> dict[str, bytes]:
    return {path: text.encode() for path, text in files.items()}
